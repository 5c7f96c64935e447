//! `let`.

use crate::flow::Flow;
use crate::shell::Shell;
use crate::vars::VarError;

use super::{Call, builtin};

builtin! {
    /// Evaluate arithmetic expressions.
    ///
    /// Evaluate each ARG as an arithmetic expression. If the last ARG evaluates to 0, let returns 1; let returns 0
    /// otherwise.
    LET = "let", "let arg [arg ...]", let_
}

fn let_(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let args = match call.args() {
        [dashes, rest @ ..] if dashes == b"--" => rest,
        args => args,
    };
    if args.is_empty() {
        shell.builtin_error(call, b"expression expected");
        return Ok(1);
    }
    let mut last = 0;
    for text in args {
        match shell.evaluate_text(text) {
            Ok(value) => last = value,
            Err(VarError::Unwound(unwind)) => return Err(unwind),
            Err(error) => {
                shell.builtin_error(call, &error.text());
                return Ok(1);
            }
        }
    }
    Ok(u8::from(last == 0))
}
