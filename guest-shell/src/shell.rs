//! The state of one shell and the handle on its world.
//!
//! [`Shell`] is `Clone`, and a clone is a subshell: every big part sits behind an `Rc` and is copied when it is first
//! changed. It owns what a shell remembers; descriptors, working directory, umask and children are the kernel's.
//! Methods live beside what they do: `exec` evaluates, `expand` expands, `vars` keeps variables.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::options::{Options, SetOption, ShellOption};
use crate::parse::Aliases;
use crate::sys::{Pid, Sys};
use crate::traps::Traps;

use crate::tree;
use crate::vars::{DynamicState, Vars};

/// A shell: variables, functions, options, and where evaluation stands.
#[derive(Clone)]
pub struct Shell {
    /// The world.
    pub sys: Rc<dyn Sys>,
    /// Variables with their scopes, and the positional parameters; cheap to clone.
    pub vars: Vars,
    /// Functions by name.
    pub functions: Rc<BTreeMap<Vec<u8>, Function>>,
    /// Aliases by name.
    pub aliases: Rc<Aliases>,
    /// `set -o` and `shopt`.
    pub options: Options,
    /// Traps by signal.
    pub traps: Traps,
    /// `$0`.
    pub name: Rc<[u8]>,
    /// The name this shell was started by, for messages before `$0` counts.
    pub(crate) started_as: Rc<[u8]>,
    /// `$?`.
    pub status: u8,
    /// `$_`.
    pub last_argument: Vec<u8>,
    /// `$$`: the process of the outermost shell.
    pub shell_pid: Pid,
    /// `$BASHPID`: the process of this (sub)shell.
    pub pid: Pid,
    /// `$!`.
    pub last_background: Option<Pid>,
    /// `$LINENO`: the line of the command being evaluated.
    pub line: u32,
    /// `$BASH_COMMAND`.
    pub command_text: Rc<[u8]>,
    /// Functions and sourced files being evaluated, innermost last.
    pub frames: Rc<Vec<Frame>>,
    /// How deep in `( )`, `$( )` and other subshells (`$BASH_SUBSHELL`).
    pub subshell_depth: u32,
    /// `-c`'s script (`$BASH_EXECUTION_STRING`).
    pub execution_string: Option<Rc<[u8]>>,
    /// Whether this shell reads commands from a user: the session's own shell (`run`) behaves so where aliases go.
    pub session: bool,
    /// How this shell was started.
    pub(crate) start: crate::exec::Start,
    /// What computed variables remember.
    pub(crate) dynamic: DynamicState,
    /// What expansion keeps between calls.
    pub(crate) expand: crate::expand::ExpandState,
    /// Everything the evaluator keeps for itself.
    pub(crate) exec: crate::exec::ExecState,
    /// What single builtins remember.
    pub(crate) builtins: crate::builtins::BuiltinState,
    /// What is known of the state's encoding.
    pub(crate) saved: crate::state::SavedState,
}

/// A defined function.
#[derive(Clone)]
pub struct Function {
    /// The definition: name and body with its redirections.
    pub definition: tree::Function,
    /// `export -f`.
    pub exported: bool,
    /// `readonly -f`.
    pub readonly: bool,
    /// `declare -ft`.
    pub traced: bool,
    /// Where it was defined (`BASH_SOURCE`).
    pub source: Rc<[u8]>,
    /// The line of the definition.
    pub line: u32,
    /// What the definition takes in the saved state.
    pub(crate) bytes: usize,
}

/// One level of `FUNCNAME`, `BASH_SOURCE`, `BASH_LINENO`.
#[derive(Clone)]
pub struct Frame {
    /// What is being evaluated.
    pub kind: FrameKind,
    /// `FUNCNAME`: the function's name, `source` or `main`.
    pub name: Rc<[u8]>,
    /// `BASH_SOURCE`: the file the code came from.
    pub source: Rc<[u8]>,
    /// `BASH_LINENO`: the line of the call.
    pub call_line: u32,
    /// `BASH_ARGV`: the call's arguments, noted with `extdebug`.
    pub arguments: Option<Rc<Vec<Vec<u8>>>>,
}

/// What a frame stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// A function.
    Function,
    /// A file read by `.` or `source`.
    Source,
    /// A script file at top level.
    Script,
}

impl Shell {
    /// Makes a fresh shell whose variables come from `env` (`NAME=value` entries).
    pub fn new(sys: Rc<dyn Sys>, name: &[u8], env: &[Vec<u8>]) -> Shell {
        let pid = sys.process_id();
        let mut shell = Shell {
            sys,
            vars: Vars::new(),
            functions: Rc::default(),
            aliases: Rc::default(),
            options: Options::default(),
            traps: Traps::default(),
            name: name.into(),
            started_as: name.into(),
            status: 0,
            last_argument: Vec::new(),
            shell_pid: pid,
            pid,
            last_background: None,
            line: 1,
            command_text: Rc::from(&b""[..]),
            frames: Rc::default(),
            subshell_depth: 0,
            execution_string: None,
            session: false,
            start: Default::default(),
            dynamic: DynamicState::default(),
            expand: Default::default(),
            exec: Default::default(),
            builtins: Default::default(),
            saved: Default::default(),
        };
        shell.install_special_variables();
        shell.import_environment(env);
        shell
    }

    /// Makes the shell of a session: as `new`, with aliases expanded as for a user.
    pub fn session(sys: Rc<dyn Sys>, env: &[Vec<u8>]) -> Shell {
        let mut shell = Shell::new(sys, b"bash", env);
        shell.session = true;
        shell.options.set_shopt(ShellOption::ExpandAliases, true);
        shell
    }

    /// Whether an option of `set -o` is on.
    pub fn is_set(&self, option: SetOption) -> bool {
        self.options.is(option)
    }

    /// Whether an option of `shopt` is on.
    pub fn is_shopt(&self, option: ShellOption) -> bool {
        self.options.shopt(option)
    }

    /// Prints `NAME: line N: MESSAGE` to the standard error, as bash does for errors of a script.
    pub fn report(&self, message: &[u8]) {
        let mut text = self.message_prefix();
        text.extend_from_slice(message);
        text.push(b'\n');
        self.write_error(&text);
    }

    /// What every message begins with: `NAME: line N: `; for a user `NAME: `.
    pub fn message_prefix(&self) -> Vec<u8> {
        let mut text = self.error_name().to_vec();
        if self.start.interactive {
            text.extend_from_slice(b": ");
            return text;
        }
        let line = if self.is_shopt(ShellOption::GnuErrFmt) {
            format!(":{}: ", self.line)
        } else {
            format!(": line {}: ", self.line)
        };
        text.extend_from_slice(line.as_bytes());
        text
    }

    /// Whose error it is: the file the present code came from, or `$0`.
    pub(crate) fn error_name(&self) -> &[u8] {
        match self.frames.last() {
            Some(frame) if !(self.session && frame.source[..] == b"main"[..]) => &frame.source,
            _ => &self.name,
        }
    }

    /// Writes to the standard error; a failure has nobody to be told to.
    pub fn write_error(&self, text: &[u8]) {
        let _ = self.sys.write(2, text);
    }

    /// Whether a function is being evaluated.
    pub fn in_function(&self) -> bool {
        self.frames.iter().any(|frame| frame.kind == FrameKind::Function)
    }
}
