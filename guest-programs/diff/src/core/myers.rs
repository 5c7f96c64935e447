//! The shortest edit script of two sequences in linear space, after Eugene W. Myers, "An O(ND) Difference Algorithm and its
//! Variations" (1986): find the middle of a shortest path by searching from both ends at once, and go on with the halves.
//!
//! Which of several shortest scripts is found follows from the order in which diagonals are tried: from the highest down,
//! the forward search first. A search that costs too much gives up and takes the farthest point it has reached.

/// What a search may cost at least before it gives up, in edits.
const COST_MIN: i32 = 4096;

/// A position before the first, which no search reaches.
const BEFORE: i32 = -1;
/// A position after the last.
const AFTER: i32 = i32::MAX;

/// A part of both sequences that is still to be compared.
#[derive(Clone, Copy, Debug)]
struct Part {
    x: (i32, i32),
    y: (i32, i32),
    minimal: bool,
}

/// Where to split a part, and whether each half must be searched to the end.
#[derive(Clone, Copy, Debug)]
struct Split {
    x: i32,
    y: i32,
    minimal: [bool; 2],
}

struct Search<'a> {
    x: &'a [u32],
    y: &'a [u32],
    /// The farthest x reached on each diagonal, from the beginning and from the end; index: diagonal plus `origin`.
    forward: Vec<i32>,
    backward: Vec<i32>,
    origin: i32,
    cost_max: i32,
}

/// Calls `delete` for each element of `x` and `insert` for each of `y` that is not common to both.
///
/// Both together have fewer than 2^31 - 3 elements; what is beyond is not compared but taken as different.
pub(crate) fn compare(
    x: &[u32],
    y: &[u32],
    minimal: bool,
    mut delete: impl FnMut(usize),
    mut insert: impl FnMut(usize),
) {
    let (Ok(x_len), Ok(y_len)) = (i32::try_from(x.len()), i32::try_from(y.len())) else { return };
    let Some(diagonals) = x_len.checked_add(y_len).and_then(|sum| sum.checked_add(3)) else { return };
    let room = x.len() + y.len() + 3;
    let mut search = Search {
        x,
        y,
        forward: vec![BEFORE; room],
        backward: vec![AFTER; room],
        origin: y_len + 1,
        cost_max: root(diagonals).max(COST_MIN),
    };
    // A stack instead of recursion: its depth is bounded by the memory of the two sequences, not by the call stack.
    let mut left = vec![Part { x: (0, x_len), y: (0, y_len), minimal }];
    while let Some(part) = left.pop() {
        let part = search.trimmed(part);
        if part.x.0 == part.x.1 {
            (part.y.0..part.y.1).map(index).for_each(&mut insert);
        } else if part.y.0 == part.y.1 {
            (part.x.0..part.x.1).map(index).for_each(&mut delete);
        } else {
            let split = search.middle(part);
            left.push(Part { x: (split.x, part.x.1), y: (split.y, part.y.1), minimal: split.minimal[1] });
            left.push(Part { x: (part.x.0, split.x), y: (part.y.0, split.y), minimal: split.minimal[0] });
        }
    }
}

/// About the root of a number, from above: a power of two.
fn root(number: i32) -> i32 {
    let (mut rest, mut root) = (number, 1);
    while rest != 0 {
        rest >>= 2;
        root <<= 1;
    }
    root
}

fn index(position: i32) -> usize {
    usize::try_from(position).unwrap_or(0)
}

