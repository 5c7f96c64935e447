//! /proc as a file system: names, links, listings, and paths that cross between it and the tree.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use base::{Errno, Pid};
use kernel::{At, DirStep, FileType, OpenFlags, WaitFor};
use vfs::{Follow, Ino, Tree};

use crate::common::*;

const DIRECTORY: OpenFlags = OpenFlags { directory: true, ..READ };

fn text(world: &World, path: &str) -> Result<String, Errno> {
    let fd = open(&world.shell, path, READ)?;
    let content = read_now(&world.shell, fd, 1 << 16);
    world.shell.close(fd).unwrap();
    Ok(String::from_utf8(content?).unwrap())
}

fn link(world: &World, path: &str) -> Result<String, Errno> {
    Ok(String::from_utf8(world.shell.read_link(At::Cwd, path.as_bytes())?).unwrap())
}

fn ino(world: &World, path: &str) -> Result<Ino, Errno> {
    world.shell.stat(At::Cwd, path.as_bytes(), Follow::Yes).map(|stat| stat.ino)
}

fn names(world: &World, path: &str) -> Vec<String> {
    let rows = world.shell.read_dir(At::Cwd, path.as_bytes()).unwrap();
    rows.into_iter().map(|row| String::from_utf8(row.name).unwrap()).collect()
}

#[test]
fn every_spelling_of_a_path_into_proc_leads_to_the_same_file() {
    let world = World::new();
    world.shell.symlink(b"/proc/uptime", At::Cwd, b"/x").unwrap();
    world.shell.symlink(b"proc", At::Cwd, b"/p").unwrap();
    world.shell.symlink(b"../proc/self", At::Cwd, b"/tmp/me").unwrap();
    let expected = ino(&world, "/proc/uptime").unwrap();
    for path in [
        "/proc/./uptime",
        "//proc//uptime",
        "/dev/../proc/uptime",
        "/x",
        "/p/uptime",
        "/proc/self/../uptime",
        "/tmp/me/../uptime",
        "/proc/self/cwd/proc/uptime",
        "/proc/1/root/proc/uptime",
        "/proc/../p/self/root/x",
    ] {
        assert_eq!(ino(&world, path), Ok(expected), "{path}");
    }
    assert_eq!(ino(&world, "/proc/.."), Ok(Ino::ROOT));
    assert_eq!(ino(&world, "/proc/self/../.."), Ok(Ino::ROOT));
    assert_eq!(ino(&world, "/proc/1/cwd/tmp"), ino(&world, "/tmp"));
    assert_eq!(world.shell.stat(At::Cwd, b"/x", Follow::No).unwrap().kind, FileType::Symlink);
    world.check();
}

#[test]
fn a_path_that_leads_nowhere_in_proc_says_why() {
    let world = World::new();
    world.shell.symlink(b"/proc/self/cwd/loop", At::Cwd, b"/loop").unwrap();
    let long = format!("/proc/{}", "n".repeat(256));
    let longest = format!("/proc/{}uptime", "./".repeat(2048));
    let cases = [
        ("/proc/none", Errno::ENOENT),
        ("/proc/none/x", Errno::ENOENT),
        ("/proc/uptime/", Errno::ENOTDIR),
        ("/proc/uptime/x", Errno::ENOTDIR),
        ("/proc/uptime/..", Errno::ENOTDIR),
        ("/proc/99", Errno::ENOENT),
        ("/proc/01", Errno::ENOENT),
        ("/proc/0", Errno::ENOENT),
        ("/proc/4294967297", Errno::ENOENT),
        ("/proc/self/fd/77", Errno::ENOENT),
        ("/proc/self/fd/00", Errno::ENOENT),
        ("/proc/self/fd/4294967295", Errno::ENOENT),
        ("/proc/sys/kernel/none", Errno::ENOENT),
        ("/loop", Errno::ELOOP),
        (&long, Errno::ENAMETOOLONG),
        (&longest, Errno::ENAMETOOLONG),
    ];
    for (path, errno) in cases {
        assert_eq!(ino(&world, path), Err(errno), "{path}");
    }
}

