//! The command line of `tar`, read into settings.

use std::cell::Cell;
use std::io::Read;

use sandshell_sys::ModeChanges;

use super::header::Format;
use super::keys::{Key, SPEC};
use super::select::{Excludes, Named, Pattern, without_slashes};
use super::transform::Transform;
use crate::basis::message::{reason, text};
use crate::basis::pattern::Flags;
use crate::basis::{files, time};
use crate::codec;
use sandshell_sys::options::{Item, OptionReader, Order, Takes};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Create,
    Extract,
    List,
    Compare,
    Append,
    Update,
    Concatenate,
    Delete,
    TestLabel,
}

/// How the archive is compressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    /// As the options leave it: plain when written, as found when read.
    Unsaid,
    /// By the archive's suffix.
    BySuffix,
    Format(codec::Format),
    Program(Vec<u8>),
}

/// What is done with a file that is already there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Existing {
    Replace,
    Overwrite,
    Keep,
    Skip,
    KeepNewer,
    UnlinkFirst,
}

/// The command line, resolved.
#[expect(clippy::struct_excessive_bools, reason = "they are the independent options")]
pub(super) struct Settings {
    pub(super) operation: Operation,
    pub(super) archives: Vec<Vec<u8>>,
    pub(super) compression: Compression,
    pub(super) format: Format,
    pub(super) verbose: u8,
    pub(super) names: Vec<Named>,
    pub(super) excludes: Excludes,
    pub(super) exclude_caches: bool,
    /// The last `-C`, where members without operands go.
    pub(super) directory: Vec<u8>,
    pub(super) transform: Transform,
    pub(super) strip: usize,
    pub(super) one_top_level: Option<Vec<u8>>,
    pub(super) existing: Existing,
    pub(super) overwrite_dir: bool,
    pub(super) keep_directory_symlink: bool,
    pub(super) recursive_unlink: bool,
    pub(super) backup: bool,
    pub(super) suffix: Vec<u8>,
    pub(super) same_owner: Option<bool>,
    pub(super) same_permissions: Option<bool>,
    pub(super) touch: bool,
    pub(super) to_stdout: bool,
    pub(super) to_command: Option<Vec<u8>>,
    pub(super) ignore_command_error: bool,
    pub(super) absolute_names: bool,
    pub(super) dereference: bool,
    pub(super) hard_dereference: bool,
    pub(super) sparse: bool,
    pub(super) sort: bool,
    pub(super) owner: Option<(Vec<u8>, Option<u64>)>,
    pub(super) group: Option<(Vec<u8>, Option<u64>)>,
    pub(super) numeric_owner: bool,
    pub(super) mode: Option<ModeChanges>,
    pub(super) mtime: Option<(i64, u32)>,
    pub(super) clamp_mtime: bool,
    /// Only what changed after this; with status changes counted, too.
    pub(super) newer: Option<((i64, u32), bool)>,
    pub(super) remove_files: bool,
    pub(super) ignore_failed_read: bool,
    pub(super) ignore_zeros: bool,
    pub(super) blocking: u64,
    pub(super) label: Option<Vec<u8>>,
    pub(super) totals: bool,
    pub(super) verify: bool,
    pub(super) full_time: bool,
    pub(super) show_transformed: bool,
    pub(super) block_numbers: bool,
    pub(super) literal_names: bool,
    pub(super) index_file: Option<Vec<u8>>,
    pub(super) occurrence: Option<u64>,
}

/// What the command line asks for.
pub(super) enum Request {
    Work(Box<Settings>),
    Help,
    Usage,
    Version,
    Defaults,
}

/// What follows the message of a mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    /// The hint at `--help`.
    Usage,
    /// The same, since an option is not known or malformed, with a status of its own.
    Getopt,
    /// That nothing is done.
    Fatal,
}

/// A mistake of the command line.
pub(super) struct Mistake(pub(super) String, pub(super) Hint);

