//! Which images live in memory: what they consist of must not be collected.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use base::TenantId;

use crate::image::ImageRoot;

/// The images of one store that live in memory.
#[derive(Debug, Default)]
pub(crate) struct Pins(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    next: u64,
    live: BTreeMap<u64, (TenantId, Arc<ImageRoot>)>,
}

impl Pins {
    /// Pins a root until the pin is dropped.
    pub(crate) fn pin(self: &Arc<Self>, tenant: &TenantId, root: ImageRoot) -> Pin {
        let root = Arc::new(root);
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let serial = table.next;
        table.next += 1;
        table.live.insert(serial, (tenant.clone(), Arc::clone(&root)));
        Pin { pins: Arc::clone(self), serial, tenant: tenant.clone(), root }
    }

    /// Returns the roots that are pinned now.
    pub(crate) fn live(&self) -> Vec<(TenantId, Arc<ImageRoot>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).live.values().cloned().collect()
    }
}

/// Keeps a root's objects in the store.
#[derive(Debug)]
pub(crate) struct Pin {
    pins: Arc<Pins>,
    serial: u64,
    tenant: TenantId,
    root: Arc<ImageRoot>,
}

impl Pin {
    /// Returns what is pinned.
    pub(crate) fn root(&self) -> Arc<ImageRoot> {
        Arc::clone(&self.root)
    }

    /// Returns whose it is.
    pub(crate) fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// Tells whether it is one of `tenant` in this table.
    pub(crate) fn is_of(&self, tenant: &TenantId, pins: &Arc<Pins>) -> bool {
        self.tenant == *tenant && Arc::ptr_eq(&self.pins, pins)
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        self.pins.0.lock().unwrap_or_else(PoisonError::into_inner).live.remove(&self.serial);
    }
}
