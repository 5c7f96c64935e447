//! `stat`: shows the status of files and of the session's file system, by GNU's formats.

mod format;

use std::ffi::{OsStr, OsString};
use std::path::Path;

use sandshell_sys::{Accounts, Kind, Stat, file_system, lstat, stat};

use crate::basis::bytes::OsStrExt;
use crate::basis::errors::{Reason, complain};
use crate::basis::options::{Grammar, Outcome};
use crate::basis::output::Output;
use crate::basis::quoting::{STYLES, Style, name, quote};
use crate::basis::times::{Zone, format as format_time, seconds};
use format::{Piece, Value, expand, parse};

/// Number of the one device all files are on.
const DEVICE: u64 = 1;
/// Preferred size of reads and writes.
const IO_BLOCK_BYTES: u64 = 4096;

const GRAMMAR: Grammar = Grammar {
    program: "stat",
    short: "c:fLt",
    long: &[
        ("dereference", "L"),
        ("file-system", "f"),
        ("format=", "c"),
        ("printf=", "printf"),
        ("terse", "t"),
        ("cached=", "cached"),
    ],
    failure: 1,
    help: "Usage: stat [OPTION]... FILE...\nDisplay file or file system status.\n\n\
  -L, --dereference     follow links\n  -f, --file-system     display file system status\n  \
-c, --format=FORMAT   use FORMAT, a newline after each\n      --printf=FORMAT   use FORMAT with backslash escapes\n  \
-t, --terse           print the information in one line\n\
FORMAT for files: %a %A %b %B %C %d %D %f %F %g %G %h %i %m %n %N %o %s %t %T %u %U %w %W %x %X %y %Y %z %Z\n\
FORMAT for file systems: %a %b %c %d %f %i %l %n %s %S %t %T\n",
};

const LONG: &str = "  File: %N\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\n\
Device: %Hd,%Ld\tInode: %-10i  Links: %h\n\
Access: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nAccess: %x\nModify: %y\nChange: %z\n Birth: %w\n";
const LONG_DEVICE: &str = "  File: %N\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\n\
Device: %Hd,%Ld\tInode: %-10i  Links: %-5h Device type: %Hr,%Lr\n\
Access: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nAccess: %x\nModify: %y\nChange: %z\n Birth: %w\n";
const TERSE: &str = "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o\n";
const SYSTEM: &str = "  File: \"%n\"\n    ID: %-8i Namelen: %-7l Type: %T\n\
Block size: %-10s Fundamental block size: %S\nBlocks: Total: %-10b Free: %-10f Available: %a\n\
Inodes: Total: %-10c Free: %d\n";
const SYSTEM_TERSE: &str = "%n %i %l %t %s %S %b %f %a %c %d\n";

/// Runs `stat`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(argv).unwrap_or_else(|status| status)
}

struct Job {
    follow: bool,
    quoting: Style,
    accounts: Accounts,
    zone: Zone,
    out: Output,
}

fn run(argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, operands) = GRAMMAR.parse(argv)?;
    let (mut system, mut terse, mut follow) = (false, false, false);
    // A format, and whether it has escapes in place of a newline at its end.
    let mut text: Option<(String, bool)> = None;
    for option in &given {
        match option.id {
            "L" => follow = true,
            "f" => system = true,
            "t" => terse = true,
            "c" => text = Some((option.text(), false)),
            "printf" => text = Some((option.text(), true)),
            _ => {}
        }
    }
    if operands.is_empty() {
        return Err(GRAMMAR.missing_operand(None));
    }
    let chosen = match (&text, system, terse) {
        (Some((text, escapes)), ..) => {
            let mut pieces = parse(text, *escapes, system)?;
            if !escapes {
                pieces.push(Piece::Text(b"\n".to_vec()));
            }
            Some(pieces)
        }
        (None, true, false) => Some(parse(SYSTEM, false, true)?),
        (None, true, true) => Some(parse(SYSTEM_TERSE, false, true)?),
        (None, false, true) => Some(parse(TERSE, false, false)?),
        (None, false, false) => None,
    };
    let mut job = Job {
        follow,
        quoting: quoting_style(text.is_some()),
        accounts: Accounts::load(),
        zone: Zone::of_environment(),
        out: Output::new(GRAMMAR.program),
    };
    let mut failed = false;
    for operand in &operands {
        failed |= if system {
            !job.file_system(operand, chosen.as_deref().unwrap_or_default())
        } else {
            !job.file(operand, chosen.as_deref())
        };
    }
    Ok(i32::from(!job.out.finish() || failed))
}

impl Job {
    fn complain(&mut self, message: &str) -> bool {
        self.out.flush();
        complain(GRAMMAR.program, message);
        false
    }

    fn file(&mut self, operand: &OsStr, pieces: Option<&[Piece]>) -> bool {
        let found = match (operand.as_bytes(), self.follow) {
            (b"-", _) => sandshell_sys::stat_of(sandshell_sys::Fd::STDIN),
            (path, true) => stat(path),
            (path, false) => lstat(path),
        };
        let status = match found {
            Ok(status) => status,
            Err(error) => return self.complain(&format!("cannot statx {}: {}", name(operand), error.words())),
        };
        let default;
        let pieces = match pieces {
            Some(pieces) => pieces,
            None => {
                let device = matches!(status.mode.kind(), Kind::CharacterDevice | Kind::BlockDevice);
                default = parse(if device { LONG_DEVICE } else { LONG }, false, false).unwrap_or_default();
                &default
            }
        };
        let bytes = expand(pieces, |letter, modifier| self.value(operand, &status, letter, modifier));
        self.out.put(&bytes);
        true
    }

