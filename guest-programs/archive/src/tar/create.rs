//! `tar -c`: walking the files that are named, and writing a member for each.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};

use sandshell_sys::{Kind, Stat, bytes_of, lstat, path_of, stat};

use super::archive;
use super::header::{Member, kind};
use super::names;
use super::options::Operation;
use super::session::{Done, Fatal, Session};
use super::sparse;
use super::transform::Target;
use super::writer::{Refusal, Writer};
use crate::basis::files;
use crate::basis::message::{reason, text};

/// The file that marks a directory as a cache, and how it begins.
const CACHE_TAG: &[u8] = b"CACHEDIR.TAG";
const CACHE_SIGNATURE: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55";

/// What every format holds of a link's target.
const FITTING_LINK_BYTES: usize = 99;

/// A step of a walk: a file to add, by its directory and name, or a directory to remove after its files.
enum Step {
    Add(Vec<u8>),
    Remove(Vec<u8>),
}

/// What is added to an archive.
pub(super) struct Adding<'a, W: Write> {
    pub(super) session: &'a mut Session,
    pub(super) writer: Writer<W>,
    /// The archive's own inode.
    pub(super) archive: Option<u64>,
    /// Files with several names: the name that was added first, by inode.
    links: BTreeMap<u64, Vec<u8>>,
    /// Times of members that are there already, for `-u`.
    pub(super) known: BTreeMap<Vec<u8>, i64>,
}

/// Makes the archive.
pub(super) fn create(session: &mut Session) -> Done {
    let (output, inode) = archive::create(session)?;
    let writer = Writer::new(output, session.settings.format, session.settings.blocking);
    let mut adding = Adding::new(session, writer, inode);
    adding.all()?;
    let (output, bytes) = adding.writer.finish().map_err(|error| cannot_write(session, &error))?;
    let status = output.close().map_err(|error| cannot_write(session, &error))?;
    if status != 0 {
        session.error(&format!("Child returned status {status}"));
    }
    session.totals("written", bytes);
    if session.settings.verify {
        session.settings.operation = Operation::Compare;
        return super::compare::compare(session);
    }
    Ok(())
}

pub(super) fn cannot_write(session: &Session, error: &std::io::Error) -> Fatal {
    let archive = session.settings.archives.first().map(|name| text(name)).unwrap_or_default();
    Fatal(format!("{archive}: Cannot write: {}", reason(error)))
}

impl<'a, W: Write> Adding<'a, W> {
    pub(super) fn new(session: &'a mut Session, writer: Writer<W>, archive: Option<u64>) -> Self {
        Self { session, writer, archive, links: BTreeMap::new(), known: BTreeMap::new() }
    }

    /// Adds the volume label and all operands.
    pub(super) fn all(&mut self) -> Done {
        if let Some(label) = self.session.settings.label.clone() {
            let member = Member { name: label, kind: kind::LABEL, modified: (now(), 0), ..Member::default() };
            self.header(&member, &member.name.clone())?;
        }
        let names = std::mem::take(&mut self.session.settings.names);
        for named in &names {
            self.walk(&named.directory, &named.name, named.recursive)?;
        }
        self.session.settings.names = names;
        Ok(())
    }

    /// Adds a file, and what is in it if it is a directory.
    fn walk(&mut self, directory: &[u8], name: &[u8], recursive: bool) -> Done {
        let mut steps = vec![Step::Add(name.to_vec())];
        while let Some(step) = steps.pop() {
            match step {
                Step::Add(name) => {
                    if let Some(children) = self.add(directory, &name, recursive)? {
                        if self.session.settings.remove_files {
                            steps.push(Step::Remove(name));
                        }
                        steps.extend(children.into_iter().rev().map(Step::Add));
                    }
                }
                Step::Remove(name) => self.remove(&files::join(directory, &name), &name, true),
            }
        }
        Ok(())
    }

    fn remove(&mut self, path: &[u8], name: &[u8], is_directory: bool) {
        let result = if is_directory { fs::remove_dir(path_of(path)) } else { files::unlink(path) };
        if let Err(error) = result {
            let verb = if is_directory { "rmdir" } else { "unlink" };
            self.session.error(&format!("{}: Cannot {verb}: {}", text(name), reason(&error)));
        }
    }

