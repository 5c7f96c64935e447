//! The cost of a run over HTTP, against the server's own cheapest route.

use std::time::{Duration, Instant};

use sandshell_tests::{Client, Server};

use crate::connection::{Connection, address, request, run};
use crate::figures::{median, row, timed};

const CONNECTIONS: usize = 32;
const LOAD_TIME: Duration = Duration::from_secs(3);
const ROUNDS: usize = 3;

/// Measures on one server.
pub(crate) fn measure() {
    let server = Server::start(&["--max-sessions", "0"]);
    echo(&server);
    first_run(&server.client());
}

/// Requests a second and the latency of the echo run against the trivial route, in turns.
fn echo(server: &Server) {
    let address = address(server);
    let ids: Vec<String> = (0..CONNECTIONS).map(|number| format!("{number:016x}")).collect();
    for id in &ids {
        let _ = server.client().run_in(id, "echo hi");
    }
    let trivial: Vec<Vec<u8>> = ids.iter().map(|_| request("GET", "/health", "", "")).collect();
    let echo: Vec<Vec<u8>> = ids.iter().map(|id| run(id, "echo hi")).collect();
    let (mut rates, mut latencies) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
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
    let mut times: Vec<f64> = (0..2000).map(|_| timed(|| connection.exchange(request))).collect();
    median(&mut times)
}

/// A new session with its first run, beyond the trivial exchange.
fn first_run(client: &Client) {
    let exchange = || assert_eq!(client.get("/health").status, 200);
    let first = || assert_eq!(client.run_in("new", "echo hi")["exit_code"], 0);
    let ours = median(&mut (0..200).map(|_| timed(first)).collect::<Vec<_>>());
    let reference = median(&mut (0..200).map(|_| timed(exchange)).collect::<Vec<_>>());
    row(
        "new session + first run, p50 beyond the exchange",
        &format!("{:.0} µs", ours - reference),
        &format!("{reference:.0} µs"),
        ours / reference,
        "<= 300 µs",
    );
}
