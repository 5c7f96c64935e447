//! Slots and turns: nobody holds a processor while it waits, and nobody who computes keeps others from it.

mod support;

use std::sync::Arc;
use std::time::Duration;

use base::Outcome;
use sandshell_engine::{Engine, RunReport, RunRequest};
use support::{Options, engine_with, on_guests, request, sandbox, timed};

fn with_slots(cpu_slots: usize) -> Arc<Engine> {
    let mut options = Options::default();
    options.config.cpu_slots = cpu_slots;
    engine_with(options)
}

/// Runs all requests at once, each in a session of its own.
fn all_at_once(engine: &Arc<Engine>, requests: Vec<RunRequest>) -> Vec<RunReport> {
    let tasks: Vec<_> = requests
        .into_iter()
        .map(|request| {
            let mut sandbox = sandbox(engine);
            engine.spawn(async move { sandbox.run(request).await.expect("the host does its part") })
        })
        .collect();
    on_guests(engine, async move {
        let mut reports = Vec::new();
        for task in tasks {
            reports.push(task.await.expect("no panic"));
        }
        reports
    })
}

#[test]
fn four_busy_sessions_all_advance_on_two_slots() {
    let engine = with_slots(2);
    let time = Duration::from_millis(1000);
    // Two that compute in the shell, two that compute in a program.
    let scripts = ["s", "P1wr", "s", "P1wr"];
    let reports = all_at_once(&engine, scripts.map(|script| timed(script, time)).into());
    // Shares and not times: the machine may have other work.
    let most = reports.iter().map(|report| report.usage.cpu).max().expect("there are four");
    for report in &reports {
        assert_eq!(report.outcome, Outcome::TimedOut);
        assert!(report.usage.cpu >= most / 4, "{:?} of {most:?}", report.usage);
    }
}

#[test]
fn many_processes_of_one_session_do_not_starve_another_session() {
    let engine = with_slots(1);
    let time = Duration::from_millis(1500);
    let reports = all_at_once(&engine, vec![timed("P1P1P1P1P1P1P1P1w", time), timed("s", time)]);
    let (many, one) = (&reports[0].usage, &reports[1].usage);
    assert!(one.cpu >= many.cpu / 4, "{one:?} beside {many:?}");
}

#[test]
fn a_shell_out_of_free_time_that_waits_for_its_program_leaves_it_the_slot() {
    let engine = with_slots(1);
    let busy = || request(&format!("{}P5wP5wr", "b9".repeat(20)));
    for report in all_at_once(&engine, vec![busy(), busy(), busy()]) {
        assert_eq!(report.outcome, Outcome::Exited(0));
    }
}

#[test]
fn sleepers_hold_no_slot() {
    let engine = with_slots(1);
    let time = Duration::from_millis(2000);
    let mut requests: Vec<_> = (0..8).map(|_| timed("b9b9z", time)).collect();
    requests.push(request("b9b9x0"));
    let reports = all_at_once(&engine, requests);
    let (worker, sleepers) = reports.split_last().expect("there are nine");
    assert_eq!(worker.outcome, Outcome::Exited(0));
    for sleeper in sleepers {
        assert_eq!((sleeper.outcome, sleeper.state_restored), (Outcome::TimedOut, false));
        assert!(sleeper.usage.cpu < time, "{:?}", sleeper.usage);
    }
}
