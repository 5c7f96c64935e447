//! Characters of byte strings: UTF-8, where a byte that is none counts as a character of its own.

/// How many bytes the first character takes; 0 at the end.
#[inline]
pub(crate) fn first_length(text: &[u8]) -> usize {
    let Some(&lead) = text.first() else { return 0 };
    let length = match lead {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return 1,
    };
    match text.get(..length) {
        Some(bytes) if std::str::from_utf8(bytes).is_ok() => length,
        _ => 1,
    }
}

/// How many characters there are.
pub(crate) fn count(text: &[u8]) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    match std::str::from_utf8(text) {
        Ok(valid) => valid.chars().count(),
        Err(_) => each(text).count(),
    }
}

/// The characters, one after the other.
pub(crate) fn each(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (first, after) = rest.split_at_checked(first_length(rest)).filter(|(first, _)| !first.is_empty())?;
        rest = after;
        Some(first)
    })
}

/// The byte where the character with this number (from 0) begins; the end where there are fewer.
pub(crate) fn offset(text: &[u8], number: usize) -> usize {
    if text.is_ascii() {
        return number.min(text.len());
    }
    each(text).take(number).map(<[u8]>::len).sum()
}

/// The first character's code point, where it is one.
pub(crate) fn first_code(text: &[u8]) -> Option<char> {
    std::str::from_utf8(text.get(..first_length(text))?).ok()?.chars().next()
}

/// Maps letters by `change`; bytes that are no UTF-8 stay. ASCII goes by `quick`.
pub(crate) fn map(text: &[u8], quick: fn(&u8) -> u8, change: fn(&mut String, char)) -> Vec<u8> {
    if text.is_ascii() {
        return text.iter().map(quick).collect();
    }
    let mut out = Vec::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        let mut changed = String::with_capacity(chunk.valid().len());
        chunk.valid().chars().for_each(|character| change(&mut changed, character));
        out.extend_from_slice(changed.as_bytes());
        out.extend_from_slice(chunk.invalid());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_utf_8_and_stray_bytes_count() {
        assert_eq!(count("aéb€".as_bytes()), 4);
        assert_eq!(count(b"a\xff\xc3b"), 4);
        assert_eq!(offset("aéb".as_bytes(), 2), 3);
        assert_eq!(offset(b"abc", 9), 3);
        assert_eq!(first_code("€".as_bytes()), Some('€'));
        assert_eq!(each(b"\xc3\xa9\xffz").map(<[u8]>::len).collect::<Vec<_>>(), [2, 1, 1]);
    }
}
