//! All routes: those of the older server, `/metrics`, `/v1`, and the replies for what is none of them.

use std::sync::Arc;

use axum::Router;
use axum::http::{Method, StatusCode, Uri};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};

use crate::app::App;
use crate::errors::ApiError;
use crate::reply::text;
use crate::{access, complete, guard, health, metrics, page, run, sessions, snapshot, v1};

/// Builds the router over `app`.
pub fn router(app: &Arc<App>) -> Router {
    Router::new()
        .route("/", get(page::show))
        .route("/health", get(health::show))
        .route("/metrics", get(metrics::show))
        .route("/run", post(run::run))
        .route("/complete", post(complete::complete))
        .route("/sessions", get(sessions::list))
        .route("/session/{id}", delete(sessions::delete))
        .route("/session/{id}/snapshot", get(snapshot::export).post(snapshot::import))
        .merge(v1::routes())
        .fallback(not_found)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(app), guard::guard))
        .layer(middleware::from_fn_with_state(Arc::clone(app), access::record))
        .with_state(Arc::clone(app))
}

async fn not_found(uri: Uri) -> Response {
    if v1::is_below(uri.path()) { ApiError::NoRoute.into_response() } else { old_not_found() }
}

/// The older server's `GET /` catches every GET, so a GET of a known path without one is "not found".
async fn wrong_method(method: Method, uri: Uri) -> Response {
    match method {
        _ if v1::is_below(uri.path()) => ApiError::WrongMethod.into_response(),
        Method::GET | Method::HEAD => old_not_found(),
        _ => text(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed\n"),
    }
}

fn old_not_found() -> Response {
    text(StatusCode::NOT_FOUND, "404 page not found\n")
}
