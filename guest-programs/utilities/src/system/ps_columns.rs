//! The columns of `ps`: names, headers, widths and values.

use std::cmp::Ordering;
use std::time::Duration;

use super::table::{Machine, Process, format_time};

/// What values are made of beside the process.
pub(crate) struct Context {
    machine: Machine,
    total_kib: u64,
}

impl Context {
    pub(crate) fn new(machine: Machine) -> Self {
        let total_kib = machine.memory_kib("MemTotal").max(1);
        Self { machine, total_kib }
    }
}

/// How a value is made, and compared.
enum Make {
    Number(fn(&Context, &Process) -> i64),
    Text(fn(&Context, &Process) -> String),
    /// A text that is compared by a number.
    Measure(fn(&Context, &Process) -> String, fn(&Context, &Process) -> i64),
}

/// A column.
pub(crate) struct Column {
    names: &'static [&'static str],
    pub(crate) header: &'static str,
    pub(crate) width: usize,
    /// Aligned at the left, and cut to its width.
    pub(crate) left: bool,
    make: Make,
}

impl Column {
    /// Finds a column by one of its names.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        COLUMNS.iter().find(|column| column.names.contains(&name))
    }

    /// The header under which a name shows it.
    pub(crate) fn header_of(&self, name: &str) -> &'static str {
        match name {
            "args" | "command" | "comm" | "ucomm" => "COMMAND",
            "cmd" | "ucmd" => "CMD",
            "tty" | "tname" => "TTY",
            "start_time" | "bsdstart" => "START",
            "pgrp" => "PGRP",
            "sess" | "session" => "SESS",
            "euser" => "EUSER",
            "ruser" => "RUSER",
            "euid" => "EUID",
            "ruid" => "RUID",
            "egroup" => "EGROUP",
            "rgroup" => "RGROUP",
            "tid" => "TID",
            "spid" => "SPID",
            "thcount" => "THCNT",
            "rssize" => "RSS",
            _ => self.header,
        }
    }

    /// Tells whether it shows the command, which a drawing goes before.
    pub(crate) fn is_command(&self) -> bool {
        self.names.contains(&"args") || self.names.contains(&"comm")
    }

    /// What stands in it.
    pub(crate) fn value(&self, context: &Context, process: &Process) -> String {
        match self.make {
            Make::Number(make) => make(context, process).to_string(),
            Make::Text(make) | Make::Measure(make, _) => make(context, process),
        }
    }

    /// Compares two processes by it.
    pub(crate) fn compare(&self, context: &Context, left: &Process, right: &Process) -> Ordering {
        match self.make {
            Make::Number(make) | Make::Measure(_, make) => make(context, left).cmp(&make(context, right)),
            Make::Text(make) => make(context, left).cmp(&make(context, right)),
        }
    }
}

const fn number(
    names: &'static [&'static str],
    header: &'static str,
    width: usize,
    make: fn(&Context, &Process) -> i64,
) -> Column {
    Column { names, header, width, left: false, make: Make::Number(make) }
}

const fn text(
    names: &'static [&'static str],
    header: &'static str,
    width: usize,
    make: fn(&Context, &Process) -> String,
) -> Column {
    Column { names, header, width, left: true, make: Make::Text(make) }
}

const fn measure(
    names: &'static [&'static str],
    header: &'static str,
    width: usize,
    make: fn(&Context, &Process) -> String,
    key: fn(&Context, &Process) -> i64,
) -> Column {
    Column { names, header, width, left: false, make: Make::Measure(make, key) }
}

const COLUMNS: &[Column] = &[
    number(&["pid", "tgid"], "PID", 5, |_, process| process.pid.into()),
    number(&["ppid"], "PPID", 5, |_, process| process.parent.into()),
    number(&["pgid", "pgrp"], "PGID", 5, |_, process| process.group.into()),
    number(&["sid", "sess", "session"], "SID", 5, |_, process| process.session.into()),
    number(&["lwp", "tid", "spid"], "LWP", 5, |_, process| process.pid.into()),
    number(&["tpgid"], "TPGID", 5, |_, _| -1),
    number(&["uid", "euid", "ruid"], "UID", 5, |_, _| 0),
    number(&["gid", "egid", "rgid"], "GID", 5, |_, _| 0),
    text(&["user", "uname", "euser", "ruser"], "USER", 8, |_, _| "root".to_owned()),
    text(&["group", "egroup", "rgroup"], "GROUP", 8, |_, _| "root".to_owned()),
    text(&["comm", "ucmd", "ucomm"], "COMMAND", 15, |_, process| name(process)),
    text(&["args", "cmd", "command"], "COMMAND", 27, |_, process| process.command_line()),
    text(&["tname", "tty"], "TTY", 8, |_, _| "?".to_owned()),
    text(&["tt"], "TT", 8, |_, _| "?".to_owned()),
    measure(&["time", "cputime"], "TIME", 8, |_, process| clock(process.cpu()), cpu_key),
    measure(&["bsdtime"], "TIME", 6, |_, process| minutes(process.cpu()), cpu_key),
    number(&["cputimes", "times"], "TIME", 8, |_, process| seconds(process.cpu())),
    measure(&["etime"], "ELAPSED", 11, |context, process| elapsed(context.machine.age(process)), age_key),
    number(&["etimes"], "ELAPSED", 7, |context, process| seconds(context.machine.age(process))),
    Column { left: true, ..measure(&["stime", "start_time", "bsdstart"], "STIME", 5, start_time, start_key) },
    measure(&["start"], "STARTED", 8, |context, process| started(context, process, "%H:%M:%S", "  %b %d"), start_key),
    measure(&["lstart"], "STARTED", 24, |context, process| started(context, process, LONG, LONG), start_key),
    measure(&["pcpu", "%cpu"], "%CPU", 4, |context, process| tenths(cpu_share(context, process)), cpu_share),
    measure(&["c"], "C", 2, |context, process| (cpu_share(context, process) / 10).min(99).to_string(), cpu_share),
    measure(&["pmem", "%mem"], "%MEM", 4, |context, process| tenths(memory_share(context, process)), memory_share),
    number(&["vsz", "vsize"], "VSZ", 6, |_, process| int(process.size_bytes / 1024)),
    number(&["rss", "rssize", "rsz"], "RSS", 5, |_, process| int(process.resident_kib)),
    number(&["sz"], "SZ", 5, |_, process| int(process.size_bytes / 4096)),
    text(&["stat"], "STAT", 4, |_, process| stat(process)),
    text(&["s", "state"], "S", 1, |_, process| process.state.to_string()),
    number(&["ni", "nice"], "NI", 3, |_, process| process.nice),
    number(&["pri"], "PRI", 3, |_, process| 39 - process.priority),
    number(&["opri", "intpri"], "PRI", 3, |_, process| 60 + process.priority),
    number(&["priority"], "PRI", 3, |_, process| process.priority),
    number(&["nlwp", "thcount"], "NLWP", 4, |_, process| int(process.threads)),
    number(&["psr"], "PSR", 3, |_, _| 0),
    text(&["wchan"], "WCHAN", 6, |_, _| "-".to_owned()),
    text(&["addr"], "ADDR", 1, |_, _| "-".to_owned()),
    number(&["f", "flag", "flags"], "F", 1, |_, _| 0),
];

