//! Garbage collection in slices: mark what the roots reach, then remove what is not marked.
//!
//! ```text
//! begin: nothing is on its way to the writer; note all roots and the last row  ->  mark  ->  sweep up to that row
//! ```
//!
//! What comes later is safe: a new object's row is above the last row, or is marked when it is written below it; an
//! object that was there already is marked when it is written again; and whatever else a later image refers to was
//! reached from the roots of the beginning, since the image it was made from was one of them or came later too.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, params};

use super::packed;
use super::queue::Work;
use super::shared::{Shared, TenantObjects};
use super::tenants::Tenant;
use crate::changes::{references_of, roots_of};
use crate::error::StoreError;
use crate::image::ImageRoot;
use crate::object::{Kind, ObjectId, ObjectSource};
use crate::requests::GcProgress;

/// Objects that one transaction of the sweep looks at.
const SWEEP_OBJECTS: usize = 512;

/// Which rows a running collection keeps: a bit for each, so a million objects take 125 KB.
#[derive(Debug, Default)]
pub(super) struct Marks(Mutex<Option<Bits>>);

#[derive(Debug)]
struct Bits {
    high: i64,
    words: Vec<u64>,
}

impl Bits {
    /// Marks a row; tells whether it was not marked before. Rows above the last one are as good as marked.
    fn mark(&mut self, row: i64) -> bool {
        let Some((word, bit)) = self.place(row) else { return false };
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    fn place(&mut self, row: i64) -> Option<(&mut u64, u64)> {
        let at = usize::try_from(row).ok()?;
        Some((self.words.get_mut(at / 64)?, 1 << (at % 64)))
    }
}

impl Marks {
    fn lock(&self) -> MutexGuard<'_, Option<Bits>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a collection of the rows up to `high`.
    pub(super) fn begin(&self, high: i64) {
        let words = usize::try_from(high).unwrap_or(0) / 64 + 1;
        *self.lock() = Some(Bits { high, words: vec![0; words] });
    }

    /// Ends a collection.
    pub(super) fn end(&self) {
        *self.lock() = None;
    }

    /// Returns the last row of the running collection.
    pub(super) fn high(&self) -> Option<i64> {
        self.lock().as_ref().map(|bits| bits.high)
    }

    /// Tells whether a row is kept.
    pub(super) fn is_marked(&self, row: i64) -> bool {
        let mut bits = self.lock();
        bits.as_mut().and_then(|bits| bits.place(row)).is_none_or(|(word, bit)| *word & bit != 0)
    }

    /// Keeps a row that was just written: it may have the number of one that was removed.
    pub(super) fn keep_new(&self, row: i64) {
        self.mark(row);
    }

    /// Keeps a row that was there already; it is looked up only while a collection runs.
    pub(super) fn keep_found(&self, find: impl FnOnce() -> Result<Option<i64>, StoreError>) -> Result<(), StoreError> {
        if self.high().is_some()
            && let Some(row) = find()?
        {
            self.mark(row);
        }
        Ok(())
    }

    /// Marks a row; tells whether it was not marked before.
    pub(super) fn mark(&self, row: i64) -> bool {
        self.lock().as_mut().is_some_and(|bits| bits.mark(row))
    }
}

/// Where a collection stands.
#[derive(Debug, Default)]
pub(super) enum Cycle {
    /// None is running.
    #[default]
    Idle,
    /// These are still to be marked, the last first.
    Mark(Vec<(Arc<Tenant>, Kind, ObjectId)>),
    /// The rows after this one are still to be swept.
    Sweep(i64),
}

impl Cycle {
    /// Does a slice, on a thread that may block. An error ends the cycle, and nothing that it had not reached is
    /// removed.
    pub(super) fn slice(&mut self, shared: &Shared, budget: usize) -> Result<GcProgress, StoreError> {
        let result = self.step(shared, budget.max(1));
        if result.as_ref().map_or(true, |progress| progress.finished) {
            *self = Self::Idle;
            shared.marks.end();
        }
        result
    }