    fn time(&self, time: std::time::Duration) -> Value {
        Value::Bytes(format_time(time, "%Y-%m-%d %H:%M:%S.%N %z", &self.zone).into_bytes())
    }

    fn value(&self, operand: &OsStr, status: &Stat, letter: char, modifier: Option<char>) -> Value {
        let word = |text: Option<&str>| Value::Bytes(text.unwrap_or("UNKNOWN").as_bytes().to_vec());
        let device = |number: u64| match modifier {
            Some('H') => Value::Number(crate::ls::major(number)),
            Some('L') => Value::Number(crate::ls::minor(number)),
            _ => Value::Number(number),
        };
        match letter {
            'a' => Value::Octal(status.mode.permissions().into()),
            'A' => Value::Bytes(status.mode.symbolic().into_bytes()),
            'b' => Value::Number(status.blocks),
            'B' => Value::Number(512),
            'C' => Value::Bytes(b"?".to_vec()),
            'd' => device(DEVICE),
            'D' => Value::Hex(DEVICE),
            'f' => Value::Hex(status.mode.0.into()),
            'F' => Value::Bytes(kind_name(status).into()),
            'g' => Value::Number(status.gid.into()),
            'G' => word(self.accounts.group_name(status.gid)),
            'h' => Value::Number(status.links.into()),
            'i' => Value::Number(status.inode),
            'm' => Value::Bytes(b"/".to_vec()),
            'n' => Value::Bytes(operand.as_bytes().to_vec()),
            'N' => Value::Bytes(quoted_with_target(operand, status, self.quoting)),
            'o' => Value::Number(IO_BLOCK_BYTES),
            's' => Value::Number(status.size),
            'r' => device(status.device),
            'R' => Value::Hex(status.device),
            't' => Value::Hex(crate::ls::major(status.device)),
            'T' => Value::Hex(crate::ls::minor(status.device)),
            'u' => Value::Number(status.uid.into()),
            'U' => word(self.accounts.user_name(status.uid)),
            // When a file was made is not kept.
            'w' => Value::Bytes(b"-".to_vec()),
            'W' => Value::Number(0),
            'x' => self.time(status.accessed),
            'X' => Value::Seconds(seconds(status.accessed)),
            'y' => self.time(status.modified),
            'Y' => Value::Seconds(seconds(status.modified)),
            'z' => self.time(status.changed),
            'Z' => Value::Seconds(seconds(status.changed)),
            _ => Value::Bytes(b"?".to_vec()),
        }
    }

    fn file_system(&mut self, operand: &OsStr, pieces: &[Piece]) -> bool {
        let found = stat(operand.as_bytes()).and_then(|_| file_system());
        let system = match found {
            Ok(system) => system,
            Err(error) => {
                let message = format!("cannot read file system information for {}: {}", name(operand), error.words());
                return self.complain(&message);
            }
        };
        let bytes = expand(pieces, |letter, _| match letter {
            'a' | 'f' => Value::Number(system.free),
            'b' => Value::Number(system.blocks),
            'c' => Value::Number(system.inodes),
            'd' => Value::Number(system.free_inodes),
            'i' => Value::Hex(DEVICE),
            'l' => Value::Number(system.name_max),
            'n' => Value::Bytes(operand.as_bytes().to_vec()),
            's' | 'S' => Value::Number(system.block_size),
            // The number that Linux gives to a file system in memory.
            't' => Value::Hex(0x0102_1994),
            'T' => Value::Bytes(b"tmpfs".to_vec()),
            _ => Value::Bytes(b"?".to_vec()),
        });
        self.out.put(&bytes);
        true
    }
}

/// Returns what a file is, in the words of `stat` and `rm`.
pub(crate) fn kind_name(status: &Stat) -> &'static str {
    match status.mode.kind() {
        Kind::Regular if status.size == 0 => "regular empty file",
        Kind::Regular => "regular file",
        Kind::Directory => "directory",
        Kind::Symlink => "symbolic link",
        Kind::Fifo => "fifo",
        Kind::Socket => "socket",
        Kind::CharacterDevice => "character special file",
        Kind::BlockDevice => "block special file",
        Kind::Unknown => "weird file",
    }
}

/// The style of `QUOTING_STYLE`; without it names in a format that was asked for are always quoted.
fn quoting_style(format_given: bool) -> Style {
    let named = std::env::var("QUOTING_STYLE").ok();
    let named = named.and_then(|word| STYLES.iter().find(|(style, _)| *style == word));
    let default = if format_given { Style::ShellEscapeAlways } else { Style::ShellEscape };
    named.map_or(default, |(_, style)| *style)
}

/// The name quoted, and where a link leads.
fn quoted_with_target(operand: &OsStr, status: &Stat, style: Style) -> Vec<u8> {
    let mut text = quote(operand.as_bytes(), style);
    if status.mode.kind() == Kind::Symlink
        && let Ok(target) = std::fs::read_link(Path::new(operand))
    {
        text.extend_from_slice(b" -> ");
        text.extend_from_slice(&quote(target.as_os_str().as_bytes(), style));
    }
    text
}
