//! Directories read in steps: order, dots, and cookies that survive concurrent changes.

use crate::common::*;
use base::Errno;
use kernel::{At, DirStep, FileType, OpenFlags};

fn fill(world: &World, names: std::ops::Range<usize>) {
    names.for_each(|n| world.file(&format!("/tmp/f{n:04}"), b"", 0o644));
}

fn names(steps: &[DirStep]) -> Vec<String> {
    steps.iter().map(|step| String::from_utf8_lossy(&step.row.name).into_owned()).collect()
}

#[test]
fn a_directory_is_read_in_order_with_dots_first_and_again_from_the_start() {
    let world = World::new();
    fill(&world, 0..3);
    let fd = open(&world.shell, "/tmp", OpenFlags { directory: true, ..READ }).unwrap();
    for _ in 0..2 {
        let mut all = Vec::new();
        let mut cookie = 0;
        loop {
            let steps = world.shell.read_dir_after(fd, cookie, 2).unwrap();
            let Some(last) = steps.last() else { break };
            cookie = last.next;
            all.extend(steps);
        }
        assert_eq!(names(&all), [".", "..", "f0000", "f0001", "f0002"]);
        assert_eq!(all[0].row.kind, FileType::Directory);
        assert_eq!(all[2].row.kind, FileType::Regular);
    }
    assert_eq!(world.shell.read_dir_after(1, 0, 9), Err(Errno::ENOTDIR));
    let rows = world.shell.read_dir(At::Fd(fd), b".").unwrap();
    assert_eq!(rows.len(), 3);
}

#[test]
fn removing_what_was_read_skips_nothing_that_was_not() {
    let world = World::new();
    fill(&world, 0..500);
    let fd = open(&world.shell, "/tmp", READ).unwrap();
    let mut cookie = 2;
    let mut removed = 0;
    loop {
        let steps = world.shell.read_dir_after(fd, cookie, 7).unwrap();
        // As a libc with a small buffer does: the last entry did not fit, and is asked for again.
        let used = if steps.len() == 7 { &steps[..6] } else { &steps[..] };
        let Some(last) = used.last() else { break };
        cookie = last.next;
        for step in used {
            world.shell.unlink(At::Fd(fd), &step.row.name).unwrap();
            removed += 1;
        }
    }
    assert_eq!(removed, 500);
    assert_eq!(world.shell.read_dir(At::Cwd, b"/tmp"), Ok(Vec::new()));
}

#[test]
fn what_is_added_behind_the_cookie_is_not_seen_and_what_is_ahead_is() {
    let world = World::new();
    fill(&world, 10..20);
    let fd = open(&world.shell, "/tmp", READ).unwrap();
    let steps = world.shell.read_dir_after(fd, 0, 7).unwrap();
    let cookie = steps.last().unwrap().next;
    fill(&world, 0..5);
    fill(&world, 90..91);
    let rest = world.shell.read_dir_after(fd, cookie, 99).unwrap();
    assert_eq!(names(&rest), ["f0015", "f0016", "f0017", "f0018", "f0019", "f0090"]);
}

#[test]
fn an_old_cookie_is_found_again_by_counting() {
    let world = World::new();
    fill(&world, 0..3000);
    let fd = open(&world.shell, "/tmp", READ).unwrap();
    let all = world.shell.read_dir_after(fd, 0, usize::MAX >> 1).unwrap();
    assert_eq!(all.len(), 3002);
    let again = world.shell.read_dir_after(fd, all[9].next, 1).unwrap();
    assert_eq!(again, [all[10].clone()]);
    assert_eq!(world.shell.read_dir_after(fd, u64::MAX, 1), Ok(Vec::new()));
}

#[test]
fn a_removed_directory_is_empty() {
    let world = World::new();
    world.shell.mkdir(At::Cwd, b"/tmp/d", 0o755).unwrap();
    let fd = open(&world.shell, "/tmp/d", READ).unwrap();
    world.shell.rmdir(At::Cwd, b"/tmp/d").unwrap();
    assert_eq!(world.shell.read_dir_after(fd, 2, 9), Ok(Vec::new()));
    assert_eq!(world.shell.open(At::Fd(fd), b"x", CREATE, 0o644, 3), Err(Errno::ENOENT));
    world.shell.close(fd).unwrap();
    world.check();
}
