//! The server's end of a compilation: starts the compiling process, feeds it, reads its answer, ends it.
//!
//! Nothing of the server reaches that process but the Wasm: no environment, no descriptors, no arguments of others. It
//! is killed when its time is over or when it is given up, and it never outlives the call. The threads that start it have
//! the guests' lower priority, which it inherits.

use std::io::{self, BufWriter, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use base::Clock;
use vfs::FrozenContent;

use super::Unfit;
use super::protocol::{Reply, Request};
use crate::config::{Metering, UserCodeConfig};

/// Largest code that is taken: some four times the largest Wasm.
pub(super) const CODE_MAX_BYTES: u64 = 256 << 20;
/// Longest reason that is read.
const REASON_MAX_BYTES: u64 = 4096;
/// Bytes of Wasm handed on at once.
const PIECE_BYTES: usize = 64 << 10;

/// A missing wall is told once a server.
static TOLD: AtomicBool = AtomicBool::new(false);

/// How a compilation ended without code.
#[derive(Debug)]
pub(super) enum Failed {
    /// The Wasm is unfit, and will be next time.
    Unfit(Unfit),
    /// It took too much; another time it may not.
    TooMuch(Unfit),
    /// The host could not do its part.
    Host(io::Error),
}

/// Compiles in a process of its own.
pub(super) async fn compile(
    config: &UserCodeConfig,
    metering: Metering,
    content: FrozenContent,
    clock: &dyn Clock,
) -> Result<Vec<u8>, Failed> {
    // Here and not on a thread for blocking work, which may end before the child: it asks to die with its starter.
    let (child, stdin, stdout) = start(config).map_err(Failed::Host)?;
    let kill = KillOnDrop(Arc::clone(&child));
    let talk = tokio::task::spawn_blocking(move || {
        let talked = talk(metering, &content, stdin, stdout);
        (talked, end(&child))
    });
    let over = clock.sleep_until(clock.mono().plus(config.timeout));
    let talked = tokio::select! {
        talked = talk => talked,
        () = over => {
            let secs = config.timeout.as_secs();
            return Err(Failed::TooMuch(Unfit::new(format!("compiling it takes longer than {secs} s"))));
        }
    };
    drop(kill);
    match talked {
        Ok((Ok(Ok(code)), _)) => Ok(code),
        Ok((Ok(Err(unfit)), _)) => Err(Failed::Unfit(unfit)),
        Ok((Err(error), Ok(status))) if status.success() => Err(Failed::Host(error)),
        // It ran into its bounds: allocation fails by abort.
        Ok((Err(_), Ok(status))) => {
            tracing::info!("a compiling process ended with {status}");
            Err(Failed::TooMuch(Unfit::new("compiling it takes too much memory or time")))
        }
        Ok((_, Err(error))) => Err(Failed::Host(error)),
        Err(stopped) => Err(Failed::Host(io::Error::other(stopped))),
    }
}

type Shared = Arc<Mutex<Child>>;

#[expect(clippy::disallowed_methods, reason = "the one process the host starts: the compiler of users' Wasm")]
fn start(config: &UserCodeConfig) -> io::Result<(Shared, ChildStdin, ChildStdout)> {
    let Some(command) = &config.compiler else { return Err(io::ErrorKind::NotFound.into()) };
    let mut child = Command::new(&command.program)
        .args(&command.args)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    match (child.stdin.take(), child.stdout.take()) {
        (Some(stdin), Some(stdout)) => Ok((Arc::new(Mutex::new(child)), stdin, stdout)),
        _ => Err(io::ErrorKind::BrokenPipe.into()),
    }
}

/// Asks and reads the answer; the inner error is the answer that there is no code.
fn talk(
    metering: Metering,
    content: &FrozenContent,
    stdin: ChildStdin,
    mut stdout: ChildStdout,
) -> io::Result<Result<Vec<u8>, Unfit>> {
    // An error here means that it has ended; its answer or its end say more.
    let _ = ask(metering, content, stdin);
    let reply = Reply::read(&mut stdout)?;
    let is_confined = reply.sandbox.files && reply.sandbox.calls;
    if !is_confined && !TOLD.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            "this kernel confines the compiler of users' Wasm less than it should (files: {}, system calls: {})",
            reply.sandbox.files,
            reply.sandbox.calls,
        );
    }
    let max = if reply.compiled { CODE_MAX_BYTES } else { REASON_MAX_BYTES };
    if reply.bytes > max {
        return Ok(Err(Unfit::new(format!("its code is larger than {} MiB", CODE_MAX_BYTES >> 20))));
    }
    let mut payload = Vec::new();
    if stdout.take(reply.bytes).read_to_end(&mut payload)? as u64 != reply.bytes {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(if reply.compiled { Ok(payload) } else { Err(Unfit::new(String::from_utf8_lossy(&payload))) })
}

fn ask(metering: Metering, content: &FrozenContent, stdin: ChildStdin) -> io::Result<()> {
    let mut stdin = BufWriter::with_capacity(PIECE_BYTES, stdin);
    Request { metering, wasm_bytes: content.size() }.write(&mut stdin)?;
    let (mut piece, mut offset) = (vec![0; PIECE_BYTES], 0);
    loop {
        let n = content.read(offset, &mut piece);
        if n == 0 {
            return stdin.flush();
        }
        stdin.write_all(piece.get(..n).unwrap_or_default())?;
        offset += n as u64;
    }
}

/// Ends the process if it has not ended, and answers how it did.
fn end(child: &Shared) -> io::Result<std::process::ExitStatus> {
    let mut child = child.lock().unwrap_or_else(PoisonError::into_inner);
    // One that has ended keeps its own status.
    let _ = child.kill();
    child.wait()
}

/// Ends the process when the wait for it ends early; its thread then sees the end of its output and collects it.
struct KillOnDrop(Shared);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        let _ = self.0.lock().unwrap_or_else(PoisonError::into_inner).kill();
    }
}
