//! `timeout`: runs a program and signals it when it is not done in time.

use std::time::{Duration, Instant};

use sandshell_sys::options::{HELP, Letters, OptionReader, Order, VERSION};
use sandshell_sys::{Children, Command, Disposition, Errno, Pid, Signal, Target, WaitStatus};
use sandshell_sys::{end_as, exec_failure_status, kill, quote, set_disposition, take_pending, wait_for};

use crate::duration::{self, Bound};
use crate::message::Program;

pub(crate) const USAGE: &str = "\
Usage: timeout [OPTION] DURATION COMMAND [ARG]...
  or:  timeout [OPTION]
Starts COMMAND, and kills it if still running after DURATION.

      --preserve-status  exit with the same status as COMMAND, even when the command times out
      --foreground       signal COMMAND alone, not what it has started
  -k, --kill-after=DURATION
                         also send a KILL signal if COMMAND is still running this long after the first signal
  -s, --signal=SIGNAL    the signal to be sent on timeout, a name like 'HUP' or a number
  -v, --verbose          diagnose to stderr any signal sent upon timeout
      --help             display this help and exit
      --version          output version information and exit

DURATION is a floating point number with an optional suffix: 's' for seconds (the default), 'm' for minutes, 'h' for
hours or 'd' for days. A duration of 0 disables the timeout.

Exit status: 124 if COMMAND times out and --preserve-status is not set, 125 if timeout itself fails, 126 if COMMAND cannot
be invoked, 127 if it cannot be found, 137 if it is sent the KILL signal, else COMMAND's.
";

const PRESERVE: char = 'P';
const FOREGROUND: char = 'F';

const SPEC: Letters = Letters {
    short: "k:s:v",
    long: &[
        ("foreground", FOREGROUND),
        ("kill-after=", 'k'),
        ("preserve-status", PRESERVE),
        ("signal=", 's'),
        ("verbose", 'v'),
    ],
};

const TIMED_OUT: i32 = 124;

/// Signals to this process that are the program's, too.
const PASSED_ON: &[Signal] = &[Signal::HUP, Signal::INT, Signal::QUIT, Signal::ALRM, Signal::TERM];

#[derive(Debug)]
struct Settings {
    signal: Signal,
    kill_after: Bound,
    preserve_status: bool,
    foreground: bool,
    verbose: bool,
}

pub(crate) fn main(program: &Program, argv: Vec<Vec<u8>>) -> i32 {
    let mut arguments = OptionReader::new(&SPEC, Order::BeforeOperands, argv);
    let mut settings =
        Settings { signal: Signal::TERM, kill_after: None, preserve_status: false, foreground: false, verbose: false };
    loop {
        let (letter, argument) = match arguments.next_option() {
            Ok(None) => break,
            Ok(Some((HELP, _))) => return program.help(),
            Ok(Some((VERSION, _))) => return program.version(),
            Ok(Some((letter, argument))) => (letter, argument.unwrap_or_default()),
            Err(message) => return program.misuse(&message),
        };
        match letter {
            PRESERVE => settings.preserve_status = true,
            FOREGROUND => settings.foreground = true,
            'v' => settings.verbose = true,
            'k' => match duration::parse(&argument) {
                Some(bound) => settings.kill_after = bound.filter(|bound| !bound.is_zero()),
                None => return program.misuse(&invalid_interval(&argument)),
            },
            _ => match Signal::parse(&String::from_utf8_lossy(&argument)) {
                Some(signal) => settings.signal = signal,
                None => return program.misuse(&format!("{}: invalid signal", quote(&argument))),
            },
        }
    }
    let operands = arguments.rest();
    let [interval, name, rest @ ..] = operands.as_slice() else { return program.hint() };
    match duration::parse(interval) {
        Some(limit) => run(program, &settings, limit.filter(|limit| !limit.is_zero()), name, rest),
        None => program.misuse(&invalid_interval(interval)),
    }
}

fn invalid_interval(text: &[u8]) -> String {
    format!("invalid time interval {}", quote(text))
}

fn run(program: &Program, settings: &Settings, limit: Bound, name: &[u8], rest: &[Vec<u8>]) -> i32 {
    for signal in PASSED_ON.iter().chain([&settings.signal]) {
        // KILL and the like cannot be held; then they are not passed on either.
        let _ = set_disposition(*signal, Disposition::Hold);
    }
    let command = Command::new(name).arguments(rest).inherit_all();
    let command = if settings.foreground { command } else { command.new_group() };
    let child = match command.spawn() {
        Ok(child) => child,
        Err(errno) => {
            program.complain(&format!("failed to run command {}: {errno}", quote(name)));
            return exec_failure_status(errno);
        }
    };
    let mut watch = Watch { program, settings, name, child, next: settings.signal, due: due(limit), timed_out: false };
    match watch.status() {
        Ok(status) => watch.exit(status),
        Err(errno) => program.fail(&format!("error waiting for command: {errno}")),
    }
}

/// When a time is over that begins now; `None` for never.
fn due(limit: Bound) -> Option<Instant> {
    Instant::now().checked_add(limit?)
}

fn left(due: Option<Instant>) -> Option<Duration> {
    due.map(|due| due.saturating_duration_since(Instant::now()))
}

/// The program that is timed.
struct Watch<'a> {
    program: &'a Program,
    settings: &'a Settings,
    name: &'a [u8],
    child: Pid,
    /// The signal that is sent next.
    next: Signal,
    due: Option<Instant>,
    timed_out: bool,
}

impl Watch<'_> {
    /// Waits for the program, signals it in time, and passes signals on.
    fn status(&mut self) -> Result<WaitStatus, Errno> {
        loop {
            match wait_for(Children::One(self.child), left(self.due)) {
                Ok((_, status)) => return Ok(status),
                Err(Errno::ETIMEDOUT) => {
                    self.timed_out = true;
                    self.signal(self.next);
                }
                Err(Errno::EINTR) => {
                    while let Some(signal) = take_pending()? {
                        self.signal(signal);
                    }
                }
                Err(errno) => return Err(errno),
            }
        }
    }

    /// Sends a signal to the program and what it has started, and KILL some time later if that is asked for.
    fn signal(&mut self, signal: Signal) {
        let is_last = self.next == Signal::KILL || self.settings.kill_after.is_none();
        self.due = if is_last { None } else { due(self.settings.kill_after) };
        self.next = Signal::KILL;
        if self.settings.verbose {
            self.program.complain(&format!("sending signal {} to command {}", signal.name(), quote(self.name)));
        }
        let target = if self.settings.foreground { Target::Process(self.child) } else { Target::Group(self.child) };
        let signals = [Some(signal), Some(Signal::CONT).filter(|_| signal != Signal::KILL && signal != Signal::CONT)];
        for signal in signals.into_iter().flatten() {
            // It may have ended meanwhile.
            let _ = kill(target, Some(signal));
        }
    }

    fn exit(&self, status: WaitStatus) -> i32 {
        match status {
            WaitStatus::Signalled(_) if !self.timed_out => end_as(status),
            // GNU's signals its own group, too, so that KILL ends it.
            WaitStatus::Signalled(Signal::KILL) if !self.settings.foreground => end_as(status),
            WaitStatus::Signalled(Signal::KILL) => status.shell_status().into(),
            _ if self.timed_out && !self.settings.preserve_status => TIMED_OUT,
            _ => status.shell_status().into(),
        }
    }
}
