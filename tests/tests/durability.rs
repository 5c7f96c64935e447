//! Sessions that outlive the server: kills at any moment, restarts, one session without a server, the store's commands.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sandshell_tests::Server;
use sandshell_tests::server::run_binary;
use serde_json::{Value, json};

/// Kills of one test; `SANDSHELL_KILLS` asks for more.
const KILLS: u32 = 20;
/// Sessions under load; `SANDSHELL_CRASH_SESSIONS` asks for more.
const SESSIONS: usize = 24;
const THREADS: usize = 8;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sandshell-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn text(&self) -> &str {
        self.0.to_str().expect("the folder's name is text")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn start(folder: &Folder) -> Server {
    Server::start(&["--data-dir", folder.text(), "--max-sessions", "0"])
}

fn session(n: usize) -> String {
    format!("{n:032x}")
}

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Adds one to a variable, a line to a file, and a file to a directory: all three or none are to be there.
const STEP: &str = "n=$((n + 1)); echo $n >> /log; mkdir -p /d; : > /d/$n; echo $n";
/// Says what of it is there.
const LOOK: &str =
    "echo ${n:-0} $(cat /log 2>/dev/null | wc -l) $(tail -n 1 /log 2>/dev/null || echo) $(ls /d 2>/dev/null | wc -l)";

/// What a session's client knows: the last step that was acknowledged, and whether another was asked for.
#[derive(Clone, Copy, Default)]
struct Known {
    acknowledged: u64,
    asked: u64,
    runtime_ms: u64,
}

fn step(client: &sandshell_tests::Client, id: &str, known: &mut Known) -> bool {
    known.asked += 1;
    let body = serde_json::to_vec(&json!({ "script": STEP })).expect("JSON");
    let Ok(reply) = client.try_send("POST", "/run", &[("X-Session-ID", id)], &body) else { return false };
    if reply.status != 200 {
        return false;
    }
    let reply = reply.json();
    if reply["exit_code"] != 0 {
        return false;
    }
    let n: u64 = reply["stdout"].as_str().and_then(|text| text.trim().parse().ok()).expect("a number");
    assert!(n == known.asked || n == known.acknowledged + 1, "{id} answers {n} after {}", known.acknowledged);
    known.acknowledged = n;
    known.runtime_ms += reply["usage"]["wall_ms"].as_u64().unwrap_or(0);
    true
}

/// Loads the server from several threads until it is killed after `moment`.
fn load_and_kill(server: Server, known: Vec<Known>, moment: Duration) -> Vec<Known> {
    let over = Arc::new(AtomicBool::new(false));
    let url = server.url().to_owned();
    let chunk = known.len().div_ceil(THREADS);
    let parts: Vec<(usize, Vec<Known>)> =
        known.chunks(chunk).enumerate().map(|(at, part)| (at * chunk, part.to_vec())).collect();
    let workers: Vec<_> = parts
        .into_iter()
        .map(|(first, mut part)| {
            let (over, url) = (Arc::clone(&over), url.clone());
            std::thread::spawn(move || {
                let client = sandshell_tests::Client::new(&url);
                while !over.load(Ordering::Relaxed) {
                    for (n, known) in part.iter_mut().enumerate() {
                        if !step(&client, &session(first + n), known) {
                            return part;
                        }
                    }
                }
                part
            })
        })
        .collect();
    std::thread::park_timeout(moment);
    drop(server);
    over.store(true, Ordering::Relaxed);
    workers.into_iter().flat_map(|worker| worker.join().expect("a client does not panic")).collect()
}

/// Checks what the restarted server has of each session against what was acknowledged, and takes it over.
fn check_sessions(server: &Server, known: &mut [Known]) {
    let client = server.client();
    let list = client.send("GET", "/sessions", &[], b"").json();
    for (n, known) in known.iter_mut().enumerate() {
        let id = session(n);
        let row = list.as_array().and_then(|rows| rows.iter().find(|row| row["id"] == id.as_str()));
        let Some(row) = row else {
            assert_eq!(known.acknowledged, 0, "{id} is lost");
            *known = Known::default();
            continue;
        };
        let runtime = row["runtime_ms"].as_u64().expect("a number");
        assert!(runtime >= known.runtime_ms, "{id}: {runtime} ms of {} ms", known.runtime_ms);
        let look = client.run_in(&id, LOOK);
        let words: Vec<u64> =
            look["stdout"].as_str().expect("text").split_whitespace().map(|w| w.parse().expect("a number")).collect();
        let (variable, lines) = (words[0], words[1]);
        assert_eq!((variable, words.last().copied()), (lines, Some(lines)), "{id} is half there: {words:?}");
        assert!(lines == 0 || words[2] == lines, "{id} is half there: {words:?}");
        let range = known.acknowledged..=known.asked;
        assert!(range.contains(&lines), "{id} is at {lines}, not in {range:?}");
        *known = Known { acknowledged: lines, asked: lines, runtime_ms: known.runtime_ms };
    }
}

fn check_store(folder: &Folder) {
    let (status, out, err) = run_binary(&["store", "check", folder.text()], b"");
    assert_eq!(status, 0, "{}{}", String::from_utf8_lossy(&out), String::from_utf8_lossy(&err));
}

#[test]
#[expect(clippy::print_stdout, reason = "what `make test-crash` is asked for")]
fn no_kill_at_any_moment_loses_what_was_acknowledged_or_leaves_a_run_half_done() {
    let folder = Folder::new("crash");
    let mut known = vec![Known::default(); number("SANDSHELL_CRASH_SESSIONS", SESSIONS)];
    let kills = u32::try_from(number("SANDSHELL_KILLS", KILLS as usize)).expect("a number of kills");
    for kill in 0..kills {
        // Moments that lie anywhere between the first commit and many: a multiplicative sequence covers them evenly.
        let moment = Duration::from_millis(20 + u64::from(kill.wrapping_mul(2_654_435_769) >> 22) % 400);
        known = load_and_kill(start(&folder), known, moment);
        check_store(&folder);
        check_sessions(&start(&folder), &mut known);
    }
    let steps: u64 = known.iter().map(|known| known.acknowledged).sum();
    println!("{kills} kills, {steps} steps acknowledged in {} sessions", known.len());
    assert!(steps > u64::from(kills), "too little happened for the test to mean something: {steps} steps");
}

#[test]
fn a_session_comes_back_with_all_that_outlives_a_run() {
    let folder = Folder::new("restart");
    let id = session(7);
    let server = start(&folder);
    let client = server.client();
    let _ = client.run_in(&id, "v=42; f() { echo f $v; }; alias hi='echo hello'; set -o pipefail; mkdir /w; cd /w; echo text > a; ln -s a b; chmod 640 a");
    let made = client.send("POST", &format!("/v1/sessions/{id}/checkpoints"), &[], br#"{"name":"k"}"#);
    assert_eq!(made.status, 201);
    let _ = client.run_in(&id, "echo changed > a; v=43; echo '@reboot echo up >> /w/boot' | crontab -");
    drop(server);
    let server = start(&folder);
    let client = server.client();
    let reply = client.run_in(&id, "f; pwd; cat b; stat -c %a a; hi; [[ -o pipefail ]] && echo on; touch /bin/ls");
    assert_eq!(reply["stdout"], "f 43\n/w\nchanged\n640\nhello\non\n", "{reply}");
    let rolled = client.send("POST", &format!("/v1/sessions/{id}/checkpoints/k/rollback"), &[], b"");
    assert_eq!(rolled.status, 200);
    assert_eq!(client.run_in(&id, "f; cat a")["stdout"], "f 42\ntext\n");
    drop(server);
    let server = start(&folder);
    let client = server.client();
    assert_eq!(
        client.run_in(&id, "f; cat /w/a; ls /bin/ls; echo x | sha1sum | cut -c 1-8")["stdout"],
        "f 42\ntext\n/bin/ls\n6fcf9dfb\n"
    );
    assert_eq!(client.send("DELETE", &format!("/session/{id}"), &[], b"").status, 204);
    drop(server);
    let server = start(&folder);
    assert_eq!(server.client().send("GET", "/sessions", &[], b"").json(), Value::Array(Vec::new()));
}

#[test]
fn a_session_is_used_without_a_server_and_by_one() {
    let folder = Folder::new("embedded");
    let id = session(9);
    let run = |script: &str| {
        let args = ["run", "--session-store", folder.text(), "--session-id", &id, "-c", script];
        let (status, out, err) = run_binary(&args, b"");
        (status, String::from_utf8_lossy(&out).into_owned(), String::from_utf8_lossy(&err).into_owned())
    };
    assert_eq!(run("mkdir /w; cd /w; x=1; echo one > a; exit 3").0, 3);
    assert_eq!(run("pwd; echo $x; cat a"), (0, "/w\n1\none\n".to_owned(), String::new()));
    let server = start(&folder);
    assert_eq!(server.client().run_in(&id, "pwd; cat a; x=2")["stdout"], "/w\none\n");
    let (status, _, err) = run("echo");
    assert!(status == 1 && err.contains("in use by another server"), "{err}");
    drop(server);
    assert_eq!(run("echo $x").1, "2\n");
    let (status, _, err) = run_binary(&["run", "--session-store", folder.text(), "-c", "echo"], b"");
    assert!(status == 2 && String::from_utf8_lossy(&err).contains("--session-id"));
}

#[test]
fn a_store_is_checked_copied_and_compacted_and_damage_is_told() {
    let folder = Folder::new("store");
    let copy = Folder::new("store-copy");
    let id = session(3);
    let server = start(&folder);
    let _ = server.client().run_in(&id, "head -c 300000 /dev/urandom > /big; x=kept");
    let _ = server.client().run_in(&id, "rm /big");
    drop(server);
    let (status, out, _) = run_binary(&["store", "check", folder.text()], b"");
    let text = String::from_utf8_lossy(&out).into_owned();
    assert!(status == 0 && text.starts_with("all is well: 1 sessions"), "{text}");
    assert_eq!(run_binary(&["store", "backup", folder.text(), copy.text()], b"").0, 0);
    assert_eq!(run_binary(&["store", "vacuum", folder.text()], b"").0, 0);
    for folder in [&folder, &copy] {
        assert_eq!(start(folder).client().run_in(&id, "echo $x")["stdout"], "kept\n");
    }
    damage(&copy.0.join("store.db"));
    let (status, out, err) = run_binary(&["store", "check", copy.text()], b"");
    assert_eq!(status, 1, "{}{}", String::from_utf8_lossy(&out), String::from_utf8_lossy(&err));
    let (status, _, err) = run_binary(&["store", "check", "/nonexistent"], b"");
    assert!(status == 1 && String::from_utf8_lossy(&err).contains("there is no store"));
}

/// Overwrites a stretch in the middle of a file.
fn damage(path: &Path) {
    let mut bytes = std::fs::read(path).expect("the store's file");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 20_000].iter_mut().for_each(|byte| *byte ^= 0x55);
    std::fs::write(path, bytes).expect("the store's file is writable");
}
