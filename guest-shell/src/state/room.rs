//! How much of the state may be other than variables: functions, aliases, traps, lists. Variables count for themselves.

use crate::flow::{Flow, Unwind};
use crate::shell::Shell;
use crate::tree;

use super::encoding::encode;

/// The most bytes of all functions, aliases, traps, stacked directories and completion specifications together: with
/// 12 MiB of variables and 1 MiB of history the whole is below the 16 MiB that a host takes of a state.
const PARTS_MAX_BYTES: usize = 2 << 20;

/// What a definition takes in the saved state.
pub(crate) fn function_bytes(definition: &tree::Function) -> usize {
    encode(definition).len()
}

impl Shell {
    /// Whether `more` bytes have room beside what is there; without, tells so in bash's words and gives the command up.
    pub(crate) fn make_room(&mut self, more: usize) -> Flow {
        if self.parts_bytes().saturating_add(more) <= PARTS_MAX_BYTES {
            return Ok(());
        }
        self.report(format!("xmalloc: cannot allocate {more} bytes").as_bytes());
        Err(Unwind::Discard(1))
    }

    fn parts_bytes(&self) -> usize {
        let functions: usize = self.functions.values().map(|function| function.bytes).sum();
        let aliases: usize = self.aliases.iter().map(|(name, text)| name.len() + text.len()).sum();
        let traps: usize = self.traps.iter().map(|(_, command)| command.len()).sum();
        let directories: usize = self.builtins.directories.iter().map(Vec::len).sum();
        let completions: usize =
            self.builtins.completions.iter().map(|(name, specification)| name.len() + specification.bytes()).sum();
        functions + aliases + traps + directories + completions
    }
}
