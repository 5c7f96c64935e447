//! What the files of /proc say: the session's values in Linux's formats.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use std::time::Duration;

use base::{Errno, Limits, Pid};
use kernel::{At, Resource, SpawnRequest, WaitFor, WaitStatus, Whence};
use vfs::Follow;

use crate::common::*;

fn text(world: &World, path: &str) -> String {
    let fd = open(&world.shell, path, READ).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut all = Vec::new();
    loop {
        // Small pieces: offsets count as in any file.
        let piece = read_now(&world.shell, fd, 7).unwrap();
        if piece.is_empty() {
            break;
        }
        all.extend(piece);
    }
    world.shell.close(fd).unwrap();
    String::from_utf8(all).unwrap()
}

/// The value of a line `NAME: VALUE`.
fn line(text: &str, name: &str) -> String {
    let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    found.unwrap_or_else(|| panic!("{name} in {text}")).trim().to_owned()
}

#[test]
fn a_process_is_told_by_its_files() {
    let world = World::new();
    world.program("/bin/sleeping-for-a-long-time", sleep_for_ever);
    world.clock.advance(Duration::from_millis(12_340));
    block_on(async {
        let pid = world
            .shell
            .spawn(SpawnRequest {
                path: b"/bin/../bin/sleeping-for-a-long-time".to_vec(),
                argv: vec![b"sleep".to_vec(), b"a b".to_vec(), Vec::new()],
                env: vec![b"A=1".to_vec(), b"B=2".to_vec()],
                fds: vec![(0, 0), (1, 1)],
                ..SpawnRequest::default()
            })
            .unwrap();
        let file = |name: &str| text(&world, &format!("/proc/{pid}/{name}"));
        assert_eq!(file("comm"), "sleeping-for-a-\n");
        assert_eq!(file("cmdline"), "sleep\0a b\0\0");
        assert_eq!(file("environ"), "A=1\0B=2\0");
        let status = file("status");
        let expected = [
            ("Name", "sleeping-for-a-"),
            ("Umask", "0022"),
            ("State", "R (running)"),
            ("Pid", &pid.to_string()),
            ("PPid", "1"),
            ("Uid", "0\t0\t0\t0"),
            ("Threads", "1"),
            ("NSpgid", "1"),
        ];
        for (name, value) in expected {
            assert_eq!(line(&status, name), value);
        }
        let stat = file("stat");
        let (head, tail) = stat.rsplit_once(") ").unwrap();
        assert_eq!(head, format!("{pid} (sleeping-for-a-"));
        let fields: Vec<&str> = tail.split_whitespace().collect();
        assert_eq!(fields.len(), 50, "{stat}");
        assert_eq!(fields[..4], ["R", "1", "1", "1"]);
        assert_eq!(fields[19], "1234", "ticks from the boot to its start");
        assert_eq!(file("statm").split_whitespace().count(), 7);
        let exe = world.shell.read_link(At::Cwd, format!("/proc/{pid}/exe").as_bytes());
        assert_eq!(exe.as_deref(), Ok(&b"/bin/sleeping-for-a-long-time"[..]));
        world.shell.unlink(At::Cwd, b"/bin/sleeping-for-a-long-time").unwrap();
        let exe = world.shell.read_link(At::Cwd, format!("/proc/{pid}/exe").as_bytes());
        assert!(exe.unwrap().ends_with(b" (deleted)"));
    });
}

#[test]
fn sizes_are_zero_and_modes_are_those_of_linux() {
    let world = World::new();
    let mode = |path: &str| {
        let stat = world.shell.stat(At::Cwd, path.as_bytes(), Follow::No).unwrap();
        assert!(stat.size == 0 || path.contains("/fd/"), "{path}");
        stat.mode
    };
    assert_eq!(
        [mode("/proc"), mode("/proc/1"), mode("/proc/sys/kernel"), mode("/proc/1/fd")],
        [0o555, 0o555, 0o555, 0o500]
    );
    assert_eq!([mode("/proc/uptime"), mode("/proc/1/status"), mode("/proc/1/environ")], [0o444, 0o444, 0o400]);
    assert_eq!([mode("/proc/self"), mode("/proc/1/exe"), mode("/proc/1/fd/1")], [0o777, 0o777, 0o300]);
    let fd = open(&world.shell, "/proc/uptime", READ).unwrap();
    let (open, named) =
        (world.shell.fd_stat(fd).unwrap(), world.shell.stat(At::Cwd, b"/proc/uptime", Follow::Yes).unwrap());
    assert_eq!(open, named);
    let root = world.shell.stat(At::Cwd, b"/proc", Follow::Yes).unwrap();
    assert_eq!(root.nlink, 2 + 1 + 1, "itself, sys and one process");
}

