//! Streams over files and devices: offsets of their own, ends, appending, zeroes, splicing, errors with their code.

use crate::bindings::wasi::cli::{stderr, stdin};
use crate::bindings::wasi::filesystem::types::{
    Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags, filesystem_error_code,
};
use crate::bindings::wasi::io::streams::{OutputStream, StreamError};
use crate::root;

pub(crate) fn main() {
    let root = root();
    reading(&root);
    writing(&root);
    splicing(&root);
    devices(&root);
    errors(&root);
    standard();
}

fn open(root: &Descriptor, path: &str) -> Descriptor {
    let flags = DescriptorFlags::READ | DescriptorFlags::WRITE;
    root.open_at(PathFlags::empty(), path, OpenFlags::CREATE, flags).expect("it opens")
}

fn content(file: &Descriptor) -> Vec<u8> {
    file.read(1 << 20, 0).expect("it is read").0
}

fn is_closed<T>(answer: &Result<T, StreamError>) -> bool {
    matches!(answer, Err(StreamError::Closed))
}

fn reading(root: &Descriptor) {
    let file = open(root, "tmp/read");
    file.write(b"0123456789", 0).expect("room");
    let (whole, tail) = (file.read_via_stream(0).expect("a stream"), file.read_via_stream(8).expect("a stream"));
    // A stream outlives its descriptor.
    drop(file);
    assert!(whole.subscribe().ready());
    assert_eq!(whole.read(0).expect("open"), b"");
    assert_eq!(whole.read(3).expect("open"), b"012");
    assert_eq!(tail.blocking_read(100).expect("open"), b"89");
    assert_eq!((whole.skip(2).expect("open"), whole.blocking_skip(1).expect("open")), (2, 1));
    assert_eq!(whole.blocking_read(u64::MAX).expect("open"), b"6789");
    assert!(is_closed(&whole.read(1)) && is_closed(&whole.blocking_read(1)));
    assert!(is_closed(&whole.skip(1)) && is_closed(&tail.blocking_skip(1)));
}

fn writing(root: &Descriptor) {
    let file = open(root, "tmp/written");
    let stream = file.write_via_stream(2).expect("a stream");
    assert!(stream.check_write().expect("open") >= 4096);
    assert!(stream.subscribe().ready());
    stream.write(b"ab").expect("room");
    stream.write(b"").expect("nothing to do");
    stream.blocking_write_and_flush(b"cd").expect("room");
    stream.flush().expect("nothing to do");
    stream.blocking_flush().expect("nothing to do");
    assert_eq!(content(&file), b"\0\0abcd");
    stream.write_zeroes(2).expect("room");
    stream.blocking_write_zeroes_and_flush(5000).expect("room");
    stream.write(b"e").expect("room");
    assert_eq!(content(&file).len(), 6 + 2 + 5000 + 1);
    file.set_size(3).expect("it shrinks");
    let (one, two) = (file.append_via_stream().expect("a stream"), file.append_via_stream().expect("a stream"));
    one.write(b"1").expect("room");
    two.write(b"2").expect("room");
    one.write(b"3").expect("room");
    assert_eq!(content(&file), b"\0\0a123");
    let large: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
    file.write_via_stream(0).expect("a stream").write(&large).expect("room");
    assert_eq!(file.stat().expect("it is open").size, 3_000_000);
    assert_eq!(file.read(3, 2_999_997).expect("it is read").0, large[2_999_997..]);
}

fn splicing(root: &Descriptor) {
    let (from, to) = (open(root, "tmp/from"), open(root, "tmp/to"));
    from.write(b"0123456789", 0).expect("room");
    let (input, output) = (from.read_via_stream(0).expect("a stream"), to.write_via_stream(0).expect("a stream"));
    assert_eq!(output.splice(&input, 4).expect("open"), 4);
    assert_eq!(output.blocking_splice(&input, 100).expect("open"), 6);
    assert!(is_closed(&output.splice(&input, 1)) && is_closed(&output.blocking_splice(&input, 1)));
    assert_eq!(content(&to), b"0123456789");
}

fn devices(root: &Descriptor) {
    let zeroes = open(root, "dev/zero").read_via_stream(0).expect("a stream");
    assert_eq!(zeroes.read(3).expect("open"), [0; 3]);
    let null = open(root, "dev/null");
    assert!(is_closed(&null.read_via_stream(0).expect("a stream").read(1)));
    null.append_via_stream().expect("a stream").blocking_write_and_flush(b"gone").expect("no end of room");
    let full = open(root, "dev/full").write_via_stream(0).expect("a stream");
    assert_eq!(code(&full, b"x"), Some(ErrorCode::InsufficientSpace));
}

/// The code of a write that fails.
fn code(stream: &OutputStream, data: &[u8]) -> Option<ErrorCode> {
    match stream.write(data) {
        Err(StreamError::LastOperationFailed(error)) => {
            assert!(!error.to_debug_string().is_empty());
            filesystem_error_code(&error)
        }
        _ => None,
    }
}

fn errors(root: &Descriptor) {
    let directory =
        root.open_at(PathFlags::empty(), "tmp", OpenFlags::DIRECTORY, DescriptorFlags::READ).expect("it opens");
    assert_eq!(directory.read_via_stream(0).err(), Some(ErrorCode::IsDirectory));
    assert_eq!(root.append_via_stream().err(), Some(ErrorCode::IsDirectory));
    let reader =
        root.open_at(PathFlags::empty(), "tmp/from", OpenFlags::empty(), DescriptorFlags::READ).expect("it opens");
    assert_eq!(reader.write_via_stream(0).err(), Some(ErrorCode::BadDescriptor));
    let writer =
        root.open_at(PathFlags::empty(), "tmp/from", OpenFlags::empty(), DescriptorFlags::WRITE).expect("it opens");
    assert_eq!(writer.read_via_stream(0).err(), Some(ErrorCode::BadDescriptor));
}

/// Standard input is a file here, whose offset all its readers share.
fn standard() {
    assert_eq!(stdin::get_stdin().blocking_read(6).expect("open"), b"first\n");
    assert_eq!(stdin::get_stdin().read(100).expect("open"), b"second\n");
    assert!(is_closed(&stdin::get_stdin().blocking_read(1)));
    let err = stderr::get_stderr();
    err.write(b"unflushed").expect("room");
}
