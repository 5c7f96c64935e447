//! A process whose guest is a module that exports every imported function: tests call the ABI as a guest does.
//!
//! The guest has two pages of memory. Programs it spawns are not run: the launcher keeps what it was asked to start.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use base::{Errno, Limits, ManualClock, MonoNanos, Timestamp};
use kernel::{CpuSlot, HostBudget, Kernel, Launcher, Process, ProcessSpec, RandomStream, Run, RunSpec, Stdin};
use sandshell_wasi::{GuestExit, GuestSpec, GuestState, p1, program};
use vfs::{Ino, ProgramTag, Quota, Tree};
use wasmtime::{Config, Engine, Instance, Linker, Module, Store, Val};

use sandshell_wasi as wasi;

/// Where tests put what the guest points at.
pub(crate) const AT: u32 = 4096;
/// Where the answers go.
pub(crate) const OUT: u32 = 64;
/// The guest's memory in bytes.
pub(crate) const MEMORY: u32 = 2 * 65536;
/// The preopened directory.
pub(crate) const ROOT_FD: u32 = 3;

/// A launcher that starts nothing and keeps the specs.
#[derive(Default)]
pub(crate) struct KeptSpecs(Mutex<Vec<ProcessSpec>>);

impl Launcher for KeptSpecs {
    fn start(&self, spec: ProcessSpec) -> Result<(), Errno> {
        self.0.lock().unwrap().push(spec);
        Ok(())
    }
}

impl KeptSpecs {
    /// Takes the latest spec.
    pub(crate) fn take(&self) -> ProcessSpec {
        self.0.lock().unwrap().pop().unwrap()
    }
}

/// A slot that counts what is done with it.
#[derive(Clone, Default)]
pub(crate) struct CountedSlot(pub(crate) Arc<Mutex<(u32, u32)>>);

impl CpuSlot for CountedSlot {
    fn give_back(&mut self) {
        self.0.lock().unwrap().0 += 1;
    }

    fn take_again(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.0.lock().unwrap().1 += 1;
        Box::pin(std::future::ready(()))
    }
}

/// One session with one process and its guest.
pub(crate) struct Fixture {
    pub(crate) runtime: tokio::runtime::Runtime,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) kernel: Arc<Kernel>,
    pub(crate) launcher: Arc<KeptSpecs>,
    pub(crate) run: Run,
    pub(crate) process: Process,
    pub(crate) slot: CountedSlot,
    pub(crate) store: Store<GuestState>,
    pub(crate) instance: Instance,
}

/// What a fixture differs in from the ordinary one.
pub(crate) struct Options {
    pub(crate) limits: Limits,
    pub(crate) stdin: Stdin,
    pub(crate) fuel: Option<u64>,
    pub(crate) wat: Option<String>,
    pub(crate) before: fn(&Process),
}

impl Default for Options {
    fn default() -> Self {
        Self { limits: Limits::default(), stdin: Stdin::Empty, fuel: None, wat: None, before: |_| {} }
    }
}

