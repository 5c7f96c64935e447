//! Builtins: one file for each (or for a few that are one idea); this file is the table that finds them.
//!
//! A builtin's documentation comment is its `help` text. What a builtin prints is collected in its [`Call`] and written
//! once when it returns; messages go to the standard error at once.

mod alias;
mod caller;
mod cd;
mod command;
mod complete;
mod declare;
mod dirstack;
mod echo;
mod enable;
mod eval;
mod exec;
mod exit;
pub(crate) mod file_test;
mod getopts;
mod hash;
mod help;
mod history;
mod jobs;
mod kill;
mod let_;
mod loops;
mod mapfile;
mod options;
mod printf;
mod read;
mod set;
mod shift;
mod shopt;
mod terminal;
mod test;
pub(crate) mod time_format;
mod times;
mod trap;
mod trivial;
mod type_;
mod ulimit;
mod umask;
mod unset;
mod wait;

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::flow::Flow;
use crate::shell::Shell;
use crate::tree::Assignment;

pub(crate) use alias::alias_text;
pub(crate) use complete::Specifications;
pub(crate) use getopts::Position as GetoptsPosition;
pub(crate) use history::History;
pub(crate) use options::Parsed;

/// A command the shell executes itself.
pub(crate) struct Builtin {
    /// What users call it.
    pub(crate) name: &'static str,
    /// Its synopsis.
    pub(crate) usage: &'static str,
    /// What `help NAME` prints.
    pub(crate) help: &'static str,
    /// Executes it.
    pub(crate) run: fn(&mut Shell, &mut Call<'_>) -> Flow<u8>,
    /// POSIX's special builtins.
    pub(crate) special: bool,
    /// It does nothing but print its arguments in some form: a pipeline may run it ahead.
    pub(crate) emits: bool,
}

impl Builtin {
    const PLAIN: Builtin = Builtin { name: "", usage: "", help: "", run: |_, _| Ok(0), special: false, emits: false };
}

/// Declares a builtin whose help is its documentation.
macro_rules! builtin {
    ($(#[doc = $doc:literal])+ $id:ident = $name:literal, $usage:literal, $run:expr $(, $flag:ident)*) => {
        $(#[doc = $doc])+
        pub(crate) static $id: $crate::builtins::Builtin = $crate::builtins::Builtin {
            name: $name,
            usage: $usage,
            help: concat!($($doc, "\n"),+),
            run: $run,
            $($flag: true,)*
            ..$crate::builtins::Builtin::PLAIN
        };
    };
}
pub(crate) use builtin;

/// One call of a builtin: its arguments and what it prints.
pub(crate) struct Call<'a> {
    /// The name it was called by.
    pub(crate) name: &'static str,
    /// The words, the name first.
    words: &'a [Vec<u8>],
    /// Which words are assignments of arrays.
    pub(crate) arrays: &'a [(usize, &'a Assignment)],
    output: Vec<u8>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(name: &'static str, words: &'a [Vec<u8>], arrays: &'a [(usize, &'a Assignment)]) -> Call<'a> {
        Call { name, words, arrays, output: Vec::new() }
    }

    /// The arguments without the name.
    pub(crate) fn args(&self) -> &'a [Vec<u8>] {
        self.words.get(1..).unwrap_or_default()
    }

    /// Appends to what the builtin prints.
    pub(crate) fn print(&mut self, text: &[u8]) {
        self.output.extend_from_slice(text);
    }

    /// Appends a line.
    pub(crate) fn line(&mut self, text: &[u8]) {
        self.output.extend_from_slice(text);
        self.output.push(b'\n');
    }

    /// What was printed so far.
    pub(crate) fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// The output, for builtins that fill it piece by piece.
    pub(crate) fn output_mut(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }
}

/// What single builtins remember.
#[derive(Clone, Default)]
pub(crate) struct BuiltinState {
    /// Disabled by `enable -n`.
    pub(crate) disabled: Rc<BTreeSet<Vec<u8>>>,
    /// The directory stack without its top, which is the working directory.
    pub(crate) directories: Rc<Vec<Vec<u8>>>,
    /// Where `getopts` stands inside a word.
    pub(crate) getopts: getopts::Position,
    /// The history list.
    pub(crate) history: Rc<history::History>,
    /// What history expansions left for the next.
    pub(crate) expansions: Rc<std::cell::RefCell<history::Expansions>>,
    /// The command that is running is the last entry of the history.
    pub(crate) recorded: bool,
    /// How often `set` gave new positional parameters: a sourced file's own ones go only when it changed none.
    pub(crate) parameters_set: u32,
    /// Limits of `ulimit` that nobody but the shell knows.
    pub(crate) limits: ulimit::Lowered,
    /// What `complete` specified.
    pub(crate) completions: Rc<complete::Specifications>,
    /// The options of the completion whose function is running.
    pub(crate) completing: Option<u16>,
}

