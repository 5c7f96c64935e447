//! The processes and the machine as `/proc` shows them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Clock ticks a second (`USER_HZ`).
const TICKS_PER_SEC: u64 = 100;
const PAGE_KIB: u64 = 4;

/// A process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    pub(crate) parent: u32,
    pub(crate) group: u32,
    pub(crate) session: u32,
    /// `R`, `S`, `T` or `Z`.
    pub(crate) state: char,
    pub(crate) name: String,
    /// The arguments; empty for one that has ended.
    pub(crate) arguments: Vec<String>,
    pub(crate) cpu_ticks: u64,
    pub(crate) priority: i64,
    pub(crate) nice: i64,
    pub(crate) threads: u64,
    /// Ticks after the boot.
    pub(crate) started_ticks: u64,
    pub(crate) size_bytes: u64,
    pub(crate) resident_kib: u64,
}

impl Process {
    /// Reads `/proc/PID`; `None` when it has gone meanwhile.
    fn read(pid: u32) -> Option<Self> {
        let mut process = Self::parse(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?;
        let arguments = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let arguments = arguments.strip_suffix(b"\0").unwrap_or(&arguments);
        if !arguments.is_empty() {
            let words = arguments.split(|byte| *byte == 0);
            process.arguments = words.map(|word| String::from_utf8_lossy(word).into_owned()).collect();
        }
        Some(process)
    }

    /// Reads the line of `/proc/PID/stat`.
    fn parse(line: &str) -> Option<Self> {
        let (pid, rest) = line.split_once(" (")?;
        // The name may hold anything, so its end is the last parenthesis.
        let (name, rest) = rest.rsplit_once(") ")?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        // The first field here is the third of proc(5).
        let field = |number: usize| fields.get(number.checked_sub(3)?).copied();
        let unsigned = |number| field(number).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        let signed = |number| field(number).and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
        let pid_at = |number| u32::try_from(unsigned(number)).unwrap_or(0);
        Some(Self {
            pid: pid.parse().ok()?,
            parent: pid_at(4),
            group: pid_at(5),
            session: pid_at(6),
            state: field(3)?.chars().next()?,
            name: name.to_owned(),
            arguments: Vec::new(),
            cpu_ticks: unsigned(14) + unsigned(15),
            priority: signed(18),
            nice: signed(19),
            threads: unsigned(20),
            started_ticks: unsigned(22),
            size_bytes: unsigned(23),
            resident_kib: unsigned(24) * PAGE_KIB,
        })
    }

    /// Its arguments as one line; the name in brackets where there are none.
    pub(crate) fn command_line(&self) -> String {
        match (self.arguments.is_empty(), self.state) {
            (false, _) => self.arguments.join(" "),
            (true, 'Z') => format!("[{}] <defunct>", self.name),
            (true, _) => format!("[{}]", self.name),
        }
    }

    /// The time it has computed.
    pub(crate) fn cpu(&self) -> Duration {
        Duration::from_millis(self.cpu_ticks * 1000 / TICKS_PER_SEC)
    }
}

/// The session as a machine.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    /// Since its boot.
    pub(crate) uptime: Duration,
    /// Seconds since 1970.
    pub(crate) now_secs: i64,
    /// Lines of `/proc/meminfo`.
    memory: Vec<(String, u64)>,
}

impl Machine {
    /// Reads what `/proc` tells.
    pub(crate) fn load() -> Self {
        let uptime = std::fs::read_to_string("/proc/uptime").unwrap_or_default();
        let uptime = uptime.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(0.0);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        Self {
            uptime: Duration::try_from_secs_f64(uptime).unwrap_or_default(),
            now_secs: i64::try_from(now.as_secs()).unwrap_or(i64::MAX),
            memory: text.lines().filter_map(memory_line).collect(),
        }
    }

    /// A row of `/proc/meminfo` in KiB; 0 for what is not there.
    pub(crate) fn memory_kib(&self, name: &str) -> u64 {
        self.memory.iter().find(|(known, _)| known == name).map_or(0, |(_, kib)| *kib)
    }

    /// When a process was started, in seconds since 1970.
    pub(crate) fn started_secs(&self, process: &Process) -> i64 {
        let age = i64::try_from(self.age(process).as_secs()).unwrap_or(i64::MAX);
        self.now_secs.saturating_sub(age)
    }

    /// How long ago a process was started.
    pub(crate) fn age(&self, process: &Process) -> Duration {
        self.uptime.saturating_sub(Duration::from_millis(process.started_ticks * 1000 / TICKS_PER_SEC))
    }
}

fn memory_line(line: &str) -> Option<(String, u64)> {
    let (name, value) = line.split_once(':')?;
    let number = value.split_ascii_whitespace().next()?.parse().ok()?;
    Some((name.to_owned(), number))
}

/// Reads all processes, ascending.
pub(crate) fn all() -> Vec<Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut pids: Vec<u32> = names.filter_map(|name| name.parse().ok()).collect();
    pids.sort_unstable();
    pids.into_iter().filter_map(Process::read).collect()
}

/// This process's own number; 0 where there is none.
pub(crate) fn own_pid() -> u32 {
    sandshell_sys::own().map_or(0, |pid| pid.0)
}

/// A time in the zone of `TZ`, formatted as `strftime` does.
pub(crate) fn format_time(format: &str, seconds: i64) -> String {
    let stamp = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    let zoned = stamp.to_zoned(sandshell_sys::local_zone());
    jiff::fmt::strtime::format(format, &zoned).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_anything() {
        let line = "7 (a) (b c) S 1 7 1 0 -1 0 0 0 0 0 3 4 0 0 20 0 1 0 25 4096 2 0";
        let process = Process::parse(line).expect("well-formed");
        assert_eq!((process.pid, process.name.as_str(), process.state, process.parent), (7, "a) (b c", 'S', 1));
        assert_eq!((process.cpu_ticks, process.started_ticks, process.resident_kib), (7, 25, 8));
        assert_eq!(process.command_line(), "[a) (b c]");
        assert_eq!(Process::parse("7"), None);
    }
}
