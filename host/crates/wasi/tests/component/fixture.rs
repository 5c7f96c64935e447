//! A session with a small tree whose processes are components; what they spawn in turn writes its arguments and ends.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use base::{Clock, Errno, Limits, MonoNanos, SystemClock};
use kernel::{
    At, CpuSlot, HostBudget, Kernel, Launcher, Process, ProcessSpec, RandomStream, Run, RunSpec, SpawnRequest, Stdin,
    Stream, WaitStatus,
};
use sandshell_wasi::component::{CommandPre, call_command, command_linker};
use sandshell_wasi::{GuestExit, GuestSpec, GuestState, fuel};
use vfs::{Ino, ProgramTag, Quota, Tree};
use wasmtime::component::Component;
use wasmtime::{Config, Engine, Store, Trap};

use crate::guest;

/// How a guest ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// `run` returned.
    Returned(u8),
    /// It ended in a call of the host.
    Exit(GuestExit),
    /// It did what WebAssembly does not allow, or used up its fuel.
    Trap(Trap),
    /// The host ended it with these words.
    Refused(String),
}

/// What is left of a guest.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) end: End,
    /// Memory was refused to it.
    pub(crate) memory_refused: bool,
    /// How often it gave its CPU slot back.
    pub(crate) n_waits: u32,
}

/// What a session differs in from the ordinary one.
pub(crate) struct Setup {
    pub(crate) limits: Limits,
    pub(crate) stdin: Stdin,
    pub(crate) fuel: u64,
}

impl Default for Setup {
    fn default() -> Self {
        Self { limits: Limits::default(), stdin: Stdin::Empty, fuel: 1 << 50 }
    }
}

/// The session.
pub(crate) struct Session {
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) run: Run,
    launcher: Arc<OneThenEchoes>,
}

impl Session {
    pub(crate) fn new(setup: Setup) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let launcher = Arc::new(OneThenEchoes::default());
        let tree = tree(&setup.limits, clock.as_ref());
        let random = RandomStream::from_seed([7; 32]);
        let (kept, budget) = (Arc::clone(&launcher), HostBudget::unlimited());
        let kernel = Kernel::new(tree, setup.limits, clock, kept, budget, random).expect("room for its files");
        kernel.shell().chdir(At::Root, b"/root").expect("it is there");
        let deadline = MonoNanos(u64::MAX / 2);
        let run = kernel.begin_run(RunSpec { stdin: setup.stdin, deadline, fuel: setup.fuel });
        Self { kernel, run, launcher }
    }

    /// Starts a process with these descriptors of the shell's: (its own, the shell's).
    pub(crate) fn process(&self, fds: &[(u32, u32)]) -> Process {
        let request = SpawnRequest {
            path: b"/bin/guest".to_vec(),
            argv: vec![b"guest".to_vec()],
            fds: fds.to_vec(),
            ..SpawnRequest::default()
        };
        self.kernel.shell().spawn(request).expect("room for a process");
        self.launcher.first.lock().expect("no panic").take().expect("it was started")
    }

    /// Runs a program of the component in a process, to its end.
    pub(crate) async fn call(&self, process: Process, argv: &[&str]) -> Ended {
        let (engine, command) = compiled();
        self.call_of(engine, command, process, argv).await
    }

    /// The same for any command.
    pub(crate) async fn call_of(
        &self,
        engine: &Engine,
        command: &CommandPre<GuestState>,
        process: Process,
        argv: &[&str],
    ) -> Ended {
        let slot = CountedSlot::default();
        let state = GuestState::for_command(GuestSpec {
            process: process.clone(),
            argv: argv.iter().map(|argument| argument.as_bytes().to_vec()).collect(),
            env: [&b"HOME=/root"[..], b"EMPTY=", b"no variable", b"BYTES=a\xff"].map(<[u8]>::to_vec).into(),
            slot: Box::new(slot.clone()),
            metered: true,
            slice_ticks: 1,
        });
        let mut store = Store::new(engine, state);
        store.limiter(|state| &mut state.limiter);
        store.epoch_deadline_async_yield_and_update(1);
        store.set_epoch_deadline(1);
        fuel::begin(&mut store).expect("fuel is counted");
        let called = async {
            let instance = command.instantiate_async(&mut store).await?;
            call_command(&instance, &mut store).await
        };
        // A guest that should not wait for ever fails the test instead of hanging it.
        let returned = tokio::time::timeout(Duration::from_secs(60), called).await.expect("in time");
        // As the engine does it; without fuel left the run is stopped by this.
        let _ = fuel::settle(&mut store);
        let memory_refused = store.data().limiter.limit_met();
        drop(store);
        // Whatever the guest had open went with its handles.
        assert!(process.open_fds().iter().all(|fd| *fd < 3), "{:?}", process.open_fds());
        process.exit(WaitStatus::Exited(0));
        self.kernel.with_tree(|tree| tree.check_invariants()).expect("the tree is whole");
        Ended { end: end(returned), memory_refused, n_waits: slot.n_waits() }
    }

    /// What was written to the run's standard output.
    pub(crate) fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.run.output().stream(Stream::Stdout).into_bytes()).into_owned()
    }

    /// What was written to its standard error.
    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.run.output().stream(Stream::Stderr).into_bytes()).into_owned()
    }
}

