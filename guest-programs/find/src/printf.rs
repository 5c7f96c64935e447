//! The format of `-printf`, read once.

/// A piece of a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(Vec<u8>),
    Directive(Directive),
    /// `\c`: nothing comes after it.
    Stop,
}

/// `%`, what is between, and the letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Directive {
    pub(crate) left: bool,
    pub(crate) zeros: bool,
    pub(crate) alternate: bool,
    pub(crate) width: usize,
    pub(crate) precision: Option<usize>,
    pub(crate) letter: char,
    /// The second letter, of times.
    pub(crate) time: char,
}

/// A format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Format(pub(crate) Vec<Piece>);

/// Widest field; what asks for more gets it cut.
const WIDEST: usize = 4096;

const LETTERS: &str = "abcdDfFgGhHiklmMnpPsStuUyYZ";

impl Format {
    /// Reads a format; `warn` is told of what is not understood and taken as it stands.
    ///
    /// # Errors
    ///
    /// The diagnostic.
    pub(crate) fn parse(text: &[u8], warn: &mut dyn FnMut(&str)) -> Result<Self, String> {
        let mut reader = Reader { text, at: 0, pieces: Vec::new(), literal: Vec::new() };
        while let Some(byte) = reader.next() {
            match byte {
                b'\\' => {
                    if reader.escape(warn) {
                        reader.flush();
                        reader.pieces.push(Piece::Stop);
                        return Ok(Self(reader.pieces));
                    }
                }
                b'%' => reader.directive(warn)?,
                other => reader.literal.push(other),
            }
        }
        reader.flush();
        Ok(Self(reader.pieces))
    }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    pieces: Vec<Piece>,
    literal: Vec<u8>,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let byte = self.text.get(self.at).copied()?;
        self.at += 1;
        Some(byte)
    }

    fn flush(&mut self) {
        if !self.literal.is_empty() {
            self.pieces.push(Piece::Text(std::mem::take(&mut self.literal)));
        }
    }

    /// Reads what follows a backslash; `true` for `\c`.
    fn escape(&mut self, warn: &mut dyn FnMut(&str)) -> bool {
        let Some(byte) = self.next() else {
            warn("warning: escape `\\' followed by nothing at all");
            self.literal.push(b'\\');
            return false;
        };
        let value = match byte {
            b'a' => 0x07,
            b'b' => 0x08,
            b'c' => return true,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 0x0b,
            b'\\' => b'\\',
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.text.get(self.at).copied() else { break };
                    value = value * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                // Three digits may be more than a byte; C cuts them, too.
                u8::try_from(value & 0xff).unwrap_or(0)
            }
            other => {
                warn(&format!("warning: unrecognized escape `\\{}'", char::from(other)));
                self.literal.push(b'\\');
                other
            }
        };
        self.literal.push(value);
        false
    }

    /// Reads what follows a percent sign.
    fn directive(&mut self, warn: &mut dyn FnMut(&str)) -> Result<(), String> {
        let start = self.at - 1;
        let mut directive = Directive::default();
        if self.text.get(self.at) == Some(&b'%') {
            self.at += 1;
            self.literal.push(b'%');
            return Ok(());
        }
        while let Some(flag @ (b'-' | b'0' | b'+' | b' ' | b'#')) = self.text.get(self.at).copied() {
            directive.left |= flag == b'-';
            directive.zeros |= flag == b'0';
            directive.alternate |= flag == b'#';
            self.at += 1;
        }
        directive.width = self.digits().unwrap_or(0);
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            directive.precision = Some(self.digits().unwrap_or(0));
        }
        let Some(letter) = self.next() else {
            return Err(if self.at - start > 1 {
                "error: the format directive `% ' is reserved for future use".to_owned()
            } else {
                "error: % at end of format string".to_owned()
            });
        };
        directive.letter = char::from(letter);
        match directive.letter {
            'A' | 'B' | 'C' | 'T' => match self.next() {
                Some(time) => directive.time = char::from(time),
                None => {
                    let name = directive.letter;
                    warn(&format!("warning: format directive `%{name}' should be followed by another character"));
                    self.literal.extend(&self.text[start..]);
                    return Ok(());
                }
            },
            '{' | '[' | '(' => {
                return Err(format!("error: the format directive `%{}' is reserved for future use", directive.letter));
            }
            letter if LETTERS.contains(letter) => {}
            letter => {
                warn(&format!("warning: unrecognized format directive `%{letter}'"));
                self.literal.extend(&self.text[start..self.at]);
                return Ok(());
            }
        }
        self.flush();
        self.pieces.push(Piece::Directive(directive));
        Ok(())
    }

    fn digits(&mut self) -> Option<usize> {
        let start = self.at;
        while self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        let digits = std::str::from_utf8(&self.text[start..self.at]).ok().filter(|digits| !digits.is_empty())?;
        Some(digits.parse::<usize>().unwrap_or(WIDEST).min(WIDEST))
    }
}

