//! `poll_oneoff` with descriptors: files are ready, pipes tell how much there is and when the other end has gone.

use super::*;

const READ: u8 = 1;
const WRITE: u8 = 2;
const HANGUP: u16 = 1;

fn descriptor(userdata: u64, tag: u8, fd: Fd) -> Vec<u8> {
    let mut record = vec![0; 48];
    record[..8].copy_from_slice(&userdata.to_le_bytes());
    record[8] = tag;
    record[16..20].copy_from_slice(&fd.to_le_bytes());
    record
}

/// (userdata, errno, type, bytes, flags) of the events.
fn poll(subscriptions: &[Vec<u8>]) -> Vec<(u64, u16, u8, u64, u16)> {
    let short = |event: &[u8; 32], at: usize| u16::from_le_bytes([event[at], event[at + 1]]);
    let told = |event: &[u8; 32]| (word(event, 0), short(event, 8), event[10], word(event, 16), short(event, 24));
    poll_oneoff(subscriptions).unwrap().iter().map(told).collect()
}

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    make(dir, "file", b"12345");
    let file = open_all(dir, "file");
    let timeout = || {
        let mut record = vec![0; 48];
        (record[16], record[26]) = (1, 0xff);
        record
    };
    assert_eq!(
        poll(&[descriptor(1, READ, file), descriptor(2, WRITE, file), timeout()]),
        [(1, 0, READ, 5, 0), (2, 0, WRITE, 0, 0)]
    );
    assert_eq!(poll(&[descriptor(1, READ, 0), descriptor(2, WRITE, 1), descriptor(3, WRITE, 2)]).len(), 3);
    let [reader, writer] = crate::v1::pipe().unwrap();
    assert_eq!(poll(&[descriptor(1, READ, reader), descriptor(2, WRITE, writer)]), [(2, 0, WRITE, 65536, 0)]);
    assert_eq!(fd_write(writer, &[b"abc"]), Ok(3));
    assert_eq!(poll(&[descriptor(1, READ, reader)]), [(1, 0, READ, 3, 0)]);
    fd_close(writer).unwrap();
    assert_eq!(poll(&[descriptor(1, READ, reader)]), [(1, 0, READ, 3, HANGUP)]);
    assert_eq!(fd_read(reader, &mut [&mut [0; 9]]), Ok(3));
    assert_eq!(poll(&[descriptor(1, READ, reader)]), [(1, 0, READ, 0, HANGUP)]);
    let [reader, writer] = crate::v1::pipe().unwrap();
    fd_close(reader).unwrap();
    assert_eq!(poll(&[descriptor(1, WRITE, writer)]), [(1, 0, WRITE, 0, HANGUP)]);
    // What cannot be polled is told as an event.
    assert_eq!(poll(&[descriptor(1, READ, 77)]), [(1, EBADF as u16, READ, 0, 0)]);
    assert_eq!(poll(&[descriptor(1, 7, 0)]), [(1, EINVAL as u16, 7, 0, 0)]);
    let fd = path_open(dir, 0, "file", 0, FD_READ, 0, 0).unwrap();
    assert_eq!(poll(&[descriptor(1, READ, fd)]), [(1, ENOTCAPABLE as u16, READ, 0, 0)]);
    let fd = path_open(dir, 0, "file", 0, FD_READ | POLL, 0, 0).unwrap();
    assert_eq!(poll(&[descriptor(1, READ, fd)]), [(1, 0, READ, 5, 0)]);
}
