//! Traps: what to evaluate when a signal or a pseudo signal comes, and the table of signals.
//!
//! Owns names, numbers and the commands. When they run is decided in `exec`.

use std::collections::BTreeMap;
use std::rc::Rc;

/// What a trap is set for: a signal or one of bash's pseudo signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Event {
    /// `EXIT` or 0.
    Exit,
    /// A signal by number.
    Signal(u8),
    /// `DEBUG`.
    Debug,
    /// `ERR`.
    Err,
    /// `RETURN`.
    Return,
}

/// The traps of a shell. An empty command means: ignored.
#[derive(Debug, Clone, Default)]
pub struct Traps {
    commands: Rc<BTreeMap<Event, Rc<[u8]>>>,
    /// In a subshell that set no trap yet: those of its parent, which `trap` shows.
    shown: Option<Rc<BTreeMap<Event, Rc<[u8]>>>>,
    /// The signals that were ignored when the shell began, once somebody asked.
    inherited: Option<Rc<[u8]>>,
}

impl Traps {
    /// The command of an event.
    pub fn command(&self, event: Event) -> Option<Rc<[u8]>> {
        self.commands.get(&event).cloned()
    }

    /// The signals that were ignored when the shell began; `None` until that was found out.
    pub(crate) fn inherited(&self) -> Option<Rc<[u8]>> {
        self.inherited.clone()
    }

    /// Notes which signals were ignored when the shell began: `trap` lists them.
    pub(crate) fn inherit(&mut self, signals: Rc<[u8]>) {
        for signal in signals.iter() {
            self.set(Event::Signal(*signal), Some(b""));
        }
        self.inherited = Some(signals);
    }

    /// Whether anything is set at all (the evaluator's short cut).
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// Sets or (with `None`) removes the command of an event.
    pub fn set(&mut self, event: Event, command: Option<&[u8]>) {
        self.shown = None;
        let commands = Rc::make_mut(&mut self.commands);
        match command {
            Some(command) => commands.insert(event, command.into()),
            None => commands.remove(&event),
        };
    }

    /// All traps in the order `trap -p` prints them.
    pub fn iter(&self) -> impl Iterator<Item = (Event, &Rc<[u8]>)> {
        self.commands.iter().map(|(event, command)| (*event, command))
    }

    /// All traps by event.
    pub(crate) fn commands(&self) -> &Rc<BTreeMap<Event, Rc<[u8]>>> {
        &self.commands
    }

    /// What `trap -p` prints: in a subshell the parent's until it sets one.
    pub fn shown(&self) -> impl Iterator<Item = (Event, &Rc<[u8]>)> {
        self.shown.as_ref().unwrap_or(&self.commands).iter().map(|(event, command)| (*event, command))
    }

    /// The signals that are ignored.
    pub fn ignored_signals(&self) -> Vec<u8> {
        self.iter()
            .filter_map(|(event, command)| match event {
                Event::Signal(signal) if command.is_empty() => Some(signal),
                _ => None,
            })
            .collect()
    }

    /// What a subshell keeps: ignored signals, and what `errtrace`/`functrace` say.
    pub fn for_subshell(&self, errtrace: bool, functrace: bool) -> Traps {
        let keep = |event: &Event, command: &Rc<[u8]>| match event {
            Event::Err => errtrace,
            Event::Debug | Event::Return => functrace,
            Event::Exit => false,
            Event::Signal(_) => command.is_empty(),
        };
        let kept = self.commands.iter().filter(|(event, command)| keep(event, command));
        let commands = Rc::new(kept.map(|(event, command)| (*event, command.clone())).collect());
        let shown = Some(self.shown.as_ref().unwrap_or(&self.commands).clone());
        Traps { commands, shown, inherited: self.inherited.clone() }
    }
}

