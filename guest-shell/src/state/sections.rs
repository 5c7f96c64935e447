//! What each section of the state holds.
//!
//! | id | content |
//! |---|---|
//! | 1 | options and small values |
//! | 2 | variables with attributes |
//! | 3 | functions |
//! | 4 | aliases |
//! | 5 | traps |
//! | 6 | history, directory stack, completion specifications |
//! | 7 | the call a child runs in: positional parameters, frames, depths |

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::builtins;
use crate::options::Options;
use crate::shell::{Frame, FrameKind, Function, Shell};
use crate::sys::Fd;
use crate::traps::Event;
use crate::tree;
use crate::vars::{Attrs, Name, Positional, Var};

use super::{decode, encode};

/// A numbered part of the saved state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// What it holds; stable across versions.
    pub id: u32,
    /// A version byte and the content.
    pub data: Vec<u8>,
}

const SPECIALS: u32 = 1;
const VARIABLES: u32 = 2;
const FUNCTIONS: u32 = 3;
const ALIASES: u32 = 4;
const TRAPS: u32 = 5;
const LISTS: u32 = 6;
/// The call a child runs in.
pub(super) const CALL: u32 = 7;

#[derive(Serialize, Deserialize)]
struct Specials {
    options: Options,
    status: u8,
    last_argument: Vec<u8>,
    last_background: Option<u32>,
    generation: u64,
    track_command: bool,
    pipe_status: Vec<u8>,
    umask: u32,
    disabled: Vec<Vec<u8>>,
    getopts: builtins::GetoptsPosition,
    seconds_base_ns: i128,
}

#[derive(Serialize, Deserialize)]
struct SavedFunction {
    definition: tree::Function,
    exported: bool,
    readonly: bool,
    traced: bool,
    source: Vec<u8>,
    line: u32,
}

#[derive(Serialize, Deserialize)]
struct Lists {
    history: builtins::History,
    directories: Vec<Vec<u8>>,
    completions: builtins::Specifications,
}

#[derive(Serialize, Deserialize)]
struct SavedFrame {
    kind: u8,
    name: Vec<u8>,
    source: Vec<u8>,
    call_line: u32,
}

#[derive(Serialize, Deserialize)]
struct Call {
    name: Vec<u8>,
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
    execution_string: Option<Vec<u8>>,
    internal_fds: Vec<Fd>,
    command_text: Vec<u8>,
}

/// What a session keeps.
pub(super) fn all_for_session(shell: &Shell) -> Vec<Section> {
    let variables = shell.vars.globals();
    let kept = variables.iter().map(|(name, var)| (*name, var.as_ref().clone())).collect();
    let mut sections = common(shell, kept);
    // The traps of a session are its own; EXIT has run when a run is over.
    sections.push(Section { id: TRAPS, data: encode(&saved_traps(shell)) });
    sections
}

/// What a child needs to go on where this shell stands.
pub(super) fn all_for_child(shell: &Shell) -> Vec<Section> {
    let names = shell.vars.names();
    let visible = names.into_iter().filter_map(|name| Some((name, shell.vars.var(name)?.clone()))).collect();
    let mut sections = common(shell, visible);
    sections.push(Section { id: TRAPS, data: encode(&saved_traps(shell)) });
    sections.push(Section { id: CALL, data: encode(&call(shell)) });
    sections
}

fn common(shell: &Shell, variables: Vec<(Name, Var)>) -> Vec<Section> {
    let variables: Vec<(Name, Var)> = variables.into_iter().filter(|(_, var)| !var.attrs.has(Attrs::DYNAMIC)).collect();
    let functions: Vec<SavedFunction> = shell.functions.values().map(saved_function).collect();
    let aliases: Vec<(&tree::Text, &tree::Text)> = shell.aliases.iter().collect();
    let lists = Lists {
        history: shell.builtins.history.as_ref().clone(),
        directories: shell.builtins.directories.to_vec(),
        completions: shell.builtins.completions.as_ref().clone(),
    };
    vec![
        Section { id: SPECIALS, data: encode(&specials(shell)) },
        Section { id: VARIABLES, data: encode(&variables) },
        Section { id: FUNCTIONS, data: encode(&functions) },
        Section { id: ALIASES, data: encode(&aliases) },
        Section { id: LISTS, data: encode(&lists) },
    ]
}

