//! A program for `make bench`: the cost of file operations as a program sees them, through the standard library.
//!
//! Compiled to Wasm it measures a session's file system, compiled natively the machine's. The argument names an empty
//! directory; each line of output is a name, a tab and a number: MB/s for transfers, nanoseconds for the rest.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

const FILE_BYTES: usize = 64 << 20;
const FILES: usize = 1000;
const ROUNDS: usize = 3;

fn main() {
    let place = PathBuf::from(std::env::args().nth(1).expect("a directory"));
    for (block, name) in [(4 << 10, "4 KiB"), (64 << 10, "64 KiB")] {
        let file = place.join("data");
        say(&format!("write {name} blocks"), best(|| mb_per_second(&file, |file| transfer(file, block, write))));
        say(&format!("overwrite {name} blocks"), best(|| overwrite(&file, block)));
        say(&format!("read {name} blocks"), best(|| read_back(&file, block)));
        fs::remove_file(&file).expect("it is there");
    }
    names(&place);
}

fn say(name: &str, value: f64) {
    println!("{name}\t{value:.1}");
}

/// The best of several rounds: the others were disturbed.
fn best(round: impl Fn() -> f64) -> f64 {
    (0..ROUNDS).map(|_| round()).fold(0.0, f64::max)
}

fn write(file: &mut File, block: &mut [u8]) {
    file.write_all(block).expect("room");
}

fn transfer(file: &mut File, block: usize, step: fn(&mut File, &mut [u8])) {
    let mut buffer = vec![7; block];
    for _ in 0..FILE_BYTES / block {
        step(file, &mut buffer);
    }
}

fn rate(start: Instant) -> f64 {
    FILE_BYTES as f64 / start.elapsed().as_secs_f64() / 1e6
}

/// Into a new file.
fn mb_per_second(path: &Path, work: impl Fn(&mut File)) -> f64 {
    let _ = fs::remove_file(path);
    let mut file = File::create(path).expect("room");
    let start = Instant::now();
    work(&mut file);
    rate(start)
}

fn overwrite(path: &Path, block: usize) -> f64 {
    let mut file = OpenOptions::new().write(true).open(path).expect("it is there");
    let start = Instant::now();
    transfer(&mut file, block, write);
    rate(start)
}

fn read_back(path: &Path, block: usize) -> f64 {
    let mut file = File::open(path).expect("it is there");
    file.seek(SeekFrom::Start(0)).expect("a file");
    let start = Instant::now();
    transfer(&mut file, block, |file, block| file.read_exact(block).expect("as long as it was written"));
    rate(start)
}

/// Nanoseconds of each of `n` operations.
fn each(name: &str, n: usize, mut work: impl FnMut(usize)) {
    let start = Instant::now();
    (0..n).for_each(&mut work);
    say(name, start.elapsed().as_secs_f64() * 1e9 / n as f64);
}

fn names(place: &Path) {
    let paths: Vec<PathBuf> = (0..FILES).map(|number| place.join(format!("file-{number:04}"))).collect();
    each("create and close a file", FILES, |n| drop(File::create(&paths[n]).expect("room")));
    each("open and close a file", FILES, |n| drop(File::open(&paths[n]).expect("it is there")));
    each("stat", FILES, |n| drop(fs::metadata(&paths[n]).expect("it is there")));
    each("stat of a missing name", FILES, |n| assert!(fs::metadata(place.join(format!("none-{n}"))).is_err()));
    each("read a directory of 1,000", 20, |_| assert_eq!(fs::read_dir(place).expect("it is there").count(), FILES));
    each("rename", FILES, |n| fs::rename(&paths[n], place.join(format!("moved-{n:04}"))).expect("it is there"));
    each("remove", FILES, |n| fs::remove_file(place.join(format!("moved-{n:04}"))).expect("it is there"));
}
