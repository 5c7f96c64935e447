//! The shell's state as bytes: numbered sections, each with a version byte, in postcard's encoding.
//!
//! The same bytes serve shell stages and background processes, hibernation, durability, checkpoints and forks. What
//! is saved is what a session remembers; a child gets the call it runs in as well ([`sections::CALL`]).

mod environment;
mod sections;

use std::rc::Rc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::shell::Shell;
use crate::sys::Sys;
use crate::tree::List;

pub use sections::Section;

/// The version of the encoding; another one is refused.
const VERSION: u8 = 1;
/// The largest piece of a section that `save` answers.
const PIECE_BYTES: usize = 1 << 20;

fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    // Nothing in the state can fail to serialise into a growing vector.
    let mut bytes = vec![VERSION];
    if let Ok(body) = postcard::to_allocvec(value) {
        bytes.extend_from_slice(&body);
    }
    bytes
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    match bytes.split_first() {
        Some((&VERSION, body)) => postcard::from_bytes(body).map_err(|error| format!("bad section: {error}")),
        Some((version, _)) => Err(format!("unknown version {version} of a section")),
        None => Err("empty section".to_owned()),
    }
}

/// Encodes the whole state for a child that goes on where this shell stands.
pub(crate) fn encode_for_child(shell: &Shell) -> Vec<u8> {
    encode(&sections::all_for_child(shell))
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
    let sections: Vec<Section> = decode(state)?;
    let list = decode(stage)?;
    let mut shell = Shell::new(sys, b"bash", &[]);
    shell.load_sections(&sections)?;
    Ok((shell, list))
}

impl Shell {
    /// The sections of the state, each at most 1 MiB: a larger one comes as several with the same id, in order.
    /// Empty when nothing changed since generation `since`.
    pub fn save_state(&self, since: u64) -> Vec<Section> {
        if since != 0 && since >= self.exec.generation {
            return Vec::new();
        }
        let mut pieces = Vec::new();
        for section in sections::all_for_session(self) {
            for piece in section.data.chunks(PIECE_BYTES) {
                pieces.push(Section { id: section.id, data: piece.to_vec() });
            }
        }
        pieces
    }

    /// Takes a saved state over this fresh shell.
    ///
    /// # Errors
    /// A section that is not in the shell's format; the shell is then half loaded and to be dropped.
    pub fn load_state(&mut self, pieces: &[Section]) -> Result<(), String> {
        let mut sections: Vec<Section> = Vec::new();
        for piece in pieces {
            match sections.last_mut() {
                Some(last) if last.id == piece.id => last.data.extend_from_slice(&piece.data),
                _ => sections.push(piece.clone()),
            }
        }
        self.load_sections(&sections)
    }

    /// Rises whenever `save` would answer something new.
    pub fn generation(&self) -> u64 {
        self.exec.generation
    }
}