    /// Adds one file; answers the names in it when it is a directory.
    fn add(&mut self, directory: &[u8], name: &[u8], recursive: bool) -> Result<Option<Vec<Vec<u8>>>, Fatal> {
        if self.session.settings.excludes.excludes(name) {
            return Ok(None);
        }
        let path = files::join(directory, name);
        let found = if self.session.settings.dereference { stat(&path) } else { lstat(&path) };
        let found = match found {
            Ok(found) => found,
            Err(errno) => {
                self.unreadable(&format!("{}: Cannot stat: {errno}", text(name)));
                return Ok(None);
            }
        };
        if self.archive == Some(found.inode) && found.mode.kind() == Kind::Regular {
            self.session.warn(&format!("{}: file is the archive; not dumped", text(name)));
            return Ok(None);
        }
        let is_directory = found.mode.kind() == Kind::Directory;
        if !is_directory && (self.is_old(&found) || self.is_known(name, &found)) {
            return Ok(None);
        }
        let given = if is_directory && !name.ends_with(b"/") { [name, b"/"].concat() } else { name.to_vec() };
        let Some(stored) = names::changed(self.session, &given, Target::Name) else { return Ok(None) };
        let mut member = self.member(&found, stored);
        match found.mode.kind() {
            Kind::Directory => {
                member.kind = kind::DIRECTORY;
                let is_dumped = self.header(&member, &given)?;
                return Ok(if !is_dumped {
                    None
                } else if recursive {
                    self.children(&path, &given)
                } else {
                    Some(Vec::new())
                });
            }
            Kind::Regular | Kind::Symlink | Kind::CharacterDevice | Kind::BlockDevice | Kind::Fifo => {
                if self.one(&path, name, &found, member)? && self.session.settings.remove_files {
                    self.remove(&path, name, false);
                }
            }
            Kind::Socket => self.session.warn(&format!("{}: socket ignored", text(name))),
            Kind::Unknown => self.session.error(&format!("{}: Unknown file type; file ignored", text(name))),
        }
        Ok(None)
    }

    /// Adds what is no directory. Answers whether it is in the archive.
    fn one(&mut self, path: &[u8], name: &[u8], found: &Stat, mut member: Member) -> Result<bool, Fatal> {
        let is_shared = found.links > 1 && !self.session.settings.hard_dereference;
        if is_shared && let Some(first) = self.links.get(&found.inode).cloned() {
            member.link = names::changed(self.session, &first, Target::HardLink).unwrap_or_default();
            member.kind = kind::LINK;
            return self.header(&member, name);
        }
        let added = match found.mode.kind() {
            Kind::Symlink => match fs::read_link(path_of(path)) {
                Ok(target) => {
                    let target = bytes_of(target.as_os_str());
                    member.link = names::changed(self.session, target, Target::Symlink).unwrap_or_default();
                    member.kind = kind::SYMLINK;
                    self.header(&member, name)?
                }
                Err(error) => {
                    self.unreadable(&format!("{}: Cannot readlink: {}", text(name), reason(&error)));
                    false
                }
            },
            Kind::Regular => self.regular(path, name, found, member.clone())?,
            other => {
                member.kind = match other {
                    Kind::CharacterDevice => kind::CHARACTER,
                    Kind::BlockDevice => kind::BLOCK_DEVICE,
                    _ => kind::FIFO,
                };
                member.device = (found.device >> 8, found.device & 0xff);
                self.header(&member, name)?
            }
        };
        if added && is_shared {
            self.links.insert(found.inode, name.to_vec());
        }
        Ok(added)
    }

    fn regular(&mut self, path: &[u8], name: &[u8], found: &Stat, mut member: Member) -> Result<bool, Fatal> {
        let mut file = match File::open(path_of(path)) {
            Ok(file) => file,
            Err(error) => {
                self.unreadable(&format!("{}: Cannot open: {}", text(name), reason(&error)));
                return Ok(false);
            }
        };
        (member.kind, member.size, member.stored) = (kind::REGULAR, found.size, found.size);
        let is_sparse = self.session.settings.sparse
            && self.session.settings.format == super::header::Format::Gnu
            && found.size > super::header::BLOCK as u64;
        let map = if is_sparse { sparse::map_of(&mut file, found.size).ok() } else { None };
        let data = map.as_ref().map_or(found.size, |map| map.iter().map(|(_, length)| length).sum());
        if data < found.size {
            (member.stored, member.map) = (data, map.clone());
        } else if is_sparse {
            use std::io::Seek;
            file.rewind().map_err(|error| Fatal(format!("{}: Cannot seek: {}", text(name), reason(&error))))?;
        }
        if !self.header(&member, name)? {
            return Ok(false);
        }
        let mut pieces;
        let content: &mut dyn Read = match member.map {
            Some(map) => {
                pieces = sparse::Pieces::new(&mut file, map);
                &mut pieces
            }
            None => &mut file,
        };
        let written = self.writer.content(content, member.stored);
        match written.map_err(|error| cannot_write(self.session, &error))? {
            Ok(0) => {}
            Ok(missing) => {
                let s = if missing == 1 { "" } else { "s" };
                self.session.warn(&format!("{}: File shrank by {missing} byte{s}; padding with zeros", text(name)));
                self.session.differs();
            }
            Err(error) => self.unreadable(&format!("{}: Cannot read: {}", text(name), reason(&error))),
        }
        Ok(true)
    }

