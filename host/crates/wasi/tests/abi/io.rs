//! Reading and writing: vectors, pipes that wait, broken pipes, quotas.

use base::{Errno, Limits, Signal};
use bytes::Bytes;
use kernel::{Disposition, Stdin, TryIo};
use sandshell_wasi::GuestExit;

use crate::fixture::{AT, CREATE, Fixture, MEMORY, OUT, Options, READ, WRITE, args};

#[test]
fn vectors_are_gathered_and_scattered_in_order() {
    let mut guest = Fixture::new();
    let file = guest.open("tmp/f", CREATE, READ | WRITE);
    guest.put(AT, b"hello world");
    let [array, count] = guest.vectors(&[(AT, 5), (AT + 100, 0), (AT + 5, 1), (AT + 6, 5)]);
    guest.ok("fd_write", &args![file, array, count, OUT]);
    assert_eq!(guest.u32(OUT), 11);
    assert_eq!(guest.content("tmp/f"), b"hello world");
    guest.ok("fd_seek", &args![file, 0u64, 0u32, OUT]);
    let [array, count] = guest.vectors(&[(AT + 200, 3), (AT + 300, 100)]);
    guest.ok("fd_read", &args![file, array, count, OUT]);
    assert_eq!(guest.u32(OUT), 11);
    assert_eq!((guest.get(AT + 200, 4), guest.get(AT + 300, 9)), (b"hel\0".to_vec(), b"lo world\0".to_vec()));
    assert_eq!(guest.read(file, 10), b"");
}

#[test]
fn offsets_of_positioned_calls_are_their_own() {
    let mut guest = Fixture::new();
    let file = guest.open("tmp/f", CREATE, READ | WRITE);
    assert_eq!(guest.write(file, b"hello"), 5);
    let [array, count] = guest.vector(b"XY");
    guest.ok("fd_pwrite", &args![file, array, count, 1u64, OUT]);
    assert_eq!(guest.content("tmp/f"), b"hXYlo");
    let [array, count] = guest.vectors(&[(AT, 2), (AT + 8, 9)]);
    guest.ok("fd_pread", &args![file, array, count, 2u64, OUT]);
    assert_eq!((guest.u32(OUT), guest.get(AT, 2), guest.get(AT + 8, 1)), (3, b"Yl".to_vec(), b"o".to_vec()));
    guest.ok("fd_tell", &args![file, OUT]);
    assert_eq!(guest.u64(OUT), 5);
    guest.fails("fd_pwrite", &args![1u32, array, count, 0u64, OUT], Errno::ESPIPE);
    guest.fails("fd_pread", &args![99u32, array, count, 0u64, OUT], Errno::EBADF);
    let [array, count] = guest.vector(b"z");
    guest.fails("fd_pwrite", &args![file, array, count, u64::MAX, OUT], Errno::EFBIG);
}

#[test]
fn reading_and_writing_need_the_descriptor_to_be_open_for_it() {
    let mut guest = Fixture::new();
    let writer = guest.open("tmp/f", CREATE, WRITE);
    let reader = guest.open("tmp/f", 0, READ);
    let [array, count] = guest.vector(b"x");
    guest.fails("fd_read", &args![writer, array, count, OUT], Errno::EBADF);
    guest.fails("fd_write", &args![reader, array, count, OUT], Errno::EBADF);
    guest.fails("fd_read", &args![3u32, array, count, OUT], Errno::EISDIR);
    guest.fails("fd_read", &args![99u32, array, count, OUT], Errno::EBADF);
    // Without vectors the descriptor is looked at all the same.
    guest.fails("fd_read", &args![99u32, array, 0u32, OUT], Errno::EBADF);
    guest.fails("fd_write", &args![99u32, array, 0u32, OUT], Errno::EBADF);
    guest.ok("fd_write", &args![writer, array, 0u32, OUT]);
    assert_eq!(guest.u32(OUT), 0);
}

