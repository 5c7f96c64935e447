//! `file`: what kind of content files have, in the words of file 5.44.
//!
//! The knowledge is our own: common formats by their first bytes, kinds of text by how they begin. There is no database of
//! magic numbers to load or compile.

mod archive;
mod binary;
mod image;
mod json;
mod text;

use std::io::Read;

use sandshell_sys::{Kind, bytes_of, lstat, path_of, stat};

use crate::input;
use crate::options::Grammar;
use crate::output::Output;
use crate::program::{Outcome, Program};

const EXTENSION: char = '\u{10}';
const MIME_TYPE: char = '\u{11}';
const MIME_ENCODING: char = '\u{12}';

/// `file`.
pub(crate) const PROGRAM: Program = Program {
    name: "file",
    failure: 1,
    help: "\
Usage: file [OPTION]... [FILE]...
Determine the type of files.

  -b, --brief            no names before the answers
  -i, --mime             the MIME type and the character set
      --mime-type        the MIME type      --mime-encoding   the character set
      --extension        the usual extensions
  -L, --dereference      follow symbolic links      -h, --no-dereference   do not (the default)
  -f, --files-from FILE  names, a line each, come from FILE
  -F, --separator STRING what is behind a name, not `:`
  -N, --no-pad           do not align the answers
  -0, --print0           a NUL behind a name
  -s, --special-files    read devices, too
  -E                     a file that is not there is a failure
  -k, -n, -p, -r, -S, -c, -d, -z, -Z, -e TEST, -m FILE, -P PARAMETER   accepted; what is packed is not unpacked
      --help, -v, --version
",
    grammar: Grammar {
        short: "bcdEe:f:F:hikLm:nNpP:rsSvzZ0",
        long: &[
            ("brief", 'b'),
            ("dereference", 'L'),
            ("exclude=", 'e'),
            ("extension", EXTENSION),
            ("files-from=", 'f'),
            ("keep-going", 'k'),
            ("magic-file=", 'm'),
            ("mime", 'i'),
            ("mime-encoding", MIME_ENCODING),
            ("mime-type", MIME_TYPE),
            ("no-buffer", 'n'),
            ("no-dereference", 'h'),
            ("no-pad", 'N'),
            ("no-sandbox", 'S'),
            ("parameter=", 'P'),
            ("preserve-date", 'p'),
            ("print0", '0'),
            ("raw", 'r'),
            ("separator=", 'F'),
            ("special-files", 's'),
            ("uncompress", 'z'),
            ("uncompress-noreport", 'Z'),
        ],
        stops_at_operand: false,
    },
    main,
};

/// Bytes that are looked at, as file's own limit is.
const LOOK_BYTES: u64 = 1 << 20;

/// What a content is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The words.
    pub(crate) words: String,
    /// The MIME type.
    pub(crate) mime: String,
    /// The character set.
    pub(crate) charset: &'static str,
    /// Extensions, separated by slashes.
    pub(crate) extensions: &'static str,
}

