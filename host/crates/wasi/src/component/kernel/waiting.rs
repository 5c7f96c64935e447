//! The functions that may wait. Each tries, waits through [`host_wait`] while it would block, and tries again.
//!
//! Data of a write stays in the guest's memory until it is written; nothing is copied on the way.

use std::time::Duration;

use base::Pid;
use kernel::{Interest, TryIo, WaitEvents, WaitFor};
use wasmtime::component::WasmList;

use super::super::interface::Store;
use super::super::transfer::{self, Data, Origin, READ_MAX_BYTES, Stop, To, answer};
use super::{Interface, convert, wit};
use crate::wait::{Interrupted, die_if_doomed, host_wait};

pub(super) fn link(interface: &mut Interface<'_>) -> wasmtime::Result<()> {
    interface.waiting("read", |store, (fd, max): (u32, u32)| {
        Box::pin(async move { answer(transfer::read(store, Origin::Descriptor(fd), max as usize).await) })
    })?;
    interface.waiting("read-until", |store, (fd, delimiter, max): (u32, u8, u32)| {
        Box::pin(async move { answer(read_until(store, fd, delimiter, max).await) })
    })?;
    interface.waiting("write", |store, (fd, data): (u32, WasmList<u8>)| {
        Box::pin(async move { answer(transfer::write(store, To::Descriptor(fd), Data::Guest(&data)).await.1) })
    })?;
    interface.waiting("poll-readable", |store, (fd, timeout_ns): (u32, u64)| {
        Box::pin(async move { answer(poll_readable(store, fd, timeout_ns).await) })
    })?;
    interface
        .waiting("capture-end", |store, (fd,): (u32,)| Box::pin(async move { answer(capture_end(store, fd).await) }))?;
    interface.waiting("wait", |store, (child, no_hang): (Option<u32>, bool)| {
        Box::pin(async move { answer(wait(store, child, no_hang).await) })
    })?;
    interface.waiting("sleep", |store, (ns,): (u64,)| Box::pin(async move { answer(sleep(store, ns).await) }))
}

async fn read_until(store: &mut Store<'_>, fd: u32, delimiter: u8, max: u32) -> Result<Vec<u8>, Stop> {
    let process = store.data().process.clone();
    let max = (max as usize).min(READ_MAX_BYTES);
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

/// A shell is told of stops and of their end: its jobs show them.
const CHANGES: WaitEvents = WaitEvents { stopped: true, continued: true };

async fn wait(
    store: &mut Store<'_>,
    child: Option<u32>,
    no_hang: bool,
) -> Result<Option<(u32, wit::WaitStatus)>, Stop> {
    let process = store.data().process.clone();
    let whom = child.map_or(WaitFor::Any, |pid| WaitFor::Pid(Pid(pid)));
    loop {
        match process.try_wait_event(whom, CHANGES)? {
            TryIo::Done((pid, event)) => {
                // At a deadline a shell and its children are doomed together: it does not go on to tell of their death.
                die_if_doomed(store.data())?;
                return Ok(Some((pid.0, convert::wait_status(event))));
            }
            TryIo::WouldBlock if no_hang => return Ok(None),
            TryIo::WouldBlock => host_wait(&mut *store, process.child_event(whom, CHANGES)).await?,
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
