//! What a store holds for its guest: the process it is, what it started with, and how it is metered.
//!
//! One type serves core modules and components, so that limits, fuel and waiting are the same for both.

use base::Errno;
use kernel::{At, CpuSlot, OpenFlags, Process};
use wasmtime::Memory;
use wasmtime::component::ResourceTable;

use crate::descriptors::{Descriptors, PREOPEN_FD};
use crate::fuel::FuelLease;
use crate::limiter::ProcessLimiter;

/// The data of one store.
pub struct GuestState {
    /// The process the guest is: all its system calls go here.
    pub process: Process,
    /// Its arguments, the name first.
    pub argv: Vec<Vec<u8>>,
    /// Its environment, `NAME=value` each.
    pub env: Vec<Vec<u8>>,
    /// The bound on its memories and tables.
    pub limiter: ProcessLimiter,
    /// Its right to compute.
    pub slot: Box<dyn CpuSlot>,
    /// Its fuel.
    pub fuel: FuelLease,
    /// Epoch ticks it may compute before the engine is asked again.
    pub slice_ticks: u64,
    /// The resources of a component; empty in a core module.
    pub table: ResourceTable,
    /// Where a component's standard streams lead.
    pub(crate) stdio: Stdio,
    /// The exported memory of a core module, once found.
    pub(crate) memory: Option<Memory>,
    /// What the guest's ABI knows of its descriptors.
    pub(crate) descriptors: Descriptors,
}

/// Where the standard streams of `wasi:cli` lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stdio {
    /// Nothing is read, and what is written is a line in the server's log: the shell uses its own world.
    Log,
    /// To the process's descriptors 0 to 2.
    Descriptors,
}

/// What a [`GuestState`] is made of.
pub struct GuestSpec {
    /// See [`GuestState::process`].
    pub process: Process,
    /// See [`GuestState::argv`].
    pub argv: Vec<Vec<u8>>,
    /// See [`GuestState::env`].
    pub env: Vec<Vec<u8>>,
    /// See [`GuestState::slot`].
    pub slot: Box<dyn CpuSlot>,
    /// The engine counts fuel.
    pub metered: bool,
    /// See [`GuestState::slice_ticks`].
    pub slice_ticks: u64,
}

impl GuestState {
    /// Makes the state of a component that is a program.
    #[must_use]
    pub fn for_command(spec: GuestSpec) -> Self {
        Self { stdio: Stdio::Descriptors, ..Self::for_component(spec) }
    }

    /// Makes the state of the shell, a component whose own standard streams lead nowhere.
    #[must_use]
    pub fn for_component(spec: GuestSpec) -> Self {
        let limiter = ProcessLimiter::new(spec.process.memory_account());
        Self {
            process: spec.process,
            argv: spec.argv,
            env: spec.env,
            limiter,
            slot: spec.slot,
            fuel: FuelLease::new(spec.metered),
            slice_ticks: spec.slice_ticks,
            table: ResourceTable::new(),
            stdio: Stdio::Log,
            memory: None,
            descriptors: Descriptors::default(),
        }
    }

    /// Makes the state of a core module, which finds `/` open as [`PREOPEN_FD`].
    ///
    /// An inherited descriptor of that number stays open in the process, where /dev/fd/3 reaches it.
    ///
    /// # Errors
    ///
    /// `EMFILE` when the process has no descriptor left.
    pub fn for_module(spec: GuestSpec) -> Result<Self, Errno> {
        let descriptors = Descriptors::with_preopen(open_root(&spec.process)?);
        Ok(Self { descriptors, ..Self::for_component(spec) })
    }

    /// Translates the guest's descriptor number into the kernel's.
    pub(crate) fn fd(&self, fd: u32) -> u32 {
        self.descriptors.translate(fd)
    }

    /// Translates the kernel's number of a descriptor into the one to tell the guest.
    pub(crate) fn told(&self, fd: u32) -> u32 {
        self.descriptors.translate(fd)
    }

    /// Where paths relative to the guest's descriptor start.
    pub(crate) fn at(&self, fd: u32) -> At {
        At::Fd(self.fd(fd))
    }
}

/// Opens `/` as [`PREOPEN_FD`] if that is free, else above it: 0 to 2 are the guest's standard streams, open or not.
fn open_root(process: &Process) -> Result<u32, Errno> {
    let flags = OpenFlags { read: true, directory: true, ..OpenFlags::default() };
    process.open(At::Root, b"/", flags, 0, PREOPEN_FD)
}
