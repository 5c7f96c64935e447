//! awk's extended regular expressions in the syntax of the `regex` crates, over bytes and over characters at once.
//!
//! awk differs from `grep -E`: a newline is a character like any other, anchors are those of the whole text, and backslash
//! escapes count in brackets, too.

use crate::bracket;
use crate::characters;
use crate::escape;
use crate::failure::{Failure, Result};

/// The largest count of an interval (`RE_DUP_MAX` of glibc).
const LARGEST_COUNT: u32 = 32_767;
/// The deepest nesting of groups.
const DEEPEST: usize = 200;

/// An expression in the syntax of the `regex` crates.
#[derive(Debug, Default)]
pub(crate) struct Translated {
    /// For text that is ASCII, or no UTF-8.
    pub(crate) bytes: String,
    /// For UTF-8.
    pub(crate) characters: String,
    /// Whether the two may match differently.
    pub(crate) tells_characters: bool,
    /// Whether the first match that is found may not be the longest.
    pub(crate) varies: bool,
}

/// Both spellings of what one repetition is about.
type Piece = (String, String);

struct Translator<'a> {
    text: &'a [u8],
    at: usize,
    ignore_case: bool,
    /// What stands before the group that is open, outermost first.
    outer: Vec<Vec<Piece>>,
    pieces: Vec<Piece>,
    /// Nothing of the current branch has been read.
    branch_start: bool,
    tells_characters: bool,
    alternates: bool,
    repeats: u32,
}

/// Translates one expression.
///
/// # Errors
///
/// GNU's message for a malformed one.
pub(crate) fn translate(text: &[u8], ignore_case: bool) -> Result<Translated> {
    let mut translator = Translator {
        text,
        at: 0,
        ignore_case,
        outer: Vec::new(),
        pieces: Vec::new(),
        branch_start: true,
        tells_characters: false,
        alternates: false,
        repeats: 0,
    };
    let shown = || String::from_utf8_lossy(text).into_owned();
    let invalid = |message: &str| Failure::fatal(format!("invalid regexp: {message}: /{}/", shown()));
    while translator.at < text.len() {
        translator.step().map_err(|message| invalid(&message))?;
    }
    if !translator.outer.is_empty() {
        return Err(invalid("Unmatched ( or \\("));
    }
    let (bytes, characters) = join(&translator.pieces);
    Ok(Translated {
        bytes,
        characters,
        tells_characters: translator.tells_characters,
        varies: translator.alternates || translator.repeats > 1,
    })
}

