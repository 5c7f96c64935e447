//! The one table that maps errors to HTTP statuses, to the codes of `/v1` and to the texts clients see.

use axum::http::StatusCode;
use base::StorageExceeded;
use session::{ImageError, StoreError};

use crate::go_text::rounded_text;
use crate::sessions::millis;

/// Why a request was refused or failed.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// The sessions refused or failed.
    Session(session::Error),
    /// A snapshot's content is not acceptable.
    Image(ImageError),
    /// A snapshot is not JSON of the right shape.
    SnapshotParse(String),
    /// An entry of a snapshot is something that snapshots cannot hold; its path.
    SnapshotKind(String),
    /// A snapshot is of another version.
    SnapshotVersion(i64),
    /// The session's files are too large for the JSON format.
    SnapshotTooLarge { bytes: u64, max: u64 },
    /// The body is not JSON of the right shape, or not UTF-8.
    InvalidBody,
    /// The same on `/complete`, which has its own text.
    InvalidCompletion,
    /// The script is empty.
    ScriptRequired,
    /// The session id is not one.
    InvalidId,
    /// The same on `/v1`, where no id is `new`.
    InvalidSessionId,
    /// What a request of `/v1` asks for cannot be meant; the text says why.
    InvalidRequest(String),
    /// A name is none; the text says why.
    InvalidName(String),
    /// The files of a request cannot be a session's.
    Files(ImageError),
    /// A session may not have more than the server allows: the limit, what is allowed, what was asked for.
    AboveServer { name: &'static str, max: u64, asked: u64 },
    /// No route of `/v1` has this path.
    NoRoute,
    /// The path has other methods.
    WrongMethod,
    /// The session is not as the request's condition wants it.
    PreconditionFailed,
    /// The session cannot hibernate: something of it would be lost.
    StaysAwake,
    /// The body is longer than allowed.
    BodyTooLarge { max: usize },
    /// The body did not arrive in time.
    BodyTimeout,
    /// The connection broke while the body was read.
    BodyBroken,
    /// Too many bodies are being held.
    BodiesBusy,
    /// The `Host` header names no host this server answers for.
    HostRefused,
    /// The request comes from a page of another origin.
    OriginRefused,
    /// This layer itself failed; the text is for the log.
    Internal(String),
}

impl From<session::Error> for ApiError {
    fn from(error: session::Error) -> Self {
        Self::Session(error)
    }
}

impl From<ImageError> for ApiError {
    fn from(error: ImageError) -> Self {
        Self::Image(error)
    }
}

const INTERNAL: &str = "internal server error";

/// What kind of refusal an error is. Clients act on the code, which never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// The code of `/v1`.
    pub(crate) code: &'static str,
    /// What it means, for people, the same for all errors of the class.
    pub(crate) title: &'static str,
}

const fn class(status: StatusCode, code: &'static str, title: &'static str) -> Class {
    Class { status, code, title }
}

/// A limit that was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Met {
    /// The limit, as a session's `limits` call it.
    pub(crate) name: &'static str,
    /// What it allows.
    pub(crate) max: u64,
    /// What there is, or would be; `None` when nobody counted to the end.
    pub(crate) used: Option<u64>,
}

impl ApiError {
    /// Returns the HTTP status.
    pub(crate) fn status(&self) -> StatusCode {
        self.class().status
    }

    /// Returns the error's row of the table.
    pub(crate) fn class(&self) -> Class {
        match self {
            Self::Session(error) => class_of_session(error),
            Self::Image(ImageError::Storage(_)) | Self::SnapshotTooLarge { .. } | Self::AboveServer { .. } => {
                OVER_LIMIT
            }
            Self::Image(_) | Self::SnapshotKind(_) | Self::SnapshotVersion(_) => {
                class(StatusCode::UNPROCESSABLE_ENTITY, "invalid_snapshot", "The snapshot cannot be a session's")
            }
            Self::SnapshotParse(_) => class(StatusCode::BAD_REQUEST, "invalid_snapshot", "The snapshot is malformed"),
            Self::Files(ImageError::Storage(_) | ImageError::TooManyEntries { .. }) => OVER_LIMIT,
            Self::Files(_)
            | Self::InvalidBody
            | Self::InvalidCompletion
            | Self::ScriptRequired
            | Self::InvalidRequest(_) => INVALID_REQUEST,
            Self::InvalidId | Self::InvalidSessionId => {
                class(StatusCode::BAD_REQUEST, "invalid_id", "The session id is not one")
            }
            Self::InvalidName(_) => class(StatusCode::BAD_REQUEST, "invalid_name", "The name is not one"),
            Self::NoRoute => class(StatusCode::NOT_FOUND, "not_found", "There is no such thing"),
            Self::WrongMethod => {
                class(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "The path has other methods")
            }
            Self::PreconditionFailed => {
                class(StatusCode::PRECONDITION_FAILED, "precondition_failed", "The session has changed")
            }
            Self::StaysAwake => class(StatusCode::CONFLICT, "session_in_use", "The session is in use"),
            Self::BodyTooLarge { .. } => {
                class(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "The request body is too large")
            }
            Self::BodyTimeout => class(StatusCode::REQUEST_TIMEOUT, "body_timeout", "The request body is late"),
            Self::BodyBroken => class(StatusCode::BAD_REQUEST, "body_incomplete", "The request body is incomplete"),
            Self::BodiesBusy => SERVER_BUSY,
            Self::HostRefused => class(StatusCode::FORBIDDEN, "host_refused", "The host is not allowed"),
            Self::OriginRefused => class(StatusCode::FORBIDDEN, "origin_refused", "The origin is not allowed"),
            Self::Internal(_) => FAILED,
        }
    }