/// Ordered by name.
static TABLE: &[&Builtin] = &[
    &eval::DOT,
    &trivial::COLON,
    &test::BRACKET,
    &alias::ALIAS,
    &jobs::BG,
    &terminal::BIND,
    &loops::BREAK,
    &command::BUILTIN,
    &caller::CALLER,
    &cd::CD,
    &command::COMMAND,
    &complete::COMPGEN,
    &complete::COMPLETE,
    &complete::COMPOPT,
    &loops::CONTINUE,
    &declare::DECLARE,
    &dirstack::DIRS,
    &jobs::DISOWN,
    &echo::ECHO,
    &enable::ENABLE,
    &eval::EVAL,
    &exec::EXEC,
    &exit::EXIT,
    &declare::EXPORT,
    &trivial::FALSE,
    &history::FC,
    &jobs::FG,
    &getopts::GETOPTS,
    &hash::HASH,
    &help::HELP,
    &history::HISTORY,
    &jobs::JOBS,
    &kill::KILL,
    &let_::LET,
    &declare::LOCAL,
    &exit::LOGOUT,
    &mapfile::MAPFILE,
    &dirstack::POPD,
    &printf::PRINTF,
    &dirstack::PUSHD,
    &cd::PWD,
    &read::READ,
    &mapfile::READARRAY,
    &declare::READONLY,
    &exit::RETURN,
    &set::SET,
    &shift::SHIFT,
    &shopt::SHOPT,
    &eval::SOURCE,
    &terminal::SUSPEND,
    &test::TEST,
    &times::TIMES,
    &trap::TRAP,
    &trivial::TRUE,
    &type_::TYPE,
    &declare::TYPESET,
    &ulimit::ULIMIT,
    &umask::UMASK,
    &alias::UNALIAS,
    &unset::UNSET,
    &wait::WAIT,
];

/// What bash has not, but clients of a session know; no list names them.
static EXTRA: &[&Builtin] = &[&exit::QUIT];

/// All builtins that bash has, ordered by name.
pub(crate) fn all() -> impl Iterator<Item = &'static Builtin> {
    TABLE.iter().copied()
}

/// Finds a builtin by its name, disabled or not.
pub(crate) fn find(name: &[u8]) -> Option<&'static Builtin> {
    let extra = || EXTRA.iter().find(|builtin| builtin.name.as_bytes() == name);
    match TABLE.binary_search_by(|builtin| builtin.name.as_bytes().cmp(name)) {
        Ok(at) => TABLE.get(at).copied(),
        Err(_) => extra().copied(),
    }
}

/// Builtins that take `--help` for a word like any other.
const WITHOUT_HELP: &[&str] = &[":", "[", "echo", "false", "test", "true"];

/// Entries in the order in which bash walks a hash table of so many buckets.
pub(crate) fn in_bucket_order<'a, V>(
    entries: impl Iterator<Item = (&'a Vec<u8>, &'a V)>,
    buckets: u32,
) -> Vec<(&'a Vec<u8>, &'a V)> {
    let mut listed: Vec<_> = entries.collect();
    listed.sort_by_key(|(key, _)| crate::vars::bucket(key, buckets));
    listed
}

impl Shell {
    /// Prints the help text when a call's first argument asks for it.
    pub(crate) fn helped(&mut self, call: &mut Call<'_>) -> bool {
        let asked = call.args().first().is_some_and(|word| word == b"--help") && !WITHOUT_HELP.contains(&call.name);
        if asked && let Some(builtin) = find(call.name.as_bytes()) {
            call.print(&help::full(builtin));
        }
        asked
    }

    /// More arguments than a builtin takes: the command line is given up.
    pub(crate) fn too_many_arguments<T>(&mut self, call: &mut Call<'_>) -> Flow<T> {
        self.builtin_error(call, b"too many arguments");
        Err(crate::flow::Unwind::Discard(1))
    }

    /// Finds a builtin that is enabled.
    pub(crate) fn find_builtin(&self, name: &[u8]) -> Option<&'static Builtin> {
        let found = find(name)?;
        (self.builtins.disabled.is_empty() || !self.builtins.disabled.contains(name)).then_some(found)
    }

    /// Prints `NAME: line N: BUILTIN: MESSAGE`; what the builtin printed before goes first.
    pub(crate) fn builtin_error(&mut self, call: &mut Call<'_>, message: &[u8]) {
        let output = call.take_output();
        if !output.is_empty() {
            let _ = self.sys.write(1, &output);
        }
        // Unlike the shell's own messages, those of builtins keep their form under gnu_errfmt.
        let line = if self.start.interactive { String::new() } else { format!(" line {}:", self.line) };
        let name = call.name.as_bytes();
        self.write_error(&[self.error_name(), b":", line.as_bytes(), b" ", name, b": ", message, b"\n"].concat());
    }

    /// A variable error inside a builtin; what was unwound goes on.
    pub(crate) fn builtin_failed(&mut self, call: &mut Call<'_>, error: crate::vars::VarError) -> Flow<u8> {
        match error {
            crate::vars::VarError::Unwound(unwind) => Err(unwind),
            crate::vars::VarError::Readonly(_) if !matches!(call.name, "declare" | "typeset" | "local" | "export") => {
                self.report(&error.text());
                Ok(1)
            }
            crate::vars::VarError::Expression(text) => {
                self.builtin_error(call, &text);
                Err(crate::flow::Unwind::Discard(1))
            }
            other => {
                self.builtin_error(call, &other.text());
                Ok(1)
            }
        }
    }

    /// `BUILTIN: usage: ...` without a prefix, as bash prints it.
    pub(crate) fn usage_error(&mut self, call: &Call<'_>) -> u8 {
        if let Some(builtin) = find(call.name.as_bytes()) {
            self.write_error(format!("{}: usage: {}\n", builtin.name, builtin.usage).as_bytes());
        }
        2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_ordered_by_name() {
        assert!(TABLE.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(TABLE.iter().all(|builtin| !builtin.help.is_empty() && builtin.usage.starts_with(builtin.name)));
    }
}
