//! How components end: by returning, exiting, trapping, or because somebody ends them.

/// Exit codes.
pub(crate) mod exit {
    use sandshell_wasi::GuestExit;

    use crate::fixture::{End, Session, Setup, block_on, compile, run_with};

    fn check(argv: &[&str], expected: End) {
        assert_eq!(run_with(Setup::default(), argv).1.end, expected, "{argv:?}");
    }

    #[test]
    fn a_component_that_returns_or_exits_well_ends_with_0() {
        check(&["exit"], End::Returned(0));
        check(&["exit", "ok"], End::Exit(GuestExit::Exited(0)));
    }

    #[test]
    fn an_exit_without_a_code_is_1_and_one_with_a_code_is_that() {
        check(&["exit", "error"], End::Exit(GuestExit::Exited(1)));
        for code in [0, 1, 3, 255] {
            check(&["exit", "code", &code.to_string()], End::Exit(GuestExit::Exited(code)));
        }
    }

    #[test]
    fn rusts_process_exit_knows_success_and_failure() {
        check(&["exit", "std", "0"], End::Exit(GuestExit::Exited(0)));
        // Its runtime on this target calls `exit`, which has no codes.
        check(&["exit", "std", "3"], End::Exit(GuestExit::Exited(1)));
    }

    /// A command whose `run` answers the result with this discriminant, after a call of `exit-with-code` if it has one.
    fn command(discriminant: u32, exit: Option<u32>) -> String {
        let call = exit.map_or(String::new(), |code| format!("(call $exit (i32.const {code}))"));
        format!(
            "(component
                (import \"wasi:cli/exit@0.2.12\" (instance $cli
                    (export \"exit-with-code\" (func (param \"status-code\" u8)))))
                (core func $lowered (canon lower (func $cli \"exit-with-code\")))
                (core module $module
                    (import \"cli\" \"exit\" (func $exit (param i32)))
                    (func (export \"run\") (result i32) {call} (i32.const {discriminant})))
                (core instance $instance
                    (instantiate $module (with \"cli\" (instance (export \"exit\" (func $lowered))))))
                (func $run (result (result)) (canon lift (core func $instance \"run\")))
                (instance $runs (export \"run\" (func $run)))
                (export \"wasi:cli/run@0.2.0\" (instance $runs)))"
        )
    }

    #[test]
    fn a_run_that_answers_an_error_ends_with_1_and_exit_with_code_is_heard() {
        let cases = [
            (command(0, None), End::Returned(0)),
            (command(1, None), End::Returned(1)),
            (command(0, Some(255)), End::Exit(GuestExit::Exited(255))),
        ];
        for (text, expected) in cases {
            let (engine, command) = compile(&wat::parse_str(text).expect("valid text"));
            let session = Session::new(Setup::default());
            let process = session.process(&[]);
            let ended = block_on(session.call_of(&engine, &command, process, &["command"]));
            assert_eq!(ended.end, expected);
        }
    }
}

/// Traps.
pub(crate) mod aborts {
    use wasmtime::Trap;

    use crate::fixture::{End, Setup, run_with};

    #[test]
    fn a_component_that_aborts_traps() {
        let (_, ended) = run_with(Setup::default(), &["aborts"]);
        assert_eq!((ended.end, ended.memory_refused), (End::Trap(Trap::UnreachableCodeReached), false));
    }
}

/// Pipes nobody reads.
pub(crate) mod broken_pipe {
    use base::Signal;
    use sandshell_wasi::GuestExit;

    use crate::fixture::{End, Session, Setup, block_on};

    fn end(argv: &[&str]) -> End {
        let session = Session::new(Setup::default());
        let shell = session.kernel.shell();
        let (reader, writer) = shell.pipe(10).expect("a pipe");
        let process = session.process(&[(1, writer)]);
        shell.close(writer).expect("open");
        shell.close(reader).expect("open");
        block_on(session.call(process, argv)).end
    }

    #[test]
    fn a_write_to_a_pipe_nobody_reads_ends_the_component() {
        assert_eq!(end(&["broken_pipe"]), End::Exit(GuestExit::Signalled(Signal::PIPE)));
    }

    #[test]
    fn who_ignores_the_signal_finds_the_stream_closed() {
        assert_eq!(end(&["broken_pipe", "ignore"]), End::Exit(GuestExit::Exited(3)));
    }
}

/// Fuel.
pub(crate) mod spin {
    use wasmtime::Trap;

    use crate::fixture::{End, Setup, run_with};

    const FUEL: u64 = 50_000_000;

    fn consumed(argv: &[&str]) -> u64 {
        let (session, ended) = run_with(Setup { fuel: FUEL, ..Setup::default() }, argv);
        assert_eq!(ended.end, End::Trap(Trap::OutOfFuel));
        session.run.meter().consumed()
    }

    #[test]
    fn a_component_that_computes_for_ever_uses_up_its_fuel() {
        assert!((FUEL..FUEL + FUEL / 10).contains(&consumed(&["spin"])));
    }

    #[test]
    fn calls_of_the_host_are_charged_beside_what_the_component_computes() {
        // No epoch ticks here, so what the calls cost is booked at the end; it is more than what leads to them.
        assert!(consumed(&["spin", "calling"]) > 2 * FUEL);
    }
}

/// Memory.
pub(crate) mod hoard {
    use base::Limits;
    use wasmtime::Trap;

    use crate::fixture::{End, Setup, run_with};

    #[test]
    fn a_component_gets_no_memory_beyond_its_limit() {
        let limits = Limits { memory_process_bytes: 32 << 20, ..Limits::default() };
        let (session, ended) = run_with(Setup { limits, ..Setup::default() }, &["hoard"]);
        assert_eq!((ended.end, ended.memory_refused), (End::Trap(Trap::UnreachableCodeReached), true));
        assert!(session.stderr().contains("memory allocation"), "{}", session.stderr());
    }
}
