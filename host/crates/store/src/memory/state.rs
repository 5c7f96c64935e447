//! What the store in memory holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{SessionId, SessionKey, TenantId};
use bytes::Bytes;

use crate::error::StoreError;
use crate::image::ImageRoot;
use crate::object::{FreshObject, IdMap, TenantSecret};
use crate::requests::{AuditEntry, CommandRow, Document, HeadRow};

/// Everything.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) closed: bool,
    pub(super) tenants: BTreeMap<TenantId, Tenant>,
}

/// What a tenant has.
#[derive(Debug)]
pub(super) struct Tenant {
    pub(super) secret: TenantSecret,
    /// No session that was deleted had a version above this.
    pub(super) version_floor: u64,
    pub(super) objects: IdMap<FreshObject>,
    pub(super) sessions: BTreeMap<SessionId, Session>,
    pub(super) snapshots: BTreeMap<String, Named>,
    /// By kind and key.
    pub(super) documents: BTreeMap<(String, String), Bytes>,
    pub(super) audit: Vec<AuditEntry>,
}

/// A session as it was last committed.
#[derive(Debug, Default)]
pub(super) struct Session {
    pub(super) version: u64,
    pub(super) record: Bytes,
    pub(super) root: Arc<ImageRoot>,
    pub(super) refs: BTreeMap<String, Named>,
    /// By the version that they made.
    pub(super) commands: BTreeMap<u64, CommandRow>,
}

/// A named image.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) record: Bytes,
    pub(super) root: Arc<ImageRoot>,
}

impl State {
    /// Returns a tenant's part, which is made when it is first asked for.
    pub(super) fn tenant(&mut self, tenant: &TenantId) -> Result<&mut Tenant, StoreError> {
        if !self.tenants.contains_key(tenant) {
            self.tenants.insert(tenant.clone(), Tenant::new(TenantSecret::random()?));
        }
        Ok(self.tenants.get_mut(tenant).expect("it was inserted above"))
    }

    /// Returns a session.
    pub(super) fn session(&self, key: &SessionKey) -> Option<&Session> {
        self.tenants.get(&key.tenant)?.sessions.get(&key.id)
    }

    /// Returns the rows of all sessions.
    pub(super) fn heads(&self) -> Vec<HeadRow> {
        let row = |tenant: &TenantId, id: &SessionId, session: &Session| HeadRow {
            key: SessionKey { tenant: tenant.clone(), id: id.clone() },
            version: session.version,
            record: session.record.clone(),
        };
        self.tenants
            .iter()
            .flat_map(|(tenant, state)| state.sessions.iter().map(move |(id, session)| row(tenant, id, session)))
            .collect()
    }
}

impl Tenant {
    fn new(secret: TenantSecret) -> Self {
        Self {
            secret,
            version_floor: 0,
            objects: IdMap::default(),
            sessions: BTreeMap::new(),
            snapshots: BTreeMap::new(),
            documents: BTreeMap::new(),
            audit: Vec::new(),
        }
    }

    /// Returns the documents whose kind and key match.
    pub(super) fn documents(&self, matches: &dyn Fn(&str, &str) -> bool, limit: usize) -> Vec<Document> {
        let found = self.documents.iter().filter(|((kind, key), _)| matches(kind, key));
        found.take(limit).map(|((_, key), bytes)| Document { key: key.clone(), bytes: bytes.clone() }).collect()
    }

    /// Returns what sessions, references and snapshots name.
    pub(super) fn roots(&self) -> impl Iterator<Item = &Arc<ImageRoot>> {
        let sessions = self
            .sessions
            .values()
            .flat_map(|session| std::iter::once(&session.root).chain(session.refs.values().map(|named| &named.root)));
        sessions.chain(self.snapshots.values().map(|named| &named.root))
    }
}
