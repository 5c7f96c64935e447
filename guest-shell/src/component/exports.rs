//! The exported functions.

use std::cell::RefCell;
use std::rc::Rc;

use crate::shell::Shell;
use crate::state;
use crate::sys::Sys;

use super::bindings::{CompletionReply, Guest, RunReply, Section};
use super::world::World;

/// The status of a process whose state cannot be read.
const BROKEN: u8 = 125;

thread_local! {
    /// The session's shell; made by `load` or, for a session without a saved state, by the first `run`.
    static SHELL: RefCell<Option<Shell>> = const { RefCell::new(None) };
}

struct Component;

#[expect(unsafe_code, unreachable_pub, reason = "generated: the exports' entry points")]
mod entry {
    use super::Component;

    super::super::bindings::export!(Component with_types_in super::super::bindings);
}

fn sys() -> Rc<dyn Sys> {
    Rc::new(World)
}

fn with_shell<R>(act: impl FnOnce(&mut Shell) -> R) -> R {
    SHELL.with_borrow_mut(|slot| act(slot.get_or_insert_with(|| Shell::session(sys(), &[]))))
}

impl Guest for Component {
    fn run(name: Vec<u8>, script: Vec<u8>) -> RunReply {
        with_shell(|shell| {
            let (status, exited) = shell.run(&name, &script);
            RunReply { status, exited, generation: shell.generation() }
        })
    }

    fn main(argv: Vec<Vec<u8>>, env: Vec<Vec<u8>>) -> u8 {
        Shell::new(sys(), b"bash", &env).main(&argv)
    }

    fn stage(state: Vec<u8>, stage: Vec<u8>) -> u8 {
        match state::decode_child(sys(), &state, &stage) {
            Ok((mut shell, list)) => shell.stage(&list),
            Err(error) => {
                let _ = sys().write(2, format!("bash: {error}\n").as_bytes());
                BROKEN
            }
        }
    }

    fn complete(line: Vec<u8>, cursor: u32) -> CompletionReply {
        with_shell(|shell| {
            let (start, candidates) = shell.complete(&line, usize::try_from(cursor).unwrap_or(usize::MAX));
            CompletionReply { start: u32::try_from(start).unwrap_or(0), candidates }
        })
    }

    fn save(since: u64) -> Vec<Section> {
        with_shell(|shell| {
            let sections = shell.save_state(since).into_iter();
            sections.map(|section| Section { id: section.id, data: section.data }).collect()
        })
    }

    fn load(env: Vec<Vec<u8>>, sections: Vec<Section>) -> Result<(), String> {
        let mut shell = Shell::session(sys(), &env);
        let sections: Vec<state::Section> =
            sections.into_iter().map(|section| state::Section { id: section.id, data: section.data }).collect();
        shell.load_state(&sections)?;
        SHELL.with_borrow_mut(|slot| *slot = Some(shell));
        Ok(())
    }
}
