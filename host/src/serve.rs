//! `sandshell serve`: bind, wire, greet, serve until a signal.

use std::io;
use std::process::ExitCode;

use api::App;
use base::SystemClock;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

use crate::banner::Ready;
use crate::cli::ServeArgs;
use crate::config::ServerConfig;
use crate::embedded::Host;
use crate::{Failure, logs};

/// Serves until SIGINT or SIGTERM.
pub(crate) fn serve(args: ServeArgs, started: SystemClock) -> Result<ExitCode, Failure> {
    logs::start(&args.engine.log_level)?;
    let config = ServerConfig::resolve(&args)?;
    let runtime = runtime()?;
    let result = runtime.block_on(serve_async(config, started));
    // Whatever still waits for a peer is not worth waiting for.
    runtime.shutdown_background();
    result.map(|()| ExitCode::SUCCESS)
}

/// Starts the runtime that serves requests and timers; guest code has its own.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    let failed = |error| Failure::new(format!("cannot start threads: {error}"));
    Builder::new_multi_thread().thread_name("http").enable_all().build().map_err(failed)
}

async fn serve_async(config: ServerConfig, started: SystemClock) -> Result<(), Failure> {
    let stop = stop_signal()?;
    // First, so that a port in use is said before anything else is set up.
    let listener = TcpListener::bind(config.addr).await.map_err(|error| bind_failure(&config, &error))?;
    let addr = listener.local_addr().map_err(Failure::new)?;
    let host = Host::start(config.engine, config.session, started).await?;
    let app = App::new(host.sessions, host.clock.clone(), config.api);
    let after = host.clock.mono().since(base::MonoNanos(0));
    Ready { addr, after, n_programs: host.n_programs }.announce();
    api::serve(listener, app, config.http, stop).await;
    Ok(())
}

fn bind_failure(config: &ServerConfig, error: &io::Error) -> Failure {
    let addr = config.addr;
    match error.kind() {
        io::ErrorKind::AddrInUse => Failure::new(format!("{addr} is in use; choose another address with --addr")),
        _ => Failure::new(format!("cannot listen on {addr}: {error}")),
    }
}

/// Returns a future that completes at the first SIGINT or SIGTERM.
fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    let failed = |error| Failure::new(format!("cannot receive signals: {error}"));
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
