//! Images: what a session starts from, built entry by entry out of untrusted parts.
//!
//! An [`Inspection`] reads a list of entries first and refuses what cannot be meant, in constant memory. An
//! [`ImageBuilder`] then writes on a clone of the template under the session's quotas. Whatever is refused, no session has
//! changed: the finished [`Image`] is put in place as a whole, by the session's driver.

use std::sync::Arc;

use base::{Errno, Limits, StorageExceeded, Timestamp};
use engine::ShellState;
use vfs::{Follow, Ino, Kind, Quota, Tree};

use crate::import::{ImageError, ImportContent, ImportEntry, check_path};
use crate::persistence::Base;
use crate::rc::Aliases;

/// What a session is when nothing runs in it. A clone is made in constant time.
#[derive(Clone)]
pub struct Image {
    /// The files.
    pub tree: Tree,
    /// What is remembered beside them.
    pub memory: Memory,
    /// What the store has that it differs little from; without, the template is meant.
    pub(crate) base: Option<Arc<Base>>,
}

/// What a session remembers beside its files.
#[derive(Clone, Debug)]
pub struct Memory {
    /// The working directory: absolute; `/` if it did not exist.
    pub cwd: Vec<u8>,
    /// The shell's state; the default is a shell that has not run yet.
    pub state: ShellState,
    /// What is known of the aliases file.
    pub(crate) aliases: Aliases,
    /// The rc file has been read.
    pub(crate) rc_loaded: bool,
}

impl Default for Memory {
    fn default() -> Self {
        let (state, aliases) = (ShellState::default(), Aliases::default());
        Self { cwd: b"/".to_vec(), state, aliases, rc_loaded: false }
    }
}

impl Image {
    /// Returns an image with a fresh shell.
    #[must_use]
    pub fn new(tree: Tree, cwd: Vec<u8>) -> Self {
        Self { tree, memory: Memory { cwd, ..Memory::default() }, base: None }
    }

    /// Returns what keeping it apart is charged: its files' footprint and the bytes of its shell's state.
    #[must_use]
    pub fn logical_bytes(&self) -> u64 {
        self.tree.usage().footprint.saturating_add(self.memory.state.bytes() as u64)
    }
}

/// Mode of parents that a path implies.
const PARENT_MODE: u32 = 0o755;
const MODE_BITS: u32 = 0o7777;

/// Builds an [`Image`] from a template and entries.
pub struct ImageBuilder {
    tree: Tree,
    limits: Limits,
    files: u64,
    bytes: u64,
    /// The directory of the entry before, by its path up to the last slash. No directory is ever removed here, and what a
    /// symbolic link may have changed is forgotten.
    last_parent: Option<(Vec<u8>, Ino)>,
    now: Timestamp,
}

impl ImageBuilder {
    /// Starts from `template` with the quotas of `limits`.
    #[must_use]
    pub fn new(template: &Tree, limits: &Limits, now: Timestamp) -> Self {
        Self {
            tree: Tree::from_template(template, Quota::from(limits)),
            limits: limits.clone(),
            files: 0,
            bytes: 0,
            last_parent: None,
            now,
        }
    }

    /// Adds one entry, creating the parents it implies, and returns its inode. A regular file is empty then: its content
    /// follows by [`ImageBuilder::append`]. After an error the builder is to be dropped.
    ///
    /// # Errors
    /// What is wrong with the entry, or the quota it exceeds.
    pub fn add(&mut self, entry: &ImportEntry<'_>) -> Result<Ino, ImageError> {
        entry.check()?;
        self.files = self.files.saturating_add(u64::from(entry.content != ImportContent::Dir));
        self.limits.validate_fs(self.files, self.bytes)?;
        self.place(entry).map_err(|errno| self.explain(entry.path, errno))
    }

    /// Appends to a regular file that [`ImageBuilder::add`] made; `path` names it in errors.
    ///
    /// # Errors
    /// The quota it exceeds.
    pub fn append(&mut self, file: Ino, path: &[u8], data: &[u8]) -> Result<(), ImageError> {
        self.bytes = self.bytes.saturating_add(data.len() as u64);
        self.limits.validate_fs(self.files, self.bytes)?;
        self.write(file, data).map_err(|errno| self.explain(path, errno))
    }

