//! `sandshell serve`: bind, wire, greet, serve until a signal.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use api::App;
use base::SystemClock;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::banner::Ready;
use crate::config::{self, ServerConfig};
use crate::embedded::{Host, Keeping};
use crate::logs::{self, LogControl};
use crate::settings::{Environment, Flags, Loaded};
use crate::signals::{Ask, Signals};
use crate::{Failure, compiler};

/// What is needed to read the settings again.
struct Sources {
    flags: Flags,
    environment: Environment,
    log: LogControl,
}

/// Serves until SIGINT or SIGTERM.
pub(crate) fn serve(flags: Flags, environment: Environment, started: SystemClock) -> Result<ExitCode, Failure> {
    let loaded = config::load(&flags, &environment)?;
    let config = ServerConfig::resolve(&loaded, &environment)?;
    let log = logs::start(&config.log)?;
    let sources = Sources { flags, environment, log };
    let runtime = runtime()?;
    let result = runtime.block_on(serve_async(config, &loaded, &sources, started));
    // Whatever still waits for a peer is not worth waiting for.
    runtime.shutdown_background();
    result
}

/// Starts the runtime that serves requests and timers; guest code has its own.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    let failed = |error| Failure::new(format!("cannot start threads: {error}"));
    Builder::new_multi_thread().thread_name("http").enable_all().build().map_err(failed)
}

async fn serve_async(
    config: ServerConfig,
    loaded: &Loaded,
    sources: &Sources,
    started: SystemClock,
) -> Result<ExitCode, Failure> {
    let mut signals = Signals::listen()?;
    // First, so that a port in use is said before anything else is set up.
    let listener = TcpListener::bind(config.addr).await.map_err(|error| bind_failure(&config, &error))?;
    let addr = listener.local_addr().map_err(Failure::new)?;
    for hint in &config.hints {
        tracing::warn!("{hint}");
    }
    match &loaded.file {
        Some(path) => tracing::info!("settings are read from {}", path.display()),
        None => tracing::debug!("there is no file with settings"),
    }
    let mut engine = config.engine;
    engine.user_code.shelf = config.code_dir.as_deref().map(compiler::shelf).transpose()?;
    let keeping = Keeping { dir: config.data_dir.as_deref(), only: None };
    let host = Host::start(engine, config.session, keeping, started).await?;
    let app = App::new(Arc::clone(&host.sessions), Arc::clone(&host.clock), config.api);
    let after = host.clock.mono().since(base::MonoNanos(0));
    let file = loaded.file.as_deref();
    Ready { addr, after, n_programs: host.n_programs, file, is_json: config.log.is_json }.announce();
    let (stop, stopped) = oneshot::channel();
    let server = api::serve(listener, app, config.http, async {
        // A sender that is gone has stopped too.
        let _ = stopped.await;
    });
    let status = until_stopped(server, &mut signals, stop, sources).await;
    host.close().await;
    Ok(status)
}

/// Drives the server and answers signals until the server has ended, or until the second signal to stop.
async fn until_stopped(
    server: impl Future<Output = ()>,
    signals: &mut Signals,
    stop: oneshot::Sender<()>,
    sources: &Sources,
) -> ExitCode {
    let mut server = std::pin::pin!(server);
    let mut stop = Some(stop);
    loop {
        let ask = tokio::select! {
            () = &mut server => {
                tracing::info!("stopped");
                return ExitCode::SUCCESS;
            }
            ask = signals.next() => ask,
        };
        match ask {
            Ask::Reload => reload(sources),
            Ask::Stop(signal) => match stop.take() {
                Some(stop) => {
                    tracing::info!(signal = signal.name(), "asked to stop");
                    let _ = stop.send(());
                }
                None => {
                    tracing::warn!(signal = signal.name(), "asked to stop again: ending at once");
                    return ExitCode::from(signal.status());
                }
            },
        }
    }
}

/// Reads the settings again and takes the log level over; everything else needs a new start.
fn reload(sources: &Sources) {
    let loaded = match config::load(&sources.flags, &sources.environment) {
        Ok(loaded) => loaded,
        Err(problems) => {
            for problem in problems {
                tracing::error!("the log level is not read again: {problem}");
            }
            return;
        }
    };
    let level = &loaded.raw.log_level;
    match sources.log.set(&level.value) {
        Ok(()) => tracing::info!(from = %level.origin, "the log level is now {}", level.value.0),
        Err(failure) => tracing::error!("the log level is not changed: {failure}"),
    }
}

fn bind_failure(config: &ServerConfig, error: &io::Error) -> Failure {
    let addr = config.addr;
    match error.kind() {
        io::ErrorKind::AddrInUse => Failure::new(format!("{addr} is in use; choose another address with --addr")),
        _ => Failure::new(format!("cannot listen on {addr}: {error}")),
    }
}
