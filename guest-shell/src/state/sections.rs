//! What each section of the state holds.
//!
//! | id | content |
//! |---|---|
//! | 1 | options and small settings |
//! | 2 | variables with attributes |
//! | 3 | functions |
//! | 4 | aliases |
//! | 5 | traps |
//! | 6 | history |
//! | 7 | the call a child runs in: positional parameters, frames, depths |
//! | 8 | what nearly every run changes: `$?`, `$_`, PIPESTATUS |
//! | 9 | directory stack |
//! | 10 | completion specifications |
//! | 11 | where commands were found, without how often they were used |
//! | 12 | what `alias` prints, as plain text without a version byte, for the host to read; never loaded |

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::builtins::{self, History, Specifications};
use crate::exec::HashTable;
use crate::options::Options;
use crate::parse::Aliases;
use crate::shell::{Frame, FrameKind, Function, Shell};
use crate::sys::Fd;
use crate::traps::Event;
use crate::tree;
use crate::vars::{Attrs, Name, Positional, Var};

use super::bytes::{self, Buffer, Bytes};
use super::encoding::{decode, encode, encode_sized};

/// A numbered part of the saved state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What it holds; stable across versions.
    pub id: u32,
    /// A version byte and the content.
    pub data: Vec<u8>,
}

pub(super) const SETTINGS: u32 = 1;
pub(super) const VARIABLES: u32 = 2;
pub(super) const FUNCTIONS: u32 = 3;
pub(super) const ALIASES: u32 = 4;
pub(super) const TRAPS: u32 = 5;
pub(super) const HISTORY: u32 = 6;
/// The call a child runs in.
pub(super) const CALL: u32 = 7;
pub(super) const LAST: u32 = 8;
pub(super) const DIRECTORIES: u32 = 9;
pub(super) const COMPLETIONS: u32 = 10;
pub(super) const COMMANDS: u32 = 11;
/// What `alias` prints.
pub(super) const ALIAS_TEXT: u32 = 12;

/// The most bytes that number and length of a section take.
pub(super) const HEADER_BYTES: usize = 10;

#[derive(Serialize, Deserialize)]
struct Settings {
    options: Options,
    last_background: Option<u32>,
    track_command: bool,
    umask: u32,
    disabled: Vec<Vec<u8>>,
    getopts: builtins::GetoptsPosition,
    limits: BTreeMap<u8, (u64, u64)>,
    // Of fixed length: what a run costs must not depend on the time of day.
    seconds_base_ns: [u8; 16],
}

/// As [`last`] writes it.
#[derive(Deserialize)]
struct Last {
    status: u8,
    #[serde(with = "bytes")]
    argument: Vec<u8>,
    #[serde(with = "bytes")]
    pipe_status: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct SavedFunction<'a> {
    definition: Cow<'a, tree::Function>,
    exported: bool,
    readonly: bool,
    traced: bool,
    source: Rc<[u8]>,
    line: u32,
}

#[derive(Serialize, Deserialize)]
struct SavedFrame {
    kind: u8,
    name: Rc<[u8]>,
    source: Rc<[u8]>,
    call_line: u32,
}

#[derive(Serialize, Deserialize)]
struct Call {
    name: Rc<[u8]>,
    #[serde(with = "bytes::list")]
    positional: Vec<Vec<u8>>,
    frames: Vec<SavedFrame>,
    line: u32,
    shell_pid: u32,
    subshell_depth: u32,
    function_depth: u32,
    eval_depth: u32,
    loops: u32,
    errexit_ignored: u32,
    session: bool,
    start: crate::exec::Start,
    #[serde(with = "super::bytes::list")]
    foreign_environment: Vec<Vec<u8>>,
    execution_string: Option<Rc<[u8]>>,
    internal_fds: Vec<Fd>,
    command_text: Rc<[u8]>,
}

/// Whether a variable is saved: a computed one is not, every shell has it.
pub(super) fn is_saved(var: &Var) -> bool {
    !var.attrs.has(Attrs::DYNAMIC)
}

