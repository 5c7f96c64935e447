//! Background jobs: `&`, `coproc`, and the table behind `jobs`, `wait`, `$!`.
//!
//! A job is a child process that nobody has waited for yet, or its status until it is told.

use std::rc::Rc;

use crate::flow::Flow;
use crate::options::SetOption;
use crate::shell::Shell;
use crate::sys::{Errno, OpenFlags, Pid, WaitStatus};
use crate::traps::{self, Event, SIGCHLD, SIGINT, SIGPIPE, SIGTERM};
use crate::tree::{AndOr, CommandKind, Coproc, List, ListItem, print};
use crate::vars::Name;

use super::pipeline::{list_of, substitutes};
use super::redirect::FdPlan;

/// The statuses of jobs that ended and were not waited for, as POSIX's CHILD_MAX wants them kept.
const JOBS_MAX: usize = 4096;

/// What a job is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// It runs.
    Running,
    /// This signal stopped it.
    Stopped(u8),
    /// It ended.
    Done(WaitStatus),
}

/// One background job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its number (`%1`).
    pub number: u32,
    /// Its process.
    pub pid: Pid,
    /// The command as `jobs` shows it.
    pub text: Vec<u8>,
    /// What it is doing.
    pub state: JobState,
    /// `disown -h`: no HUP at exit.
    pub no_hangup: bool,
    /// It leads a process group of its own: it was started with `set -m`.
    pub grouped: bool,
    /// Its state has been shown since it changed (`jobs -n`).
    pub shown: bool,
}

/// The job table, in the order the jobs were started.
#[derive(Debug, Clone, Default)]
pub(crate) struct Jobs {
    pub(crate) list: Vec<Job>,
    /// Statuses of processes that left the table, for `wait PID`.
    pub(crate) remembered: Vec<(Pid, WaitStatus)>,
}

impl Jobs {
    fn add(&mut self, pid: Pid, text: Vec<u8>, grouped: bool) {
        let number = self.list.iter().map(|job| job.number).max().unwrap_or(0) + 1;
        if self.list.len() >= JOBS_MAX {
            self.list.remove(0);
        }
        let state = JobState::Running;
        self.list.push(Job { number, pid, text, state, no_hangup: false, grouped, shown: false });
    }

    /// Notes how a process ended or changed.
    pub(crate) fn note(&mut self, pid: Pid, status: WaitStatus) {
        self.set_state(
            pid,
            match status {
                WaitStatus::Stopped(signal) => JobState::Stopped(signal),
                WaitStatus::Continued => JobState::Running,
                ended => JobState::Done(ended),
            },
        );
    }

    /// Notes that a stopped process goes on.
    pub(crate) fn note_continued(&mut self, pid: Pid) {
        if self.list.iter().any(|job| job.pid == pid && matches!(job.state, JobState::Stopped(_))) {
            self.set_state(pid, JobState::Running);
        }
    }

    fn set_state(&mut self, pid: Pid, state: JobState) {
        if let Some(job) = self.list.iter_mut().find(|job| job.pid == pid) {
            job.shown &= job.state == state;
            job.state = state;
        }
    }

    /// Takes a job that is done off the table; its status is remembered.
    pub(crate) fn remove(&mut self, pid: Pid) {
        if let Some(at) = self.list.iter().position(|job| job.pid == pid) {
            let job = self.list.remove(at);
            if let JobState::Done(status) = job.state {
                self.remember(pid, status);
            }
        }
    }

    /// Keeps the status of a process for `wait PID`.
    pub(crate) fn remember(&mut self, pid: Pid, status: WaitStatus) {
        if self.remembered.len() >= JOBS_MAX {
            self.remembered.remove(0);
        }
        self.remembered.push((pid, status));
    }

    /// The current job (`%+`) and the one before it (`%-`): the last that stopped, then the last that were started.
    pub(crate) fn current(&self) -> (Option<u32>, Option<u32>) {
        let is_stopped = |job: &&Job| matches!(job.state, JobState::Stopped(_));
        let stopped = self.list.iter().rev().filter(is_stopped);
        let others = self.list.iter().rev().filter(|job| !is_stopped(job));
        let mut numbers = stopped.chain(others).map(|job| job.number);
        (numbers.next(), numbers.next())
    }
}

impl Shell {
    /// The job table, to be changed.
    pub(crate) fn jobs_mut(&mut self) -> &mut Jobs {
        Rc::make_mut(&mut self.exec.jobs)
    }

