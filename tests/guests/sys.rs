//! A program of a user over the `sandshell-sys` crate: it calls every function and says which group of them holds.
//!
//! Run by `tests/sys_crate.rs` inside a session; it ends with 101 and Rust's message where one does not.

use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::time::Duration;

use sandshell_sys::{
    Access, Children, Command, Disposition, Errno, Fd, Kind, SetTime, Signal, Target, WaitStatus, access, arguments,
    change_directory, change_directory_to, change_mode, change_mode_of, change_owner, change_owner_of, cpu_times,
    disposition, duplicate, enter_working_directory, environment, file_system, group, is_terminal, kill, list, lstat,
    mask, niceness, own, parent, pipe, search_path, set_disposition, set_mask, set_times, stat, stat_of, take_pending,
    try_wait, wait, wait_for, window_size, working_directory,
};

fn fd(file: &File) -> Fd {
    Fd(file.as_raw_fd().cast_unsigned())
}

fn files() {
    fs::write("f", "text").unwrap();
    let linked = Command::new(b"ln").arguments(["-s", "f", "l"]).spawn().unwrap();
    assert_eq!(wait(Children::One(linked)), Ok((linked, WaitStatus::Exited(0))));
    assert_eq!(lstat(b"l").unwrap().mode.kind(), Kind::Symlink);
    assert_eq!(stat(b"l").unwrap().inode, stat(b"f").unwrap().inode);
    change_mode(b"f", 0o640, true).unwrap();
    change_owner(b"f", Some(7), None, true).unwrap();
    set_times(b"f", SetTime::Leave, SetTime::At(Duration::new(5, 6)), true).unwrap();
    let open = File::open("f").unwrap();
    let found = stat_of(fd(&open)).unwrap();
    assert_eq!((found.mode.permissions(), found.uid, found.gid, found.size), (0o640, 7, 0, 4));
    assert_eq!((found.modified, found.links), (Duration::new(5, 6), 1));
    change_mode_of(fd(&open), 0o111).unwrap();
    change_owner_of(fd(&open), None, Some(8)).unwrap();
    let found = stat(b"f").unwrap();
    assert_eq!((found.mode.permissions(), found.uid, found.gid), (0o111, 7, 8));
    assert_eq!(change_mode(b"f", 0o10_000, true), Err(Errno::EINVAL));
    assert_eq!(stat(b"none"), Err(Errno::ENOENT));
    assert_eq!((access(b"f", Access::EXECUTE), access(b"none", Access::EXISTS)), (Ok(()), Err(Errno::ENOENT)));
    let before = set_mask(0o077).unwrap();
    fs::write("masked", "").unwrap();
    assert_eq!((stat(b"masked").unwrap().mode.permissions(), mask().unwrap(), before), (0o600, 0o077, 0o022));
    let room = file_system().unwrap();
    assert!(room.free <= room.blocks && room.name_max == 255, "{room:?}");
    println!("files");
}

fn directories() {
    let here = working_directory().unwrap();
    fs::create_dir("d").unwrap();
    let open = File::open("d").unwrap();
    change_directory_to(fd(&open)).unwrap();
    assert_eq!(working_directory().unwrap(), [&here[..], b"/d"].concat());
    change_directory(b"..").unwrap();
    assert_eq!(working_directory().unwrap(), here);
    assert_eq!(change_directory(b"f"), Err(Errno::ENOTDIR));
    println!("directories");
}

fn descriptors() {
    let (reader, writer) = pipe().unwrap();
    let copy = duplicate(writer, 20).unwrap();
    assert!(copy.0 >= 20 && !is_terminal(reader).unwrap());
    assert_eq!((window_size(), is_terminal(Fd(99))), (Err(Errno::ENOTTY), Err(Errno::EBADF)));
    // Each number is owned here alone.
    let [mut reader, writer, mut copy] =
        [reader, writer, copy].map(|fd| unsafe { File::from_raw_fd(fd.0.cast_signed()) });
    drop(writer);
    copy.write_all(b"through").unwrap();
    drop(copy);
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, "through");
    println!("descriptors");
}

fn children() {
    let mut output = File::options().read(true).write(true).create(true).open("out").unwrap();
    let command = Command::new(b"sh").arguments(["-c", "echo $0 $1 $V; cat <&5; exit 7", "a", "b c"]);
    fs::write("in", "given").unwrap();
    let input = File::open("in").unwrap();
    let child = command.variable(b"V", b"v").descriptor(1, fd(&output)).descriptor(5, fd(&input)).spawn().unwrap();
    assert_eq!(wait(Children::One(child)), Ok((child, WaitStatus::Exited(7))));
    let mut text = String::new();
    output.rewind().unwrap();
    output.read_to_string(&mut text).unwrap();
    assert_eq!(text, "a b c v\ngiven");
    fs::write("script", "exit 5\n").unwrap();
    assert_eq!(Command::new(b"./script").spawn(), Err(Errno::EACCES));
    change_mode(b"script", 0o755, true).unwrap();
    let child = Command::new(b"./script").spawn().unwrap();
    assert_eq!(wait(Children::Any), Ok((child, WaitStatus::Exited(5))), "a script without #! is the shell's");
    assert_eq!(Command::new(b"nosuch").spawn(), Err(Errno::ENOENT));
    assert_eq!(wait(Children::Any), Err(Errno::ECHILD));
    assert_eq!(search_path(b"ls", b"/none:/bin", |path| stat(path).map(drop)), Ok(b"/bin/ls".to_vec()));
    println!("children");
}

fn signals() {
    let child = Command::new(b"sleep").arguments(["100"]).new_group().spawn().unwrap();
    assert_eq!(try_wait(Children::One(child)), Ok(None));
    assert_eq!(wait_for(Children::Group(child), Some(Duration::from_millis(1))), Err(Errno::ETIMEDOUT));
    kill(Target::Process(child), None).unwrap();
    let own = own().unwrap();
    set_disposition(Signal::USR1, Disposition::Hold).unwrap();
    assert_eq!(disposition(Signal::USR1), Ok(Disposition::Hold));
    kill(Target::Process(own), Some(Signal::USR1)).unwrap();
    assert_eq!(wait(Children::Any), Err(Errno::EINTR));
    assert_eq!((take_pending(), take_pending()), (Ok(Some(Signal::USR1)), Ok(None)));
    assert_eq!(set_disposition(Signal::KILL, Disposition::Ignore), Err(Errno::EINVAL));
    kill(Target::Group(child), Some(Signal::TERM)).unwrap();
    assert_eq!(wait(Children::Group(child)), Ok((child, WaitStatus::Signalled(Signal::TERM))));
    assert_eq!(kill(Target::Process(child), None), Err(Errno::ESRCH));
    println!("signals");
}

fn processes() {
    let own = own().unwrap();
    let row = list().unwrap().into_iter().find(|process| process.pid == own).expect("this process is listed");
    assert_eq!((row.parent, row.group, row.ended), (parent().unwrap(), group().unwrap(), false));
    assert!(cpu_times().unwrap().own > Duration::ZERO);
    assert_eq!((niceness(0), niceness(4), niceness(0)), (Ok(0), Ok(4), Ok(4)));
    assert!(environment().contains(&b"HOME=/root".to_vec()));
    assert_eq!(arguments().len(), 2);
    println!("processes");
}

fn main() {
    enter_working_directory().unwrap();
    files();
    directories();
    descriptors();
    children();
    signals();
    processes();
    let errno = Command::new(b"sh").arguments(["-c", "kill -INT $$"]).exec();
    panic!("not started: {errno}");
}
