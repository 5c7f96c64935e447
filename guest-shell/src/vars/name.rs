//! Interned variable names.
//!
//! A [`Name`] is a small number that stands for the bytes of a name, so that the tree, compiled arithmetic and the
//! variable table meet without hashing text. The interner belongs to the thread (the shell has one) and only grows:
//! an instance whose memory has grown large is dropped and re-created between runs, which empties it. Serialised,
//! a name is its text.

use std::cell::RefCell;

/// The name of a variable, cheap to copy and to compare.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(u32);

macro_rules! well_known {
    ($($id:ident),* $(,)?) => {
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "the variants are shell variables")]
        #[repr(u32)]
        enum WellKnown { $($id),* }
        /// Names the shell itself uses; `Name::IFS` and so on are known without a look-up.
        impl Name {
            $(
                #[doc = concat!("The name `", stringify!($id), "`.")]
                pub const $id: Name = Name(WellKnown::$id as u32);
            )*
        }
        const WELL_KNOWN: &[&[u8]] = &[$(stringify!($id).as_bytes()),*];
    };
}

well_known!(
    IFS,
    HOME,
    PATH,
    PWD,
    OLDPWD,
    PS1,
    PS2,
    PS3,
    PS4,
    REPLY,
    OPTIND,
    OPTARG,
    OPTERR,
    RANDOM,
    SRANDOM,
    SECONDS,
    LINENO,
    BASHPID,
    PPID,
    UID,
    EUID,
    GROUPS,
    EPOCHSECONDS,
    EPOCHREALTIME,
    FUNCNAME,
    BASH_SOURCE,
    BASH_LINENO,
    PIPESTATUS,
    BASH_SUBSHELL,
    BASH_REMATCH,
    BASH_COMMAND,
    BASH_VERSION,
    BASH_VERSINFO,
    BASH,
    BASHOPTS,
    SHELLOPTS,
    DIRSTACK,
    HISTCMD,
    BASH_ARGC,
    BASH_ARGV,
    BASH_ARGV0,
    BASH_ALIASES,
    BASH_CMDS,
    GLOBIGNORE,
    POSIXLY_CORRECT,
    FUNCNEST,
    MAPFILE,
    COPROC,
    SHLVL,
    HOSTNAME,
    HOSTTYPE,
    MACHTYPE,
    OSTYPE,
    TERM,
    LANG,
    LC_ALL,
    TMOUT,
    IGNOREEOF,
    CDPATH,
    ENV,
    BASH_ENV,
    HISTFILE,
    HISTSIZE,
    EXECIGNORE,
    FIGNORE,
    PROMPT_COMMAND,
    COLUMNS,
    LINES,
    TIMEFORMAT,
    COMPREPLY,
    COMP_WORDS,
    COMP_CWORD,
    COMP_LINE,
    COMP_POINT,
    BASH_EXECUTION_STRING,
    BASH_COMPAT,
    MAIL,
    USER,
    LOGNAME,
    SHELL,
    INPUTRC,
    TMPDIR,
    BASH_LOADABLES_PATH,
    BASH_TRAPSIG,
    BASH_MONOSECONDS,
    UNDERSCORE
);

impl Name {
    /// Interns `text`. Equal bytes give equal names.
    pub fn new(text: &[u8]) -> Name {
        NAMES.with_borrow_mut(|names| names.intern(text))
    }

    /// The bytes of the name.
    pub fn bytes(self) -> &'static [u8] {
        NAMES.with_borrow(|names| names.texts.get(self.index()).copied().unwrap_or(b""))
    }

    /// Whether it is one of the constants: names whose assignment may mean something to the shell.
    #[inline]
    pub(crate) fn is_well_known(self) -> bool {
        self.index() < WELL_KNOWN.len()
    }

    /// Position in tables that are indexed by name.
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }

    /// The name that stands at `index`, the inverse of [`Name::index`].
    pub(crate) fn at(index: usize) -> Name {
        Name(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", String::from_utf8_lossy(self.bytes()))
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", String::from_utf8_lossy(self.bytes()))
    }
}

impl From<&[u8]> for Name {
    fn from(text: &[u8]) -> Name {
        Name::new(text)
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Name {
        Name::new(text.as_bytes())
    }
}

impl serde::Serialize for Name {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.bytes())
    }
}

impl<'de> serde::Deserialize<'de> for Name {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Name;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the bytes of a name")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Name, E> {
                Ok(Name::new(bytes))
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Name, A::Error> {
                let mut bytes = Vec::new();
                while let Some(byte) = seq.next_element()? {
                    bytes.push(byte);
                }
                Ok(Name::new(&bytes))
            }
        }
        deserializer.deserialize_bytes(Visitor)
    }
}

thread_local! {
    static NAMES: RefCell<Names> = RefCell::new(Names::new());
}

/// Texts by number, and an open-addressing index from text to number.
struct Names {
    texts: Vec<&'static [u8]>,
    /// Number + 1 at its hash slot or the next free one; 0 is free. The length is a power of two.
    index: Vec<u32>,
}

impl Names {
    fn new() -> Names {
        let mut names = Names { texts: Vec::with_capacity(256), index: vec![0; 512] };
        for text in WELL_KNOWN {
            // The one name that is no identifier of Rust.
            names.intern(if *text == b"UNDERSCORE" { b"_" } else { text });
        }
        names
    }

    fn intern(&mut self, text: &[u8]) -> Name {
        let slot = self.slot_of(text);
        if let Some(found) = self.index[slot].checked_sub(1) {
            return Name(found);
        }
        let id = u32::try_from(self.texts.len()).expect("fewer names than bytes of a 32-bit memory");
        self.texts.push(Box::leak(text.to_vec().into_boxed_slice()));
        self.index[slot] = id + 1;
        if self.texts.len() * 2 > self.index.len() {
            self.grow();
        }
        Name(id)
    }

    /// The slot that holds `text`, or the free one where it belongs.
    fn slot_of(&self, text: &[u8]) -> usize {
        let mask = self.index.len() - 1;
        let mut slot = hash(text) as usize & mask;
        while let Some(id) = self.index[slot].checked_sub(1) {
            if self.texts[id as usize] == text {
                break;
            }
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        self.index = vec![0; self.index.len() * 2];
        for (id, text) in (0u32..).zip(self.texts.clone()) {
            let slot = self.slot_of(text);
            self.index[slot] = id + 1;
        }
    }
}

/// FNV-1a, fixed so that a script costs the same fuel in every instance.
pub(crate) fn hash(text: &[u8]) -> u32 {
    text.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// True when `text` is a valid name of a variable.
pub fn is_name(text: &[u8]) -> bool {
    match text.split_first() {
        Some((first, rest)) => {
            (first.is_ascii_alphabetic() || *first == b'_')
                && rest.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bytes_give_equal_names() {
        for i in 0..2000 {
            let text = format!("name{i}");
            assert_eq!(Name::new(text.as_bytes()), Name::new(text.as_bytes()));
            assert_eq!(Name::new(text.as_bytes()).bytes(), text.as_bytes());
        }
        assert_eq!(Name::new(b"IFS"), Name::IFS);
        assert_eq!(Name::new(b"_"), Name::UNDERSCORE);
    }
}