#[test]
fn the_working_directory_can_be_in_proc_and_paths_go_on_from_there() {
    let world = World::new();
    assert_eq!(world.shell.chdir(At::Cwd, b"/proc/self").as_deref(), Ok(&b"/proc/1"[..]));
    assert_eq!(text(&world, "comm").as_deref(), Ok("bash\n"));
    assert_eq!(text(&world, "../1/./comm").as_deref(), Ok("bash\n"));
    assert_eq!(link(&world, "cwd").as_deref(), Ok("/proc/1"));
    assert_eq!(link(&world, "/proc/self/cwd").as_deref(), Ok("/proc/1"));
    assert_eq!(world.shell.getcwd().as_deref(), Ok(&b"/proc/1"[..]));
    // Names of the tree are reached and changed from here, too.
    world.file("/tmp/f", b"x", 0o644);
    assert_eq!(world.shell.rename((At::Cwd, b"../../tmp/f"), (At::Cwd, b"root/tmp/g")), Ok(()));
    assert_eq!(world.shell.unlink(At::Cwd, b"../../tmp/g"), Ok(()));
    assert!(open(&world.shell, "../../tmp/new", CREATE).is_ok());
    assert_eq!(world.shell.chdir(At::Cwd, b"fd").as_deref(), Ok(&b"/proc/1/fd"[..]));
    assert_eq!(world.shell.chdir(At::Cwd, b"../../..").as_deref(), Ok(&b"/"[..]));
    assert_eq!(world.shell.chdir(At::Cwd, b"/proc/uptime"), Err(Errno::ENOTDIR));
    world.check();
}

#[test]
fn a_directory_of_proc_is_opened_and_read_in_steps() {
    let world = World::new();
    for path in ["/proc", "/proc/self", "/proc/1/fd", "/proc/sys/kernel"] {
        let fd = open(&world.shell, path, DIRECTORY).unwrap();
        let (mut all, mut cookie): (Vec<DirStep>, u64) = (Vec::new(), 0);
        loop {
            let steps = world.shell.read_dir_after(fd, cookie, 3).unwrap();
            let Some(last) = steps.last() else { break };
            cookie = last.next;
            all.extend(steps);
        }
        assert_eq!([&all[0].row.name[..], &all[1].row.name[..]], [&b"."[..], b".."], "{path}");
        let mut whole: Vec<_> = all.iter().skip(2).map(|step| step.row.clone()).collect();
        whole.sort_by(|one, other| one.name.cmp(&other.name));
        assert_eq!(world.shell.read_dir(At::Fd(fd), b"."), Ok(whole.clone()), "{path}");
        for row in whole {
            let stat = world.shell.stat(At::Fd(fd), &row.name, Follow::No).unwrap();
            assert_eq!((stat.ino, stat.kind), (row.ino, row.kind), "{path}");
            assert_eq!((stat.uid, stat.gid), (0, 0));
        }
        assert_eq!(world.shell.fd_stat(fd).unwrap().kind, FileType::Directory);
        world.shell.close(fd).unwrap();
    }
    let listed = names(&world, "/proc");
    for name in ["1", "cpuinfo", "meminfo", "mounts", "self", "stat", "sys", "uptime", "version"] {
        assert!(listed.iter().any(|listed| listed == name), "{name} in {listed:?}");
    }
    assert_eq!(names(&world, "/proc/self/fd"), ["0", "1", "2"]);
}

#[test]
fn every_name_in_proc_has_a_number_of_its_own() {
    let world = World::new();
    world.program("/bin/sleep", sleep_for_ever);
    block_on(async {
        spawn(&world.shell, "/bin/sleep", &[(0, 0), (1, 1)]);
        let mut seen = std::collections::BTreeMap::new();
        let mut open = vec!["/proc".to_owned()];
        while let Some(dir) = open.pop() {
            for row in world.shell.read_dir(At::Cwd, dir.as_bytes()).unwrap() {
                let path = format!("{dir}/{}", String::from_utf8(row.name).unwrap());
                assert_eq!(seen.insert(row.ino, path.clone()), None, "{path}");
                if row.kind == FileType::Directory {
                    open.push(path);
                }
            }
        }
        assert!(seen.len() > 70, "{seen:?}");
        // Again, the same.
        for (ino, path) in &seen {
            let stat = world.shell.stat(At::Cwd, path.as_bytes(), Follow::No).unwrap();
            assert_eq!(stat.ino, *ino, "{path}");
        }
    });
}

#[test]
fn what_comes_and_goes_neither_hides_nor_repeats_another_process() {
    let world = World::new();
    world.program("/bin/sleep", sleep_for_ever);
    block_on(async {
        let pids: Vec<Pid> = (0..20).map(|_| spawn(&world.shell, "/bin/sleep", &[])).collect();
        let fd = open(&world.shell, "/proc", DIRECTORY).unwrap();
        let (mut seen, mut cookie) = (Vec::new(), 0);
        loop {
            let steps = world.shell.read_dir_after(fd, cookie, 1).unwrap();
            let Some(step) = steps.into_iter().next() else { break };
            cookie = step.next;
            let Some(pid) = String::from_utf8(step.row.name).unwrap().parse().ok().map(Pid) else { continue };
            seen.push(pid);
            if pid != Pid(1) {
                world.shell.kill(kernel::KillTarget::Pid(pid), Some(base::Signal::KILL)).unwrap();
                status_of(&world.shell, pid).await;
            }
        }
        assert_eq!(seen, [vec![Pid(1)], pids].concat());
    });
}

