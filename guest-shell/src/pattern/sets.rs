//! Matching patterns with extended operators by sets of positions.
//!
//! From the set of positions where an item may begin follows the set where it may end; a row of items is walked
//! once. Only `!(...)` must look at every begin by itself, and remembers what it found, so the cost is polynomial.

use std::collections::BTreeMap;

use super::glob::{Item, Repeat};
use super::simple::{item_end, item_start};

/// Positions in a text, as ranges in order with gaps between them: what a pattern reaches is mostly a few long ranges,
/// or a position or two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Set {
    /// `from..to`, disjoint, ascending, none of them empty, none touching the next.
    ranges: Vec<(usize, usize)>,
}

impl Set {
    fn range(from: usize, to: usize) -> Set {
        Set { ranges: if from < to { vec![(from, to)] } else { Vec::new() } }
    }

    fn single(at: usize) -> Set {
        Set::range(at, at + 1)
    }

    /// The range that ends behind a position, by its place.
    fn place(&self, at: usize) -> usize {
        self.ranges.partition_point(|(_, to)| *to <= at)
    }

    fn insert(&mut self, at: usize) {
        self.insert_range(at, at + 1);
    }

    fn insert_range(&mut self, from: usize, to: usize) {
        // Ranges that touch the new one melt into it.
        let first = self.ranges.partition_point(|(_, end)| *end < from);
        let last = self.ranges.partition_point(|(begin, _)| *begin <= to);
        let merged = self.ranges[first..last].iter().fold((from, to), |(from, to), (a, b)| (from.min(*a), to.max(*b)));
        self.ranges.splice(first..last, [merged]);
    }

    pub(super) fn contains(&self, at: usize) -> bool {
        self.ranges.get(self.place(at)).is_some_and(|(from, _)| *from <= at)
    }

    fn add(&mut self, other: &Set) {
        for (from, to) in &other.ranges {
            self.insert_range(*from, *to);
        }
    }

    /// What is here and not there.
    fn without(&self, other: &Set) -> Set {
        let mut left = Set::default();
        for &(from, to) in &self.ranges {
            let mut at = from;
            for &(begin, end) in other.ranges.iter().skip(other.place(from)).take_while(|(begin, _)| *begin < to) {
                if begin > at {
                    left.ranges.push((at, begin));
                }
                at = at.max(end);
            }
            if at < to {
                left.ranges.push((at, to));
            }
        }
        left
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.ranges.iter().flat_map(|(from, to)| *from..*to)
    }

    pub(super) fn first(&self) -> Option<usize> {
        self.ranges.first().map(|(from, _)| *from)
    }

    pub(super) fn last(&self) -> Option<usize> {
        self.ranges.last().map(|(_, to)| to - 1)
    }

    /// The first position at or behind one.
    pub(super) fn next_from(&self, at: usize) -> Option<usize> {
        self.ranges.get(self.place(at)).map(|(from, _)| at.max(*from))
    }
}

/// One matching of one text, forwards or (for suffixes) backwards.
pub(super) struct SetMatcher<'a> {
    text: &'a [u8],
    backward: bool,
    /// What `!(...)` came to: by the address of its alternatives and the begin.
    negations: BTreeMap<(usize, usize), Set>,
}

