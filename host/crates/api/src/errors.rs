//! The one table that maps errors to HTTP statuses and to the texts clients see.

use axum::http::StatusCode;
use session::ImageError;

use crate::go_text::rounded_text;

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

impl ApiError {
    /// Returns the HTTP status.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Session(error) => status_of_session(error),
            Self::Image(_) | Self::SnapshotKind(_) | Self::SnapshotVersion(_) | Self::SnapshotTooLarge { .. } => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::SnapshotParse(_)
            | Self::InvalidBody
            | Self::InvalidCompletion
            | Self::ScriptRequired
            | Self::InvalidId
            | Self::BodyBroken => StatusCode::BAD_REQUEST,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::BodiesBusy => StatusCode::SERVICE_UNAVAILABLE,
            Self::HostRefused | Self::OriginRefused => StatusCode::FORBIDDEN,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns the text for the client; what is meant for the log alone is not in it.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Session(session::Error::Host(_)) | Self::Internal(_) => INTERNAL.to_owned(),
            Self::Session(session::Error::RuntimeExceeded { used, max, .. }) => {
                format!("session runtime limit exceeded: used {}, max {}", rounded_text(*used), rounded_text(*max))
            }
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
            other => tracing::debug!(status = other.status().as_u16(), "request refused: {}", other.text()),
        }
    }
}

fn status_of_session(error: &session::Error) -> StatusCode {
    match error {
        session::Error::TooManySessions | session::Error::SessionBusy | session::Error::RuntimeExceeded { .. } => {
            StatusCode::TOO_MANY_REQUESTS
        }
        session::Error::NotFound => StatusCode::NOT_FOUND,
        session::Error::Closed => StatusCode::CONFLICT,
        session::Error::HostBusy | session::Error::HostFull | session::Error::ShuttingDown => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
