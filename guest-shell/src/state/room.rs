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

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::sys::native::NativeSys;

    #[test]
    fn what_the_state_keeps_besides_variables_has_a_bound_and_makes_room_again() {
        let sys = NativeSys::new("/nonexistent".into()).expect("the system");
        let mut shell = Shell::session(Rc::new(sys), &[]);
        let before = shell.parts_bytes();
        // Every kind counts: an alias, a trap, a function, a directory, a specification.
        let filler = "x".repeat(100_000);
        for (n, script) in [
            format!("alias a={filler}"),
            format!("trap ': {filler}' USR1"),
            format!("f() {{ : {filler}; }}"),
            format!("complete -W {filler} c"),
        ]
        .iter()
        .enumerate()
        {
            assert_eq!(shell.run(b"bash", script.as_bytes()).0, 0);
            assert!(shell.parts_bytes() >= before + (n + 1) * 100_000, "{n}");
        }
        assert_eq!(shell.make_room(PARTS_MAX_BYTES - shell.parts_bytes()), Ok(()));
        assert_eq!(shell.make_room(PARTS_MAX_BYTES - shell.parts_bytes() + 1), Err(Unwind::Discard(1)));
        // A script that fills it is told, line by line, and goes on; what was there is there.
        let fill =
            format!("i=0; until ! alias b$i={filler}; do i=$((i + 1)); [ $i -lt 99 ] || break; done 2>/dev/null");
        shell.run(b"bash", fill.as_bytes());
        assert!(shell.parts_bytes() <= PARTS_MAX_BYTES);
        assert!(shell.aliases.len() > 10 && shell.functions.contains_key(&b"f"[..]));
        assert_eq!(shell.run(b"bash", b"unalias -a; unset -f f; trap - USR1; complete -r").0, 0);
        assert_eq!(shell.parts_bytes(), before);
    }
}
