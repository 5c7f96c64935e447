//! `ulimit`: the limits of this shell and of what it starts, as the session has them.
//!
//! Four of them the kernel holds and enforces. The others bound what a session has not (core files, locked memory, real
//! time) or what is bounded anyway (the stack): the shell keeps what was asked for them. A limit of CPU time is refused,
//! since nobody would keep it.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::flow::Flow;
use crate::shell::Shell;
use crate::sys::{Errno, LimitKind};

use super::{Call, builtin};

builtin! {
    /// Modify shell resource limits.
    ///
    /// Provides control over the resources available to the shell and processes it creates, on systems that allow
    /// such control.
    ///
    /// Options:
    ///   -S	use the `soft' resource limit
    ///   -H	use the `hard' resource limit
    ///   -a	all current limits are reported
    ///   -c	the maximum size of core files created
    ///   -d	the maximum size of a process's data segment
    ///   -e	the maximum scheduling priority (`nice')
    ///   -f	the maximum size of files written by the shell and its children
    ///   -i	the maximum number of pending signals
    ///   -l	the maximum size a process may lock into memory
    ///   -m	the maximum resident set size
    ///   -n	the maximum number of open file descriptors
    ///   -p	the pipe buffer size
    ///   -q	the maximum number of bytes in POSIX message queues
    ///   -r	the maximum real-time scheduling priority
    ///   -s	the maximum stack size
    ///   -t	the maximum amount of cpu time in seconds
    ///   -u	the maximum number of user processes
    ///   -v	the size of virtual memory
    ///   -x	the maximum number of file locks
    ///   -R	the maximum time a real-time process can run before blocking
    ///
    /// If LIMIT is given, it is the new value of the specified resource; the special LIMIT values `soft', `hard', and
    /// `unlimited' stand for the current soft limit, the current hard limit, and no limit, respectively. Otherwise, the
    /// current value of the specified resource is printed. If no option is given, then -f is assumed.
    ULIMIT = "ulimit", "ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]", ulimit
}

/// The soft and hard limits that the shell alone keeps, by letter.
pub(crate) type Lowered = Rc<BTreeMap<u8, (u64, u64)>>;

/// No limit.
const UNLIMITED: u64 = u64::MAX;

/// Where a limit is.
#[derive(Clone, Copy)]
enum Held {
    Kernel(LimitKind),
    /// The shell alone; this until it is set.
    Shell(u64),
    /// It is always this.
    Fixed(u64),
}

/// A limit as `ulimit` shows it.
struct Limit {
    letter: u8,
    name: &'static str,
    unit: &'static str,
    /// What a unit is, in bytes or pieces.
    scale: u64,
    held: Held,
}

const fn limit(letter: u8, name: &'static str, unit: &'static str, scale: u64, held: Held) -> Limit {
    Limit { letter, name, unit, scale, held }
}

/// In bash's order.
const LIMITS: &[Limit] = &[
    limit(b'R', "real-time non-blocking time", "microseconds, ", 1, Held::Shell(UNLIMITED)),
    limit(b'c', "core file size", "blocks, ", 1024, Held::Shell(0)),
    limit(b'd', "data seg size", "kbytes, ", 1024, Held::Kernel(LimitKind::Memory)),
    limit(b'e', "scheduling priority", "", 1, Held::Shell(0)),
    limit(b'f', "file size", "blocks, ", 1024, Held::Kernel(LimitKind::FileSize)),
    limit(b'i', "pending signals", "", 1, Held::Shell(UNLIMITED)),
    limit(b'l', "max locked memory", "kbytes, ", 1024, Held::Shell(0)),
    limit(b'm', "max memory size", "kbytes, ", 1024, Held::Kernel(LimitKind::Memory)),
    limit(b'n', "open files", "", 1, Held::Kernel(LimitKind::OpenFiles)),
    limit(b'p', "pipe size", "512 bytes, ", 512, Held::Fixed(4096)),
    limit(b'q', "POSIX message queues", "bytes, ", 1, Held::Shell(0)),
    limit(b'r', "real-time priority", "", 1, Held::Shell(0)),
    limit(b's', "stack size", "kbytes, ", 1024, Held::Shell(8 << 20)),
    limit(b't', "cpu time", "seconds, ", 1, Held::Fixed(UNLIMITED)),
    limit(b'u', "max user processes", "", 1, Held::Kernel(LimitKind::Processes)),
    limit(b'v', "virtual memory", "kbytes, ", 1024, Held::Kernel(LimitKind::Memory)),
    limit(b'x', "file locks", "", 1, Held::Shell(UNLIMITED)),
];

