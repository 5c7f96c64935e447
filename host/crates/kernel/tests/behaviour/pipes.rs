//! Pipes as processes see them: end of file, broken pipes, bounds, atomic writes, and no byte lost.

use crate::common::*;
use base::{Errno, Limits, Signal};
use kernel::{Disposition, Interest, PIPE_BUF, PIPE_CAPACITY, TryIo, WaitStatus};
use proptest::prelude::*;

#[test]
fn a_reader_meets_end_of_file_when_the_last_writer_is_gone() {
    let world = World::new();
    let (reader, writer) = world.shell.pipe(10).unwrap();
    let copy = world.shell.dup(writer, 10).unwrap();
    write_now(&world.shell, writer, b"ab").unwrap();
    world.shell.close(writer).unwrap();
    assert_eq!(read_now(&world.shell, reader, 1), Ok(b"a".to_vec()));
    assert_eq!(read_now(&world.shell, reader, 9), Ok(b"b".to_vec()));
    assert_eq!(world.shell.try_read(reader, &mut [0; 9]), Ok(TryIo::WouldBlock));
    world.shell.close(copy).unwrap();
    assert_eq!(read_now(&world.shell, reader, 9), Ok(Vec::new()));
    world.check();
}

#[test]
fn a_program_that_writes_to_a_broken_pipe_dies_of_sigpipe() {
    let world = World::new();
    world.program("/bin/yes", |spec| async move {
        loop {
            if write(&spec.process, 1, b"y\n").await.is_err() {
                return WaitStatus::Exited(1);
            }
        }
    });
    world.program("/bin/head", |spec| async move {
        assert_eq!(read(&spec.process, 0, 2).await, Ok(b"y\n".to_vec()));
        WaitStatus::Exited(0)
    });
    block_on(async {
        let (reader, writer) = world.shell.pipe(10).unwrap();
        let yes = spawn(&world.shell, "/bin/yes", &[(1, writer)]);
        let head = spawn(&world.shell, "/bin/head", &[(0, reader)]);
        world.shell.close(reader).unwrap();
        world.shell.close(writer).unwrap();
        assert_eq!(status_of(&world.shell, yes).await, killed_by(Signal::PIPE));
        assert_eq!(status_of(&world.shell, head).await, WaitStatus::Exited(0));
        assert_eq!(killed_by(Signal::PIPE).shell_status(), 141);
    });
    world.check();
}

#[test]
fn a_broken_pipe_is_only_epipe_for_who_ignores_sigpipe() {
    let world = World::new();
    world.program("/bin/tee", |spec| async move {
        let error = write(&spec.process, 1, b"x").await;
        assert_eq!(spec.process.interruption(), None);
        WaitStatus::Exited(if error == Err(Errno::EPIPE) { 3 } else { 4 })
    });
    block_on(async {
        let (reader, writer) = world.shell.pipe(10).unwrap();
        world.shell.close(reader).unwrap();
        let mut request = request("/bin/tee", &[(1, writer)]);
        request.ignored.insert(Signal::PIPE);
        let tee = world.shell.spawn(request).unwrap();
        assert_eq!(status_of(&world.shell, tee).await, WaitStatus::Exited(3));
    });
}

#[test]
fn a_shell_is_told_of_a_broken_pipe_and_lives() {
    let world = World::new();
    let (reader, writer) = world.shell.pipe(10).unwrap();
    world.shell.close(reader).unwrap();
    assert_eq!(world.shell.try_write(writer, b"x"), Err(Errno::EPIPE));
    assert_eq!(world.shell.interruption(), None);
    world.shell.set_disposition(Signal::PIPE, Disposition::Handle).unwrap();
    assert_eq!(world.shell.try_write(writer, b"x"), Err(Errno::EPIPE));
    assert_eq!(world.shell.take_signal(), Some(Signal::PIPE));
    assert_eq!(world.shell.take_signal(), None);
}

#[test]
fn a_full_pipe_blocks_and_small_writes_are_whole() {
    let world = World::new();
    let (reader, writer) = world.shell.pipe(10).unwrap();
    assert_eq!(write_now(&world.shell, writer, &vec![1; PIPE_CAPACITY + 1]), Ok(PIPE_CAPACITY));
    assert_eq!(world.shell.try_write(writer, b"x"), Ok(TryIo::WouldBlock));
    read_now(&world.shell, reader, PIPE_BUF - 1).unwrap();
    assert_eq!(world.shell.try_write(writer, &[2; PIPE_BUF]), Ok(TryIo::WouldBlock), "it would not fit whole");
    assert!(!world.shell.readiness(writer, Interest::Write).unwrap().ready);
    assert_eq!(write_now(&world.shell, writer, &[2; PIPE_BUF - 1]), Ok(PIPE_BUF - 1));
    read_now(&world.shell, reader, 1000).unwrap();
    assert_eq!(world.shell.try_write(writer, &[3; PIPE_BUF + 1]), Ok(TryIo::WouldBlock));
}

