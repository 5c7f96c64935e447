//! `wait`.

use crate::exec::JobState;
use crate::flow::Flow;
use crate::options::SetOption;
use crate::shell::Shell;
use crate::sys::{Errno, Pid, WaitStatus};
use crate::traps::SIGCHLD;

use super::{Call, builtin, options};

builtin! {
    /// Wait for job completion and return exit status.
    ///
    /// Waits for each process identified by an ID, which may be a process ID or a job specification, and reports its
    /// termination status. If ID is not given, waits for all currently active child processes, and the return status
    /// is zero.
    ///
    /// Options:
    ///   -f	wait for the specified ID to terminate, rather than for it to change status
    ///   -n	wait for a single job from the list of IDs, or, if no IDs are supplied, for the next job to complete
    ///   -p var	the process or job identifier of the job for which the exit status is returned is assigned to VAR
    WAIT = "wait", "wait [-fn] [-p var] [id ...]", wait
}

/// The status for an id that is no child.
const NO_CHILD: u8 = 127;

/// A wait that a trapped signal ended: the status is 128 and its number.
enum Ended {
    Status(Pid, WaitStatus),
    Signal(u8),
    None,
}

fn wait(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"fnp:") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    if let Some(name) = parsed.value(b'p') {
        if crate::vars::TextPlace::parse(name).is_none() {
            shell.builtin_error(call, &[b"`", name, b"': not a valid identifier"].concat());
            return Ok(1);
        }
        if crate::vars::is_name(name) {
            let _ = shell.unset_variable(crate::vars::Name::new(name));
        }
    }
    let (status, pid) = if parsed.has(b'n') {
        wait_next(shell, call, parsed.rest)?
    } else if parsed.rest.is_empty() {
        return wait_all(shell);
    } else {
        wait_each(shell, call, parsed.rest)?
    };
    if let (Some(name), Some(pid)) = (parsed.value(b'p'), pid) {
        let set = shell.assign_text(name, pid.to_string().as_bytes());
        if let Err(error) = set {
            return shell.builtin_failed(call, error);
        }
    }
    Ok(status)
}

impl Shell {
    /// Waits for a job in the foreground: until it ends or stops.
    pub(super) fn wait_for_job(&mut self, pid: Pid) -> Flow<WaitStatus> {
        loop {
            match wait_one(self, Some(pid))? {
                Ended::Status(_, status) => return Ok(status),
                Ended::Signal(_) => self.run_pending_traps()?,
                Ended::None => return Ok(WaitStatus::Exited(NO_CHILD)),
            }
        }
    }
}

/// Waits for one child, or any; a trapped signal ends it early.
fn wait_one(shell: &mut Shell, child: Option<Pid>) -> Flow<Ended> {
    loop {
        shell.poll_signals()?;
        // The end of a child is what is waited for: it interrupts nothing.
        if let Some(signal) = shell.exec.pending.iter().copied().find(|signal| *signal != SIGCHLD) {
            return Ok(Ended::Signal(signal));
        }
        match shell.sys.wait(child, false) {
            Ok(Some((pid, WaitStatus::Continued))) => shell.jobs_mut().note_continued(pid),
            Ok(Some((_, WaitStatus::Stopped(_)))) if !shell.is_set(SetOption::Monitor) => {}
            Ok(Some((pid, status))) => {
                shell.note_child(pid, status);
                if let WaitStatus::Signalled(signal) = status {
                    shell.poll_signals()?;
                    shell.tell_of_death(pid, signal);
                }
                return Ok(Ended::Status(pid, status));
            }
            Ok(None) | Err(Errno::EINTR) => {}
            Err(_) => return Ok(Ended::None),
        }
    }
}

fn interrupted(shell: &mut Shell, signal: u8) -> Flow<u8> {
    shell.run_pending_traps()?;
    Ok(signal.saturating_add(128))
}

fn wait_all(shell: &mut Shell) -> Flow<u8> {
    let mut running: Vec<Pid> = running(shell);
    running.append(&mut shell.exec.substitutes);
    for pid in running {
        match wait_one(shell, Some(pid))? {
            Ended::Signal(signal) => return interrupted(shell, signal),
            Ended::Status(_, WaitStatus::Stopped(_)) | Ended::None => {}
            Ended::Status(pid, _) => shell.jobs_mut().remove(pid),
        }
    }
    let is_stopped = |job: &&crate::exec::Job| matches!(job.state, JobState::Stopped(_));
    let done: Vec<Pid> = shell.exec.jobs.list.iter().filter(|job| !is_stopped(job)).map(|job| job.pid).collect();
    for pid in done {
        shell.jobs_mut().note(pid, WaitStatus::Exited(NO_CHILD));
        shell.jobs_mut().remove(pid);
    }
    Ok(0)
}