/// The instant at which fixtures begin.
pub(crate) const START: Timestamp = Timestamp(1_700_000_000_000_000_000);

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let clock = Arc::new(ManualClock::new(START));
        let (kernel, launcher) = session(&options.limits, Arc::clone(&clock) as Arc<dyn base::Clock>);
        let fuel = options.fuel.unwrap_or(options.limits.run_fuel);
        let deadline = MonoNanos(3_600_000_000_000);
        let run = kernel.begin_run(RunSpec { stdin: options.stdin, deadline, fuel });
        let process = spawn_process(&kernel, &launcher);
        (options.before)(&process);
        let slot = CountedSlot::default();
        let state = GuestState::for_module(GuestSpec {
            process: process.clone(),
            argv: vec![b"prog".to_vec(), b"one two".to_vec(), Vec::new()],
            env: vec![b"HOME=/root".to_vec(), b"EMPTY=".to_vec()],
            slot: Box::new(slot.clone()),
            metered: options.fuel.is_some(),
            slice_ticks: 1,
        })
        .unwrap();
        let abi = reexporting_module(options.fuel.is_some());
        let engine = abi.engine().clone();
        let module = match options.wat {
            Some(wat) => Module::new(&engine, wat::parse_str(wat).unwrap()).unwrap(),
            None => abi.clone(),
        };
        let mut store = Store::new(&engine, state);
        store.limiter(|state| &mut state.limiter);
        store.epoch_deadline_async_yield_and_update(1);
        store.set_epoch_deadline(1);
        wasi::fuel::begin(&mut store).unwrap();
        let linker = linker(&engine);
        let instance = runtime.block_on(linker.instantiate_async(&mut store, &module)).unwrap();
        Self { runtime, clock, kernel, launcher, run, process, slot, store, instance }
    }

    /// Calls a function of the ABI and answers its errno.
    pub(crate) fn call(&mut self, name: &str, args: &[Arg]) -> u32 {
        self.try_call(name, args).unwrap()
    }

    /// The same for calls that may end the guest.
    pub(crate) fn try_call(&mut self, name: &str, args: &[Arg]) -> Result<u32, GuestExit> {
        let function = self.instance.get_func(&mut self.store, name).unwrap();
        let n_results = function.ty(&self.store).results().len();
        let args: Vec<Val> = args.iter().map(|arg| arg.0).collect();
        let mut results = vec![Val::I32(0); n_results];
        let called = self.runtime.block_on(async {
            // A call that should not wait for ever fails the test instead of hanging it.
            let call = function.call_async(&mut self.store, &args, &mut results);
            tokio::time::timeout(Duration::from_secs(20), call).await.unwrap()
        });
        match called {
            Ok(()) => Ok(results.first().map_or(0, |result| result.unwrap_i32().cast_unsigned())),
            Err(error) => Err(GuestExit::of(&error).unwrap_or_else(|| panic!("{error:?}"))),
        }
    }

    /// Calls while `during` runs beside the call, which is polled first.
    pub(crate) fn call_while(
        &mut self,
        name: &str,
        args: &[Arg],
        during: impl Future<Output = ()>,
    ) -> Result<u32, GuestExit> {
        let function = self.instance.get_func(&mut self.store, name).unwrap();
        let args: Vec<Val> = args.iter().map(|arg| arg.0).collect();
        let mut results = [Val::I32(0)];
        let called = self.runtime.block_on(async {
            let call = function.call_async(&mut self.store, &args, &mut results);
            let call = tokio::time::timeout(Duration::from_secs(20), call);
            let during = async {
                // The call has come to its wait before anything happens.
                tokio::task::yield_now().await;
                during.await;
            };
            tokio::join!(call, during).0.unwrap()
        });
        match called {
            Ok(()) => Ok(results[0].unwrap_i32().cast_unsigned()),
            Err(error) => Err(GuestExit::of(&error).unwrap_or_else(|| panic!("{error:?}"))),
        }
    }

    /// Calls and expects success.
    #[track_caller]
    pub(crate) fn ok(&mut self, name: &str, args: &[Arg]) {
        assert_eq!(self.call(name, args), 0, "{name}");
    }

    /// Calls and expects this errno.
    #[track_caller]
    pub(crate) fn fails(&mut self, name: &str, args: &[Arg], errno: Errno) {
        assert_eq!(self.call(name, args), u32::from(errno.wasi()), "{name}");
    }

    fn memory(&mut self) -> &mut [u8] {
        let memory = self.instance.get_memory(&mut self.store, "memory").unwrap();
        memory.data_mut(&mut self.store)
    }

    /// Writes into the guest's memory.
    pub(crate) fn put(&mut self, at: u32, data: &[u8]) {
        let at = at as usize;
        self.memory()[at..at + data.len()].copy_from_slice(data);
    }

    /// Reads the guest's memory.
    pub(crate) fn get(&mut self, at: u32, len: u32) -> Vec<u8> {
        let at = at as usize;
        self.memory()[at..at + len as usize].to_vec()
    }

    pub(crate) fn u8(&mut self, at: u32) -> u8 {
        self.get(at, 1)[0]
    }

    pub(crate) fn u16(&mut self, at: u32) -> u16 {
        u16::from_le_bytes(self.get(at, 2).try_into().unwrap())
    }

    pub(crate) fn u32(&mut self, at: u32) -> u32 {
        u32::from_le_bytes(self.get(at, 4).try_into().unwrap())
    }

    pub(crate) fn u64(&mut self, at: u32) -> u64 {
        u64::from_le_bytes(self.get(at, 8).try_into().unwrap())
    }

    /// Puts a path at [`AT`] and answers its two arguments.
    pub(crate) fn path(&mut self, path: &str) -> [Arg; 2] {
        self.put(AT, path.as_bytes());
        [AT.into(), u32::try_from(path.len()).unwrap().into()]
    }

    /// Puts one vector of `data` (or of room for it) and answers the two arguments.
    pub(crate) fn vector(&mut self, data: &[u8]) -> [Arg; 2] {
        self.put(AT + 1024, data);
        self.vectors(&[(AT + 1024, u32::try_from(data.len()).unwrap())])
    }

    /// Puts an array of vectors and answers the two arguments.
    pub(crate) fn vectors(&mut self, vectors: &[(u32, u32)]) -> [Arg; 2] {
        let bytes: Vec<u8> =
            vectors.iter().flat_map(|(at, len)| [at.to_le_bytes(), len.to_le_bytes()]).flatten().collect();
        self.put(AT + 512, &bytes);
        [(AT + 512).into(), u32::try_from(vectors.len()).unwrap().into()]
    }

    /// Opens a path relative to the root through preview 1, as libraries do: reading and writing as `rights` say, and
    /// every other right.
    #[track_caller]
    pub(crate) fn open(&mut self, path: &str, oflags: u32, rights: u64) -> u32 {
        let rights = rights | !(READ | WRITE);
        let [at, len] = self.path(path);
        self.ok("path_open", &args![ROOT_FD, 1u32, at, len, oflags, rights, u64::MAX, 0u32, OUT]);
        self.u32(OUT)
    }

    /// Writes a string through preview 1 and answers how many bytes went.
    #[track_caller]
    pub(crate) fn write(&mut self, fd: u32, data: &[u8]) -> u32 {
        let [array, count] = self.vector(data);
        self.ok("fd_write", &args![fd, array, count, OUT]);
        self.u32(OUT)
    }

    /// Reads up to `len` bytes through preview 1.
    #[track_caller]
    pub(crate) fn read(&mut self, fd: u32, len: u32) -> Vec<u8> {
        let [array, count] = self.vectors(&[(AT + 1024, len)]);
        self.ok("fd_read", &args![fd, array, count, OUT]);
        let n = self.u32(OUT);
        self.get(AT + 1024, n)
    }

    /// A file's content as the tree has it.
    pub(crate) fn content(&self, path: &str) -> Vec<u8> {
        self.kernel.with_tree(|tree| {
            let ino = tree.lookup(Ino::ROOT, path.as_bytes(), vfs::Follow::Yes).unwrap();
            tree.read_all(ino, 1 << 20).unwrap()
        })
    }
}

