//! The shell as a process, its subshells, and the processes it starts and signals. Nothing here waits; a signal to itself
//! may end it.

use base::Signal;
use bytes::Bytes;
use kernel::{Disposition, KillTarget, SpawnRequest, signal_set};

use super::super::errno;
use super::{Interface, convert, wit};
use crate::wait::die_if_doomed;

pub(super) fn link(interface: &mut Interface<'_>) -> wasmtime::Result<()> {
    interface.function("process-id", |state, (): ()| state.process.pid().0)?;
    interface.function("parent-id", |state, (): ()| state.process.parent_pid().0)?;
    interface.fallible("enter-subshell", |state, (): ()| state.process.enter_subshell().map(|pid| pid.0))?;
    interface.procedure("leave-subshell", |state, (): ()| {
        state.process.leave_subshell();
        Ok(())
    })?;
    interface.fallible("spawn", |state, (request,): (wit::SpawnRequest,)| {
        let bytes: usize = request.argv.iter().chain(&request.env).map(Vec::len).sum();
        state.fuel.charge_bytes(bytes as u64);
        let request = SpawnRequest {
            path: request.path,
            argv: request.argv,
            env: request.env,
            fds: request.fds.iter().map(|map| (map.child, map.parent)).collect(),
            ignored: signal_set(&request.ignored),
            group: convert::child_group(request.group),
        };
        state.process.spawn(request).map(|pid| pid.0)
    })?;
    interface.fallible("spawn-shell", |state, (saved, stage, fds, group): SpawnShell| {
        state.fuel.charge_bytes((saved.len() + stage.len()) as u64);
        let fds = fds.iter().map(|map| (map.child, map.parent)).collect();
        let (saved, stage) = (Bytes::from(saved), Bytes::from(stage));
        state.process.spawn_shell(saved, stage, fds, convert::child_group(group)).map(|pid| pid.0)
    })?;
    interface.ending("kill", |state, (target, signal): (i32, u8)| {
        let signal = (signal != 0).then_some(Signal(signal));
        let sent = state.process.kill(KillTarget::from_raw(target), signal);
        // A shell that has killed itself executes nothing more.
        die_if_doomed(state)?;
        Ok(sent.map_err(errno::to_wit))
    })?;
    interface.procedure("set-disposition", |state, (signal, disposition): (u8, wit::Disposition)| {
        let disposition = match disposition {
            wit::Disposition::Default => Disposition::Default,
            wit::Disposition::Ignore => Disposition::Ignore,
            wit::Disposition::Handle => Disposition::Handle,
        };
        // A number that is no signal, or one that cannot be handled, changes nothing, as `trap` has it in bash.
        let _unchanged = state.process.set_disposition(Signal(signal), disposition);
        Ok(())
    })?;
    interface
        .function("limit", |state, (kind,): (wit::LimitKind,)| state.process.resource_limit(convert::resource(kind)))?;
    interface.fallible("set-limit", |state, (kind, soft, hard): (wit::LimitKind, u64, u64)| {
        state.process.set_resource_limit(convert::resource(kind), soft, hard)
    })?;
    interface.function("take-signal", |state, (): ()| state.process.take_signal().map(|signal| signal.0))
}

/// Parameters of `spawn-shell`: state, stage, descriptors, group.
type SpawnShell = (Vec<u8>, Vec<u8>, Vec<wit::FdMapping>, Option<u32>);
