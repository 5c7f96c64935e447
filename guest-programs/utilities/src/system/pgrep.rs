//! `pgrep`, `pkill`, `pidof` and `killall`: processes by their names.

use regex::Regex;
use sandshell_posix_regex::{Syntax, translate};
use sandshell_sys::{Accounts, Pid, Signal, Target};

use super::kill::leading_signal;
use super::table::{self, Machine, Process};
use crate::options::{Given, Grammar};
use crate::output::Output;
use crate::program::{Outcome, Program};

const SHORT: &str = "d:lavwcefg:G:inoO:P:s:t:u:U:xF:Lr:AhVq:";
const LONG: &[(&str, char)] = &[
    ("count", 'c'),
    ("delimiter=", 'd'),
    ("echo", 'e'),
    ("euid=", 'u'),
    ("exact", 'x'),
    ("full", 'f'),
    ("group=", 'G'),
    ("ignore-ancestors", 'A'),
    ("ignore-case", 'i'),
    ("inverse", 'v'),
    ("list-full", 'a'),
    ("list-name", 'l'),
    ("newest", 'n'),
    ("older=", 'O'),
    ("oldest", 'o'),
    ("parent=", 'P'),
    ("pgroup=", 'g'),
    ("pidfile=", 'F'),
    ("runstates=", 'r'),
    ("session=", 's'),
    ("signal=", SIGNAL),
    ("terminal=", 't'),
    ("uid=", 'U'),
];
const SIGNAL: char = '\u{10}';

/// `pgrep`.
pub(crate) const PGREP: Program = Program {
    name: "pgrep",
    failure: 2,
    help: "\
Usage: pgrep [OPTION]... PATTERN
List the processes whose names match an extended regular expression.

  -d, --delimiter STRING  what is between the numbers
  -l, --list-name   -a, --list-full   -c, --count
  -f, --full        match the whole command line
  -x, --exact       match the whole name
  -i, --ignore-case
  -v, --inverse     list the others
  -n, --newest      -o, --oldest    -O, --older SECONDS
  -P, --parent PIDS      -g, --pgroup PGIDS     -s, --session SIDS
  -u, --euid  -U, --uid USERS      -G, --group GROUPS
  -r, --runstates STATES   -F, --pidfile FILE   -A, --ignore-ancestors
  -t, --terminal TTYS      no process has one
  -h, --help, -V, --version

Status: 0 when there is such a process, 1 when there is none, 2 for a mistake.
",
    grammar: Grammar { short: SHORT, long: LONG, stops_at_operand: false },
    main: pgrep,
};

/// `pkill`.
pub(crate) const PKILL: Program = Program {
    name: "pkill",
    failure: 2,
    help: "\
Usage: pkill [-SIGNAL] [OPTION]... PATTERN
Signal the processes whose names match an extended regular expression.

  -SIGNAL, --signal SIGNAL  what is sent: TERM
  -e, --echo        tell what is signalled
  -c, --count       tell how many are
  and the options of pgrep that choose: -f -x -i -v -n -o -O -P -g -s -u -U -G -r -F -A -t

Status: 0 when a process was signalled, 1 when there is none, 2 for a mistake.
",
    grammar: Grammar { short: SHORT, long: LONG, stops_at_operand: false },
    main: pkill,
};

/// `pidof`.
pub(crate) const PIDOF: Program = Program {
    name: "pidof",
    failure: 1,
    help: "\
Usage: pidof [OPTION]... PROGRAM...
Find the processes of programs by their exact names.

  -s       one only          -q   nothing but the status
  -o PIDS  leave these out; %PPID is the parent of pidof
  -d SEP   what is between the numbers
  -c, -n, -w, -x   accepted
  -h, --help, -V, --version
",
    grammar: Grammar {
        short: "scnxwqo:d:S:hV",
        long: &[("single-shot", 's'), ("omit-pid=", 'o'), ("separator=", 'd')],
        stops_at_operand: false,
    },
    main: pidof,
};

