//! Descriptors and descriptions: sharing, offsets, limits, devices, here-documents, captures, /dev/fd.

use crate::common::*;
use base::{Errno, Limits};
use bytes::Bytes;
use kernel::{At, FileType, OpenFlags, TryIo, WaitStatus, Whence};
use vfs::Follow;

#[test]
fn dup_and_spawn_share_one_offset_and_a_second_open_has_its_own() {
    let world = World::new();
    world.file("/data", b"abcdefgh", 0o644);
    world.program("/bin/take2", |spec| async move {
        assert_eq!(read(&spec.process, 0, 2).await.unwrap().len(), 2);
        WaitStatus::Exited(0)
    });
    block_on(async {
        let fd = open(&world.shell, "/data", READ).unwrap();
        let copy = world.shell.dup(fd, 0).unwrap();
        let other = open(&world.shell, "/data", READ).unwrap();
        assert_eq!(read_now(&world.shell, fd, 2), Ok(b"ab".to_vec()));
        assert_eq!(read_now(&world.shell, copy, 2), Ok(b"cd".to_vec()));
        let child = spawn(&world.shell, "/bin/take2", &[(0, fd)]);
        status_of(&world.shell, child).await;
        assert_eq!(read_now(&world.shell, fd, 9), Ok(b"gh".to_vec()));
        assert_eq!(read_now(&world.shell, other, 2), Ok(b"ab".to_vec()));
    });
    world.check();
}

#[test]
fn appending_writes_go_to_the_end_wherever_the_offset_is() {
    let world = World::new();
    let first = open(&world.shell, "/log", APPEND).unwrap();
    let second = open(&world.shell, "/log", APPEND).unwrap();
    write_now(&world.shell, first, b"one ").unwrap();
    write_now(&world.shell, second, b"two ").unwrap();
    world.shell.seek(first, 0, Whence::Set).unwrap();
    write_now(&world.shell, first, b"three").unwrap();
    assert_eq!(world.content("/log"), b"one two three");
    assert_eq!(world.shell.seek(first, 0, Whence::Current), Ok(13));
}

#[test]
fn seeking_counts_from_start_here_and_end_and_never_below_zero() {
    let world = World::new();
    world.file("/data", b"0123456789", 0o644);
    let fd = open(&world.shell, "/data", READ).unwrap();
    assert_eq!(world.shell.seek(fd, -3, Whence::End), Ok(7));
    assert_eq!(read_now(&world.shell, fd, 9), Ok(b"789".to_vec()));
    assert_eq!(world.shell.seek(fd, -4, Whence::Current), Ok(6));
    assert_eq!(world.shell.seek(fd, -7, Whence::Current), Err(Errno::EINVAL));
    assert_eq!(world.shell.seek(fd, i64::MAX, Whence::Current), Err(Errno::EINVAL));
    assert_eq!(world.shell.seek(fd, 20, Whence::Set), Ok(20));
    assert_eq!(read_now(&world.shell, fd, 9), Ok(Vec::new()));
    let (reader, _writer) = world.shell.pipe(10).unwrap();
    assert_eq!(world.shell.seek(reader, 0, Whence::Set), Err(Errno::ESPIPE));
}

#[test]
fn positioned_reads_and_writes_leave_the_offset() {
    let world = World::new();
    let fd = open(&world.shell, "/data", CREATE).unwrap();
    write_now(&world.shell, fd, b"hello").unwrap();
    assert_eq!(world.shell.pwrite(fd, b"J", 0), Ok(1));
    let mut buf = [0; 4];
    assert_eq!(world.shell.pread(fd, &mut buf, 1), Ok(4));
    assert_eq!(&buf, b"ello");
    write_now(&world.shell, fd, b"!").unwrap();
    assert_eq!(world.content("/data"), b"Jello!");
}

