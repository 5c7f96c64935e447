//! Processes: starting them, waiting for them, signalling them, listing them.

use base::Pid;
use kernel::{TryIo, WaitFor, WaitStatus};

use super::super::errno;
use super::super::interface::{Answer, Interface, Store};
use super::super::transfer::{Stop, answer};
use super::wit;
use crate::call::Fault;
use crate::system::{self, Spawn};
use crate::wait::host_wait;

pub(super) fn link(interface: &mut Interface<'_>) -> wasmtime::Result<()> {
    interface.function("getpid", |state, (): ()| {
        let process = &state.process;
        wit::Identity { process: process.pid().0, parent: process.parent_pid().0, group: process.group().0 }
    })?;
    interface.fallible("spawn", |state, (request,): (wit::SpawnRequest,)| {
        system::spawn(state, spawn_request(request)).map(|pid| pid.0)
    })?;
    interface.waiting("wait", |store, (child, no_hang): (Option<u32>, bool)| {
        Box::pin(async move { answer(wait(store, child, no_hang).await) })
    })?;
    interface.ending("kill", |state, (target, signal): (i32, u32)| match system::kill(state, target, signal) {
        Ok(()) => Ok(Answer::Ok(())),
        Err(Fault::Errno(error)) => Ok(Err(errno::to_wit(error))),
        Err(Fault::Exit(exit)) => Err(exit.into()),
        Err(Fault::Host(error)) => Err(error),
    })?;
    interface.fallible("sigaction", |state, (signal, disposition): (u32, wit::Disposition)| {
        system::sigaction(state, signal, disposition == wit::Disposition::Ignore)
    })?;
    interface.function("processes", |state, (): ()| {
        let rows: Vec<_> = state.process.processes().into_iter().map(process_info).collect();
        state.fuel.charge_bytes(rows.iter().map(|row| row.name.len() as u64).sum());
        rows
    })
}

fn spawn_request(request: wit::SpawnRequest) -> Spawn {
    Spawn {
        path: request.path,
        argv: request.argv,
        env: request.env,
        fds: request.fds.iter().map(|map| (map.child, map.parent)).collect(),
        search_path: request.flags.contains(wit::SpawnFlags::SEARCH_PATH),
        new_group: request.flags.contains(wit::SpawnFlags::NEW_GROUP),
        inherit_standard: request.flags.contains(wit::SpawnFlags::INHERIT_STANDARD),
        inherit_all: false,
    }
}

/// What `wait` tells: who ended and how, or nobody.
type Ended = Option<(u32, wit::WaitStatus)>;

async fn wait(store: &mut Store<'_>, child: Option<u32>, no_hang: bool) -> Result<Ended, Stop> {
    let process = store.data().process.clone();
    let whom = child.map_or(WaitFor::Any, |pid| WaitFor::Pid(Pid(pid)));
    loop {
        match process.try_wait(whom)? {
            TryIo::Done((pid, WaitStatus::Exited(code))) => return Ok(Some((pid.0, wit::WaitStatus::Exited(code)))),
            TryIo::Done((pid, WaitStatus::Signalled(signal))) => {
                return Ok(Some((pid.0, wit::WaitStatus::Signalled(signal.0))));
            }
            TryIo::WouldBlock if no_hang => return Ok(None),
            TryIo::WouldBlock => host_wait(&mut *store, process.child_ended(whom)).await?,
        }
    }
}

fn process_info(info: kernel::ProcessInfo) -> wit::ProcessInfo {
    wit::ProcessInfo {
        process: info.pid.0,
        parent: info.parent.0,
        group: info.group.0,
        ended: info.status.is_some(),
        cpu: info.cpu_ns,
        name: info.name,
    }
}
