//! The small shared values of a tree: `Text` (bytes) and `Cache` (a slot for what a later stage makes of a node). Owns their sharing and how they travel; knows nothing of syntax.

use std::any::Any;
use std::borrow::Borrow;
use std::cell::OnceCell;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// Immutable bytes, cheap to clone. Derefs to `[u8]`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Rc<[u8]>);

impl Text {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Default for Text {
    fn default() -> Text {
        Text(Rc::from(&[][..]))
    }
}

impl Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Borrow<[u8]> for Text {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Text {
        Text(Rc::from(bytes))
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Text {
        Text(Rc::from(bytes))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text(Rc::from(text.as_bytes()))
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
        deserializer.deserialize_bytes(BytesVisitor)
    }
}

struct BytesVisitor;

impl Visitor<'_> for BytesVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Text, E> {
        Ok(Text::from(bytes))
    }

    fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Text, E> {
        Ok(Text::from(bytes))
    }
}

/// The text after quote removal, and whether there were quotes: for here-document delimiters, in which nothing is expanded.
pub(crate) fn remove_quotes(source: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(source.len());
    let mut quote = None;
    let mut quoted = false;
    let mut bytes = source.iter().copied();
    while let Some(byte) = bytes.next() {
        match (byte, quote) {
            (b'\'' | b'"', None) => {
                quote = Some(byte);
                quoted = true;
            }
            (byte, Some(open)) if byte == open => quote = None,
            (b'\\', None | Some(b'"')) => {
                quoted = true;
                out.extend(bytes.next());
            }
            _ => out.push(byte),
        }
    }
    (out, quoted)
}

/// A slot in a node for what a later stage computes from it once (a parsed expression, a compiled pattern).
///
/// Shared by clones that are made after it was filled; never serialised, compared or printed.
#[derive(Clone, Default)]
pub struct Cache(OnceCell<Rc<dyn Any>>);

impl Cache {
    /// The cached value, if it was set and is a `T`.
    pub fn get<T: 'static>(&self) -> Option<Rc<T>> {
        self.0.get().and_then(|value| Rc::clone(value).downcast().ok())
    }

    /// The cached value by reference, without touching its count.
    pub fn peek<T: 'static>(&self) -> Option<&T> {
        self.0.get().and_then(|value| value.downcast_ref())
    }

    /// Fills the slot; the first value stays.
    pub fn set<T: 'static>(&self, value: Rc<T>) {
        // A second value loses on purpose: readers may hold references to the first.
        let _ = self.0.set(value);
    }
}

impl PartialEq for Cache {
    fn eq(&self, _: &Cache) -> bool {
        true
    }
}

impl Eq for Cache {}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("_")
    }
}
