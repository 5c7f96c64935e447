//! The accept loop: bounded connections, bounded waiting for heads and for readers, and an end that lets running
//! requests finish.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::app::App;
use crate::go_text::duration_text;
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
///
/// After `stop` nothing new is taken. Runs that were accepted may finish within `grace`, whether or not their clients
/// still wait; then they are cancelled, their clients are told, and their background jobs are killed.
pub async fn serve(listener: TcpListener, app: Arc<App>, config: ServeConfig, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let (stopping, _) = watch::channel(false);
    accept_until(listener, &app, config, &graceful, &stopping, stop).await;
    tracing::info!(within = duration_text(config.stop), "stopping: no new connections");
    stopping.send_replace(true);
    let mut answered = std::pin::pin!(graceful.shutdown());
    let finished = async { tokio::join!(app.sessions().drain(), &mut answered) };
    let idle = tokio::time::timeout(config.grace, finished).await.is_ok();
    if !idle {
        tracing::warn!("cancelling what still runs");
    }
    // The replies of what is cancelled say so, and are given the rest of the time.
    let ended = async {
        app.sessions().shut_down().await;
        if !idle {
            answered.await;
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
    stopping: &watch::Sender<bool>,
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
        let stream = Impatient::new(stream, config.write_timeout);
        let silent = silent_at_the_end(stream.heard(), stopping.subscribe());
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(config.head_timeout)
            .max_buf_size(MAX_HEAD_BYTES)
            .serve_connection(TokioIo::new(stream), service.clone());
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            tokio::select! {
                ended = connection => {
                    if let Err(error) = ended {
                        tracing::debug!("connection ended: {error}");
                    }
                }
                () = silent => {}
            }
            drop(place);
        });
    }
}

/// Completes when the server stops while the peer has not sent a byte: hyper would wait for the head of its first
/// request, which browsers and proxies that connect ahead may never send.
async fn silent_at_the_end(heard: Arc<AtomicBool>, mut stopping: watch::Receiver<bool>) {
    // A sender that is gone has stopped too.
    let _ = stopping.wait_for(|stopping| *stopping).await;
    if heard.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
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
