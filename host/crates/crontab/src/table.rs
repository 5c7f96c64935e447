//! A whole table: its entries in their order, and the lines that are none.

use std::fmt;
use std::sync::Arc;

use crate::command::CommandText;
use crate::entry::{Draft, Entry};
use crate::limits::{BAD_LINES_MAX, ENTRIES_MAX, FILE_BYTES_MAX, LINE_BYTES_MAX, VARIABLES_MAX};
use crate::minute::Minute;
use crate::reason::Reason;
use crate::schedule::Schedule;
use crate::variable::Variable;
use crate::zone::{FindZone, Zone};

/// Where a session keeps its table.
pub const PATH: &str = "/.crontab";

/// Bytes of a bad line that are kept to show it.
const SHOWN_BYTES: usize = 200;

/// A table. Bad lines are skipped, and the others count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Crontab {
    entries: Vec<Entry>,
    bad_lines: Vec<BadLine>,
    n_bad_lines: usize,
}

/// A line that was skipped. It shows as `3: bad minute`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Its number; the first is 1.
    pub line: usize,
    /// Its text, or the beginning of a long one.
    pub text: String,
    /// What is wrong.
    pub reason: Reason,
}

impl fmt::Display for BadLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.line, self.reason)
    }
}

impl Crontab {
    /// Reads a table, whatever it holds. `find_zone` knows the zones: [`crate::bundled_zone`] on the host.
    ///
    /// A line is empty, a comment (`#` is its first letter), an assignment `NAME=value` for the entries behind it, or
    /// an entry: five fields or a name, blanks, and a command to the line's end. The last line needs no newline; a
    /// carriage return before one is not part of its line.
    ///
    /// ```
    /// # #[cfg(feature = "calendar")] {
    /// use sandshell_crontab::{Crontab, Minute, bundled_zone};
    ///
    /// let text = b"TZ=Europe/Berlin\n30 9 * * mon-fri make report\n61 * * * * never\n";
    /// let table = Crontab::parse(text, &bundled_zone);
    /// let saturday = Minute::from_unix_secs(1_774_699_200);
    /// let next = table.entries()[0].next_after(saturday).expect("it fires");
    /// assert_eq!(next.unix_secs(), 1_774_855_800); // Monday; the clock has gone on in between.
    /// assert_eq!(table.due(next).count(), 1);
    /// assert_eq!(table.bad_lines()[0].to_string(), "3: bad minute");
    /// # }
    /// ```
    #[must_use]
    pub fn parse(text: &[u8], find_zone: FindZone<'_>) -> Self {
        let mut reader = Reader::new(find_zone);
        let (read, is_cut) = readable(text);
        let mut n_lines = 0;
        for (at, line) in read.split_inclusive(|byte| *byte == b'\n').enumerate() {
            n_lines = at + 1;
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if let Err(reason) = reader.line(n_lines, line) {
                reader.refuse(n_lines, line, reason);
            }
        }
        if is_cut {
            reader.refuse(n_lines + 1, b"", Reason::FileTooLong);
        }
        reader.finish()
    }

    /// Returns the entries in the table's order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the lines that were skipped, at most [`BAD_LINES_MAX`] of them.
    #[must_use]
    pub fn bad_lines(&self) -> &[BadLine] {
        &self.bad_lines
    }

    /// Returns how many lines were skipped.
    #[must_use]
    pub fn n_bad_lines(&self) -> usize {
        self.n_bad_lines
    }

    /// Returns the entries that fire in a minute, in the table's order. They run at the same time as far as the table
    /// goes.
    pub fn due(&self, minute: Minute) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.is_due(minute))
    }

    /// Returns the entries `@reboot`, which fire when the session begins or comes back.
    pub fn due_at_start(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.schedule().is_at_start())
    }
}

/// Returns what of a table is read, whole lines, and whether that is not all.
fn readable(text: &[u8]) -> (&[u8], bool) {
    if text.len() <= FILE_BYTES_MAX {
        return (text, false);
    }
    let head = text.get(..FILE_BYTES_MAX).unwrap_or_default();
    let end = head.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    (head.get(..end).unwrap_or_default(), true)
}

/// What has been read of a table so far.
struct Reader<'a> {
    find_zone: FindZone<'a>,
    drafts: Vec<Draft>,
    variables: Vec<Variable>,
    /// Of the last `TZ` and the last `CRON_TZ`.
    zone: Option<Zone>,
    cron_zone: Option<Zone>,
    bad_lines: Vec<BadLine>,
    n_bad_lines: usize,
}

impl<'a> Reader<'a> {
    fn new(find_zone: FindZone<'a>) -> Self {
        let (drafts, variables, bad_lines) = (Vec::new(), Vec::new(), Vec::new());
        Self { find_zone, drafts, variables, zone: None, cron_zone: None, bad_lines, n_bad_lines: 0 }
    }

    fn line(&mut self, number: usize, line: &[u8]) -> Result<(), Reason> {
        let text = line.trim_ascii_start();
        if text.is_empty() || text.first() == Some(&b'#') {
            return Ok(());
        }
        if line.len() > LINE_BYTES_MAX {
            return Err(Reason::LineTooLong);
        }
        match Variable::parse(text) {
            Some(variable) => self.variable(variable?),
            None => self.entry(number, text),
        }
    }

    fn variable(&mut self, variable: Variable) -> Result<(), Reason> {
        if self.variables.len() == VARIABLES_MAX {
            return Err(Reason::TooManyVariables);
        }
        let place = match variable.name.as_str() {
            "TZ" => Some(&mut self.zone),
            "CRON_TZ" => Some(&mut self.cron_zone),
            _ => None,
        };
        if let Some(place) = place {
            let name = std::str::from_utf8(&variable.value).map_err(|_| Reason::BadZone)?;
            let found = Zone::find(name, self.find_zone).ok_or(Reason::BadZone)?;
            *place = (!name.is_empty()).then_some(found);
        }
        self.variables.push(variable);
        Ok(())
    }

    fn entry(&mut self, line: usize, text: &[u8]) -> Result<(), Reason> {
        let (schedule, command) = Schedule::parse_prefix(text)?;
        let when = text.get(..text.len() - command.len()).unwrap_or_default();
        let command = CommandText::parse(command);
        if command.command.trim_ascii().is_empty() || text.contains(&0) {
            return Err(Reason::BadCommand);
        }
        if self.drafts.len() == ENTRIES_MAX {
            return Err(Reason::TooManyEntries);
        }
        let when = String::from_utf8_lossy(when).split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        let zone = self.cron_zone.as_ref().or(self.zone.as_ref()).cloned().unwrap_or_else(Zone::utc);
        self.drafts.push(Draft { line, when, schedule, zone, text: command, n_variables: self.variables.len() });
        Ok(())
    }

    fn refuse(&mut self, line: usize, text: &[u8], reason: Reason) {
        self.n_bad_lines += 1;
        if self.bad_lines.len() < BAD_LINES_MAX {
            let shown = text.get(..text.len().min(SHOWN_BYTES)).unwrap_or_default();
            self.bad_lines.push(BadLine { line, text: String::from_utf8_lossy(shown).into_owned(), reason });
        }
    }

    fn finish(self) -> Crontab {
        let variables: Arc<[Variable]> = self.variables.into();
        let entries = self.drafts.into_iter().map(|draft| draft.finish(Arc::clone(&variables))).collect();
        Crontab { entries, bad_lines: self.bad_lines, n_bad_lines: self.n_bad_lines }
    }
}
