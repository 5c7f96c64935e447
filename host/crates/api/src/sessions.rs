//! `GET /sessions` and `DELETE /session/{id}`.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::{SessionId, SessionKey, TenantId};
use serde::Serialize;
use session::Info;

use crate::app::App;
use crate::go_text::time_text;
use crate::reply::json;

/// One row, with the older server's nine names in its order.
#[derive(Serialize)]
struct Row {
    id: String,
    cwd: String,
    created_at: String,
    last_use: String,
    runtime_ms: u64,
    network_requests: u64,
    network_bytes_sent: u64,
    network_bytes_received: u64,
    network_runtime_ms: u64,
}

impl From<Info> for Row {
    fn from(info: Info) -> Self {
        Self {
            id: info.id.as_str().to_owned(),
            cwd: String::from_utf8_lossy(&info.cwd).into_owned(),
            created_at: time_text(info.created),
            last_use: time_text(info.last_use),
            runtime_ms: millis(info.runtime),
            network_requests: info.network.requests,
            network_bytes_sent: info.network.bytes_sent,
            network_bytes_received: info.network.bytes_received,
            network_runtime_ms: millis(info.network.runtime),
        }
    }
}

pub(crate) async fn list(State(app): State<Arc<App>>) -> Response {
    let rows: Vec<Row> = app.sessions.list(&TenantId::default_tenant()).into_iter().map(Row::from).collect();
    json(StatusCode::OK, &rows)
}

/// Answers 204 whatever the id is, as the older server does: afterwards no such session exists.
pub(crate) async fn delete(State(app): State<Arc<App>>, Path(id): Path<String>) -> StatusCode {
    if let Ok(id) = id.parse::<SessionId>() {
        app.sessions.delete(&SessionKey::of_default(id)).await;
    }
    StatusCode::NO_CONTENT
}

/// Returns whole milliseconds.
pub(crate) fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