    /// Looks which jobs have ended meanwhile.
    pub(crate) fn reap_jobs(&mut self) {
        let is_alive = |job: &&Job| !matches!(job.state, JobState::Done(_));
        let alive: Vec<Pid> = self.exec.jobs.list.iter().filter(is_alive).map(|job| job.pid).collect();
        for pid in alive {
            match self.sys.wait(Some(pid), true) {
                Ok(Some((_, WaitStatus::Stopped(_) | WaitStatus::Continued))) if !self.is_set(SetOption::Monitor) => {}
                Ok(Some((pid, status))) => self.note_child(pid, status),
                // The children of an outer shell are not this subshell's to wait for.
                Err(Errno::ECHILD) if self.subshell_depth == 0 => self.jobs_mut().note(pid, WaitStatus::Exited(127)),
                _ => {}
            }
        }
    }

    /// Takes the news of a child: its job's state, the coprocess's variables, the CHLD trap.
    pub(crate) fn note_child(&mut self, pid: Pid, status: WaitStatus) {
        self.jobs_mut().note(pid, status);
        if matches!(status, WaitStatus::Stopped(_) | WaitStatus::Continued) {
            return;
        }
        if let Some((name, _)) = self.exec.coprocess.take_if(|(_, process)| *process == pid) {
            self.forget_coprocess(name);
        }
        self.child_ended();
    }

    /// A child ended: the CHLD trap is due, once for each.
    pub(crate) fn child_ended(&mut self) {
        const PENDING_MAX: usize = 1024;
        if !self.traps.is_empty()
            && self.traps.command(Event::Signal(SIGCHLD)).is_some_and(|command| !command.is_empty())
            && self.exec.trap_running != Some(Event::Signal(SIGCHLD))
            && self.exec.pending.len() < PENDING_MAX
        {
            self.exec.pending.push(SIGCHLD);
        }
    }

    /// Looks after a foreground command at what became of the jobs; tells of those that a signal ended.
    pub(crate) fn notice_deaths(&mut self) {
        if !self.exec.jobs.list.iter().any(|job| job.state == JobState::Running) {
            return;
        }
        self.reap_jobs();
        let dead: Vec<(Pid, u8)> = self
            .exec
            .jobs
            .list
            .iter()
            .filter_map(|job| match job.state {
                JobState::Done(WaitStatus::Signalled(signal)) if !job.shown => Some((job.pid, signal)),
                _ => None,
            })
            .collect();
        for (pid, signal) in dead {
            self.tell_of_death(pid, signal);
            self.jobs_mut().remove(pid);
        }
    }

    fn forget_coprocess(&mut self, name: Name) {
        for fd in self.exec.coprocess_fds.drain(..) {
            let _ = self.sys.close(fd);
            Rc::make_mut(&mut self.exec.internal_fds).remove(&fd);
        }
        let _ = self.unset_variable(name);
        let _ = self.unset_variable(Name::new(&[name.bytes(), b"_PID"].concat()));
    }

    /// Says that a signal ended a background job, as bash does of those it waits for; the ways a job is usually ended,
    /// and those a command substitution had, are no news.
    pub(crate) fn tell_of_death(&self, pid: Pid, signal: u8) {
        let is_usual =
            [SIGINT, SIGPIPE, SIGTERM].contains(&signal) || self.traps.command(Event::Signal(signal)).is_some();
        let job = self.exec.jobs.list.iter().find(|job| job.pid == pid);
        if let Some(job) = job.filter(|_| !is_usual && !self.exec.in_substitution) {
            let text = format!("{pid:5} {:<24}", traps::signal_text(signal));
            self.report(&[text.as_bytes(), &job.text].concat());
        }
    }

    /// `command &`.
    pub(crate) fn run_background(&mut self, and_or: &AndOr) -> Flow {
        let mut plan = self.inherited_fds();
        // Without job control a background command must not eat the shell's input.
        let null = if self.is_set(SetOption::Monitor) { None } else { self.null_input(&mut plan) };
        let started = self.start_background(and_or, &mut plan);
        if let Some(null) = null {
            let _ = self.sys.close(null);
        }
        match started? {
            Ok(pid) => {
                self.last_background = Some(pid);
                let text = and_or_text(and_or);
                let grouped = self.is_set(SetOption::Monitor);
                self.jobs_mut().add(pid, text, grouped);
                self.status = 0;
            }
            Err(status) => self.status = status,
        }
        Ok(())
    }

    fn null_input(&mut self, plan: &mut FdPlan) -> Option<u32> {
        let null = self.sys.open(b"/dev/null", OpenFlags::READ, 0).ok()?;
        plan.fds.retain(|map| map.parent != null);
        plan.set(0, null);
        Some(null)
    }

