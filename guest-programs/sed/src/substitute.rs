//! `s`: finding the matches and putting the replacement together.

use sandshell_posix_regex::{Regex, Span};

use crate::replacement::{Case, Part};
use crate::script::Substitution;

/// Buffers that substitutions use again.
#[derive(Default)]
pub(crate) struct Scratch {
    spans: Vec<Option<Span>>,
    pub(crate) result: Vec<u8>,
}

/// Replaces in `text`; answers whether anything was, and leaves the result in `scratch`.
pub(crate) fn replace(regex: &Regex, made: &Substitution, text: &[u8], scratch: &mut Scratch) -> bool {
    let Scratch { spans, result } = scratch;
    result.clear();
    let needs_groups = made.replacement.groups > 0;
    let mut at = 0;
    let mut count = 0;
    let mut last_end = None;
    let mut replaced = false;
    while at <= text.len() {
        let found = if needs_groups {
            regex.captures_at(text, at, spans).then(|| spans.first().copied().flatten()).flatten()
        } else {
            regex.find_at(text, at)
        };
        let Some((start, end)) = found else { break };
        result.extend_from_slice(&text[at..start]);
        // An empty match right after another is none.
        if !(start == end && last_end == Some(start)) {
            count += 1;
            if count < made.number {
                result.extend_from_slice(&text[start..end]);
            } else {
                replaced = true;
                if !needs_groups {
                    spans.clear();
                    spans.push(Some((start, end)));
                }
                append(made, text, spans, result);
            }
        }
        last_end = Some(end);
        at = end;
        if replaced && !made.global {
            break;
        }
        if start == end {
            let length = character_length(&text[end..]);
            result.extend_from_slice(&text[end..end + length]);
            at = end + length.max(1);
        }
    }
    if replaced && at < text.len() {
        result.extend_from_slice(&text[at..]);
    }
    replaced
}

/// The bytes of the first character; 1 for what is none, 0 at the end.
fn character_length(text: &[u8]) -> usize {
    let length = match text.first() {
        None => return 0,
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        Some(_) => 1,
    };
    let is_whole = text.get(..length).is_some_and(|bytes| std::str::from_utf8(bytes).is_ok());
    if is_whole { length } else { 1 }
}

/// Adds the replacement of one match.
fn append(made: &Substitution, text: &[u8], spans: &[Option<Span>], out: &mut Vec<u8>) {
    let mut lasting = None;
    let mut next = None;
    for part in &made.replacement.parts {
        let piece = match part {
            Part::Text(piece) => piece.as_slice(),
            Part::Group(group) => match spans.get(*group).copied().flatten() {
                Some((start, end)) => &text[start..end],
                None => continue,
            },
            Part::Case(case) => {
                match case {
                    // What was to come of `\\u` is forgotten.
                    Case::Upper | Case::Lower => (lasting, next) = (Some(*case), None),
                    Case::End => lasting = None,
                    Case::UpperNext | Case::LowerNext => next = Some(*case),
                }
                continue;
            }
        };
        if lasting.is_none() && next.is_none() {
            out.extend_from_slice(piece);
        } else if !piece.is_empty() {
            convert(piece, lasting, next.take(), out);
        }
    }
}

/// Adds a piece with its case changed; bytes that are no characters stay.
fn convert(piece: &[u8], lasting: Option<Case>, next: Option<Case>, out: &mut Vec<u8>) {
    let mut first = next;
    for chunk in piece.utf8_chunks() {
        for character in chunk.valid().chars() {
            let mut buffer = [0; 4];
            match first.take().or(lasting) {
                Some(Case::Upper | Case::UpperNext) => {
                    character.to_uppercase().for_each(|c| out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes()));
                }
                Some(Case::Lower | Case::LowerNext) => {
                    character.to_lowercase().for_each(|c| out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes()));
                }
                _ => out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes()),
            }
        }
        out.extend_from_slice(chunk.invalid());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::{Fragment, Settings};
    use crate::script::Action;

    fn check(script: &str, text: &str, expected: Option<&str>) {
        let fragments = vec![Fragment::Expression(script.as_bytes().to_vec())];
        let settings = Settings { fragments, extended: true, ..Settings::default() };
        let program = crate::parse::parse(&settings).ok().expect("well-formed");
        let Action::Substitute(made) = &program.commands[0].action else { panic!("{script} is no substitution") };
        let regex = made.pattern.regex.clone().expect("not empty");
        let mut scratch = Scratch::default();
        let replaced = replace(&regex, made, text.as_bytes(), &mut scratch);
        let result = replaced.then(|| String::from_utf8_lossy(&scratch.result).into_owned());
        assert_eq!(result.as_deref(), expected, "{script} on {text}");
    }

    #[test]
    fn empty_matches_count_once_in_a_place() {
        check("s/x*/-/g", "abc", Some("-a-b-c-"));
        check("s/b*/-/g", "abc", Some("-a-c-"));
        check("s/b*/-/2", "abc", Some("a-c"));
        check("s/$/!/", "é", Some("é!"));
        check("s/x*/-/g", "éa", Some("-é-a-"));
    }

    #[test]
    fn numbers_choose_the_first_match_to_replace() {
        check("s/a/X/2", "aaa", Some("aXa"));
        check("s/a/X/2g", "aaa", Some("aXX"));
        check("s/a/X/4", "aaa", None);
    }

    #[test]
    fn cases_change_until_they_end() {
        check(r"s/(.*) (.*)/\U\1\E \u\2/", "ab cd", Some("AB Cd"));
        check(r"s/.*/\L\u&/", "ÄBC", Some("Äbc"));
        check(r"s/(x?)(.*)/\u\1\2/", "abc", Some("Abc"));
    }
}
