//! What others do to a session: a hundred of them computing without end, and how late a runaway is stopped.

use std::sync::atomic::{AtomicBool, Ordering};

use sandshell_tests::Server;
use serde_json::json;

use crate::connection::{Connection, address, run};
use crate::figures::{alone, percentile, row, timed};

const SPINNERS: usize = 100;
/// Enough for a p99 that is not one stray sample.
const EXCHANGES: usize = 3000;
const RUNAWAYS: usize = 100;

/// Measures both.
pub(crate) fn measure() {
    spinning();
    runaways();
}

/// The echo run alone, and then beside sessions that compute without end.
fn spinning() {
    let server = Server::start(&["--max-sessions", "0", "--timeout", "120s"]);
    let address = address(&server);
    let echo = run("ec40ec40ec40ec40", "echo hi");
    let mut connection = Connection::open(&address);
    let mut latencies = || (0..EXCHANGES).map(|_| timed(|| connection.exchange(&echo))).collect::<Vec<_>>();
    latencies();
    let mut idle = latencies();
    let client = server.client();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for number in 0..SPINNERS {
            let (client, over) = (client.clone(), &over);
            scope.spawn(move || {
                // Ends when the session is deleted below.
                let session = format!("{number:016x}");
                let reply = client.run_in(&session, "while :; do :; done");
                assert!(over.load(Ordering::Acquire), "a spinner ended early: {reply}");
            });
        }
        while client.get("/metrics").text().lines().all(|line| line != format!("sandshell_runs_running {SPINNERS}")) {
            std::thread::yield_now();
        }
        let mut busy = latencies();
        over.store(true, Ordering::Release);
        for number in 0..SPINNERS {
            let deleted = client.send("DELETE", &format!("/session/{number:016x}"), &[], b"");
            assert_eq!(deleted.status, 204);
        }
        for (name, share, budget) in [("p50", 0.5, ""), ("p99", 0.99, "<= 5 ms above idle")] {
            let (idle, busy) = (percentile(&mut idle, share), percentile(&mut busy, share));
            let what = format!("echo beside {SPINNERS} spinning sessions, {name}, and alone");
            row(&what, &format!("{:.2} ms", busy / 1e3), &format!("{:.2} ms", idle / 1e3), busy / idle, budget);
        }
    });
}

/// How late runaways end, beyond their deadline.
fn runaways() {
    const DEADLINE_MS: f64 = 100.0;
    let server = Server::start(&["--timeout", "100ms"]);
    let client = server.client();
    let late = |_| {
        let reply = client.post("/run", &json!({ "script": "while :; do :; done" })).json();
        reply["usage"]["wall_ms"].as_f64().unwrap_or(f64::NAN) - DEADLINE_MS
    };
    let mut late: Vec<f64> = (0..RUNAWAYS).map(late).collect();
    for (name, share, budget) in [("p50", 0.5, ""), ("p99", 0.99, "<= 20 ms")] {
        let what = format!("stop of a runaway after its deadline, {name} of {RUNAWAYS}");
        alone(&what, &format!("{:.0} ms", percentile(&mut late, share)), budget);
    }
}
