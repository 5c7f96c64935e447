//! `poll_oneoff`: waiting for clocks and descriptors together.

use base::{Errno, MonoNanos};
use kernel::{Interest as Direction, Readiness};
use wasmtime::{Linker, Result};

use super::abi::{self, EVENT_BYTES, Interest, Subscription};
use super::rights;
use super::version::Version;
use crate::call::{Fault, Guest, errno, with_memory};
use crate::fuel;
use crate::memory::{GuestMemory, beyond};
use crate::state::GuestState;
use crate::wait::host_wait;

/// Most subscriptions of one call: two for each descriptor a process may have.
const SUBSCRIPTIONS_MAX: u32 = 2048;

pub(super) fn add(linker: &mut Linker<GuestState>, version: Version) -> Result<()> {
    linker.func_wrap_async(version.module(), "poll_oneoff", move |mut caller: Guest<'_>, args: Args| {
        Box::new(async move {
            caller.data_mut().fuel.charge_call();
            let done = poll(&mut caller, version, args).await;
            fuel::settle_when_due(&mut caller)?;
            errno(done)
        })
    })?;
    Ok(())
}

/// Subscriptions, events, their number, and where to tell how many events there are.
type Args = (u32, u32, u32, u32);

async fn poll(
    caller: &mut Guest<'_>,
    version: Version,
    (subscriptions, events, count, out): Args,
) -> Result<(), Fault> {
    let wanted = with_memory(caller, |memory, state| {
        if count == 0 || count > SUBSCRIPTIONS_MAX {
            return Err(Errno::EINVAL);
        }
        state.fuel.charge_bytes(u64::from(count) * u64::from(version.subscription_bytes()));
        memory.check(out, 4)?;
        // Nobody is waited for whom the guest could not be told of.
        memory.check(events, count * EVENT_BYTES)?;
        decode(memory, state, version, subscriptions, count)
    })?;
    loop {
        let told = with_memory(caller, |memory, state| tell(memory, state, &wanted, events))?;
        if told > 0 {
            return with_memory(caller, |memory, _| memory.put_u32(out, told));
        }
        let process = caller.data().process.clone();
        let ready = process.any_ready(&directions(&wanted));
        let clock = std::sync::Arc::clone(process.kernel().clock());
        let first = wanted.iter().filter_map(Wanted::due).min();
        let wait = async move {
            match first {
                Some(due) => tokio::select! {
                    () = ready => {}
                    () = clock.sleep_until(due) => {}
                },
                None => ready.await,
            }
        };
        host_wait(&mut *caller, wait).await?;
    }
}

/// A subscription with its place in time, or with the kernel's number of its descriptor.
struct Wanted {
    userdata: u64,
    tag: u8,
    what: What,
}

enum What {
    Clock(Result<MonoNanos, Errno>),
    Descriptor(Result<u32, Errno>, Direction),
    Unknown,
}

impl Wanted {
    fn due(&self) -> Option<MonoNanos> {
        match self.what {
            What::Clock(Ok(due)) => Some(due),
            _ => None,
        }
    }
}

fn decode(
    memory: &GuestMemory<'_>,
    state: &GuestState,
    version: Version,
    at: u32,
    count: u32,
) -> Result<Vec<Wanted>, Errno> {
    let size = version.subscription_bytes();
    let mut wanted = Vec::new();
    for index in 0..count {
        let record = beyond(at, u64::from(index) * u64::from(size))?;
        let Subscription { userdata, tag, interest } = version.subscription(memory.slice(record, size)?)?;
        let what = match interest {
            Interest::Clock { id, timeout, absolute } => What::Clock(due(state, id, timeout, absolute)),
            Interest::Read(fd) => What::Descriptor(pollable(state, fd, rights::FD_READ), Direction::Read),
            Interest::Write(fd) => What::Descriptor(pollable(state, fd, rights::FD_WRITE), Direction::Write),
            Interest::Unknown => What::Unknown,
        };
        wanted.push(Wanted { userdata, tag, what });
    }
    Ok(wanted)
}

/// The kernel's number of a descriptor that the guest may poll for this.
fn pollable(state: &GuestState, fd: u32, right: u64) -> Result<u32, Errno> {
    rights::require(state, fd, right | rights::POLL_FD_READWRITE)?;
    Ok(state.fd(fd))
}

/// Finds the monotonic instant at which a clock subscription is due.
fn due(state: &GuestState, id: u32, timeout: u64, absolute: bool) -> Result<MonoNanos, Errno> {
    let clock = state.process.kernel().clock();
    let now = clock.mono().0;
    let left = match (id, absolute) {
        (abi::CLOCK_REALTIME | abi::CLOCK_MONOTONIC, false) => timeout,
        (abi::CLOCK_REALTIME, true) => timeout.saturating_sub(clock.wall().0),
        (abi::CLOCK_MONOTONIC, true) => timeout.saturating_sub(now),
        _ => return Err(Errno::EINVAL),
    };
    Ok(MonoNanos(now.saturating_add(left)))
}

fn directions(wanted: &[Wanted]) -> Vec<(u32, Direction)> {
    let descriptor = |one: &Wanted| match one.what {
        What::Descriptor(Ok(fd), direction) => Some((fd, direction)),
        _ => None,
    };
    wanted.iter().filter_map(descriptor).collect()
}

/// Writes an event for every subscription that is due; answers their number.
fn tell(memory: &mut GuestMemory<'_>, state: &GuestState, wanted: &[Wanted], events: u32) -> Result<u32, Errno> {
    let now = state.process.kernel().clock().mono();
    let mut told = 0;
    for Wanted { userdata, tag, what } in wanted {
        let event = match what {
            What::Clock(Ok(due)) if *due > now => continue,
            What::Clock(Ok(_)) => abi::event(*userdata, 0, *tag, 0, 0),
            What::Clock(Err(error)) => abi::event(*userdata, error.wasi(), *tag, 0, 0),
            What::Unknown => abi::event(*userdata, Errno::EINVAL.wasi(), *tag, 0, 0),
            What::Descriptor(Err(error), _) => abi::event(*userdata, error.wasi(), *tag, 0, 0),
            What::Descriptor(Ok(fd), direction) => match state.process.readiness(*fd, *direction) {
                Ok(Readiness { ready: false, .. }) => continue,
                Ok(Readiness { bytes, hung_up, .. }) => {
                    abi::event(*userdata, 0, *tag, bytes, if hung_up { abi::EVENT_HANGUP } else { 0 })
                }
                Err(error) => abi::event(*userdata, error.wasi(), *tag, 0, 0),
            },
        };
        memory.put(beyond(events, u64::from(told) * u64::from(EVENT_BYTES))?, &event)?;
        told += 1;
    }
    Ok(told)
}
