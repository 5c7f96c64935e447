//! A server whose log is read line by line: tests wait for what it says instead of for time to pass.

use std::io::{BufRead, BufReader};
use std::process::ExitStatus;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::client::Client;
use crate::server::Server;

/// So long a line is waited for: only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(60);
/// Lines nobody has asked for yet; the server waits beyond that.
const LINES_AHEAD: usize = 100_000;

/// A running server and its log.
pub struct Watched {
    server: Server,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Watched {
    /// Starts the server on a free port with `args` and with `variables` in its environment, and waits until it listens.
    ///
    /// # Panics
    ///
    /// As [`Server::start`].
    #[must_use]
    pub fn start(args: &[&str], variables: &[(&str, &str)]) -> Self {
        let (server, stderr) = Server::start_piped(args, variables);
        let (sender, lines) = sync_channel(LINES_AHEAD);
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).split(b'\n') {
                let line = line.map(|line| String::from_utf8_lossy(&line).into_owned()).unwrap_or_default();
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { server, lines, seen: Vec::new() }
    }

    /// Returns a client of the server.
    #[must_use]
    pub fn client(&self) -> Client {
        self.server.client()
    }

    /// Returns the server.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Waits for the next line that contains `part` and returns it.
    ///
    /// # Panics
    ///
    /// The log ends, or nothing comes for a minute.
    pub fn line(&mut self, part: &str) -> String {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(part) {
                        return line;
                    }
                }
                Err(why) => panic!("no line with {part:?} ({why}):\n{}", self.seen.join("\n")),
            }
        }
    }

    /// Sends the server a signal.
    ///
    /// # Panics
    ///
    /// It has ended.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.server.pid()).ok().and_then(Pid::from_raw).expect("a process number");
        kill_process(pid, signal).expect("the server is alive");
    }

    /// Waits for the end of the server, and returns its status and its whole log.
    ///
    /// # Panics
    ///
    /// It says nothing for a minute and does not end.
    #[must_use]
    pub fn ended(mut self) -> (ExitStatus, Vec<String>) {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("the server does not end:\n{}", self.seen.join("\n")),
            }
        }
        let status = self.server.wait();
        (status, std::mem::take(&mut self.seen))
    }
}
