//! `tar -d`: how the files differ from the members.

use std::fs;
use std::io::{self, Read};

use sandshell_sys::{Kind, Stat, bytes_of, lstat, path_of, stat};

use super::extract;
use super::header::{Member, kind};
use super::names;
use super::reader::Reader;
use super::session::{Done, Fatal, Session};
use super::sparse;
use super::transform::Target;
use crate::basis::files::{self, join};
use crate::basis::message::{reason, text};

/// Compares the archive with the files.
pub(super) fn compare(session: &mut Session) -> Done {
    extract::for_each(session, &mut |session, reader, member, directory| {
        let Some(name) = names::changed(session, &member.name, Target::Name) else { return Ok(()) };
        session.show(member, &member.name, reader.start());
        one(session, reader, member, &join(directory, &name), directory)
    })
}

fn differs(session: &mut Session, member: &Member, what: &str) {
    session.tell(format!("{}: {what}\n", text(&member.name)).as_bytes());
    session.differs();
}

fn one(session: &mut Session, reader: &mut Reader, member: &Member, path: &[u8], directory: &[u8]) -> Done {
    let dereference = session.settings.dereference;
    let found = match if dereference { stat(path) } else { lstat(path) } {
        Ok(found) => found,
        Err(errno) => {
            let verb = if member.kind == kind::SYMLINK { "readlink" } else { "stat" };
            session.warn(&format!("{}: Warning: Cannot {verb}: {errno}", text(&member.name)));
            session.differs();
            return Ok(());
        }
    };
    match member.kind {
        kind::DIRECTORY => {
            if found.mode.kind() != Kind::Directory {
                differs(session, member, "File type differs");
            } else if found.mode.permissions() != member.mode {
                differs(session, member, "Mode differs");
            }
        }
        kind::SYMLINK => {
            let target = fs::read_link(path_of(path));
            match target {
                Ok(target) if bytes_of(target.as_os_str()) == member.link => {}
                Ok(_) => differs(session, member, "Symlink differs"),
                Err(_) => differs(session, member, "File type differs"),
            }
        }
        kind::LINK => {
            let target = names::changed(session, &member.link, Target::HardLink).unwrap_or_default();
            if !lstat(&join(directory, &target)).is_ok_and(|other| other.inode == found.inode) {
                differs(session, member, &format!("Not linked to {}", text(&member.link)));
            }
        }
        kind::REGULAR => return regular(session, reader, member, &found, path),
        _ => {}
    }
    Ok(())
}

fn regular(session: &mut Session, reader: &mut Reader, member: &Member, found: &Stat, path: &[u8]) -> Done {
    if found.mode.kind() != Kind::Regular {
        differs(session, member, "File type differs");
        return Ok(());
    }
    let modified = i64::try_from(found.modified.as_secs()).unwrap_or(i64::MAX);
    // Formats without fractions compare whole seconds.
    let has_other_fraction = member.modified.1 != 0 && member.modified.1 != found.modified.subsec_nanos();
    let findings = [
        (found.mode.permissions() != member.mode, "Mode differs"),
        (u64::from(found.uid) != member.uid, "Uid differs"),
        (u64::from(found.gid) != member.gid, "Gid differs"),
        (modified != member.modified.0 || has_other_fraction, "Mod time differs"),
    ];
    for (_, what) in findings.iter().filter(|(is_different, _)| *is_different) {
        differs(session, member, what);
    }
    if found.size != member.size {
        differs(session, member, "Size differs");
        return Ok(());
    }
    match same_content(reader, member, path) {
        Ok(true) => {}
        Ok(false) => differs(session, member, "Contents differ"),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            return Err(Fatal("Unexpected EOF in archive".to_owned()));
        }
        Err(error) => session.error(&format!("{}: Cannot read: {}", text(&member.name), reason(&error))),
    }
    Ok(())
}

fn same_content(reader: &mut Reader, member: &Member, path: &[u8]) -> io::Result<bool> {
    let mut same = Same { file: files::open(path)?, is_same: true };
    match &member.map {
        Some(map) => sparse::expand(reader, &mut same, map, member.size)?,
        None => {
            files::copy(reader, &mut same)?;
        }
    }
    Ok(same.is_same)
}

/// Takes content and compares it with a file's.
struct Same<R> {
    file: R,
    is_same: bool,
}

impl<R: Read> io::Write for Same<R> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_same {
            let mut own = vec![0; bytes.len()];
            self.is_same = match self.file.read_exact(&mut own) {
                Ok(()) => own == bytes,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => false,
                Err(error) => return Err(error),
            };
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
