//! `/v1` from end to end: sessions with a real shell, their checkpoints, forks, cron tables and limits.

use sandshell_tests::{Client, Reply, Server};
use serde_json::{Value, json};

const ID: &str = "0123456789abcdef";

fn at(id: &str, rest: &str) -> String {
    format!("/v1/sessions/{id}{rest}")
}

fn create(client: &Client, body: &Value) -> Value {
    let reply = client.post("/v1/sessions", body);
    assert_eq!(reply.status, 201, "{}", reply.text());
    reply.json()
}

fn post(client: &Client, id: &str, rest: &str, body: &Value) -> Value {
    let reply = client.post(&at(id, rest), body);
    assert!(matches!(reply.status, 200 | 201), "{rest}: {}", reply.text());
    reply.json()
}

fn refused(reply: &Reply, status: u16, code: &str) -> Value {
    let problem = reply.json();
    assert_eq!((reply.status, &problem["code"]), (status, &json!(code)), "{problem}");
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!(problem["request_id"], reply.header("x-request-id"));
    problem
}

fn stdout(client: &Client, id: &str, script: &str) -> String {
    let reply = client.run_in(id, script);
    reply["stdout"].as_str().unwrap_or_else(|| panic!("{script}: {reply}")).to_owned()
}

#[test]
fn a_session_begins_with_its_files_and_under_its_limits() {
    let server = Server::start(&[]);
    let client = server.client();
    let object = create(
        &client,
        &json!({
            "id": ID, "name": "job", "labels": {"team": "red"}, "idle_ttl": 600, "limits": {"max_files": 4},
            "files": [
                {"path": "/in/run", "content": "#!/bin/bash\necho \"from $(cat /in/data)\"\n", "mode": "755"},
                {"path": "/in/data", "content_b64": "YQDDqQo="},
            ],
        }),
    );
    assert_eq!((&object["id"], &object["name"], &object["idle_ttl"]), (&json!(ID), &json!("job"), &json!(600)));
    assert_eq!(object["limits"]["max_files"], 4);
    assert_eq!(
        stdout(&client, ID, "/in/run 2>/dev/null | od -An -c | tr -s ' '; wc -c < /in/data"),
        " f r o m a 303 251 \\n\n5\n"
    );
    assert_ne!(stdout(&client, ID, "for i in 1 2 3 4 5; do echo x > /f$i; done 2>&1"), "");
    let usage = client.get(&at(ID, "/usage")).json();
    assert_eq!(usage["files"], 4, "{usage}");
    assert!(usage["runtime_ms"].as_u64().is_some_and(|ms| ms < 60_000), "{usage}");
    assert_eq!(client.get(&at(ID, "/limits")).json()["max_files"], 4);
    refused(&client.post("/v1/sessions", &json!({"id": ID})), 409, "session_exists");
}

#[test]
fn both_faces_show_the_same_sessions() {
    let server = Server::start(&["--max-sessions", "2"]);
    let client = server.client();
    let _ = client.run_in(ID, "cd /tmp; x=1");
    let shown = client.get(&at(ID, "")).json();
    assert_eq!((&shown["cwd"], &shown["state"]), (&json!("/tmp"), &json!("idle")), "{shown}");
    let minted = create(&client, &json!({}))["id"].as_str().expect("an id").to_owned();
    assert_eq!(client.get("/sessions").json().as_array().map(Vec::len), Some(2));
    refused(&client.post("/v1/sessions", &json!({})), 429, "too_many_sessions");
    assert_eq!(client.send("DELETE", &at(&minted, ""), &[], b"").status, 204);
    refused(&client.send("DELETE", &at(&minted, ""), &[], b""), 404, "not_found");
    assert_eq!(client.get("/v1/sessions").json()["sessions"][0]["id"], ID);
    assert_eq!(client.send("DELETE", &format!("/session/{ID}"), &[], b"").status, 204);
    refused(&client.get(&at(ID, "")), 404, "not_found");
}

#[test]
fn a_session_is_changed_by_who_knows_its_version() {
    let server = Server::start(&[]);
    let client = server.client();
    create(&client, &json!({"id": ID, "labels": {"a": "1"}}));
    let tag = client.get(&at(ID, "")).header("etag").to_owned();
    let patch =
        |tag: &str, body: Value| client.send("PATCH", &at(ID, ""), &[("If-Match", tag)], body.to_string().as_bytes());
    let changed = patch(&tag, json!({"labels": {"a": null, "b": "2"}, "max_lifetime": 3600}));
    assert_eq!((changed.status, &changed.json()["labels"]), (200, &json!({"b": "2"})));
    refused(&patch(&tag, json!({"name": "late"})), 412, "precondition_failed");
    let _ = client.run_in(ID, ":");
    refused(&patch(changed.header("etag"), json!({"name": "late"})), 412, "precondition_failed");
    let list = client.get("/v1/sessions?label=b:2").json();
    assert_eq!(list["sessions"][0]["id"], ID, "{list}");
    assert_eq!(client.get("/v1/sessions?label=a:1").json()["sessions"], json!([]));
}

