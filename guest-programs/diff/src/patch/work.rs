//! The work on one file: what is read, what is written so far, and how hunks change it.

use super::hunk::{Hunk, Kind};
use super::section::Section;
use crate::core::Text;

/// The work on one file.
pub(super) struct Work {
    pub(super) section: Section,
    pub(super) reverse: bool,
    pub(super) input: Text,
    pub(super) output: Vec<u8>,
    /// How many lines of the input are in the output.
    pub(super) settled: i64,
    /// How far the last hunk was from its place, and by how many lines the output has grown.
    pub(super) offset: i64,
    pub(super) growth: i64,
    pub(super) rejected: Vec<u8>,
    pub(super) failed: usize,
    /// Not everything was exactly where it should be.
    pub(super) mismatch: bool,
    pub(super) skip: bool,
    pub(super) apply_anyway: bool,
}

impl Work {
    pub(super) fn reverse_all(&mut self) {
        self.section.reverse();
        self.reverse = !self.reverse;
    }

    /// Copies the input up to a line, counted from 1.
    pub(super) fn copy_until(&mut self, line: i64) {
        let from = usize::try_from(self.settled).unwrap_or(0);
        let to = usize::try_from(line - 1).unwrap_or(usize::MAX).min(self.input.len());
        for at in from..to {
            end_line(&mut self.output);
            self.output.extend_from_slice(self.input.line(at));
        }
        self.settled = self.settled.max(i64::try_from(to).unwrap_or(i64::MAX));
    }

    /// Tells that a line of the file where a hunk should go ends with a carriage return and the hunk's does not, or reverse.
    pub(super) fn other_endings(&self, hunk: &Hunk) -> bool {
        let line = usize::try_from(hunk.first() - 1).ok().map(|at| self.input.line(at)).unwrap_or_default();
        let pattern = hunk.pattern().first().copied().unwrap_or_default();
        !line.is_empty() && !pattern.is_empty() && line.ends_with(b"\r\n") != pattern.ends_with(b"\r\n")
    }

    /// Changes the lines at a place. What is around them stays open for the next hunk.
    pub(super) fn apply(&mut self, hunk: &Hunk, place: i64) {
        let mut at = place;
        for (kind, line) in &hunk.lines {
            match kind {
                Kind::Context => at += 1,
                Kind::Deleted => {
                    self.copy_until(at);
                    at += 1;
                    self.settled += 1;
                    self.growth -= 1;
                }
                Kind::Inserted => {
                    self.copy_until(at);
                    end_line(&mut self.output);
                    self.output.extend_from_slice(line);
                    self.growth += 1;
                }
            }
        }
    }

    /// Like [`Self::apply`], but what is deleted stays: the preprocessor takes one or the other, as `name` is defined.
    pub(super) fn apply_within(&mut self, hunk: &Hunk, place: i64, name: &[u8]) {
        let mut at = place;
        for group in hunk.lines.chunk_by(|one, next| (one.0 == Kind::Context) == (next.0 == Kind::Context)) {
            let (old, new): (Vec<_>, Vec<_>) = group.iter().partition(|(kind, _)| *kind != Kind::Inserted);
            let n_old = i64::try_from(old.len()).unwrap_or(i64::MAX);
            let is_context = group.first().is_some_and(|(kind, _)| *kind == Kind::Context);
            if !is_context {
                self.copy_until(at);
                directive(&mut self.output, if old.is_empty() { "#ifdef " } else { "#ifndef " }, name);
                self.copy_until(at + n_old);
                if !old.is_empty() && !new.is_empty() {
                    directive(&mut self.output, "#else", b"");
                }
                for (_, line) in &new {
                    end_line(&mut self.output);
                    self.output.extend_from_slice(line);
                    self.growth += 1;
                }
                directive(&mut self.output, "#endif", b"");
            }
            at += n_old;
        }
    }
}

/// Puts a line of a preprocessor.
fn directive(output: &mut Vec<u8>, word: &str, name: &[u8]) {
    end_line(output);
    output.extend_from_slice(word.as_bytes());
    output.extend_from_slice(name);
    output.push(b'\n');
}

/// Puts a newline behind what has none, since another line follows.
fn end_line(output: &mut Vec<u8>) {
    if output.last().is_some_and(|byte| *byte != b'\n') {
        output.push(b'\n');
    }
}