impl Directive {
    /// Puts a value into its field.
    pub(crate) fn pad(&self, value: Vec<u8>, is_number: bool, out: &mut Vec<u8>) {
        let mut value = value;
        if let Some(precision) = self.precision.filter(|_| !is_number) {
            value.truncate(precision);
        }
        let missing = self.width.saturating_sub(value.len());
        let fill = if self.zeros && is_number && !self.left { b'0' } else { b' ' };
        if !self.left {
            out.extend(std::iter::repeat_n(fill, missing));
        }
        out.extend(value);
        if self.left {
            out.extend(std::iter::repeat_n(fill, missing));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Result<Vec<Piece>, String>, Vec<String>) {
        let mut warnings = Vec::new();
        let format = Format::parse(text.as_bytes(), &mut |warning| warnings.push(warning.to_owned()));
        (format.map(|format| format.0), warnings)
    }

    #[test]
    fn a_format_is_text_and_directives() {
        let directive = |letter| Directive { letter, ..Directive::default() };
        let expected = vec![
            Piece::Text(b"a%\t\x01A".to_vec()),
            Piece::Directive(directive('p')),
            Piece::Directive(Directive { left: true, width: 10, precision: Some(2), ..directive('f') }),
            Piece::Directive(Directive { time: '@', ..directive('T') }),
            Piece::Stop,
        ];
        assert_eq!(parse(r"a%%\t\1\101%p%-10.2f%T@\cx"), (Ok(expected), Vec::new()));
    }

    #[test]
    fn what_is_not_understood_stands_for_itself() {
        let check = |text: &str, literal: &str, warning: &str| {
            let expected = (Ok(vec![Piece::Text(literal.as_bytes().to_vec())]), vec![warning.to_owned()]);
            assert_eq!(parse(text), expected);
        };
        check("%q", "%q", "warning: unrecognized format directive `%q'");
        check(r"\q", r"\q", r"warning: unrecognized escape `\q'");
        check("%T", "%T", "warning: format directive `%T' should be followed by another character");
        assert_eq!(parse("a%").0, Err("error: % at end of format string".to_owned()));
        assert_eq!(parse("%{").0, Err("error: the format directive `%{' is reserved for future use".to_owned()));
    }

    #[test]
    fn fields_are_filled_to_their_width() {
        let check = |format: &str, value: &str, is_number: bool, expected: &str| {
            let (Ok(pieces), _) = parse(format) else { panic!("{format}") };
            let [Piece::Directive(directive)] = &pieces[..] else { panic!("{format}") };
            let mut out = Vec::new();
            directive.pad(value.as_bytes().to_vec(), is_number, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected, "{format}");
        };
        check("%5p", "ab", false, "   ab");
        check("%-5p", "ab", false, "ab   ");
        check("%.1p", "ab", false, "a");
        check("%05d", "7", true, "00007");
        check("%05s", "7", false, "    7");
    }
}
