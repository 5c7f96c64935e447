//! `--transform`: names changed by sed's replace expressions.

use regex::bytes::{Captures, Regex, RegexBuilder};
use sandshell_posix_regex::{Syntax, translate};

/// What kind of name is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Name,
    Symlink,
    HardLink,
}

/// A change of letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Upper,
    Lower,
    End,
    UpperNext,
    LowerNext,
}

#[derive(Clone, Debug)]
enum Piece {
    Literal(Vec<u8>),
    Group(usize),
    Case(Case),
}

/// One replace expression.
#[derive(Clone, Debug)]
struct Expression {
    regex: Regex,
    pieces: Vec<Piece>,
    /// All matches are replaced, not one.
    all: bool,
    /// The first match that is replaced, from 1.
    first: usize,
    names: bool,
    symlinks: bool,
    hard_links: bool,
}

/// The expressions of all options, in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Transform(Vec<Expression>);

impl Transform {
    /// Adds `s/regex/replacement/flags`, or several of them between semicolons.
    pub(super) fn add(&mut self, text: &str) -> Result<(), String> {
        let mut rest: &[char] = &text.chars().collect::<Vec<char>>();
        while !rest.is_empty() {
            rest = self.add_one(rest)?;
        }
        Ok(())
    }

    fn add_one<'a>(&mut self, text: &'a [char]) -> Result<&'a [char], String> {
        let ['s', delimiter, body @ ..] = text else { return Err("Invalid transform expression".to_owned()) };
        let missing = || "Invalid transform expression".to_owned();
        let (pattern, body) = until(body, *delimiter).ok_or_else(missing)?;
        let (replacement, body) = until(body, *delimiter).ok_or_else(missing)?;
        let end = body.iter().position(|c| *c == ';').unwrap_or(body.len());
        let (flags, rest) = body.split_at(end);
        let mut expression = Expression {
            regex: Regex::new("").map_err(|_| missing())?,
            pieces: pieces(&replacement),
            all: false,
            first: 1,
            names: true,
            symlinks: true,
            hard_links: true,
        };
        let (mut syntax, mut ignore_case, mut number) = (Syntax::Basic, false, String::new());
        for flag in flags {
            match flag {
                'g' => expression.all = true,
                'i' => ignore_case = true,
                'x' => syntax = Syntax::Extended,
                'r' => expression.names = true,
                'R' => expression.names = false,
                's' => expression.symlinks = true,
                'S' => expression.symlinks = false,
                'h' => expression.hard_links = true,
                'H' => expression.hard_links = false,
                digit if digit.is_ascii_digit() => number.push(*digit),
                other => return Err(format!("Unknown flag in transform expression: {other}")),
            }
        }
        expression.first = number.parse().unwrap_or(1).max(1);
        let translated =
            translate(&pattern, syntax, '\0').map_err(|error| format!("Invalid transform expression: {error}"))?;
        if translated.refers_back {
            return Err("Invalid transform expression: Invalid back reference".to_owned());
        }
        let regex = RegexBuilder::new(&translated.pattern).case_insensitive(ignore_case).build();
        expression.regex = regex.map_err(|_| "Invalid transform expression: Invalid regular expression".to_owned())?;
        self.0.push(expression);
        Ok(rest.get(1..).unwrap_or_default())
    }

    /// Returns a name as the expressions change it.
    pub(super) fn apply(&self, name: &[u8], target: Target) -> Vec<u8> {
        let mut name = name.to_vec();
        for expression in &self.0 {
            let concerns = match target {
                Target::Name => expression.names,
                Target::Symlink => expression.symlinks,
                Target::HardLink => expression.hard_links,
            };
            if concerns {
                name = expression.apply(&name);
            }
        }
        name
    }
}

impl Expression {
    fn apply(&self, name: &[u8]) -> Vec<u8> {
        let (mut result, mut at) = (Vec::new(), 0);
        for (index, found) in self.regex.captures_iter(name).enumerate() {
            let Some(whole) = found.get(0) else { continue };
            if index + 1 < self.first {
                continue;
            }
            result.extend(name.get(at..whole.start()).unwrap_or_default());
            self.replace(&found, &mut result);
            at = whole.end();
            if !self.all {
                break;
            }
        }
        result.extend(name.get(at..).unwrap_or_default());
        result
    }

