//! `wasi:filesystem` over the session's kernel, with exactly one preopened directory: `/`.
//!
//! Nothing here waits: the file system is in memory. A descriptor, a stream over a file and a directory being listed are
//! each one of the process's own descriptors, so limits on open files and the ledger hold as for any other program.

mod convert;
mod descriptor;
mod listing;

use kernel::{At, Process};
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};

pub use convert::FsError;
pub use listing::DirectoryEntries;

use super::bindings::program::wasi::filesystem::{preopens, types};
use super::owned::OwnedFd;
use crate::fuel::FuelLease;
use crate::state::GuestState;

/// An open file or directory of a component.
#[derive(Debug)]
pub struct Descriptor(Place);

/// What a descriptor names.
#[derive(Debug)]
enum Place {
    /// The preopened `/`; takes no number of the process's.
    Root,
    /// One of the process's descriptors, closed with this one.
    Fd(OwnedFd),
}

/// Links `wasi:filesystem/types` and `preopens`.
pub(super) fn link(linker: &mut Linker<GuestState>) -> wasmtime::Result<()> {
    types::add_to_linker::<GuestState, Files>(linker, Files::view)?;
    preopens::add_to_linker::<GuestState, Files>(linker, Files::view)
}

/// The part of a guest's state these interfaces work on.
struct Files;

impl Files {
    fn view(state: &mut GuestState) -> FilesView<'_> {
        state.fuel.charge_call();
        FilesView { process: &state.process, table: &mut state.table, fuel: &mut state.fuel }
    }
}

impl HasData for Files {
    type Data<'a> = FilesView<'a>;
}

/// See [`Files`].
pub struct FilesView<'a> {
    process: &'a Process,
    table: &'a mut ResourceTable,
    fuel: &'a mut FuelLease,
}

impl preopens::Host for FilesView<'_> {
    fn get_directories(&mut self) -> wasmtime::Result<Vec<(Resource<Descriptor>, String)>> {
        Ok(vec![(self.table.push(Descriptor(Place::Root))?, "/".to_owned())])
    }
}

impl Descriptor {
    /// Where paths relative to it start.
    fn at(&self) -> At {
        match &self.0 {
            Place::Root => At::Root,
            Place::Fd(fd) => At::Fd(fd.number()),
        }
    }

    /// Its number in the process; none for the preopened root.
    pub(super) fn number(&self) -> Option<u32> {
        match &self.0 {
            Place::Root => None,
            Place::Fd(fd) => Some(fd.number()),
        }
    }
}