impl From<String> for Mistake {
    fn from(message: String) -> Self {
        Self(message, Hint::Fatal)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            operation: Operation::List,
            archives: Vec::new(),
            compression: Compression::Unsaid,
            format: Format::Gnu,
            verbose: 0,
            names: Vec::new(),
            excludes: Excludes::default(),
            exclude_caches: false,
            directory: Vec::new(),
            transform: Transform::default(),
            strip: 0,
            one_top_level: None,
            existing: Existing::Replace,
            overwrite_dir: true,
            keep_directory_symlink: false,
            recursive_unlink: false,
            backup: false,
            suffix: b"~".to_vec(),
            same_owner: None,
            same_permissions: None,
            touch: false,
            to_stdout: false,
            to_command: None,
            ignore_command_error: false,
            absolute_names: false,
            dereference: false,
            hard_dereference: false,
            sparse: false,
            sort: false,
            owner: None,
            group: None,
            numeric_owner: false,
            mode: None,
            mtime: None,
            clamp_mtime: false,
            newer: None,
            remove_files: false,
            ignore_failed_read: false,
            ignore_zeros: false,
            blocking: 20,
            label: None,
            totals: false,
            verify: false,
            full_time: false,
            show_transformed: false,
            block_numbers: false,
            literal_names: false,
            index_file: None,
            occurrence: None,
        }
    }
}

/// What changes as options are read, and holds for those behind them.
struct Position {
    wildcards: Option<bool>,
    anchored: Option<bool>,
    match_slash: bool,
    ignore_case: bool,
    recursion: bool,
    null: bool,
    verbatim: bool,
    unquote: bool,
}

/// Reads the command line.
pub(super) fn read(argv: Vec<Vec<u8>>) -> Result<Request, Mistake> {
    let mut reading = Reading {
        settings: Settings::default(),
        operation: None,
        old: false,
        top_level: None,
        position: Position {
            wildcards: None,
            anchored: None,
            match_slash: true,
            ignore_case: false,
            recursion: true,
            null: false,
            verbatim: false,
            unquote: true,
        },
    };
    let mut arguments = OptionReader::new(&SPEC, Order::Anywhere, unbundle(argv));
    loop {
        match arguments.next().map_err(|message| Mistake(message, Hint::Getopt))? {
            None => break,
            Some(Item::Operand(name)) => reading.name(name),
            Some(Item::Option(Key::Help, _)) => return Ok(Request::Help),
            Some(Item::Option(Key::Usage, _)) => return Ok(Request::Usage),
            Some(Item::Option(Key::Version, _)) => return Ok(Request::Version),
            Some(Item::Option(Key::ShowDefaults, _)) => return Ok(Request::Defaults),
            Some(Item::Option(key, argument)) => reading.option(key, argument)?,
        }
    }
    reading.finish().map(|settings| Request::Work(Box::new(settings)))
}

/// Makes options of the old bundle without a dash: `xzf a.tgz` is `-x -z -f a.tgz`.
fn unbundle(argv: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut words = argv.into_iter();
    let Some(bundle) = words.next() else { return Vec::new() };
    if bundle.first().is_none_or(|first| *first == b'-') {
        return std::iter::once(bundle).chain(words).collect();
    }
    let mut result = Vec::new();
    for letter in bundle {
        result.push(vec![b'-', letter]);
        if SPEC.short.iter().any(|(known, takes, _)| *known == letter && *takes == Takes::Argument) {
            result.extend(words.next());
        }
    }
    result.extend(words);
    result
}

struct Reading {
    settings: Settings,
    operation: Option<Operation>,
    /// `-o`: the old format when writing, no owners when extracting.
    old: bool,
    top_level: Option<Option<Vec<u8>>>,
    position: Position,
}

impl Reading {
    fn operation(&mut self, operation: Operation) -> Result<(), Mistake> {
        match self.operation {
            Some(other) if other != operation => Err(Mistake(
                "You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option".to_owned(),
                Hint::Usage,
            )),
            _ => {
                self.operation = Some(operation);
                Ok(())
            }
        }
    }

    fn name(&mut self, name: Vec<u8>) {
        let position = &self.position;
        let flags = Flags {
            wildcards: position.wildcards == Some(true),
            slash_is_special: !position.match_slash,
            leading_directory: position.recursion,
            ignore_case: position.ignore_case,
        };
        let pattern = Pattern::new(without_slashes(&name).to_vec(), flags, position.anchored != Some(false));
        let (directory, recursive) = (self.settings.directory.clone(), position.recursion);
        self.settings.names.push(Named { directory, name, pattern, recursive, found: Cell::new(0) });
    }

