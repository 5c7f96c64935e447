//! Options as `getopt_long` of glibc reads them, with its diagnostics; operands may stand between them.
//!
//! A grammar is data of its program. What other syntaxes need (`ps aux`, `xxd -ps`, `tree --sort name`) stays with them.

use crate::program::Program;

/// The letter of `--help`.
pub(crate) const HELP: char = '\u{1}';
/// The letter of `--version`.
pub(crate) const VERSION: char = '\u{2}';

/// An option that was read: its letter and its argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    /// The short option, or what stands for a long one.
    pub(crate) letter: char,
    value: Option<Vec<u8>>,
}

impl Given {
    /// Returns the argument; empty when there is none.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.value.as_deref().unwrap_or_default()
    }

    /// Returns the argument as text; empty when there is none.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }
}

/// What a command line holds: options in their order, then operands.
pub(crate) type Parsed = (Vec<Given>, Vec<Vec<u8>>);

/// What `getopt_long` is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grammar<'a> {
    /// Letters; `:` behind one means an argument, `::` one that is attached if there is any.
    pub(crate) short: &'a str,
    /// Names with the letters that stand for them; `=` behind a name means an argument, `?` an optional one.
    pub(crate) long: &'a [(&'a str, char)],
    /// The first operand ends the options.
    pub(crate) stops_at_operand: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Argument,
    Maybe,
}

impl Grammar<'_> {
    /// Reads a command line.
    ///
    /// # Errors
    ///
    /// The diagnostic.
    pub(crate) fn read(&self, arguments: Vec<Vec<u8>>) -> Result<Parsed, String> {
        let mut left = arguments.into_iter();
        let (mut given, mut operands) = (Vec::new(), Vec::new());
        while let Some(argument) = left.next() {
            match argument.as_slice() {
                b"--" => break,
                [b'-', b'-', long @ ..] => given.push(self.read_long(long, &mut left)?),
                [b'-', cluster @ ..] if !cluster.is_empty() => self.read_cluster(cluster, &mut left, &mut given)?,
                _ => {
                    operands.push(argument);
                    if self.stops_at_operand {
                        break;
                    }
                }
            }
        }
        operands.extend(left);
        Ok((given, operands))
    }

    fn read_cluster(
        &self,
        cluster: &[u8],
        left: &mut impl Iterator<Item = Vec<u8>>,
        given: &mut Vec<Given>,
    ) -> Result<(), String> {
        let mut rest = cluster;
        while let Some((byte, tail)) = rest.split_first() {
            rest = tail;
            let letter = char::from(*byte);
            let takes = self.takes(letter).ok_or_else(|| format!("invalid option -- '{letter}'"))?;
            let value = match takes {
                Takes::Nothing => None,
                Takes::Maybe if rest.is_empty() => None,
                Takes::Argument if rest.is_empty() => {
                    Some(left.next().ok_or_else(|| format!("option requires an argument -- '{letter}'"))?)
                }
                Takes::Argument | Takes::Maybe => Some(std::mem::take(&mut rest).to_vec()),
            };
            given.push(Given { letter, value });
        }
        Ok(())
    }

    fn takes(&self, letter: char) -> Option<Takes> {
        let at = self.short.find(letter).filter(|_| letter != ':')?;
        let behind = self.short.get(at + letter.len_utf8()..)?;
        Some(match behind {
            _ if behind.starts_with("::") => Takes::Maybe,
            _ if behind.starts_with(':') => Takes::Argument,
            _ => Takes::Nothing,
        })
    }

    fn read_long(&self, word: &[u8], left: &mut impl Iterator<Item = Vec<u8>>) -> Result<Given, String> {
        let split = word.iter().position(|byte| *byte == b'=');
        let (name, attached) = match split {
            Some(at) => (word.get(..at).unwrap_or_default(), word.get(at + 1..)),
            None => (word, None),
        };
        let (entry, letter) = self.find_long(&String::from_utf8_lossy(name))?;
        let name = bare(entry);
        let value = match (takes_of(entry), attached) {
            (Takes::Nothing, Some(_)) => return Err(format!("option '--{name}' doesn't allow an argument")),
            (Takes::Argument, None) => {
                Some(left.next().ok_or_else(|| format!("option '--{name}' requires an argument"))?)
            }
            (_, attached) => attached.map(<[u8]>::to_vec),
        };
        Ok(Given { letter, value })
    }

    /// Finds a long option by its name or an unambiguous beginning of it.
    fn find_long(&self, name: &str) -> Result<(&str, char), String> {
        const COMMON: &[(&str, char)] = &[("help", HELP), ("version", VERSION)];
        let all = || self.long.iter().chain(COMMON).copied();
        if let Some(exact) = all().find(|(entry, _)| bare(entry) == name) {
            return Ok(exact);
        }
        let found: Vec<_> = all().filter(|(entry, _)| bare(entry).starts_with(name)).collect();
        match found.as_slice() {
            [] => Err(format!("unrecognized option '--{name}'")),
            [first, rest @ ..] if rest.iter().all(|(_, letter)| *letter == first.1) => Ok(*first),
            several => {
                let names: String = several.iter().map(|(entry, _)| format!(" '--{}'", bare(entry))).collect();
                Err(format!("option '--{name}' is ambiguous; possibilities:{names}"))
            }
        }
    }
}

