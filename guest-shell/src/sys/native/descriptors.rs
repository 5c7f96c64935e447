//! A descriptor table over real descriptors, which can be copied as a subshell copies it.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::rc::Rc;

use super::super::{Errno, Fd};
use super::errno;

/// Numbers and what they stand for. A copy shares the descriptions, as `fork` does.
#[derive(Clone)]
pub(super) struct Table {
    open: BTreeMap<Fd, Rc<OwnedFd>>,
}

impl Table {
    /// The process's own 0 to 2.
    pub(super) fn of_process() -> Result<Table, Errno> {
        let mut open = BTreeMap::new();
        let standard = [rustix::stdio::stdin(), rustix::stdio::stdout(), rustix::stdio::stderr()];
        for (number, real) in (0..).zip(standard) {
            if let Ok(copy) = rustix::io::fcntl_dupfd_cloexec(real, 100).map_err(errno) {
                open.insert(number, Rc::new(copy));
            }
        }
        Ok(Table { open })
    }

    pub(super) fn get(&self, fd: Fd) -> Result<Rc<OwnedFd>, Errno> {
        self.open.get(&fd).cloned().ok_or(Errno::EBADF)
    }

    /// Adds at the lowest free number not below `minimum`.
    pub(super) fn add(&mut self, real: Rc<OwnedFd>, minimum: Fd) -> Fd {
        let number = (minimum..).find(|number| !self.open.contains_key(number)).unwrap_or(Fd::MAX);
        self.open.insert(number, real);
        number
    }

    pub(super) fn put(&mut self, fd: Fd, real: Rc<OwnedFd>) {
        self.open.insert(fd, real);
    }

    pub(super) fn insert(&mut self, fd: Fd, real: OwnedFd) {
        self.open.insert(fd, Rc::new(real));
    }

    pub(super) fn remove(&mut self, fd: Fd) -> Result<(), Errno> {
        self.open.remove(&fd).map(|_| ()).ok_or(Errno::EBADF)
    }

    pub(super) fn numbers(&self) -> Vec<Fd> {
        self.open.keys().copied().collect()
    }
}

/// `/dev/fd/N`, `/dev/stdin`, ... stand for this table's numbers, not for the process's.
pub(super) fn fd_of_path(path: &[u8]) -> Option<Fd> {
    match path {
        b"/dev/stdin" => Some(0),
        b"/dev/stdout" => Some(1),
        b"/dev/stderr" => Some(2),
        _ => std::str::from_utf8(path.strip_prefix(b"/dev/fd/")?).ok()?.parse().ok(),
    }
}
