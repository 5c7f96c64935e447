//! Images: what a session starts from, built entry by entry out of untrusted parts.
//!
//! An [`ImageBuilder`] writes on a clone of the template under the session's quotas. Whatever is refused, no session has
//! changed: the finished [`Image`] is put in place as a whole, by the session's driver.

use base::{Errno, Limits, Timestamp};
use bytes::Bytes;
use vfs::{Follow, Ino, Kind, Quota, Tree};

/// A file tree and the directory to start in.
#[derive(Clone)]
pub struct Image {
    /// The files.
    pub tree: Tree,
    /// The working directory: absolute; `/` if it did not exist.
    pub cwd: Vec<u8>,
}

/// One file that arrives from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportEntry {
    /// Where; must be absolute and without `..` as a component.
    pub path: Vec<u8>,
    /// Permission bits, 0 to 0o7777.
    pub mode: u32,
    /// What.
    pub content: ImportContent,
}

/// What a file that arrives is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportContent {
    /// A directory; one that is already there gets the mode.
    Dir,
    /// A regular file with this content; replaces the content of one that is already there.
    File(Bytes),
    /// A symbolic link to this target.
    Symlink(Vec<u8>),
}

/// Why an image was refused. The texts are the older server's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// A path climbs.
    #[error("snapshot: invalid path {0:?}: contains traversal sequence")]
    Traversal(String),
    /// A path is relative.
    #[error("snapshot: invalid path {0:?}: must be absolute")]
    Relative(String),
    /// The tree refused an entry.
    #[error("snapshot: {path:?}: {errno}")]
    Refused {
        /// The entry.
        path: String,
        /// Why.
        errno: Errno,
    },
    /// More files than the session's quota.
    #[error("session file limit exceeded: {files} files (max {max})")]
    TooManyFiles {
        /// Found so far.
        files: u64,
        /// The quota.
        max: u64,
    },
    /// More bytes than the session's quota.
    #[error("session storage limit exceeded: {bytes} bytes (max {max})")]
    TooManyBytes {
        /// Found so far.
        bytes: u64,
        /// The quota.
        max: u64,
    },
}

/// Mode of parents that a path implies.
const PARENT_MODE: u32 = 0o755;
const MODE_BITS: u32 = 0o7777;

/// Builds an [`Image`] from a template and entries.
pub struct ImageBuilder {
    tree: Tree,
    max_files: Option<u64>,
    max_bytes: Option<u64>,
    files: u64,
    bytes: u64,
    now: Timestamp,
}

impl ImageBuilder {
    /// Starts from `template` with the quotas of `limits`.
    #[must_use]
    pub fn new(template: &Tree, limits: &Limits, now: Timestamp) -> Self {
        Self {
            tree: Tree::from_template(template, Quota::from(limits)),
            max_files: limits.max_files,
            max_bytes: limits.max_bytes,
            files: 0,
            bytes: 0,
            now,
        }
    }

    /// Adds one entry, creating the parents it implies. After an error the builder is to be dropped.
    ///
    /// # Errors
    /// What is wrong with the entry, or the quota it exceeds.
    pub fn add(&mut self, entry: &ImportEntry) -> Result<(), ImageError> {
        let path = entry.path.as_slice();
        check_path(path)?;
        self.count(&entry.content)?;
        self.place(entry).map_err(|errno| self.explain(path, errno))
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
        Image { tree: self.tree, cwd }
    }

    fn count(&mut self, content: &ImportContent) -> Result<(), ImageError> {
        if let ImportContent::File(content) = content {
            self.bytes = self.bytes.saturating_add(content.len() as u64);
        }
        if !matches!(content, ImportContent::Dir) {
            self.files = self.files.saturating_add(1);
        }
        if let Some(max) = self.max_files.filter(|max| self.files > *max) {
            return Err(ImageError::TooManyFiles { files: self.files, max });
        }
        if let Some(max) = self.max_bytes.filter(|max| self.bytes > *max) {
            return Err(ImageError::TooManyBytes { bytes: self.bytes, max });
        }
        Ok(())
    }

    fn place(&mut self, entry: &ImportEntry) -> Result<(), Errno> {
        let path = entry.path.as_slice();
        let mode = entry.mode & MODE_BITS;
        self.make_parents(path)?;
        match &entry.content {
            ImportContent::Dir => {
                let ino = self.directory(path, mode)?;
                self.tree.set_mode(ino, mode, self.now)
            }
            ImportContent::File(content) => {
                let ino = self.tree.create(Ino::ROOT, path, mode, false, self.now)?;
                if self.tree.stat(ino)?.kind != Kind::File {
                    return Err(Errno::EEXIST);
                }
                self.tree.truncate(ino, 0, self.now)?;
                self.write(ino, content)?;
                self.tree.set_mode(ino, mode, self.now)
            }
            ImportContent::Symlink(target) => match self.tree.symlink(target, Ino::ROOT, path, self.now) {
                Err(Errno::EEXIST) => {
                    self.tree.unlink(Ino::ROOT, path, self.now)?;
                    self.tree.symlink(target, Ino::ROOT, path, self.now).map(drop)
                }
                other => other.map(drop),
            },
        }
    }