/// Rights of a descriptor that is read.
pub(crate) const READ: u64 = 1 << 1;
/// Rights of a descriptor that is written.
pub(crate) const WRITE: u64 = 1 << 6;
/// `oflags::creat`.
pub(crate) const CREATE: u32 = 1;

/// An argument of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arg(pub(crate) Val);

impl From<u32> for Arg {
    fn from(value: u32) -> Self {
        Self(Val::I32(value.cast_signed()))
    }
}

impl From<i32> for Arg {
    fn from(value: i32) -> Self {
        Self(Val::I32(value))
    }
}

impl From<u64> for Arg {
    fn from(value: u64) -> Self {
        Self(Val::I64(value.cast_signed()))
    }
}

impl From<i64> for Arg {
    fn from(value: i64) -> Self {
        Self(Val::I64(value))
    }
}

/// Arguments of a call from numbers and [`Arg`]s.
macro_rules! args {
    ($($value:expr),* $(,)?) => { [$($crate::fixture::Arg::from($value)),*] };
}
pub(crate) use args;

/// A session with a small tree, and its launcher.
pub(crate) fn session(limits: &Limits, clock: Arc<dyn base::Clock>) -> (Arc<Kernel>, Arc<KeptSpecs>) {
    let launcher = Arc::new(KeptSpecs::default());
    (session_with(limits, clock, Arc::clone(&launcher) as _), launcher)
}

