//! `shift`.

use crate::flow::Flow;
use crate::options::ShellOption;
use crate::shell::Shell;

use super::{Call, builtin, options};

builtin! {
    /// Shift positional parameters.
    ///
    /// Rename the positional parameters $N+1,$N+2 ... to $1,$2 ... If N is not given, it is assumed to be 1.
    SHIFT = "shift", "shift [n]", shift, special
}

fn shift(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let count = match call.args() {
        [] => 1,
        [text] => match options::number(text) {
            Some(count) => count,
            None => {
                shell.builtin_error(call, &[text, b": numeric argument required".as_slice()].concat());
                return Ok(1);
            }
        },
        _ => {
            shell.builtin_error(call, b"too many arguments");
            return Ok(1);
        }
    };
    let Ok(count) = usize::try_from(count) else {
        shell.builtin_error(call, format!("{count}: shift count out of range").as_bytes());
        return Ok(1);
    };
    if shell.vars.shift(count) {
        return Ok(0);
    }
    if shell.is_shopt(ShellOption::ShiftVerbose) {
        shell.builtin_error(call, format!("{count}: shift count out of range").as_bytes());
    }
    Ok(1)
}
