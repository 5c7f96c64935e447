//! `sandshell run`: one script in one embedded session; standard streams and exit status pass through.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::process::ExitCode;

use base::{Outcome, SessionKey, Signal, SystemClock};
use kernel::{InputWriter, OutputLog, Run, Stdin, Stream, input_pipe};
use session::{RunReply, RunSpec, SessionConfig, Target};
use tokio::sync::{mpsc, oneshot};

use crate::cli::RunArgs;
use crate::config::{self, RunConfig};
use crate::embedded::{Host, Keeping};
use crate::settings::Environment;
use crate::{Failure, banner, files, logs, serve};

/// Bytes moved at once between the host's streams and the guest's; a pipe holds as many.
const PIECE_BYTES: usize = 64 << 10;
/// Pieces of standard input read ahead of the guest.
const INPUT_AHEAD: usize = 2;

/// What is to be executed: a script, its `$0` and its positional parameters.
struct Script {
    text: Vec<u8>,
    name: Vec<u8>,
    parameters: Vec<OsString>,
    from_stdin: bool,
}

/// Runs the script and returns its exit status.
pub(crate) fn run(args: RunArgs, environment: &Environment, started: SystemClock) -> Result<ExitCode, Failure> {
    let loaded = config::load(&args.settings.0, environment)?;
    let RunConfig { mut limits, engine, log } = RunConfig::resolve(&loaded, environment)?;
    logs::start(&log)?;
    for hint in &loaded.hints {
        tracing::warn!("{hint}");
    }
    let key = match &args.session_id {
        Some(id) => Some(SessionKey::of_default(id.parse().map_err(Failure::misuse)?)),
        None => None,
    };
    // Everything is passed on, so everything is kept until it is.
    limits.output_head_bytes = limits.output_bytes;
    limits.output_tail_bytes = 0;
    let script = Script::find(args.script, args.words)?;
    let runtime = serve::runtime()?;
    let status = runtime.block_on(async {
        let config = SessionConfig { limits, ..SessionConfig::default() };
        let (dir, key) = (args.session_store.as_deref(), key.as_ref());
        let host = Host::start(engine, config, Keeping { dir, only: key }, started).await?;
        let target = key.map_or(Target::Ephemeral, |key| Target::Session(key.clone()));
        execute(&host, target, script).await
    });
    // The thread that reads standard input may be blocked for ever.
    runtime.shutdown_background();
    status.map(ExitCode::from)
}

impl Script {
    fn find(given: Option<String>, words: Vec<OsString>) -> Result<Self, Failure> {
        let mut words = words.into_iter();
        let first = words.next();
        let from_stdin = given.is_none() && first.is_none();
        let text = match (given, &first) {
            (Some(script), _) => script.into_bytes(),
            (None, Some(file)) => files::read_script(file)
                .map_err(|error| Failure::new(format!("{}: {error}", file.to_string_lossy())))?,
            (None, None) => files::read_stdin().map_err(|error| Failure::new(format!("standard input: {error}")))?,
        };
        let name = first.map_or_else(|| b"bash".to_vec(), OsString::into_vec);
        Ok(Self { text, name, parameters: words.collect(), from_stdin })
    }

    /// Returns the script with its positional parameters set in front, on the same line, so that line numbers stay.
    fn with_parameters(&self) -> Vec<u8> {
        let mut script = Vec::with_capacity(self.text.len());
        if !self.parameters.is_empty() {
            script.extend_from_slice(b"set --");
            for parameter in &self.parameters {
                script.push(b' ');
                push_quoted(&mut script, parameter.as_bytes());
            }
            script.extend_from_slice(b"; ");
        }
        script.extend_from_slice(&self.text);
        script
    }
}

