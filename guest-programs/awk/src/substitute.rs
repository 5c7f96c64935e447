//! `sub`, `gsub` and `gensub`.

use crate::characters;
use crate::code::Target;
use crate::failure::Result;
use crate::machine::Machine;
use crate::pattern::{Pattern, Span};
use crate::value::Value;

/// A piece of a replacement.
#[derive(Debug, PartialEq)]
enum Piece {
    Text(Vec<u8>),
    /// What matched, or one of its groups.
    Group(usize),
}

impl Machine<'_> {
    /// `sub` and `gsub`: changes the target, and pushes how often.
    pub(super) fn substitute(&mut self, global: bool, target: Target) -> Result<()> {
        let (operands, text) = if target == Target::Nowhere {
            let text = self.pop();
            (self.operands(target)?, text)
        } else {
            let operands = self.operands(target)?;
            let text = self.target_value(target, &operands)?;
            (operands, text)
        };
        let replacement = self.pop();
        let pattern = self.pop();
        let pattern = self.patterns.of(&pattern, &self.settings)?;
        let format = &self.settings.convfmt;
        let text = text.bytes(format);
        let pieces = replacement_of(&replacement.bytes(format));
        let wanted = if global { Wanted::All } else { Wanted::Number(1) };
        let (changed, count) = replaced(&pattern, &text, &pieces, wanted)?;
        let changed = changed.filter(|_| count > 0);
        drop(text);
        if let Some(changed) = changed {
            self.replace(target, &operands, changed)?;
        }
        self.push(crate::builtins::number(count));
        Ok(())
    }

    /// `gensub`: returns the changed text.
    pub(super) fn gensub(&mut self, arguments: &[Value]) -> Result<Value> {
        let pattern = self.patterns.of(arguments.first().unwrap_or(&Value::Unset), &self.settings)?;
        let pieces = numbered_replacement(&self.string(arguments, 1));
        let how = self.string(arguments, 2);
        let wanted = if matches!(how.first(), Some(b'g' | b'G')) {
            Wanted::All
        } else {
            let number = arguments.get(2).map_or(1.0, Value::number);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from float saturates")]
            Wanted::Number((number as usize).max(1))
        };
        let text = match arguments.get(3) {
            Some(text) => text.bytes(&self.settings.convfmt).into_owned(),
            None => self.record_text().to_vec(),
        };
        let (changed, _) = replaced(&pattern, &text, &pieces, wanted)?;
        Ok(Value::from_vec(changed.unwrap_or(text)))
    }
}

/// Which matches are replaced.
#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    All,
    Number(usize),
}

/// Reads the replacement of `sub`: `&` is the match, `\&` an ampersand, `\\&` a backslash and the match.
fn replacement_of(text: &[u8]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = Vec::new();
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'&' => {
                pieces.push(Piece::Text(std::mem::take(&mut plain)));
                pieces.push(Piece::Group(0));
            }
            b'\\' => match text.get(at..) {
                Some([b'&', ..]) => {
                    plain.push(b'&');
                    at += 1;
                }
                Some([b'\\', b'&', ..]) => {
                    plain.push(b'\\');
                    at += 1;
                }
                Some([b'\\', b'\\', b'&', ..]) => {
                    plain.extend_from_slice(b"\\&");
                    at += 3;
                }
                _ => plain.push(b'\\'),
            },
            other => plain.push(other),
        }
    }
    pieces.push(Piece::Text(plain));
    pieces
}

/// Reads the replacement of `gensub`, where `\1` to `\9` are groups as well.
fn numbered_replacement(text: &[u8]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut plain = Vec::new();
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        let group = match byte {
            b'&' => Some(0),
            b'\\' => match bytes.next() {
                Some(digit @ b'0'..=b'9') => Some(usize::from(digit - b'0')),
                Some(escaped @ (b'&' | b'\\')) => {
                    plain.push(escaped);
                    None
                }
                Some(other) => {
                    plain.extend_from_slice(&[b'\\', other]);
                    None
                }
                None => {
                    plain.push(b'\\');
                    None
                }
            },
            other => {
                plain.push(other);
                None
            }
        };
        if let Some(group) = group {
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
            pieces.push(Piece::Group(group));
        }
    }
    pieces.push(Piece::Text(plain));
    pieces
}

