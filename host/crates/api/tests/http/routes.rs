//! The exact replies of the compatible routes.

use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use base::Limits;
use sandshell_api::ApiConfig;

use crate::common::{ID, Server};

#[tokio::test]
async fn a_run_says_how_it_went_in_the_documented_order() {
    let reply = Server::new().run(ID, "both").await;
    assert_eq!(reply.status, StatusCode::OK);
    let expected = concat!(
        r#"{"output":"\u003cout\u003e\nerr \u0026 more\n","cwd":"/","session_id":"0123456789abcdef","#,
        r#""stdout":"\u003cout\u003e\n","stderr":"err \u0026 more\n","exit_code":0,"reason":"exited","truncated":false,"#,
        r#""usage":{"wall_ms":0,"cpu_ms":1,"fuel":42,"memory_peak":65536,"processes":2,"files":1,"bytes":5}}"#,
        "\n"
    );
    assert_eq!(reply.text, expected);
}

#[tokio::test]
async fn error_is_there_exactly_when_the_run_failed_or_was_cut() {
    let server = Server::new();
    let check = async |script: &str, code: u64, reason: &str, error: Option<&str>| {
        let reply = server.run("", script).await.json();
        assert_eq!(reply["exit_code"], code, "{script}");
        assert_eq!(reply["reason"], reason, "{script}");
        assert_eq!(reply.get("error").and_then(|error| error.as_str()), error, "{script}");
        assert_eq!(reply.get("session_id"), None);
    };
    check("fine", 0, "exited", None).await;
    check("fail", 3, "exited", Some("command failed")).await;
    check("killed", 143, "signalled", Some("command failed")).await;
    check("slow", 124, "timeout", Some("timeout: execution exceeded 30s")).await;
    check("hungry", 152, "fuel", Some("fuel limit exceeded")).await;
    check("fat", 137, "memory", Some("memory limit exceeded")).await;
    check("loud", 153, "output", Some("output limit exceeded")).await;
}

#[tokio::test]
async fn output_that_is_not_utf_8_comes_also_in_base64() {
    let reply = Server::new().run("", "bytes").await.json();
    assert_eq!(reply["stdout"], "a\u{fffd}\n");
    assert_eq!(reply["output"], "a\u{fffd}\n");
    assert_eq!(reply["stdout_b64"], "Yf8K");
    assert_eq!(reply.get("stderr_b64"), None);
}

#[tokio::test]
async fn a_bad_request_is_refused_and_creates_nothing() {
    let server = Server::with(Limits::default(), ApiConfig { max_body: 100, ..ApiConfig::default() });
    let check = async |id: &str, body: &'static [u8], status: u16, error: &str| {
        let reply = server.send("POST", "/run", &[("x-session-id", id)], body).await;
        assert_eq!(reply.status.as_u16(), status, "{error}");
        assert_eq!(reply.text, format!("{{\"output\":\"\",\"cwd\":\"\",\"error\":\"{error}\"}}\n"));
    };
    check(ID, b"{", 400, "invalid request body").await;
    check(ID, b"", 400, "invalid request body").await;
    check(ID, b"[]x", 400, "invalid request body").await;
    check(ID, br#"{"script":7}"#, 400, "invalid request body").await;
    check(ID, b"{\"script\":\"\xff\"}", 400, "invalid request body").await;
    check(ID, b"{}", 400, "script is required").await;
    check(ID, br#"{"script":" \n\t"}"#, 400, "script is required").await;
    check("short", br#"{"script":"a"}"#, 400, "invalid session id: use 16-64 hex chars or 'new'").await;
    check("NEW", br#"{"script":"a"}"#, 400, "invalid session id: use 16-64 hex chars or 'new'").await;
    check(ID, &[b' '; 101], 413, "request body too large (max 100 bytes)").await;
    assert_eq!(server.get("/sessions").await.text, "[]\n");
}

#[tokio::test]
async fn a_failure_of_the_host_does_not_tell_why() {
    let reply = Server::new().run("", "fault").await;
    assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(reply.text, "{\"output\":\"\",\"cwd\":\"\",\"error\":\"internal server error\"}\n");
}

#[tokio::test]
async fn the_maximum_of_sessions_refuses_creation_alone() {
    let server = Server::new();
    let minted = server.run("new", "a").await.json();
    let minted = minted["session_id"].as_str().expect("an id");
    assert!(minted.len() == 32 && minted.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()), "{minted}");
    assert_eq!(server.run(ID, "a").await.status, StatusCode::OK);
    let refused = server.run("new", "a").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.json()["error"], "maximum number of sessions reached");
    assert_eq!(server.run(minted, "a").await.status, StatusCode::OK);
    assert_eq!(
        server.send("DELETE", &format!("/session/{ID}"), &[], Body::empty()).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(server.run("new", "a").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_used_up_runtime_is_refused_with_cwd_and_session() {
    let limits = Limits { max_runtime: Some(Duration::from_secs(8)), ..Limits::default() };
    let server = Server::with(limits, ApiConfig::default());
    let text = "session runtime limit exceeded: used 8s, max 8s";
    let cut = server.run(ID, "slow").await;
    assert_eq!(cut.status, StatusCode::OK);
    assert_eq!(cut.json()["error"], text);
    let refused = server.run(ID, "a").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        refused.text,
        format!("{{\"output\":\"\",\"cwd\":\"/\",\"session_id\":\"{ID}\",\"error\":\"{text}\"}}\n")
    );
}

#[tokio::test]
async fn the_list_has_the_nine_fields() {
    let server = Server::new();
    server.run(ID, "a").await;
    let expected = format!(
        "[{{\"id\":\"{ID}\",\"cwd\":\"/\",\"created_at\":\"2024-01-02T03:04:05Z\",\"last_use\":\"2024-01-02T03:04:05Z\",\
         \"runtime_ms\":0,\"network_requests\":0,\"network_bytes_sent\":0,\"network_bytes_received\":0,\
         \"network_runtime_ms\":0}}]\n"
    );
    assert_eq!(server.get("/sessions").await.text, expected);
}

#[tokio::test]
async fn what_is_no_route_is_not_found_and_a_wrong_method_says_so() {
    let server = Server::new();
    let check = async |method: &str, path: &str, status: u16, text: &str| {
        let reply = server.send(method, path, &[], Body::empty()).await;
        assert_eq!((reply.status.as_u16(), reply.text.as_str()), (status, text), "{method} {path}");
    };
    check("GET", "/nope", 404, "404 page not found\n").await;
    check("GET", "/run", 404, "404 page not found\n").await;
    check("GET", "/session/0123456789abcdef", 404, "404 page not found\n").await;
    check("POST", "/health", 405, "Method Not Allowed\n").await;
    check("PUT", "/run", 405, "Method Not Allowed\n").await;
    check("DELETE", "/session/whatever", 204, "").await;
    check("GET", "/health", 200, "{\"status\":\"ok\",\"uptime\":\"0s\",\"sessions\":0}\n").await;
}

#[tokio::test]
async fn completions_have_prefix_and_token() {
    let server = Server::new();
    let reply = server.send("POST", "/complete", &[], r#"{"input":"ls /t","cursor":0}"#).await;
    assert_eq!(reply.text, "{\"completions\":[\"/tx/\"],\"prefix\":\"ls \",\"token\":\"/t\"}\n");
    let reply = server.send("POST", "/complete", &[], "nonsense").await;
    assert_eq!((reply.status.as_u16(), reply.text.as_str()), (400, "{\"error\":\"invalid request\"}\n"));
}
