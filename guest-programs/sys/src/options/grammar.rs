//! What a program understands: its options by letter and by name, and what they take.

/// Whether an option has an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// None.
    Nothing,
    /// One: the rest of the word, or else the next word.
    Argument,
    /// One that is attached to it, if any.
    Maybe,
}

/// The options of a program.
pub trait Grammar {
    /// What the program calls an option.
    type Key: Copy + PartialEq;

    /// Returns what the option of a letter takes and is called, if there is one.
    fn short(&self, letter: u8) -> Option<(Takes, Self::Key)>;

    /// Returns the long options: name, what it takes, what it is called.
    fn long(&self) -> impl Iterator<Item = (&'static str, Takes, Self::Key)>;
}

/// The letter of `--help`, which every program of [`Letters`] has.
pub const HELP: char = '\u{1}';
/// The letter of `--version`, likewise.
pub const VERSION: char = '\u{2}';

/// Options that are called by letters, as `getopt(3)` and `getopt_long(3)` write them.
#[derive(Clone, Copy, Debug)]
pub struct Letters {
    /// Letters; `:` behind one means an argument, `::` one that is attached if there is any.
    pub short: &'static str,
    /// Names with the letters that stand for them; `=` behind a name means an argument, `?` an optional one. `help` and
    /// `version` belong to every program.
    pub long: &'static [(&'static str, char)],
}

impl Grammar for Letters {
    type Key = char;

    fn short(&self, letter: u8) -> Option<(Takes, char)> {
        let letter = char::from(letter);
        let at = self.short.find(letter).filter(|_| letter != ':')?;
        let behind = self.short.get(at + letter.len_utf8()..)?;
        let takes = match behind.as_bytes() {
            [b':', b':', ..] => Takes::Maybe,
            [b':', ..] => Takes::Argument,
            _ => Takes::Nothing,
        };
        Some((takes, letter))
    }

    fn long(&self) -> impl Iterator<Item = (&'static str, Takes, char)> {
        const COMMON: &[(&str, char)] = &[("help", HELP), ("version", VERSION)];
        self.long.iter().chain(COMMON).map(|(entry, letter)| {
            let takes = match entry.as_bytes().last() {
                Some(b'=') => Takes::Argument,
                Some(b'?') => Takes::Maybe,
                _ => Takes::Nothing,
            };
            (entry.trim_end_matches(['=', '?']), takes, *letter)
        })
    }
}

/// Options by tables, called whatever the program likes.
#[derive(Clone, Copy, Debug)]
pub struct Table<K: 'static> {
    /// Letters.
    pub short: &'static [(u8, Takes, K)],
    /// Names.
    pub long: &'static [(&'static str, Takes, K)],
}

impl<K: Copy + PartialEq> Grammar for Table<K> {
    type Key = K;

    fn short(&self, letter: u8) -> Option<(Takes, K)> {
        self.short.iter().find(|(known, ..)| *known == letter).map(|(_, takes, key)| (*takes, *key))
    }

    fn long(&self) -> impl Iterator<Item = (&'static str, Takes, K)> {
        self.long.iter().copied()
    }
}
