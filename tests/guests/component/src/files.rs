//! Rust's `std::fs` over all of it, as programs use it.

use std::fs::{self, File, FileTimes, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

pub(crate) fn main() {
    directories();
    contents();
    metadata();
    removal();
}

fn directories() {
    fs::create_dir_all("/tmp/a/b/c").expect("directories are made");
    fs::create_dir_all("/tmp/a/b/c").expect("directories are there");
    assert_eq!(kind(fs::create_dir("/tmp/a")), Some(ErrorKind::AlreadyExists));
    let names: Vec<_> = (0..300).map(|n| format!("a-file-with-a-rather-long-name-{n:04}")).collect();
    for name in &names {
        File::create(Path::new("/tmp/a/b/c").join(name)).expect("a file is made");
    }
    let entries = fs::read_dir("/tmp/a/b/c").expect("a listing").map(|entry| entry.expect("an entry"));
    let mut found: Vec<_> = entries
        .inspect(|entry| assert!(entry.file_type().expect("a kind").is_file()))
        .map(|entry| entry.file_name().into_string().expect("UTF-8"))
        .collect();
    found.sort();
    assert_eq!(found, names);
    assert!(fs::read_dir("/").expect("a listing").any(|entry| entry.expect("an entry").file_name() == "tmp"));
    assert_eq!(kind(fs::read_dir("/tmp/none")), Some(ErrorKind::NotFound));
}

fn contents() {
    assert_eq!(kind(fs::read("/tmp/none")), Some(ErrorKind::NotFound));
    fs::write("/tmp/a/f", "hello\nworld\n").expect("it is written");
    fs::rename("/tmp/a/f", "/tmp/a/b/g").expect("it is renamed");
    assert!(!Path::new("/tmp/a/f").exists());
    fs::copy("/tmp/a/b/g", "/tmp/a/h").expect("it is copied");
    let mut file = OpenOptions::new().read(true).write(true).open("/tmp/a/h").expect("it opens");
    file.seek(SeekFrom::End(-6)).expect("it has an end");
    let mut text = String::new();
    file.read_to_string(&mut text).expect("it is read");
    assert_eq!(text, "world\n");
    file.rewind().expect("it has a start");
    file.write_all(b"J").expect("it is written");
    file.set_len(5).expect("it shrinks");
    file.sync_all().expect("nothing to do");
    assert_eq!(file.stream_position().expect("it has one"), 1);
    let mut end = OpenOptions::new().append(true).open("/tmp/a/h").expect("it opens");
    end.write_all(b"!").expect("it grows");
    assert_eq!(fs::read("/tmp/a/h").expect("it is read"), b"Jello!");
    let exists = OpenOptions::new().write(true).create_new(true).open("/tmp/a/h");
    assert_eq!(kind(exists), Some(ErrorKind::AlreadyExists));
    assert_eq!(kind(File::open("/tmp/a/h/x")), Some(ErrorKind::NotADirectory));
    assert_eq!(kind(fs::read("/tmp/a")), Some(ErrorKind::IsADirectory));
    let large: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
    fs::write("/tmp/large", &large).expect("it is written");
    assert!(fs::read("/tmp/large").expect("it is read") == large);
}

fn metadata() {
    let file = OpenOptions::new().write(true).open("/tmp/a/h").expect("it opens");
    let then = SystemTime::UNIX_EPOCH + Duration::new(1_000_000, 5);
    file.set_times(FileTimes::new().set_modified(then).set_accessed(then)).expect("times are set");
    let metadata = fs::metadata("/tmp/a/h").expect("it is there");
    assert!(metadata.is_file() && metadata.len() == 6);
    assert_eq!((metadata.modified().expect("known"), metadata.accessed().expect("known")), (then, then));
    fs::hard_link("/tmp/a/h", "/tmp/a/hard").expect("a hard link");
    assert_eq!(fs::read("/tmp/a/hard").expect("it is read"), b"Jello!");
    assert!(fs::metadata("/").expect("it is there").is_dir());
    assert!(fs::metadata("/dev/null").expect("it is there").modified().is_ok());
}

fn removal() {
    // ENOTEMPTY, which std has no kind for on this target.
    assert_eq!(fs::remove_dir("/tmp/a").expect_err("it has entries").raw_os_error(), Some(55));
    assert!(fs::remove_file("/tmp/a/b").is_err());
    let mut options = OpenOptions::new();
    let mut file = options.read(true).write(true).create(true).truncate(true).open("/tmp/gone").expect("it opens");
    fs::remove_file("/tmp/gone").expect("it is there");
    file.write_all(b"still there").expect("it is open");
    file.rewind().expect("it is open");
    let mut text = String::new();
    file.read_to_string(&mut text).expect("it is open");
    assert_eq!(text, "still there");
    fs::remove_dir_all("/tmp/a").expect("all of it goes");
    assert!(!Path::new("/tmp/a").exists());
}

fn kind<T>(answer: std::io::Result<T>) -> Option<ErrorKind> {
    answer.err().map(|error| error.kind())
}
