//! Which files are searched: the operands, directories below them, standard input; and what of them is left out.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::destination::Destination;
use crate::matcher::Matcher;
use crate::options::{Directories, FileNames, Options};
use crate::output::Printer;
use crate::reason::reason;
use crate::search::{Search, SearchError};

/// What all files together came to.
#[derive(Default)]
pub(crate) struct Totals {
    /// A line was selected in some file.
    pub(crate) selected: bool,
    /// Some file could not be read.
    pub(crate) failed: bool,
}

/// Searches all operands. Stops early when `-q` has its answer.
///
/// # Errors
///
/// Stdout cannot be written.
pub(crate) fn search_all(
    options: &Options,
    matcher: &Matcher,
    printer: &mut Printer<'_>,
    destination: &Destination,
    totals: &mut Totals,
) -> io::Result<()> {
    let recurse = options.directories == Directories::Recurse;
    let is_tree = |path: &PathBuf| recurse && path.as_os_str() != "-" && path.is_dir();
    let shows_names =
        options.files.len() > 1 || options.files.iter().any(is_tree) || (recurse && options.files.is_empty());
    let mut walk = Walk { options, matcher, printer, destination, totals, shows_names };
    if options.files.is_empty() {
        return if recurse { walk.directory(Path::new("."), true) } else { walk.stdin() };
    }
    for file in &options.files {
        if walk.is_answered() {
            break;
        }
        if file.as_os_str() == "-" { walk.stdin()? } else { walk.operand(file)? }
    }
    Ok(())
}

struct Walk<'a, 'p> {
    options: &'a Options,
    matcher: &'a Matcher,
    printer: &'a mut Printer<'p>,
    destination: &'a Destination,
    totals: &'a mut Totals,
    shows_names: bool,
}

impl Walk<'_, '_> {
    fn is_answered(&self) -> bool {
        self.options.quiet && self.totals.selected
    }

    fn stdin(&mut self) -> io::Result<()> {
        let label = self.options.label.clone();
        if self.destination.is(None) {
            self.totals.failed = true;
            return self.same_as_output(&label);
        }
        self.printer.align_for(None);
        self.search(io::stdin().lock(), &label)
    }

    fn operand(&mut self, path: &Path) -> io::Result<()> {
        match std::fs::metadata(path) {
            Err(error) => self.complain(path, &reason(&error)),
            Ok(metadata) if metadata.is_dir() => match self.options.directories {
                Directories::Read => {
                    self.totals.failed = true;
                    if !self.options.no_messages {
                        // Nobody is left to tell when stderr is closed.
                        let _ = writeln!(io::stderr(), "grep: {}: Is a directory", path.display());
                    }
                }
                Directories::Skip => {}
                Directories::Recurse if self.is_excluded_directory(path) => {}
                Directories::Recurse => self.directory(path, false)?,
            },
            Ok(_) if self.is_excluded(path) => {}
            Ok(_) => self.file(path)?,
        }
        Ok(())
    }

    /// Searches what is below a directory, in the order of names; `implied` paths lose their leading `./`.
    fn directory(&mut self, top: &Path, implied: bool) -> io::Result<()> {
        let mut pending = vec![top.to_path_buf()];
        while let Some(path) = pending.pop() {
            if self.is_answered() {
                return Ok(());
            }
            if path.is_dir() {
                let below = self.entries(&path);
                pending.extend(below.into_iter().rev());
            } else {
                let shown = if implied { path.strip_prefix(".").unwrap_or(&path) } else { &path };
                self.file(shown)?;
            }
        }
        Ok(())
    }

    /// Lists the files and directories to visit below a directory; symbolic links only with `-R`,
    /// and not to where the walk has come from.
    fn entries(&mut self, directory: &Path) -> Vec<PathBuf> {
        let listing = match std::fs::read_dir(directory) {
            Ok(listing) => listing,
            Err(error) => {
                self.complain(directory, &reason(&error));
                return Vec::new();
            }
        };
        let mut paths: Vec<PathBuf> = listing
            .filter_map(Result::ok)
            .filter(|entry| {
                let kind = entry.file_type();
                let is_link = kind.as_ref().is_ok_and(std::fs::FileType::is_symlink);
                kind.is_ok_and(|kind| kind.is_file() || kind.is_dir()) || (is_link && self.options.follow_links)
            })
            .filter(|entry| {
                let path = entry.path();
                let is_directory = path.is_dir();
                if is_directory && entry.file_type().is_ok_and(|kind| kind.is_symlink()) && leads_up(directory, &path) {
                    // Nobody is left to tell when stderr is closed.
                    let text = format!("grep: {}: warning: recursive directory loop\n", path.display());
                    let _ = io::stderr().write_all(text.as_bytes());
                    return false;
                }
                if is_directory { !self.is_excluded_directory(&path) } else { !self.is_excluded(&path) }
            })
            .map(|entry| entry.path())
            .collect();
        paths.sort();
        paths
    }

