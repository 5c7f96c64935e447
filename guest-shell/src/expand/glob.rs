//! Path expansion: patterns against the file system.
//!
//! A pattern is taken apart at its slashes; parts without operators are walked by name, the others list their
//! directory. The result is sorted by bytes, as in the C locale. Owns no matching: that is `pattern`'s.

use crate::flow::{Flow, Unwind};
use crate::options::ShellOption;
use crate::pattern::{Flags, Matcher, is_pattern, unquote};
use crate::shell::Shell;
use crate::sys::FileKind;
use crate::vars::Name;

/// Most paths one pattern may come to; each costs some 50 bytes of the instance's memory.
const PATHS_MAX: usize = 1_000_000;

/// How deep `**` follows directories: no longer path could be opened.
const DEPTH_MAX: u32 = 500;

/// One part of a pattern between slashes.
enum Part {
    /// A name.
    Name(Vec<u8>),
    /// A pattern; whether it begins with a dot of its own.
    Pattern(Matcher, bool),
    /// `**`: any directories.
    Deep,
}

struct Search<'a> {
    shell: &'a mut Shell,
    parts: Vec<Part>,
    hidden: bool,
    dots: bool,
    found: Vec<Vec<u8>>,
}

impl Shell {
    /// The paths a pattern matches, sorted; a backslash quotes. GLOBIGNORE has been applied.
    ///
    /// # Errors
    /// A signal; more paths than memory holds.
    pub fn glob(&mut self, pattern: &[u8]) -> Flow<Vec<Vec<u8>>> {
        let ignored = self.vars.get(Name::GLOBIGNORE).filter(|text| !text.is_empty()).map(<[u8]>::to_vec);
        let flags =
            Flags { extended: self.is_shopt(ShellOption::ExtGlob), fold: self.is_shopt(ShellOption::NoCaseGlob) };
        let deep = self.is_shopt(ShellOption::GlobStar);
        let rooted = pattern.iter().take_while(|byte| **byte == b'/').count();
        let parts = split(&pattern[rooted..]).into_iter().map(|part| parse_part(part, flags, deep)).collect();
        let hidden = self.is_shopt(ShellOption::DotGlob) || ignored.is_some();
        let dots = !self.is_shopt(ShellOption::GlobSkipDots) && ignored.is_none();
        let mut search = Search { shell: self, parts, hidden, dots, found: Vec::new() };
        search.walk(&pattern[..rooted], 0)?;
        let mut found = search.found;
        found.sort_unstable();
        found.dedup();
        if let Some(ignored) = ignored {
            let flags = Flags { extended: true, ..flags };
            let ignored: Vec<Ignored> =
                ignored.split(|byte| *byte == b':').map(|pattern| Ignored::new(pattern, flags)).collect();
            found.retain(|path| !ignored.iter().any(|pattern| pattern.matches(path)));
        }
        Ok(found)
    }
}

/// A pattern of GLOBIGNORE, part by part: its stars do not reach over slashes.
struct Ignored {
    parts: Vec<Matcher>,
}

impl Ignored {
    fn new(pattern: &[u8], flags: Flags) -> Ignored {
        Ignored { parts: pattern.split(|byte| *byte == b'/').map(|part| Matcher::new(part, flags)).collect() }
    }

    fn matches(&self, path: &[u8]) -> bool {
        let names = path.split(|byte| *byte == b'/');
        names.clone().count() == self.parts.len() && names.zip(&self.parts).all(|(name, part)| part.matches(name))
    }
}

fn parse_part(part: &[u8], flags: Flags, deep: bool) -> Part {
    if deep && part == b"**" {
        return Part::Deep;
    }
    if is_pattern(part, flags.extended) {
        let dotted = part.starts_with(b".") || part.starts_with(b"\\.");
        Part::Pattern(Matcher::new(part, flags), dotted)
    } else {
        Part::Name(unquote(part))
    }
}

