//! Reading a snapshot's JSON entry by entry, without keeping any of it.
//!
//! The bounds: the body's length (read before) and the nesting of JSON ([`check_nesting`]). Strings borrow from the body
//! where they can. What an entry means is decided by whoever receives it.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::errors::ApiError;

/// An element of `files`.
#[derive(Deserialize)]
pub(crate) struct File<'a> {
    #[serde(borrow, default)]
    pub(crate) path: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) path_b64: Option<Text<'a>>,
    #[serde(default)]
    pub(crate) mode: u32,
    #[serde(default)]
    pub(crate) is_dir: bool,
    #[serde(borrow, default)]
    pub(crate) content: Option<Text<'a>>,
}

/// An element of `symlinks`.
#[derive(Deserialize)]
pub(crate) struct Symlink<'a> {
    #[serde(borrow, default)]
    pub(crate) path: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) path_b64: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) target: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(crate) target_b64: Option<Text<'a>>,
}

/// A string that borrows also inside an `Option`.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// What stands beside the lists.
#[derive(Default)]
pub(crate) struct Head {
    /// 0 when it is absent.
    pub(crate) version: i64,
    /// Empty when it is absent.
    pub(crate) cwd: String,
}

/// Takes the elements as they are read.
pub(crate) trait Receiver {
    /// Takes an element of `files`.
    fn file(&mut self, file: &File<'_>) -> Result<(), ApiError>;
    /// Takes an element of `symlinks`.
    fn symlink(&mut self, symlink: &Symlink<'_>) -> Result<(), ApiError>;
}

/// Refuses a body whose JSON nests without end; to be called once before the first [`read`] of it.
///
/// # Errors
/// `SnapshotParse`.
pub(crate) fn check_nesting(body: &[u8]) -> Result<(), ApiError> {
    if nests_deeper(body, NESTING_MAX) {
        return Err(ApiError::SnapshotParse(format!("nested deeper than {NESTING_MAX}")));
    }
    Ok(())
}

/// Reads a whole snapshot, handing its elements to `receiver` in the order in which they stand.
///
/// # Errors
/// `SnapshotParse`, or the receiver's first error, which ends the reading.
pub(crate) fn read(body: &[u8], receiver: &mut dyn Receiver) -> Result<Head, ApiError> {
    let mut refused = None;
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let seed = Outer { receiver, refused: &mut refused };
    let head = seed.deserialize(&mut deserializer).and_then(|head| deserializer.end().map(|()| head));
    head.map_err(|error| refused.unwrap_or_else(|| ApiError::SnapshotParse(error.to_string())))
}

/// `serde_json`'s own limit, which it does not apply to values that are skipped: it keeps a byte for each of their levels.
const NESTING_MAX: usize = 128;

/// Says whether brackets outside of strings nest deeper than `max`.
fn nests_deeper(body: &[u8], max: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > max {
            return true;
        }
    }
    false
}

/// The outer object; unknown fields are skipped.
struct Outer<'r> {
    receiver: &'r mut dyn Receiver,
    refused: &'r mut Option<ApiError>,
}

impl<'de> DeserializeSeed<'de> for Outer<'_> {
    type Value = Head;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Head, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Outer<'_> {
    type Value = Head;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a snapshot object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Head, A::Error> {
        let mut head = Head::default();
        let mut seen = (false, false);
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match key.as_ref() {
                "version" => head.version = map.next_value()?,
                "cwd" => head.cwd = map.next_value()?,
                "files" if std::mem::replace(&mut seen.0, true) => return Err(de::Error::duplicate_field("files")),
                "symlinks" if std::mem::replace(&mut seen.1, true) => {
                    return Err(de::Error::duplicate_field("symlinks"));
                }
                "files" => {
                    let each = |file: File<'de>| self.receiver.file(&file);
                    map.next_value_seed(Elements::new(self.refused, each))?;
                }
                "symlinks" => {
                    let each = |symlink: Symlink<'de>| self.receiver.symlink(&symlink);
                    map.next_value_seed(Elements::new(self.refused, each))?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(head)
    }
}

/// An array (or null) whose elements are handed over one by one.
struct Elements<'r, T, F> {
    each: F,
    refused: &'r mut Option<ApiError>,
    element: PhantomData<T>,
}

impl<'r, T, F: FnMut(T) -> Result<(), ApiError>> Elements<'r, T, F> {
    fn new(refused: &'r mut Option<ApiError>, each: F) -> Self {
        Self { each, refused, element: PhantomData }
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T) -> Result<(), ApiError>> DeserializeSeed<'de> for Elements<'_, T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T) -> Result<(), ApiError>> Visitor<'de> for Elements<'_, T, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array or null")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(element) = seq.next_element()? {
            if let Err(error) = (self.each)(element) {
                *self.refused = Some(error);
                return Err(de::Error::custom("an element was refused"));
            }
        }
        Ok(())
    }
}
