//! `/v1`, `/healthz` and `/readyz`: the product's own interface, one file for each group of routes.
//!
//! Every handler takes what its path, query and body say as types that cannot be wrong, makes one call down and converts the
//! answer. Unknown fields and parameters are refused; every error is problem+json.

mod request;
mod time;

mod checkpoints;
mod cron;
mod files;
mod health;
mod limits;
mod list;
mod object;
mod sessions;

use std::sync::Arc;

use axum::Router;
use axum::routing::{delete, get, post};

use crate::app::App;

/// Returns the routes.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/v1/sessions", get(sessions::list).post(sessions::create))
        .route("/v1/sessions/{id}", get(sessions::show).patch(sessions::change).delete(sessions::delete))
        .route("/v1/sessions/{id}/touch", post(sessions::touch))
        .route("/v1/sessions/{id}/hibernate", post(sessions::hibernate))
        .route("/v1/sessions/{id}/fork", post(checkpoints::fork))
        .route("/v1/sessions/{id}/checkpoints", get(checkpoints::list).post(checkpoints::create))
        .route("/v1/sessions/{id}/checkpoints/{name}", delete(checkpoints::delete))
        .route("/v1/sessions/{id}/checkpoints/{name}/rollback", post(checkpoints::rollback))
        .route("/v1/sessions/{id}/diff", get(checkpoints::diff))
        .route("/v1/sessions/{id}/cron", get(cron::show))
        .route("/v1/sessions/{id}/usage", get(limits::usage))
        .route("/v1/sessions/{id}/limits", get(limits::show))
}

/// Tells whether a path is of this interface, known or not.
pub(crate) fn is_below(path: &str) -> bool {
    let below_v1 = path.strip_prefix("/v1").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    below_v1 || path == "/healthz" || path == "/readyz"
}

#[cfg(test)]
mod tests {
    use super::is_below;

    #[test]
    fn the_older_servers_paths_are_none_of_these() {
        for path in ["/v1", "/v1/", "/v1/sessions/a", "/healthz", "/readyz"] {
            assert!(is_below(path), "{path}");
        }
        for path in ["/", "/v10", "/v1x/sessions", "/health", "/sessions", "/session/v1", "/readyz/"] {
            assert!(!is_below(path), "{path}");
        }
    }
}
