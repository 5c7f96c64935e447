//! `make bench`: the budgets of the design as ratios, both sides measured in one run on one machine.
//!
//! It starts the built server, loads it over loopback for bounded times, and runs GNU bash beside it where bash is
//! installed. It prints and never judges by exit status: machines are noisy, and a figure needs a reader.
#![expect(clippy::print_stdout, reason = "a bench reads the clock and prints")]

use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sandshell_tests::{Client, Server};
use serde_json::json;

const CONNECTIONS: usize = 32;
const LOAD_TIME: Duration = Duration::from_secs(3);
const ROUNDS: usize = 5;

fn main() {
    let server = Server::start(&["--max-sessions", "0"]);
    let client = server.client();
    println!("{:<58} {:>12} {:>12} {:>8}  budget", "what", "ours", "reference", "ratio");
    http(&server);
    first_run(&client);
    for (what, script, reference, budget) in SHELL {
        shell(&client, what, script, reference, budget);
    }
    runaway();
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

/// Prints one row.
fn row(what: &str, ours: &str, reference: &str, ratio: f64, budget: &str) {
    println!("{what:<58} {ours:>12} {reference:>12} {ratio:>8.2}  {budget}");
}

/// Requests a second and the latency of the echo run against the trivial route, in turns.
fn http(server: &Server) {
    let address = server.url().trim_start_matches("http://").to_owned();
    let ids: Vec<String> = (0..CONNECTIONS).map(|number| format!("{number:016x}")).collect();
    for id in &ids {
        let _ = server.client().run_in(id, "echo hi");
    }
    let trivial: Vec<Vec<u8>> = ids.iter().map(|_| request("GET", "/health", "", "")).collect();
    let echo: Vec<Vec<u8>> = ids
        .iter()
        .map(|id| request("POST", "/run", &format!("X-Session-ID: {id}\r\n"), r#"{"script":"echo hi"}"#))
        .collect();
    let (mut rates, mut latencies) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS.min(3) {
        rates.push((load(&address, &echo), load(&address, &trivial)));
        latencies.push((median_latency(&address, &echo[0]), median_latency(&address, &trivial[0])));
    }
    rates.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    latencies.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    let (ours, reference) = rates[rates.len() / 2];
    row(
        "echo on a live session, 32 connections, requests/s",
        &format!("{ours:.0}"),
        &format!("{reference:.0}"),
        ours / reference,
        ">= 0.5 of GET /health",
    );
    let (ours, reference) = latencies[latencies.len() / 2];
    row(
        "the same, one connection, p50",
        &format!("{ours:.0} µs"),
        &format!("{reference:.0} µs"),
        ours / reference,
        "<= 2 x GET /health",
    );
}

fn request(method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// One connection that sends a request and reads its whole answer.
struct Connection {
    stream: BufReader<TcpStream>,
    buffer: Vec<u8>,
}

impl Connection {
    fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("a socket option");
        Self { stream: BufReader::new(stream), buffer: vec![0; 65536] }
    }

    /// Sends and waits for as many bytes as the head's Content-Length tells.
    fn exchange(&mut self, request: &[u8]) {
        self.stream.get_mut().write_all(request).expect("the server reads");
        let mut filled = 0;
        loop {
            let count = self.stream.read(&mut self.buffer[filled..]).expect("the server answers");
            assert!(count > 0, "the server closed the connection");
            filled += count;
            if let Some(end) = self.buffer[..filled].windows(4).position(|window| window == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.buffer[..end]).to_ascii_lowercase();
                let length = head
                    .split("content-length: ")
                    .nth(1)
                    .and_then(|rest| rest.lines().next())
                    .and_then(|text| text.trim().parse::<usize>().ok());
                if filled >= end + 4 + length.expect("a Content-Length") {
                    assert!(head.starts_with("http/1.1 200"), "{head}");
                    return;
                }
            }
        }
    }
}

/// Returns the requests a second of one connection for each request, together.
fn load(address: &str, requests: &[Vec<u8>]) -> f64 {
    let start = Instant::now();
    let total: u64 = std::thread::scope(|scope| {
        let workers: Vec<_> = requests
            .iter()
            .map(|request| {
                scope.spawn(move || {
                    let mut connection = Connection::open(address);
                    let mut count = 0u64;
                    while start.elapsed() < LOAD_TIME {
                        connection.exchange(request);
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("a worker ends")).sum()
    });
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    let total = total as f64;
    total / start.elapsed().as_secs_f64()
}

/// Returns the median time of one exchange, in microseconds.
fn median_latency(address: &str, request: &[u8]) -> f64 {
    let mut connection = Connection::open(address);
    let mut times: Vec<f64> = (0..2000)
        .map(|_| {
            let start = Instant::now();
            connection.exchange(request);
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// A new session with its first run, beyond the trivial exchange.
fn first_run(client: &Client) {
    let median = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    let timed = |work: &dyn Fn()| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64() * 1e6
    };
    let ours =
        median((0..200).map(|_| timed(&|| assert_eq!(client.run_in("new", "echo hi")["exit_code"], 0))).collect());
    let reference = median((0..200).map(|_| timed(&|| assert_eq!(client.get("/health").status, 200))).collect());
    row(
        "new session + first run, p50 beyond the exchange",
        &format!("{:.0} µs", ours - reference),
        &format!("{reference:.0} µs"),
        ours / reference,
        "<= 300 µs",
    );
}

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
    ours.sort_by(f64::total_cmp);
    let ours = ours[ROUNDS / 2];
    match bash(reference) {
        Some(theirs) => row(what, &format!("{ours:.1} ms"), &format!("{theirs:.1} ms"), ours / theirs, budget),
        None => println!("{what:<58} {ours:>9.1} ms   (bash is not installed)  {budget}"),
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
    times.sort_by(f64::total_cmp);
    Some(times[ROUNDS / 2])
}

/// How late runaways end, beyond a deadline of one second.
fn runaway() {
    let server = Server::start(&["--timeout", "1s"]);
    let client = server.client();
    let mut late: Vec<f64> = (0..10)
        .map(|_| {
            let reply = client.post("/run", &json!({ "script": "while :; do :; done" })).json();
            reply["usage"]["wall_ms"].as_f64().unwrap_or(f64::NAN) - 1000.0
        })
        .collect();
    late.sort_by(f64::total_cmp);
    println!(
        "{:<58} {:>9.0} ms {:>12} {:>8}  <= 20 ms",
        "stop of a runaway after its deadline, worst of 10", late[9], "", ""
    );
}
