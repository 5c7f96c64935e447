//! The command line of `gzip`.

use crate::basis::message::text;
use sandshell_sys::options::{Item, OptionReader, Order, Table, Takes};

/// The help.
pub(super) const USAGE: &str = "\
Usage: gzip [OPTION]... [FILE]...
Compress or uncompress FILEs (by default, compress FILES in-place).

Mandatory arguments to long options are mandatory for short options too.

  -c, --stdout      write on standard output, keep original files unchanged
  -d, --decompress  decompress
  -f, --force       force overwrite of output file and compress links
  -h, --help        give this help
  -k, --keep        keep (don't delete) input files
  -l, --list        list compressed file contents
  -L, --license     display software license
  -n, --no-name     do not save or restore the original name and timestamp
  -N, --name        save or restore the original name and timestamp
  -q, --quiet       suppress all warnings
  -r, --recursive   operate recursively on directories
      --rsyncable   make rsync-friendly archive (accepted)
  -S, --suffix=SUF  use suffix SUF on compressed files
      --synchronous synchronous output (accepted)
  -t, --test        test compressed file integrity
  -v, --verbose     verbose mode
  -V, --version     display version number
  -1, --fast        compress faster
  -9, --best        compress better

With no FILE, or when FILE is -, read standard input.
";

/// Longest suffix, as gzip has it.
const SUFFIX_MAX_BYTES: usize = 30;

/// What is done with the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Compress,
    Decompress,
    Test,
    List,
}

/// The command line, resolved.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are the independent options")]
pub(super) struct Options {
    pub(super) mode: Mode,
    pub(super) to_stdout: bool,
    pub(super) force: bool,
    pub(super) keep: bool,
    pub(super) recursive: bool,
    pub(super) quiet: bool,
    pub(super) verbose: bool,
    /// Name and time are saved or restored.
    pub(super) name: bool,
    pub(super) level: u32,
    pub(super) suffix: Vec<u8>,
    pub(super) files: Vec<Vec<u8>>,
}

/// What the command line asks for.
#[derive(Debug)]
pub(super) enum Request {
    Work(Box<Options>),
    Help,
    Version,
}

/// A mistake in the command line.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) message: String,
    pub(super) shows_hint: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Key {
    Stdout,
    Decompress,
    Force,
    Help,
    Keep,
    List,
    NoName,
    Name,
    Quiet,
    Recursive,
    Suffix,
    Test,
    Verbose,
    Version,
    Level(u32),
    Accepted,
}

const SPEC: Table<Key> = Table {
    short: &[
        (b'a', Takes::Nothing, Key::Accepted),
        (b'c', Takes::Nothing, Key::Stdout),
        (b'd', Takes::Nothing, Key::Decompress),
        (b'f', Takes::Nothing, Key::Force),
        (b'h', Takes::Nothing, Key::Help),
        (b'H', Takes::Nothing, Key::Help),
        (b'k', Takes::Nothing, Key::Keep),
        (b'l', Takes::Nothing, Key::List),
        (b'L', Takes::Nothing, Key::Version),
        (b'n', Takes::Nothing, Key::NoName),
        (b'N', Takes::Nothing, Key::Name),
        (b'q', Takes::Nothing, Key::Quiet),
        (b'r', Takes::Nothing, Key::Recursive),
        (b'S', Takes::Argument, Key::Suffix),
        (b't', Takes::Nothing, Key::Test),
        (b'v', Takes::Nothing, Key::Verbose),
        (b'V', Takes::Nothing, Key::Version),
        (b'1', Takes::Nothing, Key::Level(1)),
        (b'2', Takes::Nothing, Key::Level(2)),
        (b'3', Takes::Nothing, Key::Level(3)),
        (b'4', Takes::Nothing, Key::Level(4)),
        (b'5', Takes::Nothing, Key::Level(5)),
        (b'6', Takes::Nothing, Key::Level(6)),
        (b'7', Takes::Nothing, Key::Level(7)),
        (b'8', Takes::Nothing, Key::Level(8)),
        (b'9', Takes::Nothing, Key::Level(9)),
    ],
    long: &[
        ("ascii", Takes::Nothing, Key::Accepted),
        ("best", Takes::Nothing, Key::Level(9)),
        ("decompress", Takes::Nothing, Key::Decompress),
        ("fast", Takes::Nothing, Key::Level(1)),
        ("force", Takes::Nothing, Key::Force),
        ("help", Takes::Nothing, Key::Help),
        ("keep", Takes::Nothing, Key::Keep),
        ("license", Takes::Nothing, Key::Version),
        ("list", Takes::Nothing, Key::List),
        ("name", Takes::Nothing, Key::Name),
        ("no-name", Takes::Nothing, Key::NoName),
        ("quiet", Takes::Nothing, Key::Quiet),
        ("recursive", Takes::Nothing, Key::Recursive),
        ("rsyncable", Takes::Nothing, Key::Accepted),
        ("silent", Takes::Nothing, Key::Quiet),
        ("stdout", Takes::Nothing, Key::Stdout),
        ("suffix", Takes::Argument, Key::Suffix),
        ("synchronous", Takes::Nothing, Key::Accepted),
        ("test", Takes::Nothing, Key::Test),
        ("to-stdout", Takes::Nothing, Key::Stdout),
        ("uncompress", Takes::Nothing, Key::Decompress),
        ("verbose", Takes::Nothing, Key::Verbose),
        ("version", Takes::Nothing, Key::Version),
    ],
};