impl<'a> SetMatcher<'a> {
    pub(super) fn new(text: &'a [u8], backward: bool) -> SetMatcher<'a> {
        SetMatcher { text, backward, negations: BTreeMap::new() }
    }

    /// Where the items may end (backwards: begin) when they begin (end) at `start`.
    pub(super) fn run(&mut self, items: &[Item], start: usize) -> Set {
        self.row(items, Set::single(start))
    }

    /// Where the items may end (backwards: begin) wherever they begin (end): all positions, or those of a set.
    pub(super) fn run_all(&mut self, items: &[Item], starts: Option<Set>) -> Set {
        let starts = starts.unwrap_or_else(|| Set::range(0, self.text.len() + 1));
        self.row(items, starts)
    }

    fn row(&mut self, items: &[Item], starts: Set) -> Set {
        let mut set = starts;
        let count = items.len();
        for i in 0..count {
            if set.is_empty() {
                break;
            }
            let item = if self.backward { &items[count - 1 - i] } else { &items[i] };
            set = self.item(item, &set);
        }
        set
    }

    fn item(&mut self, item: &Item, starts: &Set) -> Set {
        match item {
            Item::Star => self.all_from(starts),
            Item::Group(repeat, alternatives) => self.group(*repeat, alternatives, starts),
            item => {
                let mut ends = Set::default();
                for at in starts.iter() {
                    let end =
                        if self.backward { item_start(item, self.text, at) } else { item_end(item, self.text, at) };
                    if let Some(end) = end {
                        ends.insert(end);
                    }
                }
                ends
            }
        }
    }

    /// All positions a star reaches.
    fn all_from(&self, starts: &Set) -> Set {
        if self.backward {
            Set::range(0, starts.last().map_or(0, |last| last + 1))
        } else {
            Set::range(starts.first().unwrap_or(self.text.len() + 1), self.text.len() + 1)
        }
    }

    fn any(&mut self, alternatives: &[Vec<Item>], starts: &Set) -> Set {
        let mut ends = Set::default();
        for alternative in alternatives {
            ends.add(&self.row(alternative, starts.clone()));
        }
        ends
    }

    fn group(&mut self, repeat: Repeat, alternatives: &[Vec<Item>], starts: &Set) -> Set {
        match repeat {
            Repeat::One => self.any(alternatives, starts),
            Repeat::Optional => {
                let mut ends = self.any(alternatives, starts);
                ends.add(starts);
                ends
            }
            Repeat::Some => {
                let first = self.any(alternatives, starts);
                self.closure(alternatives, first)
            }
            Repeat::Many => self.closure(alternatives, starts.clone()),
            Repeat::Not => {
                let mut ends = Set::default();
                for at in starts.iter() {
                    let found = self.negation(alternatives, at);
                    ends.add(&found);
                }
                ends
            }
        }
    }

    /// What any number of further repetitions reach; each round only follows what is new.
    fn closure(&mut self, alternatives: &[Vec<Item>], starts: Set) -> Set {
        let mut all = starts.clone();
        let mut fresh = starts;
        while !fresh.is_empty() {
            fresh = self.any(alternatives, &fresh).without(&all);
            all.add(&fresh);
        }
        all
    }

    fn negation(&mut self, alternatives: &[Vec<Item>], at: usize) -> Set {
        let key = (alternatives.as_ptr() as usize, at);
        if let Some(known) = self.negations.get(&key) {
            return known.clone();
        }
        let single = Set::single(at);
        let matched = self.any(alternatives, &single);
        let ends = self.all_from(&single).without(&matched);
        self.negations.insert(key, ends.clone());
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn ranges_are_sets(steps in proptest::collection::vec((0usize..40, 1usize..6), 0..20), other in proptest::collection::vec(0usize..45, 0..15)) {
            let (mut set, mut model) = (Set::default(), BTreeSet::new());
            for (from, len) in steps {
                set.insert_range(from, from + len);
                model.extend(from..from + len);
            }
            let mut minus = Set::default();
            other.iter().for_each(|at| minus.insert(*at));
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), model.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!((set.first(), set.last()), (model.first().copied(), model.last().copied()));
            prop_assert!((0..50).all(|at| set.contains(at) == model.contains(&at)));
            prop_assert!((0..50).all(|at| set.next_from(at) == model.range(at..).next().copied()));
            let left: Vec<usize> = model.iter().copied().filter(|at| !other.contains(at)).collect();
            prop_assert_eq!(set.without(&minus).iter().collect::<Vec<_>>(), left);
        }
    }
}