/// Encodes those of `variables` that are saved, which hold about `bytes`.
pub(super) fn variables(variables: &[(Name, &Var)], bytes: usize) -> Vec<u8> {
    /// About what a name, its attributes and lengths take.
    const PER_VARIABLE: usize = 24;
    let kept: Vec<&(Name, &Var)> = variables.iter().filter(|(_, var)| is_saved(var)).collect();
    encode_sized(&kept, bytes.saturating_add(kept.len() * PER_VARIABLE))
}

pub(super) fn settings(shell: &Shell) -> Vec<u8> {
    encode(&Settings {
        options: shell.options,
        last_background: shell.last_background,
        track_command: shell.exec.track_command,
        umask: shell.sys.umask(None),
        disabled: shell.builtins.disabled.iter().cloned().collect(),
        getopts: shell.builtins.getopts,
        limits: (*shell.builtins.limits).clone(),
        seconds_base_ns: shell.dynamic.seconds_base_ns.to_le_bytes(),
    })
}

pub(super) fn last(shell: &Shell) -> Vec<u8> {
    encode(&(shell.status, Bytes(&shell.last_argument), Bytes(&shell.exec.pipestatus)))
}

pub(super) fn functions(functions: &BTreeMap<Vec<u8>, Function>) -> Vec<u8> {
    let saved = functions.values().map(|function| SavedFunction {
        definition: Cow::Borrowed(&function.definition),
        exported: function.exported,
        readonly: function.readonly,
        traced: function.traced,
        source: Rc::clone(&function.source),
        line: function.line,
    });
    encode(&saved.collect::<Vec<_>>())
}

pub(super) fn aliases(aliases: &Aliases) -> Vec<u8> {
    encode(&aliases.iter().collect::<Vec<_>>())
}

pub(super) fn traps(traps: &BTreeMap<Event, Rc<[u8]>>) -> Vec<u8> {
    encode(&traps.iter().map(|(event, command)| (event, Bytes(command))).collect::<Vec<_>>())
}

pub(super) fn history(history: &History) -> Vec<u8> {
    encode(history)
}

pub(super) fn directories(directories: &[Vec<u8>]) -> Vec<u8> {
    encode(&directories.iter().map(|directory| Bytes(directory)).collect::<Vec<_>>())
}

pub(super) fn completions(completions: &Specifications) -> Vec<u8> {
    encode(completions)
}

pub(super) fn commands(commands: &HashTable) -> Vec<u8> {
    encode(&commands.iter().map(|(name, (path, _))| (Bytes(name), Bytes(path))).collect::<Vec<_>>())
}

pub(super) fn call(shell: &Shell) -> Vec<u8> {
    encode(&call_of(shell))
}

fn call_of(shell: &Shell) -> Call {
    let frames = shell.frames.iter().map(|frame| SavedFrame {
        kind: match frame.kind {
            FrameKind::Function => 0,
            FrameKind::Source => 1,
            FrameKind::Script => 2,
        },
        name: Rc::clone(&frame.name),
        source: Rc::clone(&frame.source),
        call_line: frame.call_line,
    });
    Call {
        name: Rc::clone(&shell.name),
        positional: shell.vars.positional().to_vec(),
        frames: frames.collect(),
        line: shell.line,
        shell_pid: shell.shell_pid,
        subshell_depth: shell.subshell_depth,
        function_depth: shell.exec.function_depth,
        eval_depth: shell.exec.eval_depth,
        loops: shell.exec.loops,
        errexit_ignored: shell.exec.errexit_ignored,
        session: shell.session,
        start: shell.start,
        foreign_environment: shell.vars.foreign_environment().to_vec(),
        execution_string: shell.execution_string.clone(),
        internal_fds: shell.exec.internal_fds.iter().copied().collect(),
        command_text: Rc::clone(&shell.command_text),
    }
}