/// `killall`.
pub(crate) const KILLALL: Program = Program {
    name: "killall",
    failure: 1,
    help: "\
Usage: killall [-SIGNAL] [OPTION]... NAME...
Signal the processes of programs by their exact names.

  -s, --signal SIGNAL   what is sent: TERM    -l, --list   the names of signals
  -I, --ignore-case     -r, --regexp   names are extended regular expressions
  -q, --quiet           -v, --verbose  tell what is signalled
  -u, --user USER       only that user's
  -e, --exact, -g, -i, -w  accepted
      --help, -V, --version
",
    grammar: Grammar {
        short: "s:lIrqvu:egiwV",
        long: &[
            ("signal=", 's'),
            ("list", 'l'),
            ("ignore-case", 'I'),
            ("regexp", 'r'),
            ("quiet", 'q'),
            ("verbose", 'v'),
            ("user=", 'u'),
            ("exact", 'e'),
            ("wait", 'w'),
        ],
        stops_at_operand: false,
    },
    main: killall,
};

const NONE: i32 = 1;
/// Longest name of a process that the kernel keeps.
const NAME_MAX: usize = 15;

/// What chooses processes.
#[derive(Default)]
struct Criteria {
    pattern: Option<Regex>,
    full: bool,
    inverse: bool,
    parents: Option<Vec<u32>>,
    groups: Option<Vec<u32>>,
    sessions: Option<Vec<u32>>,
    pids: Option<Vec<u32>>,
    states: Option<String>,
    older_secs: u64,
    /// Only processes of somebody who is not here are asked for.
    nobody: bool,
    /// The newest or the oldest.
    one: Option<char>,
    ancestors: Vec<u32>,
}

impl Criteria {
    fn choose(&self) -> Vec<Process> {
        let machine = Machine::load();
        let own = table::own_pid();
        let mut found = table::all();
        found.retain(|process| {
            let is_candidate = process.pid != own && !self.ancestors.contains(&process.pid);
            is_candidate && self.matches(&machine, process) != self.inverse
        });
        let key = |process: &Process| (process.started_ticks, process.pid);
        match self.one {
            None => found,
            Some('n') => found.into_iter().max_by_key(key).into_iter().collect(),
            Some(_) => found.into_iter().min_by_key(key).into_iter().collect(),
        }
    }

    fn matches(&self, machine: &Machine, process: &Process) -> bool {
        let is_in = |list: &Option<Vec<u32>>, value| list.as_ref().is_none_or(|list| list.contains(&value));
        let text =
            if self.full && !process.arguments.is_empty() { process.command_line() } else { process.name.clone() };
        !self.nobody
            && is_in(&self.parents, process.parent)
            && is_in(&self.groups, process.group)
            && is_in(&self.sessions, process.session)
            && is_in(&self.pids, process.pid)
            && self.states.as_ref().is_none_or(|states| states.contains(process.state))
            && machine.age(process).as_secs() >= self.older_secs
            && self.pattern.as_ref().is_none_or(|pattern| pattern.is_match(&text))
    }
}

/// Reads the options that choose.
fn criteria(program: &Program, given: &[Given], operands: &[Vec<u8>]) -> Outcome<Criteria> {
    let mut found = Criteria::default();
    let (mut exact, mut ignore_case, mut is_criterion) = (false, false, false);
    for option in given {
        match option.letter {
            'f' => found.full = true,
            'x' => exact = true,
            'i' => ignore_case = true,
            'v' => found.inverse = true,
            'n' | 'o' => found.one = Some(option.letter),
            'P' => found.parents = Some(numbers(program, &option.text(), 0)?),
            'g' => {
                found.groups = Some(numbers(program, &option.text(), sandshell_sys::group().map_or(0, |pid| pid.0))?)
            }
            's' => found.sessions = Some(numbers(program, &option.text(), 1)?),
            'O' => found.older_secs = program.number("not a number", &option.text())?,
            'r' => found.states = Some(option.text()),
            't' => found.nobody = true,
            'u' | 'U' => found.nobody |= !is_root(program, &option.text(), Accounts::user_id, "user")?,
            'G' => found.nobody |= !is_root(program, &option.text(), Accounts::group_id, "group")?,
            'F' => {
                let text = crate::input::read(option.bytes()).unwrap_or_default();
                let text = String::from_utf8_lossy(&text).trim().to_owned();
                found.pids = Some(numbers(program, &text, 0)?);
            }
            'A' => found.ancestors = sandshell_sys::parent().map(|pid| pid.0).into_iter().collect(),
            _ => continue,
        }
        is_criterion |= !matches!(option.letter, 'f' | 'x' | 'i' | 'v');
    }
    match operands {
        [pattern] => {
            found.pattern = Some(compile(program, &String::from_utf8_lossy(pattern), exact, ignore_case, found.full)?);
        }
        [] if is_criterion => {}
        [] => return Err(program.misuse("no matching criteria specified")),
        _ => return Err(program.misuse("only one pattern can be provided")),
    }
    Ok(found)
}

