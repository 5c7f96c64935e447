//! The one way a host function waits: [`host_wait`].
//!
//! While a guest waits it holds no CPU slot, its fuel is booked, and a signal, a kill or its run's deadline ends the
//! wait. Nothing else in this layer awaits what may take long.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

use base::{Errno, Outcome};
use kernel::{Interruption, Process};
use wasmtime::AsContextMut;

use crate::call::Fault;
use crate::exit::GuestExit;
use crate::fuel;
use crate::state::GuestState;

/// Why a wait ended before its future.
#[derive(Debug)]
pub enum Interrupted {
    /// A handled signal is pending: the call answers `EINTR`.
    Signal,
    /// The guest does not go on; a [`GuestExit`] or a failure of the host.
    End(wasmtime::Error),
}

impl From<Interrupted> for Fault {
    fn from(interrupted: Interrupted) -> Self {
        match interrupted {
            Interrupted::Signal => Self::Errno(Errno::EINTR),
            Interrupted::End(error) => Self::Host(error),
        }
    }
}

/// Waits for `future` on behalf of the guest of `store`.
///
/// A future that is ready at once costs one poll. Otherwise the guest's CPU slot is given back and its fuel booked; when
/// the future, a signal, a kill or the run's deadline has come, the slot is taken again and the epoch deadline set anew.
///
/// # Errors
///
/// [`Interrupted`]; the future is dropped then.
pub async fn host_wait<T>(
    mut store: impl AsContextMut<Data = GuestState> + Send,
    future: impl Future<Output = T> + Send,
) -> Result<T, Interrupted> {
    let mut future = pin!(future);
    if let Some(ready) = poll_once(future.as_mut()).await {
        return Ok(ready);
    }
    fuel::settle(store.as_context_mut()).map_err(Interrupted::End)?;
    let outcome = wait_without_slot(store.as_context_mut().data_mut(), future).await;
    if !matches!(outcome, Err(Interrupted::End(_))) {
        // The run's other processes have burnt fuel meanwhile.
        fuel::settle(store.as_context_mut()).map_err(Interrupted::End)?;
        let mut context = store.as_context_mut();
        let ticks = context.data().slice_ticks;
        context.set_epoch_deadline(ticks);
    }
    outcome
}

/// [`host_wait`] for a host function that cannot reach its store: the fuel burnt so far is booked later, and a stale epoch
/// deadline costs one more callback.
///
/// # Errors
///
/// [`Interrupted`]; the future is dropped then.
pub async fn host_wait_in_state<T>(
    state: &mut GuestState,
    future: impl Future<Output = T> + Send,
) -> Result<T, Interrupted> {
    let mut future = pin!(future);
    match poll_once(future.as_mut()).await {
        Some(ready) => Ok(ready),
        None => wait_without_slot(state, future).await,
    }
}

async fn poll_once<T>(mut future: Pin<&mut (impl Future<Output = T> + Send)>) -> Option<T> {
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

async fn wait_without_slot<T>(
    state: &mut GuestState,
    future: Pin<&mut (impl Future<Output = T> + Send)>,
) -> Result<T, Interrupted> {
    state.slot.give_back();
    let process = state.process.clone();
    process.set_waiting(true);
    let outcome = tokio::select! {
        biased;
        value = future => Ok(value),
        why = interrupted(&process) => Err(ended(why)),
    };
    process.set_waiting(false);
    until_it_may_run(&process).await;
    if matches!(outcome, Err(Interrupted::End(_))) {
        return outcome;
    }
    // A process that is to unwind or die must not queue behind others.
    tokio::select! {
        biased;
        () = state.slot.take_again() => outcome,
        why = interrupted(&process) => match why {
            Interruption::Die(_) => Err(ended(why)),
            // What the future brought is not lost for a signal that the guest looks for by itself.
            Interruption::Pending => outcome,
        },
    }
}

/// Completes when a signal is pending or the process must die; stops its run when the deadline passes.
pub async fn interrupted(process: &Process) -> Interruption {
    let run = process.run();
    let clock = process.kernel().clock();
    let mut signalled = pin!(process.interrupted());
    while run.stopped_by().is_none() {
        tokio::select! {
            biased;
            why = &mut signalled => return why,
            // The deadline may have been moved while somebody slept until the earlier one.
            () = clock.sleep_until(run.deadline()) => if clock.mono() >= run.deadline() {
                run.stop(Outcome::TimedOut);
            },
        }
    }
    signalled.await
}

/// Completes when a process that a signal has stopped goes on or must die, at once for any other; its run's deadline ends
/// that wait, too.
pub async fn until_it_may_run(process: &Process) {
    if !process.is_stopped() {
        return;
    }
    let run = process.run();
    let clock = process.kernel().clock();
    let over = async {
        while run.stopped_by().is_none() {
            clock.sleep_until(run.deadline()).await;
            if clock.mono() >= run.deadline() {
                run.stop(Outcome::TimedOut);
            }
        }
    };
    tokio::select! {
        biased;
        () = process.may_run() => {}
        () = over => process.may_run().await,
    }
}

/// Ends the guest that a call of its own has doomed (it signalled itself, or wrote to a broken pipe).
pub(crate) fn die_if_doomed(state: &GuestState) -> Result<(), GuestExit> {
    match state.process.interruption() {
        Some(Interruption::Die(signal)) => Err(GuestExit::Signalled(signal)),
        _ => Ok(()),
    }
}

fn ended(why: Interruption) -> Interrupted {
    match why {
        Interruption::Pending => Interrupted::Signal,
        Interruption::Die(signal) => Interrupted::End(GuestExit::Signalled(signal).into()),
    }
}
