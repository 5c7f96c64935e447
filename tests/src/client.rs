//! A small HTTP client that answers every status as a value.

use serde_json::Value;

/// A client of one server. Requests time out after two minutes.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    url: String,
}

/// An HTTP answer.
#[derive(Debug)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The body as it came.
    pub body: Vec<u8>,
    headers: ureq::http::HeaderMap,
}

impl Reply {
    /// Returns the body as JSON.
    ///
    /// # Panics
    ///
    /// It is not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// Returns the body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns a header's value, empty when absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }
}

impl Client {
    /// Makes a client of the server at `url`.
    #[must_use]
    pub fn new(url: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(std::time::Duration::from_secs(120)))
            .build();
        Self { agent: config.into(), url: url.to_owned() }
    }

    /// Sends one request with a body and headers.
    ///
    /// # Panics
    ///
    /// The connection fails.
    #[must_use]
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        self.try_send(method, path, headers, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// As [`Client::send`], for a server that may go away at any moment.
    ///
    /// # Errors
    ///
    /// The connection fails before the whole reply is there.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Reply, ureq::Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut answer = self.agent.run(request.body(body.to_vec())?)?;
        let headers = answer.headers().clone();
        let body = answer.body_mut().with_config().limit(256 << 20).read_to_vec()?;
        Ok(Reply { status: answer.status().as_u16(), body, headers })
    }

    /// Sends a GET.
    #[must_use]
    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], b"")
    }

    /// Posts JSON.
    #[must_use]
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, &[("Content-Type", "application/json")], body.to_string().as_bytes())
    }

    /// Runs a script without a session.
    #[must_use]
    pub fn run(&self, script: &str) -> Value {
        self.post("/run", &serde_json::json!({ "script": script })).json()
    }

    /// Runs a script in a session.
    #[must_use]
    pub fn run_in(&self, session: &str, script: &str) -> Value {
        let body = serde_json::json!({ "script": script }).to_string();
        self.send("POST", "/run", &[("X-Session-ID", session), ("Content-Type", "application/json")], body.as_bytes())
            .json()
    }

    /// Imports a snapshot into a session (`new` makes one) and returns the session's id.
    ///
    /// # Panics
    ///
    /// The server refuses it.
    #[must_use]
    pub fn import(&self, session: &str, snapshot: &Value) -> String {
        let reply = self.post(&format!("/session/{session}/snapshot"), snapshot);
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["session_id"].as_str().expect("an id").to_owned()
    }
}