/// Names are kept short, so a longer pattern can match command lines only; procps warns of it.
fn compile(program: &Program, pattern: &str, exact: bool, ignore_case: bool, full: bool) -> Outcome<Regex> {
    let is_plain = pattern.chars().all(|character| character.is_alphanumeric() || "_-".contains(character));
    if !full && is_plain && pattern.len() > NAME_MAX {
        program.complain(&format!(
            "pattern that searches for process name longer than {NAME_MAX} characters will result in zero matches\n\
Try `{} -f' option to match against the complete command line.",
            program.name
        ));
    }
    let whole = if exact { format!("^({pattern})$") } else { pattern.to_owned() };
    let text = translate(&whole, Syntax::Extended, '\n').map_err(|message| program.fail(&message))?.pattern;
    let flags = if ignore_case { "(?i)" } else { "" };
    Regex::new(&format!("{flags}{text}")).map_err(|_| program.fail("Invalid regular expression"))
}

/// Reads numbers separated by commas; 0 stands for `own`.
fn numbers(program: &Program, text: &str, own: u32) -> Outcome<Vec<u32>> {
    let read = |word: &str| match program.number::<u32>("not a number", word)? {
        0 => Ok(own),
        number => Ok(number),
    };
    text.split(',').map(read).collect()
}

/// Tells whether a list of users or groups has the one that all processes belong to.
fn is_root(program: &Program, text: &str, find: fn(&Accounts, &str) -> Option<u32>, what: &str) -> Outcome<bool> {
    let accounts = Accounts::load();
    let mut found = false;
    for name in text.split(',') {
        let id = name.parse().ok().or_else(|| find(&accounts, name));
        found |= id.ok_or_else(|| program.fail(&format!("invalid {what} name: {name}")))? == 0;
    }
    Ok(found)
}

fn common(program: &Program, given: &[Given]) -> Outcome<()> {
    match given.iter().find(|option| matches!(option.letter, 'h' | 'V')) {
        Some(option) if option.letter == 'h' => Err(program.print(program.help)),
        Some(_) => Err(program.version()),
        None => Ok(()),
    }
}

fn pgrep(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, operands) = program.parse(arguments)?;
    common(program, &given)?;
    let has = |letter| given.iter().any(|option| option.letter == letter);
    let delimiter = given.iter().rev().find(|option| option.letter == 'd').map_or("\n".to_owned(), Given::text);
    let found = criteria(program, &given, &operands)?.choose();
    let shown = |process: &Process| match (has('a'), has('l')) {
        (true, _) => format!("{} {}", process.pid, process.command_line()),
        (false, true) => format!("{} {}", process.pid, process.name),
        (false, false) => process.pid.to_string(),
    };
    let mut out = Output::new();
    if has('c') {
        out.text(&format!("{}\n", found.len()));
    } else if !found.is_empty() {
        out.text(&found.iter().map(shown).collect::<Vec<_>>().join(&delimiter));
        out.text("\n");
    }
    Ok(out.finish(program, if found.is_empty() { NONE } else { 0 }))
}

fn pkill(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (signal, arguments) = leading_signal(arguments);
    let (given, operands) = program.parse(arguments)?;
    common(program, &given)?;
    let has = |letter| given.iter().any(|option| option.letter == letter);
    let named = given.iter().rev().find(|option| option.letter == SIGNAL).map(Given::text);
    let signal = match named {
        Some(name) => Some(Signal::parse(&name).ok_or_else(|| program.fail(&format!("Unknown signal \"{name}\".")))?),
        None => signal,
    };
    let found = criteria(program, &given, &operands)?.choose();
    let mut n_signalled = 0;
    let mut out = Output::new();
    for process in &found {
        match sandshell_sys::kill(Target::Process(Pid(process.pid)), Some(signal.unwrap_or(Signal::TERM))) {
            Ok(()) => {
                n_signalled += 1;
                if has('e') {
                    out.text(&format!("{} killed (pid {})\n", process.name, process.pid));
                }
            }
            // It ended meanwhile.
            Err(sandshell_sys::Errno::ESRCH) => {}
            Err(errno) => program.complain(&format!("killing pid {} failed: {errno}", process.pid)),
        }
    }
    if has('c') {
        out.text(&format!("{}\n", found.len()));
    }
    Ok(out.finish(program, if n_signalled > 0 { 0 } else { NONE }))
}

