//! `ulimit`: the session's limits are the host's; what is asked for is shown and accepted.

use crate::flow::Flow;
use crate::shell::Shell;

use super::{Call, builtin};

builtin! {
    /// Modify shell resource limits.
    ///
    /// Provides control over the resources available to the shell and processes it creates, on systems that allow
    /// such control. Here the host sets the limits: values are shown, and lower ones accepted.
    ULIMIT = "ulimit", "ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]", ulimit
}

/// Letter, description, unit, value.
const LIMITS: &[(u8, &str, &str, &str)] = &[
    (b'R', "real-time non-blocking time", "microseconds, ", "unlimited"),
    (b'c', "core file size", "blocks, ", "0"),
    (b'd', "data seg size", "kbytes, ", "unlimited"),
    (b'e', "scheduling priority", "", "0"),
    (b'f', "file size", "blocks, ", "unlimited"),
    (b'i', "pending signals", "", "128"),
    (b'l', "max locked memory", "kbytes, ", "unlimited"),
    (b'm', "max memory size", "kbytes, ", "unlimited"),
    (b'n', "open files", "", "1024"),
    (b'p', "pipe size", "512 bytes, ", "8"),
    (b'q', "POSIX message queues", "bytes, ", "0"),
    (b'r', "real-time priority", "", "0"),
    (b's', "stack size", "kbytes, ", "8192"),
    (b't', "cpu time", "seconds, ", "unlimited"),
    (b'u', "max user processes", "", "128"),
    (b'v', "virtual memory", "kbytes, ", "unlimited"),
    (b'x', "file locks", "", "unlimited"),
];

fn ulimit(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"SHabcdefiklmnpqrstuvxPRT") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    if parsed.has(b'a') {
        for (letter, name, unit, value) in LIMITS {
            let shown = format!("({unit}-{})", char::from(*letter));
            call.line(format!("{name:<25}{shown:>15} {value}").as_bytes());
        }
        return Ok(0);
    }
    let asked: Vec<u8> =
        parsed.letters().iter().map(|(letter, _)| *letter).filter(|letter| !matches!(letter, b'S' | b'H')).collect();
    let letter = asked.last().copied().unwrap_or(b'f');
    let Some((_, _, _, value)) = LIMITS.iter().find(|(known, ..)| *known == letter) else {
        shell.builtin_error(call, b"cannot get limit: Invalid argument");
        return Ok(1);
    };
    match parsed.rest.first() {
        None => call.line(value.as_bytes()),
        Some(text) if text == b"unlimited" || text == b"hard" || text == b"soft" => {}
        Some(text) if super::options::number(text).is_some_and(|number| number >= 0) => {}
        Some(text) => {
            shell.builtin_error(call, &[text, b": invalid number".as_slice()].concat());
            return Ok(1);
        }
    }
    Ok(0)
}
