//! The accept loop: bounded connections, bounded waiting for heads and for readers, and an end that lets running
//! requests finish.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::app::App;
use crate::router::router;
use crate::slow::Impatient;

/// How connections are treated.
#[derive(Clone, Copy, Debug)]
pub struct ServeConfig {
    /// Open connections; further ones wait in the system's backlog.
    pub max_connections: usize,
    /// A request's head must have arrived after this long; also how long a kept-alive connection may idle.
    pub head_timeout: Duration,
    /// A reply must make progress within this time.
    pub write_timeout: Duration,
    /// What running requests get after the signal to stop; then their runs are cancelled.
    pub grace: Duration,
    /// When the server stops regardless, counted from the signal.
    pub stop: Duration,
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self {
            // Each costs a task and buffers of some 100 KiB at most.
            max_connections: 1024,
            head_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(60),
            // The older server stops after 10 s; two of them are for telling clients what happened.
            grace: Duration::from_secs(8),
            stop: Duration::from_secs(10),
        }
    }
}

/// Bytes of a request's head; the header of a session's id is the only one we need.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// When the system refuses a connection for lack of descriptors or memory, others may close meanwhile.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// Serves `app` on `listener` until `stop` completes, then ends its sessions.
pub async fn serve(listener: TcpListener, app: Arc<App>, config: ServeConfig, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    accept_until(listener, &app, config, &graceful, stop).await;
    tracing::info!("stopping: no new connections");
    let mut drained = std::pin::pin!(graceful.shutdown());
    let idle = tokio::time::timeout(config.grace, &mut drained).await.is_ok();
    // Cancels what still runs; their replies say so, and are given the rest of the time.
    let ended = async {
        app.sessions().shut_down().await;
        if !idle {
            drained.await;
        }
    };
    if tokio::time::timeout(config.stop.saturating_sub(config.grace), ended).await.is_err() {
        tracing::warn!("stopping with requests unfinished");
    }
}

async fn accept_until(
    listener: TcpListener,
    app: &Arc<App>,
    config: ServeConfig,
    graceful: &GracefulShutdown,
    stop: impl Future<Output = ()>,
) {
    let service = TowerToHyperService::new(router(app));
    let places = Arc::new(Semaphore::new(config.max_connections.clamp(1, Semaphore::MAX_PERMITS)));
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            // The semaphore is never closed.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (place, accept(&listener).await)
        };
        let (place, stream) = tokio::select! {
            () = &mut stop => return,
            accepted = accepted => accepted,
        };
        let io = TokioIo::new(Impatient::new(stream, config.write_timeout));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(config.head_timeout)
            .max_buf_size(MAX_HEAD_BYTES)
            .serve_connection(io, service.clone());
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!("connection ended: {error}");
            }
            drop(place);
        });
    }
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Replies are written whole; waiting to fill packets only delays them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!("TCP_NODELAY: {error}");
                }
                return stream;
            }
            Err(error) => {
                tracing::warn!("cannot accept: {error}");
                tokio::time::sleep(ACCEPT_RETRY).await;
            }
        }
    }
}
