//! What holds for every request and every reply: whom the request names, where it comes from, and the headers that keep
//! a browser from doing more with a reply than show it.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::config::Hosts;
use crate::errors::ApiError;
use crate::reply::plain_error;
use crate::v1;

const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];

/// Checks the request's host and origin, and adds the protecting headers to the reply.
pub(crate) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = match check(&app.config.hosts, request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(error) if v1::is_below(request.uri().path()) => error.into_response(),
        Err(error) => plain_error(&error),
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, value);
    }
    response
}

fn check(hosts: &Hosts, method: &Method, headers: &HeaderMap) -> Result<(), ApiError> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    if let Hosts::Loopback { also } = hosts {
        let allowed = host.is_some_and(|host| is_loopback(name_of(host), also));
        if !allowed {
            return Err(ApiError::HostRefused);
        }
    }
    // A page elsewhere may make a browser send a plain POST; it says so in Origin.
    let reads = *method == Method::GET || *method == Method::HEAD || *method == Method::OPTIONS;
    match headers.get(header::ORIGIN) {
        Some(origin) if !reads && !is_same(origin, host) => Err(ApiError::OriginRefused),
        _ => Ok(()),
    }
}

fn is_same(origin: &HeaderValue, host: Option<&str>) -> bool {
    let authority = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
    matches!((authority, host), (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host))
}

/// Returns the host without its port: `[::1]:80` is `::1`.
fn name_of(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default();
    }
    host.split(':').next().unwrap_or_default()
}

fn is_loopback(name: &str, also: &[String]) -> bool {
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        || also.iter().any(|other| other.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_headers(pairs: &[(&'static str, &'static str)], method: &Method, allowed: bool) {
        let headers =
            pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let hosts = Hosts::Loopback { also: vec!["box.example".to_owned()] };
        assert_eq!(check(&hosts, method, &headers.collect()).is_ok(), allowed, "{pairs:?}");
    }

    #[test]
    fn a_loopback_server_answers_only_to_loopback_names() {
        let check = |host, allowed| check_headers(&[("host", host)], &Method::POST, allowed);
        check("127.0.0.1:8080", true);
        check("127.9.9.9", true);
        check("localhost:1", true);
        check("LOCALHOST", true);
        check("[::1]:8080", true);
        check("box.example:8080", true);
        check("evil.example:8080", false);
        check("10.0.0.1", false);
        check("localhost.evil.example", false);
        check("", false);
        check_headers(&[], &Method::GET, false);
    }

    #[test]
    fn a_page_of_another_origin_may_not_post() {
        let check = |origin, method, allowed| {
            check_headers(&[("host", "localhost:8080"), ("origin", origin)], method, allowed);
        };
        check("http://localhost:8080", &Method::POST, true);
        check("http://localhost:9090", &Method::POST, false);
        check("http://evil.example", &Method::DELETE, false);
        check("null", &Method::POST, false);
        check("http://evil.example", &Method::GET, true);
    }
}
