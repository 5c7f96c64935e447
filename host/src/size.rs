//! Sizes on the command line: `65536`, `16MiB`, `2G`. Units are powers of 1024.

use std::str::FromStr;

/// A number of bytes, not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no size; write it like 65536, 16MiB or 2GiB");
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let shift = match unit.to_ascii_lowercase().as_str() {
            "" | "b" => 0,
            "k" | "kib" => 10,
            "m" | "mib" => 20,
            "g" | "gib" => 30,
            _ => return Err(wrong()),
        };
        number.checked_mul(1 << shift).filter(|bytes| *bytes > 0).map(Self).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_binary_units() {
        let check = |text: &str, bytes: u64| assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
        check("65536", 65_536);
        check("16MiB", 16 << 20);
        check("16m", 16 << 20);
        check("2G", 2 << 30);
        check("1kib", 1024);
        for text in ["", "MiB", "0", "1.5M", "-1", "1TB", "99999999999G"] {
            assert!(text.parse::<Size>().is_err(), "{text:?}");
        }
    }
}
