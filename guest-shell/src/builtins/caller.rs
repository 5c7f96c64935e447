//! `caller`.

use crate::flow::Flow;
use crate::shell::Shell;

use super::{Call, builtin, options};

builtin! {
    /// Return the context of the current subroutine call.
    ///
    /// Without EXPR, prints the line and the file of the call. With EXPR, a number of levels, prints the line, the
    /// function and the file: a stack trace is made of them.
    CALLER = "caller", "caller [expr]", caller
}

fn caller(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let frames: Vec<_> = shell.frames.iter().rev().cloned().collect();
    if frames.is_empty() {
        return Ok(1);
    }
    let args = match shell.parse_builtin_options(call, b"") {
        Ok(parsed) => parsed.rest,
        Err(status) => return Ok(status),
    };
    let Some(text) = args.first() else {
        let line = frames.first().map_or(0, |frame| frame.call_line).to_string();
        let source = frames.get(1).map_or(&b"NULL"[..], |frame| &frame.source);
        call.line(&[line.as_bytes(), b" ", source].concat());
        return Ok(0);
    };
    let Some(level) = options::number(text).and_then(|level| usize::try_from(level).ok()) else {
        shell.builtin_error(call, &[text, b": invalid number".as_slice()].concat());
        return Ok(shell.usage_error(call));
    };
    match (frames.get(level), level.checked_add(1).and_then(|outer| frames.get(outer))) {
        (Some(frame), Some(outer)) => {
            let line = frame.call_line.to_string();
            call.line(&[line.as_bytes(), b" ", &outer.name, b" ", &outer.source].concat());
            Ok(0)
        }
        _ => Ok(1),
    }
}
