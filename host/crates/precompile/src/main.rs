//! Build tool: compiles the shipped guests to the engine's own code.
//!
//! `sandshell-precompile FILE.wasm...` writes `FILE.cwasm` beside each file, and `FILE.cwasm.key`, which names what the
//! code was made of (Wasm, engine settings, processor). What is up to date is left alone, so an interrupted build
//! resumes. Several guests are compiled at once, one a core.

mod job;

use std::io::Write;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use engine::{Compiler, Metering};

use job::{Done, Job};

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("sandshell-precompile: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Vec<String>) -> Result<(), String> {
    if args.is_empty() {
        return Err("usage: sandshell-precompile FILE.wasm...".to_owned());
    }
    let jobs = args.iter().map(|arg| arg.parse()).collect::<Result<Vec<Job>, String>>()?;
    let compiler = Compiler::new(Metering::FuelAndEpoch).map_err(|error| error.to_string())?;
    compile_all(&compiler, jobs)
}

/// Works the jobs off on all cores; the first failure is the answer, after all jobs were tried.
fn compile_all(compiler: &Compiler, jobs: Vec<Job>) -> Result<(), String> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
    let queue = Mutex::new(jobs.into_iter());
    let failed = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(job) = next(&queue) {
                    if let Err(message) = compile_one(compiler, &job) {
                        failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(message);
                    }
                }
            });
        }
    });
    failed.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

fn next(queue: &Mutex<std::vec::IntoIter<Job>>) -> Option<Job> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).next()
}

fn compile_one(compiler: &Compiler, job: &Job) -> Result<(), String> {
    let folder = Dir::open_ambient_dir(&job.folder, ambient_authority())
        .map_err(|error| format!("{}: {error}", job.folder.display()))?;
    match job.compile(compiler, &folder)? {
        Done::Fresh => Ok(()),
        Done::Compiled { bytes } => {
            // The build goes on when nobody reads its progress.
            let _ = writeln!(std::io::stderr(), "compiled {} ({} KiB)", job.name, bytes / 1024);
            Ok(())
        }
    }
}
