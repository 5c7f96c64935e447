//! `shopt`.

use crate::flow::Flow;
use crate::options::{SetOption, ShellOption};
use crate::shell::Shell;
use crate::vars::Name;

use super::{Call, builtin};

builtin! {
    /// Set and unset shell options.
    ///
    /// Change the setting of each shell option OPTNAME. Without any option arguments, list each supplied OPTNAME, or
    /// all shell options if no OPTNAMEs are given, with an indication of whether or not each is set.
    ///
    /// Options:
    ///   -o	restrict OPTNAMEs to those defined for use with `set -o'
    ///   -p	print each shell option with an indication of its status
    ///   -q	suppress output
    ///   -s	enable (set) each OPTNAME
    ///   -u	disable (unset) each OPTNAME
    SHOPT = "shopt", "shopt [-pqsu] [-o] [optname ...]", shopt
}

#[derive(Clone, Copy)]
enum Any {
    Set(SetOption),
    Shopt(ShellOption),
}

impl Any {
    fn find(name: &[u8], set: bool) -> Option<Any> {
        if set { SetOption::from_name(name).map(Any::Set) } else { ShellOption::from_name(name).map(Any::Shopt) }
    }

    fn is_on(self, shell: &Shell) -> bool {
        match self {
            Any::Set(option) => shell.is_set(option),
            Any::Shopt(option) => shell.is_shopt(option),
        }
    }

    fn line(self, shell: &Shell, reusable: bool) -> String {
        let on = self.is_on(shell);
        match self {
            Any::Set(option) => option.line(on, reusable),
            Any::Shopt(option) => option.line(on, reusable),
        }
    }
}

fn shopt(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"opqsu") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    let (enable, disable, quiet) = (parsed.has(b's'), parsed.has(b'u'), parsed.has(b'q'));
    if enable && disable {
        shell.builtin_error(call, b"cannot set and unset shell options simultaneously");
        return Ok(1);
    }
    let of_set = parsed.has(b'o');
    if parsed.rest.is_empty() {
        let all: Vec<Any> = if of_set {
            SetOption::ALL.iter().copied().map(Any::Set).collect()
        } else {
            ShellOption::ALL.iter().copied().map(Any::Shopt).collect()
        };
        let chosen = all.into_iter().filter(|option| !(enable || disable) || option.is_on(shell) == enable);
        let lines: Vec<String> = chosen.map(|option| option.line(shell, parsed.has(b'p'))).collect();
        if !quiet {
            lines.iter().for_each(|line| call.line(line.as_bytes()));
        }
        return Ok(0);
    }
    let mut status = 0;
    for name in parsed.rest {
        let Some(option) = Any::find(name, of_set) else {
            let what: &[u8] = if of_set { b": invalid option name" } else { b": invalid shell option name" };
            shell.builtin_error(call, &[name, what].concat());
            // As bash answers: `shopt -so` of a name that is none tells and succeeds.
            status |= u8::from(!of_set || !(enable || disable));
            continue;
        };
        if enable || disable {
            match option {
                Any::Set(option) => super::set::change(shell, option, enable),
                Any::Shopt(ShellOption::LoginShell | ShellOption::RestrictedShell) => {}
                Any::Shopt(option) => change(shell, option, enable),
            }
            continue;
        }
        if !option.is_on(shell) {
            status = 1;
        }
        if !quiet {
            let line = option.line(shell, parsed.has(b'p'));
            call.line(line.as_bytes());
        }
    }
    Ok(status)
}

/// The options that stand for the behaviour of an older bash, with what BASH_COMPAT is for each.
const COMPATIBLE: &[(ShellOption, &str)] = &[
    (ShellOption::Compat31, "31"),
    (ShellOption::Compat32, "32"),
    (ShellOption::Compat40, "40"),
    (ShellOption::Compat41, "41"),
    (ShellOption::Compat42, "42"),
    (ShellOption::Compat43, "43"),
    (ShellOption::Compat44, "44"),
];

fn change(shell: &mut Shell, option: ShellOption, on: bool) {
    let level = COMPATIBLE.iter().find(|(known, _)| *known == option).map(|(_, level)| *level);
    if let Some(level) = level {
        set_compatibility(shell, on.then_some(option));
        let _ = match on {
            true => shell.set_variable(Name::BASH_COMPAT, level.as_bytes(), false),
            false => shell.unset_variable(Name::BASH_COMPAT),
        };
        return;
    }
    shell.options.set_shopt(option, on);
    if option == ShellOption::InteractiveComments {
        shell.options.set(SetOption::InteractiveComments, on);
    }
    if option == ShellOption::ExtDebug {
        shell.options.set(SetOption::ErrTrace, on);
        shell.options.set(SetOption::FuncTrace, on);
    }
}

fn set_compatibility(shell: &mut Shell, chosen: Option<ShellOption>) {
    for (option, _) in COMPATIBLE {
        shell.options.set_shopt(*option, Some(*option) == chosen);
    }
}

impl Shell {
    /// BASH_COMPAT was assigned: `4.2` or `42` turns the option of that level on, others off.
    pub(crate) fn compatibility_assigned(&mut self) {
        let text = self.text_of(Name::BASH_COMPAT).map(|text| text.into_owned()).unwrap_or_default();
        let level: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'.').collect();
        let chosen = COMPATIBLE.iter().find(|(_, known)| known.as_bytes() == level).map(|(option, _)| *option);
        set_compatibility(self, chosen);
        if chosen.is_none() && !matches!(level.as_slice(), b"" | b"50" | b"51" | b"52") {
            self.report(&[b"BASH_COMPAT: ", text.as_slice(), b": compatibility value out of range"].concat());
        }
    }
}