fn bare(entry: &str) -> &str {
    entry.trim_end_matches(['=', '?'])
}

fn takes_of(entry: &str) -> Takes {
    match entry.as_bytes().last() {
        Some(b'=') => Takes::Argument,
        Some(b'?') => Takes::Maybe,
        _ => Takes::Nothing,
    }
}

impl Program {
    /// Reads a command line by the program's grammar; answers `--help` and `--version` itself.
    ///
    /// # Errors
    ///
    /// The exit status, everything said.
    pub(crate) fn parse(&self, arguments: Vec<Vec<u8>>) -> Result<Parsed, i32> {
        self.parse_as(&self.grammar, arguments)
    }

    /// [`Self::parse`] by another grammar.
    ///
    /// # Errors
    ///
    /// The exit status, everything said.
    pub(crate) fn parse_as(&self, grammar: &Grammar<'_>, arguments: Vec<Vec<u8>>) -> Result<Parsed, i32> {
        let (given, operands) = grammar.read(arguments).map_err(|message| self.misuse(&message))?;
        for option in &given {
            match option.letter {
                HELP => return Err(self.print(self.help)),
                VERSION => return Err(self.version()),
                _ => {}
            }
        }
        Ok((given, operands))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRAMMAR: Grammar<'_> = Grammar {
        short: "ab:c::",
        long: &[("all", 'a'), ("max-args=", 'b'), ("max-lines?", 'c')],
        stops_at_operand: false,
    };

    fn words(words: &[&str]) -> Vec<Vec<u8>> {
        words.iter().map(|word| word.as_bytes().to_vec()).collect()
    }

    #[test]
    fn options_are_read_wherever_they_stand() {
        let (given, operands) = GRAMMAR.read(words(&["x", "-ab1", "-c", "--max-l=2", "y", "--", "-a"])).expect("right");
        let read: Vec<(char, Option<String>)> = given
            .iter()
            .map(|one| (one.letter, one.value.as_ref().map(|value| String::from_utf8_lossy(value).into_owned())))
            .collect();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(read, [('a', None), ('b', text("1")), ('c', None), ('c', text("2"))]);
        assert_eq!(operands, words(&["x", "y", "-a"]));
        let stopping = Grammar { stops_at_operand: true, ..GRAMMAR };
        assert_eq!(stopping.read(words(&["-a", "x", "-a"])).expect("right").1, words(&["x", "-a"]));
    }

    #[test]
    fn mistakes_are_told_as_glibc_tells_them() {
        let check = |given: &[&str], message: &str| assert_eq!(GRAMMAR.read(words(given)), Err(message.to_owned()));
        check(&["-z"], "invalid option -- 'z'");
        check(&["-b"], "option requires an argument -- 'b'");
        check(&["--max-args"], "option '--max-args' requires an argument");
        check(&["--all=1"], "option '--all' doesn't allow an argument");
        check(&["--max"], "option '--max' is ambiguous; possibilities: '--max-args' '--max-lines'");
    }
}
