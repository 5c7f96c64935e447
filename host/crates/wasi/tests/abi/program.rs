//! The functions of `sandshell_v1`.

use base::{Errno, Pid, Signal};
use kernel::{Disposition, WaitStatus};
use sandshell_wasi::GuestExit;

use crate::fixture::{Arg, CREATE, Fixture, OUT, READ, ROOT_FD, WRITE, args};

const BUFFER: u32 = 8192;

/// The mode a path has.
fn mode(guest: &mut Fixture, path: &str, follow: u32) -> u32 {
    let [at, len] = guest.path(path);
    guest.ok("stat", &args![at, len, follow, OUT]);
    guest.u32(OUT + 8)
}

#[test]
fn the_working_directory_is_where_relative_paths_start() {
    let mut guest = Fixture::new();
    let [at, len] = guest.path("/tmp/../tmp");
    guest.ok("chdir", &args![at, len]);
    guest.ok("getcwd", &args![BUFFER, 4u32, OUT]);
    assert_eq!((guest.u32(OUT), guest.get(BUFFER, 5)), (4, b"/tmp\0".to_vec()));
    guest.fails("getcwd", &args![BUFFER, 3u32, OUT], Errno::ERANGE);
    assert_eq!(guest.u32(OUT), 4);
    guest.open("tmp/f", CREATE, WRITE);
    assert_eq!(mode(&mut guest, "f", 1), 0o100_644);
    let [at, len] = guest.path("f");
    guest.fails("chdir", &args![at, len], Errno::ENOTDIR);
    guest.fails("chdir", &args![at, 5000u32], Errno::ENAMETOOLONG);
}

#[test]
fn modes_owners_and_the_mask_are_posix() {
    let mut guest = Fixture::new();
    guest.ok("umask", &args![0o077u32, OUT]);
    assert_eq!(guest.u32(OUT), 0o022);
    guest.ok("umask", &args![u32::MAX, OUT]);
    assert_eq!(guest.u32(OUT), 0o077);
    guest.open("tmp/f", CREATE, WRITE);
    assert_eq!(mode(&mut guest, "/tmp/f", 1), 0o100_600);
    let [at, len] = guest.path("/tmp/f");
    guest.fails("access", &args![at, len, 1u32], Errno::EACCES);
    guest.ok("chmod", &args![at, len, 0o4751u32, 1u32]);
    guest.ok("access", &args![at, len, 7u32]);
    guest.fails("access", &args![at, len, 8u32], Errno::EINVAL);
    guest.fails("chmod", &args![at, len, 0o10000u32, 1u32], Errno::EINVAL);
    assert_eq!(mode(&mut guest, "/tmp/f", 1), 0o104_751);
    guest.ok("chown", &args![at, len, 5u32, u32::MAX, 1u32]);
    guest.ok("stat", &args![at, len, 1u32, OUT]);
    assert_eq!((guest.u32(OUT + 16), guest.u32(OUT + 20)), (5, 0));
}

#[test]
fn stat_tells_kinds_with_linuxs_numbers() {
    let mut guest = Fixture::new();
    assert_eq!(mode(&mut guest, "/tmp", 1) & 0o170_000, 0o040_000);
    assert_eq!(mode(&mut guest, "/dev/null", 1), 0o020_666);
    assert_eq!(guest.u64(OUT + 56), 1 << 8 | 3);
    guest.ok("fstat", &args![1u32, OUT]);
    assert_eq!(guest.u32(OUT + 8) & 0o170_000, 0o010_000);
    guest.ok("fstat", &args![ROOT_FD, OUT]);
    assert_eq!(guest.u32(OUT + 8) & 0o170_000, 0o040_000);
    guest.fails("fstat", &args![99u32, OUT], Errno::EBADF);
    let file = guest.open("tmp/f", CREATE, WRITE);
    assert_eq!(guest.write(file, b"0123456789"), 10);
    guest.ok("fstat", &args![file, OUT]);
    assert_eq!((guest.u32(OUT + 12), guest.u64(OUT + 24)), (1, 10));
    assert!(guest.u64(OUT + 64) >= 1);
}

