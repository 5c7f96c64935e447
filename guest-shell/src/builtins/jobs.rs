//! `jobs`, `fg`, `bg`, `disown`, and the naming of jobs.

use crate::exec::{Job, JobState};
use crate::flow::Flow;
use crate::options::SetOption;
use crate::shell::Shell;
use crate::sys::{Pid, WaitStatus};
use crate::traps::{self, SIGCONT};
use crate::vars::quote_shell;

use super::{Call, builtin, options};

builtin! {
    /// Display status of jobs.
    ///
    /// Lists the jobs, or those of the JOBSPECs. With -x, executes COMMAND with every job specification among its
    /// arguments replaced by the job's process number.
    ///
    /// Options:
    ///   -l	with process numbers
    ///   -n	only jobs whose status changed since it was shown
    ///   -p	process numbers alone
    ///   -r	only running jobs
    ///   -s	only stopped jobs
    JOBS = "jobs", "jobs [-lnprs] [jobspec ...] or jobs -x command [args]", jobs
}
builtin! {
    /// Move job to the foreground.
    ///
    /// Waits for the job as if it had been started without `&'; one that is stopped goes on. Needs `set -m'.
    FG = "fg", "fg [job_spec]", fg
}
builtin! {
    /// Move jobs to the background.
    ///
    /// Lets each stopped job go on as if it had been started with `&'. Needs `set -m'.
    BG = "bg", "bg [job_spec ...]", bg
}
builtin! {
    /// Remove jobs from current shell.
    ///
    /// Options:
    ///   -a	all jobs when no JOBSPEC is given
    ///   -h	keep the job and send it no HUP when the shell ends
    ///   -r	only running jobs
    DISOWN = "disown", "disown [-h] [-ar] [jobspec ... | pid ...]", disown
}

/// What a job specification stands for.
enum Named {
    One(Job),
    /// Several jobs begin so.
    Ambiguous,
    Nobody,
}

impl Shell {
    /// The job `%1`, `%+`, `%-`, `%name`, `%?text` stands for, or the one with this process number.
    pub(crate) fn find_job(&self, text: &[u8]) -> Option<Job> {
        match self.named_job(text) {
            Named::One(job) => Some(job),
            Named::Ambiguous | Named::Nobody => None,
        }
    }

    /// As `find_job` for a builtin; tells when there is none.
    pub(super) fn job_for(&mut self, call: &mut Call<'_>, text: &[u8]) -> Option<Job> {
        let named = self.named_job(text);
        if let Named::One(job) = named {
            return Some(job);
        }
        if matches!(named, Named::Ambiguous) {
            let name = text.strip_prefix(b"%").unwrap_or(text);
            self.builtin_error(call, &[name, b": ambiguous job spec"].concat());
        }
        self.builtin_error(call, &[text, b": no such job"].concat());
        None
    }

    fn named_job(&self, text: &[u8]) -> Named {
        let list = &self.exec.jobs.list;
        let one = |job: Option<&Job>| job.map_or(Named::Nobody, |job| Named::One(job.clone()));
        let by_number = |number: Option<u32>| one(list.iter().find(|job| Some(job.number) == number));
        let (current, previous) = self.exec.jobs.current();
        let Some(spec) = text.strip_prefix(b"%") else {
            let pid = options::number(text).and_then(|pid| u32::try_from(pid).ok());
            return one(list.iter().find(|job| Some(job.pid) == pid));
        };
        let matching = |test: &dyn Fn(&Job) -> bool| {
            let mut found = list.iter().filter(|job| test(job));
            match (found.next(), found.next()) {
                (Some(_), Some(_)) => Named::Ambiguous,
                (found, _) => one(found),
            }
        };
        match spec {
            b"" | b"%" | b"+" => by_number(current),
            b"-" => by_number(previous.or(current)),
            _ if spec.iter().all(u8::is_ascii_digit) => {
                by_number(options::number(spec).and_then(|number| u32::try_from(number).ok()))
            }
            [b'?', part @ ..] => matching(&|job| crate::pattern::find_bytes(&job.text, part).is_some()),
            _ => matching(&|job| job.text.starts_with(spec)),
        }
    }

    /// Lets a stopped job go on.
    pub(super) fn continue_job(&mut self, job: &Job) {
        let _ = self.sys.kill(target_of(job), SIGCONT);
        self.jobs_mut().note_continued(job.pid);
    }
}

/// Whom a signal for a job goes to: its group when it leads one.
pub(super) fn target_of(job: &Job) -> i32 {
    let pid = i32::try_from(job.pid).unwrap_or(i32::MAX);
    if job.grouped { -pid } else { pid }
}

fn state_text(state: JobState) -> String {
    match state {
        JobState::Running => "Running".to_owned(),
        JobState::Stopped(_) | JobState::Done(WaitStatus::Stopped(_) | WaitStatus::Continued) => "Stopped".to_owned(),
        JobState::Done(WaitStatus::Exited(0)) => "Done".to_owned(),
        JobState::Done(WaitStatus::Exited(status)) => format!("Exit {status}"),
        JobState::Done(WaitStatus::Signalled(signal)) => traps::signal_text(signal).to_owned(),
    }
}

fn jobs(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"lnprsx") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    if parsed.has(b'x') {
        return run_with_jobs(shell, parsed.rest);
    }
    shell.reap_jobs();
    let mut status = 0;
    let mut chosen = Vec::new();
    if parsed.rest.is_empty() {
        chosen.clone_from(&shell.exec.jobs.list);
    }
    for text in parsed.rest {
        match shell.job_for(call, text) {
            Some(job) => chosen.push(job),
            None => status = 1,
        }
    }
    let current = shell.exec.jobs.current();
    for job in &chosen {
        let wanted = match job.state {
            JobState::Running => !parsed.has(b's'),
            JobState::Stopped(_) => !parsed.has(b'r'),
            JobState::Done(_) => !parsed.has(b'r') && !parsed.has(b's'),
        };
        if !wanted || parsed.has(b'n') && job.shown {
            continue;
        }
        if parsed.has(b'p') {
            call.line(job.pid.to_string().as_bytes());
        } else {
            call.line(&shown(job, current, parsed.has(b'l')));
        }
        settle(shell, job.pid);
    }
    Ok(status)
}

