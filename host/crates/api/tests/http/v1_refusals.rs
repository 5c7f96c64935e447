//! What `/v1` refuses, and how it says so: problem+json with a code that does not change.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use base::Limits;
use bytes::Bytes;
use hyper::body::Frame;
use sandshell_api::ApiConfig;
use serde_json::{Value, json};
use session::SessionConfig;

use crate::common::{ID, Reply, Server};

const UNKNOWN: &str = "00000000000000000000000000000000";

fn at(id: &str, rest: &str) -> String {
    format!("/v1/sessions/{id}{rest}")
}

fn check(reply: &Reply, status: u16, code: &str) -> Value {
    let problem = reply.json();
    assert_eq!((reply.status.as_u16(), &problem["code"]), (status, &json!(code)), "{problem}");
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!(problem["status"], status);
    assert_eq!(problem["request_id"], reply.header("x-request-id"));
    assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()), "{problem}");
    assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
    problem
}

#[tokio::test]
async fn a_problem_has_the_documented_shape() {
    let server = Server::new();
    let reply = server.send("GET", &at(UNKNOWN, ""), &[("x-request-id", "mine-1")], Body::empty()).await;
    let expected = concat!(
        r#"{"code":"not_found","title":"There is no such thing","status":404,"detail":"session not found","#,
        r#""request_id":"mine-1"}"#,
        "\n"
    );
    assert_eq!(reply.text, expected);
}

/// Every route with a session's id.
const ROUTES: [(&str, &str); 15] = [
    ("GET", ""),
    ("PATCH", ""),
    ("DELETE", ""),
    ("POST", "/touch"),
    ("POST", "/hibernate"),
    ("POST", "/fork"),
    ("POST", "/checkpoints"),
    ("GET", "/checkpoints"),
    ("DELETE", "/checkpoints/a"),
    ("POST", "/checkpoints/a/rollback"),
    ("GET", "/diff?from=now"),
    ("GET", "/cron"),
    ("GET", "/usage"),
    ("GET", "/limits"),
    ("GET", "/diff?from=a&to=now"),
];

