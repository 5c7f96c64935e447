//! Which names /proc has, and which function tells what is in each: one row a file.
//!
//! Owns the names alone. A directory's row comes before the rows of what it holds.

use base::Pid;
use bytes::Bytes;

use super::scene::Scene;
use super::view::View;
use super::{mounts, process, status, sys, system};
use crate::types::FileType;

/// What a row is.
#[derive(Clone, Copy)]
pub(crate) enum Content {
    /// A directory of further rows.
    Dir,
    /// A file about the session.
    File(fn(&Scene<'_>) -> String),
    /// A link within /proc, as it is for the process of this number.
    Link(fn(Pid) -> String),
    /// A file with new random numbers at each opening.
    Uuid,
    /// A file about one process.
    Of(fn(&Scene<'_>, &View<'_>) -> Bytes),
    /// The process's descriptors as links to what they are open on.
    Descriptors,
    /// The same as files that tell offset and flags.
    DescriptorInfos,
    /// A link to the process's working directory.
    Cwd,
    /// A link to its root.
    Root,
    /// A link to its executable.
    Exe,
}

/// A name of /proc.
pub(crate) struct Row {
    /// The path from /proc, or from /proc/PID.
    pub(crate) path: &'static str,
    /// Permission bits.
    pub(crate) mode: u32,
    pub(crate) content: Content,
}

impl Row {
    /// The directory it stands in.
    pub(crate) fn parent(&self) -> &'static str {
        self.path.rsplit_once('/').map_or("", |(parent, _)| parent)
    }

    /// Its own name.
    pub(crate) fn name(&self) -> &'static str {
        self.path.rsplit_once('/').map_or(self.path, |(_, name)| name)
    }
}

impl Content {
    pub(crate) fn kind(self) -> FileType {
        match self {
            Self::Dir | Self::Descriptors | Self::DescriptorInfos => FileType::Directory,
            Self::File(_) | Self::Uuid | Self::Of(_) => FileType::Regular,
            Self::Link(_) | Self::Cwd | Self::Root | Self::Exe => FileType::Symlink,
        }
    }
}

const fn dir(path: &'static str) -> Row {
    Row { path, mode: 0o555, content: Content::Dir }
}

const fn file(path: &'static str, content: fn(&Scene<'_>) -> String) -> Row {
    Row { path, mode: 0o444, content: Content::File(content) }
}

const fn of(path: &'static str, mode: u32, content: fn(&Scene<'_>, &View<'_>) -> Bytes) -> Row {
    Row { path, mode, content: Content::Of(content) }
}

const fn link(path: &'static str, content: Content) -> Row {
    Row { path, mode: 0o777, content }
}

/// What /proc holds beside the processes.
pub(crate) static SYSTEM: &[Row] = &[
    file("cmdline", system::cmdline),
    file("cpuinfo", system::cpuinfo),
    file("devices", system::devices),
    file("filesystems", mounts::filesystems),
    file("loadavg", system::loadavg),
    file("meminfo", system::meminfo),
    link("mounts", Content::Link(mounts::link)),
    link("self", Content::Link(system::own_pid)),
    file("stat", system::stat),
    file("swaps", system::swaps),
    dir("sys"),
    dir("sys/fs"),
    file("sys/fs/file-max", sys::file_max),
    file("sys/fs/file-nr", sys::file_nr),
    file("sys/fs/nr_open", sys::open_max),
    file("sys/fs/pipe-max-size", sys::pipe_max_size),
    dir("sys/kernel"),
    file("sys/kernel/cap_last_cap", sys::cap_last_cap),
    file("sys/kernel/domainname", sys::domain_name),
    file("sys/kernel/hostname", sys::host_name),
    file("sys/kernel/ngroups_max", sys::ngroups_max),
    file("sys/kernel/osrelease", sys::os_release),
    file("sys/kernel/ostype", sys::os_type),
    file("sys/kernel/pid_max", sys::pid_max),
    dir("sys/kernel/random"),
    file("sys/kernel/random/boot_id", sys::boot_id),
    file("sys/kernel/random/entropy_avail", sys::entropy),
    file("sys/kernel/random/poolsize", sys::entropy),
    Row { path: "sys/kernel/random/uuid", mode: 0o444, content: Content::Uuid },
    file("sys/kernel/threads-max", sys::threads_max),
    file("sys/kernel/version", sys::kernel_version),
    dir("sys/vm"),
    file("sys/vm/overcommit_memory", sys::overcommit_memory),
    file("uptime", system::uptime),
    file("version", system::version),
];

/// What a process's directory holds.
pub(crate) static PROCESS: &[Row] = &[
    of("cmdline", 0o444, process::cmdline),
    of("comm", 0o444, process::comm),
    link("cwd", Content::Cwd),
    of("environ", 0o400, process::environ),
    link("exe", Content::Exe),
    Row { path: "fd", mode: 0o500, content: Content::Descriptors },
    Row { path: "fdinfo", mode: 0o555, content: Content::DescriptorInfos },
    of("io", 0o400, process::io),
    of("limits", 0o444, process::limits),
    of("mountinfo", 0o444, mounts::mountinfo),
    of("mounts", 0o444, mounts::mounts),
    link("root", Content::Root),
    of("stat", 0o444, process::stat),
    of("statm", 0o444, process::statm),
    of("status", 0o444, status::status),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_stands_in_a_directory_that_comes_before_it() {
        for table in [SYSTEM, PROCESS] {
            assert!(table.len() < 256, "a row's number has eight bits");
            for (n, row) in table.iter().enumerate() {
                let known = |dir: &str| table.iter().take(n).any(|other| other.path == dir);
                assert!(row.parent().is_empty() || known(row.parent()), "{}", row.path);
                assert!(!known(row.path), "{} twice", row.path);
            }
        }
    }
}
