//! GNU `getopt_long`: options of a program by a table, with GNU's messages.
//!
//! Options may stand among the operands, long ones may be shortened while they stay unambiguous, `--` ends them. What
//! an option means is the program's affair.

use std::ffi::OsString;

use super::bytes::{OsStrExt, OsStringExt};
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

impl Grammar {
    /// Parses the arguments after `argv[0]` into options and operands, both in order.
    ///
    /// # Errors
    ///
    /// The exit status after a message, or 0 after `--help` or `--version`.
    pub(crate) fn parse(&self, argv: impl Iterator<Item = OsString>) -> Result<(Vec<Given>, Vec<OsString>), i32> {
        let mut given = Vec::new();
        let mut operands = Vec::new();
        let mut argv = argv.skip(1);
        while let Some(argument) = argv.next() {
            match argument.as_bytes() {
                b"--" => {
                    operands.extend(argv);
                    break;
                }
                [b'-', b'-', rest @ ..] => given.push(self.long_option(rest, &mut argv)?),
                [b'-', letters @ ..] if !letters.is_empty() => self.letters(letters, &mut argv, &mut given)?,
                _ => {
                    operands.push(argument);
                    if self.short.starts_with('+') {
                        operands.extend(argv);
                        break;
                    }
                }
            }
        }
        Ok((given, operands))
    }

    fn letters(
        &self,
        mut letters: &[u8],
        argv: &mut impl Iterator<Item = OsString>,
        given: &mut Vec<Given>,
    ) -> Result<(), i32> {
        while let [letter, rest @ ..] = letters {
            letters = rest;
            let found = self.short.bytes().position(|known| known == *letter && *letter != b':' && *letter != b'+');
            // `+` marks the table's start only; elsewhere it may be a letter.
            let found =
                found.or_else(|| (*letter == b'+').then(|| self.short.rfind('+').filter(|&at| at > 0)).flatten());
            let Some(at) = found else {
                let letter = String::from_utf8_lossy(&[*letter]).into_owned();
                return Err(self.misuse(&format!("invalid option -- '{letter}'")));
            };
            let id = &self.short[at..=at];
            let takes = &self.short[at + 1..];
            let value = if takes.starts_with("::") {
                let value = (!rest.is_empty()).then(|| OsString::from_vec(rest.to_vec()));
                letters = &[];
                value
            } else if takes.starts_with(':') {
                let value = if rest.is_empty() { argv.next() } else { Some(OsString::from_vec(rest.to_vec())) };
                letters = &[];
                if value.is_none() {
                    return Err(self.misuse(&format!("option requires an argument -- '{id}'")));
                }
                value
            } else {
                None
            };
            given.push(Given { id, value });
        }
        Ok(())
    }

    fn long_option(&self, argument: &[u8], argv: &mut impl Iterator<Item = OsString>) -> Result<Given, i32> {
        let (name, value) = match argument.iter().position(|&byte| byte == b'=') {
            Some(at) => (&argument[..at], Some(OsString::from_vec(argument[at + 1..].to_vec()))),
            None => (argument, None),
        };
        let name = String::from_utf8_lossy(name).into_owned();
        let (entry, id) = self.find_long(&name)?;
        let full = entry.trim_end_matches(['=', '?']);
        let value = match (entry.ends_with('='), entry.ends_with('?'), value) {
            (true, _, None) => match argv.next() {
                Some(value) => Some(value),
                None => return Err(self.misuse(&format!("option '--{full}' requires an argument"))),
            },
            (false, false, Some(_)) => {
                return Err(self.misuse(&format!("option '--{full}' doesn't allow an argument")));
            }
            (_, _, value) => value,
        };
        match id {
            "help" => {
                super::output::print(self.help.as_bytes());
                Err(0)
            }
            // Without a help of its own, the program is asked about nothing but its options.
            "version" if self.help.is_empty() => Err(0),
            "version" => {
                super::output::print(
                    format!("{} (sandshell) {}\n", self.program, env!("CARGO_PKG_VERSION")).as_bytes(),
                );
                Err(0)
            }
            _ => Ok(Given { id, value }),
        }
    }

    fn find_long(&self, name: &str) -> Result<(&'static str, &'static str), i32> {
        const COMMON: &[(&str, &str)] = &[("help", "help"), ("version", "version")];
        let all = || self.long.iter().chain(COMMON).copied();
        let bare = |entry: &'static str| entry.trim_end_matches(['=', '?']);
        if let Some(exact) = all().find(|(entry, _)| bare(entry) == name) {
            return Ok(exact);
        }
        let candidates: Vec<_> = all().filter(|(entry, _)| bare(entry).starts_with(name)).collect();
        match candidates.as_slice() {
            [] => Err(self.misuse(&format!("unrecognized option '--{name}'"))),
            [first, rest @ ..] if rest.iter().all(|(_, id)| *id == first.1) => Ok(*first),
            several => {
                let names: String = several.iter().map(|(entry, _)| format!(" '--{}'", bare(entry))).collect();
                Err(self.misuse(&format!("option '--{name}' is ambiguous; possibilities:{names}")))
            }
        }
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
