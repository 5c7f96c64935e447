//! Finds the brace expansions among the pieces of a word. Only unquoted literals are looked into; everything else is
//! opaque text to them, as in bash.

use crate::tree::{Braces, Piece, SyntaxError, Text};

use super::state::Result;

/// How deep brace expansions may nest in one word; their evaluation recurses.
const NESTING_MAX: usize = 200;

/// How many braces, commas and texts between them one word may have.
const ITEMS_MAX: usize = 500_000;

enum Item {
    Open,
    Close,
    Comma,
    Piece(Piece),
}

/// What an opening brace turned out to be.
struct Pair {
    close: usize,
    commas: Vec<usize>,
}

/// Replaces every brace expansion in `pieces` by a `Braces` piece.
pub(super) fn lower(pieces: Vec<Piece>) -> Result<Vec<Piece>> {
    let items = split(pieces);
    if items.len() > ITEMS_MAX {
        return Err(limit(format!("brace expansion: word too long (limit {ITEMS_MAX})")));
    }
    let pairs = pair(&items);
    if pairs.iter().all(Option::is_none) {
        return Ok(join(items));
    }
    let mut items: Vec<Option<Item>> = items.into_iter().map(Some).collect();
    let len = items.len();
    build(&mut items, &pairs, 0, len, 0)
}

/// The caller puts the line in.
fn limit(message: String) -> SyntaxError {
    SyntaxError::new(0, vec![Text::from(message.as_str())], false)
}

fn split(pieces: Vec<Piece>) -> Vec<Item> {
    let mut items = Vec::new();
    for piece in pieces {
        let Piece::Literal(text) = piece else {
            items.push(Item::Piece(piece));
            continue;
        };
        let mut start = 0;
        for (at, byte) in text.iter().enumerate() {
            let item = match byte {
                b'{' => Item::Open,
                b'}' => Item::Close,
                b',' => Item::Comma,
                _ => continue,
            };
            if at > start {
                items.push(Item::Piece(Piece::Literal(Text::from(&text[start..at]))));
            }
            items.push(item);
            start = at + 1;
        }
        if start < text.len() {
            items.push(Item::Piece(Piece::Literal(Text::from(&text[start..]))));
        }
    }
    items
}

/// For every opening brace its partner, if the two are an expansion.
fn pair(items: &[Item]) -> Vec<Option<Pair>> {
    let mut pairs: Vec<Option<Pair>> = items.iter().map(|_| None).collect();
    let mut open: Vec<(usize, Vec<usize>)> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        match item {
            Item::Open => open.push((at, Vec::new())),
            Item::Comma => {
                if let Some((_, commas)) = open.last_mut() {
                    commas.push(at);
                }
            }
            Item::Close => {
                if let Some((start, commas)) = open.pop()
                    && (!commas.is_empty() || sequence(&items[start + 1..at]).is_some())
                {
                    pairs[start] = Some(Pair { close: at, commas });
                }
            }
            Item::Piece(_) => {}
        }
    }
    pairs
}

fn build(
    items: &mut [Option<Item>],
    pairs: &[Option<Pair>],
    from: usize,
    to: usize,
    depth: usize,
) -> Result<Vec<Piece>> {
    if depth > NESTING_MAX {
        return Err(limit(format!("brace expansion: nesting limit exceeded ({NESTING_MAX})")));
    }
    let mut out = Vec::new();
    let mut at = from;
    while at < to {
        let Some(pair) = &pairs[at] else {
            push_item(&mut out, items[at].take());
            at += 1;
            continue;
        };
        let braces = if pair.commas.is_empty() {
            let inner: Vec<Item> = items[at + 1..pair.close].iter_mut().filter_map(Option::take).collect();
            sequence(&inner).unwrap_or(Braces::Alternatives(Vec::new()))
        } else {
            let mut alternatives = Vec::with_capacity(pair.commas.len() + 1);
            let mut start = at + 1;
            for &end in pair.commas.iter().chain([&pair.close]) {
                alternatives.push(build(items, pairs, start, end, depth + 1)?);
                start = end + 1;
            }
            Braces::Alternatives(alternatives)
        };
        out.push(Piece::Braces(Box::new(braces)));
        at = pair.close + 1;
    }
    Ok(joined(out))
}

fn join(items: Vec<Item>) -> Vec<Piece> {
    let mut out = Vec::new();
    for item in items {
        push_item(&mut out, Some(item));
    }
    joined(out)
}

fn push_item(out: &mut Vec<Piece>, item: Option<Item>) {
    let literal: &[u8] = match item {
        Some(Item::Open) => b"{",
        Some(Item::Close) => b"}",
        Some(Item::Comma) => b",",
        Some(Item::Piece(piece)) => return out.push(piece),
        None => return,
    };
    out.push(Piece::Literal(Text::from(literal)));
}

/// Joins neighbouring literals.
fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::with_capacity(pieces.len());
    let mut run: Vec<u8> = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Literal(text) => run.extend_from_slice(&text),
            other => {
                if !run.is_empty() {
                    out.push(Piece::Literal(Text::from(std::mem::take(&mut run))));
                }
                out.push(other);
            }
        }
    }
    if !run.is_empty() {
        out.push(Piece::Literal(Text::from(run)));
    }
    out
}

/// `first..last` or `first..last..step`, if that is what stands between the braces.
fn sequence(items: &[Item]) -> Option<Braces> {
    let [Item::Piece(Piece::Literal(text))] = items else { return None };
    let text = std::str::from_utf8(text).ok()?;
    let mut parts = text.split("..");
    let (first, last, step) = (parts.next()?, parts.next()?, parts.next());
    if parts.next().is_some() {
        return None;
    }
    let step = step.map_or(Some(1), |step| integer(step).map(i64::unsigned_abs))?.max(1);
    if let (Some(from), Some(to)) = (integer(first), integer(last)) {
        let padded = |text: &str| text.len() > 1 && text.starts_with('0') || text.len() > 2 && text.starts_with("-0");
        let width = if padded(first) || padded(last) { first.len().max(last.len()) } else { 0 };
        return Some(Braces::Numbers { first: from, last: to, step, width });
    }
    match (first.as_bytes(), last.as_bytes()) {
        ([first], [last]) if first.is_ascii_alphabetic() && last.is_ascii_alphabetic() => {
            Some(Braces::Letters { first: *first, last: *last, step })
        }
        _ => None,
    }
}

fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit()).then(|| text.parse().ok())?
}
