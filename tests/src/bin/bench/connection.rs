//! A connection as lean as can be, so that the client's share of a measured exchange is small.

use std::io::{BufReader, Read, Write};
use std::net::TcpStream;

use sandshell_tests::Server;

/// Where a server listens, as host and port.
pub(crate) fn address(server: &Server) -> String {
    server.url().trim_start_matches("http://").to_owned()
}

/// The request of a run in a session.
pub(crate) fn run(session: &str, script: &str) -> Vec<u8> {
    let body = serde_json::json!({ "script": script }).to_string();
    request("POST", "/run", &format!("X-Session-ID: {session}\r\n"), &body)
}

/// One request as it goes over the wire.
pub(crate) fn request(method: &str, path: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// One connection that sends a request and reads its whole answer.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_nodelay(true).expect("a socket option");
        Self { stream: BufReader::new(stream), buffer: vec![0; 65536] }
    }

    /// Sends and waits for as many bytes as the head's Content-Length tells.
    pub(crate) fn exchange(&mut self, request: &[u8]) {
        self.stream.get_mut().write_all(request).expect("the server reads");
        let mut filled = 0;
        loop {
            let count = self.stream.read(&mut self.buffer[filled..]).expect("the server answers");
            assert!(count > 0, "the server closed the connection");
            filled += count;
            if let Some(end) = self.buffer[..filled].windows(4).position(|window| window == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&self.buffer[..end]).to_ascii_lowercase();
                let length = head
                    .split("content-length: ")
                    .nth(1)
                    .and_then(|rest| rest.lines().next())
                    .and_then(|text| text.trim().parse::<usize>().ok());
                // An answer without content (204) has no length.
                if filled >= end + 4 + length.unwrap_or(0) {
                    assert!(head.starts_with("http/1.1 20"), "{head}");
                    return;
                }
            }
        }
    }
}
