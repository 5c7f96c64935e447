//! `getopt_long` over a grammar that a script gives, one item at a time.

use std::collections::VecDeque;

/// What a parameter is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// A short option; a word, which may be empty, for one that can have an argument.
    Short(u8, Option<Vec<u8>>),
    /// A long option.
    Long(String, Option<Vec<u8>>),
    /// An operand in its place.
    Operand(Vec<u8>),
    /// A mistake, and how it is told.
    Wrong(String),
}

/// What is done with operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// They are put behind the options.
    Permute,
    /// The first ends the options.
    Stop,
    /// They stay where they are.
    InPlace,
}

/// The parameters that are left, and the operands that were put aside.
pub(super) struct Reader {
    pub(super) short: String,
    pub(super) long: Vec<String>,
    pub(super) alternative: bool,
    pub(super) order: Order,
    pub(super) left: VecDeque<Vec<u8>>,
    pub(super) cluster: Vec<u8>,
    pub(super) operands: Vec<Vec<u8>>,
    pub(super) is_over: bool,
}

impl Reader {
    /// Reads the next item; `None` when only operands are left.
    pub(super) fn next(&mut self) -> Option<Item> {
        while self.cluster.is_empty() && !self.is_over {
            let word = self.left.pop_front()?;
            match word.as_slice() {
                b"--" => self.is_over = true,
                [b'-', b'-', name @ ..] => return Some(self.long_option("--", name)),
                [b'-', name @ ..] if !name.is_empty() => {
                    let known = name.len() > 1 || !self.short.as_bytes().contains(&name[0]);
                    if self.alternative && known && (self.is_long(name) || !self.short.as_bytes().contains(&name[0])) {
                        return Some(self.long_option("-", name));
                    }
                    self.cluster = name.to_vec();
                }
                _ => match self.order {
                    Order::Permute => self.operands.push(word),
                    Order::InPlace => return Some(Item::Operand(word)),
                    Order::Stop => {
                        self.left.push_front(word);
                        self.is_over = true;
                    }
                },
            }
        }
        if self.cluster.is_empty() { None } else { Some(self.short_option()) }
    }

    fn short_option(&mut self) -> Item {
        let letter = self.cluster.remove(0);
        let at = self.short.bytes().position(|known| known == letter).filter(|_| letter != b':');
        let Some(at) = at else { return Item::Wrong(format!("invalid option -- '{}'", char::from(letter))) };
        let behind = self.short.get(at + 1..).unwrap_or_default();
        if !behind.starts_with(':') {
            return Item::Short(letter, None);
        }
        if !self.cluster.is_empty() {
            return Item::Short(letter, Some(std::mem::take(&mut self.cluster)));
        }
        if behind.starts_with("::") {
            return Item::Short(letter, Some(Vec::new()));
        }
        match self.left.pop_front() {
            Some(argument) => Item::Short(letter, Some(argument)),
            None => Item::Wrong(format!("option requires an argument -- '{}'", char::from(letter))),
        }
    }

    fn is_long(&self, word: &[u8]) -> bool {
        let name = name_of(word);
        self.long.iter().any(|known| bare(known).starts_with(&name))
    }

    fn long_option(&mut self, dashes: &str, word: &[u8]) -> Item {
        let name = name_of(word);
        let attached =
            word.iter().position(|byte| *byte == b'=').map(|at| word.get(at + 1..).unwrap_or_default().to_vec());
        let exact: Vec<&String> = self.long.iter().filter(|known| bare(known) == name).collect();
        let near: Vec<&String> = self.long.iter().filter(|known| bare(known).starts_with(&name)).collect();
        let known = match (exact.first(), near.as_slice()) {
            (Some(exact), _) => (*exact).clone(),
            (None, [one]) => (*one).clone(),
            (None, []) => return Item::Wrong(format!("unrecognized option '{dashes}{name}'")),
            (None, several) => {
                let names: String = several.iter().map(|known| format!(" '{dashes}{}'", bare(known))).collect();
                return Item::Wrong(format!("option '{dashes}{name}' is ambiguous; possibilities:{names}"));
            }
        };
        let name = bare(&known).to_owned();
        let takes = known.len() - name.len();
        match (takes, attached) {
            (0, Some(_)) => Item::Wrong(format!("option '{dashes}{name}' doesn't allow an argument")),
            (0, None) => Item::Long(name, None),
            (_, Some(argument)) => Item::Long(name, Some(argument)),
            (1, None) => match self.left.pop_front() {
                Some(argument) => Item::Long(name, Some(argument)),
                None => Item::Wrong(format!("option '{dashes}{name}' requires an argument")),
            },
            (_, None) => Item::Long(name, Some(Vec::new())),
        }
    }
}

fn bare(known: &str) -> &str {
    known.trim_end_matches(':')
}

fn name_of(word: &[u8]) -> String {
    String::from_utf8_lossy(word.split(|byte| *byte == b'=').next().unwrap_or_default()).into_owned()
}
