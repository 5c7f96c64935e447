//! Sizes as people read them, and the block sizes of `ls`, `du` and `df`.
//!
//! GNU rounds up everywhere here: a file of one byte takes a block.

const SUFFIXES: [&str; 9] = ["", "K", "M", "G", "T", "P", "E", "Z", "Y"];

/// The unit sizes are shown in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// The largest power of the base that leaves at least 1, with its letter.
    Human(u64),
    /// Blocks of so many bytes; the text follows each number.
    Blocks(u64, String),
}

impl Unit {
    /// Blocks of so many bytes, without a letter.
    pub(crate) fn bytes(bytes: u64) -> Self {
        Self::Blocks(bytes.max(1), String::new())
    }

    /// Parses the value of `--block-size`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix('\'').unwrap_or(text) {
            "human-readable" => Some(Self::Human(1024)),
            "si" => Some(Self::Human(1000)),
            text => {
                let bytes = parse_size(text)?;
                let suffix = if text.starts_with(|first: char| first.is_ascii_digit()) { "" } else { text };
                (bytes > 0).then(|| Self::Blocks(bytes, suffix.to_owned()))
            }
        }
    }

    /// Writes a number of bytes.
    pub(crate) fn show(&self, bytes: u64) -> String {
        match self {
            Self::Human(base) => human(bytes, *base),
            Self::Blocks(size, suffix) => format!("{}{suffix}", bytes.div_ceil(*size)),
        }
    }
}

/// Says what is wrong with a size, as GNU's programs do.
pub(crate) fn complaint(option: &str, text: &str) -> String {
    let digits = text.starts_with(|first: char| first.is_ascii_digit());
    format!("invalid {}{option} argument '{text}'", if digits { "suffix in " } else { "" })
}

/// Parses `10`, `2K`, `1MB`, `4KiB`: powers of 1024, or of 1000 with a `B`. `None`: no size, or beyond 64 bits.
pub(crate) fn parse_size(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, suffix) = text.split_at(digits);
    let number: u64 = if number.is_empty() { 1 } else { number.parse().ok()? };
    if text.is_empty() {
        return None;
    }
    number.checked_mul(multiplier(suffix)?)
}

/// Returns what a suffix multiplies by.
pub(crate) fn multiplier(suffix: &str) -> Option<u64> {
    let Some(letter) = suffix.chars().next() else { return Some(1) };
    let power = match letter {
        'k' | 'K' => 1,
        'm' | 'M' => 2,
        'g' | 'G' => 3,
        't' | 'T' => 4,
        'P' => 5,
        'E' => 6,
        _ => return None,
    };
    let base: u64 = match &suffix[1..] {
        "" | "iB" => 1024,
        "B" => 1000,
        _ => return None,
    };
    base.checked_pow(power)
}

/// Writes a number of bytes with one decimal below ten and a letter, rounded up.
pub(crate) fn human(bytes: u64, base: u64) -> String {
    if bytes < base {
        return bytes.to_string();
    }
    let (wide, base) = (u128::from(bytes), u128::from(base));
    let (mut power, mut scale) = (0, 1u128);
    while wide / scale >= base && power + 1 < SUFFIXES.len() {
        scale *= base;
        power += 1;
    }
    let tenths = (wide * 10).div_ceil(scale);
    if tenths < 100 {
        return format!("{}.{}{}", tenths / 10, tenths % 10, letter(power, base));
    }
    let whole = wide.div_ceil(scale);
    if whole == base && power + 1 < SUFFIXES.len() {
        return format!("1.0{}", letter(power + 1, base));
    }
    format!("{whole}{}", letter(power, base))
}

/// Powers of 1000 have a small k.
fn letter(power: usize, base: u128) -> &'static str {
    if power == 1 && base == 1000 { "k" } else { SUFFIXES[power] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_round_up() {
        let check = |bytes: u64, base: u64, expected: &str| assert_eq!(human(bytes, base), expected);
        check(0, 1024, "0");
        check(1023, 1024, "1023");
        check(1025, 1024, "1.1K");
        check(10_240, 1024, "10K");
        check(1_048_575, 1024, "1.0M");
        check(1_000_000, 1000, "1.0M");
        check(1500, 1000, "1.5k");
        check(u64::MAX, 1024, "16E");
    }

    #[test]
    fn units_are_parsed_with_their_letters() {
        assert_eq!(Unit::parse("K"), Some(Unit::Blocks(1024, "K".to_owned())));
        assert_eq!(Unit::parse("1K"), Some(Unit::Blocks(1024, String::new())));
        assert_eq!(Unit::parse("2MB"), Some(Unit::Blocks(2_000_000, String::new())));
        assert_eq!((Unit::parse("0"), Unit::parse("x"), Unit::parse("99999999999E")), (None, None, None));
    }
}
