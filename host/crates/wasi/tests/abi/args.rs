//! `args_*` and `environ_*` as a guest calls them.

use base::Errno;

use crate::fixture::{AT, Fixture, MEMORY, OUT, args};

#[test]
fn a_guest_gets_its_arguments_and_environment() {
    let mut guest = Fixture::new();
    guest.ok("args_sizes_get", &args![OUT, OUT + 4]);
    assert_eq!((guest.u32(OUT), guest.u32(OUT + 4)), (3, 14));
    guest.ok("args_get", &args![OUT, AT]);
    assert_eq!(guest.get(AT, 14), b"prog\0one two\0\0");
    assert_eq!([guest.u32(OUT), guest.u32(OUT + 4), guest.u32(OUT + 8)], [AT, AT + 5, AT + 13]);
    guest.ok("environ_sizes_get", &args![OUT, OUT + 4]);
    assert_eq!((guest.u32(OUT), guest.u32(OUT + 4)), (2, 18));
    guest.ok("environ_get", &args![OUT, AT]);
    assert_eq!(guest.get(AT, 18), b"HOME=/root\0EMPTY=\0");
}

#[test]
fn arguments_do_not_fit_beyond_the_memory() {
    let mut guest = Fixture::new();
    guest.fails("args_get", &args![OUT, MEMORY - 4], Errno::EFAULT);
    guest.fails("args_get", &args![u32::MAX, AT], Errno::EFAULT);
    guest.fails("environ_sizes_get", &args![OUT, MEMORY - 2], Errno::EFAULT);
}
