//! How sessions are kept in a store: what is committed after a job, and a session made again of what was kept.
//!
//! Owns the templates' images and the words between a session and the store. What bytes a tree becomes is said in
//! `records`, how they become durable in `store`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base::{SessionKey, TenantId, Timestamp};
use bytes::Bytes;
use engine::ShellState;
use records::{Programs, Stored, edit, load};
use store::{Commit, Expect, Health, ImageEdit, SnapshotKey, Store, StoreError};
use tokio::sync::Mutex;
use vfs::{Kind, ProgramTag, Quota, Tree};

use crate::checkpoints::Checkpoint;
use crate::error::Error;
use crate::image::{Image, Memory};
use crate::rc::Aliases;
use crate::record::{CheckpointRecord, Record};
use crate::settings::Durability;

/// Returns the name of a program.
pub type NameOf = dyn Fn(ProgramTag) -> Option<String> + Send + Sync;

/// Returns the program of a name.
pub type TagOf = dyn Fn(&str) -> Option<ProgramTag> + Send + Sync;

/// How the programs of this server are called, both ways: a program's file is kept by name.
pub struct ProgramNames {
    /// From program to name.
    pub name: Box<NameOf>,
    /// From name to program.
    pub tag: Box<TagOf>,
}

impl ProgramNames {
    fn programs(&self) -> Programs<'_> {
        Programs { name: &*self.name, tag: &*self.tag }
    }
}

/// What the store has of a session: the next commit writes what differs from it.
pub(crate) struct Base {
    tree: Tree,
    image: store::Image,
    state: ShellState,
    // The template the session began with, by its digest.
    template: Arc<str>,
}

impl Base {
    /// Returns the version of its files (see [`Tree::version`]).
    pub(crate) fn version(&self) -> u64 {
        self.tree.version()
    }
}

/// What a commit came to.
pub(crate) struct Kept {
    pub(crate) base: Arc<Base>,
    pub(crate) version: u64,
}

/// A session made again of what was kept.
pub(crate) struct Revived {
    pub(crate) image: Image,
    pub(crate) kept: Kept,
}

/// Templates by tenant and digest.
type Templates = HashMap<(TenantId, Arc<str>), Arc<Base>>;

/// Where sessions are kept.
pub struct Persistence {
    pub(crate) store: Arc<dyn Store>,
    names: Arc<ProgramNames>,
    template: Tree,
    digest: Arc<str>,
    // Protects the templates that have been stored or read in this process.
    templates: Mutex<Templates>,
}

