//! `wc`: lines, words, characters, bytes and the longest line of files.
//!
//! The columns are as wide as GNU's: for the sum of the sizes where all files are regular, else seven.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sandshell_sys::{Fd, Kind, stat, stat_of};
use unicode_width::UnicodeWidthChar;

use crate::basis::bytes::OsStrExt;
use crate::basis::errors::{complain, reason};
use crate::basis::options::{Given, Grammar};
use crate::basis::output::Output;
use crate::basis::quoting::{locale, locale_is_utf8};

const BLOCK_BYTES: usize = 256 << 10;
/// Columns for what has no size beforehand.
const PIPE_WIDTH: usize = 7;
const TAB_COLUMNS: u64 = 8;

const GRAMMAR: Grammar = Grammar {
    program: "wc",
    short: "clLmw",
    long: &[
        ("bytes", "c"),
        ("chars", "m"),
        ("lines", "l"),
        ("words", "w"),
        ("max-line-length", "L"),
        ("files0-from=", "F"),
        ("total=", "T"),
    ],
    failure: 1,
    help: "Usage: wc [OPTION]... [FILE]...\n  or:  wc [OPTION]... --files0-from=F\n\
Print newline, word, and byte counts for each FILE, and a total line if more than one FILE is specified.\n\n\
  -c, --bytes            print the byte counts\n  -m, --chars            print the character counts\n  \
-l, --lines            print the newline counts\n      --files0-from=F    read input from the files whose NUL-terminated names F lists\n  \
-L, --max-line-length  print the maximum display width\n  -w, --words            print the word counts\n      \
--total=WHEN       when to print a line with total counts: auto, always, only, never\n",
};

/// Which counts are shown.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct Shown {
    lines: bool,
    words: bool,
    characters: bool,
    bytes: bool,
    longest: bool,
}

impl Shown {
    fn count(self) -> usize {
        [self.lines, self.words, self.characters, self.bytes, self.longest].into_iter().filter(|one| *one).count()
    }
}

#[derive(Clone, Copy, Default)]
struct Counts {
    lines: u64,
    words: u64,
    characters: u64,
    bytes: u64,
    longest: u64,
}

#[derive(Clone, Copy, PartialEq)]
enum Total {
    Auto,
    Always,
    Only,
    Never,
}

/// Runs `wc`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(argv).unwrap_or_else(|status| status)
}

/// Reads which counts are shown, when their total is, and the list of files.
fn choices(given: &[Given]) -> Result<(Shown, Total, Option<OsString>), i32> {
    let mut shown = Shown::default();
    let mut total = Total::Auto;
    let mut list = None;
    for option in given {
        match option.id {
            "c" => shown.bytes = true,
            "m" => shown.characters = true,
            "l" => shown.lines = true,
            "w" => shown.words = true,
            "L" => shown.longest = true,
            "F" => list = Some(option.os()),
            _ => {
                const WORDS: &[&[&str]] = &[&["auto"], &["always"], &["only"], &["never"]];
                let all = [Total::Auto, Total::Always, Total::Only, Total::Never];
                total = all[GRAMMAR.choose("--total", &option.text(), WORDS)?];
            }
        }
    }
    if shown.count() == 0 {
        (shown.lines, shown.words, shown.bytes) = (true, true, true);
    }
    Ok((shown, total, list))
}

fn run(argv: Box<dyn Iterator<Item = OsString>>) -> Result<i32, i32> {
    let (given, mut operands) = GRAMMAR.parse(argv)?;
    let (shown, total, list) = choices(&given)?;
    let mut failed = false;
    let from_list = list.is_some();
    let from_stdin = list.as_deref().is_some_and(|list| list == "-");
    if let Some(list) = list {
        if let Some(extra) = operands.first() {
            complain(GRAMMAR.program, &format!("extra operand {}", locale(extra)));
            complain_plainly("file operands cannot be combined with --files0-from");
            return Err(GRAMMAR.hint());
        }
        operands = names(&list, &mut failed)?;
    }
    let unnamed = operands.is_empty() && !from_list;
    if unnamed {
        operands.push("-".into());
    }
    // A list that is still being written is not waited for to add sizes up.
    let width = if from_stdin { 1 } else { width(&operands, shown, total) };
    let mut out = Output::new(GRAMMAR.program);
    let mut sum = Counts::default();
    for file in &operands {
        let mut counts = Counts::default();
        let name = if unnamed { None } else { Some(file.as_os_str()) };
        match count_file(file, shown, &mut counts) {
            Ok(()) => {}
            Err(Failure::Open(error)) => {
                complain(GRAMMAR.program, &format!("{}: {}", quoted(file), reason(&error)));
                failed = true;
                continue;
            }
            Err(Failure::Read(error)) => {
                complain(GRAMMAR.program, &format!("{}: {}", quoted(file), reason(&error)));
                failed = true;
            }
        }
        if total != Total::Only {
            write_counts(&mut out, shown, counts, width, name);
        }
        sum.lines += counts.lines;
        sum.words += counts.words;
        sum.characters += counts.characters;
        sum.bytes += counts.bytes;
        sum.longest = sum.longest.max(counts.longest);
    }
    let wants_total = match total {
        Total::Auto => operands.len() > 1,
        Total::Always | Total::Only => true,
        Total::Never => false,
    };
    if wants_total {
        let name = (total != Total::Only).then_some(OsStr::new("total"));
        write_counts(&mut out, shown, sum, width, name);
    }
    Ok(i32::from(!out.finish() || failed))
}

