//! `POST /run`: execute a script and say how it went.

use std::borrow::Cow;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::{Outcome, SessionId, SessionKey, TenantId, Usage};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use session::{RunReply, RunSpec, Target};

use crate::app::App;
use crate::body;
use crate::errors::ApiError;
use crate::go_text::{duration_text, rounded_text};
use crate::reply::json;
use crate::sessions::millis;

const SESSION_HEADER: &str = "x-session-id";

/// The request; unknown fields are ignored.
#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow, default)]
    script: Cow<'a, str>,
}

/// The reply. The first four fields are the older server's; on an error only they are there.
#[derive(Default, Serialize)]
struct Reply<'a> {
    output: Cow<'a, str>,
    cwd: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(flatten)]
    ended: Option<Ended<'a>>,
}

#[derive(Serialize)]
struct Ended<'a> {
    stdout: Cow<'a, str>,
    stderr: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stdout_b64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stderr_b64: Option<String>,
    exit_code: u8,
    reason: &'static str,
    truncated: bool,
    #[serde(skip_serializing_if = "is_false")]
    state_restored: bool,
    usage: UsageBody,
}

#[derive(Serialize)]
struct UsageBody {
    wall_ms: u64,
    cpu_ms: u64,
    fuel: u64,
    memory_peak: u64,
    processes: u32,
    files: u64,
    bytes: u64,
}

pub(crate) async fn run(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Response {
    match execute(&app, &headers, body).await {
        Ok(reply) => json(StatusCode::OK, &reply_body(&reply)),
        Err(error) => refusal(&error),
    }
}

async fn execute(app: &App, headers: &HeaderMap, body: Body) -> Result<RunReply, ApiError> {
    let held = body::read(app, body, app.config.max_body).await?;
    let script = script_of(&held.bytes)?;
    let target = target_of(headers)?;
    Ok(app.sessions.run(target, RunSpec { script, ..RunSpec::default() }).await?)
}

fn script_of(body: &[u8]) -> Result<Bytes, ApiError> {
    let request: Request<'_> = body::object(body).ok_or(ApiError::InvalidBody)?;
    if request.script.trim().is_empty() {
        return Err(ApiError::ScriptRequired);
    }
    Ok(Bytes::from(request.script.into_owned()))
}

fn target_of(headers: &HeaderMap) -> Result<Target, ApiError> {
    match headers.get(SESSION_HEADER).map(axum::http::HeaderValue::as_bytes) {
        // An empty header is what a client sends whose variable is unset; the older server took it for none.
        None | Some(b"") => Ok(Target::Ephemeral),
        Some(b"new") => Ok(Target::New(TenantId::default_tenant())),
        Some(id) => parse_id(id).map(|id| Target::Session(SessionKey::of_default(id))),
    }
}

/// Returns the session a request's header names, if it names one.
pub(crate) fn named_session(headers: &HeaderMap) -> Option<SessionId> {
    headers.get(SESSION_HEADER).and_then(|id| parse_id(id.as_bytes()).ok())
}

/// Reads a session id.
pub(crate) fn parse_id(id: &[u8]) -> Result<SessionId, ApiError> {
    std::str::from_utf8(id).ok().and_then(|id| id.parse().ok()).ok_or(ApiError::InvalidId)
}

fn refusal(error: &ApiError) -> Response {
    error.log();
    let mut reply = Reply { error: Some(error.text()), ..Reply::default() };
    if let ApiError::Session(session::Error::RuntimeExceeded { id, cwd, .. }) = error {
        reply.cwd = String::from_utf8_lossy(cwd);
        reply.session_id = id.as_ref().map(SessionId::as_str);
    }
    json(error.status(), &reply)
}

fn reply_body(reply: &RunReply) -> Reply<'_> {
    let (stdout, stdout_b64) = text_and_bytes(&reply.stdout);
    let (stderr, stderr_b64) = text_and_bytes(&reply.stderr);
    Reply {
        output: String::from_utf8_lossy(&reply.output),
        cwd: String::from_utf8_lossy(&reply.cwd),
        session_id: reply.session.as_ref().map(SessionId::as_str),
        error: error_text(reply),
        ended: Some(Ended {
            stdout,
            stderr,
            stdout_b64,
            stderr_b64,
            exit_code: reply.outcome.exit_code(),
            reason: if reply.host_shutdown { "host_shutdown" } else { reply.outcome.reason() },
            truncated: reply.truncated,
            state_restored: reply.state_restored,
            usage: reply.usage.into(),
        }),
    }
}

/// Returns the bytes as text, and also in base64 when the text is not all of it.
fn text_and_bytes(bytes: &[u8]) -> (Cow<'_, str>, Option<String>) {
    let text = String::from_utf8_lossy(bytes);
    let b64 = matches!(text, Cow::Owned(_)).then(|| STANDARD.encode(bytes));
    (text, b64)
}

/// Returns the `error` of a run: there exactly when its exit code is not 0 or it was cut.
fn error_text(reply: &RunReply) -> Option<String> {
    if let Some((used, max)) = reply.runtime_exceeded {
        return Some(
            ApiError::Session(session::Error::RuntimeExceeded { id: None, cwd: Vec::new(), used, max }).text(),
        );
    }
    match reply.outcome {
        Outcome::Exited(0) => None,
        Outcome::Exited(_) | Outcome::Signalled(_) => Some("command failed".to_owned()),
        Outcome::TimedOut => Some(format!("timeout: execution exceeded {}", timeout_text(reply))),
        Outcome::OutOfFuel => Some("fuel limit exceeded".to_owned()),
        Outcome::OutOfMemory => Some("memory limit exceeded".to_owned()),
        Outcome::OutputLimit => Some("output limit exceeded".to_owned()),
        Outcome::Cancelled if reply.host_shutdown => Some("server is shutting down".to_owned()),
        Outcome::Cancelled => Some("cancelled".to_owned()),
        Outcome::Trapped => Some("the shell crashed; it was restored from its last saved state".to_owned()),
    }
}

/// A configured timeout is printed as it is; what is left of a runtime quota is rounded.
fn timeout_text(reply: &RunReply) -> String {
    if reply.timeout.subsec_nanos().is_multiple_of(1_000_000) {
        duration_text(reply.timeout)
    } else {
        rounded_text(reply.timeout)
    }
}

impl From<Usage> for UsageBody {
    fn from(usage: Usage) -> Self {
        Self {
            wall_ms: millis(usage.wall),
            cpu_ms: millis(usage.cpu),
            fuel: usage.fuel,
            memory_peak: usage.memory_peak,
            processes: usage.processes,
            files: usage.files,
            bytes: usage.bytes,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if passes a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}
