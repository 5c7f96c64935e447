//! Running a program with back references on a text: one alternative after the other, the preferred ones first, the
//! longest match kept. This may take exponential time, so it is counted and given up; expressions without back
//! references never come here.

use super::machine::{accepts, group, holds};
use super::{Match, Step};
use crate::expand::text::{char_len, first_char, to_lower};

/// A slot that was not saved.
const UNSET: usize = usize::MAX;

/// Most steps of one search: about a tenth of a second. A search that needs more finds nothing.
const STEPS_MAX: u32 = 3_000_000;

enum Todo {
    Visit(usize, usize),
    /// Puts an old value back into a slot.
    Restore(usize, usize),
    /// Forgets that a place was passed, as far as this alternative is concerned.
    Unpass(usize, usize),
}

struct Backtracker<'a> {
    steps: &'a [Step],
    text: &'a [u8],
    fold: bool,
    slots: Vec<usize>,
    /// For each `Split`: where in the text it was passed last, so that what matches nothing is not repeated.
    passed: Vec<usize>,
    best: Option<Vec<usize>>,
    left: u32,
}

pub(super) fn find(steps: &[Step], slots: usize, text: &[u8], fold: bool) -> Option<Match> {
    let mut search = Backtracker {
        steps,
        text,
        fold,
        slots: vec![UNSET; slots],
        passed: vec![UNSET; steps.len()],
        best: None,
        left: STEPS_MAX,
    };
    let mut start = 0;
    loop {
        search.from(start);
        if let Some(best) = search.best {
            return Some(Match { groups: best.chunks(2).map(group).collect() });
        }
        if start >= text.len() || search.left == 0 {
            return None;
        }
        start += char_len(&text[start..]);
    }
}

impl Backtracker<'_> {
    /// Follows all alternatives from one place.
    fn from(&mut self, start: usize) {
        let mut stack = vec![Todo::Visit(0, start)];
        while let Some(todo) = stack.pop() {
            match todo {
                Todo::Restore(slot, old) => self.slots[slot] = old,
                Todo::Unpass(pc, old) => self.passed[pc] = old,
                Todo::Visit(pc, at) => self.visit(pc, at, &mut stack),
            }
            if self.left == 0 {
                return;
            }
        }
    }

    /// Goes on until nothing fits; what else could be tried goes on the stack.
    fn visit(&mut self, mut pc: usize, mut at: usize, stack: &mut Vec<Todo>) {
        while self.left > 0 {
            self.left -= 1;
            match &self.steps[pc] {
                Step::Match => return self.matched(at),
                Step::Jump(to) => pc = *to,
                Step::Split(first, second) => {
                    if self.passed[pc] == at {
                        return;
                    }
                    stack.push(Todo::Unpass(pc, self.passed[pc]));
                    self.passed[pc] = at;
                    stack.push(Todo::Visit(*second, at));
                    pc = *first;
                }
                Step::Save(slot) => {
                    stack.push(Todo::Restore(*slot, self.slots[*slot]));
                    self.slots[*slot] = at;
                    pc += 1;
                }
                Step::Assert(assertion) if holds(self.text, *assertion, at) => pc += 1,
                Step::Assert(_) => return,
                Step::Back(number) => match self.repeated(*number, at) {
                    Some(end) => (at, pc) = (end, pc + 1),
                    None => return,
                },
                step => {
                    let (c, len) = first_char(&self.text[at..]);
                    if len == 0 || !accepts(step, c, self.text[at]) {
                        return;
                    }
                    (at, pc) = (at + len, pc + 1);
                }
            }
        }
    }

    fn matched(&mut self, at: usize) {
        if self.best.as_ref().is_none_or(|best| at > best[1]) {
            self.best = Some(self.slots.clone());
        }
    }

    /// Where the text of a group ends that stands again at `at`.
    fn repeated(&self, number: usize, at: usize) -> Option<usize> {
        let (start, end) = group(self.slots.get(2 * number..2 * number + 2)?)?;
        let wanted = self.text.get(start..end)?;
        let found = self.text.get(at..at + wanted.len())?;
        let same = if self.fold { to_lower(wanted) == to_lower(found) } else { wanted == found };
        same.then_some(at + wanted.len())
    }
}
