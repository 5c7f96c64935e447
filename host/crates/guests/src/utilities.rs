//! The names by which the multi-call program `coreutils` is linked into `/bin`.
//!
//! The same names stand in `guest-programs/coreutils/src/utilities.rs`; an end-to-end test compares them through
//! `coreutils --list`.

/// Every utility, ordered by name.
pub(crate) const UTILITIES: &[&str] = &[
    "[", "arch", "b2sum", "base32", "base64", "basename", "basenc", "cat", "cksum", "comm", "cp", "csplit", "cut",
    "date", "dir", "dircolors", "dirname", "echo", "expand", "expr", "factor", "false", "fmt", "fold", "head",
    "join", "link", "ln", "ls", "md5sum", "mkdir", "mktemp", "mv", "nl", "nproc", "numfmt", "od", "paste",
    "pathchk", "pr", "printenv", "printf", "ptx", "pwd", "readlink", "realpath", "rm", "rmdir", "seq", "sha1sum",
    "sha224sum", "sha256sum", "sha384sum", "sha512sum", "shred", "shuf", "sleep", "sort", "split", "sum", "tail",
    "tee", "test", "touch", "tr", "true", "truncate", "tsort", "tty", "uname", "unexpand", "uniq", "unlink",
    "vdir", "wc", "yes",
];
