//! Compiled code on disk, so that a server that starts again need not compile again what it had.
//!
//! Code that is loaded runs with all the server's rights, so nothing is taken from a file that does not carry the mark of
//! a secret key: a file that was cut, changed, renamed or planted is as good as none. The folder is the server's alone.
//!
//! | bytes of a file | what |
//! |---|---|
//! | 8 | magic `SANDCODE` |
//! | 4 | version, little-endian |
//! | 4 | zero |
//! | 8 | length of the code, little-endian |
//! | 32 | BLAKE3 of name, length and code, keyed |
//! | the rest | the code |

use std::io::{self, Read, Write};

use cap_std::fs::{Dir, MetadataExt, OpenOptions, OpenOptionsExt};

use super::cache::Key;
use super::helper::CODE_MAX_BYTES;

const MAGIC: &[u8; 8] = b"SANDCODE";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 56;
const KEY_FILE: &str = "key";
const KEY_BYTES: usize = 32;
/// All files together; the oldest go.
const SHELF_MAX_BYTES: u64 = 2 << 30;
/// Files of other people's that are looked at before the shelf takes the folder for none of its own.
const ENTRIES_MAX: usize = 10_000;
/// Rights of group and others.
const OTHERS: u32 = 0o077;

/// Why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShelfError {
    /// Others can write or read there.
    #[error("the folder or the key in it can be used by others: its mode must be 0700")]
    Exposed,
    /// The key file has not the length of a key.
    #[error("the key in it is damaged; remove the folder's content")]
    Key,
    /// The system says no.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A folder of compiled code.
pub struct CodeShelf {
    folder: Dir,
    key: [u8; KEY_BYTES],
}

impl std::fmt::Debug for CodeShelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeShelf").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl CodeShelf {
    /// Uses `folder`, and makes a key there if there is none.
    ///
    /// # Errors
    ///
    /// [`ShelfError`]; `folder` must belong to this server alone (mode 0700).
    pub fn open(folder: Dir) -> Result<Self, ShelfError> {
        if folder.dir_metadata()?.mode() & OTHERS != 0 {
            return Err(ShelfError::Exposed);
        }
        let key = match read_key(&folder) {
            Err(ShelfError::Io(error)) if error.kind() == io::ErrorKind::NotFound => make_key(&folder)?,
            key => key?,
        };
        Ok(Self { folder, key })
    }

    /// Reads the code stored under `name`; what is not whole and ours is not there.
    pub(super) fn read(&self, name: &Key) -> Option<Vec<u8>> {
        let mut file = self.folder.open(file_name(name)).ok()?;
        let mut header = [0; HEADER_BYTES];
        file.read_exact(&mut header).ok()?;
        let length = u64::from_le_bytes(header.get(16..24)?.try_into().ok()?);
        if length > CODE_MAX_BYTES {
            return None;
        }
        let mut code = Vec::new();
        file.take(length + 1).read_to_end(&mut code).ok()?;
        // Comparing hashes takes the same time wherever they differ.
        let is_ours = blake3::Hash::from_bytes(header.get(24..)?.try_into().ok()?) == self.mark(name, &code);
        let is_whole = code.len() as u64 == length && header.get(..24) == self.header(name, &code).get(..24);
        (is_whole && is_ours).then_some(code)
    }

    /// Stores code under `name`, in whole or not at all.
    pub(super) fn write(&self, name: &Key, code: &[u8]) -> io::Result<()> {
        let file_name = file_name(name);
        let temporary = format!("{file_name}.tmp");
        let mut options = OpenOptions::new();
        // Whoever writes the same name writes the same code: the later rename wins.
        let mut file =
            self.folder.open_with(&temporary, options.write(true).create(true).truncate(true).mode(0o600))?;
        let written = file.write_all(&self.header(name, code)).and_then(|()| file.write_all(code));
        drop(file);
        if let Err(error) = written.and_then(|()| self.folder.rename(&temporary, &self.folder, &file_name)) {
            let _ = self.folder.remove_file(&temporary);
            return Err(error);
        }
        self.make_room()
    }

    /// Removes the oldest files until the rest is small enough.
    fn make_room(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in self.folder.entries()?.take(ENTRIES_MAX) {
            let entry = entry?;
            let name = entry.file_name();
            if name.to_str().is_some_and(|name| name.contains(".code")) {
                let metadata = entry.metadata()?;
                files.push((metadata.mtime(), metadata.len(), name));
            }
        }
        files.sort();
        let mut sum: u64 = files.iter().map(|(_, len, _)| len).sum();
        for (_, len, name) in files {
            if sum <= SHELF_MAX_BYTES {
                break;
            }
            self.folder.remove_file(name)?;
            sum = sum.saturating_sub(len);
        }
        Ok(())
    }

    fn mark(&self, name: &Key, code: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(name).update(&(code.len() as u64).to_le_bytes()).update(code);
        hasher.finalize()
    }

    fn header(&self, name: &Key, code: &[u8]) -> [u8; HEADER_BYTES] {
        let mut header = [0; HEADER_BYTES];
        header[..8].copy_from_slice(MAGIC);
        header[8..12].copy_from_slice(&VERSION.to_le_bytes());
        header[16..24].copy_from_slice(&(code.len() as u64).to_le_bytes());
        header[24..].copy_from_slice(self.mark(name, code).as_bytes());
        header
    }
}