#[test]
fn a_descriptor_answers_only_for_what_it_was_opened() {
    let world = World::new();
    world.file("/data", b"x", 0o644);
    let reader = open(&world.shell, "/data", READ).unwrap();
    let writer = open(&world.shell, "/data", OpenFlags { write: true, ..OpenFlags::default() }).unwrap();
    assert_eq!(world.shell.try_write(reader, b"y"), Err(Errno::EBADF));
    assert_eq!(world.shell.try_read(writer, &mut [0; 1]), Err(Errno::EBADF));
    assert_eq!(world.shell.try_read(99, &mut [0; 1]), Err(Errno::EBADF));
    assert_eq!(world.shell.close(99), Err(Errno::EBADF));
    let dir = open(&world.shell, "/tmp", READ).unwrap();
    assert_eq!(world.shell.try_read(dir, &mut [0; 1]), Err(Errno::EISDIR));
    assert_eq!(open(&world.shell, "/tmp", CREATE), Err(Errno::EISDIR));
    assert_eq!(open(&world.shell, "/data", OpenFlags { directory: true, ..READ }), Err(Errno::ENOTDIR));
    assert_eq!(open(&world.shell, "/absent", READ), Err(Errno::ENOENT));
    assert_eq!(open(&world.shell, "/data", OpenFlags { exclusive: true, ..CREATE }), Err(Errno::EEXIST));
}

#[test]
fn the_limit_on_descriptors_is_emfile_and_nothing_is_made_or_cut() {
    let world = World::with_limits(Limits { fds_per_process: 5, ..Limits::default() });
    world.file("/data", b"keep", 0o644);
    let fd = open(&world.shell, "/data", READ).unwrap();
    assert_eq!(world.shell.pipe(0), Err(Errno::EMFILE), "only one number is left");
    open(&world.shell, "/data", READ).unwrap();
    assert_eq!(open(&world.shell, "/new", CREATE), Err(Errno::EMFILE));
    assert_eq!(open(&world.shell, "/new", READ), Err(Errno::EMFILE));
    assert_eq!(open(&world.shell, "/data", OpenFlags { truncate: true, ..CREATE }), Err(Errno::EMFILE));
    assert_eq!(world.content("/data"), b"keep");
    assert_eq!(world.shell.dup(fd, 0), Err(Errno::EMFILE));
    assert_eq!(world.shell.dup(fd, 5), Err(Errno::EINVAL));
    assert_eq!(world.shell.dup2(fd, 5), Err(Errno::EBADF));
    assert_eq!(world.shell.open_bytes(Bytes::from_static(b"x"), 0), Err(Errno::EMFILE));
    assert_eq!(world.shell.capture_begin(0), Err(Errno::EMFILE));
    world.shell.close(fd).unwrap();
    assert!(open(&world.shell, "/new", READ).is_err_and(|error| error == Errno::ENOENT));
    world.check();
}

#[test]
fn dup2_replaces_and_closes_what_was_there() {
    let world = World::new();
    let (reader, writer) = world.shell.pipe(10).unwrap();
    world.file("/data", b"x", 0o644);
    let fd = open(&world.shell, "/data", READ).unwrap();
    world.shell.dup2(fd, writer).unwrap();
    assert_eq!(read_now(&world.shell, reader, 1), Ok(Vec::new()), "the pipe's writer was closed");
    assert_eq!(world.shell.dup2(fd, fd), Ok(()));
    assert_eq!(world.shell.dup2(99, 4), Err(Errno::EBADF));
    world.shell.renumber(fd, 20).unwrap();
    assert_eq!(world.shell.open_fds(), [0, 1, 2, 10, 11, 20]);
    world.check();
}

#[test]
fn an_unlinked_file_lives_until_its_last_close() {
    let world = World::new();
    let before = world.kernel.with_tree(|tree| tree.usage());
    let fd = open(&world.shell, "/tmp/scratch", CREATE).unwrap();
    write_now(&world.shell, fd, b"still here").unwrap();
    world.shell.unlink(At::Cwd, b"/tmp/scratch").unwrap();
    assert_eq!(world.shell.fd_stat(fd).unwrap().nlink, 0);
    let copy = world.shell.dup(fd, 0).unwrap();
    world.shell.close(fd).unwrap();
    world.shell.seek(copy, 0, Whence::Set).unwrap();
    assert_eq!(read_now(&world.shell, copy, 99), Ok(b"still here".to_vec()));
    world.shell.close(copy).unwrap();
    let after = world.kernel.with_tree(|tree| tree.usage());
    assert_eq!((after.files, after.bytes), (before.files, before.bytes));
    world.check();
}

