//! History expansion of one line: `!` words, `^old^new^`, quotes and what keeps a `!` from being one.
//!
//! Knows the list of lines and what former expansions left ([`Memory`]); where lines come from is `line`'s matter.

use super::{modifier, words};

/// What ends the text of `!text`.
const EVENT_ENDS: &[u8] = b" \t\n:;&()|<>^$*%";
/// What after a `!` makes it an ordinary one.
const NO_EVENT: &[u8] = b" \t\n\r=";

/// Why an expansion failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// No such line.
    Event,
    /// The line has not got that word.
    BadWord,
    /// Nothing to substitute.
    Substitution,
    /// No such modifier.
    BadModifier,
    /// `:&` before any `:s`.
    NoSubstitution,
}

impl Failure {
    fn text(self) -> &'static [u8] {
        match self {
            Failure::Event => b": event not found",
            Failure::BadWord => b": bad word specifier",
            Failure::Substitution => b": substitution failed",
            Failure::BadModifier => b": unrecognized history modifier",
            Failure::NoSubstitution => b": no previous substitution",
        }
    }
}

/// What an expansion leaves for the next.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    /// The text of the last `!?text?`.
    search: Vec<u8>,
    /// The word it matched, for `%`.
    matched: Vec<u8>,
    /// The last `:s`.
    pub(super) substitution: Option<(Vec<u8>, Vec<u8>)>,
}

impl Memory {
    /// Reads `/old/new/`; answers what follows.
    pub(super) fn take_substitution<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let Some((delimiter, rest)) = text.split_first() else { return text };
        let (mut old, rest) = pattern(rest, *delimiter);
        let (new, rest) = pattern(rest, *delimiter);
        if old.is_empty() {
            old = match &self.substitution {
                Some((old, _)) => old.clone(),
                None => self.search.clone(),
            };
        }
        self.substitution = Some((old.clone(), with_matches(&new, &old)));
        rest
    }
}

/// A text up to a delimiter, whose escapes are taken away, and what follows.
fn pattern(text: &[u8], delimiter: u8) -> (Vec<u8>, &[u8]) {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        if *byte == delimiter {
            return (out, after);
        }
        match (byte, after.first()) {
            (b'\\', Some(next)) if *next == delimiter => {
                out.push(delimiter);
                rest = after.get(1..).unwrap_or_default();
            }
            (b'\n', _) => break,
            _ => {
                out.push(*byte);
                rest = after;
            }
        }
    }
    (out, rest)
}

/// `&` in a replacement stands for what is replaced.
fn with_matches(new: &[u8], old: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = new.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if bytes.peek() == Some(&b'&') => {
                bytes.next();
                out.push(b'&');
            }
            b'&' => out.extend_from_slice(old),
            _ => out.push(byte),
        }
    }
    out
}

/// What a line became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expanded {
    /// There was nothing to expand.
    Same,
    /// The new line.
    Line(Vec<u8>),
    /// The new line, which is only to be shown (`:p`).
    Shown(Vec<u8>),
}

/// What expansion works over.
pub(super) struct Expander<'a> {
    /// The lines of the history, oldest first.
    pub(super) lines: &'a [&'a [u8]],
    /// The number of the first line, less one.
    pub(super) base: usize,
    /// `histchars`: expansion, quick substitution, comment.
    pub(super) chars: [u8; 3],
    /// `!(` is a pattern.
    pub(super) extglob: bool,
    /// The quotation that the line begins in.
    pub(super) quote: Option<u8>,
    pub(super) memory: &'a mut Memory,
}

