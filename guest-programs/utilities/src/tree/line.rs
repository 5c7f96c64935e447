//! The drawing: one line a file, with what the options tell of it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sandshell_sys::{Accounts, Kind, Mode, Stat};

use super::entry::Entry;
use super::options::{Settings, Units, Unprintable};
use crate::output::Output;

/// Draws a tree.
pub(super) fn draw(settings: &Settings, root: &Entry, out: &mut Output) {
    let mut pen = Pen { settings, facts: Facts::new(settings), out, margin: String::new() };
    pen.line(root, "");
    pen.below(root);
}

struct Pen<'a> {
    settings: &'a Settings,
    facts: Facts<'a>,
    out: &'a mut Output,
    margin: String,
}

impl Pen<'_> {
    fn line(&mut self, entry: &Entry, branch: &str) {
        if self.settings.lines {
            self.out.text(&self.margin);
            self.out.text(branch);
        }
        let facts = self.facts.of(entry);
        if !facts.is_empty() {
            self.out.text(&format!("[{}]  ", facts.join(" ")));
        }
        self.name(&entry.name, entry.stat.as_ref(), entry.target.is_some() && entry.followed.is_none());
        if let Some(target) = &entry.target {
            self.out.text(" -> ");
            self.name(target, entry.followed.as_ref(), false);
        }
        if self.settings.classify {
            let state = if entry.is_link() { entry.followed } else { entry.stat };
            self.out.text(state.map_or("", |state| mark(state.mode)));
        }
        if let Some(error) = &entry.error {
            self.out.text(&format!("  [{error}]"));
        }
        self.out.text("\n");
    }

    /// Writes a name, colored by what it names.
    fn name(&mut self, name: &[u8], state: Option<&Stat>, is_orphan: bool) {
        let quote = if self.settings.quote { "\"" } else { "" };
        let shown = [quote.as_bytes(), &printable(self.settings, name), quote.as_bytes()].concat();
        let code = self.settings.colors.as_ref().and_then(|colors| colors.code(name, state, is_orphan));
        if let Some(code) = &code {
            self.out.text(&format!("\x1b[{code}m"));
        }
        self.out.put(&shown);
        if code.is_some() {
            self.out.text("\x1b[0m");
        }
    }

    fn below(&mut self, entry: &Entry) {
        let children = entry.children.as_deref().unwrap_or_default();
        let [open, last, side, nothing] = if self.settings.unicode {
            ["├── ", "└── ", "│\u{a0}\u{a0} ", "    "]
        } else {
            ["|-- ", "`-- ", "|   ", "    "]
        };
        let length = self.margin.len();
        for (at, child) in children.iter().enumerate() {
            let is_last = at + 1 == children.len();
            self.line(child, if is_last { last } else { open });
            self.margin.push_str(if is_last { nothing } else { side });
            self.below(child);
            self.margin.truncate(length);
        }
    }
}

/// What `-F` appends.
fn mark(mode: Mode) -> &'static str {
    match mode.kind() {
        Kind::Directory => "/",
        Kind::Socket => "=",
        Kind::Fifo => "|",
        Kind::Regular if mode.permissions() & 0o111 != 0 => "*",
        _ => "",
    }
}

/// A name as it is shown.
fn printable(settings: &Settings, name: &[u8]) -> Vec<u8> {
    if settings.unprintable == Unprintable::Raw {
        return name.to_vec();
    }
    let mut shown = Vec::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        for character in chunk.valid().chars() {
            let mut buffer = [0; 4];
            let bytes = character.encode_utf8(&mut buffer).as_bytes();
            if !character.is_control() {
                shown.extend_from_slice(bytes);
            } else if settings.unprintable == Unprintable::Questioned {
                shown.push(b'?');
            } else {
                shown.extend(bytes.iter().flat_map(|byte| format!("\\{byte:03o}").into_bytes()));
            }
        }
        for byte in chunk.invalid() {
            match settings.unprintable {
                Unprintable::Questioned => shown.push(b'?'),
                _ => shown.extend(format!("\\{byte:03o}").into_bytes()),
            }
        }
    }
    shown
}

