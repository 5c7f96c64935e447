//! A session whose programs are host-side closures: the kernel's other side, played by the test.
//!
//! Owns the fake launcher and short forms of what tests ask often. A program is ended by its signals as the engine
//! would end it; time stands still unless a test moves it.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use base::{Errno, Limits, ManualClock, MonoNanos, Pid, Signal, Timestamp};
use kernel::{
    At, Executable, HostBudget, Interruption, Kernel, Launcher, OpenFlags, Process, ProcessSpec, RandomStream, Run,
    RunSpec, SHELL_TAG, SpawnRequest, Stdin, TryIo, WaitFor, WaitStatus,
};
use vfs::{Device, Ino, ProgramTag, Quota, Tree};

/// When every test begins.
pub(crate) const NOW: Timestamp = Timestamp(1_700_000_000_000_000_000);

type Body = Arc<dyn Fn(ProcessSpec) -> Pin<Box<dyn Future<Output = WaitStatus> + Send>> + Send + Sync>;

/// What the fake launcher runs for each program.
#[derive(Default)]
pub(crate) struct Programs(Mutex<BTreeMap<u32, Body>>);

impl Launcher for Programs {
    fn start(&self, spec: ProcessSpec) -> Result<(), Errno> {
        let tag = match &spec.executable {
            Executable::Program(tag) => tag.0,
            Executable::Shell | Executable::ShellStage { .. } => SHELL_TAG.0,
            _ => return Err(Errno::ENOEXEC),
        };
        let programs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let body = Arc::clone(programs.get(&tag).ok_or(Errno::ENOEXEC)?);
        tokio::spawn(async move {
            let process = spec.process.clone();
            let status = until_killed(&process, body(spec)).await;
            process.exit(status);
        });
        Ok(())
    }
}

/// Runs a program's body until it ends or a signal ends it.
async fn until_killed(process: &Process, body: impl Future<Output = WaitStatus>) -> WaitStatus {
    let mut body = pin!(body);
    loop {
        let mut interrupted = pin!(process.interrupted());
        let ended = std::future::poll_fn(|cx| {
            if let Some(Interruption::Die(signal)) = process.interruption() {
                return Poll::Ready(Some(WaitStatus::Signalled(signal)));
            }
            if let Poll::Ready(status) = body.as_mut().poll(cx) {
                // EPIPE may have doomed the process in its last step.
                return Poll::Ready(Some(match process.interruption() {
                    Some(Interruption::Die(signal)) => WaitStatus::Signalled(signal),
                    _ => status,
                }));
            }
            interrupted.as_mut().poll(cx).map(|_| None)
        });
        if let Some(status) = ended.await {
            return status;
        }
    }
}

