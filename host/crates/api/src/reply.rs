//! The bodies all routes answer with: JSON as the older server encodes it, plain text, and `{"error": ...}`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::errors::ApiError;
use crate::go_json;

/// Makes a plain text reply.
pub(crate) fn text(status: StatusCode, text: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// Makes a JSON reply.
pub(crate) fn json<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> Response {
    match go_json::encode(value) {
        Ok(body) => {
            (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
        }
        Err(error) => {
            tracing::error!("a reply could not be encoded: {error}");
            text(StatusCode::INTERNAL_SERVER_ERROR, "internal server error\n")
        }
    }
}

/// Makes the reply `{"error": ...}`.
pub(crate) fn plain_error(error: &ApiError) -> Response {
    #[derive(Serialize)]
    struct Body {
        error: String,
    }
    error.log();
    json(error.status(), &Body { error: error.text() })
}
