//! `trap`.

use std::rc::Rc;

use crate::flow::Flow;
use crate::shell::Shell;
use crate::sys::Disposition;
use crate::traps::{self, Event};
use crate::vars::quote_single;

use super::{Call, builtin};

builtin! {
    /// Trap signals and other events.
    ///
    /// ARG is a command to be read and executed when the shell receives the signal(s) SIGNAL_SPEC. If ARG is absent
    /// (and a single SIGNAL_SPEC is supplied) or `-', each specified signal is reset to its original value. If ARG is
    /// the null string each SIGNAL_SPEC is ignored by the shell and by the commands it invokes.
    ///
    /// Options:
    ///   -l	print a list of signal names and their corresponding numbers
    ///   -p	display the trap commands associated with each SIGNAL_SPEC
    TRAP = "trap", "trap [-lp] [[arg] signal_spec ...]", trap, special
}

fn trap(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"lp") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    if parsed.has(b'l') {
        call.print(super::kill::signal_table().as_bytes());
        return Ok(0);
    }
    let inherited = ignored_from_start(shell);
    if parsed.has(b'p') || parsed.rest.is_empty() {
        return Ok(show(shell, call, parsed.rest));
    }
    let (command, events) = match parsed.rest {
        [only] => (None, std::slice::from_ref(only)),
        [first, ..] if is_number(first) => (None, parsed.rest),
        [first, rest @ ..] => ((first != b"-").then_some(first), rest),
        [] => return Ok(0),
    };
    if parsed.rest.len() == 1 && traps::parse_event(&parsed.rest[0]).is_none() {
        return Ok(shell.usage_error(call));
    }
    let mut status = 0;
    for text in events {
        match traps::parse_event(text) {
            // What was ignored from the start stays so in a shell without a user.
            Some(Event::Signal(signal)) if inherited.contains(&signal) && !shell.session => {}
            Some(event) => {
                shell.make_room(command.map_or(0, Vec::len))?;
                set(shell, event, command.map(Vec::as_slice));
            }
            None => {
                shell.builtin_error(call, &[text, b": invalid signal specification".as_slice()].concat());
                status = 1;
            }
        }
    }
    Ok(status)
}

/// Where the system tells which signals are ignored, and how much of it is read.
const STATUS_PATH: &[u8] = b"/proc/self/status";

/// The signals that were ignored when this shell began. Asked for by the first `trap`, since only `trap` changes them.
fn ignored_from_start(shell: &mut Shell) -> Rc<[u8]> {
    if let Some(known) = shell.traps.inherited() {
        return known;
    }
    let mut ignored = Vec::new();
    let own = shell.subshell_depth == 0 && !shell.session && shell.traps.is_empty();
    if own && let Ok(status) = shell.read_file(STATUS_PATH) {
        let mask = status.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(std::str::from_utf8(mask).ok()?.trim(), 16).ok());
        // Signals that a program's runtime ignores for itself are nobody's trap.
        let told = |signal: &u8| mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1) && *signal != traps::SIGPIPE;
        ignored.extend(traps::SIGNALS.iter().map(|(signal, _)| *signal).filter(told));
    }
    let ignored: Rc<[u8]> = ignored.into();
    shell.traps.inherit(Rc::clone(&ignored));
    ignored
}

fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

fn set(shell: &mut Shell, event: Event, command: Option<&[u8]>) {
    shell.traps.set(event, command);
    // The shell knows itself when a child of its ended.
    if let Event::Signal(signal) = event
        && !(signal == traps::SIGCHLD && command.is_some_and(|command| !command.is_empty()))
    {
        let disposition = match command {
            None => Disposition::Default,
            Some(b"") => Disposition::Ignore,
            Some(_) => Disposition::Handle,
        };
        shell.sys.set_disposition(signal, disposition);
    }
}

fn show(shell: &mut Shell, call: &mut Call<'_>, names: &[Vec<u8>]) -> u8 {
    let mut status = 0;
    let mut wanted = Vec::new();
    for name in names {
        match traps::parse_event(name) {
            Some(event) => wanted.push(event),
            None => {
                shell.builtin_error(call, &[name, b": invalid signal specification".as_slice()].concat());
                status = 1;
            }
        }
    }
    for (event, command) in shell.traps.shown() {
        if names.is_empty() || wanted.contains(&event) {
            let quoted = if command.is_empty() { b"''".to_vec() } else { quote_single(command) };
            call.line(&[b"trap -- ", quoted.as_slice(), b" ", traps::event_name(event).as_bytes()].concat());
        }
    }
    status
}
