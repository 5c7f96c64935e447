//! Builds the piece list of a word: joins neighbouring text, then lowers tildes, braces and constants once the word is
//! complete. Reads no input.

use crate::tree::{Braces, Piece, Text, Word};

use super::braces;
use super::state::Result;

/// A word under construction.
#[derive(Default)]
pub(super) struct Pieces {
    pub(super) done: Vec<Piece>,
    /// Text not yet in `done`.
    pub(super) run: Vec<u8>,
    run_quoted: bool,
    /// An unquoted `*`, `?`, `[` or extglob opening was seen.
    pub(super) glob: bool,
    /// An unquoted `{` was seen.
    pub(super) brace: bool,
    /// An unquoted `~` was seen.
    pub(super) tilde: bool,
}

/// What a word is for, which decides how it is lowered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Use {
    /// Brace expansion happens.
    pub(super) braces: bool,
    /// Where tildes are expanded.
    pub(super) tilde: Tilde,
    /// File names are matched: glob characters are marked.
    pub(super) glob: bool,
    /// Constant neighbours may be merged whatever they were: no splitting, no pattern.
    pub(super) merge: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tilde {
    /// Nowhere.
    No,
    /// At the start.
    Start,
    /// At the start and after each colon.
    Value,
    /// As `Start`, or after `=` and colons if the word looks like an assignment.
    Argument,
}

impl Use {
    pub(super) const ARGUMENT: Use = Use { braces: true, tilde: Tilde::Argument, glob: true, merge: true };
    pub(super) const VALUE: Use = Use { braces: false, tilde: Tilde::Value, glob: false, merge: true };
    /// An element of `a=( )`.
    pub(super) const ELEMENT: Use = Use { tilde: Tilde::Start, ..Use::ARGUMENT };
    /// The value of an assignment after `declare` and its kin, which brace expansion sees as a word.
    pub(super) const DECLARED: Use = Use { braces: true, ..Use::VALUE };
    pub(super) const SUBJECT: Use = Use { braces: false, tilde: Tilde::Start, glob: false, merge: true };
    pub(super) const PATTERN: Use = Use { braces: false, tilde: Tilde::Start, glob: true, merge: false };
    /// The argument of `${x-word}`, whose literals may be split.
    pub(super) const SPLIT: Use = Use { braces: false, tilde: Tilde::Start, glob: true, merge: false };
    pub(super) const REGEX: Use = Use { braces: false, tilde: Tilde::Start, glob: true, merge: false };
    /// Text without quotes of its own: subscripts, arithmetic, here-documents.
    pub(super) const QUOTED: Use = Use { braces: false, tilde: Tilde::No, glob: false, merge: true };
}

impl Pieces {
    /// The current run, made ready for unquoted text.
    pub(super) fn literal(&mut self) -> &mut Vec<u8> {
        if self.run_quoted {
            self.flush();
            self.run_quoted = false;
        }
        &mut self.run
    }

    /// The current run, made ready for quoted text.
    pub(super) fn quoted(&mut self) -> &mut Vec<u8> {
        if !self.run_quoted {
            self.flush();
            self.run_quoted = true;
        }
        &mut self.run
    }

    /// Adds a quoted string, which leaves a trace even when it is empty.
    pub(super) fn quoted_string(&mut self, text: &[u8]) {
        self.quoted().extend_from_slice(text);
        if text.is_empty() && self.run.is_empty() {
            self.done.push(Piece::Quoted(Text::default()));
        }
    }

    pub(super) fn push(&mut self, piece: Piece) {
        self.flush();
        self.done.push(piece);
    }

    fn flush(&mut self) {
        if !self.run.is_empty() {
            let text = Text::from(self.run.as_slice());
            self.run.clear();
            if self.done.is_empty() {
                // Most words have one piece.
                self.done.reserve_exact(1);
            }
            self.done.push(if self.run_quoted { Piece::Quoted(text) } else { Piece::Literal(text) });
        }
    }

    /// The pieces as they are.
    pub(super) fn into_pieces(mut self) -> Vec<Piece> {
        self.flush();
        self.done
    }