fn file_name(name: &Key) -> String {
    format!("{}.code", blake3::Hash::from_bytes(*name).to_hex())
}

fn read_key(folder: &Dir) -> Result<[u8; KEY_BYTES], ShelfError> {
    let mut file = folder.open(KEY_FILE)?;
    if file.metadata()?.mode() & OTHERS != 0 {
        return Err(ShelfError::Exposed);
    }
    let mut key = Vec::new();
    Read::by_ref(&mut file).take(KEY_BYTES as u64 + 1).read_to_end(&mut key)?;
    key.try_into().map_err(|_wrong_length| ShelfError::Key)
}

/// Makes a key; when another server has just made one, that is the one.
fn make_key(folder: &Dir) -> Result<[u8; KEY_BYTES], ShelfError> {
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(|error| io::Error::other(error.to_string()))?;
    let temporary = format!("{KEY_FILE}.{}", blake3::hash(&key).to_hex());
    let mut options = OpenOptions::new();
    let mut file = folder.open_with(&temporary, options.write(true).create_new(true).mode(0o600))?;
    let made = file.write_all(&key).and_then(|()| file.sync_all());
    let linked = made.and_then(|()| folder.hard_link(&temporary, folder, KEY_FILE));
    folder.remove_file(&temporary)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error.into()),
        _ => read_key(folder),
    }
}

#[cfg(test)]
mod tests {
    use cap_std::ambient_authority;
    use cap_std::fs::{Permissions, PermissionsExt};

    use super::*;

    const NAME: Key = [7; 32];

    fn folder() -> (tempfile::TempDir, Dir) {
        let temporary = tempfile::tempdir().expect("a folder");
        let dir = Dir::open_ambient_dir(temporary.path(), ambient_authority()).expect("the folder");
        dir.set_permissions(".", Permissions::from_mode(0o700)).expect("its owner may");
        (temporary, dir)
    }

    fn again(dir: &Dir) -> Result<CodeShelf, ShelfError> {
        CodeShelf::open(dir.try_clone().expect("a copy"))
    }

    #[test]
    fn code_is_found_again_by_the_next_server() {
        let (_keep, dir) = folder();
        let shelf = again(&dir).expect("a shelf");
        assert_eq!(shelf.read(&NAME), None);
        shelf.write(&NAME, b"code").expect("room");
        assert_eq!(again(&dir).expect("a shelf").read(&NAME).as_deref(), Some(&b"code"[..]));
        assert_eq!(again(&dir).expect("a shelf").read(&[8; 32]), None);
        let modes: Vec<u32> =
            dir.entries().expect("a list").map(|e| e.expect("e").metadata().expect("m").mode() & 0o777).collect();
        assert_eq!(modes, [0o600, 0o600]);
    }

    #[test]
    fn a_file_that_was_changed_cut_renamed_or_planted_is_not_taken() {
        let (_keep, dir) = folder();
        let shelf = again(&dir).expect("a shelf");
        shelf.write(&NAME, b"code").expect("room");
        let good = dir.read(file_name(&NAME)).expect("the file");
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            dir.write(file_name(&NAME), &bad).expect("a file");
            assert_eq!(shelf.read(&NAME), None, "byte {at}");
            dir.write(file_name(&NAME), &good[..at]).expect("a file");
            assert_eq!(shelf.read(&NAME), None, "{at} bytes");
        }
        dir.write(file_name(&NAME), [&good[..], b"x"].concat()).expect("a file");
        assert_eq!(shelf.read(&NAME), None);
        dir.write(file_name(&[9; 32]), &good).expect("a file");
        assert_eq!(shelf.read(&[9; 32]), None);
        dir.remove_file(KEY_FILE).expect("the key");
        dir.write(file_name(&NAME), &good).expect("a file");
        assert_eq!(again(&dir).expect("a shelf").read(&NAME), None, "another key");
        assert_eq!(shelf.read(&NAME).as_deref(), Some(&b"code"[..]));
    }

    #[test]
    fn a_folder_or_key_that_others_can_use_is_refused() {
        let (_keep, dir) = folder();
        drop(again(&dir).expect("a shelf"));
        dir.set_permissions(KEY_FILE, Permissions::from_mode(0o640)).expect("its owner may");
        assert!(matches!(again(&dir), Err(ShelfError::Exposed)));
        dir.set_permissions(KEY_FILE, Permissions::from_mode(0o600)).expect("its owner may");
        dir.write(KEY_FILE, b"short").expect("a file");
        assert!(matches!(again(&dir), Err(ShelfError::Key)));
        dir.set_permissions(".", Permissions::from_mode(0o750)).expect("its owner may");
        assert!(matches!(again(&dir), Err(ShelfError::Exposed)));
    }
}
