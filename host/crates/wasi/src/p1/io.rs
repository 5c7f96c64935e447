//! `fd_read`, `fd_write`, `fd_pread`, `fd_pwrite`: one copy between guest memory and kernel, waiting where POSIX waits.

use base::Errno;
use kernel::TryIo;
use wasmtime::{Linker, Result};

use super::iovec::{Iovecs, Piece};
use super::rights;
use super::version::Version;
use crate::call::{Fault, Guest, call, errno, with_memory};
use crate::fuel;
use crate::memory::GuestMemory;
use crate::state::GuestState;
use crate::wait::{die_if_doomed, host_wait};

/// Bytes one call moves before others get their turn: a read ends there, a write goes on afterwards.
const TURN_BYTES: u32 = 16 << 20;
/// Bytes after which a write is complete, whatever is left: vectors may overlap, and the length told is 32 bits wide.
const TOTAL_MAX: u32 = 1 << 31;
/// Vectors that together are no longer than this are written at once (`PIPE_BUF`: such a write is whole or not at all).
const GATHER_BYTES: usize = 4096;

pub(super) fn add(linker: &mut Linker<GuestState>, version: Version) -> Result<()> {
    let module = version.module();
    linker.func_wrap_async(module, "fd_read", |mut caller: Guest<'_>, args: (u32, u32, u32, u32)| {
        Box::new(async move {
            caller.data_mut().fuel.charge_call();
            let done = read(&mut caller, args).await;
            fuel::settle_when_due(&mut caller)?;
            errno(done)
        })
    })?;
    linker.func_wrap_async(module, "fd_write", |mut caller: Guest<'_>, args: (u32, u32, u32, u32)| {
        Box::new(async move {
            caller.data_mut().fuel.charge_call();
            let done = write(&mut caller, args).await;
            fuel::settle_when_due(&mut caller)?;
            errno(done)
        })
    })?;
    linker.func_wrap(
        module,
        "fd_pread",
        |mut caller: Guest<'_>, fd: u32, array: u32, count: u32, offset: u64, out: u32| {
            call(&mut caller, |memory, state| pread(memory, state, fd, Iovecs::new(array, count)?, offset, out))
        },
    )?;
    linker.func_wrap(
        module,
        "fd_pwrite",
        |mut caller: Guest<'_>, fd: u32, array: u32, count: u32, offset: u64, out: u32| {
            call(&mut caller, |memory, state| pwrite(memory, state, fd, Iovecs::new(array, count)?, offset, out))
        },
    )?;
    Ok(())
}

async fn read(caller: &mut Guest<'_>, (fd, array, count, out): (u32, u32, u32, u32)) -> Result<(), Fault> {
    let vectors = Iovecs::new(array, count)?;
    rights::require(caller.data(), fd, rights::FD_READ)?;
    loop {
        let step = with_memory(caller, |memory, state| {
            // What is read must not be lost for want of a place to tell its length.
            memory.check(out, 4)?;
            match scatter(memory, state, fd, vectors.clone())? {
                TryIo::Done(n) => memory.put_u32(out, n).map(TryIo::Done),
                TryIo::WouldBlock if state.process.fd_flags(state.fd(fd))?.nonblock => Err(Errno::EAGAIN),
                TryIo::WouldBlock => Ok(TryIo::WouldBlock),
            }
        })?;
        if let TryIo::Done(()) = step {
            return Ok(());
        }
        let state = caller.data();
        let readable = state.process.readable(state.fd(fd));
        host_wait(&mut *caller, readable).await?;
    }
}