impl Found {
    /// A format that is not text.
    pub(crate) fn binary(words: impl Into<String>, mime: &str, extensions: &'static str) -> Self {
        Self { words: words.into(), mime: mime.to_owned(), charset: "binary", extensions }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Words,
    Mime,
    MimeType,
    MimeEncoding,
    Extension,
}

#[expect(clippy::struct_excessive_bools, reason = "one field an option")]
struct Settings {
    answer: Answer,
    brief: bool,
    follow: bool,
    separator: Vec<u8>,
    pads: bool,
    null: bool,
    reads_devices: bool,
    missing_fails: bool,
}

fn main(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, mut operands) = program.parse(arguments)?;
    let mut settings = Settings {
        answer: Answer::Words,
        brief: false,
        follow: std::env::var_os("POSIXLY_CORRECT").is_some(),
        separator: b":".to_vec(),
        pads: true,
        null: false,
        reads_devices: false,
        missing_fails: false,
    };
    let mut listed = Vec::new();
    for option in &given {
        match option.letter {
            'b' => settings.brief = true,
            'i' => settings.answer = Answer::Mime,
            MIME_TYPE => settings.answer = Answer::MimeType,
            MIME_ENCODING => settings.answer = Answer::MimeEncoding,
            EXTENSION => settings.answer = Answer::Extension,
            'L' => settings.follow = true,
            'h' => settings.follow = false,
            'F' => settings.separator = option.bytes().to_vec(),
            'N' => settings.pads = false,
            '0' => settings.null = true,
            's' => settings.reads_devices = true,
            'E' => settings.missing_fails = true,
            'f' => {
                let names = input::read(option.bytes()).map_err(|error| {
                    program.fail(&format!("Cannot open `{}' ({})", option.text(), sandshell_sys::reason(&error)))
                })?;
                let lines = names.split(|byte| *byte == b'\n').filter(|name| !name.is_empty());
                listed.extend(lines.map(<[u8]>::to_vec));
            }
            'v' => return Err(program.version()),
            _ => {}
        }
    }
    listed.append(&mut operands);
    if listed.is_empty() {
        return Err(program.misuse("no file is named"));
    }
    let columns = |name: &[u8]| unicode_width::UnicodeWidthStr::width(String::from_utf8_lossy(name).as_ref());
    let width = if settings.pads { listed.iter().map(|name| columns(shown(name))).max().unwrap_or(0) } else { 0 };
    let mut out = Output::new();
    let mut status = 0;
    for name in &listed {
        let (found, failed) = look(&settings, name);
        status |= i32::from(failed && settings.missing_fails);
        if !settings.brief {
            out.put(shown(name));
            if settings.null {
                out.put(b"\0");
            }
            out.put(&settings.separator);
            let blanks = width.saturating_sub(columns(shown(name))) + 1;
            out.text(&" ".repeat(if settings.null { 1 } else { blanks }));
        }
        out.text(&found);
        out.text("\n");
    }
    Ok(out.finish(program, status))
}

fn shown(name: &[u8]) -> &[u8] {
    if name == b"-" { b"/dev/stdin" } else { name }
}

/// Answers for one file, and tells whether it could not be read.
fn look(settings: &Settings, path: &[u8]) -> (String, bool) {
    if path == b"-" {
        return content(settings, &mut std::io::stdin().lock())
            .unwrap_or_else(|error| unreadable(settings, path, &error));
    }
    let state = if settings.follow { stat(path) } else { lstat(path) };
    let state = match state {
        Ok(state) => state,
        Err(errno) => {
            return unreadable(settings, path, &std::io::Error::from(errno));
        }
    };
    let special = |words: String, name: &str| {
        let mime = format!("inode/{name}");
        (answer(settings, &Found { words, mime, charset: "binary", extensions: "" }), false)
    };
    match state.mode.kind() {
        Kind::Directory => special(format!("{}directory", sticky(state.mode.permissions())), "directory"),
        Kind::Symlink => {
            let target = std::fs::read_link(path_of(path)).unwrap_or_default();
            let target = String::from_utf8_lossy(bytes_of(target.as_os_str())).into_owned();
            if stat(path).is_err() {
                let words = format!("broken symbolic link to {target}");
                return (
                    if settings.answer == Answer::Mime {
                        "inode/symlink".to_owned()
                    } else {
                        special(words, "symlink").0
                    },
                    false,
                );
            }
            special(format!("symbolic link to {target}"), "symlink")
        }
        Kind::Fifo => special("fifo (named pipe)".to_owned(), "fifo"),
        Kind::Socket => special("socket".to_owned(), "socket"),
        Kind::CharacterDevice if !settings.reads_devices => {
            special(format!("character special ({}/{})", state.device >> 8, state.device & 255), "chardevice")
        }
        Kind::BlockDevice if !settings.reads_devices => {
            special(format!("block special ({}/{})", state.device >> 8, state.device & 255), "blockdevice")
        }
        _ => {
            let read = std::fs::File::open(path_of(path)).and_then(|mut file| content(settings, &mut file));
            read.unwrap_or_else(|error| unreadable(settings, path, &error))
        }
    }
}

