//! Two operands: what they are, and the comparison of two files.

use std::fs::Metadata;
use std::io::{self, Write};

use sandshell_sys::{path_of, quote_if_needed, reason};

use super::inside;
use super::options::Options;
use crate::core::{Text, compare};
use crate::files;
use crate::format::{Header, Page, Style, print};
use crate::message::{Program, TROUBLE, text};
use crate::time;

/// A comparison under way.
pub(crate) struct Comparison<'a> {
    pub(crate) program: &'a Program,
    pub(crate) options: &'a Options,
    pub(crate) out: &'a mut dyn Write,
}

/// What a name stands for.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Nothing, which counts as an empty file.
    Absent,
    /// Standard input.
    Input,
    Directory,
    /// A symbolic link that is not followed.
    Link,
    File(Metadata),
}

impl Kind {
    /// The words for it in messages.
    fn words(&self) -> &'static str {
        match self {
            Self::Absent | Self::Input => "regular file",
            Self::Directory => "directory",
            Self::Link => "symbolic link",
            Self::File(metadata) if metadata.is_file() && metadata.len() == 0 => "regular empty file",
            Self::File(metadata) if metadata.is_file() => "regular file",
            Self::File(_) => "character special file",
        }
    }
}

/// One of two files.
pub(crate) struct Side {
    pub(crate) name: Vec<u8>,
    pub(crate) kind: Kind,
}