impl Shell {
    /// Takes a section over this shell; an unknown one is left out, so that an older shell reads a newer state.
    pub(super) fn load_section(&mut self, id: u32, data: &[u8]) -> Result<(), String> {
        match id {
            SETTINGS => self.load_settings(decode(data)?),
            LAST => self.load_last(decode(data)?),
            VARIABLES => self.load_variables(decode(data)?),
            FUNCTIONS => {
                self.load_functions(decode(data)?);
                self.saved.parts.borrow_mut().know_functions(self, data);
            }
            ALIASES => {
                let aliases: Vec<(tree::Text, tree::Text)> = decode(data)?;
                self.aliases = Rc::new(aliases.into_iter().collect());
            }
            TRAPS => {
                let traps: Vec<(Event, Buffer)> = decode(data)?;
                traps.iter().for_each(|(event, command)| self.traps.set(*event, Some(&command.0)));
            }
            HISTORY => self.builtins.history = Rc::new(decode(data)?),
            DIRECTORIES => {
                let directories: Vec<Buffer> = decode(data)?;
                self.builtins.directories = Rc::new(directories.into_iter().map(|directory| directory.0).collect());
            }
            COMMANDS => {
                let commands: Vec<(Buffer, Buffer)> = decode(data)?;
                let found = commands.into_iter().map(|(name, path)| (name.0, (path.0, 0)));
                self.exec.hash = Rc::new(found.collect());
            }
            COMPLETIONS => self.builtins.completions = Rc::new(decode(data)?),
            CALL => self.load_call(decode(data)?),
            _ => {}
        }
        Ok(())
    }

    fn load_settings(&mut self, settings: Settings) {
        self.options = settings.options;
        self.last_background = settings.last_background;
        self.exec.track_command = settings.track_command;
        self.dynamic.seconds_base_ns = i128::from_le_bytes(settings.seconds_base_ns);
        self.builtins.disabled = Rc::new(settings.disabled.into_iter().collect());
        self.builtins.getopts = settings.getopts;
        self.builtins.limits = Rc::new(settings.limits);
        self.sys.umask(Some(settings.umask));
    }

    fn load_last(&mut self, last: Last) {
        self.status = last.status;
        self.last_argument = last.argument;
        self.exec.pipestatus = last.pipe_status;
    }

    fn load_variables(&mut self, variables: Vec<(Name, Var)>) {
        // What a fresh shell sets by itself and the saved one had unset stays unset.
        for name in self.vars.names() {
            if self.vars.var(name).is_some_and(|var| !var.attrs.has(Attrs::DYNAMIC)) {
                self.vars.take(name);
            }
        }
        for (name, var) in variables {
            self.vars.put(name, var);
        }
    }

    fn load_functions(&mut self, functions: Vec<SavedFunction<'_>>) {
        let loaded = functions.into_iter().map(|saved| {
            let function = Function {
                exported: saved.exported,
                readonly: saved.readonly,
                traced: saved.traced,
                source: saved.source,
                line: saved.line,
                bytes: super::function_bytes(&saved.definition),
                definition: saved.definition.into_owned(),
            };
            (function.definition.name.to_vec(), function)
        });
        self.functions = Rc::new(loaded.collect());
    }

    fn load_call(&mut self, call: Call) {
        self.name = call.name;
        self.vars.set_positional(Positional::new(call.positional));
        let frames = call.frames.into_iter().map(|frame| Frame {
            kind: match frame.kind {
                0 => FrameKind::Function,
                1 => FrameKind::Source,
                _ => FrameKind::Script,
            },
            name: frame.name,
            source: frame.source,
            call_line: frame.call_line,
            arguments: None,
        });
        self.frames = Rc::new(frames.collect());
        if self.in_function() {
            self.vars.push_scope(crate::vars::ScopeKind::Function);
        }
        self.line = call.line;
        self.shell_pid = call.shell_pid;
        self.subshell_depth = call.subshell_depth;
        self.exec.function_depth = call.function_depth;
        self.exec.eval_depth = call.eval_depth;
        self.exec.loops = call.loops;
        self.exec.errexit_ignored = call.errexit_ignored;
        self.session = call.session;
        self.start = call.start;
        self.vars.set_foreign_environment(call.foreign_environment);
        self.execution_string = call.execution_string;
        self.command_text = call.command_text;
        let open = self.sys.open_fds();
        self.exec.internal_fds = Rc::new(call.internal_fds.into_iter().filter(|fd| open.contains(fd)).collect());
    }
}