    fn exclude(&mut self, text: Vec<u8>) {
        let position = &self.position;
        let flags = Flags {
            wildcards: position.wildcards != Some(false),
            slash_is_special: !position.match_slash,
            leading_directory: position.recursion,
            ignore_case: position.ignore_case,
        };
        self.settings.excludes.add(Pattern::new(text, flags, position.anchored == Some(true)));
    }

    fn option(&mut self, key: Key, argument: Option<Vec<u8>>) -> Result<(), Mistake> {
        match key {
            Key::Append => self.operation(Operation::Append),
            Key::Compare => self.operation(Operation::Compare),
            Key::Concatenate => self.operation(Operation::Concatenate),
            Key::Create => self.operation(Operation::Create),
            Key::Delete => self.operation(Operation::Delete),
            Key::Extract => self.operation(Operation::Extract),
            Key::List => self.operation(Operation::List),
            Key::TestLabel => self.operation(Operation::TestLabel),
            Key::Update => self.operation(Operation::Update),
            Key::Refused(option) => Err(format!("{option}: not supported here").into()),
            _ => match argument {
                Some(argument) => self.with_argument(key, argument),
                None => {
                    self.flag(key);
                    Ok(())
                }
            },
        }
    }

    /// Takes an option without an argument, or whose argument was left out.
    fn flag(&mut self, key: Key) {
        let (settings, position) = (&mut self.settings, &mut self.position);
        match key {
            Key::Anchored(value) => position.anchored = Some(value),
            Key::IgnoreCase(value) => position.ignore_case = value,
            Key::MatchSlash(value) => position.match_slash = value,
            Key::Null(value) => position.null = value,
            Key::Recursion(value) => position.recursion = value,
            Key::Unquote(value) => position.unquote = value,
            Key::Verbatim(value) => position.verbatim = value,
            Key::Wildcards(value) => position.wildcards = Some(value),
            Key::AutoCompress(true) => settings.compression = Compression::BySuffix,
            Key::AutoCompress(false) => settings.compression = Compression::Unsaid,
            Key::Gzip => settings.compression = Compression::Format(codec::Format::Gzip),
            Key::Bzip2 => settings.compression = Compression::Format(codec::Format::Bzip2),
            Key::Xz => settings.compression = Compression::Format(codec::Format::Xz),
            Key::Lzma => settings.compression = Compression::Format(codec::Format::Lzma),
            Key::Zstd => settings.compression = Compression::Format(codec::Format::Zstd),
            Key::Compressed => settings.compression = Compression::Format(codec::Format::Compress),
            Key::Posix => settings.format = Format::Pax,
            Key::Old => self.old = true,
            Key::KeepOldFiles => settings.existing = Existing::Keep,
            Key::SkipOldFiles => settings.existing = Existing::Skip,
            Key::KeepNewerFiles => settings.existing = Existing::KeepNewer,
            Key::Overwrite => settings.existing = Existing::Overwrite,
            Key::UnlinkFirst => settings.existing = Existing::UnlinkFirst,
            Key::OverwriteDir => settings.overwrite_dir = true,
            Key::NoOverwriteDir => settings.overwrite_dir = false,
            Key::OneTopLevel => self.top_level = Some(None),
            Key::ExcludeVcs => settings.excludes.add_version_control(),
            Key::ExcludeBackups => settings.excludes.add_backups(),
            Key::SameOwner(value) => settings.same_owner = Some(value),
            Key::SamePermissions(value) => settings.same_permissions = Some(value),
            Key::Verbose => settings.verbose = settings.verbose.saturating_add(1),
            Key::Occurrence => settings.occurrence = Some(1),
            _ => switch(settings, key),
        }
    }

