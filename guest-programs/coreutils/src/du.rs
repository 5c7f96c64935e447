//! `du`: sums up what files and directories occupy.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::Duration;

use sandshell_sys::{Kind, Stat, lstat, stat};

use crate::basis::bytes::{OsStrExt, OsStringExt, join};
use crate::basis::errors::{Reason, complain};
use crate::basis::human::{Unit, complaint};
use crate::basis::options::{Given, Grammar, Outcome};
use crate::basis::output::Output;
use crate::basis::pattern;
use crate::basis::quoting::{locale, name};
use crate::basis::times::{TimeStyle, Zone, now};

const GRAMMAR: Grammar = Grammar {
    program: "du",
    short: "0abd:chHklmst:xB:DLPSX:",
    long: &[
        ("all", "a"),
        ("apparent-size", "apparent-size"),
        ("block-size=", "B"),
        ("bytes", "b"),
        ("count-links", "l"),
        ("dereference", "L"),
        ("dereference-args", "D"),
        ("exclude=", "exclude"),
        ("exclude-from=", "X"),
        ("files0-from=", "files0-from"),
        ("human-readable", "h"),
        ("inodes", "inodes"),
        ("max-depth=", "d"),
        ("no-dereference", "P"),
        ("null", "0"),
        ("one-file-system", "x"),
        ("separate-dirs", "S"),
        ("si", "si"),
        ("summarize", "s"),
        ("threshold=", "t"),
        ("time=?", "time"),
        ("time-style=", "time-style"),
        ("total", "c"),
    ],
    failure: 1,
    help: "Usage: du [OPTION]... [FILE]...\n  or:  du [OPTION]... --files0-from=F\n\
Summarize device usage of the set of FILEs, recursively for directories.\n\n\
  -0 -a -b -c -h -k -l -m -s -S -x -D -H -L -P\n  -B, --block-size=SIZE   -d, --max-depth=N   -t, --threshold=SIZE\n  \
--apparent-size --exclude=PATTERN -X FILE --inodes --si --time[=WORD] --time-style=STYLE\n",
};

#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct Job {
    all: bool,
    apparent: bool,
    inodes: bool,
    count_links: bool,
    follow: bool,
    follow_operands: bool,
    separate: bool,
    summarize: bool,
    total: bool,
    max_depth: Option<u64>,
    threshold: Option<(bool, u64)>,
    excluded: Vec<String>,
    unit: Unit,
    end: u8,
    time: Option<Time>,
    time_style: TimeStyle,
    zone: Zone,
    now: Duration,
    seen: BTreeSet<u64>,
    failed: bool,
    out: Output,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Time {
    Modified,
    Accessed,
    Changed,
}

/// What a file and all below it come to.
#[derive(Clone, Copy, Default)]
struct Sum {
    amount: u64,
    time: Duration,
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.amount = self.amount.saturating_add(other.amount);
        self.time = self.time.max(other.time);
    }
}

/// Runs `du`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(argv).unwrap_or_else(|status| status)
}

fn run(argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, mut operands) = GRAMMAR.parse(argv)?;
    let mut job = Job {
        all: false,
        apparent: false,
        inodes: false,
        count_links: false,
        follow: false,
        follow_operands: false,
        separate: false,
        summarize: false,
        total: false,
        max_depth: None,
        threshold: None,
        excluded: Vec::new(),
        unit: Unit::bytes(1024),
        end: b'\n',
        time: None,
        time_style: TimeStyle::always("%Y-%m-%d %H:%M"),
        zone: Zone::of_environment(),
        now: now(),
        seen: BTreeSet::new(),
        failed: false,
        out: Output::new(GRAMMAR.program),
    };
    for option in &given {
        job.apply(option, &mut operands)?;
    }
    if job.summarize && job.all {
        return Err(GRAMMAR.misuse("cannot both summarize and show all entries"));
    }
    if job.summarize {
        match job.max_depth {
            Some(0) => complain(GRAMMAR.program, "warning: summarizing is the same as using --max-depth=0"),
            Some(depth) => {
                return Err(GRAMMAR.misuse(&format!("warning: summarizing conflicts with --max-depth={depth}")));
            }
            None => {}
        }
        job.max_depth = Some(0);
    }
    if operands.is_empty() {
        operands.push(".".into());
    }
    let mut total = Sum::default();
    for operand in &operands {
        if let Some(sum) = job.measure(operand, 0) {
            total.add(sum);
        }
    }
    if job.total {
        job.show(total, OsStr::new("total"));
    }
    let failed = job.failed;
    Ok(i32::from(!job.out.finish() || failed))
}