#[test]
fn time_is_the_sessions_and_a_file_is_made_anew_when_it_is_read_from_the_start() {
    let world = World::new();
    let fd = open(&world.shell, "/proc/uptime", READ).unwrap();
    assert_eq!(read_now(&world.shell, fd, 99).unwrap(), b"0.00 0.00\n");
    world.clock.advance(Duration::from_millis(61_250));
    world.shell.add_cpu(1_250_000_000);
    assert_eq!(read_now(&world.shell, fd, 99).unwrap(), b"");
    assert_eq!(world.shell.seek(fd, 0, Whence::Set), Ok(0));
    assert_eq!(read_now(&world.shell, fd, 99).unwrap(), b"61.25 60.00\n");
    let stat = text(&world, "/proc/stat");
    assert!(stat.starts_with("cpu  125 0 0 6000 0 0 0 0 0 0\ncpu0 125 0 0 6000 0 0 0 0 0 0\n"), "{stat}");
    assert!(stat.contains("\nbtime 1700000000\n"), "{stat}");
    assert!(text(&world, "/proc/loadavg").ends_with(" 1/1 1\n"));
    world.check();
}

#[test]
fn memory_and_limits_are_the_sessions() {
    let limits = Limits {
        memory_session_bytes: 64 << 20,
        memory_process_bytes: 32 << 20,
        fds_per_process: 77,
        processes: 9,
        ..Limits::default()
    };
    let world = World::with_limits(limits);
    let account = world.shell.memory_account();
    assert!(account.grow(3 << 20));
    let meminfo = text(&world, "/proc/meminfo");
    assert_eq!(line(&meminfo, "MemTotal"), "65536 kB");
    assert_eq!(line(&meminfo, "MemFree"), "62464 kB");
    let status = text(&world, "/proc/self/status");
    assert_eq!((line(&status, "VmRSS"), line(&status, "VmPeak")), ("3072 kB".to_owned(), "3072 kB".to_owned()));
    drop(account);
    assert_eq!(line(&text(&world, "/proc/self/status"), "VmRSS"), "0 kB");
    assert_eq!(world.shell.usage().memory_peak_bytes, 3 << 20);
    let limits = text(&world, "/proc/self/limits");
    let row = |name: &str| {
        limits
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap()
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(row("Max open files")[3..5], ["77", "77"]);
    assert_eq!(row("Max processes")[2..4], ["9", "9"]);
    assert_eq!(row("Max address space")[3..5], ["33554432", "33554432"]);
    assert!(limits.lines().all(|line| line.len() == 25 + 1 + 20 + 1 + 20 + 1 + 10), "{limits}");
    world.shell.set_resource_limit(Resource::OpenFiles, 20, 30).unwrap();
    assert!(text(&world, "/proc/self/limits").contains("Max open files            20                   30 "));
    assert!(
        text(&world, "/proc/self/mounts")
            .starts_with("tmpfs / tmpfs rw,relatime,size=262144k,nr_inodes=200000 0 0\nproc /proc proc ro,")
    );
}

#[test]
fn bytes_and_calls_are_counted_for_each_process() {
    let world = World::new();
    world.program("/bin/writer", |spec| async move {
        for _ in 0..3 {
            write(&spec.process, 1, b"12345").await.unwrap();
        }
        sleep_for_ever(spec).await
    });
    block_on(async {
        let (reader, writer) = world.shell.pipe(3).unwrap();
        let pid = spawn(&world.shell, "/bin/writer", &[(1, writer)]);
        assert_eq!(read(&world.shell, reader, 15).await.unwrap().len(), 15);
        let io = text(&world, &format!("/proc/{pid}/io"));
        assert!(io.starts_with("rchar: 0\nwchar: 15\nsyscr: 0\nsyscw: 3\n"), "{io}");
        let before = world.shell.usage();
        assert!(before.read_bytes >= 15);
        world.shell.settle_fuel(1000);
        assert_eq!((world.shell.usage().fuel, world.run.meter().consumed()), (1000, 1000));
    });
}

#[test]
fn the_names_of_the_machine_are_the_sessions() {
    let world = World::new();
    assert_eq!(text(&world, "/proc/sys/kernel/hostname"), "sandshell\n");
    assert!(world.kernel.set_host_name("box-7.example"));
    assert_eq!(text(&world, "/proc/sys/kernel/hostname"), "box-7.example\n");
    for name in ["", "a b", "a/b", "é", &"x".repeat(65)] {
        assert!(!world.kernel.set_host_name(name), "{name}");
    }
    assert_eq!(text(&world, "/proc/sys/kernel/ostype"), "Linux\n");
    let release = text(&world, "/proc/sys/kernel/osrelease");
    assert!(text(&world, "/proc/version").contains(release.trim()));
    let (one, two) = (text(&world, "/proc/sys/kernel/random/uuid"), text(&world, "/proc/sys/kernel/random/uuid"));
    assert_ne!(one, two);
    let boot = text(&world, "/proc/sys/kernel/random/boot_id");
    assert_eq!(boot, text(&world, "/proc/sys/kernel/random/boot_id"));
    for uuid in [one, two, boot] {
        assert_eq!(uuid.len(), 37);
        assert_eq!(uuid.as_bytes()[14], b'4', "{uuid}");
    }
}

#[test]
fn the_shell_is_process_one_with_the_environment_it_was_given() {
    let world = World::new();
    assert_eq!(text(&world, "/proc/1/cmdline"), "bash\0");
    world.kernel.set_shell_environment(&[b"HOME=/root".to_vec()]);
    assert_eq!(text(&world, "/proc/self/environ"), "HOME=/root\0");
    world.shell_stage(sleep_for_ever);
    block_on(async {
        let stage =
            world.shell.spawn_shell(bytes::Bytes::new(), bytes::Bytes::new(), vec![], kernel::ChildGroup::New).unwrap();
        assert_eq!(text(&world, &format!("/proc/{stage}/environ")), "HOME=/root\0");
        assert_eq!(text(&world, &format!("/proc/{stage}/comm")), "bash\n");
        world.check();
    });
}

#[test]
fn a_lowered_limit_holds_for_the_process_and_what_it_starts() {
    let world = World::new();
    let shell = &world.shell;
    assert_eq!(shell.resource_limit(Resource::OpenFiles), (1024, 1024));
    assert_eq!(shell.set_resource_limit(Resource::OpenFiles, 4, 2048), Err(Errno::EPERM));
    assert_eq!(shell.set_resource_limit(Resource::OpenFiles, 9, 8), Err(Errno::EINVAL));
    let inner = shell.enter_subshell();
    assert!(inner.is_ok());
    assert_eq!(shell.set_resource_limit(Resource::OpenFiles, 4, 8), Ok(()));
    assert_eq!(open(shell, "/tmp", READ), Ok(3));
    assert_eq!(open(shell, "/tmp", READ), Err(Errno::EMFILE));
    assert_eq!(shell.dup(0, 0), Err(Errno::EMFILE));
    assert_eq!(shell.pipe(0), Err(Errno::EMFILE));
    world.program("/bin/opens", |spec| async move {
        let opened = (0..9).filter(|_| open(&spec.process, "/tmp", READ).is_ok()).count();
        WaitStatus::Exited(u8::try_from(opened).unwrap())
    });
    block_on(async {
        let pid = spawn(shell, "/bin/opens", &[]);
        assert_eq!(status_of(shell, pid).await, WaitStatus::Exited(1), "3 alone is at or above 3 and below 4");
        assert_eq!(shell.set_resource_limit(Resource::Processes, 2, 2), Ok(()));
        world.program("/bin/sleep", sleep_for_ever);
        let one = spawn(shell, "/bin/sleep", &[]);
        assert_eq!(shell.spawn(request("/bin/sleep", &[])), Err(Errno::EAGAIN));
        assert_ne!(one, Pid(1));
    });
    shell.leave_subshell();
    assert_eq!(shell.resource_limit(Resource::OpenFiles), (1024, 1024));
    assert_eq!(shell.set_resource_limit(Resource::OpenFiles, 10, 10), Ok(()));
    let _next = begin(&world.kernel, kernel::Stdin::Empty);
    assert_eq!(shell.resource_limit(Resource::OpenFiles), (1024, 1024), "each run begins with the session's");
    let _ = shell.try_wait(WaitFor::Any);
    world.check();
}

#[test]
fn a_file_grows_no_further_than_its_limit() {
    let world = World::new();
    let shell = &world.shell;
    shell.set_resource_limit(Resource::FileSize, 10, 20).unwrap();
    let fd = open(shell, "/tmp/f", CREATE).unwrap();
    assert_eq!(write_now(shell, fd, b"123456"), Ok(6));
    assert_eq!(write_now(shell, fd, b"123456"), Ok(4));
    assert_eq!(write_now(shell, fd, b"1"), Err(Errno::EFBIG));
    assert_eq!(shell.pwrite(fd, b"xx", 9), Ok(1));
    assert_eq!(shell.append(fd, b"x"), Err(Errno::EFBIG));
    assert_eq!(shell.fd_truncate(fd, 11), Err(Errno::EFBIG));
    assert_eq!(shell.fd_truncate(fd, 10), Ok(()));
    assert_eq!(world.content("/tmp/f"), b"123456123x");
    assert_eq!(shell.set_resource_limit(Resource::FileSize, 20, 20), Ok(()));
    assert_eq!(shell.append(fd, b"x"), Ok(1));
}

#[test]
fn a_process_has_no_more_memory_than_its_limit() {
    let world = World::new();
    world.shell.set_resource_limit(Resource::Memory, 1 << 20, 1 << 20).unwrap();
    let account = world.shell.memory_account();
    assert!(!account.grow((1 << 20) + 1));
    assert!(account.grow(1 << 20));
}
