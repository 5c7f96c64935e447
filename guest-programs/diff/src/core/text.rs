//! A file's content as lines.

/// The bytes of a file and where its lines begin.
#[derive(Debug, Default)]
pub(crate) struct Text {
    bytes: Vec<u8>,
    /// Where each line begins, and the end of the last.
    starts: Vec<usize>,
}

impl Text {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        let mut starts = Vec::with_capacity(bytes.len() / 32 + 2);
        starts.push(0);
        let mut at = 0;
        while let Some(length) = find_newline(&bytes[at..]) {
            at += length + 1;
            starts.push(at);
        }
        if at < bytes.len() {
            starts.push(bytes.len());
        }
        Self { bytes, starts }
    }

    /// Number of lines.
    pub(crate) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// A line with its newline, if it has one; nothing beyond the last.
    pub(crate) fn line(&self, number: usize) -> &[u8] {
        match (self.starts.get(number), self.starts.get(number + 1)) {
            (Some(start), Some(end)) => &self.bytes[*start..*end],
            _ => &[],
        }
    }

    /// A line without its newline.
    pub(crate) fn content(&self, number: usize) -> &[u8] {
        let line = self.line(number);
        line.strip_suffix(b"\n").unwrap_or(line)
    }

    /// All of it.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Tells that there is a last line and it has no newline.
    pub(crate) fn is_incomplete(&self) -> bool {
        self.bytes.last().is_some_and(|byte| *byte != b'\n')
    }
}

/// Position of the first newline. A word at a time: lines are found in all that is compared.
fn find_newline(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let mut at = 0;
    while let Some(chunk) = bytes[at..].first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk) ^ (ONES * u64::from(b'\n'));
        if word.wrapping_sub(ONES) & !word & HIGHS != 0 {
            break;
        }
        at += 8;
    }
    bytes[at..].iter().position(|byte| *byte == b'\n').map(|more| at + more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_newlines_but_the_last_need_not() {
        let text = Text::new(b"one\n\na line that is longer than a word\nend".to_vec());
        assert_eq!((text.len(), text.is_incomplete()), (4, true));
        assert_eq!((text.line(0), text.line(1), text.line(3)), (&b"one\n"[..], &b"\n"[..], &b"end"[..]));
        assert_eq!((text.content(2), text.line(4)), (&b"a line that is longer than a word"[..], &b""[..]));
        let empty = Text::new(Vec::new());
        assert_eq!((empty.len(), empty.is_incomplete()), (0, false));
    }
}
