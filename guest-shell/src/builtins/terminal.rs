//! `bind` and `suspend`: what only a terminal could serve.

use crate::flow::Flow;
use crate::shell::Shell;

use super::{Call, builtin};

builtin! {
    /// Set Readline key bindings and variables.
    ///
    /// Line editing is the terminal's: bindings are accepted and have no effect.
    BIND = "bind", "bind [-lpsvPSVX] [-m keymap] [-f filename] [-q name] [-u name] [-r keyseq] [-x keyseq:shell-command] [keyseq:readline-function or readline-command]", bind
}
builtin! {
    /// Suspend shell execution.
    ///
    /// Suspend the execution of this shell until it receives a SIGCONT signal. A session has nobody to send it one.
    ///
    /// Options:
    ///   -f	force the suspend, even if the shell is a login shell
    SUSPEND = "suspend", "suspend [-f]", suspend
}

/// A session's user may have bindings in a start-up file: there they are no news.
fn bind(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    if !shell.session {
        shell.builtin_error(call, b"warning: line editing not enabled");
    }
    match shell.parse_builtin_options(call, b"lvpVPsSXf:q:m:u:r:x:") {
        Ok(_) => Ok(0),
        Err(status) => Ok(status),
    }
}

fn suspend(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    match shell.parse_builtin_options(call, b"f") {
        Ok(parsed) if !parsed.rest.is_empty() => return shell.too_many_arguments(call),
        Ok(_) => {}
        Err(status) => return Ok(status),
    }
    shell.builtin_error(call, b"cannot suspend: no job control");
    Ok(1)
}
