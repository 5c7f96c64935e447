//! Who has what, and at which version: the index in memory by which commits are ordered.
//!
//! A version is given when a commit is queued, under the index's lock, so that the queue's order is the versions'
//! order. What is queued is either written or the store stops writing for good; so the index is never ahead of what
//! anybody can be told.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{SessionId, SessionKey, TenantId};

use crate::object::TenantSecret;

/// A tenant, unchanging.
#[derive(Debug)]
pub(super) struct Tenant {
    pub(super) seq: i64,
    pub(super) name: TenantId,
    pub(super) secret: TenantSecret,
}

/// What the index knows of a tenant.
#[derive(Debug)]
pub(super) struct TenantEntry {
    pub(super) tenant: Arc<Tenant>,
    /// No deleted session had a version above this.
    pub(super) version_floor: u64,
    /// The versions of the sessions.
    pub(super) sessions: BTreeMap<SessionId, u64>,
}

/// All tenants.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) tenants: BTreeMap<TenantId, TenantEntry>,
    /// Rows of sessions that are damaged: whose they are is not known for sure.
    pub(super) n_damaged: usize,
}

impl Index {
    /// Returns a tenant.
    pub(super) fn tenant(&self, name: &TenantId) -> Option<Arc<Tenant>> {
        self.tenants.get(name).map(|entry| Arc::clone(&entry.tenant))
    }

    /// Returns the tenant of a number.
    pub(super) fn by_seq(&self, seq: i64) -> Option<Arc<Tenant>> {
        self.tenants.values().find(|entry| entry.tenant.seq == seq).map(|entry| Arc::clone(&entry.tenant))
    }

    /// Returns a session's version, if there is one.
    pub(super) fn version(&self, key: &SessionKey) -> Option<u64> {
        self.tenants.get(&key.tenant)?.sessions.get(&key.id).copied()
    }

    /// Adds a tenant with the next number.
    pub(super) fn add(&mut self, name: &TenantId, secret: TenantSecret) -> Arc<Tenant> {
        let last = self.tenants.values().map(|entry| entry.tenant.seq).max().unwrap_or(0);
        self.insert(Tenant { seq: last + 1, name: name.clone(), secret }, 0)
    }

    /// Adds a tenant that was read.
    pub(super) fn insert(&mut self, tenant: Tenant, version_floor: u64) -> Arc<Tenant> {
        let tenant = Arc::new(tenant);
        let entry = TenantEntry { tenant: Arc::clone(&tenant), version_floor, sessions: BTreeMap::new() };
        self.tenants.insert(tenant.name.clone(), entry);
        tenant
    }
}
