//! A script timed inside a session and in GNU bash: the same text on both sides, which reads the clock itself, so that neither
//! start-up nor preparation counts.

use std::process::{Command, Stdio};

use sandshell_tests::{Client, Server};

use crate::figures::{alone, median, row};

const ROUNDS: usize = 5;

/// Measures (what, preparation, work, budget) one after the other on one server, each in a new session.
pub(crate) fn measure<'a>(rows: impl Iterator<Item = (&'a str, &'a str, &'a str, &'a str)>) {
    let server = Server::start(&["--max-sessions", "0", "--timeout", "120s", "--session-max-footprint", "1GiB"]);
    let client = server.client();
    for (what, preparation, work, budget) in rows {
        let script = format!("{preparation}\nT=$EPOCHREALTIME\n{work}\nU=$EPOCHREALTIME; echo $((${{U/.}}-${{T/.}}))");
        let ours = median(&mut (0..ROUNDS).map(|_| in_session(&client, &script)).collect::<Vec<_>>());
        match (0..ROUNDS).map(|_| in_bash(&script)).collect::<Option<Vec<_>>>() {
            Some(mut theirs) => {
                let theirs = median(&mut theirs);
                row(what, &milliseconds(ours), &milliseconds(theirs), ours / theirs, budget);
            }
            None => alone(what, &milliseconds(ours), budget),
        }
    }
}

fn milliseconds(microseconds: f64) -> String {
    format!("{:.1} ms", microseconds / 1e3)
}

/// Microseconds of the work in a new session.
fn in_session(client: &Client, script: &str) -> f64 {
    let reply = client.run_in("new", &format!("cd /tmp; {script}"));
    assert_eq!(reply["stderr"], "", "{script}");
    let time = reply["stdout"].as_str().and_then(|text| text.trim().parse().ok());
    let id = reply["session_id"].as_str().unwrap_or_default();
    let _ = client.send("DELETE", &format!("/session/{id}"), &[], b"");
    time.unwrap_or_else(|| panic!("no time: {reply}"))
}

/// The same in GNU bash, in a folder of its own; `None` where bash or a program of the script is missing.
fn in_bash(script: &str) -> Option<f64> {
    let folder = tempfile::tempdir().ok()?;
    let output = Command::new("bash")
        .args(["-c", script])
        .current_dir(folder.path())
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    if !output.stderr.is_empty() {
        return None;
    }
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
