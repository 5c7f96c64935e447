//! A session whose one program is the interpreter: tree, kernel, both modules of imports, no engine.

use std::sync::{Arc, Mutex};

use base::{Clock, Errno, Limits, MonoNanos, SystemClock};
use kernel::{
    CpuSlot, HostBudget, Kernel, Launcher, Process, ProcessSpec, RandomStream, RunSpec, SpawnRequest, Stdin, Stream,
};
use sandshell_wasi::{GuestSpec, GuestState, p1, program};
use vfs::{Device, Ino, ProgramTag, Quota, Tree};
use wasmtime::{Config, Engine, Linker, Module, Store};

/// Runs the interpreter in a new session and returns what it printed.
pub(crate) fn run(wasm: &[u8], cases: &[(String, Vec<u8>)]) -> String {
    let clock = Arc::new(SystemClock::new());
    let launcher = Arc::new(Kept::default());
    let random = RandomStream::from_seed([7; 32]);
    let limits = Limits::default();
    let tree = image(&limits, clock.as_ref(), cases);
    let kernel = Kernel::new(tree, limits, clock, Arc::clone(&launcher) as _, HostBudget::unlimited(), random)
        .expect("room for its files");
    let deadline = MonoNanos(u64::MAX / 2);
    let run = kernel.begin_run(RunSpec { stdin: Stdin::Empty, deadline, fuel: u64::MAX / 2 });
    let mut argv = vec![b"posix".to_vec(), b"/tmp".to_vec()];
    argv.extend(cases.iter().map(|(name, _)| format!("/cases/{name}").into_bytes()));
    let state = GuestState::for_module(GuestSpec {
        process: launcher.spawn(&kernel),
        argv,
        env: Vec::new(),
        slot: Box::new(NoSlot),
        metered: false,
        slice_ticks: 1,
    });
    execute(wasm, state.expect("descriptors are left"));
    kernel.with_tree(|tree| tree.check_invariants()).expect("the tree is whole");
    let printed = [Stream::Stdout, Stream::Stderr].map(|stream| run.output().stream(stream).into_bytes());
    String::from_utf8_lossy(&printed.concat()).into_owned()
}

/// The tree of a session with all devices, the cases and room to work.
fn image(limits: &Limits, clock: &dyn Clock, cases: &[(String, Vec<u8>)]) -> Tree {
    let now = clock.wall();
    let mut tree = Tree::new(Quota::from(limits), now);
    for dir in ["bin", "cases", "dev", "tmp"] {
        tree.mkdir(Ino::ROOT, dir.as_bytes(), 0o755, now).expect("a new name");
    }
    let devices = [
        ("null", Device::Null),
        ("zero", Device::Zero),
        ("full", Device::Full),
        ("random", Device::Random),
        ("urandom", Device::Urandom),
        ("tty", Device::Tty),
        ("stdin", Device::Stdin),
        ("stdout", Device::Stdout),
        ("stderr", Device::Stderr),
    ];
    for (name, device) in devices {
        let path = format!("dev/{name}");
        tree.insert_device(Ino::ROOT, path.as_bytes(), device, 0o666, now).expect("a new name");
    }
    tree.insert_fd_dir(Ino::ROOT, b"dev/fd", now).expect("a new name");
    let program = tree.insert_static(Ino::ROOT, b"bin/posix", b"\0asm"[..].into(), 0o755, now).expect("a new name");
    tree.set_program(program, ProgramTag(1)).expect("a file");
    for (name, content) in cases {
        let path = format!("cases/{name}");
        tree.put_file(Ino::ROOT, path.as_bytes(), content, 0o644, now).expect("a new name");
    }
    tree
}

fn execute(wasm: &[u8], state: GuestState) {
    let mut config = Config::new();
    config.epoch_interruption(true).concurrency_support(false);
    let engine = Engine::new(&config).expect("the host can run code");
    let module = Module::new(&engine, wasm).expect("the compiler made a module");
    let mut linker = Linker::new(&engine);
    p1::add_to_linker(&mut linker).expect("a new linker");
    program::add_to_linker(&mut linker).expect("other names");
    let mut store = Store::new(&engine, state);
    store.limiter(|state| &mut state.limiter);
    store.epoch_deadline_async_yield_and_update(1);
    store.set_epoch_deadline(1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let ended = runtime.block_on(async {
        let instance = linker.instantiate_async(&mut store, &module).await.expect("it links");
        let start = instance.get_typed_func::<(), ()>(&mut store, "_start").expect("a command");
        start.call_async(&mut store, ()).await
    });
    // What it says is in its output; only a trap is not.
    if let Err(error) = ended {
        assert!(sandshell_wasi::GuestExit::of(&error).is_some(), "{error:?}");
    }
}

/// A launcher that starts nothing: the one program is run by the test.
#[derive(Default)]
struct Kept(Mutex<Option<ProcessSpec>>);

impl Kept {
    fn spawn(&self, kernel: &Arc<Kernel>) -> Process {
        let request = SpawnRequest {
            path: b"/bin/posix".to_vec(),
            argv: vec![b"posix".to_vec()],
            fds: vec![(0, 0), (1, 1), (2, 2)],
            ..SpawnRequest::default()
        };
        kernel.shell().spawn(request).expect("a program");
        self.0.lock().expect("no panic").take().expect("it was asked to start").process
    }
}

impl Launcher for Kept {
    fn start(&self, spec: ProcessSpec) -> Result<(), Errno> {
        *self.0.lock().expect("no panic") = Some(spec);
        Ok(())
    }
}

struct NoSlot;

impl CpuSlot for NoSlot {
    fn give_back(&mut self) {}

    fn take_again(&mut self) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }
}
