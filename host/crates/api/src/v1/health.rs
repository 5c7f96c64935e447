//! `GET /healthz`: the process answers. `GET /readyz`: it takes work.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use super::request::{NoParameters, reply};
use crate::app::App;

/// The reply of both; `reasons` has words that do not change their meaning.
#[derive(Serialize)]
struct Health {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<Vec<&'static str>>,
}

pub(crate) async fn alive(_: NoParameters) -> Response {
    reply(StatusCode::OK, &Health { status: "ok", reasons: None })
}

pub(crate) async fn ready(State(app): State<Arc<App>>, _: NoParameters) -> Response {
    let mut reasons = Vec::new();
    if app.sessions.is_draining() {
        reasons.push("draining");
    }
    if app.sessions.store_failure().is_some() {
        reasons.push("store_failed");
    }
    let (code, status) =
        if reasons.is_empty() { (StatusCode::OK, "ready") } else { (StatusCode::SERVICE_UNAVAILABLE, "not_ready") };
    reply(code, &Health { status, reasons: Some(reasons) })
}
