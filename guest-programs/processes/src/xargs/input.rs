//! The input of `xargs`, cut into arguments: POSIX's quotes and blanks, or bytes that end each.

use std::io::{BufRead, BufReader, Read};

use sandshell_sys::reason;

use super::Stop;
use super::options::{Mode, Options};
use crate::message::Program;

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Its bytes.
    pub(crate) text: Vec<u8>,
    /// A line of the input ends with it.
    pub(crate) ends_line: bool,
}

/// What is wrong with the input.
#[derive(Debug)]
pub(crate) enum InputError {
    /// A quote is not closed on its line.
    Unmatched(u8),
    /// An argument is longer than a command line.
    TooLong,
    /// It cannot be read.
    Read(std::io::Error),
}

impl InputError {
    pub(crate) fn tell(self, program: &Program) -> Stop {
        Stop(program.fail(&match self {
            Self::Unmatched(quote) => {
                let kind = if quote == b'"' { "double" } else { "single" };
                format!("unmatched {kind} quote; by default quotes are special to xargs unless you use the -0 option")
            }
            Self::TooLong => "argument line too long".to_owned(),
            Self::Read(error) => format!("error reading input: {}", reason(&error)),
        }))
    }
}

/// The input and where it stands.
pub(crate) struct Input<R> {
    reader: BufReader<R>,
    /// The byte that ends arguments; without one, blanks and quotes do.
    delimiter: Option<u8>,
    /// An argument that ends the input.
    end: Option<Vec<u8>>,
    /// Whole lines are arguments.
    whole_lines: bool,
    /// Nothing more is read.
    ended: bool,
    warned_of_nul: bool,
}

/// Where the reader stands within an argument.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Space,
    Plain,
    Quoted(u8),
    Escaped,
}

impl<R: Read> Input<R> {
    pub(crate) fn new(reader: BufReader<R>, options: &Options) -> Self {
        Self {
            reader,
            delimiter: options.delimiter,
            end: options.end.clone(),
            whole_lines: matches!(options.mode, Mode::Replace(_)),
            ended: false,
            warned_of_nul: false,
        }
    }

    /// Reads the next argument, which with its NUL is at most `max` bytes long.
    pub(crate) fn next(&mut self, max: usize) -> Result<Option<Word>, InputError> {
        if self.ended {
            return Ok(None);
        }
        let word = if self.delimiter.is_some() { self.delimited(max)? } else { self.quoted(max)? };
        let is_end = |word: &Word| self.delimiter.is_none() && self.end.as_ref().is_some_and(|end| *end == word.text);
        if word.as_ref().is_none_or(is_end) {
            self.ended = true;
            return Ok(None);
        }
        Ok(word.map(|word| self.cut_at_nul(word)))
    }

    fn byte(&mut self) -> Result<Option<u8>, InputError> {
        let buffer = loop {
            match self.reader.fill_buf() {
                Ok(buffer) => break buffer,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(InputError::Read(error)),
            }
        };
        let first = buffer.first().copied();
        self.reader.consume(usize::from(first.is_some()));
        Ok(first)
    }

    fn delimited(&mut self, max: usize) -> Result<Option<Word>, InputError> {
        let mut text = Vec::new();
        loop {
            match self.byte()? {
                None if text.is_empty() => return Ok(None),
                None => break,
                byte if byte == self.delimiter => break,
                Some(_) if text.len() + 1 >= max => return Err(InputError::TooLong),
                Some(byte) => text.push(byte),
            }
        }
        Ok(Some(Word { text, ends_line: true }))
    }

