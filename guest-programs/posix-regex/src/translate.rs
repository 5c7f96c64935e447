//! One regular expression, translated token by token.
//!
//! The translation never matches the line separator, so that a search over a whole block finds matches within lines.

use crate::bracket;

/// Which syntax a pattern is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Basic: `\(`, `\{`, `\|`, `\+`, `\?` are the operators.
    Basic,
    /// Extended: `(`, `{`, `|`, `+`, `?` are.
    Extended,
    /// Emacs: `\(`, `\|`, `+`, `?` are, and there are no intervals.
    Emacs,
}

/// A pattern in the syntax of the `regex` crates.
#[derive(Debug, PartialEq)]
pub struct Translated {
    /// The pattern.
    pub pattern: String,
    /// It refers back to a group, which only `fancy-regex` can match.
    pub refers_back: bool,
    /// With references back: a pattern without them that matches wherever this one does, and elsewhere perhaps.
    pub superset: Option<String>,
    /// It has an alternation, so that the longest match may not be the first.
    pub alternates: bool,
    /// How many groups it has.
    pub groups: usize,
}

/// What besides the syntax a translation depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// How operators are written.
    pub syntax: Syntax,
    /// The character that ends lines, which nothing matches; `None` when the text is one piece.
    pub separator: Option<char>,
    /// `^` and `$` match at line ends within the text, not only at its own.
    pub line_anchors: bool,
    /// A repetition of nothing and a brace that opens no interval are mistakes in the extended syntax.
    pub strict: bool,
}

/// The largest count in an interval (`RE_DUP_MAX` of glibc).
const LARGEST_COUNT: u32 = 32_767;
const NOTHING_TO_REPEAT: &str = "Invalid preceding regular expression";
/// The deepest nesting of groups.
const DEEPEST: usize = 200;

/// A token after its spelling in either syntax is forgotten.
#[derive(Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Alternate,
    Repeat(String),
    Start,
    End,
    BackReference(u32),
    /// A piece of the target syntax that matches one thing.
    Atom(String),
}

/// Translates one pattern; `separator` is the character that ends lines.
///
/// # Errors
///
/// GNU grep's message for a malformed pattern.
pub fn translate(pattern: &str, syntax: Syntax, separator: char) -> Result<Translated, String> {
    translate_as(pattern, Dialect { syntax, separator: Some(separator), line_anchors: true, strict: false })
}

/// Translates one pattern of a dialect.
///
/// # Errors
///
/// GNU's message for a malformed pattern.
pub fn translate_as(pattern: &str, dialect: Dialect) -> Result<Translated, String> {
    let characters: Vec<char> = pattern.chars().collect();
    let mut scanner =
        Scanner { text: &characters, at: 0, syntax: dialect.syntax, dialect, depth: 0, branch_start: true };
    let mut builder = Builder { line_anchors: dialect.line_anchors, ..Builder::default() };
    while let Some(token) = scanner.next()? {
        builder.add(token)?;
    }
    builder.finish()
}

struct Scanner<'a> {
    text: &'a [char],
    at: usize,
    syntax: Syntax,
    dialect: Dialect,
    depth: usize,
    /// Nothing of the current branch has been read, so that `*` is literal and `^` an anchor in the basic syntax.
    branch_start: bool,
}