/// Runs a program in a session of its own; hands both back.
pub(crate) fn run_with(setup: Setup, argv: &[&str]) -> (Session, Ended) {
    let session = Session::new(setup);
    let process = session.process(&[(0, 0), (1, 1), (2, 2)]);
    let ended = block_on(session.call(process, argv));
    (session, ended)
}

/// Runs a program that must find everything as it expects, and answers what it printed.
#[track_caller]
pub(crate) fn succeed(argv: &[&str]) -> String {
    let (session, ended) = run_with(Setup::default(), argv);
    assert_eq!(ended.end, End::Returned(0), "{}", session.stderr());
    session.stdout()
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future)
}

/// Compiles a component for [`Session::call_of`].
pub(crate) fn compile(wasm: &[u8]) -> (Engine, CommandPre<GuestState>) {
    let mut config = Config::new();
    config.consume_fuel(true).epoch_interruption(true).concurrency_support(false);
    let engine = Engine::new(&config).expect("an engine");
    let component = Component::new(&engine, wasm).expect("a component");
    let linked = command_linker(&engine).and_then(|linker| linker.instantiate_pre(&component)).expect("it links");
    (engine, CommandPre::new(linked).expect("a command"))
}

fn compiled() -> &'static (Engine, CommandPre<GuestState>) {
    static COMPILED: OnceLock<(Engine, CommandPre<GuestState>)> = OnceLock::new();
    COMPILED.get_or_init(|| compile(guest::wasm()))
}

fn end(returned: wasmtime::Result<u8>) -> End {
    match returned {
        Ok(code) => End::Returned(code),
        Err(error) => match (GuestExit::of(&error), error.downcast_ref::<Trap>()) {
            (Some(exit), _) => End::Exit(exit),
            (None, Some(trap)) => End::Trap(*trap),
            (None, None) => End::Refused(error.root_cause().to_string()),
        },
    }
}

fn tree(limits: &Limits, clock: &dyn Clock) -> Tree {
    let now = clock.wall();
    let mut tree = Tree::new(Quota::from(limits), now);
    for dir in ["bin", "tmp", "dev", "root"] {
        tree.mkdir(Ino::ROOT, dir.as_bytes(), 0o755, now).expect("a fresh tree");
    }
    for (name, device) in [("null", vfs::Device::Null), ("zero", vfs::Device::Zero), ("full", vfs::Device::Full)] {
        tree.insert_device(Ino::ROOT, format!("dev/{name}").as_bytes(), device, 0o666, now).expect("a fresh tree");
    }
    for (name, tag) in [("guest", 1), ("true", 2)] {
        let path = format!("bin/{name}");
        let file = tree.insert_static(Ino::ROOT, path.as_bytes(), b"\0asm"[..].into(), 0o755, now);
        tree.set_program(file.expect("a fresh tree"), ProgramTag(tag)).expect("a file");
    }
    tree
}

/// Hands out the first process of `guest`; all others write their arguments to their standard output and exit with 7.
#[derive(Default)]
struct OneThenEchoes {
    first: Mutex<Option<Process>>,
}

impl Launcher for OneThenEchoes {
    fn start(&self, spec: ProcessSpec) -> Result<(), Errno> {
        if spec.argv == [b"guest"] {
            *self.first.lock().expect("no panic") = Some(spec.process);
            return Ok(());
        }
        spec.process.try_write(1, &spec.argv.join(&b' ')).expect("room");
        spec.process.exit(WaitStatus::Exited(7));
        Ok(())
    }
}

/// A slot that counts how often it is given back.
#[derive(Clone, Default)]
struct CountedSlot(Arc<Mutex<u32>>);

impl CountedSlot {
    fn n_waits(&self) -> u32 {
        *self.0.lock().expect("no panic")
    }
}

impl CpuSlot for CountedSlot {
    fn give_back(&mut self) {
        *self.0.lock().expect("no panic") += 1;
    }

    fn take_again(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }
}