/// Replaces matches; returns the new text, if there was one, and how many were replaced.
fn replaced(pattern: &Pattern, text: &[u8], pieces: &[Piece], wanted: Wanted) -> Result<(Option<Vec<u8>>, usize)> {
    let needs_groups = pieces.iter().any(|piece| matches!(piece, Piece::Group(group) if *group > 0));
    let mut out: Option<Vec<u8>> = None;
    // What is copied already; where the search goes on; where the last match ended.
    let (mut copied, mut at, mut last_end) = (0, 0, None);
    let (mut found, mut count) = (0, 0);
    while at <= text.len() {
        let Some((from, to)) = pattern.find_at(text, at)? else { break };
        if from == to && last_end == Some(from) {
            // Nothing matches again right behind a match.
            at = from + characters::first_length(text.get(from..).unwrap_or_default()).max(1);
            continue;
        }
        found += 1;
        last_end = Some(to);
        if wanted == Wanted::All || wanted == Wanted::Number(found) {
            let out = out.get_or_insert_with(|| Vec::with_capacity(text.len() + 16));
            out.extend_from_slice(text.get(copied..from).unwrap_or_default());
            let groups = if needs_groups { pattern.groups(text, (from, to))? } else { Vec::new() };
            push_pieces(out, pieces, text, (from, to), &groups);
            copied = to;
            count += 1;
            if wanted != Wanted::All {
                break;
            }
        }
        at = if from == to { to + characters::first_length(text.get(to..).unwrap_or_default()).max(1) } else { to };
    }
    if let Some(out) = &mut out {
        out.extend_from_slice(text.get(copied..).unwrap_or_default());
    }
    Ok((out, count))
}

fn push_pieces(out: &mut Vec<u8>, pieces: &[Piece], text: &[u8], whole: Span, groups: &[Option<Span>]) {
    for piece in pieces {
        match piece {
            Piece::Text(plain) => out.extend_from_slice(plain),
            Piece::Group(0) => out.extend_from_slice(text.get(whole.0..whole.1).unwrap_or_default()),
            Piece::Group(group) => {
                if let Some(Some((from, to))) = groups.get(*group) {
                    out.extend_from_slice(text.get(*from..*to).unwrap_or_default());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, replacement: &str, text: &str, expected: &str, times: usize) {
        let pattern = Pattern::new(pattern.as_bytes(), false).expect("a pattern");
        let pieces = replacement_of(replacement.as_bytes());
        let (changed, count) = replaced(&pattern, text.as_bytes(), &pieces, Wanted::All).expect("an engine");
        let changed = changed.unwrap_or_else(|| text.as_bytes().to_vec());
        assert_eq!((String::from_utf8_lossy(&changed).as_ref(), count), (expected, times));
    }

    #[test]
    fn all_matches_are_replaced_and_nothing_twice() {
        check("a", "<&>", "banana", "b<a>n<a>n<a>", 3);
        check("x*", "-", "abc", "-a-b-c-", 4);
        check("x*", "-", "xab", "-a-b-", 3);
        check("^a", "X", "aaa", "Xaa", 1);
        check("$", "!", "ab", "ab!", 1);
        check("b*", "X", "abb", "XaX", 2);
        check("é*", "-", "aéb", "-a-b-", 3);
    }

    #[test]
    fn backslashes_before_an_ampersand_count() {
        check("b", r"\&", "abc", "a&c", 1);
        check("b", r"\\&", "abc", r"a\bc", 1);
        check("b", r"\\\&", "abc", r"a\&c", 1);
        check("b", r"\q", "abc", r"a\qc", 1);
    }

    #[test]
    fn gensub_knows_groups() {
        let pattern = Pattern::new(b"(a)(b)?", false).expect("a pattern");
        let pieces = numbered_replacement(br"[\2\1\0&]");
        let (changed, _) = replaced(&pattern, b"ab a", &pieces, Wanted::All).expect("an engine");
        assert_eq!(changed.as_deref(), Some(&b"[baabab] [aaa]"[..]));
        let (second, _) = replaced(&pattern, b"ab a", &pieces, Wanted::Number(2)).expect("an engine");
        assert_eq!(second.as_deref(), Some(&b"ab [aaa]"[..]));
    }
}