    /// Returns the limit that was met, if it was one.
    pub(crate) fn limit(&self) -> Option<Met> {
        match self {
            Self::Session(session::Error::RuntimeExceeded { used, max, .. }) => {
                Some(Met { name: "max_runtime_ms", max: millis(*max), used: Some(millis(*used)) })
            }
            Self::Session(session::Error::CheckpointLimit { name, used, max }) => {
                Some(Met { name, max: *max, used: Some(*used) })
            }
            Self::Session(session::Error::Storage(exceeded))
            | Self::Image(ImageError::Storage(exceeded))
            | Self::Files(ImageError::Storage(exceeded)) => Some(match *exceeded {
                StorageExceeded::Files { files, max } => Met { name: "max_files", max, used: Some(files) },
                StorageExceeded::Bytes { bytes, max } => Met { name: "max_bytes", max, used: Some(bytes) },
            }),
            Self::Files(ImageError::TooManyEntries { max }) => Some(Met { name: "inodes", max: *max, used: None }),
            Self::AboveServer { name, max, asked } => Some(Met { name, max: *max, used: Some(*asked) }),
            Self::SnapshotTooLarge { bytes, max } => {
                Some(Met { name: "snapshot_bytes", max: *max, used: Some(*bytes) })
            }
            Self::BodyTooLarge { max } => Some(Met { name: "body_bytes", max: *max as u64, used: None }),
            _ => None,
        }
    }

    /// Returns the text for the client; what is meant for the log alone is not in it.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Session(session::Error::Host(_)) | Self::Internal(_) => INTERNAL.to_owned(),
            Self::Session(session::Error::RuntimeExceeded { used, max, .. }) => {
                format!("session runtime limit exceeded: used {}, max {}", rounded_text(*used), rounded_text(*max))
            }
            Self::Session(session::Error::Store(error)) => text_of_store(error).to_owned(),
            Self::Session(error) => error.to_string(),
            Self::Image(error) => error.to_string(),
            Self::SnapshotKind(path) => format!("snapshot: {path:?}: neither a file, a directory nor a symbolic link"),
            Self::SnapshotParse(why) => format!("snapshot: parse: {why}"),
            Self::SnapshotVersion(version) => format!("snapshot: unsupported version {version} (want 1)"),
            Self::SnapshotTooLarge { bytes, max } => {
                format!("snapshot: the files are {bytes} bytes long, too many for this format (max {max})")
            }
            Self::InvalidBody => "invalid request body".to_owned(),
            Self::InvalidCompletion => "invalid request".to_owned(),
            Self::ScriptRequired => "script is required".to_owned(),
            Self::InvalidId => base::InvalidSessionId.to_string(),
            Self::InvalidSessionId => "a session id has 16 to 64 hexadecimal digits".to_owned(),
            Self::InvalidRequest(why) | Self::InvalidName(why) => why.clone(),
            Self::Files(error) => {
                let text = error.to_string();
                text.strip_prefix("snapshot: ").unwrap_or(&text).to_owned()
            }
            Self::AboveServer { name, max, asked } => {
                format!("{name}: {asked} is above the server's own limit of {max}")
            }
            Self::NoRoute => "no such route".to_owned(),
            Self::WrongMethod => "the Allow header tells the methods of this path".to_owned(),
            Self::PreconditionFailed => "If-Match does not name the session's version".to_owned(),
            Self::StaysAwake => "the session has background jobs or open descriptors, which would be lost".to_owned(),
            Self::BodyTooLarge { max } => format!("request body too large (max {max} bytes)"),
            Self::BodyTimeout => "request body did not arrive in time".to_owned(),
            Self::BodyBroken => "request body is incomplete".to_owned(),
            Self::BodiesBusy => "server is busy: too many large requests".to_owned(),
            Self::HostRefused => {
                "host not allowed: call the server by a loopback address, or start it with --allow-host NAME".to_owned()
            }
            Self::OriginRefused => "cross-origin request refused".to_owned(),
        }
    }

    /// Writes what only the log may know.
    pub(crate) fn log(&self) {
        match self {
            Self::Session(session::Error::Host(why)) | Self::Internal(why) => tracing::error!("request failed: {why}"),
            Self::Session(session::Error::Store(why)) => tracing::error!("request failed: {why}"),
            other => tracing::debug!(status = other.status().as_u16(), "request refused: {}", other.text()),
        }
    }
}

