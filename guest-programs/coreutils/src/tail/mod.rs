//! `tail`: the last part of files, and what is added to them while it waits.
//!
//! `follow` waits in short sleeps and ends by a signal, by its `--pid`, or when no file is left. This file reads the
//! command line and the ends.

mod end;
mod follow;

use std::ffi::OsString;
use std::time::Duration;

use sandshell_sys::Pid;

use crate::basis::bytes::OsStrExt;
use crate::basis::errors::{Reason, complain};
use crate::basis::options::{Given, Grammar, Outcome};
use crate::basis::output::Output;
use crate::basis::quoting::{locale, name};
use end::{Amount, Source};

const PROGRAM: &str = "tail";

const GRAMMAR: Grammar = Grammar {
    program: PROGRAM,
    short: "c:n:fFqs:vz",
    long: &[
        ("bytes=", "c"),
        ("follow=?", "follow"),
        ("lines=", "n"),
        ("max-unchanged-stats=", "max-unchanged-stats"),
        ("pid=", "pid"),
        ("quiet", "q"),
        ("retry", "retry"),
        ("silent", "q"),
        ("sleep-interval=", "s"),
        ("verbose", "v"),
        ("zero-terminated", "z"),
    ],
    failure: 1,
    help: "Usage: tail [OPTION]... [FILE]...\nPrint the last 10 lines of each FILE to standard output.\n\n\
  -c, --bytes=[+]NUM   -n, --lines=[+]NUM   how much; with + from where\n  \
-f, --follow[=name|descriptor]   -F   --retry   --pid=PID   -s, --sleep-interval=N\n  \
-q, -v   never, always headers   -z   lines end with NUL\n",
};

/// What is asked for.
struct Plan {
    amount: Amount,
    end: u8,
    follow: Option<By>,
    retry: bool,
    pid: Option<Pid>,
    interval: Option<Duration>,
    headers: Option<bool>,
}

/// What a followed file is known by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Descriptor,
    Name,
}

/// Runs `tail`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(argv).unwrap_or_else(|status| status)
}

fn run(argv: impl Iterator<Item = OsString>) -> Outcome {
    let argv: Vec<OsString> = argv.collect();
    let (argv, old) = without_old_option(argv);
    let (given, mut operands) = GRAMMAR.parse(argv.into_iter())?;
    let mut plan = Plan {
        amount: Amount::last_lines(10),
        end: b'\n',
        follow: None,
        retry: false,
        pid: None,
        interval: None,
        headers: None,
    };
    if let Some((amount, follow)) = old {
        plan.amount = amount;
        plan.follow = follow.then_some(By::Descriptor);
    }
    for option in &given {
        plan.apply(option)?;
    }
    if operands.is_empty() {
        operands.push("-".into());
    }
    show(&plan, &operands)
}

/// Takes `-5`, `+3`, `-2c`, `-5f` from the front, as tail has understood them from its beginning.
fn without_old_option(mut argv: Vec<OsString>) -> (Vec<OsString>, Option<(Amount, bool)>) {
    let Some(old) = argv.get(1).and_then(|word| old_option(&word.to_string_lossy(), argv.len())) else {
        return (argv, None);
    };
    argv.remove(1);
    (argv, Some(old))
}

fn old_option(word: &str, arguments: usize) -> Option<(Amount, bool)> {
    // A plus also begins names: it is an option only before at most one file.
    let (from_start, rest) = match word.as_bytes() {
        [b'+', ..] if arguments <= 3 => (true, &word[1..]),
        [b'-', b'0'..=b'9', ..] => (false, &word[1..]),
        _ => return None,
    };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, letters) = rest.split_at(digits);
    let count: u64 = if digits.is_empty() { 10 } else { digits.parse().unwrap_or(u64::MAX) };
    let (unit, letters) = match letters.as_bytes() {
        [b'c', ..] => ('c', &letters[1..]),
        [b'b', ..] => ('b', &letters[1..]),
        [b'l', ..] => ('l', &letters[1..]),
        _ => ('l', letters),
    };
    let follow = match letters {
        "" => false,
        "f" => true,
        _ => return None,
    };
    if digits.is_empty() && letters.is_empty() && unit == 'l' && word.len() > 1 && !word.ends_with('l') {
        return None;
    }
    let count = if unit == 'b' { count.saturating_mul(512) } else { count };
    Some((Amount { lines: unit == 'l', from_start, count }, follow))
}

