//! Shell work timed inside a session and in GNU bash.

use std::process::{Command, Stdio};
use std::time::Instant;

use sandshell_tests::{Client, Server};

use crate::figures::{alone, median, row};

const ROUNDS: usize = 5;

/// Measures on one server.
pub(crate) fn measure() {
    let server = Server::start(&["--max-sessions", "0"]);
    let client = server.client();
    for (what, script, reference, budget) in SHELL {
        shell(&client, what, script, reference, budget);
    }
}

/// Shell work timed inside the session and in bash: (what, our script, bash's script, budget). `N` runs a loop.
const SHELL: &[(&str, &str, &str, &str)] = &[
    (
        "1,000 x /bin/true",
        "for ((i=0;i<1000;i++)); do /bin/true; done",
        "for ((i=0;i<1000;i++)); do /bin/true; done",
        "<= 0.1",
    ),
    (
        "1,000 x ls / >/dev/null",
        "for ((i=0;i<1000;i++)); do ls / >/dev/null; done",
        "for ((i=0;i<1000;i++)); do ls / >/dev/null; done",
        "<= 0.5",
    ),
    (
        "arithmetic loop, 300,000 rounds",
        "for ((i=0;i<300000;i++)); do ((x+=i*2)); done",
        "for ((i=0;i<300000;i++)); do ((x+=i*2)); done",
        "<= 1.0",
    ),
    (
        "string loop, 20,000 rounds",
        "for ((i=0;i<20000;i++)); do s=${s}a; t=${s#a}; done",
        "for ((i=0;i<20000;i++)); do s=${s}a; t=${s#a}; done",
        "<= 1.0",
    ),
    ("grep -c over 10 MiB", "grep -c 99 /tmp/big", "grep -c 99 $BIG", "<= 3"),
    ("wc -l over 10 MiB", "wc -l /tmp/big", "wc -l $BIG", "<= 3"),
    (
        "sort | uniq -c over 1 MiB",
        "head -c 1048576 /tmp/big | sort | uniq -c | tail -n 1",
        "head -c 1048576 $BIG | sort | uniq -c | tail -n 1",
        "",
    ),
    (
        "64 KiB blocks through a pipe, 256 MiB",
        "head -c 268435456 /dev/zero | cat >/dev/null",
        "head -c 268435456 /dev/zero | cat >/dev/null",
        ">= 1 GB/s: <= 0.27 s",
    ),
];

/// Median wall time of a script in a session and in bash.
fn shell(client: &Client, what: &str, script: &str, reference: &str, budget: &str) {
    let id = client.run_in("new", "seq 1000000000 1001000000 | head -c 10485760 > /tmp/big")["session_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let mut ours: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let reply = client.run_in(&id, script);
            assert_eq!(reply["exit_code"], 0, "{reply}");
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    let _ = client.send("DELETE", &format!("/session/{id}"), &[], b"");
    let ours = median(&mut ours);
    match bash(reference) {
        Some(theirs) => row(what, &format!("{ours:.1} ms"), &format!("{theirs:.1} ms"), ours / theirs, budget),
        None => alone(what, &format!("{ours:.1} ms"), budget),
    }
}

fn bash(script: &str) -> Option<f64> {
    let folder = tempfile::tempdir().ok()?;
    let big = folder.path().join("big");
    let numbers: String = (1_000_000_000u64..).take(953_251).map(|number| format!("{number}\n")).collect();
    std::fs::write(&big, &numbers.as_bytes()[..10_485_760.min(numbers.len())]).ok()?;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let status = Command::new("bash")
            .args(["-c", script])
            .env("BIG", &big)
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .ok()?;
        assert!(status.success());
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    Some(median(&mut times))
}
