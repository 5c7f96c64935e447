//! The modifiers behind a history word: `:h :t :r :e :p :q :x :s/old/new/ :& :g :a :G`.

use super::event::{Failure, Memory};
use super::words;

/// Most bytes a history expansion may yield: `:gs/a/bbb/` repeated multiplies.
const EXPANDED_MAX: usize = 1 << 20;

/// What the modifiers made of a text.
pub(super) struct Modified<'t> {
    pub(super) text: Vec<u8>,
    /// `:p` was among them.
    pub(super) prints: bool,
    /// What follows them.
    pub(super) rest: &'t [u8],
}

/// How often a substitution is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Once,
    Everywhere,
    /// Once in each word.
    Words,
}

/// Applies the modifiers at the head of `rest`.
///
/// # Errors
/// What is wrong, and how many bytes of `rest` the message shows.
pub(super) fn apply<'t>(
    mut text: Vec<u8>,
    whole: &'t [u8],
    memory: &mut Memory,
) -> Result<Modified<'t>, (Failure, usize)> {
    let mut rest = whole;
    let (mut prints, mut quotes) = (false, None);
    while let Some(mut after) = rest.strip_prefix(b":") {
        let mut scope = Scope::Once;
        if let Some((letter, more)) = after.split_first().filter(|(letter, _)| matches!(letter, b'g' | b'a' | b'G')) {
            scope = if *letter == b'G' { Scope::Words } else { Scope::Everywhere };
            after = more;
        }
        let seen = whole.len() - after.len();
        let Some((letter, more)) = after.split_first() else { return Err((Failure::BadModifier, seen)) };
        after = more;
        match letter {
            b'p' => prints = true,
            b'q' | b'x' => quotes = Some(*letter),
            b'h' => cut(&mut text, b'/'),
            b't' => keep(&mut text, b'/', 1),
            b'r' => cut(&mut text, b'.'),
            b'e' => keep(&mut text, b'.', 0),
            b's' | b'&' => {
                if *letter == b's' {
                    after = memory.take_substitution(after);
                }
                let shown = whole.len() - after.len();
                text = substitute(&text, memory, scope).map_err(|failure| (failure, shown))?;
            }
            _ => return Err((Failure::BadModifier, seen + 1)),
        }
        rest = after;
    }
    if let Some(letter) = quotes {
        text = quoted(&text, letter == b'x');
    }
    Ok(Modified { text, prints, rest })
}

fn cut(text: &mut Vec<u8>, at: u8) {
    if let Some(place) = text.iter().rposition(|byte| *byte == at) {
        text.truncate(place);
    }
}

fn keep(text: &mut Vec<u8>, at: u8, skip: usize) {
    if let Some(place) = text.iter().rposition(|byte| *byte == at) {
        text.drain(..place + skip);
    }
}

fn substitute(text: &[u8], memory: &Memory, scope: Scope) -> Result<Vec<u8>, Failure> {
    let Some((old, new)) = memory.substitution.as_ref().filter(|(old, _)| !old.is_empty()) else {
        return Err(Failure::NoSubstitution);
    };
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    let mut done = false;
    while let Some(at) = crate::pattern::find_bytes(rest, old) {
        done = true;
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(new);
        rest = &rest[at + old.len()..];
        match scope {
            Scope::Once => break,
            Scope::Everywhere => {}
            Scope::Words => {
                let end = words::split(rest)
                    .first()
                    .map_or(rest.len(), |word| if rest.starts_with(word) { word.len() } else { 0 });
                out.extend_from_slice(&rest[..end]);
                rest = &rest[end..];
            }
        }
        if out.len() > EXPANDED_MAX {
            return Err(Failure::Substitution);
        }
    }
    if !done {
        return Err(Failure::Substitution);
    }
    out.extend_from_slice(rest);
    Ok(out)
}

/// `:q` quotes the whole, `:x` word by word.
fn quoted(text: &[u8], by_words: bool) -> Vec<u8> {
    let mut out = vec![b'\''];
    for byte in text {
        match byte {
            b'\'' => out.extend_from_slice(b"'\\''"),
            b' ' | b'\t' | b'\n' if by_words => out.extend_from_slice(&[b'\'', *byte, b'\'']),
            _ => out.push(*byte),
        }
    }
    out.push(b'\'');
    out
}
