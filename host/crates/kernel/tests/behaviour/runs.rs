//! Runs: output, limits on output, fuel and memory, stopping, jobs that outlive their run, rollback.

use std::time::Duration;

use crate::common::*;
use base::{Errno, Limits, Outcome, Signal};
use bytes::Bytes;
use kernel::{ChildGroup, HostBudget, Interruption, KillTarget, Stdin, Stream, TryIo, WaitStatus, Whence, input_pipe};

#[test]
fn output_is_kept_in_order_and_by_stream() {
    let world = World::new();
    for (fd, data) in [(1, "a"), (1, "b"), (2, "E"), (1, "c")] {
        write_now(&world.shell, fd, data.as_bytes()).unwrap();
    }
    let records = world.run.output().records();
    let pieces: Vec<_> = records.iter().map(|one| (one.stream, one.data.as_slice())).collect();
    assert_eq!(pieces, [(Stream::Stdout, &b"ab"[..]), (Stream::Stderr, b"E"), (Stream::Stdout, b"c")]);
    assert_eq!(world.run.output().stream(Stream::Stdout).into_bytes(), b"abc");
    assert!(!world.run.output().is_truncated());
}

#[test]
fn long_output_keeps_the_head_and_the_tail_of_each_stream() {
    let limits = Limits { output_head_bytes: 4, output_tail_bytes: 3, ..Limits::default() };
    let world = World::with_limits(limits);
    for data in ["ab", "cdef", "g", "hijk", "l"] {
        write_now(&world.shell, 1, data.as_bytes()).unwrap();
        write_now(&world.shell, 2, b"!").unwrap();
    }
    let stdout = world.run.output().stream(Stream::Stdout);
    assert_eq!((stdout.head.as_slice(), stdout.tail.as_slice(), stdout.skipped_bytes), (&b"abcd"[..], &b"jkl"[..], 5));
    let text: Vec<_> = world.run.output().records().into_iter().map(|one| (one.data, one.skipped_bytes)).collect();
    let expected: Vec<(Vec<u8>, u64)> =
        [("ab", 0), ("!", 0), ("cd", 0), ("!", 0), ("!", 0), ("jk", 5), ("!", 0), ("l", 0), ("!", 0)]
            .map(|(data, skipped)| (data.as_bytes().to_vec(), skipped))
            .into();
    assert_eq!(text, expected);
    assert!(world.run.output().is_truncated());
}

#[test]
fn one_huge_write_keeps_its_own_head_and_tail() {
    let limits = Limits { output_head_bytes: 2, output_tail_bytes: 2, ..Limits::default() };
    let world = World::with_limits(limits);
    write_now(&world.shell, 1, b"0123456789").unwrap();
    let stdout = world.run.output().stream(Stream::Stdout);
    assert_eq!((stdout.head, stdout.tail, stdout.skipped_bytes), (b"01".to_vec(), b"89".to_vec(), 6));
}

#[test]
fn too_much_output_ends_the_run() {
    let world = World::with_limits(Limits { output_bytes: 100, ..Limits::default() });
    world.program("/bin/yes", |spec| async move {
        loop {
            write(&spec.process, 1, &[b'y'; 30]).await.unwrap();
            tokio::task::yield_now().await;
        }
    });
    block_on(async {
        let yes = spawn(&world.shell, "/bin/yes", &[(1, 1)]);
        world.run.stopped().await;
        assert_eq!(world.run.stopped_by(), Some(Outcome::OutputLimit));
        assert_eq!(status_of(&world.shell, yes).await, killed_by(Signal::KILL));
        assert_eq!(world.shell.take_signal(), Some(Signal::XCPU), "the shell is told to unwind");
        assert_eq!((world.run.output().accepted_bytes(), world.run.output().discarded_bytes()), (100, 20));
        assert_eq!(world.shell.spawn(request("/bin/yes", &[])), Err(Errno::EINTR));
    });
    world.check();
}

#[test]
fn stopping_a_run_kills_its_programs_and_wakes_its_shell_once() {
    let world = World::new();
    world.program("/bin/sleep", sleep_for_ever);
    block_on(async {
        let (reader, _writer) = world.shell.pipe(10).unwrap();
        let child = spawn(&world.shell, "/bin/sleep", &[]);
        let shell = world.shell.clone();
        let reading = tokio::spawn(async move { read(&shell, reader, 1).await });
        tokio::task::yield_now().await;
        world.run.stop(Outcome::TimedOut);
        world.run.stop(Outcome::Cancelled);
        assert_eq!(reading.await.unwrap(), Err(Errno::EINTR));
        assert_eq!(world.run.stopped_by(), Some(Outcome::TimedOut));
        assert_eq!(world.shell.take_signal(), Some(Signal::XCPU));
        assert_eq!(status_of(&world.shell, child).await, killed_by(Signal::KILL));
        let next = begin(&world.kernel, Stdin::Empty);
        assert_eq!((world.shell.interruption(), next.stopped_by()), (None, None));
    });
}

