//! Rejects: the hunks that did not apply, as a patch.

use super::hunk::{Hunk, Kind};
use super::options::Form;
use super::section::Section;
use crate::format::{context_range, unified_range};

/// Writes the names above rejects.
pub(crate) fn header(out: &mut Vec<u8>, section: &Section, form: Form) {
    let marks = if form == Form::Unified { ["--- ", "+++ "] } else { ["*** ", "--- "] };
    for (mark, named) in marks.iter().zip(&section.named) {
        out.extend_from_slice(mark.as_bytes());
        out.extend_from_slice(named.full.as_deref().unwrap_or(b"/dev/null"));
        if !named.stamp_text.is_empty() {
            out.push(b'\t');
            out.extend_from_slice(&named.stamp_text);
        }
        out.push(b'\n');
    }
}

/// Writes a hunk; `shift` is by how many lines the file has grown above it. `written` is the form of the patch.
pub(crate) fn hunk(out: &mut Vec<u8>, hunk: &Hunk, shift: i64, form: Form, written: Form) {
    let range = |side: usize| {
        let count = hunk.side(side).count();
        let first = hunk.start[side] + shift + i64::from(count == 0) - 1;
        let first = usize::try_from(first).unwrap_or(0);
        first..first + count
    };
    if form == Form::Unified {
        let line = format!("@@ -{} +{} @@", unified_range(range(0)), unified_range(range(1)));
        out.extend_from_slice(line.as_bytes());
        out.extend_from_slice(&hunk.title);
        out.push(b'\n');
        for (kind, text) in &hunk.lines {
            out.push(match kind {
                Kind::Context => b' ',
                Kind::Deleted => b'-',
                Kind::Inserted => b'+',
            });
            line_text(out, text);
        }
        return;
    }
    out.extend_from_slice(b"***************");
    if !hunk.title.is_empty() {
        out.push(b' ');
        out.extend_from_slice(hunk.title.trim_ascii());
    }
    // Of a normal diff, rejects look like the context diffs of old.
    let closing = if written == Form::Normal { ["", " -----"] } else { [" ****", " ----"] };
    for (side, mark, letter) in [(0, "***", b'-'), (1, "---", b'+')] {
        let lines = range(side);
        let numbers = if lines.is_empty() { "0".to_owned() } else { context_range(lines) };
        let title = format!("{}{mark} {numbers}{}\n", if side == 0 { "\n" } else { "" }, closing[side]);
        out.extend_from_slice(title.as_bytes());
        side_lines(out, hunk, side, letter, written == Form::Normal);
    }
}

fn side_lines(out: &mut Vec<u8>, hunk: &Hunk, side: usize, letter: u8, plain: bool) {
    for group in hunk.lines.chunk_by(|one, next| (one.0 == Kind::Context) == (next.0 == Kind::Context)) {
        let both = [Kind::Deleted, Kind::Inserted].iter().all(|kind| group.iter().any(|line| line.0 == *kind));
        let other = if side == 0 { Kind::Inserted } else { Kind::Deleted };
        for (kind, text) in group.iter().filter(|line| line.0 != other) {
            let mark = match kind {
                Kind::Context => b' ',
                _ if both && !plain => b'!',
                _ => letter,
            };
            out.extend_from_slice(&[mark, b' ']);
            line_text(out, text);
        }
    }
}

fn line_text(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(text);
    if !text.ends_with(b"\n") {
        out.extend_from_slice(b"\n\\ No newline at end of file\n");
    }
}