impl Comparison<'_> {
    /// Compares two operands; answers the status.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub(crate) fn operands(&mut self, old: Vec<u8>, new: Vec<u8>) -> io::Result<i32> {
        let is_directory = |name: &[u8]| name != b"-" && path_of(name).is_dir();
        let (old, new) = match (is_directory(&old), is_directory(&new)) {
            (true, false) if new == b"-" => return Ok(self.directory_with_input()),
            (false, true) if old == b"-" => return Ok(self.directory_with_input()),
            (true, false) if self.exists(&new) => (inside(&old, &new), new),
            (false, true) if self.exists(&old) => (old.clone(), inside(&new, &old)),
            _ => (old, new),
        };
        self.pair([old, new], false)
    }

    fn exists(&self, name: &[u8]) -> bool {
        std::fs::symlink_metadata(path_of(name)).is_ok()
    }

    fn directory_with_input(&self) -> i32 {
        self.program.fail("cannot compare '-' to a directory")
    }

    /// Compares what two names stand for. `below`: they were found in directories that are compared.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub(crate) fn pair(&mut self, names: [Vec<u8>; 2], below: bool) -> io::Result<i32> {
        let mut kinds = Vec::new();
        for name in &names {
            kinds.push(self.kind(name));
        }
        let absent = kinds.iter().filter(|kind| matches!(kind, Ok(Kind::Absent))).count();
        let mut sides = Vec::new();
        for (at, (name, kind)) in names.into_iter().zip(kinds).enumerate() {
            match kind {
                Ok(Kind::Absent) if !self.options.new_file[at] || absent == 2 => {
                    self.program.complain(&format!("{}: No such file or directory", text(&name)));
                }
                Ok(kind) => sides.push(Side { name, kind }),
                Err(message) => self.program.complain(&format!("{}: {message}", text(&name))),
            }
        }
        match <[Side; 2]>::try_from(sides) {
            Ok(sides) => self.sides(sides, below),
            Err(_) => Ok(TROUBLE),
        }
    }

    fn kind(&self, name: &[u8]) -> Result<Kind, String> {
        if name == b"-" {
            return Ok(Kind::Input);
        }
        let path = path_of(name);
        let metadata =
            if self.options.no_dereference { std::fs::symlink_metadata(path) } else { std::fs::metadata(path) };
        match metadata {
            Ok(metadata) if metadata.is_dir() => Ok(Kind::Directory),
            Ok(metadata) if metadata.is_symlink() => Ok(Kind::Link),
            Ok(metadata) => Ok(Kind::File(metadata)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Kind::Absent),
            Err(error) => Err(reason(&error).into_owned()),
        }
    }

    fn sides(&mut self, sides: [Side; 2], below: bool) -> io::Result<i32> {
        let [old, new] = &sides;
        match (&old.kind, &new.kind) {
            (Kind::Directory, Kind::Directory) if below && !self.options.recursive => {
                let line = format!("Common subdirectories: {} and {}\n", text(&old.name), text(&new.name));
                self.out.write_all(line.as_bytes()).map(|()| 0)
            }
            (Kind::Directory, Kind::Directory) => self.directories(&sides),
            (Kind::Directory, Kind::Absent) | (Kind::Absent, Kind::Directory) if self.options.recursive || !below => {
                self.directories(&sides)
            }
            (Kind::Link, Kind::Link) => self.links(&sides),
            (Kind::Directory | Kind::Link, _) | (_, Kind::Directory | Kind::Link) => {
                let [one, other] = [0, 1].map(|at: usize| (self.label(&sides, at), sides[at].kind.words()));
                let line = format!("File {} is a {} while file {} is a {}\n", one.0, one.1, other.0, other.1);
                self.out.write_all(line.as_bytes()).map(|()| 1)
            }
            _ => self.files(&sides, below),
        }
    }

    fn links(&mut self, sides: &[Side; 2]) -> io::Result<i32> {
        let [old, new] = [0, 1].map(|at: usize| std::fs::read_link(path_of(&sides[at].name)).ok());
        if old == new {
            return Ok(0);
        }
        let line = format!("Symbolic links {} and {} differ\n", self.label(sides, 0), self.label(sides, 1));
        self.out.write_all(line.as_bytes()).map(|()| 1)
    }

    /// The name of a file in messages: its label, if it has one.
    fn label(&self, sides: &[Side; 2], at: usize) -> String {
        text(self.options.labels.get(at).unwrap_or(&sides[at].name))
    }

    fn files(&mut self, sides: &[Side; 2], below: bool) -> io::Result<i32> {
        let mut contents = Vec::new();
        for (at, side) in sides.iter().enumerate() {
            // Standard input is read once; compared with itself, it is the same.
            if at == 1 && side.name == sides[0].name && !matches!(side.kind, Kind::Absent) {
                contents.push(contents.first().cloned().unwrap_or_default());
                continue;
            }
            match self.content(side) {
                Ok(bytes) => contents.push(bytes),
                Err(message) => self.program.complain(&format!("{}: {message}", text(&side.name))),
            }
        }
        let Ok([old, new]) = <[Vec<u8>; 2]>::try_from(contents) else { return Ok(TROUBLE) };
        if !self.options.text && (files::is_binary(&old) || files::is_binary(&new)) {
            return if old == new { self.same(sides) } else { self.binary(sides) };
        }
        self.texts(sides, old, new, below)
    }

    fn content(&self, side: &Side) -> Result<Vec<u8>, String> {
        if matches!(side.kind, Kind::Absent) {
            return Ok(Vec::new());
        }
        let bytes = files::read(&side.name)?;
        if !self.options.strip_trailing_cr {
            return Ok(bytes);
        }
        Ok(files::without_carriage_returns(&bytes))
    }

    fn same(&mut self, sides: &[Side; 2]) -> io::Result<i32> {
        if self.options.report_identical {
            let line = format!("Files {} and {} are identical\n", self.label(sides, 0), self.label(sides, 1));
            self.out.write_all(line.as_bytes())?;
        }
        Ok(0)
    }

    fn binary(&mut self, sides: &[Side; 2]) -> io::Result<i32> {
        let word = if self.options.brief { "Files" } else { "Binary files" };
        let line = format!("{word} {} and {} differ\n", self.label(sides, 0), self.label(sides, 1));
        self.out.write_all(line.as_bytes()).map(|()| 1)
    }

    fn texts(&mut self, sides: &[Side; 2], old: Vec<u8>, new: Vec<u8>, below: bool) -> io::Result<i32> {
        let layout = &self.options.layout;
        let mut texts = [Text::new(old), Text::new(new)];
        // A script that cannot say that there is no newline is not the whole truth.
        let incomplete =
            if layout.style.tells_newlines() { [false; 2] } else { [0, 1].map(|at: usize| texts[at].is_incomplete()) };
        texts = texts.map(|text| if layout.style.tells_newlines() { text } else { completed(text) });
        let trouble = if incomplete == [false; 2] { 0 } else { TROUBLE };
        let pair = [&texts[0], &texts[1]];
        let mut changes = compare(pair, &self.options.rules);
        layout.ignoring.mark(&mut changes, pair, &self.options.rules);
        let differ = changes.iter().any(|change| !change.ignored);
        if self.options.brief {
            if !differ {
                return self.same(sides).map(|status| status.max(trouble));
            }
            let line = format!("Files {} and {} differ\n", self.label(sides, 0), self.label(sides, 1));
            self.out.write_all(line.as_bytes())?;
            return Ok(trouble.max(1));
        }
        if differ || matches!(layout.style, Style::Groups | Style::SideBySide) {
            let header = self.header(sides, below);
            print(&mut Page::new(layout, pair, header, self.out), &changes)?;
        }
        let status = if differ { 1 } else { self.same(sides)? };
        for side in sides.iter().zip(incomplete).filter(|(_, incomplete)| *incomplete).map(|(side, _)| side) {
            self.out.flush()?;
            self.program.complain(&format!("{}: No newline at end of file\n", text(&side.name)));
        }
        Ok(status.max(trouble))
    }

    fn header(&self, sides: &[Side; 2], below: bool) -> Header {
        let layout = &self.options.layout;
        let traditional = layout.style == Style::Context && time::is_traditional();
        let command = below.then(|| {
            let words: Vec<String> =
                self.options.words.iter().map(|word| format!(" {}", quote_if_needed(word))).collect();
            format!("diff{} {} {}", words.concat(), shown(&sides[0].name), shown(&sides[1].name))
        });
        let file = |at: usize| -> Vec<u8> {
            if let Some(label) = self.options.labels.get(at) {
                return label.clone();
            }
            let stamp = match &sides[at].kind {
                Kind::File(metadata) => files::modified(metadata),
                Kind::Input => files::now(),
                _ => 0,
            };
            let stamp = if traditional { time::traditional(stamp) } else { time::full(stamp) };
            format!("{}\t{stamp}", shown(&sides[at].name)).into_bytes()
        };
        let files = if matches!(layout.style, Style::Context | Style::Unified) {
            [file(0), file(1)]
        } else {
            [Vec::new(), Vec::new()]
        };
        Header { command, files }
    }
}