    fn write(&mut self, ino: Ino, content: &[u8]) -> Result<(), Errno> {
        let mut offset = 0;
        while let Some(rest) = content.get(offset..).filter(|rest| !rest.is_empty()) {
            let written = self.tree.write_at(ino, offset as u64, rest, self.now)?;
            if written == 0 {
                return Err(Errno::EIO);
            }
            offset += written;
        }
        Ok(())
    }

    fn make_parents(&mut self, path: &[u8]) -> Result<(), Errno> {
        for (end, _) in path.iter().enumerate().skip(1).filter(|(_, byte)| **byte == b'/') {
            let parent = path.get(..end).unwrap_or_default();
            if !parent.iter().all(|byte| *byte == b'/') {
                self.directory(parent, PARENT_MODE)?;
            }
        }
        Ok(())
    }

    /// Returns the directory at `path`, creating it if there is nothing.
    fn directory(&mut self, path: &[u8], mode: u32) -> Result<Ino, Errno> {
        match self.tree.lookup(Ino::ROOT, path, Follow::Yes) {
            Ok(ino) if self.tree.stat(ino)?.kind == Kind::Dir => Ok(ino),
            Ok(_) => Err(Errno::ENOTDIR),
            Err(Errno::ENOENT) => self.tree.mkdir(Ino::ROOT, path, mode, self.now),
            Err(errno) => Err(errno),
        }
    }

    /// Says a quota's refusal in the quota's words.
    fn explain(&self, path: &[u8], errno: Errno) -> ImageError {
        let usage = self.tree.usage();
        match (errno, self.max_files, self.max_bytes) {
            (Errno::EDQUOT, Some(max), _) if usage.files >= max => {
                ImageError::TooManyFiles { files: usage.files.saturating_add(1), max }
            }
            (Errno::EDQUOT, _, Some(max)) => ImageError::TooManyBytes { bytes: self.bytes.max(usage.bytes), max },
            _ => ImageError::Refused { path: text(path), errno },
        }
    }
}

fn check_path(path: &[u8]) -> Result<(), ImageError> {
    if !path.starts_with(b"/") {
        return Err(ImageError::Relative(text(path)));
    }
    if path.split(|byte| *byte == b'/').any(|component| component == b"..") {
        return Err(ImageError::Traversal(text(path)));
    }
    Ok(())
}

fn text(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(7);

    fn file(path: &str, content: &'static str) -> ImportEntry {
        ImportEntry {
            path: path.into(),
            mode: 0o640,
            content: ImportContent::File(Bytes::from_static(content.as_bytes())),
        }
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
        builder.add(&file("/a/b/f", "hello")).expect("fits");
        builder.add(&ImportEntry { path: b"/a".to_vec(), mode: 0o700, content: ImportContent::Dir }).expect("fits");
        let link = ImportContent::Symlink(b"b/f".to_vec());
        builder.add(&ImportEntry { path: b"/a/l".to_vec(), mode: 0o777, content: link }).expect("fits");
        let image = builder.finish(b"/a/b");
        assert_eq!(image.cwd, b"/a/b");
        assert_eq!((stat(&image, "/a").mode, stat(&image, "/a/b").mode), (0o700, 0o755));
        assert_eq!((stat(&image, "/a/b/f").mode, stat(&image, "/a/b/f").size), (0o640, 5));
        assert_eq!(stat(&image, "/a/l").kind, Kind::Symlink);
        image.tree.check_invariants().expect("whole");
    }

    #[test]
    fn a_path_must_be_absolute_and_must_not_climb() {
        let check = |path: &str, text: &str| {
            let error = builder(&Limits::default()).add(&file(path, "x")).expect_err("refused");
            assert_eq!(error.to_string(), text);
        };
        check("/x/../y", "snapshot: invalid path \"/x/../y\": contains traversal sequence");
        check("x/y", "snapshot: invalid path \"x/y\": must be absolute");
        check("", "snapshot: invalid path \"\": must be absolute");
        check("/tmp", "snapshot: \"/tmp\": Is a directory");
        builder(&Limits::default()).add(&file("/a..b/..c", "x")).expect("dots in a name climb nowhere");
    }

    #[test]
    fn quotas_are_judged_in_the_older_servers_words() {
        let limits = Limits { max_files: Some(1), max_bytes: Some(10), ..Limits::default() };
        let mut files = builder(&limits);
        files.add(&file("/a", "x")).expect("fits");
        let error = files.add(&file("/b", "y")).expect_err("one too many");
        assert_eq!(error.to_string(), "session file limit exceeded: 2 files (max 1)");
        let error = builder(&limits).add(&file("/a", "0123456789a")).expect_err("too long");
        assert_eq!(error.to_string(), "session storage limit exceeded: 11 bytes (max 10)");
    }

    #[test]
    fn a_working_directory_that_is_none_becomes_the_root() {
        let check = |cwd: &[u8], expected: &[u8]| {
            assert_eq!(builder(&Limits::default()).finish(cwd).cwd, expected);
        };
        check(b"/tmp", b"/tmp");
        check(b"tmp", b"/");
        check(b"/tmp/../tmp", b"/");
        check(b"/gone", b"/");
        check(b"", b"/");
    }
}
