//! The kernel of one session: makes its shell's process, begins and ends its runs, and gives access to its tree.
//!
//! Owns the session's lock and what all its processes share (limits, clock, launcher, budgets). System calls are the
//! methods of [`Process`].

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use base::{Clock, Errno, Limits, MonoNanos, Pid, Signal};
use vfs::{Device, Ino, Tree};

use crate::budget::{Gauge, HostBudget};
use crate::description::Target;
use crate::input::Stdin;
use crate::launch::Launcher;
use crate::machine::Machine;
use crate::output::{OutputLog, Stream};
use crate::process::Process;
use crate::random::RandomStream;
use crate::rlimits::Rlimits;
use crate::run::{Run, RunSpec};
use crate::started::StartedAs;
use crate::state::{Effects, State};
use crate::sync::{Bell, Lock};
use crate::table::{Frame, Proc, SHELL, Table};
use crate::types::{FdFlags, ProcessInfo};
use crate::volume::Volume;

/// The executable of the session's shell.
const SHELL_PATH: &[u8] = b"/bin/bash";

/// The file mode creation mask of a new session.
const FIRST_UMASK: u32 = 0o022;

/// One session's processes, descriptors and files.
///
/// ```
/// use std::sync::Arc;
///
/// use base::{Errno, Limits, ManualClock, MonoNanos, Timestamp};
/// use sandshell_kernel::{
///     At, HostBudget, Kernel, Launcher, OpenFlags, ProcessSpec, RandomStream, RunSpec, Stdin, Stream, TryIo,
/// };
/// use vfs::{Quota, Tree};
///
/// struct NoPrograms;
/// impl Launcher for NoPrograms {
///     fn start(&self, _spec: ProcessSpec) -> Result<(), Errno> {
///         Err(Errno::ENOEXEC)
///     }
/// }
///
/// let (limits, now) = (Limits::default(), Timestamp(0));
/// let tree = Tree::new(Quota::from(&limits), now);
/// let clock = Arc::new(ManualClock::new(now));
/// let random = RandomStream::from_seed([0; 32]);
/// let kernel = Kernel::new(tree, limits, clock, Arc::new(NoPrograms), HostBudget::unlimited(), random).unwrap();
///
/// let run = kernel.begin_run(RunSpec { stdin: Stdin::Empty, deadline: MonoNanos(1_000_000_000), fuel: 1_000 });
/// let shell = kernel.shell();
/// assert_eq!(shell.try_write(1, b"hello"), Ok(TryIo::Done(5)));
/// let flags = OpenFlags { write: true, create: true, ..OpenFlags::default() };
/// assert_eq!(shell.open(At::Cwd, b"notes", flags, 0o666, 0), Ok(3));
/// kernel.end_run(&run);
/// assert_eq!(run.output().stream(Stream::Stdout).into_bytes(), b"hello");
/// ```
pub struct Kernel {
    state: Lock<State>,
    limits: Limits,
    clock: Arc<dyn Clock>,
    launcher: Arc<dyn Launcher>,
    budget: HostBudget,
    // Linear memory of the session's processes.
    memory: Gauge,
    // What all its processes have computed.
    cpu_ns: AtomicU64,
    // Rung when a process has left the table's living.
    pub(crate) ended: Bell,
}