impl Translator<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn both(&mut self, piece: &str) {
        self.pieces.push((piece.to_owned(), piece.to_owned()));
    }

    fn step(&mut self) -> std::result::Result<(), String> {
        let Some(byte) = self.peek(0) else { return Ok(()) };
        let was_start = std::mem::take(&mut self.branch_start);
        match byte {
            b'\\' => self.escape(),
            b'[' => self.bracket(),
            b'.' => {
                self.at += 1;
                self.tells_characters = true;
                self.both(".");
                Ok(())
            }
            b'(' => self.open(),
            b')' if !self.outer.is_empty() => {
                self.close();
                Ok(())
            }
            b'|' => {
                self.at += 1;
                self.alternates = true;
                self.branch_start = true;
                self.both("|");
                Ok(())
            }
            b'*' | b'+' | b'?' => {
                self.at += 1;
                if was_start {
                    // A repetition of nothing: the character itself, as gawk takes it.
                    self.literal(byte);
                } else {
                    self.repeat(&char::from(byte).to_string());
                }
                Ok(())
            }
            b'{' => self.interval(was_start),
            b'^' => {
                self.at += 1;
                self.branch_start = true;
                self.both(r"\A");
                Ok(())
            }
            b'$' => {
                self.at += 1;
                self.both(r"\z");
                Ok(())
            }
            _ => {
                self.character();
                Ok(())
            }
        }
    }

    fn open(&mut self) -> std::result::Result<(), String> {
        if self.outer.len() >= DEEPEST {
            return Err("Regular expression too big".to_owned());
        }
        self.at += 1;
        self.branch_start = true;
        self.outer.push(std::mem::take(&mut self.pieces));
        Ok(())
    }

    fn close(&mut self) {
        self.at += 1;
        let (bytes, characters) = join(&self.pieces);
        self.pieces = self.outer.pop().unwrap_or_default();
        self.pieces.push((format!("({bytes})"), format!("({characters})")));
    }

    /// Repeats the piece before; a second operator repeats the repetition and is never the target's lazy one.
    fn repeat(&mut self, operator: &str) {
        self.repeats += 1;
        if let Some((bytes, characters)) = self.pieces.pop() {
            let wrap = |piece: String| format!("(?:{piece}){operator}");
            self.pieces.push((wrap(bytes), wrap(characters)));
        }
    }

    fn literal(&mut self, byte: u8) {
        let piece = literal(byte);
        self.pieces.push((piece.clone(), piece));
    }

    /// A character that means itself.
    fn character(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = characters::first_length(rest).max(1);
        let taken = rest.get(..length).unwrap_or_default();
        self.at += length;
        match std::str::from_utf8(taken) {
            Ok(text) if length > 1 => {
                self.tells_characters |= self.ignore_case;
                let bytes: String = taken.iter().map(|byte| format!(r"\x{byte:02x}")).collect();
                self.pieces.push((format!("(?-u:{bytes})"), text.to_owned()));
            }
            _ => self.literal(taken.first().copied().unwrap_or(0)),
        }
    }

    fn bracket(&mut self) -> std::result::Result<(), String> {
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        let bracket = bracket::translate(rest)?;
        self.at += 1 + bracket.length;
        self.tells_characters |= bracket.tells_characters;
        self.pieces.push((bracket.bytes, bracket.characters));
        Ok(())
    }

    fn escape(&mut self) -> std::result::Result<(), String> {
        let Some(letter) = self.peek(1) else { return Err("Trailing backslash".to_owned()) };
        self.at += 2;
        let class = match letter {
            b'w' => Some(r"[\w]"),
            b'W' => Some(r"[^\w]"),
            b's' => Some(r"[\s]"),
            b'S' => Some(r"[^\s]"),
            b'y' => Some(r"\b"),
            b'B' => Some(r"\B"),
            b'<' => Some(r"\b{start}"),
            b'>' => Some(r"\b{end}"),
            _ => None,
        };
        if let Some(class) = class {
            self.tells_characters = true;
            self.both(class);
            return Ok(());
        }
        match letter {
            b'`' => self.both(r"\A"),
            b'\'' => self.both(r"\z"),
            b'0'..=b'7' => {
                let (byte, digits) = escape::octal(self.text.get(self.at - 1..).unwrap_or_default());
                self.at += digits - 1;
                self.literal(byte);
            }
            b'x' => {
                let (byte, digits) = escape::hex_byte(self.text.get(self.at..).unwrap_or_default());
                self.at += digits;
                self.literal(byte.unwrap_or(b'x'));
            }
            b'"' | b'/' => self.literal(letter),
            _ if letter >= 0x80 => {
                self.at -= 1;
                self.character();
            }
            _ => self.literal(escape::simple(letter).unwrap_or(letter)),
        }
        Ok(())
    }

    /// Reads `{n,m}`; a brace that opens no interval is literal.
    fn interval(&mut self, was_start: bool) -> std::result::Result<(), String> {
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        let inside = rest.iter().position(|byte| *byte == b'}').and_then(|end| rest.get(..end));
        let parsed = inside.filter(|_| !was_start).and_then(|inside| parse_interval(std::str::from_utf8(inside).ok()?));
        let (Some((low, high)), Some(inside)) = (parsed, inside) else {
            self.at += 1;
            self.literal(b'{');
            return Ok(());
        };
        if high.is_some_and(|high| high < low) {
            return Err("Invalid content of \\{\\}".to_owned());
        }
        if low.max(high.unwrap_or(0)) > LARGEST_COUNT {
            return Err("Regular expression too big".to_owned());
        }
        self.at += inside.len() + 2;
        match high {
            Some(high) if high == low => {
                self.repeat(&format!("{{{low}}}"));
                self.repeats -= 1;
            }
            Some(high) => self.repeat(&format!("{{{low},{high}}}")),
            None => self.repeat(&format!("{{{low},}}")),
        }
        Ok(())
    }
}

/// Reads `n`, `n,`, `n,m` or `,m`.
fn parse_interval(text: &str) -> Option<(u32, Option<u32>)> {
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    match text.split_once(',') {
        None => number(text).map(|count| (count, Some(count))),
        Some(("", high)) => number(high).map(|high| (0, Some(high))),
        Some((low, "")) => number(low).map(|low| (low, None)),
        Some((low, high)) => Some((number(low)?, Some(number(high)?))),
    }
}

fn join(pieces: &[Piece]) -> Piece {
    let bytes = pieces.iter().map(|(bytes, _)| bytes.as_str()).collect();
    let characters = pieces.iter().map(|(_, characters)| characters.as_str()).collect();
    (bytes, characters)
}

/// One byte that means itself, in both spellings.
fn literal(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() {
        char::from(byte).to_string()
    } else if byte >= 0x80 {
        format!(r"(?-u:\x{byte:02x})")
    } else {
        format!(r"\x{byte:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_expressions_have_gnus_messages() {
        let check = |text: &str, expected: &str| {
            let failure = translate(text.as_bytes(), false).expect_err(text);
            assert!(failure.message.contains(expected), "{text}: {}", failure.message);
        };
        check("(a", "Unmatched ( or \\(");
        check("[a", "Unmatched [");
        check("a\\", "Trailing backslash");
        check("a{3,2}", "Invalid content");
        check("a{99999}", "too big");
        check("[[:x:]]", "Invalid character class name");
        check("[b-a]", "Invalid range end");
    }

    #[test]
    fn only_what_can_vary_asks_for_the_longest() {
        let varies = |text: &str| translate(text.as_bytes(), false).expect("a translation").varies;
        assert!(!varies("[0-9]+"));
        assert!(!varies("a{3}b{2}"));
        assert!(varies("a|b"));
        assert!(varies("a?b*"));
    }
}
