//! What a request of `/v1` says, read into types, and the replies in JSON.

use axum::body::Body;
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::{SessionId, SessionKey};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::body;
use crate::errors::ApiError;

/// Why a body is refused is told in so many bytes: the reason may quote the body.
const REASON_BYTES_MAX: usize = 300;

/// The session that the path names.
pub(crate) struct Session(pub(crate) SessionKey);

/// The session and the checkpoint that the path names.
pub(crate) struct SessionAndName(pub(crate) SessionKey, pub(crate) String);

/// The parameters behind the path, decoded, in their order.
pub(crate) struct Parameters(pub(crate) Vec<(String, String)>);

/// There are no parameters behind the path.
pub(crate) struct NoParameters;

/// A request without content: no body, or an object without fields.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(id) =
            Path::<String>::from_request_parts(parts, state).await.map_err(|_| ApiError::InvalidSessionId)?;
        Ok(Self(key(&id)?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SessionAndName {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((id, name)) = path.map_err(|_| ApiError::InvalidSessionId)?;
        Ok(Self(key(&id)?, name))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        let Query(pairs) = pairs.map_err(|why| ApiError::InvalidRequest(shortened(why.body_text())))?;
        Ok(Self(pairs))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for NoParameters {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Parameters::from_request_parts(parts, state).await?.0.first() {
            Some((name, _)) => Err(unknown_parameter(name)),
            None => Ok(Self),
        }
    }
}

/// Refuses a query parameter that the route does not have.
pub(crate) fn unknown_parameter(name: &str) -> ApiError {
    ApiError::InvalidRequest(shortened(format!("unknown query parameter {name:?}")))
}

/// Reads a session's id; sessions are the one tenant's.
pub(crate) fn id(text: &str) -> Result<SessionId, ApiError> {
    text.parse().map_err(|_| ApiError::InvalidSessionId)
}

fn key(text: &str) -> Result<SessionKey, ApiError> {
    id(text).map(SessionKey::of_default)
}

/// Reads the body's JSON object. No body at all counts as an object without fields.
pub(crate) async fn read<T: DeserializeOwned>(app: &App, body: Body) -> Result<T, ApiError> {
    let held = body::read(app, body, app.config.max_body).await?;
    let bytes: &[u8] = if held.bytes.trim_ascii().is_empty() { b"{}" } else { &held.bytes };
    // Serde would take the elements of an array for the fields in order.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err(ApiError::InvalidRequest("the body is no JSON object".to_owned()));
    }
    serde_json::from_slice(bytes).map_err(|why| ApiError::InvalidRequest(shortened(why.to_string())))
}

fn shortened(mut text: String) -> String {
    if text.len() > REASON_BYTES_MAX {
        text.truncate(text.floor_char_boundary(REASON_BYTES_MAX));
        text.push_str("...");
    }
    text
}

/// Makes a reply in JSON. Nobody is to keep it: a session changes without notice.
pub(crate) fn reply<T: Serialize>(status: StatusCode, value: &T) -> Response {
    match serde_json::to_vec(value) {
        Ok(mut body) => {
            body.push(b'\n');
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ];
            (status, headers, body).into_response()
        }
        Err(error) => ApiError::Internal(format!("a reply could not be encoded: {error}")).into_response(),
    }
}

/// Reads a field that is there, `null` included: with `serde(default)`, the outer `None` is a field that is not.
pub(crate) fn given<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}