/// Reads the command line of the program of this name.
pub(super) fn read(name: &str, argv: Vec<Vec<u8>>) -> Result<Request, Mistake> {
    let mut options = Options {
        mode: if name == "gzip" { Mode::Compress } else { Mode::Decompress },
        to_stdout: name == "zcat",
        force: false,
        keep: false,
        recursive: false,
        quiet: false,
        verbose: false,
        name: false,
        level: 6,
        suffix: b".gz".to_vec(),
        files: Vec::new(),
    };
    let mut saves_name = None;
    let mut arguments = OptionReader::new(&SPEC, Order::of_environment(), argv);
    loop {
        let item = arguments.next().map_err(|message| Mistake { message, shows_hint: true })?;
        let (key, argument) = match item {
            None => break,
            Some(Item::Operand(file)) => {
                options.files.push(file);
                continue;
            }
            Some(Item::Option(key, argument)) => (key, argument.unwrap_or_default()),
        };
        match key {
            Key::Stdout => options.to_stdout = true,
            Key::Decompress => options.mode = later(options.mode, Mode::Decompress),
            Key::Test => options.mode = later(options.mode, Mode::Test),
            Key::List => options.mode = Mode::List,
            Key::Force => options.force = true,
            Key::Keep => options.keep = true,
            Key::NoName => saves_name = Some(false),
            Key::Name => saves_name = Some(true),
            Key::Quiet => (options.quiet, options.verbose) = (true, false),
            Key::Verbose => (options.quiet, options.verbose) = (false, true),
            Key::Recursive => options.recursive = true,
            Key::Level(level) => options.level = level,
            Key::Suffix => options.suffix = suffix(argument)?,
            Key::Help => return Ok(Request::Help),
            Key::Version => return Ok(Request::Version),
            Key::Accepted => {}
        }
    }
    options.name = saves_name.unwrap_or(options.mode == Mode::Compress);
    options.to_stdout |= matches!(options.mode, Mode::Test | Mode::List);
    Ok(Request::Work(Box::new(options)))
}

/// The mode that wins, whichever was named first.
fn later(mode: Mode, named: Mode) -> Mode {
    match mode {
        Mode::List => Mode::List,
        Mode::Test => Mode::Test,
        Mode::Compress | Mode::Decompress => named,
    }
}

fn suffix(argument: Vec<u8>) -> Result<Vec<u8>, Mistake> {
    if argument.is_empty() || argument.len() > SUFFIX_MAX_BYTES || argument.contains(&b'/') {
        return Err(Mistake { message: format!("invalid suffix '{}'", text(&argument)), shows_hint: false });
    }
    Ok(argument)
}
