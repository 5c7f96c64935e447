//! `lsof`: the files that the session's processes have open, from `/proc/PID/fd`.

use std::collections::BTreeSet;

use sandshell_sys::{Kind, Stat, bytes_of, stat};

use super::table::{self, Process};
use crate::options::Grammar;
use crate::output::Output;
use crate::program::{Outcome, Program};

/// `lsof`.
pub(crate) const PROGRAM: Program = Program {
    name: "lsof",
    failure: 1,
    help: "\
Usage: lsof [OPTION]... [FILE]...
List open files of the session's processes; with FILE, only those.

  -p PIDS     of these processes; ^PID: of the others
  -c NAME     of processes whose names begin so
  -d FDS      these descriptors: 0,1,cwd,txt,5-9; ^FD: not that one
  -u USERS    of these users
  -a          all conditions hold, not one of them
  -s          the column SIZE in place of SIZE/OFF
  -o          the column OFFSET
  -t          nothing but the numbers of processes
  -b -l -n -N -P -w -V   accepted
  -h, --help, -v, --version
",
    grammar: Grammar { short: "abc:d:hlnNop:Pstu:vVwF:", long: &[], stops_at_operand: false },
    main,
};

/// An open file.
struct Row {
    descriptor: String,
    /// Letters behind the number: how it is open.
    mode: &'static str,
    stat: Option<Stat>,
    offset: u64,
    name: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Either,
    Length,
    Offset,
}

#[derive(Default)]
struct Criteria {
    pids: Vec<(u32, bool)>,
    names: Vec<String>,
    descriptors: Vec<(String, bool)>,
    files: BTreeSet<u64>,
    users: Option<bool>,
    all: bool,
}

fn main(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, operands) = program.parse(arguments)?;
    let (mut criteria, mut size, mut terse) = (Criteria::default(), Shown::Either, false);
    for option in &given {
        match option.letter {
            'a' => criteria.all = true,
            'c' => criteria.names.push(option.text()),
            'd' => criteria.descriptors.extend(option.text().split(',').map(negated)),
            'p' => {
                for (word, holds) in option.text().split(',').map(negated) {
                    criteria.pids.push((program.number("illegal process ID", &word)?, holds));
                }
            }
            'u' => {
                let accounts = sandshell_sys::Accounts::load();
                let is_root = |word: &str| word.parse().ok().or_else(|| accounts.user_id(word)) == Some(0);
                criteria.users =
                    Some(option.text().split(',').map(negated).any(|(word, holds)| is_root(&word) == holds));
            }
            's' => size = Shown::Length,
            'o' => size = Shown::Offset,
            't' => terse = true,
            'h' => return Err(program.print(program.help)),
            'v' => return Err(program.version()),
            _ => {}
        }
    }
    let mut status = 0;
    for path in &operands {
        match stat(path) {
            Ok(state) => drop(criteria.files.insert(state.inode)),
            Err(errno) => {
                status = program.fail(&format!("status error on {}: {errno}", String::from_utf8_lossy(path)));
            }
        }
    }
    if criteria.files.is_empty() && !operands.is_empty() {
        return Err(status);
    }
    let mut found = Vec::new();
    for process in table::all().into_iter().filter(|process| process.pid != table::own_pid()) {
        let rows: Vec<Row> = rows(&process).into_iter().filter(|row| criteria.holds(&process, row)).collect();
        if !rows.is_empty() {
            found.push((process, rows));
        }
    }
    if found.is_empty() {
        return Err(program.failure);
    }
    let mut out = Output::new();
    if terse {
        found.iter().for_each(|(process, _)| out.text(&format!("{}\n", process.pid)));
    } else {
        write(&found, size, &mut out);
    }
    Ok(out.finish(program, status))
}

fn negated(word: &str) -> (String, bool) {
    word.strip_prefix('^').map_or((word.to_owned(), true), |word| (word.to_owned(), false))
}

impl Criteria {
    fn holds(&self, process: &Process, row: &Row) -> bool {
        let refused_pid = self.pids.iter().any(|(pid, holds)| !holds && *pid == process.pid);
        let refused_fd = self.descriptors.iter().any(|(range, holds)| !holds && covers(range, &row.descriptor));
        if refused_pid || refused_fd {
            return false;
        }
        let asked: Vec<bool> = [
            self.any(&self.pids, |pid| *pid == process.pid),
            self.any(&self.descriptors, |range| covers(range, &row.descriptor)),
            (!self.names.is_empty()).then(|| self.names.iter().any(|name| process.name.starts_with(name.as_str()))),
            (!self.files.is_empty()).then(|| row.stat.is_some_and(|state| self.files.contains(&state.inode))),
            self.users,
        ]
        .into_iter()
        .flatten()
        .collect();
        if self.all { asked.iter().all(|holds| *holds) } else { asked.is_empty() || asked.contains(&true) }
    }