/// What the arguments ask for.
#[derive(Default)]
struct Asked<'a> {
    soft: bool,
    hard: bool,
    all: bool,
    /// Each limit with its new value, if one is given.
    limits: Vec<(u8, Option<&'a [u8]>)>,
}

fn ulimit(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let asked = match Asked::parse(call.args()) {
        Ok(asked) => asked,
        Err(letter) => {
            shell.builtin_error(call, &[b"-", &[letter][..], b": invalid option"].concat());
            return Ok(shell.usage_error(call));
        }
    };
    if asked.all {
        LIMITS.iter().for_each(|limit| show(shell, call, limit, asked.hard, true));
        return Ok(0);
    }
    let titled = asked.limits.len() > 1;
    for (letter, value) in &asked.limits {
        let Some(limit) = LIMITS.iter().find(|limit| limit.letter == *letter) else { continue };
        match value {
            None => show(shell, call, limit, asked.hard, titled),
            Some(value) => {
                if let Err(message) = set(shell, limit, &asked, value) {
                    shell.builtin_error(call, &message);
                    return Ok(1);
                }
            }
        }
    }
    Ok(0)
}

impl<'a> Asked<'a> {
    /// Reads options, each of which may have a value in the next word; `Err` is a letter that is none.
    fn parse(words: &'a [Vec<u8>]) -> Result<Self, u8> {
        let mut asked = Self::default();
        let mut words = words.iter().peekable();
        while let Some(word) = words.next_if(|word| word.len() > 1 && word.starts_with(b"-")) {
            if word == b"--" {
                break;
            }
            for (at, letter) in word.iter().enumerate().skip(1) {
                match letter {
                    b'S' => asked.soft = true,
                    b'H' => asked.hard = true,
                    b'a' => asked.all = true,
                    letter if LIMITS.iter().any(|limit| limit.letter == *letter) => {
                        // Its value is the rest of the word or the next one.
                        let inside = word.get(at + 1..).filter(|rest| !rest.is_empty());
                        let value = inside.or_else(|| words.next_if(|word| !word.starts_with(b"-")).map(Vec::as_slice));
                        asked.limits.push((*letter, value));
                        break;
                    }
                    letter => return Err(*letter),
                }
            }
        }
        let rest = words.next().map(Vec::as_slice);
        match asked.limits.last_mut() {
            Some((_, slot)) => *slot = slot.or(rest),
            None => asked.limits.push((b'f', rest)),
        }
        Ok(asked)
    }
}

impl Limit {
    /// The soft and the hard limit, in bytes or pieces.
    fn values(&self, shell: &Shell) -> (u64, u64) {
        match self.held {
            Held::Kernel(kind) => shell.sys.limit(kind),
            Held::Shell(value) => shell.builtins.limits.get(&self.letter).copied().unwrap_or((value, value)),
            Held::Fixed(value) => (value, value),
        }
    }
}

fn show(shell: &Shell, call: &mut Call<'_>, limit: &Limit, hard: bool, titled: bool) {
    let values = limit.values(shell);
    let value = if hard { values.1 } else { values.0 };
    let value = if value == UNLIMITED { "unlimited".to_owned() } else { (value / limit.scale).to_string() };
    if titled {
        let unit = format!("({}-{}) ", limit.unit, char::from(limit.letter));
        call.line(format!("{:<20} {unit:>20}{value}", limit.name).as_bytes());
    } else {
        call.line(value.as_bytes());
    }
}

fn set(shell: &mut Shell, limit: &Limit, asked: &Asked<'_>, text: &[u8]) -> Result<(), Vec<u8>> {
    let (soft, hard) = limit.values(shell);
    let value = match text {
        b"unlimited" => UNLIMITED,
        b"hard" => hard,
        b"soft" => soft,
        _ => {
            let number = super::options::number(text).and_then(|number| u64::try_from(number).ok());
            let scaled = number.and_then(|number| number.checked_mul(limit.scale));
            scaled.ok_or_else(|| [text, b": invalid number".as_slice()].concat())?
        }
    };
    let both = asked.soft == asked.hard;
    let new = (if both || asked.soft { value } else { soft }, if both || asked.hard { value } else { hard });
    let done = match limit.held {
        Held::Kernel(kind) => shell.sys.set_limit(kind, new.0, new.1),
        Held::Fixed(fixed) if new == (fixed, fixed) => Ok(()),
        Held::Fixed(_) => Err(Errno::EINVAL),
        Held::Shell(_) if new.0 > new.1 => Err(Errno::EINVAL),
        Held::Shell(_) => {
            Rc::make_mut(&mut shell.builtins.limits).insert(limit.letter, new);
            Ok(())
        }
    };
    done.map_err(|error| {
        [limit.name.as_bytes(), b": cannot modify limit: ".as_slice(), error.text().as_bytes()].concat()
    })
}
