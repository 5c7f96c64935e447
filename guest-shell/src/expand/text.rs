//! Characters of texts that are UTF-8 where they can be: a byte that is no UTF-8 counts as one character.

/// The length in bytes of the character at the begin of `text` (0 for an empty text).
#[inline]
pub fn char_len(text: &[u8]) -> usize {
    let Some(first) = text.first() else { return 0 };
    if *first < 0x80 {
        return 1;
    }
    let want = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return 1,
    };
    match text.get(..want) {
        Some(bytes) if std::str::from_utf8(bytes).is_ok() => want,
        _ => 1,
    }
}

/// The character at the begin of `text` with its length in bytes; `None` for a byte that is no UTF-8.
#[inline]
pub fn first_char(text: &[u8]) -> (Option<char>, usize) {
    match text.first() {
        Some(byte) if *byte < 0x80 => (Some(char::from(*byte)), 1),
        Some(_) => {
            let len = char_len(text);
            let found = std::str::from_utf8(&text[..len]).ok().and_then(|text| text.chars().next());
            (found, len)
        }
        None => (None, 0),
    }
}

/// Number of characters.
pub fn count_chars(text: &[u8]) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum()
}

/// Byte offset of character number `n` (the length when there are fewer).
pub fn offset_of(text: &[u8], n: usize) -> usize {
    if text.is_ascii() {
        return n.min(text.len());
    }
    let mut at = 0;
    for _ in 0..n {
        let len = char_len(&text[at..]);
        if len == 0 {
            break;
        }
        at += len;
    }
    at
}

/// Byte offset of the begin of the character that ends at `end`.
pub fn previous_start(text: &[u8], end: usize) -> usize {
    for back in 1..=end.min(4) {
        let start = end - back;
        let first = text[start];
        if !(0x80..0xc0).contains(&first) {
            // A begin of a character: it is this one if it reaches to the end.
            return if char_len(&text[start..end]) == back { start } else { end - 1 };
        }
    }
    end.saturating_sub(1)
}

/// All letters in lower case.
pub fn to_lower(text: &[u8]) -> Vec<u8> {
    map_chars(text, |_, c| lower(c))
}

/// All letters in upper case.
pub fn to_upper(text: &[u8]) -> Vec<u8> {
    map_chars(text, |_, c| upper(c))
}

/// The first letter in upper case, the others in lower case.
pub fn capitalize(text: &[u8]) -> Vec<u8> {
    map_chars(text, |first, c| if first { upper(c) } else { lower(c) })
}

/// One character in upper case, as `towupper`: only where that is one character too.
pub fn upper(c: char) -> char {
    let mut mapped = c.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// One character in lower case, as `towlower`.
pub fn lower(c: char) -> char {
    let mut mapped = c.to_lowercase();
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// Maps every character (told whether it is the first); bytes that are no UTF-8 stay.
pub fn map_chars(text: &[u8], mut map: impl FnMut(bool, char) -> char) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (found, len) = first_char(rest);
        match found {
            Some(c) => {
                let mut buffer = [0; 4];
                out.extend_from_slice(map(rest.len() == text.len(), c).encode_utf8(&mut buffer).as_bytes());
            }
            None => out.extend_from_slice(&rest[..len]),
        }
        rest = &rest[len..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_found_from_both_sides() {
        let text = "aéü€😀\u{301}x".as_bytes();
        let mut forward = Vec::new();
        let mut at = 0;
        while at < text.len() {
            forward.push(at);
            at += char_len(&text[at..]);
        }
        let mut backward = Vec::new();
        let mut end = text.len();
        while end > 0 {
            end = previous_start(text, end);
            backward.push(end);
        }
        backward.reverse();
        assert_eq!(forward, backward);
        assert_eq!(forward.len(), count_chars(text));
    }

    #[test]
    fn bytes_that_are_no_text_count_one_by_one() {
        let text = b"a\xff\xc3\x80\x80";
        assert_eq!(count_chars(text), 4);
        assert_eq!(previous_start(text, 5), 4);
        assert_eq!(previous_start(text, 4), 2);
        assert_eq!(previous_start(text, 2), 1);
    }
}