fn specials(shell: &Shell) -> Specials {
    Specials {
        options: shell.options,
        status: shell.status,
        last_argument: shell.last_argument.clone(),
        last_background: shell.last_background,
        generation: shell.exec.generation,
        track_command: shell.exec.track_command,
        pipe_status: shell.exec.pipestatus.clone(),
        umask: shell.sys.umask(None),
        disabled: shell.builtins.disabled.iter().cloned().collect(),
        getopts: shell.builtins.getopts,
        seconds_base_ns: shell.dynamic.seconds_base_ns,
    }
}

fn saved_function(function: &Function) -> SavedFunction {
    SavedFunction {
        definition: function.definition.clone(),
        exported: function.exported,
        readonly: function.readonly,
        traced: function.traced,
        source: function.source.to_vec(),
        line: function.line,
    }
}

fn saved_traps(shell: &Shell) -> Vec<(Event, Vec<u8>)> {
    shell.traps.iter().map(|(event, command)| (event, command.to_vec())).collect()
}

fn call(shell: &Shell) -> Call {
    let frames = shell.frames.iter().map(|frame| SavedFrame {
        kind: match frame.kind {
            FrameKind::Function => 0,
            FrameKind::Source => 1,
            FrameKind::Script => 2,
        },
        name: frame.name.to_vec(),
        source: frame.source.to_vec(),
        call_line: frame.call_line,
    });
    Call {
        name: shell.name.to_vec(),
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
        execution_string: shell.execution_string.as_ref().map(|text| text.to_vec()),
        internal_fds: shell.exec.internal_fds.iter().copied().collect(),
        command_text: shell.command_text.to_vec(),
    }
}

impl Shell {
    /// Takes sections over this shell; unknown ids are left out, so that an older shell reads a newer state.
    pub(super) fn load_sections(&mut self, sections: &[Section]) -> Result<(), String> {
        for section in sections {
            let data = &section.data;
            match section.id {
                SPECIALS => self.load_specials(decode(data)?),
                VARIABLES => self.load_variables(decode(data)?),
                FUNCTIONS => self.load_functions(decode(data)?),
                ALIASES => {
                    let aliases: Vec<(tree::Text, tree::Text)> = decode(data)?;
                    self.aliases = Rc::new(aliases.into_iter().collect());
                }
                TRAPS => {
                    let traps: Vec<(Event, Vec<u8>)> = decode(data)?;
                    traps.iter().for_each(|(event, command)| self.traps.set(*event, Some(command)));
                }
                LISTS => {
                    let lists: Lists = decode(data)?;
                    self.builtins.history = Rc::new(lists.history);
                    self.builtins.directories = Rc::new(lists.directories);
                    self.builtins.completions = Rc::new(lists.completions);
                }
                CALL => self.load_call(decode(data)?),
                _ => {}
            }
        }
        Ok(())
    }

    fn load_specials(&mut self, specials: Specials) {
        self.options = specials.options;
        self.status = specials.status;
        self.last_argument = specials.last_argument;
        self.last_background = specials.last_background;
        self.exec.generation = specials.generation;
        self.exec.track_command = specials.track_command;
        self.exec.pipestatus = specials.pipe_status;
        self.dynamic.seconds_base_ns = specials.seconds_base_ns;
        self.builtins.disabled = Rc::new(specials.disabled.into_iter().collect());
        self.builtins.getopts = specials.getopts;
        self.sys.umask(Some(specials.umask));
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

    fn load_functions(&mut self, functions: Vec<SavedFunction>) {
        let loaded = functions.into_iter().map(|saved| {
            let function = Function {
                exported: saved.exported,
                readonly: saved.readonly,
                traced: saved.traced,
                source: Rc::from(saved.source),
                line: saved.line,
                definition: saved.definition,
            };
            (function.definition.name.to_vec(), function)
        });
        self.functions = Rc::new(loaded.collect());
    }

    fn load_call(&mut self, call: Call) {
        self.name = Rc::from(call.name);
        self.vars.set_positional(Positional::new(call.positional));
        let frames = call.frames.into_iter().map(|frame| Frame {
            kind: match frame.kind {
                0 => FrameKind::Function,
                1 => FrameKind::Source,
                _ => FrameKind::Script,
            },
            name: Rc::from(frame.name),
            source: Rc::from(frame.source),
            call_line: frame.call_line,
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
        self.execution_string = call.execution_string.map(Rc::from);
        self.command_text = Rc::from(call.command_text);
        let open = self.sys.open_fds();
        self.exec.internal_fds = Rc::new(call.internal_fds.into_iter().filter(|fd| open.contains(fd)).collect());
    }
}