#[test]
fn reading_a_line_takes_nothing_beyond_it() {
    let world = World::new();
    let (reader, writer) = world.shell.pipe(10).unwrap();
    write_now(&world.shell, writer, b"one\ntwo\nthr").unwrap();
    let line = |max| world.shell.try_read_until(reader, b'\n', max);
    assert_eq!(line(100), Ok(TryIo::Done(b"one\n".to_vec())));
    assert_eq!(line(2), Ok(TryIo::Done(b"tw".to_vec())));
    assert_eq!(line(100), Ok(TryIo::Done(b"o\n".to_vec())));
    assert_eq!(line(100), Ok(TryIo::Done(b"thr".to_vec())), "what there is of a line");
    assert_eq!(line(100), Ok(TryIo::WouldBlock));
    world.shell.close(writer).unwrap();
    assert_eq!(line(100), Ok(TryIo::Done(Vec::new())));
}

#[test]
fn a_read_waits_for_a_writer_and_a_signal_ends_the_wait() {
    let world = World::new();
    block_on(async {
        let (reader, writer) = world.shell.pipe(10).unwrap();
        let shell = world.shell.clone();
        let reading = tokio::spawn(async move { read(&shell, reader, 10).await });
        tokio::task::yield_now().await;
        write_now(&world.shell, writer, b"late").unwrap();
        assert_eq!(reading.await.unwrap(), Ok(b"late".to_vec()));

        world.shell.set_disposition(Signal::USR1, Disposition::Handle).unwrap();
        let shell = world.shell.clone();
        let reading = tokio::spawn(async move { read(&shell, reader, 10).await });
        tokio::task::yield_now().await;
        world.shell.kill(kernel::KillTarget::Pid(world.shell.pid()), Some(Signal::USR1)).unwrap();
        assert_eq!(reading.await.unwrap(), Err(Errno::EINTR));
        assert_eq!(world.shell.take_signal(), Some(Signal::USR1));
    });
}

#[test]
fn waiting_for_several_descriptors_ends_with_the_first_that_is_ready() {
    let world = World::new();
    block_on(async {
        let (quiet, _quiet_writer) = world.shell.pipe(10).unwrap();
        let (busy, busy_writer) = world.shell.pipe(10).unwrap();
        let any = world.shell.any_ready(&[(quiet, Interest::Read), (busy, Interest::Read)]);
        let waiting = tokio::spawn(any);
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        write_now(&world.shell, busy_writer, b"x").unwrap();
        waiting.await.unwrap();
        assert!(!world.shell.readiness(quiet, Interest::Read).unwrap().ready);
        let busy = world.shell.readiness(busy, Interest::Read).unwrap();
        assert_eq!((busy.ready, busy.bytes, busy.hung_up), (true, 1, false));
    });
}

#[test]
fn pipes_are_charged_to_the_footprint_until_both_ends_are_closed() {
    let world = World::with_limits(Limits { footprint_bytes: 2 * PIPE_CAPACITY as u64, ..Limits::default() });
    let first = world.shell.pipe(10).unwrap();
    world.shell.pipe(10).unwrap();
    assert_eq!(world.shell.pipe(10), Err(Errno::ENFILE));
    world.check();
    world.shell.close(first.0).unwrap();
    assert_eq!(world.shell.pipe(10), Err(Errno::ENFILE));
    world.shell.close(first.1).unwrap();
    world.shell.pipe(10).unwrap();
    world.check();
}

proptest! {
    // Each case moves some hundred thousand bytes: more of them find nothing new.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn bytes_in_are_bytes_out_whatever_the_chunks(
        data in proptest::collection::vec(any::<u8>(), 0..150_000),
        chunks in proptest::collection::vec((1usize..100_000, 1usize..100_000), 1..20),
    ) {
        let world = World::new();
        let received = block_on(async {
            let (reader, writer) = world.shell.pipe(10).unwrap();
            let shell = world.shell.clone();
            let (sent, sizes) = (data.clone(), chunks.clone());
            let writing = tokio::spawn(async move {
                let mut rest = sent.as_slice();
                for (size, _) in sizes.iter().cycle() {
                    let (piece, after) = rest.split_at(rest.len().min(*size));
                    write(&shell, writer, piece).await.unwrap();
                    rest = after;
                    if rest.is_empty() {
                        break;
                    }
                }
                shell.close(writer).unwrap();
            });
            let mut received = Vec::new();
            for (_, size) in chunks.iter().cycle() {
                let piece = read(&world.shell, reader, *size).await.unwrap();
                if piece.is_empty() {
                    break;
                }
                received.extend(piece);
            }
            writing.await.unwrap();
            received
        });
        prop_assert!(received == data);
    }
}