    /// Returns the image; it starts in `cwd` if that is an existing directory named without `..`, else in `/`.
    #[must_use]
    pub fn finish(self, cwd: &[u8]) -> Image {
        let usable = check_path(cwd).is_ok()
            && self
                .tree
                .lookup(Ino::ROOT, cwd, Follow::Yes)
                .and_then(|ino| self.tree.stat(ino))
                .is_ok_and(|stat| stat.kind == Kind::Dir);
        let cwd = if usable { cwd.to_vec() } else { b"/".to_vec() };
        Image::new(self.tree, cwd)
    }

    fn place(&mut self, entry: &ImportEntry<'_>) -> Result<Ino, Errno> {
        let mode = entry.mode & MODE_BITS;
        let Some((parent, name)) = self.parent(entry.path)? else {
            self.tree.set_mode(Ino::ROOT, mode, self.now)?;
            return if entry.content == ImportContent::Dir { Ok(Ino::ROOT) } else { Err(Errno::EISDIR) };
        };
        match &entry.content {
            ImportContent::Dir => {
                let ino = self.directory(parent, name, mode)?;
                self.tree.set_mode(ino, mode, self.now)?;
                Ok(ino)
            }
            ImportContent::File => {
                let ino = self.tree.create(parent, name, mode, false, self.now)?;
                if self.tree.stat(ino)?.kind != Kind::File {
                    return Err(Errno::EEXIST);
                }
                self.tree.truncate(ino, 0, self.now)?;
                self.tree.set_mode(ino, mode, self.now)?;
                Ok(ino)
            }
            ImportContent::Symlink(target) => {
                self.last_parent = None;
                match self.tree.symlink(target, parent, name, self.now) {
                    Err(Errno::EEXIST) => {
                        self.tree.unlink(parent, name, self.now)?;
                        self.tree.symlink(target, parent, name, self.now)
                    }
                    other => other,
                }
            }
        }
    }

    fn write(&mut self, ino: Ino, data: &[u8]) -> Result<(), Errno> {
        let mut rest = data;
        while !rest.is_empty() {
            let (_, written) = self.tree.append(ino, rest, self.now)?;
            rest = rest.get(written..).filter(|_| written > 0).ok_or(Errno::EIO)?;
        }
        Ok(())
    }

