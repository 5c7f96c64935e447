//! Fuel as a lease: a store burns from a copy of the run's remainder, and what it burnt is booked now and then.
//!
//! Owns the arithmetic between a store's fuel and its run's [`kernel::Meter`]. Booked at every host wait, at every epoch
//! callback (the engine's) and at exit; between two bookings the processes of a run may together overshoot its limit.

use base::Outcome;
use kernel::Interruption;
use wasmtime::{AsContextMut, StoreContextMut};

use crate::exit::GuestExit;
use crate::state::GuestState;

/// What a call of a host function costs, in units of Wasm instructions: entering and leaving, and a table look-up.
const CALL_COST: u64 = 100;
/// Bytes a host function copies for the price of one unit.
const BYTES_PER_UNIT: u64 = 16;
/// Charges of host functions that are booked at once: a guest that does nothing but call the host meets its limit
/// without any epoch.
const DUE: u64 = 1_000_000;
/// What a shell gets to unwind with after its run has used all fuel.
pub const UNWIND_RESERVE: u64 = 50_000_000;

/// The fuel of one store.
#[derive(Debug)]
pub struct FuelLease {
    /// The engine counts fuel at all.
    metered: bool,
    /// The store's fuel when it was last set.
    leased: u64,
    /// Cost of host calls since the last booking.
    charged: u64,
    /// The store burns fuel the host has lent it, of which no run is to hear.
    lent: bool,
}

impl FuelLease {
    /// Makes the lease of a store; `metered` tells whether its engine counts fuel.
    #[must_use]
    pub fn new(metered: bool) -> Self {
        Self { metered, leased: 0, charged: 0, lent: false }
    }

    fn is_booked(&self) -> bool {
        self.metered && !self.lent
    }

    /// Charges the fixed cost of a host call.
    pub fn charge_call(&mut self) {
        self.charged = self.charged.saturating_add(CALL_COST);
    }

    /// Charges for `bytes` that a host function copies.
    pub fn charge_bytes(&mut self, bytes: u64) {
        self.charged = self.charged.saturating_add(bytes / BYTES_PER_UNIT);
    }
}

/// Leases the run's whole remainder to the store. Called once before the guest starts, and for a shell before each run.
///
/// # Errors
///
/// The store's own, when the engine counts no fuel though the lease says so.
pub fn begin(mut store: impl AsContextMut<Data = GuestState>) -> wasmtime::Result<()> {
    let mut store = store.as_context_mut();
    store.data_mut().fuel.lent = false;
    store.data_mut().fuel.charged = 0;
    if !store.data().fuel.is_booked() {
        return Ok(());
    }
    let remaining = store.data().process.run().meter().remaining();
    lease(&mut store, remaining)
}

/// Lends the store `fuel` for work the host does with the instance (a shell's state is loaded or saved), until [`begin`].
///
/// # Errors
///
/// Those of [`begin`].
pub fn lend(mut store: impl AsContextMut<Data = GuestState>, fuel: u64) -> wasmtime::Result<()> {
    let mut store = store.as_context_mut();
    store.data_mut().fuel.lent = true;
    if store.data().fuel.metered { store.set_fuel(fuel) } else { Ok(()) }
}

/// Books what the store has burnt and leases what is left of the run's fuel.
///
/// # Errors
///
/// A [`GuestExit`] when no fuel is left. A run without fuel is stopped here: its programs die, its shell is signalled
/// and gets [`UNWIND_RESERVE`] once.
pub fn settle(mut store: impl AsContextMut<Data = GuestState>) -> wasmtime::Result<()> {
    let mut store = store.as_context_mut();
    if !store.data().fuel.is_booked() {
        return Ok(());
    }
    let left = store.get_fuel()?;
    let state = store.data_mut();
    let remaining = book_burnt(state, left)?;
    lease(&mut store, remaining)
}

/// Books in an epoch callback what the store is known to have burnt; what it has burnt since it last left its code
/// follows at the next booking.
///
/// Nothing is leased anew: the guest has its counter in a register and would overwrite it.
///
/// # Errors
///
/// Those of [`settle`].
pub fn book(mut store: impl AsContextMut<Data = GuestState>) -> wasmtime::Result<()> {
    let mut store = store.as_context_mut();
    if !store.data().fuel.is_booked() {
        return Ok(());
    }
    let left = store.get_fuel()?;
    book_burnt(store.data_mut(), left)?;
    Ok(())
}

/// Books what was burnt until `left` was left; answers what remains of the run's fuel.
fn book_burnt(state: &mut GuestState, left: u64) -> Result<u64, GuestExit> {
    let burnt = state.fuel.leased.saturating_sub(left).saturating_add(state.fuel.charged);
    // Whatever follows, what is booked is not booked again.
    state.fuel.charged = 0;
    state.fuel.leased = left;
    match state.process.settle_fuel(burnt) {
        0 => reserve(state),
        remaining => Ok(remaining),
    }
}

/// Books when the charges of host calls have become many.
pub(crate) fn settle_when_due(store: impl AsContextMut<Data = GuestState>) -> wasmtime::Result<()> {
    if store.as_context().data().fuel.charged < DUE { Ok(()) } else { settle(store) }
}

/// The same, and also when the run's fuel is nearly used: a shell that calls often learns in time that it must unwind.
pub(crate) fn settle_when_low(store: impl AsContextMut<Data = GuestState>) -> wasmtime::Result<()> {
    let context = store.as_context();
    let fuel = &context.data().fuel;
    let is_low = fuel.is_booked() && (fuel.charged >= DUE || context.get_fuel()? <= UNWIND_RESERVE);
    if is_low { settle(store) } else { Ok(()) }
}

fn lease(store: &mut StoreContextMut<'_, GuestState>, remaining: u64) -> wasmtime::Result<()> {
    let process = &store.data().process;
    // The session's shell burns its reserve without having to ask for it: it may compute long between two calls.
    let unwinds = process.is_session_shell() && process.run().stopped_by().is_none();
    let leased = if unwinds { remaining.saturating_add(UNWIND_RESERVE) } else { remaining };
    store.data_mut().fuel.leased = leased;
    store.set_fuel(leased)
}

/// Stops the run that has no fuel left; answers the reserve of a process that may unwind.
fn reserve(state: &mut GuestState) -> Result<u64, GuestExit> {
    let run = state.process.run();
    if run.stopped_by().is_none() {
        run.stop(Outcome::OutOfFuel);
        run.meter().grant(UNWIND_RESERVE);
    }
    if let Some(Interruption::Die(signal)) = state.process.interruption() {
        return Err(GuestExit::Signalled(signal));
    }
    match run.meter().remaining() {
        0 => Err(GuestExit::Limit(Outcome::OutOfFuel)),
        remaining => Ok(remaining),
    }
}
