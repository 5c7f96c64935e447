//! Many sessions: ten thousand made, used once and dropped, with the memory the server holds meanwhile.

use std::time::Instant;

use sandshell_tests::Server;

use crate::connection::{Connection, address, request, run};
use crate::figures::alone;

const SESSIONS: usize = 10_000;
const CONNECTIONS: usize = 4;

/// Measures on one server.
pub(crate) fn measure() {
    let server = Server::start(&["--max-sessions", "0"]);
    let address = address(&server);
    let _ = server.client().run("echo warm | cat");
    let before = server.resident_bytes();
    let rate = each(&address, |id| run(id, "echo \"$RANDOM\" > /root/file"));
    alone("sessions made and used once, 4 connections, sessions/s", &format!("{rate:.0}"), "");
    let live = server.resident_bytes();
    let per_session = live.saturating_sub(before) / SESSIONS as u64;
    alone("resident memory before", &mib(before), "");
    alone("resident memory with 10,000 live sessions", &mib(live), "");
    alone("the same, a session", &format!("{:.1} KiB", kib(per_session)), "<= 10 KiB hibernated");
    let rate = each(&address, |id| request("DELETE", &format!("/session/{id}"), "", ""));
    alone("sessions dropped, 4 connections, sessions/s", &format!("{rate:.0}"), "");
    alone("resident memory after all are dropped", &mib(server.resident_bytes()), "");
    alone("peak of resident memory", &mib(server.peak_resident_bytes()), "");
}

/// Sends one request for each session; answers how many a second.
fn each(address: &str, request: impl Fn(&str) -> Vec<u8> + Sync) -> f64 {
    let start = Instant::now();
    std::thread::scope(|scope| {
        for first in 0..CONNECTIONS {
            let request = &request;
            scope.spawn(move || {
                let mut connection = Connection::open(address);
                for number in (first..SESSIONS).step_by(CONNECTIONS) {
                    connection.exchange(&request(&format!("{number:016x}")));
                }
            });
        }
    });
    #[expect(clippy::cast_precision_loss, reason = "ten thousand")]
    let sessions = SESSIONS as f64;
    sessions / start.elapsed().as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "a size that a person reads")]
fn kib(bytes: u64) -> f64 {
    bytes as f64 / 1024.0
}

fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", kib(bytes) / 1024.0)
}