    fn file(&mut self, path: &Path) -> io::Result<()> {
        let name = path.as_os_str().as_encoded_bytes();
        if self.destination.is(Some(name)) {
            self.totals.failed = true;
            return self.same_as_output(name);
        }
        match File::open(path) {
            Ok(file) => {
                if self.options.initial_tab {
                    self.printer.align_for(file.metadata().ok().filter(|data| data.is_file()).map(|data| data.len()));
                }
                self.search(file, name)
            }
            Err(error) => {
                self.complain(path, &reason(&error));
                Ok(())
            }
        }
    }

    fn search(&mut self, input: impl io::Read, name: &[u8]) -> io::Result<()> {
        let shows_name = match self.options.file_names {
            FileNames::Automatic => self.shows_names,
            FileNames::Always => true,
            FileNames::Never => false,
        };
        let search = Search::new(self.options, self.matcher, self.printer, shows_name.then_some(name));
        match search.run(input, name) {
            Ok(selected) => self.totals.selected |= selected,
            Err(SearchError::Read(error)) => {
                self.complain(Path::new(&String::from_utf8_lossy(name).into_owned()), &reason(&error))
            }
            Err(SearchError::Write(error)) => return Err(error),
        }
        Ok(())
    }

    fn same_as_output(&mut self, name: &[u8]) -> io::Result<()> {
        if !self.options.no_messages {
            // Nobody is left to tell when stderr is closed.
            let _ = io::stderr().write_all(&[b"grep: ", name, b": input file is also the output\n"].concat());
        }
        Ok(())
    }

    fn complain(&mut self, path: &Path, message: &str) {
        self.totals.failed = true;
        if !self.options.no_messages {
            // Nobody is left to tell when stderr is closed.
            let _ = writeln!(io::stderr(), "grep: {}: {message}", path.display());
        }
    }

    fn is_excluded(&self, path: &Path) -> bool {
        let name = file_name(path);
        let named = |globs: &[String]| globs.iter().any(|glob| glob_matches(glob.as_bytes(), name.as_bytes()));
        named(&self.options.exclude) || (!self.options.include.is_empty() && !named(&self.options.include))
    }

    fn is_excluded_directory(&self, path: &Path) -> bool {
        let name = file_name(path);
        let globs = &self.options.exclude_dir;
        globs.iter().any(|glob| glob_matches(glob.trim_end_matches('/').as_bytes(), name.as_bytes()))
    }
}

/// Whether a link in `directory` leads to it or to a directory above it.
fn leads_up(directory: &Path, link: &Path) -> bool {
    match (directory.canonicalize(), link.canonicalize()) {
        (Ok(directory), Ok(target)) => directory.starts_with(target),
        _ => false,
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Matches a name against a glob of `*`, `?`, `[...]` and `\`, in linear space and without recursion.
fn glob_matches(glob: &[u8], name: &[u8]) -> bool {
    let (mut g, mut n) = (0, 0);
    let mut star = None;
    while n < name.len() {
        let taken = match glob.get(g) {
            Some(b'*') => {
                star = Some((g, n));
                g += 1;
                continue;
            }
            Some(b'?') => Some(1),
            Some(b'[') => class_matches(&glob[g..], name[n]),
            Some(b'\\') if g + 1 < glob.len() => (glob[g + 1] == name[n]).then_some(2),
            Some(&byte) => (byte == name[n]).then_some(1),
            None => None,
        };
        match (taken, star) {
            (Some(length), _) => {
                g += length;
                n += 1;
            }
            (None, Some((at, from))) => {
                g = at + 1;
                n = from + 1;
                star = Some((at, from + 1));
            }
            (None, None) => return false,
        }
    }
    glob[g..].iter().all(|&byte| byte == b'*')
}

/// Returns the length of the class at the start of `glob` if it has `byte` in it.
fn class_matches(glob: &[u8], byte: u8) -> Option<usize> {
    let negated = matches!(glob.get(1), Some(b'!' | b'^'));
    let first = if negated { 2 } else { 1 };
    let end = (first + 1..glob.len()).find(|&at| glob[at] == b']')?;
    let members = &glob[first..end];
    let mut found = false;
    let mut at = 0;
    while at < members.len() {
        if members.get(at + 1) == Some(&b'-') && at + 2 < members.len() {
            found |= (members[at]..=members[at + 2]).contains(&byte);
            at += 3;
        } else {
            found |= members[at] == byte;
            at += 1;
        }
    }
    (found != negated).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::glob_matches;

    #[test]
    fn globs_match_whole_names() {
        let check = |glob: &str, name: &str, expected| {
            assert_eq!(glob_matches(glob.as_bytes(), name.as_bytes()), expected, "{glob} {name}")
        };
        check("*.rs", "main.rs", true);
        check("*.rs", "main.rss", false);
        check("a*b*c", "axxbyyc", true);
        check("[a-c]?", "bz", true);
        check("[!a-c]?", "bz", false);
        check("*", "", true);
        check("", "a", false);
    }
}