impl Persistence {
    /// Keeps sessions that start from `template` in `store`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, names: ProgramNames, template: Tree) -> Self {
        let digest = digest(&template, &names).into();
        Self { store, names: Arc::new(names), template, digest, templates: Mutex::new(HashMap::new()) }
    }

    /// Says why nothing is acknowledged any more; `None` while all is well.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        match self.store.health() {
            Health::Ok => None,
            Health::Failed { reason } => Some(reason),
        }
    }

    /// Commits a session as it is; `expect` is what the store is to have of it.
    pub(crate) async fn commit(
        &self,
        key: &SessionKey,
        expect: Expect,
        image: &Image,
        record: Record,
        durability: Durability,
    ) -> Result<Kept, Error> {
        let base = match &image.base {
            Some(base) => Arc::clone(base),
            None => self.template(&key.tenant, &self.digest).await?,
        };
        let edit = self.edit(&base, image);
        let record = record.encode(&base.template);
        let commit = Commit {
            key: key.clone(),
            expect,
            edit,
            record,
            command: None,
            refs: Vec::new(),
            durability: durability.into(),
        };
        let committed = self.store.commit(commit).await?;
        let base = Base {
            tree: image.tree.clone(),
            image: committed.image,
            state: image.memory.state.clone(),
            template: Arc::clone(&base.template),
        };
        Ok(Kept { base: Arc::new(base), version: committed.version })
    }

    /// Stores an image beside a session's commits, under a name of the session.
    pub(crate) async fn keep_as(
        &self,
        key: &SessionKey,
        name: &str,
        image: &Image,
        record: Record,
        created: Timestamp,
    ) -> Result<(), Error> {
        let base = match &image.base {
            Some(base) => Arc::clone(base),
            None => self.template(&key.tenant, &self.digest).await?,
        };
        let stored = self.store.save_image(&key.tenant, self.edit(&base, image)).await?;
        let session = record.encode(&base.template).to_vec();
        let record = CheckpointRecord { created: created.0, bytes: image.logical_bytes(), session }.encode();
        Ok(self.store.put_ref(key, name, &stored, record, store::Durability::Strict).await?)
    }

    /// Makes a session again.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the store has none.
    pub(crate) async fn revive(&self, key: &SessionKey, quota: Quota) -> Result<Revived, Error> {
        let head = self.store.head(key).await?.ok_or(Error::NotFound)?;
        let record = Record::decode(&head.record)?;
        let (image, base) = self.load(&key.tenant, head.image, &record, quota).await?;
        Ok(Revived { image, kept: Kept { base, version: head.version } })
    }

    /// Makes the image again that a session keeps under a name.
    ///
    /// # Errors
    /// [`Error::NoCheckpoint`] when there is none.
    pub(crate) async fn revive_named(&self, key: &SessionKey, name: &str, quota: Quota) -> Result<Image, Error> {
        let reference = self.store.reference(key, name).await?.ok_or(Error::NoCheckpoint)?;
        let record = Record::decode(&CheckpointRecord::decode(&reference.record)?.session)?;
        Ok(self.load(&key.tenant, reference.image, &record, quota).await?.0)
    }

    /// Lists what a session keeps under names.
    pub(crate) async fn named(&self, key: &SessionKey) -> Result<Vec<(String, Checkpoint)>, Error> {
        let rows = self.store.refs(key).await?;
        let checkpoint = |row: store::RefRow| {
            let record = CheckpointRecord::decode(&row.record)?;
            Ok((row.name, Checkpoint::kept(Timestamp(record.created), record.bytes)))
        };
        rows.into_iter().map(checkpoint).collect()
    }

    async fn load(
        &self,
        tenant: &TenantId,
        image: store::Image,
        record: &Record,
        quota: Quota,
    ) -> Result<(Image, Arc<Base>), Error> {
        let template = self.template(tenant, &record.template).await?;
        let sections = self.store.sections(&image).await?;
        let pieces = sections.into_iter().flat_map(|(id, pieces)| pieces.into_iter().map(move |piece| (id, piece)));
        let state = ShellState::from_sections(pieces).map_err(|error| damaged(&error.to_string()))?;
        let tree = self.load_tree(tenant, &image, Some(Arc::clone(&template)), quota).await?;
        let base = Arc::new(Base {
            tree: tree.clone(),
            image,
            state: state.clone(),
            template: Arc::clone(&template.template),
        });
        let aliases = Aliases::resumed(&state, &tree, record.aliases_known);
        let memory = Memory { cwd: record.cwd.clone(), state, aliases, rc_loaded: record.rc_loaded };
        Ok((Image { tree, memory, base: Some(Arc::clone(&base)) }, base))
    }

    async fn load_tree(
        &self,
        tenant: &TenantId,
        image: &store::Image,
        template: Option<Arc<Base>>,
        quota: Quota,
    ) -> Result<Tree, Error> {
        let (store, names) = (Arc::clone(&self.store), Arc::clone(&self.names));
        let (tenant, image) = (tenant.clone(), image.clone());
        let loaded = tokio::task::spawn_blocking(move || {
            let template = template.as_ref().map(|base| Stored { tree: &base.tree, image: &base.image });
            load(&*store, &tenant, &image, template, quota, &names.programs())
        });
        match loaded.await {
            Ok(loaded) => loaded.map_err(|error| Error::Store(StoreError::Corrupt { what: error.to_string().into() })),
            Err(error) => Err(Error::Host(format!("reading the store failed: {error}"))),
        }
    }

    /// Returns a template of a tenant's: this server's own, stored when it is first used, or one that an earlier server
    /// has stored.
    async fn template(&self, tenant: &TenantId, digest: &Arc<str>) -> Result<Arc<Base>, Error> {
        let mut templates = self.templates.lock().await;
        let at = (tenant.clone(), Arc::clone(digest));
        if let Some(known) = templates.get(&at) {
            return Ok(Arc::clone(known));
        }
        let name = SnapshotKey { tenant: tenant.clone(), id: format!("{TEMPLATE_PREFIX}{digest}") };
        let stored = self.store.snapshot(&name).await?;
        let (tree, image) = match stored {
            Some(stored) if *digest == self.digest => (self.template.clone(), stored.image),
            Some(stored) => (self.load_tree(tenant, &stored.image, None, Quota::UNLIMITED).await?, stored.image),
            None if *digest == self.digest => {
                let image = self.store.save_image(tenant, edit(None, &self.template, &self.names.programs())).await?;
                self.store.put_snapshot(&name, &image, Bytes::new(), store::Durability::Strict).await?;
                (self.template.clone(), image)
            }
            None => return Err(damaged("the template of a session is not there")),
        };
        let base = Arc::new(Base { tree, image, state: ShellState::default(), template: Arc::clone(digest) });
        templates.insert(at, Arc::clone(&base));
        Ok(base)
    }

    fn edit(&self, base: &Base, image: &Image) -> ImageEdit {
        let stored = Stored { tree: &base.tree, image: &base.image };
        let mut edit = edit(Some(stored), &image.tree, &self.names.programs());
        edit.sections = changed_sections(&base.state, &image.memory.state);
        edit
    }
}

