//! The built `sandshell` binary, started on a free port and stopped when dropped.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};

use crate::client::Client;

/// What is tested are the defaults, not the settings of whoever runs the tests.
const CONFIG: &str = "SANDSHELL_CONFIG";
const NO_FILE: &str = "/dev/null";

/// A running server. Dropping it ends the process.
pub struct Server {
    child: Child,
    url: String,
    // Held open, so that a later write of the server does not meet a closed pipe.
    _stdout: BufReader<ChildStdout>,
}

impl Server {
    /// Starts the server with `--addr 127.0.0.1:0` and `args`, and waits for its first line.
    ///
    /// # Panics
    ///
    /// The binary is missing (`make build` makes it) or does not say where it listens.
    #[must_use]
    pub fn start(args: &[&str]) -> Self {
        Self::spawn(args, &[], Stdio::null())
    }

    fn spawn(args: &[&str], variables: &[(&str, &str)], stderr: Stdio) -> Self {
        let mut child = Command::new(binary())
            .args(["serve", "--addr", "127.0.0.1:0"])
            .args(args)
            .env(CONFIG, NO_FILE)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .expect("target/release/sandshell starts: `make build` builds it");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("the server writes its first line");
        let url = line.trim_end().strip_prefix("listening on ").expect("the first line tells the address").to_owned();
        Self { child, url, _stdout: stdout }
    }

    /// Starts the server with `args` and `variables` in its environment, its standard error into a pipe.
    pub(crate) fn start_piped(args: &[&str], variables: &[(&str, &str)]) -> (Self, ChildStderr) {
        let mut server = Self::spawn(args, variables, Stdio::piped());
        let stderr = server.child.stderr.take().expect("stderr is piped");
        (server, stderr)
    }

    /// Waits for the end of the process.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().expect("the server can be waited for")
    }

    /// Returns the base address, for example `http://127.0.0.1:40123`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns a client of this server.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// Returns the process id of the server.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Returns the highest resident memory of the server so far, in bytes.
    #[must_use]
    pub fn peak_resident_bytes(&self) -> u64 {
        self.status_bytes("VmHWM:")
    }

    /// Returns the resident memory of the server now, in bytes.
    #[must_use]
    pub fn resident_bytes(&self) -> u64 {
        self.status_bytes("VmRSS:")
    }

    fn status_bytes(&self, field: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("the server is alive");
        let line = status.lines().find(|line| line.starts_with(field)).expect("Linux tells it");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("a number of KiB") * 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the binary to its end with `args` and `stdin`, and returns (status, stdout, stderr).
///
/// # Panics
///
/// The binary is missing or cannot be waited for.
#[must_use]
pub fn run_binary(args: &[&str], stdin: &[u8]) -> (i32, Vec<u8>, Vec<u8>) {
    use std::io::Write;

    let mut child = Command::new(binary())
        .args(args)
        .env(CONFIG, NO_FILE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("target/release/sandshell starts: `make build` builds it");
    // The program may end without reading its input.
    let _ = child.stdin.take().expect("stdin is piped").write_all(stdin);
    let mut stderr = child.stderr.take().expect("stderr is piped");
    let errors = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stderr.read_to_end(&mut bytes).map(|_| bytes)
    });
    let output = child.wait_with_output().expect("the program ends");
    let errors = errors.join().expect("the reader ends").expect("stderr is readable");
    (output.status.code().unwrap_or(-1), output.stdout, errors)
}

/// Returns the path of the binary under test.
#[must_use]
pub fn binary() -> PathBuf {
    workspace_root().join("target/release/sandshell")
}

/// Returns the checkout's top folder.
///
/// # Panics
///
/// Never: this package lies one level below it.
#[must_use]
pub fn workspace_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies below the root")
}
