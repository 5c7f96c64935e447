//! `poll_oneoff`: clocks, descriptors, and both together.

use std::time::Duration;

use base::Errno;
use kernel::TryIo;

use crate::fixture::{AT, Arg, Fixture, OUT, START, args};

const EVENTS: u32 = 8192;

enum Sub {
    Clock { id: u32, timeout: u64, absolute: bool },
    Read(u32),
    Write(u32),
    Other,
}

/// Puts subscriptions with userdata 100, 101, ... and answers the arguments of the call.
fn subscribe(guest: &mut Fixture, subs: &[Sub]) -> [Arg; 4] {
    for (i, sub) in (0u32..).zip(subs) {
        let mut record = [0u8; 48];
        record[..8].copy_from_slice(&(u64::from(i) + 100).to_le_bytes());
        let (tag, first) = match sub {
            Sub::Clock { id, timeout, absolute } => {
                record[24..32].copy_from_slice(&timeout.to_le_bytes());
                record[40] = u8::from(*absolute);
                (0, *id)
            }
            Sub::Read(fd) => (1, *fd),
            Sub::Write(fd) => (2, *fd),
            Sub::Other => (7, 0),
        };
        record[8] = tag;
        record[16..20].copy_from_slice(&first.to_le_bytes());
        guest.put(AT + i * 48, &record);
    }
    args![AT, EVENTS, u32::try_from(subs.len()).expect("few"), OUT]
}

/// (userdata, errno, type, bytes, flags) of every event told.
fn events(guest: &mut Fixture) -> Vec<(u64, u16, u8, u64, u16)> {
    let n = guest.u32(OUT);
    let event = |at: u32, guest: &mut Fixture| {
        (guest.u64(at), guest.u16(at + 8), guest.u8(at + 10), guest.u64(at + 16), guest.u16(at + 24))
    };
    (0..n).map(|i| event(EVENTS + i * 32, guest)).collect()
}

#[test]
fn a_sleep_ends_when_its_clock_is_due() {
    let ms = 1_000_000;
    for (id, timeout, absolute) in
        [(0, 10 * ms, false), (1, 10 * ms, false), (0, START.0 + 10 * ms, true), (1, 10 * ms, true)]
    {
        let mut guest = Fixture::new();
        let args = subscribe(&mut guest, &[Sub::Clock { id, timeout, absolute }]);
        let (clock, slot) = (guest.clock.clone(), guest.slot.clone());
        let answer = guest.call_while("poll_oneoff", &args, async move {
            clock.advance(Duration::from_nanos(10 * ms - 1));
            tokio::task::yield_now().await;
            assert_eq!(*slot.0.lock().expect("no panic"), (1, 0));
            clock.advance(Duration::from_nanos(1));
        });
        assert_eq!(answer, Ok(0));
        assert_eq!(events(&mut guest), [(100, 0, 0, 0, 0)]);
    }
}

#[test]
fn a_time_in_the_past_is_due_at_once() {
    let mut guest = Fixture::new();
    let past = Sub::Clock { id: 0, timeout: START.0 - 1, absolute: true };
    let args = subscribe(&mut guest, &[past, Sub::Clock { id: 1, timeout: 0, absolute: false }]);
    guest.ok("poll_oneoff", &args);
    assert_eq!(events(&mut guest).len(), 2);
    assert_eq!(*guest.slot.0.lock().expect("no panic"), (0, 0));
}

#[test]
fn only_what_is_ready_is_told() {
    let mut guest = Fixture::new();
    let (reader, writer) = guest.process.pipe(4).expect("a pipe");
    let far = || Sub::Clock { id: 1, timeout: u64::MAX, absolute: false };
    let args = subscribe(&mut guest, &[Sub::Read(reader), Sub::Write(writer), far()]);
    guest.ok("poll_oneoff", &args);
    assert_eq!(events(&mut guest), [(101, 0, 2, kernel::PIPE_CAPACITY as u64, 0)]);
    assert_eq!(guest.process.try_write(writer, b"abc"), Ok(TryIo::Done(3)));
    let args = subscribe(&mut guest, &[Sub::Read(reader), far()]);
    guest.ok("poll_oneoff", &args);
    assert_eq!(events(&mut guest), [(100, 0, 1, 3, 0)]);
    guest.ok("fd_close", &args![writer]);
    assert_eq!(guest.read(reader, 10), b"abc");
    let args = subscribe(&mut guest, &[Sub::Read(reader)]);
    guest.ok("poll_oneoff", &args);
    assert_eq!(events(&mut guest), [(100, 0, 1, 0, 1)]);
}

#[test]
fn data_that_comes_ends_a_wait_with_a_timeout() {
    let mut guest = Fixture::new();
    let (reader, writer) = guest.process.pipe(4).expect("a pipe");
    let args = subscribe(&mut guest, &[Sub::Clock { id: 1, timeout: 1 << 40, absolute: false }, Sub::Read(reader)]);
    let process = guest.process.clone();
    let answer = guest.call_while("poll_oneoff", &args, async move {
        assert_eq!(process.try_write(writer, b"x"), Ok(TryIo::Done(1)));
    });
    assert_eq!(answer, Ok(0));
    assert_eq!(events(&mut guest), [(101, 0, 1, 1, 0)]);
}

#[test]
fn what_cannot_be_polled_is_an_event_with_an_error() {
    let mut guest = Fixture::new();
    let cpu = Sub::Clock { id: 2, timeout: 5, absolute: false };
    let args = subscribe(&mut guest, &[Sub::Read(99), cpu, Sub::Other]);
    guest.ok("poll_oneoff", &args);
    let errors: Vec<u16> = events(&mut guest).iter().map(|event| event.1).collect();
    assert_eq!(errors, [Errno::EBADF, Errno::EINVAL, Errno::EINVAL].map(Errno::wasi));
}

#[test]
fn the_number_of_subscriptions_is_bounded() {
    let mut guest = Fixture::new();
    guest.fails("poll_oneoff", &args![AT, EVENTS, 0u32, OUT], Errno::EINVAL);
    guest.fails("poll_oneoff", &args![AT, EVENTS, 2049u32, OUT], Errno::EINVAL);
    guest.fails("poll_oneoff", &args![u32::MAX - 8, EVENTS, 1u32, OUT], Errno::EFAULT);
    let args = subscribe(&mut guest, &[Sub::Clock { id: 1, timeout: 0, absolute: false }]);
    guest.fails("poll_oneoff", &[args[0], u32::MAX.into(), args[2], args[3]], Errno::EFAULT);
}
