//! Commands that people know and a session has not, with what to use instead.
//!
//! The one place for this: there are no programs that only say no. A function or file of that name goes before it.

/// Names with what is said behind `command not found`.
const ABSENT: &[(&str, &str)] = &[
    ("chcon", "files have no security contexts here"),
    ("chroot", "a session has one root; use `cd` in a subshell"),
    ("curl", "there is no network yet"),
    ("git", "it is not here yet; use `diff` and `patch`"),
    ("go", "build elsewhere with GOOS=wasip1 GOARCH=wasm and run the .wasm file here"),
    ("goja", "it is not here yet; use `awk` or `jq`"),
    ("lua", "it is not here yet; use `awk`"),
    ("mkfifo", "there are no named pipes; use a pipeline, `<(...)` or `coproc`"),
    ("mknod", "there are no device files to make; /dev has them"),
    ("nc", "there is no network yet"),
    ("pinky", "nobody logs in here; use `id`"),
    ("runcon", "processes have no security contexts here"),
    ("sqlite3", "it is not here yet; use `awk` or `jq`"),
    ("ssh", "a session reaches no other host; use the server's HTTP interface"),
    ("stdbuf", "programs choose their own buffers"),
];

/// What to say of a command that is not there, if there is something to say.
pub(super) fn hint(name: &[u8]) -> Option<&'static str> {
    ABSENT.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, hint)| *hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_have_hints() {
        assert!(ABSENT.is_sorted());
        assert!(hint(b"go").is_some_and(|hint| hint.contains("wasm")));
        assert_eq!(hint(b"nosuch"), None);
    }
}