#[test]
fn a_here_document_reads_like_a_file_and_is_charged_while_open() {
    let world = World::new();
    let free = world.shell.statfs().free_bytes;
    let fd = world.shell.open_bytes(Bytes::from_static(b"one\ntwo\n"), 10).unwrap();
    assert_eq!((fd, world.shell.statfs().free_bytes), (10, free - 8));
    assert_eq!(world.shell.try_read_until(fd, b'\n', 99), Ok(TryIo::Done(b"one\n".to_vec())));
    assert_eq!(read_now(&world.shell, fd, 99), Ok(b"two\n".to_vec()));
    assert_eq!(read_now(&world.shell, fd, 99), Ok(Vec::new()));
    assert_eq!(world.shell.try_write(fd, b"x"), Err(Errno::EBADF));
    world.shell.close(fd).unwrap();
    assert_eq!(world.shell.statfs().free_bytes, free);
    world.check();
}

#[test]
fn reading_lines_of_a_file_moves_the_shared_offset_line_by_line() {
    let world = World::new();
    let long = [vec![b'x'; 10_000], b"\nlast".to_vec()].concat();
    world.file("/data", &long, 0o644);
    let fd = open(&world.shell, "/data", READ).unwrap();
    assert_eq!(world.shell.try_read_until(fd, b'\n', 1 << 30), Ok(TryIo::Done(long[..10_001].to_vec())));
    assert_eq!(world.shell.seek(fd, 0, Whence::Current), Ok(10_001));
    assert_eq!(world.shell.try_read_until(fd, b'\n', 3), Ok(TryIo::Done(b"las".to_vec())));
    assert_eq!(world.shell.try_read_until(fd, b'\n', 99), Ok(TryIo::Done(b"t".to_vec())));
    assert_eq!(world.shell.try_read_until(fd, b'\n', 99), Ok(TryIo::Done(Vec::new())));
}

#[test]
fn a_capture_ends_when_its_last_writer_is_gone() {
    let world = World::new();
    world.program("/bin/echo", |spec| async move {
        tokio::task::yield_now().await;
        write(&spec.process, 1, b"from the child").await.unwrap();
        WaitStatus::Exited(0)
    });
    block_on(async {
        let fd = world.shell.capture_begin(10).unwrap();
        write_now(&world.shell, fd, b"and ").unwrap();
        spawn(&world.shell, "/bin/echo", &[(1, fd)]);
        let end = world.shell.capture_end(fd).unwrap();
        assert_eq!(end.try_take(), None, "the child still writes");
        end.ended().await;
        assert_eq!(end.try_take(), Some(b"and from the child".to_vec()));
        assert_eq!(world.shell.try_write(fd, b"x"), Err(Errno::EBADF));
        assert_eq!(world.shell.capture_end(1).err(), Some(Errno::EINVAL));
        assert_eq!(world.shell.capture_end(fd).err(), Some(Errno::EBADF));
    });
    world.check();
}

#[test]
fn who_writes_to_an_abandoned_capture_gets_a_broken_pipe() {
    let world = World::new();
    let fd = world.shell.capture_begin(10).unwrap();
    let copy = world.shell.dup(fd, 10).unwrap();
    drop(world.shell.capture_end(fd).unwrap());
    assert_eq!(world.shell.try_write(copy, b"x"), Err(Errno::EPIPE));
    world.shell.close(copy).unwrap();
    world.check();
}

#[test]
fn captures_are_charged_to_the_footprint() {
    let world = World::with_limits(Limits { footprint_bytes: 100, ..Limits::default() });
    let fd = world.shell.capture_begin(10).unwrap();
    write_now(&world.shell, fd, &[1; 60]).unwrap();
    assert_eq!(world.shell.try_write(fd, &[1; 60]), Err(Errno::ENOSPC));
    world.check();
    let end = world.shell.capture_end(fd).unwrap();
    assert_eq!(end.try_take().unwrap().len(), 60);
    assert_eq!(world.shell.statfs().free_bytes, 100);
    world.check();
}

