//! The accept loop over real sockets: disconnects, slow heads, the end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sandshell_api::{ServeConfig, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::common::{ID, Server};

struct Running {
    server: Server,
    addr: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

async fn start(config: ServeConfig) -> Running {
    let server = Server::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let app = Arc::clone(&server.app);
    let task = tokio::spawn(serve(listener, app, config, async {
        let _ = stopped.await;
    }));
    Running { server, addr, stop, task }
}

fn post(script: &str, session: &str) -> String {
    let body = format!("{{\"script\":\"{script}\"}}");
    let header = if session.is_empty() { String::new() } else { format!("X-Session-ID: {session}\r\n") };
    format!("POST /run HTTP/1.1\r\nHost: localhost\r\n{header}Content-Length: {}\r\n\r\n{body}", body.len())
}

async fn connect(running: &Running, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(running.addr).await.expect("connects");
    stream.write_all(request.as_bytes()).await.expect("writes");
    stream
}

#[tokio::test]
async fn a_client_that_goes_away_cancels_an_ephemeral_run() {
    let running = start(ServeConfig::default()).await;
    let stream = connect(&running, &post("hold", "")).await;
    running.server.held.begun.notified().await;
    drop(stream);
    running.server.held.cancelled.notified().await;
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_a_sessions_run_alone() {
    let running = start(ServeConfig::default()).await;
    let stream = connect(&running, &post("hold", ID)).await;
    running.server.held.begun.notified().await;
    drop(stream);
    // An ephemeral run that is abandoned later is cancelled before: the loss of a client has been noticed by then.
    let other = connect(&running, &post("hold", "")).await;
    running.server.held.begun.notified().await;
    drop(other);
    running.server.held.cancelled.notified().await;
    let still = tokio::time::timeout(Duration::from_millis(1), running.server.held.cancelled.notified()).await;
    assert!(still.is_err(), "the session's run goes on");
}

#[tokio::test]
async fn at_the_end_running_requests_are_told() {
    let config = ServeConfig { grace: Duration::ZERO, stop: Duration::from_secs(20), ..ServeConfig::default() };
    let running = start(config).await;
    let mut stream = connect(&running, &post("hold", ID)).await;
    running.server.held.begun.notified().await;
    running.stop.send(()).expect("serving");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.expect("a reply and the end");
    assert!(reply.starts_with("HTTP/1.1 200 OK"), "{reply}");
    assert!(reply.contains(r#""reason":"host_shutdown""#), "{reply}");
    running.task.await.expect("ends");
    assert!(TcpStream::connect(running.addr).await.is_err());
}

#[tokio::test]
async fn a_run_may_finish_after_the_signal_and_nothing_new_begins() {
    let running = start(ServeConfig { grace: Duration::from_secs(20), ..ServeConfig::default() }).await;
    let mut stream = connect(&running, &post("hold", ID)).await;
    running.server.held.begun.notified().await;
    running.stop.send(()).expect("serving");
    while !running.server.app.sessions().is_draining() {
        tokio::task::yield_now().await;
    }
    let health = running.server.get("/health").await;
    assert_eq!((health.status.as_u16(), &health.json()["status"]), (503, &"stopping".into()));
    let refused = running.server.run("", "echo").await;
    assert_eq!((refused.status.as_u16(), &refused.json()["error"]), (503, &"server is shutting down".into()));
    running.server.held.release.notify_one();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.expect("a reply and the end");
    assert!(reply.contains(r#""reason":"exited""#), "{reply}");
    running.task.await.expect("ends");
}

#[tokio::test]
async fn a_connection_that_has_sent_nothing_does_not_hold_up_the_end() {
    let day = Duration::from_secs(24 * 3600);
    let running = start(ServeConfig { grace: day, stop: day, head_timeout: day, ..ServeConfig::default() }).await;
    let mut silent = connect(&running, "").await;
    // Answered after the silent one was accepted.
    let mut other = connect(&running, "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    other.read_to_string(&mut String::new()).await.expect("a reply");
    running.stop.send(()).expect("serving");
    running.task.await.expect("ends");
    assert_eq!(silent.read(&mut [0; 1]).await.expect("the end"), 0);
}

#[tokio::test]
async fn a_head_that_does_not_arrive_ends_the_connection() {
    let config = ServeConfig { head_timeout: Duration::from_millis(5), ..ServeConfig::default() };
    let running = start(config).await;
    let mut stream = connect(&running, "GET /health HTTP/1.1\r\nHost: loc").await;
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.expect("the end");
}

#[tokio::test]
async fn connections_beyond_the_maximum_wait() {
    let running = start(ServeConfig { max_connections: 1, ..ServeConfig::default() }).await;
    let held = connect(&running, &post("hold", "")).await;
    running.server.held.begun.notified().await;
    let mut waiting = connect(&running, "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    drop(held);
    let mut reply = String::new();
    waiting.read_to_string(&mut reply).await.expect("a reply");
    assert!(reply.starts_with("HTTP/1.1 200 OK"), "{reply}");
}