/// Reads into the vectors what is there, up to [`TURN_BYTES`].
fn scatter(
    memory: &mut GuestMemory<'_>,
    state: &mut GuestState,
    fd: u32,
    mut vectors: Iovecs,
) -> Result<TryIo<u32>, Errno> {
    let fd = state.fd(fd);
    let mut total = 0;
    let mut asked = false;
    while total < TURN_BYTES {
        let step = read_piece(memory, state, fd, &mut vectors);
        match step {
            Ok(Some(TryIo::Done((n, whole)))) => {
                asked = true;
                total += n;
                if !whole {
                    break;
                }
            }
            Ok(Some(TryIo::WouldBlock)) if total == 0 => return Ok(TryIo::WouldBlock),
            Err(error) if total == 0 => return Err(error),
            _ => break,
        }
    }
    if !asked {
        // Vectors without room: only the descriptor is looked at.
        state.process.try_read(fd, &mut [])?;
    }
    state.fuel.charge_bytes(total.into());
    Ok(TryIo::Done(total))
}

/// Reads one piece; answers its bytes and whether it was filled.
fn read_piece(
    memory: &mut GuestMemory<'_>,
    state: &GuestState,
    fd: u32,
    vectors: &mut Iovecs,
) -> Result<Option<TryIo<(u32, bool)>>, Errno> {
    let Some(piece) = vectors.piece(memory)? else { return Ok(None) };
    match state.process.try_read(fd, memory.slice_mut(piece.at, piece.len)?)? {
        TryIo::WouldBlock => Ok(Some(TryIo::WouldBlock)),
        TryIo::Done(n) => {
            let n = u32::try_from(n).map_err(|_| Errno::EIO)?;
            vectors.advance(n);
            Ok(Some(TryIo::Done((n, n == piece.len))))
        }
    }
}

/// What a step of a write came to.
enum Wrote {
    All,
    /// The descriptor takes no more at the moment.
    Blocked,
    /// Others should get their turn.
    Turn,
}

async fn write(caller: &mut Guest<'_>, (fd, array, count, out): (u32, u32, u32, u32)) -> Result<(), Fault> {
    let mut vectors = Iovecs::new(array, count)?;
    let mut total = 0u32;
    rights::require(caller.data(), fd, rights::FD_WRITE)?;
    with_memory(caller, |memory, _| memory.check(out, 4))?;
    let end = loop {
        let step = with_memory(caller, |memory, state| {
            let before = total;
            let step = write_some(memory, state, fd, &mut vectors, &mut total);
            state.fuel.charge_bytes(u64::from(total - before));
            step
        });
        let waited = match step {
            Ok(Wrote::All) => break Ok(()),
            Ok(Wrote::Turn) => host_wait(&mut *caller, tokio::task::yield_now()).await,
            Ok(Wrote::Blocked) => {
                let state = caller.data();
                if state.process.fd_flags(state.fd(fd))?.nonblock {
                    break Err(Fault::Errno(Errno::EAGAIN));
                }
                let writable = state.process.writable(state.fd(fd));
                host_wait(&mut *caller, writable).await
            }
            Err(fault) => break Err(fault),
        };
        if let Err(interrupted) = waited {
            break Err(interrupted.into());
        }
    };
    if let Err(Fault::Errno(Errno::EPIPE)) = end {
        die_if_doomed(caller.data())?;
    }
    match end {
        // As in POSIX, what was written is told, and the next call meets the error.
        Err(Fault::Errno(_)) if total > 0 => {}
        other => other?,
    }
    with_memory(caller, |memory, _| memory.put_u32(out, total))
}

