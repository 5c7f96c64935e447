//! The command line of `zip`.

use Takes::{Argument, Nothing};
use sandshell_sys::options::{Item, OptionReader, Order, Table, Takes};

pub(super) const USAGE: &str = "\
Usage: zip [OPTION]... ARCHIVE[.zip] [FILE]... [-x PATTERN... | -i PATTERN...]
Add files to a zip archive, or replace what it has of them. ARCHIVE - is standard output, FILE - standard input.

  -r, --recurse-paths    enter directories
  -u, --update           only files that are newer or not in the archive
  -f, --freshen          only files that are in the archive and newer there
  -d, --delete           delete entries that match the patterns
  -FS, --filesync        make the archive's entries those of the files
  -m, --move             remove the files afterwards
  -j, --junk-paths       store names without directories
  -D, --no-dir-entries   store no directories
  -x, --exclude          leave out files that match the patterns behind it
  -i, --include          take only files that match the patterns behind it
  -@, --names-stdin      read the names of files from standard input
  -y, --symlinks         store symbolic links as such
  -X, --no-extra         store no times and owners of Unix
  -0 .. -9               store, or compress faster or better (6)
  -T, --test             test the archive
  -q, --quiet   -v, --verbose
  -O, --output-file=FILE write the result to another archive
";

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Add,
    Update,
    Freshen,
    Delete,
    Sync,
}

/// The command line, resolved.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are the independent options")]
pub(super) struct Options {
    pub(super) action: Action,
    pub(super) archive: Vec<u8>,
    pub(super) output: Option<Vec<u8>>,
    pub(super) files: Vec<Vec<u8>>,
    pub(super) excludes: Vec<Vec<u8>>,
    pub(super) includes: Vec<Vec<u8>>,
    pub(super) recursive: bool,
    pub(super) removes: bool,
    pub(super) junks: bool,
    pub(super) has_directories: bool,
    pub(super) from_stdin: bool,
    pub(super) symlinks: bool,
    pub(super) extra: bool,
    pub(super) level: u32,
    pub(super) tests: bool,
    pub(super) quiet: bool,
    pub(super) verbose: bool,
}

