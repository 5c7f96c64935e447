//! Options as `getopt_long` of glibc reads them, operands and options in any order, with its diagnostics.

use std::collections::VecDeque;

/// Whether an option has an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    Nothing,
    Argument,
    /// One that is attached to it, if any.
    Maybe,
}

/// What a program understands; `O` names its options.
pub(crate) struct Spec<O: 'static> {
    pub(crate) short: &'static [(u8, Takes, O)],
    pub(crate) long: &'static [(&'static str, Takes, O)],
}

/// One thing of a command line.
#[derive(Debug, PartialEq)]
pub(crate) enum Item<O> {
    Option(O, Option<Vec<u8>>),
    Operand(Vec<u8>),
}

/// The arguments that are still to be read.
pub(crate) struct Arguments<O: 'static> {
    spec: &'static Spec<O>,
    left: VecDeque<Vec<u8>>,
    /// The rest of a cluster of short options.
    cluster: VecDeque<u8>,
    ended: bool,
}

impl<O: Copy + PartialEq> Arguments<O> {
    pub(crate) fn new(spec: &'static Spec<O>, arguments: Vec<Vec<u8>>) -> Self {
        Self { spec, left: arguments.into(), cluster: VecDeque::new(), ended: false }
    }

    /// Reads the next option or operand.
    ///
    /// # Errors
    ///
    /// The diagnostic.
    pub(crate) fn next(&mut self) -> Result<Option<Item<O>>, String> {
        if !self.cluster.is_empty() {
            return self.short().map(Some);
        }
        let Some(word) = self.left.pop_front() else { return Ok(None) };
        match word.as_slice() {
            _ if self.ended => Ok(Some(Item::Operand(word))),
            b"--" => {
                self.ended = true;
                self.next()
            }
            [b'-', b'-', ..] => self.long(&word).map(Some),
            [b'-', rest @ ..] if !rest.is_empty() => {
                self.cluster = rest.to_vec().into();
                self.short().map(Some)
            }
            _ => Ok(Some(Item::Operand(word))),
        }
    }

    fn short(&mut self) -> Result<Item<O>, String> {
        let letter = self.cluster.pop_front().unwrap_or_default();
        let shown = char::from(letter);
        let Some((_, takes, option)) = self.spec.short.iter().find(|(known, ..)| *known == letter) else {
            return Err(format!("invalid option -- '{shown}'"));
        };
        let argument = match takes {
            Takes::Nothing => None,
            Takes::Maybe if self.cluster.is_empty() => None,
            Takes::Argument if self.cluster.is_empty() => {
                let next = self.left.pop_front();
                Some(next.ok_or_else(|| format!("option requires an argument -- '{shown}'"))?)
            }
            Takes::Argument | Takes::Maybe => Some(std::mem::take(&mut self.cluster).into()),
        };
        Ok(Item::Option(*option, argument))
    }

    fn long(&mut self, word: &[u8]) -> Result<Item<O>, String> {
        let mut parts = word.splitn(2, |byte| *byte == b'=');
        let given = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
        let attached = parts.next().map(<[u8]>::to_vec);
        let (name, takes, option) = self.find_long(&given)?;
        let argument = match (takes, attached) {
            (Takes::Nothing, Some(_)) => return Err(format!("option '--{name}' doesn't allow an argument")),
            (Takes::Argument, None) => {
                Some(self.left.pop_front().ok_or_else(|| format!("option '--{name}' requires an argument"))?)
            }
            (_, attached) => attached,
        };
        Ok(Item::Option(option, argument))
    }

    /// Finds an option by its name or an unambiguous beginning of it.
    fn find_long(&self, given: &str) -> Result<(&'static str, Takes, O), String> {
        let wanted = given.strip_prefix("--").unwrap_or(given);
        if let Some(exact) = self.spec.long.iter().find(|(name, ..)| *name == wanted) {
            return Ok(*exact);
        }
        let found: Vec<_> = self.spec.long.iter().filter(|(name, ..)| name.starts_with(wanted)).collect();
        match found.as_slice() {
            [] => Err(format!("unrecognized option '{given}'")),
            [one] => Ok(**one),
            [first, rest @ ..] if rest.iter().all(|other| (other.1, other.2) == (first.1, first.2)) => Ok(**first),
            several => {
                let names: Vec<String> = several.iter().map(|(name, ..)| format!("'--{name}'")).collect();
                Err(format!("option '{given}' is ambiguous; possibilities: {}", names.join(" ")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: Spec<u8> = Spec {
        short: &[(b'a', Takes::Nothing, 1), (b'b', Takes::Argument, 2), (b'c', Takes::Maybe, 3)],
        long: &[("all", Takes::Nothing, 1), ("max-args", Takes::Argument, 2), ("max-lines", Takes::Maybe, 3)],
    };

    fn read(words: &[&str]) -> Result<Vec<Item<u8>>, String> {
        let mut arguments = Arguments::new(&SPEC, words.iter().map(|word| word.as_bytes().to_vec()).collect());
        let mut found = Vec::new();
        while let Some(item) = arguments.next()? {
            found.push(item);
        }
        Ok(found)
    }

    #[test]
    fn options_and_operands_come_in_any_order() {
        let operand = |text: &str| Item::Operand(text.as_bytes().to_vec());
        let option = |key, text: &str| Item::Option(key, Some(text.as_bytes().to_vec()));
        assert_eq!(
            read(&["x", "-ab", "y", "-", "-c", "-c1", "--max-a=z", "--", "-a"]),
            Ok(vec![
                operand("x"),
                Item::Option(1, None),
                option(2, "y"),
                operand("-"),
                Item::Option(3, None),
                option(3, "1"),
                option(2, "z"),
                operand("-a"),
            ])
        );
    }

    #[test]
    fn mistakes_are_told_as_glibc_tells_them() {
        let check = |words: &[&str], message: &str| assert_eq!(read(words), Err(message.to_owned()));
        check(&["-az"], "invalid option -- 'z'");
        check(&["-b"], "option requires an argument -- 'b'");
        check(&["--max-args"], "option '--max-args' requires an argument");
        check(&["--all=1"], "option '--all' doesn't allow an argument");
        check(&["--none=1"], "unrecognized option '--none'");
        check(&["--max"], "option '--max' is ambiguous; possibilities: '--max-args' '--max-lines'");
    }
}
