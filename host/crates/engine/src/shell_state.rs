//! The saved state of a session's shell: numbered sections of bytes only the shell understands.
//!
//! Owns the merge of what one `save` answers into what was saved before. The bytes are shared, so a copy (checkpoint,
//! fork) costs nothing.

use std::collections::BTreeMap;

use bytes::Bytes;

/// All of a saved state together; the shell keeps itself below it at every assignment, the host checks it.
pub(crate) const STATE_MAX_BYTES: usize = 16 << 20;

/// What a shell remembers beside files and process data. The default is a shell that has not run yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShellState {
    // Sections by number; one longer than a piece is several pieces in order. No piece is missing from the sum.
    sections: BTreeMap<u32, Vec<Bytes>>,
    bytes: usize,
}

/// The state would exceed what a session may keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the shell's state is larger than {STATE_MAX_BYTES} bytes")]
pub struct StateTooLarge;

impl ShellState {
    /// Makes a state of sections as [`ShellState::sections`] lists them.
    ///
    /// # Errors
    ///
    /// [`StateTooLarge`] beyond 16 MiB.
    pub fn from_sections(sections: impl IntoIterator<Item = (u32, Bytes)>) -> Result<Self, StateTooLarge> {
        Self::default().merged(sections)
    }

    /// Lists the pieces: number and data, pieces of one section together and in order.
    pub fn sections(&self) -> impl Iterator<Item = (u32, &Bytes)> {
        self.sections.iter().flat_map(|(id, pieces)| pieces.iter().map(move |piece| (*id, piece)))
    }

    /// Tells whether the shell has never been saved.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// Bytes of all sections.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Replaces the sections that `changed` names and keeps the others.
    pub(crate) fn merged(&self, changed: impl IntoIterator<Item = (u32, Bytes)>) -> Result<Self, StateTooLarge> {
        let mut fresh: BTreeMap<u32, Vec<Bytes>> = BTreeMap::new();
        for (id, data) in changed {
            fresh.entry(id).or_default().push(data);
        }
        let mut sections = self.sections.clone();
        sections.extend(fresh);
        let bytes = sections.values().flatten().map(Bytes::len).sum();
        if bytes > STATE_MAX_BYTES { Err(StateTooLarge) } else { Ok(Self { sections, bytes }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(id: u32, text: &'static str) -> (u32, Bytes) {
        (id, Bytes::from_static(text.as_bytes()))
    }

    #[test]
    fn a_save_replaces_whole_sections_and_keeps_the_others() {
        let first = ShellState::from_sections([piece(1, "a"), piece(2, "b1"), piece(2, "b2")]).expect("small");
        let second = first.merged([piece(2, "c")]).expect("small");
        let listed: Vec<_> = second.sections().map(|(id, data)| (id, data.clone())).collect();
        assert_eq!(listed, [piece(1, "a"), piece(2, "c")]);
        assert_eq!(second.bytes(), 2);
        assert_eq!(first.bytes(), 5);
    }

    #[test]
    fn a_state_beyond_its_limit_is_refused() {
        let half = Bytes::from(vec![0; STATE_MAX_BYTES / 2 + 1]);
        let state = ShellState::from_sections([(1, half.clone())]).expect("half fits");
        assert_eq!(state.merged([(2, half.clone())]), Err(StateTooLarge));
        assert!(state.merged([(1, half)]).is_ok());
    }
}
