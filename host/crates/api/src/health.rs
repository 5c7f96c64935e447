//! `GET /health`: alive, for how long, how many sessions.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::app::App;
use crate::go_text::{duration_text, round_to_secs};
use crate::reply::json;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    uptime: String,
    sessions: usize,
}

pub(crate) async fn show(State(app): State<Arc<App>>) -> Response {
    let uptime = duration_text(round_to_secs(app.uptime()));
    // A server that goes down finishes what it has; whoever asks had better send new work elsewhere.
    let (code, status) =
        if app.sessions.is_draining() { (StatusCode::SERVICE_UNAVAILABLE, "stopping") } else { (StatusCode::OK, "ok") };
    json(code, &Health { status, uptime, sessions: app.sessions.count() })
}