impl std::fmt::Debug for Kernel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kernel").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Kernel {
    /// Makes a session's kernel over its tree, with the shell's process (pid 1) in it: cwd `/`, no descriptors, and a
    /// run that is finished from the start.
    ///
    /// What the tree holds is reserved from the host's budget, now and whenever it grows.
    ///
    /// # Errors
    ///
    /// `ENOSPC` when the host has no room for what the tree holds.
    pub fn new(
        tree: Tree,
        limits: Limits,
        clock: Arc<dyn Clock>,
        launcher: Arc<dyn Launcher>,
        budget: HostBudget,
        random: RandomStream,
    ) -> Result<Arc<Self>, Errno> {
        let mut tree = Volume::new(tree, limits.footprint_bytes, &budget)?;
        tree.retain(Ino::ROOT);
        Ok(Arc::new_cyclic(|kernel: &Weak<Self>| {
            let now = clock.mono();
            let run = Run::new(kernel.clone(), OutputLog::new(&limits), now, now, limits.run_fuel);
            run.finish(now);
            let machine = Machine::boot(&*clock, &random);
            let state = State::new(tree, Table::new(first_shell(run, &limits, now)), random, machine, budget.clone());
            let memory = Gauge::new(limits.memory_session_bytes);
            let cpu_ns = AtomicU64::new(0);
            Self { state: Lock::new(state), limits, clock, launcher, budget, memory, cpu_ns, ended: Bell::default() }
        }))
    }

    /// The session's limits.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The session's clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Calls `f` with the tree, under the session's lock: keep it short.
    pub fn with_tree<R>(&self, f: impl FnOnce(&Tree) -> R) -> R {
        f(&self.state.lock().tree)
    }

    /// Makes one change of the tree, under the session's lock: keep it short.
    ///
    /// When it is refused with `ENOSPC` and the session may have more of the host's memory, it is made again: `change`
    /// must be a single operation of the tree, or be right to repeat.
    ///
    /// # Errors
    ///
    /// Those of `change`.
    pub fn change_tree<R>(&self, change: impl FnMut(&mut Tree) -> Result<R, Errno>) -> Result<R, Errno> {
        self.state.lock().tree.change(change)
    }

    /// Answers a copy of the tree in O(1), without what only open descriptors keep alive.
    #[must_use]
    pub fn fork_tree(&self) -> Tree {
        self.state.lock().tree.fork()
    }

    /// Puts another tree in the place of the session's (a rollback, an import). Its quota is the session's, and its
    /// versions go on from those of the old one, so that none comes twice.
    ///
    /// Open files and working directories whose inode the new tree has go on with it; the other files answer `EIO`,
    /// the other directories become `/`.
    ///
    /// # Errors
    ///
    /// `ENOSPC` when the host has no room for what the tree holds; then nothing has changed.
    pub fn replace_tree(&self, tree: Tree) -> Result<(), Errno> {
        self.locked(|state, _| state.replace_tree(tree))
    }

    /// What is reserved of the host's memory for the session's files, pipes and captures, in bytes.
    #[must_use]
    pub fn footprint_reserved(&self) -> u64 {
        self.state.lock().tree.reserved()
    }

    /// The handle of the session's shell.
    ///
    /// # Panics
    ///
    /// Never: the shell's entry lives as long as the kernel.
    #[must_use]
    pub fn shell(self: &Arc<Self>) -> Process {
        let shared = {
            let state = self.state.lock();
            Arc::clone(&state.table.any(SHELL).expect("the shell's entry is never removed").shared)
        };
        Process::new(Arc::clone(self), SHELL, shared)
    }

    /// Begins a run: revives the shell if it was killed, and sets its descriptors 0 to 2 anew.
    ///
    /// The run before must have ended; if it has not, it ends now.
    #[must_use]
    pub fn begin_run(self: &Arc<Self>, spec: RunSpec) -> Run {
        let shell = self.shell();
        self.end_run(&shell.run());
        let output = OutputLog::new(&self.limits);
        let run = Run::new(Arc::downgrade(self), output, self.clock.mono(), spec.deadline, spec.fuel);
        run.note_memory(self.memory.used());
        shell.shared.attention.revive();
        *shell.shared.run.lock() = run.clone();
        let stdin = match spec.stdin {
            Stdin::Empty => Target::Device(Device::Null),
            Stdin::Bytes(content) => Target::Bytes { content, offset: 0, charged: 0, generated: None },
            Stdin::Pipe(reader) => reader.into_pipe().map_or(Target::Device(Device::Null), Target::PipeReader),
        };
        let stdout = Target::Output { run: run.clone(), stream: Stream::Stdout };
        let stderr = Target::Output { run: run.clone(), stream: Stream::Stderr };
        self.locked(|state, fx| {
            state.set_standard_fds([stdin, stdout, stderr], fx);
            if let Ok(frame) = state.frame_mut(SHELL) {
                frame.rlimits = Rlimits::of_session(&self.limits);
            }
        });
        run
    }

    /// Ends a run: its output takes nothing more, and the shell's descriptors 0 to 2 become /dev/null's.
    ///
    /// Its jobs live on. Ending a run twice, or one that is not the shell's latest, only seals its output.
    pub fn end_run(self: &Arc<Self>, run: &Run) {
        if run.is_finished() {
            return;
        }
        run.finish(self.clock.mono());
        if !self.shell().run().is(run) {
            return;
        }
        let null = || Target::Device(Device::Null);
        self.locked(|state, fx| {
            while state.leave_frame(SHELL, fx) {}
            state.set_standard_fds([null(), null(), null()], fx);
        });
    }

    /// Kills all processes but the session's shell.
    pub fn kill_jobs(&self) {
        self.doom_where(|pid, _| pid != SHELL);
    }

    /// Kills all processes, the session's shell included.
    pub fn kill_all(&self) {
        self.doom_where(|_, _| true);
    }

    /// Number of live processes beside the session's shell.
    #[must_use]
    pub fn n_jobs(&self) -> usize {
        self.state.lock().table.n_live().saturating_sub(1)
    }

    /// Completes when the session's shell is the only live process.
    pub fn jobs_gone(self: &Arc<Self>) -> impl Future<Output = ()> + Send + 'static {
        let kernel = Arc::clone(self);
        async move { kernel.ended.until(|| kernel.n_jobs() == 0).await }
    }

    /// The process table, ended and unwaited-for processes included, ascending.
    #[must_use]
    pub fn process_list(&self) -> Vec<ProcessInfo> {
        let state = self.state.lock();
        state.table.iter().map(|(pid, proc)| ProcessInfo::of(pid, proc)).collect()
    }

    /// Linear memory of the session's processes, in bytes.
    #[must_use]
    pub fn memory_used(&self) -> u64 {
        self.memory.used()
    }

    /// Says what the environment of the session's shell is, for /proc/1/environ; the shell itself is given it by whoever
    /// runs it.
    pub fn set_shell_environment(&self, env: &[Vec<u8>]) {
        let argv = [b"bash".to_vec()];
        self.locked(|state, _| {
            if let Ok(shell) = state.table.live_mut(SHELL) {
                shell.started_as = StartedAs::new(SHELL_PATH, SHELL_PATH.to_vec(), &argv, env);
            }
        });
    }

    /// Books what a process has computed.
    pub(crate) fn add_cpu(&self, ns: u64) {
        self.cpu_ns.fetch_add(ns, Ordering::AcqRel);
    }

    /// What the session's processes have computed, ended ones included, in nanoseconds.
    #[must_use]
    pub fn cpu_ns(&self) -> u64 {
        self.cpu_ns.load(Ordering::Acquire)
    }

    /// Kills the programs of a run and tells its shell to unwind.
    pub(crate) fn interrupt_run(&self, run: &Run) {
        self.locked(|state, fx| {
            for (pid, proc) in state.table.iter() {
                if proc.ended.is_some() || !proc.shared.run.lock().is(run) {
                    continue;
                }
                if pid == SHELL && run.is_finished() {
                    // Only its jobs are left; the idle shell has nothing to unwind.
                    continue;
                }
                if pid == SHELL {
                    // A stopped one is to unwind, too.
                    proc.shared.attention.resume();
                    proc.shared.attention.post(Signal::XCPU);
                } else {
                    proc.shared.attention.doom(Signal::KILL);
                }
                fx.attend(&proc.shared);
            }
        });
    }

    fn doom_where(&self, which: impl Fn(Pid, &Proc) -> bool) {
        self.locked(|state, fx| {
            for (_, proc) in state.table.iter().filter(|(pid, proc)| proc.ended.is_none() && which(*pid, proc)) {
                proc.shared.attention.doom(Signal::KILL);
                fx.attend(&proc.shared);
            }
        });
    }

    pub(crate) fn memory(&self) -> &Gauge {
        &self.memory
    }

    pub(crate) fn budget(&self) -> &HostBudget {
        &self.budget
    }

    pub(crate) fn launcher(&self) -> &Arc<dyn Launcher> {
        &self.launcher
    }

    /// Calls `f` under the session's lock, then takes the steps that had to wait for its release.
    pub(crate) fn locked<R>(&self, f: impl FnOnce(&mut State, &mut Effects) -> R) -> R {
        let mut fx = Effects::default();
        let answer = {
            let mut state = self.state.lock();
            f(&mut state, &mut fx)
        };
        fx.run();
        answer
    }
}

impl State {
    fn set_standard_fds(&mut self, targets: [Target; 3], fx: &mut Effects) {
        let read = FdFlags { read: true, ..FdFlags::default() };
        let write = FdFlags { write: true, ..FdFlags::default() };
        for ((fd, flags), target) in [(0, read), (1, write), (2, write)].into_iter().zip(targets) {
            let installed = self.install(SHELL, fd, flags, target, fx);
            debug_assert!(installed.is_ok(), "the shell's entry is never ended");
        }
    }
}

fn first_shell(run: Run, limits: &Limits, now: MonoNanos) -> Proc {
    let frame = Frame::new(SHELL, Ino::ROOT, FIRST_UMASK, Rlimits::of_session(limits));
    let mut shell = Proc::new(Pid(0), SHELL, frame, run, now);
    shell.is_shell = true;
    shell.name = b"bash".to_vec();
    shell.started_as = StartedAs::new(SHELL_PATH, SHELL_PATH.to_vec(), &[shell.name.clone()], &[]);
    shell
}
