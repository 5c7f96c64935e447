//! Waiting for children: `wait`, and `wait_for` with groups and a time limit.

use base::{Errno, MonoNanos, Pid};
use kernel::{TryIo, WaitFor, WaitStatus};
use wasmtime::{Linker, Result};

use super::MODULE;
use super::processes::put_three;
use crate::call::{Fault, Guest, errno, with_memory};
use crate::fuel;
use crate::state::GuestState;
use crate::wait::host_wait;

/// The flag not to wait.
const NO_HANG: u32 = 1;
/// The time limit that is none.
const FOR_EVER: u64 = u64::MAX;

/// Which children, whether to wait at all, until when, and where to tell.
struct Wait {
    which: WaitFor,
    flags: u32,
    until: Option<MonoNanos>,
    out: u32,
}

pub(super) fn add(linker: &mut Linker<GuestState>) -> Result<()> {
    linker.func_wrap_async(MODULE, "wait", |mut caller: Guest<'_>, (pid, flags, out): (u32, u32, u32)| {
        Box::new(async move {
            let which = if pid == 0 { WaitFor::Any } else { WaitFor::Pid(Pid(pid)) };
            wait(&mut caller, Wait { which, flags, until: None, out }).await
        })
    })?;
    linker.func_wrap_async(
        MODULE,
        "wait_for",
        |mut caller: Guest<'_>, (target, flags, timeout, out): (i32, u32, u64, u32)| {
            Box::new(async move {
                let pid = Pid(target.unsigned_abs());
                let which = match target {
                    0 => WaitFor::Any,
                    1.. => WaitFor::Pid(pid),
                    _ => WaitFor::Group(pid),
                };
                let now = caller.data().process.kernel().clock().mono().0;
                let until = (timeout != FOR_EVER).then(|| MonoNanos(now.saturating_add(timeout)));
                wait(&mut caller, Wait { which, flags, until, out }).await
            })
        },
    )?;
    Ok(())
}

async fn wait(caller: &mut Guest<'_>, wait: Wait) -> Result<u32> {
    caller.data_mut().fuel.charge_call();
    let done = wait_within(caller, &wait).await;
    fuel::settle_when_due(&mut *caller)?;
    errno(done)
}

async fn wait_within(caller: &mut Guest<'_>, wait: &Wait) -> Result<(), Fault> {
    if wait.flags & !NO_HANG != 0 {
        return Err(Errno::EINVAL.into());
    }
    loop {
        if with_memory(caller, |memory, state| {
            // The child is gone from the table once it is taken: there must be a place to tell.
            memory.check(wait.out, 12)?;
            match state.process.try_wait(wait.which)? {
                TryIo::Done((pid, WaitStatus::Exited(code))) => put_three(memory, wait.out, [pid.0, 0, code.into()])?,
                TryIo::Done((pid, WaitStatus::Signalled(signal))) => {
                    put_three(memory, wait.out, [pid.0, 1, signal.0.into()])?;
                }
                TryIo::WouldBlock if wait.flags & NO_HANG != 0 => put_three(memory, wait.out, [0; 3])?,
                TryIo::WouldBlock => return Ok::<bool, Errno>(false),
            }
            Ok(true)
        })? {
            return Ok(());
        }
        let process = &caller.data().process;
        let clock = std::sync::Arc::clone(process.kernel().clock());
        if wait.until.is_some_and(|until| clock.mono() >= until) {
            return Err(Errno::ETIMEDOUT.into());
        }
        let ended = process.child_ended(wait.which);
        let until = wait.until;
        host_wait(&mut *caller, async move {
            match until {
                None => ended.await,
                Some(until) => tokio::select! {
                    biased;
                    () = ended => {}
                    () = clock.sleep_until(until) => {}
                },
            }
        })
        .await?;
    }
}