#[test]
fn bad_vectors_move_nothing_and_later_ones_cut_the_call_short() {
    let mut guest = Fixture::new();
    let file = guest.open("tmp/f", CREATE, READ | WRITE);
    let [array, count] = guest.vectors(&[(MEMORY - 1, 2)]);
    guest.fails("fd_write", &args![file, array, count, OUT], Errno::EFAULT);
    guest.fails("fd_write", &args![file, array, 1025u32, OUT], Errno::EINVAL);
    guest.fails("fd_write", &args![file, MEMORY - 4, 1u32, OUT], Errno::EFAULT);
    guest.put(AT, b"good");
    let [array, count] = guest.vectors(&[(AT, 4), (u32::MAX, u32::MAX)]);
    guest.ok("fd_write", &args![file, array, count, OUT]);
    assert_eq!(guest.u32(OUT), 4);
    guest.ok("fd_seek", &args![file, 0u64, 0u32, OUT]);
    guest.fails("fd_read", &args![file, array, count, MEMORY - 3], Errno::EFAULT);
    assert_eq!(guest.read(file, 9), b"good");
}

#[test]
fn standard_streams_are_the_runs() {
    let stdin = Stdin::Bytes(Bytes::from_static(b"line\n"));
    let mut guest = Fixture::with(Options { stdin, ..Options::default() });
    assert_eq!(guest.read(0, 2), b"li");
    assert_eq!(guest.read(0, 20), b"ne\n");
    assert_eq!(guest.read(0, 20), b"");
    assert_eq!(guest.write(1, b"out"), 3);
    assert_eq!(guest.write(2, b"err"), 3);
    let records = guest.run.output().records();
    assert_eq!(records.iter().map(|record| &record.data[..]).collect::<Vec<_>>(), [&b"out"[..], b"err"]);
}

#[test]
fn a_read_waits_for_the_writer_without_a_slot() {
    let mut guest = Fixture::new();
    let (reader, writer) = guest.process.pipe(4).expect("a pipe");
    let [array, count] = guest.vectors(&[(AT, 100)]);
    let (process, slot) = (guest.process.clone(), guest.slot.clone());
    let answer = guest.call_while("fd_read", &args![reader, array, count, OUT], async move {
        assert_eq!(*slot.0.lock().expect("no panic"), (1, 0));
        assert_eq!(process.try_write(writer, b"data"), Ok(TryIo::Done(4)));
    });
    assert_eq!(answer, Ok(0));
    assert_eq!((guest.u32(OUT), guest.get(AT, 4)), (4, b"data".to_vec()));
    assert_eq!(*guest.slot.0.lock().expect("no panic"), (1, 1));
    guest.ok("fd_close", &args![writer]);
    assert_eq!(guest.read(reader, 10), b"");
}

#[test]
fn a_write_goes_on_until_all_is_in_the_pipe() {
    let mut guest = Fixture::new();
    let (reader, writer) = guest.process.pipe(4).expect("a pipe");
    let len = 100_000u32;
    let [array, count] = guest.vectors(&[(AT + 2048, len)]);
    let process = guest.process.clone();
    let answer = guest.call_while("fd_write", &args![writer, array, count, OUT], async move {
        let mut read = 0;
        let mut buffer = vec![0; 30_000];
        while read < len as usize {
            match process.try_read(reader, &mut buffer) {
                Ok(TryIo::Done(n)) => read += n,
                _ => process.readable(reader).await,
            }
        }
    });
    assert_eq!((answer, guest.u32(OUT)), (Ok(0), len));
}

