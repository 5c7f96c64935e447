//! A snapshot on its way out: written piece by piece from a frozen tree, so that a large session is never in memory a
//! second time. Layout and escapes are those of Go's indented encoder.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::HttpBody;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::body::Frame;
use session::{Export, ExportedContent, ExportedEntry};
use vfs::Ino;

use crate::errors::ApiError;
use crate::go_json;
use crate::snapshot::go_mode;

/// Bytes of file content that one piece encodes; a multiple of three, so that pieces of base64 join.
const PIECE_BYTES: usize = 48 << 10;
/// A file's holes are written out as zeros, so a session can be far longer than its footprint. This format is for
/// moving small sessions; larger ones would keep a connection busy for minutes.
const EXPORT_MAX_BYTES: u64 = 1 << 30;

/// The reply body of an export.
pub(crate) struct SnapshotBody {
    export: Export,
    files: VecDeque<ExportedEntry>,
    symlinks: VecDeque<(Vec<u8>, Vec<u8>)>,
    state: State,
    wrote_any: bool,
}

enum State {
    Head,
    Files,
    Content { ino: Ino, offset: u64, size: u64 },
    Symlinks,
    Done,
}

impl SnapshotBody {
    /// Lists the export's files.
    ///
    /// # Errors
    /// When they are too long together.
    pub(crate) fn new(export: Export) -> Result<Self, ApiError> {
        let mut files = VecDeque::new();
        let mut symlinks = VecDeque::new();
        let mut bytes = 0u64;
        for entry in export.entries() {
            match entry.content {
                ExportedContent::Symlink(target) => symlinks.push_back((entry.path, target)),
                ExportedContent::File { size, .. } => {
                    bytes = bytes.saturating_add(size);
                    files.push_back(entry);
                }
                ExportedContent::Dir => files.push_back(entry),
            }
        }
        if bytes > EXPORT_MAX_BYTES {
            return Err(ApiError::SnapshotTooLarge { bytes, max: EXPORT_MAX_BYTES });
        }
        Ok(Self { export, files, symlinks, state: State::Head, wrote_any: false })
    }

    /// Returns the next piece; `None` after the last.
    fn next_piece(&mut self) -> Option<Bytes> {
        let mut out = Vec::new();
        while out.len() < PIECE_BYTES && !matches!(self.state, State::Done) {
            self.step(&mut out);
        }
        (!out.is_empty()).then(|| out.into())
    }

    fn step(&mut self, out: &mut Vec<u8>) {
        match self.state {
            State::Head => {
                out.extend_from_slice(b"{\n  \"version\": 1,\n  \"cwd\": ");
                push_string(out, &self.export.cwd);
                out.extend_from_slice(if self.files.is_empty() {
                    b",\n  \"files\": null"
                } else {
                    b",\n  \"files\": ["
                });
                self.state = if self.files.is_empty() { State::Symlinks } else { State::Files };
            }
            State::Files => self.file(out),
            State::Content { ino, offset, size } => self.content(out, ino, offset, size),
            State::Symlinks => {
                push_symlinks(out, &std::mem::take(&mut self.symlinks));
                out.extend_from_slice(b"\n}\n");
                self.state = State::Done;
            }
            State::Done => {}
        }
    }

    fn file(&mut self, out: &mut Vec<u8>) {
        let Some(entry) = self.files.pop_front() else {
            out.extend_from_slice(b"\n  ]");
            self.state = State::Symlinks;
            return;
        };
        out.extend_from_slice(if self.wrote_any { b",\n    {" } else { b"\n    {" });
        self.wrote_any = true;
        push_path(out, &entry.path, "      ");
        let is_dir = entry.content == ExportedContent::Dir;
        out.extend_from_slice(format!(",\n      \"mode\": {}", go_mode(entry.mode, is_dir)).as_bytes());
        match entry.content {
            ExportedContent::Dir => out.extend_from_slice(b",\n      \"is_dir\": true\n    }"),
            ExportedContent::File { ino, size } if size > 0 => {
                out.extend_from_slice(b",\n      \"content\": \"");
                self.state = State::Content { ino, offset: 0, size };
            }
            ExportedContent::File { .. } | ExportedContent::Symlink(_) => out.extend_from_slice(b"\n    }"),
        }
    }

    fn content(&mut self, out: &mut Vec<u8>, ino: Ino, offset: u64, size: u64) {
        let piece = self.export.read(ino, offset, PIECE_BYTES);
        out.extend_from_slice(STANDARD.encode(&piece).as_bytes());
        let offset = offset.saturating_add(piece.len() as u64);
        if piece.is_empty() || offset >= size {
            out.extend_from_slice(b"\"\n    }");
            self.state = State::Files;
        } else {
            self.state = State::Content { ino, offset, size };
        }
    }
}

impl HttpBody for SnapshotBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.next_piece().map(|piece| Ok(Frame::data(piece))))
    }
}

fn push_symlinks(out: &mut Vec<u8>, symlinks: &VecDeque<(Vec<u8>, Vec<u8>)>) {
    if symlinks.is_empty() {
        return;
    }
    out.extend_from_slice(b",\n  \"symlinks\": [");
    for (index, (path, target)) in symlinks.iter().enumerate() {
        out.extend_from_slice(if index == 0 { b"\n    {" } else { b",\n    {" });
        push_path(out, path, "      ");
        out.extend_from_slice(b",\n      \"target\": ");
        push_string(out, target);
        if std::str::from_utf8(target).is_err() {
            out.extend_from_slice(format!(",\n      \"target_b64\": \"{}\"", STANDARD.encode(target)).as_bytes());
        }
        out.extend_from_slice(b"\n    }");
    }
    out.extend_from_slice(b"\n  ]");
}

fn push_path(out: &mut Vec<u8>, path: &[u8], indent: &str) {
    out.extend_from_slice(format!("\n{indent}\"path\": ").as_bytes());
    push_string(out, path);
    if std::str::from_utf8(path).is_err() {
        out.extend_from_slice(format!(",\n{indent}\"path_b64\": \"{}\"", STANDARD.encode(path)).as_bytes());
    }
}

fn push_string(out: &mut Vec<u8>, bytes: &[u8]) {
    // Encoding a string cannot fail, and ends with the newline of a body.
    let encoded = go_json::encode(String::from_utf8_lossy(bytes).as_ref()).unwrap_or_default();
    out.extend_from_slice(encoded.strip_suffix(b"\n").unwrap_or(&encoded));
}
