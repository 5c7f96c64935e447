//! Objects: immutable bytes named by a keyed hash, and where they are read from and written to.
//!
//! The key is the tenant's, so that equal content of two tenants has two names and neither can learn what the other
//! stores. The kind is hashed too: what was written as a chunk never reads as a page.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};

use bytes::Bytes;

use crate::error::StoreError;

/// What an object is. The numbers are stored: they never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An item's content.
    Chunk = 1,
    /// A piece of a state section.
    Section = 2,
    /// A node's description that is too long for its record.
    Meta = 3,
    /// An inner page of the map of nodes.
    NodeInner = 4,
    /// A leaf page of the map of nodes.
    NodeLeaf = 5,
    /// An inner page of a map of items.
    ItemInner = 6,
    /// A leaf page of a map of items.
    ItemLeaf = 7,
}

impl Kind {
    /// Returns the kind of a stored number.
    pub(crate) fn from_number(number: i64) -> Option<Self> {
        [Self::Chunk, Self::Section, Self::Meta, Self::NodeInner, Self::NodeLeaf, Self::ItemInner, Self::ItemLeaf]
            .into_iter()
            .find(|kind| *kind as i64 == number)
    }

    /// Returns what a message calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Chunk => "a chunk",
            Self::Section => "a state section",
            Self::Meta => "a node's description",
            Self::NodeInner => "an inner page of nodes",
            Self::NodeLeaf => "a leaf page of nodes",
            Self::ItemInner => "an inner page of items",
            Self::ItemLeaf => "a leaf page of items",
        }
    }
}

/// The name of an object: BLAKE3 over kind and content, keyed with the tenant's key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ObjectId(pub(crate) [u8; 32]);

impl ObjectId {
    /// Returns the id of 32 bytes.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", blake3::Hash::from_bytes(self.0).to_hex().get(..12).unwrap_or_default())
    }
}

impl std::hash::Hash for ObjectId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (head, _) = self.0.split_first_chunk::<8>().expect("an id has 32 bytes");
        state.write_u64(u64::from_le_bytes(*head));
    }
}

/// Uses an id's own first bits: it is a keyed hash already, which no guest can steer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// A map by object id.
pub(crate) type IdMap<V> = HashMap<ObjectId, V, BuildHasherDefault<IdHasher>>;

/// The secret that names a tenant's objects.
#[derive(Clone, Copy)]
pub(crate) struct TenantSecret(pub(crate) [u8; 32]);

impl fmt::Debug for TenantSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TenantSecret")
    }
}

impl TenantSecret {
    /// Makes a random one.
    pub(crate) fn random() -> Result<Self, StoreError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| StoreError::io(format!("no random bytes: {error}")))?;
        Ok(Self(key))
    }

    /// Names an object.
    pub(crate) fn id(&self, kind: Kind, content: &[u8]) -> ObjectId {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(&[kind as u8]);
        hasher.update(content);
        ObjectId(*hasher.finalize().as_bytes())
    }
}

/// Where objects are read. An object that is returned is what was written: its hash was checked.
pub(crate) trait ObjectSource {
    /// Returns an object's content.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it is missing or is not what its name says.
    fn object(&self, kind: Kind, id: &ObjectId) -> Result<Bytes, StoreError>;
}

/// An object that an edit made, before it is stored.
#[derive(Clone, Debug)]
pub(crate) struct FreshObject {
    pub(crate) kind: Kind,
    pub(crate) content: Bytes,
}

/// The objects that one edit makes, readable at once by the same edit.
pub(crate) struct Workbench<'a> {
    source: &'a dyn ObjectSource,
    secret: TenantSecret,
    fresh: IdMap<FreshObject>,
    order: Vec<ObjectId>,
}

impl<'a> Workbench<'a> {
    /// Starts with nothing made, over what `source` has.
    pub(crate) fn new(source: &'a dyn ObjectSource, secret: TenantSecret) -> Self {
        Self { source, secret, fresh: IdMap::default(), order: Vec::new() }
    }

    /// Makes an object and returns its name.
    pub(crate) fn put(&mut self, kind: Kind, content: Bytes) -> ObjectId {
        let id = self.secret.id(kind, &content);
        if self.fresh.insert(id, FreshObject { kind, content }).is_none() {
            self.order.push(id);
        }
        id
    }

    /// Returns an object made here or stored before.
    pub(crate) fn get(&self, kind: Kind, id: &ObjectId) -> Result<Bytes, StoreError> {
        match self.fresh.get(id) {
            Some(fresh) => Ok(fresh.content.clone()),
            None => self.source.object(kind, id),
        }
    }

    /// Ends: the objects in the order in which they were made.
    pub(crate) fn finish(mut self) -> Vec<(ObjectId, FreshObject)> {
        let order = std::mem::take(&mut self.order);
        order.into_iter().filter_map(|id| self.fresh.remove(&id).map(|object| (id, object))).collect()
    }
}
