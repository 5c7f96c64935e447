//! What the routes of `/v1` answer when all is well.

use std::time::Duration;

use axum::body::Body;
use serde_json::{Value, json};

use crate::common::{ID, Server};

const OTHER: &str = "fedcba9876543210";

async fn create(server: &Server, body: Value) -> Value {
    let reply = server.json("POST", "/v1/sessions", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json()
}

fn at(id: &str, rest: &str) -> String {
    format!("/v1/sessions/{id}{rest}")
}

#[tokio::test]
async fn a_session_is_created_as_it_was_asked_for() {
    let server = Server::new();
    let body = json!({
        "id": ID, "name": "build 7", "labels": {"team": "red"}, "idle_ttl": 90.5, "max_lifetime": 3600,
        "durability": "relaxed", "limits": {"processes": 5, "max_files": 10},
        "files": [{"path": "/in/a.txt", "content": "hello"}],
    });
    let reply = server.json("POST", "/v1/sessions", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    assert_eq!(reply.header("location"), at(ID, ""));
    assert_eq!(reply.header("content-type"), "application/json");
    let mut object = reply.json();
    assert_eq!(reply.header("etag"), format!("\"{}\"", object["version"]));
    let limits = object["limits"].take();
    assert_eq!(
        (&limits["processes"], &limits["max_files"], &limits["max_bytes"]),
        (&json!(5), &json!(10), &json!(null))
    );
    assert_eq!(limits["run_timeout_ms"], 30_000);
    let expected = json!({
        "id": ID, "name": "build 7", "labels": {"team": "red"}, "state": "hibernated", "cwd": "/",
        "created_at": "2024-01-02T03:04:05.000Z", "last_use": "2024-01-02T03:04:05.000Z", "idle_ttl": 90.5,
        "max_lifetime": 3600, "expires_at": "2024-01-02T03:05:35.500Z", "durability": "relaxed", "runtime_ms": 0,
        "version": object["version"], "limits": null,
    });
    assert_eq!(object, expected);
    let shown = server.get(&at(ID, "")).await.json();
    assert_eq!(shown["limits"], limits);
    assert_eq!(server.get(&at(ID, "/limits")).await.json(), limits);
    let files = server.get(&format!("/session/{ID}/snapshot")).await.json();
    assert_eq!((&files["files"][1]["path"], &files["files"][1]["content"]), (&json!("/in/a.txt"), &json!("aGVsbG8=")));
}

#[tokio::test]
async fn a_session_asked_nothing_of_has_a_minted_id_and_the_servers_limits() {
    let server = Server::new();
    let object = server.send("POST", "/v1/sessions", &[], Body::empty()).await.json();
    assert_eq!(object["id"].as_str().map(str::len), Some(32));
    assert_eq!((object.get("name"), object.get("max_lifetime")), (None, None));
    assert_eq!(
        (&object["labels"], &object["idle_ttl"], &object["durability"]),
        (&json!({}), &json!(1800), &json!("strict"))
    );
}

#[tokio::test]
async fn it_is_touched_and_lives_on_and_reading_it_is_no_use() {
    let server = Server::new();
    create(&server, json!({"id": ID, "idle_ttl": 60})).await;
    server.clock.advance(Duration::from_secs(10));
    let shown = server.get(&at(ID, "")).await.json();
    assert_eq!(shown["expires_at"], "2024-01-02T03:05:05.000Z");
    let touched = server.json("POST", &at(ID, "/touch"), json!({})).await.json();
    assert_eq!(touched["last_use"], "2024-01-02T03:04:15.000Z");
    assert_eq!(touched["expires_at"], "2024-01-02T03:05:15.000Z");
}

#[tokio::test]
async fn it_is_changed_only_by_who_has_seen_it() {
    let server = Server::new();
    create(&server, json!({"id": ID, "name": "a", "labels": {"k": "v"}})).await;
    let tag = server.get(&at(ID, "")).await.header("etag").to_owned();
    let patch =
        async |tag: &str, body: Value| server.send("PATCH", &at(ID, ""), &[("if-match", tag)], body.to_string()).await;
    let changed = patch(&tag, json!({"name": "b", "labels": {"l": "w"}, "max_lifetime": 100})).await;
    assert_eq!((changed.status.as_u16(), &changed.json()["name"]), (200, &json!("b")));
    assert_eq!(changed.json()["labels"], json!({"k": "v", "l": "w"}));
    assert_eq!(changed.json()["max_lifetime"], 100);
    let late = patch(&tag, json!({"name": "c"})).await;
    assert_eq!((late.status.as_u16(), &late.json()["code"]), (412, &json!("precondition_failed")));
    let weak = patch(&format!("W/{}", changed.header("etag")), json!({"name": "c"})).await;
    assert_eq!(weak.status, 412);
    assert_eq!(patch(&format!("\"x\", {}", changed.header("etag")), json!({"name": null})).await.status, 200);
    assert_eq!(patch("*", json!({"idle_ttl": 7})).await.json()["idle_ttl"], 7);
    let without = server.json("PATCH", &at(ID, ""), json!({"labels": null})).await;
    assert_eq!((without.status.as_u16(), &without.json()["labels"]), (200, &json!({})));
    assert_eq!(without.json().get("name"), None);
}

#[tokio::test]
async fn sessions_are_listed_page_by_page_and_by_their_labels() {
    let server = Server::new();
    create(&server, json!({"id": ID, "name": "old", "labels": {"team": "red"}})).await;
    server.clock.advance(Duration::from_secs(1));
    create(&server, json!({"id": OTHER, "name": "new"})).await;
    let list = async |query: &str| {
        let page = server.get(&format!("/v1/sessions{query}")).await.json();
        let ids: Vec<String> = page["sessions"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| one["id"].as_str().expect("an id").to_owned())
            .collect();
        (ids, page["next_cursor"].as_str().map(str::to_owned))
    };
    assert_eq!(list("").await, (vec![OTHER.to_owned(), ID.to_owned()], None));
    assert_eq!(list("?label=team%3Ared").await.0, [ID]);
    assert_eq!(list("?label=team:blue").await.0, Vec::<String>::new());
    assert_eq!(list("?name_prefix=n&state=hibernated").await.0, [OTHER]);
    let (first, cursor) = list("?limit=1").await;
    assert_eq!(first, [OTHER]);
    assert_eq!(list(&format!("?limit=1&cursor={}", cursor.expect("there is more"))).await, (vec![ID.to_owned()], None));
}

#[tokio::test]
async fn its_state_tells_what_it_does() {
    let server = Server::new();
    server.run(ID, "both").await;
    let state = async || server.get(&at(ID, "")).await.json()["state"].clone();
    assert_eq!(state().await, "idle");
    let (reply, ()) = tokio::join!(server.run(ID, "hold"), async {
        server.held.begun.notified().await;
        let running = server.get(&at(ID, "")).await.json();
        assert_eq!((&running["state"], running.get("expires_at")), (&json!("running"), None));
        server.held.release.notify_one();
    });
    assert_eq!(reply.status, 200);
    let hibernated = server.json("POST", &at(ID, "/hibernate"), json!({})).await;
    assert_eq!((hibernated.status.as_u16(), &hibernated.json()["state"]), (200, &json!("hibernated")));
    server.run(ID, "both").await;
    assert_eq!(state().await, "idle");
    assert_eq!(server.send("DELETE", &at(ID, ""), &[], Body::empty()).await.status, 204);
    assert_eq!(server.send("DELETE", &at(ID, ""), &[], Body::empty()).await.status, 404);
}

#[tokio::test]
async fn checkpoints_are_made_compared_gone_back_to_and_removed() {
    let server = Server::new();
    server.run(ID, "both").await;
    let made = server.json("POST", &at(ID, "/checkpoints"), json!({"name": "before"})).await;
    assert_eq!((made.status.as_u16(), &made.json()["name"]), (201, &json!("before")));
    assert_eq!(made.json()["created_at"], "2024-01-02T03:04:05.000Z");
    assert_eq!(server.get(&at(ID, "/checkpoints")).await.json(), json!({"checkpoints": [made.json()]}));
    server.run(ID, "file").await;
    let diff = async |query: &str| server.get(&at(ID, &format!("/diff{query}"))).await.json();
    let expected =
        json!({"from": "before", "to": "now", "added": ["/new"], "changed": [], "removed": [], "truncated": false});
    assert_eq!(diff("?from=before").await, expected);
    assert_eq!(diff("?from=now&to=before").await["removed"], json!(["/new"]));
    let usage = server.get(&at(ID, "/usage")).await.json();
    assert_eq!((&usage["files"], &usage["bytes"], &usage["checkpoints"]), (&json!(1), &json!(5), &json!(1)));
    let back = server.json("POST", &at(ID, "/checkpoints/before/rollback"), json!({})).await;
    assert_eq!((back.status.as_u16(), &back.json()["id"]), (200, &json!(ID)));
    assert_eq!(diff("?from=before").await["added"], json!([]));
    assert_eq!(server.send("DELETE", &at(ID, "/checkpoints/before"), &[], Body::empty()).await.status, 204);
    assert_eq!(server.get(&at(ID, "/checkpoints")).await.json(), json!({"checkpoints": []}));
}

#[tokio::test]
async fn a_fork_has_the_files_and_the_settings_and_an_id_of_its_own() {
    let server = Server::new();
    create(&server, json!({"id": ID, "labels": {"a": "b"}, "limits": {"processes": 4}})).await;
    server.run(ID, "file").await;
    let forked = server.json("POST", &at(ID, "/fork"), json!({"count": 1})).await;
    assert_eq!(forked.status, 201, "{}", forked.text);
    let fork = forked.json()["sessions"][0].clone();
    assert_ne!(fork["id"], ID);
    assert_eq!((&fork["labels"], &fork["limits"]["processes"]), (&json!({"a": "b"}), &json!(4)));
    let files = server.get(&format!("/session/{}/snapshot", fork["id"].as_str().expect("an id"))).await.json();
    assert_eq!(files["files"][0]["path"], "/new");
}

#[tokio::test]
async fn a_server_that_goes_down_is_alive_and_not_ready() {
    let server = Server::new();
    let check = async |path: &str, status: u16, body: Value| {
        let reply = server.get(path).await;
        assert_eq!((reply.status.as_u16(), reply.json()), (status, body));
    };
    check("/readyz", 200, json!({"status": "ready", "reasons": []})).await;
    check("/healthz", 200, json!({"status": "ok"})).await;
    server.app.sessions().shut_down().await;
    check("/readyz", 503, json!({"status": "not_ready", "reasons": ["draining"]})).await;
    check("/healthz", 200, json!({"status": "ok"})).await;
}
