//! Reads the bodies of here-documents, which stand behind the newline that ends their command's line.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::tree::{HereBody, HereDoc, Piece, SyntaxError, Text, Warning, Word, remove_quotes};

use super::state::{Parser, PendingHereDoc, Result};
use super::word::constant;

/// A body up to this size is printed as it was written. Of a longer one the commands in substitutions are printed from
/// their trees: documents nested in substitutions would otherwise keep their text once for every level.
const KEPT_TEXT_BYTES_MAX: usize = 16 * 1024;

impl Parser<'_, '_> {
    /// Queues the here-document whose delimiter is `word`.
    pub(super) fn queue_here_doc(&mut self, word: &Word, strip_tabs: bool, line: u32) -> HereDoc {
        let source = word.source();
        let (delimiter, quoted) = remove_quotes(&source);
        let body = Rc::new(OnceCell::new());
        self.here_docs.push(PendingHereDoc { delimiter, quoted, strip_tabs, body: Rc::clone(&body), line });
        HereDoc { strip_tabs, delimiter: Text::from(source), body: HereBody(body) }
    }

    /// Reads the bodies of all queued here-documents; the newline before the first was just consumed.
    pub(super) fn read_here_docs(&mut self) -> Result<()> {
        for (n, mut pending) in std::mem::take(&mut self.here_docs).into_iter().enumerate() {
            let line = self.input.line();
            if n > 0 {
                // Bash counts from where the one before ended.
                pending.line = line.saturating_sub(1);
            }
            self.input.source.verbatim = true;
            let text = self.here_doc_text(&pending);
            self.input.source.verbatim = false;
            let word = if pending.quoted { constant(text) } else { self.here_doc_word(text, line)? };
            // Each body is filled once: the queue was taken.
            let _ = pending.body.set(word);
        }
        Ok(())
    }

    /// The body's lines up to the delimiter.
    fn here_doc_text(&mut self, pending: &PendingHereDoc) -> Vec<u8> {
        let mut text = Vec::new();
        let mut continued = false;
        loop {
            let line_number = self.input.line();
            let Some(mut line) = self.raw_line() else {
                let ended = self.input.source.text.last() == Some(&b'\n');
                self.warn_unended(pending, line_number.saturating_sub(u32::from(ended)).max(pending.line));
                return text;
            };
            if pending.strip_tabs && !continued {
                let tabs = line.iter().take_while(|&&byte| byte == b'\t').count();
                line.drain(..tabs);
            }
            if !continued && self.is_delimiter(&line, pending) {
                return text;
            }
            continued = !pending.quoted && ends_in_continuation(&line);
            text.extend_from_slice(&line);
            if !line.ends_with(b"\n") {
                text.push(b'\n');
            }
        }
    }

    /// The next line with its newline, if it has one.
    fn raw_line(&mut self) -> Option<Vec<u8>> {
        self.input.peek_raw()?;
        let rest = self.input.rest();
        let n = rest.iter().position(|&byte| byte == b'\n').map_or(rest.len(), |at| at + 1);
        let line = rest[..n].to_vec();
        self.input.skip(n);
        Some(line)
    }

    fn is_delimiter(&mut self, line: &[u8], pending: &PendingHereDoc) -> bool {
        let Some(behind) = line.strip_prefix(pending.delimiter.as_slice()) else { return false };
        if matches!(behind, [] | [b'\n']) {
            return true;
        }
        // `$(cat <<E ... E)`: bash lets the parenthesis follow the delimiter.
        if self.substitutions > 0 && behind.contains(&b')') && !self.input.in_alias() {
            self.input.go_back(behind.len());
            return true;
        }
        false
    }

    fn warn_unended(&mut self, pending: &PendingHereDoc, line: u32) {
        let mut message =
            format!("here-document at line {} delimited by end-of-file (wanted `", pending.line).into_bytes();
        message.extend_from_slice(&pending.delimiter);
        message.extend_from_slice(b"')");
        self.warnings.push(Warning { line, message: Text::from(message) });
    }

    fn here_doc_word(&mut self, text: Vec<u8>, line: u32) -> Result<Word> {
        if !text.iter().any(|byte| matches!(byte, b'$' | b'`' | b'\\')) {
            return Ok(constant(text));
        }
        let record = Text::from(text.as_slice());
        // An expansion that is not closed is complained about when the document is expanded.
        let mut word = match self.nested(text, line, |parser| Ok(parser.quoted_word()))? {
            Ok(word) => word,
            Err(error) => broken(error),
        };
        if record.len() <= KEPT_TEXT_BYTES_MAX {
            word.text = Some(record);
        }
        Ok(word)
    }
}

fn broken(error: SyntaxError) -> Word {
    Word { pieces: vec![Piece::Broken(Box::new(error))], glob: false, text: Some(Text::default()) }
}

fn ends_in_continuation(line: &[u8]) -> bool {
    let Some(line) = line.strip_suffix(b"\n") else { return false };
    line.iter().rev().take_while(|&&byte| byte == b'\\').count() % 2 == 1
}
