//! /proc does not change: every attempt says so, and nothing of it is in the tree.

use base::Errno;
use kernel::{At, OpenFlags};
use vfs::Follow;

use crate::common::*;

#[test]
fn nothing_can_be_made_written_or_removed_in_proc() {
    let world = World::new();
    let shell = &world.shell;
    world.file("/tmp/f", b"", 0o644);
    shell.symlink(b"/proc/none", At::Cwd, b"/dangling").unwrap();
    let write = OpenFlags { read: false, create: false, ..CREATE };
    let opened = |path: &str, flags: OpenFlags| open(shell, path, flags);
    assert_eq!(opened("/proc/uptime", write), Err(Errno::EROFS));
    assert_eq!(opened("/proc/uptime", CREATE), Err(Errno::EROFS));
    assert_eq!(opened("/proc/new", CREATE), Err(Errno::EROFS));
    assert_eq!(opened("/dangling", CREATE), Err(Errno::EROFS));
    assert_eq!(opened("/proc/self/new", CREATE), Err(Errno::EROFS));
    assert_eq!(opened("/proc/self", CREATE), Err(Errno::EISDIR));
    assert_eq!(opened("/proc", write), Err(Errno::EISDIR));
    assert_eq!(opened("/proc/uptime", OpenFlags { exclusive: true, ..CREATE }), Err(Errno::EEXIST));
    assert_eq!(opened("/proc/self", OpenFlags { no_follow: true, ..READ }), Err(Errno::ELOOP));
    assert_eq!(opened("/proc/self/cwd", OpenFlags { no_follow: true, ..READ }), Err(Errno::ELOOP));
    assert_eq!(opened("/proc/uptime", OpenFlags { directory: true, ..READ }), Err(Errno::ENOTDIR));
    assert_eq!(shell.mkdir(At::Cwd, b"/proc/new", 0o777), Err(Errno::EROFS));
    assert_eq!(shell.mkdir(At::Cwd, b"/proc/sys/", 0o777), Err(Errno::EEXIST));
    assert_eq!(shell.mkdir(At::Cwd, b"/proc", 0o777), Err(Errno::EEXIST));
    assert_eq!(shell.symlink(b"x", At::Cwd, b"/proc/new"), Err(Errno::EROFS));
    assert_eq!(shell.unlink(At::Cwd, b"/proc/uptime"), Err(Errno::EROFS));
    assert_eq!(shell.rmdir(At::Cwd, b"/proc/sys"), Err(Errno::EROFS));
    assert_eq!(shell.rmdir(At::Cwd, b"/proc"), Err(Errno::EBUSY));
    assert_eq!(shell.rename((At::Cwd, b"/proc"), (At::Cwd, b"/tmp/p")), Err(Errno::EBUSY));
    assert_eq!(shell.rename((At::Cwd, b"/tmp/f"), (At::Cwd, b"/proc/f")), Err(Errno::EXDEV));
    assert_eq!(shell.rename((At::Cwd, b"/proc/uptime"), (At::Cwd, b"/tmp/f")), Err(Errno::EXDEV));
    assert_eq!(shell.rename((At::Cwd, b"/proc/uptime"), (At::Cwd, b"/proc/f")), Err(Errno::EROFS));
    assert_eq!(shell.link((At::Cwd, b"/tmp/f"), Follow::No, (At::Cwd, b"/proc/f")), Err(Errno::EXDEV));
    assert_eq!(shell.link((At::Cwd, b"/proc/uptime"), Follow::No, (At::Cwd, b"/tmp/u")), Err(Errno::EXDEV));
    for path in [&b"/proc"[..], b"/proc/uptime", b"/proc/self", b"/proc/self/exe/../.."] {
        let at_all = shell.stat(At::Cwd, path, Follow::Yes).is_ok();
        let expected = if at_all { Errno::EROFS } else { Errno::ENOTDIR };
        assert_eq!(shell.chmod(At::Cwd, path, 0o777, Follow::Yes), Err(expected));
        assert_eq!(shell.chown(At::Cwd, path, (Some(1), None), Follow::Yes), Err(expected));
        assert_eq!(shell.set_times(At::Cwd, path, (Some(NOW), None), Follow::Yes), Err(expected));
    }
    assert_eq!(shell.access(At::Cwd, b"/proc/uptime", 4), Ok(()));
    assert_eq!(shell.access(At::Cwd, b"/proc/uptime", 6), Err(Errno::EROFS));
    assert_eq!(shell.access(At::Cwd, b"/proc/uptime", 1), Err(Errno::EACCES));
    assert_eq!(shell.access(At::Cwd, b"/proc/self/fd/1", 2), Ok(()));
    let fd = opened("/proc/uptime", READ).unwrap();
    assert_eq!(shell.try_write(fd, b"x"), Err(Errno::EBADF));
    assert_eq!(shell.fd_chmod(fd, 0o777), Err(Errno::EROFS));
    assert_eq!(shell.fd_truncate(fd, 0), Err(Errno::EINVAL));
    let dir = opened("/proc/self", READ).unwrap();
    assert_eq!(shell.fd_chmod(dir, 0o777), Err(Errno::EROFS));
    assert_eq!(shell.mkdir(At::Fd(dir), b"new", 0o777), Err(Errno::EROFS));
    world.check();
}

#[test]
fn proc_costs_no_quota_and_is_in_no_image() {
    let world = World::new();
    let before = (world.kernel.with_tree(|tree| tree.usage()), world.kernel.with_tree(|tree| tree.version()));
    let fds: Vec<u32> = ["/proc/meminfo", "/proc/self/status", "/proc/self/fd", "/proc/sys"]
        .iter()
        .map(|path| open(&world.shell, path, READ).unwrap())
        .collect();
    let usage = world.kernel.with_tree(|tree| tree.usage());
    assert_eq!((usage.files, usage.bytes), (before.0.files, before.0.bytes));
    assert!(usage.footprint > before.0.footprint, "what is open is held in memory");
    world.check();
    fds.into_iter().for_each(|fd| world.shell.close(fd).unwrap());
    assert_eq!((world.kernel.with_tree(|tree| tree.usage()), world.kernel.with_tree(|tree| tree.version())), before);
    let paths = world
        .kernel
        .with_tree(|tree| tree.walk().map(|(path, _)| String::from_utf8_lossy(&path).into_owned()).collect::<Vec<_>>());
    assert_eq!(paths.iter().filter(|path| path.contains("proc")).collect::<Vec<_>>(), ["/proc"]);
    world.check();
}
