//! Options as `getopt_long` of glibc reads them, with its diagnostics: letters that share a word, attached arguments, long
//! names as short as they stay unambiguous, operands anywhere or at the end.
//!
//! What an option means is the program's affair, and so is whether a diagnostic is followed by a hint at `--help`.

mod grammar;

use std::collections::VecDeque;

pub use grammar::{Grammar, HELP, Letters, Table, Takes, VERSION};

/// An option that was read, and its argument.
pub type Found<K> = (K, Option<Vec<u8>>);

/// A whole command line: options in their order, then operands.
pub type CommandLine<K> = (Vec<Found<K>>, Vec<Vec<u8>>);

/// One thing of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item<K> {
    /// An option and its argument.
    Option(K, Option<Vec<u8>>),
    /// An operand.
    Operand(Vec<u8>),
}

/// Where options may stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Among the operands, up to `--`.
    #[default]
    Anywhere,
    /// Before the first operand.
    BeforeOperands,
}

impl Order {
    /// Returns where GNU's programs look for options: anywhere, unless `POSIXLY_CORRECT` is set.
    #[must_use]
    pub fn of_environment() -> Self {
        if std::env::var_os("POSIXLY_CORRECT").is_some() { Self::BeforeOperands } else { Self::Anywhere }
    }
}

/// The arguments of a program that are still to be read.
pub struct OptionReader<'g, G: Grammar> {
    grammar: &'g G,
    order: Order,
    left: VecDeque<Vec<u8>>,
    /// The rest of the letters that share a word.
    cluster: VecDeque<u8>,
    /// Only operands are left.
    ended: bool,
}

impl<'g, G: Grammar> OptionReader<'g, G> {
    /// Returns a reader of the arguments behind a program's name.
    pub fn new(grammar: &'g G, order: Order, arguments: Vec<Vec<u8>>) -> Self {
        Self { grammar, order, left: arguments.into(), cluster: VecDeque::new(), ended: false }
    }

    /// Reads the next option or operand.
    ///
    /// # Errors
    ///
    /// The diagnostic about a mistake.
    #[expect(clippy::should_implement_trait, reason = "a mistake ends it: it is not to be collected or filtered")]
    pub fn next(&mut self) -> Result<Option<Item<G::Key>>, String> {
        if let Some((key, argument)) = self.next_option()? {
            return Ok(Some(Item::Option(key, argument)));
        }
        self.ended |= self.order == Order::BeforeOperands;
        Ok(self.left.pop_front().map(Item::Operand))
    }

    /// Reads the next option, up to the next operand.
    ///
    /// # Errors
    ///
    /// The diagnostic about a mistake.
    pub fn next_option(&mut self) -> Result<Option<Found<G::Key>>, String> {
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
                self.cluster = self.left.pop_front().unwrap_or_default().split_off(1).into();
                self.short().map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Reads all that is left.
    ///
    /// # Errors
    ///
    /// The diagnostic about the first mistake.
    pub fn read_all(mut self) -> Result<CommandLine<G::Key>, String> {
        let (mut options, mut operands) = (Vec::new(), Vec::new());
        while let Some(item) = self.next()? {
            match item {
                Item::Option(key, argument) => options.push((key, argument)),
                Item::Operand(operand) => operands.push(operand),
            }
        }
        Ok((options, operands))
    }

    /// Puts arguments before those that are left.
    pub fn insert(&mut self, arguments: Vec<Vec<u8>>) {
        for argument in arguments.into_iter().rev() {
            self.left.push_front(argument);
        }
    }

    /// Returns the next argument unread; none within a word.
    #[must_use]
    pub fn peek(&self) -> Option<&[u8]> {
        self.left.front().map(Vec::as_slice).filter(|_| self.cluster.is_empty())
    }

    /// Takes the next argument as it is.
    pub fn take(&mut self) -> Option<Vec<u8>> {
        self.left.pop_front()
    }

    /// Returns how many arguments are unread; a word whose letters are being read is not one of them.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.left.len()
    }

    /// Returns the arguments that are left, unread.
    #[must_use]
    pub fn rest(self) -> Vec<Vec<u8>> {
        self.left.into()
    }

    fn short(&mut self) -> Result<Found<G::Key>, String> {
        let letter = self.cluster.pop_front().unwrap_or_default();
        let shown = char::from(letter);
        let (takes, key) = self.grammar.short(letter).ok_or_else(|| format!("invalid option -- '{shown}'"))?;
        let argument = match takes {
            Takes::Nothing => None,
            Takes::Maybe if self.cluster.is_empty() => None,
            Takes::Argument if self.cluster.is_empty() => {
                Some(self.left.pop_front().ok_or_else(|| format!("option requires an argument -- '{shown}'"))?)
            }
            Takes::Argument | Takes::Maybe => Some(std::mem::take(&mut self.cluster).into()),
        };
        Ok((key, argument))
    }

