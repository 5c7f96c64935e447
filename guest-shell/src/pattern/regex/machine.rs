//! Running a program on a text: all alternatives at once, the preferred ones first.

use super::{Assertion, Match, Step};
use crate::expand::text::{first_char, lower, previous_start};

/// A slot that was not saved.
const UNSET: usize = usize::MAX;

/// Alternatives that wait at the same position of the text, in order of preference.
struct Threads {
    /// Positions in the program.
    order: Vec<usize>,
    /// For each position in the program: in which generation it was added.
    added: Vec<u64>,
    /// Slots of the thread at each position in the program.
    slots: Vec<usize>,
}

impl Threads {
    fn new(steps: usize, slots: usize) -> Threads {
        Threads { order: Vec::new(), added: vec![0; steps], slots: vec![UNSET; steps * slots] }
    }
}

struct Machine<'a> {
    steps: &'a [Step],
    slots: usize,
    text: &'a [u8],
    generation: u64,
    /// Work still to be done by [`Machine::add`].
    stack: Vec<Todo>,
}

enum Todo {
    Visit(usize),
    /// Puts an old value back into a slot.
    Restore(usize, usize),
}

pub(super) fn find(steps: &[Step], slots: usize, text: &[u8]) -> Option<Match> {
    let mut machine = Machine { steps, slots, text, generation: 0, stack: Vec::new() };
    let mut now = Threads::new(steps.len(), slots);
    let mut next = Threads::new(steps.len(), slots);
    let mut best: Option<Vec<usize>> = None;
    let mut scratch = vec![UNSET; slots];
    let anchored = matches!(steps.get(1), Some(Step::Assert(Assertion::TextStart)));
    let mut at = 0;
    machine.generation += 1;
    loop {
        if best.is_none() && (at == 0 || !anchored) {
            scratch.fill(UNSET);
            machine.add(&mut now, 0, at, &mut scratch);
        }
        if now.order.is_empty() && (best.is_some() || anchored) {
            break;
        }
        let (c, len) = first_char(&text[at..]);
        machine.generation += 1;
        next.order.clear();
        for i in 0..now.order.len() {
            let pc = now.order[i];
            let held = &now.slots[pc * slots..(pc + 1) * slots];
            if matches!(steps[pc], Step::Match) {
                let better = best.as_ref().is_none_or(|best| (held[0], best[1]) < (best[0], held[1]));
                if better {
                    best = Some(held.to_vec());
                }
            } else if best.as_ref().is_none_or(|best| held[0] <= best[0]) && len > 0 && accepts(&steps[pc], c, text[at])
            {
                scratch.copy_from_slice(held);
                machine.add(&mut next, pc + 1, at + len, &mut scratch);
            }
        }
        if len == 0 {
            break;
        }
        at += len;
        std::mem::swap(&mut now, &mut next);
    }
    best.map(|slots| Match { groups: slots.chunks(2).map(group).collect() })
}

pub(super) fn group(pair: &[usize]) -> Option<(usize, usize)> {
    match pair {
        [start, end] if *start != UNSET && *end != UNSET => Some((*start, *end)),
        _ => None,
    }
}

pub(super) fn accepts(step: &Step, c: Option<char>, byte: u8) -> bool {
    match (step, c) {
        (Step::Char(wanted), Some(c)) => *wanted == c,
        (Step::Folded(wanted), Some(c)) => *wanted == lower(c),
        (Step::Byte(wanted), None) => *wanted == byte,
        (Step::Any, _) => true,
        (Step::Class(class), Some(c)) => class.contains(c),
        (Step::Class(class), None) => class.contains_byte(byte),
        _ => false,
    }
}

impl Machine<'_> {
    /// Adds a thread and all it reaches without reading, each place once and in order of preference.
    fn add(&mut self, threads: &mut Threads, start: usize, at: usize, slots: &mut [usize]) {
        self.stack.push(Todo::Visit(start));
        while let Some(todo) = self.stack.pop() {
            let mut pc = match todo {
                Todo::Visit(pc) => pc,
                Todo::Restore(slot, old) => {
                    slots[slot] = old;
                    continue;
                }
            };
            loop {
                if threads.added[pc] == self.generation {
                    break;
                }
                threads.added[pc] = self.generation;
                match self.steps[pc] {
                    Step::Jump(to) => pc = to,
                    Step::Split(first, second) => {
                        self.stack.push(Todo::Visit(second));
                        pc = first;
                    }
                    Step::Save(slot) => {
                        self.stack.push(Todo::Restore(slot, slots[slot]));
                        slots[slot] = at;
                        pc += 1;
                    }
                    Step::Assert(assertion) => {
                        if !holds(self.text, assertion, at) {
                            break;
                        }
                        pc += 1;
                    }
                    _ => {
                        threads.order.push(pc);
                        threads.slots[pc * self.slots..(pc + 1) * self.slots].copy_from_slice(slots);
                        break;
                    }
                }
            }
        }
    }
}

/// Whether a condition on the position `at` is true.
pub(super) fn holds(text: &[u8], assertion: Assertion, at: usize) -> bool {
    let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let after = word(first_char(&text[at..]).0);
    let before = at > 0 && word(first_char(&text[previous_start(text, at)..at]).0);
    match assertion {
        Assertion::TextStart => at == 0,
        Assertion::TextEnd => at == text.len(),
        Assertion::WordBoundary => before != after,
        Assertion::NoWordBoundary => before == after,
        Assertion::WordStart => !before && after,
        Assertion::WordEnd => before && !after,
    }
}