    /// Writes and shows a member's header. Answers whether the format can hold it.
    fn header(&mut self, member: &Member, given: &[u8]) -> Result<bool, Fatal> {
        let start = self.writer.written();
        match self.writer.header(member) {
            Ok(()) => {
                let shown = if self.session.settings.show_transformed { member.name.clone() } else { given.to_vec() };
                self.session.show(member, &shown, start);
                Ok(true)
            }
            Err(Refusal::NameTooLong) => {
                let why = match self.session.settings.format {
                    super::header::Format::V7 => format!("file name is too long (max {}); not dumped", 99),
                    _ => "file name is too long (cannot be split); not dumped".to_owned(),
                };
                self.session.error(&format!("{}: {why}", text(&member.name)));
                Ok(false)
            }
            Err(Refusal::LinkTooLong) => {
                self.session.error(&format!("{}: link name is too long; not dumped", text(&member.link)));
                // As GNU tar does: a symbolic link is kept all the same, with what fits of its target.
                match member.kind {
                    kind::SYMLINK => {
                        let link = member.link.get(..FITTING_LINK_BYTES).unwrap_or_default().to_vec();
                        self.header(&Member { link, ..member.clone() }, given)
                    }
                    _ => Ok(false),
                }
            }
            Err(Refusal::Output(error)) => Err(cannot_write(self.session, &error)),
        }
    }

    /// The names in a directory, each below the directory's own.
    fn children(&mut self, path: &[u8], given: &[u8]) -> Option<Vec<Vec<u8>>> {
        let names = match files::names_in(path) {
            Ok(names) => names,
            Err(error) => {
                self.unreadable(&format!("{}: Cannot open: {}", text(given), reason(&error)));
                return Some(Vec::new());
            }
        };
        let is_cache = self.session.settings.exclude_caches
            && fs::read(path_of(&files::join(path, CACHE_TAG))).is_ok_and(|tag| tag.starts_with(CACHE_SIGNATURE));
        if is_cache {
            let tag = text(CACHE_TAG);
            self.session.warn(&format!("{}: contains a cache directory tag {tag}; contents not dumped", text(given)));
        }
        let kept = names.into_iter().filter(|name| !is_cache || name == CACHE_TAG);
        Some(kept.map(|name| [given, &name].concat()).collect())
    }

    fn unreadable(&mut self, message: &str) {
        if self.session.settings.ignore_failed_read {
            self.session.warn(&message.replacen(": Cannot", ": Warning: Cannot", 1));
        } else {
            self.session.error(message);
        }
    }

    fn is_old(&self, found: &Stat) -> bool {
        let Some((limit, counts_changes)) = self.session.settings.newer else { return false };
        let of = |time: std::time::Duration| (i64::try_from(time.as_secs()).unwrap_or(i64::MAX), time.subsec_nanos());
        of(found.modified) < limit && (!counts_changes || of(found.changed) < limit)
    }

    /// The archive has a member of that name which is not older.
    fn is_known(&self, name: &[u8], found: &Stat) -> bool {
        let modified = i64::try_from(found.modified.as_secs()).unwrap_or(i64::MAX);
        self.known.get(name).is_some_and(|known| *known >= modified)
    }

    /// What a file's state and the options say of its member.
    fn member(&self, found: &Stat, name: Vec<u8>) -> Member {
        let settings = &self.session.settings;
        let umask = sandshell_sys::mask().unwrap_or(0o022);
        let permissions = found.mode.permissions();
        let is_directory = found.mode.kind() == Kind::Directory;
        let mode =
            settings.mode.as_ref().map_or(permissions, |changes| changes.apply(permissions, is_directory, umask));
        let mut modified = (i64::try_from(found.modified.as_secs()).unwrap_or(i64::MAX), found.modified.subsec_nanos());
        if let Some(given) = settings.mtime
            && (!settings.clamp_mtime || modified > given)
        {
            modified = given;
        }
        let accounts = &self.session.accounts;
        let name_of = |name: Option<&str>| name.unwrap_or_default().as_bytes().to_vec();
        let mut member = Member {
            name,
            mode,
            uid: found.uid.into(),
            gid: found.gid.into(),
            user: name_of(accounts.user_name(found.uid)),
            group: name_of(accounts.group_name(found.gid)),
            modified,
            ..Member::default()
        };
        if let Some((name, id)) = &settings.owner {
            let known = std::str::from_utf8(name).ok().and_then(|name| accounts.user_id(name)).map(u64::from);
            member.uid = id.or(known).unwrap_or(member.uid);
            member.user.clone_from(name);
        }
        if let Some((name, id)) = &settings.group {
            let known = std::str::from_utf8(name).ok().and_then(|name| accounts.group_id(name)).map(u64::from);
            member.gid = id.or(known).unwrap_or(member.gid);
            member.group.clone_from(name);
        }
        if settings.numeric_owner {
            (member.user, member.group) = (Vec::new(), Vec::new());
        }
        member
    }
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0))
}
