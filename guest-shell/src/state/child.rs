//! What a child shell begins with: the state of its parent and the list it executes.
//!
//! A child is a process of its own (a stage of a pipeline, a background list, a process substitution). It has all its parent
//! has at that moment, local variables included, so its variables are those that are visible, not the global ones.

use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::shell::{Frame, FrameKind, Shell};
use crate::tree::List;
use crate::vars::{Name, Positional, Var};

use super::records::{self, Specials, StateError, TrapRecords};

/// One level of the call stack.
#[derive(Serialize, Deserialize)]
struct FrameRecord {
    kind: u8,
    name: Vec<u8>,
    source: Vec<u8>,
    call_line: u32,
}

/// Everything a child knows of its parent.
#[derive(Serialize, Deserialize)]
struct Child {
    specials: Specials,
    variables: Vec<u8>,
    functions: Vec<u8>,
    aliases: Vec<u8>,
    traps: TrapRecords,
    positional: Vec<Vec<u8>>,
    name: Vec<u8>,
    shell_pid: u32,
    line: u32,
    command_text: Vec<u8>,
    subshell_depth: u32,
    session: bool,
    track_command: bool,
    function_depth: u32,
    errexit_ignored: u32,
    execution_string: Option<Vec<u8>>,
    frames: Vec<FrameRecord>,
}

/// Encodes a shell for a child of it.
pub fn encode_for_child(shell: &Shell) -> Vec<u8> {
    let visible: Vec<(Name, Rc<Var>)> =
        shell.vars.names().into_iter().filter_map(|name| Some((name, Rc::new(shell.vars.var(name)?.clone())))).collect();
    let frame = |frame: &Frame| FrameRecord {
        kind: frame_number(frame.kind),
        name: frame.name.to_vec(),
        source: frame.source.to_vec(),
        call_line: frame.call_line,
    };
    records::encode(&Child {
        specials: Specials::of(shell),
        variables: records::encode_variables(&visible),
        functions: records::encode_functions(shell),
        aliases: records::encode(&*shell.aliases),
        traps: records::trap_records(&shell.traps),
        positional: shell.vars.positional().to_vec(),
        name: shell.name.to_vec(),
        shell_pid: shell.shell_pid,
        line: shell.line,
        command_text: shell.command_text.to_vec(),
        subshell_depth: shell.subshell_depth,
        session: shell.session,
        track_command: shell.exec.track_command,
        function_depth: shell.exec.function_depth,
        errexit_ignored: shell.exec.errexit_ignored,
        execution_string: shell.execution_string.as_ref().map(|text| text.to_vec()),
        frames: shell.frames.iter().map(frame).collect(),
    })
}

/// Encodes the list that a child executes.
pub fn encode_stage(list: &List) -> Vec<u8> {
    records::encode(list)
}

/// Decodes the list that a child executes.
///
/// # Errors
/// The bytes are not a list of this version.
pub fn decode_stage(bytes: &[u8]) -> Result<List, StateError> {
    records::decode(bytes)
}

impl Shell {
    /// Makes this fresh shell what its parent was when it encoded itself.
    ///
    /// # Errors
    /// The bytes are not a state of this version; the shell is then of no use.
    pub fn become_child(&mut self, bytes: &[u8]) -> Result<(), StateError> {
        let child: Child = records::decode(bytes)?;
        records::apply_variables(self, &child.variables)?;
        records::apply_functions(self, &child.functions)?;
        self.aliases = Rc::new(records::decode(&child.aliases)?);
        child.specials.apply(self);
        self.traps = records::traps_of(child.traps);
        self.vars.set_positional(Positional::new(child.positional));
        self.name = child.name.into();
        self.shell_pid = child.shell_pid;
        self.line = child.line;
        self.command_text = child.command_text.into();
        self.subshell_depth = child.subshell_depth;
        self.session = child.session;
        self.exec.track_command = child.track_command;
        self.exec.function_depth = child.function_depth;
        self.exec.errexit_ignored = child.errexit_ignored;
        self.execution_string = child.execution_string.map(Into::into);
        self.frames = Rc::new(child.frames.into_iter().map(frame_of).collect());
        Ok(())
    }
}

fn frame_number(kind: FrameKind) -> u8 {
    match kind {
        FrameKind::Function => 0,
        FrameKind::Source => 1,
        FrameKind::Script => 2,
    }
}

fn frame_of(record: FrameRecord) -> Frame {
    let kind = match record.kind {
        0 => FrameKind::Function,
        1 => FrameKind::Source,
        _ => FrameKind::Script,
    };
    Frame { kind, name: record.name.into(), source: record.source.into(), call_line: record.call_line }
}
