//! Finding out what a file is when it is to be executed: a shipped program, the shell, a script, a user's module.
//!
//! Owns the rules of `execve(2)` that come before any code runs, `#!` lines included. Reads files; starts nothing.

use base::{Errno, Pid};
use vfs::{Follow, Ino, Kind};

use crate::launch::{Executable, SHELL_TAG};
use crate::proc::Node;
use crate::state::State;

/// Bytes of a file looked at: Linux's `BINPRM_BUF_SIZE`. A `#!` line must end within it.
const HEADER_BYTES: usize = 256;

/// Scripts whose interpreter is a script: Linux's number.
const MAX_INTERPRETERS: usize = 4;

/// The first bytes of a Wasm module or component.
const WASM_MAGIC: &[u8] = b"\0asm";

/// What `execve` found, with the arguments as interpreters have changed them.
pub(crate) struct Found {
    pub(crate) executable: Executable,
    pub(crate) argv: Vec<Vec<u8>>,
    /// The path of the executable, in the end.
    pub(crate) path: Vec<u8>,
}

impl State {
    /// Finds the code behind `path`, following `#!` lines.
    ///
    /// # Errors
    ///
    /// `EACCES` for what is no file with an x bit, `ENOEXEC` for data and for scripts without `#!`, `ELOOP` for too many
    /// interpreters, those of path resolution (also for an interpreter that is not there).
    pub(crate) fn find_executable(&self, entry: Pid, path: &[u8], argv: Vec<Vec<u8>>) -> Result<Found, Errno> {
        let cwd = self.frame(entry)?.cwd;
        let mut path = path.to_vec();
        let mut argv = argv;
        for _ in 0..=MAX_INTERPRETERS {
            let ino = self.executable_file(entry, cwd, &path)?;
            if let Some(tag) = self.tree.program(ino) {
                let executable = if tag == SHELL_TAG { Executable::Shell } else { Executable::Program(tag) };
                return Ok(Found { executable, argv, path });
            }
            let mut header = [0; HEADER_BYTES];
            let n = self.tree.read_at(ino, 0, &mut header)?;
            let header = header.get(..n).unwrap_or_default();
            if header.starts_with(WASM_MAGIC) {
                let content = self.tree.frozen_content(ino)?;
                let executable = Executable::Wasm { ino, path: path.clone(), content };
                return Ok(Found { executable, argv, path });
            }
            let line = Interpreter::parse(header).ok_or(Errno::ENOEXEC)?;
            argv = line.arguments(path, argv);
            path = line.path;
        }
        Err(Errno::ELOOP)
    }

    fn executable_file(&self, entry: Pid, cwd: Ino, path: &[u8]) -> Result<Ino, Errno> {
        let ino = self.lookup(entry, cwd, path, Follow::Yes)?;
        if ino.fd().is_some() || Node::of(ino).is_some() {
            return Err(Errno::EACCES);
        }
        let stat = self.tree.stat(ino)?;
        if stat.kind == Kind::File && stat.mode & 0o111 != 0 { Ok(ino) } else { Err(Errno::EACCES) }
    }
}

/// A `#!` line: an interpreter and at most one argument, which is the whole rest of the line.
#[derive(Debug, PartialEq, Eq)]
struct Interpreter {
    path: Vec<u8>,
    argument: Option<Vec<u8>>,
}

impl Interpreter {
    /// Reads the first line of a file; `None` when it names no interpreter or its name does not fit.
    fn parse(header: &[u8]) -> Option<Self> {
        let rest = header.strip_prefix(b"#!")?;
        let end = rest.iter().position(|byte| *byte == b'\n');
        let line = trim(rest.get(..end.unwrap_or(rest.len()))?);
        let name_len = line.iter().position(|byte| is_blank(*byte));
        if end.is_none() && header.len() == HEADER_BYTES && name_len.is_none() {
            // The interpreter's name may go on beyond what was read, and a shorter one must not be run instead.
            return None;
        }
        let (path, argument) = line.split_at(name_len.unwrap_or(line.len()));
        let argument = trim(argument);
        let argument = (!argument.is_empty()).then(|| argument.to_vec());
        (!path.is_empty()).then(|| Self { path: path.to_vec(), argument })
    }

    /// The interpreter's arguments: its name, its argument, the script's path, and what the script was given.
    fn arguments(&self, script: Vec<u8>, argv: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let mut arguments = vec![self.path.clone()];
        arguments.extend(self.argument.clone());
        arguments.push(script);
        arguments.extend(argv.into_iter().skip(1));
        arguments
    }
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

fn trim(mut text: &[u8]) -> &[u8] {
    while let Some((first, rest)) = text.split_first().filter(|(first, _)| is_blank(**first)) {
        debug_assert!(is_blank(*first));
        text = rest;
    }
    while let Some((_, rest)) = text.split_last().filter(|(last, _)| is_blank(**last)) {
        text = rest;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interpreter_line_names_a_path_and_at_most_one_argument() {
        let check = |header: &[u8], expected: Option<(&[u8], Option<&[u8]>)>| {
            let expected = expected
                .map(|(path, argument)| Interpreter { path: path.to_vec(), argument: argument.map(<[u8]>::to_vec) });
            assert_eq!(Interpreter::parse(header), expected, "{:?}", String::from_utf8_lossy(header));
        };
        check(b"#!/bin/sh\necho", Some((b"/bin/sh", None)));
        check(b"#! /bin/sh -e  \n", Some((b"/bin/sh", Some(b"-e"))));
        check(b"#!/usr/bin/env -S a  b\n", Some((b"/usr/bin/env", Some(b"-S a  b"))));
        check(b"#!/bin/sh", Some((b"/bin/sh", None)));
        check(b"#!\n/bin/sh", None);
        check(b"#! \t\n", None);
        check(b"", None);
        check(b"echo", None);
        let mut long = b"#!/".to_vec();
        long.resize(HEADER_BYTES, b'x');
        check(&long, None);
        long[100] = b' ';
        check(&long, Some((&long[2..100], Some(&long[101..]))));
    }
}