/// The same with a launcher of the caller's.
pub(crate) fn session_with(limits: &Limits, clock: Arc<dyn base::Clock>, launcher: Arc<dyn Launcher>) -> Arc<Kernel> {
    let now = clock.wall();
    let mut tree = Tree::new(Quota::from(limits), now);
    for dir in ["bin", "tmp", "dev", "root"] {
        tree.mkdir(Ino::ROOT, dir.as_bytes(), 0o755, now).unwrap();
    }
    for (name, device) in [("null", vfs::Device::Null), ("zero", vfs::Device::Zero), ("full", vfs::Device::Full)] {
        tree.insert_device(Ino::ROOT, format!("dev/{name}").as_bytes(), device, 0o666, now).unwrap();
    }
    tree.insert_fd_dir(Ino::ROOT, b"dev/fd", now).unwrap();
    for (name, tag) in [("true", 1), ("false", 2)] {
        let path = format!("bin/{name}");
        let ino = tree.insert_static(Ino::ROOT, path.as_bytes(), b"\0asm"[..].into(), 0o755, now).unwrap();
        tree.set_program(ino, ProgramTag(tag)).unwrap();
    }
    let random = RandomStream::from_seed([7; 32]);
    let kernel = Kernel::new(tree, limits.clone(), clock, launcher, HostBudget::unlimited(), random);
    kernel.expect("room for its files")
}

/// Starts a program of the session's shell and answers its process.
pub(crate) fn spawn_process(kernel: &Arc<Kernel>, launcher: &KeptSpecs) -> Process {
    let request = kernel::SpawnRequest {
        path: b"/bin/true".to_vec(),
        argv: vec![b"prog".to_vec()],
        fds: vec![(0, 0), (1, 1), (2, 2)],
        ..kernel::SpawnRequest::default()
    };
    kernel.shell().spawn(request).unwrap();
    launcher.take().process
}

/// An engine that compiles at once and allocates on demand.
pub(crate) fn engine(metered: bool) -> Engine {
    let mut config = Config::new();
    config.consume_fuel(metered).epoch_interruption(true).concurrency_support(false);
    Engine::new(&config).unwrap()
}

/// A linker with all that core modules may import.
pub(crate) fn linker(engine: &Engine) -> Linker<GuestState> {
    let mut linker = Linker::new(engine);
    p1::add_to_linker(&mut linker).unwrap();
    program::add_to_linker(&mut linker).unwrap();
    linker
}

/// Compiles a guest of `tests` with the toolchain that compiles the workspace, which names the target; what the compiler
/// says when it does not.
#[expect(clippy::disallowed_methods, reason = "a test runs the compiler and reads what it wrote")]
pub(crate) fn compile(name: &str, source: &str) -> Result<Vec<u8>, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(source);
    let wasm = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name).with_extension("wasm");
    let compiled = Command::new("rustc")
        .args(["--edition", "2024", "--target", "wasm32-wasip1", "-C", "opt-level=1", "-D", "warnings", "-o"])
        .args([&wasm, &source])
        .output()
        .expect("rustc runs");
    match compiled.status.success() {
        true => Ok(std::fs::read(wasm).expect("rustc wrote it")),
        false => Err(String::from_utf8_lossy(&compiled.stderr).into_owned()),
    }
}

/// A module that exports every function of both modules under its own name; compiled once, with fuel and without.
fn reexporting_module(metered: bool) -> &'static Module {
    static COMPILED: [OnceLock<Module>; 2] = [OnceLock::new(), OnceLock::new()];
    let compile = || Module::new(&engine(metered), wat::parse_str(reexporting_wat()).unwrap()).unwrap();
    COMPILED[usize::from(metered)].get_or_init(compile)
}

fn reexporting_wat() -> String {
    let mut imports = String::new();
    let mut exports = String::new();
    for (module, name, params, results) in SIGNATURES {
        let params: Vec<&str> = params.chars().map(|c| if c == 'I' { "i64" } else { "i32" }).collect();
        let result = if *results { "(result i32)" } else { "" };
        let types = params.join(" ");
        imports += &format!("(import \"{module}\" \"{name}\" (func ${name} (param {types}) {result}))\n");
        let gets: String = (0..params.len()).map(|i| format!("(local.get {i})")).collect();
        exports += &format!("(func (export \"{name}\") (param {types}) {result} (call ${name} {gets}))\n");
    }
    format!("(module {imports} (memory (export \"memory\") 2) {exports})")
}

