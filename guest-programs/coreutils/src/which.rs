//! `which`: where the commands are that a name would run.

use std::ffi::{OsStr, OsString};

use sandshell_sys::{Access, Kind, access, stat};

use crate::basis::bytes::{OsStrExt, join};
use crate::basis::options::Grammar;
use crate::basis::output::Output;

const GRAMMAR: Grammar = Grammar {
    program: "which",
    short: "as",
    long: &[("all", "a")],
    failure: 2,
    help: "Usage: which [-as] NAME...\nPrint the paths of the programs that NAMEs run.\n\n  \
-a   all of the PATH's, not the first alone   -s   nothing; only the exit status\n",
};

/// Runs `which`. Answers 1 when a name runs nothing.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    let (given, operands) = match GRAMMAR.parse(argv) {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let on = |letter: &str| given.iter().any(|option| option.id == letter);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut out = Output::new(GRAMMAR.program);
    let mut missing = operands.is_empty();
    for operand in &operands {
        let candidates: Vec<OsString> = if operand.as_bytes().contains(&b'/') {
            vec![operand.clone()]
        } else {
            path.as_bytes().split(|&byte| byte == b':').map(|folder| candidate(folder, operand)).collect()
        };
        let mut found = candidates.iter().filter(|candidate| is_program(candidate.as_bytes())).peekable();
        missing |= found.peek().is_none();
        for candidate in found.take(if on("a") { usize::MAX } else { 1 }) {
            if !on("s") {
                out.put(&[candidate.as_bytes(), b"\n"].concat());
            }
        }
    }
    i32::from(!out.finish() || missing)
}

/// An empty entry of the PATH is the working directory.
fn candidate(folder: &[u8], name: &OsStr) -> OsString {
    let folder = if folder.is_empty() { b"." } else { folder };
    join(OsStr::from_bytes(folder), name).into_os_string()
}

fn is_program(path: &[u8]) -> bool {
    stat(path).is_ok_and(|status| status.mode.kind() == Kind::Regular) && access(path, Access::EXECUTE).is_ok()
}