    fn replace(&self, found: &Captures<'_>, result: &mut Vec<u8>) {
        let (mut lasting, mut next) = (Case::End, None);
        for piece in &self.pieces {
            let text = match piece {
                Piece::Literal(text) => text.as_slice(),
                Piece::Group(number) => found.get(*number).map(|group| group.as_bytes()).unwrap_or_default(),
                Piece::Case(case @ (Case::UpperNext | Case::LowerNext)) => {
                    next = Some(*case);
                    continue;
                }
                Piece::Case(case) => {
                    lasting = *case;
                    continue;
                }
            };
            let mut text = match lasting {
                Case::Upper => text.to_ascii_uppercase(),
                Case::Lower => text.to_ascii_lowercase(),
                _ => text.to_vec(),
            };
            if let Some(first) = text.first_mut() {
                match next.take() {
                    Some(Case::UpperNext) => first.make_ascii_uppercase(),
                    Some(Case::LowerNext) => first.make_ascii_lowercase(),
                    _ => {}
                }
            }
            result.extend(text);
        }
    }
}

/// Reads up to a delimiter that no backslash escapes; answers the text and what is behind the delimiter.
fn until(text: &[char], delimiter: char) -> Option<(String, &[char])> {
    let (mut found, mut at) = (String::new(), 0);
    loop {
        match (*text.get(at)?, text.get(at + 1)) {
            ('\\', Some(next)) if *next == delimiter => {
                found.push(delimiter);
                at += 2;
            }
            ('\\', Some(next)) => {
                found.extend(['\\', *next]);
                at += 2;
            }
            (character, _) if character == delimiter => return Some((found, text.get(at + 1..)?)),
            (character, _) => {
                found.push(character);
                at += 1;
            }
        }
    }
}

/// Reads a replacement.
fn pieces(text: &str) -> Vec<Piece> {
    let (mut pieces, mut literal) = (Vec::new(), Vec::new());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let piece = match character {
            '&' => Some(Piece::Group(0)),
            '\\' => match characters.next() {
                Some('U') => Some(Piece::Case(Case::Upper)),
                Some('L') => Some(Piece::Case(Case::Lower)),
                Some('E') => Some(Piece::Case(Case::End)),
                Some('u') => Some(Piece::Case(Case::UpperNext)),
                Some('l') => Some(Piece::Case(Case::LowerNext)),
                Some(digit) if digit.is_ascii_digit() => {
                    Some(Piece::Group(digit.to_digit(10).and_then(|digit| usize::try_from(digit).ok()).unwrap_or(0)))
                }
                Some('n') => push(&mut literal, '\n'),
                Some('t') => push(&mut literal, '\t'),
                Some(other) => push(&mut literal, other),
                None => push(&mut literal, '\\'),
            },
            other => push(&mut literal, other),
        };
        if let Some(piece) = piece {
            pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            pieces.push(piece);
        }
    }
    pieces.push(Piece::Literal(literal));
    pieces.retain(|piece| !matches!(piece, Piece::Literal(text) if text.is_empty()));
    pieces
}

fn push(literal: &mut Vec<u8>, character: char) -> Option<Piece> {
    literal.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, name: &str, expected: &str) {
        let mut transform = Transform::default();
        transform.add(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
        let changed = transform.apply(name.as_bytes(), Target::Name);
        assert_eq!(String::from_utf8_lossy(&changed), expected, "{expression}");
    }

    #[test]
    fn names_are_changed_as_sed_would() {
        check("s/a/b/", "aaa", "baa");
        check("s/a/b/g", "aaa", "bbb");
        check("s/a/b/2", "aaa", "aba");
        check("s/a/b/2g", "aaa", "abb");
        check("s,^dir,new/&,", "dir/x", "new/dir/x");
        check(r"s,\(.*\)/\(.*\),\2-\1,", "d/x", "x-d");
        check("s,(.*)/(.*),\\U\\2\\E-\\u\\1,x", "dir/x", "X-Dir");
        check("s/A/b/i", "a", "b");
        check(r"s|a\|b|x|", "a|b", "x");
        check("s/a/b/;s/b/c/", "a", "c");
        check("s/a/b/R", "a", "a");
    }

    #[test]
    fn mistakes_are_told() {
        for text in ["x", "s/a", "s/a/b", "s/a/b/q", r"s/\(/x/"] {
            assert!(Transform::default().add(text).is_err(), "{text}");
        }
    }
}
