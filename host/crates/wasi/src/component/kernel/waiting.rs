//! The functions that may wait. Each tries, waits through [`host_wait`] while it would block, and tries again.
//!
//! Data of a write stays in the guest's memory until it is written; nothing is copied on the way.

use std::time::Duration;

use base::{Errno, Pid};
use kernel::{Interest, TryIo, WaitFor};
use wasmtime::StoreContextMut;
use wasmtime::component::WasmList;

use super::{Answer, Interface, convert, wit};
use crate::fuel;
use crate::state::GuestState;
use crate::wait::{Interrupted, die_if_doomed, host_wait};

/// Bytes one read answers at most, whatever the guest asks for.
const READ_MAX_BYTES: u32 = 1 << 20;
/// Bytes written before the guest's state is looked at again.
const WRITE_STEP_BYTES: usize = 256 << 10;

type Store<'a> = StoreContextMut<'a, GuestState>;

/// The answer of a function that may end the guest.
type Waited<T> = wasmtime::Result<(Answer<T>,)>;

/// Why a step of such a function does not go on: an errno for the guest, or its end.
enum Stop {
    Errno(Errno),
    End(wasmtime::Error),
}

impl From<Errno> for Stop {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
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

pub(super) fn link(interface: &mut Interface<'_>) -> wasmtime::Result<()> {
    let interface = &mut interface.0;
    interface.func_wrap_async("read", |mut store, (fd, max): (u32, u32)| {
        Box::new(async move {
            let done = read(&mut store, fd, max).await;
            finish(store, done)
        })
    })?;
    interface.func_wrap_async("read-until", |mut store, (fd, delimiter, max): (u32, u8, u32)| {
        Box::new(async move {
            let done = read_until(&mut store, fd, delimiter, max).await;
            finish(store, done)
        })
    })?;
    interface.func_wrap_async("write", |mut store, (fd, data): (u32, WasmList<u8>)| {
        Box::new(async move {
            let done = write(&mut store, fd, &data).await;
            finish(store, done)
        })
    })?;
    interface.func_wrap_async("poll-readable", |mut store, (fd, timeout_ns): (u32, u64)| {
        Box::new(async move {
            let done = poll_readable(&mut store, fd, timeout_ns).await;
            finish(store, done)
        })
    })?;
    interface.func_wrap_async("capture-end", |mut store, (fd,): (u32,)| {
        Box::new(async move {
            let done = capture_end(&mut store, fd).await;
            finish(store, done)
        })
    })?;
    interface.func_wrap_async("wait", |mut store, (child, no_hang): (Option<u32>, bool)| {
        Box::new(async move {
            let done = wait(&mut store, child, no_hang).await;
            finish(store, done)
        })
    })?;
    interface.func_wrap_async("sleep", |mut store, (ns,): (u64,)| {
        Box::new(async move {
            let done = sleep(&mut store, ns).await;
            finish(store, done)
        })
    })
}

/// Charges the call and turns its end into what the guest gets.
fn finish<T>(mut store: Store<'_>, done: Result<T, Stop>) -> Waited<T> {
    store.data_mut().fuel.charge_call();
    fuel::settle_when_low(&mut store)?;
    match done {
        Ok(value) => Ok((Ok(value),)),
        Err(Stop::Errno(errno)) => Ok((Err(convert::errno(errno)),)),
        Err(Stop::End(error)) => Err(error),
    }
}

async fn read(store: &mut Store<'_>, fd: u32, max: u32) -> Result<Vec<u8>, Stop> {
    let process = store.data().process.clone();
    let mut buffer = vec![0; max.min(READ_MAX_BYTES) as usize];
    loop {
        match process.try_read(fd, &mut buffer)? {
            TryIo::Done(n) => {
                buffer.truncate(n);
                store.data_mut().fuel.charge_bytes(n as u64);
                return Ok(buffer);
            }
            TryIo::WouldBlock => host_wait(&mut *store, process.readable(fd)).await?,
        }
    }
}

async fn read_until(store: &mut Store<'_>, fd: u32, delimiter: u8, max: u32) -> Result<Vec<u8>, Stop> {
    let process = store.data().process.clone();
    let max = max.min(READ_MAX_BYTES) as usize;
    let mut found = Vec::new();
    loop {
        match process.try_read_until(fd, delimiter, max.saturating_sub(found.len()))? {
            TryIo::Done(piece) => {
                store.data_mut().fuel.charge_bytes(piece.len() as u64);
                let is_last = piece.is_empty() || piece.last() == Some(&delimiter);
                found.extend_from_slice(&piece);
                if is_last || found.len() >= max {
                    return Ok(found);
                }
            }
            TryIo::WouldBlock => match host_wait(&mut *store, process.readable(fd)).await {
                // What was taken from the pipe must not be lost for a signal.
                Err(Interrupted::Signal) if !found.is_empty() => return Ok(found),
                waited => waited?,
            },
        }
    }
}

async fn write(store: &mut Store<'_>, fd: u32, data: &WasmList<u8>) -> Result<(), Stop> {
    let process = store.data().process.clone();
    let mut written = 0;
    loop {
        let rest = data.as_le_slice(&*store).get(written..).unwrap_or_default();
        let (piece, is_last) = match rest.get(..WRITE_STEP_BYTES) {
            Some(piece) => (piece, rest.len() == WRITE_STEP_BYTES),
            None => (rest, true),
        };
        // Also tried when there is nothing to write: a closed descriptor is an error then, too.
        let wanted = piece.len();
        match process.try_write(fd, piece)? {
            TryIo::Done(0) if wanted > 0 => return Err(Stop::Errno(Errno::EIO)),
            TryIo::Done(n) => {
                written += n;
                store.data_mut().fuel.charge_bytes(n as u64);
                if is_last && n >= wanted {
                    return Ok(());
                }
            }
            TryIo::WouldBlock => host_wait(&mut *store, process.writable(fd)).await?,
        }
    }
}

async fn poll_readable(store: &mut Store<'_>, fd: u32, timeout_ns: u64) -> Result<bool, Stop> {
    let process = store.data().process.clone();
    if process.readiness(fd, Interest::Read)?.ready {
        return Ok(true);
    }
    if timeout_ns == 0 {
        return Ok(false);
    }
    let clock = process.kernel().clock();
    let timeout = clock.sleep_until(clock.mono().plus(Duration::from_nanos(timeout_ns)));
    let ready = async {
        tokio::select! {
            biased;
            () = process.readable(fd) => true,
            () = timeout => false,
        }
    };
    Ok(host_wait(&mut *store, ready).await?)
}

async fn capture_end(store: &mut Store<'_>, fd: u32) -> Result<Vec<u8>, Stop> {
    let capture = store.data().process.capture_end(fd)?;
    loop {
        if let Some(content) = capture.try_take() {
            store.data_mut().fuel.charge_bytes(content.len() as u64);
            return Ok(content);
        }
        host_wait(&mut *store, capture.ended()).await?;
    }
}

async fn wait(
    store: &mut Store<'_>,
    child: Option<u32>,
    no_hang: bool,
) -> Result<Option<(u32, wit::WaitStatus)>, Stop> {
    let process = store.data().process.clone();
    let whom = child.map_or(WaitFor::Any, |pid| WaitFor::Pid(Pid(pid)));
    loop {
        match process.try_wait(whom)? {
            TryIo::Done((pid, status)) => {
                // At a deadline a shell and its children are doomed together: it does not go on to tell of their death.
                die_if_doomed(store.data()).map_err(|end| Stop::End(end.into()))?;
                return Ok(Some((pid.0, convert::wait_status(status))));
            }
            TryIo::WouldBlock if no_hang => return Ok(None),
            TryIo::WouldBlock => host_wait(&mut *store, process.child_ended(whom)).await?,
        }
    }
}

async fn sleep(store: &mut Store<'_>, ns: u64) -> Result<(), Stop> {
    let slept = {
        let clock = store.data().process.kernel().clock();
        clock.sleep_until(clock.mono().plus(Duration::from_nanos(ns)))
    };
    Ok(host_wait(&mut *store, slept).await?)
}