#[test]
fn devices_behave_as_their_names_say() {
    let world = World::new();
    let device = |name: &str| open(&world.shell, name, CREATE).unwrap();
    let (null, zero, full, random) =
        (device("/dev/null"), device("/dev/zero"), device("/dev/full"), device("/dev/urandom"));
    assert_eq!(read_now(&world.shell, null, 4), Ok(Vec::new()));
    assert_eq!(write_now(&world.shell, null, b"gone"), Ok(4));
    assert_eq!(read_now(&world.shell, zero, 4), Ok(vec![0; 4]));
    assert_eq!(world.shell.try_write(full, b"x"), Err(Errno::ENOSPC));
    let (first, second) = (read_now(&world.shell, random, 16).unwrap(), read_now(&world.shell, random, 16).unwrap());
    assert_ne!(first, second);
    let again = World::new();
    let random = open(&again.shell, "/dev/urandom", READ).unwrap();
    assert_eq!(read_now(&again.shell, random, 16), Ok(first), "equal seeds give equal bytes");
    assert_eq!(open(&world.shell, "/dev/tty", READ), Err(Errno::ENXIO));
    let stat = world.shell.stat(At::Cwd, b"/dev/null", Follow::Yes).unwrap();
    assert_eq!((stat.kind, stat.device), (FileType::CharDevice, 0x103));
    assert_eq!(
        world.shell.try_read_until(zero, b'\n', usize::MAX).map(|line| matches!(line, TryIo::Done(_))),
        Ok(true)
    );
}

#[test]
fn dev_fd_opens_pipes_as_the_same_description_and_files_anew() {
    let world = World::new();
    let (reader, writer) = world.shell.pipe(10).unwrap();
    let again = open(&world.shell, &format!("/dev/fd/{writer}"), OpenFlags { write: true, ..OpenFlags::default() });
    world.shell.close(writer).unwrap();
    write_now(&world.shell, again.unwrap(), b"through").unwrap();
    assert_eq!(read_now(&world.shell, reader, 99), Ok(b"through".to_vec()));
    let wrong_way = OpenFlags { write: true, ..OpenFlags::default() };
    assert_eq!(open(&world.shell, &format!("/dev/fd/{reader}"), wrong_way), Err(Errno::EACCES));

    world.file("/data", b"abc", 0o644);
    let file = open(&world.shell, "/data", READ).unwrap();
    read_now(&world.shell, file, 2).unwrap();
    let anew = open(&world.shell, &format!("/dev/fd/{file}"), READ).unwrap();
    assert_eq!(read_now(&world.shell, anew, 9), Ok(b"abc".to_vec()));

    assert_eq!(open(&world.shell, "/dev/fd/77", READ), Err(Errno::ENOENT));
    let stat = |path: &[u8]| world.shell.stat(At::Cwd, path, Follow::Yes).map(|stat| stat.kind);
    assert_eq!(stat(b"/dev/fd/77"), Err(Errno::ENOENT));
    assert_eq!(stat(format!("/dev/fd/{reader}").as_bytes()), Ok(FileType::Fifo));
    assert_eq!(stat(b"/dev/stdout"), Ok(FileType::Fifo));
    world.check();
}

#[test]
fn dev_stdout_redirected_to_a_run_output_keeps_writing_there() {
    let world = World::new();
    let fd = open(
        &world.shell,
        "/dev/stdout",
        OpenFlags { truncate: true, write: true, create: true, ..OpenFlags::default() },
    );
    write_now(&world.shell, fd.unwrap(), b"hello").unwrap();
    assert_eq!(world.run.output().stream(kernel::Stream::Stdout).into_bytes(), b"hello");
    let rows = world.shell.read_dir(At::Cwd, b"/dev/fd").unwrap();
    let names: Vec<_> = rows.into_iter().map(|row| row.name).collect();
    assert_eq!(names, [b"0", b"1", b"2", b"3"]);
}
