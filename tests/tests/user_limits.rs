//! A program that a user brings is stopped by each limit, each with its own outcome, and its session goes on.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sandshell_tests::program::compiled;
use sandshell_tests::{Client, Server};
use serde_json::{Value, json};

const PROGRAM: &str = include_str!("../guests/limits.rs");

/// A session that has the program, under small limits.
fn session(client: &Client, program: &[u8]) -> String {
    let file = json!({ "path": "/home/program", "mode": 0o755, "content": STANDARD.encode(program) });
    client.import("new", &json!({ "version": 1, "cwd": "/home", "files": [file] }))
}

/// Runs it with an argument, also beside others in a pipeline; the session answers afterwards.
fn stopped(client: &Client, session: &str, script: &str) -> Value {
    let reply = client.run_in(session, script);
    let after = client.run_in(session, "rm -f /tmp/*; ./program | cat");
    assert_eq!(after["stdout"], "hello\n", "after {script}: {after}");
    reply
}

#[test]
fn each_limit_stops_a_users_program_with_its_own_outcome() {
    let server = Server::start(&[
        "--timeout",
        "3s",
        "--run-max-output",
        "1MiB",
        "--session-max-bytes",
        "8MiB",
        "--session-max-files",
        "50",
        "--process-max-memory",
        "64MiB",
        "--process-max-fds",
        "64",
    ]);
    let client = server.client();
    let id = session(&client, &compiled("wasm32-wasip1", PROGRAM));
    for (script, reason, code) in [
        ("./program spin", "timeout", 124),
        ("./program sleep", "timeout", 124),
        ("seq 3 | ./program spin | cat", "timeout", 124),
        ("./program write", "output", 153),
    ] {
        let reply = stopped(&client, &id, script);
        assert_eq!((&reply["reason"], &reply["exit_code"]), (&json!(reason), &json!(code)), "{script}: {reply}");
    }
    for (script, stdout) in [
        // Rust aborts when its allocator gets nothing: the Wasm trap is SIGILL or SIGABRT to the shell.
        (
            "./program grow 2>&1 | grep -o 'memory allocation of [0-9]* bytes failed'; [ ${PIPESTATUS[0]} -gt 128 ] && echo died",
            "memory allocation of 1048576 bytes failed\ndied\n",
        ),
        (
            "./program fill; stat -c %s /tmp/filled | awk '{ print ($1 <= 8388608), ($1 > 7340032) }'",
            "Quota exceeded (os error 19)\n1 1\n",
        ),
        ("./program make | sed 's/^[0-9]* //'", "Quota exceeded (os error 19)\n"),
        ("./program open", "true No file descriptors available (os error 33)\n"),
        ("./program write | head -c 5", "yyyyy"),
    ] {
        let reply = stopped(&client, &id, script);
        assert_eq!(reply["stdout"], stdout, "{script}: {reply}");
    }
}

#[test]
fn fuel_stops_a_users_program() {
    let server = Server::start(&["--run-max-fuel", "50M", "--timeout", "60s"]);
    let client = server.client();
    let id = session(&client, &compiled("wasm32-wasip1", PROGRAM));
    let reply = stopped(&client, &id, "./program spin; echo not reached");
    assert_eq!((&reply["reason"], &reply["exit_code"]), (&json!("fuel"), &json!(152)), "{reply}");
}

#[test]
fn a_session_has_no_more_of_its_users_programs_than_processes() {
    let server = Server::start(&["--session-max-processes", "8", "--timeout", "20s"]);
    let client = server.client();
    let id = session(&client, &compiled("wasm32-wasip1", PROGRAM));
    let script = "for i in 1 2 3 4 5 6 7 8 9; do ./program sleep & done 2>/tmp/said; jobs -r >/tmp/jobs; kill $(jobs -p); wait; \
                  wc -l </tmp/jobs; grep -c 'Resource temporarily unavailable' /tmp/said";
    let reply = stopped(&client, &id, script);
    assert_eq!(reply["stdout"], "7\n2\n", "{reply}");
}