/// What was shown is no news; a job that is over leaves the table with it.
fn settle(shell: &mut Shell, pid: Pid) {
    let Some(job) = shell.jobs_mut().list.iter_mut().find(|job| job.pid == pid) else { return };
    job.shown = true;
    if matches!(job.state, JobState::Done(_)) {
        shell.jobs_mut().remove(pid);
    }
}

/// A line of `jobs`.
fn shown(job: &Job, current: (Option<u32>, Option<u32>), with_pid: bool) -> Vec<u8> {
    let mark = if Some(job.number) == current.0 {
        '+'
    } else if Some(job.number) == current.1 {
        '-'
    } else {
        ' '
    };
    let pid = if with_pid { format!("{} ", job.pid) } else { " ".to_owned() };
    let tail: &[u8] = if job.state == JobState::Running { b" &" } else { b"" };
    let head = format!("[{}]{mark} {pid}{:<24}", job.number, state_text(job.state));
    [head.as_bytes(), &job.text, tail].concat()
}

/// `jobs -x command [args]`.
fn run_with_jobs(shell: &mut Shell, words: &[Vec<u8>]) -> Flow<u8> {
    let words: Vec<Vec<u8>> = words
        .iter()
        .map(|word| match shell.find_job(word).filter(|_| word.starts_with(b"%")) {
            Some(job) => job.pid.to_string().into_bytes(),
            None => quote_shell(word),
        })
        .collect();
    if words.is_empty() {
        return Ok(0);
    }
    let line = shell.line;
    shell.eval_text(&words.join(&b' '), line)?;
    Ok(shell.status)
}

/// The job an operand of `fg` or `bg` names, the current one without; tells when there is none.
fn controlled_job(shell: &mut Shell, call: &mut Call<'_>, text: Option<&Vec<u8>>) -> Option<Job> {
    match text {
        Some(text) => shell.job_for(call, text),
        None => {
            let job = shell.find_job(b"%+");
            if job.is_none() {
                shell.builtin_error(call, b"current: no such job");
            }
            job
        }
    }
}

fn job_control(shell: &mut Shell, call: &mut Call<'_>) -> bool {
    let on = shell.is_set(SetOption::Monitor);
    if on {
        shell.reap_jobs();
    } else {
        shell.builtin_error(call, b"no job control");
    }
    on
}

fn fg(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    if !job_control(shell, call) {
        return Ok(1);
    }
    let args = match shell.parse_builtin_options(call, b"") {
        Ok(parsed) => parsed.rest,
        Err(status) => return Ok(status),
    };
    let Some(job) = controlled_job(shell, call, args.first()) else { return Ok(1) };
    if matches!(job.state, JobState::Done(_)) {
        shell.builtin_error(call, b"job has terminated");
        return Ok(1);
    }
    let line = [job.text.as_slice(), b"\n"].concat();
    let _ = shell.sys.write(1, &line);
    if matches!(job.state, JobState::Stopped(_)) {
        shell.continue_job(&job);
    }
    let status = shell.wait_for_job(job.pid)?;
    if !matches!(status, WaitStatus::Stopped(_)) {
        shell.jobs_mut().remove(job.pid);
    }
    Ok(status.shell_status())
}

fn bg(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    if !job_control(shell, call) {
        return Ok(1);
    }
    let args = match shell.parse_builtin_options(call, b"") {
        Ok(parsed) => parsed.rest,
        Err(status) => return Ok(status),
    };
    let operands: Vec<Option<&Vec<u8>>> = if args.is_empty() { vec![None] } else { args.iter().map(Some).collect() };
    let mut status = 0;
    for text in operands {
        let Some(job) = controlled_job(shell, call, text) else {
            status = 1;
            continue;
        };
        match job.state {
            JobState::Running => {
                shell.builtin_error(call, format!("job {} already in background", job.number).as_bytes());
            }
            JobState::Done(_) => {
                shell.builtin_error(call, b"job has terminated");
                status = 1;
            }
            JobState::Stopped(_) => {
                let (current, _) = shell.exec.jobs.current();
                let mark = if Some(job.number) == current { '+' } else { '-' };
                call.line(&[format!("[{}]{mark} ", job.number).as_bytes(), &job.text, b" &"].concat());
                shell.continue_job(&job);
            }
        }
    }
    Ok(status)
}

fn disown(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"har") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    if parsed.rest.is_empty() && (parsed.has(b'a') || parsed.has(b'r')) {
        let running_only = parsed.has(b'r');
        shell.jobs_mut().list.retain(|job| running_only && job.state != JobState::Running);
        return Ok(0);
    }
    let last = [b"%+".to_vec()];
    let names = if parsed.rest.is_empty() { &last[..] } else { parsed.rest };
    let mut status = 0;
    for text in names {
        let found = if parsed.rest.is_empty() { controlled_job(shell, call, None) } else { shell.job_for(call, text) };
        match found {
            Some(job) if parsed.has(b'h') => {
                if let Some(known) = shell.jobs_mut().list.iter_mut().find(|known| known.pid == job.pid) {
                    known.no_hangup = true;
                }
            }
            Some(job) => shell.jobs_mut().list.retain(|known| known.pid != job.pid),
            None => status = 1,
        }
    }
    Ok(status)
}
