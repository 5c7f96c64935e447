//! A snapshot on its way in: decoded within bounds and checked entry by entry into an image.
//!
//! The bounds: the body's length (read before), the number of entries, the nesting of JSON (`serde_json`'s 128), and the
//! session's quotas, which the image's builder charges. Strings borrow from the body where they can.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de::IgnoredAny};
use session::{Image, ImageBuilder, ImportContent, ImportEntry};

use crate::errors::ApiError;
use crate::snapshot::unix_mode;

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow, default)]
    path: Cow<'a, str>,
    #[serde(default)]
    path_b64: Option<String>,
    #[serde(default)]
    mode: u32,
    #[serde(default)]
    is_dir: bool,
    #[serde(borrow, default)]
    content: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Symlink<'a> {
    #[serde(borrow, default)]
    path: Cow<'a, str>,
    #[serde(default)]
    path_b64: Option<String>,
    #[serde(borrow, default)]
    target: Cow<'a, str>,
    #[serde(default)]
    target_b64: Option<String>,
}

/// A string that borrows also inside an `Option`.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Default)]
struct Snapshot<'a> {
    version: i64,
    cwd: Cow<'a, str>,
    files: Vec<File<'a>>,
    symlinks: Vec<Symlink<'a>>,
}

/// What stands in `serde`'s error for "too many entries", which has a status of its own.
const TOO_MANY: &str = "too many entries";

/// Decodes a snapshot of at most `max_entries` entries into an image.
pub(crate) fn decode(body: &[u8], mut builder: ImageBuilder, max_entries: usize) -> Result<Image, ApiError> {
    let snapshot = parse(body, max_entries)?;
    if snapshot.version != 1 {
        return Err(ApiError::SnapshotVersion(snapshot.version));
    }
    for file in snapshot.files {
        builder.add(&file.entry()?)?;
    }
    for symlink in snapshot.symlinks {
        builder.add(&symlink.entry()?)?;
    }
    Ok(builder.finish(snapshot.cwd.as_bytes()))
}

fn parse(body: &[u8], max_entries: usize) -> Result<Snapshot<'_>, ApiError> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let parsed = SnapshotSeed { max_entries }.deserialize(&mut deserializer).and_then(|snapshot| {
        deserializer.end()?;
        Ok(snapshot)
    });
    parsed.map_err(|error| {
        let text = error.to_string();
        if text.starts_with(TOO_MANY) {
            ApiError::TooManyEntries { max: max_entries }
        } else {
            ApiError::SnapshotParse(text)
        }
    })
}

impl File<'_> {
    fn entry(&self) -> Result<ImportEntry, ApiError> {
        let content = match (&self.content, self.is_dir) {
            (_, true) => ImportContent::Dir,
            (Some(Text(content)), false) => ImportContent::File(unbase64(content)?.into()),
            (None, false) => ImportContent::File(bytes::Bytes::new()),
        };
        let path = bytes_of(&self.path, self.path_b64.as_deref())?;
        Ok(ImportEntry { path, mode: unix_mode(self.mode), content })
    }
}

impl Symlink<'_> {
    fn entry(&self) -> Result<ImportEntry, ApiError> {
        let target = bytes_of(&self.target, self.target_b64.as_deref())?;
        let path = bytes_of(&self.path, self.path_b64.as_deref())?;
        Ok(ImportEntry { path, mode: 0o777, content: ImportContent::Symlink(target) })
    }
}

fn bytes_of(text: &str, b64: Option<&str>) -> Result<Vec<u8>, ApiError> {
    b64.map_or_else(|| Ok(text.as_bytes().to_vec()), unbase64)
}

fn unbase64(text: &str) -> Result<Vec<u8>, ApiError> {
    STANDARD.decode(text).map_err(|error| ApiError::SnapshotParse(format!("illegal base64 data: {error}")))
}

/// Reads the outer object; unknown fields are skipped.
struct SnapshotSeed {
    max_entries: usize,
}

impl<'de> DeserializeSeed<'de> for SnapshotSeed {
    type Value = Snapshot<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Snapshot<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for SnapshotSeed {
    type Value = Snapshot<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a snapshot object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Snapshot<'de>, A::Error> {
        let mut snapshot = Snapshot::default();
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match key.as_ref() {
                "version" => snapshot.version = map.next_value()?,
                "cwd" => snapshot.cwd = map.next_value::<Text<'de>>()?.0,
                "files" => snapshot.files = map.next_value_seed(Bounded::new(self.max_entries))?,
                "symlinks" => snapshot.symlinks = map.next_value_seed(Bounded::new(self.max_entries))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(snapshot)
    }
}

/// Reads an array (or null) of at most `max` elements, so that a small body cannot become a large list.
struct Bounded<T> {
    max: usize,
    element: std::marker::PhantomData<T>,
}

impl<T> Bounded<T> {
    fn new(max: usize) -> Self {
        Self { max, element: std::marker::PhantomData }
    }
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Bounded<T> {
    type Value = Vec<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for Bounded<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array or null")
    }

    fn visit_unit<E>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element()? {
            if elements.len() == self.max {
                return Err(de::Error::custom(TOO_MANY));
            }
            elements.push(element);
        }
        Ok(elements)
    }
}
