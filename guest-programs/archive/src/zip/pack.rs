//! `zip`: a new archive is written beside the old one, which it then replaces.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, Read, Seek, SeekFrom, Write};

use flate2::{Compression, Crc, write::DeflateEncoder};
use sandshell_sys::{Kind, Stat, bytes_of, lstat, path_of, stat};

use super::entries;
use super::format::{self, DEFLATED, Directory, Entry, STORED, Trouble};
use super::list;
use super::pack_options::{self, Action, Options, Request};
use crate::basis::files::{self, BUFFER_BYTES};
use crate::basis::message::{self, reason, text, write};
use crate::basis::pattern::{Flags, matches};

/// Statuses of zip.
const CANNOT_READ: i32 = 18;
const NOTHING: i32 = 12;
const CANNOT_WRITE: i32 = 15;
const MISUSE: i32 = 16;
const NOT_ZIP: i32 = 3;

/// A failure: its words and status.
struct Failure(String, i32);

/// Runs `zip`; answers its exit status.
pub(crate) fn main(_name: &str, argv: Vec<Vec<u8>>) -> i32 {
    let options = match pack_options::read(argv) {
        Ok(Request::Work(options)) => *options,
        Ok(Request::Help) => return message::print("zip", pack_options::USAGE, CANNOT_WRITE),
        Ok(Request::Version) => return message::version("zip", CANNOT_WRITE),
        Err(mistake) => {
            write(&format!("\nzip error: {mistake}\n"));
            return MISUSE;
        }
    };
    let mut work = Work { options, status: 0, sizes: (0, 0) };
    match work.run() {
        Ok(()) => work.status,
        Err(Failure(message, status)) => {
            work.report_trouble(&format!("\nzip error: {message}\n"));
            status
        }
    }
}

/// A file to add: its path, its name in the archive, its state.
struct Found {
    path: Vec<u8>,
    name: Vec<u8>,
    stat: Option<Stat>,
}

struct Work {
    options: Options,
    status: i32,
    /// Bytes before and after, for `-v`.
    sizes: (u64, u64),
}

fn cannot_write(path: &[u8], error: &io::Error) -> Failure {
    Failure(format!("Could not create output file ({}): {}", text(path), reason(error)), CANNOT_WRITE)
}

impl Work {
    /// Tells what is done: on stderr when the archive goes to stdout.
    fn tell(&self, line: &str) {
        if self.options.quiet {
            return;
        }
        if self.options.archive == b"-" {
            write(line);
        } else {
            // A closed stdout is found when it matters: nothing else is written there.
            let _ = io::stdout().write_all(line.as_bytes());
        }
    }

    /// Tells of what goes wrong where zip does: on stdout, unless the archive goes there.
    fn report_trouble(&self, line: &str) {
        if self.options.archive == b"-" {
            write(line);
        } else {
            // See `tell`.
            let _ = io::stdout().write_all(line.as_bytes());
        }
    }

    fn warn(&self, message: &str) {
        self.report_trouble(&format!("\tzip warning: {message}\n"));
    }