/// The parts between slashes; a slash in brackets or after a backslash separates all the same, as in bash.
fn split(pattern: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut groups = 0usize;
    let mut at = 0;
    while let Some(byte) = pattern.get(at) {
        match byte {
            b'\\' => at += 1,
            b'(' if at > 0 && matches!(pattern[at - 1], b'?' | b'*' | b'+' | b'@' | b'!') => groups += 1,
            b')' => groups = groups.saturating_sub(1),
            b'/' if groups == 0 => {
                parts.push(&pattern[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    parts.push(&pattern[start..]);
    parts
}

impl Search<'_> {
    /// Matches the parts from number `at` on below `prefix`, which ends with a slash or is empty.
    fn walk(&mut self, prefix: &[u8], at: usize) -> Flow {
        self.shell.tick()?;
        let last = at + 1 == self.parts.len();
        match &self.parts[at] {
            Part::Name(name) => {
                let path = [prefix, name].concat();
                if !last {
                    return self.walk(&[&path, b"/".as_slice()].concat(), at + 1);
                }
                let there = if name.is_empty() {
                    prefix.is_empty() || self.is_directory(prefix)
                } else {
                    self.shell.sys.stat(&path, false).is_ok()
                };
                if there { self.add(path) } else { Ok(()) }
            }
            Part::Pattern(..) => self.list(prefix, at, last),
            Part::Deep => self.descend(prefix, at, last, 0),
        }
    }

    fn add(&mut self, path: Vec<u8>) -> Flow {
        if self.found.len() >= PATHS_MAX {
            self.shell.report(format!("xrealloc: cannot allocate {} bytes", PATHS_MAX * 64).as_bytes());
            return Err(Unwind::Discard(1));
        }
        self.found.push(path);
        Ok(())
    }

    fn is_directory(&self, path: &[u8]) -> bool {
        self.shell.sys.stat(path, true).is_ok_and(|stat| stat.kind == FileKind::Directory)
    }

    /// Names in a directory with their kinds.
    fn entries(&mut self, prefix: &[u8]) -> Vec<crate::sys::DirectoryEntry> {
        let directory = if prefix.is_empty() { b"." } else { prefix };
        self.shell.sys.read_dir(directory).unwrap_or_default()
    }

    fn list(&mut self, prefix: &[u8], at: usize, last: bool) -> Flow {
        let mut names: Vec<(Vec<u8>, FileKind)> = Vec::new();
        let entries = self.entries(prefix);
        let Part::Pattern(matcher, dotted) = &self.parts[at] else { return Ok(()) };
        let shown = |name: &[u8]| !name.starts_with(b".") || *dotted || self.hidden;
        for entry in entries {
            if shown(&entry.name) && matcher.matches(&entry.name) {
                names.push((entry.name, entry.kind));
            }
        }
        if *dotted && self.dots {
            for name in [b".".as_slice(), b".."] {
                if matcher.matches(name) {
                    names.push((name.to_vec(), FileKind::Directory));
                }
            }
        }
        for (name, kind) in names {
            self.shell.tick()?;
            let mut path = [prefix, &name].concat();
            if last {
                self.add(path)?;
                continue;
            }
            let directory = match kind {
                FileKind::Directory => true,
                FileKind::Symlink => self.is_directory(&path),
                _ => false,
            };
            if directory {
                path.push(b'/');
                self.walk(&path, at + 1)?;
            }
        }
        Ok(())
    }

    /// Whether nothing but a slash follows (`**/`): directories alone are meant.
    fn only_slash(&self, at: usize) -> bool {
        at + 1 == self.parts.len() && matches!(&self.parts[at], Part::Name(name) if name.is_empty())
    }

    /// `**` at `prefix`: the rest of the pattern here and in every directory below; links are not followed.
    fn descend(&mut self, prefix: &[u8], at: usize, last: bool, depth: u32) -> Flow {
        if last {
            if depth == 0 && !prefix.is_empty() && self.is_directory(prefix) {
                self.add(prefix.to_vec())?;
            }
        } else if !(prefix.is_empty() && self.only_slash(at + 1)) {
            self.walk(prefix, at + 1)?;
        }
        if depth >= DEPTH_MAX {
            return Ok(());
        }
        for entry in self.entries(prefix) {
            if entry.name.starts_with(b".") && !self.hidden {
                continue;
            }
            self.shell.tick()?;
            let mut path = [prefix, &entry.name].concat();
            if last {
                self.add(path.clone())?;
            }
            if entry.kind == FileKind::Directory {
                path.push(b'/');
                self.descend(&path, at, last, depth + 1)?;
            } else if entry.kind == FileKind::Symlink && self.only_slash(at + 1) && self.is_directory(&path) {
                path.push(b'/');
                self.add(path)?;
            }
        }
        Ok(())
    }
}
