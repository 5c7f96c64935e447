//! One entry of a table: when, what, and with which variables.

use std::sync::Arc;

use crate::command::CommandText;
use crate::schedule::Schedule;
use crate::variable::Variable;
use crate::zone::Zone;

/// One entry of a table. A clone is cheap but for the command's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    line: usize,
    when: String,
    schedule: Schedule,
    zone: Zone,
    text: CommandText,
    /// All variables of the table; the entry has the first `n_variables` of them.
    variables: Arc<[Variable]>,
    n_variables: usize,
}

/// What is read of an entry before the table is at its end.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) line: usize,
    pub(crate) when: String,
    pub(crate) schedule: Schedule,
    pub(crate) zone: Zone,
    pub(crate) text: CommandText,
    pub(crate) n_variables: usize,
}

impl Draft {
    pub(crate) fn finish(self, variables: Arc<[Variable]>) -> Entry {
        let Self { line, when, schedule, zone, text, n_variables } = self;
        Entry { line, when, schedule, zone, text, variables, n_variables }
    }
}

impl Entry {
    /// Returns the number of its line; the first is 1. No two entries of a table have the same.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns the schedule as the table has it, with single blanks: `*/5 * * * *` or `@daily`.
    #[must_use]
    pub fn when(&self) -> &str {
        &self.when
    }

    /// Returns the schedule.
    #[must_use]
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// Returns the zone whose clock the schedule means: that of the last `CRON_TZ` or else `TZ` before it, or else UTC.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Returns the command for the shell: one line.
    #[must_use]
    pub fn command(&self) -> &[u8] {
        &self.text.command
    }

    /// Returns what the command reads; `None`: it reads nothing.
    #[must_use]
    pub fn stdin(&self) -> Option<&[u8]> {
        self.text.stdin.as_deref()
    }

    /// Returns the variables that stand before the entry, in the table's order: a later one of the same name counts.
    /// `TZ` and `CRON_TZ` are among them.
    #[must_use]
    pub fn environment(&self) -> &[Variable] {
        self.variables.get(..self.n_variables).unwrap_or_default()
    }
}
