//! Ends of waits and of computing: kill, deadline, fuel, memory.

use std::time::Duration;

use base::{Limits, Outcome, Signal};
use kernel::KillTarget;
use sandshell_wasi::{GuestExit, fuel};

use crate::fixture::{AT, Fixture, OUT, Options, args};

#[test]
fn a_kill_ends_a_wait() {
    let mut guest = Fixture::new();
    let (reader, _writer) = guest.process.pipe(4).expect("a pipe");
    let [array, count] = guest.vectors(&[(AT, 1)]);
    let (shell, pid) = (guest.kernel.shell(), guest.process.pid());
    let end = guest.call_while("fd_read", &args![reader, array, count, OUT], async move {
        assert_eq!(shell.kill(KillTarget::Pid(pid), Some(Signal::TERM)), Ok(()));
    });
    assert_eq!(end, Err(GuestExit::Signalled(Signal::TERM)));
    // Who is to die does not queue for a slot.
    assert_eq!(*guest.slot.0.lock().expect("no panic"), (1, 0));
}

#[test]
fn the_deadline_ends_a_wait_and_stops_the_run() {
    let mut guest = Fixture::new();
    let (reader, _writer) = guest.process.pipe(4).expect("a pipe");
    let [array, count] = guest.vectors(&[(AT, 1)]);
    let clock = guest.clock.clone();
    let end = guest.call_while("fd_read", &args![reader, array, count, OUT], async move {
        clock.advance(Duration::from_secs(3600));
    });
    assert_eq!(end, Err(GuestExit::Signalled(Signal::KILL)));
    assert_eq!(guest.run.stopped_by(), Some(Outcome::TimedOut));
}

#[test]
fn a_moved_deadline_is_not_the_old_one() {
    let mut guest = Fixture::new();
    let (reader, writer) = guest.process.pipe(4).expect("a pipe");
    let [array, count] = guest.vectors(&[(AT, 1)]);
    let (clock, run, process) = (guest.clock.clone(), guest.run.clone(), guest.process.clone());
    let answer = guest.call_while("fd_read", &args![reader, array, count, OUT], async move {
        run.set_deadline(base::MonoNanos(u64::MAX));
        clock.advance(Duration::from_secs(3600));
        tokio::task::yield_now().await;
        assert!(process.try_write(writer, b"x").is_ok());
    });
    assert_eq!((answer, guest.run.stopped_by()), (Ok(0), None));
}

#[test]
fn host_calls_and_guest_code_cost_fuel_of_the_run() {
    let mut guest = Fixture::with(Options { fuel: Some(10_000_000), ..Options::default() });
    guest.ok("random_get", &args![AT, 64_000u32]);
    fuel::settle(&mut guest.store).expect("fuel is left");
    let consumed = guest.run.meter().consumed();
    assert!((4100..4200).contains(&consumed), "{consumed}");
    assert_eq!(guest.store.get_fuel().expect("metered"), 10_000_000 - consumed);
}

#[test]
fn a_guest_that_only_calls_the_host_runs_out_of_fuel_all_the_same() {
    let mut guest = Fixture::with(Options { fuel: Some(5_000_000), ..Options::default() });
    let mut calls = 0;
    let end = loop {
        match guest.try_call("random_get", &args![AT, 100_000u32]) {
            Ok(_) => calls += 1,
            Err(end) => break end,
        }
    };
    assert_eq!(end, GuestExit::Signalled(Signal::KILL));
    assert_eq!(guest.run.stopped_by(), Some(Outcome::OutOfFuel));
    assert!((700..1000).contains(&calls), "{calls}");
}

#[test]
fn fuel_that_others_burn_is_gone_after_a_wait() {
    let mut guest = Fixture::with(Options { fuel: Some(10_000_000), ..Options::default() });
    let (reader, writer) = guest.process.pipe(4).expect("a pipe");
    let [array, count] = guest.vectors(&[(AT, 1)]);
    let (run, process) = (guest.run.clone(), guest.process.clone());
    let answer = guest.call_while("fd_read", &args![reader, array, count, OUT], async move {
        run.meter().settle(9_000_000);
        assert!(process.try_write(writer, b"x").is_ok());
    });
    assert_eq!(answer, Ok(0));
    assert!(guest.store.get_fuel().expect("metered") < 1_000_000);
}

#[test]
fn a_busy_guest_is_stopped_by_the_fuel_of_its_store() {
    let wat = "(module (memory (export \"memory\") 2) (func (export \"spin\") (loop (br 0))))".to_owned();
    let mut guest = Fixture::with(Options { fuel: Some(100_000), wat: Some(wat), ..Options::default() });
    let spin = guest.instance.get_typed_func::<(), ()>(&mut guest.store, "spin").expect("exported");
    let error = guest.runtime.block_on(spin.call_async(&mut guest.store, ())).expect_err("it never returns");
    assert_eq!(error.downcast_ref(), Some(&wasmtime::Trap::OutOfFuel));
    assert!(fuel::settle(&mut guest.store).is_err());
    assert_eq!(guest.run.stopped_by(), Some(Outcome::OutOfFuel));
}

#[test]
fn memory_beyond_the_limit_is_refused_and_remembered() {
    let wat = "(module (memory (export \"memory\") 2 100)
        (func (export \"grow\") (param i32) (result i32) (memory.grow (local.get 0))))";
    let limits = Limits { memory_process_bytes: 10 * 65_536, ..Limits::default() };
    let mut guest = Fixture::with(Options { limits, wat: Some(wat.to_owned()), ..Options::default() });
    assert_eq!(guest.kernel.memory_used(), 2 * 65_536);
    assert_eq!(guest.call("grow", &args![8u32]), 2);
    // Beyond its own maximum: no limit of ours is met.
    assert_eq!(guest.call("grow", &args![91u32]), u32::MAX);
    assert!(!guest.store.data().limiter.limit_met());
    assert_eq!(guest.call("grow", &args![1u32]), u32::MAX);
    assert!(guest.store.data().limiter.limit_met());
    let kernel = guest.kernel.clone();
    assert_eq!(kernel.memory_used(), 10 * 65_536);
    drop(guest);
    assert_eq!(kernel.memory_used(), 0);
}
