//! `command` and `builtin`.

use crate::exec::Lookup;
use crate::flow::Flow;
use crate::shell::Shell;

use super::{Call, builtin, type_};

builtin! {
    /// Execute a simple command or display information about commands.
    ///
    /// Runs COMMAND with ARGS suppressing shell function lookup, or display information about the specified COMMANDs.
    ///
    /// Options:
    ///   -p	use a default value for PATH that is guaranteed to find all of the standard utilities
    ///   -v	print a description of COMMAND similar to the `type' builtin
    ///   -V	print a more verbose description of each COMMAND
    COMMAND = "command", "command [-pVv] command [arg ...]", command
}
builtin! {
    /// Execute shell builtins.
    ///
    /// Execute SHELL-BUILTIN with arguments ARGs without performing command lookup.
    BUILTIN = "builtin", "builtin [shell-builtin [arg ...]]", builtin_
}

/// The path of `command -p`.
const STANDARD_PATH: &[u8] = b"/bin:/usr/bin";

fn command(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"pvV") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    if parsed.has(b'p') && shell.is_restricted() {
        shell.builtin_error(call, b"-p: restricted");
        return Ok(1);
    }
    let path = parsed.has(b'p').then_some(STANDARD_PATH);
    if parsed.has(b'v') || parsed.has(b'V') {
        return Ok(tell(shell, call, parsed.rest, parsed.has(b'V'), path));
    }
    let Some(name) = parsed.rest.first() else { return Ok(0) };
    if let Some(found) = shell.find_builtin(name) {
        let skipped = call.args().len() - parsed.rest.len() + 1;
        let arrays: Vec<_> =
            call.arrays.iter().map(|(at, assignment)| (at.saturating_sub(skipped), *assignment)).collect();
        return shell.call_builtin(found, parsed.rest, &arrays);
    }
    let found = path.and_then(|path| shell.search_in(path, name, false).into_iter().next());
    let plan = shell.inherited_fds();
    match shell.start_program(found, parsed.rest, &plan, None)? {
        Ok(pid) => shell.wait_foreground(pid, || parsed.rest.join(&b' ')),
        Err(status) => Ok(status),
    }
}

fn tell(shell: &mut Shell, call: &mut Call<'_>, names: &[Vec<u8>], long: bool, path: Option<&[u8]>) -> u8 {
    let mut status = if names.is_empty() { 0 } else { 1 };
    for name in names {
        match shell.meanings(name, true, path).first() {
            Some(meaning) => {
                status = 0;
                if long {
                    type_::describe(shell, call, name, meaning);
                } else {
                    type_::brief(call, name, meaning);
                }
            }
            None if long => shell.builtin_error(call, &[name, b": not found".as_slice()].concat()),
            None => {}
        }
    }
    status
}

fn builtin_(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let args = match shell.parse_builtin_options(call, b"") {
        Ok(parsed) => parsed.rest,
        Err(status) => return Ok(status),
    };
    let Some(name) = args.first() else { return Ok(0) };
    match super::find(name) {
        Some(found) => {
            let arrays: Vec<_> =
                call.arrays.iter().map(|(at, assignment)| (at.saturating_sub(1), *assignment)).collect();
            shell.call_builtin(found, args, &arrays)
        }
        None => {
            debug_assert!(!matches!(shell.look_up(name), Lookup::Builtin(_)));
            shell.builtin_error(call, &[name, b": not a shell builtin".as_slice()].concat());
            Ok(1)
        }
    }
}
