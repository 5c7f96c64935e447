//! How texts travel: as bytes in one piece, where serde's own `Vec<u8>` goes one element at a time.
//!
//! The functions are for `#[serde(with = ...)]`; [`list`] is for several texts. The bytes are the same either way.

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

/// A text to be written.
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

/// A text that was read.
pub(crate) struct Buffer(pub(crate) Vec<u8>);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de> Deserialize<'de> for Buffer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Buffer, D::Error> {
        deserializer.deserialize_byte_buf(BufferVisitor).map(Buffer)
    }
}

pub(crate) fn serialize<S: Serializer>(text: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(text)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    deserializer.deserialize_byte_buf(BufferVisitor)
}

/// Several texts.
pub(crate) mod list {
    use super::{Buffer, Bytes, Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(list: &[Vec<u8>], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(list.iter().map(|text| Bytes(text)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<u8>>, D::Error> {
        let list: Vec<Buffer> = Deserialize::deserialize(deserializer)?;
        Ok(list.into_iter().map(|text| text.0).collect())
    }
}

/// Texts by number.
pub(crate) mod numbered {
    use std::collections::BTreeMap;

    use super::{Buffer, Bytes, Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(map: &BTreeMap<u64, Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(map.iter().map(|(number, text)| (number, Bytes(text))))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<u64, Vec<u8>>, D::Error> {
        let map: BTreeMap<u64, Buffer> = Deserialize::deserialize(deserializer)?;
        Ok(map.into_iter().map(|(number, text)| (number, text.0)).collect())
    }
}

struct BufferVisitor;

impl Visitor<'_> for BufferVisitor {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
        Ok(bytes)
    }
}
