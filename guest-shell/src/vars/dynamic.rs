//! Variables that are computed when they are read: RANDOM, SECONDS, LINENO, FUNCNAME and the like.
//!
//! They stand in the table with the attribute `DYNAMIC`, so that `unset` takes their meaning away as in bash, and an
//! ordinary look-up pays one bit test for them.

use std::cell::Cell;
use std::rc::Rc;

use super::{AssocArray, Attrs, Key, Name, Value, Var};
use crate::options::{SetOption, ShellOption};
use crate::shell::{FrameKind, Shell};

/// What the dynamic variables remember.
#[derive(Clone, Debug, Default)]
pub(crate) struct DynamicState {
    /// The generator behind RANDOM; none until it is seeded or first used.
    random: Cell<Option<u32>>,
    /// The process that seeded it: a subshell takes numbers of its own.
    random_pid: Cell<crate::sys::Pid>,
    /// The last RANDOM: bash never gives the same number twice in a row.
    last_random: Cell<u32>,
    /// SECONDS is the clock in nanoseconds minus this.
    pub(crate) seconds_base_ns: i128,
}

/// Dynamic variables with their other attributes.
const DYNAMIC: &[(Name, Attrs)] = &[
    (Name::RANDOM, Attrs::INTEGER),
    (Name::SRANDOM, Attrs::INTEGER),
    (Name::SECONDS, Attrs::INTEGER),
    (Name::LINENO, Attrs::NONE),
    (Name::BASHPID, Attrs::INTEGER),
    (Name::EPOCHSECONDS, Attrs::NONE),
    (Name::EPOCHREALTIME, Attrs::NONE),
    (Name::BASH_MONOSECONDS, Attrs::NONE),
    (Name::FUNCNAME, Attrs::NONE),
    (Name::BASH_SOURCE, Attrs::NONE),
    (Name::BASH_LINENO, Attrs::NONE),
    (Name::PIPESTATUS, Attrs::NONE),
    (Name::BASH_SUBSHELL, Attrs::NONE),
    (Name::BASH_COMMAND, Attrs::NONE),
    (Name::SHELLOPTS, Attrs::READONLY),
    (Name::BASHOPTS, Attrs::READONLY),
    (Name::HISTCMD, Attrs::INTEGER),
    (Name::BASH_ARGV0, Attrs::NONE),
    (Name::BASH_ALIASES, Attrs::NONE),
    (Name::BASH_CMDS, Attrs::NONE),
    (Name::BASH_ARGC, Attrs::NONE),
    (Name::BASH_ARGV, Attrs::NONE),
    (Name::DIRSTACK, Attrs::NONE),
    (Name::PPID, Attrs::INTEGER.or(Attrs::READONLY)),
    (Name::UNDERSCORE, Attrs::NONE),
];

impl Shell {
    /// Puts the dynamic variables and the constant ones (UID, BASH_VERSION, ...) into the table of a new shell.
    pub fn install_special_variables(&mut self) {
        for (name, attrs) in DYNAMIC {
            let mut var = Var::scalar(Vec::new());
            var.attrs = attrs.or(Attrs::DYNAMIC);
            self.vars.put(*name, var);
        }
        let now = i128::from(self.sys.monotonic_clock());
        self.dynamic.seconds_base_ns = now;
        let readonly_integer = Attrs::READONLY.or(Attrs::INTEGER);
        self.put_special(Name::UID, Var::scalar("0"), readonly_integer);
        self.put_special(Name::EUID, Var::scalar("0"), readonly_integer);
        self.put_special(Name::GROUPS, Var::indexed(vec![b"0".to_vec()]), Attrs::NOASSIGN);
        self.put_special(Name::BASH_VERSION, Var::scalar("5.2.15(1)-release"), Attrs::NONE);
        let version = ["5", "2", "15", "1", "release", "x86_64-pc-linux-gnu"];
        let version = version.iter().map(|part| part.as_bytes().to_vec()).collect();
        self.put_special(Name::BASH_VERSINFO, Var::indexed(version), Attrs::READONLY);
        for (name, text) in [
            (Name::BASH, "/bin/bash"),
            (Name::HOSTTYPE, "x86_64"),
            (Name::MACHTYPE, "x86_64-pc-linux-gnu"),
            (Name::OSTYPE, "linux-gnu"),
            (Name::OPTIND, "1"),
            (Name::OPTERR, "1"),
            (Name::PS4, "+ "),
            (Name::IFS, " \t\n"),
            (Name::new(b"COMP_WORDBREAKS"), " \t\n\"'@><=;|&(:"),
            (Name::BASH_LOADABLES_PATH, "/usr/local/lib/bash:/usr/lib/bash"),
        ] {
            self.put_special(name, Var::scalar(text), Attrs::NONE);
        }
    }

