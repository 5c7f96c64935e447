//! One guest program a behaviour of the host (tests/guests), each with its test here; a program without one is an error
//! of the compiler.
//!
//! Those that work on files are run in the root and in a directory below it. Children of a program are played by
//! [`Children`].

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use base::{Errno, Limits, MonoNanos, Signal, SystemClock};
use bytes::Bytes;
use kernel::{Interruption, Launcher, Process, ProcessSpec, RunSpec, Stdin, Stream, WaitStatus};
use sandshell_wasi::{GuestExit, GuestSpec, GuestState, p1, program};
use vfs::{Follow, Ino};
use wasmtime::{Engine, Module, Store};

use crate::fixture;

macro_rules! assert_each_has_a_test {
    ($($name:ident),* $(,)?) => {
        $(const _: fn() = self::$name;)*

        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

foreach_program!(assert_each_has_a_test);

/// Keeps the process of the guest, and plays its children. What one does is said by its second argument: `lives` (until
/// it is killed), `signal` (it dies of the one that follows), `descriptors` (it lists those it has), or the status it ends
/// with. What follows a status it writes to its descriptor 1.
#[derive(Default)]
struct Children {
    guest: Mutex<Option<ProcessSpec>>,
    living: Mutex<Vec<Process>>,
}

impl Children {
    /// Ends the living that have been killed.
    fn bury(&self) {
        self.living.lock().expect("no panic").retain(|process| match process.interruption() {
            Some(Interruption::Die(signal)) => {
                process.exit(WaitStatus::Signalled(signal));
                false
            }
            _ => true,
        });
    }
}

impl Launcher for Children {
    fn start(&self, spec: ProcessSpec) -> Result<(), Errno> {
        let mut guest = self.guest.lock().expect("no panic");
        if guest.is_none() {
            *guest = Some(spec);
            return Ok(());
        }
        self.bury();
        let process = spec.process;
        let write = |text: &[u8]| assert!(process.try_write(1, text).is_ok(), "who writes has a descriptor 1");
        let argument = |n: usize| spec.argv.get(n).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let number = |n: usize| argument(n).and_then(|text| text.parse().ok()).unwrap_or(0);
        let status = match argument(1).as_deref() {
            Some("lives") => {
                self.living.lock().expect("no panic").push(process);
                return Ok(());
            }
            Some("signal") => WaitStatus::Signalled(Signal(number(2))),
            Some("descriptors") => {
                process.open_fds().iter().for_each(|fd| write(format!("{fd} ").as_bytes()));
                WaitStatus::Exited(0)
            }
            _ => {
                spec.argv.iter().skip(2).for_each(|word| write(word));
                WaitStatus::Exited(number(1))
            }
        };
        process.exit(status);
        Ok(())
    }
}

/// How a program ended, with what it wrote.
struct Ended {
    end: Option<GuestExit>,
    stdout: String,
    stderr: String,
}

impl Ended {
    #[track_caller]
    fn assert(&self, end: Option<GuestExit>) {
        assert_eq!(self.end, end, "{}", self.stderr);
    }
}

/// All programs, compiled once.
fn compiled() -> &'static (Engine, Module) {
    static COMPILED: OnceLock<Result<(Engine, Module), String>> = OnceLock::new();
    let compiled = COMPILED.get_or_init(|| {
        let engine = fixture::engine(false);
        let module = Module::new(&engine, fixture::compile("programs", "guests/guest.rs")?).expect("valid");
        Ok((engine, module))
    });
    compiled.as_ref().unwrap_or_else(|error| panic!("{error}"))
}

/// Runs a program on a fresh session, in its directory `scratch`.
fn run(name: &str, scratch: &str) -> Ended {
    let launcher = Arc::new(Children::default());
    let kernel = fixture::session_with(&Limits::default(), Arc::new(SystemClock::new()), Arc::clone(&launcher) as _);
    let tmp = kernel.with_tree(|tree| tree.lookup(Ino::ROOT, b"tmp", Follow::Yes)).expect("the fixture has it");
    kernel.change_tree(|tree| tree.mkdir(tmp, b"x", 0o755, fixture::START)).expect("room");
    let stdin = Stdin::Bytes(Bytes::from_static(b"input\n"));
    let run = kernel.begin_run(RunSpec { stdin, deadline: MonoNanos(u64::MAX / 2), fuel: u64::MAX / 2 });
    let request = kernel::SpawnRequest {
        path: b"/bin/true".to_vec(),
        argv: vec![name.as_bytes().to_vec()],
        fds: vec![(0, 0), (1, 1), (2, 2)],
        ..kernel::SpawnRequest::default()
    };
    kernel.shell().spawn(request).expect("a process");
    let process = launcher.guest.lock().expect("no panic").as_ref().expect("it was started").process.clone();
    process.add_cpu(123);
    let state = GuestState::for_module(GuestSpec {
        process,
        argv: [name, scratch, "one two", ""].map(|text| text.as_bytes().to_vec()).into(),
        env: vec![b"HOME=/root".to_vec(), b"EMPTY=".to_vec()],
        slot: Box::new(fixture::CountedSlot::default()),
        metered: false,
        slice_ticks: 1,
    })
    .expect("descriptors are left");
    let (engine, module) = compiled();
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.limiter);
    store.epoch_deadline_async_yield_and_update(1);
    store.set_epoch_deadline(1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let ended = runtime.block_on(async {
        let instance = fixture::linker(engine).instantiate_async(&mut store, module).await.expect("it links");
        let start = instance.get_typed_func::<(), ()>(&mut store, "_start").expect("a command");
        start.call_async(&mut store, ()).await
    });
    kernel.with_tree(|tree| tree.check_invariants()).expect("the tree is whole");
    let text = |stream| String::from_utf8_lossy(&run.output().stream(stream).into_bytes()).into_owned();
    let mut stderr = text(Stream::Stderr);
    let end = match ended {
        Ok(()) => None,
        Err(error) => GuestExit::of(&error).or_else(|| {
            stderr += &format!("{error:?}");
            Some(GuestExit::Exited(255))
        }),
    };
    Ended { end, stdout: text(Stream::Stdout), stderr }
}

#[track_caller]
fn passes(name: &str) {
    run(name, "/").assert(None);
}

#[track_caller]
fn passes_in_every_directory(name: &str) {
    run(name, "/").assert(None);
    run(name, "/tmp/x").assert(None);
}

/// Programs that only have to return.
macro_rules! pass {
    ($($check:ident: $($name:ident),*;)*) => {
        $($(
            #[test]
            fn $name() {
                $check(stringify!($name));
            }
        )*)*
    };
}

pass! {
    passes: args_environ, clocks, poll_clocks, preopen, random_bytes, yields;
    passes_in_every_directory: descriptor_flags, descriptors_shared, directory_descriptor, directory_entries,
        file_offsets, file_read_write, file_size, file_stat, file_sync, file_system, file_times, hard_links,
        modes_owners, opening, path_slashes, paths_within, poll_descriptors, preopen_overwritten, processes, removals,
        renames, renumber, rights_given_up, rights_of_opened, sockets, symbolic_links, terminals, truncation_rights,
        working_directory;
}

#[test]
fn exit_status() {
    run("exit_status", "/").assert(Some(GuestExit::Exited(33)));
}

#[test]
fn raise_signal() {
    run("raise_signal", "/").assert(Some(GuestExit::Signalled(Signal::TERM)));
}

#[test]
fn signals() {
    run("signals", "/").assert(Some(GuestExit::Signalled(Signal(10))));
}

#[test]
fn standard_streams() {
    for scratch in ["/", "/tmp/x"] {
        let ended = run("standard_streams", scratch);
        ended.assert(None);
        assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("to stdout\n", "to stderr\n"));
    }
}

