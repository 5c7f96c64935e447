//! The end of a server: what a signal lets finish, what it cancels, and with which status the process ends.

use std::io::Write;
use std::net::TcpStream;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use sandshell_tests::{Client, Watched};
use serde_json::Value;

const ID: &str = "0123456789abcdef";
/// Longer than any of these tests waits: whoever waits for it has failed.
const LONG: &str = "100s";

/// Starts a server that says when a run begins.
fn server(drain: &str) -> Watched {
    Watched::start(&["--drain", drain, "--timeout", LONG], &[("SANDSHELL_LOG_LEVEL", "debug")])
}

/// Runs a script in the background.
fn begin(client: &Client, script: &'static str) -> JoinHandle<Value> {
    let client = client.clone();
    std::thread::spawn(move || client.run_in(ID, script))
}

#[test]
fn a_run_finishes_after_the_signal_and_nothing_new_is_taken() {
    let mut server = server(LONG);
    let client = server.client();
    let run = begin(&client, "sleep 1; echo finished");
    server.line("a run begins");
    server.signal(Signal::TERM);
    server.line("stopping: no new connections");
    let address = server.server().url().trim_start_matches("http://").to_owned();
    assert!(TcpStream::connect(address).is_err(), "a new connection is refused");
    let reply = run.join().expect("a reply");
    assert_eq!((&reply["stdout"], &reply["reason"]), (&"finished\n".into(), &"exited".into()), "{reply}");
    let (status, log) = server.ended();
    assert_eq!(status.code(), Some(0), "{log:#?}");
    assert!(log.iter().any(|line| line.contains("stopped")), "{log:#?}");
}

#[test]
fn what_does_not_finish_in_time_is_cancelled_and_its_client_told() {
    let mut server = server("1s");
    let begun = Instant::now();
    let run = begin(&server.client(), "echo so far; while :; do :; done");
    server.line("a run begins");
    server.signal(Signal::INT);
    let reply = run.join().expect("a reply");
    assert_eq!((&reply["reason"], &reply["exit_code"]), (&"host_shutdown".into(), &130.into()), "{reply}");
    assert_eq!((&reply["stdout"], &reply["error"]), (&"so far\n".into(), &"server is shutting down".into()));
    let (status, log) = server.ended();
    assert_eq!(status.code(), Some(0), "{log:#?}");
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
}

#[test]
fn a_session_s_run_finishes_although_its_client_has_gone() {
    let mut server = server(LONG);
    let body = r#"{"script":"sleep 1; echo unheard"}"#;
    let request = format!(
        "POST /run HTTP/1.1\r\nHost: localhost\r\nX-Session-ID: {ID}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(server.server().url().trim_start_matches("http://")).expect("connects");
    stream.write_all(request.as_bytes()).expect("sent");
    server.line("a run begins");
    drop(stream);
    server.signal(Signal::TERM);
    let ended = server.line("a run ended");
    assert!(ended.contains("end=exited") && ended.contains("code=0"), "{ended}");
    assert_eq!(server.ended().0.code(), Some(0));
}

#[test]
fn background_jobs_are_killed_when_the_runs_have_finished() {
    let server = server(LONG);
    let begun = Instant::now();
    let reply = server.client().run_in(ID, "sleep 1000 & while :; do :; done & echo started");
    assert_eq!(reply["stdout"], "started\n", "{reply}");
    server.signal(Signal::TERM);
    assert_eq!(server.ended().0.code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(30), "nobody waits for jobs: {:?}", begun.elapsed());
}

#[test]
fn a_connection_that_is_kept_open_does_not_hold_up_the_end() {
    let server = server(LONG);
    let begun = Instant::now();
    let client = server.client();
    assert_eq!(client.get("/health").status, 200);
    let silent = TcpStream::connect(server.server().url().trim_start_matches("http://")).expect("connects");
    assert_eq!(client.get("/health").status, 200);
    server.signal(Signal::TERM);
    assert_eq!(server.ended().0.code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    drop(silent);
}

#[test]
fn a_second_signal_ends_the_server_at_once_with_its_own_status() {
    for (second, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut server = server(LONG);
        let run = begin(&server.client(), "sleep 1000");
        server.line("a run begins");
        server.signal(Signal::TERM);
        server.line("stopping: no new connections");
        server.signal(second);
        let (status, log) = server.ended();
        assert_eq!(status.code(), Some(code), "{log:#?}");
        // The client panics where it finds the connection broken: the server takes no time to answer.
        assert!(run.join().is_err(), "the run has no reply");
    }
}

#[test]
fn hangup_reads_the_log_level_again_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("sandshell.toml");
    std::fs::write(&path, "log_level = \"info\"\n").expect("written");
    let mut server = Watched::start(&["--config", path.to_str().expect("text")], &[]);
    let client = server.client();
    std::fs::write(&path, "log_level = \"debug\"\nmax_sessions = 1\n").expect("written");
    server.signal(Signal::HUP);
    let said = server.line("the log level is now debug");
    assert!(said.contains("sandshell.toml:1"), "{said}");
    assert_eq!(client.run_in(ID, "echo one")["stdout"], "one\n");
    server.line("a run ended");
    assert_eq!(client.run_in("fedcba9876543210", "echo two")["stdout"], "two\n", "max_sessions is as it was");
    std::fs::write(&path, "log_level = \"loud\"\n").expect("written");
    server.signal(Signal::HUP);
    server.line("the log level is not read again");
    assert_eq!(client.run_in(ID, "echo three")["stdout"], "three\n");
    server.line("a run ended");
}
