//! The names of pieces: `aa`, `ab`, ..., which grow before they run out, unless their length is told.

use super::options::PROGRAM;
use crate::basis::errors::complain;

/// Letters of a name when nothing is said.
const LENGTH: u32 = 2;

/// How pieces are named.
pub(super) struct Suffixes {
    /// What the characters are, in order.
    pub(super) alphabet: &'static [u8],
    /// The first piece's number.
    pub(super) start: u64,
    /// Characters, when told.
    pub(super) length: Option<u32>,
    /// A number is told to start with, or how many pieces there are: names do not grow then.
    pub(super) fixed: bool,
}

impl Suffixes {
    /// Fixes the length so that so many pieces have names.
    ///
    /// # Errors
    ///
    /// The exit status after a message: the length that was told is too short.
    pub(super) fn expect(&mut self, n_pieces: u64) -> Result<(), i32> {
        let start = if self.start < n_pieces { self.start } else { 0 };
        let mut last = (n_pieces - 1).saturating_add(start);
        let mut needed = 1;
        while last >= self.base() {
            last /= self.base();
            needed += 1;
        }
        self.fixed = true;
        match self.length {
            Some(length) if length < needed => {
                complain(PROGRAM, &format!("the suffix length needs to be at least {needed}"));
                Err(1)
            }
            Some(_) => Ok(()),
            None => {
                self.length = Some(needed.max(LENGTH));
                Ok(())
            }
        }
    }

    fn base(&self) -> u64 {
        self.alphabet.len() as u64
    }

    /// The name of a piece; none when they have run out.
    pub(super) fn of(&self, index: u64) -> Option<Vec<u8>> {
        let base = self.base();
        if self.length.is_some() || self.fixed {
            return self.digits(index.checked_add(self.start)?, self.length.unwrap_or(LENGTH));
        }
        // Each time all but the last of the first characters are used, names begin with one more last character, and have
        // one more behind it.
        let (mut index, mut grown) = (index, 0);
        loop {
            let room = (base - 1).checked_mul(base.checked_pow(LENGTH - 1 + grown)?)?;
            if index < room {
                let mut out = vec![self.alphabet[self.alphabet.len() - 1]; usize::try_from(grown).ok()?];
                out.extend(self.digits(index, LENGTH + grown)?);
                return Some(out);
            }
            index -= room;
            grown += 1;
        }
    }

    fn digits(&self, mut number: u64, length: u32) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        for _ in 0..length {
            out.push(self.alphabet[usize::try_from(number % self.base()).ok()?]);
            number /= self.base();
        }
        out.reverse();
        (number == 0).then_some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_grow_before_they_run_out() {
        let letters = Suffixes { alphabet: b"abcdefghijklmnopqrstuvwxyz", start: 0, length: None, fixed: false };
        let check = |index: u64, expected: &str| assert_eq!(letters.of(index).as_deref(), Some(expected.as_bytes()));
        check(0, "aa");
        check(649, "yz");
        check(650, "zaaa");
        check(650 + 25 * 676, "zzaaaa");
        let digits = Suffixes { alphabet: b"0123456789", start: 5, length: Some(1), fixed: true };
        assert_eq!((digits.of(4), digits.of(5)), (Some(b"9".to_vec()), None));
    }
}
