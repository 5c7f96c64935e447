//! `unzip`: choosing entries, and extracting, testing or printing them.
//!
//! No entry leaves the directory: `..` and leading slashes are taken off names, and symbolic links are made last.

use std::fs::{self, File};
use std::io::{self, BufRead, BufWriter, Write};
use std::time::Duration;

use sandshell_sys::{Kind, change_mode, lstat, path_of};

use super::entries::Content;
use super::format::{self, DEFLATED, Directory, ENCRYPTED, Entry, Trouble};
use super::list;
use super::unpack_options::{self, Action, Existing, Options};
use crate::basis::files::{self, BUFFER_BYTES, join};
use crate::basis::message::{self, reason, text, write};
use crate::basis::pattern::{Flags, matches};

/// Statuses of unzip.
const WARNING: i32 = 1;
const DAMAGED: i32 = 2;
const NOT_FOUND: i32 = 9;
const MISUSE: i32 = 10;
const NO_MATCH: i32 = 11;
const CANNOT_WRITE: i32 = 50;
const CANNOT_UNPACK: i32 = 81;

/// Longest target of a symbolic link.
const LINK_MAX_BYTES: u64 = 4096;

/// Runs `unzip` or `zipinfo`; answers its exit status.
pub(crate) fn main(name: &str, argv: Vec<Vec<u8>>) -> i32 {
    let options = match unpack_options::read(name, argv) {
        Ok(Some(options)) => options,
        Ok(None) => return message::print("unzip", unpack_options::USAGE, CANNOT_WRITE),
        Err(mistake) => {
            write(&format!("unzip:  {mistake}\n{}", unpack_options::USAGE));
            return MISUSE;
        }
    };
    let Some((shown, mut file, directory)) = open(&options) else { return NOT_FOUND };
    let mut work = Work { options, status: 0, links: Vec::new() };
    let status = work.run(&shown, &mut file, &directory);
    match io::stdout().flush() {
        Ok(()) => status,
        Err(_) => CANNOT_WRITE,
    }
}

/// Opens the archive, whose suffix may be left out; what is wrong is told.
fn open(options: &Options) -> Option<(String, File, Directory)> {
    let name = &options.archive;
    let mut is_there = false;
    for suffix in ["", ".zip", ".ZIP"] {
        let path = [&name[..], suffix.as_bytes()].concat();
        let Ok(mut file) = File::open(path_of(&path)) else { continue };
        is_there = true;
        if let Ok(directory) = format::read(&mut file) {
            return Some((text(&path), file, directory));
        }
    }
    let shown = text(name);
    if is_there {
        let program = if matches!(options.action, Action::Info | Action::InfoNames) { "zipinfo" } else { "unzip" };
        if program == "unzip" {
            tell(format!("Archive:  {shown}\n").as_bytes());
        }
        write(&format!(
            "  End-of-central-directory signature not found.  Either this file is not\n  a zipfile, or it constitutes one disk \
             of a multi-part archive.  In the\n  latter case the central directory and zipfile comment will be found on\n  the \
             last disk(s) of this archive.\n{program}:  cannot find zipfile directory in one of {shown} or\n        {shown}.zip, \
             and cannot find {shown}.ZIP, period.\n"
        ));
    } else {
        write(&format!("unzip:  cannot find or open {shown}, {shown}.zip or {shown}.ZIP.\n"));
    }
    None
}

/// Writes to stdout. A closed one is found at the end.
fn tell(line: &[u8]) {
    let _ = io::stdout().write_all(line);
}

