//! What is reachable in the store in memory, and the removal of what is not.

use std::collections::HashSet;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use base::TenantId;

use super::state::{State, Tenant};
use crate::changes::{references_of, roots_of};
use crate::error::StoreError;
use crate::image::ImageRoot;
use crate::object::{IdHasher, ObjectId, ObjectSource};
use crate::requests::{GcProgress, Report};

/// The images that live in memory.
type Live = [(TenantId, Arc<ImageRoot>)];

impl State {
    /// Removes what nothing refers to, all at once: memory is fast.
    pub(super) fn collect(&mut self, live: &Live) -> Result<GcProgress, StoreError> {
        let mut progress = GcProgress { finished: true, ..GcProgress::default() };
        for (name, tenant) in &mut self.tenants {
            let reached = tenant.reached(name, live)?;
            tenant.objects.retain(|id, object| {
                progress.examined += 1;
                let kept = reached.contains(id);
                if !kept {
                    progress.removed += 1;
                    progress.removed_bytes += object.content.len() as u64;
                }
                kept
            });
        }
        Ok(progress)
    }

    /// Examines everything.
    pub(super) fn check(&self, live: &Live) -> Report {
        let mut report = Report::default();
        for (name, tenant) in &self.tenants {
            report.sessions += tenant.sessions.len() as u64;
            report.references += tenant.snapshots.len() as u64;
            report.references += tenant.sessions.values().map(|session| session.refs.len() as u64).sum::<u64>();
            for (id, object) in &tenant.objects {
                report.objects += 1;
                report.object_bytes += object.content.len() as u64;
                if tenant.secret.id(object.kind, &object.content) != *id {
                    report.problem(format!("{} of tenant {name} is damaged", object.kind.name()));
                }
            }
            match tenant.reached(name, live) {
                Ok(reached) => report.garbage_objects += tenant.objects.len() as u64 - reached.len() as u64,
                Err(error) => report.problem(error.to_string()),
            }
        }
        report
    }
}

impl Tenant {
    fn reached(
        &self,
        name: &TenantId,
        live: &Live,
    ) -> Result<HashSet<ObjectId, BuildHasherDefault<IdHasher>>, StoreError> {
        let mut waiting = Vec::new();
        self.roots().for_each(|root| roots_of(root, &mut waiting));
        live.iter().filter(|(owner, _)| owner == name).for_each(|(_, root)| roots_of(root, &mut waiting));
        let mut reached = HashSet::default();
        while let Some((kind, id)) = waiting.pop() {
            if reached.insert(id) {
                references_of(kind, self.object(kind, &id)?, &mut waiting)?;
            }
        }
        Ok(reached)
    }
}
