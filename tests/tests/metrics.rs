//! `GET /metrics`: what it counts over real runs, and that Prometheus' own tool has nothing to say against it.

use std::io::Write;
use std::process::{Command, Stdio};

use sandshell_tests::server::Server;
use sandshell_tests::skip::tool_or_skip;
use serde_json::json;

const SESSION: &str = "0123456789abcdef";

/// The value of the sample that is written so, with its labels.
fn value(metrics: &str, sample: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{sample} is not in\n{metrics}")).parse().expect("a number")
}

#[test]
fn runs_processes_and_refusals_are_counted() {
    let server = Server::start(&["--max-sessions", "1", "--timeout", "1s"]);
    let client = server.client();
    let run = |session: &str, script: &str| {
        let body = json!({ "script": script }).to_string();
        client.send("POST", "/run", &[("X-Session-ID", session)], body.as_bytes()).status
    };
    assert_eq!(run(SESSION, "ls / | wc -l; exit 3"), 200);
    assert_eq!(run(SESSION, "while :; do :; done"), 200);
    assert_eq!(run("new", "true"), 429);
    let reply = client.get("/metrics");
    assert_eq!((reply.status, reply.header("content-type")), (200, "text/plain; version=0.0.4; charset=utf-8"));
    let metrics = reply.text();
    for (sample, expected) in [
        ("sandshell_runs_total{outcome=\"exited\"}", 1.0),
        ("sandshell_runs_total{outcome=\"timeout\"}", 1.0),
        ("sandshell_runs_refused_total{reason=\"sessions\"}", 1.0),
        ("sandshell_run_seconds_count", 2.0),
        ("sandshell_run_queue_seconds_count", 2.0),
        ("sandshell_processes_started_total{kind=\"program\"}", 2.0),
        ("sandshell_process_start_seconds_count", 2.0),
        ("sandshell_sessions", 1.0),
        ("sandshell_runs_running", 0.0),
        ("sandshell_processes", 0.0),
    ] {
        assert!((value(&metrics, sample) - expected).abs() < 0.5, "{sample}\n{metrics}");
    }
    assert!(value(&metrics, "sandshell_cpu_seconds_total") > 0.5, "the loop computed for a second");
    assert!(value(&metrics, "sandshell_memory_bytes") > 0.0, "the session's shell is live");
    assert!(value(&metrics, "sandshell_open_descriptors") >= 3.0, "the shell has its three");
    assert!(value(&metrics, "sandshell_memory_bytes") < value(&metrics, "sandshell_memory_limit_bytes"));
    assert!(!metrics.contains(SESSION), "no session's name is told");
}

#[test]
fn promtool_accepts_the_metrics() {
    if !tool_or_skip("metrics", "promtool") {
        return;
    }
    let server = Server::start(&[]);
    let client = server.client();
    assert_eq!(client.run("ls / | wc -l")["exit_code"], 0);
    let mut check = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it is on the PATH");
    let mut stdin = check.stdin.take().expect("stdin is piped");
    stdin.write_all(&client.get("/metrics").body).expect("promtool reads");
    drop(stdin);
    let output = check.wait_with_output().expect("promtool ends");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.trim().is_empty(), "{said}");
}
