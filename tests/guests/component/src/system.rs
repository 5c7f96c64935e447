//! Every function of `sandshell:program/system`. What it spawns writes its arguments and exits with 7 (the tests' launcher).

use crate::bindings::sandshell::program::system::*;
use crate::bindings::wasi::filesystem::types::{DescriptorFlags, OpenFlags, PathFlags};
use crate::root;

pub(crate) fn main() {
    files();
    descriptors();
    processes();
    if std::env::args().nth(1).as_deref() == Some("kill") {
        let me = i32::try_from(getpid().process).expect("a small number");
        kill(me, 15).expect("it ends here");
        unreachable!("a process that has killed itself goes no further");
    }
}

fn files() {
    let path = b"/tmp/f".as_slice();
    assert_eq!(umask(Some(0o027)), 0o022);
    assert_eq!(umask(None), 0o027);
    let file =
        root().open_at(PathFlags::empty(), "tmp/f", OpenFlags::CREATE, DescriptorFlags::WRITE).expect("a file is made");
    file.write(b"hello", 0).expect("room");
    let told = stat(path, true).expect("it is there");
    assert_eq!((told.kind, told.mode, told.links, told.size), (FileType::Regular, 0o640, 1, 5));
    assert!(told.blocks > 0 && told.modified > 1_000_000_000_000_000_000);
    chown(path, Some(7), None, true).expect("it is there");
    chmod(path, 0o4755, true).expect("it is there");
    let number = number(&file).expect("a descriptor");
    let told = fstat(number).expect("it is open");
    assert_eq!((told.mode, told.uid, told.gid), (0o4755, 7, 0));
    assert_eq!(chmod(path, 0o10000, true), Err(Errno::Einval));
    assert_eq!(chmod(b"/tmp/none", 0o644, true), Err(Errno::Enoent));
    assert_eq!((access(path, 7), access(path, 8)), (Ok(()), Err(Errno::Einval)));
    let space = statfs();
    assert!(space.block_size == 4096 && space.free_blocks <= space.blocks && space.name_max == 255);
    assert!(space.free_inodes < space.inodes);
    assert_eq!(getcwd().expect("it is there"), b"/root");
    chdir(b"/tmp").expect("it is there");
    assert_eq!(stat(b"f", true).expect("it is there").size, 5);
    assert_eq!(chdir(b"f"), Err(Errno::Enotdir));
}

fn descriptors() {
    assert_eq!(number(&root()), Err(Errno::Ebadf));
    let (reader, writer) = pipe().expect("a pipe");
    assert!(reader >= 3 && writer >= 3);
    let copy = dup(writer, 20).expect("room");
    assert_eq!(copy, 20);
    assert_eq!((close(writer), close(writer)), (Ok(()), Err(Errno::Ebadf)));
    write_via_stream(copy).expect("open").blocking_write_and_flush(b"abc").expect("room");
    assert_eq!(read_via_stream(reader).expect("open").read(9).expect("open"), b"abc");
    assert_eq!(read_via_stream(copy).err(), Some(Errno::Ebadf));
    assert_eq!(write_via_stream(reader).err(), Some(Errno::Ebadf));
    assert_eq!(read_via_stream(99).err(), Some(Errno::Ebadf));
    assert_eq!(fstat(reader).expect("open").kind, FileType::Fifo);
    assert_eq!((isatty(0), isatty(99)), (Ok(false), Err(Errno::Ebadf)));
    assert_eq!(winsize().err(), Some(Errno::Enotty));
    assert_eq!((close(copy), close(reader)), (Ok(()), Ok(())));
}

fn processes() {
    let me = getpid();
    let (reader, writer) = pipe().expect("a pipe");
    let request = SpawnRequest {
        path: b"true".to_vec(),
        argv: [&b"true"[..], b"one", b"two"].map(<[u8]>::to_vec).into(),
        env: vec![b"PATH=/usr/bin:/bin".to_vec()],
        fds: vec![FdMapping { child: 1, parent: writer }],
        flags: SpawnFlags::SEARCH_PATH | SpawnFlags::INHERIT_STANDARD,
    };
    let child = spawn(&request).expect("it is found");
    close(writer).expect("open");
    assert!(processes_listed(me.process) && processes_listed(child));
    let (ended, status) = wait(Some(child), false).expect("a child").expect("it ended");
    assert!(ended == child && matches!(status, WaitStatus::Exited(7)));
    assert_eq!(wait(Some(child), true).err(), Some(Errno::Echild));
    let output = read_via_stream(reader).expect("open").blocking_read(100).expect("what it wrote");
    assert_eq!(output, b"true one two");
    close(reader).expect("open");
    assert_eq!(spawn(&SpawnRequest { path: b"/bin/none".to_vec(), ..request }).err(), Some(Errno::Enoent));
    sigaction(15, Disposition::Ignore).expect("a signal that can be ignored");
    kill(i32::try_from(me.process).expect("a small number"), 15).expect("it is ignored");
    sigaction(15, Disposition::Default).expect("a signal");
    assert_eq!(sigaction(9, Disposition::Ignore), Err(Errno::Einval));
    assert_eq!(kill(9_999, 0), Err(Errno::Esrch));
    assert_eq!(kill(1, 300), Err(Errno::Einval));
}

fn processes_listed(process: Pid) -> bool {
    crate::bindings::sandshell::program::system::processes().iter().any(|row| row.process == process)
}