#[test]
fn a_new_run_has_its_own_standard_descriptors_and_keeps_the_others() {
    let world = World::new();
    world.file("/data", b"kept", 0o644);
    let fd = open(&world.shell, "/data", READ).unwrap();
    world.shell.dup2(fd, 1).unwrap();
    world.shell.enter_subshell().unwrap();
    world.kernel.end_run(&world.run);
    assert_eq!(read_now(&world.shell, 0, 9), Ok(Vec::new()));
    assert_eq!(write_now(&world.shell, 1, b"nowhere"), Ok(7));
    let next = begin(&world.kernel, Stdin::Bytes(Bytes::from_static(b"input")));
    assert_eq!(read_now(&world.shell, 0, 99), Ok(b"input".to_vec()));
    write_now(&world.shell, 1, b"next").unwrap();
    assert_eq!(next.output().stream(Stream::Stdout).into_bytes(), b"next");
    assert_eq!(read_now(&world.shell, fd, 99), Ok(b"kept".to_vec()));
    assert_eq!(world.run.output().accepted_bytes(), 0);
    world.check();
}

#[test]
fn a_job_may_write_to_a_finished_run_and_is_counted_not_broken() {
    let world = World::new();
    world.program("/bin/job", |spec| async move {
        assert_eq!(read(&spec.process, 0, 1).await, Ok(b"!".to_vec()));
        let written = write(&spec.process, 1, b"too late").await;
        WaitStatus::Exited(u8::from(written.is_err()))
    });
    block_on(async {
        let (reader, writer) = world.shell.pipe(10).unwrap();
        let job = spawn(&world.shell, "/bin/job", &[(0, reader), (1, 1)]);
        world.kernel.end_run(&world.run);
        let next = begin(&world.kernel, Stdin::Empty);
        write_now(&world.shell, writer, b"!").unwrap();
        assert_eq!(status_of(&world.shell, job).await, WaitStatus::Exited(0));
        assert_eq!((world.run.output().accepted_bytes(), world.run.output().discarded_bytes()), (0, 8));
        assert_eq!(next.output().accepted_bytes(), 0);
        assert_eq!((world.run.usage().processes, next.usage().processes), (2, 1));
    });
    world.check();
}

#[test]
fn stopping_a_finished_run_ends_its_jobs_and_not_the_next_run() {
    let world = World::new();
    world.program("/bin/sleep", sleep_for_ever);
    block_on(async {
        let job = spawn(&world.shell, "/bin/sleep", &[]);
        world.kernel.end_run(&world.run);
        begin(&world.kernel, Stdin::Empty);
        let other = spawn(&world.shell, "/bin/sleep", &[]);
        world.run.stop(Outcome::TimedOut);
        assert_eq!(status_of(&world.shell, job).await, killed_by(Signal::KILL));
        assert_eq!(world.shell.interruption(), None);
        assert_eq!(world.kernel.n_jobs(), 1);
        world.kernel.kill_jobs();
        assert_eq!(status_of(&world.shell, other).await, killed_by(Signal::KILL));
    });
}

#[test]
fn the_deadline_of_jobs_is_no_signal_to_the_idle_shell() {
    let world = World::new();
    world.program("/bin/sleep", sleep_for_ever);
    block_on(async {
        let job = spawn(&world.shell, "/bin/sleep", &[]);
        world.kernel.end_run(&world.run);
        world.run.stop(Outcome::TimedOut);
        assert_eq!(status_of(&world.shell, job).await, killed_by(Signal::KILL));
        assert_eq!(world.shell.interruption(), None);
    });
}

#[test]
fn a_killed_shell_is_alive_again_in_the_next_run() {
    let world = World::new();
    world.shell.kill(KillTarget::Pid(world.shell.own_pid()), Some(Signal::KILL)).unwrap();
    assert_eq!(world.shell.interruption(), Some(Interruption::Die(Signal::KILL)));
    world.shell.pipe(10).unwrap();
    world.shell.enter_subshell().unwrap();
    world.shell.exit(killed_by(Signal::KILL));
    world.check();
    begin(&world.kernel, Stdin::Empty);
    assert_eq!(world.shell.interruption(), None);
    assert_eq!(world.shell.open_fds(), [0, 1, 2]);
    assert_eq!(world.shell.getcwd(), Ok(b"/".to_vec()));
    world.check();
}

#[test]
fn the_host_feeds_a_runs_input_through_a_pipe() {
    let world = World::new();
    block_on(async {
        let (writer, reader) = input_pipe();
        begin(&world.kernel, Stdin::Pipe(reader));
        assert_eq!(world.shell.try_read(0, &mut [0; 4]), Ok(TryIo::WouldBlock));
        let sent = vec![b'x'; 200_000];
        let feeding = tokio::spawn(async move { writer.write_all(&sent).await });
        assert_eq!(read_all(&world.shell, 0).await.unwrap().len(), 200_000);
        assert_eq!(feeding.await.unwrap(), Ok(()));

        let (writer, reader) = input_pipe();
        begin(&world.kernel, Stdin::Pipe(reader));
        world.shell.close(0).unwrap();
        assert_eq!(writer.write_all(b"x").await, Err(Errno::EPIPE));
        let (writer, reader) = input_pipe();
        drop(reader);
        assert_eq!(writer.try_write(b"x"), Err(Errno::EPIPE));
    });
    world.check();
}