    fn start_background(&mut self, and_or: &AndOr, plan: &mut FdPlan) -> Flow<Result<Pid, u8>> {
        if let ([], false, None, [command]) =
            (and_or.rest.as_slice(), and_or.first.negated, and_or.first.timed, and_or.first.stages.as_slice())
            && let CommandKind::Simple(simple) = &command.kind
            && !substitutes(command, simple)
            && !self.is_set(SetOption::Keyword)
            && !simple.args.is_empty()
            && let Some(started) = self.start_background_program(command, simple, plan)?
        {
            return Ok(started);
        }
        let list = match and_or.first.stages.as_slice() {
            // `( list ) &` is one subshell, not two.
            [command] if and_or.rest.is_empty() && !and_or.first.negated && and_or.first.timed.is_none() => {
                match &command.kind {
                    CommandKind::Subshell(list) if command.redirects.is_empty() => (**list).clone(),
                    _ => list_of(command),
                }
            }
            _ => List { items: vec![ListItem { and_or: and_or.clone(), background: false, newline: false }] },
        };
        self.spawn_stage_in(&list, &plan.fds, self.job_group())
    }

    /// With job control a job is a process group of its own.
    fn job_group(&self) -> Option<Pid> {
        self.is_set(SetOption::Monitor).then_some(0)
    }

    /// A background command that is one program needs no shell process. `None`: it is none.
    fn start_background_program(
        &mut self,
        command: &crate::tree::Command,
        simple: &crate::tree::Simple,
        plan: &mut FdPlan,
    ) -> Flow<Option<Result<Pid, u8>>> {
        let mut copy = self.clone();
        let words = copy.expand_simple(simple)?;
        let Some(name) = words.words.first() else { return Ok(None) };
        let is_program = matches!(self.look_up(name), super::Lookup::Program);
        if !is_program || copy.find_program(name).is_none() {
            return Ok(None);
        }
        if self.is_set(SetOption::XTrace) {
            self.trace_texts(&words.words);
        }
        if !copy.plan_redirects(plan, &command.redirects)? {
            copy.drop_plan(plan);
            return Ok(Some(Err(1)));
        }
        copy.bind_environment(simple)?;
        let started = copy.start_program(None, &words.words, plan, self.job_group());
        copy.drop_plan(plan);
        started.map(Some)
    }

    /// `coproc NAME command`.
    pub(crate) fn run_coproc(&mut self, coproc: &Coproc) -> Flow {
        let (Ok((from_child, child_out)), Ok((child_in, to_child))) = (self.sys.pipe(), self.sys.pipe()) else {
            self.report(b"cannot make pipe for coproc");
            self.status = 1;
            return Ok(());
        };
        let mut plan = self.inherited_fds();
        plan.fds.retain(|map| ![from_child, child_out, child_in, to_child].contains(&map.parent));
        plan.set(0, child_in);
        plan.set(1, child_out);
        let list = list_of(&coproc.body);
        let started = self.spawn_stage(&list, &plan.fds);
        let _ = self.sys.close(child_in);
        let _ = self.sys.close(child_out);
        let pid = match started? {
            Ok(pid) => pid,
            Err(status) => {
                self.status = status;
                return Ok(());
            }
        };
        let (from_child, to_child) = (self.keep_private(from_child), self.keep_private(to_child));
        let numbers = [from_child, to_child].map(|fd| fd.to_string().into_bytes());
        let name = coproc.name;
        let set = self.set_array(name, numbers.to_vec());
        self.checked(set)?;
        let pid_name = Name::new(&[coproc.name.bytes(), b"_PID"].concat());
        let set = self.set_variable(pid_name, pid.to_string().as_bytes(), false);
        self.checked(set)?;
        self.last_background = Some(pid);
        let text = [b"coproc ", coproc.name.bytes(), b" ", &super::command_text(&coproc.body)].concat();
        self.jobs_mut().add(pid, text, false);
        self.exec.coprocess = Some((name, pid));
        self.exec.coprocess_fds = vec![from_child, to_child];
        self.status = 0;
        Ok(())
    }
}

/// A background command as `jobs` shows it, without the `&`.
fn and_or_text(and_or: &AndOr) -> Vec<u8> {
    let mut and_or = and_or.clone();
    and_or.first.negated = false;
    let item = ListItem { and_or, background: false, newline: false };
    let mut text = Vec::new();
    print::list(&mut text, &List { items: vec![item] });
    text
}
