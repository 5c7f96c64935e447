//! Open files, streams and listings are descriptors of the process, and as many as it may have.

use crate::bindings::wasi::filesystem::types::{Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags};
use crate::root;

pub(crate) fn main() {
    let root = root();
    let open = || root.open_at(PathFlags::empty(), "tmp/f", OpenFlags::CREATE, DescriptorFlags::READ);
    let mut open_files = exhaust(open);
    let n = open_files.len();
    println!("{n} files");
    let last = open_files.pop().expect("some");
    drop(open_files.pop());
    let stream = last.read_via_stream(0).expect("the number that came free");
    assert_eq!(last.read_via_stream(0).err(), Some(ErrorCode::InsufficientMemory));
    drop(stream);
    let listing = root.read_directory().expect("the number that came free again");
    assert_eq!(root.read_directory().err(), Some(ErrorCode::InsufficientMemory));
    drop((listing, last, open_files));
    assert_eq!(exhaust(open).len(), n);
}

fn exhaust(open: impl Fn() -> Result<Descriptor, ErrorCode>) -> Vec<Descriptor> {
    let mut open_files = Vec::new();
    loop {
        match open() {
            Ok(file) => open_files.push(file),
            Err(error) => {
                assert_eq!(error, ErrorCode::InsufficientMemory);
                return open_files;
            }
        }
    }
}
