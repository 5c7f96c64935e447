//! An image: a map of nodes and state sections, by the names of their objects.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use base::TenantId;
use bytes::Bytes;

use crate::codec::{Reader, put_varint};
use crate::error::StoreError;
use crate::map::MapRoot;
use crate::object::ObjectId;
use crate::pins::Pin;

/// State sections of an image at most.
pub(crate) const SECTIONS_MAX: usize = 64;
/// Pieces of all sections together at most: the manifest of an image stays below 64 KiB.
pub(crate) const SECTION_PIECES_MAX: usize = 1024;
/// Bytes of a piece at most: what a shell saves in one piece.
pub(crate) const SECTION_PIECE_MAX: usize = 1024 * 1024;

/// The first byte of a manifest: the version of its form.
const MANIFEST_VERSION: u8 = 1;

/// A stored tree of nodes with its state sections. Immutable, and cheap to clone; while a clone lives, what it consists
/// of stays in the store even if no session and no reference names it.
#[derive(Clone)]
pub struct Image(Arc<Inner>);

struct Inner {
    root: Arc<ImageRoot>,
    pin: Option<Pin>,
}

impl Image {
    /// Returns the image without nodes and sections. It belongs to every store and tenant.
    #[must_use]
    pub fn empty() -> Self {
        static EMPTY: LazyLock<Image> =
            LazyLock::new(|| Image(Arc::new(Inner { root: Arc::new(ImageRoot::default()), pin: None })));
        EMPTY.clone()
    }

    /// Tells whether two images hold the same; O(1) for images of one tenant.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        self.0.root == other.0.root
    }

    /// Returns the number of nodes.
    #[must_use]
    pub fn n_nodes(&self) -> u64 {
        self.0.root.nodes.map_or(0, |root| root.top.count)
    }

    /// Makes an image of a pinned root.
    pub(crate) fn pinned(pin: Pin) -> Self {
        Self(Arc::new(Inner { root: pin.root(), pin: Some(pin) }))
    }

    /// Returns what it consists of.
    pub(crate) fn root(&self) -> &ImageRoot {
        &self.0.root
    }

    /// Checks that this image is one of `tenant` in the store of `pins`.
    pub(crate) fn belongs_to(&self, tenant: &TenantId, pins: &Arc<crate::pins::Pins>) -> Result<(), StoreError> {
        match &self.0.pin {
            Some(pin) if !pin.is_of(tenant, pins) => {
                Err(StoreError::Invalid { what: "the image belongs to another tenant or another store" })
            }
            _ => Ok(()),
        }
    }

    /// Returns whose image it is; the empty one is nobody's.
    pub(crate) fn tenant(&self) -> Option<&TenantId> {
        self.0.pin.as_ref().map(Pin::tenant)
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({} nodes, {} sections)", self.n_nodes(), self.0.root.sections.len())
    }
}

/// What an image consists of; its bytes are the manifest that a row keeps.
///
/// | part | bytes |
/// |---|---|
/// | version | 1 |
/// | nodes | 0, or 1 and the root of their map |
/// | sections | count; for each: number, count of pieces; for each: length, object id |
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ImageRoot {
    pub(crate) nodes: Option<MapRoot>,
    pub(crate) sections: BTreeMap<u32, Vec<Piece>>,
}

/// A piece of a state section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) length: u64,
    pub(crate) id: ObjectId,
}

impl ImageRoot {
    /// Returns the manifest.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = vec![MANIFEST_VERSION];
        match &self.nodes {
            None => out.push(0),
            Some(root) => {
                out.push(1);
                root.encode(&mut out);
            }
        }
        put_varint(&mut out, self.sections.len() as u64);
        for (number, pieces) in &self.sections {
            put_varint(&mut out, u64::from(*number));
            put_varint(&mut out, pieces.len() as u64);
            for piece in pieces {
                put_varint(&mut out, piece.length);
                out.extend_from_slice(&piece.id.0);
            }
        }
        out
    }

    /// Reads a manifest.
    pub(crate) fn decode(bytes: Bytes) -> Result<Self, StoreError> {
        let mut reader = Reader::new(bytes, "the manifest of an image");
        if reader.byte()? != MANIFEST_VERSION {
            return Err(reader.corrupt());
        }
        let nodes = match reader.byte()? {
            0 => None,
            1 => Some(MapRoot::decode(&mut reader)?),
            _ => return Err(reader.corrupt()),
        };
        let mut sections = BTreeMap::new();
        for _ in 0..reader.count(SECTIONS_MAX)? {
            let number = u32::try_from(reader.varint()?).map_err(|_| reader.corrupt())?;
            let n_pieces = reader.count(SECTION_PIECES_MAX)?;
            let pieces: Result<_, StoreError> =
                (0..n_pieces).map(|_| Ok(Piece { length: reader.varint()?, id: reader.id()? })).collect();
            sections.insert(number, pieces?);
        }
        reader.end()?;
        Ok(Self { nodes, sections })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::Child;

    /// Stored bytes: a change of this text is a change of the schema.
    #[test]
    fn a_manifest_has_the_form_that_it_had() {
        let top = Child { id: ObjectId([0xaa; 32]), count: 300, leaf: false };
        let piece = Piece { length: 5, id: ObjectId([0xbb; 32]) };
        let root = ImageRoot { nodes: Some(MapRoot { top, height: 2 }), sections: BTreeMap::from([(9, vec![piece])]) };
        let mut expected = vec![1, 1, 2, 0, 0xac, 0x02];
        expected.extend([0xaa; 32]);
        expected.extend([1, 9, 1, 5]);
        expected.extend([0xbb; 32]);
        assert_eq!(root.encode(), expected);
        assert_eq!(ImageRoot::decode(expected.into()), Ok(root));
        assert_eq!(ImageRoot::decode(ImageRoot::default().encode().into()), Ok(ImageRoot::default()));
        assert!(ImageRoot::decode(Bytes::from_static(&[2, 0, 0])).is_err());
    }
}