    fn long(&mut self) -> Result<Found<G::Key>, String> {
        let word = self.left.pop_front().unwrap_or_default();
        let mut parts = word.splitn(2, |byte| *byte == b'=');
        let given = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
        let attached = parts.next().map(<[u8]>::to_vec);
        let (name, takes, key) = self.find_long(&given)?;
        let argument = match (takes, attached) {
            (Takes::Nothing, Some(_)) => return Err(format!("option '--{name}' doesn't allow an argument")),
            (Takes::Argument, None) => {
                Some(self.left.pop_front().ok_or_else(|| format!("option '--{name}' requires an argument"))?)
            }
            (_, attached) => attached,
        };
        Ok((key, argument))
    }

    /// Finds an option by its name or a beginning of it that is the name of no other.
    fn find_long(&self, given: &str) -> Result<(&'static str, Takes, G::Key), String> {
        let wanted = given.strip_prefix("--").unwrap_or(given);
        if let Some(exact) = self.grammar.long().find(|(name, ..)| *name == wanted) {
            return Ok(exact);
        }
        let found: Vec<_> = self.grammar.long().filter(|(name, ..)| name.starts_with(wanted)).collect();
        match found.as_slice() {
            [] => Err(format!("unrecognized option '{given}'")),
            [first, rest @ ..] if rest.iter().all(|other| (other.1, other.2) == (first.1, first.2)) => Ok(*first),
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

    const LETTERS: Letters =
        Letters { short: "ab:c::+", long: &[("all", 'a'), ("max-args=", 'b'), ("max-lines?", 'c'), ("maximal", 'a')] };

    /// Options with their arguments, and operands.
    type Read = (Vec<(char, Option<String>)>, Vec<String>);

    fn bytes(words: &[&str]) -> Vec<Vec<u8>> {
        words.iter().map(|word| word.as_bytes().to_vec()).collect()
    }

    fn read(order: Order, words: &[&str]) -> Result<Read, String> {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let (options, operands) = OptionReader::new(&LETTERS, order, bytes(words)).read_all()?;
        let options = options.into_iter().map(|(letter, argument)| (letter, argument.map(text))).collect();
        Ok((options, operands.into_iter().map(text).collect()))
    }

    #[test]
    fn options_stand_among_operands_and_operands_follow_two_dashes() {
        let (options, operands) =
            read(Order::Anywhere, &["x", "-ab", "y", "-", "-c", "-c1", "-+", "--max-a=z", "--", "-a"]).expect("right");
        let text = |text: &str| Some(text.to_owned());
        let expected = [('a', None), ('b', text("y")), ('c', None), ('c', text("1")), ('+', None), ('b', text("z"))];
        assert_eq!(options, expected);
        assert_eq!(operands, ["x", "-", "-a"]);
    }

    #[test]
    fn the_first_operand_may_end_the_options() {
        let check = |words: &[&str], n_options: usize, operands: &[&str]| {
            let read = read(Order::BeforeOperands, words).expect("right");
            assert_eq!((read.0.len(), read.1), (n_options, operands.iter().map(|word| (*word).to_owned()).collect()));
        };
        check(&["-a", "x", "-a"], 1, &["x", "-a"]);
        check(&["-a", "--", "-a", "--"], 1, &["-a", "--"]);
        check(&["-", "--", "-a"], 0, &["-", "--", "-a"]);
    }

    #[test]
    fn words_can_be_looked_at_taken_and_inserted() {
        let mut reader = OptionReader::new(&LETTERS, Order::Anywhere, bytes(&["-aa", "one", "two"]));
        assert_eq!(reader.next_option(), Ok(Some(('a', None))));
        assert_eq!((reader.peek(), reader.unread()), (None, 2));
        assert_eq!(reader.next_option(), Ok(Some(('a', None))));
        assert_eq!(reader.peek(), Some(&b"one"[..]));
        reader.insert(bytes(&["-b", "three"]));
        assert_eq!(reader.next_option(), Ok(Some(('b', Some(b"three".to_vec())))));
        assert_eq!(reader.next_option(), Ok(None));
        assert_eq!(reader.take(), Some(b"one".to_vec()));
        assert_eq!(reader.rest(), bytes(&["two"]));
    }

    #[test]
    fn mistakes_are_told_as_glibc_tells_them() {
        let check = |words: &[&str], message: &str| {
            assert_eq!(read(Order::Anywhere, words), Err(message.to_owned()));
        };
        check(&["-az"], "invalid option -- 'z'");
        check(&["-:"], "invalid option -- ':'");
        check(&["-b"], "option requires an argument -- 'b'");
        check(&["--max-args"], "option '--max-args' requires an argument");
        check(&["--all=1"], "option '--all' doesn't allow an argument");
        check(&["--none=1"], "unrecognized option '--none'");
        check(&["--max"], "option '--max' is ambiguous; possibilities: '--max-args' '--max-lines' '--maximal'");
    }

    #[test]
    fn names_of_one_option_are_not_ambiguous() {
        const TABLE: Table<u8> = Table {
            short: &[(b'q', Takes::Nothing, 1)],
            long: &[("quiet", Takes::Nothing, 1), ("quietly", Takes::Nothing, 1)],
        };
        let items = OptionReader::new(&TABLE, Order::Anywhere, bytes(&["--qu", "-q", "--quietly"])).read_all();
        assert_eq!(items, Ok((vec![(1, None); 3], Vec::new())));
    }
}
