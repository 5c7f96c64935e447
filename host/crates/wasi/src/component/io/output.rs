//! `output-stream`: what it writes, and its functions.
//!
//! A write goes out whole. It has room for what `check-write` permitted, unless another process has filled the pipe since:
//! then it waits rather than keep bytes that could be lost.

use kernel::Interest;
use wasmtime::component::{Resource, WasmList};

use super::super::interface::{Interface, Store};
use super::super::owned::OwnedFd;
use super::super::transfer::{self, Data, To};
use super::error::{Failed, answer};
use super::input::{self, InputStream};
use super::poll::Pollable;
use crate::state::GuestState;
use crate::wait::host_wait;
use base::Errno;

/// What a stream permits that never waits.
const PERMIT_MAX_BYTES: u64 = 1 << 20;
/// Zeroes are written in pieces of this size.
const ZEROES: [u8; 4096] = [0; 4096];

/// Something a component writes.
#[derive(Debug)]
pub struct OutputStream(Sink);

#[derive(Debug)]
enum Sink {
    Log,
    /// A descriptor by number, left open.
    Number(u32),
    /// A descriptor of the stream's own, written at its offset.
    Descriptor(OwnedFd),
    /// A file, written at an offset of the stream's own.
    File(OwnedFd, u64),
    /// A file, written at its end.
    End(OwnedFd),
}

type Handle = Resource<OutputStream>;

impl OutputStream {
    /// Writes to the server's log.
    pub(in super::super) fn log() -> Self {
        Self(Sink::Log)
    }

    /// Writes the process's descriptor of this number.
    pub(in super::super) fn number(fd: u32) -> Self {
        Self(Sink::Number(fd))
    }

    /// Writes what has no offsets, or whose offset others see.
    pub(in super::super) fn descriptor(fd: OwnedFd) -> Self {
        Self(Sink::Descriptor(fd))
    }

    /// Writes a file from an offset on.
    pub(in super::super) fn file(fd: OwnedFd, offset: u64) -> Self {
        Self(Sink::File(fd, offset))
    }

    /// Writes at the end of a file.
    pub(in super::super) fn end(fd: OwnedFd) -> Self {
        Self(Sink::End(fd))
    }

    fn to(&self) -> To {
        match &self.0 {
            Sink::Log => To::Log,
            Sink::Number(fd) => To::Descriptor(*fd),
            Sink::Descriptor(fd) => To::Descriptor(fd.number()),
            Sink::File(fd, offset) => To::File(fd.number(), *offset),
            Sink::End(fd) => To::End(fd.number()),
        }
    }

    fn advance(&mut self, n: usize) {
        if let Sink::File(_, offset) = &mut self.0 {
            *offset = offset.saturating_add(n as u64);
        }
    }
}

pub(super) fn link(streams: &mut Interface<'_>) -> wasmtime::Result<()> {
    streams.resource::<OutputStream>("output-stream")?;
    streams.ending("[method]output-stream.check-write", |state, (stream,): (Handle,)| {
        let permit = permit(state, &stream);
        answer(state, permit)
    })?;
    for name in ["[method]output-stream.write", "[method]output-stream.blocking-write-and-flush"] {
        streams.waiting(name, |store, (stream, contents): (Handle, WasmList<u8>)| {
            Box::pin(async move {
                let written = write(store, &stream, Data::Guest(&contents)).await;
                answer(store.data_mut(), written)
            })
        })?;
    }
    for name in ["[method]output-stream.flush", "[method]output-stream.blocking-flush"] {
        streams.ending(name, |state, (stream,): (Handle,)| {
            state.table.get(&stream)?;
            answer(state, Ok(()))
        })?;
    }
    streams.ending("[method]output-stream.subscribe", |state, (stream,): (Handle,)| {
        let pollable = match state.table.get(&stream)?.to() {
            To::Descriptor(fd) => Pollable::Writable(fd),
            To::Log | To::File(..) | To::End(_) => Pollable::Ready,
        };
        Ok(state.table.push(pollable)?)
    })?;
    link_copies(streams)
}

fn link_copies(streams: &mut Interface<'_>) -> wasmtime::Result<()> {
    for name in ["[method]output-stream.write-zeroes", "[method]output-stream.blocking-write-zeroes-and-flush"] {
        streams.waiting(name, |store, (stream, len): (Handle, u64)| {
            Box::pin(async move {
                let written = write_zeroes(store, &stream, len).await;
                answer(store.data_mut(), written)
            })
        })?;
    }
    type Splice = (Handle, Resource<InputStream>, u64);
    streams.waiting("[method]output-stream.splice", |store, (to, from, len): Splice| {
        Box::pin(async move {
            let moved = splice(store, &to, &from, len, false).await;
            answer(store.data_mut(), moved)
        })
    })?;
    streams.waiting("[method]output-stream.blocking-splice", |store, (to, from, len): Splice| {
        Box::pin(async move {
            let moved = splice(store, &to, &from, len, true).await;
            answer(store.data_mut(), moved)
        })
    })
}

/// How many bytes a write may have at the moment without having to wait.
fn permit(state: &GuestState, stream: &Handle) -> Result<u64, Failed> {
    let To::Descriptor(fd) = state.table.get(stream)?.to() else { return Ok(PERMIT_MAX_BYTES) };
    let readiness = state.process.readiness(fd, Interest::Write)?;
    Ok(match readiness.bytes {
        _ if !readiness.ready => 0,
        // What has no bound, or nobody at its other end: the write itself meets that.
        0 => PERMIT_MAX_BYTES,
        room => room,
    })
}

async fn write(store: &mut Store<'_>, stream: &Handle, data: Data<'_>) -> Result<(), Failed> {
    let to = store.data().table.get(stream)?.to();
    let (written, done) = transfer::write(store, to, data).await;
    store.data_mut().table.get_mut(stream)?.advance(written);
    Ok(done?)
}

async fn write_zeroes(store: &mut Store<'_>, stream: &Handle, len: u64) -> Result<(), Failed> {
    if len > PERMIT_MAX_BYTES {
        let error = wasmtime::Error::msg("more zeroes than any stream permits");
        return Err(Failed::Stop(transfer::Stop::End(error)));
    }
    let mut left = usize::try_from(len).map_err(|_| Errno::EOVERFLOW)?;
    loop {
        let piece = ZEROES.get(..left).unwrap_or(&ZEROES);
        write(store, stream, Data::Host(piece)).await?;
        left -= piece.len();
        if left == 0 {
            return Ok(());
        }
    }
}

/// Moves up to `len` bytes from stream to stream.
async fn splice(
    store: &mut Store<'_>,
    to: &Handle,
    from: &Resource<InputStream>,
    len: u64,
    waits: bool,
) -> Result<u64, Failed> {
    let room = loop {
        match permit(store.data(), to)? {
            0 if waits => {
                let To::Descriptor(fd) = store.data().table.get(to)?.to() else { break 0 };
                let writable = store.data().process.writable(fd);
                host_wait(&mut *store, writable).await?;
            }
            room => break room,
        }
    };
    let len = len.min(room);
    if len == 0 {
        return Ok(0);
    }
    let bytes = match waits {
        true => input::read(store, from, len).await?,
        false => input::read_now(store.data_mut(), from, len)?,
    };
    if !bytes.is_empty() {
        write(store, to, Data::Host(&bytes)).await?;
    }
    Ok(bytes.len() as u64)
}
