//! `wasi:io/poll`, linked by hand so that waiting goes through [`host_wait`] like all other waiting.

use std::mem;

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime_wasi_io::bindings::wasi::io::poll::{Host, HostPollable};
use wasmtime_wasi_io::poll::DynPollable;

use crate::state::GuestState;
use crate::wait::{Interrupted, host_wait};

/// The version whose types `wasmtime-wasi` 48 links; guests of 0.2.0 and later resolve to it.
const INTERFACE: &str = "wasi:io/poll@0.2.12";

pub(crate) fn link(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    let mut interface = linker.instance(INTERFACE)?;
    interface.resource("pollable", ResourceType::host::<DynPollable>(), |mut store, rep| {
        HostPollable::drop(&mut store.data_mut().table, Resource::new_own(rep))
    })?;
    interface.func_wrap_async("[method]pollable.ready", |mut store, (pollable,): (Resource<DynPollable>,)| {
        Box::new(async move {
            let ready = HostPollable::ready(&mut store.data_mut().table, pollable).await?;
            Ok((ready,))
        })
    })?;
    interface.func_wrap_async("[method]pollable.block", |store, (pollable,): (Resource<DynPollable>,)| {
        Box::new(block(store, pollable))
    })?;
    interface
        .func_wrap_async("poll", |store, (pollables,): (Vec<Resource<DynPollable>>,)| Box::new(poll(store, pollables)))
}

async fn block(mut store: StoreContextMut<'_, GuestState>, pollable: Resource<DynPollable>) -> wasmtime::Result<()> {
    // The wait needs the store and the pollables' table at once; nobody else looks at the table meanwhile.
    let mut table = mem::take(&mut store.data_mut().table);
    let waited = host_wait(&mut store, HostPollable::block(&mut table, pollable)).await;
    store.data_mut().table = table;
    match waited {
        Ok(blocked) => blocked,
        // Who waited looks for itself whether there is something, as after EINTR.
        Err(Interrupted::Signal) => Ok(()),
        Err(Interrupted::End(error)) => Err(error),
    }
}

async fn poll(
    mut store: StoreContextMut<'_, GuestState>,
    pollables: Vec<Resource<DynPollable>>,
) -> wasmtime::Result<(Vec<u32>,)> {
    let n_pollables = u32::try_from(pollables.len())?;
    let mut table = mem::take(&mut store.data_mut().table);
    let waited = host_wait(&mut store, Host::poll(&mut table, pollables)).await;
    store.data_mut().table = table;
    match waited {
        Ok(ready) => Ok((ready?,)),
        // As in `block`: all count as ready.
        Err(Interrupted::Signal) => Ok(((0..n_pollables).collect(),)),
        Err(Interrupted::End(error)) => Err(error),
    }
}
