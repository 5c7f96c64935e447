//! The bound on a guest's linear memories and tables, charged to its process, session and host before they grow.
//!
//! A refused growth is -1 in the guest, as WebAssembly says, and is remembered here: a guest that then traps or aborts
//! ended for want of memory, and the engine says so.

use kernel::MemoryAccount;
use wasmtime::{ResourceLimiter, Result};

/// Core instances of one store: the main module of a component, its adapter and shims, and the libraries it links (some 30 in
/// components of componentize-py).
pub const INSTANCES_MAX: usize = 64;
/// Linear memories of one store.
pub const MEMORIES_MAX: usize = 4;
/// Tables of one store.
pub const TABLES_MAX: usize = 16;
/// Elements of one table; CPython's has some 7,000.
pub const TABLE_ELEMENTS_MAX: usize = 20_000;
/// What an element of a table costs the host.
const TABLE_ELEMENT_BYTES: u64 = size_of::<usize>() as u64;

/// The resource limiter of one store; dropping it gives back all it charged.
#[derive(Debug)]
pub struct ProcessLimiter {
    account: MemoryAccount,
    limit_met: bool,
}

impl ProcessLimiter {
    /// Makes a limiter that charges `account`.
    #[must_use]
    pub fn new(account: MemoryAccount) -> Self {
        Self { account, limit_met: false }
    }

    /// Tells whether a growth of memory or of a table was refused because of a limit.
    #[must_use]
    pub fn limit_met(&self) -> bool {
        self.limit_met
    }

    /// Forgets that a limit was met: the session's shell begins another run.
    pub fn forget_limit_met(&mut self) {
        self.limit_met = false;
    }

    /// What was charged so far.
    #[must_use]
    pub fn account(&self) -> &MemoryAccount {
        &self.account
    }

    /// The same, to move it to another run.
    pub fn account_mut(&mut self) -> &mut MemoryAccount {
        &mut self.account
    }

    fn charge(&mut self, bytes: u64) -> bool {
        let granted = self.account.grow(bytes);
        self.limit_met |= !granted;
        granted
    }
}

impl ResourceLimiter for ProcessLimiter {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        // Beyond its own maximum it cannot grow anyway, and what is not used must not be charged.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        Ok(self.charge(desired.saturating_sub(current) as u64))
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        if desired > TABLE_ELEMENTS_MAX {
            self.limit_met = true;
            return Ok(false);
        }
        let elements = desired.saturating_sub(current) as u64;
        Ok(self.charge(elements.saturating_mul(TABLE_ELEMENT_BYTES)))
    }

    fn instances(&self) -> usize {
        INSTANCES_MAX
    }

    fn tables(&self) -> usize {
        TABLES_MAX
    }

    fn memories(&self) -> usize {
        MEMORIES_MAX
    }
}