const INVALID_REQUEST: Class = class(StatusCode::BAD_REQUEST, "invalid_request", "The request is not understood");
const OVER_LIMIT: Class = class(StatusCode::UNPROCESSABLE_ENTITY, "limit_exceeded", "A limit does not allow it");
const USED_UP: Class = class(StatusCode::TOO_MANY_REQUESTS, "limit_exceeded", "A limit of the session is used up");
const SERVER_BUSY: Class = class(StatusCode::SERVICE_UNAVAILABLE, "server_busy", "The server is busy");
const SHUTTING_DOWN: Class = class(StatusCode::SERVICE_UNAVAILABLE, "shutting_down", "The server is shutting down");
const FAILED: Class = class(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The server failed");

fn class_of_session(error: &session::Error) -> Class {
    match error {
        session::Error::TooManySessions => {
            class(StatusCode::TOO_MANY_REQUESTS, "too_many_sessions", "There are as many sessions as may be")
        }
        session::Error::SessionBusy => class(StatusCode::TOO_MANY_REQUESTS, "session_busy", "The session is busy"),
        session::Error::RuntimeExceeded { .. } | session::Error::CheckpointLimit { .. } => USED_UP,
        session::Error::Storage(_) => OVER_LIMIT,
        session::Error::NotFound => class(StatusCode::NOT_FOUND, "not_found", "There is no such thing"),
        session::Error::NoCheckpoint => {
            class(StatusCode::NOT_FOUND, "checkpoint_not_found", "There is no such checkpoint")
        }
        session::Error::Closed => class(StatusCode::CONFLICT, "session_deleted", "The session was deleted meanwhile"),
        session::Error::Broken => class(StatusCode::CONFLICT, "broken", "The session is broken"),
        session::Error::Exists => class(StatusCode::CONFLICT, "session_exists", "The session exists"),
        session::Error::CheckpointExists => class(StatusCode::CONFLICT, "checkpoint_exists", "The checkpoint exists"),
        session::Error::Settings(_) => INVALID_REQUEST,
        session::Error::HostBusy => SERVER_BUSY,
        session::Error::HostFull => {
            class(StatusCode::SERVICE_UNAVAILABLE, "server_full", "The server has no memory left")
        }
        session::Error::Store(error) => class_of_store(error),
        session::Error::ShuttingDown => SHUTTING_DOWN,
        _ => FAILED,
    }
}

/// What the system said about a disk is for the log.
fn class_of_store(error: &StoreError) -> Class {
    match error {
        StoreError::Corrupt { .. } => {
            class(StatusCode::INTERNAL_SERVER_ERROR, "store_corrupt", "What was stored is damaged")
        }
        StoreError::Full | StoreError::ReadOnly { .. } | StoreError::Io { .. } => {
            class(StatusCode::SERVICE_UNAVAILABLE, "store_failed", "The store takes no more changes")
        }
        StoreError::TooLarge { .. } => OVER_LIMIT,
        StoreError::Closed => SHUTTING_DOWN,
        _ => FAILED,
    }
}

fn text_of_store(error: &StoreError) -> &'static str {
    match error {
        StoreError::Corrupt { .. } => "what the store holds of the session is damaged",
        StoreError::Full => "the disk of the store is full",
        StoreError::ReadOnly { .. } | StoreError::Io { .. } => "the store cannot be written or read until it is mended",
        StoreError::TooLarge { .. } => "too large to be stored",
        StoreError::Closed => "server is shutting down",
        _ => INTERNAL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_fails_says_so_and_nothing_of_the_disk() {
        let check = |error: StoreError, status: u16, code: &str| {
            let error = ApiError::from(session::Error::from(error));
            assert_eq!((error.class().status.as_u16(), error.class().code), (status, code), "{error:?}");
            assert!(!error.text().contains("/secret"), "{}", error.text());
        };
        check(StoreError::Corrupt { what: "/secret/page".into() }, 500, "store_corrupt");
        check(StoreError::Io { what: "/secret/file".into() }, 503, "store_failed");
        check(StoreError::ReadOnly { reason: "/secret/file".into() }, 503, "store_failed");
        check(StoreError::Full, 503, "store_failed");
        check(StoreError::Closed, 503, "shutting_down");
        check(StoreError::NotFound { what: "/secret/image".into() }, 500, "internal");
    }
}
