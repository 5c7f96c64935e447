//! The session object: how `/v1` shows a session.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use session::{Durability, Info, Phase};

use super::limits::LimitsBody;
use super::request::reply;
use super::time::{Seconds, instant_text, later};
use crate::errors::ApiError;
use crate::sessions::millis;

/// A session.
#[derive(Serialize)]
pub(crate) struct SessionObject {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    labels: BTreeMap<String, String>,
    state: StateName,
    cwd: String,
    /// The same exactly, when it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    cwd_b64: Option<String>,
    created_at: String,
    last_use: String,
    idle_ttl: Seconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_lifetime: Option<Seconds>,
    /// When it ends unless it is used; a running session without a maximum has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    durability: DurabilityName,
    runtime_ms: u64,
    version: u64,
    limits: LimitsBody,
}

/// What a session is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StateName {
    Idle,
    Running,
    Hibernated,
    Broken,
}

/// What the replies of its runs wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DurabilityName {
    Strict,
    Relaxed,
    None,
}

impl From<Phase> for StateName {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Idle => Self::Idle,
            Phase::Running { .. } => Self::Running,
            Phase::Hibernated => Self::Hibernated,
            Phase::Broken => Self::Broken,
        }
    }
}

impl From<Durability> for DurabilityName {
    fn from(durability: Durability) -> Self {
        match durability {
            Durability::Strict => Self::Strict,
            Durability::Relaxed => Self::Relaxed,
            Durability::None => Self::None,
        }
    }
}

impl From<DurabilityName> for Durability {
    fn from(name: DurabilityName) -> Self {
        match name {
            DurabilityName::Strict => Self::Strict,
            DurabilityName::Relaxed => Self::Relaxed,
            DurabilityName::None => Self::None,
        }
    }
}

impl From<&Info> for SessionObject {
    fn from(info: &Info) -> Self {
        let settings = &info.settings;
        let (cwd, cwd_b64) = text_and_b64(&info.cwd);
        Self {
            id: info.id.as_str().to_owned(),
            name: settings.name.clone(),
            labels: settings.labels.clone(),
            state: info.phase.into(),
            cwd,
            cwd_b64,
            created_at: instant_text(info.created),
            last_use: instant_text(info.last_use),
            idle_ttl: Seconds(settings.idle_ttl()),
            max_lifetime: settings.max_lifetime().map(Seconds),
            expires_at: expires(info).map(instant_text),
            durability: settings.durability.into(),
            runtime_ms: millis(info.runtime),
            version: info.version,
            limits: LimitsBody::from(&settings.limits),
        }
    }
}

fn expires(info: &Info) -> Option<base::Timestamp> {
    let unused = (!matches!(info.phase, Phase::Running { .. })).then(|| later(info.last_use, info.settings.idle_ttl()));
    let lifetime = info.settings.max_lifetime().map(|lifetime| later(info.created, lifetime));
    [unused, lifetime].into_iter().flatten().min()
}

/// Returns bytes as text, and exactly in base64 when the text is not all of it.
pub(crate) fn text_and_b64(bytes: &[u8]) -> (String, Option<String>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), None),
        Err(_) => (String::from_utf8_lossy(bytes).into_owned(), Some(STANDARD.encode(bytes))),
    }
}

/// Replies with a session and its version as its entity tag.
pub(crate) fn session_reply(status: StatusCode, info: &Info) -> Response {
    let mut response = reply(status, &SessionObject::from(info));
    if let Ok(tag) = HeaderValue::try_from(entity_tag(info)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Checks `If-Match`, which names versions or is `*`; a request without it has no condition.
pub(crate) fn check_condition(headers: &HeaderMap, info: &Info) -> Result<(), ApiError> {
    let mut named = headers.get_all(header::IF_MATCH).iter().peekable();
    if named.peek().is_none() {
        return Ok(());
    }
    let tag = entity_tag(info);
    let is_tag = |text: &str| text.split(',').map(str::trim).any(|one| one == "*" || one == tag);
    let holds = named.any(|value| value.to_str().is_ok_and(is_tag));
    if holds { Ok(()) } else { Err(ApiError::PreconditionFailed) }
}

fn entity_tag(info: &Info) -> String {
    format!("\"{}\"", info.version)
}