/// A size as the settings ask for it, with the blanks of a column.
pub(super) fn size(settings: &Settings, bytes: u64) -> String {
    const BINARY: &[char] = &['B', 'K', 'M', 'G', 'T', 'P', 'E'];
    const DECIMAL: &[char] = &['d', 'k', 'M', 'G', 'T', 'P', 'E'];
    let (unit, letters) = match settings.units {
        Units::Bytes => return format!("{bytes:>11}"),
        Units::Binary => (1024, BINARY),
        Units::Decimal => (1000, DECIMAL),
    };
    if bytes < unit {
        return format!("{bytes:>4}");
    }
    let (mut left, mut at) = (bytes, 1);
    while left >= unit * unit {
        left /= unit;
        at += 1;
    }
    let letter = letters.get(at).copied().unwrap_or('?');
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown, of less than 1,000,000 units")]
    let value = left as f64 / unit as f64;
    if left / unit >= 10 { format!("{value:>3.0}{letter}") } else { format!("{value:>3.1}{letter}") }
}

/// Makes what stands in brackets before a name, and the attributes of other forms.
pub(super) struct Facts<'a> {
    settings: &'a Settings,
    accounts: Option<Accounts>,
    now: Timestamp,
    zone: TimeZone,
}

impl<'a> Facts<'a> {
    pub(super) fn new(settings: &'a Settings) -> Self {
        let accounts = (settings.owner || settings.group).then(Accounts::load);
        Self { settings, accounts, now: Timestamp::now(), zone: sandshell_sys::local_zone() }
    }

    fn of(&self, entry: &Entry) -> Vec<String> {
        let Some(stat) = &entry.stat else { return Vec::new() };
        let mut facts = Vec::new();
        let settings = self.settings;
        if settings.inodes {
            facts.push(format!("{:>7}", entry.followed.map_or(0, |stat| stat.inode)));
        }
        if settings.device {
            facts.push(format!("{:>3}", stat.device));
        }
        if settings.permissions {
            facts.push(stat.mode.symbolic());
        }
        if settings.owner {
            facts.push(format!("{:<8.32}", self.user(stat)));
        }
        if settings.group {
            facts.push(format!("{:<8.32}", self.group(stat)));
        }
        if settings.size {
            facts.push(size(settings, entry.size));
        }
        if settings.date {
            facts.push(self.time(stat));
        }
        facts
    }

    pub(super) fn user(&self, stat: &Stat) -> String {
        let name = self.accounts.as_ref().and_then(|accounts| accounts.user_name(stat.uid));
        name.map_or_else(|| stat.uid.to_string(), str::to_owned)
    }

    pub(super) fn group(&self, stat: &Stat) -> String {
        let name = self.accounts.as_ref().and_then(|accounts| accounts.group_name(stat.gid));
        name.map_or_else(|| stat.gid.to_string(), str::to_owned)
    }

    pub(super) fn time(&self, stat: &Stat) -> String {
        const HALF_A_YEAR_SECS: i64 = 6 * 31 * 24 * 60 * 60;
        let since_1970 = if self.settings.by_change { stat.changed } else { stat.modified };
        let seconds = i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX);
        let Ok(stamp) = Timestamp::from_second(seconds) else { return seconds.to_string() };
        let now = self.now.as_second();
        let is_recent = seconds <= now && seconds + HALF_A_YEAR_SECS > now;
        let format = match &self.settings.date_format {
            Some(format) => format,
            None if is_recent => "%b %e %H:%M",
            None => "%b %e  %Y",
        };
        let zoned = stamp.to_zoned(self.zone.clone());
        jiff::fmt::strtime::format(format, &zoned).unwrap_or_else(|_| format.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_three_digits_and_a_letter() {
        let check = |units, bytes, expected: &str| {
            assert_eq!(size(&Settings { units, ..Settings::default() }, bytes), expected);
        };
        check(Units::Bytes, 3, "          3");
        check(Units::Binary, 1023, "1023");
        check(Units::Binary, 4096, "4.0K");
        check(Units::Binary, 20 << 20, " 20M");
        check(Units::Decimal, 4096, "4.1k");
        check(Units::Binary, u64::MAX, " 16E");
    }

    #[test]
    fn what_cannot_be_printed_is_escaped() {
        let settings = Settings::default();
        assert_eq!(printable(&settings, b"a\tb"), b"a\\011b");
        assert_eq!(printable(&settings, "ü".as_bytes()), "ü".as_bytes());
        let questioned = Settings { unprintable: Unprintable::Questioned, ..Settings::default() };
        assert_eq!(printable(&questioned, b"a\xff"), b"a?");
    }
}
