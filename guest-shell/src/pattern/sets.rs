//! Matching patterns with extended operators by sets of positions.
//!
//! From the set of positions where an item may begin follows the set where it may end; a row of items is walked
//! once. Only `!(...)` must look at every begin by itself, and remembers what it found, so the cost is polynomial.

use std::collections::BTreeMap;

use super::glob::{Item, Repeat};
use super::simple::{item_end, item_start};

/// Positions in a text, one bit each.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Set {
    words: Vec<u64>,
}

impl Set {
    fn empty(len: usize) -> Set {
        Set { words: vec![0; len / 64 + 1] }
    }

    fn single(len: usize, at: usize) -> Set {
        let mut set = Set::empty(len);
        set.insert(at);
        set
    }

    fn insert(&mut self, at: usize) {
        self.words[at / 64] |= 1 << (at % 64);
    }

    pub(super) fn contains(&self, at: usize) -> bool {
        self.words.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    fn add(&mut self, other: &Set) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(i, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros() as usize;
                rest &= rest.checked_sub(1)?;
                Some(i * 64 + bit)
            })
        })
    }

    pub(super) fn first(&self) -> Option<usize> {
        self.iter().next()
    }

    pub(super) fn last(&self) -> Option<usize> {
        let (i, word) = self.words.iter().enumerate().rev().find(|(_, word)| **word != 0)?;
        Some(i * 64 + 63 - word.leading_zeros() as usize)
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
        self.row(items, Set::single(self.text.len(), start))
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
                let mut ends = Set::empty(self.text.len());
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
        let mut ends = Set::empty(self.text.len());
        let range = if self.backward {
            0..starts.last().map_or(0, |last| last + 1)
        } else {
            starts.first().unwrap_or(self.text.len() + 1)..self.text.len() + 1
        };
        for at in range {
            ends.insert(at);
        }
        ends
    }

    fn any(&mut self, alternatives: &[Vec<Item>], starts: &Set) -> Set {
        let mut ends = Set::empty(self.text.len());
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
                let mut ends = Set::empty(self.text.len());
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
            let mut ends = self.any(alternatives, &fresh);
            for (word, known) in ends.words.iter_mut().zip(&all.words) {
                *word &= !known;
            }
            all.add(&ends);
            fresh = ends;
        }
        all
    }

    fn negation(&mut self, alternatives: &[Vec<Item>], at: usize) -> Set {
        let key = (alternatives.as_ptr() as usize, at);
        if let Some(known) = self.negations.get(&key) {
            return known.clone();
        }
        let single = Set::single(self.text.len(), at);
        let matched = self.any(alternatives, &single);
        let mut ends = self.all_from(&single);
        for (word, other) in ends.words.iter_mut().zip(&matched.words) {
            *word &= !other;
        }
        self.negations.insert(key, ends.clone());
        ends
    }
}
