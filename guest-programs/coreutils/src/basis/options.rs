//! Options of a program by a table, with GNU's messages; `sandshell_sys::options` reads them.
//!
//! What an option means is the program's affair.

use std::ffi::OsString;

use sandshell_sys::options::{Item, OptionReader, Order, Takes};

use super::bytes::OsStringExt;
use super::errors::complain;
use super::quoting::{locale, plain};

/// What a program's `run` answers: its exit status, or the status after a message has been written.
pub(crate) type Outcome = Result<i32, i32>;

/// The options a program takes.
pub(crate) struct Grammar {
    /// Name in messages.
    pub(crate) program: &'static str,
    /// Letters as for `getopt`: `:` after one that takes a value, `::` when the value is optional. A leading `+` ends
    /// the options at the first operand.
    pub(crate) short: &'static str,
    /// Long names with the id they are told by: `name`, `name=` with a value, `name=?` with an optional one.
    pub(crate) long: &'static [(&'static str, &'static str)],
    /// Exit status of a wrong command line.
    pub(crate) failure: i32,
    /// What `--help` writes.
    pub(crate) help: &'static str,
}

/// One option as given.
pub(crate) struct Given {
    /// The letter, or the id of the table.
    pub(crate) id: &'static str,
    /// Its value, when it has one.
    pub(crate) value: Option<OsString>,
}

impl Given {
    /// Returns the value as text.
    pub(crate) fn text(&self) -> String {
        self.value.as_deref().map(|value| value.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Returns the value as it is.
    pub(crate) fn os(&self) -> OsString {
        self.value.clone().unwrap_or_default()
    }
}

impl sandshell_sys::options::Grammar for Grammar {
    type Key = &'static str;

    fn short(&self, letter: u8) -> Option<(Takes, &'static str)> {
        // `+` marks the table's start only; elsewhere it may be a letter.
        let letters = self.short.strip_prefix('+').unwrap_or(self.short);
        let at = letters.bytes().position(|known| known == letter && letter != b':')?;
        let takes = match letters.as_bytes().get(at + 1..) {
            Some([b':', b':', ..]) => Takes::Maybe,
            Some([b':', ..]) => Takes::Argument,
            _ => Takes::Nothing,
        };
        Some((takes, letters.get(at..=at)?))
    }

    fn long(&self) -> impl Iterator<Item = (&'static str, Takes, &'static str)> {
        const COMMON: &[(&str, &str)] = &[("help", "help"), ("version", "version")];
        self.long.iter().chain(COMMON).map(|(entry, id)| {
            let takes = match entry.as_bytes().last() {
                Some(b'=') => Takes::Argument,
                Some(b'?') => Takes::Maybe,
                _ => Takes::Nothing,
            };
            (entry.trim_end_matches(['=', '?']), takes, *id)
        })
    }
}

impl Grammar {
    /// Parses the arguments after `argv[0]` into options and operands, both in order.
    ///
    /// # Errors
    ///
    /// The exit status after a message, or 0 after `--help` or `--version`.
    pub(crate) fn parse(&self, argv: impl Iterator<Item = OsString>) -> Result<(Vec<Given>, Vec<OsString>), i32> {
        let ends_at_operand = self.short.starts_with('+');
        let order = if ends_at_operand { Order::BeforeOperands } else { Order::of_environment() };
        let arguments = argv.skip(1).map(OsString::into_vec).collect();
        let mut reader = OptionReader::new(self, order, arguments);
        let (mut given, mut operands) = (Vec::new(), Vec::new());
        while let Some(item) = reader.next().map_err(|message| self.misuse(&message))? {
            match item {
                Item::Option("help", _) => {
                    super::output::print(self.help.as_bytes());
                    return Err(0);
                }
                // Without a help of its own, the program is asked about nothing but its options.
                Item::Option("version", _) if self.help.is_empty() => return Err(0),
                Item::Option("version", _) => {
                    let text = format!("{} (sandshell) {}\n", self.program, env!("CARGO_PKG_VERSION"));
                    super::output::print(text.as_bytes());
                    return Err(0);
                }
                Item::Option(id, value) => given.push(Given { id, value: value.map(OsString::from_vec) }),
                Item::Operand(operand) => operands.push(OsString::from_vec(operand)),
            }
        }
        Ok((given, operands))
    }

    /// Writes a message and the hint at `--help`; answers the exit status.
    pub(crate) fn misuse(&self, message: &str) -> i32 {
        complain(self.program, message);
        self.hint()
    }

    /// Writes the hint at `--help`; answers the exit status.
    pub(crate) fn hint(&self) -> i32 {
        super::output::warn(format!("Try '{} --help' for more information.\n", self.program).as_bytes());
        self.failure
    }

    /// Says that an operand is missing, after the last one given if there is one; answers the exit status.
    pub(crate) fn missing_operand(&self, after: Option<&OsString>) -> i32 {
        match after {
            None => self.misuse("missing operand"),
            Some(last) => self.misuse(&format!("missing operand after {}", locale(last))),
        }
    }

    /// Finds the row of `table` that has `value`, which may be shortened; the words of a row mean the same.
    ///
    /// # Errors
    ///
    /// The exit status after GNU's list of the valid words.
    pub(crate) fn choose(&self, option: &str, value: &str, table: &[&[&str]]) -> Result<usize, i32> {
        let exact = table.iter().position(|row| row.contains(&value));
        let mut near = (0..table.len()).filter(|&row| table[row].iter().any(|word| word.starts_with(value)));
        let (first, second) = (near.next(), near.next());
        if let Some(row) = exact.or(if second.is_none() { first } else { None }) {
            return Ok(row);
        }
        let problem = if first.is_some() { "ambiguous" } else { "invalid" };
        complain(self.program, &format!("{problem} argument {} for {}", locale(plain(value)), locale(plain(option))));
        let mut list = String::from("Valid arguments are:\n");
        for row in table {
            let words: Vec<String> = row.iter().map(|word| locale(plain(word))).collect();
            list.push_str(&format!("  - {}\n", words.join(", ")));
        }
        super::output::warn(list.as_bytes());
        // GNU's programs answer 1 here whatever they answer for other misuse.
        self.hint();
        Err(1)
    }
}
