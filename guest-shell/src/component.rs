//! The component `sandshell:shell`: its exports, over the one shell of this instance.
//!
//! An instance is either a session's shell (`load`, then `run`, `complete` and `save` as often as wanted) or one process
//! (`main` or `stage`, once). Nothing is kept here but the shell and its log of saves.

mod world;

use std::cell::RefCell;
use std::rc::Rc;

use crate::builtins;
use crate::shell::Shell;
use crate::state::{self, SaveLog};
use crate::sys::Sys;
use world::World;

#[expect(missing_docs, unsafe_code, unreachable_pub, reason = "generated from wit/shell/shell.wit, where it is documented")]
mod bindings {
    wit_bindgen::generate!({ world: "shell", path: "../wit/shell" });
}

use bindings::{CompletionReply, Guest, RunReply, Section};

/// The status of a shell process whose state cannot be read: what bash answers for a file it cannot execute.
const CANNOT_EXECUTE: u8 = 126;

thread_local! {
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
}

/// A session's shell and what of it the host has.
struct Session {
    shell: Shell,
    log: SaveLog,
}

/// Calls `work` on the session's shell, made fresh with an empty environment if `load` was never called.
fn with_session<R>(work: impl FnOnce(&mut Session) -> R) -> R {
    SESSION.with_borrow_mut(|session| {
        let session = session.get_or_insert_with(|| Session { shell: session_shell(&[]), log: SaveLog::default() });
        work(session)
    })
}

fn session_shell(env: &[Vec<u8>]) -> Shell {
    let mut shell = Shell::new(Rc::new(World), b"bash", env);
    shell.begin_session();
    shell
}

struct Component;

impl Guest for Component {
    fn run(name: Vec<u8>, script: Vec<u8>) -> RunReply {
        with_session(|session| {
            let (status, exited) = session.shell.run(&name, &script);
            RunReply { status, exited, generation: session.shell.generation() }
        })
    }

    fn main(argv: Vec<Vec<u8>>, env: Vec<Vec<u8>>) -> u8 {
        let name = argv.first().map_or(&b"bash"[..], Vec::as_slice);
        Shell::new(Rc::new(World), name, &env).main(&argv)
    }

    fn stage(state: Vec<u8>, stage: Vec<u8>) -> u8 {
        let mut shell = Shell::new(Rc::new(World), b"bash", &[]);
        let list = shell.become_child(&state).and_then(|()| state::decode_stage(&stage));
        match list {
            Ok(list) => shell.stage(&list),
            Err(error) => {
                // The message is all that can be done: the parent's stderr may be closed.
                let _ = World.write(2, format!("bash: {error}\n").as_bytes());
                CANNOT_EXECUTE
            }
        }
    }

    fn complete(line: Vec<u8>, cursor: u32) -> CompletionReply {
        with_session(|session| {
            let (start, candidates) = builtins::completions(&mut session.shell, &line, cursor as usize);
            CompletionReply { start: u32::try_from(start).unwrap_or(u32::MAX), candidates }
        })
    }

    fn save(since: u64) -> Vec<Section> {
        with_session(|session| {
            let sections = session.log.save(&session.shell, since);
            sections.into_iter().map(|section| Section { id: section.id, data: section.data }).collect()
        })
    }

    fn load(env: Vec<Vec<u8>>, sections: Vec<Section>) -> Result<(), String> {
        let mut shell = session_shell(&env);
        let sections: Vec<state::Section> =
            sections.into_iter().map(|section| state::Section { id: section.id, data: section.data }).collect();
        shell.restore(&sections).map_err(|error| error.to_string())?;
        SESSION.set(Some(Session { shell, log: SaveLog::default() }));
        Ok(())
    }
}

bindings::export!(Component with_types_in bindings);
