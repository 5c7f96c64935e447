//! Following: looking again and again whether files have grown, with a pause that a signal ends.

use std::io::{self, Seek, SeekFrom};
use std::time::Duration;

use sandshell_sys::{Pid, Stat, Target, kill, list, stat};

use super::end::Source;
use super::{By, PROGRAM, Plan, Printer, Tailed, is_stdin};
use crate::basis::bytes::OsStrExt;
use crate::basis::errors::{Reason, complain};

/// Between two looks when nobody chose: Linux tells tail at once, so a reader expects lines soon.
const INTERVAL: Duration = Duration::from_millis(50);

/// What is known of a followed file.
struct State {
    /// Its inode and length when it was last read.
    inode: u64,
    length: u64,
    /// By name: it was not there at the last look.
    missing: bool,
    /// It will not be looked at again.
    done: bool,
}

/// Follows until nothing is left to follow. Answers whether something failed.
pub(super) fn follow(plan: &Plan, files: &mut [Tailed], printer: &mut Printer) -> bool {
    let by = plan.follow.unwrap_or(By::Descriptor);
    let mut states: Vec<State> = files.iter().map(|file| State::new(plan, file)).collect();
    if states.iter().all(|state| state.done) {
        if !files.iter().all(|file| is_stdin(&file.path)) {
            complain(PROGRAM, "no files remaining");
            return true;
        }
        return false;
    }
    let interval = plan.interval.unwrap_or(INTERVAL);
    loop {
        // Asked before the look, so that what it wrote last is seen.
        let alive = plan.pid.is_none_or(is_alive);
        for (index, (file, state)) in files.iter_mut().zip(&mut states).enumerate() {
            if !state.done {
                state.look(index, plan, by, file, printer);
            }
        }
        printer.out.flush();
        if states.iter().all(|state| state.done) {
            complain(PROGRAM, "no files remaining");
            return true;
        }
        if !alive {
            return false;
        }
        std::thread::sleep(interval);
    }
}

/// Returns whether a process runs. One that has ended keeps its number until somebody waits for it.
fn is_alive(pid: Pid) -> bool {
    let ended = list().is_ok_and(|rows| rows.iter().any(|row| row.pid == pid && row.ended));
    !ended && kill(Target::Process(pid), None).is_ok()
}

fn status_of(file: &Tailed) -> io::Result<Stat> {
    stat(file.path.as_bytes()).map_err(Into::into)
}

impl State {
    fn new(plan: &Plan, file: &Tailed) -> Self {
        let status = status_of(file).ok();
        let missing = file.source.is_none();
        Self {
            inode: status.map_or(0, |status| status.inode),
            length: position(file).unwrap_or(0),
            missing,
            // Standard input was read to its end; what was not there is waited for only when told.
            done: is_stdin(&file.path) || (missing && !plan.retry),
        }
    }

    fn look(&mut self, index: usize, plan: &Plan, by: By, file: &mut Tailed, printer: &mut Printer) {
        if by == By::Name || file.source.is_none() {
            self.look_at_name(plan, file, printer);
        }
        let Some(Source::File(open)) = &mut file.source else { return };
        let Ok(metadata) = open.metadata() else { return };
        let length = metadata.len();
        let mut place = self.length;
        if metadata.is_file() {
            if length < place {
                printer.out.flush();
                complain(PROGRAM, &format!("{}: file truncated", file.shown()));
                place = 0;
                self.length = 0;
            }
            if length == place {
                return;
            }
        }
        let Some(Source::File(open)) = &mut file.source else { return };
        // A pipe or a device has no place to go to.
        let _ = open.seek(SeekFrom::Start(place));
        let shown = file.shown();
        printer.header(index, &shown);
        if let Some(source) = &mut file.source
            && let Err(error) = source.rest(&mut printer.out)
        {
            printer.out.flush();
            complain(PROGRAM, &format!("error reading {}: {}", file.quoted(), error.words()));
            self.done = true;
        }
        self.length = position(file).unwrap_or(length);
    }

    /// Looks whether the name stands for another file now.
    fn look_at_name(&mut self, plan: &Plan, file: &mut Tailed, printer: &mut Printer) {
        match status_of(file) {
            Err(error) => {
                if !self.missing {
                    printer.out.flush();
                    let words = format!("{} has become inaccessible: {}", file.quoted(), error.words());
                    complain(PROGRAM, &words);
                    self.missing = true;
                    file.source = None;
                    if !plan.retry {
                        self.done = true;
                    }
                }
            }
            Ok(status) if self.missing || status.inode != self.inode => {
                let Ok(source) = Source::open(&file.path) else { return };
                printer.out.flush();
                let what = if self.missing { "has appeared" } else { "has been replaced" };
                complain(PROGRAM, &format!("{} {what};  following new file", file.quoted()));
                *self = Self { inode: status.inode, length: 0, missing: false, done: false };
                file.source = Some(source);
            }
            Ok(_) => {}
        }
    }
}

/// Returns where reading goes on.
fn position(file: &Tailed) -> Option<u64> {
    match &file.source {
        Some(Source::File(open)) => {
            let mut open = open;
            open.stream_position().ok()
        }
        _ => None,
    }
}