fn complain_plainly(message: &str) {
    crate::basis::output::warn(format!("{message}\n").as_bytes());
}

fn quoted(file: &OsStr) -> String {
    crate::basis::quoting::name_maybe(file)
}

/// Reads the names of `--files0-from`; an empty name is told and left out.
fn names(list: &OsStr, failed: &mut bool) -> Result<Vec<OsString>, i32> {
    let mut text = Vec::new();
    let read = if list == "-" {
        io::stdin().lock().read_to_end(&mut text).map(|_| ())
    } else {
        std::fs::read(Path::new(list)).map(|bytes| text = bytes)
    };
    read.map_err(|error| {
        let name = crate::basis::quoting::name(list);
        complain(GRAMMAR.program, &format!("cannot open {name} for reading: {}", reason(&error)));
        1
    })?;
    let mut out = Vec::new();
    let text = text.strip_suffix(b"\0").unwrap_or(&text);
    if text.is_empty() {
        return Ok(out);
    }
    for (index, name) in text.split(|byte| *byte == 0).enumerate() {
        if name.is_empty() {
            complain(GRAMMAR.program, &format!("{}:{}: invalid zero-length file name", quoted(list), index + 1));
            *failed = true;
        } else {
            out.push(OsStr::from_bytes(name).to_owned());
        }
    }
    Ok(out)
}

/// The columns of a number.
fn width(files: &[OsString], shown: Shown, total: Total) -> usize {
    if total == Total::Only || (files.len() == 1 && shown.count() == 1) {
        return 1;
    }
    let mut least = 1;
    let mut sum = 0;
    for file in files {
        let found = if file == "-" { stat_of(Fd::STDIN) } else { stat(file.as_bytes()) };
        match found {
            Ok(stat) if stat.mode.kind() == Kind::Regular => sum += stat.size,
            Ok(_) => least = PIPE_WIDTH,
            Err(_) => {}
        }
    }
    sum.to_string().len().max(least)
}

fn write_counts(out: &mut Output, shown: Shown, counts: Counts, width: usize, name: Option<&OsStr>) {
    let columns = [
        (shown.lines, counts.lines),
        (shown.words, counts.words),
        (shown.characters, counts.characters),
        (shown.bytes, counts.bytes),
        (shown.longest, counts.longest),
    ];
    let numbers: Vec<String> =
        columns.iter().filter(|(shown, _)| *shown).map(|(_, count)| format!("{count:>width$}")).collect();
    out.text(&numbers.join(" "));
    if let Some(name) = name {
        let text = if name.as_bytes().contains(&b'\n') { quoted(name).into_bytes() } else { name.as_bytes().to_vec() };
        out.put(&[b" ", text.as_slice()].concat());
    }
    out.text("\n");
}

enum Failure {
    Open(io::Error),
    Read(io::Error),
}

fn count_file(file: &OsStr, shown: Shown, counts: &mut Counts) -> Result<(), Failure> {
    let is_stdin = file == "-";
    if !is_stdin && Path::new(file).is_dir() {
        return Err(Failure::Read(io::Error::from_raw_os_error(i32::from(sandshell_sys::Errno::EISDIR.0))));
    }
    let mut open = if is_stdin { None } else { Some(File::open(Path::new(file)).map_err(Failure::Open)?) };
    let only_bytes = shown.bytes && shown.count() == 1;
    if only_bytes
        && let Some(open) = &open
        && let Ok(data) = open.metadata()
        && data.is_file()
        && data.len() > 0
    {
        counts.bytes = data.len();
        return Ok(());
    }
    let mut counter = Counter::new(shown);
    let mut buffer = vec![0; BLOCK_BYTES];
    // Bytes of a character that the block cuts in two.
    let mut kept = 0;
    loop {
        let count = match &mut open {
            Some(open) => open.read(&mut buffer[kept..]),
            None => rustix::io::read(io::stdin(), &mut buffer[kept..]).map_err(io::Error::from),
        };
        let count = match count {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other.map_err(Failure::Read)?,
        };
        counts.bytes += count as u64;
        let end = kept + count;
        let used = counter.block(&buffer[..end], count == 0, counts);
        buffer.copy_within(used..end, 0);
        kept = end - used;
        if count == 0 {
            counter.finish(counts);
            return Ok(());
        }
    }
}

