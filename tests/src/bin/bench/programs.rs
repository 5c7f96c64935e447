//! Programs: what starting one costs and how fast they are, in a session and natively under GNU bash; then what processes
//! that wait cost the server.

use std::time::Instant;

use sandshell_tests::Server;

use crate::figures::alone;
use crate::side_by_side;

/// Ten MiB of numbers, one a line.
const BIG: &str = "seq 1000000000 1001000000 | head -c 10485760 >big";

/// What is timed: (what, preparation, work, budget).
const WORK: &[(&str, &str, &str, &str)] = &[
    ("1,000 x /bin/true", "", "for ((i=0;i<1000;i++)); do /bin/true; done", "<= 0.1"),
    ("1,000 x ls / >/dev/null", "", "for ((i=0;i<1000;i++)); do ls / >/dev/null; done", "<= 0.5"),
    ("300 x grep x /dev/null", "", "for ((i=0;i<300;i++)); do grep x /dev/null; done", ""),
    ("300 x awk 'BEGIN{}'", "", "for ((i=0;i<300;i++)); do awk 'BEGIN{}'; done", ""),
    ("300 x jq -n 1", "jq -n 1 >/dev/null", "for ((i=0;i<300;i++)); do jq -n 1 >/dev/null; done", ""),
    ("300 x yes | head -n1", "", "for ((i=0;i<300;i++)); do yes | head -n1 >/dev/null; done", ""),
    ("grep -c over 10 MiB", BIG, "grep -c 99 big >out", "<= 3"),
    ("wc -l over 10 MiB", BIG, "wc -l big >out", "<= 3"),
    ("wc over 10 MiB", BIG, "wc big >out", ""),
    ("sort over 10 MiB", BIG, "sort -r big >out", ""),
    ("cut over 10 MiB", BIG, "cut -c3-6 big >out", ""),
    ("tr over 10 MiB", BIG, "tr 0-9 a-j <big >out", ""),
    ("sed over 10 MiB", BIG, "sed 's/00*/x/' big >out", ""),
    ("awk sum over 10 MiB", BIG, "awk '{ s += $1 } END { print s }' big >out", ""),
    ("gzip over 10 MiB", BIG, "gzip -c big >out", ""),
    ("sha256sum over 10 MiB", BIG, "sha256sum big >out", ""),
    ("cat over 10 MiB", BIG, "cat big >out", ""),
    ("head -n 900000 over 10 MiB", BIG, "head -n 900000 big >out", ""),
    ("jq over 100,000 records", "seq 100000 | sed 's/.*/{\"a\":&,\"b\":[&,\"x\"]}/' >in", "jq -c '.b[0]' in >out", ""),
    (
        "sort | uniq -c over 1 MiB",
        "seq 1000000000 1000100000 | head -c 1048576 >big",
        "sort big | uniq -c | tail -n 1 >/dev/null",
        "",
    ),
    ("five stages over 100 MiB", "", "yes 0123456789 | head -c 104857600 | tr 0-4 a-e | cat | grep -c e >out", ""),
    (
        "64 KiB blocks through a pipe, 256 MiB",
        "",
        "head -c 268435456 /dev/zero | cat >/dev/null",
        ">= 1 GB/s: <= 0.27 s",
    ),
];

/// Sessions and processes in each, for what waiting costs: together as many as a server takes by default.
const SESSIONS: u64 = 10;
const EACH: u64 = 100;

/// Measures on one server, then on a second one.
pub(crate) fn measure() {
    side_by_side::measure(WORK.iter().copied());
    in_flight();
}

/// A thousand processes that wait: how soon they are there, what each holds, how soon they are gone.
fn in_flight() {
    let server = Server::start(&["--max-sessions", "0"]);
    let client = server.client();
    let _ = client.run("sleep 0");
    let before = server.resident_bytes();
    let start = Instant::now();
    let sessions: Vec<String> = (0..SESSIONS)
        .map(|_| {
            let reply =
                client.run_in("new", &format!("for ((i=0;i<{EACH};i++)); do sleep 500 & done; jobs -r | wc -l"));
            assert_eq!(reply["stdout"], format!("{EACH}\n"), "{reply}");
            reply["session_id"].as_str().expect("an id").to_owned()
        })
        .collect();
    let started = start.elapsed();
    let processes = SESSIONS * EACH;
    alone("1,000 processes in flight, started in", &format!("{:.1} ms", started.as_secs_f64() * 1e3), "");
    let each = server.resident_bytes().saturating_sub(before) / processes;
    alone("resident memory of a process that waits", &format!("{} KiB", each / 1024), "");
    let start = Instant::now();
    for id in sessions {
        let _ = client.send("DELETE", &format!("/session/{id}"), &[], b"");
    }
    alone("the same killed with their sessions in", &format!("{:.1} ms", start.elapsed().as_secs_f64() * 1e3), "");
}