#[test]
fn fuel_is_one_sum_for_all_processes() {
    let world = World::with_limits(Limits { run_fuel: 100, ..Limits::default() });
    let meter = world.run.meter();
    assert_eq!(meter.settle(30), 70);
    assert_eq!(meter.settle(90), 0);
    assert_eq!((meter.remaining(), meter.consumed()), (0, 120));
    meter.grant(50);
    assert_eq!(meter.settle(10), 40);
    assert_eq!(world.run.usage().fuel, 130);
}

#[test]
fn memory_is_charged_at_every_level_or_at_none() {
    let limits = Limits { memory_process_bytes: 60, memory_session_bytes: 100, ..Limits::default() };
    let budget = HostBudget::new(130, 100);
    let one = World::with(limits.clone(), budget.clone());
    let two = World::with(limits, budget.clone());
    let first = one.shell.memory_account();
    assert!(first.grow(50));
    assert!(!first.grow(20), "beyond the process");
    let second = one.shell.memory_account();
    assert!(!second.grow(55), "beyond the session");
    assert!(second.grow(50));
    let other = two.shell.memory_account();
    assert!(!other.grow(40), "beyond the host");
    assert!(other.grow(30));
    assert_eq!((one.kernel.memory_used(), two.kernel.memory_used(), budget.memory_used()), (100, 30, 130));
    drop(second);
    assert_eq!((one.kernel.memory_used(), budget.memory_used()), (50, 80));
    assert!(other.grow(30));
    drop((first, other));
    assert_eq!(budget.memory_used(), 0);
    assert_eq!((one.run.usage().memory_peak, two.run.usage().memory_peak), (100, 60));
}

#[test]
fn usage_counts_time_until_the_runs_end() {
    let world = World::new();
    world.file("/data", b"12345", 0o644);
    world.clock.advance(Duration::from_secs(2));
    assert_eq!(world.run.usage().wall, Duration::from_secs(2));
    world.kernel.end_run(&world.run);
    world.clock.advance(Duration::from_secs(9));
    let usage = world.run.usage();
    assert_eq!((usage.wall, usage.files, usage.bytes), (Duration::from_secs(2), 1, 5));
}

#[test]
fn a_watcher_of_the_output_wakes_when_it_grows_and_when_it_ends() {
    let world = World::new();
    block_on(async {
        let run = world.run.clone();
        let watching = tokio::spawn(async move {
            run.output().grown_beyond(0).await;
            let seen = run.output().accepted_bytes();
            run.output().grown_beyond(seen).await;
            seen
        });
        tokio::task::yield_now().await;
        write_now(&world.shell, 2, b"abc").unwrap();
        tokio::task::yield_now().await;
        assert!(!watching.is_finished());
        world.kernel.end_run(&world.run);
        assert_eq!(watching.await.unwrap(), 3);
    });
}

#[test]
fn a_rollback_keeps_what_the_old_tree_has_and_breaks_the_rest() {
    let world = World::new();
    world.file("/old", b"old", 0o644);
    let checkpoint = world.kernel.fork_tree();
    let old = open(&world.shell, "/old", CREATE).unwrap();
    write_now(&world.shell, old, b"NEW").unwrap();
    let new = open(&world.shell, "/new", CREATE).unwrap();
    world.shell.mkdir(kernel::At::Cwd, b"/dir", 0o755).unwrap();
    world.shell.chdir(kernel::At::Cwd, b"/dir").unwrap();
    let (reader, writer) = world.shell.pipe(10).unwrap();
    world.kernel.replace_tree(checkpoint).unwrap();
    world.check();
    assert_eq!(world.shell.getcwd(), Ok(b"/".to_vec()));
    world.shell.seek(old, 0, Whence::Set).unwrap();
    assert_eq!(read_now(&world.shell, old, 9), Ok(b"old".to_vec()));
    assert_eq!(world.shell.try_read(new, &mut [0; 1]), Err(Errno::EIO));
    assert_eq!(world.shell.try_write(new, b"x"), Err(Errno::EIO));
    for fd in [old, new, reader, writer] {
        world.shell.close(fd).unwrap();
    }
    world.check();
}

#[test]
fn process_numbers_are_the_same_each_time() {
    let numbers = || {
        let world = World::new();
        world.program("/bin/true", succeed);
        block_on(async {
            let mut numbers = Vec::new();
            for _ in 0..3 {
                let child = spawn(&world.shell, "/bin/true", &[]);
                status_of(&world.shell, child).await;
                numbers.push(child.0);
                numbers.push(world.shell.enter_subshell().unwrap().0);
                world.shell.leave_subshell();
            }
            let stage = (Bytes::new(), Bytes::new());
            assert!(world.shell.spawn_shell(stage.0, stage.1, Vec::new(), ChildGroup::New).is_err());
            numbers
        })
    };
    assert_eq!(numbers(), [2, 3, 4, 5, 6, 7]);
    assert_eq!(numbers(), numbers());
}
