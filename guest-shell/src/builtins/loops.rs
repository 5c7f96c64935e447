//! `break` and `continue`.

use crate::flow::{Flow, Unwind};
use crate::shell::Shell;

use super::{Call, builtin, options};

builtin! {
    /// Exit for, while, or until loops.
    ///
    /// Exit a FOR, WHILE or UNTIL loop. If N is specified, break N enclosing loops.
    BREAK = "break", "break [n]", break_, special
}
builtin! {
    /// Resume for, while, or until loops.
    ///
    /// Resumes the next iteration of the enclosing FOR, WHILE or UNTIL loop. If N is specified, resumes the Nth
    /// enclosing loop.
    CONTINUE = "continue", "continue [n]", continue_, special
}

fn break_(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    leave(shell, call, Unwind::Break)
}

fn continue_(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    leave(shell, call, Unwind::Continue)
}

fn leave(shell: &mut Shell, call: &mut Call<'_>, how: fn(u32) -> Unwind) -> Flow<u8> {
    let levels = match call.args() {
        [] => Some(1),
        [text] => options::number(text),
        _ if shell.exec.loops == 0 => None,
        _ => return shell.too_many_arguments(call),
    };
    let text = call.args().first().map_or(&[][..], |text| text);
    if shell.exec.loops == 0 {
        shell.builtin_error(call, b"only meaningful in a `for', `while', or `until' loop");
        return Ok(0);
    }
    let Some(levels) = levels else {
        shell.builtin_error(call, &[text, b": numeric argument required"].concat());
        return Err(Unwind::Exit(128));
    };
    if levels < 1 {
        shell.builtin_error(call, &[text, b": loop count out of range"].concat());
        shell.exec.break_status = 1;
        return Err(Unwind::Break(shell.exec.loops));
    }
    Err(how(u32::try_from(levels).unwrap_or(u32::MAX).min(shell.exec.loops)))
}