impl Plan {
    fn apply(&mut self, option: &Given) -> Result<(), i32> {
        let text = option.text();
        let refuse = |message: String| {
            complain(PROGRAM, &message);
            1
        };
        match option.id {
            "c" | "n" => self.amount = Amount::parse(&text, option.id == "n")?,
            "f" => self.follow = Some(By::Descriptor),
            "F" => {
                self.follow = Some(By::Name);
                self.retry = true;
            }
            "follow" => {
                const WORDS: &[&[&str]] = &[&["descriptor"], &["name"]];
                let by_name = option.value.is_some() && GRAMMAR.choose("--follow", &text, WORDS)? == 1;
                self.follow = Some(if by_name { By::Name } else { By::Descriptor });
            }
            "retry" => self.retry = true,
            "pid" => {
                let pid = text.parse().map_err(|_| refuse(format!("invalid PID: {}", locale(&text))))?;
                self.pid = Some(Pid(pid));
            }
            "s" => {
                let secs: f64 = text
                    .parse()
                    .ok()
                    .filter(|secs: &f64| *secs >= 0.0)
                    .ok_or_else(|| refuse(format!("invalid number of seconds: {}", locale(&text))))?;
                self.interval = Some(Duration::try_from_secs_f64(secs).unwrap_or(Duration::MAX));
            }
            "q" => self.headers = Some(false),
            "v" => self.headers = Some(true),
            "z" => self.end = 0,
            _ => {}
        }
        Ok(())
    }
}

/// A file on its way: what it is called and where reading goes on.
struct Tailed {
    path: OsString,
    source: Option<Source>,
}

impl Tailed {
    fn shown(&self) -> String {
        if self.path == "-" { "standard input".to_owned() } else { self.path.to_string_lossy().into_owned() }
    }

    fn quoted(&self) -> String {
        if self.path == "-" { name("standard input") } else { name(&self.path) }
    }
}

/// Text out, under the header of the file it comes from.
struct Printer {
    headers: bool,
    first: bool,
    last: Option<usize>,
    out: Output,
}

impl Printer {
    fn header(&mut self, index: usize, shown: &str) {
        if self.headers && self.last != Some(index) {
            let gap = if self.first { "" } else { "\n" };
            self.out.text(&format!("{gap}==> {shown} <==\n"));
        }
        self.first = false;
        self.last = Some(index);
    }
}

fn show(plan: &Plan, operands: &[OsString]) -> Outcome {
    if plan.retry && plan.follow.is_none() {
        complain(PROGRAM, "warning: --retry ignored; --retry is useful only when following");
    }
    if plan.pid.is_some() && plan.follow.is_none() {
        complain(PROGRAM, "warning: PID ignored; --pid=PID is useful only when following");
    }
    let headers = plan.headers.unwrap_or(operands.len() > 1);
    let mut printer = Printer { headers, first: true, last: None, out: Output::new(PROGRAM) };
    let mut files = Vec::new();
    let mut failed = false;
    for (index, path) in operands.iter().enumerate() {
        let mut file = Tailed { path: path.clone(), source: None };
        match Source::open(path) {
            Err(error) => {
                printer.out.flush();
                complain(PROGRAM, &format!("cannot open {} for reading: {}", file.quoted(), error.words()));
                failed = true;
            }
            Ok(mut source) => {
                printer.header(index, &file.shown());
                if let Err(error) = source.last_part(plan.amount, plan.end, &mut printer.out) {
                    printer.out.flush();
                    complain(PROGRAM, &format!("error reading {}: {}", file.quoted(), error.words()));
                    failed = true;
                } else {
                    file.source = Some(source);
                }
            }
        }
        files.push(file);
    }
    printer.out.flush();
    if plan.follow.is_some() {
        failed |= follow::follow(plan, &mut files, &mut printer);
    }
    Ok(i32::from(!printer.out.finish() || failed))
}

/// Returns whether a path names standard input.
fn is_stdin(path: &OsString) -> bool {
    path.as_bytes() == b"-"
}
