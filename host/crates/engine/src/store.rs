//! How a guest's store is set up: limits, fuel, and the epoch callback that holds deadlines and shares the processors.

use std::pin::pin;

use base::Outcome;
use kernel::{Interruption, Process};
use wasi::{GuestExit, GuestState, fuel};
use wasmtime::{Store, StoreContextMut, UpdateDeadline};

use crate::config::{EngineConfig, Metering};
use crate::cpu::{ProcessCpu, Turn};
use crate::leash::{Leash, Pull};

/// Epoch ticks between two looks at the clock.
pub(crate) const SLICE_TICKS: u64 = 1;
/// A store burns fuel in portions of this size: only what is beyond the current portion can be seen in an epoch callback.
const FUEL_PORTION: u64 = 10_000_000;

/// Makes the store of one instance; it may run once it has fuel.
pub(crate) fn store(
    engine: &wasmtime::Engine,
    config: &EngineConfig,
    mut state: GuestState,
    cpu: ProcessCpu,
    leash: Leash,
) -> wasmtime::Result<Store<GuestState>> {
    state.table.set_max_capacity(wasi::component::RESOURCES_MAX);
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.limiter);
    store.set_hostcall_fuel(wasi::component::HOSTCALL_BYTES);
    if config.metering == Metering::FuelAndEpoch {
        store.fuel_async_yield_interval(Some(FUEL_PORTION))?;
    }
    store.epoch_deadline_callback(move |context| tick(context, &cpu, &leash));
    store.set_epoch_deadline(SLICE_TICKS);
    Ok(store)
}

/// What happens at an epoch tick while the guest computes.
fn tick(
    mut context: StoreContextMut<'_, GuestState>,
    cpu: &ProcessCpu,
    leash: &Leash,
) -> wasmtime::Result<UpdateDeadline> {
    fuel::book(&mut context)?;
    let process = &context.data().process;
    if let Some(Interruption::Die(signal)) = process.interruption() {
        return Err(GuestExit::Signalled(signal).into());
    }
    if process.is_stopped() && leash.is_bound_to_run() {
        let stopped = stopped(cpu.clone(), process.clone());
        return Ok(UpdateDeadline::YieldCustom(SLICE_TICKS, Box::pin(stopped)));
    }
    let run = process.run();
    let now = process.kernel().clock().mono();
    if leash.is_bound_to_run() && run.stopped_by().is_none() && now >= run.deadline() {
        run.stop(Outcome::TimedOut);
    }
    let stopped_by = run.stopped_by();
    match leash.pull(stopped_by.is_some(), now) {
        Pull::Over => Err(GuestExit::Limit(stopped_by.unwrap_or(Outcome::TimedOut)).into()),
        // Who unwinds must not queue behind others.
        Pull::Unwinding => Ok(UpdateDeadline::Yield(SLICE_TICKS)),
        Pull::Slack => Ok(match cpu.tick() {
            Turn::Continue => UpdateDeadline::Yield(SLICE_TICKS),
            Turn::Requeue => UpdateDeadline::YieldCustom(SLICE_TICKS, Box::pin(requeue(cpu.clone(), process.clone()))),
        }),
    }
}

/// Keeps a stopped process off the processor until it goes on.
async fn stopped(cpu: ProcessCpu, process: Process) {
    cpu.stop();
    wasi::until_it_may_run(&process).await;
    requeue(cpu, process).await;
}

/// Gives the processor to others and waits for the next turn, or until the process must not wait any longer.
async fn requeue(cpu: ProcessCpu, process: Process) {
    let run = process.run();
    let deadline = process.kernel().clock().sleep_until(run.deadline());
    let mut over = pin!(async {
        tokio::select! {
            () = run.stopped() => {}
            () = deadline => {}
        }
    });
    let mut turn = pin!(cpu.requeue());
    tokio::select! {
        biased;
        () = &mut turn => return,
        () = &mut over => return,
        why = process.interrupted() => if let Interruption::Die(_) = why {
            return;
        },
    }
    // A signal that the guest will look for by itself is no reason to overtake others.
    tokio::select! {
        biased;
        () = turn => {}
        () = over => {}
    }
}
