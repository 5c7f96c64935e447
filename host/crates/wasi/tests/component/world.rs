//! What surrounds a component: arguments, clocks, chance, pipes, other processes.

/// Arguments, environment, working directory, terminals.
pub(crate) mod environment {
    use crate::fixture::succeed;

    #[test]
    fn a_component_is_told_its_arguments_variables_and_directory() {
        let expected = "arguments [\"environment\", \"one two\", \"\"]\n\
            variables [(\"HOME\", \"/root\"), (\"EMPTY\", \"\"), (\"BYTES\", \"a\u{fffd}\")]\n\
            cwd Some(\"/root\")\n";
        assert_eq!(succeed(&["environment", "one two", ""]), expected);
    }
}

/// Chance.
pub(crate) mod random {
    use crate::fixture::{End, Setup, run_with, succeed};

    #[test]
    fn random_numbers_are_the_sessions() {
        // Equal seeds give equal sessions.
        assert_eq!(succeed(&["random"]), succeed(&["random"]));
    }

    #[test]
    fn a_call_for_more_random_bytes_than_anybody_needs_ends_the_component() {
        let (_, ended) = run_with(Setup::default(), &["random", "too-much"]);
        let reason = "more than 1 MiB of random bytes asked for at once".to_owned();
        assert_eq!(ended.end, End::Refused(reason));
    }
}

/// Time.
pub(crate) mod clocks {
    use base::{Clock, SystemClock};

    use crate::fixture::{End, Setup, run_with};

    #[test]
    fn clocks_tell_the_sessions_time_and_a_sleeper_gives_its_slot_back() {
        let before = SystemClock::new().wall().0;
        let (session, ended) = run_with(Setup::default(), &["clocks"]);
        assert_eq!(ended.end, End::Returned(0), "{}", session.stderr());
        assert!(ended.n_waits >= 2, "{}", ended.n_waits);
        let told: Vec<u64> = session.stdout().split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let told = told[0] * 1_000_000_000 + told[1];
        assert!((before..before + 60_000_000_000).contains(&told), "{told}");
    }
}

/// Pipes.
pub(crate) mod copy {
    use kernel::{Process, TryIo};

    use crate::fixture::{End, Session, Setup, block_on};

    /// Reads to the end, no more than `step` bytes at a time.
    async fn drain(shell: &Process, reader: u32, step: usize) -> Vec<u8> {
        let mut all = Vec::new();
        let mut buffer = vec![0; step];
        loop {
            match shell.try_read(reader, &mut buffer).expect("open") {
                TryIo::Done(0) => return all,
                TryIo::Done(n) => all.extend_from_slice(&buffer[..n]),
                TryIo::WouldBlock => shell.readable(reader).await,
            }
        }
    }

    async fn fill(shell: &Process, writer: u32, data: &[u8]) {
        let mut rest = data;
        while !rest.is_empty() {
            match shell.try_write(writer, rest).expect("open") {
                TryIo::Done(n) => rest = &rest[n..],
                TryIo::WouldBlock => shell.writable(writer).await,
            }
        }
        shell.close(writer).expect("open");
    }

    #[test]
    fn a_component_between_two_pipes_waits_for_both_and_loses_nothing() {
        let session = Session::new(Setup::default());
        let shell = session.kernel.shell();
        let (input, to_guest) = shell.pipe(10).expect("a pipe");
        let (from_guest, output) = shell.pipe(10).expect("a pipe");
        let process = session.process(&[(0, input), (1, output), (2, 2)]);
        shell.close(input).expect("open");
        shell.close(output).expect("open");
        let data: Vec<u8> = (0..1u32 << 20).map(|n| (n % 251) as u8).collect();
        let (ended, (), copied) = block_on(async {
            let guest = session.call(process, &["copy"]);
            tokio::join!(guest, fill(&shell, to_guest, &data), drain(&shell, from_guest, 1000))
        });
        assert_eq!(ended.end, End::Returned(0), "{}", session.stderr());
        assert!(copied == data);
        assert_eq!(session.stderr(), "1048576 bytes\n");
        assert!(ended.n_waits > 10, "the pipes hold a sixteenth of it: {}", ended.n_waits);
    }
}

/// Waiting for several things.
pub(crate) mod poll {
    use kernel::TryIo;

    use crate::fixture::{End, Session, Setup, block_on};

    #[test]
    fn a_poll_ends_with_what_is_ready_and_waits_for_nothing_else() {
        let session = Session::new(Setup::default());
        let shell = session.kernel.shell();
        let (input, to_guest) = shell.pipe(10).expect("a pipe");
        let (from_guest, output) = shell.pipe(10).expect("a pipe");
        let process = session.process(&[(0, input), (1, output), (2, 2)]);
        let late = async {
            shell.readable(from_guest).await;
            let mut line = [0; 100];
            assert_eq!(shell.try_read(from_guest, &mut line), Ok(TryIo::Done(6)));
            // The guest has come to its last poll before anything arrives.
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            assert_eq!(shell.try_write(to_guest, b"late"), Ok(TryIo::Done(4)));
        };
        let (ended, ()) = block_on(async { tokio::join!(session.call(process, &["poll"]), late) });
        assert_eq!(ended.end, End::Returned(0), "{}", session.stderr());
    }
}

/// The kernel beyond WASI.
pub(crate) mod system {
    use base::Signal;
    use sandshell_wasi::GuestExit;

    use crate::fixture::{End, Setup, run_with, succeed};

    #[test]
    fn what_core_modules_find_in_sandshell_v1_components_find_in_their_interface() {
        succeed(&["system"]);
    }

    #[test]
    fn a_component_that_kills_itself_goes_no_further() {
        let (session, ended) = run_with(Setup::default(), &["system", "kill"]);
        assert_eq!(ended.end, End::Exit(GuestExit::Signalled(Signal::TERM)), "{}", session.stderr());
    }
}