#[test]
fn a_fork_goes_on_by_itself() {
    let server = Server::start(&[]);
    let client = server.client();
    let script =
        "mkdir /w; cd /w; echo parent > f; v='one two'; a=(x y); f() { echo \"f $v ${a[1]}\"; }; alias g='echo alias'";
    let _ = client.run_in(ID, script);
    let forks = post(&client, ID, "/fork", &json!({"count": 3}))["sessions"].clone();
    let ids: Vec<&str> =
        forks.as_array().expect("a list").iter().map(|fork| fork["id"].as_str().expect("an id")).collect();
    assert_eq!(ids.len(), 3, "{forks}");
    assert_eq!(
        stdout(&client, ids[0], "pwd; cat f; f; echo fork > f; v=changed; cd /; rm -f /w/none; f"),
        "/w\nparent\nf one two y\nf changed y\n"
    );
    assert_eq!(stdout(&client, ids[1], "shopt -s expand_aliases; eval g; cat f; echo second >> f"), "alias\nparent\n");
    assert_eq!(stdout(&client, ID, "pwd; cat f; f"), "/w\nparent\nf one two y\n");
    assert_eq!(stdout(&client, ID, "v=mine; rm f; ls"), "");
    assert_eq!(stdout(&client, ids[2], "cat f; f"), "parent\nf one two y\n");
    assert_eq!(stdout(&client, ids[0], "cat /w/f; f"), "fork\nf changed y\n");
    refused(&client.post(&at(ID, "/fork"), &json!({"count": 17})), 400, "invalid_request");
    assert_eq!(client.send("DELETE", &at(ID, ""), &[], b"").status, 204);
    assert_eq!(stdout(&client, ids[2], "f"), "f one two y\n");
}

