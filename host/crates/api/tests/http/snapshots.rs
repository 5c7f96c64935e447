//! Snapshots over HTTP: the exact format both ways, and what is refused.

use axum::http::StatusCode;
use base::Limits;
use sandshell_api::ApiConfig;

use crate::common::{ID, Reply, Server};

async fn import(server: &Server, id: &str, body: impl Into<axum::body::Body>) -> Reply {
    server.send("POST", &format!("/session/{id}/snapshot"), &[], body).await
}

async fn export(server: &Server) -> Reply {
    server.get(&format!("/session/{ID}/snapshot")).await
}

#[tokio::test]
async fn what_goes_in_comes_out_in_the_older_servers_layout() {
    let server = Server::new();
    let snapshot = r#"{
  "version": 1,
  "cwd": "/a",
  "files": [
    {
      "path": "/a",
      "mode": 2147484096,
      "is_dir": true
    },
    {
      "path": "/a/empty",
      "mode": 384
    },
    {
      "path": "/a/f\u003c",
      "mode": 420,
      "content": "aGVsbG8="
    }
  ],
  "symlinks": [
    {
      "path": "/l",
      "target": "a/f\u003c"
    }
  ]
}
"#;
    let reply = import(&server, ID, snapshot).await;
    assert_eq!((reply.status, reply.text), (StatusCode::OK, format!("{{\"session_id\":\"{ID}\"}}\n")));
    assert_eq!(export(&server).await.text, snapshot);
}

#[tokio::test]
async fn a_session_without_files_of_its_own_has_null_files() {
    let server = Server::new();
    server.run(ID, "a").await;
    assert_eq!(export(&server).await.text, "{\n  \"version\": 1,\n  \"cwd\": \"/\",\n  \"files\": null\n}\n");
    server.run(ID, "file").await;
    assert_eq!(export(&server).await.json()["files"][0]["content"], "aGVsbG8=");
}

#[tokio::test]
async fn a_file_of_many_pieces_survives() {
    let server = Server::new();
    // Neither base64 in one piece nor a multiple of the piece's length.
    let content = "QUJD".repeat(100_000) + "QQ==";
    let files = format!(r#"{{"version":1,"files":[{{"path":"/big","mode":420,"content":"{content}"}}]}}"#);
    assert_eq!(import(&server, ID, files).await.status, StatusCode::OK);
    assert_eq!(export(&server).await.json()["files"][0]["content"], content);
}

#[tokio::test]
async fn a_path_that_is_not_utf_8_survives() {
    let server = Server::new();
    let files = r#"{"version":1,"files":[{"path":"/\ufffd","path_b64":"L/8=","mode":420}]}"#;
    assert_eq!(import(&server, ID, files).await.status, StatusCode::OK);
    let file = export(&server).await.json()["files"][0].clone();
    assert_eq!((file["path"].as_str(), file["path_b64"].as_str()), (Some("/\u{fffd}"), Some("L/8=")));
}

#[tokio::test]
async fn links_are_written_last_whatever_says_that_they_are_links() {
    let server = Server::new();
    // The mode is Go's for a link; "L3QtZGly" is its target.
    let snapshot = r#"{"version":1,"symlinks":[{"path":"/m","target":"a/../f"}],"files":[
        {"path":"/l","mode":134218239,"content":"L3QtZGly"},{"path":"/l/f","mode":420}]}"#;
    let reply = import(&server, ID, snapshot).await;
    assert_eq!(reply.json()["error"], "snapshot: \"/l\": Is a directory", "{}", reply.text);
    let reply = import(&server, ID, snapshot.replace("/l/f", "/f")).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    let links = export(&server).await.json()["symlinks"].to_string();
    assert_eq!(links, r#"[{"path":"/l","target":"/t-dir"},{"path":"/m","target":"a/../f"}]"#);
}