    fn step(&mut self, shared: &Shared, budget: usize) -> Result<GcProgress, StoreError> {
        let mut progress = GcProgress::default();
        if let Self::Mark(waiting) = self {
            let budget = budget as u64;
            while progress.examined < budget
                && let Some((tenant, kind, id)) = waiting.pop()
            {
                progress.examined += 1;
                mark(shared, &tenant, kind, &id, waiting)?;
            }
            if waiting.is_empty() {
                *self = Self::Sweep(0);
            }
            return Ok(progress);
        }
        if let Self::Sweep(after) = self {
            while !progress.finished && progress.examined < budget as u64 {
                let limit = SWEEP_OBJECTS.min(budget);
                let done = shared.run_and_wait(Work::Sweep { after: *after, limit })?;
                progress.examined += done.examined;
                progress.removed += done.removed;
                progress.removed_bytes += done.removed_bytes;
                match done.last {
                    Some(last) => *after = last,
                    None => progress.finished = true,
                }
            }
            return Ok(progress);
        }
        progress.finished = true;
        Ok(progress)
    }

    /// Begins a cycle. The caller holds the gate whole: nothing is on its way.
    pub(super) fn begin(&mut self, shared: &Shared) -> Result<(), StoreError> {
        let (high, named) = shared.readers.with(|connection| Ok((last_row(connection)?, named_roots(connection)?)))?;
        let mut waiting = Vec::new();
        let index = shared.index();
        for (seq, root) in named {
            let tenant = index.by_seq(seq).ok_or_else(|| StoreError::corrupt("an image belongs to no tenant"))?;
            push(&tenant, &root, &mut waiting);
        }
        for (name, root) in shared.pins.live() {
            if let Some(tenant) = index.tenant(&name) {
                push(&tenant, &root, &mut waiting);
            }
        }
        drop(index);
        shared.marks.begin(high);
        *self = Self::Mark(waiting);
        Ok(())
    }

    /// Tells whether a cycle is to be begun.
    pub(super) fn is_idle(&self) -> bool {
        matches!(self, Self::Idle)
    }
}

fn push(tenant: &Arc<Tenant>, root: &ImageRoot, waiting: &mut Vec<(Arc<Tenant>, Kind, ObjectId)>) {
    let mut objects = Vec::new();
    roots_of(root, &mut objects);
    waiting.extend(objects.into_iter().map(|(kind, id)| (Arc::clone(tenant), kind, id)));
}

fn mark(
    shared: &Shared,
    tenant: &Arc<Tenant>,
    kind: Kind,
    id: &ObjectId,
    waiting: &mut Vec<(Arc<Tenant>, Kind, ObjectId)>,
) -> Result<(), StoreError> {
    let row = shared.readers.with(|connection| packed::row_of(connection, tenant.seq, id))?;
    let row = row.ok_or_else(|| StoreError::corrupt(format!("{} is missing", kind.name())))?;
    if !shared.marks.mark(row) || matches!(kind, Kind::Chunk | Kind::Section | Kind::Meta) {
        return Ok(());
    }
    let content = TenantObjects { shared, tenant }.object(kind, id)?;
    let mut below = Vec::new();
    references_of(kind, content, &mut below)?;
    waiting.extend(below.into_iter().map(|(kind, id)| (Arc::clone(tenant), kind, id)));
    Ok(())
}

/// Returns the last object's row.
fn last_row(connection: &Connection) -> Result<i64, StoreError> {
    Ok(connection.query_row("SELECT coalesce(max(seq), 0) FROM objects", [], |row| row.get(0))?)
}

/// Returns all images that rows name.
pub(super) fn named_roots(connection: &Connection) -> Result<Vec<(i64, ImageRoot)>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT tenant, image FROM sessions UNION ALL SELECT tenant, image FROM refs
         UNION ALL SELECT tenant, image FROM snapshots",
    )?;
    let mut rows = statement.query(params![])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (tenant, image): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        found.push((tenant, ImageRoot::decode(image.into())?));
    }
    Ok(found)
}
