//! `getcwd`, `chdir` and `fchdir`: where the paths of `sandshell_v1` start.

use super::*;
use crate::v1::{chdir, fchdir, getcwd, stat};

pub fn run(scratch: &str) {
    let dir = open_scratch(scratch);
    assert_eq!(getcwd(64), Ok(b"/".to_vec()));
    path_create_directory(dir, "sub").unwrap();
    path_symlink("sub", dir, "link").unwrap();
    make(dir, "sub/file", b"");
    chdir(scratch).unwrap();
    chdir("link/.").unwrap();
    let expected = format!("{}/sub", scratch.trim_end_matches('/')).into_bytes();
    assert_eq!(getcwd(expected.len()), Ok(expected.clone()));
    assert_eq!(getcwd(expected.len() - 1), Err((ERANGE, expected.len() as u32)));
    assert_eq!(stat("file", 0).unwrap().size, 0);
    fails!(chdir("file"), ENOTDIR);
    fails!(chdir("none"), ENOENT);
    fchdir(ROOT).unwrap();
    assert_eq!(getcwd(64), Ok(b"/".to_vec()));
    fchdir(dir).unwrap();
    fails!(fchdir(open_all(dir, "sub/file")), ENOTDIR);
    fails!(fchdir(77), EBADF);
    chdir("sub").unwrap();
    chdir("..").unwrap();
    path_unlink_file(dir, "sub/file").unwrap();
    chdir("sub").unwrap();
    path_remove_directory(dir, "sub").unwrap();
    assert_eq!(getcwd(64).map_err(|(errno, _)| errno), Err(ENOENT));
}