    fn run(&mut self) -> Result<(), Failure> {
        let target = self.options.output.clone().unwrap_or_else(|| self.options.archive.clone());
        let (mut old, directory) = self.open_old()?;
        let found = if self.options.action == Action::Delete { Vec::new() } else { self.found(&directory)? };
        let is_nothing = found.is_empty() && !matches!(self.options.action, Action::Delete | Action::Sync);
        if is_nothing
            && matches!(self.options.action, Action::Update | Action::Freshen)
            && !directory.entries.is_empty()
        {
            // What is in the archive is as new as the files.
            self.status = NOTHING;
            return Ok(());
        }
        if is_nothing {
            return Err(Failure(format!("Nothing to do! ({})", text(&target)), NOTHING));
        }
        let deleted = self.deleted(&directory, &found)?;
        let is_stdout = target == b"-";
        let place = if is_stdout { b"/tmp/".to_vec() } else { target.clone() };
        let temporary =
            [&place[..], format!(".zip{}", sandshell_sys::own().map_or(0, |pid| pid.0)).as_bytes()].concat();
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path_of(&temporary));
        let mut output = opened.map_err(|error| cannot_write(&temporary, &error))?;
        let written = self.write(&mut old, directory, &found, &deleted, &mut output);
        let finished = written.and_then(|count| {
            if is_stdout {
                let copied = output.rewind().and_then(|()| files::copy(&mut output, &mut io::stdout().lock()));
                copied.map_err(|error| cannot_write(b"-", &error))?;
            } else if count == 0 {
                // An archive of nothing is no file.
                let _ = files::unlink(&target);
            } else {
                let mode = lstat(&target).map_or(0o644, |stat| stat.mode.permissions());
                let _ = sandshell_sys::change_mode(&temporary, mode, true);
                fs::rename(path_of(&temporary), path_of(&target)).map_err(|error| cannot_write(&target, &error))?;
            }
            Ok(())
        });
        drop(output);
        // It is still there when it was copied or something failed.
        let _ = files::unlink(&temporary);
        finished?;
        self.conclude(&found, &target);
        Ok(())
    }

    fn conclude(&mut self, found: &[Found], target: &[u8]) {
        if self.options.verbose {
            let (before, after) = self.sizes;
            let share = list::saved(before, after);
            self.tell(&format!("total bytes={before}, compressed={after} -> {share}% savings\n"));
        }
        if self.options.tests && target != b"-" {
            self.tell(&format!("test of {} OK\n", text(target)));
        }
        if self.options.removes {
            for file in found.iter().rev() {
                let is_directory = file.stat.is_some_and(|stat| stat.mode.kind() == Kind::Directory);
                // A directory that is not empty stays, as zip has it.
                let _ = if is_directory { fs::remove_dir(path_of(&file.path)) } else { files::unlink(&file.path) };
            }
        }
    }

    /// Opens the archive that is there, if there is one.
    fn open_old(&self) -> Result<(Option<File>, Directory), Failure> {
        let path = &self.options.archive;
        if path == b"-" {
            return Ok((None, Directory::default()));
        }
        let mut file = match File::open(path_of(path)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((None, Directory::default())),
            Err(error) => {
                return Err(Failure(format!("Could not read ({}): {}", text(path), reason(&error)), CANNOT_READ));
            }
        };
        match format::read(&mut file) {
            Ok(directory) => Ok((Some(file), directory)),
            Err(_) => Err(Failure(format!("Zip file structure invalid ({})", text(path)), NOT_ZIP)),
        }
    }

    /// Finds the files that are to be added.
    fn found(&mut self, directory: &Directory) -> Result<Vec<Found>, Failure> {
        let mut operands = std::mem::take(&mut self.options.files);
        if self.options.from_stdin {
            let lines = io::stdin().lock().split(b'\n').collect::<io::Result<Vec<_>>>();
            operands.extend(
                lines.map_err(|error| Failure(format!("Could not read (-): {}", reason(&error)), CANNOT_READ))?,
            );
        }
        if operands.is_empty() && matches!(self.options.action, Action::Freshen) {
            operands = directory.entries.iter().map(|entry| entry.name.clone()).collect();
        }
        let (mut found, mut names) = (Vec::new(), BTreeSet::new());
        for operand in operands {
            self.find(operand, &mut found, &mut names);
        }
        let known = |name: &[u8]| directory.entries.iter().find(|entry| entry.name == name);
        found.retain(|file| {
            let modified =
                file.stat.map_or(i64::MAX, |stat| i64::try_from(stat.modified.as_secs()).unwrap_or(i64::MAX));
            match (self.options.action, known(&file.name)) {
                (Action::Freshen, None) => false,
                (Action::Freshen | Action::Update, Some(entry)) => {
                    !file.name.ends_with(b"/") && modified > entry.modified
                }
                _ => true,
            }
        });
        Ok(found)
    }

    fn find(&self, operand: Vec<u8>, found: &mut Vec<Found>, names: &mut BTreeSet<Vec<u8>>) {
        let mut left = vec![operand];
        let mut is_operand = true;
        while let Some(path) = left.pop() {
            if path == b"-" {
                found.push(Found { name: path.clone(), path, stat: None });
                continue;
            }
            let looked = if self.options.symlinks { lstat(&path) } else { stat(&path) };
            let Ok(state) = looked else {
                if is_operand {
                    self.warn(&format!("name not matched: {}", text(&path)));
                }
                continue;
            };
            is_operand = false;
            let is_directory = state.mode.kind() == Kind::Directory;
            let path = if is_directory && !path.ends_with(b"/") { [&path[..], b"/"].concat() } else { path };
            let name = self.stored_name(&path);
            let is_known_kind = matches!(state.mode.kind(), Kind::Directory | Kind::Regular | Kind::Symlink);
            let is_stored = !is_directory || (self.options.has_directories && !self.options.junks);
            let is_archive = path == self.options.archive;
            if is_stored
                && is_known_kind
                && !is_archive
                && !name.is_empty()
                && self.is_wanted(&name)
                && names.insert(name.clone())
            {
                found.push(Found { path: path.clone(), name, stat: Some(state) });
            }
            if is_directory && self.options.recursive {
                match files::names_in(&path) {
                    Ok(inner) => left.extend(inner.into_iter().rev().map(|name| files::join(&path, &name))),
                    Err(error) => {
                        self.warn(&format!("could not open for reading: {}: {}", text(&path), reason(&error)))
                    }
                }
            }
        }
    }

    /// The name of a path in the archive: relative, and without `./`.
    fn stored_name(&self, path: &[u8]) -> Vec<u8> {
        let mut name = path;
        loop {
            name = match name {
                [b'/', rest @ ..] | [b'.', b'/', rest @ ..] => rest,
                _ => break,
            };
        }
        if self.options.junks && !name.ends_with(b"/") {
            name = name.rsplit(|byte| *byte == b'/').next().unwrap_or(name);
        }
        name.to_vec()
    }

    fn is_wanted(&self, name: &[u8]) -> bool {
        let any = |patterns: &[Vec<u8>]| patterns.iter().any(|pattern| is_match(pattern, name));
        (self.options.includes.is_empty() || any(&self.options.includes)) && !any(&self.options.excludes)
    }

    /// The names of entries that go: those of `-d`, and with `-FS` those whose files are gone.
    fn deleted(&mut self, directory: &Directory, found: &[Found]) -> Result<BTreeSet<Vec<u8>>, Failure> {
        let names = directory.entries.iter().map(|entry| entry.name.clone());
        match self.options.action {
            Action::Delete => {
                let mut deleted = BTreeSet::new();
                for pattern in std::mem::take(&mut self.options.files) {
                    let before = deleted.len();
                    deleted.extend(names.clone().filter(|name| is_match(&pattern, name)));
                    if deleted.len() == before {
                        self.warn(&format!("name not matched: {}", text(&pattern)));
                    }
                }
                if deleted.is_empty() {
                    return Err(Failure(format!("Nothing to do! ({})", text(&self.options.archive)), NOTHING));
                }
                Ok(deleted)
            }
            Action::Sync => Ok(names.filter(|name| !found.iter().any(|file| file.name == *name)).collect()),
            _ => Ok(BTreeSet::new()),
        }
    }

    /// Writes the new archive: old entries in their order, replaced where a file is newer, then new ones. Answers how many.
    fn write(
        &mut self,
        old: &mut Option<File>,
        directory: Directory,
        found: &[Found],
        deleted: &BTreeSet<Vec<u8>>,
        output: &mut File,
    ) -> Result<usize, Failure> {
        let failed = |error: Trouble| match error {
            Trouble::Io(error) => cannot_write(b"archive", &error),
            _ => Failure("Zip file structure invalid".to_owned(), NOT_ZIP),
        };
        let mut written = Directory { comment: directory.comment, ..Directory::default() };
        let mut replaced = BTreeSet::new();
        for entry in directory.entries {
            if deleted.contains(&entry.name) {
                self.tell(&format!("deleting: {}\n", text(&entry.name)));
            } else if let Some(file) = found.iter().find(|file| file.name == entry.name) {
                replaced.insert(entry.name.clone());
                let verb = if self.options.action == Action::Freshen { "freshening: " } else { "updating: " };
                written.entries.extend(self.add(file, verb, output)?);
            } else if let Some(old) = old {
                written.entries.push(copy(old, entry, output).map_err(failed)?);
            }
        }
        for file in found.iter().filter(|file| !replaced.contains(&file.name)) {
            written.entries.extend(self.add(file, "  adding: ", output)?);
        }
        let offset = output.stream_position().map_err(|error| cannot_write(b"archive", &error))?;
        let mut buffered = io::BufWriter::with_capacity(BUFFER_BYTES, &mut *output);
        let ended = format::write_directory(&mut buffered, &written, offset).and_then(|()| buffered.flush());
        ended.map_err(|error| cannot_write(b"archive", &error))?;
        Ok(written.entries.len())
    }

    /// Adds one file; `None`: it cannot be read, which is told.
    fn add(&mut self, file: &Found, verb: &str, output: &mut File) -> Result<Option<Entry>, Failure> {
        let mut content = match self.open(file) {
            Ok(content) => content,
            Err(error) => {
                self.warn(&format!("could not open for reading: {}: {}", text(&file.name), reason(&error)));
                self.status = CANNOT_READ;
                return Ok(None);
            }
        };
        let modified = file.stat.map_or_else(now, |stat| i64::try_from(stat.modified.as_secs()).unwrap_or(0));
        let (mode, owner) = file.stat.map_or((0o010_600, (0, 0)), |stat| (stat.mode.0, (stat.uid, stat.gid)));
        let entry =
            format::unix_entry(file.name.clone(), mode, modified, owner, self.options.extra && file.stat.is_some());
        let known = file.stat.filter(|stat| stat.mode.kind() == Kind::Regular).map(|stat| stat.size);
        let packed = pack(&mut *content, entry, self.options.level, known, output);
        let mut entry = packed.map_err(|error| cannot_write(b"archive", &error))?;
        if entry.packed >= entry.size && entry.method == DEFLATED && file.stat.is_some() {
            // Packing gains nothing: it is stored.
            let again = self.open(file).and_then(|mut content| {
                output.seek(SeekFrom::Start(entry.offset))?;
                output.set_len(entry.offset)?;
                pack(&mut *content, Entry { method: STORED, ..entry.clone() }, 0, known, output)
            });
            entry = again.map_err(|error| cannot_write(b"archive", &error))?;
        }
        self.report(&entry, verb);
        Ok(Some(entry))
    }

    fn report(&mut self, entry: &Entry, verb: &str) {
        self.sizes = (self.sizes.0 + entry.size, self.sizes.1 + entry.packed);
        let how = if entry.method == DEFLATED { "deflated" } else { "stored" };
        let detail =
            if self.options.verbose { format!(" \t(in={}) (out={})", entry.size, entry.packed) } else { String::new() };
        let share = list::saved(entry.size, entry.packed);
        self.tell(&format!("{verb}{}{detail} ({how} {share}%)\n", text(&entry.name)));
    }

    /// Opens what is to be stored: content, a link's target, or nothing.
    fn open(&self, file: &Found) -> io::Result<Box<dyn Read>> {
        Ok(match file.stat.map(|stat| stat.mode.kind()) {
            None => Box::new(files::standard_input()),
            Some(Kind::Directory) => Box::new(io::empty()),
            Some(Kind::Symlink) => {
                let target = fs::read_link(path_of(&file.path))?;
                Box::new(io::Cursor::new(bytes_of(target.as_os_str()).to_vec()))
            }
            Some(_) => Box::new(files::open(&file.path)?),
        })
    }
}