/// One session with its shell, in which a test plays the shell.
pub(crate) struct World {
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) shell: Process,
    pub(crate) run: Run,
    pub(crate) clock: Arc<ManualClock>,
    programs: Arc<Programs>,
    tags: std::cell::Cell<u32>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Limits::default(), HostBudget::unlimited())
    }

    pub(crate) fn with_limits(limits: Limits) -> Self {
        Self::with(limits, HostBudget::unlimited())
    }

    pub(crate) fn with(limits: Limits, budget: HostBudget) -> Self {
        let tree = Tree::from_template(&template(), Quota::from(&limits));
        let clock = Arc::new(ManualClock::new(NOW));
        let programs = Arc::new(Programs::default());
        let random = RandomStream::from_seed([7; 32]);
        let (clock_dyn, launcher): (Arc<ManualClock>, Arc<Programs>) = (Arc::clone(&clock), Arc::clone(&programs));
        let kernel = Kernel::new(tree, limits, clock_dyn, launcher, budget, random).expect("room for an empty session");
        let run = begin(&kernel, Stdin::Empty);
        let shell = kernel.shell();
        Self { kernel, shell, run, clock, programs, tags: std::cell::Cell::new(1) }
    }

    /// Installs a program at `path` whose body is `body`.
    pub(crate) fn program<F>(&self, path: &str, body: impl Fn(ProcessSpec) -> F + Send + Sync + 'static)
    where
        F: Future<Output = WaitStatus> + Send + 'static,
    {
        let tag = self.tags.get();
        self.tags.set(tag + 1);
        self.body(tag, body);
        let put = |tree: &mut Tree| {
            let ino = tree.put_file(Ino::ROOT, path.as_bytes(), b"program", 0o755, NOW)?;
            tree.set_program(ino, ProgramTag(tag))
        };
        self.kernel.change_tree(put).expect("a place for a program");
    }

    /// Says what a shell process does.
    pub(crate) fn shell_stage<F>(&self, body: impl Fn(ProcessSpec) -> F + Send + Sync + 'static)
    where
        F: Future<Output = WaitStatus> + Send + 'static,
    {
        self.body(SHELL_TAG.0, body);
    }

    fn body<F>(&self, tag: u32, body: impl Fn(ProcessSpec) -> F + Send + Sync + 'static)
    where
        F: Future<Output = WaitStatus> + Send + 'static,
    {
        let body: Body = Arc::new(move |spec| Box::pin(body(spec)));
        self.programs.0.lock().expect("no test panics here").insert(tag, body);
    }

    /// Puts a file with this content and mode.
    pub(crate) fn file(&self, path: &str, content: &[u8], mode: u32) {
        let put = |tree: &mut Tree| tree.put_file(Ino::ROOT, path.as_bytes(), content, mode, NOW);
        self.kernel.change_tree(put).expect("a place for a file");
    }

    pub(crate) fn content(&self, path: &str) -> Vec<u8> {
        self.kernel.with_tree(|tree| {
            let ino = tree.lookup(Ino::ROOT, path.as_bytes(), vfs::Follow::Yes).expect("the file is there");
            tree.read_all(ino, 1 << 20).expect("the file is small")
        })
    }

    pub(crate) fn check(&self) {
        assert_eq!(self.kernel.check_invariants(), Ok(()));
    }
}

/// The tree every session starts from: /dev, /tmp, /bin, and where /proc goes.
fn template() -> Tree {
    let mut tree = Tree::new(Quota::UNLIMITED, NOW);
    for dir in ["/dev", "/tmp", "/bin", "/proc"] {
        tree.mkdir(Ino::ROOT, dir.as_bytes(), 0o755, NOW).expect("a fresh tree takes directories");
    }
    let devices = [
        ("null", Device::Null),
        ("zero", Device::Zero),
        ("full", Device::Full),
        ("urandom", Device::Urandom),
        ("tty", Device::Tty),
        ("stdin", Device::Stdin),
        ("stdout", Device::Stdout),
        ("stderr", Device::Stderr),
    ];
    for (name, device) in devices {
        let path = format!("/dev/{name}");
        tree.insert_device(Ino::ROOT, path.as_bytes(), device, 0o666, NOW).expect("a fresh tree takes devices");
    }
    tree.insert_fd_dir(Ino::ROOT, b"/dev/fd", NOW).expect("a fresh tree takes /dev/fd");
    for shell in ["/bin/bash", "/bin/sh"] {
        let ino = tree.put_file(Ino::ROOT, shell.as_bytes(), b"shell", 0o755, NOW).expect("a fresh tree takes files");
        tree.set_program(ino, SHELL_TAG).expect("a file takes a tag");
    }
    tree
}

pub(crate) fn begin(kernel: &Arc<Kernel>, stdin: Stdin) -> Run {
    let limits = kernel.limits();
    kernel.begin_run(RunSpec { stdin, deadline: MonoNanos(30_000_000_000), fuel: limits.run_fuel })
}

/// Runs a test's body; it may spawn programs.
pub(crate) fn block_on<T>(body: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(body)
}

/// Waits as `read(2)` does; `EINTR` when a signal is pending.
pub(crate) async fn read(process: &Process, fd: u32, max: usize) -> Result<Vec<u8>, Errno> {
    let mut buf = vec![0; max];
    loop {
        match process.try_read(fd, &mut buf)? {
            TryIo::Done(n) => {
                buf.truncate(n);
                return Ok(buf);
            }
            TryIo::WouldBlock => unless_interrupted(process, process.readable(fd)).await?,
        }
    }
}

pub(crate) async fn read_all(process: &Process, fd: u32) -> Result<Vec<u8>, Errno> {
    let mut all = Vec::new();
    loop {
        let piece = read(process, fd, 65_536).await?;
        if piece.is_empty() {
            return Ok(all);
        }
        all.extend(piece);
    }
}

/// Writes all of `data`, waiting as `write(2)` does.
pub(crate) async fn write(process: &Process, fd: u32, mut data: &[u8]) -> Result<(), Errno> {
    while !data.is_empty() {
        match process.try_write(fd, data)? {
            TryIo::Done(n) => data = &data[n..],
            TryIo::WouldBlock => unless_interrupted(process, process.writable(fd)).await?,
        }
    }
    Ok(())
}

pub(crate) async fn wait(process: &Process, which: WaitFor) -> Result<(Pid, WaitStatus), Errno> {
    loop {
        match process.try_wait(which)? {
            TryIo::Done(ended) => return Ok(ended),
            TryIo::WouldBlock => unless_interrupted(process, process.child_ended(which)).await?,
        }
    }
}

pub(crate) async fn status_of(process: &Process, child: Pid) -> WaitStatus {
    wait(process, WaitFor::Pid(child)).await.expect("it is a child").1
}

async fn unless_interrupted(process: &Process, wait: impl Future<Output = ()>) -> Result<(), Errno> {
    tokio::select! {
        biased;
        () = wait => Ok(()),
        _ = process.interrupted() => Err(Errno::EINTR),
    }
}

pub(crate) fn request(path: &str, fds: &[(u32, u32)]) -> SpawnRequest {
    let path = path.as_bytes().to_vec();
    SpawnRequest { argv: vec![path.clone()], path, fds: fds.to_vec(), ..SpawnRequest::default() }
}

pub(crate) fn spawn(process: &Process, path: &str, fds: &[(u32, u32)]) -> Pid {
    process.spawn(request(path, fds)).expect("the program starts")
}

/// A program that waits until a signal ends it.
pub(crate) async fn sleep_for_ever(_spec: ProcessSpec) -> WaitStatus {
    std::future::pending().await
}

pub(crate) async fn succeed(_spec: ProcessSpec) -> WaitStatus {
    WaitStatus::Exited(0)
}

pub(crate) const READ: OpenFlags = OpenFlags {
    read: true,
    write: false,
    append: false,
    create: false,
    exclusive: false,
    truncate: false,
    directory: false,
    no_follow: false,
    nonblock: false,
};
pub(crate) const CREATE: OpenFlags = OpenFlags { read: true, write: true, create: true, ..READ };
pub(crate) const APPEND: OpenFlags = OpenFlags { append: true, ..CREATE };

pub(crate) fn open(process: &Process, path: &str, flags: OpenFlags) -> Result<u32, Errno> {
    process.open(At::Cwd, path.as_bytes(), flags, 0o666, 3)
}

pub(crate) fn killed_by(signal: Signal) -> WaitStatus {
    WaitStatus::Signalled(signal)
}

/// Reads at once; what would block is a failure.
pub(crate) fn read_now(process: &Process, fd: u32, max: usize) -> Result<Vec<u8>, Errno> {
    let mut buf = vec![0; max];
    match process.try_read(fd, &mut buf)? {
        TryIo::Done(n) => buf.truncate(n),
        TryIo::WouldBlock => panic!("the read would block"),
    }
    Ok(buf)
}

pub(crate) fn write_now(process: &Process, fd: u32, data: &[u8]) -> Result<usize, Errno> {
    match process.try_write(fd, data)? {
        TryIo::Done(n) => Ok(n),
        TryIo::WouldBlock => panic!("the write would block"),
    }
}
