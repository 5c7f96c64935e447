//! A guest for `rust_std.rs`: walks through `std::fs`, `std::io` and `std::time` and exits with 3 if all was well.

use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{self, BufRead, ErrorKind, IsTerminal, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

unsafe extern "C" {
    fn symlink(target: *const i8, path: *const i8) -> i32;
}

fn main() {
    arguments();
    directories();
    files();
    links();
    removal();
    time();
    streams();
    std::process::exit(3);
}

fn arguments() {
    assert_eq!(std::env::args().collect::<Vec<_>>(), ["std", "one two", ""]);
    assert_eq!(std::env::var("HOME").unwrap(), "/root");
    assert!(std::env::var("PATH").is_err());
}

fn directories() {
    fs::create_dir_all("/tmp/a/b/c").unwrap();
    fs::create_dir_all("/tmp/a/b/c").unwrap();
    assert_eq!(fs::create_dir("/tmp/a").unwrap_err().kind(), ErrorKind::AlreadyExists);
    fs::create_dir("/tmp/many").unwrap();
    let names: Vec<_> = (0..500).map(|i| format!("a-file-with-a-rather-long-name-{i:04}")).collect();
    for name in &names {
        File::create(Path::new("/tmp/many").join(name)).unwrap();
    }
    let mut found = Vec::new();
    for entry in fs::read_dir("/tmp/many").unwrap() {
        let entry = entry.unwrap();
        assert!(entry.file_type().unwrap().is_file() && entry.metadata().unwrap().is_file());
        found.push(entry.file_name().into_string().unwrap());
    }
    found.sort();
    assert_eq!(found, names);
    for entry in fs::read_dir("/tmp/many").unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
    fs::remove_dir("/tmp/many").unwrap();
    assert!(fs::metadata("/").unwrap().is_dir());
    assert!(fs::read_dir("/").unwrap().any(|entry| entry.unwrap().file_name() == "tmp"));
}

fn files() {
    assert_eq!(fs::read("/tmp/none").unwrap_err().kind(), ErrorKind::NotFound);
    fs::write("/tmp/a/f", "hello\nworld\n").unwrap();
    let metadata = fs::metadata("/tmp/a/f").unwrap();
    assert!(metadata.is_file() && metadata.len() == 12);
    assert!(metadata.modified().unwrap() > SystemTime::UNIX_EPOCH);
    fs::rename("/tmp/a/f", "/tmp/a/b/g").unwrap();
    assert!(!Path::new("/tmp/a/f").exists());
    fs::copy("/tmp/a/b/g", "/tmp/a/h").unwrap();
    let mut file = OpenOptions::new().read(true).write(true).open("/tmp/a/h").unwrap();
    file.seek(SeekFrom::End(-6)).unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text, "world\n");
    file.seek(SeekFrom::Start(0)).unwrap();
    file.write_all(b"J").unwrap();
    file.set_len(5).unwrap();
    file.sync_all().unwrap();
    assert_eq!(file.stream_position().unwrap(), 1);
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    file.set_times(FileTimes::new().set_modified(then).set_accessed(then)).unwrap();
    assert_eq!(file.metadata().unwrap().modified().unwrap(), then);
    OpenOptions::new().append(true).open("/tmp/a/h").unwrap().write_all(b"!").unwrap();
    assert_eq!(fs::read("/tmp/a/h").unwrap(), b"Jello!");
    let exists = OpenOptions::new().write(true).create_new(true).open("/tmp/a/h").unwrap_err();
    assert_eq!(exists.kind(), ErrorKind::AlreadyExists);
    assert_eq!(File::open("/tmp/a/h/x").unwrap_err().kind(), ErrorKind::NotADirectory);
    assert_eq!(fs::read("/tmp/a").unwrap_err().kind(), ErrorKind::IsADirectory);
    let big: Vec<u8> = (0..3_000_000u32).map(|i| (i % 251) as u8).collect();
    fs::write("/tmp/big", &big).unwrap();
    assert!(fs::read("/tmp/big").unwrap() == big);
    assert!(!File::open("/dev/null").unwrap().is_terminal());
}

fn links() {
    fs::hard_link("/tmp/a/h", "/tmp/a/hard").unwrap();
    assert_eq!(fs::read("/tmp/a/hard").unwrap(), b"Jello!");
    assert_eq!(unsafe { symlink(c"b/g".as_ptr(), c"/tmp/a/link".as_ptr()) }, 0);
    assert_eq!(fs::read_link("/tmp/a/link").unwrap(), Path::new("b/g"));
    assert_eq!(fs::read_to_string("/tmp/a/link").unwrap(), "hello\nworld\n");
    assert!(fs::symlink_metadata("/tmp/a/link").unwrap().file_type().is_symlink());
}

fn removal() {
    // Preview 1's ENOTEMPTY, which std has no kind for on this target.
    assert_eq!(fs::remove_dir("/tmp/a").unwrap_err().raw_os_error(), Some(55));
    assert!(fs::remove_file("/tmp/a/b").is_err());
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open("/tmp/gone").unwrap();
    fs::remove_file("/tmp/gone").unwrap();
    file.write_all(b"still there").unwrap();
    file.rewind().unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text, "still there");
    fs::remove_dir_all("/tmp/a").unwrap();
    assert!(!Path::new("/tmp/a").exists());
}

fn time() {
    let start = Instant::now();
    std::thread::sleep(Duration::from_millis(20));
    assert!(start.elapsed() >= Duration::from_millis(20));
}

fn streams() {
    let terminals = [io::stdin().is_terminal(), io::stdout().is_terminal(), io::stderr().is_terminal()];
    eprintln!("terminals: {} {} {}", terminals[0], terminals[1], terminals[2]);
    let mut n_bytes = 0;
    for line in io::stdin().lock().lines() {
        let line = line.unwrap();
        n_bytes += line.len();
        println!("got {line}");
    }
    println!("{n_bytes} bytes");
    io::stdout().flush().unwrap();
}