#[test]
fn a_nonblocking_descriptor_answers_at_once() {
    let mut guest = Fixture::new();
    let (reader, writer) = guest.process.pipe(4).expect("a pipe");
    guest.ok("fd_fdstat_set_flags", &args![reader, 4u32]);
    guest.ok("fd_fdstat_set_flags", &args![writer, 4u32]);
    let [array, count] = guest.vectors(&[(AT, 100_000)]);
    guest.fails("fd_read", &args![reader, array, count, OUT], Errno::EAGAIN);
    guest.ok("fd_write", &args![writer, array, count, OUT]);
    assert_eq!(guest.u32(OUT), 65_536);
    guest.fails("fd_write", &args![writer, array, count, OUT], Errno::EAGAIN);
}

#[test]
fn a_broken_pipe_ends_the_guest_quietly_unless_the_signal_is_ignored() {
    let mut guest = Fixture::new();
    let (reader, writer) = guest.process.pipe(4).expect("a pipe");
    guest.ok("fd_close", &args![reader]);
    assert_eq!(guest.process.set_disposition(Signal::PIPE, Disposition::Ignore), Ok(()));
    let [array, count] = guest.vector(b"x");
    guest.fails("fd_write", &args![writer, array, count, OUT], Errno::EPIPE);
    assert_eq!(guest.process.set_disposition(Signal::PIPE, Disposition::Default), Ok(()));
    let end = guest.try_call("fd_write", &args![writer, array, count, OUT]);
    assert_eq!(end, Err(GuestExit::Signalled(Signal::PIPE)));
}

#[test]
fn a_reader_that_goes_away_ends_a_waiting_writer() {
    let mut guest = Fixture::new();
    let (reader, writer) = guest.process.pipe(4).expect("a pipe");
    let [array, count] = guest.vectors(&[(0, 70_000)]);
    let process = guest.process.clone();
    let end = guest.call_while("fd_write", &args![writer, array, count, OUT], async move {
        assert_eq!(process.close(reader), Ok(()));
    });
    assert_eq!(end, Err(GuestExit::Signalled(Signal::PIPE)));
}

#[test]
fn a_small_vector_write_is_one_write() {
    let mut guest = Fixture::new();
    let (reader, writer) = guest.process.pipe(4).expect("a pipe");
    // Room for three bytes less than PIPE_BUF: a write of PIPE_BUF bytes waits as a whole.
    let filled = guest.process.try_write(writer, &vec![0; 65_536 - 4093]);
    assert_eq!(filled, Ok(TryIo::Done(65_536 - 4093)));
    let [array, count] = guest.vectors(&[(AT, 96), (AT, 4000)]);
    let process = guest.process.clone();
    let answer = guest.call_while("fd_write", &args![writer, array, count, OUT], async move {
        let mut full = vec![0; 65_536];
        assert_eq!(process.try_read(reader, &mut full), Ok(TryIo::Done(65_536 - 4093)));
    });
    assert_eq!((answer, guest.u32(OUT)), (Ok(0), 4096));
}

#[test]
fn a_write_beyond_the_quota_tells_what_went_and_then_why() {
    let limits = Limits { max_bytes: Some(10), ..Limits::default() };
    let mut guest = Fixture::with(Options { limits, ..Options::default() });
    let file = guest.open("tmp/f", CREATE, WRITE);
    let went = guest.write(file, b"0123456789abcdef");
    assert!((1..=10).contains(&went), "{went}");
    let [array, count] = guest.vector(b"0123456789abcdef");
    guest.fails("fd_write", &args![file, array, count, OUT], Errno::EDQUOT);
    let full = guest.open("dev/full", 0, WRITE);
    let [array, count] = guest.vector(b"x");
    guest.fails("fd_write", &args![full, array, count, OUT], Errno::ENOSPC);
}

#[test]
fn devices_fill_the_buffer() {
    let mut guest = Fixture::new();
    let zero = guest.open("dev/zero", 0, READ);
    guest.put(AT + 1024, &[1; 64]);
    assert_eq!(guest.read(zero, 64), [0; 64]);
    let null = guest.open("dev/null", 0, READ | WRITE);
    assert_eq!(guest.write(null, b"gone"), 4);
    assert_eq!(guest.read(null, 64), b"");
}