fn running(shell: &Shell) -> Vec<Pid> {
    shell.exec.jobs.list.iter().filter(|job| job.state == JobState::Running).map(|job| job.pid).collect()
}

/// The process an operand names; an error has been told.
fn process_of(shell: &mut Shell, call: &mut Call<'_>, text: &[u8]) -> Result<Pid, u8> {
    if text.starts_with(b"%") {
        return shell.job_for(call, text).map(|job| job.pid).ok_or(NO_CHILD);
    }
    match options::number(text).and_then(|pid| u32::try_from(pid).ok()) {
        Some(pid) => Ok(pid),
        None => {
            shell.builtin_error(call, &[b"`", text, b"': not a pid or valid job spec"].concat());
            Err(1)
        }
    }
}

fn wait_each(shell: &mut Shell, call: &mut Call<'_>, ids: &[Vec<u8>]) -> Flow<(u8, Option<Pid>)> {
    let mut answer = (0, None);
    for text in ids {
        let pid = match process_of(shell, call, text) {
            Ok(pid) => pid,
            Err(status) => {
                answer = (status, None);
                continue;
            }
        };
        let known = known_status(shell, pid);
        answer = match known {
            Some(status) => (status.shell_status(), Some(pid)),
            None => match wait_one(shell, Some(pid))? {
                Ended::Status(pid, status) => (status.shell_status(), Some(pid)),
                Ended::Signal(signal) => return Ok((interrupted(shell, signal)?, Some(pid))),
                Ended::None => {
                    shell.builtin_error(call, format!("pid {pid} is not a child of this shell").as_bytes());
                    (NO_CHILD, None)
                }
            },
        };
        shell.jobs_mut().remove(pid);
    }
    Ok(answer)
}

fn known_status(shell: &Shell, pid: Pid) -> Option<WaitStatus> {
    let job = shell.exec.jobs.list.iter().find(|job| job.pid == pid);
    match job.map(|job| job.state) {
        Some(JobState::Done(status)) => Some(status),
        Some(JobState::Running | JobState::Stopped(_)) => None,
        None => shell.exec.jobs.remembered.iter().rev().find(|(known, _)| *known == pid).map(|(_, status)| *status),
    }
}

/// `wait -n`: the next job to end, of these or of all.
fn wait_next(shell: &mut Shell, call: &mut Call<'_>, ids: &[Vec<u8>]) -> Flow<(u8, Option<Pid>)> {
    let mut wanted = Vec::new();
    for text in ids {
        let known = options::number(text).and_then(|pid| u32::try_from(pid).ok());
        let remembered = |pid: &Pid| shell.exec.jobs.remembered.iter().any(|(known, _)| known == pid);
        match shell.find_job(text).map(|job| job.pid).or(known.filter(remembered)) {
            Some(pid) => wanted.push(pid),
            None => shell.builtin_error(call, &[text, b": no such job".as_slice()].concat()),
        }
    }
    if !ids.is_empty() && wanted.is_empty() {
        return Ok((NO_CHILD, None));
    }
    let of_interest = |pid: Pid| wanted.is_empty() || wanted.contains(&pid);
    let done = shell.exec.jobs.list.iter().find_map(|job| match job.state {
        JobState::Done(status) if of_interest(job.pid) => Some((job.pid, status)),
        _ => None,
    });
    if let Some((pid, status)) = done {
        shell.jobs_mut().remove(pid);
        return Ok((status.shell_status(), Some(pid)));
    }
    loop {
        if running(shell).is_empty() {
            return Ok((NO_CHILD, None));
        }
        match wait_one(shell, None)? {
            Ended::Status(pid, status) if of_interest(pid) => {
                shell.jobs_mut().remove(pid);
                return Ok((status.shell_status(), Some(pid)));
            }
            Ended::Status(..) => {}
            Ended::Signal(signal) => return Ok((interrupted(shell, signal)?, None)),
            Ended::None => return Ok((NO_CHILD, None)),
        }
    }
}