/// What is carried from one block to the next.
struct Counter {
    shown: Shown,
    utf8: bool,
    in_word: bool,
    column: u64,
}

impl Counter {
    fn new(shown: Shown) -> Self {
        Self { shown, utf8: locale_is_utf8(), in_word: false, column: 0 }
    }

    /// Counts in a block; answers how much of it is used.
    fn block(&mut self, block: &[u8], is_last: bool, counts: &mut Counts) -> usize {
        let Shown { words, characters, longest, .. } = self.shown;
        if !(words || longest || characters && self.utf8) {
            if self.shown.lines {
                counts.lines += memchr::memchr_iter(b'\n', block).count() as u64;
            }
            counts.characters += block.len() as u64;
            return block.len();
        }
        if !self.utf8 || block.is_ascii() {
            block.iter().for_each(|byte| self.byte(*byte, counts));
            return block.len();
        }
        let mut used = 0;
        let mut chunks = block.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            chunk.valid().chars().for_each(|character| self.character(character, counts));
            used += chunk.valid().len();
            let cut = chunks.peek().is_none() && !is_last && chunk.invalid().len() < 4;
            if cut && could_continue(chunk.invalid()) {
                return used;
            }
            // Bytes that are no characters are part of words and of nothing else.
            if !chunk.invalid().is_empty() {
                counts.words += u64::from(!std::mem::replace(&mut self.in_word, true));
                used += chunk.invalid().len();
            }
        }
        used
    }

    fn byte(&mut self, byte: u8, counts: &mut Counts) {
        counts.characters += 1;
        match byte {
            b'\n' | b'\r' | 0x0c => {
                counts.lines += u64::from(byte == b'\n');
                counts.longest = counts.longest.max(self.column);
                self.column = 0;
                self.in_word = false;
            }
            b'\t' => {
                self.column += TAB_COLUMNS - self.column % TAB_COLUMNS;
                self.in_word = false;
            }
            b' ' => {
                self.column += 1;
                self.in_word = false;
            }
            0x0b => self.in_word = false,
            b'!'..=b'~' => {
                self.column += 1;
                counts.words += u64::from(!std::mem::replace(&mut self.in_word, true));
            }
            _ => {}
        }
    }

    fn character(&mut self, character: char, counts: &mut Counts) {
        if let Ok(byte) = u8::try_from(character)
            && byte.is_ascii()
        {
            self.byte(byte, counts);
            return;
        }
        counts.characters += 1;
        self.column += character.width().unwrap_or(0) as u64;
        if character.is_whitespace() {
            self.in_word = false;
        } else if !character.is_control() {
            counts.words += u64::from(!std::mem::replace(&mut self.in_word, true));
        }
    }

    fn finish(&mut self, counts: &mut Counts) {
        counts.longest = counts.longest.max(self.column);
    }
}

/// Whether more bytes could make these a character.
fn could_continue(bytes: &[u8]) -> bool {
    let wanted = match bytes.first() {
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => return false,
    };
    bytes.len() < wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &[u8]) -> (u64, u64, u64, u64) {
        let shown = Shown { lines: true, words: true, characters: true, bytes: true, longest: true };
        let mut counter = Counter { shown, utf8: true, in_word: false, column: 0 };
        let mut counts = Counts::default();
        let used = counter.block(text, true, &mut counts);
        assert_eq!(used, text.len());
        counter.finish(&mut counts);
        (counts.lines, counts.words, counts.characters, counts.longest)
    }

    #[test]
    fn words_and_widths_are_counted_by_characters() {
        assert_eq!(count(b"a b\n\tcd\n"), (2, 3, 8, 10));
        assert_eq!(count("é 日本\n".as_bytes()), (1, 2, 5, 6));
        assert_eq!(count(b"\xff\xfe\n"), (1, 1, 1, 0));
        assert_eq!(count(b""), (0, 0, 0, 0));
    }

    #[test]
    fn a_cut_character_waits_for_its_rest() {
        assert!(could_continue(&[0xe6, 0x97]));
        assert!(!could_continue(&[0xe6, 0x97, 0xa5]));
        assert!(!could_continue(&[0xff]));
    }
}