impl Scanner<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    fn next(&mut self) -> Result<Option<Token>, String> {
        let Some(character) = self.peek(0) else { return Ok(None) };
        let was_start = self.branch_start;
        self.branch_start = false;
        self.at += 1;
        let token = match (self.syntax, character) {
            (_, '\\') => self.escape(was_start)?,
            (_, '[') if bracket::is_misplaced_class(&self.text[self.at..]) => {
                return Err("character class syntax is [[:space:]], not [:space:]".to_owned());
            }
            (_, '[') => {
                let (class, length) = bracket::translate(&self.text[self.at..], self.dialect.separator)
                    .map_err(|error| error.0.to_owned())?;
                self.at += length;
                Token::Atom(class)
            }
            (_, '.') => Token::Atom(match self.dialect.separator {
                Some(separator) => format!("[^{}]", escape_in_class(separator)),
                None => "(?s:.)".to_owned(),
            }),
            (Syntax::Basic | Syntax::Emacs, '*') | (Syntax::Emacs, '+' | '?') if was_start => literal(character),
            (Syntax::Extended, '*' | '+' | '?') if was_start && self.dialect.strict => {
                return Err(NOTHING_TO_REPEAT.to_owned());
            }
            (Syntax::Extended, '*' | '+' | '?') if was_start => {
                // GNU takes a repetition of nothing for nothing.
                self.branch_start = true;
                Token::Atom(String::new())
            }
            (_, '*') => Token::Repeat("*".to_owned()),
            (Syntax::Extended | Syntax::Emacs, '+' | '?') => Token::Repeat(character.to_string()),
            (Syntax::Extended, '(') => self.open(),
            (Syntax::Extended, ')') if self.depth > 0 => self.close(),
            (Syntax::Extended, ')') if self.dialect.strict => return Err("Unmatched ) or \\)".to_owned()),
            (Syntax::Extended, '|') => self.alternate(),
            (Syntax::Extended, '{') => self.interval(was_start)?,
            (Syntax::Extended, '^') => self.start(),
            (Syntax::Extended, '$') => Token::End,
            (Syntax::Basic | Syntax::Emacs, '^') if was_start => self.start(),
            (Syntax::Basic | Syntax::Emacs, '$') if self.at_branch_end() => Token::End,
            (_, other) => literal(other),
        };
        Ok(Some(token))
    }

    fn start(&mut self) -> Token {
        self.branch_start = true;
        Token::Start
    }

    fn open(&mut self) -> Token {
        self.depth += 1;
        self.branch_start = true;
        Token::Open
    }

    fn close(&mut self) -> Token {
        self.depth -= 1;
        Token::Close
    }

    fn alternate(&mut self) -> Token {
        self.branch_start = true;
        Token::Alternate
    }

    fn at_branch_end(&self) -> bool {
        match (self.peek(0), self.peek(1)) {
            (None, _) | (Some('\\'), Some('|')) => true,
            (Some('\\'), Some(')')) => self.depth > 0,
            _ => false,
        }
    }

    /// Reads what follows a backslash.
    fn escape(&mut self, was_start: bool) -> Result<Token, String> {
        let Some(character) = self.peek(0) else { return Err("Trailing backslash".to_owned()) };
        self.at += 1;
        let separator = self.dialect.separator.map(escape_in_class).unwrap_or_default();
        Ok(match (self.syntax, character) {
            (Syntax::Basic | Syntax::Emacs, '(') => self.open(),
            (Syntax::Basic | Syntax::Emacs, ')') if self.depth > 0 => self.close(),
            (Syntax::Basic | Syntax::Emacs, ')') => return Err("Unmatched ) or \\)".to_owned()),
            (Syntax::Basic | Syntax::Emacs, '|') => self.alternate(),
            (Syntax::Basic, '{') if was_start => return Err(NOTHING_TO_REPEAT.to_owned()),
            (Syntax::Basic, '{') => self.interval(false)?,
            (Syntax::Basic, '+' | '?') if was_start => literal(character),
            (Syntax::Basic, '+' | '?') => Token::Repeat(character.to_string()),
            (_, 'w') => Token::Atom(r"[\w]".to_owned()),
            (_, 'W') => Token::Atom(format!(r"[^\w{separator}]")),
            (_, 's') if separator.is_empty() => Token::Atom(r"\s".to_owned()),
            (_, 's') => Token::Atom(format!(r"[\s--[{separator}]]")),
            (_, 'S') => Token::Atom(format!(r"[^\s{separator}]")),
            (_, 'b') => Token::Atom(r"\b".to_owned()),
            (_, 'B') => Token::Atom(r"\B".to_owned()),
            (_, '<') => Token::Atom(r"\b{start}".to_owned()),
            (_, '>') => Token::Atom(r"\b{end}".to_owned()),
            (_, '`') if self.dialect.separator.is_none() => Token::Atom(r"\A".to_owned()),
            (_, '\'') if self.dialect.separator.is_none() => Token::Atom(r"\z".to_owned()),
            (_, '`') => Token::Start,
            (_, '\'') => Token::End,
            (_, '1'..='9') => Token::BackReference(character.to_digit(10).unwrap_or(0)),
            (_, other) => literal(other),
        })
    }

    /// Reads an interval after its opening brace; a brace that opens none is literal in the extended syntax.
    fn interval(&mut self, was_start: bool) -> Result<Token, String> {
        let closing: &[char] = if self.syntax == Syntax::Basic { &['\\', '}'] } else { &['}'] };
        let rest = &self.text[self.at..];
        let end = rest.windows(closing.len()).position(|window| window == closing);
        let inside: Option<String> = end.map(|end| rest[..end].iter().collect());
        let parsed = inside.as_deref().and_then(parse_interval);
        match (parsed, end) {
            (Some((low, high)), Some(end)) if !was_start => {
                if high.is_some_and(|high| high < low) {
                    return Err("Invalid content of \\{\\}".to_owned());
                }
                if low.max(high.unwrap_or(0)) > LARGEST_COUNT {
                    return Err("Regular expression too big".to_owned());
                }
                self.at += end + closing.len();
                let high = high.map(|high| high.to_string()).unwrap_or_default();
                let single = self.text[self.at - end - closing.len()..self.at].contains(&',');
                Ok(Token::Repeat(if single { format!("{{{low},{high}}}") } else { format!("{{{low}}}") }))
            }
            (Some(_), Some(end)) if self.syntax == Syntax::Extended && !self.dialect.strict => {
                // GNU takes a repetition of nothing for nothing.
                self.at += end + closing.len();
                self.branch_start = true;
                Ok(Token::Atom(String::new()))
            }
            (Some(_), Some(_)) if self.dialect.strict => Err(NOTHING_TO_REPEAT.to_owned()),
            _ if self.syntax == Syntax::Extended && !self.dialect.strict => Ok(literal('{')),
            (_, None) => Err("Unmatched \\{".to_owned()),
            _ => Err("Invalid content of \\{\\}".to_owned()),
        }
    }
}

