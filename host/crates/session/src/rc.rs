//! The two files of a session that its shell reads before a run: `/.memshrc` once, `/.memsh_session_aliases` when it
//! has been changed, and the latter's writing after a run that changed an alias.
//!
//! Owns when they are read and written. The host opens them only as regular files that are no symbolic links and not
//! too long; what is none is said on the run's standard error and otherwise left alone. What is in them is the shell's.

use base::{Errno, Timestamp};
use bytes::Bytes;
use engine::{Before, ShellState};
use vfs::{Edition, Follow, Ino, Kind, Tree};

use crate::sandbox::View;

/// Where the aliases of a session are kept as text, for those who write or read them from outside.
pub const ALIASES_FILE: &str = "/.memsh_session_aliases";
/// What a session's shell reads before its first run.
pub const RC_FILE: &str = "/.memshrc";

/// The longest of either file, in bytes: a thousand aliases of a thousand characters.
const FILE_MAX_BYTES: u64 = 1 << 20;
const ALIASES_MODE: u32 = 0o644;
/// The section of the shell's state that holds what `alias` prints.
const ALIAS_TEXT: u32 = 12;

/// What is known of a session's aliases file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Aliases {
    /// The file's content that the shell knows: as it was read or written last. `None`: it knows of none.
    known: Option<Edition>,
    /// What `alias` printed when the file was written or compared last.
    text: Bytes,
}

/// What stands at a path.
enum Found {
    Nothing,
    File(Edition),
    Unusable(&'static str),
}

impl Aliases {
    /// Returns what is known of the file of a session that comes back with this state and these files; `is_known` tells
    /// whether its shell knew the file as it is.
    pub(crate) fn resumed(state: &ShellState, tree: &Tree, is_known: bool) -> Self {
        let known = match look_up(tree, ALIASES_FILE, FILE_MAX_BYTES) {
            Found::File(edition) if is_known => Some(edition),
            _ => None,
        };
        Self { known, text: alias_text(state) }
    }

    /// Tells whether the shell knows the file as it is in these files.
    pub(crate) fn is_known(&self, tree: &Tree) -> bool {
        match look_up(tree, ALIASES_FILE, FILE_MAX_BYTES) {
            Found::File(edition) => self.known == Some(edition),
            Found::Nothing | Found::Unusable(_) => false,
        }
    }

    /// Says what a run has to begin with so that the shell knows the file, and notes that it does.
    ///
    /// Without a saved state the file is read whatever it is; with one, when it is not the one we know.
    pub(crate) fn read_before(&mut self, view: &dyn View, before: &mut Before) {
        match found(view, ALIASES_FILE) {
            Found::Nothing => {}
            Found::File(edition) if self.known == Some(edition) => {}
            Found::File(edition) => {
                self.known = Some(edition);
                before.scripts.push(source(ALIASES_FILE));
            }
            Found::Unusable(why) => before.messages.push(complaint(ALIASES_FILE, why)),
        }
    }

    /// Writes the file when the run changed an alias; answers what to say when it could not be written.
    pub(crate) fn write_after(&mut self, state: &ShellState, view: &dyn View) -> Option<Vec<u8>> {
        let text = alias_text(state);
        if text == self.text {
            return None;
        }
        if let Found::Unusable(why) = found(view, ALIASES_FILE) {
            return Some(complaint(ALIASES_FILE, why));
        }
        // Whether it can be written or not: these aliases have been dealt with.
        self.text = text;
        match view.put_file(ALIASES_FILE.as_bytes(), &self.text, ALIASES_MODE) {
            Ok(()) => {
                if let Found::File(edition) = found(view, ALIASES_FILE) {
                    self.known = Some(edition);
                }
                None
            }
            Err(errno) => Some(complaint(ALIASES_FILE, errno.message())),
        }
    }
}

/// Says what the first run of a session has to begin with.
pub(crate) fn read_rc_before(view: &dyn View, before: &mut Before) {
    match found(view, RC_FILE) {
        Found::Nothing => {}
        Found::File(_) => before.scripts.push(source(RC_FILE)),
        Found::Unusable(why) => before.messages.push(complaint(RC_FILE, why)),
    }
}

/// Reads one of the files that the host itself understands.
///
/// `None` when there is none. Why it cannot be used is for the session's log.
pub(crate) fn read_text(tree: &Tree, path: &str, max: u64) -> Result<Option<(Edition, Vec<u8>)>, &'static str> {
    match look_up(tree, path, max) {
        Found::Nothing => Ok(None),
        Found::Unusable(why) => Err(why),
        Found::File(edition) => {
            let content = tree
                .lookup(Ino::ROOT, path.as_bytes(), Follow::No)
                .and_then(|ino| tree.frozen_content(ino))
                .map_err(|_gone| "cannot be read")?;
            let mut text = vec![0; usize::try_from(content.size()).unwrap_or(0)];
            let read = content.read(0, &mut text);
            text.truncate(read);
            Ok(Some((edition, text)))
        }
    }
}

fn found(view: &dyn View, path: &str) -> Found {
    let mut answer = Found::Nothing;
    view.look(&mut |tree| answer = look_up(tree, path, FILE_MAX_BYTES));
    answer
}

fn look_up(tree: &Tree, path: &str, max: u64) -> Found {
    let Ok(ino) = tree.lookup(Ino::ROOT, path.as_bytes(), Follow::No) else { return Found::Nothing };
    match tree.stat(ino) {
        Err(_) => Found::Nothing,
        Ok(stat) if stat.kind != Kind::File => Found::Unusable("not a regular file"),
        Ok(stat) if stat.size > max => Found::Unusable("file too large"),
        Ok(_) => tree.frozen_content(ino).map_or(Found::Nothing, |content| Found::File(content.edition())),
    }
}

/// What makes the shell read a file itself, whatever `.` may be an alias for.
fn source(path: &str) -> Bytes {
    format!("\\. {path}").into()
}

fn complaint(path: &str, why: &str) -> Vec<u8> {
    format!("bash: {path}: {why}\n").into_bytes()
}

fn alias_text(state: &ShellState) -> Bytes {
    let mut pieces = state.sections().filter(|(id, _)| *id == ALIAS_TEXT).map(|(_, data)| data);
    let Some(first) = pieces.next() else { return Bytes::new() };
    let rest: Vec<&Bytes> = pieces.collect();
    if rest.is_empty() {
        return first.clone();
    }
    let mut whole = first.to_vec();
    rest.iter().for_each(|piece| whole.extend_from_slice(piece));
    whole.into()
}

/// Puts a file in the place of what is at `path`, charged to the session's quota; nothing changes on an error.
pub(crate) fn put(tree: &mut Tree, path: &[u8], content: &[u8], mode: u32, now: Timestamp) -> Result<(), Errno> {
    let stat = tree.lookup(Ino::ROOT, path, Follow::No).and_then(|ino| tree.stat(ino));
    if stat.is_ok_and(|stat| stat.kind != Kind::File) {
        return Err(Errno::EEXIST);
    }
    tree.put_file(Ino::ROOT, path, content, mode, now).map(drop)
}
