//! `kill` as a program: signals by number, name and group, and the names of signals.

use sandshell_sys::{Errno, Pid, Signal, Target};

use super::table;
use crate::options::Grammar;
use crate::program::{Outcome, Program};

/// `kill`.
pub(crate) const PROGRAM: Program = Program {
    name: "kill",
    failure: 1,
    help: "\
Usage: kill [-SIGNAL | -s SIGNAL] PID...
  or:  kill -l [SIGNAL]...
  or:  kill -L
Send a signal to processes: TERM, unless another is named.

  -SIGNAL, -s, --signal SIGNAL  a name, with or without SIG, or a number; 0 only asks
  -l, --list [SIGNAL]           the names of signals, or the other name of one
  -L, --table                   the names and numbers of signals
  -h, --help, -V, --version

PID 0 is the own process group, -1 every process but this one, -PGID a group.
",
    grammar: Grammar { short: "", long: &[], stops_at_operand: true },
    main,
};

/// Columns of the lists without a terminal.
const WIDTH: usize = 80;

/// What is sent: `None` asks only.
type Sent = Option<Signal>;

/// Takes `-SIGNAL` from the front of arguments: a name or a number that is no option.
pub(crate) fn leading_signal(mut arguments: Vec<Vec<u8>>) -> (Option<Signal>, Vec<Vec<u8>>) {
    let named = |argument: &Vec<u8>| {
        let text = String::from_utf8_lossy(argument).into_owned();
        let name = text.strip_prefix('-')?;
        // A single letter is an option.
        let is_name = name.len() > 1 || name.starts_with(|first: char| first.is_ascii_digit());
        if is_name && !name.starts_with('-') { Signal::parse(name) } else { None }
    };
    let found = arguments.iter().enumerate().find_map(|(at, argument)| Some((at, named(argument)?)));
    match found {
        Some((at, signal)) => {
            arguments.remove(at);
            (Some(signal), arguments)
        }
        None => (None, arguments),
    }
}

fn main(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let words: Vec<String> = arguments.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    let mut left = words.as_slice();
    let mut signal: Sent = Some(Signal::TERM);
    while let [first, rest @ ..] = left {
        match first.as_str() {
            "--" => {
                left = rest;
                break;
            }
            "-h" | "--help" => return Err(program.print(program.help)),
            "-V" | "--version" => return Err(program.version()),
            "-l" | "--list" => return list(program, rest.first().map(String::as_str)),
            "-L" | "--table" => return Ok(program.print(table())),
            "-s" | "--signal" | "-n" => {
                let [name, behind @ ..] = rest else {
                    return Err(program.misuse("option requires an argument -- 's'"));
                };
                signal = parse(program, name)?;
                left = behind;
            }
            option if option.starts_with("--signal=") => {
                signal = parse(program, option.trim_start_matches("--signal="))?;
                left = rest;
            }
            option if option.starts_with("--list=") => {
                return list(program, option.strip_prefix("--list="));
            }
            option if option.len() > 1 && option.starts_with('-') && !is_group(option, words.len() == left.len()) => {
                signal = parse(program, option.trim_start_matches('-'))?;
                left = rest;
            }
            _ => break,
        }
    }
    if left.is_empty() {
        return Err(program.misuse("no process is named"));
    }
    let mut status = 0;
    for word in left {
        status |= send(program, word, signal);
    }
    Ok(status)
}

/// Tells whether `-N` is a group: behind a signal it is.
fn is_group(option: &str, is_first: bool) -> bool {
    !is_first && option.get(1..).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
}

fn parse(program: &Program, name: &str) -> Outcome<Sent> {
    match name {
        "0" => Ok(None),
        _ => match Signal::parse(name) {
            Some(signal) => Ok(Some(signal)),
            None => Err(program.fail(&format!("unknown signal name {name}"))),
        },
    }
}

fn send(program: &Program, word: &str, signal: Sent) -> i32 {
    let Ok(number) = word.parse::<i64>() else {
        return program.fail(&format!("failed to parse argument: '{word}'"));
    };
    let pid = Pid(u32::try_from(number.unsigned_abs()).unwrap_or(u32::MAX));
    let sent = match number {
        -1 => everybody(signal),
        0 => sandshell_sys::kill(Target::OwnGroup, signal),
        ..0 => sandshell_sys::kill(Target::Group(pid), signal),
        _ => sandshell_sys::kill(Target::Process(pid), signal),
    };
    match sent {
        Ok(()) => 0,
        Err(errno) => program.fail(&format!("({number}): {errno}")),
    }
}

fn everybody(signal: Sent) -> Result<(), Errno> {
    let own = table::own_pid();
    let mut result = Err(Errno::ESRCH);
    for process in table::all().iter().filter(|process| process.pid != own && process.pid != 1) {
        if sandshell_sys::kill(Target::Process(Pid(process.pid)), signal).is_ok() {
            result = Ok(());
        }
    }
    result
}

/// Lists all signals, or answers the other name of one: a status of a shell counts, too.
fn list(program: &Program, which: Option<&str>) -> Outcome {
    let Some(which) = which else {
        let names = classic().map(|(_, name)| name);
        let mut text = String::new();
        let mut length = 0;
        for name in names {
            if length > 0 && length + 1 + name.len() >= WIDTH {
                text.push('\n');
                length = 0;
            } else if length > 0 {
                text.push(' ');
                length += 1;
            }
            text.push_str(&name);
            length += name.len();
        }
        return Ok(program.print(text + "\n"));
    };
    let number = which.parse::<u8>().ok().map(|number| if number > 128 { number - 128 } else { number });
    let answer = match number {
        Some(number) => Signal::parse(&number.to_string()).map(Signal::name),
        None => Signal::parse(which).map(|signal| signal.0.to_string()),
    };
    match answer {
        Some(answer) => Ok(program.print(format!("{answer}\n"))),
        None => Err(program.fail(&format!("unknown signal name {which}"))),
    }
}

/// The signals before the real-time ones, by the names procps has for them.
fn classic() -> impl Iterator<Item = (u8, String)> {
    const LAST: u8 = 31;
    const POLL: u8 = 29;
    let name = |signal: Signal| if signal.0 == POLL { "POLL".to_owned() } else { signal.name() };
    Signal::all().filter(|signal| signal.0 <= LAST).map(move |signal| (signal.0, name(signal)))
}

/// Seven columns of numbers and names.
fn table() -> String {
    let cells: Vec<String> = classic().map(|(number, name)| format!("{number:2} {name:<8}")).collect();
    cells.chunks(7).map(|row| format!("{}\n", row.join("").trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_told_from_an_option() {
        let words = |words: &[&str]| words.iter().map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>();
        assert_eq!(leading_signal(words(&["-9", "x"])), (Some(Signal::KILL), words(&["x"])));
        assert_eq!(leading_signal(words(&["-f", "-SIGHUP", "x"])), (Some(Signal::HUP), words(&["-f", "x"])));
        assert_eq!(leading_signal(words(&["-f", "x"])), (None, words(&["-f", "x"])));
    }
}