#[test]
fn a_rollback_restores_files_variables_and_directory() {
    let server = Server::start(&[]);
    let client = server.client();
    let _ = client.run_in(ID, "mkdir -p /w/sub; cd /w; echo 1 > f; v=before; f() { echo old; }; trap 'echo bye' EXIT");
    let made = post(&client, ID, "/checkpoints", &json!({"name": "before"}));
    assert!(made["bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{made}");
    let used = client.get(&at(ID, "/usage")).json();
    assert_eq!((&used["checkpoints"], &used["checkpoint_bytes"]), (&json!(1), &made["bytes"]));
    let _ = client.run_in(ID, "echo 2 > f; echo x > sub/new; rm -r /tmp; v=after; f() { echo new; }; w=1; cd sub");
    let diff = |query: &str| client.get(&at(ID, &format!("/diff?{query}"))).json();
    let expected = json!({"from": "before", "to": "now", "added": ["/w/sub/new"], "changed": ["/w/f"], "removed": ["/tmp"],
        "truncated": false});
    assert_eq!(diff("from=before"), expected);
    post(&client, ID, "/checkpoints", &json!({"name": "after"}));
    let back = post(&client, ID, "/checkpoints/before/rollback", &json!({}));
    assert_eq!(back["cwd"], "/w", "{back}");
    assert!(back["runtime_ms"].as_u64() >= used["runtime_ms"].as_u64(), "{back}");
    assert_eq!(
        stdout(&client, ID, "pwd; cat f; ls sub; echo $v; f; echo \"[$w]\"; ls -d /tmp"),
        "/w\n1\nbefore\nold\n[]\n/tmp\n"
    );
    assert_eq!(diff("from=before&to=now")["added"], json!([]));
    assert_eq!(diff("from=after&to=before")["removed"], json!(["/w/sub/new"]));
    let fork = post(&client, ID, "/fork", &json!({"checkpoint": "after"}))["sessions"][0]["id"].clone();
    assert_eq!(stdout(&client, fork.as_str().expect("an id"), "pwd; echo $v; f; cat new"), "/w/sub\nafter\nnew\nx\n");
    let names = client.get(&at(ID, "/checkpoints")).json();
    assert_eq!(names["checkpoints"][1]["name"], "after", "{names}");
    assert_eq!(client.send("DELETE", &at(ID, "/checkpoints/before"), &[], b"").status, 204);
    refused(&client.post(&at(ID, "/checkpoints/before/rollback"), &json!({})), 404, "checkpoint_not_found");
    refused(&client.get(&at(ID, "/diff?from=before")), 404, "checkpoint_not_found");
}

#[test]
fn the_cron_table_is_listed_with_the_next_runs() {
    let server = Server::start(&[]);
    let client = server.client();
    create(&client, &json!({"id": ID}));
    let none = json!({"entries": [], "bad_lines": [], "bad_lines_total": 0});
    assert_eq!(client.get(&at(ID, "/cron")).json(), none);
    let table = "TZ=Asia/Tokyo\n30 9 1 1 * echo new year\n@reboot echo up\n61 * * * * bad\n";
    let script = format!("printf '%s' '{table}' > /.crontab");
    assert_eq!(client.run_in(ID, &script)["exit_code"], 0);
    let cron = client.get(&at(ID, "/cron")).json();
    let row = &cron["entries"][0];
    assert_eq!((&row["line"], &row["schedule"], &row["zone"]), (&json!(2), &json!("30 9 1 1 *"), &json!("Asia/Tokyo")));
    assert_eq!(row["command"], "echo new year");
    let next = row["next_run"].as_str().expect("a time");
    assert!(next.ends_with("-01-01T00:30:00.000Z"), "{next}");
    assert_eq!((&cron["entries"][1]["schedule"], &cron["entries"][1]["next_run"]), (&json!("@reboot"), &json!(null)));
    assert_eq!(cron["bad_lines"], json!([{"line": 4, "text": "61 * * * * bad", "error": "bad minute"}]));
    assert_eq!(client.run_in(ID, "crontab -r")["exit_code"], 0);
    assert_eq!(client.get(&at(ID, "/cron")).json(), none);
}

#[test]
fn a_hibernated_session_wakes_as_it_was() {
    let server = Server::start(&[]);
    let client = server.client();
    let _ = client.run_in(ID, "cd /tmp; echo kept > f; v=1; f() { echo \"f $v\"; }; set -o noglob");
    let hibernated = post(&client, ID, "/hibernate", &json!({}));
    assert_eq!((&hibernated["state"], &hibernated["cwd"]), (&json!("hibernated"), &json!("/tmp")), "{hibernated}");
    assert_eq!(stdout(&client, ID, "pwd; cat f; f; echo *; set +o noglob"), "/tmp\nkept\nf 1\n*\n");
    assert_eq!(client.get(&at(ID, "")).json()["state"], "idle");
    let _ = client.run_in(ID, "sleep 100 &");
    refused(&client.post(&at(ID, "/hibernate"), &json!({})), 409, "session_in_use");
}

#[test]
fn the_smallest_limits_end_runs_and_not_the_server() {
    let server = Server::start(&["--max-sessions", "0"]);
    let client = server.client();
    let names = client.get(&at(create(&client, &json!({}))["id"].as_str().expect("an id"), "/limits")).json();
    for name in names.as_object().expect("an object").keys() {
        let zero = client.post("/v1/sessions", &json!({"limits": {name: 0}}));
        let refusal = if zero.status == 201 { String::new() } else { zero.json()["detail"].to_string() };
        let least: u64 =
            refusal.trim_end_matches('"').rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or(1);
        let object = create(&client, &json!({"limits": {name: least}}));
        assert_eq!(object["limits"][name], least);
        let id = object["id"].as_str().expect("an id");
        let reply = client.send("POST", "/run", &[("X-Session-ID", id)], br#"{"script":"echo hi > /f; cat /f"}"#);
        assert!(matches!(reply.status, 200 | 429), "{name}: {}", reply.text());
        assert_ne!(client.get(&at(id, "")).json()["state"], "broken", "{name}");
    }
    assert_eq!(client.run("echo fine")["stdout"], "fine\n");
}

#[test]
fn a_used_up_limit_is_named() {
    let server = Server::start(&["--session-max-bytes", "1000"]);
    let client = server.client();
    let above = refused(&client.post("/v1/sessions", &json!({"limits": {"max_bytes": 1001}})), 422, "limit_exceeded");
    assert_eq!(above["limit"], json!({"name": "max_bytes", "max": 1000, "used": 1001}));
    create(&client, &json!({"id": ID, "limits": {"checkpoints": 1}}));
    let _ = client.run_in(ID, "echo x > /f");
    post(&client, ID, "/checkpoints", &json!({"name": "a"}));
    let over = refused(&client.post(&at(ID, "/checkpoints"), &json!({"name": "b"})), 429, "limit_exceeded");
    assert_eq!(over["limit"], json!({"name": "checkpoints", "max": 1, "used": 2}));
}

#[test]
fn the_server_says_that_it_is_ready_and_which_routes_there_are() {
    let server = Server::start(&[]);
    let client = server.client();
    assert_eq!(client.get("/readyz").json(), json!({"status": "ready", "reasons": []}));
    assert_eq!(client.get("/healthz").json(), json!({"status": "ok"}));
    refused(&client.get("/v1/nope"), 404, "not_found");
    let wrong = client.send("PUT", "/v1/sessions", &[], b"{}");
    refused(&wrong, 405, "method_not_allowed");
    assert_eq!(wrong.header("allow"), "GET,HEAD,POST");
    refused(&client.get("/v1/sessions?page=2"), 400, "invalid_request");
    refused(&client.post("/v1/sessions", &json!({"ttl": 5})), 400, "invalid_request");
    refused(&client.get(&at("short", "")), 400, "invalid_id");
    assert_eq!(client.get("/nope").text(), "404 page not found\n");
}
