//! `kill`.

use crate::flow::{Flow, Unwind};
use crate::shell::Shell;
use crate::traps::{self, Event, SIGNALS};

use super::{Call, builtin, options};

builtin! {
    /// Send a signal to a job.
    ///
    /// Send the processes identified by PID or JOBSPEC the signal named by SIGSPEC or SIGNUM. If neither SIGSPEC nor
    /// SIGNUM is present, then SIGTERM is assumed.
    ///
    /// Options:
    ///   -s sig	SIG is a signal name
    ///   -n sig	SIG is a signal number
    ///   -l	list the signal names; if arguments follow `-l' they are assumed to be signal numbers for which names
    /// 	should be listed
    ///   -L	synonym for -l
    KILL = "kill", "kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]", kill
}

/// The signal sent when none is named.
const SIGTERM: u8 = 15;

fn kill(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let mut args = call.args();
    let mut signal = SIGTERM;
    if let Some((first, rest)) = args.split_first() {
        match first.as_slice() {
            b"-l" | b"-L" => return Ok(list(shell, call, rest)),
            b"-s" | b"-n" => {
                let Some((name, rest)) = rest.split_first() else {
                    shell.builtin_error(call, &[first, b": option requires an argument".as_slice()].concat());
                    return Ok(1);
                };
                match parse(name) {
                    Some(parsed) => signal = parsed,
                    None => return Ok(invalid(shell, call, name)),
                }
                args = rest;
            }
            b"--" => args = rest,
            [b'-', name @ ..] if !name.is_empty() => {
                let name = name
                    .strip_prefix(b"s")
                    .filter(|name| {
                        name.first().is_some_and(u8::is_ascii_uppercase)
                            && parse(first.get(1..).unwrap_or_default()).is_none()
                    })
                    .unwrap_or(name);
                match parse(name) {
                    Some(parsed) => signal = parsed,
                    None => return Ok(invalid(shell, call, name)),
                }
                args = rest;
            }
            _ => {}
        }
    }
    if args.first().is_some_and(|arg| arg == b"--") {
        args = args.get(1..).unwrap_or_default();
    }
    if args.is_empty() {
        return Ok(shell.usage_error(call));
    }
    let mut failed = false;
    for target in args {
        failed |= !send(shell, call, target, signal);
        die_of(shell, target, signal)?;
    }
    // What was sent to this shell counts at once.
    shell.poll_signals()?;
    Ok(u8::from(failed))
}

fn parse(name: &[u8]) -> Option<u8> {
    if name.eq_ignore_ascii_case(b"EXIT") { Some(0) } else { traps::parse_signal(name) }
}

/// The numbers `kill -l` gives to what only `trap` knows.
fn pseudo_signal(name: &[u8]) -> Option<u8> {
    let at = [&b"DEBUG"[..], b"ERR", b"RETURN"].iter().position(|known| name.eq_ignore_ascii_case(known))?;
    Some([65, 66, 67][at])
}

fn invalid(shell: &mut Shell, call: &mut Call<'_>, name: &[u8]) -> u8 {
    shell.builtin_error(call, &[name, b": invalid signal specification"].concat());
    1
}

fn send(shell: &mut Shell, call: &mut Call<'_>, target: &[u8], signal: u8) -> bool {
    let pid = if target.starts_with(b"%") {
        match shell.job_for(call, target) {
            Some(job) => Some(super::jobs::target_of(&job)),
            None => return false,
        }
    } else {
        options::number(target).and_then(|pid| i32::try_from(pid).ok())
    };
    let Some(pid) = pid else {
        let text = match target {
            b"" => b"`': not a pid or valid job spec".to_vec(),
            target => [target, b": arguments must be process or job IDs"].concat(),
        };
        shell.builtin_error(call, &text);
        return false;
    };
    match shell.sys.kill(pid, signal) {
        Ok(()) => {
            if signal == traps::SIGCONT {
                shell.jobs_mut().note_continued(pid.unsigned_abs());
            }
            true
        }
        Err(error) => {
            shell.builtin_error(call, &[b"(", target, b") - ", error.text().as_bytes()].concat());
            false
        }
    }
}

/// Ends a subshell that sent itself a signal whose action is to end it: it is no process of its own whom the kernel could end.
fn die_of(shell: &mut Shell, target: &[u8], signal: u8) -> Flow {
    /// CHLD, CONT, STOP, TSTP, TTIN, TTOU, URG, WINCH and the null signal end nobody.
    const HARMLESS: [u8; 9] = [0, 17, 18, 19, 20, 21, 22, 23, 28];
    let itself = shell.subshell_depth > 0 && options::number(target).is_some_and(|pid| pid == i64::from(shell.pid));
    if !itself || HARMLESS.contains(&signal) || shell.traps.command(Event::Signal(signal)).is_some() {
        return Ok(());
    }
    shell.traps.set(Event::Exit, None);
    Err(Unwind::Exit(128u8.saturating_add(signal)))
}

fn list(shell: &mut Shell, call: &mut Call<'_>, args: &[Vec<u8>]) -> u8 {
    if args.is_empty() {
        call.print(signal_table().as_bytes());
        return 0;
    }
    let mut status = 0;
    for arg in args {
        if let Some(number) = options::number(arg) {
            let number = u8::try_from(if number > 128 { number - 128 } else { number }).ok();
            let name = match number {
                Some(0) => Some("EXIT".to_owned()),
                Some(number) => {
                    Some(traps::signal_name(number)).and_then(|name| name.strip_prefix("SIG").map(str::to_owned))
                }
                None => None,
            };
            match name {
                Some(name) => call.line(name.as_bytes()),
                None => status = invalid(shell, call, arg),
            }
        } else {
            match parse(arg).or_else(|| pseudo_signal(arg)) {
                Some(number) => call.line(number.to_string().as_bytes()),
                None => status = invalid(shell, call, arg),
            }
        }
    }
    status
}

/// The table of `kill -l` and `trap -l`: five to a line.
pub(super) fn signal_table() -> String {
    let mut table = String::new();
    let numbers = SIGNALS.iter().map(|(number, _)| *number).chain(34..=64);
    for (at, number) in numbers.enumerate() {
        if at > 0 {
            table.push(if at % 5 == 0 { '\n' } else { '\t' });
        }
        table.push_str(&format!("{number:2}) {}", traps::signal_name(number)));
    }
    table.push('\n');
    table
}
