//! Matching patterns without extended operators: segments of fixed items with stars between.
//!
//! Taking the leftmost place for each segment never loses a match, so no choice is ever taken back: the cost is the
//! length of the text times that of a segment, without any memory.

use super::glob::Item;
use crate::expand::text::{char_len, first_char, lower, previous_start};

/// Items without stars.
type Segment = Vec<Item>;

/// A pattern as segments: the text between two of them is anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Simple {
    /// At least one; an empty first (last) one stands for a star at the begin (end).
    segments: Vec<Segment>,
}

impl Simple {
    /// From items; `None` when some are groups.
    pub(super) fn new(items: &[Item]) -> Option<Simple> {
        let mut segments = vec![Vec::new()];
        for item in items {
            match item {
                Item::Star => segments.push(Vec::new()),
                Item::Group(..) => return None,
                item => segments.last_mut()?.push(item.clone()),
            }
        }
        Some(Simple { segments })
    }

    /// The text of a pattern that is nothing but one.
    pub(super) fn literal(&self) -> Option<&[u8]> {
        match self.segments.as_slice() {
            [segment] => match segment.as_slice() {
                [] => Some(b""),
                [Item::Literal(text)] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the whole text matches.
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        let Some((first, rest)) = self.segments.split_first() else { return false };
        let Some(at) = forward(first, text, 0) else { return false };
        let Some((last, middle)) = rest.split_last() else { return at == text.len() };
        let Some(end) = backward(last, text, text.len()) else { return false };
        let Some(at) = find_all(middle, text, at) else { return false };
        at <= end
    }

    /// The end of the shortest or longest match that begins at `start`.
    pub(super) fn prefix(&self, text: &[u8], start: usize, longest: bool) -> Option<usize> {
        let (first, rest) = self.segments.split_first()?;
        let at = forward(first, text, start)?;
        let Some((last, middle)) = rest.split_last() else { return Some(at) };
        let at = find_all(middle, text, at)?;
        if !longest {
            return find(last, text, at).map(|(_, end)| end);
        }
        if last.is_empty() {
            return Some(text.len());
        }
        find_last(last, text, at).map(|(_, end)| end)
    }

    /// The leftmost match at or behind `start`, the longest there.
    pub(super) fn find(&self, text: &[u8], start: usize) -> Option<(usize, usize)> {
        if let Some(literal) = self.literal().filter(|literal| !literal.is_empty()) {
            let at = super::find_bytes(text.get(start..)?, literal)?;
            return Some((start + at, start + at + literal.len()));
        }
        // What does not follow the first place of the first segment follows no later one either.
        let at = find(self.segments.first()?, text, start)?.0;
        Some((at, self.prefix(text, at, true)?))
    }

    /// The begin of the shortest or longest match that ends with the text.
    pub(super) fn suffix(&self, text: &[u8], longest: bool) -> Option<usize> {
        let (last, rest) = self.segments.split_last()?;
        let mut end = backward(last, text, text.len())?;
        let Some((first, middle)) = rest.split_first() else { return Some(end) };
        for segment in middle.iter().rev() {
            end = find_before(segment, text, end)?;
        }
        if !longest {
            return find_before(first, text, end);
        }
        if first.is_empty() {
            return Some(0);
        }
        let (start, after) = find(first, text, 0)?;
        (after <= end).then_some(start)
    }
}

/// Leftmost places of the segments, one after another; answers the end of the last.
fn find_all(segments: &[Segment], text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    for segment in segments {
        at = find(segment, text, at)?.1;
    }
    Some(at)
}

/// The leftmost match of a segment at or behind `start`.
fn find(segment: &[Item], text: &[u8], start: usize) -> Option<(usize, usize)> {
    let mut at = start;
    loop {
        if let Some(Item::Literal(literal)) = segment.first()
            && let Some(byte) = literal.first()
        {
            at += text.get(at..)?.iter().position(|other| other == byte)?;
        }
        if let Some(end) = forward(segment, text, at) {
            return Some((at, end));
        }
        if at >= text.len() {
            return None;
        }
        at += char_len(&text[at..]);
    }
}

/// The rightmost match of a segment that begins at or behind `start`.
fn find_last(segment: &[Item], text: &[u8], start: usize) -> Option<(usize, usize)> {
    let mut end = text.len();
    loop {
        if let Some(begin) = backward(segment, text, end)
            && begin >= start
        {
            return Some((begin, end));
        }
        if end <= start {
            return None;
        }
        end = previous_start(text, end);
    }
}

/// The begin of the rightmost match of a segment that ends at or before `end`.
fn find_before(segment: &[Item], text: &[u8], end: usize) -> Option<usize> {
    let mut end = end;
    loop {
        if let Some(begin) = backward(segment, text, end) {
            return Some(begin);
        }
        if end == 0 {
            return None;
        }
        end = previous_start(text, end);
    }
}

/// Matches a segment at `at`; answers where it ends.
#[inline]
fn forward(segment: &[Item], text: &[u8], at: usize) -> Option<usize> {
    let mut at = at;
    for item in segment {
        at = item_end(item, text, at)?;
    }
    Some(at)
}

/// Where the single item ends when it matches at `at`.
#[inline]
pub(super) fn item_end(item: &Item, text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    match item {
        Item::Literal(literal) => rest.starts_with(literal).then_some(at + literal.len()),
        Item::Any => match char_len(rest) {
            0 => None,
            len => Some(at + len),
        },
        Item::Folded(_) | Item::Class(_) => {
            let first = rest.first()?;
            let (c, len) = first_char(rest);
            accepts(item, c, *first).then_some(at + len)
        }
        Item::Star | Item::Group(..) => None,
    }
}

/// Where the single item begins when it matches up to `end`.
pub(super) fn item_start(item: &Item, text: &[u8], end: usize) -> Option<usize> {
    let before = text.get(..end)?;
    match item {
        Item::Literal(literal) => before.ends_with(literal).then(|| end - literal.len()),
        Item::Any | Item::Folded(_) | Item::Class(_) => {
            if end == 0 {
                return None;
            }
            let start = previous_start(text, end);
            let (c, _) = first_char(&before[start..]);
            (*item == Item::Any || accepts(item, c, before[start])).then_some(start)
        }
        Item::Star | Item::Group(..) => None,
    }
}

fn accepts(item: &Item, c: Option<char>, byte: u8) -> bool {
    match (item, c) {
        (Item::Folded(folded), Some(c)) => lower(c) == *folded,
        (Item::Class(class), Some(c)) => class.contains(c),
        (Item::Class(class), None) => class.contains_byte(byte),
        _ => false,
    }
}

/// Matches a segment that ends at `end`; answers where it begins.
fn backward(segment: &[Item], text: &[u8], end: usize) -> Option<usize> {
    let mut end = end;
    for item in segment.iter().rev() {
        end = item_start(item, text, end)?;
    }
    Some(end)
}
