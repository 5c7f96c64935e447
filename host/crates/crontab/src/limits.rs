//! How large a table may be: a session's user writes it, and the host reads it.

/// Bytes of a table that are read. A hundred times what people write, and less than a millisecond to parse.
pub const FILE_BYTES_MAX: usize = 64 * 1024;
/// Entries of a table: all may fire in one minute, and each is a run that waits in the session's queue.
pub const ENTRIES_MAX: usize = 256;
/// Lines `NAME=value` of a table, those of time zones included, since every zone takes some kilobytes of memory.
pub const VARIABLES_MAX: usize = 100;
/// Bytes of a line. Debian's cron takes 1,000 of a command; more belongs in a script.
pub const LINE_BYTES_MAX: usize = 4096;
/// Lines that are reported as bad; further ones are counted.
pub const BAD_LINES_MAX: usize = 100;
