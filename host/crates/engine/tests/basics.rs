//! One run at a time: statuses, output, processes, and the shell's state between runs.

mod support;

use base::Outcome;
use sandshell_engine::{Compiler, EngineError, Metering};
use support::{engine, on_guests, outcome, request, run_in, sandbox, stdout};

#[test]
fn a_script_ends_with_its_status_and_output() {
    let engine = engine();
    let (_, report) = run_in(&engine, sandbox(&engine), request("ox3"));
    assert_eq!(report.outcome, Outcome::Exited(3));
    assert_eq!(stdout(&report), b"hi\n");
    assert_eq!(report.cwd, b"/");
    assert!(!report.state_restored);
    assert_eq!(report.usage.processes, 1);
    assert!(report.usage.fuel > 0);
    assert!(report.usage.memory_peak >= 128 << 10);
}

#[test]
fn a_program_is_started_waited_for_and_counted() {
    let engine = engine();
    let (_, report) = run_in(&engine, sandbox(&engine), request("P0wr"));
    assert_eq!(report.outcome, Outcome::Exited(5));
    assert_eq!(report.usage.processes, 2);
}

#[test]
fn a_program_that_traps_looks_like_one_killed_by_a_signal_and_harms_no_other() {
    let engine = engine();
    assert_eq!(outcome(&engine, "P4wr"), Outcome::Exited(128 + 6));
    assert_eq!(outcome(&engine, "P4wP0wr"), Outcome::Exited(5));
}

#[test]
fn the_shell_keeps_its_state_between_runs_with_and_without_an_instance() {
    let engine = engine();
    let (sandbox, _) = run_in(&engine, sandbox(&engine), request("ii"));
    assert!(sandbox.is_live());
    let (mut sandbox, report) = run_in(&engine, sandbox, request("iv"));
    assert_eq!(report.outcome, Outcome::Exited(3));
    sandbox.drop_instance();
    let (_, report) = run_in(&engine, sandbox, request("v"));
    assert_eq!(report.outcome, Outcome::Exited(3));
}

#[test]
fn a_trap_in_the_shell_costs_what_was_not_saved_and_nothing_else() {
    let engine = engine();
    let (sandbox, _) = run_in(&engine, sandbox(&engine), request("i"));
    let (sandbox, report) = run_in(&engine, sandbox, request("iiP1t"));
    assert_eq!((report.outcome, report.state_restored), (Outcome::Trapped, true));
    assert!(!sandbox.is_live());
    let (_, report) = run_in(&engine, sandbox, request("v"));
    assert_eq!((report.outcome, report.state_restored), (Outcome::Exited(1), false));
}

#[test]
fn an_instance_that_has_grown_large_is_not_kept() {
    let engine = engine();
    let (sandbox, _) = run_in(&engine, sandbox(&engine), request("ig"));
    assert!(!sandbox.is_live());
    assert_eq!(sandbox.kernel().memory_used(), 0);
    assert_eq!(engine.budget().memory_used(), sandbox.kernel().footprint_reserved());
    let (_, report) = run_in(&engine, sandbox, request("v"));
    assert_eq!(report.outcome, Outcome::Exited(1));
}

#[test]
fn another_session_starts_from_a_copy_of_the_state() {
    let engine = engine();
    let (first, _) = run_in(&engine, sandbox(&engine), request("iii"));
    let copy =
        sandshell_engine::SandboxSpec { state: first.shell_state().clone(), ..support::spec(base::Limits::default()) };
    let (_, report) = run_in(&engine, engine.sandbox(copy).expect("room for its files"), request("v"));
    assert_eq!(report.outcome, Outcome::Exited(3));
}

#[test]
fn words_are_completed_and_the_shell_lives_on() {
    let engine = engine();
    let mut sandbox = sandbox(&engine);
    let (sandbox, completion) = on_guests(&engine, async move {
        let completion = sandbox.complete(b"echo h", 5).await;
        (sandbox, completion)
    });
    let completion = completion.expect("the host does its part");
    assert_eq!((completion.start, completion.candidates), (5, vec![b"hi".to_vec()]));
    let (_, report) = run_in(&engine, sandbox, request("x0"));
    assert_eq!(report.outcome, Outcome::Exited(0));
}

#[test]
fn without_a_shell_component_the_host_says_so() {
    let options = support::Options::default();
    let engine = sandshell_engine::Engine::new(options.config, options.clock).expect("an engine");
    let mut sandbox = sandbox(&engine);
    let failed = on_guests(&engine, async move { sandbox.run(request("x0")).await });
    assert!(matches!(failed, Err(EngineError::NoShell)));
}

#[test]
fn a_closed_session_leaves_no_process_and_no_memory_behind() {
    let engine = engine();
    let spec = sandshell_engine::SandboxSpec {
        background_max: std::time::Duration::from_secs(100),
        ..support::spec(base::Limits::default())
    };
    let (sandbox, report) = run_in(&engine, engine.sandbox(spec).expect("room for its files"), request("P2P1x0"));
    assert_eq!(report.outcome, Outcome::Exited(0));
    assert_eq!(sandbox.kernel().n_jobs(), 2);
    on_guests(&engine, sandbox.close());
    assert_eq!((engine.budget().processes_used(), engine.budget().memory_used()), (0, 0));
}

#[test]
fn code_that_does_not_fit_is_compiled_again_from_its_wasm() {
    let wasm = wat::parse_str(include_str!("guests/shell.wat")).expect("the shell's text");
    let other = Compiler::new(Metering::Epoch).and_then(|compiler| compiler.compile("shell", &wasm)).expect("code");
    for code in [other, b"no code at all".to_vec()] {
        let engine = engine();
        engine.set_shell(wasm.clone(), Some(code.into()));
        let (_, report) = run_in(&engine, sandbox(&engine), request("ox3"));
        assert_eq!((report.outcome, stdout(&report)), (Outcome::Exited(3), b"hi\n".to_vec()));
    }
}
