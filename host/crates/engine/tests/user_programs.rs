//! Wasm that users bring: vetted and compiled in a process of its own, then run as any program is.

mod support;

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use base::{Limits, Outcome, Timestamp};
use cap_std::fs::{Dir, Permissions, PermissionsExt};
use kernel::Stream;
use sandshell_engine::{CodeShelf, CompilerCommand, Engine, Metering, RunReport, RunRequest, Sandbox};
use support::{Options, engine_with, on_guests, request, run_in, spec, stdout, timed};
use vfs::{Follow, Ino};

const HELLO: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 8) "\10\00\00\00\06\00\00\00hello\n")
    (func (export "_start") (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))))"#;

/// A command whose body is `body`.
fn command(body: &str) -> String {
    format!(
        r#"(module
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") 1)
            (func (export "_start") {body}))"#
    )
}

fn options() -> Options {
    let mut options = Options::default();
    let program = env!("CARGO_BIN_EXE_sandshell-compiler").into();
    options.config.user_code.compiler = Some(CompilerCommand { program, args: Vec::new() });
    options
}

fn engine() -> Arc<Engine> {
    engine_with(options())
}

/// A session with `content` in the executable file /bin/p9, which `P9` starts.
fn sandbox_with(engine: &Arc<Engine>, limits: Limits, content: &[u8]) -> Sandbox {
    let mut spec = spec(limits);
    let now = Timestamp(0);
    let ino = spec.tree.create(Ino::ROOT, b"bin/p9", 0o755, true, now).expect("a file");
    assert_eq!(spec.tree.write_at(ino, 0, content, now), Ok(content.len()));
    engine.sandbox(spec).expect("room for its files")
}

fn session(engine: &Arc<Engine>, text: &str) -> Sandbox {
    sandbox_with(engine, Limits::default(), &wat::parse_str(text).expect("a program's text"))
}

fn run(engine: &Arc<Engine>, text: &str, script: &str) -> RunReport {
    run_in(engine, session(engine, text), request(script)).1
}

fn stderr(report: &RunReport) -> String {
    String::from_utf8(report.run.output().stream(Stream::Stderr).into_bytes()).expect("text")
}

fn check_refused(report: &RunReport, reason: &str) {
    assert_eq!(report.outcome, Outcome::Exited(126), "{}", stderr(report));
    let text = stderr(report);
    assert!(text.starts_with("/bin/p9: cannot execute: ") && text.contains(reason) && text.ends_with('\n'), "{text}");
}

/// Counter `name` of the engine's meter.
fn counted(engine: &Engine, name: &str) -> u64 {
    let text = engine.config().meter.text();
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.expect("a metric of that name").parse().expect("a number")
}

fn loads(engine: &Engine, source: &str) -> u64 {
    counted(engine, &format!("sandshell_user_code_loads_total{{source=\"{source}\"}}"))
}

fn compilations(engine: &Engine) -> u64 {
    counted(engine, "sandshell_user_code_compile_seconds_count")
}

#[test]
fn a_users_program_runs_like_any_other_and_is_compiled_once() {
    let engine = engine();
    let (sandbox, report) = run_in(&engine, session(&engine, HELLO), request("P9wr"));
    assert_eq!(
        (report.outcome, stdout(&report), stderr(&report)),
        (Outcome::Exited(0), b"hello\n".to_vec(), String::new())
    );
    assert_eq!((loads(&engine, "compiled"), loads(&engine, "memory")), (1, 0));
    let (_, report) = run_in(&engine, sandbox, request("P9wP9wr"));
    assert_eq!(stdout(&report), b"hello\nhello\n");
    assert_eq!(report.usage.processes, 3);
    let other = run(&engine, HELLO, "P9wr");
    assert_eq!(stdout(&other), b"hello\n");
    assert_eq!((loads(&engine, "compiled"), loads(&engine, "memory"), compilations(&engine)), (1, 3, 1));
}

#[test]
fn its_exit_code_and_its_traps_are_those_of_a_program() {
    let engine = engine();
    let code = |body: &str| run(&engine, &command(body), "P9wr").outcome;
    assert_eq!(code("(call $exit (i32.const 41))"), Outcome::Exited(41));
    assert_eq!(code("unreachable"), Outcome::Exited(128 + 6));
    assert_eq!(code("(drop (i32.load (i32.const -8)))"), Outcome::Exited(128 + 11));
    assert_eq!(code("(drop (i32.div_u (i32.const 1) (i32.const 0)))"), Outcome::Exited(128 + 8));
    let starts = r#"(module (func $trap unreachable) (start $trap)
        (memory (export "memory") 1) (func (export "_start")))"#;
    assert_eq!(run(&engine, starts, "P9wr").outcome, Outcome::Exited(128 + 6));
    let segment = r#"(module (memory (export "memory") 1) (data (i32.const 65536) "x") (func (export "_start")))"#;
    assert_eq!(run(&engine, segment, "P9wr").outcome, Outcome::Exited(128 + 11));
}

