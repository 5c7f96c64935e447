//! The shipped shell and programs on the engine: what only they can show.
//!
//! Needs the guests built (`make guests`); the build of this file says so when they are missing.

mod support;

use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Limits, Outcome, Signal, SystemClock, Timestamp};
use kernel::Stream;
use sandshell_engine::{Engine, EngineConfig, RunReport, Sandbox, SandboxSpec};
use support::{on_guests, request, run_in, spec, timed};
use vfs::{Quota, Tree};

fn engine(cpu_slots: usize) -> Arc<Engine> {
    let unwind_grace = Duration::from_secs(1);
    let config =
        EngineConfig { cpu_slots, max_live: 200, processes_total: 150, unwind_grace, ..EngineConfig::default() };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let engine = Engine::new(config, clock).expect("an engine");
    guests::install(&engine);
    engine
}

fn sandbox(engine: &Arc<Engine>) -> Sandbox {
    let limits = Limits::default();
    let template = guests::template(Timestamp(0)).expect("an image");
    let tree = Tree::from_template(&template, Quota::from(&limits));
    engine.sandbox(SandboxSpec { tree, ..spec(limits) }).expect("room for its files")
}

fn stdout(report: &RunReport) -> String {
    String::from_utf8(report.run.output().stream(Stream::Stdout).into_bytes()).expect("text")
}

const WORK: &str = "
    declare -A seen; total=0
    for i in {1..200}; do seen[k$i]=$((i * i)); total=$((total + i % 7)); done
    count() { local n=$1; while (( n > 0 )); do (( n-- )); done; echo \"$1\"; }
    x=$(count 500); mkdir /tmp/d; echo \"$x $total\" > /tmp/d/f; cat /tmp/d/f; ls -l /tmp/d >/dev/null
    seq 2000 > /tmp/d/n; sort -rn /tmp/d/n > /tmp/d/s; head -n 1 /tmp/d/s; ls /nowhere 2>/dev/null; echo $?";

#[test]
fn the_same_script_uses_the_same_fuel_to_the_unit() {
    let (one, other) = (engine(2), engine(2));
    let used = |engine| {
        let (_, report) = run_in(engine, sandbox(engine), request(WORK));
        assert_eq!((report.outcome, stdout(&report).as_str()), (Outcome::Exited(0), "500 598\n2000\n2\n"));
        report.usage.fuel
    };
    let fuel = used(&one);
    assert_eq!([used(&one), used(&other), used(&other)], [fuel; 3]);
}

#[test]
fn variables_survive_a_timeout_in_a_loop_a_wait_and_a_program() {
    let engine = engine(2);
    let (mut sandbox, _) = run_in(&engine, sandbox(&engine), request("n=0"));
    for script in ["while :; do :; done", "sleep 1000", "yes >/dev/null", "while :; do seq 1000 >/dev/null; done"] {
        let script = format!("n=$((n + 1)); {script}");
        let (next, report) = run_in(&engine, sandbox, timed(&script, Duration::from_millis(300)));
        assert_eq!((report.outcome, report.state_restored), (Outcome::TimedOut, false), "{script}");
        sandbox = next;
    }
    let (_, report) = run_in(&engine, sandbox, request("echo $n"));
    assert_eq!(stdout(&report), "4\n");
}

#[test]
fn the_state_outlives_the_instance() {
    let engine = engine(2);
    let (mut sandbox, _) = run_in(&engine, sandbox(&engine), request("f() { echo \"f $v\"; }; v='a b'; cd /tmp"));
    sandbox.drop_instance();
    let (_, report) = run_in(&engine, sandbox, request("f; pwd"));
    assert_eq!(stdout(&report), "f a b\n/tmp\n");
}

#[test]
fn a_shell_that_kills_itself_ends_the_run_and_is_again_as_saved_last() {
    let engine = engine(2);
    let (mut sandbox, _) = run_in(&engine, sandbox(&engine), request("v=saved"));
    for suicide in ["kill -9 $$", "(kill -KILL $$)", "x=$(kill -9 $$)", "bash -c 'kill -9 1'", "sleep 1000 & kill -9 0"]
    {
        let script = format!("v=lost; echo before; {suicide}; echo after | tee /tmp/after");
        let (next, report) = run_in(&engine, sandbox, request(&script));
        assert_eq!((report.outcome, report.state_restored), (Outcome::Signalled(Signal::KILL), true), "{suicide}");
        assert_eq!((report.outcome.exit_code(), stdout(&report).as_str()), (137, "before\n"), "{suicide}");
        on_guests(&engine, next.kernel().jobs_gone());
        sandbox = next;
    }
    let (_, report) = run_in(&engine, sandbox, request("echo $v; ls /tmp"));
    assert_eq!(stdout(&report), "saved\n");
}

#[test]
fn four_sessions_that_start_programs_for_ever_all_advance_on_two_slots() {
    let engine = engine(2);
    let script = "n=0; while :; do seq 100000 >/dev/null; n=$((n + 1)); echo $n >/tmp/n; done";
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let mut sandbox = sandbox(&engine);
            engine.spawn(async move {
                let report = sandbox.run(timed(script, Duration::from_secs(4))).await.expect("the host does its part");
                assert_eq!(report.outcome, Outcome::TimedOut);
                let told = sandbox.run(request("cat /tmp/n")).await.expect("the host does its part");
                stdout(&told).trim().parse::<u32>().unwrap_or(0)
            })
        })
        .collect();
    let rounds = on_guests(&engine, async move {
        let mut rounds = Vec::new();
        for task in tasks {
            rounds.push(task.await.expect("no panic"));
        }
        rounds
    });
    assert!(rounds.iter().all(|n| *n > 0), "{rounds:?}");
}

#[test]
fn more_sessions_than_the_pool_has_room_for_keep_their_variables() {
    let config = EngineConfig { cpu_slots: 2, max_live: 20, processes_total: 12, ..EngineConfig::default() };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let engine = Engine::new(config, clock).expect("an engine");
    guests::install(&engine);
    let mut sessions: Vec<Sandbox> = (0..50).map(|_| sandbox(&engine)).collect();
    for round in 0..2 {
        let mut next = Vec::new();
        for (number, session) in sessions.into_iter().enumerate() {
            let script = if round == 0 { format!("mine={number} && echo first") } else { "echo $mine".to_owned() };
            let (session, report) = run_in(&engine, session, request(&script));
            let expected = if round == 0 { "first\n".to_owned() } else { format!("{number}\n") };
            assert_eq!(stdout(&report), expected);
            next.push(session);
        }
        sessions = next;
        let live: Vec<bool> = sessions.iter().map(Sandbox::is_live).collect();
        assert_eq!(live.iter().filter(|live| **live).count(), 4, "a fifth of the pool");
        assert!(live.ends_with(&[true; 4]), "those that ran last");
    }
}
