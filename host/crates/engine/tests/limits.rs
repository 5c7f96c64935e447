//! Fuel, deadlines, memory, output, cancellation: each ends a run with its outcome, and the session goes on.

mod support;

use std::sync::Arc;
use std::time::Duration;

use base::{Limits, ManualClock, Outcome, Timestamp};
use sandshell_engine::{Metering, RunRequest, SandboxSpec};
use support::{
    Options, engine, engine_metering, engine_with, on_guests, outcome, request, run_in, sandbox, spec, timed,
};

const SHORT: Duration = Duration::from_millis(100);
/// How late an end may come on a machine that does a dozen other things.
const SLACK: Duration = Duration::from_secs(2);

fn frozen() -> Options {
    Options { clock: Arc::new(ManualClock::new(Timestamp(0))), ..Options::default() }
}

fn fuelled(script: &str, fuel: u64) -> RunRequest {
    RunRequest { fuel, ..request(script) }
}

#[test]
fn fuel_alone_stops_a_loop_while_the_clock_stands_still() {
    let engine = engine_with(frozen());
    let (sandbox, report) = run_in(&engine, sandbox(&engine), fuelled("is", 50_000_000));
    assert_eq!((report.outcome, report.state_restored), (Outcome::OutOfFuel, true));
    assert!((50_000_000..=120_000_000).contains(&report.usage.fuel), "{}", report.usage.fuel);
    assert_eq!(report.usage.wall, Duration::ZERO);
    let (_, report) = run_in(&engine, sandbox, request("v"));
    assert_eq!(report.outcome, Outcome::Exited(0));
}

#[test]
fn a_shell_that_looks_for_signals_keeps_its_state_when_fuel_is_out() {
    let engine = engine_with(frozen());
    let (sandbox, report) = run_in(&engine, sandbox(&engine), fuelled("iu", 50_000_000));
    assert_eq!((report.outcome, report.state_restored), (Outcome::OutOfFuel, false));
    let (_, report) = run_in(&engine, sandbox, request("v"));
    assert_eq!(report.outcome, Outcome::Exited(1));
}

#[test]
fn a_programs_loop_uses_the_runs_fuel() {
    let engine = engine_with(frozen());
    let (_, report) = run_in(&engine, sandbox(&engine), fuelled("P1wr", 50_000_000));
    assert_eq!((report.outcome, report.state_restored), (Outcome::OutOfFuel, false));
    assert!((50_000_000..=120_000_000).contains(&report.usage.fuel), "{}", report.usage.fuel);
}

#[test]
fn the_epoch_alone_stops_a_loop_with_unlimited_fuel() {
    for metering in [Metering::FuelAndEpoch, Metering::Epoch] {
        let engine = engine_metering(metering);
        let (sandbox, report) = run_in(&engine, sandbox(&engine), RunRequest { fuel: u64::MAX, ..timed("s", SHORT) });
        assert_eq!((report.outcome, report.state_restored), (Outcome::TimedOut, true));
        assert!((SHORT..SHORT + SLACK).contains(&report.usage.wall), "{:?}", report.usage.wall);
        assert_eq!(report.usage.fuel == 0, metering == Metering::Epoch);
        let (_, report) = run_in(&engine, sandbox, RunRequest { fuel: u64::MAX, ..timed("P1wr", SHORT) });
        assert_eq!((report.outcome, report.state_restored), (Outcome::TimedOut, false));
    }
}

#[test]
fn the_same_script_uses_the_same_fuel_in_any_session() {
    let used = |engine| run_in(engine, sandbox(engine), request("b3oP5wiP0wr")).1.usage.fuel;
    let (one, other) = (engine(), engine());
    let fuel = used(&one);
    assert!(fuel > 40_000_000, "{fuel}");
    for _ in 0..3 {
        assert_eq!((used(&one), used(&other)), (fuel, fuel));
    }
}

#[test]
fn a_deadline_ends_a_wait_in_the_host_and_the_shell_keeps_its_state() {
    let engine = engine();
    let (sandbox, report) = run_in(&engine, sandbox(&engine), timed("iz", SHORT));
    assert_eq!((report.outcome, report.state_restored), (Outcome::TimedOut, false));
    assert!((SHORT..SHORT + SLACK).contains(&report.usage.wall), "{:?}", report.usage.wall);
    let (sandbox, report) = run_in(&engine, sandbox, timed("iP2w", SHORT));
    assert_eq!((report.outcome, report.state_restored), (Outcome::TimedOut, false));
    let (_, report) = run_in(&engine, sandbox, request("v"));
    assert_eq!(report.outcome, Outcome::Exited(2));
}

#[test]
fn a_shell_that_does_not_unwind_is_ended_after_its_grace() {
    let engine = engine();
    let (sandbox, report) = run_in(&engine, sandbox(&engine), timed("iZ", SHORT));
    assert_eq!((report.outcome, report.state_restored), (Outcome::TimedOut, true));
    assert!((SHORT..SHORT + SLACK).contains(&report.usage.wall), "{:?}", report.usage.wall);
    let (_, report) = run_in(&engine, sandbox, request("v"));
    assert_eq!(report.outcome, Outcome::Exited(0));
}

