//! The order of version numbers in names (`ls -v`, `sort -V`): digits count as numbers, `~` comes before the end.

use std::cmp::Ordering;

/// Compares two names as GNU's `filevercmp` does.
pub(crate) fn compare(a: &[u8], b: &[u8]) -> Ordering {
    // Nothing, `.` and `..` come first, then hidden names, then the others.
    let rank = |name: &[u8]| match name {
        b"" => 0,
        b"." => 1,
        b".." => 2,
        [b'.', ..] => 3,
        _ => 4,
    };
    let order = rank(a).cmp(&rank(b));
    if order != Ordering::Equal || rank(a) < 3 {
        return order;
    }
    let (short_a, short_b) = (without_suffix(a), without_suffix(b));
    let order = revisions(short_a, short_b);
    if order != Ordering::Equal || (short_a.len() == a.len() && short_b.len() == b.len()) {
        return order;
    }
    revisions(a, b)
}

/// Cuts off what matches `(\.[A-Za-z~][A-Za-z0-9~]*)*$`.
fn without_suffix(name: &[u8]) -> &[u8] {
    let mut end = name.len();
    while let Some(dot) = name[..end].iter().rposition(|&byte| byte == b'.').filter(|&dot| dot > 0) {
        let part = &name[dot + 1..end];
        let starts = part.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'~');
        if !starts || !part.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'~') {
            break;
        }
        end = dot;
    }
    &name[..end]
}

fn weight(byte: Option<&u8>) -> i32 {
    match byte {
        None => -1,
        Some(byte) if byte.is_ascii_digit() => 0,
        Some(b'~') => -2,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte) + 256,
    }
}

fn revisions(mut a: &[u8], mut b: &[u8]) -> Ordering {
    let not_digit = |text: &[u8]| text.first().is_some_and(|byte| !byte.is_ascii_digit());
    while !a.is_empty() || !b.is_empty() {
        while not_digit(a) || not_digit(b) {
            let order = weight(a.first()).cmp(&weight(b.first()));
            if order != Ordering::Equal {
                return order;
            }
            (a, b) = (a.get(1..).unwrap_or(&[]), b.get(1..).unwrap_or(&[]));
        }
        let (number_a, rest_a) = number(a);
        let (number_b, rest_b) = number(b);
        let order = number_a.len().cmp(&number_b.len()).then_with(|| number_a.cmp(number_b));
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (rest_a, rest_b);
    }
    Ordering::Equal
}

/// Splits off the digits at the start, without leading zeros.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let zeros = text.iter().take_while(|&&byte| byte == b'0').count();
    let digits = text[zeros..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    (&text[zeros..zeros + digits], &text[zeros + digits..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count() {
        let mut names = ["f10", "f9", "f1.tar.gz", "f1", "f1~", ".h", "..", ".", "f01", "f1a"];
        names.sort_by(|a, b| compare(a.as_bytes(), b.as_bytes()).then_with(|| a.cmp(b)));
        assert_eq!(names, [".", "..", ".h", "f1~", "f01", "f1", "f1.tar.gz", "f1a", "f9", "f10"]);
    }
}