/// Reads `n`, `n,`, `n,m` or `,m`.
fn parse_interval(text: &str) -> Option<(u32, Option<u32>)> {
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    match text.split_once(',') {
        None => number(text).map(|count| (count, Some(count))),
        Some(("", "")) => Some((0, None)),
        Some(("", high)) => number(high).map(|high| (0, Some(high))),
        Some((low, "")) => number(low).map(|low| (low, None)),
        Some((low, high)) => Some((number(low)?, Some(number(high)?))),
    }
}

/// Puts tokens together, a level for each open group.
#[derive(Default)]
struct Builder {
    /// What stands before the group that is open, outermost first.
    outer: Vec<Vec<String>>,
    /// The atoms of the innermost group.
    atoms: Vec<String>,
    refers_back: bool,
    alternates: bool,
    line_anchors: bool,
    /// Groups opened so far, and whether each is closed.
    closed: Vec<bool>,
    /// What stands in the groups, by number, once they are closed.
    texts: Vec<String>,
    open: Vec<usize>,
}

impl Builder {
    fn add(&mut self, token: Token) -> Result<(), String> {
        match token {
            Token::Open if self.outer.len() >= DEEPEST => return Err("Regular expression too big".to_owned()),
            Token::Open => {
                self.open.push(self.closed.len());
                self.closed.push(false);
                self.texts.push(String::new());
                self.outer.push(std::mem::take(&mut self.atoms));
            }
            Token::Close => {
                let group = format!("({})", self.atoms.concat());
                if let Some(number) = self.open.pop() {
                    self.closed[number] = true;
                    self.texts[number].clone_from(&group);
                }
                self.atoms = self.outer.pop().unwrap_or_default();
                self.atoms.push(group);
            }
            Token::Alternate => {
                self.alternates = true;
                self.atoms.push("|".to_owned());
            }
            Token::Repeat(operator) => {
                // A repeated repetition must not become the target syntax's lazy or possessive operator.
                let last = self.atoms.pop().filter(|atom| !atom.is_empty());
                // A group that may be left out or repeated can end a match early, where another reading goes on.
                self.alternates |= last.as_deref().is_some_and(|atom| atom.starts_with('('));
                self.atoms.push(last.map_or_else(String::new, |atom| format!("(?:{atom}){operator}")));
            }
            Token::Start => self.atoms.push(if self.line_anchors { "(?m:^)" } else { r"\A" }.to_owned()),
            Token::End => self.atoms.push(if self.line_anchors { "(?m:$)" } else { r"\z" }.to_owned()),
            Token::BackReference(number) => {
                if !self.closed.get(number as usize - 1).is_some_and(|closed| *closed) {
                    return Err("Invalid back reference".to_owned());
                }
                self.refers_back = true;
                self.atoms.push(format!("(?:\\{number})"));
            }
            Token::Atom(atom) => self.atoms.push(atom),
        }
        Ok(())
    }

    /// Puts for each reference what its group may match.
    fn superset(&self, pattern: &str) -> String {
        let mut out = pattern.to_owned();
        for (number, text) in (1..=9).zip(&self.texts) {
            let reference = format!("(?:\\{number})");
            // What a group matched in its place need not match in another; nor is another reference followed.
            let movable = ["(?:\\", "(?m:", "\\A", "\\z", "\\b", "\\B"].iter().all(|part| !text.contains(part));
            out = out.replace(&reference, if movable { text } else { "(?s:.*)" });
        }
        out
    }

