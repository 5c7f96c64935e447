//! `set`.

use crate::flow::Flow;
use crate::options::{SetOption, ShellOption};
use crate::shell::Shell;
use crate::vars::{Name, Positional};

use super::{Call, builtin};

builtin! {
    /// Set or unset values of shell options and positional parameters.
    ///
    /// Change the value of shell attributes and positional parameters, or display the names and values of shell
    /// variables.
    ///
    /// Options:
    ///   -a  Mark variables which are modified or created for export.
    ///   -b  Notify of job termination immediately.
    ///   -e  Exit immediately if a command exits with a non-zero status.
    ///   -f  Disable file name generation (globbing).
    ///   -h  Remember the location of commands as they are looked up.
    ///   -k  All assignment arguments are placed in the environment for a command.
    ///   -m  Job control is enabled.
    ///   -n  Read commands but do not execute them.
    ///   -o option-name  Set the variable corresponding to option-name.
    ///   -p  Turned on whenever the real and effective user ids do not match.
    ///   -t  Exit after reading and executing one command.
    ///   -u  Treat unset variables as an error when substituting.
    ///   -v  Print shell input lines as they are read.
    ///   -x  Print commands and their arguments as they are executed.
    ///   -B  the shell will perform brace expansion
    ///   -C  If set, disallow existing regular files to be overwritten by redirection of output.
    ///   -E  If set, the ERR trap is inherited by shell functions.
    ///   -P  If set, do not resolve symbolic links when executing commands such as cd.
    ///   -T  If set, the DEBUG and RETURN traps are inherited by shell functions.
    ///   --  Assign any remaining arguments to the positional parameters.
    ///   -   Assign any remaining arguments to the positional parameters. The -x and -v options are turned off.
    SET = "set", "set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]", set, special
}

/// Computed variables that a listing does not show.
const UNLISTED: &[Name] = &[
    Name::BASHPID,
    Name::BASH_ARGV0,
    Name::BASH_COMMAND,
    Name::BASH_MONOSECONDS,
    Name::BASH_SUBSHELL,
    Name::EPOCHREALTIME,
    Name::EPOCHSECONDS,
    Name::FUNCNAME,
    Name::HISTCMD,
    Name::LINENO,
    Name::RANDOM,
    Name::SECONDS,
    Name::SRANDOM,
];

fn set(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let mut rest = call.args();
    if rest.is_empty() {
        list_variables(shell, call);
        return Ok(0);
    }
    let mut parameters = false;
    while let Some((word, after)) = rest.split_first() {
        if word == b"--" {
            rest = after;
            parameters = true;
            break;
        }
        if word == b"-" {
            shell.options.set(SetOption::XTrace, false);
            shell.options.set(SetOption::Verbose, false);
            rest = after;
            parameters = !rest.is_empty();
            break;
        }
        let (on, letters) = match word.split_first() {
            Some((b'-', letters)) => (true, letters),
            Some((b'+', letters)) => (false, letters),
            _ => {
                parameters = true;
                break;
            }
        };
        rest = after;
        for letter in letters {
            if *letter == b'o' {
                match rest.split_first() {
                    None => list_options(shell, call, on),
                    Some((name, after)) => {
                        let Some(option) = SetOption::from_name(name) else {
                            shell.builtin_error(call, &[name, b": invalid option name".as_slice()].concat());
                            return Ok(2);
                        };
                        change(shell, option, on);
                        rest = after;
                    }
                }
                continue;
            }
            if *letter == b'r' && (on || !shell.is_restricted()) {
                if on {
                    shell.restrict();
                }
                continue;
            }
            let Some(option) = SetOption::from_letter(*letter) else {
                let sign = if on { b'-' } else { b'+' };
                shell.builtin_error(call, &[&[sign, *letter][..], b": invalid option"].concat());
                return Ok(shell.usage_error(call));
            };
            change(shell, option, on);
        }
    }
    if parameters {
        shell.builtins.parameters_set = shell.builtins.parameters_set.wrapping_add(1);
        shell.vars.set_positional(Positional::new(rest.to_vec()));
    }
    Ok(0)
}

/// Turns an option on or off, with what hangs on it.
pub(super) fn change(shell: &mut Shell, option: SetOption, on: bool) {
    shell.options.set(option, on);
    match option {
        SetOption::Emacs if on => shell.options.set(SetOption::Vi, false),
        SetOption::Vi if on => shell.options.set(SetOption::Emacs, false),
        SetOption::History if on => shell.begin_history(),
        SetOption::Posix => follow(shell, Name::POSIXLY_CORRECT, b"y", on),
        SetOption::IgnoreEof => follow(shell, Name::IGNOREEOF, b"10", on),
        SetOption::InteractiveComments => shell.options.set_shopt(ShellOption::InteractiveComments, on),
        _ => {}
    }
}

/// The variable that stands for an option is set with it and goes with it.
fn follow(shell: &mut Shell, name: Name, value: &[u8], on: bool) {
    if on {
        let _ = shell.set_variable(name, value, false);
    } else {
        let _ = shell.unset_variable(name);
    }
}

/// `set -o` and `set +o`.
fn list_options(shell: &Shell, call: &mut Call<'_>, table: bool) {
    for option in SetOption::ALL {
        let on = shell.is_set(*option);
        call.line(option.line(on, !table).as_bytes());
    }
}

fn list_variables(shell: &Shell, call: &mut Call<'_>) {
    for name in shell.vars.names() {
        if let Some(line) = shell.listed_variable(name) {
            call.line(&line);
        }
    }
    if !shell.is_set(SetOption::Posix) {
        for function in shell.functions.values() {
            let mut text = Vec::new();
            crate::tree::print::function(&mut text, &function.definition);
            call.line(&text);
        }
    }
}

impl Shell {
    /// A variable as `set` lists it; computed ones with their present value.
    pub(crate) fn listed_variable(&self, name: Name) -> Option<Vec<u8>> {
        // What is made when it is asked for is not there before; bash lists it only once it was.
        if UNLISTED.contains(&name) {
            return None;
        }
        let slot = self.vars.var(name)?;
        match self.dynamic_variable(name, slot) {
            Some(var) => crate::vars::listing(name, &var),
            None if slot.attrs.has(crate::vars::Attrs::DYNAMIC) => Some([name.bytes(), b"=()"].concat()),
            None => crate::vars::listing(name, slot),
        }
    }
}
