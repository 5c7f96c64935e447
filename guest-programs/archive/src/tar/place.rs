//! Putting members into the file system: what is in the way, parents, links that wait, owners, modes and times.
//!
//! A symbolic link that leads out of the directory is made last: until then an empty file stands for it, so that no member is
//! written through it.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::time::Duration;

use sandshell_sys::{Errno, Kind, Stat, change_mode, change_owner, lstat, path_of, quote, stat};

use super::header::{Member, kind};
use super::options::Existing;
use super::reader::Reader;
use super::select;
use super::session::{Done, Fatal, Session};
use super::sparse;
use crate::basis::files::{self, BUFFER_BYTES, join};
use crate::basis::message::{reason, text};

/// What is done when all members are there.
pub(super) struct Placing {
    umask: u32,
    /// Directories, whose modes and times are set last, since members change them.
    directories: BTreeMap<Vec<u8>, Member>,
    /// Places of symbolic links that wait, with the inode of the empty file that stands there.
    links: Vec<(Vec<u8>, u64, Member)>,
}

impl Placing {
    pub(super) fn new() -> Self {
        Self { umask: sandshell_sys::mask().unwrap_or(0o022), directories: BTreeMap::new(), links: Vec::new() }
    }

    /// Extracts one member, whose name is safe, below a directory.
    pub(super) fn place(
        &mut self,
        session: &mut Session,
        reader: &mut Reader,
        member: &Member,
        directory: &[u8],
    ) -> Done {
        let path = join(directory, &member.name);
        match member.kind {
            kind::DIRECTORY => self.directory(session, member, &path),
            kind::LINK => self.hard_link(session, member, directory, &path),
            kind::SYMLINK => self.symlink(session, member, &path),
            kind::CHARACTER | kind::BLOCK_DEVICE => {
                session.error(&format!("{}: Cannot mknod: {}", text(&member.name), Errno::EPERM));
            }
            kind::FIFO => session.error(&format!("{}: Cannot mkfifo: {}", text(&member.name), Errno::EPERM)),
            kind::LABEL => {}
            other => {
                if other != kind::REGULAR {
                    let (name, letter) = (text(&member.name), char::from(other));
                    session.warn(&format!("{name}: Unknown file type '{letter}', extracted as normal file"));
                }
                return self.regular(session, reader, member, &path);
            }
        }
        Ok(())
    }

    fn directory(&mut self, session: &mut Session, member: &Member, path: &[u8]) {
        let mut is_there = match lstat(path) {
            Ok(found) if found.mode.kind() == Kind::Directory => true,
            Ok(found) if found.mode.kind() == Kind::Symlink && session.settings.keep_directory_symlink => {
                stat(path).is_ok_and(|found| found.mode.kind() == Kind::Directory)
            }
            Ok(_) => {
                if !self.make_room(session, member, path) {
                    return;
                }
                false
            }
            Err(_) => false,
        };
        if is_there && !session.settings.overwrite_dir {
            return;
        }
        if is_there && (session.settings.existing == Existing::UnlinkFirst || session.settings.recursive_unlink) {
            let removed = if session.settings.recursive_unlink {
                fs::remove_dir_all(path_of(path))
            } else {
                fs::remove_dir(path_of(path))
            };
            match removed {
                Ok(()) => is_there = false,
                Err(error) => {
                    session.error(&format!(
                        "{}: Cannot unlink: {}",
                        text(select::without_slashes(&member.name)),
                        reason(&error)
                    ));
                }
            }
        }
        if !is_there && let Err(error) = with_parents(path, &|path| fs::create_dir(path_of(path))) {
            session.error(&format!("{}: Cannot mkdir: {}", text(&member.name), reason(&error)));
            return;
        }
        self.directories.insert(path.to_vec(), member.clone());
    }

