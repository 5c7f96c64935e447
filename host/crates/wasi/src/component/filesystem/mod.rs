//! `wasi:filesystem` over the session's kernel, with exactly one preopened directory: `/`.
//!
//! Nothing here waits: the file system is in memory. A descriptor is one of the process's own, so limits on open files
//! and the ledger hold as for any other program.

mod convert;
mod descriptor;
mod streams;

use kernel::{At, Process};
use wasmtime::component::{HasData, Linker, Resource, ResourceTable};

pub use convert::FsError;

use super::bindings::filesystem::wasi::filesystem::{preopens, types};
use crate::fuel::FuelLease;
use crate::state::GuestState;

/// An open file or directory of a component.
#[derive(Debug)]
pub struct Descriptor {
    process: Process,
    place: Place,
}

/// What a descriptor names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The preopened `/`; takes no number of the process's.
    Root,
    /// The process's descriptor of this number, closed with this one.
    Fd(u32),
}

/// A directory being listed: what is left of it, last entry first.
#[derive(Debug)]
pub struct DirectoryEntries {
    rest: Vec<types::DirectoryEntry>,
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
        let root = Descriptor { process: self.process.clone(), place: Place::Root };
        Ok(vec![(self.table.push(root)?, "/".to_owned())])
    }
}

impl Descriptor {
    fn at(&self) -> At {
        match self.place {
            Place::Root => At::Root,
            Place::Fd(fd) => At::Fd(fd),
        }
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        if let Place::Fd(fd) = self.place {
            // The process may have closed it by number; then there is nothing to do.
            let _ = self.process.close(fd);
        }
    }
}