    fn finish(self) -> Result<Translated, String> {
        if !self.outer.is_empty() {
            return Err("Unmatched ( or \\(".to_owned());
        }
        let pattern = self.atoms.concat();
        Ok(Translated {
            superset: self.refers_back.then(|| self.superset(&pattern)),
            pattern,
            refers_back: self.refers_back,
            alternates: self.alternates,
            groups: self.closed.len(),
        })
    }
}

fn literal(character: char) -> Token {
    let mut buffer = [0; 4];
    Token::Atom(regex::escape(character.encode_utf8(&mut buffer)))
}

fn escape_in_class(separator: char) -> String {
    format!("\\x{:02x}", u32::from(separator))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(syntax: Syntax, pattern: &str, text: &str, expected: Option<&str>) {
        let translated = translate(pattern, syntax, '\n').unwrap_or_else(|error| panic!("{pattern}: {error}"));
        let regex = regex::Regex::new(&translated.pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        assert_eq!(regex.find(text).map(|found| found.as_str()), expected, "{pattern} as {}", translated.pattern);
    }

    #[test]
    fn basic_operators_are_the_escaped_ones() {
        use Syntax::Basic;
        check(Basic, "a+b", "aab a+b", Some("a+b"));
        check(Basic, r"a\+b", "aab a+b", Some("aab"));
        check(Basic, r"\(ab\)*c", "ababc", Some("ababc"));
        check(Basic, r"a\{2,3\}", "aaaa", Some("aaa"));
        check(Basic, "*a", "x*a", Some("*a"));
        check(Basic, "a^b$c", "a^b$c", Some("a^b$c"));
        check(Basic, r"x\|y", "zy", Some("y"));
        check(Basic, "^a.c$", "b\nabc\nd", Some("abc"));
        check(Basic, "a(b)", "a(b)", Some("a(b)"));
    }

    #[test]
    fn extended_operators_are_the_plain_ones() {
        use Syntax::Extended;
        check(Extended, "a+?b", "aab", Some("aab"));
        check(Extended, "(a|b){2}", "xab", Some("ab"));
        check(Extended, "a{,2}b", "aaab", Some("aab"));
        check(Extended, "a{x", "a{x", Some("a{x"));
        check(Extended, r"\<the\>", "other the", Some("the"));
        check(Extended, "a)", "a)", Some("a)"));
    }

    #[test]
    fn emacs_repeats_plainly_and_groups_by_backslashes() {
        use Syntax::Emacs;
        check(Emacs, r".*\.\(txt\|c\)", "a.c", Some("a.c"));
        check(Emacs, "a+b?", "xaab", Some("aab"));
        check(Emacs, "+a{1}", "+a{1}", Some("+a{1}"));
        check(Emacs, r"\{", "{", Some("{"));
        check(Emacs, "a(b)|c", "a(b)|c", Some("a(b)|c"));
    }

    #[test]
    fn brackets_follow_posix() {
        use Syntax::Basic;
        check(Basic, "[]a]*", "]a]b", Some("]a]"));
        check(Basic, "[^]a]", "]ab", Some("b"));
        check(Basic, "[[:digit:][:upper:]-]*", "A1-x", Some("A1-"));
        check(Basic, r"[\n]", r"n", Some("n"));
        check(Basic, "[a-c[.-.]]*", "ab-d", Some("ab-"));
        check(Basic, "a[^b]c", "a\nc adc", Some("adc"));
        check(Basic, "a[[:space:]]c", "a\nc a c", Some("a c"));
    }

    #[test]
    fn malformed_patterns_have_gnus_messages() {
        let error = |syntax, pattern| translate(pattern, syntax, '\n').expect_err(pattern);
        assert_eq!(error(Syntax::Basic, r"\(a"), "Unmatched ( or \\(");
        assert_eq!(error(Syntax::Basic, r"a\)"), "Unmatched ) or \\)");
        assert_eq!(error(Syntax::Basic, "[a"), "Unmatched [, [^, [:, [., or [=");
        assert_eq!(error(Syntax::Basic, "[[:x:]]"), "Invalid character class name");
        assert_eq!(error(Syntax::Basic, "a\\"), "Trailing backslash");
        assert_eq!(error(Syntax::Basic, "[b-a]"), "Invalid range end");
    }
}