#[tokio::test]
async fn every_route_knows_ids_parameters_and_fields() {
    let server = Server::new();
    for (method, rest) in ROUTES {
        let body = if rest == "/checkpoints" { r#"{"name":"a"}"# } else { "{}" };
        let send = async |id: &str, more: &str, body: &'static str| {
            server.send(method, &at(id, &format!("{rest}{more}")), &[], body).await
        };
        check(&send(UNKNOWN, "", body).await, 404, "not_found");
        check(&send("no-id", "", body).await, 400, "invalid_id");
        check(&send("%ff", "", body).await, 400, "invalid_id");
        let more = if rest.contains('?') { "&nonsense=1" } else { "?nonsense=1" };
        let problem = check(&send(UNKNOWN, more, body).await, 400, "invalid_request");
        assert_eq!(problem["detail"], "unknown query parameter \"nonsense\"");
        if matches!(method, "POST" | "PATCH") {
            check(&send(UNKNOWN, "", r#"{"nonsense":1}"#).await, 400, "invalid_request");
            check(&send(UNKNOWN, "", "{").await, 400, "invalid_request");
            check(&send(UNKNOWN, "", "[]").await, 400, "invalid_request");
        }
    }
    for path in ["/readyz", "/healthz", "/v1/sessions"] {
        check(&server.get(&format!("{path}?nonsense=1")).await, 400, "invalid_request");
    }
}

#[tokio::test]
async fn what_cannot_be_meant_is_told_and_creates_nothing() {
    let server = Server::new();
    let create = async |body: &str| server.send("POST", "/v1/sessions", &[], body.to_owned()).await;
    for body in [
        r#"{"nonsense":1}"#,
        r#"{"snapshot_id":"a"}"#,
        r#"{"name":"a","name":"b"}"#,
        r#"{"name":""}"#,
        r#"{"labels":{"":"x"}}"#,
        r#"{"idle_ttl":0}"#,
        r#"{"idle_ttl":"5m"}"#,
        r#"{"max_lifetime":-1}"#,
        r#"{"durability":"maybe"}"#,
        r#"{"limits":{"processes":0}}"#,
        r#"{"limits":{"nonsense":1}}"#,
        r#"{"files":[{"path":"relative","content":""}]}"#,
        r#"{"files":[{"path":"/a","content":"","nonsense":1}]}"#,
        "\u{feff}{}",
        "null",
    ] {
        check(&create(body).await, 400, "invalid_request");
    }
    let long = format!(r#"{{"{}":1}}"#, "é".repeat(10_000));
    let problem = check(&create(&long).await, 400, "invalid_request");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.len() < 400), "{problem}");
    check(&create(r#"{"id":"xyz"}"#).await, 400, "invalid_id");
    check(&create(r#"{"id":"new"}"#).await, 400, "invalid_id");
    let above = check(&create(r#"{"limits":{"processes":1000}}"#).await, 422, "limit_exceeded");
    assert_eq!(above["limit"], json!({"name": "processes", "max": 128, "used": 1000}));
    let full = check(
        &create(r#"{"limits":{"max_bytes":3},"files":[{"path":"/a","content":"four"}]}"#).await,
        422,
        "limit_exceeded",
    );
    assert_eq!(full["limit"], json!({"name": "max_bytes", "max": 3, "used": 4}));
    assert_eq!(server.get("/v1/sessions").await.json(), json!({"sessions": []}));
}

#[tokio::test]
async fn a_session_is_created_once_and_there_are_only_so_many() {
    let server = Server::new();
    let create = async |id: &str| server.json("POST", "/v1/sessions", json!({"id": id})).await;
    assert_eq!(create(ID).await.status, 201);
    check(&create(ID).await, 409, "session_exists");
    assert_eq!(create(UNKNOWN).await.status, 201);
    check(&create("11111111111111111111").await, 429, "too_many_sessions");
    check(&server.json("POST", &at(ID, "/fork"), json!({})).await, 429, "too_many_sessions");
}

#[tokio::test]
async fn checkpoints_have_names_and_bounds() {
    let limits = Limits { checkpoints: 1, ..Limits::default() };
    let server = Server::with(limits, ApiConfig::default());
    server.run(ID, "both").await;
    let add = async |name: &str| server.json("POST", &at(ID, "/checkpoints"), json!({"name": name})).await;
    for name in ["", "a b", "a/b", "now", &"x".repeat(129)] {
        check(&add(name).await, 400, "invalid_name");
    }
    check(&server.json("POST", &at(ID, "/checkpoints"), json!({})).await, 400, "invalid_request");
    assert_eq!(add("a").await.status, 201);
    check(&add("a").await, 409, "checkpoint_exists");
    let over = check(&add("b").await, 429, "limit_exceeded");
    assert_eq!(over["limit"], json!({"name": "checkpoints", "max": 1, "used": 2}));
    let rest = ["/checkpoints/b/rollback", "/fork"];
    for rest in rest {
        let body = if rest == "/fork" { json!({"checkpoint": "b"}) } else { json!({}) };
        check(&server.json("POST", &at(ID, rest), body).await, 404, "checkpoint_not_found");
    }
    check(&server.get(&at(ID, "/diff?from=b")).await, 404, "checkpoint_not_found");
    check(&server.get(&at(ID, "/diff")).await, 400, "invalid_request");
    let gone = server.send("DELETE", &at(ID, "/checkpoints/b"), &[], Body::empty()).await;
    check(&gone, 404, "checkpoint_not_found");
    for count in [0, 17] {
        check(&server.json("POST", &at(ID, "/fork"), json!({"count": count})).await, 400, "invalid_request");
    }
}

#[tokio::test]
async fn a_session_with_background_jobs_does_not_hibernate() {
    let server = Server::new();
    server.run(ID, "job").await;
    check(&server.json("POST", &at(ID, "/hibernate"), json!({})).await, 409, "session_in_use");
}

#[tokio::test]
async fn a_full_queue_refuses_and_a_deleted_session_answers_who_waits() {
    let server = Arc::new(Server::new());
    let held = Arc::clone(&server);
    let run = tokio::spawn(async move { held.run(ID, "hold").await });
    server.held.begun.notified().await;
    let wait = || {
        let server = Arc::clone(&server);
        tokio::spawn(async move { server.json("POST", &at(ID, "/hibernate"), json!({})).await })
    };
    let waiting: Vec<_> = (0..SessionConfig::DEFAULT_QUEUE_PER_SESSION).map(|_| wait()).collect();
    // This runtime has one thread: each of them is in the queue when it waits.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    check(&server.json("POST", &at(ID, "/hibernate"), json!({})).await, 429, "session_busy");
    assert_eq!(server.send("DELETE", &at(ID, ""), &[], Body::empty()).await.status, 204);
    for reply in waiting {
        check(&reply.await.expect("no panic"), 409, "session_deleted");
    }
    assert_eq!(run.await.expect("no panic").json()["reason"], "cancelled");
}

#[tokio::test]
async fn a_server_without_memory_keeps_nothing_more() {
    let server = Server::new();
    server.run(ID, "both").await;
    server.held.is_full.store(true, Ordering::SeqCst);
    check(&server.json("POST", &at(ID, "/checkpoints"), json!({"name": "a"})).await, 503, "server_full");
    check(&server.json("POST", &at(ID, "/fork"), json!({})).await, 503, "server_full");
    let files = json!({"files": [{"path": "/a", "content": "x"}]});
    check(&server.json("POST", "/v1/sessions", files).await, 503, "server_full");
    assert_eq!(server.get("/v1/sessions").await.json()["sessions"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_broken_session_says_so_and_can_be_deleted() {
    let server = Server::new();
    let reply = server.run(ID, "die").await;
    assert_eq!(reply.status, 500);
    assert_eq!(server.get(&at(ID, "")).await.json()["state"], "broken");
    check(&server.json("POST", &at(ID, "/hibernate"), json!({})).await, 409, "broken");
    assert_eq!(server.send("DELETE", &at(ID, ""), &[], Body::empty()).await.status, 204);
}

#[tokio::test]
async fn what_the_server_does_not_take_is_a_problem_too() {
    let config = ApiConfig { max_body: 100, body_timeout: Duration::from_millis(1), ..ApiConfig::default() };
    let server = Server::with(Limits::default(), config);
    let problem = check(&server.send("POST", "/v1/sessions", &[], "x".repeat(101)).await, 413, "body_too_large");
    assert_eq!(problem["limit"], json!({"name": "body_bytes", "max": 100}));
    let never = Body::new(Never);
    check(&server.send("POST", "/v1/sessions", &[], never).await, 408, "body_timeout");
    let origin = [("origin", "http://evil.example")];
    check(&server.send("POST", "/v1/sessions", &origin, "{}").await, 403, "origin_refused");
    check(&server.send("GET", "/readyz", &[("host", "evil.example")], Body::empty()).await, 403, "host_refused");
    server.app.sessions().shut_down().await;
    check(&server.json("POST", "/v1/sessions", json!({})).await, 503, "shutting_down");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems_below_v1_alone() {
    let server = Server::new();
    for path in ["/v1", "/v1/", "/v1/nope", "/v1/sessions/", &at(ID, "/nope"), &at(ID, "/checkpoints/a/b")] {
        check(&server.get(path).await, 404, "not_found");
        check(&server.send("POST", path, &[], "{}").await, 404, "not_found");
    }
    let reply = server.send("PUT", &at(ID, ""), &[], "{}").await;
    check(&reply, 405, "method_not_allowed");
    assert_eq!(reply.header("allow"), "GET,HEAD,PATCH,DELETE");
    check(&server.get(&at(ID, "/touch")).await, 405, "method_not_allowed");
    check(&server.send("POST", "/readyz", &[], "").await, 405, "method_not_allowed");
    assert_eq!(server.get("/nope").await.text, "404 page not found\n");
    assert_eq!(server.get("/v10").await.text, "404 page not found\n");
    assert_eq!(server.send("POST", "/health", &[], "").await.text, "Method Not Allowed\n");
}

/// A body that does not arrive.
struct Never;

impl HttpBody for Never {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}