const P1: &str = "wasi_snapshot_preview1";
const V1: &str = "sandshell_v1";

/// Module, name, parameters (`I` is an i64) and whether there is a result, as the specifications have them.
pub(crate) const SIGNATURES: &[(&str, &str, &str, bool)] = &[
    (P1, "args_get", "ii", true),
    (P1, "args_sizes_get", "ii", true),
    (P1, "environ_get", "ii", true),
    (P1, "environ_sizes_get", "ii", true),
    (P1, "clock_res_get", "ii", true),
    (P1, "clock_time_get", "iIi", true),
    (P1, "fd_advise", "iIIi", true),
    (P1, "fd_allocate", "iII", true),
    (P1, "fd_close", "i", true),
    (P1, "fd_datasync", "i", true),
    (P1, "fd_fdstat_get", "ii", true),
    (P1, "fd_fdstat_set_flags", "ii", true),
    (P1, "fd_fdstat_set_rights", "iII", true),
    (P1, "fd_filestat_get", "ii", true),
    (P1, "fd_filestat_set_size", "iI", true),
    (P1, "fd_filestat_set_times", "iIIi", true),
    (P1, "fd_pread", "iiiIi", true),
    (P1, "fd_prestat_get", "ii", true),
    (P1, "fd_prestat_dir_name", "iii", true),
    (P1, "fd_pwrite", "iiiIi", true),
    (P1, "fd_read", "iiii", true),
    (P1, "fd_readdir", "iiiIi", true),
    (P1, "fd_renumber", "ii", true),
    (P1, "fd_seek", "iIii", true),
    (P1, "fd_sync", "i", true),
    (P1, "fd_tell", "ii", true),
    (P1, "fd_write", "iiii", true),
    (P1, "path_create_directory", "iii", true),
    (P1, "path_filestat_get", "iiiii", true),
    (P1, "path_filestat_set_times", "iiiiIIi", true),
    (P1, "path_link", "iiiiiii", true),
    (P1, "path_open", "iiiiiIIii", true),
    (P1, "path_readlink", "iiiiii", true),
    (P1, "path_remove_directory", "iii", true),
    (P1, "path_rename", "iiiiii", true),
    (P1, "path_symlink", "iiiii", true),
    (P1, "path_unlink_file", "iii", true),
    (P1, "poll_oneoff", "iiii", true),
    (P1, "proc_exit", "i", false),
    (P1, "proc_raise", "i", true),
    (P1, "sched_yield", "", true),
    (P1, "random_get", "ii", true),
    (P1, "sock_accept", "iii", true),
    (P1, "sock_recv", "iiiiii", true),
    (P1, "sock_send", "iiiii", true),
    (P1, "sock_shutdown", "ii", true),
    (V1, "access", "iii", true),
    (V1, "chdir", "ii", true),
    (V1, "chmod", "iiii", true),
    (V1, "chown", "iiiii", true),
    (V1, "dup", "iii", true),
    (V1, "fchdir", "i", true),
    (V1, "fchmod", "ii", true),
    (V1, "fchown", "iii", true),
    (V1, "fstat", "ii", true),
    (V1, "getcwd", "iii", true),
    (V1, "getpid", "i", true),
    (V1, "isatty", "ii", true),
    (V1, "kill", "ii", true),
    (V1, "pipe", "i", true),
    (V1, "priority", "ii", true),
    (V1, "processes", "iii", true),
    (V1, "sigaction", "ii", true),
    (V1, "sigpending", "i", true),
    (V1, "sigstate", "ii", true),
    (V1, "spawn", "iii", true),
    (V1, "stat", "iiii", true),
    (V1, "statfs", "i", true),
    (V1, "times", "i", true),
    (V1, "umask", "ii", true),
    (V1, "utimens", "iiiII", true),
    (V1, "wait", "iii", true),
    (V1, "wait_for", "iiIi", true),
    (V1, "winsize", "i", true),
];
