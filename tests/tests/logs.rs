//! The server's log: its two forms, what belongs together in it, and what must never be in it.

use rustix::process::Signal;
use sandshell_tests::Watched;
use serde_json::{Value, json};

const ID: &str = "0123456789abcdef";
const SECRETS: [&str; 4] = ["hunter2script", "hunter3header", "hunter4query", "hunter5file"];

/// Lets a server do what it can do, with secrets in every place, and returns its log.
fn log_of_everything(format: &str) -> Vec<String> {
    let args = ["--log-format", format, "--log-level", "trace", "--session-max-bytes", "1MiB", "--timeout", "1s"];
    let server = Watched::start(&args, &[]);
    let client = server.client();
    let send = |method: &str, path: &str, body: Value| {
        let headers = [
            ("X-Session-ID", ID),
            ("Authorization", "Bearer hunter3header"),
            ("Cookie", "k=hunter3header"),
            ("X-Request-ID", "from-a-proxy"),
        ];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        client.send(method, path, &headers, body.as_bytes()).status
    };
    let script = |text: &str| json!({ "script": text });
    for text in [
        "x=hunter2script; echo $x; mkdir /hunter5file; echo $x >&2; exit 3",
        "hunter2script",
        "echo hunter2script | sort | uniq -c; cat /hunter5file/none; ( kill -9 $$ )",
        "if then hunter2script",
        "x=hunter2script; while :; do :; done",
        "head -c 2000000 /dev/zero > /hunter5file/big",
        "printf 'hunter2script\\0asm' > /p; chmod +x /p; /p",
    ] {
        assert_eq!(send("POST", "/run?token=hunter4query", script(text)), 200);
    }
    assert_eq!(send("POST", "/run", json!({ "script": 5, "hunter2script": 1 })), 400);
    assert_eq!(send("POST", "/complete", json!({ "input": "echo hunter2script", "cursor": 4 })), 200);
    assert_eq!(send("GET", &format!("/session/{ID}/snapshot?hunter4query"), Value::Null), 200);
    assert_eq!(send("GET", "/hunter4query", Value::Null), 404);
    assert_eq!(send("DELETE", &format!("/session/{ID}"), Value::Null), 204);
    server.signal(Signal::TERM);
    server.ended().1
}

#[test]
fn no_script_output_header_query_or_session_id_is_ever_logged() {
    for format in ["human", "json"] {
        let log = log_of_everything(format);
        assert!(log.iter().any(|line| line.contains("a run ended")), "the log tells of runs: {log:#?}");
        assert!(log.iter().filter(|line| line.contains("answered")).count() >= 12, "and of requests: {log:#?}");
        for line in &log {
            // The greeting shows how to use the server with an id of its own.
            let is_greeting = line.contains("curl -sS");
            assert!(is_greeting || !line.contains(ID), "{line}");
            for secret in SECRETS {
                assert!(!line.contains(secret), "{line}");
            }
        }
    }
}

#[test]
fn the_json_form_is_one_object_a_line_and_tells_request_and_session() {
    let log = log_of_everything("json");
    let lines: Vec<Value> =
        log.iter().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect();
    for line in &lines {
        let time = line["time"].as_str().expect("a time");
        assert!(time.len() == "2023-11-14T22:13:20.123456Z".len() && time.ends_with('Z'), "{line}");
        assert!(line["level"].is_string() && line["target"].is_string() && line["message"].is_string(), "{line}");
    }
    let of = |message: &str| lines.iter().filter(|line| line["message"] == message).cloned().collect::<Vec<_>>();
    let (ended, answered) = (of("a run ended"), of("answered"));
    let tag = ended[0]["session"].as_str().expect("a session's tag").to_owned();
    assert_eq!(tag.len(), 8, "{tag}");
    for line in ended.iter().chain(answered.iter().filter(|line| line["route"] != "-")) {
        assert_eq!((&line["session"], &line["request_id"]), (&json!(tag), &json!("from-a-proxy")), "{line}");
    }
    assert!(
        answered.iter().any(|line| line["route"] == "/session/{id}/snapshot" && line["status"] == 200),
        "{answered:#?}"
    );
    assert!(ended.iter().any(|line| line["end"] == "timeout" && line["code"] == 124), "{ended:#?}");
    assert!(lines.iter().any(|line| line["message"] == "listening" && line["addr"].is_string()), "{lines:#?}");
}

#[test]
fn a_reply_tells_the_id_its_lines_have() {
    let mut server = Watched::start(&["--log-level", "debug"], &[]);
    let reply = server.client().get("/health");
    let id = reply.header("x-request-id").to_owned();
    assert!(!id.is_empty());
    let line = server.line("answered");
    assert!(line.contains(&format!("request_id={id} ")) && line.contains("route=/health"), "{line}");
    assert!(!line.contains('\u{1b}'), "no colours into a pipe: {line:?}");
}
