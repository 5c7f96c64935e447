//! The characters of IFS, prepared for splitting.

use std::rc::Rc;

use super::text::char_len;
use crate::shell::Shell;
use crate::vars::Name;

/// What a character means for splitting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// Part of a word.
    Ordinary,
    /// A blank of IFS: any number of them is one separator.
    Blank,
    /// Another character of IFS: each one ends a word.
    Separator,
}

/// IFS as a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ifs {
    /// The value, `None` when unset.
    text: Option<Vec<u8>>,
    roles: [Role; 128],
    /// Separators beyond ASCII.
    wide: Vec<Vec<u8>>,
}

impl Ifs {
    pub(crate) fn new(text: Option<&[u8]>) -> Ifs {
        let mut ifs = Ifs { text: text.map(<[u8]>::to_vec), roles: [Role::Ordinary; 128], wide: Vec::new() };
        let mut rest = text.unwrap_or(b" \t\n");
        while !rest.is_empty() {
            let (first, after) = rest.split_at(char_len(rest));
            match first {
                [byte] if *byte < 128 => {
                    let blank = matches!(byte, b' ' | b'\t' | b'\n');
                    ifs.roles[usize::from(*byte)] = if blank { Role::Blank } else { Role::Separator };
                }
                wide => ifs.wide.push(wide.to_vec()),
            }
            rest = after;
        }
        ifs
    }

    /// The role of the character at the begin of `text`, and its length.
    #[inline]
    pub(crate) fn role(&self, text: &[u8]) -> (Role, usize) {
        match text.first() {
            Some(byte) if *byte < 128 => (self.roles[usize::from(*byte)], 1),
            Some(_) => {
                let len = char_len(text);
                let separator = self.wide.iter().any(|wide| *wide == text[..len]);
                (if separator { Role::Separator } else { Role::Ordinary }, len)
            }
            None => (Role::Ordinary, 0),
        }
    }

    /// What joins the words of `"$*"`: the first character of IFS, a blank when it is unset, nothing when it is empty.
    pub(crate) fn joiner(&self) -> &[u8] {
        match &self.text {
            None => b" ",
            Some(text) => &text[..char_len(text)],
        }
    }

    /// IFS is set and empty: nothing is split.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.as_ref().is_some_and(Vec::is_empty)
    }
}

impl Default for Ifs {
    fn default() -> Ifs {
        Ifs::new(None)
    }
}

impl Shell {
    /// The present IFS.
    pub(crate) fn ifs(&mut self) -> Rc<Ifs> {
        let text = self.vars.get(Name::IFS);
        if self.expand.ifs.text.as_deref() != text {
            self.expand.ifs = Rc::new(Ifs::new(text));
        }
        Rc::clone(&self.expand.ifs)
    }
}
