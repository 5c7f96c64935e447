//! `exec`; its redirections are the evaluator's.

use crate::flow::{Flow, Unwind};
use crate::options::ShellOption;
use crate::shell::Shell;
use crate::sys::{Errno, FileKind};

use super::{Call, builtin};

builtin! {
    /// Replace the shell with the given command.
    ///
    /// Execute COMMAND, replacing this shell with the specified program. ARGUMENTS become the arguments to COMMAND. If
    /// COMMAND is not specified, any redirections take effect in the current shell.
    ///
    /// Options:
    ///   -a name	pass NAME as the zeroth argument to COMMAND
    ///   -c	execute COMMAND with an empty environment
    ///   -l	place a dash in the zeroth argument to COMMAND
    EXEC = "exec", "exec [-cl] [-a name] [command [argument ...]] [redirection ...]", exec, special
}

/// The status of what is there and cannot be executed.
const NOT_EXECUTABLE: u8 = 126;

fn exec(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"cla:") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    let Some(name) = parsed.rest.first() else { return Ok(0) };
    if shell.is_restricted() {
        shell.builtin_error(call, b"restricted");
        return Ok(1);
    }
    let mut args = parsed.rest.to_vec();
    if let (Some(first), Some(wanted)) = (args.first_mut(), parsed.value(b'a')) {
        *first = wanted.to_vec();
    }
    if let (Some(first), true) = (args.first_mut(), parsed.has(b'l')) {
        first.insert(0, b'-');
    }
    let Some(path) = shell.find_program(name) else {
        shell.builtin_error(call, &[name, b": not found".as_slice()].concat());
        return failed(shell, 127);
    };
    // bash names the whole path of what it tries.
    let path = match path.strip_prefix(b"./") {
        Some(rest) => [&shell.working_directory(), b"/".as_slice(), rest].concat(),
        None => path,
    };
    let env = parsed.has(b'c').then(Vec::new);
    let status = shell.exec_program(Some(path.clone()), &args, env)?;
    if status == NOT_EXECUTABLE {
        let is_directory = shell.sys.stat(&path, true).is_ok_and(|stat| stat.kind == FileKind::Directory);
        let error = if is_directory { Errno::EISDIR } else { Errno::EACCES };
        shell.builtin_error(call, &[&path, b": cannot execute: ".as_slice(), error.text().as_bytes()].concat());
    }
    failed(shell, status)
}

/// What could not be executed ends a shell without a user.
fn failed(shell: &Shell, status: u8) -> Flow<u8> {
    if shell.is_shopt(ShellOption::ExecFail) { Ok(status) } else { Err(Unwind::Exit(status)) }
}