impl Expander<'_> {
    /// Expands a line.
    ///
    /// # Errors
    /// What is wrong, as bash words it: the text concerned and the reason.
    pub(super) fn expand(&mut self, line: &[u8]) -> Result<Expanded, Vec<u8>> {
        let quick;
        let mut text = line;
        if self.quote.is_none() && line.first() == Some(&self.chars[1]) {
            // `^old^new^` stands for `!!:s^old^new^`.
            quick = [&[self.chars[0], self.chars[0], b':', b's'], line].concat();
            text = &quick;
        }
        let (mut out, mut changed, mut shown) = (Vec::new(), false, false);
        let mut quote = self.quote;
        let mut at = 0;
        while let Some(&byte) = text.get(at) {
            let next = text.get(at + 1).copied();
            match byte {
                b'\\' if quote != Some(b'\'') => {
                    out.push(byte);
                    out.extend(next);
                    at += 2;
                    continue;
                }
                b'\'' if quote != Some(b'"') => quote = if quote.is_some() { None } else { Some(byte) },
                b'"' if quote != Some(b'\'') => quote = if quote.is_some() { None } else { Some(byte) },
                _ if quote == Some(b'\'') => {}
                _ if byte == self.chars[2] && quote.is_none() && begins_word(text, at) => {
                    out.extend_from_slice(&text[at..]);
                    break;
                }
                _ if byte == self.chars[0] && self.begins_event(text, at, quote) => {
                    let (word, rest, prints) = self.event(text, at, &out, quote)?;
                    out.extend_from_slice(&word);
                    at = text.len() - rest.len();
                    changed = true;
                    shown |= prints;
                    continue;
                }
                _ => {}
            }
            out.push(byte);
            at += 1;
        }
        Ok(match (changed, shown) {
            (false, _) => Expanded::Same,
            (true, false) => Expanded::Line(out),
            (true, true) => Expanded::Shown(out),
        })
    }

    /// Whether the `!` at a place is one to expand.
    fn begins_event(&self, text: &[u8], at: usize, quote: Option<u8>) -> bool {
        let Some(next) = text.get(at + 1) else { return false };
        let before = at.checked_sub(1).and_then(|at| text.get(at)).copied();
        let in_brackets = before == Some(b'[') && text[at..].contains(&b']');
        let of_parameter = before == Some(b'$')
            || (before == Some(b'{') && at.checked_sub(2).and_then(|at| text.get(at)) == Some(&b'$'));
        !(NO_EVENT.contains(next)
            || (quote == Some(b'"') && *next == b'"')
            || (self.extglob && *next == b'(')
            || in_brackets
            || of_parameter)
    }

    /// Expands the event at a place; answers its text, what follows it, and whether it is only shown.
    #[expect(clippy::type_complexity, reason = "one caller")]
    fn event<'t>(
        &mut self,
        text: &'t [u8],
        at: usize,
        so_far: &[u8],
        quote: Option<u8>,
    ) -> Result<(Vec<u8>, &'t [u8], bool), Vec<u8>> {
        let whole = &text[at..];
        let failed = |failure: Failure, shown: &[u8]| [shown, failure.text()].concat();
        let behind = &whole[1..];
        let (line, rest) = match behind.first() {
            Some(b':' | b'$' | b'*' | b'%' | b'^') => (self.lines.last().map(|line| line.to_vec()), behind),
            Some(b'#') => (Some(so_far.to_vec()), &behind[1..]),
            _ => self.find(behind, quote),
        };
        let taken = |rest: &[u8]| &whole[..whole.len() - rest.len()];
        let Some(line) = line else { return Err(failed(Failure::Event, taken(rest))) };
        let (chosen, rest) = match words::designated(&line, rest, &self.memory.matched) {
            Ok(Some((chosen, rest))) => (chosen, rest),
            Ok(None) => (line, rest),
            Err((failure, shown)) => return Err(failed(failure, &rest[..shown])),
        };
        let modified = modifier::apply(chosen, rest, self.memory).map_err(|(failure, shown)| match failure {
            Failure::BadModifier => failed(failure, rest.get(shown.saturating_sub(1)..shown).unwrap_or_default()),
            _ => failed(failure, &rest[..shown]),
        })?;
        Ok((modified.text, modified.rest, modified.prints))
    }

    /// The line that `!!`, `!n`, `!-n`, `!text`, `!?text?` (without the first `!`) name, and what follows.
    fn find<'t>(&mut self, text: &'t [u8], quote: Option<u8>) -> (Option<Vec<u8>>, &'t [u8]) {
        let owned = |line: Option<&&[u8]>| line.map(|line| line.to_vec());
        if text.first() == Some(&self.chars[0]) {
            return (owned(self.lines.last()), &text[1..]);
        }
        let negative = text.first() == Some(&b'-');
        let digits = text.iter().skip(usize::from(negative)).take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 0 {
            let end = digits + usize::from(negative);
            let number = std::str::from_utf8(&text[usize::from(negative)..end]).ok().and_then(|text| text.parse().ok());
            let place = number.and_then(|number: usize| match negative {
                true => self.lines.len().checked_sub(number),
                false => number.checked_sub(self.base + 1),
            });
            return (place.and_then(|place| owned(self.lines.get(place))), &text[end..]);
        }
        let Some(text) = text.strip_prefix(b"?") else { return self.find_prefix(text, quote) };
        let end = text.iter().position(|byte| matches!(byte, b'?' | b'\n')).unwrap_or(text.len());
        let rest = text.get(end + usize::from(text.get(end) == Some(&b'?'))..).unwrap_or_default();
        if end > 0 {
            self.memory.search = text[..end].to_vec();
        }
        let wanted = &self.memory.search;
        let found = self.lines.iter().rev().find_map(|line| Some((line, crate::pattern::find_bytes(line, wanted)?)));
        match found.filter(|_| !wanted.is_empty()) {
            Some((line, at)) => {
                let mut from = 0;
                let word = words::split(line).into_iter().find(|word| {
                    from = from + crate::pattern::find_bytes(&line[from..], word).unwrap_or(0) + word.len();
                    from > at
                });
                self.memory.matched = word.unwrap_or_default().to_vec();
                (Some(line.to_vec()), rest)
            }
            None => (None, rest),
        }
    }

    fn find_prefix<'t>(&self, text: &'t [u8], quote: Option<u8>) -> (Option<Vec<u8>>, &'t [u8]) {
        let ends = |at: usize, byte: u8| EVENT_ENDS.contains(&byte) || (at > 0 && byte == b'-') || quote == Some(byte);
        let end = text.iter().enumerate().position(|(at, byte)| ends(at, *byte)).unwrap_or(text.len());
        let (wanted, rest) = text.split_at(end);
        let found = self.lines.iter().rev().find(|line| line.starts_with(wanted)).filter(|_| !wanted.is_empty());
        (found.map(|line| line.to_vec()), rest)
    }
}

