//! Evaluation: commands, pipelines, functions, redirections, subshells, substitutions.
//!
//! Owns the walk over the tree and what it must remember on the way ([`ExecState`]). Words are expanded by `expand`,
//! single builtins live in `builtins`, and the kernel does what needs a process.

mod absent;
mod arguments;
mod compound;
mod cond;
mod function;
mod interactive;
mod jobs;
mod list;
mod menu;
mod pipeline;
mod program;
mod redirect;
mod run;
mod signals;
mod simple;
mod startup;
mod subshell;
mod time;
mod trace;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::sys::{Fd, Pid};

pub(crate) use compound::command_text;
pub use jobs::{Job, JobState};
pub(crate) use program::Lookup;
pub use run::Invocation;
pub(crate) use startup::Start;

/// How deep evaluation may nest (groups, loops, substitutions, functions together) before it is given up: an
/// 8 MiB stack holds three times as many.
pub(crate) const DEPTH_MAX: u32 = 3000;
/// How deep `eval`, `source` and traps may nest.
pub(crate) const EVAL_DEPTH_MAX: u32 = 1000;
/// How deep functions may nest when FUNCNEST says nothing.
pub(crate) const FUNCTION_DEPTH_DEFAULT: u32 = 1000;
/// How deep functions may nest whatever FUNCNEST says.
pub(crate) const FUNCTION_DEPTH_MAX: u32 = 2000;

/// Command names with their paths and how often each was used.
pub(crate) type HashTable = BTreeMap<Vec<u8>, (Vec<u8>, u32)>;

/// What the evaluator keeps for itself.
#[derive(Clone, Default)]
pub(crate) struct ExecState {
    /// Calls of `tick` since the last look at signals.
    pub(crate) ticks: u32,
    /// A signal's trap is due as soon as the current command is done.
    pub(crate) pending: Vec<u8>,
    /// The run's deadline or fuel is over: nothing more is evaluated, whoever took the news.
    pub(crate) over: bool,
    /// Loops around the current command, in this function.
    pub(crate) loops: u32,
    /// Contexts around the current command in which `set -e` and the ERR trap are ignored.
    pub(crate) errexit_ignored: u32,
    /// The status of the loops a wrong `break` leaves.
    pub(crate) break_status: u8,
    /// Nested evaluations of all kinds.
    pub(crate) depth: u32,
    /// Nested `eval`, `source` and traps.
    pub(crate) eval_depth: u32,
    /// Nested functions.
    pub(crate) function_depth: u32,
    /// The shell is that of a command substitution.
    pub(crate) in_substitution: bool,
    /// The status of the last command substitution, for a command that is nothing but assignments.
    pub(crate) substitution_status: Option<u8>,
    /// What is being parsed, for messages, when it is no script: `eval`, `exit trap`.
    pub(crate) parsing: Option<&'static str>,
    /// The test of `[[ ]]` that is traced next stands behind `!`.
    pub(crate) cond_negated: bool,
    /// An expression that `[[ ]]` compares is wrong: the command alone is given up.
    pub(crate) cond_failed: bool,
    /// Statuses of the last pipeline's stages.
    pub(crate) pipestatus: Vec<u8>,
    /// The options that `local -` gives back when the function returns.
    pub(crate) local_options: Option<crate::options::Options>,
    /// How deep `eval` nests, for `set -x`.
    pub(crate) trace_level: u32,
    /// `$BASH_COMMAND` is kept up to date: a script mentions it.
    pub(crate) track_command: bool,
    /// The shell was replaced by a program or ended by a signal: no EXIT trap runs.
    pub(crate) replaced: bool,
    /// Descriptors the evaluator opened for itself: programs do not get them.
    pub(crate) internal_fds: Rc<BTreeSet<Fd>>,
    /// Descriptors of process substitutions that close when the command is done.
    pub(crate) process_substitutions: Vec<ProcessSubstitution>,
    /// Processes of `>( )` that nobody waited for yet.
    pub(crate) substitutes: Vec<Pid>,
    /// Background jobs.
    pub(crate) jobs: Rc<jobs::Jobs>,
    /// Where commands were found in PATH, and how often they were used.
    pub(crate) hash: Rc<HashTable>,
    /// The coprocess that runs, with the name of its array.
    pub(crate) coprocess: Option<(crate::vars::Name, Pid)>,
    /// This shell's ends of its pipes.
    pub(crate) coprocess_fds: Vec<Fd>,
    /// A trap's command is running (it is not interrupted by itself).
    pub(crate) trap_running: Option<crate::traps::Event>,
}

/// A process substitution that is still open.
#[derive(Clone)]
pub(crate) struct ProcessSubstitution {
    /// This shell's end of the pipe.
    pub(crate) fd: Fd,
    /// The process at the other end.
    pub(crate) pid: Pid,
    /// The command writes to it: its output belongs before what follows.
    pub(crate) writes: bool,
}
