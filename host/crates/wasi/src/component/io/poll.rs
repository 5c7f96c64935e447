//! `wasi:io/poll`: what a component waits for, and waiting for several of it at once.

use base::MonoNanos;
use kernel::{Interest, Process};
use wasmtime::component::Resource;

use super::super::interface::{Interface, Store};
use crate::state::GuestState;
use crate::wait::{Interrupted, host_wait};

/// Most pollables of one call: two for each resource a component may have.
const POLLABLES_MAX: usize = 2 * super::super::RESOURCES_MAX;
/// What looking at a pollable costs in fuel, as if so many bytes were copied.
const LOOK_COST_BYTES: u64 = 256;

/// Something to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pollable {
    /// Nothing: it is there.
    Ready,
    /// That a descriptor can be read.
    Readable(u32),
    /// That a descriptor can be written.
    Writable(u32),
    /// An instant of the monotonic clock.
    Due(MonoNanos),
}

impl Pollable {
    /// What it asks of a descriptor.
    fn interest(self) -> Option<(u32, Interest)> {
        match self {
            Self::Readable(fd) => Some((fd, Interest::Read)),
            Self::Writable(fd) => Some((fd, Interest::Write)),
            Self::Ready | Self::Due(_) => None,
        }
    }

    fn is_ready(self, process: &Process) -> bool {
        match (self, self.interest()) {
            // What is closed does not become ready later: who uses it meets the error.
            (_, Some((fd, interest))) => process.readiness(fd, interest).map_or(true, |it| it.ready),
            (Self::Due(at), None) => process.kernel().clock().mono() >= at,
            _ => true,
        }
    }
}

pub(super) fn link(interface: &mut Interface<'_>) -> wasmtime::Result<()> {
    interface.resource::<Pollable>("pollable")?;
    interface.ending("[method]pollable.ready", |state, (pollable,): (Resource<Pollable>,)| {
        Ok(state.table.get(&pollable)?.is_ready(&state.process))
    })?;
    interface.waiting_procedure("[method]pollable.block", |store, (pollable,): (Resource<Pollable>,)| {
        Box::pin(async move { wait(store, &[pollable]).await.map(drop) })
    })?;
    interface.waiting("poll", |store, (pollables,): (Vec<Resource<Pollable>>,)| {
        Box::pin(async move { wait(store, &pollables).await })
    })
}

/// Waits until some of the pollables are ready; answers which.
async fn wait(store: &mut Store<'_>, pollables: &[Resource<Pollable>]) -> wasmtime::Result<Vec<u32>> {
    if pollables.is_empty() || pollables.len() > POLLABLES_MAX {
        return Err(wasmtime::Error::msg("a poll of no pollables, or of too many"));
    }
    let GuestState { table, fuel, process, .. } = store.data_mut();
    fuel.charge_bytes(pollables.len() as u64 * LOOK_COST_BYTES);
    let wanted = pollables.iter().map(|one| table.get(one).copied()).collect::<Result<Vec<_>, _>>()?;
    let process = process.clone();
    let interests: Vec<_> = wanted.iter().filter_map(|one| one.interest()).collect();
    let first_due = wanted.iter().filter_map(|one| match one {
        Pollable::Due(at) => Some(*at),
        _ => None,
    });
    let first_due = first_due.min();
    loop {
        let ready: Vec<u32> =
            (0u32..).zip(&wanted).filter(|(_, one)| one.is_ready(&process)).map(|(index, _)| index).collect();
        if !ready.is_empty() {
            return Ok(ready);
        }
        match host_wait(&mut *store, any_of(&process, &interests, first_due)).await {
            Ok(()) => {}
            // Who waited looks for itself whether there is something, as after EINTR: all count as ready.
            Err(Interrupted::Signal) => return Ok((0u32..).zip(&wanted).map(|(index, _)| index).collect()),
            Err(Interrupted::End(error)) => return Err(error),
        }
    }
}

/// Completes when one of the descriptors is ready or the instant has come.
async fn any_of(process: &Process, interests: &[(u32, Interest)], due: Option<MonoNanos>) {
    let ready = async {
        if interests.is_empty() {
            return std::future::pending().await;
        }
        process.any_ready(interests).await;
    };
    match due {
        Some(due) => tokio::select! {
            () = ready => {}
            () = process.kernel().clock().sleep_until(due) => {}
        },
        None => ready.await,
    }
}