/// Tells whether a program of that name runs in a process.
fn is_named(process: &Process, name: &str) -> bool {
    let base = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let called = process.arguments.first().map(|first| base(first.trim_start_matches('-')));
    process.name == name || called.as_deref() == Some(&base(name))
}

fn pidof(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, operands) = program.parse(arguments)?;
    common(program, &given)?;
    let (mut single, mut quiet, mut separator, mut omitted) = (false, false, " ".to_owned(), vec![table::own_pid()]);
    for option in &given {
        match option.letter {
            's' => single = true,
            'q' => quiet = true,
            'd' | 'S' => separator = option.text(),
            'o' => {
                let parent = sandshell_sys::parent().map_or(0, |pid| pid.0).to_string();
                omitted.extend(numbers(program, &option.text().replace("%PPID", &parent), 0)?);
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    let processes = table::all();
    for name in &operands {
        let name = String::from_utf8_lossy(name);
        let pids = processes.iter().rev().filter(|process| is_named(process, &name) && process.state != 'Z');
        found.extend(pids.map(|process| process.pid).filter(|pid| !omitted.contains(pid)));
    }
    if single {
        found.truncate(1);
    }
    if found.is_empty() {
        return Ok(NONE);
    }
    let line: Vec<String> = found.iter().map(u32::to_string).collect();
    Ok(if quiet { 0 } else { program.print(format!("{}\n", line.join(&separator))) })
}

fn killall(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (mut signal, arguments) = leading_signal(arguments);
    let (given, operands) = program.parse(arguments)?;
    let (mut quiet, mut verbose, mut ignore_case, mut is_regex, mut nobody) = (false, false, false, false, false);
    for option in &given {
        match option.letter {
            's' => {
                let name = option.text();
                let message = || program.fail(&format!("{name}: unknown signal; killall -l lists signals."));
                signal = Some(Signal::parse(&name).ok_or_else(message)?);
            }
            'l' => {
                let names: Vec<String> = Signal::all().map(Signal::name).collect();
                return Err(program.print(format!("{}\n", names.join(" "))));
            }
            'I' => ignore_case = true,
            'r' => is_regex = true,
            'q' => quiet = true,
            'v' => verbose = true,
            'u' => nobody = !is_root(program, &option.text(), Accounts::user_id, "user")?,
            'V' => return Err(program.version()),
            _ => {}
        }
    }
    if operands.is_empty() {
        return Err(program.misuse("no process selection criteria"));
    }
    let (processes, own) = (table::all(), table::own_pid());
    let mut status = 0;
    for name in operands.iter().map(|name| String::from_utf8_lossy(name)) {
        let pattern = if is_regex { Some(compile(program, &name, false, ignore_case, true)?) } else { None };
        let is_meant = |process: &&Process| match &pattern {
            Some(pattern) => pattern.is_match(&process.name),
            None if ignore_case => process.name.eq_ignore_ascii_case(&name),
            None => is_named(process, &name),
        };
        let mut n_signalled = 0;
        for process in processes.iter().filter(is_meant).filter(|process| process.pid != own && !nobody) {
            let signal = signal.unwrap_or(Signal::TERM);
            if sandshell_sys::kill(Target::Process(Pid(process.pid)), Some(signal)).is_ok() {
                n_signalled += 1;
                if verbose {
                    crate::program::say(&format!("Killed {name}({}) with signal {}", process.pid, signal.0));
                }
            }
        }
        if n_signalled == 0 {
            status = NONE;
            if !quiet {
                crate::program::say(&format!("{name}: no process found"));
            }
        }
    }
    Ok(status)
}
