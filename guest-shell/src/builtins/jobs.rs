//! `jobs`, `fg`, `bg`, `disown`, and the naming of jobs.

use crate::exec::{Job, JobState};
use crate::flow::Flow;
use crate::shell::Shell;
use crate::sys::WaitStatus;
use crate::traps;

use super::{Call, builtin, options};

builtin! {
    /// Display status of jobs.
    ///
    /// Options:
    ///   -l	lists process IDs in addition to the normal information
    ///   -n	lists only processes that have changed status since the last notification
    ///   -p	lists process IDs only
    ///   -r	restrict output to running jobs
    ///   -s	restrict output to stopped jobs
    JOBS = "jobs", "jobs [-lnprs] [jobspec ...] or jobs -x command [args]", jobs
}
builtin! {
    /// Move job to the foreground.
    ///
    /// Place the job identified by JOB_SPEC in the foreground, making it the current job.
    FG = "fg", "fg [job_spec]", fg
}
builtin! {
    /// Move jobs to the background.
    ///
    /// Place the jobs identified by each JOB_SPEC in the background, as if they had been started with `&'.
    BG = "bg", "bg [job_spec ...]", bg
}
builtin! {
    /// Remove jobs from current shell.
    ///
    /// Options:
    ///   -a	remove all jobs if JOBSPEC is not supplied
    ///   -h	mark each JOBSPEC so that SIGHUP is not sent to the job if the shell receives a SIGHUP
    ///   -r	remove only running jobs
    DISOWN = "disown", "disown [-h] [-ar] [jobspec ... | pid ...]", disown
}

impl Shell {
    /// The job `%1`, `%+`, `%-`, `%name`, `%?text` stands for, or the one with this process number.
    pub(crate) fn find_job(&self, text: &[u8]) -> Option<Job> {
        let list = &self.exec.jobs.list;
        let by_number = |number: Option<u32>| list.iter().find(|job| Some(job.number) == number).cloned();
        let (current, previous) = self.exec.jobs.current();
        let Some(spec) = text.strip_prefix(b"%") else {
            let pid = options::number(text).and_then(|pid| u32::try_from(pid).ok())?;
            return list.iter().find(|job| job.pid == pid).cloned();
        };
        match spec {
            b"" | b"%" | b"+" => by_number(current),
            b"-" => by_number(previous.or(current)),
            _ if spec.iter().all(u8::is_ascii_digit) => {
                by_number(options::number(spec).and_then(|number| u32::try_from(number).ok()))
            }
            [b'?', part @ ..] => {
                list.iter().rev().find(|job| crate::pattern::find_bytes(&job.text, part).is_some()).cloned()
            }
            _ => list.iter().rev().find(|job| job.text.starts_with(spec)).cloned(),
        }
    }
}

fn state_text(state: JobState) -> String {
    match state {
        JobState::Running => "Running".to_owned(),
        JobState::Done(WaitStatus::Exited(0)) => "Done".to_owned(),
        JobState::Done(WaitStatus::Exited(status)) => format!("Exit {status}"),
        JobState::Done(WaitStatus::Signalled(signal)) => traps::signal_text(signal).to_owned(),
        JobState::Done(WaitStatus::Stopped(_)) => "Stopped".to_owned(),
    }
}

fn jobs(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"lnprs") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    shell.reap_jobs();
    let (current, previous) = shell.exec.jobs.current();
    let mut status = 0;
    let mut chosen = Vec::new();
    if parsed.rest.is_empty() {
        chosen.clone_from(&shell.exec.jobs.list);
    }
    for text in parsed.rest {
        match shell.find_job(text) {
            Some(job) => chosen.push(job),
            None => {
                shell.builtin_error(call, &[text, b": no such job".as_slice()].concat());
                status = 1;
            }
        }
    }
    for job in &chosen {
        let running = job.state == JobState::Running;
        if parsed.has(b'r') && !running || parsed.has(b's') {
            continue;
        }
        if parsed.has(b'p') {
            call.line(job.pid.to_string().as_bytes());
            continue;
        }
        let mark = if Some(job.number) == current {
            '+'
        } else if Some(job.number) == previous {
            '-'
        } else {
            ' '
        };
        let pid = if parsed.has(b'l') { format!("{} ", job.pid) } else { " ".to_owned() };
        let tail: &[u8] = if running { b" &" } else { b"" };
        let head = format!("[{}]{mark} {pid}{:<24}", job.number, state_text(job.state));
        call.line(&[head.as_bytes(), &job.text, tail].concat());
    }
    for job in chosen.iter().filter(|job| job.state != JobState::Running) {
        shell.jobs_mut().remove(job.pid);
    }
    Ok(status)
}

fn no_job_control(shell: &mut Shell, call: &mut Call<'_>) -> u8 {
    shell.builtin_error(call, b"no job control");
    1
}

fn fg(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    if !shell.is_set(crate::options::SetOption::Monitor) {
        return Ok(no_job_control(shell, call));
    }
    let text = call.args().first().map_or(b"%+".as_slice(), |text| text);
    let Some(job) = shell.find_job(text) else {
        let what = if call.args().is_empty() { b"current".as_slice() } else { text };
        shell.builtin_error(call, &[what, b": no such job"].concat());
        return Ok(1);
    };
    let line = [job.text.as_slice(), b"\n"].concat();
    let _ = shell.sys.write(1, &line);
    let status = shell.wait_for(job.pid)?;
    shell.jobs_mut().note(job.pid, status);
    shell.jobs_mut().remove(job.pid);
    Ok(status.shell_status())
}

fn bg(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    if !shell.is_set(crate::options::SetOption::Monitor) {
        return Ok(no_job_control(shell, call));
    }
    let text = call.args().first().map_or(b"%+".as_slice(), |text| text);
    match shell.find_job(text) {
        Some(job) => shell.builtin_error(call, format!("job {} already in background", job.number).as_bytes()),
        None => {
            shell.builtin_error(call, &[text, b": no such job"].concat());
            return Ok(1);
        }
    }
    Ok(0)
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
        match shell.find_job(text) {
            Some(job) if parsed.has(b'h') => {
                if let Some(known) = shell.jobs_mut().list.iter_mut().find(|known| known.pid == job.pid) {
                    known.no_hangup = true;
                }
            }
            Some(job) => shell.jobs_mut().list.retain(|known| known.pid != job.pid),
            None => {
                let what = if parsed.rest.is_empty() { b"current".as_slice() } else { text };
                shell.builtin_error(call, &[what, b": no such job"].concat());
                status = 1;
            }
        }
    }
    Ok(status)
}