    fn regular(&mut self, session: &mut Session, reader: &mut Reader, member: &Member, path: &[u8]) -> Done {
        if !self.make_room(session, member, path) {
            return Ok(());
        }
        let mut options = OpenOptions::new();
        options.write(true);
        if session.settings.existing == Existing::Overwrite {
            options.create(true).truncate(true);
        } else {
            options.create_new(true);
        }
        let mut opened = None;
        let made = with_parents(path, &|path| options.open(path_of(path)).map(drop));
        let made =
            made.and_then(|()| OpenOptions::new().write(true).open(path_of(path)).map(|file| opened = Some(file)));
        if let Err(error) = made {
            session.error(&format!("{}: Cannot open: {}", text(&member.name), reason(&error)));
            return Ok(());
        }
        let Some(mut file) = opened else { return Ok(()) };
        let written = match &member.map {
            Some(map) => sparse::extract(reader, &mut file, map, member.size),
            None => {
                let mut output = BufWriter::with_capacity(BUFFER_BYTES, &mut file);
                files::copy(reader, &mut output).and_then(|_| output.flush())
            }
        };
        drop(file);
        match written {
            Ok(()) => self.restore(session, member, path),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(Fatal("Unexpected EOF in archive".to_owned()));
            }
            Err(error) => session.error(&format!("{}: Cannot write: {}", text(&member.name), reason(&error))),
        }
        Ok(())
    }

    fn hard_link(&mut self, session: &mut Session, member: &Member, directory: &[u8], path: &[u8]) {
        let target = join(directory, &member.link);
        if session.settings.existing == Existing::KeepNewer && !self.make_room(session, member, path) {
            return;
        }
        let same = matches!((lstat(&target), lstat(path)), (Ok(one), Ok(other)) if one.inode == other.inode);
        if same || !self.make_room(session, member, path) {
            return;
        }
        if let Err(error) = with_parents(path, &|path| fs::hard_link(path_of(&target), path_of(path))) {
            let (name, link) = (text(&member.name), quote(&member.link));
            session.error(&format!("{name}: Cannot hard link to {link}: {}", reason(&error)));
            return;
        }
        // Another name of a place that waits for its symbolic link waits, too.
        if let Some(at) = lstat(path).ok().and_then(|found| self.links.iter().position(|link| link.1 == found.inode))
            && let Some((_, inode, waiting)) = self.links.get(at).cloned()
        {
            self.links.push((path.to_vec(), inode, waiting));
        }
    }

    fn symlink(&mut self, session: &mut Session, member: &Member, path: &[u8]) {
        if !self.make_room(session, member, path) {
            return;
        }
        let leads_out =
            member.link.first() == Some(&b'/') || member.link.split(|byte| *byte == b'/').any(|part| part == b"..");
        let made = if leads_out && !session.settings.absolute_names {
            with_parents(path, &|path| files::create_new(path).map(drop)).map(|()| {
                let inode = lstat(path).map_or(0, |found| found.inode);
                // Nobody may read or write the place meanwhile.
                let _ = change_mode(path, 0, false);
                self.links.push((path.to_vec(), inode, member.clone()));
            })
        } else {
            with_parents(path, &|path| files::make_symlink(&member.link, path))
                .map(|()| self.restore(session, member, path))
        };
        if let Err(error) = made {
            let (name, link) = (text(&member.name), quote(&member.link));
            session.error(&format!("{name}: Cannot create symlink to {link}: {}", reason(&error)));
        }
    }

    /// Takes away what is in a member's place. `false`: it stays, and the member is not extracted.
    fn make_room(&mut self, session: &mut Session, member: &Member, path: &[u8]) -> bool {
        let Ok(found) = lstat(path) else { return true };
        let name = text(&member.name);
        match session.settings.existing {
            Existing::Keep => {
                let verb = match member.kind {
                    kind::LINK => format!("hard link to {}", quote(&member.link)),
                    kind::SYMLINK => format!("create symlink to {}", quote(&member.link)),
                    kind::DIRECTORY => "mkdir".to_owned(),
                    _ => "open".to_owned(),
                };
                session.error(&format!("{name}: Cannot {verb}: {}", Errno::EEXIST));
                return false;
            }
            Existing::Skip => return false,
            Existing::KeepNewer if is_newer(&found, member) => {
                session.warn(&format!("Current {} is newer or same age", quote(&member.name)));
                return false;
            }
            Existing::Overwrite if member.kind == kind::REGULAR && found.mode.kind() == Kind::Regular => return true,
            _ => {}
        }
        if session.settings.backup && found.mode.kind() != Kind::Directory {
            let backup = [path, &session.settings.suffix].concat();
            if let Err(error) = fs::rename(path_of(path), path_of(&backup)) {
                session.error(&format!("{name}: Cannot rename to {}: {}", quote(&backup), reason(&error)));
                return false;
            }
            if session.settings.verbose > 0 {
                let line = format!(
                    "Renaming {} to {}\n",
                    quote(&member.name),
                    quote(&[&member.name[..], &session.settings.suffix].concat())
                );
                session.tell(line.as_bytes());
            }
            return true;
        }
        let removed = match found.mode.kind() {
            Kind::Directory if session.settings.recursive_unlink => fs::remove_dir_all(path_of(path)),
            Kind::Directory => fs::remove_dir(path_of(path)),
            _ => files::unlink(path),
        };
        match removed {
            Ok(()) => {
                self.directories.remove(path);
                true
            }
            Err(error) => {
                session.error(&format!("{name}: Cannot open: {}", in_the_way(&found, &error)));
                false
            }
        }
    }

    /// Gives a file its owner, mode and time.
    fn restore(&self, session: &mut Session, member: &Member, path: &[u8]) {
        let follow = member.kind != kind::SYMLINK;
        if session.settings.same_owner != Some(false) {
            let (uid, gid) = owner(session, member);
            if let Err(errno) = change_owner(path, Some(uid), Some(gid), follow) {
                session.error(&format!(
                    "{}: Cannot change ownership to uid {uid}, gid {gid}: {errno}",
                    text(&member.name)
                ));
            }
        }
        if follow {
            let exact = session.settings.same_permissions != Some(false);
            let mode = if exact { member.mode } else { member.mode & 0o777 & !self.umask };
            if let Err(errno) = change_mode(path, mode, true) {
                session.error(&format!("{}: Cannot change mode: {errno}", text(&member.name)));
            }
        }
        if !session.settings.touch {
            let seconds = u64::try_from(member.modified.0).unwrap_or(0);
            if let Err(errno) = files::set_modified(path, Duration::new(seconds, member.modified.1), follow) {
                session.error(&format!("{}: Cannot utime: {errno}", text(&member.name)));
            }
        }
    }

    /// Makes the links that waited, and gives directories their modes and times, the deepest first.
    pub(super) fn finish(mut self, session: &mut Session) {
        for (path, inode, member) in std::mem::take(&mut self.links) {
            // What another member has replaced is not touched.
            if !lstat(&path).is_ok_and(|found| found.inode == inode && found.size == 0) {
                continue;
            }
            match files::unlink(&path).and_then(|()| files::make_symlink(&member.link, &path)) {
                Ok(()) => self.restore(session, &member, &path),
                Err(error) => {
                    let (name, link) = (text(&member.name), quote(&member.link));
                    session.error(&format!("{name}: Cannot create symlink to {link}: {}", reason(&error)));
                }
            }
        }
        for (path, member) in std::mem::take(&mut self.directories).into_iter().rev() {
            if files::is_directory(&path) || session.settings.keep_directory_symlink {
                self.restore(session, &member, &path);
            }
        }
    }
}

