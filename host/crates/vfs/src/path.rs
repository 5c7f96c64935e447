//! Path resolution, as POSIX describes it: components, `.` and `..`, symbolic links, trailing slashes.
//!
//! It loops and never recurses: a link's target is put before what is left of the path.

use std::borrow::Cow;

use base::Errno;

use crate::ino::Ino;
use crate::inode::Node;
use crate::tree::Tree;

/// Longest name of a directory entry, in bytes (POSIX `NAME_MAX`).
pub const NAME_MAX: usize = 255;
/// Longest path, in bytes (POSIX `PATH_MAX`, less its NUL).
pub const PATH_MAX: usize = 4096;
/// Most symbolic links followed in one resolution, as in Linux.
pub const LINKS_MAX: u32 = 40;

/// Whether a symbolic link in the last component is followed. Those before it always are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// As `stat` and `open` do.
    Yes,
    /// As `lstat` does. A trailing slash follows nevertheless.
    No,
}

/// When the last component is followed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FollowLast {
    Always,
    /// If a slash comes after it.
    BeforeSlash,
    Never,
}

/// Where a path leads.
pub(crate) struct Place<'p> {
    /// The directory that holds the last component, or would.
    pub(crate) dir: Ino,
    pub(crate) last: Last<'p>,
    /// What is there.
    pub(crate) ino: Option<Ino>,
    /// A slash follows the last component, which is a name.
    pub(crate) slash: bool,
}

/// The last component.
#[derive(PartialEq, Eq)]
pub(crate) enum Last<'p> {
    Name(Cow<'p, [u8]>),
    Dot,
    DotDot,
    Root,
}

impl Tree {
    /// Returns the inode a path leads to.
    ///
    /// # Errors
    /// ENOENT (also for an empty path), ENOTDIR (also for a trailing slash after what is no directory), ELOOP beyond
    /// [`LINKS_MAX`], ENAMETOOLONG beyond [`NAME_MAX`] or [`PATH_MAX`].
    pub fn lookup(&self, base: Ino, path: &[u8], follow: Follow) -> Result<Ino, Errno> {
        let follow = if follow == Follow::Yes { FollowLast::Always } else { FollowLast::BeforeSlash };
        let place = self.place(base, path, follow)?;
        let ino = place.ino.ok_or(Errno::ENOENT)?;
        if place.slash && !self.is_dir(ino) { Err(Errno::ENOTDIR) } else { Ok(ino) }
    }

    /// Resolves all but the last component, which may be missing, and that one as `follow` says.
    pub(crate) fn place<'p>(&self, base: Ino, path: &'p [u8], follow: FollowLast) -> Result<Place<'p>, Errno> {
        match path.len() {
            0 => return Err(Errno::ENOENT),
            len if len > PATH_MAX => return Err(Errno::ENAMETOOLONG),
            _ => {}
        }
        let mut text = Cow::Borrowed(path);
        let mut at = if path[0] == b'/' { Ino::ROOT } else { base };
        let mut dir = self.dir(at)?;
        let mut next = 0;
        let mut links = 0;
        let mut last = Last::Root;
        // Only slashes are left when the path is the root or has ended in `.` or `..`.
        while let Some(part) = Component::next(&text, next) {
            let name = &text[part.start..part.end];
            next = part.end;
            if name == b"." {
                last = Last::Dot;
                continue;
            }
            if name == b".." {
                (at, last) = (dir.parent, Last::DotDot);
                dir = self.dir(at)?;
                continue;
            }
            if name.len() > NAME_MAX {
                return Err(Errno::ENAMETOOLONG);
            }
            if self.covered == Some(at) {
                return Err(Errno::EXDEV);
            }
            let found = dir.child(name);
            let node = found.and_then(|ino| self.inodes.get(&ino)).map(|inode| &inode.node);
            match node {
                Some(Node::Symlink(target)) if !part.is_last || part.wants(follow) => {
                    links += 1;
                    if links > LINKS_MAX {
                        return Err(Errno::ELOOP);
                    }
                    text = Cow::Owned([target, &text[part.end..]].concat());
                    next = 0;
                    if text[0] == b'/' {
                        (at, last) = (Ino::ROOT, Last::Root);
                        dir = self.dir(at)?;
                    }
                }
                _ if part.is_last => {
                    let name = Last::Name(part.of(text));
                    return Ok(Place { dir: at, last: name, ino: found, slash: part.slash });
                }
                Some(Node::Dir(inner)) => {
                    at = found.unwrap_or(at);
                    dir = inner;
                }
                _ => return Err(if found.is_some() { Errno::ENOTDIR } else { Errno::ENOENT }),
            }
        }
        Ok(Place { dir: at, last, ino: Some(at), slash: false })
    }
}

/// Where a component lies in the text of a path.
struct Component {
    start: usize,
    end: usize,
    is_last: bool,
    slash: bool,
}

impl Component {
    fn next(text: &[u8], from: usize) -> Option<Self> {
        let skip = |from: usize| from + text[from..].iter().take_while(|byte| **byte == b'/').count();
        let start = skip(from);
        let end = start + text[start..].iter().take_while(|byte| **byte != b'/').count();
        let after = skip(end);
        (start < end).then_some(Self { start, end, is_last: after == text.len(), slash: after > end })
    }

    fn wants(&self, follow: FollowLast) -> bool {
        match follow {
            FollowLast::Always => true,
            FollowLast::BeforeSlash => self.slash,
            FollowLast::Never => false,
        }
    }

    fn of<'t>(&self, text: Cow<'t, [u8]>) -> Cow<'t, [u8]> {
        match text {
            Cow::Borrowed(text) => Cow::Borrowed(&text[self.start..self.end]),
            Cow::Owned(text) => Cow::Owned(text[self.start..self.end].to_vec()),
        }
    }
}
