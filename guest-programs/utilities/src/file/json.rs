//! Tells whether a text is JSON, without keeping any of it.

/// Deepest nesting that is followed.
const DEPTH_MAX: usize = 128;

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Json {
    /// One array or object.
    One,
    /// Several, a line each.
    Lines,
}

/// Tells which of both a text is, if one.
pub(super) fn identify(bytes: &[u8]) -> Option<Json> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace())?;
    if !matches!(first, b'{' | b'[') {
        return None;
    }
    let mut reader = Reader { bytes, at: 0 };
    if reader.value(0) && reader.is_at_end() {
        return Some(Json::One);
    }
    let mut lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).peekable();
    lines.peek()?;
    let is_value = |line: &[u8]| {
        let mut reader = Reader { bytes: line, at: 0 };
        matches!(line.first(), Some(b'{' | b'[')) && reader.value(0) && reader.is_at_end()
    };
    lines.all(is_value).then_some(Json::Lines)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn is_at_end(&mut self) -> bool {
        self.blanks();
        self.at >= self.bytes.len()
    }

    fn take(&mut self, byte: u8) -> bool {
        self.blanks();
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn value(&mut self, depth: usize) -> bool {
        self.blanks();
        match self.peek() {
            Some(b'{') if depth < DEPTH_MAX => self.list(b'}', depth),
            Some(b'[') if depth < DEPTH_MAX => self.list(b']', depth),
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => [&b"true"[..], b"false", b"null"].iter().any(|word| {
                let is_there = self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word));
                self.at += if is_there { word.len() } else { 0 };
                is_there
            }),
        }
    }

    fn list(&mut self, end: u8, depth: usize) -> bool {
        self.at += 1;
        if self.take(end) {
            return true;
        }
        loop {
            if end == b'}' {
                self.blanks();
                if self.peek() != Some(b'"') || !self.string() || !self.take(b':') {
                    return false;
                }
            }
            if !self.value(depth + 1) {
                return false;
            }
            if self.take(end) {
                return true;
            }
            if !self.take(b',') {
                return false;
            }
        }
    }

    fn string(&mut self) -> bool {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'"' => return true,
                b'\\' => self.at += 1,
                0..0x20 => return false,
                _ => {}
            }
        }
        false
    }

    fn number(&mut self) -> bool {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) {
            self.at += 1;
        }
        let text = self.bytes.get(start..self.at).and_then(|text| std::str::from_utf8(text).ok());
        text.is_some_and(|text| text.parse::<f64>().is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_and_objects_are_json() {
        assert_eq!(identify(b"{\"a\": [1, -2.5e3, null, \"x\\\"\"]}\n"), Some(Json::One));
        assert_eq!(identify(b"{}\n[]\n"), Some(Json::Lines));
        for text in [&b"1"[..], b"{a:1}", b"{\"a\":}", b"[1,]", b"[", b"\"x\"", b"{\"a\":1} x"] {
            assert_eq!(identify(text), None);
        }
        assert_eq!(identify(&b"[".repeat(100_000)), None);
    }
}