fn sticky(permissions: u32) -> String {
    const BITS: &[(u32, &str)] = &[(0o4000, "setuid "), (0o2000, "setgid "), (0o1000, "sticky ")];
    let names = BITS.iter().filter(|(bit, _)| permissions & bit != 0).map(|(_, name)| *name);
    let text: String = names.collect();
    if text.is_empty() { text } else { format!("{}, ", text.trim_end()) }
}

fn unreadable(settings: &Settings, path: &[u8], error: &std::io::Error) -> (String, bool) {
    let (verb, start) = if settings.missing_fails { ("stat", "ERROR: ") } else { ("open", "") };
    let name = String::from_utf8_lossy(path);
    (format!("{start}cannot {verb} `{name}' ({})", sandshell_sys::reason(error)), true)
}

fn content(settings: &Settings, source: &mut dyn Read) -> std::io::Result<(String, bool)> {
    let mut bytes = Vec::new();
    source.take(LOOK_BYTES).read_to_end(&mut bytes)?;
    Ok((answer(settings, &identify(&bytes)), false))
}

/// Tells what a content is.
fn identify(bytes: &[u8]) -> Found {
    match bytes.len() {
        0 => return Found::binary("empty", "inode/x-empty", ""),
        1 => return Found::binary("very short file (no magic)", "application/octet-stream", ""),
        _ => {}
    }
    let of_format = image::identify(bytes).or_else(|| archive::identify(bytes)).or_else(|| binary::identify(bytes));
    let found = of_format.or_else(|| text::identify(bytes));
    found.unwrap_or_else(|| Found::binary("data", "application/octet-stream", ""))
}

fn answer(settings: &Settings, found: &Found) -> String {
    match settings.answer {
        Answer::Words => found.words.clone(),
        Answer::Mime => format!("{}; charset={}", found.mime, found.charset),
        Answer::MimeType => found.mime.clone(),
        Answer::MimeEncoding => found.charset.to_owned(),
        Answer::Extension if found.extensions.is_empty() => "???".to_owned(),
        Answer::Extension => found.extensions.to_owned(),
    }
}

/// A number of two bytes at a place, little-endian.
fn half(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|chunk| u16::from_le_bytes(*chunk))
}

/// A number of four bytes at a place, little-endian.
fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_le_bytes(*chunk))
}

/// A number of four bytes at a place, big-endian.
fn word_big(bytes: &[u8], at: usize) -> Option<u32> {
    word(bytes, at).map(u32::swap_bytes)
}

/// A number of two bytes at a place, big-endian.
fn half_big(bytes: &[u8], at: usize) -> Option<u16> {
    half(bytes, at).map(u16::swap_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_told_apart() {
        let check = |bytes: &[u8], words: &str| assert_eq!(identify(bytes).words, words);
        check(b"", "empty");
        check(b"x", "very short file (no magic)");
        check(b"hello\n", "ASCII text");
        check("caf\u{e9}\n".as_bytes(), "Unicode text, UTF-8 text");
        check(b"a\r\nb\r\n", "ASCII text, with CRLF line terminators");
        check(b"#!/bin/bash\necho\n", "Bourne-Again shell script, ASCII text executable");
        check(b"{\"a\":1}\n", "JSON text data");
        check(b"\0\0\0\0", "data");
        check(
            b"\x1f\x8b\x08\0\0\0\0\0\0\x03abcdefgh",
            "gzip compressed data, from Unix, original size modulo 2^32 1751606885",
        );
        check(b"GIF89a\x0a\0\x14\0\0\0\0;", "GIF image data, version 89a, 10 x 20");
    }
}