impl Search<'_> {
    fn equal(&self, x: i32, y: i32) -> bool {
        self.x[index(x)] == self.y[index(y)]
    }

    /// A part without its common beginning and end.
    fn trimmed(&self, mut part: Part) -> Part {
        while part.x.0 < part.x.1 && part.y.0 < part.y.1 && self.equal(part.x.0, part.y.0) {
            part.x.0 += 1;
            part.y.0 += 1;
        }
        while part.x.0 < part.x.1 && part.y.0 < part.y.1 && self.equal(part.x.1 - 1, part.y.1 - 1) {
            part.x.1 -= 1;
            part.y.1 -= 1;
        }
        part
    }

    /// Finds a point on a shortest path. Neither sequence of the part is empty, nor do they begin or end alike.
    fn middle(&mut self, part: Part) -> Split {
        let (lowest, highest) = (part.x.0 - part.y.1, part.x.1 - part.y.0);
        let (start, end) = (part.x.0 - part.y.0, part.x.1 - part.y.1);
        let odd = (start - end) & 1 != 0;
        *self.ahead(start) = part.x.0;
        *self.behind(end) = part.x.1;
        let (mut ahead, mut behind) = ((start, start), (end, end));
        for cost in 1.. {
            self.widen_ahead(&mut ahead, (lowest, highest));
            let met = self.step_ahead(part, ahead, if odd { Some(behind) } else { None });
            if let Some(split) = met {
                return split;
            }
            self.widen_behind(&mut behind, (lowest, highest));
            let met = self.step_behind(part, behind, if odd { None } else { Some(ahead) });
            if let Some(split) = met {
                return split;
            }
            if !part.minimal && cost >= self.cost_max {
                break;
            }
        }
        self.give_up(part, ahead, behind)
    }

    fn ahead(&mut self, diagonal: i32) -> &mut i32 {
        &mut self.forward[index(diagonal + self.origin)]
    }

    fn behind(&mut self, diagonal: i32) -> &mut i32 {
        &mut self.backward[index(diagonal + self.origin)]
    }

    /// The next edit may lie one diagonal farther out, as long as that exists.
    fn widen_ahead(&mut self, range: &mut (i32, i32), limit: (i32, i32)) {
        if range.0 > limit.0 {
            range.0 -= 1;
            *self.ahead(range.0 - 1) = BEFORE;
        } else {
            range.0 += 1;
        }
        if range.1 < limit.1 {
            range.1 += 1;
            *self.ahead(range.1 + 1) = BEFORE;
        } else {
            range.1 -= 1;
        }
    }

    fn widen_behind(&mut self, range: &mut (i32, i32), limit: (i32, i32)) {
        if range.0 > limit.0 {
            range.0 -= 1;
            *self.behind(range.0 - 1) = AFTER;
        } else {
            range.0 += 1;
        }
        if range.1 < limit.1 {
            range.1 += 1;
            *self.behind(range.1 + 1) = AFTER;
        } else {
            range.1 -= 1;
        }
    }

    /// One more edit from the beginning, on every second diagonal; answers where it meets the search from the end.
    fn step_ahead(&mut self, part: Part, range: (i32, i32), other: Option<(i32, i32)>) -> Option<Split> {
        let mut diagonal = range.1;
        while diagonal >= range.0 {
            let (below, above) = (*self.ahead(diagonal - 1), *self.ahead(diagonal + 1));
            let mut x = if below < above { above } else { below + 1 };
            while x < part.x.1 && x - diagonal < part.y.1 && self.equal(x, x - diagonal) {
                x += 1;
            }
            *self.ahead(diagonal) = x;
            if other.is_some_and(|(low, high)| low <= diagonal && diagonal <= high && *self.behind(diagonal) <= x) {
                return Some(Split { x, y: x - diagonal, minimal: [true, true] });
            }
            diagonal -= 2;
        }
        None
    }

    /// One more edit from the end.
    fn step_behind(&mut self, part: Part, range: (i32, i32), other: Option<(i32, i32)>) -> Option<Split> {
        let mut diagonal = range.1;
        while diagonal >= range.0 {
            let (below, above) = (*self.behind(diagonal - 1), *self.behind(diagonal + 1));
            let mut x = if below < above { below } else { above - 1 };
            while part.x.0 < x && part.y.0 < x - diagonal && self.equal(x - 1, x - diagonal - 1) {
                x -= 1;
            }
            *self.behind(diagonal) = x;
            if other.is_some_and(|(low, high)| low <= diagonal && diagonal <= high && x <= *self.ahead(diagonal)) {
                return Some(Split { x, y: x - diagonal, minimal: [true, true] });
            }
            diagonal -= 2;
        }
        None
    }

    /// Splits where either search got farthest.
    fn give_up(&mut self, part: Part, ahead: (i32, i32), behind: (i32, i32)) -> Split {
        let mut farthest = (-1, 0);
        for diagonal in (ahead.0..=ahead.1).rev().step_by(2) {
            let x = (*self.ahead(diagonal)).min(part.x.1).min(part.y.1 + diagonal);
            if farthest.0 < 2 * x - diagonal {
                farthest = (2 * x - diagonal, x);
            }
        }
        let mut nearest = (i32::MAX, 0);
        for diagonal in (behind.0..=behind.1).rev().step_by(2) {
            let x = (*self.behind(diagonal)).max(part.x.0).max(part.y.0 + diagonal);
            if 2 * x - diagonal < nearest.0 {
                nearest = (2 * x - diagonal, x);
            }
        }
        // What the forward search did is exact, and so is what the backward search did; the other half is a guess.
        if (part.x.1 + part.y.1) - nearest.0 < farthest.0 - (part.x.0 + part.y.0) {
            Split { x: farthest.1, y: farthest.0 - farthest.1, minimal: [true, false] }
        } else {
            Split { x: nearest.1, y: nearest.0 - nearest.1, minimal: [false, true] }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which elements of each are not common.
    fn differences(x: &[u32], y: &[u32]) -> (Vec<usize>, Vec<usize>) {
        let (mut deleted, mut inserted) = (Vec::new(), Vec::new());
        compare(x, y, false, |at| deleted.push(at), |at| inserted.push(at));
        deleted.sort_unstable();
        inserted.sort_unstable();
        (deleted, inserted)
    }

    #[test]
    fn what_is_left_of_both_is_the_same_and_as_long_as_can_be() {
        let mut state = 12_345_u32;
        let mut next = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % below
        };
        for _ in 0..500 {
            let make = |next: &mut dyn FnMut(u32) -> u32| (0..next(30)).map(|_| next(4)).collect::<Vec<u32>>();
            let (x, y) = (make(&mut next), make(&mut next));
            let (deleted, inserted) = differences(&x, &y);
            let kept = |from: &[u32], gone: &[usize]| -> Vec<u32> {
                from.iter().enumerate().filter(|(at, _)| !gone.contains(at)).map(|(_, value)| *value).collect()
            };
            assert_eq!(kept(&x, &deleted), kept(&y, &inserted));
            assert_eq!(kept(&x, &deleted).len(), longest_common(&x, &y), "{x:?} {y:?}");
        }
    }

    /// The length of the longest common subsequence, by the quadratic table.
    fn longest_common(x: &[u32], y: &[u32]) -> usize {
        let mut row = vec![0; y.len() + 1];
        for left in x {
            let mut diagonal = 0;
            for (at, right) in y.iter().enumerate() {
                let above = row[at + 1];
                row[at + 1] = if left == right { diagonal + 1 } else { above.max(row[at]) };
                diagonal = above;
            }
        }
        row[y.len()]
    }

    #[test]
    fn a_hopeless_comparison_ends_and_is_right() {
        let x: Vec<u32> = (0..9_000).map(|at| at * 7919 % 9_011 % 900).collect();
        let y: Vec<u32> = (0..9_000).map(|at| at * 104_729 % 9_013 % 900).collect();
        let (deleted, inserted) = differences(&x, &y);
        let kept = |from: &[u32], gone: &[usize]| -> Vec<u32> {
            let mut gone = gone.iter().peekable();
            from.iter().enumerate().filter(|(at, _)| gone.next_if_eq(&at).is_none()).map(|(_, value)| *value).collect()
        };
        assert_eq!(kept(&x, &deleted), kept(&y, &inserted));
    }
}