    /// Returns the directory an entry belongs in, made with its parents where there is none, and the entry's name;
    /// `None` for the root.
    fn parent<'p>(&mut self, path: &'p [u8]) -> Result<Option<(Ino, &'p [u8])>, Errno> {
        let end = path.iter().rposition(|byte| *byte != b'/').map_or(0, |last| last + 1);
        let path = path.get(..end).unwrap_or_default();
        let slash = path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
        let (above, name) = path.split_at(slash);
        if name.is_empty() {
            return Ok(None);
        }
        // Entries come in the order of a walk, so the next one is mostly in the same directory.
        if let Some((known, ino)) = &self.last_parent
            && known == above
        {
            return Ok(Some((*ino, name)));
        }
        let mut ino = Ino::ROOT;
        for component in above.split(|byte| *byte == b'/').filter(|component| !component.is_empty()) {
            ino = self.directory(ino, component, PARENT_MODE)?;
        }
        self.last_parent = Some((above.to_vec(), ino));
        Ok(Some((ino, name)))
    }

    /// Returns the directory `name` in `parent`, creating it if there is nothing.
    fn directory(&mut self, parent: Ino, name: &[u8], mode: u32) -> Result<Ino, Errno> {
        match self.tree.lookup(parent, name, Follow::Yes) {
            Ok(ino) if self.tree.stat(ino)?.kind == Kind::Dir => Ok(ino),
            Ok(_) => Err(Errno::ENOTDIR),
            Err(Errno::ENOENT) => self.tree.mkdir(parent, name, mode, self.now),
            Err(errno) => Err(errno),
        }
    }

    /// Says a quota's refusal in the quota's words.
    fn explain(&self, path: &[u8], errno: Errno) -> ImageError {
        let usage = self.tree.usage();
        match (errno, self.limits.max_files, self.limits.max_bytes) {
            (Errno::EDQUOT, Some(max), _) if usage.files >= max => {
                StorageExceeded::Files { files: usage.files.saturating_add(1), max }.into()
            }
            (Errno::EDQUOT, _, Some(max)) => StorageExceeded::Bytes { bytes: self.bytes.max(usage.bytes), max }.into(),
            _ => ImageError::Refused { path: String::from_utf8_lossy(path).into_owned(), errno },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(7);

    fn entry<'a>(path: &'a str, mode: u32, content: ImportContent<'a>) -> ImportEntry<'a> {
        ImportEntry { path: path.as_bytes(), mode, content }
    }

    fn file(builder: &mut ImageBuilder, path: &str, content: &str) -> Result<(), ImageError> {
        let ino = builder.add(&entry(path, 0o640, ImportContent::File))?;
        builder.append(ino, path.as_bytes(), content.as_bytes())
    }

    fn builder(limits: &Limits) -> ImageBuilder {
        let mut template = Tree::new(Quota::UNLIMITED, NOW);
        template.mkdir(Ino::ROOT, b"/tmp", 0o1777, NOW).expect("room");
        ImageBuilder::new(&template, limits, NOW)
    }

    fn stat(image: &Image, path: &str) -> vfs::Stat {
        image.tree.lookup(Ino::ROOT, path.as_bytes(), Follow::No).and_then(|ino| image.tree.stat(ino)).expect("exists")
    }

    #[test]
    fn parents_are_made_and_modes_kept() {
        let mut builder = builder(&Limits::default());
        file(&mut builder, "/a/b/f", "hello").expect("fits");
        builder.add(&entry("/a", 0o700, ImportContent::Dir)).expect("fits");
        builder.add(&entry("/a/l", 0o777, ImportContent::Symlink(b"b/f"))).expect("fits");
        let image = builder.finish(b"/a/b");
        assert_eq!(image.memory.cwd, b"/a/b");
        assert_eq!((stat(&image, "/a").mode, stat(&image, "/a/b").mode), (0o700, 0o755));
        assert_eq!((stat(&image, "/a/b/f").mode, stat(&image, "/a/b/f").size), (0o640, 5));
        assert_eq!(stat(&image, "/a/l").kind, Kind::Symlink);
        image.tree.check_invariants().expect("whole");
    }

    #[test]
    fn an_entry_may_come_twice_and_a_link_may_replace_a_file() {
        let mut builder = builder(&Limits::default());
        file(&mut builder, "/d/f", "long content").expect("fits");
        file(&mut builder, "/d/f", "short").expect("fits");
        builder.add(&entry("/d/f/", 0o777, ImportContent::Symlink(b"/tmp"))).expect("fits");
        file(&mut builder, "/d/f/inside", "x").expect("fits");
        let image = builder.finish(b"/d");
        assert_eq!(stat(&image, "/tmp/inside").size, 1);
        image.tree.check_invariants().expect("whole");
    }

    #[test]
    fn what_is_in_the_way_is_said() {
        let check = |path: &str, text: &str| {
            let mut builder = builder(&Limits::default());
            file(&mut builder, "/f", "x").expect("fits");
            assert_eq!(file(&mut builder, path, "x").expect_err("refused").to_string(), text);
        };
        check("/tmp", "snapshot: \"/tmp\": Is a directory");
        check("/", "snapshot: \"/\": Is a directory");
        check("/f/g", "snapshot: \"/f/g\": Not a directory");
    }

    #[test]
    fn quotas_are_judged_in_the_older_servers_words() {
        let limits = Limits { max_files: Some(1), max_bytes: Some(10), ..Limits::default() };
        let mut files = builder(&limits);
        file(&mut files, "/a", "x").expect("fits");
        let error = file(&mut files, "/b", "y").expect_err("one too many");
        assert_eq!(error.to_string(), "session file limit exceeded: 2 files (max 1)");
        let error = file(&mut builder(&limits), "/a", "0123456789a").expect_err("too long");
        assert_eq!(error.to_string(), "session storage limit exceeded: 11 bytes (max 10)");
    }

    #[test]
    fn a_working_directory_that_is_none_becomes_the_root() {
        let check = |cwd: &[u8], expected: &[u8]| {
            assert_eq!(builder(&Limits::default()).finish(cwd).memory.cwd, expected);
        };
        check(b"/tmp", b"/tmp");
        check(b"tmp", b"/");
        check(b"/tmp/../tmp", b"/");
        check(b"/gone", b"/");
        check(b"", b"/");
    }
}