impl Job {
    fn apply(&mut self, option: &Given, operands: &mut Vec<OsString>) -> Result<(), i32> {
        let text = option.text();
        match option.id {
            "0" => self.end = 0,
            "a" => self.all = true,
            "b" => {
                self.apparent = true;
                self.unit = Unit::bytes(1);
            }
            "c" => self.total = true,
            "h" => self.unit = Unit::Human(1024),
            "si" => self.unit = Unit::Human(1000),
            "k" => self.unit = Unit::bytes(1 << 10),
            "m" => self.unit = Unit::bytes(1 << 20),
            "B" => {
                self.unit = Unit::parse(&text).ok_or_else(|| {
                    complain(GRAMMAR.program, &complaint("-B", &text));
                    1
                })?;
            }
            "l" => self.count_links = true,
            "s" => self.summarize = true,
            "S" => self.separate = true,
            "L" => self.follow = true,
            "P" => self.follow = false,
            "D" | "H" => self.follow_operands = true,
            "apparent-size" => self.apparent = true,
            "inodes" => self.inodes = true,
            "d" => {
                let depth =
                    text.parse().map_err(|_| GRAMMAR.misuse(&format!("invalid maximum depth {}", locale(&text))))?;
                self.max_depth = Some(depth);
            }
            "t" => {
                let (below, size) = text.strip_prefix('-').map_or((false, text.as_str()), |size| (true, size));
                let size = crate::basis::human::parse_size(size).ok_or_else(|| {
                    complain(GRAMMAR.program, &complaint("-t", &text));
                    1
                })?;
                self.threshold = Some((below, size));
            }
            "exclude" => self.excluded.push(text),
            "X" => {
                let patterns = self.read_list(&option.os())?;
                self.excluded.extend(String::from_utf8_lossy(&patterns).lines().map(str::to_owned));
            }
            "files0-from" => {
                let names = self.read_list(&option.os())?;
                let names = names.split(|&byte| byte == 0).filter(|name| !name.is_empty());
                operands.extend(names.map(|name| OsString::from_vec(name.to_vec())));
            }
            "time" => {
                const WORDS: &[&[&str]] = &[&["atime", "access", "use"], &["ctime", "status"]];
                self.time = Some(match option.value {
                    None => Time::Modified,
                    Some(_) if GRAMMAR.choose("--time", &text, WORDS)? == 0 => Time::Accessed,
                    Some(_) => Time::Changed,
                });
            }
            "time-style" => {
                self.time_style = TimeStyle::parse(&text).ok_or_else(|| {
                    GRAMMAR.misuse(&format!("invalid argument {} for {}", locale(&text), locale("time style")))
                })?;
            }
            // All files are on one file system.
            _ => {}
        }
        Ok(())
    }

    fn read_list(&mut self, path: &OsStr) -> Result<Vec<u8>, i32> {
        let read = if path == "-" {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes).map(|_| bytes)
        } else {
            std::fs::read(Path::new(path))
        };
        read.map_err(|error| {
            complain(GRAMMAR.program, &format!("{}: {}", path.to_string_lossy(), error.words()));
            1
        })
    }

    fn fail(&mut self, message: &str) {
        self.out.flush();
        complain(GRAMMAR.program, message);
        self.failed = true;
    }

    fn is_excluded(&self, path: &OsStr) -> bool {
        // A pattern fits the whole path or what follows any of its slashes.
        let bytes = path.as_bytes();
        let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at + 1);
        let tails: Vec<&[u8]> = std::iter::once(0).chain(starts).map(|at| &bytes[at..]).collect();
        self.excluded.iter().any(|excluded| tails.iter().any(|tail| pattern::matches(excluded.as_bytes(), tail)))
    }

    fn own(&self, status: &Stat) -> Sum {
        let amount = if self.inodes {
            1
        } else if self.apparent {
            status.size
        } else {
            status.blocks.saturating_mul(512)
        };
        let time = match self.time {
            None => Duration::ZERO,
            Some(Time::Modified) => status.modified,
            Some(Time::Accessed) => status.accessed,
            Some(Time::Changed) => status.changed,
        };
        Sum { amount, time }
    }

    /// Measures a file with all below it, showing on the way what is to be shown. `None`: it does not count.
    fn measure(&mut self, path: &OsStr, depth: u64) -> Option<Sum> {
        if self.is_excluded(path) {
            return None;
        }
        let follow = self.follow || (self.follow_operands && depth == 0);
        let status = match if follow { stat(path.as_bytes()) } else { lstat(path.as_bytes()) } {
            Ok(status) => status,
            Err(error) => {
                self.fail(&format!("cannot access {}: {}", name(path), error.words()));
                return None;
            }
        };
        let directory = status.mode.kind() == Kind::Directory;
        // A file with several names counts once; so does an operand named again.
        let may_come_again = directory || status.links > 1 || self.follow || depth == 0;
        let counts_once = directory || !self.count_links;
        if may_come_again && counts_once && !self.seen.insert(status.inode) {
            return None;
        }
        let mut sum = self.own(&status);
        let mut shown = sum;
        if directory {
            for below in self.read(path) {
                let below_path = join(path, &below);
                let is_directory =
                    || lstat(below_path.as_os_str().as_bytes()).is_ok_and(|s| s.mode.kind() == Kind::Directory);
                let separate = self.separate && is_directory();
                if let Some(part) = self.measure(below_path.as_os_str(), depth + 1) {
                    sum.add(part);
                    if !separate {
                        shown.add(part);
                    }
                }
            }
        }
        if self.separate {
            sum = if depth == 0 { sum } else { shown };
        } else {
            shown = sum;
        }
        let deep = self.max_depth.is_some_and(|most| depth > most);
        if !deep && (directory || self.all || depth == 0) {
            self.show(shown, path);
        }
        Some(sum)
    }

    fn read(&mut self, path: &OsStr) -> Vec<OsString> {
        match std::fs::read_dir(Path::new(path)) {
            Ok(entries) => entries.flatten().map(|entry| entry.file_name()).collect(),
            Err(error) => {
                self.fail(&format!("cannot read directory {}: {}", name(path), error.words()));
                Vec::new()
            }
        }
    }

    fn show(&mut self, sum: Sum, path: &OsStr) {
        if let Some((below, size)) = self.threshold
            && (if below { sum.amount > size } else { sum.amount < size })
        {
            return;
        }
        let amount = match (&self.unit, self.inodes) {
            (Unit::Human(_), _) | (_, false) => self.unit.show(sum.amount),
            (_, true) => sum.amount.to_string(),
        };
        self.out.text(&amount);
        self.out.text("\t");
        if self.time.is_some() {
            let time = self.time_style.show(sum.time, self.now, &self.zone);
            self.out.text(&format!("{}\t", time.trim_end()));
        }
        self.out.put(path.as_bytes());
        self.out.put(&[self.end]);
    }
}
