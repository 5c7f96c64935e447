//! `bind` and `suspend`: what only a terminal could serve.

use crate::flow::Flow;
use crate::shell::Shell;

use super::{Call, builtin};

builtin! {
    /// Set Readline key bindings and variables.
    ///
    /// Line editing is the terminal's: bindings are accepted and have no effect.
    BIND = "bind", "bind [-lpsvPSVX] [-m keymap] [-f filename] [-q name] [-u name] [-r keyseq] [-x keyseq:shell-command] [keyseq:readline-function or readline-command]", |_, _| Ok(0)
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

fn suspend(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    shell.builtin_error(call, b"cannot suspend: no job control");
    Ok(1)
}