/// Writes from the vectors until all is written, the descriptor blocks, or [`TURN_BYTES`] have gone.
fn write_some(
    memory: &mut GuestMemory<'_>,
    state: &GuestState,
    fd: u32,
    vectors: &mut Iovecs,
    total: &mut u32,
) -> Result<Wrote, Errno> {
    let fd = state.fd(fd);
    if vectors.are_several()
        && let Some(whole) = vectors.gather(memory, &mut [0; GATHER_BYTES])
    {
        return match state.process.try_write(fd, whole)? {
            TryIo::WouldBlock => Ok(Wrote::Blocked),
            TryIo::Done(n) => {
                *total = u32::try_from(n).map_err(|_| Errno::EIO)?;
                // Less than all is a quota met in the middle: the guest is told what went.
                Ok(Wrote::All)
            }
        };
    }
    let mut turn = 0;
    let mut asked = false;
    while let Some(piece) = vectors.piece(memory)? {
        if turn >= TURN_BYTES {
            return Ok(Wrote::Turn);
        }
        if *total > TOTAL_MAX {
            return Ok(Wrote::All);
        }
        asked = true;
        match state.process.try_write(fd, memory.slice(piece.at, piece.len)?)? {
            TryIo::WouldBlock => return Ok(Wrote::Blocked),
            TryIo::Done(n) => {
                let n = u32::try_from(n).map_err(|_| Errno::EIO)?;
                vectors.advance(n);
                turn += n;
                *total += n;
            }
        }
    }
    if !asked && *total == 0 {
        state.process.try_write(fd, &[])?;
    }
    Ok(Wrote::All)
}

fn pread(
    memory: &mut GuestMemory<'_>,
    state: &mut GuestState,
    fd: u32,
    mut vectors: Iovecs,
    offset: u64,
    out: u32,
) -> Result<(), Errno> {
    rights::require(state, fd, rights::FD_READ | rights::FD_SEEK)?;
    let fd = state.fd(fd);
    memory.check(out, 4)?;
    let end = state.process.pread(fd, &mut [], offset).map(drop);
    let read = |memory: &mut GuestMemory<'_>, piece: Piece, at| {
        memory.slice_mut(piece.at, piece.len).and_then(|buffer| state.process.pread(fd, buffer, at))
    };
    let (total, end) = transfer_at(memory, &mut vectors, offset, end, read)?;
    tell(memory, state, total, end, out)
}

fn pwrite(
    memory: &mut GuestMemory<'_>,
    state: &mut GuestState,
    fd: u32,
    mut vectors: Iovecs,
    offset: u64,
    out: u32,
) -> Result<(), Errno> {
    rights::require(state, fd, rights::FD_WRITE | rights::FD_SEEK)?;
    let fd = state.fd(fd);
    memory.check(out, 4)?;
    let end = state.process.pwrite(fd, &[], offset).map(drop);
    let write = |memory: &mut GuestMemory<'_>, piece: Piece, at| {
        memory.slice(piece.at, piece.len).and_then(|data| state.process.pwrite(fd, data, at))
    };
    let (total, end) = transfer_at(memory, &mut vectors, offset, end, write)?;
    tell(memory, state, total, end, out)
}

/// Moves the pieces of `vectors` one after the other, from `offset` on, until one is moved in part, fails, or the turn's
/// bytes are used up. Answers how many bytes went and, as `end`, how it ended; a bad `end` to begin with moves nothing.
fn transfer_at(
    memory: &mut GuestMemory<'_>,
    vectors: &mut Iovecs,
    offset: u64,
    mut end: Result<(), Errno>,
    mut transfer: impl FnMut(&mut GuestMemory<'_>, Piece, u64) -> Result<usize, Errno>,
) -> Result<(u32, Result<(), Errno>), Errno> {
    let mut total = 0u32;
    while end.is_ok() && total < TURN_BYTES {
        let Ok(Some(piece)) = vectors.piece(memory).inspect_err(|error| end = Err(*error)) else { break };
        let at = offset.checked_add(total.into()).ok_or(Errno::EINVAL)?;
        match transfer(memory, piece, at).and_then(|n| u32::try_from(n).map_err(|_| Errno::EIO)) {
            Ok(n) => {
                vectors.advance(n);
                total += n;
                if n < piece.len {
                    break;
                }
            }
            Err(error) => end = Err(error),
        }
    }
    Ok((total, end))
}

/// Tells how many bytes went, or the error if none did.
fn tell(
    memory: &mut GuestMemory<'_>,
    state: &mut GuestState,
    total: u32,
    end: Result<(), Errno>,
    out: u32,
) -> Result<(), Errno> {
    state.fuel.charge_bytes(total.into());
    if total == 0 {
        end?;
    }
    memory.put_u32(out, total)
}