async fn execute(host: &Host, target: Target, script: Script) -> Result<u8, Failure> {
    let (stdin, feeder) = if script.from_stdin {
        (Stdin::Empty, None)
    } else {
        let (writer, reader) = input_pipe();
        (Stdin::Pipe(reader), Some(tokio::spawn(feed(writer))))
    };
    let (started, begun) = oneshot::channel();
    let spec = RunSpec {
        script: script.with_parameters().into(),
        name: script.name.into(),
        stdin,
        timeout: None,
        started: Some(started),
    };
    let follower = tokio::spawn(async move {
        if let Ok(run) = begun.await {
            follow(&run).await;
        }
    });
    let reply = host.sessions.run(target, spec).await;
    if let Some(feeder) = feeder {
        feeder.abort();
    }
    let followed = follower.await;
    host.sessions.shut_down().await;
    host.close().await;
    followed.map_err(|error| Failure::new(format!("the output was not passed on: {error}")))?;
    let reply = reply.map_err(Failure::new)?;
    explain(&reply);
    Ok(reply.outcome.exit_code())
}

/// Says why a run ended that did not end by itself.
fn explain(reply: &RunReply) {
    let why = match reply.outcome {
        Outcome::Exited(_) | Outcome::Signalled(_) => return,
        Outcome::TimedOut => format!("timeout: execution exceeded {}", api::duration_text(reply.timeout)),
        Outcome::OutOfFuel => "fuel limit exceeded".to_owned(),
        Outcome::OutOfMemory => "memory limit exceeded".to_owned(),
        Outcome::OutputLimit => "output limit exceeded".to_owned(),
        Outcome::Cancelled => "cancelled".to_owned(),
        Outcome::Trapped => "the shell crashed".to_owned(),
    };
    banner::complain(&why);
}

/// Passes standard input on until its end, or until nobody reads.
async fn feed(writer: InputWriter) {
    let (pieces, mut arrived) = mpsc::channel::<Vec<u8>>(INPUT_AHEAD);
    // A thread of its own, because a read of a terminal cannot be cancelled.
    let reader = std::thread::Builder::new().name("stdin".to_owned()).spawn(move || {
        let mut stdin = io::stdin().lock();
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            match stdin.read(&mut piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(n) if n > 0 => {
                    if pieces.blocking_send(piece.get(..n).unwrap_or_default().to_vec()).is_err() {
                        return;
                    }
                }
                Ok(_) | Err(_) => return,
            }
        }
    });
    if let Err(error) = reader {
        tracing::error!("standard input is not read: {error}");
        return;
    }
    while let Some(piece) = arrived.recv().await {
        if writer.write_all(&piece).await.is_err() {
            return;
        }
    }
}

/// Passes the run's output on as it grows, until the run has ended.
async fn follow(run: &Run) {
    let output = run.output();
    let mut seen = 0;
    let (mut out, mut err) = (0, 0);
    loop {
        output.grown_beyond(seen).await;
        let now = output.accepted_bytes();
        let passed = pass_on(output, Stream::Stdout, &mut out, &mut io::stdout().lock())
            .and_then(|()| pass_on(output, Stream::Stderr, &mut err, &mut io::stderr().lock()));
        if passed.is_err() {
            // As a write to a pipe without readers ends an ordinary program.
            run.stop(Outcome::Signalled(Signal::PIPE));
            return;
        }
        // Woken without growth: the log has ended.
        if now == seen {
            return;
        }
        seen = now;
    }
}

fn pass_on(output: &OutputLog, stream: Stream, from: &mut usize, to: &mut impl Write) -> io::Result<()> {
    loop {
        let piece = output.read_head(stream, *from, PIECE_BYTES);
        if piece.is_empty() {
            return to.flush();
        }
        to.write_all(&piece)?;
        *from += piece.len();
    }
}

/// Appends `word` so that a shell reads it as it is.
fn push_quoted(script: &mut Vec<u8>, word: &[u8]) {
    script.push(b'\'');
    for &byte in word {
        if byte == b'\'' {
            script.extend_from_slice(b"'\\''");
        } else {
            script.push(byte);
        }
    }
    script.push(b'\'');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_stand_quoted_before_the_script() {
        let words = ["zero", "a b", "it's", ""].map(OsString::from).to_vec();
        let script = Script::find(Some("echo \"$@\"".to_owned()), words).expect("found");
        assert_eq!(script.name, b"zero");
        assert_eq!(script.with_parameters(), b"set -- 'a b' 'it'\\''s' ''; echo \"$@\"");
        let bare = Script::find(Some("ls".to_owned()), Vec::new()).expect("found");
        assert_eq!((bare.name.as_slice(), bare.with_parameters().as_slice()), (&b"bash"[..], &b"ls"[..]));
    }
}
