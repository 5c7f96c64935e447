//! Which request a log line belongs to: every request gets an id, which its lines and its reply carry.
//!
//! Of the request are logged its method, its route (a path may hold a session's id), the session's tag and the status;
//! never headers, bodies or query strings.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use base::SessionId;
use tracing::Instrument;

use crate::app::App;
use crate::problem::written;
use crate::run::named_session;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A longer id of a proxy is replaced by one of our own: it stands in every line.
const REQUEST_ID_MAX: usize = 64;

/// Makes request ids: the second in which the server started, and a number.
#[derive(Debug)]
pub(crate) struct RequestIds {
    started_secs: u64,
    next: AtomicU64,
}

impl RequestIds {
    /// Begins with the first id of a server that started at `started_secs` since 1970.
    pub(crate) fn new(started_secs: u64) -> Self {
        Self { started_secs, next: AtomicU64::new(1) }
    }

    /// Returns the id a proxy gave the request, or the next one.
    fn of(&self, headers: &HeaderMap) -> String {
        let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
        let is_plain = |id: &&str| {
            let plain =
                |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':' | b'/' | b'+' | b'=');
            (1..=REQUEST_ID_MAX).contains(&id.len()) && id.bytes().all(plain)
        };
        match given.filter(is_plain) {
            Some(id) => id.to_owned(),
            None => format!("{:x}-{}", self.started_secs, self.next.fetch_add(1, Ordering::Relaxed)),
        }
    }
}

/// Runs the request inside a span with its id, and tells how it was answered.
pub(crate) async fn record(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let id = app.request_ids.of(request.headers());
    let value = HeaderValue::from_str(&id).ok();
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let session = session_of(&request).map(|id| id.tag());
    let span = tracing::info_span!("request", request_id = id.as_str(), session);
    let started = app.uptime();
    let mut response = written(next.run(request).instrument(span.clone()).await, &id);
    span.in_scope(|| {
        let wall_us = app.uptime().saturating_sub(started).as_micros();
        tracing::debug!(%method, route, status = response.status().as_u16(), wall_us, "answered");
    });
    if let Some(value) = value {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// Returns the session the request's header or path names.
fn session_of(request: &Request) -> Option<SessionId> {
    let path = request.uri().path();
    let below = || path.strip_prefix("/session/").or_else(|| path.strip_prefix("/v1/sessions/"));
    let in_path = || below()?.split('/').next()?.parse().ok();
    named_session(request.headers()).or_else(in_path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_of(ids: &RequestIds, given: Option<&'static str>) -> String {
        let mut headers = HeaderMap::new();
        headers.extend(given.map(|id| (REQUEST_ID, HeaderValue::from_static(id))));
        ids.of(&headers)
    }

    #[test]
    fn a_plain_id_of_a_proxy_is_kept_and_any_other_replaced() {
        let ids = RequestIds::new(0x65f0_0000);
        assert_eq!(id_of(&ids, Some("0af7651916cd43dd8448eb211c80319c")), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(id_of(&ids, None), "65f00000-1");
        assert_eq!(id_of(&ids, Some("two words")), "65f00000-2");
        assert_eq!(id_of(&ids, Some("")), "65f00000-3");
        let long: &'static str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        assert_eq!(id_of(&ids, Some(long)), "65f00000-4");
    }
}
