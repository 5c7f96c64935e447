//! The encoded form of what changes seldom: functions, aliases, traps, lists.
//!
//! Each such part sits behind an `Rc` that is made anew when the part changes, so its encoding holds as long as the
//! `Rc` is the same. Only weak references are kept: they keep the address from being used again, and whoever changes
//! a part that nobody else shares moves it and copies nothing. Subshells share the encodings with their parent.

use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use crate::builtins::{History, Specifications};
use crate::exec::HashTable;
use crate::parse::Aliases;
use crate::shell::{Function, Shell};
use crate::traps::Event;

use super::sections;

/// What was encoded last.
#[derive(Default)]
pub(super) struct Parts {
    functions: Part<BTreeMap<Vec<u8>, Function>>,
    aliases: Part<Aliases>,
    traps: Part<BTreeMap<Event, Rc<[u8]>>>,
    history: Part<History>,
    directories: Part<Vec<Vec<u8>>>,
    completions: Part<Specifications>,
    commands: Part<HashTable>,
}

/// A part of the shell and its encoding.
struct Part<T> {
    of: Weak<T>,
    bytes: Rc<[u8]>,
}

impl<T> Default for Part<T> {
    fn default() -> Part<T> {
        Part { of: Weak::new(), bytes: Rc::default() }
    }
}

impl<T> Part<T> {
    fn encoded(&mut self, value: &Rc<T>, encode: impl FnOnce(&T) -> Vec<u8>) -> Rc<[u8]> {
        if !std::ptr::eq(self.of.as_ptr(), Rc::as_ptr(value)) {
            self.know(value, encode(value).into());
        }
        Rc::clone(&self.bytes)
    }

    fn know(&mut self, value: &Rc<T>, bytes: Rc<[u8]>) {
        *self = Part { of: Rc::downgrade(value), bytes };
    }
}

impl Parts {
    /// The sections of these parts, encoded when they changed.
    pub(super) fn sections(&mut self, shell: &Shell) -> [(u32, Rc<[u8]>); 7] {
        let builtins = &shell.builtins;
        [
            (sections::FUNCTIONS, self.functions.encoded(&shell.functions, sections::functions)),
            (sections::ALIASES, self.aliases.encoded(&shell.aliases, sections::aliases)),
            (sections::TRAPS, self.traps.encoded(shell.traps.commands(), sections::traps)),
            (sections::HISTORY, self.history.encoded(&builtins.history, sections::history)),
            (
                sections::DIRECTORIES,
                self.directories.encoded(&builtins.directories, |list| sections::directories(list)),
            ),
            (sections::COMPLETIONS, self.completions.encoded(&builtins.completions, sections::completions)),
            (sections::COMMANDS, self.commands.encoded(&shell.exec.hash, sections::commands)),
        ]
    }

    /// Takes the bytes that the shell's functions were just decoded from: they need not be encoded again.
    pub(super) fn know_functions(&mut self, shell: &Shell, bytes: &[u8]) {
        self.functions.know(&shell.functions, bytes.into());
    }
}
