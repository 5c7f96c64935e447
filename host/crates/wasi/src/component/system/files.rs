//! Files as POSIX has them and WASI has not: modes, owners, the working directory.

use kernel::{At, FileStat, FileType};
use vfs::Follow;

use super::super::interface::Interface;
use super::wit;
use crate::system;

pub(super) fn link(interface: &mut Interface<'_>) -> wasmtime::Result<()> {
    interface.fallible("stat", |state, (path, follow): (Vec<u8>, bool)| {
        state.process.stat(At::Cwd, &path, follows(follow)).map(file_stat)
    })?;
    interface.fallible("fstat", |state, (fd,): (u32,)| state.process.fd_stat(fd).map(file_stat))?;
    interface.fallible("chmod", |state, (path, mode, follow): (Vec<u8>, u32, bool)| {
        system::chmod(state, &path, mode, follows(follow))
    })?;
    type Owner = (Vec<u8>, Option<u32>, Option<u32>, bool);
    interface.fallible("chown", |state, (path, uid, gid, follow): Owner| {
        state.process.chown(At::Cwd, &path, (uid, gid), follows(follow))
    })?;
    interface.fallible("access", |state, (path, mode): (Vec<u8>, u32)| system::access(state, &path, mode))?;
    interface.function("umask", |state, (mask,): (Option<u32>,)| state.process.umask(mask))?;
    interface.function("statfs", |state, (): ()| fs_stat(system::statfs(state)))?;
    interface.fallible("getcwd", |state, (): ()| state.process.getcwd())?;
    interface.fallible("chdir", |state, (path,): (Vec<u8>,)| state.process.chdir(At::Cwd, &path).map(drop))
}

fn follows(follow: bool) -> Follow {
    if follow { Follow::Yes } else { Follow::No }
}

fn file_stat(stat: FileStat) -> wit::FileStat {
    wit::FileStat {
        inode: stat.ino.0,
        kind: match stat.kind {
            FileType::Regular => wit::FileType::Regular,
            FileType::Directory => wit::FileType::Directory,
            FileType::Symlink => wit::FileType::Symlink,
            FileType::CharDevice => wit::FileType::CharacterDevice,
            FileType::Fifo => wit::FileType::Fifo,
        },
        mode: stat.mode,
        links: stat.nlink,
        uid: stat.uid,
        gid: stat.gid,
        size: stat.size,
        accessed: stat.atime.0,
        modified: stat.mtime.0,
        changed: stat.ctime.0,
        device: stat.device,
        blocks: system::stat_blocks(&stat),
    }
}

fn fs_stat(stat: system::Blocks) -> wit::FsStat {
    wit::FsStat {
        block_size: stat.block_size,
        blocks: stat.blocks,
        free_blocks: stat.free_blocks,
        inodes: stat.inodes,
        free_inodes: stat.free_inodes,
        name_max: stat.name_max,
    }
}