    fn put_special(&mut self, name: Name, mut var: Var, attrs: Attrs) {
        var.attrs = attrs;
        self.vars.put(name, var);
    }

    /// The present value of a variable whose slot in the table is `slot`.
    pub(crate) fn dynamic_variable(&self, name: Name, slot: &Var) -> Option<Var> {
        let value = self.dynamic_value(name)?;
        let mut attrs = slot.attrs;
        attrs.remove(Attrs::DYNAMIC);
        Some(Var { value, attrs })
    }

    fn dynamic_value(&self, name: Name) -> Option<Value> {
        let text = match name {
            Name::RANDOM => self.next_random().to_string(),
            Name::SRANDOM => (self.sys.random_u64() & 0xffff_ffff).to_string(),
            Name::SECONDS => {
                let elapsed = i128::from(self.sys.monotonic_clock()) - self.dynamic.seconds_base_ns;
                elapsed.div_euclid(1_000_000_000).to_string()
            }
            Name::BASH_MONOSECONDS => (self.sys.monotonic_clock() / 1_000_000_000).to_string(),
            Name::LINENO => self.line.to_string(),
            Name::BASHPID => self.pid.to_string(),
            Name::PPID => self.sys.parent_id().to_string(),
            Name::EPOCHSECONDS => (self.sys.wall_clock() / 1_000_000_000).to_string(),
            Name::EPOCHREALTIME => {
                let now = self.sys.wall_clock();
                format!("{}.{:06}", now / 1_000_000_000, now % 1_000_000_000 / 1000)
            }
            Name::BASH_SUBSHELL => self.subshell_depth.to_string(),
            Name::SHELLOPTS => set_options(self),
            Name::BASHOPTS => shell_options(self),
            Name::HISTCMD if self.is_set(SetOption::History) => {
                (self.builtins.history.next_number() - usize::from(self.builtins.recorded)).to_string()
            }
            Name::HISTCMD => "0".to_owned(),
            Name::BASH_COMMAND => return Some(Value::Scalar(self.command_text.to_vec())),
            Name::BASH_ARGV0 => return Some(Value::Scalar(self.name.to_vec())),
            Name::UNDERSCORE => return Some(Value::Scalar(self.last_argument.clone())),
            Name::PIPESTATUS => {
                let list = self.exec.pipestatus.iter().map(|status| status.to_string().into_bytes());
                return Some(Value::Indexed(list.collect::<Vec<_>>().into()));
            }
            Name::BASH_ALIASES => return Some(self.aliases_value()),
            Name::BASH_CMDS => return Some(self.commands_value()),
            Name::DIRSTACK => return Some(Value::Indexed(self.directory_stack().into())),
            Name::BASH_ARGC | Name::BASH_ARGV => return Some(self.call_arguments(name == Name::BASH_ARGV)),
            Name::FUNCNAME | Name::BASH_SOURCE | Name::BASH_LINENO => return self.call_stack(name),
            _ => return None,
        };
        Some(Value::Scalar(text.into_bytes()))
    }

    fn aliases_value(&self) -> Value {
        let mut array = AssocArray::default();
        for (name, text) in self.aliases.iter() {
            array.set(name, text.to_vec());
        }
        Value::Assoc(array)
    }

    fn commands_value(&self) -> Value {
        let mut array = AssocArray::default();
        for (name, (path, _)) in self.exec.hash.iter() {
            array.set(name, path.clone());
        }
        Value::Assoc(array)
    }

    /// BASH_ARGC, or BASH_ARGV with the last argument first, of the calls that `extdebug` noted.
    fn call_arguments(&self, values: bool) -> Value {
        let mut list = Vec::new();
        for arguments in self.frames.iter().rev().filter_map(|frame| frame.arguments.as_ref()) {
            if values {
                list.extend(arguments.iter().rev().cloned());
            } else {
                list.push(arguments.len().to_string().into_bytes());
            }
        }
        Value::Indexed(list.into())
    }

