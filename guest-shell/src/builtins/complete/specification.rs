//! What `complete` says about one command: options, actions, word lists, patterns; and how that is printed.

use std::collections::BTreeMap;

use crate::vars::quote_single;

/// The name of the specification for commands without one (`-D`).
pub(super) const COMMAND_DEFAULT: &[u8] = b"_DefaultCmD_";
/// The name of the specification for an empty command (`-E`).
pub(super) const COMMAND_EMPTY: &[u8] = b"_EmptycmD_";
/// The name of the specification for the first word (`-I`).
pub(super) const WORD_INITIAL: &[u8] = b"_InitialWorD_";

/// The names of `-o`, in the order they are printed; a bit each.
pub(super) const OPTIONS: &[&str] =
    &["bashdefault", "default", "dirnames", "filenames", "noquote", "nosort", "nospace", "plusdirs"];

/// The actions with their letters (0: only `-A`), first in the order they are printed: letters, then the others.
const ACTIONS: &[(u8, &str)] = &[
    (b'a', "alias"),
    (b'b', "builtin"),
    (b'c', "command"),
    (b'd', "directory"),
    (b'e', "export"),
    (b'f', "file"),
    (b'g', "group"),
    (b'j', "job"),
    (b'k', "keyword"),
    (b's', "service"),
    (b'u', "user"),
    (b'v', "variable"),
    (0, "arrayvar"),
    (0, "binding"),
    (0, "disabled"),
    (0, "enabled"),
    (0, "function"),
    (0, "helptopic"),
    (0, "hostname"),
    (0, "running"),
    (0, "setopt"),
    (0, "shopt"),
    (0, "signal"),
    (0, "stopped"),
];

/// The buckets of bash's table of specifications, which is listed in its order.
const BUCKETS: u32 = 512;

/// Specifications by command name.
pub(crate) type Specifications = BTreeMap<Vec<u8>, Specification>;

/// How one command's arguments are completed.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Specification {
    /// Bits of [`OPTIONS`].
    pub(super) options: u16,
    /// Bits of [`ACTIONS`].
    actions: u32,
    pub(super) glob: Option<Vec<u8>>,
    pub(super) words: Option<Vec<u8>>,
    pub(super) prefix: Option<Vec<u8>>,
    pub(super) suffix: Option<Vec<u8>>,
    pub(super) filter: Option<Vec<u8>>,
    pub(super) function: Option<Vec<u8>>,
    pub(super) command: Option<Vec<u8>>,
}

impl Specification {
    /// Takes one option of `complete` or `compgen`.
    ///
    /// # Errors
    /// The message for a value that is none of the option's.
    pub(super) fn take(&mut self, letter: u8, value: Option<&[u8]>) -> Result<(), Vec<u8>> {
        let text = || value.map(<[u8]>::to_vec);
        match letter {
            b'o' => self.take_option(value.unwrap_or_default())?,
            b'A' => {
                let name = value.unwrap_or_default();
                let at = ACTIONS.iter().position(|(_, known)| known.as_bytes() == name);
                let at = at.ok_or_else(|| [name, b": invalid action name"].concat())?;
                self.actions |= 1 << at;
            }
            b'G' => self.glob = text(),
            b'W' => self.words = text(),
            b'P' => self.prefix = text(),
            b'S' => self.suffix = text(),
            b'X' => self.filter = text(),
            b'C' => self.command = text(),
            b'F' => {
                let name = value.unwrap_or_default();
                if name.iter().any(|byte| b" \t\n|&;()<>".contains(byte)) {
                    return Err([b"`", name, b"': not a valid identifier"].concat());
                }
                self.function = text();
            }
            letter => {
                if let Some(at) = ACTIONS.iter().position(|(known, _)| *known == letter) {
                    self.actions |= 1 << at;
                }
            }
        }
        Ok(())
    }

    fn take_option(&mut self, name: &[u8]) -> Result<(), Vec<u8>> {
        let at = OPTIONS.iter().position(|known| known.as_bytes() == name);
        let at = at.ok_or_else(|| [name, b": invalid option name"].concat())?;
        self.options |= 1 << at;
        Ok(())
    }

    /// The length of its texts.
    pub(crate) fn bytes(&self) -> usize {
        let texts = [&self.glob, &self.words, &self.prefix, &self.suffix, &self.filter, &self.function, &self.command];
        texts.into_iter().flatten().map(Vec::len).sum()
    }

    /// Whether an option of `-o` is on.
    pub(super) fn has_option(&self, name: &str) -> bool {
        OPTIONS.iter().position(|known| *known == name).is_some_and(|at| self.options & (1 << at) != 0)
    }

    /// Whether an action was asked for.
    pub(super) fn has_action(&self, name: &str) -> bool {
        ACTIONS.iter().position(|(_, known)| *known == name).is_some_and(|at| self.actions & (1 << at) != 0)
    }

    /// The `complete` command that makes this specification.
    pub(super) fn command_line(&self, name: &[u8]) -> Vec<u8> {
        let mut line = b"complete".to_vec();
        for (at, option) in OPTIONS.iter().enumerate().filter(|(at, _)| self.options & (1 << at) != 0) {
            debug_assert!(at < OPTIONS.len());
            line.extend_from_slice(b" -o ");
            line.extend_from_slice(option.as_bytes());
        }
        for (_, (letter, action)) in ACTIONS.iter().enumerate().filter(|(at, _)| self.actions & (1 << at) != 0) {
            match letter {
                0 => line.extend_from_slice(&[b" -A ", action.as_bytes()].concat()),
                letter => line.extend_from_slice(&[b' ', b'-', *letter]),
            }
        }
        let quoted = [
            (b'G', &self.glob),
            (b'W', &self.words),
            (b'P', &self.prefix),
            (b'S', &self.suffix),
            (b'X', &self.filter),
            (b'C', &self.command),
        ];
        for (letter, value) in quoted {
            if let Some(value) = value {
                let value = if value.is_empty() { b"''".to_vec() } else { quote_single(value) };
                line.extend_from_slice(&[&[b' ', b'-', letter, b' '][..], &value].concat());
            }
        }
        if let Some(function) = &self.function {
            line.extend_from_slice(&[b" -F ", function.as_slice()].concat());
        }
        line.push(b' ');
        line.extend(shown_name(name));
        line
    }
}

/// The name of a specification as an argument of `complete`.
fn shown_name(name: &[u8]) -> Vec<u8> {
    match name {
        COMMAND_DEFAULT => b"-D".to_vec(),
        COMMAND_EMPTY => b"-E".to_vec(),
        WORD_INITIAL => b"-I".to_vec(),
        b"" => b"''".to_vec(),
        name if name.iter().any(|byte| b" \t\n|&;()<>'\"\\$`*?[]#~=%!{}^".contains(byte)) => quote_single(name),
        name => name.to_vec(),
    }
}

/// The `compopt` command that makes these options.
pub(super) fn options_line(options: u16, name: &[u8]) -> Vec<u8> {
    let mut line = b"compopt".to_vec();
    for (at, option) in OPTIONS.iter().enumerate() {
        let sign = if options & (1 << at) != 0 { '-' } else { '+' };
        line.extend_from_slice(format!(" {sign}o {option}").as_bytes());
    }
    if !name.is_empty() {
        line.push(b' ');
        line.extend(shown_name(name));
    }
    line
}

/// All specifications in the order bash lists them.
pub(super) fn in_order(all: &Specifications) -> Vec<(&Vec<u8>, &Specification)> {
    crate::builtins::in_bucket_order(all.iter(), BUCKETS)
}
