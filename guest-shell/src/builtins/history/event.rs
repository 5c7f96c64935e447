//! History words: `!!`, `!n`, `!-n`, `!text`, `!?text?` with the words `^ $ * n n-m`, as `history -p` expands them.
//!
//! Modifiers (`:h`, `:s/a/b/`) are no part of it; scripts have no history expansion at all.

/// Expands the history words of a text over the lines of the history; `base` is the first line's number less one.
///
/// # Errors
/// The word whose event is not there.
pub(super) fn expand(text: &[u8], lines: &[&[u8]], base: usize) -> Result<Vec<u8>, Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        match byte {
            b'\\' if after.first() == Some(&b'!') => {
                out.push(b'!');
                rest = after.get(1..).unwrap_or_default();
            }
            b'\'' => {
                let end = after.iter().position(|byte| *byte == b'\'').map_or(after.len(), |at| at + 1);
                out.extend_from_slice(rest.get(..=end).unwrap_or(rest));
                rest = after.get(end..).unwrap_or_default();
            }
            b'!' if after.first().is_some_and(|next| !b" \t\n=(\"".contains(next)) => {
                let (line, after) = event(after, lines, base).ok_or_else(|| text.to_vec())?;
                let (words, after) = words(line, after).ok_or_else(|| text.to_vec())?;
                out.extend_from_slice(&words);
                rest = after;
            }
            byte => {
                out.push(*byte);
                rest = after;
            }
        }
    }
    Ok(out)
}

/// The line a designator names, and what follows the designator.
fn event<'l, 't>(text: &'t [u8], lines: &[&'l [u8]], base: usize) -> Option<(&'l [u8], &'t [u8])> {
    let last = || lines.last().copied();
    match text.first()? {
        b'!' => Some((last()?, &text[1..])),
        b'$' | b'^' | b'*' | b':' => Some((last()?, text)),
        b'?' => {
            let end = text.iter().skip(1).position(|byte| *byte == b'?').map_or(text.len(), |at| at + 1);
            let wanted = text.get(1..end)?;
            let line = lines.iter().rev().find(|line| crate::pattern::find_bytes(line, wanted).is_some())?;
            Some((line, text.get(end + 1..).unwrap_or_default()))
        }
        first => {
            let negative = *first == b'-';
            let digits = text.iter().skip(usize::from(negative)).take_while(|byte| byte.is_ascii_digit()).count();
            if digits > 0 {
                let end = digits + usize::from(negative);
                let number: usize = std::str::from_utf8(text.get(usize::from(negative)..end)?).ok()?.parse().ok()?;
                let at = if negative { lines.len().checked_sub(number)? } else { number.checked_sub(base + 1)? };
                return Some((lines.get(at)?, &text[end..]));
            }
            let end = text.iter().position(|byte| b" \t\n:;&|()<>$^*\"".contains(byte)).unwrap_or(text.len());
            let wanted = text.get(..end)?;
            Some((lines.iter().rev().find(|line| line.starts_with(wanted))?, &text[end..]))
        }
    }
}

/// The words of a line that a designator after an event chooses: all of them without one.
fn words<'t>(line: &[u8], text: &'t [u8]) -> Option<(Vec<u8>, &'t [u8])> {
    let list: Vec<&[u8]> = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
    let last = list.len().saturating_sub(1);
    let (designator, colon) = match text.first() {
        Some(b':') => (text.get(1..).unwrap_or_default(), true),
        _ => (text, false),
    };
    let digits = designator.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (range, after) = match designator.first() {
        Some(b'^') => (1..=1, &designator[1..]),
        Some(b'$') => (last..=last, &designator[1..]),
        Some(b'*') => (1..=last, &designator[1..]),
        Some(byte) if colon && byte.is_ascii_digit() => {
            let from: usize = std::str::from_utf8(&designator[..digits]).ok()?.parse().ok()?;
            let after = &designator[digits..];
            match after.split_first() {
                Some((b'*', after)) => (from..=last, after),
                Some((b'-', more)) => {
                    let digits = more.iter().take_while(|byte| byte.is_ascii_digit()).count();
                    match std::str::from_utf8(&more[..digits]).ok()?.parse() {
                        Ok(to) => (from..=to, &more[digits..]),
                        Err(_) if more.first() == Some(&b'$') => (from..=last, &more[1..]),
                        Err(_) => (from..=last.saturating_sub(1), more),
                    }
                }
                _ => (from..=from, after),
            }
        }
        _ => return Some((line.to_vec(), text)),
    };
    if range.is_empty() {
        return Some((Vec::new(), after));
    }
    Some((list.get(range)?.join(&b' '), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let lines: [&[u8]; 3] = [b"ls -l a b", b"echo one two", b"cat file"];
        let found = expand(text.as_bytes(), &lines, 0).ok().map(|text| String::from_utf8_lossy(&text).into_owned());
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn events_and_words_are_chosen() {
        check("!!", Some("cat file"));
        check("x !1 y", Some("x ls -l a b y"));
        check("!-2", Some("echo one two"));
        check("!ec", Some("echo one two"));
        check("!?one?:1", Some("one"));
        check("less !$", Some("less file"));
        check("!ls:2-3", Some("a b"));
        check("!ls:*", Some("-l a b"));
        check("a ! b", Some("a ! b"));
        check("!nope", None);
        check("!9", None);
    }
}