    fn with_argument(&mut self, key: Key, argument: Vec<u8>) -> Result<(), Mistake> {
        let shown = text(&argument);
        let settings = &mut self.settings;
        match key {
            Key::File => settings.archives = vec![argument],
            Key::Directory => settings.directory = files::join(&settings.directory, &argument),
            Key::AddFile => self.name(argument),
            Key::Exclude => self.exclude(argument),
            Key::ExcludeFrom => self.exclude_from(&argument)?,
            Key::FilesFrom => self.files_from(&argument)?,
            Key::Program => settings.compression = Compression::Program(argument),
            Key::ToCommand => settings.to_command = Some(argument),
            Key::Label => settings.label = Some(argument),
            Key::IndexFile => settings.index_file = Some(argument),
            Key::Suffix => (settings.suffix, settings.backup) = (argument, true),
            Key::OneTopLevel => self.top_level = Some(Some(argument)),
            Key::Backup => settings.backup = !matches!(&argument[..], b"none" | b"off"),
            Key::Owner => settings.owner = Some(owner(&argument)),
            Key::Group => settings.group = Some(owner(&argument)),
            Key::Mode => {
                let changes = ModeChanges::parse(&shown);
                settings.mode = Some(changes.ok_or("Invalid mode given on option".to_owned())?);
            }
            Key::Mtime => settings.mtime = Some(moment(&argument)?),
            Key::Newer => settings.newer = Some((moment(&argument)?, true)),
            Key::NewerMtime => settings.newer = Some((moment(&argument)?, false)),
            Key::Transform => settings.transform.add(&shown)?,
            Key::StripComponents => {
                settings.strip =
                    shown.parse().map_err(|_| format!("{shown}: Invalid number of elements")).map_err(usage)?;
            }
            Key::BlockingFactor => {
                let blocks = shown.parse().ok().filter(|blocks| (1..=1 << 20).contains(blocks));
                settings.blocking = blocks.ok_or_else(|| format!("{shown}: Invalid blocking factor")).map_err(usage)?;
            }
            Key::Occurrence => {
                settings.occurrence = Some(shown.parse().map_err(|_| format!("{shown}: Invalid number"))?);
            }
            Key::Quoting => settings.literal_names = shown == "literal",
            Key::Sort => settings.sort = sorts(&shown)?,
            Key::Format => settings.format = format(&shown)?,
            Key::Totals => settings.totals = true,
            _ => {}
        }
        Ok(())
    }

    /// Reads patterns from a file, one a line.
    fn exclude_from(&mut self, path: &[u8]) -> Result<(), Mistake> {
        for line in lines(path, b'\n')? {
            if !line.is_empty() {
                self.exclude(line);
            }
        }
        Ok(())
    }

