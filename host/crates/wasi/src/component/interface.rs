//! The frame of every function a component may import: link it, charge its fuel, book that in time.
//!
//! Interfaces are linked by hand where their functions wait or may end the guest, since generated traits do not hand out
//! the store. What a function does is its interface's.

use std::pin::Pin;

use base::Errno;
use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentNamedList, Lift, Linker, LinkerInstance, Lower, Resource, ResourceType};

use super::bindings::shell::sandshell::shell::kernel::Errno as WitErrno;
use super::errno;
use crate::fuel;
use crate::state::GuestState;

/// The store of the calling guest.
pub(super) type Store<'a> = StoreContextMut<'a, GuestState>;

/// What a function answers that may fail with an errno. The enum is the same in all our WIT packages.
pub(super) type Answer<T> = Result<T, WitErrno>;

/// A function that waits.
pub(super) type Waiting<'s, R> = Pin<Box<dyn Future<Output = wasmtime::Result<R>> + Send + 's>>;

/// The interface being linked.
pub(super) struct Interface<'a>(LinkerInstance<'a, GuestState>);

impl<'a> Interface<'a> {
    /// Begins the interface of this name with its version.
    pub(super) fn new(linker: &'a mut Linker<GuestState>, name: &str) -> wasmtime::Result<Self> {
        Ok(Self(linker.instance(name)?))
    }

    /// Links a resource type whose handles are dropped from the guest's table.
    pub(super) fn resource<T: Send + 'static>(&mut self, name: &str) -> wasmtime::Result<()> {
        self.0.resource(name, ResourceType::host::<T>(), |mut store, rep| {
            store.data_mut().fuel.charge_call();
            store.data_mut().table.delete(Resource::<T>::new_own(rep))?;
            Ok(())
        })
    }

    /// Links a function that neither waits nor fails.
    pub(super) fn function<P, R, F>(&mut self, name: &str, function: F) -> wasmtime::Result<()>
    where
        P: ComponentNamedList + Lift + 'static,
        R: Send + Sync + 'static,
        (R,): ComponentNamedList + Lower,
        F: Fn(&mut GuestState, P) -> R + Send + Sync + 'static,
    {
        self.ending(name, move |state, params| Ok(function(state, params)))
    }

    /// Links a function that may fail with an errno; otherwise as [`Interface::function`].
    pub(super) fn fallible<P, T, F>(&mut self, name: &str, function: F) -> wasmtime::Result<()>
    where
        P: ComponentNamedList + Lift + 'static,
        T: Send + Sync + 'static,
        (Answer<T>,): ComponentNamedList + Lower,
        F: Fn(&mut GuestState, P) -> Result<T, Errno> + Send + Sync + 'static,
    {
        self.function(name, move |state, params| function(state, params).map_err(errno::to_wit))
    }

    /// Links a function that may end the guest; otherwise as [`Interface::function`].
    pub(super) fn ending<P, R, F>(&mut self, name: &str, function: F) -> wasmtime::Result<()>
    where
        P: ComponentNamedList + Lift + 'static,
        R: Send + Sync + 'static,
        (R,): ComponentNamedList + Lower,
        F: Fn(&mut GuestState, P) -> wasmtime::Result<R> + Send + Sync + 'static,
    {
        self.0.func_wrap(name, move |mut store: Store<'_>, params: P| {
            store.data_mut().fuel.charge_call();
            let answer = function(store.data_mut(), params)?;
            fuel::settle_when_low(&mut store)?;
            Ok((answer,))
        })
    }

    /// Links a function that may end the guest and answers nothing; otherwise as [`Interface::ending`].
    pub(super) fn procedure<P, F>(&mut self, name: &str, function: F) -> wasmtime::Result<()>
    where
        P: ComponentNamedList + Lift + 'static,
        F: Fn(&mut GuestState, P) -> wasmtime::Result<()> + Send + Sync + 'static,
    {
        self.0.func_wrap(name, move |mut store: Store<'_>, params: P| {
            store.data_mut().fuel.charge_call();
            function(store.data_mut(), params)?;
            fuel::settle_when_low(&mut store)
        })
    }

    /// Links a function that may wait.
    pub(super) fn waiting<P, R, F>(&mut self, name: &str, function: F) -> wasmtime::Result<()>
    where
        P: ComponentNamedList + Lift + Send + 'static,
        R: Send + Sync + 'static,
        (R,): ComponentNamedList + Lower,
        F: for<'s, 't> Fn(&'s mut Store<'t>, P) -> Waiting<'s, R> + Copy + Send + Sync + 'static,
    {
        self.0.func_wrap_async(name, move |mut store, params: P| {
            Box::new(async move {
                store.data_mut().fuel.charge_call();
                let answer = function(&mut store, params).await?;
                fuel::settle_when_low(&mut store)?;
                Ok((answer,))
            })
        })
    }

    /// Links a function that may wait and answers nothing; otherwise as [`Interface::waiting`].
    pub(super) fn waiting_procedure<P, F>(&mut self, name: &str, function: F) -> wasmtime::Result<()>
    where
        P: ComponentNamedList + Lift + Send + 'static,
        F: for<'s, 't> Fn(&'s mut Store<'t>, P) -> Waiting<'s, ()> + Copy + Send + Sync + 'static,
    {
        self.0.func_wrap_async(name, move |mut store, params: P| {
            Box::new(async move {
                store.data_mut().fuel.charge_call();
                function(&mut store, params).await?;
                fuel::settle_when_low(&mut store)
            })
        })
    }
}
