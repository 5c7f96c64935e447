//! The engine's settings and the one Wasmtime configuration made of them.
//!
//! Everything that is compiled into guest code (fuel, epochs, memory layout, features) is decided here, so code made by
//! the build tool and code made by a running server are interchangeable as long as `Metering` is the same.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use meter::Meter;
use wasmtime::{Config, Enabled, OptLevel, PoolingAllocationConfig, Strategy};

use crate::user::CodeShelf;

/// How guest code is metered and interrupted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Metering {
    /// Fuel counts instructions and limits them; epochs hold deadlines and time slices.
    #[default]
    FuelAndEpoch,
    /// Only epochs: 5 to 30 percent faster code, no fuel in a run's usage and no fuel limit.
    Epoch,
}

/// What an engine may use. Every field has a finite default.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// Guests that compute at the same time; the number of cores unless configured.
    pub cpu_slots: usize,
    /// Live guest instances: bounds the pool of stacks, memories and tables.
    pub max_live: u32,
    /// See [`Metering`].
    pub metering: Metering,
    /// Linear memory of all guests and files of all sessions together, in bytes.
    pub memory_total_bytes: u64,
    /// Processes of all sessions together; below `max_live`, so that the pool never runs out first.
    pub processes_total: u32,
    /// What a shell gets to unwind after its run was stopped, so that its variables survive.
    pub unwind_grace: Duration,
    /// Where processes are counted and timed.
    pub meter: Arc<Meter>,
    /// Time between two epoch ticks: the grain of slices and of deadlines in computing guests.
    pub epoch_tick: Duration,
    /// What becomes of Wasm that users bring.
    pub user_code: UserCodeConfig,
}

/// How users' Wasm is compiled and kept.
#[derive(Clone, Debug)]
pub struct UserCodeConfig {
    /// The command whose process compiles: one that calls [`crate::compile_for_server`] with its standard input and
    /// output. Without one, users' Wasm cannot be executed.
    pub compiler: Option<CompilerCommand>,
    /// Wall-clock time one compilation may take.
    pub timeout: Duration,
    /// Largest file that is compiled, in bytes.
    pub max_bytes: u64,
    /// Loaded code that is kept in memory for the next use, in bytes.
    pub cache_bytes: u64,
    /// Where compiled code is kept on disk.
    pub shelf: Option<Arc<CodeShelf>>,
}

/// A command line; it is started without environment.
#[derive(Clone, Debug)]
pub struct CompilerCommand {
    /// The executable.
    pub program: PathBuf,
    /// Its arguments, without its name.
    pub args: Vec<OsString>,
}

impl Default for UserCodeConfig {
    fn default() -> Self {
        Self {
            compiler: None,
            // One core compiles some 900 KB of Wasm a second (measured): the largest file on a quiet machine. It goes on
            // when the run that asked for it is over, and the next one finds the code.
            timeout: Duration::from_secs(60),
            // Interpreters with their library inside have 20 to 50 MB.
            max_bytes: 64 << 20,
            cache_bytes: 256 << 20,
            shelf: None,
        }
    }
}

/// A slot keeps this much of a used memory resident, so that a small guest starts without page faults (measured: 26 µs
/// become 15 µs a process, together with the page map scan).
const MEMORY_KEEP_RESIDENT_BYTES: usize = 1 << 20;
/// The same for tables and stacks.
const SMALL_KEEP_RESIDENT_BYTES: usize = 64 << 10;
/// The largest linear memory the pool can hold; limits of processes and sessions lie below it.
const MEMORY_MAX_BYTES: usize = 4 << 30;
/// With this reservation and guard, 32-bit memories need no bounds checks (28-40 percent of CPU time).
const MEMORY_RESERVATION_BYTES: u64 = 4 << 30;
const MEMORY_GUARD_BYTES: u64 = 32 << 20;
/// Deep enough for recursive shell functions and interpreters; untouched pages cost nothing.
const WASM_STACK_BYTES: usize = 16 << 20;
/// The wasm stack and 1 MiB for the host functions called at its deepest point.
const ASYNC_STACK_BYTES: usize = 17 << 20;
/// The largest table of a module; CPython has some 7,000 entries.
pub(crate) const TABLE_ELEMENTS: usize = 20_000;
/// Core instances of one component: main module, adapter and shims; with libraries linked at run time (componentize-py)
/// some 30.
pub(crate) const CORE_INSTANCES: u32 = 64;
/// Tables of one component or module.
pub(crate) const TABLES: u32 = 8;
/// Memories of one component or module.
pub(crate) const MEMORIES: u32 = 2;
/// Instance metadata of a large module (CPython needs 600 KiB).
const INSTANCE_BYTES: usize = 1 << 20;
/// Memory slots kept warm for the next instance of the same module.
const WARM_SLOTS: u32 = 256;
/// Frames of a trap's backtrace in the log.
const BACKTRACE_FRAMES: usize = 20;

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            cpu_slots: std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
            max_live: 2000,
            metering: Metering::FuelAndEpoch,
            memory_total_bytes: 4 << 30,
            processes_total: 1200,
            unwind_grace: Duration::from_millis(8),
            meter: Meter::new(),
            epoch_tick: Duration::from_millis(5),
            user_code: UserCodeConfig::default(),
        }
    }
}

