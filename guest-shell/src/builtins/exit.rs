//! `exit`, `quit`, `logout` and `return`.

use crate::flow::{Flow, Unwind};
use crate::shell::{FrameKind, Shell};

use super::{Call, builtin, options};

builtin! {
    /// Exit the shell.
    ///
    /// Exits the shell with a status of N. If N is omitted, the exit status is that of the last command executed.
    EXIT = "exit", "exit [n]", exit, special
}
builtin! {
    /// Exit the shell.
    ///
    /// The same as `exit`.
    QUIT = "quit", "quit [n]", exit
}
builtin! {
    /// Exit a login shell.
    ///
    /// Exits a login shell with exit status N. Returns an error if not executed in a login shell.
    LOGOUT = "logout", "logout [n]", logout
}
builtin! {
    /// Return from a shell function.
    ///
    /// Causes a function or sourced script to exit with the return value specified by N. If N is omitted, the return
    /// status is that of the last command executed within the function or script.
    RETURN = "return", "return [n]", return_, special
}

/// The status an argument stands for: its low eight bits. The inner error has been told.
fn status_of(shell: &mut Shell, call: &mut Call<'_>) -> Flow<Result<u8, u8>> {
    let args = match call.args() {
        [dashes, rest @ ..] if dashes == b"--" => rest,
        args => args,
    };
    match args {
        [] => Ok(Ok(shell.status)),
        [text, rest @ ..] => match options::number(text) {
            Some(_) if !rest.is_empty() => shell.too_many_arguments(call),
            Some(number) => Ok(Ok(number.to_le_bytes()[0])),
            None => {
                shell.builtin_error(call, &[text, b": numeric argument required".as_slice()].concat());
                Ok(Err(2))
            }
        },
    }
}

fn exit(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    if shell.start.interactive && shell.subshell_depth == 0 {
        shell.write_error(if shell.is_shopt(crate::options::ShellOption::LoginShell) {
            b"logout\n"
        } else {
            b"exit\n"
        });
    }
    let status = status_of(shell, call)?;
    shell.log_out()?;
    Err(Unwind::Exit(status.unwrap_or_else(|status| status)))
}

fn logout(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    if shell.is_shopt(crate::options::ShellOption::LoginShell) {
        return exit(shell, call);
    }
    shell.builtin_error(call, b"not login shell: use `exit'");
    Ok(1)
}

fn return_(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let returns = shell.frames.iter().any(|frame| matches!(frame.kind, FrameKind::Function | FrameKind::Source));
    let status = status_of(shell, call)?;
    if !returns {
        shell.builtin_error(call, b"can only `return' from a function or sourced script");
        return Ok(2);
    }
    Err(Unwind::Return(status.unwrap_or_else(|status| status)))
}
