//! `times`.

use crate::flow::Flow;
use crate::shell::Shell;

use super::{Call, builtin};

builtin! {
    /// Display process times.
    ///
    /// Prints the accumulated user and system times for the shell and all of its child processes.
    TIMES = "times", "times", times, special
}

fn times(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    if let Err(status) = shell.parse_builtin_options(call, b"") {
        return Ok(status);
    }
    let (own, children) = shell.sys.cpu_times();
    for ns in [own, children] {
        let millis = ns / 1_000_000;
        call.line(format!("{}m{}.{:03}s 0m0.000s", millis / 60_000, millis / 1000 % 60, millis % 1000).as_bytes());
    }
    Ok(0)
}
