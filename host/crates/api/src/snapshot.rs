//! `GET` and `POST /session/{id}/snapshot`: a session's files as JSON, both ways. The format is the older server's.
//!
//! ```json
//! {"version":1,"cwd":"/x","files":[{"path":"/a","mode":2147484141,"is_dir":true},
//!                                  {"path":"/a/f","mode":420,"content":"base64"}]}
//! ```
//!
//! `mode` is Go's `os.FileMode` as a number. Two extensions, which old readers ignore: `symlinks` beside `files`
//! (`[{"path","target"}]`), and `path_b64` in an entry whose path is not UTF-8. An entry whose mode has Go's bit of a
//! symbolic link is taken as one, its content as the target.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::{SessionId, SessionKey, TenantId};
use serde::Serialize;
use session::{Error, Image, Target};

use crate::app::App;
use crate::body::{self, Held};
use crate::errors::ApiError;
use crate::reply::{json, plain_error};
use crate::run;
use crate::snapshot_export::SnapshotBody;
use crate::snapshot_import::decode;

const MODE_DIR: u32 = 1 << 31;
const MODE_SYMLINK: u32 = 1 << 27;
/// Device, named pipe, socket, character device, irregular.
const MODE_SPECIAL: u32 = (1 << 26) | (1 << 25) | (1 << 24) | (1 << 21) | (1 << 19);
const MODE_SETUID: u32 = 1 << 23;
const MODE_SETGID: u32 = 1 << 22;
const MODE_STICKY: u32 = 1 << 20;

pub(crate) async fn export(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    match export_body(&app, &id).await {
        Ok(body) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
                (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"memsh-snapshot.json\"")),
            ];
            (StatusCode::OK, headers, Body::new(body)).into_response()
        }
        Err(error) => plain_error(&error),
    }
}

async fn export_body(app: &App, id: &str) -> Result<SnapshotBody, ApiError> {
    let id: SessionId = id.parse().map_err(|_| Error::NotFound)?;
    let export = app.sessions.export(&SessionKey::of_default(id)).await?;
    // Walking a large tree takes a while; this task must stay free to serve others.
    in_background(move || SnapshotBody::new(export)).await?
}

pub(crate) async fn import(State(app): State<Arc<App>>, Path(id): Path<String>, body: Body) -> Response {
    #[derive(Serialize)]
    struct Reply<'a> {
        session_id: &'a str,
    }
    match import_body(&app, &id, body).await {
        Ok(id) => json(StatusCode::OK, &Reply { session_id: id.as_str() }),
        Err(error) => plain_error(&error),
    }
}

async fn import_body(app: &App, id: &str, body: Body) -> Result<SessionId, ApiError> {
    let target = match id {
        "new" => Target::New(TenantId::default_tenant()),
        id => Target::Session(SessionKey::of_default(run::parse_id(id.as_bytes())?)),
    };
    let held = body::read(app, body, app.config.max_snapshot_body).await?;
    let image = build(app, held).await?;
    Ok(app.sessions.replace(target, image).await?)
}

async fn build(app: &App, held: Held) -> Result<Image, ApiError> {
    let closed = |_| ApiError::Internal("the budget for imports is closed".to_owned());
    let turn = Arc::clone(&app.imports).acquire_owned().await.map_err(closed)?;
    let builder = app.sessions.image_builder();
    let inspection = app.sessions.inspection();
    in_background(move || {
        let image = decode(&held.bytes, inspection, builder);
        drop(turn);
        image
    })
    .await?
}

/// Does work that takes a while where it holds nobody up.
pub(crate) async fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| ApiError::Internal(format!("a task in the background: {error}")))
}

/// What the type bits of Go's `os.FileMode` say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// No bit.
    File,
    /// A directory.
    Dir,
    /// A symbolic link, whose content is its target.
    Symlink,
    /// What no session can hold.
    Special,
}

/// Returns the type in Go's `os.FileMode`.
pub(crate) fn type_of(mode: u32) -> Type {
    match mode {
        mode if mode & MODE_SPECIAL != 0 => Type::Special,
        mode if mode & MODE_SYMLINK != 0 => Type::Symlink,
        mode if mode & MODE_DIR != 0 => Type::Dir,
        _ => Type::File,
    }
}

/// Returns Unix permission bits as Go's `os.FileMode`.
pub(crate) fn go_mode(mode: u32, is_dir: bool) -> u32 {
    let flag = |unix: u32, go: u32| if mode & unix == 0 { 0 } else { go };
    (mode & 0o777)
        | flag(0o4000, MODE_SETUID)
        | flag(0o2000, MODE_SETGID)
        | flag(0o1000, MODE_STICKY)
        | if is_dir { MODE_DIR } else { 0 }
}

/// Returns the Unix permission bits of Go's `os.FileMode`.
pub(crate) fn unix_mode(mode: u32) -> u32 {
    let flag = |go: u32, unix: u32| if mode & go == 0 { 0 } else { unix };
    (mode & 0o777) | flag(MODE_SETUID, 0o4000) | flag(MODE_SETGID, 0o2000) | flag(MODE_STICKY, 0o1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_go_file_modes() {
        let check = |unix, is_dir, go| {
            assert_eq!(go_mode(unix, is_dir), go);
            assert_eq!(unix_mode(go), unix);
        };
        check(0o755, true, 2_147_484_141);
        check(0o644, false, 420);
        check(0o1777, true, (1 << 31) | (1 << 20) | 0o777);
        check(0o6755, false, (1 << 23) | (1 << 22) | 0o755);
        check(0, false, 0);
    }
}
