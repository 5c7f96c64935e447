//! The command lines of the families.

use super::Family;
use crate::basis::message::text;
use crate::codec::{Check, Format};
use Takes::{Argument, Maybe, Nothing};
use sandshell_sys::options::{Item, OptionReader, Order, Table, Takes};

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
    pub(super) family: Family,
    pub(super) format: Format,
    pub(super) mode: Mode,
    pub(super) to_stdout: bool,
    pub(super) force: bool,
    pub(super) keep: bool,
    pub(super) recursive: bool,
    pub(super) quiet: bool,
    pub(super) verbose: bool,
    pub(super) level: u32,
    pub(super) suffix: Option<Vec<u8>>,
    pub(super) check: Check,
    /// Lists are for programs.
    pub(super) robot: bool,
    /// The one output of `zstd -o`.
    pub(super) output: Option<Vec<u8>>,
    pub(super) files: Vec<Vec<u8>>,
}

/// What the command line asks for.
pub(super) enum Request {
    Work(Box<Options>),
    Help,
    Version,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Key {
    Stdout,
    Compress,
    Decompress,
    Test,
    Force,
    Keep,
    Remove,
    Recursive,
    Quiet,
    Verbose,
    Digit(u32),
    Fast,
    Best,
    Suffix,
    List,
    Robot,
    Check,
    Format,
    Output,
    Help,
    Version,
    Accepted,
}

macro_rules! digits {
    ($($others:tt)*) => {
        &[
            (b'0', Nothing, Key::Digit(0)), (b'1', Nothing, Key::Digit(1)), (b'2', Nothing, Key::Digit(2)),
            (b'3', Nothing, Key::Digit(3)), (b'4', Nothing, Key::Digit(4)), (b'5', Nothing, Key::Digit(5)),
            (b'6', Nothing, Key::Digit(6)), (b'7', Nothing, Key::Digit(7)), (b'8', Nothing, Key::Digit(8)),
            (b'9', Nothing, Key::Digit(9)), (b'c', Nothing, Key::Stdout), (b'd', Nothing, Key::Decompress),
            (b'f', Nothing, Key::Force), (b'h', Nothing, Key::Help), (b'k', Nothing, Key::Keep),
            (b'q', Nothing, Key::Quiet), (b't', Nothing, Key::Test), (b'v', Nothing, Key::Verbose),
            (b'V', Nothing, Key::Version), (b'z', Nothing, Key::Compress), $($others)*
        ]
    };
}

const BZIP2: Table<Key> = Table {
    short: digits!((b's', Nothing, Key::Accepted), (b'L', Nothing, Key::Version)),
    long: &[
        ("best", Nothing, Key::Best),
        ("compress", Nothing, Key::Compress),
        ("decompress", Nothing, Key::Decompress),
        ("fast", Nothing, Key::Fast),
        ("force", Nothing, Key::Force),
        ("help", Nothing, Key::Help),
        ("keep", Nothing, Key::Keep),
        ("license", Nothing, Key::Version),
        ("quiet", Nothing, Key::Quiet),
        ("small", Nothing, Key::Accepted),
        ("stdout", Nothing, Key::Stdout),
        ("test", Nothing, Key::Test),
        ("verbose", Nothing, Key::Verbose),
        ("version", Nothing, Key::Version),
    ],
};

const XZ: Table<Key> = Table {
    short: digits!(
        (b'e', Nothing, Key::Accepted),
        (b'F', Argument, Key::Format),
        (b'H', Nothing, Key::Help),
        (b'S', Argument, Key::Suffix),
        (b'T', Argument, Key::Accepted),
        (b'C', Argument, Key::Check),
        (b'l', Nothing, Key::List),
        (b'M', Argument, Key::Accepted),
        (b'Q', Nothing, Key::Accepted)
    ),
    long: &[
        ("best", Nothing, Key::Best),
        ("check", Argument, Key::Check),
        ("compress", Nothing, Key::Compress),
        ("decompress", Nothing, Key::Decompress),
        ("extreme", Nothing, Key::Accepted),
        ("fast", Nothing, Key::Fast),
        ("force", Nothing, Key::Force),
        ("format", Argument, Key::Format),
        ("help", Nothing, Key::Help),
        ("keep", Nothing, Key::Keep),
        ("list", Nothing, Key::List),
        ("long-help", Nothing, Key::Help),
        ("memlimit", Argument, Key::Accepted),
        ("memory", Argument, Key::Accepted),
        ("no-sparse", Nothing, Key::Accepted),
        ("no-warn", Nothing, Key::Accepted),
        ("quiet", Nothing, Key::Quiet),
        ("robot", Nothing, Key::Robot),
        ("stdout", Nothing, Key::Stdout),
        ("suffix", Argument, Key::Suffix),
        ("test", Nothing, Key::Test),
        ("threads", Argument, Key::Accepted),
        ("to-stdout", Nothing, Key::Stdout),
        ("uncompress", Nothing, Key::Decompress),
        ("verbose", Nothing, Key::Verbose),
        ("version", Nothing, Key::Version),
    ],
};

const ZSTD: Table<Key> = Table {
    short: digits!(
        (b'H', Nothing, Key::Help),
        (b'l', Nothing, Key::List),
        (b'o', Argument, Key::Output),
        (b'r', Nothing, Key::Recursive),
        (b'T', Argument, Key::Accepted),
        (b'C', Nothing, Key::Accepted)
    ),
    long: &[
        ("adapt", Maybe, Key::Accepted),
        ("check", Nothing, Key::Accepted),
        ("compress", Nothing, Key::Compress),
        ("decompress", Nothing, Key::Decompress),
        ("fast", Maybe, Key::Fast),
        ("force", Nothing, Key::Force),
        ("help", Nothing, Key::Help),
        ("keep", Nothing, Key::Keep),
        ("list", Nothing, Key::List),
        ("long", Maybe, Key::Accepted),
        ("no-check", Nothing, Key::Accepted),
        ("no-progress", Nothing, Key::Accepted),
        ("quiet", Nothing, Key::Quiet),
        ("rm", Nothing, Key::Remove),
        ("single-thread", Nothing, Key::Accepted),
        ("sparse", Nothing, Key::Accepted),
        ("stdout", Nothing, Key::Stdout),
        ("test", Nothing, Key::Test),
        ("threads", Argument, Key::Accepted),
        ("ultra", Nothing, Key::Accepted),
        ("uncompress", Nothing, Key::Decompress),
        ("verbose", Nothing, Key::Verbose),
        ("version", Nothing, Key::Version),
    ],
};

/// The highest level of zstd: the tables of those that `--ultra` allows are larger than a session's memory.
const ZSTD_LEVEL_MAX: u32 = 19;
/// A number of digits that is large enough for every level, and cannot overflow.
const DIGITS_MAX: u32 = 99;

/// Reads the command line of the program of this name.
pub(super) fn read(name: &str, family: Family, format: Format, argv: Vec<Vec<u8>>) -> Result<Request, String> {
    let (spec, level) = match family {
        Family::Bzip2 => (&BZIP2, 9),
        Family::Xz => (&XZ, 6),
        Family::Zstd => (&ZSTD, 3),
    };
    let mut options = Options {
        family,
        format,
        mode: if matches!(name, "bzip2" | "xz" | "lzma" | "zstd") { Mode::Compress } else { Mode::Decompress },
        to_stdout: name.ends_with("cat"),
        force: name == "zstdcat",
        keep: family == Family::Zstd,
        recursive: false,
        quiet: false,
        verbose: false,
        level,
        suffix: None,
        check: Check::Crc64,
        robot: false,
        output: None,
        files: Vec::new(),
    };
    let mut digits = None;
    let mut arguments = OptionReader::new(spec, Order::of_environment(), argv);
    while let Some(item) = arguments.next()? {
        let (key, argument) = match item {
            Item::Operand(file) => {
                options.files.push(file);
                continue;
            }
            Item::Option(key, argument) => (key, argument.unwrap_or_default()),
        };
        // The digits of a number follow each other, as in `-19`.
        let before = digits.take();
        match key {
            Key::Digit(digit) => {
                options.level = match before {
                    Some(number) if family == Family::Zstd => number * 10 + digit,
                    _ => digit,
                };
                digits = Some(options.level.min(DIGITS_MAX));
            }
            Key::Format => options.format = format_named(&argument)?,
            Key::Help => return Ok(Request::Help),
            Key::Version => return Ok(Request::Version),
            Key::Suffix => options.suffix = Some(argument),
            Key::Check => options.check = check_named(&argument)?,
            Key::Output => options.output = Some(argument),
            key => switch(&mut options, key),
        }
    }
    options.level = match family {
        Family::Bzip2 => options.level.clamp(1, 9),
        Family::Xz => options.level.min(9),
        Family::Zstd => {
            let most = ZSTD_LEVEL_MAX;
            if options.level > most && !options.quiet {
                crate::basis::message::write(&format!(
                    "Warning : compression level higher than max, reduced to {most} \n"
                ));
            }
            options.level.min(most)
        }
    };
    options.to_stdout |= options.mode == Mode::Test;
    Ok(Request::Work(Box::new(options)))
}

fn switch(options: &mut Options, key: Key) {
    match key {
        Key::Stdout => options.to_stdout = true,
        Key::Compress => options.mode = Mode::Compress,
        Key::Decompress => options.mode = Mode::Decompress,
        Key::Test => options.mode = Mode::Test,
        Key::List => options.mode = Mode::List,
        Key::Robot => options.robot = true,
        Key::Force => options.force = true,
        Key::Keep => options.keep = true,
        Key::Remove => options.keep = false,
        Key::Recursive => options.recursive = true,
        Key::Quiet => options.quiet = true,
        Key::Verbose => options.verbose = true,
        Key::Fast => options.level = 1,
        Key::Best => options.level = 9,
        _ => {}
    }
}

fn format_named(name: &[u8]) -> Result<Format, String> {
    match name {
        b"auto" | b"xz" => Ok(Format::Xz),
        b"lzma" | b"alone" => Ok(Format::Lzma),
        other => Err(format!("{}: Unknown file format type", text(other))),
    }
}

fn check_named(name: &[u8]) -> Result<Check, String> {
    match name {
        b"none" => Ok(Check::None),
        b"crc32" => Ok(Check::Crc32),
        b"crc64" => Ok(Check::Crc64),
        b"sha256" => Ok(Check::Sha256),
        other => Err(format!("{}: Unsupported integrity check type", text(other))),
    }
}
