//! `input-stream`: what it reads, and its functions.

use kernel::TryIo;
use wasmtime::component::Resource;

use super::super::interface::{Interface, Store};
use super::super::owned::OwnedFd;
use super::super::transfer::{self, Origin};
use super::error::{Failed, answer};
use super::poll::Pollable;
use crate::state::GuestState;

/// Something a component reads.
#[derive(Debug)]
pub struct InputStream(Source);

#[derive(Debug)]
enum Source {
    Nothing,
    /// A descriptor by number, left open.
    Number(u32),
    /// A descriptor of the stream's own, read at its offset.
    Descriptor(OwnedFd),
    /// A file, read at an offset of the stream's own.
    File(OwnedFd, u64),
}

type Handle = Resource<InputStream>;

impl InputStream {
    /// Reads nothing.
    pub(in super::super) fn nothing() -> Self {
        Self(Source::Nothing)
    }

    /// Reads the process's descriptor of this number.
    pub(in super::super) fn number(fd: u32) -> Self {
        Self(Source::Number(fd))
    }

    /// Reads what has no offsets, or whose offset others see.
    pub(in super::super) fn descriptor(fd: OwnedFd) -> Self {
        Self(Source::Descriptor(fd))
    }

    /// Reads a file from an offset on.
    pub(in super::super) fn file(fd: OwnedFd, offset: u64) -> Self {
        Self(Source::File(fd, offset))
    }

    fn origin(&self) -> Origin {
        match &self.0 {
            Source::Nothing => Origin::Nothing,
            Source::Number(fd) => Origin::Descriptor(*fd),
            Source::Descriptor(fd) => Origin::Descriptor(fd.number()),
            Source::File(fd, offset) => Origin::File(fd.number(), *offset),
        }
    }

    fn advance(&mut self, n: usize) {
        if let Source::File(_, offset) = &mut self.0 {
            *offset = offset.saturating_add(n as u64);
        }
    }
}

pub(super) fn link(streams: &mut Interface<'_>) -> wasmtime::Result<()> {
    streams.resource::<InputStream>("input-stream")?;
    streams.ending("[method]input-stream.read", |state, (stream, len): (Handle, u64)| {
        let read = read_now(state, &stream, len);
        answer(state, read)
    })?;
    streams.waiting("[method]input-stream.blocking-read", |store, (stream, len): (Handle, u64)| {
        Box::pin(async move {
            let read = read(store, &stream, len).await;
            answer(store.data_mut(), read)
        })
    })?;
    streams.ending("[method]input-stream.skip", |state, (stream, len): (Handle, u64)| {
        let skipped = read_now(state, &stream, len).map(|bytes| bytes.len() as u64);
        answer(state, skipped)
    })?;
    streams.waiting("[method]input-stream.blocking-skip", |store, (stream, len): (Handle, u64)| {
        Box::pin(async move {
            let skipped = read(store, &stream, len).await.map(|bytes| bytes.len() as u64);
            answer(store.data_mut(), skipped)
        })
    })?;
    streams.ending("[method]input-stream.subscribe", |state, (stream,): (Handle,)| {
        let pollable = match state.table.get(&stream)?.origin() {
            Origin::Descriptor(fd) => Pollable::Readable(fd),
            Origin::Nothing | Origin::File(..) => Pollable::Ready,
        };
        Ok(state.table.push(pollable)?)
    })
}

/// Reads what is there; nothing when the stream would have to wait.
pub(super) fn read_now(state: &mut GuestState, stream: &Handle, len: u64) -> Result<Vec<u8>, Failed> {
    let origin = state.table.get(stream)?.origin();
    match transfer::try_read(&state.process, origin, size(len))? {
        TryIo::Done(bytes) => {
            state.fuel.charge_bytes(bytes.len() as u64);
            taken(state, stream, len, bytes)
        }
        TryIo::WouldBlock => Ok(Vec::new()),
    }
}

/// Reads, waiting until there is something.
pub(super) async fn read(store: &mut Store<'_>, stream: &Handle, len: u64) -> Result<Vec<u8>, Failed> {
    let origin = store.data().table.get(stream)?.origin();
    let bytes = transfer::read(store, origin, size(len)).await?;
    taken(store.data_mut(), stream, len, bytes)
}

fn taken(state: &mut GuestState, stream: &Handle, len: u64, bytes: Vec<u8>) -> Result<Vec<u8>, Failed> {
    if bytes.is_empty() && len > 0 {
        return Err(Failed::Closed);
    }
    state.table.get_mut(stream)?.advance(bytes.len());
    Ok(bytes)
}

fn size(len: u64) -> usize {
    usize::try_from(len).unwrap_or(usize::MAX)
}
