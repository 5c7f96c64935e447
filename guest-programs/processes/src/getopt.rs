//! Options as `getopt_long` of glibc reads them where operands end the options, with its diagnostics.

/// Whether an option has an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    Nothing,
    Argument,
    /// One that is attached to it, if any.
    Maybe,
}

/// A long option and the letter that stands for it.
pub(crate) type Long = (&'static str, Takes, char);

/// What a program understands.
pub(crate) struct Spec {
    /// Short options.
    pub(crate) short: &'static [(char, Takes)],
    /// Long options; `help` and `version` belong to every program.
    pub(crate) long: &'static [Long],
}

/// The letter of `--help`.
pub(crate) const HELP: char = '\u{1}';
/// The letter of `--version`.
pub(crate) const VERSION: char = '\u{2}';

const COMMON: &[Long] = &[("help", Takes::Nothing, HELP), ("version", Takes::Nothing, VERSION)];

/// An option that was read, and its argument.
pub(crate) type Found = (char, Option<Vec<u8>>);

/// The arguments of a program that are still to be read.
pub(crate) struct Arguments<'a> {
    spec: &'a Spec,
    left: std::collections::VecDeque<Vec<u8>>,
    /// The rest of a cluster of short options.
    cluster: Vec<u8>,
    ended: bool,
}

impl<'a> Arguments<'a> {
    pub(crate) fn new(spec: &'a Spec, arguments: Vec<Vec<u8>>) -> Self {
        Self { spec, left: arguments.into(), cluster: Vec::new(), ended: false }
    }

    /// Puts arguments before those that are left.
    pub(crate) fn insert(&mut self, arguments: Vec<Vec<u8>>) {
        for argument in arguments.into_iter().rev() {
            self.left.push_front(argument);
        }
    }

    /// Returns the next argument unread.
    pub(crate) fn peek(&self) -> Option<&[u8]> {
        self.left.front().map(Vec::as_slice).filter(|_| self.cluster.is_empty())
    }

    /// Takes the next argument as it is.
    pub(crate) fn take(&mut self) -> Option<Vec<u8>> {
        self.left.pop_front()
    }

    /// Returns the operands.
    pub(crate) fn rest(self) -> Vec<Vec<u8>> {
        self.left.into()
    }

    /// Reads the next option.
    ///
    /// # Errors
    ///
    /// The diagnostic.
    pub(crate) fn next(&mut self) -> Result<Option<Found>, String> {
        if !self.cluster.is_empty() {
            return self.short().map(Some);
        }
        match self.left.front().map(Vec::as_slice) {
            Some(b"--") if !self.ended => {
                self.left.pop_front();
                self.ended = true;
                Ok(None)
            }
            Some([b'-', b'-', ..]) if !self.ended => self.long().map(Some),
            Some([b'-', _, ..]) if !self.ended => {
                self.cluster = self.left.pop_front().unwrap_or_default().split_off(1);
                self.short().map(Some)
            }
            _ => {
                self.ended = true;
                Ok(None)
            }
        }
    }

    fn short(&mut self) -> Result<Found, String> {
        let letter = char::from(self.cluster.remove(0));
        let Some((_, takes)) = self.spec.short.iter().find(|(known, _)| *known == letter) else {
            return Err(format!("invalid option -- '{letter}'"));
        };
        let argument = match takes {
            Takes::Nothing => None,
            Takes::Maybe if self.cluster.is_empty() => None,
            Takes::Argument if self.cluster.is_empty() => {
                let next = self.left.pop_front();
                Some(next.ok_or_else(|| format!("option requires an argument -- '{letter}'"))?)
            }
            Takes::Argument | Takes::Maybe => Some(std::mem::take(&mut self.cluster)),
        };
        Ok((letter, argument))
    }

    fn long(&mut self) -> Result<Found, String> {
        let word = self.left.pop_front().unwrap_or_default();
        let text = String::from_utf8_lossy(&word).into_owned();
        let split = word.iter().position(|byte| *byte == b'=');
        let attached = split.map(|at| word[at + 1..].to_vec());
        let given = text.split('=').next().unwrap_or(&text);
        let (name, takes, letter) = self.find_long(given)?;
        let argument = match (takes, attached) {
            (Takes::Nothing, Some(_)) => return Err(format!("option '--{name}' doesn't allow an argument")),
            (Takes::Argument, None) => {
                Some(self.left.pop_front().ok_or_else(|| format!("option '--{name}' requires an argument"))?)
            }
            (_, attached) => attached,
        };
        Ok((letter, argument))
    }

    /// Finds an option by its name or an unambiguous beginning of it.
    fn find_long(&self, given: &str) -> Result<Long, String> {
        let wanted = given.strip_prefix("--").unwrap_or(given);
        let all = || self.spec.long.iter().chain(COMMON);
        if let Some(exact) = all().find(|(name, ..)| *name == wanted) {
            return Ok(*exact);
        }
        let found: Vec<&Long> = all().filter(|(name, ..)| name.starts_with(wanted)).collect();
        match found.as_slice() {
            [] => Err(format!("unrecognized option '{given}'")),
            [one] => Ok(**one),
            [first, rest @ ..] if rest.iter().all(|(_, takes, letter)| (*takes, *letter) == (first.1, first.2)) => {
                Ok(**first)
            }
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

    const SPEC: Spec = Spec {
        short: &[('a', Takes::Nothing), ('b', Takes::Argument), ('c', Takes::Maybe)],
        long: &[("all", Takes::Nothing, 'a'), ("max-args", Takes::Argument, 'b'), ("max-lines", Takes::Maybe, 'c')],
    };

    /// Options with their arguments, and operands.
    type Read = (Vec<(char, Option<String>)>, Vec<String>);

    fn read(words: &[&str]) -> Result<Read, String> {
        let mut arguments = Arguments::new(&SPEC, words.iter().map(|word| word.as_bytes().to_vec()).collect());
        let mut found = Vec::new();
        while let Some((letter, argument)) = arguments.next()? {
            found.push((letter, argument.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())));
        }
        let rest = arguments.rest().iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
        Ok((found, rest))
    }

    #[test]
    fn options_end_at_the_first_operand() {
        let (found, rest) = read(&["-ab", "x", "-c", "-c1", "--max-a=y", "--", "-a", "z"]).expect("well-formed");
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(found, [('a', None), ('b', text("x")), ('c', None), ('c', text("1")), ('b', text("y"))]);
        assert_eq!(rest, ["-a", "z"]);
        assert_eq!(read(&["x", "-a"]), Ok((Vec::new(), vec!["x".to_owned(), "-a".to_owned()])));
        assert_eq!(read(&["-"]), Ok((Vec::new(), vec!["-".to_owned()])));
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
