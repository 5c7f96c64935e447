//! The arguments of one command line while they are gathered, and the limits that end it.

use super::input::Word;

/// Arguments of the next command.
#[derive(Debug)]
pub(crate) struct Batch {
    arguments: Vec<Vec<u8>>,
    /// Bytes they take, each with its NUL; never above `max_bytes`.
    bytes: usize,
    lines: usize,
    max_bytes: usize,
    max_arguments: Option<usize>,
    max_lines: Option<usize>,
}

impl Batch {
    /// Makes an empty one that may take so many bytes beside the command's own words.
    pub(crate) fn new(max_bytes: usize, max_arguments: Option<usize>, max_lines: Option<usize>) -> Self {
        Self { arguments: Vec::new(), bytes: 0, lines: 0, max_bytes, max_arguments, max_lines }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.arguments.is_empty()
    }

    /// Tells whether one more argument fits.
    pub(crate) fn has_room(&self, text: &[u8]) -> bool {
        self.bytes + text.len() < self.max_bytes
    }

    /// Adds an argument; answers whether the command line is complete by it.
    pub(crate) fn push(&mut self, word: Word) -> bool {
        debug_assert!(self.has_room(&word.text), "the caller has asked");
        self.bytes += word.text.len() + 1;
        self.arguments.push(word.text);
        self.lines += usize::from(word.ends_line);
        let is_full = |count: usize, max: Option<usize>| max.is_some_and(|max| count >= max);
        is_full(self.arguments.len(), self.max_arguments) || is_full(self.lines, self.max_lines)
    }

    /// Takes the arguments; the batch is empty again.
    pub(crate) fn take(&mut self) -> Vec<Vec<u8>> {
        (self.bytes, self.lines) = (0, 0);
        std::mem::take(&mut self.arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, ends_line: bool) -> Word {
        Word { text: text.as_bytes().to_vec(), ends_line }
    }

    #[test]
    fn a_batch_is_complete_at_its_limits() {
        let mut batch = Batch::new(100, Some(2), None);
        assert!(!batch.push(word("a", true)));
        assert!(batch.push(word("b", true)));
        assert_eq!(batch.take().len(), 2);
        let mut batch = Batch::new(100, None, Some(1));
        assert!(!batch.push(word("a", false)));
        assert!(batch.push(word("b", true)));
    }

    #[test]
    fn an_argument_needs_room_for_its_nul() {
        let mut batch = Batch::new(4, None, None);
        assert!(batch.has_room(b"abc") && !batch.has_room(b"abcd"));
        batch.push(word("a", false));
        assert!(batch.has_room(b"b") && !batch.has_room(b"bc"));
    }
}
