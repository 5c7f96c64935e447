//! What is wrong with a line of a table, in the words of Debian's cron where it has some.

use thiserror::Error;

/// Why a line of a table was skipped. The text is what `crontab` says behind the line's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Reason {
    /// The first field is missing or wrong.
    #[error("bad minute")]
    BadMinute,
    /// The second field is missing or wrong.
    #[error("bad hour")]
    BadHour,
    /// The third field is missing or wrong.
    #[error("bad day-of-month")]
    BadDayOfMonth,
    /// The fourth field is missing or wrong.
    #[error("bad month")]
    BadMonth,
    /// The fifth field is missing or wrong.
    #[error("bad day-of-week")]
    BadDayOfWeek,
    /// The name behind `@` is not one of the known.
    #[error("bad time specifier")]
    BadTimeSpecifier,
    /// The calendar has no such day, as the 31st of February.
    #[error("bad day-of-month: there is no such day in these months")]
    NeverFires,
    /// There is no command, or it has a NUL byte.
    #[error("bad command")]
    BadCommand,
    /// The line is longer than [`crate::LINE_BYTES_MAX`].
    #[error("command too long")]
    LineTooLong,
    /// The name or the quotes of a line `NAME=value` are wrong.
    #[error("bad variable")]
    BadVariable,
    /// `TZ` or `CRON_TZ` names no zone.
    #[error("bad time zone")]
    BadZone,
    /// There are more entries than [`crate::ENTRIES_MAX`].
    #[error("too many entries")]
    TooManyEntries,
    /// There are more lines `NAME=value` than [`crate::VARIABLES_MAX`].
    #[error("too many variables")]
    TooManyVariables,
    /// The table is longer than [`crate::FILE_BYTES_MAX`]; what begins with this line was not read.
    #[error("crontab too long")]
    FileTooLong,
}