#[test]
fn the_file_system_tells_its_room() {
    let mut guest = Fixture::new();
    guest.ok("statfs", &args![OUT]);
    let limits = base::Limits::default();
    assert_eq!((guest.u64(OUT), guest.u64(OUT + 8)), (4096, limits.footprint_bytes / 4096));
    assert!(guest.u64(OUT + 16) <= guest.u64(OUT + 8));
    assert_eq!((guest.u64(OUT + 24), guest.u64(OUT + 40)), (limits.inodes, 255));
}

#[test]
fn descriptors_are_duplicated_and_piped() {
    let mut guest = Fixture::new();
    guest.ok("pipe", &args![OUT]);
    let (reader, writer) = (guest.u32(OUT), guest.u32(OUT + 4));
    guest.ok("dup", &args![writer, 20u32, OUT]);
    assert_eq!(guest.u32(OUT), 20);
    assert_eq!(guest.write(20, b"through"), 7);
    assert_eq!(guest.read(reader, 100), b"through");
    guest.ok("isatty", &args![reader, OUT]);
    assert_eq!(guest.u32(OUT), 0);
    guest.fails("isatty", &args![99u32, OUT], Errno::EBADF);
    guest.fails("winsize", &args![OUT], Errno::ENOTTY);
    guest.fails("dup", &args![99u32, 0u32, OUT], Errno::EBADF);
    guest.fails("dup", &args![1u32, u32::MAX, OUT], Errno::EINVAL);
    let before = guest.process.open_fds();
    guest.fails("pipe", &args![u32::MAX - 4], Errno::EFAULT);
    assert_eq!(guest.process.open_fds(), before);
}

/// Puts a spawn request and answers its two arguments.
fn request(guest: &mut Fixture, path: &str, argv: &[&str], env: &[&str], fds: &[(u32, u32)], flags: u32) -> [Arg; 2] {
    let len = |n: usize| u32::try_from(n).expect("small").to_le_bytes();
    let string = |text: &str| [&len(text.len())[..], text.as_bytes()].concat();
    let mut bytes = string(path);
    for list in [argv, env] {
        bytes.extend(len(list.len()));
        list.iter().for_each(|text| bytes.extend(string(text)));
    }
    bytes.extend(len(fds.len()));
    fds.iter().for_each(|(child, own)| bytes.extend([child.to_le_bytes(), own.to_le_bytes()].concat()));
    bytes.extend(flags.to_le_bytes());
    guest.put(BUFFER, &bytes);
    args![BUFFER, u32::try_from(bytes.len()).expect("small")]
}

#[test]
fn a_spawned_program_gets_what_the_request_says_and_is_waited_for() {
    let mut guest = Fixture::new();
    guest.ok("sigaction", &args![2u32, 1u32]);
    let [at, len] = request(&mut guest, "true", &["t", "-x"], &["A=1", "PATH=/none:/bin"], &[(5, 1)], 1 | 2 | 4);
    guest.ok("spawn", &args![at, len, OUT]);
    let pid = guest.u32(OUT);
    let spec = guest.launcher.take();
    assert_eq!((spec.argv, spec.env.len()), (vec![b"t".to_vec(), b"-x".to_vec()], 2));
    assert_eq!(spec.process.open_fds(), [0, 1, 2, 5]);
    assert_eq!(spec.process.group(), Pid(pid));
    assert_eq!(spec.process.disposition(Signal::INT), Disposition::Ignore);
    guest.ok("wait", &args![pid, 1u32, OUT]);
    assert_eq!(guest.u32(OUT), 0);
    let answer = guest.call_while("wait", &args![pid, 0u32, OUT], async move {
        spec.process.exit(WaitStatus::Exited(9));
    });
    assert_eq!(answer, Ok(0));
    assert_eq!([guest.u32(OUT), guest.u32(OUT + 4), guest.u32(OUT + 8)], [pid, 0, 9]);
    guest.fails("wait", &args![0u32, 0u32, OUT], Errno::ECHILD);
    guest.fails("wait", &args![0u32, 4u32, OUT], Errno::EINVAL);
}

