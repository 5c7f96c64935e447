//! Options of a program of this collection, by its grammar.
//!
//! A grammar is data of its program. What other syntaxes need (`ps aux`, `xxd -ps`, `tree --sort name`) stays with them.

pub(crate) use sandshell_sys::options::{HELP, VERSION};
use sandshell_sys::options::{Letters, OptionReader, Order};

use crate::program::Program;

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

/// How a program takes its options, as `getopt_long` is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grammar {
    /// Letters; `:` behind one means an argument, `::` one that is attached if there is any.
    pub(crate) short: &'static str,
    /// Names with the letters that stand for them; `=` behind a name means an argument, `?` an optional one.
    pub(crate) long: &'static [(&'static str, char)],
    /// The first operand ends the options.
    pub(crate) stops_at_operand: bool,
}

impl Grammar {
    /// Reads a command line.
    ///
    /// # Errors
    ///
    /// The diagnostic.
    pub(crate) fn read(&self, arguments: Vec<Vec<u8>>) -> Result<Parsed, String> {
        let letters = Letters { short: self.short, long: self.long };
        let order = if self.stops_at_operand { Order::BeforeOperands } else { Order::of_environment() };
        let (options, operands) = OptionReader::new(&letters, order, arguments).read_all()?;
        Ok((options.into_iter().map(|(letter, value)| Given { letter, value }).collect(), operands))
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
    pub(crate) fn parse_as(&self, grammar: &Grammar, arguments: Vec<Vec<u8>>) -> Result<Parsed, i32> {
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

    const GRAMMAR: Grammar = Grammar {
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
}
