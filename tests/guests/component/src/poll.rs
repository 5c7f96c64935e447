//! Waits for several things at once: clocks, pipes and standard input, to which the host writes late.

use crate::bindings::sandshell::program::system;
use crate::bindings::wasi::cli::stdin;
use crate::bindings::wasi::clocks::monotonic_clock::subscribe_duration;
use crate::bindings::wasi::io::poll::poll;
use crate::bindings::wasi::io::streams::StreamError;

const MILLISECOND: u64 = 1_000_000;

pub(crate) fn main() {
    let (reader, writer) = system::pipe().expect("a pipe");
    let input = system::read_via_stream(reader).expect("open for reading");
    let output = system::write_via_stream(writer).expect("open for writing");
    let (readable, writable) = (input.subscribe(), output.subscribe());
    assert!(!readable.ready() && writable.ready());
    assert_eq!(poll(&[&readable, &writable, &writable]), [1, 2]);
    assert_eq!(poll(&[&readable, &subscribe_duration(5 * MILLISECOND)]), [1]);
    let (soon, late) = (subscribe_duration(2 * MILLISECOND), subscribe_duration(u64::MAX / 2));
    assert_eq!(poll(&[&late, &readable, &soon]), [2]);

    assert_eq!(input.read(10).expect("open"), b"");
    output.blocking_write_and_flush(b"abc").expect("room");
    readable.block();
    assert_eq!(poll(&[&late, &readable]), [1]);
    assert_eq!(input.read(2).expect("open"), b"ab");
    fills(&output, &input);

    system::close(writer).expect("open");
    readable.block();
    assert!(matches!(input.read(1), Err(StreamError::Closed)));
    system::close(reader).expect("open");

    println!("ready");
    let line = stdin::get_stdin();
    let arrival = line.subscribe();
    assert_eq!(poll(&[&late, &arrival]), [1]);
    assert_eq!(line.read(100).expect("what arrived"), b"late");
}

/// A pipe that is full is not writable, and is again when there is room.
fn fills(
    output: &crate::bindings::wasi::io::streams::OutputStream,
    input: &crate::bindings::wasi::io::streams::InputStream,
) {
    let writable = output.subscribe();
    let mut n = 1;
    loop {
        match output.check_write().expect("open") {
            0 => break,
            permit => {
                let len = usize::try_from(permit).expect("short");
                output.write(&vec![b'x'; len]).expect("permitted");
                n += len;
            }
        }
    }
    assert_eq!(n, 65536);
    assert!(!writable.ready());
    let mut left = n;
    while left > 0 {
        left -= input.blocking_read(u64::MAX).expect("there is more").len();
    }
    assert!(writable.ready());
}
