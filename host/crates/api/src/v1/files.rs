//! The files a session may be created with.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use session::{Image, ImageBuilder, ImportContent, ImportEntry};

use crate::app::App;
use crate::errors::ApiError;
use crate::snapshot::in_background;

const FILE_MODE: u32 = 0o644;
const DIR_MODE: u32 = 0o755;
const MODE_MAX: u32 = 0o7777;

/// One file: a path and exactly one of `content`, `content_b64`, `symlink` and `"dir": true`. Parents are made. `mode` is
/// octal (`"755"`); it is 644 for a file and 755 for a directory unless given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileRequest {
    path: String,
    content: Option<String>,
    content_b64: Option<String>,
    symlink: Option<String>,
    #[serde(default)]
    dir: bool,
    mode: Option<String>,
}

/// Makes what a session begins with; `None` without files.
pub(crate) async fn image(app: &App, files: Vec<FileRequest>) -> Result<Option<Image>, ApiError> {
    if files.is_empty() {
        return Ok(None);
    }
    let closed = |_| ApiError::Internal("the budget for imports is closed".to_owned());
    let turn = Arc::clone(&app.imports).acquire_owned().await.map_err(closed)?;
    let builder = app.sessions.image_builder();
    let built = in_background(move || {
        let image = build(&files, builder);
        drop(turn);
        image
    });
    built.await?.map(Some)
}

fn build(files: &[FileRequest], mut builder: ImageBuilder) -> Result<Image, ApiError> {
    for file in files {
        add(file, &mut builder)?;
    }
    Ok(builder.finish(b"/"))
}

fn add(file: &FileRequest, builder: &mut ImageBuilder) -> Result<(), ApiError> {
    let refused = |why: &str| ApiError::InvalidRequest(format!("files: {:?}: {why}", shown(&file.path)));
    let given = (file.content.as_ref(), file.content_b64.as_ref(), file.symlink.as_ref(), file.dir);
    let decoded;
    let (content, data) = match given {
        (Some(text), None, None, false) => (ImportContent::File, text.as_bytes()),
        (None, Some(b64), None, false) => {
            decoded = STANDARD.decode(b64).map_err(|_| refused("content_b64 is no base64"))?;
            (ImportContent::File, decoded.as_slice())
        }
        (None, None, Some(target), false) => (ImportContent::Symlink(target.as_bytes()), b"".as_slice()),
        (None, None, None, true) => (ImportContent::Dir, b"".as_slice()),
        _ => return Err(refused("give one of content, content_b64, symlink and dir")),
    };
    let usual = if file.dir { DIR_MODE } else { FILE_MODE };
    let mode = file.mode.as_deref().map_or(Some(usual), mode).ok_or_else(|| refused("mode is octal, up to 7777"))?;
    let path = file.path.as_bytes();
    let ino = builder.add(&ImportEntry { path, mode, content }).map_err(ApiError::Files)?;
    if data.is_empty() { Ok(()) } else { builder.append(ino, path, data).map_err(ApiError::Files) }
}

fn mode(text: &str) -> Option<u32> {
    let is_octal = text.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    u32::from_str_radix(text, 8).ok().filter(|mode| is_octal && *mode <= MODE_MAX)
}

/// Cuts a path that is shown in an error.
fn shown(path: &str) -> &str {
    const SHOWN_BYTES: usize = 200;
    path.get(..path.floor_char_boundary(SHOWN_BYTES)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use base::{Limits, Timestamp};
    use vfs::{Follow, Ino, Quota, Tree};

    use super::*;

    fn built(json: &str) -> Result<Image, ApiError> {
        let limits = Limits { max_bytes: Some(100), ..Limits::default() };
        let template = Tree::new(Quota::UNLIMITED, Timestamp(0));
        let files: Vec<FileRequest> = serde_json::from_str(json).expect("the shape is right");
        build(&files, ImageBuilder::new(&template, &limits, Timestamp(0)))
    }

    #[test]
    fn files_links_and_directories_are_made_with_their_modes() {
        let image = built(
            r#"[{"path":"/a/run","content":"echo hi\n","mode":"0755"},{"path":"/b","content_b64":"AP8="},
                {"path":"/l","symlink":"a/run"},{"path":"/d","dir":true},{"path":"/empty","content":""}]"#,
        )
        .expect("fits");
        let stat = |path: &str| {
            let ino = image.tree.lookup(Ino::ROOT, path.as_bytes(), Follow::Yes).expect("is there");
            let stat = image.tree.stat(ino).expect("is there");
            (stat.mode & 0o7777, stat.size)
        };
        assert_eq!((stat("/a/run"), stat("/l"), stat("/b")), ((0o755, 8), (0o755, 8), (0o644, 2)));
        assert_eq!((stat("/d").0, stat("/a").0, stat("/empty").1), (0o755, 0o755, 0));
    }

    #[test]
    fn what_cannot_be_a_file_is_refused() {
        let check = |json: &str, code: &str| {
            let error = built(json).err().expect(json);
            assert_eq!(error.class().code, code, "{json}");
            assert!(!error.text().starts_with("snapshot"), "{}", error.text());
        };
        check(r#"[{"path":"/a"}]"#, "invalid_request");
        check(r#"[{"path":"/a","content":"x","dir":true}]"#, "invalid_request");
        check(r#"[{"path":"/a","content_b64":"%"}]"#, "invalid_request");
        check(r#"[{"path":"/a","content":"x","mode":"8"}]"#, "invalid_request");
        check(r#"[{"path":"/a","content":"x","mode":"10000"}]"#, "invalid_request");
        check(r#"[{"path":"/a","content":"x","mode":"+7"}]"#, "invalid_request");
        check(r#"[{"path":"a","content":"x"}]"#, "invalid_request");
        check(r#"[{"path":"/../a","content":"x"}]"#, "invalid_request");
        check(r#"[{"path":"/a","symlink":"../../x"}]"#, "invalid_request");
        check(&format!(r#"[{{"path":"/a","content":"{}"}}]"#, "x".repeat(101)), "limit_exceeded");
    }
}
