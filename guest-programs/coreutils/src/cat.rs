//! `cat`: POSIX cat with GNU's options.
//!
//! The `uu_cat` crate reads regular files alone where the target is not Unix; a session's pipes, devices and process
//! substitutions are files to `cat` too. This one reads whatever can be opened.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use clap::{Arg, ArgAction, Command};

const BUFFER_BYTES: usize = 256 << 10;

/// What is done to the bytes on their way.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct Style {
    number: bool,
    number_nonblank: bool,
    squeeze: bool,
    ends: bool,
    tabs: bool,
    nonprinting: bool,
}

impl Style {
    fn is_plain(self) -> bool {
        !(self.number || self.number_nonblank || self.squeeze || self.ends || self.tabs || self.nonprinting)
    }
}

/// Copies files to stdout. Answers 0, or 1 if a file could not be read.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    let matches = match command().try_get_matches_from(argv) {
        Ok(matches) => matches,
        Err(error) => {
            // Nobody is left to tell when the stream is closed.
            let _ = error.print();
            return i32::from(error.use_stderr());
        }
    };
    let on = |names: &[&str]| names.iter().any(|name| matches.get_flag(name));
    let style = Style {
        number: on(&["number"]),
        number_nonblank: on(&["number-nonblank"]),
        squeeze: on(&["squeeze-blank"]),
        ends: on(&["show-ends", "show-all", "e"]),
        tabs: on(&["show-tabs", "show-all", "t"]),
        nonprinting: on(&["show-nonprinting", "show-all", "e", "t"]),
    };
    let files: Vec<OsString> =
        matches.get_many("file").map_or_else(|| vec!["-".into()], |files| files.cloned().collect());
    let mut copier = Copier { style, line: 0, at_line_start: true, blank_lines: 0 };
    let mut status = 0;
    for file in &files {
        match copier.copy_file(file) {
            Ok(()) => {}
            Err(CopyError::Write(error)) => {
                complain("write error", &error);
                return 1;
            }
            Err(CopyError::Read(error)) => {
                complain(&file.to_string_lossy(), &error);
                status = 1;
            }
        }
    }
    status
}

fn command() -> Command {
    let flag = |name: &'static str, short: char, help: &'static str| {
        Arg::new(name).short(short).long(name).help(help).action(ArgAction::SetTrue).overrides_with(name)
    };
    let short = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .short(name.chars().next().unwrap_or('e'))
            .help(help)
            .action(ArgAction::SetTrue)
            .overrides_with(name)
    };
    Command::new("cat")
        .about("Copies each FILE, or standard input, to standard output.")
        .override_usage("cat [OPTION]... [FILE]...")
        .version(env!("CARGO_PKG_VERSION"))
        .infer_long_args(true)
        .arg(flag("show-all", 'A', "equivalent to -vET"))
        .arg(flag("number-nonblank", 'b', "number the lines that are not empty; overrides -n"))
        .arg(short("e", "equivalent to -vE"))
        .arg(flag("show-ends", 'E', "write $ at the end of each line"))
        .arg(flag("number", 'n', "number all lines"))
        .arg(flag("squeeze-blank", 's', "write one of several empty lines in a row"))
        .arg(short("t", "equivalent to -vT"))
        .arg(flag("show-tabs", 'T', "write tabs as ^I"))
        .arg(Arg::new("u").short('u').help("ignored").action(ArgAction::SetTrue).overrides_with("u"))
        .arg(flag("show-nonprinting", 'v', "write other control characters as ^X and M-X"))
        .arg(Arg::new("file").action(ArgAction::Append).value_name("FILE").value_parser(clap::value_parser!(OsString)))
}

enum CopyError {
    Read(io::Error),
    Write(io::Error),
}

/// What is carried from one file to the next: GNU numbers the lines of all files as one text.
struct Copier {
    style: Style,
    line: u64,
    at_line_start: bool,
    blank_lines: u32,
}

impl Copier {
    fn copy_file(&mut self, file: &OsString) -> Result<(), CopyError> {
        if file == "-" {
            return self.copy(io::stdin().lock());
        }
        let path = Path::new(file);
        if path.is_dir() {
            return Err(CopyError::Read(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        self.copy(File::open(path).map_err(CopyError::Read)?)
    }

    fn copy(&mut self, mut input: impl Read) -> Result<(), CopyError> {
        let mut buffer = vec![0u8; BUFFER_BYTES];
        let mut styled = Vec::new();
        // Written as it is read, so that a slow writer's lines are seen at once.
        let mut out = io::stdout().lock();
        loop {
            let count = match input.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(CopyError::Read(error)),
            };
            let bytes = if self.style.is_plain() {
                &buffer[..count]
            } else {
                styled.clear();
                buffer[..count].iter().for_each(|&byte| self.style_byte(byte, &mut styled));
                &styled[..]
            };
            out.write_all(bytes).and_then(|()| out.flush()).map_err(CopyError::Write)?;
        }
    }

    fn style_byte(&mut self, byte: u8, out: &mut Vec<u8>) {
        let style = self.style;
        if self.at_line_start {
            if byte == b'\n' {
                self.blank_lines = self.blank_lines.saturating_add(1);
                if style.squeeze && self.blank_lines > 1 {
                    return;
                }
            } else {
                self.blank_lines = 0;
            }
            if (style.number && !style.number_nonblank) || (style.number_nonblank && byte != b'\n') {
                self.line += 1;
                out.extend_from_slice(format!("{:6}\t", self.line).as_bytes());
            }
        }
        self.at_line_start = byte == b'\n';
        match byte {
            b'\n' => {
                if style.ends {
                    out.push(b'$');
                }
                out.push(byte);
            }
            b'\t' if style.tabs => out.extend_from_slice(b"^I"),
            b'\t' => out.push(byte),
            _ if style.nonprinting => show(byte, out),
            _ => out.push(byte),
        }
    }
}

/// Writes a byte in caret and meta notation.
fn show(byte: u8, out: &mut Vec<u8>) {
    let low = byte & 0x7f;
    if byte >= 0x80 {
        out.extend_from_slice(b"M-");
    }
    match low {
        0x7f => out.extend_from_slice(b"^?"),
        0..0x20 => out.extend_from_slice(&[b'^', low + 0x40]),
        _ => out.push(low),
    }
}

fn complain(what: &str, error: &io::Error) {
    let text = error.to_string();
    let reason = text.split(" (os error").next().unwrap_or(&text);
    let reason = if error.kind() == io::ErrorKind::IsADirectory { "Is a directory" } else { reason };
    // Nobody is left to tell when stderr is closed.
    let _ = writeln!(io::stderr(), "cat: {what}: {reason}");
}
