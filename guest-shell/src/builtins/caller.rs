//! `caller`.

use crate::flow::Flow;
use crate::shell::{FrameKind, Shell};

use super::{Call, builtin, options};

builtin! {
    /// Return the context of the current subroutine call.
    ///
    /// Without EXPR, returns "$line $filename". With EXPR, returns "$line $subroutine $filename"; this extra
    /// information can be used to provide a stack trace.
    CALLER = "caller", "caller [expr]", caller
}

fn caller(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let inner: Vec<_> = shell.frames.iter().rev().cloned().collect();
    let calls = inner.iter().filter(|frame| frame.kind != FrameKind::Script).count();
    let level = match call.args().first() {
        None => None,
        Some(text) => match options::number(text).and_then(|level| usize::try_from(level).ok()) {
            Some(level) => Some(level),
            None => {
                shell.builtin_error(call, &[text, b": invalid number".as_slice()].concat());
                return Ok(shell.usage_error(call));
            }
        },
    };
    let at = level.unwrap_or(0);
    if level.is_none() && calls == 0 && !inner.is_empty() {
        call.line(b"0 NULL");
        return Ok(0);
    }
    if at >= calls {
        return Ok(1);
    }
    let Some(frame) = inner.get(at) else { return Ok(1) };
    let outer = inner.get(at + 1);
    let source = outer.map_or_else(|| b"NULL".to_vec(), |frame| frame.source.to_vec());
    let line = frame.call_line.to_string();
    match level {
        None => call.line(&[line.as_bytes(), b" ", &source].concat()),
        Some(_) => {
            let Some(outer) = outer else {
                call.line(&[line.as_bytes(), b" main ", &source].concat());
                return Ok(0);
            };
            call.line(&[line.as_bytes(), b" ", &outer.name, b" ", &source].concat());
        }
    }
    Ok(0)
}
