//! What a block of cases has: its directory, its descriptors by name, the times it has marked.

use std::collections::BTreeMap;

use crate::sys::{self, Fd};
use crate::times::Times;

/// A number for an error, named as in `errno.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub &'static str);

pub struct World {
    /// The block's directory.
    pub cwd: String,
    pub fds: BTreeMap<Vec<u8>, Fd>,
    pub marks: BTreeMap<Vec<u8>, Times>,
}

impl World {
    /// Makes a directory and goes there, with the umask most shells have.
    pub fn enter(path: &str) -> Result<Self, String> {
        let say = |Errno(name)| format!("{path}: {name}");
        sys::umask(0o022).map_err(say)?;
        sys::chdir(b"/").map_err(say)?;
        sys::mkdir(path.as_bytes(), 0o777).map_err(say)?;
        sys::chdir(path.as_bytes()).map_err(say)?;
        Ok(Self { cwd: path.to_owned(), fds: BTreeMap::new(), marks: BTreeMap::new() })
    }

    pub fn fd(&self, name: &[u8]) -> Result<Fd, String> {
        let missing = || format!("no descriptor {}", String::from_utf8_lossy(name));
        if name == b"@none" { Ok(sys::NO_FD) } else { self.fds.get(name).copied().ok_or_else(missing) }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for fd in self.fds.values() {
            let _ = sys::close(*fd);
        }
    }
}