/// Snapshots of this name belong to the host.
const TEMPLATE_PREFIX: &str = "template-";

impl From<Durability> for store::Durability {
    fn from(durability: Durability) -> Self {
        match durability {
            Durability::Strict => Self::Strict,
            Durability::Relaxed => Self::Relaxed,
            Durability::None => Self::None,
        }
    }
}

fn damaged(what: &str) -> Error {
    Error::Store(StoreError::Corrupt { what: what.into() })
}

/// Returns the sections that differ, whole; one that is gone is empty.
fn changed_sections(before: &ShellState, after: &ShellState) -> Vec<(u32, Vec<Bytes>)> {
    let (before, after) = (by_number(before), by_number(after));
    let changed = after.iter().filter(|(id, pieces)| before.get(id) != Some(pieces));
    let mut sections: Vec<(u32, Vec<Bytes>)> = changed.map(|(id, pieces)| (*id, pieces.clone())).collect();
    sections.extend(before.keys().filter(|id| !after.contains_key(id)).map(|id| (*id, Vec::new())));
    sections
}

fn by_number(state: &ShellState) -> BTreeMap<u32, Vec<Bytes>> {
    let mut sections: BTreeMap<u32, Vec<Bytes>> = BTreeMap::new();
    for (id, piece) in state.sections() {
        sections.entry(id).or_default().push(piece.clone());
    }
    sections
}

/// Returns what tells a template from others: a hash of all but its times, which are those of the server's start.
fn digest(template: &Tree, names: &ProgramNames) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut piece = vec![0; vfs::CHUNK_BYTES];
    for (path, stat) in template.walk() {
        hasher.update(&(path.len() as u64).to_le_bytes());
        hasher.update(&path);
        hasher.update(format!("{:?} {:o} {} {}\n", stat.kind, stat.mode, stat.size, stat.ino.0).as_bytes());
        if let Ok(target) = template.read_link(stat.ino) {
            hasher.update(&target);
        }
        if let Some(name) = template.program(stat.ino).and_then(|tag| (names.name)(tag)) {
            hasher.update(name.as_bytes());
        }
        let mut at = 0;
        while stat.kind == Kind::File
            && let Ok(n @ 1..) = template.read_at(stat.ino, at, &mut piece)
        {
            hasher.update(piece.get(..n).unwrap_or_default());
            at += n as u64;
        }
    }
    hasher.finalize().to_hex().chars().take(DIGEST_DIGITS).collect()
}

/// 128 bits.
const DIGEST_DIGITS: usize = 32;