#[test]
fn what_is_unfit_is_refused_with_a_reason_on_its_standard_error() {
    let engine = engine();
    let refused = |text: &str, reason: &str| check_refused(&run(&engine, text, "P9wr"), reason);
    let rest = r#"(memory (export "memory") 1) (func (export "_start"))"#;
    refused(&format!(r#"(module (import "env" "foo" (func)) {rest})"#), "it imports env.foo, which is unknown");
    let wrong = r#"(import "wasi_snapshot_preview1" "fd_close" (func (param i64) (result i32)))"#;
    refused(&format!("(module {wrong} {rest})"), "it imports wasi_snapshot_preview1.fd_close with the wrong type");
    refused(r#"(module (memory (export "memory") 1))"#, "it exports no function `_start`");
    refused(r#"(module (func (export "_start")))"#, "it exports no memory named `memory`");
    refused(&format!("(module (table 20001 funcref) {rest})"), "it has a table of 20001 elements");
    refused(&format!("(module (memory i64 1) {rest})"), "it is not valid WebAssembly");
    assert_eq!((loads(&engine, "refused"), loads(&engine, "compiled"), compilations(&engine)), (6, 0, 0));
}

#[test]
fn bytes_after_the_magic_that_are_no_wasm_are_refused() {
    let engine = engine();
    let whole = wat::parse_str(HELLO).expect("a module");
    let mut bad_code = whole.clone();
    // The last byte but one of the code is in the function's body.
    let at = whole.windows(5).rposition(|bytes| bytes == b"hello").expect("the data") - 20;
    bad_code[at] = 0xff;
    for content in [&b"\0asm"[..], b"\0asm\x01\0\0\0junk", &whole[..whole.len() - 9], &bad_code, b"\0asm\x0d\0\x02\0"] {
        let (_, report) = run_in(&engine, sandbox_with(&engine, Limits::default(), content), request("P9wr"));
        check_refused(&report, "WebAssembly");
    }
}

#[test]
fn a_file_beyond_the_size_limit_is_refused_unread() {
    let mut options = options();
    options.config.user_code.max_bytes = 100;
    let engine = engine_with(options);
    check_refused(&run(&engine, HELLO, "P9wr"), "bytes, and at most 100 are compiled");
}

#[test]
fn without_a_compiler_a_users_file_is_no_program() {
    let engine = support::engine();
    // ENOEXEC is the 25th name of the list.
    assert_eq!(run(&engine, HELLO, "P9r").outcome, Outcome::Exited(100 + 24));
}

#[test]
fn a_compiler_that_does_not_start_or_answers_nonsense_is_a_refusal_and_is_tried_again() {
    for program in ["/nonexistent", "/bin/true", "/bin/cat", "/bin/false"] {
        let mut options = options();
        options.config.user_code.compiler = Some(CompilerCommand { program: program.into(), args: Vec::new() });
        let engine = engine_with(options);
        check_refused(&run(&engine, HELLO, "P9wr"), "compil");
        assert_eq!(loads(&engine, "refused"), 1);
    }
}

#[test]
fn fuel_and_deadline_end_its_loops() {
    let engine = engine();
    let spin = command("(loop $again (br $again))");
    let fuelled = RunRequest { fuel: 50_000_000, ..request("P9wr") };
    assert_eq!(run_in(&engine, session(&engine, &spin), fuelled).1.outcome, Outcome::OutOfFuel);
    let short = timed("P9wr", Duration::from_millis(100));
    assert_eq!(run_in(&engine, session(&engine, &spin), short).1.outcome, Outcome::TimedOut);
}

#[test]
fn its_memory_is_limited_from_the_start() {
    let engine = engine();
    let grow =
        "(loop $more (br_if $more (i32.ne (i32.const -1) (memory.grow (i32.const 16))))) (call $exit (i32.const 7))";
    let limits = Limits { memory_process_bytes: 16 << 20, ..Limits::default() };
    let wasm = wat::parse_str(command(grow)).expect("a module");
    let (sandbox, report) = run_in(&engine, sandbox_with(&engine, limits.clone(), &wasm), request("P9wr"));
    assert_eq!(report.outcome, Outcome::Exited(7));
    assert!(report.usage.memory_peak <= (16 << 20) + (32 << 20), "{}", report.usage.memory_peak);
    drop(sandbox);
    let large = r#"(module (memory (export "memory") 65536) (func (export "_start")))"#;
    let wasm = wat::parse_str(large).expect("a module");
    let (_, report) = run_in(&engine, sandbox_with(&engine, limits, &wasm), request("P9wr"));
    assert_eq!(report.outcome, Outcome::Exited(128 + 9));
}

#[test]
fn sessions_that_need_the_same_code_at_once_have_it_compiled_once() {
    let engine = engine();
    let sandboxes: Vec<Sandbox> = (0..8).map(|_| session(&engine, HELLO)).collect();
    let runs = sandboxes.into_iter().map(|mut sandbox| engine.spawn(async move { sandbox.run(request("P9wr")).await }));
    let runs: Vec<_> = runs.collect();
    on_guests(&engine, async move {
        for run in runs {
            let report = run.await.expect("no panic").expect("the host does its part");
            assert_eq!(stdout(&report), b"hello\n");
        }
    });
    assert_eq!((compilations(&engine), loads(&engine, "compiled"), loads(&engine, "memory")), (1, 1, 7));
}

/// A module that is small to write and large to compile: so many functions, of so many branches each.
fn bomb(functions: usize, length: usize) -> String {
    let mut text = String::from(r#"(module (memory (export "memory") 1) (func (export "_start"))"#);
    for n in 0..functions {
        text.push_str("(func (param i64) (result i64) (local $x i64)");
        for i in 0..length {
            let _ = write!(
                text,
                "(if (i64.lt_u (local.get 0) (i64.const {})) (then (local.set $x (i64.add (local.get $x) (i64.mul (local.get 0) (i64.const {}))))))",
                i + n,
                i * 7
            );
        }
        text.push_str("(local.get $x))");
    }
    text.push(')');
    text
}

#[test]
fn a_compilation_that_takes_too_long_ends_with_a_reason_and_the_server_lives_on() {
    let mut options = options();
    options.config.user_code.timeout = Duration::from_millis(300);
    let engine = engine_with(options);
    let bomb = bomb(400, 200);
    let (sandbox, report) = run_in(&engine, session(&engine, &bomb), request("P9wr"));
    check_refused(&report, "compiling it takes longer than 0 s");
    // It is not tried again at once, and costs the next nothing.
    let (_, again) = run_in(&engine, sandbox, request("P9wr"));
    check_refused(&again, "compiling it takes longer");
    assert!(again.usage.wall < Duration::from_millis(250), "{:?}", again.usage.wall);
    assert_eq!(stdout(&run(&engine, HELLO, "P9wr")), b"hello\n");
}

/// Runs the program once more after a run that met its deadline. The shell may have had no time to wait for the one that
/// was killed then, and its `w` takes whoever has ended.
fn run_again(engine: &Arc<Engine>, sandbox: Sandbox) -> (Sandbox, RunReport) {
    let kernel = Arc::clone(sandbox.kernel());
    on_guests(engine, async move { kernel.jobs_gone().await });
    run_in(engine, sandbox, request("wP9wr"))
}

#[test]
fn a_run_that_ends_while_its_program_is_compiled_ends_promptly_and_the_next_one_finds_the_code() {
    let engine = engine();
    let text = bomb(60, 100);
    let (sandbox, report) = run_in(&engine, session(&engine, &text), timed("iP9wr", Duration::from_millis(30)));
    assert_eq!(report.outcome, Outcome::TimedOut);
    assert!(report.usage.wall < Duration::from_millis(250), "{:?}", report.usage.wall);
    let (_, report) = run_again(&engine, sandbox);
    assert_eq!(report.outcome, Outcome::Exited(0));
    assert_eq!(compilations(&engine), 1);
    assert!(report.usage.cpu < Duration::from_secs(60));
}

/// What the compiling process does with a request: its reply's header, and what the system says of it meanwhile.
#[cfg(target_os = "linux")]
#[test]
#[expect(clippy::disallowed_methods, reason = "the test stands in for the server, which starts this one process")]
fn the_compiling_process_has_shut_itself_in() {
    use std::io::{Read, Write};
    use std::process::{Command, Stdio};
    let wasm = wat::parse_str(bomb(20, 100)).expect("a module");
    let mut compiler = Command::new(env!("CARGO_BIN_EXE_sandshell-compiler"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the compiler starts");
    let request = [b"SWCQ\x01\0\0\0", &(wasm.len() as u64).to_le_bytes()[..], &wasm].concat();
    compiler.stdin.take().expect("a pipe").write_all(&request).expect("it reads");
    let mut stdout = compiler.stdout.take().expect("a pipe");
    let mut header = [0; 16];
    stdout.read_exact(&mut header).expect("a reply");
    // Code, in a process that neither opens files nor makes other system calls.
    assert_eq!(header[..8], *b"SWCR\x01\0\x03\0");
    // Its code is longer than a pipe, so it is still there.
    let proc = Dir::open_ambient_dir(format!("/proc/{}", compiler.id()), cap_std::ambient_authority());
    let proc = proc.expect("a living process");
    let status = proc.read_to_string("status").expect("its status");
    for line in ["NoNewPrivs:\t1", "Seccomp:\t2", "Threads:\t1"] {
        assert!(status.lines().any(|have| have == line), "{line} is not in {status}");
    }
    let limits = proc.read_to_string("limits").expect("its limits");
    for (limit, value) in
        [("Max open files", "0"), ("Max processes", "0"), ("Max core file size", "0"), ("Max file size", "0")]
    {
        let row = limits.lines().find_map(|row| row.strip_prefix(limit)).expect("a row");
        assert_eq!(row.split_whitespace().next(), Some(value), "{limit}");
    }
    let mut code = Vec::new();
    stdout.read_to_end(&mut code).expect("the code");
    let length = u64::from_le_bytes(header[8..].try_into().expect("eight bytes"));
    assert!(code.len() as u64 == length && length > 64 << 10, "{length}");
    assert!(compiler.wait().expect("its end").success());
}

#[test]
fn a_compilation_that_nobody_waits_for_gives_its_place_to_the_sessions_next_one() {
    let engine = engine();
    let (sandbox, report) =
        run_in(&engine, session(&engine, &bomb(2000, 200)), timed("P9wr", Duration::from_millis(50)));
    assert_eq!(report.outcome, Outcome::TimedOut);
    let other = wat::parse_str(HELLO).expect("a module");
    let replaced = sandbox.kernel().change_tree(|tree| {
        let ino = tree.lookup(Ino::ROOT, b"bin/p9", Follow::Yes)?;
        tree.truncate(ino, 0, Timestamp(1))?;
        tree.write_at(ino, 0, &other, Timestamp(1))
    });
    assert_eq!(replaced, Ok(other.len()));
    let (_, report) = run_again(&engine, sandbox);
    assert_eq!((stdout(&report), compilations(&engine)), (b"hello\n".to_vec(), 1));
}

#[test]
fn the_other_metering_compiles_users_programs_too() {
    let mut options = options();
    options.config.metering = Metering::Epoch;
    let engine = engine_with(options);
    let report = run(&engine, HELLO, "P9wr");
    assert_eq!((report.outcome, report.usage.fuel, stdout(&report)), (Outcome::Exited(0), 0, b"hello\n".to_vec()));
}

#[test]
fn a_server_that_starts_again_finds_the_code_on_its_shelf() {
    let folder = tempfile::tempdir().expect("a folder");
    let dir = || Dir::open_ambient_dir(folder.path(), cap_std::ambient_authority()).expect("the folder");
    let open = || {
        let dir = dir();
        dir.set_permissions(".", Permissions::from_mode(0o700)).expect("its owner may");
        let mut options = options();
        options.config.user_code.shelf = Some(Arc::new(CodeShelf::open(dir).expect("a shelf")));
        engine_with(options)
    };
    let first = open();
    assert_eq!(stdout(&run(&first, HELLO, "P9wr")), b"hello\n");
    assert_eq!((loads(&first, "compiled"), loads(&first, "disk")), (1, 0));
    let second = open();
    assert_eq!(stdout(&run(&second, HELLO, "P9wr")), b"hello\n");
    assert_eq!((loads(&second, "compiled"), loads(&second, "disk"), compilations(&second)), (0, 1, 0));
    let dir = dir();
    let is_code = |name: &String| name.ends_with(".code");
    let names = dir.entries().expect("a list").map(|entry| entry.expect("an entry").file_name().into_string());
    let name = names.map(|name| name.expect("text")).find(is_code).expect("the code");
    let mut bytes = dir.read(&name).expect("the code");
    *bytes.last_mut().expect("not empty") ^= 1;
    dir.write(&name, bytes).expect("its owner may");
    let third = open();
    assert_eq!(stdout(&run(&third, HELLO, "P9wr")), b"hello\n");
    assert_eq!((loads(&third, "compiled"), loads(&third, "disk")), (1, 0));
}
