//! What is for files fails on a directory, and says why.

use super::*;

pub fn run(scratch: &str) {
    let root = open_scratch(scratch);
    path_create_directory(root, "dir").unwrap();
    let dir = path_open(root, 0, "dir", DIRECTORY, u64::MAX, u64::MAX, 0);
    fails!(dir, EISDIR);
    let dir = path_open(root, 0, "dir", DIRECTORY, FD_SEEK | FD_READDIR, 0, 0).unwrap();
    let stat = fd_fdstat_get(dir).unwrap();
    assert_eq!((stat.filetype, stat.flags, stat.base & FD_SEEK), (DIRECTORY_TYPE, 0, 0));
    for dir in [dir, root, ROOT] {
        let refused = |call: Result<(), Errno>| {
            let error = call.expect_err("it is a directory");
            assert!([EISDIR, EBADF, ENOTCAPABLE, EINVAL].contains(&error), "{error}");
        };
        refused(fd_read(dir, &mut [&mut [0; 8]]).map(drop));
        refused(fd_pread(dir, &mut [&mut [0; 8]], 0).map(drop));
        refused(fd_write(dir, &[b"x"]).map(drop));
        refused(fd_pwrite(dir, &[b"x"], 0).map(drop));
        (0..3).for_each(|whence| refused(fd_seek(dir, 0, whence).map(drop)));
        refused(fd_tell(dir).map(drop));
        refused(fd_allocate(dir, 0, 1));
        refused(fd_filestat_set_size(dir, 0));
    }
    fd_sync(root).unwrap();
}
