//! The names and times above the hunks of a file.

use crate::time;

/// A file as a header names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Named {
    /// The name as it is written; none where there was no header.
    pub(crate) full: Option<Vec<u8>>,
    /// The time behind it, as it is written and as nanoseconds since 1970.
    pub(crate) stamp_text: Vec<u8>,
    pub(crate) stamp: Option<i128>,
}

impl Named {
    /// Reads what stands behind `--- `.
    pub(crate) fn read(text: &[u8]) -> Self {
        let text = text.trim_ascii();
        if text.first() == Some(&b'"')
            && let Some((name, rest)) = unquoted(text)
        {
            return Self::with_stamp(name, rest);
        }
        if let Some(tab) = text.iter().position(|byte| *byte == b'\t') {
            return Self::with_stamp(text[..tab].trim_ascii_end().to_vec(), &text[tab..]);
        }
        // Without a tab, blanks belong to the name unless a time follows them.
        let blanks = text.iter().enumerate().filter(|(_, byte)| **byte == b' ').map(|(at, _)| at);
        for blank in blanks {
            if time::read(&String::from_utf8_lossy(&text[blank..])).is_some() {
                return Self::with_stamp(text[..blank].trim_ascii_end().to_vec(), &text[blank..]);
            }
        }
        Self::with_stamp(text.to_vec(), b"")
    }

    fn with_stamp(name: Vec<u8>, stamp_text: &[u8]) -> Self {
        let stamp = time::read(&String::from_utf8_lossy(stamp_text));
        Self { full: (!name.is_empty()).then_some(name), stamp_text: stamp_text.trim_ascii().to_vec(), stamp }
    }

    /// Tells that the header says that there is no such file.
    pub(crate) fn is_nothing(&self) -> bool {
        self.full.as_deref() == Some(b"/dev/null") || self.stamp == Some(0)
    }

    /// The name without its first components: `strip` of them, or all but the last. None if it has not that many.
    pub(crate) fn stripped(&self, strip: Option<usize>) -> Option<Vec<u8>> {
        let full = self.full.as_deref().filter(|full| *full != b"/dev/null")?;
        strip_name(full, strip)
    }
}

/// See [`Named::stripped`].
pub(crate) fn strip_name(full: &[u8], strip: Option<usize>) -> Option<Vec<u8>> {
    let mut rest = full;
    let mut left = strip.unwrap_or(usize::MAX);
    while left > 0 {
        let Some(slash) = rest.iter().position(|byte| *byte == b'/') else { break };
        let after = rest[slash..].iter().position(|byte| *byte != b'/').map_or(rest.len(), |more| slash + more);
        rest = &rest[after..];
        left -= 1;
    }
    let enough = strip.is_none() || left == 0;
    (enough && !rest.is_empty()).then(|| rest.to_vec())
}

/// Reads a name in quotes with escapes as C has them; answers what follows it.
pub(crate) fn unquoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = text.strip_prefix(b"\"")?;
    let mut name = Vec::new();
    loop {
        let (byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b'"' => return Some((name, rest)),
            b'\\' => {
                let (escape, after) = rest.split_first()?;
                rest = after;
                name.push(match escape {
                    b'a' => 7,
                    b'b' => 8,
                    b't' => b'\t',
                    b'n' => b'\n',
                    b'v' => 11,
                    b'f' => 12,
                    b'r' => b'\r',
                    b'0'..=b'3' => {
                        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
                        rest = &rest[2..];
                        (escape - b'0') * 64 + u8::from_str_radix(digits, 8).ok()?
                    }
                    other => *other,
                });
            }
            plain => name.push(*plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_at_a_tab_or_before_a_time() {
        let check = |text: &str, name: &str, stamp: Option<i128>| {
            let named = Named::read(text.as_bytes());
            assert_eq!((named.full.as_deref(), named.stamp), (Some(name.as_bytes()), stamp), "{text}");
        };
        check("a/b.c\t1970-01-01 00:00:02 +0000\n", "a/b.c", Some(2_000_000_000));
        check("a b.c\n", "a b.c", None);
        check("a.c Thu Jan  1 00:00:00 1970 +0000\n", "a.c", Some(0));
        check("\"a\\tb\\101\"\n", "a\tbA", None);
    }

    #[test]
    fn components_are_stripped_from_the_front() {
        let strip = |name: &str, count| {
            strip_name(name.as_bytes(), count).map(|name| String::from_utf8_lossy(&name).into_owned())
        };
        assert_eq!(strip("/u//src/b.c", Some(0)), Some("/u//src/b.c".into()));
        assert_eq!(strip("/u//src/b.c", Some(1)), Some("u//src/b.c".into()));
        assert_eq!(strip("/u//src/b.c", Some(2)), Some("src/b.c".into()));
        assert_eq!(strip("/u//src/b.c", None), Some("b.c".into()));
        assert_eq!(strip("b.c", Some(1)), None);
    }
}