    /// FUNCNAME, BASH_SOURCE and BASH_LINENO, innermost first.
    fn call_stack(&self, name: Name) -> Option<Value> {
        if name == Name::FUNCNAME && !self.frames.iter().any(|frame| frame.kind == FrameKind::Function) {
            return None;
        }
        let list: Vec<Vec<u8>> = self
            .frames
            .iter()
            .rev()
            .map(|frame| match name {
                Name::FUNCNAME => frame.name.to_vec(),
                Name::BASH_SOURCE => frame.source.to_vec(),
                _ => frame.call_line.to_string().into_bytes(),
            })
            .collect();
        (!list.is_empty()).then(|| Value::Indexed(list.into()))
    }

    /// bash's generator: Park-Miller with 16 bits folded in, 0 to 32767, never twice the same.
    fn next_random(&self) -> u32 {
        let state = &self.dynamic;
        let inherited = self.subshell_depth > 0 && state.random_pid.get() != self.pid;
        state.random_pid.set(self.pid);
        let mut seed = state
            .random
            .get()
            .filter(|_| !inherited)
            .unwrap_or_else(|| u32::try_from(self.sys.random_u64() & 0x7fff_ffff).unwrap_or(1));
        loop {
            seed = intrand32(seed);
            state.random.set(Some(seed));
            let number = ((seed >> 16) ^ (seed & 0xffff)) & 0x7fff;
            if number != state.last_random.get() {
                state.last_random.set(number);
                return number;
            }
        }
    }

    /// An assignment to a dynamic variable: a seed, a base, a new `$0`; most take none.
    pub(crate) fn assign_dynamic(&mut self, name: Name, value: &[u8]) {
        let number = || std::str::from_utf8(value).ok().and_then(|text| text.trim().parse::<i64>().ok()).unwrap_or(0);
        match name {
            Name::RANDOM => {
                let seed = number().to_le_bytes();
                self.dynamic.random.set(Some(u32::from_le_bytes([seed[0], seed[1], seed[2], seed[3]])));
                self.dynamic.random_pid.set(self.pid);
                self.dynamic.last_random.set(0);
            }
            Name::SECONDS => {
                let now = i128::from(self.sys.monotonic_clock());
                self.dynamic.seconds_base_ns = now - i128::from(number()) * 1_000_000_000;
            }
            Name::BASH_ARGV0 => self.name = value.into(),
            Name::LINENO => self.line = u32::try_from(number()).unwrap_or(0),
            Name::UNDERSCORE => self.last_argument = value.to_vec(),
            Name::BASH_SUBSHELL => self.subshell_depth = u32::try_from(number()).unwrap_or(0),
            _ => {}
        }
    }

    /// `BASH_ALIASES[name]=text` is `alias name=text`.
    pub(crate) fn assign_dynamic_element(&mut self, name: Name, key: &Key, value: &[u8]) {
        match (name, key) {
            (Name::BASH_ALIASES, Key::Text(alias)) => {
                Rc::make_mut(&mut self.aliases).insert(alias.as_slice().into(), value.into());
            }
            (Name::BASH_CMDS, Key::Text(command)) => {
                Rc::make_mut(&mut self.exec.hash).insert(command.clone(), (value.to_vec(), 0));
            }
            (Name::DIRSTACK, Key::Index(index)) => self.set_stacked_directory(*index, value),
            _ => {}
        }
    }

    /// Called after a variable with a well-known name changed.
    pub(crate) fn special_assigned(&mut self, name: Name) {
        match name {
            Name::POSIXLY_CORRECT => {
                let on = self.vars.get(name).is_some();
                self.options.set(SetOption::Posix, on);
            }
            Name::IGNOREEOF => {
                let on = self.vars.get(name).is_some();
                self.options.set(SetOption::IgnoreEof, on);
            }
            _ => self.exec_variable_changed(name),
        }
    }
}

/// bash 5.2's `intrand32`: the minimal standard generator without overflow.
fn intrand32(last: u32) -> u32 {
    let seed = if last == 0 { 123_459_876 } else { last };
    let high = i64::from(seed / 127_773);
    let low = i64::from(seed % 127_773);
    let next = 16_807 * low - 2_836 * high;
    let next = if next < 0 { next + 0x7fff_ffff } else { next };
    u32::try_from(next).unwrap_or(1)
}

fn set_options(shell: &Shell) -> String {
    let on = SetOption::ALL.iter().filter(|option| shell.is_set(**option)).map(|option| option.name());
    on.collect::<Vec<_>>().join(":")
}

fn shell_options(shell: &Shell) -> String {
    let on = ShellOption::ALL.iter().filter(|option| shell.is_shopt(**option)).map(|option| option.name());
    on.collect::<Vec<_>>().join(":")
}
