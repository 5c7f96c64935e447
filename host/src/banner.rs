//! What the program tells the person who started it.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Prints what was asked for.
pub(crate) fn print(bytes: &[u8]) -> ExitCode {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::SUCCESS,
        // Nobody reads what a closed pipe swallows.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("standard output: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Says in one line why the program ends.
pub(crate) fn complain(why: &str) {
    let _ = writeln!(io::stderr().lock(), "sandshell: {why}");
}

/// What `serve` says when it is ready.
pub(crate) struct Ready<'a> {
    pub(crate) addr: SocketAddr,
    pub(crate) after: Duration,
    pub(crate) n_programs: usize,
    /// The file the settings come from.
    pub(crate) file: Option<&'a Path>,
    /// Standard error holds JSON and nothing else.
    pub(crate) is_json: bool,
}

impl Ready<'_> {
    /// Prints the address on standard output, for programs, and the rest on standard error, for people.
    pub(crate) fn announce(&self) {
        let mut out = io::stdout().lock();
        let _ = writeln!(out, "listening on http://{}", self.addr);
        let _ = out.flush();
        if self.is_json {
            let ready_ms = u64::try_from(self.after.as_millis()).unwrap_or(u64::MAX);
            tracing::info!(addr = %self.addr, ready_ms, programs = self.n_programs, "listening");
        } else {
            let _ = io::stderr().lock().write_all(self.text().as_bytes());
        }
    }

    fn text(&self) -> String {
        let url = format!("http://{}", self.addr);
        let curl = |script: &str| {
            format!("  curl -sS {url}/run -H 'X-Session-ID: 0123456789abcdef' -d '{{\"script\":\"{script}\"}}'\n")
        };
        let open = !self.addr.ip().is_loopback();
        let mut text = format!("ready after {} ms, {} programs in /bin\n", self.after.as_millis(), self.n_programs);
        if let Some(file) = self.file {
            text.push_str(&format!("config:  {} (`sandshell config check` shows what holds)\n", file.display()));
        }
        text.push_str("state:   in memory only; sessions end with this process\n");
        text.push_str(if open {
            "keys:    none; anyone who reaches this address can run scripts (--insecure)\n"
        } else {
            "keys:    none; only this machine can connect\n"
        });
        text.push_str("network: off for guests\n");
        text.push_str("try (the session id is yours to choose: 16 to 64 hexadecimal digits):\n");
        text.push_str(&curl("mkdir -p /logs; cd /logs; for i in 1 2 3; do echo line $i > $i.log; done; n=3; ls"));
        text.push_str(&curl("pwd; cat *.log | grep -v 2 | wc -l; echo $n"));
        text.push_str(&format!("  curl -sS {url}/sessions\n"));
        text.push_str("without a server: sandshell run -c 'seq 3 | sort -r'\n");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greeting_has_three_curl_lines_that_can_be_pasted() {
        let ready = Ready {
            addr: "127.0.0.1:4321".parse().expect("an address"),
            after: Duration::from_millis(12),
            n_programs: 5,
            file: Some(Path::new("/etc/x.toml")),
            is_json: false,
        };
        let text = ready.text();
        assert!(text.contains("config:  /etc/x.toml "));
        let curls: Vec<&str> = text.lines().filter(|line| line.starts_with("  curl ")).collect();
        assert_eq!(curls.len(), 3);
        assert!(curls.iter().all(|line| line.contains("http://127.0.0.1:4321/")));
        for line in curls.iter().filter(|line| line.contains("-d '")) {
            let body = line.split("-d '").nth(1).and_then(|rest| rest.strip_suffix('\'')).expect("a quoted body");
            assert!(!body.contains('\'') && body.starts_with("{\"script\":\"") && body.ends_with("\"}"), "{body}");
        }
    }
}