#[test]
fn unstable() {
    for scratch in ["/", "/tmp/x"] {
        run("unstable", scratch).assert(Some(GuestExit::Exited(42)));
    }
}

#[test]
fn every_function_of_the_host_is_called_by_some_program() {
    let (_, module) = compiled();
    let imported: BTreeSet<(&str, &str)> = module.imports().map(|import| (import.module(), import.name())).collect();
    let unstable = p1::FUNCTIONS.iter().filter(|name| **name != p1::NOT_IN_UNSTABLE);
    let all = p1::FUNCTIONS.iter().map(|name| (p1::MODULE, *name));
    let all = all.chain(unstable.map(|name| (p1::UNSTABLE_MODULE, *name)));
    let all = all.chain(program::FUNCTIONS.iter().map(|name| (program::MODULE, *name)));
    let missing: Vec<_> = all.filter(|function| !imported.contains(function)).collect();
    assert_eq!(missing, []);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test lists its own sources")]
fn every_source_of_a_program_is_in_the_list() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests/programs");
    let files = std::fs::read_dir(folder).expect("the programs").map(|entry| entry.expect("an entry").path());
    let mut names: Vec<String> =
        files.map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned()).collect();
    names.retain(|name| name != "mod");
    names.sort();
    assert_eq!(names, NAMES);
}
