//! The hidden command `sandshell __compile`: the process that compiles users' Wasm, started by the server from itself.
//!
//! It comes before everything else, also before the command line is parsed: the process gives its rights away first.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use engine::{CodeShelf, CompilerCommand};

use crate::{Failure, files};

/// No name for people: the protocol on its standard streams changes with the binary.
const COMMAND: &str = "__compile";

/// The running executable itself, also when its file has been replaced or removed meanwhile.
const SELF: &str = "/proc/self/exe";

/// Does the hidden command's work if that is what the process was started for.
pub(crate) fn dispatch() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().as_deref() != Some(COMMAND.as_ref()) || arguments.next().is_some() {
        return None;
    }
    let done = engine::compile_for_server(std::io::stdin().lock(), std::io::stdout().lock());
    Some(if done.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Returns how a server starts it; `None` when the running executable cannot be found.
pub(crate) fn command() -> Option<CompilerCommand> {
    let program = if Path::new(SELF).exists() { PathBuf::from(SELF) } else { std::env::current_exe().ok()? };
    Some(CompilerCommand { program, args: vec![OsString::from(COMMAND)] })
}

/// Opens the folder in which compiled code outlives the server.
pub(crate) fn shelf(path: &Path) -> Result<Arc<CodeShelf>, Failure> {
    let failed = |why: String| Failure::new(format!("code_dir: {}: {why}", path.display()));
    let folder = files::private_folder(path).map_err(|error| failed(error.to_string()))?;
    CodeShelf::open(folder).map(Arc::new).map_err(|error| failed(error.to_string()))
}
