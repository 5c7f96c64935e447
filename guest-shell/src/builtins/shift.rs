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
    let args = match call.args() {
        [dashes, rest @ ..] if dashes == b"--" => rest,
        args => args,
    };
    let (count, shown) = match args {
        [] => (1, None),
        [text, ..] if options::number(text).is_none() => {
            shell.builtin_error(call, &[text, b": numeric argument required".as_slice()].concat());
            return Ok(1);
        }
        [text] => (options::number(text).unwrap_or(0), Some(text)),
        _ => return shell.too_many_arguments(call),
    };
    let out_of_range = match shown {
        Some(text) => [text, b": shift count out of range".as_slice()].concat(),
        None => b"shift count out of range".to_vec(),
    };
    let Ok(count) = usize::try_from(count) else {
        shell.builtin_error(call, &out_of_range);
        return Ok(1);
    };
    if shell.vars.shift(count) {
        return Ok(0);
    }
    if shell.is_shopt(ShellOption::ShiftVerbose) {
        shell.builtin_error(call, &out_of_range);
    }
    Ok(1)
}
