//! Moving bytes between a component and what it has open, waiting where POSIX waits.
//!
//! Data of a write stays in the guest's memory until it is written; nothing is copied on the way. What a failure means to
//! the guest is decided by the interface.

use base::Errno;
use kernel::{Process, TryIo};
use wasmtime::component::WasmList;

use super::errno;
use super::interface::{Answer, Store};
use crate::exit::GuestExit;
use crate::wait::{Interrupted, host_wait};

/// Bytes one read answers at most, whatever the guest asks for.
pub(super) const READ_MAX_BYTES: usize = 1 << 20;
/// Bytes written before the guest's state is looked at again.
const WRITE_STEP_BYTES: usize = 256 << 10;
/// Bytes of one write to the log that are shown; the rest is dropped.
const LOGGED_MAX_BYTES: usize = 1024;

/// Why a function does not go on: an errno for the guest, or its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// The guest is told.
    Errno(Errno),
    /// The guest does not go on.
    End(wasmtime::Error),
}

impl From<Errno> for Stop {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

impl From<GuestExit> for Stop {
    fn from(exit: GuestExit) -> Self {
        Self::End(exit.into())
    }
}

impl From<wasmtime::component::ResourceTableError> for Stop {
    fn from(error: wasmtime::component::ResourceTableError) -> Self {
        Self::End(error.into())
    }
}

impl From<Interrupted> for Stop {
    fn from(interrupted: Interrupted) -> Self {
        match interrupted {
            Interrupted::Signal => Self::Errno(Errno::EINTR),
            Interrupted::End(error) => Self::End(error),
        }
    }
}

/// Turns the end of a function that may fail with an errno into what the guest gets.
pub(super) fn answer<T>(done: Result<T, Stop>) -> wasmtime::Result<Answer<T>> {
    match done {
        Ok(value) => Ok(Ok(value)),
        Err(Stop::Errno(error)) => Ok(Err(errno::to_wit(error))),
        Err(Stop::End(error)) => Err(error),
    }
}

/// Where bytes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Nowhere: always at its end.
    Nothing,
    /// A descriptor, at its own offset.
    Descriptor(u32),
    /// A file, at this offset.
    File(u32, u64),
}

/// Where bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    /// The server's log: nothing a script prints goes there, a panic of the shell's own code does.
    Log,
    /// A descriptor, at its own offset.
    Descriptor(u32),
    /// A file, at this offset.
    File(u32, u64),
    /// A file, at its end.
    End(u32),
}

/// The bytes of a write.
#[derive(Clone, Copy)]
pub(super) enum Data<'a> {
    /// In the guest's memory.
    Guest(&'a WasmList<u8>),
    /// In the host's.
    Host(&'a [u8]),
}

impl Data<'_> {
    /// What is left after `written` bytes.
    fn after<'s>(&'s self, store: &'s Store<'_>, written: usize) -> &'s [u8] {
        let whole = match self {
            Self::Guest(list) => list.as_le_slice(store),
            Self::Host(bytes) => bytes,
        };
        whole.get(written..).unwrap_or_default()
    }
}

/// Reads up to `max` bytes if there are some; none at the end.
pub(super) fn try_read(process: &Process, from: Origin, max: usize) -> Result<TryIo<Vec<u8>>, Errno> {
    let mut buffer = vec![0; max.min(READ_MAX_BYTES)];
    let read = match from {
        Origin::Nothing => TryIo::Done(0),
        Origin::Descriptor(fd) => process.try_read(fd, &mut buffer)?,
        Origin::File(fd, offset) => TryIo::Done(process.pread(fd, &mut buffer, offset)?),
    };
    Ok(match read {
        TryIo::Done(n) => {
            buffer.truncate(n);
            TryIo::Done(buffer)
        }
        TryIo::WouldBlock => TryIo::WouldBlock,
    })
}

/// Reads up to `max` bytes, waiting until there are some; none at the end.
pub(super) async fn read(store: &mut Store<'_>, from: Origin, max: usize) -> Result<Vec<u8>, Stop> {
    let process = store.data().process.clone();
    loop {
        match (try_read(&process, from, max)?, from) {
            (TryIo::Done(bytes), _) => {
                store.data_mut().fuel.charge_bytes(bytes.len() as u64);
                return Ok(bytes);
            }
            (TryIo::WouldBlock, Origin::Descriptor(fd)) => host_wait(&mut *store, process.readable(fd)).await?,
            // Only descriptors ever block.
            (TryIo::WouldBlock, _) => return Err(Stop::Errno(Errno::EIO)),
        }
    }
}

/// Writes all of `data`, waiting while there is no room; answers how many bytes went, also when it failed.
pub(super) async fn write(store: &mut Store<'_>, to: To, data: Data<'_>) -> (usize, Result<(), Stop>) {
    let process = store.data().process.clone();
    let mut written = 0;
    loop {
        let rest = data.after(store, written);
        let (piece, is_last) = match rest.get(..WRITE_STEP_BYTES) {
            Some(piece) => (piece, rest.len() == WRITE_STEP_BYTES),
            None => (rest, true),
        };
        // Also tried when there is nothing to write: a closed descriptor is an error then, too.
        let wanted = piece.len();
        match try_write(&process, to, piece, written) {
            Err(errno) => return (written, Err(errno.into())),
            Ok(TryIo::Done(0)) if wanted > 0 => return (written, Err(Errno::EIO.into())),
            Ok(TryIo::Done(n)) => {
                written += n;
                store.data_mut().fuel.charge_bytes(n as u64);
                if is_last && n >= wanted {
                    return (written, Ok(()));
                }
            }
            Ok(TryIo::WouldBlock) => {
                let To::Descriptor(fd) = to else { return (written, Err(Errno::EIO.into())) };
                if let Err(interrupted) = host_wait(&mut *store, process.writable(fd)).await {
                    return (written, Err(interrupted.into()));
                }
            }
        }
    }
}

/// Writes what can be written at once of `piece`, which begins `done` bytes after the place `to` names.
fn try_write(process: &Process, to: To, piece: &[u8], done: usize) -> Result<TryIo<usize>, Errno> {
    match to {
        To::Log => {
            let shown = piece.get(..LOGGED_MAX_BYTES).unwrap_or(piece);
            tracing::warn!("a shell's runtime says: {}", String::from_utf8_lossy(shown).trim_end());
            Ok(TryIo::Done(piece.len()))
        }
        To::Descriptor(fd) => process.try_write(fd, piece),
        To::File(fd, offset) => {
            let at = offset.checked_add(done as u64).ok_or(Errno::EFBIG)?;
            process.pwrite(fd, piece, at).map(TryIo::Done)
        }
        To::End(fd) => process.append(fd, piece).map(TryIo::Done),
    }
}
