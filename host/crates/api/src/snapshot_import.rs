//! A snapshot on its way in: inspected whole, then written into an image.
//!
//! The body is read more than once, so that what must be refused is refused before anything is written and in constant
//! memory: however the body is made, decoding takes little beside the body itself and the files it truly holds. Links are
//! written last, so that no file of the snapshot goes through one of its links.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use session::{Image, ImageBuilder, ImportContent, ImportEntry, Inspection};

use crate::errors::ApiError;
use crate::snapshot::{Type, type_of, unix_mode};
use crate::snapshot_read::{File, Receiver, Symlink, Text, check_nesting, read};

/// Characters of base64 decoded at a time; a multiple of four. A chunk of the tree's content.
const PIECE_CHARS: usize = (64 << 10) / 3 * 4;

/// Decodes a snapshot into an image.
///
/// # Errors
/// What is wrong with the snapshot, or the limit it exceeds.
pub(crate) fn decode(body: &[u8], inspection: Inspection, builder: ImageBuilder) -> Result<Image, ApiError> {
    check_nesting(body)?;
    let mut inspect = Inspect { inspection, has_links: false };
    let head = read(body, &mut inspect)?;
    if head.version != 1 {
        return Err(ApiError::SnapshotVersion(head.version));
    }
    let mut write = Write { builder, links: false };
    read(body, &mut write)?;
    if inspect.has_links {
        write.links = true;
        read(body, &mut write)?;
    }
    Ok(write.builder.finish(head.cwd.as_bytes()))
}

/// The first reading.
struct Inspect {
    inspection: Inspection,
    has_links: bool,
}

impl Receiver for Inspect {
    fn file(&mut self, file: &File<'_>) -> Result<(), ApiError> {
        let path = file_path(file)?;
        let target = link_target(file)?;
        let entry = file_entry(file, &path, target.as_deref())?;
        let len = if entry.content == ImportContent::File { content_len(file)? } else { 0 };
        self.has_links |= target.is_some();
        Ok(self.inspection.entry(&entry, len)?)
    }

    fn symlink(&mut self, symlink: &Symlink<'_>) -> Result<(), ApiError> {
        self.has_links = true;
        with_symlink(symlink, |entry| Ok(self.inspection.entry(entry, 0)?))
    }
}

/// The second reading, and the third for links.
struct Write {
    builder: ImageBuilder,
    links: bool,
}

impl Receiver for Write {
    fn file(&mut self, file: &File<'_>) -> Result<(), ApiError> {
        let target = link_target(file)?;
        if target.is_some() != self.links {
            return Ok(());
        }
        let path = file_path(file)?;
        let entry = file_entry(file, &path, target.as_deref())?;
        let ino = self.builder.add(&entry)?;
        if let (ImportContent::File, Some(Text(content))) = (entry.content, &file.content) {
            for piece in content.as_bytes().chunks(PIECE_CHARS) {
                self.builder.append(ino, &path, &unbase64(piece)?)?;
            }
        }
        Ok(())
    }

    fn symlink(&mut self, symlink: &Symlink<'_>) -> Result<(), ApiError> {
        if !self.links {
            return Ok(());
        }
        with_symlink(symlink, |entry| Ok(self.builder.add(entry).map(drop)?))
    }
}

fn file_path<'a>(file: &'a File<'_>) -> Result<Cow<'a, [u8]>, ApiError> {
    bytes_of(&file.path, file.path_b64.as_ref())
}

/// Returns the target of an element of `files` whose mode says that it is a link.
fn link_target(file: &File<'_>) -> Result<Option<Vec<u8>>, ApiError> {
    if file.is_dir || type_of(file.mode) != Type::Symlink {
        return Ok(None);
    }
    file.content.as_ref().map_or(Ok(Some(Vec::new())), |Text(content)| unbase64(content.as_bytes()).map(Some))
}

fn file_entry<'a>(file: &File<'_>, path: &'a [u8], target: Option<&'a [u8]>) -> Result<ImportEntry<'a>, ApiError> {
    let content = match (target, file.is_dir, type_of(file.mode)) {
        (Some(target), ..) => ImportContent::Symlink(target),
        (None, true, _) => ImportContent::Dir,
        // The older server goes by `is_dir` alone.
        (None, false, Type::File | Type::Dir) => ImportContent::File,
        _ => return Err(ApiError::SnapshotKind(file.path.chars().take(SHOWN_CHARS).collect())),
    };
    Ok(ImportEntry { path, mode: unix_mode(file.mode), content })
}

/// A path in an error's text is cut after so many characters.
const SHOWN_CHARS: usize = 200;

fn with_symlink(
    symlink: &Symlink<'_>,
    take: impl FnOnce(&ImportEntry<'_>) -> Result<(), ApiError>,
) -> Result<(), ApiError> {
    let path = bytes_of(&symlink.path, symlink.path_b64.as_ref())?;
    let target = bytes_of(&symlink.target, symlink.target_b64.as_ref())?;
    take(&ImportEntry { path: &path, mode: 0o777, content: ImportContent::Symlink(&target) })
}

/// Returns the length of a file's content, which is decoded only when it is written.
fn content_len(file: &File<'_>) -> Result<u64, ApiError> {
    let Some(Text(content)) = &file.content else { return Ok(0) };
    if !content.len().is_multiple_of(4) {
        return Err(bad_base64(&"its length is not a multiple of 4"));
    }
    let padding = content.bytes().rev().take(2).take_while(|byte| *byte == b'=').count();
    if content.bytes().take(content.len() - padding).any(|byte| byte == b'=') {
        return Err(bad_base64(&"padding before the end"));
    }
    Ok((content.len() / 4 * 3).saturating_sub(padding) as u64)
}

fn bytes_of<'a>(text: &'a str, b64: Option<&Text<'_>>) -> Result<Cow<'a, [u8]>, ApiError> {
    match b64 {
        Some(Text(b64)) => unbase64(b64.as_bytes()).map(Cow::Owned),
        None => Ok(Cow::Borrowed(text.as_bytes())),
    }
}

fn unbase64(text: &[u8]) -> Result<Vec<u8>, ApiError> {
    STANDARD.decode(text).map_err(|error| bad_base64(&error))
}

fn bad_base64(why: &dyn std::fmt::Display) -> ApiError {
    ApiError::SnapshotParse(format!("illegal base64 data: {why}"))
}
