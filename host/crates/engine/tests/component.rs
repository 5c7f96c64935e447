//! Components as programs of the shipped shell: in pipelines, under the limits of a run, and their ends as a shell sees them.
//!
//! Needs the guests built (`make guests`); the build of this file says so when they are missing.

mod support;

#[path = "../../wasi/tests/component/guest.rs"]
mod guest;

use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Limits, Outcome, SystemClock, Timestamp};
use kernel::Stream;
use sandshell_engine::{Engine, EngineConfig, RunReport, RunRequest, Sandbox, SandboxSpec};
use support::{request, run_in, spec, timed};
use vfs::{Ino, ProgramTag, Quota, Tree};

/// The component's tag, beyond those of shipped programs.
const TAG: ProgramTag = ProgramTag(4000);
/// Its programs that are used here; each is a file of that name.
const NAMES: [&str; 8] = ["aborts", "broken_pipe", "clocks", "copy", "environment", "exit", "hoard", "spin"];
/// How late an end may come on a machine that does a dozen other things.
const SLACK: Duration = Duration::from_secs(5);

fn engine() -> Arc<Engine> {
    let config = EngineConfig { cpu_slots: 2, max_live: 200, processes_total: 150, ..EngineConfig::default() };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let engine = Engine::new(config, clock).expect("an engine");
    guests::install(&engine);
    engine.add_program(TAG, "component-guests", guest::wasm(), None);
    engine
}

fn sandbox(engine: &Arc<Engine>) -> Sandbox {
    let (limits, now) = (Limits::default(), Timestamp(0));
    let template = guests::template(now).expect("an image");
    let mut tree = Tree::from_template(&template, Quota::from(&limits));
    for name in NAMES {
        let path = format!("bin/{name}");
        let ino = tree.create(Ino::ROOT, path.as_bytes(), 0o755, true, now).expect("a file");
        tree.set_program(ino, TAG).expect("a program");
    }
    engine.sandbox(SandboxSpec { tree, ..spec(limits) }).expect("room for its files")
}

fn run(engine: &Arc<Engine>, request: RunRequest) -> RunReport {
    run_in(engine, sandbox(engine), request).1
}

fn output(report: &RunReport, stream: Stream) -> String {
    String::from_utf8(report.run.output().stream(stream).into_bytes()).expect("text")
}

#[track_caller]
fn prints(engine: &Arc<Engine>, script: &str, expected: &str) {
    let report = run(engine, request(script));
    let stderr = output(&report, Stream::Stderr);
    assert_eq!((output(&report, Stream::Stdout).as_str(), report.outcome), (expected, Outcome::Exited(0)), "{stderr}");
}

#[test]
fn a_component_stands_in_a_pipeline_between_core_modules() {
    let engine = engine();
    prints(&engine, "seq 200000 | copy 2>/tmp/n | copy 2>/dev/null | wc -l; cat /tmp/n", "200000\n1288895 bytes\n");
    prints(
        &engine,
        "echo file > /tmp/f; copy < /tmp/f 2>/dev/null > /tmp/g; copy < /tmp/f 2>/dev/null >> /tmp/g; x=$(copy </tmp/g 2>&1); echo \"$x\"",
        "file\nfile\n10 bytes\n",
    );
    prints(&engine, "cd /tmp; A=b environment x | grep -c -e 'A.*b' -e 'cwd Some(./tmp.)'", "2\n");
}

#[test]
fn the_end_of_a_component_is_a_status_like_any_other() {
    let engine = engine();
    let script = "for a in '' ok error 'code 0' 'code 3' 'code 255'; do
        /bin/exit $a; printf '%s ' $?; done; aborts 2>/dev/null; echo $?";
    prints(&engine, script, "0 0 1 0 3 255 134\n");
    prints(&engine, "broken_pipe | head -c 3; echo \" ${PIPESTATUS[@]}\"", "xxx 141 0\n");
    prints(&engine, "spin & kill $!; wait $!; echo $?", "143\n");
}

#[test]
fn a_component_that_computes_for_ever_is_stopped_by_fuel_and_by_the_clock() {
    let engine = engine();
    let short = Duration::from_millis(300);
    for argument in ["", "calling"] {
        let script = format!("spin {argument}");
        let report = run(&engine, RunRequest { fuel: 200_000_000, ..request(&script) });
        assert_eq!(report.outcome, Outcome::OutOfFuel);
        assert!((200_000_000..300_000_000).contains(&report.usage.fuel), "{}", report.usage.fuel);
        let report = run(&engine, RunRequest { fuel: u64::MAX, ..timed(&script, short) });
        assert_eq!(report.outcome, Outcome::TimedOut);
        assert!((short..short + SLACK).contains(&report.usage.wall), "{:?}", report.usage.wall);
    }
}

#[test]
fn a_component_that_waits_is_stopped_by_the_clock_and_leaves_the_session_working() {
    let engine = engine();
    let short = Duration::from_millis(300);
    let (sandbox, report) = run_in(&engine, sandbox(&engine), timed("sleep 1000 | copy", short));
    assert_eq!(report.outcome, Outcome::TimedOut);
    let (_, report) = run_in(&engine, sandbox, request("echo again | copy 2>/dev/null"));
    assert_eq!((output(&report, Stream::Stdout).as_str(), report.outcome), ("again\n", Outcome::Exited(0)));
}

#[test]
fn a_component_that_takes_all_memory_is_refused_more_and_ends() {
    let engine = engine();
    let report = run(&engine, request("hoard 2>/dev/null; echo $?"));
    assert_eq!(output(&report, Stream::Stdout), "137\n");
}