/// Signal names without `SIG`, by number; the system's own numbering (Linux).
pub const SIGNALS: &[(u8, &str)] = &[
    (1, "HUP"),
    (2, "INT"),
    (3, "QUIT"),
    (4, "ILL"),
    (5, "TRAP"),
    (6, "ABRT"),
    (7, "BUS"),
    (8, "FPE"),
    (9, "KILL"),
    (10, "USR1"),
    (11, "SEGV"),
    (12, "USR2"),
    (13, "PIPE"),
    (14, "ALRM"),
    (15, "TERM"),
    (16, "STKFLT"),
    (17, "CHLD"),
    (18, "CONT"),
    (19, "STOP"),
    (20, "TSTP"),
    (21, "TTIN"),
    (22, "TTOU"),
    (23, "URG"),
    (24, "XCPU"),
    (25, "XFSZ"),
    (26, "VTALRM"),
    (27, "PROF"),
    (28, "WINCH"),
    (29, "IO"),
    (30, "PWR"),
    (31, "SYS"),
];

/// The signal that stands for the run's deadline or fuel.
pub const SIGXCPU: u8 = 24;
/// The signal of an interrupt from the terminal.
pub const SIGINT: u8 = 2;
/// The signal that tells a parent of its child; its trap is the shell's own affair.
pub const SIGCHLD: u8 = 17;
/// The signal that lets a stopped process go on.
pub const SIGCONT: u8 = 18;
/// The signal of a broken pipe.
pub const SIGPIPE: u8 = 13;
/// The signal that asks a process to end.
pub const SIGTERM: u8 = 15;

/// The name of a signal with `SIG`, or its number when it has none.
pub fn signal_name(signal: u8) -> String {
    if let Some((_, name)) = SIGNALS.iter().find(|(number, _)| *number == signal) {
        return format!("SIG{name}");
    }
    match signal {
        34 => "SIGRTMIN".into(),
        35..=49 => format!("SIGRTMIN+{}", signal - 34),
        50..=63 => format!("SIGRTMAX-{}", 64 - signal),
        64 => "SIGRTMAX".into(),
        other => other.to_string(),
    }
}

/// Parses what users write for a signal: a number, `INT`, `SIGINT` (in any case).
pub fn parse_signal(text: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(text).ok()?;
    if let Ok(number) = text.parse::<u8>() {
        return (number <= 64).then_some(number);
    }
    let upper = text.to_ascii_uppercase();
    let bare = upper.strip_prefix("SIG").unwrap_or(&upper);
    if let Some((number, _)) = SIGNALS.iter().find(|(_, name)| *name == bare) {
        return Some(*number);
    }
    (34..=64).find(|number| signal_name(*number).strip_prefix("SIG") == Some(bare))
}

/// Parses what users write for a trap's event.
pub fn parse_event(text: &[u8]) -> Option<Event> {
    match text.to_ascii_uppercase().as_slice() {
        b"EXIT" | b"SIGEXIT" | b"0" => Some(Event::Exit),
        b"DEBUG" | b"SIGDEBUG" => Some(Event::Debug),
        b"ERR" | b"SIGERR" => Some(Event::Err),
        b"RETURN" | b"SIGRETURN" => Some(Event::Return),
        _ => parse_signal(text).map(Event::Signal),
    }
}

/// How an event is shown by `trap -p`.
pub fn event_name(event: Event) -> String {
    match event {
        Event::Exit => "EXIT".into(),
        Event::Debug => "DEBUG".into(),
        Event::Err => "ERR".into(),
        Event::Return => "RETURN".into(),
        Event::Signal(signal) => signal_name(signal),
    }
}

/// What is said about a process that a signal ended, as `strsignal` words it.
pub fn signal_text(signal: u8) -> &'static str {
    const TEXTS: [&str; 32] = [
        "Unknown signal 0",
        "Hangup",
        "Interrupt",
        "Quit",
        "Illegal instruction",
        "Trace/breakpoint trap",
        "Aborted",
        "Bus error",
        "Floating point exception",
        "Killed",
        "User defined signal 1",
        "Segmentation fault",
        "User defined signal 2",
        "Broken pipe",
        "Alarm clock",
        "Terminated",
        "Stack fault",
        "Child exited",
        "Continued",
        "Stopped (signal)",
        "Stopped",
        "Stopped (tty input)",
        "Stopped (tty output)",
        "Urgent I/O condition",
        "CPU time limit exceeded",
        "File size limit exceeded",
        "Virtual timer expired",
        "Profiling timer expired",
        "Window changed",
        "I/O possible",
        "Power failure",
        "Bad system call",
    ];
    TEXTS.get(usize::from(signal)).copied().unwrap_or("Unknown signal")
}
