//! Clocks, random bytes, exit, signals to oneself, yielding, sockets.

use std::time::Duration;

use base::{Errno, Signal};
use sandshell_wasi::GuestExit;

use crate::fixture::{AT, Fixture, MEMORY, OUT, START, args};

#[test]
fn clocks_show_the_sessions_time() {
    let mut guest = Fixture::new();
    guest.clock.advance(Duration::from_nanos(5));
    guest.ok("clock_time_get", &args![0u32, 0u64, OUT]);
    assert_eq!(guest.u64(OUT), START.0 + 5);
    guest.ok("clock_time_get", &args![1u32, 0u64, OUT]);
    assert_eq!(guest.u64(OUT), 5);
    guest.process.add_cpu(77);
    guest.ok("clock_time_get", &args![2u32, 0u64, OUT]);
    assert_eq!(guest.u64(OUT), 77);
    guest.fails("clock_time_get", &args![4u32, 0u64, OUT], Errno::EINVAL);
    guest.fails("clock_time_get", &args![0u32, 0u64, MEMORY - 7], Errno::EFAULT);
    guest.ok("clock_res_get", &args![3u32, OUT]);
    assert_eq!(guest.u64(OUT), 1);
    guest.fails("clock_res_get", &args![9u32, OUT], Errno::EINVAL);
}

#[test]
fn random_bytes_fill_exactly_the_buffer() {
    let mut guest = Fixture::new();
    guest.ok("random_get", &args![AT, 40_000u32]);
    let first = guest.get(AT, 40_000);
    assert!(first.iter().filter(|byte| **byte == 0).count() < 400);
    assert_eq!(guest.get(AT + 40_000, 8), [0; 8]);
    guest.ok("random_get", &args![AT, 40_000u32]);
    assert_ne!(guest.get(AT, 64), first[..64]);
    guest.fails("random_get", &args![AT, MEMORY], Errno::EFAULT);
    guest.fails("random_get", &args![0u32, u32::MAX], Errno::EFAULT);
}

#[test]
fn exit_ends_the_guest_with_the_low_byte_of_its_status() {
    let mut guest = Fixture::new();
    assert_eq!(guest.try_call("proc_exit", &args![3u32]), Err(GuestExit::Exited(3)));
    assert_eq!(guest.try_call("proc_exit", &args![256u32 + 7]), Err(GuestExit::Exited(7)));
}

#[test]
fn a_raised_signal_does_what_its_disposition_says() {
    let mut guest = Fixture::new();
    guest.ok("proc_raise", &args![0u32]);
    // Preview 1's 16 is SIGCHLD, which does nothing.
    guest.ok("proc_raise", &args![16u32]);
    guest.fails("proc_raise", &args![31u32], Errno::EINVAL);
    guest.ok("sigaction", &args![10u32, 1u32]);
    guest.ok("proc_raise", &args![10u32]);
    assert_eq!(guest.try_call("proc_raise", &args![15u32]), Err(GuestExit::Signalled(Signal::TERM)));
}

#[test]
fn a_yield_gives_the_slot_back_and_takes_it_again() {
    let mut guest = Fixture::new();
    guest.ok("sched_yield", &[]);
    assert_eq!(*guest.slot.0.lock().expect("no panic"), (1, 1));
}

#[test]
fn nothing_is_a_socket() {
    let mut guest = Fixture::new();
    guest.fails("sock_accept", &args![0u32, 0u32, OUT], Errno::ENOTSOCK);
    guest.fails("sock_recv", &args![0u32, AT, 1u32, 0u32, OUT, OUT], Errno::ENOTSOCK);
    guest.fails("sock_send", &args![1u32, AT, 1u32, 0u32, OUT], Errno::ENOTSOCK);
    guest.fails("sock_shutdown", &args![9u32, 0u32], Errno::EBADF);
}
