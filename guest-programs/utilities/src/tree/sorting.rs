//! The order of a directory's entries.

use std::cmp::Ordering;

use super::entry::Entry;
use super::options::{First, Order, Settings};

/// A name, its path, and what it names.
pub(super) type Named = (Vec<u8>, Vec<u8>, Entry);

/// Orders entries as the settings ask.
pub(super) fn sort(settings: &Settings, entries: &mut [Named]) {
    if settings.order == Order::None {
        return;
    }
    entries.sort_by(|left, right| {
        let group = match settings.first {
            First::Neither => Ordering::Equal,
            First::Directories => right.2.is_directory().cmp(&left.2.is_directory()),
            First::Files => left.2.is_directory().cmp(&right.2.is_directory()),
        };
        let order = compare(settings.order, left, right).then_with(|| left.0.cmp(&right.0));
        group.then(if settings.reverse { order.reverse() } else { order })
    });
}

fn compare(order: Order, left: &Named, right: &Named) -> Ordering {
    let (one, other) = (&left.2.stat, &right.2.stat);
    match order {
        Order::Name | Order::None => Ordering::Equal,
        Order::Version => versions(&left.0, &right.0),
        Order::Size => right.2.size.cmp(&left.2.size),
        Order::Modified => one.map(|stat| stat.modified).cmp(&other.map(|stat| stat.modified)),
        Order::Changed => one.map(|stat| stat.changed).cmp(&other.map(|stat| stat.changed)),
    }
}

/// Compares numbers in names by their values, as `strverscmp(3)` does for those without leading zeros.
pub(super) fn versions(left: &[u8], right: &[u8]) -> Ordering {
    let (mut one, mut other) = (left, right);
    loop {
        match (one.first(), other.first()) {
            (None, None) => return Ordering::Equal,
            (Some(a), Some(b)) if a.is_ascii_digit() && b.is_ascii_digit() => {
                let (first, second) = (digits(one), digits(other));
                let zeros = |text: &[u8]| text.iter().take_while(|byte| **byte == b'0').count();
                // A number with leading zeros is a fraction: it comes before, the more zeros the earlier.
                let order = match (zeros(first), zeros(second)) {
                    (0, 0) => first.len().cmp(&second.len()).then_with(|| first.cmp(second)),
                    (a, b) => b.cmp(&a).then_with(|| first.cmp(second)),
                };
                if order != Ordering::Equal {
                    return order;
                }
                one = one.get(first.len()..).unwrap_or_default();
                other = other.get(second.len()..).unwrap_or_default();
            }
            (a, b) if a == b => {
                one = one.get(1..).unwrap_or_default();
                other = other.get(1..).unwrap_or_default();
            }
            (a, b) => return a.cmp(&b),
        }
    }
}

fn digits(text: &[u8]) -> &[u8] {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.get(..length).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count() {
        assert_eq!(versions(b"a2", b"a10"), Ordering::Less);
        assert_eq!(versions(b"a10", b"a9b"), Ordering::Greater);
        assert_eq!(versions(b"a01", b"a1"), Ordering::Less);
        assert_eq!(versions(b"a", b"a"), Ordering::Equal);
        assert_eq!(versions(b"a", b"ab"), Ordering::Less);
    }
}
