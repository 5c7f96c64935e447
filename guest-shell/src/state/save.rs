//! Saving a session's shell: which sections changed since the host last asked, and taking them back.
//!
//! | id | section |
//! |---|---|
//! | 1 | specials: status, `$_`, `$!`, options, directory stack |
//! | 2 | variables outside all functions |
//! | 3 | functions |
//! | 4 | aliases |
//! | 5 | traps |

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::shell::Shell;

use super::records::{self, Specials, StateError};

/// The largest piece of a section; a longer one comes in several with the same id, in order.
const PIECE_MAX_BYTES: usize = 1 << 20;

const SPECIALS: u32 = 1;
const VARIABLES: u32 = 2;
const FUNCTIONS: u32 = 3;
const ALIASES: u32 = 4;
const TRAPS: u32 = 5;

/// A part of the saved state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Which part; stable across versions.
    pub id: u32,
    /// Its bytes, at most 1 MiB.
    pub data: Vec<u8>,
}

/// What was saved when, so that only what changed is saved again.
#[derive(Debug, Default)]
pub struct SaveLog {
    /// For each section: a hash of its bytes and the generation in which they were first seen.
    seen: BTreeMap<u32, (u64, u64)>,
}

impl SaveLog {
    /// Returns the sections of `shell` that changed after generation `since` (0: all of them).
    pub fn save(&mut self, shell: &Shell, since: u64) -> Vec<Section> {
        let generation = shell.exec.generation;
        let mut changed = Vec::new();
        for (id, data) in sections(shell) {
            let hash = fnv(&data);
            let seen = self.seen.entry(id).or_insert((hash, generation));
            if seen.0 != hash {
                *seen = (hash, generation);
            }
            if since == 0 || seen.1 > since {
                changed.extend(data.chunks(PIECE_MAX_BYTES).map(|piece| Section { id, data: piece.to_vec() }));
            }
        }
        changed
    }
}

fn sections(shell: &Shell) -> [(u32, Vec<u8>); 5] {
    [
        (SPECIALS, records::encode(&Specials::of(shell))),
        (VARIABLES, records::encode_variables(&shell.vars.globals())),
        (FUNCTIONS, records::encode_functions(shell)),
        (ALIASES, records::encode(&*shell.aliases)),
        (TRAPS, records::encode(&records::trap_records(&shell.traps))),
    ]
}

/// FNV-1a over eight bytes at a time: it only has to notice a change.
fn fnv(data: &[u8]) -> u64 {
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let mut hash = 0xcbf2_9ce4_8422_2325u64 ^ data.len() as u64;
    let mut blocks = data.chunks_exact(8);
    for block in &mut blocks {
        let word = block.iter().rev().fold(0u64, |word, byte| (word << 8) | u64::from(*byte));
        hash = (hash ^ word).wrapping_mul(PRIME);
        hash ^= hash >> 29;
    }
    for byte in blocks.remainder() {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
    }
    hash
}

impl Shell {
    /// Makes this fresh shell the saved one. Sections that are absent leave what the fresh shell has.
    ///
    /// # Errors
    /// A section is not of this version; the shell is then of no use.
    pub fn restore(&mut self, sections: &[Section]) -> Result<(), StateError> {
        let mut whole: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
        for section in sections {
            whole.entry(section.id).or_default().extend_from_slice(&section.data);
        }
        for (id, data) in &whole {
            match *id {
                SPECIALS => records::decode::<Specials>(data)?.apply(self),
                VARIABLES => records::apply_variables(self, data)?,
                FUNCTIONS => records::apply_functions(self, data)?,
                ALIASES => self.aliases = Rc::new(records::decode(data)?),
                TRAPS => self.traps = records::traps_of(records::decode(data)?),
                // A later shell may know more; what this one does not know it cannot keep.
                _ => {}
            }
        }
        Ok(())
    }
}
