//! The shell's state as bytes: numbered sections, each with a version byte, in postcard's encoding.
//!
//! The same bytes serve shell stages and background processes, hibernation, durability, checkpoints and forks. What
//! is saved is what a session remembers; a child gets the call it runs in as well ([`sections::CALL`]). What did not
//! change since it was encoded or saved last is neither encoded nor saved again.

pub(crate) mod bytes;
mod changes;
mod encoding;
mod environment;
mod parts;
mod room;
mod sections;
mod watch;

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use crate::builtins::alias_text;
use crate::shell::Shell;
use crate::sys::Sys;
use crate::tree::List;

use changes::Changes;
use encoding::{decode, encode, encode_pieces, encode_sized, pieces};
use parts::Parts;

pub(crate) use room::function_bytes;
pub use sections::Section;

/// What a shell remembers of its state's encoding. Clones share it: a subshell encodes nothing that its parent has.
#[derive(Clone, Default)]
pub(crate) struct SavedState {
    parts: Rc<RefCell<Parts>>,
    changes: Rc<RefCell<Changes>>,
}

/// Encodes the whole state for a child that goes on where this shell stands.
pub(crate) fn encode_for_child(shell: &Shell) -> Vec<u8> {
    let encoded = encoded_sections(shell);
    let visible: Vec<_> = shell.vars.visible().collect();
    let variables = sections::variables(&visible, shell.vars.used_bytes());
    let call = sections::call(shell);
    let mut all: Vec<(u32, bytes::Bytes<'_>)> = Vec::with_capacity(encoded.len() + 2);
    all.extend(encoded.iter().map(|(id, data)| (*id, bytes::Bytes(data))));
    all.push((sections::VARIABLES, bytes::Bytes(&variables)));
    all.push((sections::CALL, bytes::Bytes(&call)));
    let size = all.iter().map(|(_, data)| data.0.len() + sections::HEADER_BYTES).sum();
    encode_sized(&all, size)
}

/// Encodes what a child executes.
pub(crate) fn encode_stage(list: &List) -> Vec<u8> {
    encode(list)
}

/// Makes the shell of a child from the bytes its parent sent, with what it executes.
///
/// # Errors
/// The bytes are not what `encode_for_child` and `encode_stage` made.
pub fn decode_child(sys: Rc<dyn Sys>, state: &[u8], stage: &[u8]) -> Result<(Shell, List), String> {
    let sections: Vec<(u32, &[u8])> = decode(state)?;
    let list = decode(stage)?;
    let mut shell = Shell::new(sys, b"bash", &[]);
    sections.into_iter().try_for_each(|(id, data)| shell.load_section(id, data))?;
    Ok((shell, list))
}

fn joined(pieces: &[Section]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(pieces.iter().map(|piece| piece.data.len()).sum());
    pieces.iter().for_each(|piece| whole.extend_from_slice(&piece.data));
    whole
}

/// All sections but the variables and the call, encoded where they changed.
fn encoded_sections(shell: &Shell) -> Vec<(u32, Rc<[u8]>)> {
    let mut encoded =
        vec![(sections::SETTINGS, sections::settings(shell).into()), (sections::LAST, sections::last(shell).into())];
    encoded.extend(shell.saved.parts.borrow_mut().sections(shell));
    encoded
}

impl Shell {
    /// The sections that changed after generation `since` (0: all), each whole and in pieces of at most 1 MiB: a larger
    /// one comes as several with the same id, in order.
    pub fn save_state(&self, since: u64) -> Vec<Section> {
        let changes = self.saved.changes.borrow();
        let mut saved = Vec::new();
        for (id, bytes) in encoded_sections(self) {
            if changes.is_new(id, since) {
                saved.extend(pieces(&bytes).map(|data| Section { id, data }));
            }
        }
        if changes.is_new(sections::ALIASES, since) {
            let text = alias_text(&self.aliases);
            // Also no text is said, for it takes the place of an earlier one.
            let first = text.is_empty().then(Vec::new);
            saved.extend(first.into_iter().chain(pieces(&text)).map(|data| Section { id: sections::ALIAS_TEXT, data }));
        }
        if changes.is_new(sections::VARIABLES, since) {
            let globals = self.vars.globals();
            let globals = globals.iter().map(|(name, var)| (*name, &**var));
            let kept: Vec<_> = globals.filter(|(_, var)| sections::is_saved(var)).collect();
            saved.extend(encode_pieces(&kept).into_iter().map(|data| Section { id: sections::VARIABLES, data }));
        }
        saved
    }

    /// Takes a saved state over this fresh shell.
    ///
    /// # Errors
    /// A section that is not in the shell's format; the shell is then half loaded and to be dropped.
    pub fn load_state(&mut self, saved: &[Section]) -> Result<(), String> {
        for pieces in saved.chunk_by(|piece, next| piece.id == next.id) {
            let (id, data) = match pieces {
                [whole] => (whole.id, Cow::Borrowed(&whole.data[..])),
                [first, ..] => (first.id, Cow::Owned(joined(pieces))),
                [] => continue,
            };
            self.load_section(id, &data)?;
        }
        if !saved.is_empty() {
            self.saved.changes.borrow_mut().begin(self, encoded_sections(self));
        }
        Ok(())
    }

    /// The generation of the state: rises with every run that left something for `save` to answer.
    pub fn generation(&self) -> u64 {
        self.saved.changes.borrow().generation
    }

    /// Notes at the end of a run what changed in it.
    pub(crate) fn note_changes(&mut self) {
        self.saved.changes.borrow_mut().note(self, encoded_sections(self));
    }
}
