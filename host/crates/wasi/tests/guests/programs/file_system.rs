//! `statfs`: what the session's file system has, and that files take from it.

use super::*;

pub fn run(scratch: &str) {
    let [block, blocks, free, inodes, free_inodes, name_max] = crate::v1::statfs().unwrap();
    assert!(block.is_power_of_two() && free <= blocks && free_inodes < inodes);
    assert_eq!(name_max, 255);
    let dir = open_scratch(scratch);
    let fd = open_all(dir, "file");
    fd_allocate(fd, 0, 100 * block).unwrap();
    let [_, _, free_then, _, free_inodes_then, _] = crate::v1::statfs().unwrap();
    assert!(free_then <= free - 100);
    assert_eq!(free_inodes_then, free_inodes - 1);
    let fits = "x".repeat(name_max as usize);
    make(dir, &fits, b"");
    fails!(path_create_directory(dir, &format!("{fits}x")), ENAMETOOLONG);
}