struct Work {
    options: Options,
    status: i32,
    /// Links that are made last: their places and targets.
    links: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Work {
    fn worsen(&mut self, status: i32) {
        self.status = self.status.max(status);
    }

    fn run(&mut self, shown: &str, file: &mut File, directory: &Directory) -> i32 {
        let chosen = self.chosen(directory);
        let (action, quiet) = (self.options.action, self.options.quiet);
        let is_all = self.options.names.is_empty() && self.options.excludes.is_empty();
        let names_archive = match action {
            Action::Print | Action::InfoNames => false,
            Action::Info => is_all,
            Action::Test => quiet == 0,
            Action::List | Action::ListLong => quiet == 0,
            _ => quiet == 0,
        };
        if names_archive {
            tell(format!("Archive:  {shown}\n").as_bytes());
        }
        if !directory.comment.is_empty() && (names_archive || action == Action::Comment) && action != Action::Info {
            tell(&[&directory.comment[..], b"\n"].concat());
        }
        match action {
            Action::Comment => {}
            Action::List => tell(list::short(&chosen, quiet).as_bytes()),
            Action::ListLong => tell(list::long(&chosen, quiet).as_bytes()),
            Action::InfoNames => chosen.iter().for_each(|entry| tell(&[&entry.name[..], b"\n"].concat())),
            Action::Info => {
                if is_all {
                    let (length, count) = (directory.length, directory.entries.len());
                    tell(format!("Zip file size: {length} bytes, number of entries: {count}\n").as_bytes());
                }
                chosen.iter().for_each(|entry| tell(list::info(entry).as_bytes()));
                if is_all {
                    tell(list::info_totals(&chosen).as_bytes());
                }
            }
            _ => self.work(shown, file, &chosen),
        }
        self.tell_missing(directory, &chosen);
        self.status
    }

    /// The entries that are meant.
    fn chosen<'a>(&self, directory: &'a Directory) -> Vec<&'a Entry> {
        let options = &self.options;
        let any = |patterns: &[Vec<u8>], name: &[u8]| patterns.iter().any(|pattern| self.is_match(pattern, name));
        let is_meant = |entry: &&Entry| {
            (options.names.is_empty() || any(&options.names, &entry.name)) && !any(&options.excludes, &entry.name)
        };
        directory.entries.iter().filter(is_meant).collect()
    }

    fn is_match(&self, pattern: &[u8], name: &[u8]) -> bool {
        matches(pattern, name, Flags { wildcards: true, ignore_case: self.options.ignore_case, ..Flags::default() })
    }

    fn tell_missing(&mut self, directory: &Directory, chosen: &[&Entry]) {
        let is_silent = matches!(self.options.action, Action::List | Action::ListLong);
        for pattern in self.options.names.clone() {
            if !directory.entries.iter().any(|entry| self.is_match(&pattern, &entry.name)) {
                if !is_silent {
                    write(&format!("caution: filename not matched:  {}\n", text(&pattern)));
                }
                self.worsen(NO_MATCH);
            }
        }
        if chosen.is_empty() && !directory.entries.is_empty() {
            self.worsen(NO_MATCH);
        }
    }

    /// Extracts, tests or prints.
    fn work(&mut self, shown: &str, file: &mut File, chosen: &[&Entry]) {
        for entry in chosen {
            self.one(file, entry);
        }
        if !self.links.is_empty() && self.options.quiet == 0 {
            tell(b"finishing deferred symbolic links:\n");
        }
        for (path, target) in std::mem::take(&mut self.links) {
            if self.options.quiet == 0 {
                tell(format!("  {:<22} -> {}\n", text(&path), text(&target)).as_bytes());
            }
            if let Err(error) = files::make_symlink(&target, &path) {
                write(&format!("symlink error: {}: {}\n", text(&path), reason(&error)));
                self.worsen(CANNOT_WRITE);
            }
        }
        if self.options.action == Action::Test && self.options.quiet < 2 {
            let selected = !self.options.names.is_empty() || !self.options.excludes.is_empty();
            let count = chosen.len();
            let line = match (self.status, selected) {
                (0, false) => format!("No errors detected in compressed data of {shown}.\n"),
                (0, true) => {
                    format!(
                        "No errors detected in {shown} for the {count} file{} tested.\n",
                        if count == 1 { "" } else { "s" }
                    )
                }
                _ => format!("At least one error was detected in {shown}.\n"),
            };
            tell(line.as_bytes());
        }
    }

    fn one(&mut self, file: &mut File, entry: &Entry) {
        let name = text(&entry.name);
        if entry.flags & ENCRYPTED != 0 {
            write(&format!("   skipping: {name:<22}  encrypted, which is not supported here\n"));
            return self.worsen(CANNOT_UNPACK);
        }
        let done = match self.options.action {
            Action::Test => self.test(file, entry),
            Action::Print => self.print(file, entry),
            Action::PrintNamed => {
                let verb = if entry.method == DEFLATED { "  inflating" } else { " extracting" };
                tell(format!("{verb}: {name:<22}  \n").as_bytes());
                let printed = self.print(file, entry);
                tell(b"\n");
                printed
            }
            _ => self.extract(file, entry),
        };
        match done {
            Ok(()) => {}
            Err(Trouble::Io(error)) if error.raw_os_error().is_some() => {
                write(&format!("error:  cannot create {name}\n        {}\n", reason(&error)));
                self.worsen(CANNOT_WRITE);
            }
            Err(_) => {
                write(&format!("  error:  invalid compressed data to inflate {name}\n"));
                self.worsen(DAMAGED);
            }
        }
    }

    /// Copies an entry's content and checks it; answers what is wrong, which is told.
    fn copy(&mut self, file: &mut File, entry: &Entry, output: &mut dyn Write) -> Result<Option<String>, Trouble> {
        let Some(mut content) = Content::open(file, entry)? else {
            self.worsen(CANNOT_UNPACK);
            return Ok(Some(format!("unsupported compression method {}", entry.method)));
        };
        let length = match files::copy(&mut content, output) {
            Ok(length) => length,
            // What deflate cannot read is damage, what cannot be written is not.
            Err(error) if error.raw_os_error().is_some() => return Err(Trouble::Io(error)),
            Err(_) => return Err(Trouble::Damaged),
        };
        let crc = content.crc();
        if crc != entry.crc || length != entry.size {
            self.worsen(DAMAGED);
            return Ok(Some(format!("bad CRC {crc:08x}  (should be {:08x})", entry.crc)));
        }
        Ok(None)
    }

    fn test(&mut self, file: &mut File, entry: &Entry) -> Result<(), Trouble> {
        let finding = self.copy(file, entry, &mut io::sink())?;
        let name = text(&entry.name);
        match finding {
            None if self.options.quiet == 0 => tell(format!("    testing: {name:<22}   OK\n").as_bytes()),
            Some(finding) => tell(format!("    testing: {name:<22}   {finding}\n").as_bytes()),
            None => {}
        }
        Ok(())
    }

    fn print(&mut self, file: &mut File, entry: &Entry) -> Result<(), Trouble> {
        if entry.is_directory() {
            return Ok(());
        }
        let mut output = BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock());
        let finding = self.copy(file, entry, &mut output)?;
        output.flush()?;
        if let Some(finding) = finding {
            write(&format!("{}: {finding}\n", text(&entry.name)));
        }
        Ok(())
    }

    fn extract(&mut self, file: &mut File, entry: &Entry) -> Result<(), Trouble> {
        let Some(name) = self.safe_name(&entry.name) else { return Ok(()) };
        let path = join(&self.options.directory, &name);
        let (shown, quiet) = (text(&path), self.options.quiet > 0);
        if entry.is_directory() {
            if self.options.junks || files::is_directory(path.strip_suffix(b"/").unwrap_or(&path)) {
                return Ok(());
            }
            if !quiet {
                tell(format!("   creating: {shown}\n").as_bytes());
            }
            fs::create_dir_all(path_of(&path))?;
            restore(entry, &path);
            return Ok(());
        }
        if !self.may_write(entry, &path, &shown) {
            return Ok(());
        }
        files::make_parents(&path)?;
        if entry.is_symlink() && entry.size <= LINK_MAX_BYTES {
            let mut target = Vec::new();
            self.copy(file, entry, &mut target)?;
            if !quiet {
                tell(format!("    linking: {shown:<22}  -> {} \n", text(&target)).as_bytes());
            }
            self.links.push((path, target));
            return Ok(());
        }
        if !quiet {
            let verb = if entry.method == DEFLATED { "  inflating" } else { " extracting" };
            tell(format!("{verb}: {shown:<22}  ").as_bytes());
        }
        let mut output = BufWriter::with_capacity(BUFFER_BYTES, files::create_new(&path)?);
        let finding = self.copy(file, entry, &mut output)?;
        output.flush()?;
        drop(output);
        restore(entry, &path);
        match finding {
            Some(finding) => tell(format!(" {finding}\n").as_bytes()),
            None if !quiet => tell(b"\n"),
            None => {}
        }
        Ok(())
    }

    /// Takes off what would lead out of the directory, which is told; `None`: nothing is left.
    fn safe_name(&mut self, name: &[u8]) -> Option<Vec<u8>> {
        let shown = text(name);
        if name.first() == Some(&b'/') {
            write(&format!("warning:  stripped absolute path spec from {shown}\n"));
            self.worsen(WARNING);
        }
        let is_directory = name.ends_with(b"/");
        let parts = name.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".");
        let kept: Vec<&[u8]> = parts.clone().filter(|part| *part != b"..").collect();
        if kept.len() < parts.count() {
            write(&format!("warning:  skipped \"../\" path component(s) in {shown}\n"));
            self.worsen(WARNING);
        }
        let mut result = if self.options.junks { kept.last().copied()?.to_vec() } else { kept.join(&b'/') };
        if result.is_empty() {
            return None;
        }
        if self.options.lower_case {
            result.make_ascii_lowercase();
        }
        if is_directory {
            result.push(b'/');
        }
        Some(result)
    }

    /// Decides about a file that is there, and takes it away if it is to be replaced.
    fn may_write(&mut self, entry: &Entry, path: &[u8], shown: &str) -> bool {
        let Ok(found) = lstat(path) else { return !self.options.freshens };
        let modified = i64::try_from(found.modified.as_secs()).unwrap_or(i64::MAX);
        if self.options.updates && entry.modified <= modified {
            return false;
        }
        if self.options.existing == Existing::Ask && found.mode.kind() == Kind::Symlink {
            write(&format!("{shown} exists and is a symbolic link.\n"));
        }
        let replaces = match self.options.existing {
            Existing::Always => true,
            Existing::Never => false,
            Existing::Ask => self.asks(shown),
        };
        replaces && files::unlink(path).is_ok()
    }

    fn asks(&mut self, shown: &str) -> bool {
        loop {
            write(&format!("replace {shown}? [y]es, [n]o, [A]ll, [N]one, [r]ename: "));
            let mut answer = String::new();
            // An answer that cannot be read is none.
            let _ = io::stdin().lock().read_line(&mut answer);
            match answer.chars().next() {
                None => {
                    write(" NULL\n(EOF or read error, treating as \"[N]one\" ...)\n");
                    self.options.existing = Existing::Never;
                    return false;
                }
                Some('y' | 'Y') => return true,
                Some('n') => return false,
                Some('A') => {
                    self.options.existing = Existing::Always;
                    return true;
                }
                Some('N') => {
                    self.options.existing = Existing::Never;
                    return false;
                }
                Some(_) => write(&format!("error:  invalid response [{}]\n", answer.trim_end())),
            }
        }
    }
}

/// Gives what was extracted its mode and time.
fn restore(entry: &Entry, path: &[u8]) {
    // The content is there; unzip, too, only warns of what it cannot restore.
    let _ = change_mode(path, entry.mode() & 0o777, true);
    let seconds = u64::try_from(entry.modified).unwrap_or(0);
    let _ = files::set_modified(path, Duration::from_secs(seconds), true);
}