#[test]
fn a_process_that_has_ended_leaves_proc() {
    let world = World::new();
    world.program("/bin/sleep", sleep_for_ever);
    block_on(async {
        let pid = spawn(&world.shell, "/bin/sleep", &[(0, 0)]);
        let dir = format!("/proc/{pid}");
        let fd = open(&world.shell, &dir, DIRECTORY).unwrap();
        let status = open(&world.shell, &format!("{dir}/status"), READ).unwrap();
        let before = world.shell.fd_stat(status).unwrap();
        world.shell.chdir(At::Cwd, dir.as_bytes()).unwrap();
        world.shell.kill(kernel::KillTarget::Pid(pid), Some(base::Signal::KILL)).unwrap();
        while world.kernel.n_jobs() > 0 {
            tokio::task::yield_now().await;
        }
        // Nobody has waited for it: it is a zombie, without descriptors, directory and program.
        assert!(text(&world, &format!("{dir}/status")).unwrap().contains("State:\tZ (zombie)\n"));
        assert_eq!(names(&world, &format!("{dir}/fd")), Vec::<String>::new());
        assert_eq!(link(&world, &format!("{dir}/cwd")), Err(Errno::ENOENT));
        assert_eq!(link(&world, &format!("{dir}/exe")), Err(Errno::ENOENT));
        assert_eq!(text(&world, &format!("{dir}/cmdline")).as_deref(), Ok(""));
        wait(&world.shell, WaitFor::Any).await.unwrap();
        assert_eq!(ino(&world, &dir), Err(Errno::ENOENT));
        assert_eq!(world.shell.read_dir_after(fd, 0, 9), Err(Errno::ENOENT));
        assert_eq!(world.shell.stat(At::Fd(fd), b"status", Follow::Yes), Err(Errno::ENOENT));
        assert_eq!(world.shell.getcwd(), Err(Errno::ENOENT));
        assert_eq!(ino(&world, "comm"), Err(Errno::ENOENT));
        // What was opened before still holds what it held then.
        assert!(read_now(&world.shell, status, 4096).unwrap().starts_with(b"Name:\tsleep\n"));
        assert_eq!(world.shell.fd_stat(status).unwrap().ino, before.ino);
        world.check();
    });
}

#[test]
fn links_to_descriptors_say_what_is_open_and_lead_there() {
    let world = World::new();
    let shell = &world.shell;
    world.file("/tmp/f", b"content", 0o644);
    let file = open(shell, "/tmp/../tmp/f", CREATE).unwrap();
    let (reader, writer) = shell.pipe(3).unwrap();
    let null = open(shell, "/dev/null", READ).unwrap();
    let dir = open(shell, "/proc/self/fdinfo", READ).unwrap();
    let up = open(shell, "/proc/uptime", READ).unwrap();
    let text_of = |fd: u32| link(&world, &format!("/proc/self/fd/{fd}")).unwrap();
    assert_eq!(text_of(file), "/tmp/f");
    assert_eq!(text_of(null), "/dev/null");
    assert_eq!(text_of(dir), "/proc/1/fdinfo");
    assert_eq!(text_of(up), "/proc/uptime");
    assert!(text_of(reader).starts_with("pipe:["));
    assert_eq!(text_of(reader), text_of(writer));
    assert_ne!(text_of(reader), text_of(1));
    assert_eq!(shell.fd_stat(reader).unwrap().ino, shell.fd_stat(writer).unwrap().ino);
    assert_eq!(link(&world, &format!("/dev/fd/{file}")).unwrap(), "/tmp/f");
    let lstat = shell.stat(At::Cwd, format!("/dev/fd/{file}").as_bytes(), Follow::No).unwrap();
    assert_eq!((lstat.kind, lstat.size), (FileType::Symlink, 64));
    assert_eq!(shell.stat(At::Cwd, b"/dev/fd/99", Follow::No), Err(Errno::ENOENT));
    // A file is opened anew, a pipe is the same.
    let again = open(shell, &format!("/proc/self/fd/{file}"), READ).unwrap();
    assert_eq!(text_of(again), "/tmp/f");
    assert_eq!(read_now(shell, again, 3).unwrap(), b"con");
    assert_eq!(read_now(shell, file, 7).unwrap(), b"content");
    write_now(shell, writer, b"x").unwrap();
    let same = open(shell, &format!("/proc/1/fd/{reader}"), READ).unwrap();
    assert_eq!(read_now(shell, same, 9).unwrap(), b"x");
    assert_eq!(open(shell, &format!("/proc/1/fd/{reader}"), CREATE), Err(Errno::EACCES));
    let modes = |fd: u32| shell.stat(At::Cwd, format!("/proc/self/fd/{fd}").as_bytes(), Follow::No).unwrap().mode;
    assert_eq!([modes(file), modes(reader), modes(writer)], [0o700, 0o500, 0o300]);
    let followed = shell.stat(At::Cwd, format!("/proc/self/fd/{reader}").as_bytes(), Follow::Yes).unwrap();
    assert_eq!((followed.kind, followed.ino), (FileType::Fifo, shell.fd_stat(reader).unwrap().ino));
    // Without a name it is still there.
    shell.unlink(At::Cwd, b"/tmp/f").unwrap();
    assert_eq!(text_of(file), "/tmp/../tmp/f (deleted)");
    let unnamed = open(shell, &format!("/proc/self/fd/{file}"), READ).unwrap();
    assert_eq!(read_now(shell, unnamed, 9).unwrap(), b"content");
    let info = text(&world, &format!("/proc/self/fdinfo/{again}")).unwrap();
    assert!(info.starts_with("pos:\t3\nflags:\t0100000\n"), "{info}");
    world.check();
}