#[tokio::test]
async fn a_refused_snapshot_changes_nothing() {
    let limits = Limits { max_files: Some(2), max_bytes: Some(10), inodes: 5, ..Limits::default() };
    let server = Server::with(limits, ApiConfig { max_snapshot_body: 400, ..ApiConfig::default() });
    server.run(ID, "file").await;
    let before = export(&server).await.text;
    let check = async |body: &str, status: u16, error: &str| {
        let reply = import(&server, ID, body.to_owned()).await;
        assert_eq!(reply.status.as_u16(), status, "{body}: {}", reply.text);
        assert!(reply.json()["error"].as_str().is_some_and(|text| text.starts_with(error)), "{}", reply.text);
        assert_eq!(export(&server).await.text, before);
    };
    check("{", 400, "snapshot: parse: ").await;
    check("{}", 422, "snapshot: unsupported version 0 (want 1)").await;
    check(r#"{"version":1} x"#, 400, "snapshot: parse: ").await;
    check(r#"{"version":1,"files":7}"#, 400, "snapshot: parse: ").await;
    check(r#"{"version":1,"files":[{"path":"/a","content":"*"}]}"#, 400, "snapshot: parse: illegal base64").await;
    let climbing = r#"{"version":1,"files":[{"path":"/ok"},{"path":"/x/../y"}]}"#;
    check(climbing, 422, "snapshot: invalid path \"/x/../y\": contains traversal sequence").await;
    check(r#"{"version":1,"files":[{"path":"/a","content":"QQ==QQ=="}]}"#, 400, "snapshot: parse: illegal base64")
        .await;
    check(r#"{"version":1,"files":[{"path":"/a","content":"QQ"}]}"#, 400, "snapshot: parse: illegal base64").await;
    check(r#"{"version":1,"files":[],"files":[]}"#, 400, "snapshot: parse: duplicate field `files`").await;
    let out = r#"{"version":1,"symlinks":[{"path":"/a/l","target":"../../etc"}]}"#;
    check(out, 422, "snapshot: invalid link \"/a/l\" -> \"../../etc\": leads out of the tree").await;
    let device = r#"{"version":1,"files":[{"path":"/a","mode":69206454}]}"#;
    check(device, 422, "snapshot: \"/a\": neither a file, a directory nor a symbolic link").await;
    check(r#"{"version":1,"files":[{"path":"a"}]}"#, 422, "snapshot: invalid path \"a\": must be absolute").await;
    let three = r#"{"version":1,"files":[{"path":"/a"},{"path":"/b"},{"path":"/c"}]}"#;
    check(three, 422, "session file limit exceeded: 3 files (max 2)").await;
    let long = r#"{"version":1,"files":[{"path":"/a","content":"MDEyMzQ1Njc4OWE="}]}"#;
    check(long, 422, "session storage limit exceeded: 11 bytes (max 10)").await;
    check(
        &format!(r#"{{"version":1,"files":[{}]}}"#, [r#"{"path":"/a","is_dir":true}"#; 6].join(",")),
        422,
        "snapshot: too many entries (max 5)",
    )
    .await;
    check(&" ".repeat(401), 413, "request body too large (max 400 bytes)").await;
}

#[tokio::test]
async fn nesting_without_end_is_refused_early() {
    let server = Server::new();
    for head in [r#"{"version":1,"x":"#, r#"{"version":1,"files":[{"path":"/a","x":"#] {
        let reply = import(&server, ID, head.to_owned() + &"[".repeat(100_000)).await;
        let expected = (400, "{\"error\":\"snapshot: parse: nested deeper than 128\"}\n");
        assert_eq!((reply.status.as_u16(), reply.text.as_str()), expected);
    }
    let quoted = r#"{"version":1,"x":"\"[[[[","files":[{"path":"/[{"}]}"#.replace("[[[[", &"[".repeat(1000));
    assert_eq!(import(&server, ID, quoted).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_unknown_or_invalid_session_has_no_snapshot() {
    let server = Server::new();
    for id in [ID, "zz", "new"] {
        let reply = server.get(&format!("/session/{id}/snapshot")).await;
        assert_eq!((reply.status.as_u16(), reply.text.as_str()), (404, "{\"error\":\"session not found\"}\n"));
    }
    let reply = import(&server, "zz", "{}").await;
    assert_eq!(reply.text, "{\"error\":\"invalid session id: use 16-64 hex chars or 'new'\"}\n");
    assert_eq!(import(&server, "new", r#"{"version":1}"#).await.json()["session_id"].as_str().map(str::len), Some(32));
}
