//! Between the kernel's types and those of the WIT.

use base::Pid;
use kernel::{ChildEvent, ChildGroup, FileStat, FileType, OpenFlags, Resource, WaitStatus, Whence};

use super::wit;

pub(super) fn open_flags(flags: wit::OpenFlags) -> OpenFlags {
    OpenFlags {
        read: flags.contains(wit::OpenFlags::READ),
        write: flags.contains(wit::OpenFlags::WRITE),
        append: flags.contains(wit::OpenFlags::APPEND),
        create: flags.contains(wit::OpenFlags::CREATE),
        exclusive: flags.contains(wit::OpenFlags::EXCLUSIVE),
        truncate: flags.contains(wit::OpenFlags::TRUNCATE),
        directory: flags.contains(wit::OpenFlags::DIRECTORY),
        no_follow: flags.contains(wit::OpenFlags::NO_FOLLOW),
        nonblock: false,
    }
}

pub(super) fn whence(whence: wit::Whence) -> Whence {
    match whence {
        wit::Whence::Set => Whence::Set,
        wit::Whence::Current => Whence::Current,
        wit::Whence::End => Whence::End,
    }
}

pub(super) fn file_type(kind: FileType) -> wit::FileType {
    match kind {
        FileType::Regular => wit::FileType::Regular,
        FileType::Directory => wit::FileType::Directory,
        FileType::Symlink => wit::FileType::Symlink,
        FileType::CharDevice => wit::FileType::CharacterDevice,
        FileType::Fifo => wit::FileType::Fifo,
    }
}

pub(super) fn file_stat(stat: FileStat) -> wit::FileStat {
    wit::FileStat {
        inode: stat.ino.0,
        kind: file_type(stat.kind),
        mode: stat.mode,
        links: stat.nlink,
        uid: stat.uid,
        gid: stat.gid,
        size: stat.size,
        accessed: stat.atime.0,
        modified: stat.mtime.0,
        changed: stat.ctime.0,
        device: stat.device,
    }
}

pub(super) fn resource(kind: wit::LimitKind) -> Resource {
    match kind {
        wit::LimitKind::FileSize => Resource::FileSize,
        wit::LimitKind::OpenFiles => Resource::OpenFiles,
        wit::LimitKind::Processes => Resource::Processes,
        wit::LimitKind::Memory => Resource::Memory,
    }
}

pub(super) fn wait_status(event: ChildEvent) -> wit::WaitStatus {
    match event {
        ChildEvent::Ended(WaitStatus::Exited(code)) => wit::WaitStatus::Exited(code),
        ChildEvent::Ended(WaitStatus::Signalled(signal)) => wit::WaitStatus::Signalled(signal.0),
        ChildEvent::Stopped(signal) => wit::WaitStatus::Stopped(signal.0),
        ChildEvent::Continued => wit::WaitStatus::Continued,
    }
}

pub(super) fn child_group(group: Option<u32>) -> ChildGroup {
    match group {
        None => ChildGroup::Inherit,
        Some(0) => ChildGroup::New,
        Some(group) => ChildGroup::Join(Pid(group)),
    }
}
