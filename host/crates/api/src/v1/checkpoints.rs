//! Checkpoints, rollback, diff and fork.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use session::{CheckpointInfo, Error, Moment};

use super::object::{SessionObject, session_reply};
use super::request::{self, NoParameters, Nothing, Parameters, Session, SessionAndName, reply, unknown_parameter};
use super::time::instant_text;
use crate::app::App;
use crate::errors::ApiError;

/// How a difference calls the session as it is; no checkpoint has this name.
const NOW: &str = "now";

#[derive(Serialize)]
struct CheckpointBody {
    name: String,
    created_at: String,
    bytes: u64,
}

impl From<CheckpointInfo> for CheckpointBody {
    fn from(info: CheckpointInfo) -> Self {
        Self { name: info.name, created_at: instant_text(info.created), bytes: info.bytes }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fork {
    #[serde(default = "one")]
    count: usize,
    checkpoint: Option<String>,
}

fn one() -> usize {
    1
}

pub(crate) async fn create(
    State(app): State<Arc<App>>,
    Session(key): Session,
    _: NoParameters,
    body: Body,
) -> Result<Response, ApiError> {
    let Create { name } = request::read(&app, body).await?;
    if name == NOW {
        return Err(ApiError::InvalidName(format!("{NOW:?} is the session as it is")));
    }
    let info = app.sessions.checkpoint(&key, &name).await.map_err(|error| match error {
        Error::Settings(why) => ApiError::InvalidName(why),
        other => other.into(),
    })?;
    Ok(reply(StatusCode::CREATED, &CheckpointBody::from(info)))
}

pub(crate) async fn list(
    State(app): State<Arc<App>>,
    Session(key): Session,
    _: NoParameters,
) -> Result<Response, ApiError> {
    #[derive(Serialize)]
    struct List {
        checkpoints: Vec<CheckpointBody>,
    }
    let list = app.sessions.checkpoints(&key).await?;
    Ok(reply(StatusCode::OK, &List { checkpoints: list.into_iter().map(CheckpointBody::from).collect() }))
}

pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    SessionAndName(key, name): SessionAndName,
    _: NoParameters,
) -> Result<StatusCode, ApiError> {
    app.sessions.delete_checkpoint(&key, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(crate) async fn rollback(
    State(app): State<Arc<App>>,
    SessionAndName(key, name): SessionAndName,
    _: NoParameters,
    body: Body,
) -> Result<Response, ApiError> {
    let Nothing {} = request::read(&app, body).await?;
    app.sessions.rollback(&key, &name).await?;
    let info = app.sessions.get_existing(&key).ok_or(Error::NotFound)?;
    Ok(session_reply(StatusCode::OK, &info))
}

pub(crate) async fn fork(
    State(app): State<Arc<App>>,
    Session(key): Session,
    _: NoParameters,
    body: Body,
) -> Result<Response, ApiError> {
    #[derive(Serialize)]
    struct Forks {
        sessions: Vec<SessionObject>,
    }
    let Fork { count, checkpoint } = request::read(&app, body).await?;
    let at = checkpoint.map_or(Moment::Now, Moment::Checkpoint);
    let forks = app.sessions.fork(&key, &at, count).await?;
    Ok(reply(StatusCode::CREATED, &Forks { sessions: forks.iter().map(SessionObject::from).collect() }))
}

/// Which paths differ. A path that is not UTF-8 is an object with its bytes in base64.
#[derive(Serialize)]
struct DiffBody {
    from: String,
    to: String,
    added: Vec<PathBody>,
    changed: Vec<PathBody>,
    removed: Vec<PathBody>,
    truncated: bool,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum PathBody {
    Text(String),
    Bytes { b64: String },
}

impl From<Vec<u8>> for PathBody {
    fn from(path: Vec<u8>) -> Self {
        String::from_utf8(path)
            .map_or_else(|error| Self::Bytes { b64: STANDARD.encode(error.into_bytes()) }, Self::Text)
    }
}

pub(crate) async fn diff(
    State(app): State<Arc<App>>,
    Session(key): Session,
    Parameters(parameters): Parameters,
) -> Result<Response, ApiError> {
    let (from, to) = sides(parameters)?;
    let diff = app.sessions.diff(&key, &moment(&from), &moment(&to)).await?;
    let paths = |paths: Vec<Vec<u8>>| paths.into_iter().map(PathBody::from).collect();
    let (added, changed, removed) = (paths(diff.added), paths(diff.changed), paths(diff.removed));
    Ok(reply(StatusCode::OK, &DiffBody { from, to, added, changed, removed, truncated: diff.truncated }))
}

/// Reads `from`, which must be there, and `to`, which is `now` if it is not.
fn sides(parameters: Vec<(String, String)>) -> Result<(String, String), ApiError> {
    let (mut from, mut to) = (None, None);
    for (name, value) in parameters {
        let side = match name.as_str() {
            "from" => &mut from,
            "to" => &mut to,
            other => return Err(unknown_parameter(other)),
        };
        if side.replace(value).is_some() {
            return Err(ApiError::InvalidRequest(format!("{name} is there twice")));
        }
    }
    let from = from.ok_or_else(|| ApiError::InvalidRequest(format!("from is missing: a checkpoint or {NOW:?}")))?;
    Ok((from, to.unwrap_or_else(|| NOW.to_owned())))
}

fn moment(text: &str) -> Moment {
    if text == NOW { Moment::Now } else { Moment::Checkpoint(text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_has_two_sides_and_nothing_else() {
        let check = |query: &[(&str, &str)], expected: Option<(&str, &str)>| {
            let pairs = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let read = sides(pairs).ok();
            assert_eq!(read.as_ref().map(|(from, to)| (from.as_str(), to.as_str())), expected, "{query:?}");
        };
        check(&[("to", "b"), ("from", "a")], Some(("a", "b")));
        check(&[("from", "a")], Some(("a", "now")));
        check(&[("to", "a")], None);
        check(&[("from", "a"), ("from", "b")], None);
        check(&[("from", "a"), ("path", "/")], None);
    }

    #[test]
    fn a_path_that_is_no_text_keeps_its_bytes() {
        assert_eq!(PathBody::from(b"/\xc3\xa9".to_vec()), PathBody::Text("/é".to_owned()));
        assert_eq!(PathBody::from(b"/\xff".to_vec()), PathBody::Bytes { b64: "L/8=".to_owned() });
    }
}