impl EngineConfig {
    /// Shells whose instances are kept between runs: a fifth of the pool. The rest is for processes and for the shells of
    /// runs that execute.
    pub(crate) fn kept_shells(&self) -> usize {
        usize::try_from(self.max_live / 5).unwrap_or(usize::MAX)
    }

    /// Makes the configuration of Wasmtime.
    pub(crate) fn wasmtime(&self) -> Config {
        let mut config = code_config(self.metering);
        config.allocation_strategy(self.pool());
        config
    }

    fn pool(&self) -> PoolingAllocationConfig {
        let live = self.max_live;
        let mut pool = PoolingAllocationConfig::new();
        pool.total_component_instances(live)
            // A mere count: what an instance takes is allocated with it. Components have several.
            .total_core_instances(live.saturating_mul(CORE_INSTANCES))
            // Twice, because the exception heaps of guests that use setjmp take memory slots too.
            .total_memories(live.saturating_mul(2))
            .total_tables(live.saturating_mul(3))
            // A live store keeps its last stack.
            .total_stacks(live)
            .total_gc_heaps(live)
            .max_memory_size(MEMORY_MAX_BYTES)
            .table_elements(TABLE_ELEMENTS)
            .max_core_instances_per_component(CORE_INSTANCES)
            .max_tables_per_component(TABLES)
            .max_tables_per_module(TABLES)
            .max_memories_per_component(MEMORIES)
            .max_memories_per_module(MEMORIES)
            .max_core_instance_size(INSTANCE_BYTES)
            .max_component_instance_size(INSTANCE_BYTES)
            .linear_memory_keep_resident(MEMORY_KEEP_RESIDENT_BYTES)
            .table_keep_resident(SMALL_KEEP_RESIDENT_BYTES)
            .async_stack_keep_resident(SMALL_KEEP_RESIDENT_BYTES)
            // Without the scan, keeping a megabyte resident means clearing a megabyte at every start.
            .pagemap_scan(Enabled::Auto)
            .max_unused_warm_slots(WARM_SLOTS);
        pool
    }
}

/// The part of the configuration that compiled code depends on.
pub(crate) fn code_config(metering: Metering) -> Config {
    let mut config = Config::new();
    config
        // Without component-model-async a call costs a third, and its attack surface is not there.
        .concurrency_support(false)
        .epoch_interruption(true)
        .consume_fuel(metering == Metering::FuelAndEpoch)
        .max_wasm_stack(WASM_STACK_BYTES)
        .async_stack_size(ASYNC_STACK_BYTES)
        .async_stack_zeroing(true)
        .memory_reservation(MEMORY_RESERVATION_BYTES)
        .memory_guard_size(MEMORY_GUARD_BYTES)
        .memory_init_cow(true)
        .signals_based_traps(true);
    // Features no shipped guest needs are attack surface. Exceptions stay: setjmp is built on them.
    config
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false)
        .wasm_multi_memory(true)
        .wasm_function_references(true)
        .wasm_gc(true)
        .wasm_exceptions(true);
    config
        .strategy(Strategy::Cranelift)
        .cranelift_opt_level(OptLevel::Speed)
        .wasm_backtrace_max_frames(NonZeroUsize::new(BACKTRACE_FRAMES))
        .native_unwind_info(false);
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_configuration_makes_an_engine_with_either_metering() {
        for metering in [Metering::FuelAndEpoch, Metering::Epoch] {
            let config = EngineConfig { max_live: 10, metering, ..EngineConfig::default() };
            wasmtime::Engine::new(&config.wasmtime()).expect("an engine");
        }
    }
}
