//! The HTTP interface as a client of the older server sees it, and what `/run` adds to it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sandshell_tests::server::run_binary;
use sandshell_tests::{Client, Server};
use serde_json::{Value, json};

const ID: &str = "0123456789abcdef";

fn post_run(client: &Client, session: Option<&str>, body: &[u8]) -> (u16, Value) {
    let mut headers = vec![("Content-Type", "application/json")];
    headers.extend(session.map(|id| ("X-Session-ID", id)));
    let reply = client.send("POST", "/run", &headers, body);
    (reply.status, reply.json())
}

#[test]
fn a_session_keeps_its_directory_variables_and_functions() {
    let server = Server::start(&[]);
    let client = server.client();
    let script = "mkdir -p /logs && cd /logs && v=42 && f() { echo \"f sees $v\"; }\n\
        for i in 1 2 3 4; do for l in DEBUG INFO WARN INFO; do echo \"2026-01-0$i $l message $i\"; done > day$i.log; done";
    let first = client.run_in(ID, script);
    assert_eq!((&first["exit_code"], &first["cwd"]), (&json!(0), &json!("/logs")), "{first}");
    let second =
        client.run_in(ID, "cat *.log | grep -v DEBUG | cut -d' ' -f2 | sort | uniq -c | sort -rn | head -n 3; f; pwd");
    assert_eq!(second["stdout"], "      8 INFO\n      4 WARN\nf sees 42\n/logs\n", "{second}");
    assert_eq!(second["session_id"], ID);
    assert!(second.get("error").is_none());
}

#[test]
fn a_reader_that_goes_away_ends_its_writer() {
    let reply = Server::start(&[]).client().run("yes | head -n 1; echo ${PIPESTATUS[@]}");
    assert_eq!(reply["stdout"], "y\n141 0\n", "{reply}");
}

#[test]
fn the_reply_tells_status_reason_streams_and_usage() {
    let server = Server::start(&[]);
    let reply = server.client().run("echo out; echo err >&2; exit 3");
    assert_eq!(reply["stdout"], "out\n");
    assert_eq!(reply["stderr"], "err\n");
    assert_eq!(reply["output"], "out\nerr\n");
    assert_eq!(reply["exit_code"], 3);
    assert_eq!(reply["reason"], "exited");
    assert_eq!(reply["truncated"], false);
    assert_eq!(reply["error"], "command failed");
    assert!(reply.get("session_id").is_none());
    for field in ["wall_ms", "cpu_ms", "fuel", "memory_peak", "processes", "files", "bytes"] {
        assert!(reply["usage"][field].is_u64(), "usage.{field}: {reply}");
    }
}

#[test]
fn exit_ends_the_run_and_not_the_session() {
    let server = Server::start(&[]);
    let client = server.client();
    assert_eq!(client.run_in(ID, "x=1; exit 7")["exit_code"], 7);
    assert_eq!(client.run_in(ID, "echo $x")["stdout"], "1\n");
}

#[test]
fn output_that_is_not_text_is_there_unharmed() {
    let reply = Server::start(&[]).client().run("printf 'a\\xffb'");
    assert_eq!(reply["stdout"], "a\u{fffd}b");
    assert_eq!(reply["stdout_b64"], STANDARD.encode(b"a\xffb"));
    assert!(reply.get("stderr_b64").is_none());
}

#[test]
fn the_same_script_uses_the_same_fuel_in_two_fresh_sessions() {
    let server = Server::start(&[]);
    let script = "for ((i = 0; i < 2000; i++)); do s=$s$i; done; echo ${#s}";
    let fuel = || server.client().run(script)["usage"]["fuel"].as_u64().expect("a number");
    let first = fuel();
    assert!(first > 100_000, "{first}");
    assert_eq!(first, fuel());
}

#[test]
fn ids_are_minted_on_request_and_checked_otherwise() {
    let server = Server::start(&[]);
    let client = server.client();
    let minted = client.run_in("new", "echo hi")["session_id"].as_str().expect("an id").to_owned();
    assert!(minted.len() == 32 && minted.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()), "{minted}");
    for bad in ["short", "0123456789abcdeg", &"a".repeat(65)] {
        let (status, reply) = post_run(&client, Some(bad), br#"{"script":"echo hi"}"#);
        assert_eq!(status, 400);
        assert_eq!(reply["error"], "invalid session id: use 16-64 hex chars or 'new'");
    }
}