/// As `ctime` has it.
const LONG: &str = "%a %b %e %H:%M:%S %Y";

fn name(process: &Process) -> String {
    if process.state == 'Z' { format!("{} <defunct>", process.name) } else { process.name.clone() }
}

fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn seconds(time: Duration) -> i64 {
    int(time.as_secs())
}

fn cpu_key(_: &Context, process: &Process) -> i64 {
    int(process.cpu_ticks)
}

fn age_key(context: &Context, process: &Process) -> i64 {
    int(u64::try_from(context.machine.age(process).as_millis()).unwrap_or(u64::MAX))
}

fn start_key(_: &Context, process: &Process) -> i64 {
    int(process.started_ticks)
}

/// `[D-]HH:MM:SS`.
fn clock(time: Duration) -> String {
    let total = time.as_secs();
    let (days, hours, minutes, seconds) = (total / 86_400, total / 3600 % 24, total / 60 % 60, total % 60);
    let days = if days > 0 { format!("{days}-") } else { String::new() };
    format!("{days}{hours:02}:{minutes:02}:{seconds:02}")
}

/// `[[D-]HH:]MM:SS`.
fn elapsed(time: Duration) -> String {
    let text = clock(time);
    if time.as_secs() < 3600 { text.strip_prefix("00:").unwrap_or(&text).to_owned() } else { text }
}

/// `M:SS`.
fn minutes(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

/// The start as an hour today, a day this year, or a year.
fn start_time(context: &Context, process: &Process) -> String {
    let (then, now) = (context.machine.started_secs(process), context.machine.now_secs);
    let of = |format: &str, time| format_time(format, time);
    if of("%Y", then) != of("%Y", now) {
        of("%Y", then)
    } else if of("%j", then) != of("%j", now) {
        of("%b%d", then)
    } else {
        of("%H:%M", then)
    }
}

fn started(context: &Context, process: &Process, recent: &str, older: &str) -> String {
    const DAY_SECS: i64 = 24 * 60 * 60;
    let then = context.machine.started_secs(process);
    format_time(if context.machine.now_secs - then < DAY_SECS { recent } else { older }, then)
}

/// Thousandths of the time since the start.
fn cpu_share(context: &Context, process: &Process) -> i64 {
    let age = context.machine.age(process).as_millis().max(1);
    int(u64::try_from(process.cpu().as_millis() * 1000 / age).unwrap_or(0)).min(9999)
}

fn memory_share(context: &Context, process: &Process) -> i64 {
    int(process.resident_kib.saturating_mul(1000) / context.total_kib).min(999)
}

fn tenths(value: i64) -> String {
    format!("{}.{}", value / 10, value % 10)
}

/// The state with its marks: niceness, and `s` for the leader of a session.
fn stat(process: &Process) -> String {
    let nice = match process.nice {
        ..0 => "<",
        0 => "",
        _ => "N",
    };
    let leader = if process.session == process.pid { "s" } else { "" };
    format!("{}{nice}{leader}", process.state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_forms_of_procps() {
        let of = Duration::from_secs;
        assert_eq!((clock(of(3_661)), clock(of(90_000))), ("01:01:01".to_owned(), "1-01:00:00".to_owned()));
        assert_eq!((elapsed(of(61)), elapsed(of(3600))), ("01:01".to_owned(), "01:00:00".to_owned()));
        assert_eq!((minutes(of(61)), tenths(123)), ("1:01".to_owned(), "12.3".to_owned()));
    }

    #[test]
    fn every_name_is_there_once() {
        let names: Vec<&str> = COLUMNS.iter().flat_map(|column| column.names).copied().collect();
        for name in &names {
            assert_eq!(names.iter().filter(|other| *other == name).count(), 1, "{name}");
        }
    }
}