#[test]
fn a_killed_child_reports_its_signal() {
    let mut guest = Fixture::new();
    let [at, len] = request(&mut guest, "/bin/false", &["false"], &[], &[], 0);
    guest.ok("spawn", &args![at, len, OUT]);
    let pid = guest.u32(OUT);
    let child = guest.launcher.take().process;
    guest.ok("kill", &args![pid, 0u32]);
    guest.ok("kill", &args![pid, 9u32]);
    assert_eq!(child.interruption(), Some(kernel::Interruption::Die(Signal::KILL)));
    child.exit(WaitStatus::Signalled(Signal::KILL));
    guest.ok("wait", &args![0u32, 0u32, OUT]);
    assert_eq!([guest.u32(OUT), guest.u32(OUT + 4), guest.u32(OUT + 8)], [pid, 1, 9]);
    guest.fails("kill", &args![99_999u32, 15u32], Errno::ESRCH);
    guest.fails("kill", &args![pid, 300u32], Errno::EINVAL);
}

#[test]
fn what_cannot_be_started_says_why() {
    let mut guest = Fixture::new();
    let check = |guest: &mut Fixture, path: &str, fds: &[(u32, u32)], flags: u32, errno: Errno| {
        let [at, len] = request(guest, path, &["x"], &["PATH=/bin"], fds, flags);
        guest.fails("spawn", &args![at, len, OUT], errno);
    };
    check(&mut guest, "/bin/none", &[], 0, Errno::ENOENT);
    check(&mut guest, "none", &[], 1, Errno::ENOENT);
    check(&mut guest, "/tmp", &[], 0, Errno::EACCES);
    check(&mut guest, "/bin/true", &[(0, 99)], 0, Errno::EBADF);
    check(&mut guest, "/bin/true", &[], 64, Errno::EINVAL);
    guest.fails("spawn", &args![BUFFER, 3u32 << 20, OUT], Errno::E2BIG);
    guest.fails("spawn", &args![BUFFER, 3u32, OUT], Errno::EINVAL);
    let [at, len] = request(&mut guest, "/bin/true", &["x"], &[], &[], 0);
    guest.fails("spawn", &args![at, len, u32::MAX], Errno::EFAULT);
    assert_eq!(guest.kernel.n_jobs(), 1, "nothing was started");
}

#[test]
fn a_process_knows_itself_and_the_others() {
    let mut guest = Fixture::new();
    guest.ok("getpid", &args![OUT]);
    let own = guest.process.pid().0;
    assert_eq!([guest.u32(OUT), guest.u32(OUT + 4)], [own, 1]);
    guest.process.add_cpu(123);
    guest.fails("processes", &args![BUFFER, 10u32, OUT], Errno::ERANGE);
    let needed = guest.u32(OUT);
    guest.ok("processes", &args![BUFFER, needed, OUT]);
    let rows = guest.get(BUFFER, needed);
    let half = |at: usize| u32::from_le_bytes(rows[at..at + 4].try_into().expect("four"));
    assert_eq!((half(0), half(24), &rows[28..32]), (1, 4, &b"bash"[..]));
    assert_eq!((half(32), half(36), half(44), half(48)), (own, 1, 0, 123));
}

#[test]
fn a_signal_to_oneself_ends_the_call_for_good() {
    let mut guest = Fixture::new();
    guest.ok("sigaction", &args![15u32, 1u32]);
    let own = guest.process.pid().0;
    guest.ok("kill", &args![own, 15u32]);
    guest.ok("sigaction", &args![15u32, 0u32]);
    assert_eq!(guest.try_call("kill", &args![own, 15u32]), Err(GuestExit::Signalled(Signal::TERM)));
    guest.fails("sigaction", &args![9u32, 1u32], Errno::EINVAL);
    guest.fails("sigaction", &args![65u32, 1u32], Errno::EINVAL);
    guest.fails("sigaction", &args![15u32, 3u32], Errno::EINVAL);
}

#[test]
fn a_descriptor_opened_for_reading_is_found_by_the_child_under_its_number() {
    let mut guest = Fixture::new();
    let file = guest.open("tmp/f", CREATE, READ | WRITE);
    assert_eq!(guest.write(file, b"shared"), 6);
    guest.ok("fd_seek", &args![file, 0u64, 0u32, OUT]);
    let [at, len] = request(&mut guest, "/bin/true", &["x"], &[], &[(0, file)], 4);
    guest.ok("spawn", &args![at, len, OUT]);
    let child = guest.launcher.take().process;
    let mut buffer = [0; 3];
    assert_eq!(child.try_read(0, &mut buffer), Ok(kernel::TryIo::Done(3)));
    // The offset is the description's, which both share.
    assert_eq!(guest.read(file, 10), b"red");
}