    /// Lowers the whole to a word; `record` is its source text.
    pub(super) fn finish(mut self, for_use: Use, record: &[u8]) -> Result<Word> {
        self.flush();
        let mut pieces = self.done;
        let simple = matches!(pieces.as_slice(), [Piece::Literal(text)] if text.as_bytes() == record);
        let mut braced = false;
        if self.brace && for_use.braces {
            pieces = braces::lower(pieces)?;
            braced = pieces.iter().any(|piece| matches!(piece, Piece::Braces(_)));
        }
        // Behind brace expansion tildes are looked for in each word that comes out.
        if self.tilde && !braced {
            lower_tildes(&mut pieces, for_use.tilde);
        }
        let glob = self.glob && for_use.glob;
        if !simple {
            merge_constants(&mut pieces, for_use.merge && !glob);
        }
        let kept = simple && matches!(pieces.as_slice(), [Piece::Literal(_)]);
        let text = (!kept && !record.is_empty()).then(|| Text::from(record));
        Ok(Word { pieces, glob, text })
    }
}

/// Turns `"text"` into plain quoted text, and a word of constants alone into one piece.
fn merge_constants(pieces: &mut Vec<Piece>, whole: bool) {
    for piece in pieces.iter_mut() {
        match piece {
            Piece::Braces(braces) => {
                if let Braces::Alternatives(alternatives) = braces.as_mut() {
                    alternatives.iter_mut().for_each(|alternative| merge_constants(alternative, false));
                }
            }
            Piece::Double(inner) if inner.is_empty() => *piece = Piece::Quoted(Text::default()),
            Piece::Double(inner) => {
                if let [Piece::Quoted(text)] = inner.as_slice() {
                    *piece = Piece::Quoted(text.clone());
                }
            }
            _ => {}
        }
    }
    let constant = |piece: &Piece| matches!(piece, Piece::Quoted(_) | Piece::Literal(_));
    if whole && pieces.len() > 1 && pieces.iter().all(constant) {
        let mut joined = Vec::new();
        for piece in pieces.iter() {
            if let Piece::Quoted(text) | Piece::Literal(text) = piece {
                joined.extend_from_slice(text);
            }
        }
        *pieces = vec![Piece::Quoted(Text::from(joined))];
    }
}

/// Splits tilde prefixes off the literals where they count.
pub(crate) fn lower_tildes(pieces: &mut Vec<Piece>, tilde: Tilde) {
    let (mut colons, mut from) = match tilde {
        Tilde::No => return,
        Tilde::Start => (false, 0),
        Tilde::Value => (true, 0),
        Tilde::Argument => match pieces.first() {
            Some(Piece::Literal(text)) => match assignment_value(text) {
                Some(at) => (true, at),
                None => (false, 0),
            },
            _ => return,
        },
    };
    let mut lowered = Vec::with_capacity(pieces.len() + 2);
    let count = pieces.len();
    let mut at_start = true;
    for (n, piece) in std::mem::take(pieces).into_iter().enumerate() {
        match piece {
            Piece::Literal(text) if at_start || colons => {
                split_tildes(&text, from, at_start, colons, n + 1 == count, &mut lowered);
            }
            other => lowered.push(other),
        }
        at_start = false;
        from = 0;
        colons = tilde != Tilde::Start && colons;
    }
    *pieces = lowered;
}

/// Where the value begins in `name=...`.
fn assignment_value(text: &[u8]) -> Option<usize> {
    let at = text.iter().position(|&byte| byte == b'=')?;
    let name = text[..at].strip_suffix(b"+").unwrap_or(&text[..at]);
    crate::vars::is_name(name).then_some(at + 1)
}

fn split_tildes(text: &[u8], from: usize, at_start: bool, colons: bool, last: bool, out: &mut Vec<Piece>) {
    let mut kept = 0;
    let mut candidate = at_start.then_some(from);
    let mut position = from;
    loop {
        if let Some(start) = candidate
            && text.get(start) == Some(&b'~')
            && let Some(end) = prefix_end(&text[start..], colons, last)
        {
            if start > kept {
                out.push(Piece::Literal(Text::from(&text[kept..start])));
            }
            out.push(Piece::Tilde(Text::from(&text[start..start + end])));
            kept = start + end;
            position = kept;
        }
        if !colons {
            break;
        }
        match text[position..].iter().position(|&byte| byte == b':') {
            Some(colon) => position += colon + 1,
            None => break,
        }
        candidate = Some(position);
    }
    if kept < text.len() {
        out.push(Piece::Literal(Text::from(&text[kept..])));
    }
}

/// The length of the tilde prefix at the start of `text`; none if quoted or expanded text would belong to it.
fn prefix_end(text: &[u8], colons: bool, last: bool) -> Option<usize> {
    match text.iter().position(|&byte| byte == b'/' || (colons && byte == b':')) {
        Some(end) => Some(end),
        None => last.then_some(text.len()),
    }
}