    /// Whether one of a list fits; nothing when the list asks for nothing.
    fn any<T>(&self, list: &[(T, bool)], fits: impl Fn(&T) -> bool) -> Option<bool> {
        let mut wanted = list.iter().filter(|(_, holds)| *holds).peekable();
        wanted.peek()?;
        Some(wanted.any(|(value, _)| fits(value)))
    }
}

/// Tells whether a name or a range of numbers covers a descriptor.
fn covers(range: &str, descriptor: &str) -> bool {
    match (range.split_once('-'), descriptor.parse::<u32>()) {
        (Some((first, last)), Ok(number)) => {
            let bound = |text: &str| text.parse::<u32>().ok();
            bound(first).zip(bound(last)).is_some_and(|(first, last)| (first..=last).contains(&number))
        }
        _ => range == descriptor,
    }
}

/// The open files of a process: directory, root, program, descriptors.
fn rows(process: &Process) -> Vec<Row> {
    let folder = format!("/proc/{}", process.pid);
    let link = |name: &str, shown: &str| {
        let path = format!("{folder}/{name}");
        let target = std::fs::read_link(&path).ok()?;
        let name = String::from_utf8_lossy(bytes_of(target.as_os_str())).into_owned();
        Some(Row { descriptor: shown.to_owned(), mode: "", stat: stat(path.as_bytes()).ok(), offset: 0, name })
    };
    let mut rows: Vec<Row> = [("cwd", "cwd"), ("root", "rtd"), ("exe", "txt")]
        .into_iter()
        .filter_map(|(name, shown)| link(name, shown))
        .collect();
    let entries = std::fs::read_dir(format!("{folder}/fd")).into_iter().flatten().flatten();
    let mut numbers: Vec<u32> = entries.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok()).collect();
    numbers.sort_unstable();
    for number in numbers {
        let Some(mut row) = link(&format!("fd/{number}"), &number.to_string()) else { continue };
        let info = std::fs::read_to_string(format!("{folder}/fdinfo/{number}")).unwrap_or_default();
        let field = |name: &str| {
            let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.map(str::trim).unwrap_or_default().to_owned()
        };
        row.offset = field("pos").parse().unwrap_or(0);
        row.mode = match u32::from_str_radix(&field("flags"), 8).unwrap_or(0) & 3 {
            0 => "r",
            1 => "w",
            _ => "u",
        };
        rows.push(row);
    }
    rows
}

fn kind(row: &Row) -> &'static str {
    match row.stat.map(|state| state.mode.kind()) {
        Some(Kind::Directory) => "DIR",
        Some(Kind::Regular) => "REG",
        Some(Kind::CharacterDevice) => "CHR",
        Some(Kind::Fifo) => "FIFO",
        Some(_) => "unix",
        None if row.name.starts_with("pipe:") => "FIFO",
        None => "unknown",
    }
}

fn write(found: &[(Process, Vec<Row>)], size: Shown, out: &mut Output) {
    let heading = match size {
        Shown::Either => "SIZE/OFF",
        Shown::Length => "SIZE",
        Shown::Offset => "OFFSET",
    };
    let mut cells: Vec<[String; 9]> =
        vec![["COMMAND", "PID", "USER", "FD", "TYPE", "DEVICE", heading, "NODE", "NAME"].map(str::to_owned)];
    for (process, rows) in found {
        for row in rows {
            let is_file = matches!(kind(row), "REG" | "DIR");
            let shown = match size {
                Shown::Either if is_file => row.stat.map_or(String::new(), |state| state.size.to_string()),
                Shown::Length if is_file => row.stat.map_or(String::new(), |state| state.size.to_string()),
                Shown::Length => String::new(),
                Shown::Either | Shown::Offset => format!("0t{}", row.offset),
            };
            let device = row.stat.map_or(0, |state| state.device);
            cells.push([
                process.name.chars().take(9).collect(),
                process.pid.to_string(),
                "root".to_owned(),
                format!("{}{}", row.descriptor, row.mode),
                kind(row).to_owned(),
                format!("{},{}", device >> 8, device & 255),
                shown,
                row.stat.map_or(String::new(), |state| state.inode.to_string()),
                row.name.clone(),
            ]);
        }
    }
    let widths: Vec<usize> =
        (0..9).map(|at| cells.iter().filter_map(|row| row.get(at)).map(String::len).max().unwrap_or(0)).collect();
    for row in &cells {
        let mut line = String::new();
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let is_left = matches!(at, 0 | 2 | 8);
            match (at, is_left) {
                (8, _) => line.push_str(cell),
                (_, true) => line.push_str(&format!("{cell:<width$} ")),
                (_, false) => line.push_str(&format!("{cell:>width$} ")),
            }
        }
        out.text(line.trim_end());
        out.text("\n");
    }
}
