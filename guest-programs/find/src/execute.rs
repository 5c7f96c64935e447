//! `-exec` and its kin: a command for each file, or for as many as fit.

use std::fs::File;
use std::io::{BufRead, Write};
use std::os::fd::AsRawFd;

use sandshell_sys::{
    Children, Command, Errno, Fd, WaitStatus, change_directory, quote, reason, wait, working_directory,
};

use crate::context::Context;
use crate::entry::{Entry, without_trailing_slashes};

/// What stands for the file.
const PLACE: &[u8] = b"{}";

/// Longest command line in bytes, each word with its NUL.
const COMMAND_BYTES: usize = 128 << 10;

/// A command of the expression.
#[derive(Debug)]
pub(crate) struct Execution {
    /// Its words; with `many`, the files come after them.
    words: Vec<Vec<u8>>,
    many: bool,
    /// It runs in the file's directory.
    in_directory: bool,
    /// It is asked for each time.
    ask: bool,
    gathered: Vec<Vec<u8>>,
    gathered_bytes: usize,
    /// Where what is gathered runs.
    directory: Vec<u8>,
}

impl Execution {
    pub(crate) fn new(words: Vec<Vec<u8>>, many: bool, in_directory: bool, ask: bool) -> Self {
        let (gathered, directory) = (Vec::new(), Vec::new());
        Self { words, many, in_directory, ask, gathered, gathered_bytes: 0, directory }
    }

    /// Runs the command for a file, or gathers it. Answers whether the command succeeded; gathering does.
    pub(crate) fn add(&mut self, entry: &Entry, context: &mut Context) -> bool {
        let (directory, name) = match self.in_directory {
            true => split(&entry.path),
            false => (Vec::new(), entry.path.clone()),
        };
        if !self.many {
            let words: Vec<Vec<u8>> = self.words.iter().map(|word| replaced(word, &name)).collect();
            if self.ask && !self.is_wanted(entry, context) {
                return false;
            }
            return self.run(&words, &directory, context) == Some(WaitStatus::Exited(0));
        }
        let own: usize = self.words.iter().map(|word| word.len() + 1).sum();
        let is_full = own + self.gathered_bytes + name.len() + 1 > COMMAND_BYTES;
        if is_full || directory != self.directory {
            self.finish(context);
        }
        self.directory = directory;
        self.gathered_bytes += name.len() + 1;
        self.gathered.push(name);
        true
    }

    /// Runs the command for what is gathered.
    pub(crate) fn finish(&mut self, context: &mut Context) {
        if self.gathered.is_empty() {
            return;
        }
        self.gathered_bytes = 0;
        let files = std::mem::take(&mut self.gathered);
        let words: Vec<Vec<u8>> = self.words.iter().cloned().chain(files).collect();
        let directory = std::mem::take(&mut self.directory);
        if self.run(&words, &directory, context) != Some(WaitStatus::Exited(0)) {
            context.fail();
        }
    }

    /// Runs a command to its end; `None` when it could not be started, which is told.
    fn run(&self, words: &[Vec<u8>], directory: &[u8], context: &mut Context) -> Option<WaitStatus> {
        let (name, arguments) = words.split_first()?;
        // What the command writes comes after what was found before.
        context.flush();
        let mut command = Command::new(name).arguments(arguments);
        let nothing = if self.ask { File::open("/dev/null").ok() } else { None };
        if let Some(nothing) = &nothing {
            // An open file's number is not negative.
            command = command.descriptor(0, Fd(nothing.as_raw_fd().cast_unsigned()));
        }
        let ended = match directory {
            b"" => command.spawn(),
            directory => spawn_in(&command, directory),
        };
        match ended.and_then(|pid| wait(Children::One(pid))) {
            Ok((_, status)) => Some(status),
            Err(errno) => {
                crate::message::complain(&format!("{}: {errno}", quote(name)));
                None
            }
        }
    }

    /// Asks on stderr, and reads the answer from stdin.
    fn is_wanted(&self, entry: &Entry, context: &mut Context) -> bool {
        context.flush();
        let (name, path) = (self.words.first().map_or(&b""[..], Vec::as_slice), &entry.path);
        let question = format!("< {} ... {} > ? ", String::from_utf8_lossy(name), String::from_utf8_lossy(path));
        // Nobody is left to ask when stderr is closed; the answer is read all the same.
        let _ = std::io::stderr().write_all(question.as_bytes());
        let mut answer = String::new();
        match std::io::stdin().lock().read_line(&mut answer) {
            Ok(_) => answer.starts_with(['y', 'Y']),
            Err(error) => {
                context.say(&format!("error reading the answer: {}", reason(&error)));
                false
            }
        }
    }
}

/// Starts a command in a directory and comes back.
fn spawn_in(command: &Command, directory: &[u8]) -> Result<sandshell_sys::Pid, Errno> {
    let here = working_directory()?;
    change_directory(directory)?;
    let started = command.spawn();
    change_directory(&here)?;
    started
}

/// Splits a path into its directory and `./` with its name.
fn split(path: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let path = without_trailing_slashes(path);
    match path.iter().rposition(|byte| *byte == b'/') {
        None => (b".".to_vec(), [b"./", path].concat()),
        Some(0) if path.len() == 1 => (b"/".to_vec(), b"/".to_vec()),
        Some(0) => (b"/".to_vec(), [b"./", &path[1..]].concat()),
        Some(at) => (path[..at].to_vec(), [b"./", &path[at + 1..]].concat()),
    }
}

/// Puts a path in each place that stands for it.
fn replaced(word: &[u8], path: &[u8]) -> Vec<u8> {
    let mut result = Vec::new();
    let mut rest = word;
    while let Some((first, others)) = rest.split_first() {
        match rest.strip_prefix(PLACE) {
            Some(after) => {
                result.extend(path);
                rest = after;
            }
            None => {
                result.push(*first);
                rest = others;
            }
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_taken_by_the_path() {
        assert_eq!(replaced(b"{}:{}x{", b"a b"), b"a b:a bx{");
    }

    #[test]
    fn a_path_is_a_directory_and_a_name_in_it() {
        let check = |path: &str, directory: &str, name: &str| {
            let expected = (directory.as_bytes().to_vec(), name.as_bytes().to_vec());
            assert_eq!(split(path.as_bytes()), expected, "{path}");
        };
        check("d", ".", "./d");
        check("d/e/f", "d/e", "./f");
        check("d/", ".", "./d");
        check("/a", "/", "./a");
        check("/", "/", "/");
    }
}