/// A text with a newline at its end, for scripts that cannot say that there is none.
fn completed(text: Text) -> Text {
    if text.is_incomplete() { Text::new([text.bytes(), b"\n"].concat()) } else { text }
}

/// A name as headers show it: in quotes where it has blanks or what could be taken for something else.
pub(crate) fn shown(name: &[u8]) -> String {
    let plain = !name.iter().any(|byte| byte.is_ascii_control() || b" \"\\".contains(byte));
    if plain {
        return text(name);
    }
    let mut quoted = Vec::from(*b"\"");
    for byte in name {
        let letter = match byte {
            7 => b'a',
            8 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            11 => b'v',
            12 => b'f',
            b'\r' => b'r',
            b'"' | b'\\' => *byte,
            control if control.is_ascii_control() => {
                quoted.extend_from_slice(format!("\\{control:03o}").as_bytes());
                continue;
            }
            plain => {
                quoted.push(*plain);
                continue;
            }
        };
        quoted.extend_from_slice(&[b'\\', letter]);
    }
    quoted.push(b'"');
    text(&quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_names_are_shown_in_quotes() {
        assert_eq!(shown(b"plain"), "plain");
        assert_eq!(shown(b"a b"), "\"a b\"");
        assert_eq!(shown(b"a\nb\"\x01"), "\"a\\nb\\\"\\001\"");
    }
}