/// Patterns of zip match slashes, too.
fn is_match(pattern: &[u8], name: &[u8]) -> bool {
    matches(pattern, name, Flags { wildcards: true, ..Flags::default() })
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0))
}

/// Writes an entry: its header, its content, and then the header again with what is known by then.
fn pack(
    content: &mut dyn Read,
    mut entry: Entry,
    level: u32,
    known: Option<u64>,
    output: &mut File,
) -> io::Result<Entry> {
    // A length that is not known may need 64 bits.
    let is_large = known.is_none_or(|size| size >= 0xffff_0000) && !entry.is_directory() && !entry.is_symlink();
    entry.method = if level == 0 || entry.is_directory() || entry.is_symlink() { STORED } else { DEFLATED };
    entry.flags = match (entry.method, level) {
        (DEFLATED, 8 | 9) => 2,
        (DEFLATED, 2) => 4,
        (DEFLATED, 1) => 6,
        _ => 0,
    };
    entry.offset = output.stream_position()?;
    let header = format::local(&entry, is_large);
    output.write_all(&header)?;
    let mut counted = Counted { input: content, crc: Crc::new(), size: 0, is_text: true };
    {
        let mut buffered = io::BufWriter::with_capacity(BUFFER_BYTES, &mut *output);
        if entry.method == DEFLATED {
            let mut encoder = DeflateEncoder::new(buffered, Compression::new(level));
            files::copy(&mut counted, &mut encoder)?;
            encoder.finish()?.flush()?;
        } else {
            files::copy(&mut counted, &mut buffered)?;
            buffered.flush()?;
        }
    }
    let end = output.stream_position()?;
    entry.crc = counted.crc.sum();
    entry.size = counted.size;
    entry.packed = end - entry.offset - header.len() as u64;
    entry.is_text = counted.is_text && counted.size > 0 && !entry.is_symlink();
    output.seek(SeekFrom::Start(entry.offset))?;
    output.write_all(&format::local(&entry, is_large))?;
    output.seek(SeekFrom::Start(end))?;
    Ok(entry)
}

/// Copies an entry of the old archive as it is packed.
fn copy(old: &mut File, mut entry: Entry, output: &mut File) -> Result<Entry, Trouble> {
    let mut content = entries::packed(old, &entry)?;
    entry.offset = output.stream_position()?;
    let is_large = entry.size >= 0xffff_ffff || entry.packed >= 0xffff_ffff;
    entry.flags &= !8;
    output.write_all(&format::local(&entry, is_large))?;
    if files::copy(&mut content, output)? != entry.packed {
        return Err(Trouble::Damaged);
    }
    Ok(entry)
}

/// Counts and sums what is read, and notices whether it is text.
struct Counted<'a> {
    input: &'a mut dyn Read,
    crc: Crc,
    size: u64,
    is_text: bool,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer)?;
        let read = buffer.get(..length).unwrap_or_default();
        self.crc.update(read);
        self.size += length as u64;
        self.is_text &= !read.iter().any(|byte| matches!(byte, 0..=6 | 14..=26 | 28..=31));
        Ok(length)
    }
}
