//! Errors of `/v1` as `application/problem+json` (RFC 9457).
//!
//! A handler answers with an [`ApiError`]; its body is written at the edge, where the request's id is known.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::errors::ApiError;

const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// A problem on its way to the edge, in the extensions of its response.
#[derive(Clone, Debug, Serialize)]
struct Problem {
    code: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<LimitBody>,
}

#[derive(Clone, Debug, Serialize)]
struct LimitBody {
    name: &'static str,
    max: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    used: Option<u64>,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.log();
        let class = self.class();
        let limit = self.limit().map(|met| LimitBody { name: met.name, max: met.max, used: met.used });
        let (status, detail) = (class.status, self.text());
        let problem = Problem { code: class.code, title: class.title, status: status.as_u16(), detail, limit };
        let mut response = status.into_response();
        response.extensions_mut().insert(problem);
        response
    }
}

/// Writes the body of a response that is a problem; leaves any other as it is.
pub(crate) fn written(mut response: Response, request_id: &str) -> Response {
    #[derive(Serialize)]
    struct Whole<'a> {
        #[serde(flatten)]
        problem: Problem,
        request_id: &'a str,
    }
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    match serde_json::to_vec(&Whole { problem, request_id }) {
        Ok(mut body) => {
            body.push(b'\n');
            response.headers_mut().insert(header::CONTENT_TYPE, PROBLEM_JSON);
            *response.body_mut() = Body::from(body);
        }
        Err(error) => tracing::error!("a problem could not be encoded: {error}"),
    }
    response
}
