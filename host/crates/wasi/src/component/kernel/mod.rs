//! `sandshell:shell/kernel`: what the shell can reach, function by function over [`kernel::Process`].
//!
//! Linked by hand, since the functions that wait need the store. Each function charges fuel for itself and books it when
//! the run's fuel is nearly used, so that a shell learns in time that it must unwind. The types come from the WIT.

mod convert;
mod descriptors;
mod files;
mod process;
mod time;
mod waiting;

use base::Errno;
use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentNamedList, Lift, Linker, LinkerInstance, Lower};

use super::bindings::shell::sandshell::shell::kernel as wit;
use crate::fuel;
use crate::state::GuestState;

/// The name under which the shell imports it.
const INTERFACE: &str = "sandshell:shell/kernel@0.1.0";

/// Descriptors the shell asks for without naming a number lie at or above this one, out of a script's way.
const INTERNAL_FD_MIN: u32 = 10;

/// What a function of the interface answers.
type Answer<T> = Result<T, wit::Errno>;

/// Links the interface.
pub(crate) fn link(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    let mut interface = Interface(linker.instance(INTERFACE)?);
    descriptors::link(&mut interface)?;
    files::link(&mut interface)?;
    process::link(&mut interface)?;
    time::link(&mut interface)?;
    waiting::link(&mut interface)
}

/// The interface being linked.
struct Interface<'a>(LinkerInstance<'a, GuestState>);

impl Interface<'_> {
    /// Links a function that does not wait and cannot end the guest.
    fn function<P, R, F>(&mut self, name: &str, function: F) -> wasmtime::Result<()>
    where
        P: ComponentNamedList + Lift + 'static,
        R: Lower + Send + Sync + 'static,
        (R,): ComponentNamedList + Lower,
        F: Fn(&mut GuestState, P) -> R + Send + Sync + 'static,
    {
        self.0.func_wrap(name, move |mut store: StoreContextMut<'_, GuestState>, params: P| {
            store.data_mut().fuel.charge_call();
            let answer = function(store.data_mut(), params);
            fuel::settle_when_low(&mut store)?;
            Ok((answer,))
        })
    }

    /// Links a function that may fail with an errno; otherwise as [`Interface::function`].
    fn fallible<P, T, F>(&mut self, name: &str, function: F) -> wasmtime::Result<()>
    where
        P: ComponentNamedList + Lift + 'static,
        T: Lower + Send + Sync + 'static,
        (Answer<T>,): ComponentNamedList + Lower,
        F: Fn(&mut GuestState, P) -> Result<T, Errno> + Send + Sync + 'static,
    {
        self.function(name, move |state, params| function(state, params).map_err(convert::errno))
    }
}