    /// Reads names from a file; a line may be an option.
    fn files_from(&mut self, path: &[u8]) -> Result<(), Mistake> {
        let (null, verbatim) = (self.position.null, self.position.verbatim || self.position.null);
        let mut takes_directory = false;
        for (number, line) in lines(path, if null { 0 } else { b'\n' })?.into_iter().enumerate() {
            let line = if self.position.unquote && !null { unquoted(&line) } else { line };
            if std::mem::take(&mut takes_directory) {
                self.settings.directory = files::join(&self.settings.directory, &line);
            } else if verbatim || !line.starts_with(b"-") {
                if !line.is_empty() {
                    self.name(line);
                }
            } else if line == b"-C" {
                takes_directory = true;
            } else if let Some(directory) = line.strip_prefix(b"-C").or_else(|| line.strip_prefix(b"--directory=")) {
                self.settings.directory = files::join(&self.settings.directory, directory.trim_ascii_start());
            } else if let Some(name) = line.strip_prefix(b"--add-file=") {
                self.name(name.to_vec());
            } else if let Some(pattern) = line.strip_prefix(b"--exclude=") {
                self.exclude(pattern.to_vec());
            } else {
                return Err(format!("{}:{}: unrecognized option", text(path), number + 1).into());
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Settings, Mistake> {
        let Some(operation) = self.operation else {
            let message = "You must specify one of the '-Acdtrux', '--delete' or '--test-label' options";
            return Err(Mistake(message.to_owned(), Hint::Usage));
        };
        let settings = &mut self.settings;
        settings.operation = operation;
        if self.old {
            match operation {
                Operation::Extract => settings.same_owner = Some(false),
                _ => settings.format = Format::V7,
            }
        }
        if operation == Operation::Create && settings.names.is_empty() && settings.label.is_none() {
            return Err(Mistake("Cowardly refusing to create an empty archive".to_owned(), Hint::Usage));
        }
        if settings.archives.is_empty() {
            let device = std::env::var_os("TAPE").map(|name| sandshell_sys::bytes_of(&name).to_vec());
            settings.archives.push(device.unwrap_or_else(|| b"-".to_vec()));
        }
        let archive = settings.archives.first().cloned().unwrap_or_default();
        if settings.compression == Compression::BySuffix {
            let found = codec::Format::of_name(&archive).map(Compression::Format);
            settings.compression = found.unwrap_or(Compression::Unsaid);
        }
        settings.one_top_level = match self.top_level {
            Some(None) => Some(stem(&archive).ok_or_else(|| {
                Mistake(
                    "Cannot deduce top-level directory name; please set it explicitly with --one-top-level=DIR"
                        .to_owned(),
                    Hint::Usage,
                )
            })?),
            Some(Some(name)) => Some(name),
            None => None,
        };
        Ok(self.settings)
    }
}

/// A mistake that the hint at `--help` follows.
fn usage(message: String) -> Mistake {
    Mistake(message, Hint::Usage)
}

/// Takes the options that only set a flag of the settings.
fn switch(settings: &mut Settings, key: Key) {
    let flag = match key {
        Key::AbsoluteNames => &mut settings.absolute_names,
        Key::Backup => &mut settings.backup,
        Key::Blocks => &mut settings.block_numbers,
        Key::ClampMtime => &mut settings.clamp_mtime,
        Key::Dereference => &mut settings.dereference,
        Key::ExcludeCaches => &mut settings.exclude_caches,
        Key::FullTime => &mut settings.full_time,
        Key::HardDereference => &mut settings.hard_dereference,
        Key::IgnoreCommandError => &mut settings.ignore_command_error,
        Key::IgnoreFailedRead => &mut settings.ignore_failed_read,
        Key::IgnoreZeros => &mut settings.ignore_zeros,
        Key::KeepDirectorySymlink => &mut settings.keep_directory_symlink,
        Key::NumericOwner => &mut settings.numeric_owner,
        Key::RecursiveUnlink => &mut settings.recursive_unlink,
        Key::RemoveFiles => &mut settings.remove_files,
        Key::ShowTransformed => &mut settings.show_transformed,
        Key::Sparse => &mut settings.sparse,
        Key::ToStdout => &mut settings.to_stdout,
        Key::Totals => &mut settings.totals,
        Key::Touch => &mut settings.touch,
        Key::Verify => &mut settings.verify,
        // What has no effect here: one file system, local archives, times in UTC, no access times to keep.
        _ => return,
    };
    *flag = true;
}

/// Reads `NAME`, `NAME:ID`, `:ID` or `ID`.
fn owner(argument: &[u8]) -> (Vec<u8>, Option<u64>) {
    let number = |text: &[u8]| std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    match argument.iter().position(|byte| *byte == b':') {
        Some(colon) => {
            (argument.get(..colon).unwrap_or_default().to_vec(), number(argument.get(colon + 1..).unwrap_or_default()))
        }
        None => match number(argument) {
            Some(id) => (Vec::new(), Some(id)),
            None => (argument.to_vec(), None),
        },
    }
}

/// Reads a date, or a file's time of last change.
fn moment(argument: &[u8]) -> Result<(i64, u32), Mistake> {
    if matches!(argument.first(), Some(b'/' | b'.')) {
        let stat =
            sandshell_sys::stat(argument).map_err(|errno| format!("{}: Cannot stat: {errno}", text(argument)))?;
        return Ok((i64::try_from(stat.modified.as_secs()).unwrap_or(i64::MAX), stat.modified.subsec_nanos()));
    }
    let shown = text(argument);
    time::parse(&shown)
        .ok_or_else(|| format!("Date sample file not found: Invalid date {}", sandshell_sys::quote(argument)).into())
}

fn sorts(order: &str) -> Result<bool, Mistake> {
    match order {
        "none" => Ok(false),
        "name" | "inode" => Ok(true),
        other => Err(Mistake(format!("invalid argument {} for {}", quoted(other), quoted("--sort")), Hint::Getopt)),
    }
}

fn format(name: &str) -> Result<Format, Mistake> {
    match name {
        "gnu" | "oldgnu" => Ok(Format::Gnu),
        "ustar" => Ok(Format::Ustar),
        "pax" | "posix" => Ok(Format::Pax),
        "v7" => Ok(Format::V7),
        other => Err(Mistake(format!("{other}: Invalid archive format"), Hint::Usage)),
    }
}

fn quoted(text: &str) -> String {
    sandshell_sys::quote(text.as_bytes())
}

/// Reads a file of names, or standard input.
fn lines(path: &[u8], separator: u8) -> Result<Vec<Vec<u8>>, Mistake> {
    let mut content = Vec::new();
    let read = match path {
        b"-" => std::io::stdin().lock().read_to_end(&mut content),
        path => files::open(path).and_then(|mut file| file.read_to_end(&mut content)),
    };
    read.map_err(|error| format!("{}: Cannot open: {}", text(path), reason(&error)))?;
    if content.last() == Some(&separator) {
        content.pop();
    } else if content.is_empty() {
        return Ok(Vec::new());
    }
    Ok(content.split(|byte| *byte == separator).map(<[u8]>::to_vec).collect())
}

/// Replaces the escapes that tar writes in lists of names.
fn unquoted(line: &[u8]) -> Vec<u8> {
    let (mut result, mut at) = (Vec::new(), 0);
    while let Some(byte) = line.get(at) {
        let escaped = if *byte == b'\\' { line.get(at + 1) } else { None };
        let (value, length) = match escaped {
            Some(b'n') => (b'\n', 2),
            Some(b't') => (b'\t', 2),
            Some(b'\\') => (b'\\', 2),
            Some(b'0'..=b'7') => {
                let digits: Vec<u8> = line
                    .iter()
                    .skip(at + 1)
                    .take(3)
                    .take_while(|digit| (b'0'..=b'7').contains(digit))
                    .copied()
                    .collect();
                let value = digits.iter().fold(0u8, |value, digit| value.wrapping_mul(8).wrapping_add(digit - b'0'));
                (value, digits.len() + 1)
            }
            _ => (*byte, 1),
        };
        result.push(value);
        at += length;
    }
    result
}

/// The name that `--one-top-level` takes from the archive's: without directory and suffixes.
fn stem(archive: &[u8]) -> Option<Vec<u8>> {
    let base = archive.rsplit(|byte| *byte == b'/').next()?;
    let cut = |name: &[u8], suffix: &[u8]| name.strip_suffix(suffix).map(<[u8]>::to_vec);
    let base = [&b".gz"[..], b".bz2", b".xz", b".zst", b".lzma", b".Z"]
        .iter()
        .find_map(|suffix| cut(base, suffix))
        .unwrap_or_else(|| base.to_vec());
    [&b".tar"[..], b".tgz", b".taz", b".tbz", b".tbz2", b".txz", b".tzst"].iter().find_map(|suffix| cut(&base, suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(line: &str) -> Settings {
        let argv = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
        match read(argv) {
            Ok(Request::Work(settings)) => *settings,
            Ok(_) => panic!("{line}: no work"),
            Err(Mistake(message, _)) => panic!("{line}: {message}"),
        }
    }

    #[test]
    fn old_bundles_take_their_arguments_in_order() {
        let found = settings("cbf 1 a.tar x -C d y -C e z");
        assert_eq!(
            (found.operation, found.blocking, found.archives[0].as_slice()),
            (Operation::Create, 1, &b"a.tar"[..])
        );
        let places: Vec<_> = found.names.iter().map(|named| (text(&named.directory), text(&named.name))).collect();
        assert_eq!(places, [("".into(), "x".into()), ("d".into(), "y".into()), ("d/e".into(), "z".into())]);
    }

    #[test]
    fn compression_is_named_or_by_suffix() {
        let check = |line: &str, expected: Compression| assert_eq!(settings(line).compression, expected, "{line}");
        check("-czf a x", Compression::Format(codec::Format::Gzip));
        check("-caf a.tar.zst x", Compression::Format(codec::Format::Zstd));
        check("-caf a.tar x", Compression::Unsaid);
        check("-c -I cat -f a x", Compression::Program(b"cat".to_vec()));
    }

    #[test]
    fn owners_and_names_are_read() {
        assert_eq!(owner(b"ann:7"), (b"ann".to_vec(), Some(7)));
        assert_eq!(owner(b"7"), (Vec::new(), Some(7)));
        assert_eq!(owner(b"ann"), (b"ann".to_vec(), None));
        assert_eq!(unquoted(br"a\nb\101\\"), b"a\nbA\\");
        assert_eq!(stem(b"d/x-1.tar.gz"), Some(b"x-1".to_vec()));
        assert_eq!(stem(b"x"), None);
    }
}