/// Uid and gid of a member: by name where the session knows it, unless numbers are asked for.
fn owner(session: &Session, member: &Member) -> (u32, u32) {
    let by_name = !session.settings.numeric_owner;
    let name = |bytes: &[u8]| std::str::from_utf8(bytes).ok().filter(|_| by_name).map(str::to_owned);
    let uid = name(&member.user).and_then(|name| session.accounts.user_id(&name));
    let gid = name(&member.group).and_then(|name| session.accounts.group_id(&name));
    let number = |id: u64| u32::try_from(id).unwrap_or(0);
    (uid.unwrap_or_else(|| number(member.uid)), gid.unwrap_or_else(|| number(member.gid)))
}

fn is_newer(found: &Stat, member: &Member) -> bool {
    i64::try_from(found.modified.as_secs()).unwrap_or(i64::MAX) >= member.modified.0
}

/// Why a file cannot be made where another is: a directory with something in it stays.
fn in_the_way(found: &Stat, error: &io::Error) -> String {
    if found.mode.kind() == Kind::Directory { Errno::EEXIST.to_string() } else { reason(error) }
}

/// Tries to make something; makes the directories above it and tries again when they are missing.
fn with_parents(path: &[u8], make: &dyn Fn(&[u8]) -> io::Result<()>) -> io::Result<()> {
    match make(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            files::make_parents(path.strip_suffix(b"/").unwrap_or(path))?;
            make(path)
        }
        result => result,
    }
}