#[test]
fn bad_requests_are_told_what_is_wrong_and_change_nothing() {
    let server = Server::start(&["--max-body", "4096"]);
    let client = server.client();
    let _ = client.run_in(ID, "x=kept");
    let cases: &[(&[u8], u16, &str)] = &[
        (b"{", 400, "invalid request body"),
        (b"[]", 400, "invalid request body"),
        (br#"{"script":5}"#, 400, "invalid request body"),
        (b"{\"script\":\"\xff\"}", 400, "invalid request body"),
        (br#"{}"#, 400, "script is required"),
        (br#"{"script":"  \n "}"#, 400, "script is required"),
    ];
    for (body, status, error) in cases {
        let (got, reply) = post_run(&client, Some(ID), body);
        assert_eq!((got, reply["error"].as_str()), (*status, Some(*error)), "{}", String::from_utf8_lossy(body));
    }
    let large = json!({ "script": format!("x=lost; : {}", "a".repeat(8192)) }).to_string();
    let (status, reply) = post_run(&client, Some(ID), large.as_bytes());
    assert_eq!(status, 413);
    assert!(reply["error"].as_str().is_some_and(|text| text.contains("4096")), "{reply}");
    assert_eq!(client.run_in(ID, "echo $x")["stdout"], "kept\n");
}

#[test]
fn sessions_are_listed_newest_first_with_nine_fields_and_deleted() {
    let server = Server::start(&[]);
    let client = server.client();
    assert_eq!(client.get("/sessions").text(), "[]\n");
    let _ = client.run_in("aaaaaaaaaaaaaaaa", "cd /tmp");
    let _ = client.run_in("bbbbbbbbbbbbbbbb", ":");
    let list = client.get("/sessions").json();
    assert_eq!(list[1]["cwd"], "/tmp", "{list}");
    assert_eq!(list[0]["id"], "bbbbbbbbbbbbbbbb");
    let fields = list[0].as_object().expect("an object");
    let names = [
        "id",
        "cwd",
        "created_at",
        "last_use",
        "runtime_ms",
        "network_requests",
        "network_bytes_sent",
        "network_bytes_received",
        "network_runtime_ms",
    ];
    assert_eq!(fields.len(), names.len());
    assert!(names.iter().all(|name| fields.contains_key(*name)), "{list}");
    assert_eq!(client.get("/health").json()["sessions"], 2);
    for _ in 0..2 {
        assert_eq!(client.send("DELETE", "/session/aaaaaaaaaaaaaaaa", &[], b"").status, 204);
    }
    assert_eq!(client.get("/sessions").json().as_array().map(Vec::len), Some(1));
}

#[test]
fn only_creation_is_refused_at_the_maximum() {
    let server = Server::start(&["--max-sessions", "1"]);
    let client = server.client();
    assert_eq!(client.run_in(ID, "echo one")["stdout"], "one\n");
    let (status, reply) = post_run(&client, Some("new"), br#"{"script":"echo two"}"#);
    assert_eq!((status, reply["error"].as_str()), (429, Some("maximum number of sessions reached")));
    assert_eq!(client.run_in(ID, "echo again")["stdout"], "again\n");
}

#[test]
fn a_snapshot_goes_out_and_comes_back() {
    let server = Server::start(&[]);
    let client = server.client();
    let _ = client.run_in(ID, "mkdir -p /d/e; echo text > /d/e/f; cd /d/e");
    let reply = client.get(&format!("/session/{ID}/snapshot"));
    assert_eq!(reply.header("content-disposition"), "attachment; filename=\"memsh-snapshot.json\"");
    let snapshot = reply.json();
    assert_eq!((&snapshot["version"], &snapshot["cwd"]), (&json!(1), &json!("/d/e")));
    let files = snapshot["files"].as_array().expect("files");
    assert_eq!(
        files[0],
        json!({ "path": "/d", "mode": (1u32 << 31) | 0o755, "is_dir": true }),
        "template files are left out"
    );
    assert_eq!(files[2], json!({ "path": "/d/e/f", "mode": 0o644, "content": STANDARD.encode("text\n") }));
    let copy = client.import("new", &snapshot);
    assert_eq!(client.run_in(&copy, "pwd; cat f; echo \"[$x]\"")["stdout"], "/d/e\ntext\n[]\n");
    assert_eq!(client.get("/session/ffffffffffffffff/snapshot").status, 404);
}

#[test]
fn a_bad_snapshot_is_refused_and_changes_nothing() {
    let server = Server::start(&["--session-max-bytes", "1000"]);
    let client = server.client();
    let _ = client.run_in(ID, "echo kept > /kept");
    let file = |path: &str, content: &str| json!({ "version": 1, "cwd": "/", "files": [{ "path": path, "mode": 420, "content": content }] });
    let cases = [
        (json!({ "version": 0, "cwd": "/", "files": [] }), 422, "unsupported version 0 (want 1)"),
        (file("/x/../y", ""), 422, "contains traversal sequence"),
        (file("relative", ""), 422, "must be absolute"),
        (file("/x", "***"), 400, "snapshot: parse"),
        (file("/x", &STANDARD.encode(vec![b'a'; 2000])), 422, "limit"),
        (json!({ "version": "x" }), 400, "snapshot: parse"),
    ];
    for (snapshot, status, text) in cases {
        let reply = client.post(&format!("/session/{ID}/snapshot"), &snapshot);
        assert_eq!(reply.status, status, "{snapshot}: {}", reply.text());
        assert!(reply.json()["error"].as_str().is_some_and(|error| error.contains(text)), "{}", reply.text());
        assert_eq!(client.run_in(ID, "cat /kept")["stdout"], "kept\n");
    }
    assert_eq!(client.post("/session/new/snapshot", &file("/a..b", "")).status, 200);
}

#[test]
fn a_file_that_is_no_program_cannot_be_executed() {
    let server = Server::start(&[]);
    let client = server.client();
    let content = STANDARD.encode(b"\0\x01\x02 no program");
    let files = json!([{ "path": "/x", "mode": 0o755, "content": content }, { "path": "/y", "mode": 0o644, "content": content }]);
    let session = client.import("new", &json!({ "version": 1, "cwd": "/", "files": files }));
    let reply = client.run_in(&session, "/x");
    assert_eq!(reply["exit_code"], 126, "{reply}");
    assert!(reply["stderr"].as_str().is_some_and(|text| text.contains("cannot execute")), "{reply}");
    assert_eq!(client.run_in(&session, "/y")["stderr"], "bash: line 1: /y: Permission denied\n");
}

#[test]
fn unknown_routes_and_methods_have_plain_answers() {
    let server = Server::start(&[]);
    let client = server.client();
    assert_eq!(client.get("/nowhere").status, 404);
    assert_eq!(client.send("PUT", "/sessions", &[], b"").status, 405);
    assert_eq!(client.get("/").status, 200);
    assert!(client.get("/").header("content-security-policy").contains("default-src"));
}

#[test]
fn one_session_does_not_see_anothers_files() {
    let server = Server::start(&[]);
    let client = server.client();
    let _ = client.run_in("aaaaaaaaaaaaaaaa", "echo secret > /secret; ln -s /secret /link; rm /bin/ls");
    let other = client.run_in("bbbbbbbbbbbbbbbb", "cat /secret; ls /bin/ls");
    assert_eq!(other["stdout"], "/bin/ls\n");
}

#[test]
fn a_program_sees_the_environment_the_session_exports_and_no_other() {
    let server = Server::start(&[]);
    let reply = server.client().run("export MINE=1; HIDDEN=2; printenv | cut -d= -f1 | sort | tr '\\n' ' '");
    let expected = "HOME HOSTNAME LANG LOGNAME MINE PATH PWD SHELL SHLVL TERM USER ";
    assert_eq!(reply["stdout"].as_str().map(|names| names.replace("_ ", "")), Some(expected.to_owned()), "{reply}");
}

#[test]
fn a_shell_that_kills_itself_ends_the_run_and_keeps_what_was_saved() {
    let server = Server::start(&[]);
    let client = server.client();
    let _ = client.run_in(ID, "x=saved");
    let reply = client.run_in(ID, "x=lost; cd /tmp; kill -9 $$; echo not reached");
    assert_eq!((&reply["exit_code"], &reply["reason"]), (&json!(137), &json!("signalled")), "{reply}");
    assert_eq!(client.run_in(ID, "echo $x $PWD; pwd -P")["stdout"], "saved /\n/\n");
}

#[test]
fn every_name_of_the_multi_call_program_is_a_command() {
    let server = Server::start(&[]);
    let reply = server.client().run(
        "for u in $(coreutils --list); do [ /bin/$u -ef /bin/coreutils ] || echo $u; done; coreutils --list | wc -l",
    );
    let stdout = reply["stdout"].as_str().expect("text").trim().to_owned();
    assert!(stdout.parse::<u32>().is_ok_and(|count| count > 60), "{reply}");
}

#[test]
fn four_sessions_that_compute_for_ever_all_advance() {
    let server = Server::start(&["--cpu-slots", "2", "--timeout", "3s"]);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|number| {
                let client = server.client();
                let id = format!("ccccccccccccccc{number}");
                scope.spawn(move || {
                    let reply =
                        client.run_in(&id, "while :; do seq 1000000 >/dev/null; n=$((n+1)); echo $n > /n; done");
                    assert_eq!(reply["reason"], "timeout", "{reply}");
                    let rounds = client.run_in(&id, "cat /n")["stdout"]
                        .as_str()
                        .and_then(|text| text.trim().parse::<u32>().ok());
                    assert!(rounds.is_some_and(|rounds| rounds > 0), "session {number} did not advance");
                })
            })
            .collect();
        for worker in workers {
            worker.join().expect("a session advances");
        }
    });
}

#[test]
fn the_binary_runs_a_script_without_a_server() {
    let (status, stdout, stderr) =
        run_binary(&["run", "-c", "read x; echo \"got $x\"; echo no >&2; exit 5"], b"line\n");
    assert_eq!((status, stdout.as_slice(), stderr.as_slice()), (5, b"got line\n".as_slice(), b"no\n".as_slice()));
}

#[test]
fn a_port_in_use_is_said_in_one_line() {
    let server = Server::start(&[]);
    let address = server.url().trim_start_matches("http://").to_owned();
    let (status, _, stderr) = run_binary(&["serve", "--addr", &address], b"");
    let stderr = String::from_utf8_lossy(&stderr).into_owned();
    assert_eq!(status, 1, "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains("in use"), "{stderr}");
}
