//! `shopt`.

use crate::flow::Flow;
use crate::options::{SetOption, ShellOption};
use crate::shell::Shell;

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
        match (self, reusable) {
            (Any::Set(option), true) => format!("set {}o {}", if on { '-' } else { '+' }, option.name()),
            (Any::Shopt(option), true) => format!("shopt -{} {}", if on { 's' } else { 'u' }, option.name()),
            (Any::Set(option), false) => format!("{:<15}\t{}", option.name(), on_off(on)),
            (Any::Shopt(option), false) => format!("{:<15}\t{}", option.name(), on_off(on)),
        }
    }
}

fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
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
            status = 1;
            continue;
        };
        if enable || disable {
            match option {
                Any::Set(option) => shell.options.set(option, enable),
                Any::Shopt(ShellOption::LoginShell | ShellOption::RestrictedShell) => {}
                Any::Shopt(option) => shell.options.set_shopt(option, enable),
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
