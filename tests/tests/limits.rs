//! Bombs: each ends as its limit says, soon after it, and the next run of the session still has its variable.

use sandshell_tests::{Client, Server};
use serde_json::Value;

const TIMEOUT_MS: u64 = 2_000;
/// How much later than its limit a run may end on a busy machine; the bench measures the budget itself.
const GRACE_MS: u64 = 1_500;

/// Runs a bomb in a session that has a variable, and checks that the session survives it.
fn bomb(client: &Client, id: &str, script: &str) -> Value {
    let first = client.run_in(id, "kept=yes; mkdir -p /work; cd /work");
    assert_eq!(first["exit_code"], 0, "{first}");
    let reply = client.run_in(id, script);
    let wall = reply["usage"]["wall_ms"].as_u64().expect("usage.wall_ms");
    assert!(wall <= TIMEOUT_MS + GRACE_MS, "{script}: ended after {wall} ms");
    let after = client.run_in(id, "echo $kept; pwd");
    assert_eq!(after["stdout"], "yes\n/work\n", "after {script}: {after}");
    reply
}

fn server() -> Server {
    Server::start(&["--timeout", "2s"])
}

#[test]
fn an_endless_loop_is_timed_out() {
    let server = server();
    let reply = bomb(&server.client(), "aaaaaaaaaaaaaaa1", "while :; do :; done");
    assert_eq!(reply["reason"], "timeout", "{reply}");
    assert_eq!(reply["exit_code"], 124);
    assert_eq!(reply["error"], "timeout: execution exceeded 2s");
}

#[test]
fn endless_recursion_ends_with_bashs_message() {
    let server = server();
    let reply = bomb(&server.client(), "aaaaaaaaaaaaaaa2", "f() { f; }; f");
    assert_eq!(reply["reason"], "exited", "{reply}");
    let stderr = reply["stderr"].as_str().expect("text");
    assert!(stderr.contains("maximum function nesting level exceeded"), "{stderr}");
}

#[test]
fn doubling_a_string_ends_with_an_allocation_error_or_out_of_memory() {
    let server = server();
    let reply = bomb(&server.client(), "aaaaaaaaaaaaaaa3", "x=aaaaaaaa; while :; do x=$x$x; done");
    let stderr = reply["stderr"].as_str().expect("text");
    assert!(reply["reason"] == "memory" || stderr.contains("cannot allocate"), "{reply}");
}

#[test]
fn a_program_that_grows_meets_its_memory_limit() {
    let server = server();
    // One line without an end must be held whole.
    let reply =
        bomb(&server.client(), "aaaaaaaaaaaaaaa4", "tr '\\0' x < /dev/zero | sort | wc -c; echo ${PIPESTATUS[1]}");
    let ended = reply["reason"] == "timeout"
        || reply["reason"] == "memory"
        || reply["stdout"].as_str().is_some_and(|text| !text.ends_with("\n0\n"));
    assert!(ended, "{reply}");
    let peak = reply["usage"]["memory_peak"].as_u64().expect("a number");
    assert!(peak <= 1 << 30, "{peak} bytes is beyond the session's memory");
}

#[test]
fn a_long_sleep_is_timed_out() {
    let server = server();
    let reply = bomb(&server.client(), "aaaaaaaaaaaaaaa5", "sleep 1000000");
    assert_eq!(reply["reason"], "timeout", "{reply}");
}

#[test]
fn a_program_that_writes_to_nowhere_for_ever_is_timed_out() {
    let server = server();
    let reply = bomb(&server.client(), "aaaaaaaaaaaaaaa6", "yes > /dev/null");
    assert_eq!(reply["reason"], "timeout", "{reply}");
}

#[test]
fn endless_output_meets_the_output_limit_and_keeps_head_and_tail() {
    let server = server();
    let reply = bomb(&server.client(), "aaaaaaaaaaaaaaa7", "yes");
    assert_eq!(reply["reason"], "output", "{reply}");
    assert_eq!(reply["exit_code"], 153);
    assert_eq!(reply["truncated"], true);
    let kept = reply["stdout"].as_str().expect("text").len();
    assert!((2 << 20..(2 << 20) + 4096).contains(&kept), "{kept} bytes kept");
}

#[test]
fn endless_writing_to_a_file_meets_the_quota() {
    // A quarter of a GiB takes its time on a machine that does much else.
    let server = Server::start(&["--timeout", "60s"]);
    let reply =
        bomb(&server.client(), "aaaaaaaaaaaaaaa8", "yes > /big; ls -l /big | cut -d' ' -f1 >/dev/null; rm /big");
    let stderr = reply["stderr"].as_str().expect("text");
    assert!(stderr.contains("No space left on device") || stderr.contains("Disk quota exceeded"), "{reply}");
}

#[test]
fn a_fork_bomb_gets_no_more_processes_than_the_session_may_have() {
    let server = server();
    let reply = bomb(&server.client(), "aaaaaaaaaaaaaaa9", "f() { f | f & }; f; wait");
    let processes = reply["usage"]["processes"].as_u64().expect("a number");
    assert!(processes >= 1, "{reply}");
}

#[test]
fn the_server_stays_below_its_ceiling_through_all_bombs_at_once() {
    let server = server();
    let scripts = [
        "while :; do :; done",
        "yes",
        "yes > /big",
        "x=aaaaaaaa; while :; do x=$x$x; done",
        "f() { f | f & }; f; wait",
    ];
    std::thread::scope(|scope| {
        for (number, script) in scripts.iter().enumerate() {
            let client = server.client();
            scope.spawn(move || bomb(&client, &format!("bbbbbbbbbbbbbbb{number}"), script));
        }
    });
    let meminfo = std::fs::read_to_string("/proc/meminfo").expect("Linux");
    let total = meminfo.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("MemTotal") * 1024;
    assert!(server.peak_resident_bytes() < total * 6 / 10);
    assert_eq!(server.client().get("/health").json()["status"], "ok");
}