    fn quoted(&mut self, max: usize) -> Result<Option<Word>, InputError> {
        let (mut text, mut state) = (Vec::new(), State::Space);
        loop {
            let Some(byte) = self.byte()? else {
                return match state {
                    State::Quoted(quote) => Err(InputError::Unmatched(quote)),
                    // GNU takes an empty pair of quotes at the very end for nothing.
                    _ if text.is_empty() => Ok(None),
                    _ => Ok(Some(Word { text, ends_line: true })),
                };
            };
            match (state, byte) {
                (State::Space, b' ' | b'\t' | b'\n') => continue,
                (State::Plain, b'\n') => return Ok(Some(Word { text, ends_line: true })),
                (State::Plain, b' ' | b'\t') if !self.whole_lines => {
                    // A line that ends in a blank goes on in the next.
                    return Ok(Some(Word { text, ends_line: false }));
                }
                (State::Space | State::Plain, b'\\') => state = State::Escaped,
                (State::Space | State::Plain, b'\'' | b'"') => state = State::Quoted(byte),
                (State::Quoted(quote), b'\n') => return Err(InputError::Unmatched(quote)),
                (State::Quoted(quote), byte) if byte == quote => state = State::Plain,
                _ => {
                    if text.len() + 1 >= max {
                        return Err(InputError::TooLong);
                    }
                    text.push(byte);
                    if !matches!(state, State::Quoted(_)) {
                        state = State::Plain;
                    }
                }
            }
        }
    }

    /// Cuts an argument at a NUL, which no argument can have, and warns of the first such.
    fn cut_at_nul(&mut self, mut word: Word) -> Word {
        if let Some(at) = word.text.iter().position(|byte| *byte == 0) {
            word.text.truncate(at);
            if !self.warned_of_nul {
                self.warned_of_nul = true;
                crate::message::write(
                    "xargs: WARNING: a NUL character occurred in the input.  It cannot be passed through in the \
                     argument list.  Did you mean to use the --null option?",
                );
            }
        }
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(input: &str, delimiter: Option<u8>, whole_lines: bool) -> Vec<(String, bool)> {
        let reader = BufReader::new(input.as_bytes());
        let mut input = Input { reader, delimiter, end: None, whole_lines, ended: false, warned_of_nul: false };
        let mut found = Vec::new();
        while let Some(word) = input.next(100).expect("well-formed") {
            found.push((String::from_utf8_lossy(&word.text).into_owned(), word.ends_line));
        }
        found
    }

    fn texts(input: &str) -> Vec<String> {
        words(input, None, false).into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn blanks_quotes_and_backslashes_cut_arguments() {
        assert_eq!(texts(" a\tb\n\n\"c d\"e 'f\"g' h\\ i\n"), ["a", "b", "c de", "f\"g", "h i"]);
        assert_eq!(texts("a '' \"\"\n"), ["a", "", ""]);
        assert_eq!(texts("a\\\nb c"), ["a\nb", "c"]);
        assert!(texts(" \n \n").is_empty());
    }

    #[test]
    fn a_line_that_ends_in_a_blank_goes_on() {
        let found = words("a b \nc\nd\n", None, false);
        let ends: Vec<bool> = found.iter().map(|(_, ends)| *ends).collect();
        assert_eq!(ends, [false, false, true, true]);
    }

    #[test]
    fn whole_lines_lose_the_blanks_before_them() {
        let found = words("  a b  \n\n c\n", None, true);
        assert_eq!(found, [("a b  ".to_owned(), true), ("c".to_owned(), true)]);
    }

    #[test]
    fn a_delimiter_ends_arguments_and_nothing_else_does() {
        let found = words("a b,'c,,d\n", Some(b','), false);
        let found: Vec<&str> = found.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(found, ["a b", "'c", "", "d\n"]);
    }

    #[test]
    fn what_is_not_closed_or_too_long_is_refused() {
        let read = |input: &str, max: usize| {
            let reader = BufReader::new(input.as_bytes());
            let mut input =
                Input { reader, delimiter: None, end: None, whole_lines: false, ended: false, warned_of_nul: false };
            input.next(max)
        };
        assert!(matches!(read("'a", 9), Err(InputError::Unmatched(b'\''))));
        assert!(matches!(read("\"a\nb\"", 9), Err(InputError::Unmatched(b'"'))));
        assert!(matches!(read("abc", 3), Err(InputError::TooLong)));
        assert!(matches!(read("ab", 3), Ok(Some(_))));
    }
}