#[test]
fn self_is_who_asks_and_a_subshell_is_a_process_too() {
    let world = World::new();
    assert_eq!(link(&world, "/proc/self").as_deref(), Ok("1"));
    let inner = world.shell.enter_subshell().unwrap();
    assert_eq!(link(&world, "/proc/self"), Ok(inner.to_string()));
    world.shell.chdir(At::Cwd, b"/tmp").unwrap();
    assert_eq!(link(&world, "/proc/self/cwd").as_deref(), Ok("/tmp"));
    assert_eq!(link(&world, "/proc/1/cwd").as_deref(), Ok("/"));
    assert!(text(&world, "/proc/self/status").unwrap().contains("PPid:\t1\n"));
    assert!(names(&world, "/proc").contains(&inner.to_string()));
    world.shell.leave_subshell();
    assert_eq!(ino(&world, &format!("/proc/{inner}")), Err(Errno::ENOENT));
    world.check();
}

#[test]
fn a_program_is_started_by_a_path_through_proc_and_nothing_of_proc_is_one() {
    let world = World::new();
    world.program("/bin/true", succeed);
    world.shell.chdir(At::Cwd, b"/bin").unwrap();
    block_on(async {
        for path in ["/proc/self/cwd/true", "/proc/1/root/bin/true", "./true"] {
            let pid = spawn(&world.shell, path, &[]);
            assert_eq!(link(&world, &format!("/proc/{pid}/exe")).as_deref(), Ok("/bin/true"), "{path}");
            assert_eq!(status_of(&world.shell, pid).await, kernel::WaitStatus::Exited(0));
        }
        for path in ["/proc/uptime", "/proc", "/proc/self/fd/0"] {
            assert_eq!(world.shell.spawn(request(path, &[])), Err(Errno::EACCES), "{path}");
        }
    });
}

#[test]
fn a_tree_without_the_directory_has_no_proc_and_a_rolled_back_one_has() {
    let world = World::new();
    let image = world.kernel.fork_tree();
    assert_eq!(image.lookup(Ino::ROOT, b"/proc/uptime", Follow::Yes), Err(Errno::ENOENT));
    let fd = open(&world.shell, "/proc/self/fd", DIRECTORY).unwrap();
    world.shell.chdir(At::Cwd, b"/proc/sys").unwrap();
    world.kernel.replace_tree(image.clone()).unwrap();
    assert!(text(&world, "/proc/uptime").is_ok());
    assert!(world.shell.read_dir_after(fd, 0, 9).is_ok());
    assert_eq!(world.shell.getcwd().as_deref(), Ok(&b"/proc/sys"[..]));
    let mut without: Tree = image;
    without.rmdir(Ino::ROOT, b"/proc", NOW).unwrap();
    world.kernel.replace_tree(without).unwrap();
    assert_eq!(text(&world, "/proc/uptime"), Err(Errno::ENOENT));
    assert_eq!(world.shell.getcwd(), Err(Errno::ENOENT));
    world.check();
}