/// What the command line asks for.
pub(super) enum Request {
    Work(Box<Options>),
    Help,
    Version,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Key {
    Recursive,
    Action(Action),
    Move,
    Junk,
    NoDirectories,
    Exclude,
    Include,
    FromStdin,
    Symlinks,
    NoExtra,
    Level(u32),
    Test,
    Quiet,
    Verbose,
    Output,
    Help,
    Version,
    Accepted,
    Refused,
    /// `-F`, which begins `-FS`.
    Fix,
    /// The `S` of it.
    System,
}

const SPEC: Table<Key> = Table {
    short: &[
        (b'0', Nothing, Key::Level(0)),
        (b'1', Nothing, Key::Level(1)),
        (b'2', Nothing, Key::Level(2)),
        (b'3', Nothing, Key::Level(3)),
        (b'4', Nothing, Key::Level(4)),
        (b'5', Nothing, Key::Level(5)),
        (b'6', Nothing, Key::Level(6)),
        (b'7', Nothing, Key::Level(7)),
        (b'8', Nothing, Key::Level(8)),
        (b'9', Nothing, Key::Level(9)),
        (b'@', Nothing, Key::FromStdin),
        (b'D', Nothing, Key::NoDirectories),
        (b'e', Nothing, Key::Refused),
        (b'F', Nothing, Key::Fix),
        (b'S', Nothing, Key::System),
        (b'O', Argument, Key::Output),
        (b'P', Argument, Key::Refused),
        (b'T', Nothing, Key::Test),
        (b'X', Nothing, Key::NoExtra),
        (b'd', Nothing, Key::Action(Action::Delete)),
        (b'f', Nothing, Key::Action(Action::Freshen)),
        (b'g', Nothing, Key::Accepted),
        (b'h', Nothing, Key::Help),
        (b'i', Nothing, Key::Include),
        (b'j', Nothing, Key::Junk),
        (b'k', Nothing, Key::Accepted),
        (b'm', Nothing, Key::Move),
        (b'n', Argument, Key::Accepted),
        (b'o', Nothing, Key::Accepted),
        (b'q', Nothing, Key::Quiet),
        (b'r', Nothing, Key::Recursive),
        (b's', Argument, Key::Refused),
        (b'u', Nothing, Key::Action(Action::Update)),
        (b'v', Nothing, Key::Verbose),
        (b'x', Nothing, Key::Exclude),
        (b'y', Nothing, Key::Symlinks),
    ],
    long: &[
        ("delete", Nothing, Key::Action(Action::Delete)),
        ("encrypt", Nothing, Key::Refused),
        ("exclude", Nothing, Key::Exclude),
        ("filesync", Nothing, Key::Action(Action::Sync)),
        ("freshen", Nothing, Key::Action(Action::Freshen)),
        ("help", Nothing, Key::Help),
        ("include", Nothing, Key::Include),
        ("junk-paths", Nothing, Key::Junk),
        ("move", Nothing, Key::Move),
        ("names-stdin", Nothing, Key::FromStdin),
        ("no-dir-entries", Nothing, Key::NoDirectories),
        ("no-extra", Nothing, Key::NoExtra),
        ("output-file", Argument, Key::Output),
        ("quiet", Nothing, Key::Quiet),
        ("recurse-paths", Nothing, Key::Recursive),
        ("symlinks", Nothing, Key::Symlinks),
        ("test", Nothing, Key::Test),
        ("update", Nothing, Key::Action(Action::Update)),
        ("verbose", Nothing, Key::Verbose),
        ("version", Nothing, Key::Version),
    ],
};

/// Where operands go.
#[derive(Clone, Copy, PartialEq)]
enum Into {
    Files,
    Excludes,
    Includes,
}

/// What holds when no option says otherwise.
fn defaults() -> Options {
    Options {
        action: Action::Add,
        archive: Vec::new(),
        output: None,
        files: Vec::new(),
        excludes: Vec::new(),
        includes: Vec::new(),
        recursive: false,
        removes: false,
        junks: false,
        has_directories: true,
        from_stdin: false,
        symlinks: false,
        extra: true,
        level: 6,
        tests: false,
        quiet: false,
        verbose: false,
    }
}

/// Reads the command line.
pub(super) fn read(argv: Vec<Vec<u8>>) -> Result<Request, String> {
    let mut options = defaults();
    let (mut into, mut archive) = (Into::Files, None);
    let mut arguments = OptionReader::new(&SPEC, Order::of_environment(), argv);
    loop {
        let item = arguments.next().map_err(|message| format!("Invalid command arguments ({message})"))?;
        let (key, argument) = match item {
            None => break,
            Some(Item::Operand(word)) => {
                match into {
                    _ if archive.is_none() => archive = Some(word),
                    Into::Files => options.files.push(word),
                    // `@` ends a list of patterns.
                    _ if word == b"@" => into = Into::Files,
                    Into::Excludes => options.excludes.push(word),
                    Into::Includes => options.includes.push(word),
                }
                continue;
            }
            Some(Item::Option(key, argument)) => (key, argument.unwrap_or_default()),
        };
        if key != Key::Accepted {
            into = Into::Files;
        }
        match key {
            Key::Recursive => options.recursive = true,
            Key::Action(action) => options.action = action,
            Key::Move => options.removes = true,
            Key::Junk => options.junks = true,
            Key::NoDirectories => options.has_directories = false,
            Key::Exclude => into = Into::Excludes,
            Key::Include => into = Into::Includes,
            Key::FromStdin => options.from_stdin = true,
            Key::Symlinks => options.symlinks = true,
            Key::NoExtra => options.extra = false,
            Key::Level(level) => options.level = level,
            Key::Test => options.tests = true,
            Key::Quiet => options.quiet = true,
            Key::Verbose => options.verbose = true,
            Key::Output => options.output = Some(argument),
            Key::System => options.action = Action::Sync,
            Key::Help => return Ok(Request::Help),
            Key::Version => return Ok(Request::Version),
            Key::Refused => {
                return Err("Invalid command arguments (encryption and splitting are not supported here)".to_owned());
            }
            Key::Accepted | Key::Fix => {}
        }
    }
    let Some(archive) = archive else { return Ok(Request::Help) };
    options.archive = with_suffix(archive);
    options.output = options.output.map(with_suffix);
    Ok(Request::Work(Box::new(options)))
}

/// An archive without a suffix gets `.zip`.
fn with_suffix(name: Vec<u8>) -> Vec<u8> {
    let base = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    if base == b"-" || base.contains(&b'.') { name } else { [&name[..], b".zip"].concat() }
}
