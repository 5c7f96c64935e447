//! `sandshell store`: a data directory that no server uses is examined, copied or compacted.

use std::path::Path;
use std::process::ExitCode;

use ::store::{GcBudget, SqliteStore, Store, StoreConfig, StoreError};

use crate::cli::StoreCommand;
use crate::{Failure, banner, files, serve};

/// The name of a store in its data directory.
const STORE_FILE: &str = "store.db";
/// Objects that a slice of the collection looks at.
const GC_SLICE: usize = 10_000;

/// Does what is asked.
pub(crate) fn run(command: &StoreCommand) -> Result<ExitCode, Failure> {
    match command {
        StoreCommand::Check { dir } => check(dir),
        StoreCommand::Backup { dir, to } => backup(dir, to),
        StoreCommand::Vacuum { dir } => vacuum(dir),
    }
}

/// Opens the store of a directory that has one.
fn open(path: &Path) -> Result<SqliteStore, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::new(format!("{}: {error}", path.display()));
    if !path.join(STORE_FILE).exists() {
        return Err(Failure::new(format!("{}: there is no store in this folder", path.display())));
    }
    let folder = files::private_folder(path).map_err(|error| failed(&error))?;
    SqliteStore::open(folder, StoreConfig::default()).map_err(|error| failed(&error))
}

fn wait_for<T>(answer: impl Future<Output = Result<T, StoreError>>) -> Result<T, Failure> {
    serve::runtime()?.block_on(answer).map_err(Failure::new)
}

fn check(dir: &Path) -> Result<ExitCode, Failure> {
    let store = open(dir)?;
    let report = wait_for(store.check())?;
    let mut text = String::new();
    for problem in &report.problems {
        text.push_str(problem);
        text.push('\n');
    }
    let found = if report.problems.is_empty() {
        "all is well".to_owned()
    } else {
        format!("{} problems", report.problems.len())
    };
    text.push_str(&format!(
        "{found}: {} sessions, {} checkpoints and templates, {} objects of {} bytes, {} of them garbage\n",
        report.sessions, report.references, report.objects, report.object_bytes, report.garbage_objects
    ));
    let printed = banner::print(text.as_bytes());
    Ok(if report.problems.is_empty() { printed } else { ExitCode::FAILURE })
}

fn backup(dir: &Path, to: &Path) -> Result<ExitCode, Failure> {
    let store = open(dir)?;
    let folder = files::private_folder(to).map_err(|error| Failure::new(format!("{}: {error}", to.display())))?;
    store.backup(&folder, STORE_FILE).map_err(Failure::new)?;
    Ok(ExitCode::SUCCESS)
}

fn vacuum(dir: &Path) -> Result<ExitCode, Failure> {
    let store = open(dir)?;
    let mut removed = 0;
    loop {
        let progress = wait_for(store.gc(GcBudget { objects: GC_SLICE }))?;
        removed += progress.removed;
        if progress.finished {
            break;
        }
    }
    store.vacuum().map_err(Failure::new)?;
    Ok(banner::print(format!("{removed} objects removed\n").as_bytes()))
}
