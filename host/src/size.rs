//! Sizes as people write them: `65536`, `16MiB`, `2G`. Units are powers of 1024.

const UNITS: [(&str, u32); 4] = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];

/// Reads a number of bytes; `None` if it is no size.
pub(crate) fn read(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let shift = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kib" => 10,
        "m" | "mib" => 20,
        "g" | "gib" => 30,
        "t" | "tib" => 40,
        _ => return None,
    };
    number.checked_mul(1 << shift)
}

/// Writes a number of bytes exactly, in the largest unit that needs no fraction.
pub(crate) fn text(bytes: u64) -> String {
    let whole = |shift: u32| bytes > 0 && bytes.trailing_zeros() >= shift;
    match UNITS.iter().find(|(_, shift)| whole(*shift)) {
        Some((unit, shift)) => format!("{}{unit}", bytes >> shift),
        None => bytes.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_binary_units() {
        let check = |text: &str, bytes: u64| assert_eq!(read(text), Some(bytes), "{text}");
        check("65536", 65_536);
        check("16MiB", 16 << 20);
        check("16m", 16 << 20);
        check("2G", 2 << 30);
        check("1kib", 1024);
        check("1T", 1 << 40);
        check("0", 0);
        for text in ["", "MiB", "1.5M", "-1", "1TB", "99999999999G"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_size_is_written_exactly() {
        let check = |bytes: u64, written: &str| {
            assert_eq!(text(bytes), written);
            assert_eq!(read(written), Some(bytes));
        };
        check(0, "0");
        check(1000, "1000");
        check(1536, "1536");
        check(64 << 20, "64MiB");
        check((1 << 30) + (1 << 20), "1025MiB");
        check(1 << 40, "1TiB");
    }
}