#[test]
fn a_shell_that_computes_has_time_to_unwind() {
    let engine = engine();
    let (_, report) = run_in(&engine, sandbox(&engine), timed("iu", SHORT));
    assert_eq!((report.outcome, report.state_restored), (Outcome::TimedOut, false));
}

#[test]
fn memory_is_refused_at_the_processs_limit() {
    let engine = engine();
    let limits = Limits { memory_process_bytes: 16 << 20, ..Limits::default() };
    let (sandbox, report) = run_in(&engine, engine.sandbox(spec(limits)).expect("room for its files"), request("m"));
    assert_eq!((report.outcome, report.state_restored), (Outcome::OutOfMemory, true));
    assert!(report.usage.memory_peak <= 16 << 20);
    let (_, report) = run_in(&engine, sandbox, request("P3wr"));
    assert_eq!(report.outcome, Outcome::Exited(7));
    // The shell's own memory and the tables count, too.
    assert!((15 << 20..=17 << 20).contains(&report.usage.memory_peak), "{}", report.usage.memory_peak);
}

#[test]
fn memory_is_refused_at_the_sum_of_a_sessions_processes() {
    let engine = engine();
    let limits = Limits { memory_session_bytes: 8 << 20, ..Limits::default() };
    let (sandbox, report) = run_in(&engine, engine.sandbox(spec(limits)).expect("room for its files"), request("P3wr"));
    assert_eq!(report.outcome, Outcome::Exited(7));
    assert!(report.usage.memory_peak <= 8 << 20);
    drop(sandbox);
    assert_eq!(engine.budget().memory_used(), 0);
}

#[test]
fn output_beyond_the_limit_ends_the_run() {
    let engine = engine();
    let limits = Limits { output_bytes: 10, ..Limits::default() };
    let (_, report) = run_in(&engine, engine.sandbox(spec(limits)).expect("room for its files"), request("ooooZ"));
    assert_eq!(report.outcome, Outcome::OutputLimit);
    assert_eq!(support::stdout(&report), b"hi\nhi\nhi\nh");
}

#[test]
fn a_cancelled_run_ends_whether_it_waits_computes_or_has_not_begun() {
    let engine = engine();
    for script in ["z", "Z", "u", "s", "P1w", "P2w"] {
        let waiting = request(script);
        let cancel = waiting.cancel.clone();
        let (started, running) = tokio::sync::oneshot::channel();
        let waiting = RunRequest { started: Some(started), ..waiting };
        engine.spawn(async move {
            running.await.expect("the run begins");
            cancel.cancel();
        });
        let (_, report) = run_in(&engine, sandbox(&engine), waiting);
        assert_eq!(report.outcome, Outcome::Cancelled, "{script}");
    }
    let early = request("z");
    early.cancel.cancel();
    assert_eq!(run_in(&engine, sandbox(&engine), early).1.outcome, Outcome::Cancelled);
}

#[test]
fn a_process_beyond_the_limit_is_refused_with_eagain() {
    let engine = engine();
    let limits = Limits { processes: 2, ..Limits::default() };
    let (_, report) = run_in(&engine, engine.sandbox(spec(limits)).expect("room for its files"), request("P2P2r"));
    assert_eq!(report.outcome, Outcome::Exited(102));
    let mut options = Options::default();
    options.config.processes_total = 1;
    let engine = engine_with(options);
    assert_eq!(outcome(&engine, "P2P2r"), Outcome::Exited(102));
}

#[test]
fn jobs_end_with_their_run_or_when_their_time_is_over() {
    let engine = engine();
    let (sandbox, report) = run_in(&engine, sandbox(&engine), request("P2x0"));
    assert_eq!(report.outcome, Outcome::Exited(0));
    on_guests(&engine, sandbox.kernel().jobs_gone());
    let lasting = SandboxSpec { background_max: SHORT, ..spec(Limits::default()) };
    let (sandbox, report) = run_in(&engine, engine.sandbox(lasting).expect("room for its files"), request("P2P1x0"));
    assert_eq!(report.outcome, Outcome::Exited(0));
    on_guests(&engine, sandbox.kernel().jobs_gone());
    assert_eq!(report.run.stopped_by(), Some(Outcome::TimedOut));
}

#[test]
fn a_run_whose_caller_went_away_ends_and_the_saved_state_stays() {
    let engine = engine();
    let (mut sandbox, _) = run_in(&engine, sandbox(&engine), request("i"));
    let sandbox = on_guests(&engine, async move {
        let (started, running) = tokio::sync::oneshot::channel();
        let lost = RunRequest { started: Some(started), ..request("iP2w") };
        let run = tokio::select! {
            biased;
            _ = sandbox.run(lost) => unreachable!("its child sleeps"),
            run = running => run.expect("the run begins"),
        };
        assert_eq!(run.stopped_by(), Some(Outcome::Cancelled));
        sandbox.kernel().jobs_gone().await;
        sandbox
    });
    let (_, report) = run_in(&engine, sandbox, request("v"));
    assert_eq!(report.outcome, Outcome::Exited(1));
}
