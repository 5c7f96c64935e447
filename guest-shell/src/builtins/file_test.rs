//! The tests of files that `test` and `[[` share.

use crate::shell::Shell;
use crate::sys::{FileKind, FileStat};

fn stat(shell: &Shell, path: &[u8], follow: bool) -> Option<FileStat> {
    shell.sys.stat(path, follow).ok()
}

/// `-X file` for one letter; unknown letters are false.
pub(crate) fn unary(shell: &Shell, letter: u8, path: &[u8]) -> bool {
    match letter {
        b'a' | b'e' => stat(shell, path, true).is_some(),
        b'f' => stat(shell, path, true).is_some_and(|stat| stat.kind == FileKind::Regular),
        b'd' => stat(shell, path, true).is_some_and(|stat| stat.kind == FileKind::Directory),
        b'h' | b'L' => stat(shell, path, false).is_some_and(|stat| stat.kind == FileKind::Symlink),
        b'p' => stat(shell, path, true).is_some_and(|stat| stat.kind == FileKind::Fifo),
        b'c' => stat(shell, path, true).is_some_and(|stat| stat.kind == FileKind::CharacterDevice),
        b'b' | b'S' => false,
        b's' => stat(shell, path, true).is_some_and(|stat| stat.size > 0),
        b'r' => shell.sys.access(path, 4).is_ok(),
        b'w' => shell.sys.access(path, 2).is_ok(),
        b'x' => shell.sys.access(path, 1).is_ok(),
        b'u' => stat(shell, path, true).is_some_and(|stat| stat.mode & 0o4000 != 0),
        b'g' => stat(shell, path, true).is_some_and(|stat| stat.mode & 0o2000 != 0),
        b'k' => stat(shell, path, true).is_some_and(|stat| stat.mode & 0o1000 != 0),
        b'O' | b'G' => stat(shell, path, true).is_some_and(|stat| stat.uid == 0),
        b'N' => stat(shell, path, true).is_some_and(|stat| stat.modified >= stat.accessed),
        b't' => super::options::number(path)
            .and_then(|fd| u32::try_from(fd).ok())
            .is_some_and(|fd| shell.sys.is_terminal(fd)),
        _ => false,
    }
}

/// `left -nt right`: newer, or there while the other is not.
pub(crate) fn newer(shell: &Shell, left: &[u8], right: &[u8]) -> bool {
    match (stat(shell, left, true), stat(shell, right, true)) {
        (Some(left), Some(right)) => left.modified > right.modified,
        (left, _) => left.is_some(),
    }
}

/// `left -ef right`: the same inode.
pub(crate) fn same_file(shell: &Shell, left: &[u8], right: &[u8]) -> bool {
    match (stat(shell, left, true), stat(shell, right, true)) {
        (Some(left), Some(right)) => left.inode == right.inode,
        _ => false,
    }
}
