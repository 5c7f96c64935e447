//! Where a run of changed lines could as well stand elsewhere: it is merged with the runs it can reach, then put beside the
//! other text's changes where that is possible, and else as late as possible.

/// Which lines of a text are changed; asking beyond its ends answers no.
pub(crate) struct Marks(Vec<bool>);

impl Marks {
    pub(crate) fn new(lines: usize) -> Self {
        Self(vec![false; lines + 1])
    }

    pub(crate) fn mark(&mut self, line: usize) {
        if let Some(mark) = self.0.get_mut(line) {
            *mark = true;
        }
    }

    pub(crate) fn is(&self, line: usize) -> bool {
        self.0.get(line).copied().unwrap_or(false)
    }

    /// Moves a mark from one line to another.
    fn swap(&mut self, from: usize, to: usize) {
        self.0.swap(from, to);
    }
}

/// A run of changed lines and its place in the other text.
struct Run<'a> {
    marks: &'a mut Marks,
    other: &'a Marks,
    classes: &'a [u32],
    start: usize,
    /// The first line behind it.
    end: usize,
    /// The line of the other text that corresponds to `end`, behind the changed ones there.
    beside: usize,
}

/// Shifts the runs of `marks`; `other` are the other text's.
pub(crate) fn shift(marks: &mut Marks, other: &Marks, classes: &[u32]) {
    let mut run = Run { marks, other, classes, start: 0, end: 0, beside: 0 };
    while run.advance() {
        let together = run.merge();
        while together.is_some_and(|end| end < run.end) {
            run.up();
        }
    }
}

impl Run<'_> {
    /// Finds the next run.
    fn advance(&mut self) -> bool {
        while self.end < self.classes.len() && !self.marks.is(self.end) {
            self.pass_beside();
            self.end += 1;
        }
        if self.end == self.classes.len() {
            return false;
        }
        self.start = self.end;
        self.reach_end();
        while self.other.is(self.beside) {
            self.beside += 1;
        }
        true
    }

    /// Goes behind the next unchanged line of the other text.
    fn pass_beside(&mut self) {
        while self.other.is(self.beside) {
            self.beside += 1;
        }
        self.beside += 1;
    }

    fn reach_end(&mut self) {
        while self.marks.is(self.end) {
            self.end += 1;
        }
    }

    /// Moves the run up by a line; a run that it meets becomes part of it.
    fn up(&mut self) {
        self.start -= 1;
        self.end -= 1;
        self.marks.swap(self.end, self.start);
        while self.start > 0 && self.marks.is(self.start - 1) {
            self.start -= 1;
        }
        self.beside -= 1;
        while self.beside > 0 && self.other.is(self.beside) {
            self.beside -= 1;
        }
    }

    /// Moves the run down by a line; answers whether it is then beside changed lines of the other text.
    fn down(&mut self) -> bool {
        self.marks.swap(self.start, self.end);
        self.start += 1;
        self.end += 1;
        self.reach_end();
        self.beside += 1;
        let is_beside = self.other.is(self.beside);
        while self.other.is(self.beside) {
            self.beside += 1;
        }
        is_beside
    }

    /// Moves the run up and down as far as it goes until it grows no more. Answers the last end at which it was beside
    /// changed lines of the other text.
    fn merge(&mut self) -> Option<usize> {
        loop {
            let length = self.end - self.start;
            while self.start > 0 && self.classes[self.start - 1] == self.classes[self.end - 1] {
                self.up();
            }
            let mut together = (self.beside > 0 && self.other.is(self.beside - 1)).then_some(self.end);
            while self.end < self.classes.len() && self.classes[self.start] == self.classes[self.end] {
                if self.down() {
                    together = Some(self.end);
                }
            }
            if self.end - self.start == length {
                return together;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shifted(classes: &str, changed: &str, other: &str) -> String {
        let read = |text: &str| {
            let mut marks = Marks::new(text.len());
            text.bytes().enumerate().filter(|(_, mark)| *mark == b'x').for_each(|(at, _)| marks.mark(at));
            marks
        };
        let (mut marks, other) = (read(changed), read(other));
        let classes: Vec<u32> = classes.bytes().map(u32::from).collect();
        shift(&mut marks, &other, &classes);
        (0..classes.len()).map(|line| if marks.is(line) { 'x' } else { '.' }).collect()
    }

    #[test]
    fn a_run_goes_down_as_far_as_it_can() {
        assert_eq!(shifted("abcbcd", ".xx...", "...."), "...xx.");
    }

    #[test]
    fn runs_that_meet_become_one() {
        assert_eq!(shifted("aac", "x.x", "."), ".xx");
    }

    #[test]
    fn a_run_stays_beside_a_change_of_the_other_text() {
        assert_eq!(shifted("aaaa", "...x", "x..."), "x...");
    }
}