fn begins_word(text: &[u8], at: usize) -> bool {
    at.checked_sub(1).and_then(|at| text.get(at)).is_none_or(|before| b" \t\n;&()|<>".contains(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let lines: [&[u8]; 3] = [b"ls -l a b", b"echo one two", b"cat /etc/file.txt"];
        let mut memory = Memory::default();
        let mut expander =
            Expander { lines: &lines, base: 0, chars: *b"!^#", extglob: false, quote: None, memory: &mut memory };
        let found = match expander.expand(text.as_bytes()) {
            Ok(Expanded::Same) => Ok(text.to_owned()),
            Ok(Expanded::Line(line)) => Ok(String::from_utf8_lossy(&line).into_owned()),
            Ok(Expanded::Shown(line)) => Ok(format!("shown {}", String::from_utf8_lossy(&line))),
            Err(message) => Err(String::from_utf8_lossy(&message).into_owned()),
        };
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{text}");
    }

    #[test]
    fn events_and_words_are_chosen() {
        check("!!", Ok("cat /etc/file.txt"));
        check("x !1 y", Ok("x ls -l a b y"));
        check("!-2", Ok("echo one two"));
        check("!ec", Ok("echo one two"));
        check("!?one?:1", Ok("one"));
        check("!?tw?:%", Ok("two"));
        check("less !$", Ok("less /etc/file.txt"));
        check("!ls:2-3", Ok("a b"));
        check("!ls:1-", Ok("-l a"));
        check("!ls:*", Ok("-l a b"));
        check("a b !#:1", Ok("a b b"));
        check("a ! b", Ok("a ! b"));
        check("'!!' \\!! $! ${!x} [!a] x # !!", Ok("'!!' \\!! $! ${!x} [!a] x # !!"));
        check("!nope", Err("!nope: event not found"));
        check("!9", Err("!9: event not found"));
        check("!!:9", Err(":9: bad word specifier"));
    }

    #[test]
    fn words_are_modified() {
        check("!$:h", Ok("/etc"));
        check("!$:t:r", Ok("file"));
        check("!$:e", Ok(".txt"));
        check("!!:p", Ok("shown cat /etc/file.txt"));
        check("!!:s/cat/less/", Ok("less /etc/file.txt"));
        check("^cat^less", Ok("less /etc/file.txt"));
        check("!ec:gs/o/0", Ok("ech0 0ne tw0"));
        check("!ec:s/one/<&>/:q", Ok("'echo <one> two'"));
        check("!ec:x", Ok("'echo' 'one' 'two'"));
        check("!!:s/nope/x/", Err(":s/nope/x/: substitution failed"));
        check("!!:z", Err("z: unrecognized history modifier"));
        check("!!:&", Err(":&: no previous substitution"));
    }
}
