//! Format strings: `ITERATIONS/BYTES "text"`, cut into conversions.

/// A format string: its units, and how many bytes it shows.
#[derive(Clone, Debug)]
pub(super) struct Format {
    pub(super) units: Vec<Unit>,
    pub(super) bytes: usize,
}

/// A quoted text with its counts.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    pub(super) repeat: usize,
    /// The iterations were given, so they are not adapted to the block.
    repeat_is_given: bool,
    pub(super) pieces: Vec<Piece>,
}

impl Unit {
    /// Bytes of one iteration.
    pub(super) fn bytes(&self) -> usize {
        self.pieces.iter().map(|piece| piece.bytes).sum()
    }

    /// Tells whether it shows the position at the end of the input.
    pub(super) fn is_final(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece.what, What::Address { at_end: true, .. }))
    }
}

/// A text and the conversion behind it.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) what: What,
    pub(super) spec: Spec,
    /// Bytes it shows.
    pub(super) bytes: usize,
}

/// Flags, width and precision of a conversion.
#[derive(Clone, Debug, Default)]
pub(super) struct Spec {
    pub(super) left: bool,
    pub(super) zero: bool,
    pub(super) sign: bool,
    pub(super) blank: bool,
    pub(super) alternative: bool,
    pub(super) width: usize,
    pub(super) precision: Option<usize>,
}

/// What a conversion shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The text alone.
    Nothing,
    /// A position: `d`, `o` or `x`.
    Address { letter: char, at_end: bool },
    /// An integer: `d`, `i`, `o`, `u`, `x`, `X`.
    Integer(char),
    /// A floating point number: `e`, `E`, `f`, `g`, `G`.
    Float(char),
    /// A character as it is.
    Character,
    /// Characters up to a NUL.
    Text,
    /// `%_c`: a character, an escape or three octal digits.
    Escaped,
    /// `%_p`: a character or a period.
    Printable,
    /// `%_u`: a character or its name in ASCII.
    Named,
}

/// Iterations and sizes beyond this are mistakes: a block is held in memory.
const COUNT_MAX: usize = 1 << 20;

/// Reads a format string.
///
/// # Errors
///
/// The diagnostic.
pub(super) fn parse(text: &str) -> Result<Format, String> {
    let bad = || format!("bad format {{{text}}}");
    let mut units = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (repeat, behind) = count(rest);
        let mut given_bytes = None;
        rest = behind.trim_start();
        if let Some(behind) = rest.strip_prefix('/') {
            (given_bytes, rest) = count(behind.trim_start());
            given_bytes = Some(given_bytes.ok_or_else(bad)?);
            rest = rest.trim_start();
        }
        if repeat.or(given_bytes).is_some_and(|count| count > COUNT_MAX) {
            return Err(bad());
        }
        rest = rest.strip_prefix('"').ok_or_else(bad)?;
        let end = rest.find('"').ok_or_else(bad)?;
        let (quoted, behind) = rest.split_at(end);
        rest = behind.get(1..).unwrap_or_default().trim_start();
        let pieces = pieces(&unescape(quoted), given_bytes)?;
        units.push(Unit { repeat: repeat.unwrap_or(1), repeat_is_given: repeat.is_some(), pieces });
    }
    let bytes = units.iter().map(|unit| unit.bytes() * unit.repeat).sum();
    Ok(Format { units, bytes })
}

/// Lets the last unit of a format that shows fewer bytes than the block go on to the block's end, and drops the blank behind
/// the last of several iterations.
pub(super) fn fit(format: &mut Format, block: usize) {
    let missing = block.saturating_sub(format.bytes);
    if let Some(last) = format.units.last_mut() {
        let bytes = last.bytes();
        if !last.repeat_is_given
            && let Some(more) = missing.checked_div(bytes)
        {
            last.repeat += more;
        }
    }
}

fn count(text: &str) -> (Option<usize>, &str) {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (if digits.is_empty() { None } else { Some(digits.parse().unwrap_or(usize::MAX)) }, rest)
}

fn unescape(text: &str) -> String {
    let mut result = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            result.push(character);
            continue;
        }
        match characters.next() {
            Some('a') => result.push('\u{7}'),
            Some('b') => result.push('\u{8}'),
            Some('f') => result.push('\u{c}'),
            Some('n') => result.push('\n'),
            Some('r') => result.push('\r'),
            Some('t') => result.push('\t'),
            Some('v') => result.push('\u{b}'),
            Some('0') => result.push('\0'),
            Some(other) => result.push(other),
            None => result.push('\\'),
        }
    }
    result
}

fn pieces(text: &str, given_bytes: Option<usize>) -> Result<Vec<Piece>, String> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        plain.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 1..).unwrap_or_default();
        if let Some(behind) = rest.strip_prefix('%') {
            plain.push('%');
            rest = behind;
            continue;
        }
        let (spec, behind) = spec(rest);
        let (what, behind) = conversion(behind)?;
        rest = behind;
        let is_counted = !matches!(what, What::Address { .. });
        if is_counted && given_bytes.is_some() && pieces.iter().any(|piece| piece.bytes > 0) {
            return Err("byte count with multiple conversion characters".to_owned());
        }
        let bytes = if is_counted { bytes_of(what, &spec, given_bytes)? } else { 0 };
        pieces.push(Piece { text: std::mem::take(&mut plain), what, spec, bytes });
    }
    plain.push_str(rest);
    if !plain.is_empty() || pieces.is_empty() {
        // A text without a conversion passes over the bytes it was given.
        let bytes = if pieces.is_empty() { given_bytes.unwrap_or(0) } else { 0 };
        pieces.push(Piece { text: plain, what: What::Nothing, spec: Spec::default(), bytes });
    }
    Ok(pieces)
}

fn spec(text: &str) -> (Spec, &str) {
    let mut spec = Spec::default();
    let mut rest = text;
    while let Some(flag) = rest.chars().next().filter(|flag| "-0+ #".contains(*flag)) {
        match flag {
            '-' => spec.left = true,
            '0' => spec.zero = true,
            '+' => spec.sign = true,
            ' ' => spec.blank = true,
            _ => spec.alternative = true,
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    let (width, behind) = count(rest);
    spec.width = width.unwrap_or(0).min(COUNT_MAX);
    rest = behind;
    if let Some(behind) = rest.strip_prefix('.') {
        let (precision, behind) = count(behind);
        spec.precision = Some(precision.unwrap_or(0).min(COUNT_MAX));
        rest = behind;
    }
    (spec, rest)
}

fn conversion(text: &str) -> Result<(What, &str), String> {
    let bad = |letters: &str| format!("bad conversion character %{letters}");
    let mut letters = text.chars();
    let letter = letters.next().ok_or_else(|| bad(""))?;
    let what = match letter {
        'd' | 'i' | 'o' | 'u' | 'x' | 'X' => What::Integer(letter),
        'e' | 'E' | 'f' | 'g' | 'G' => What::Float(letter),
        'c' => What::Character,
        's' => What::Text,
        '_' => {
            let which = letters.next().ok_or_else(|| bad("_"))?;
            match which {
                'c' => What::Escaped,
                'p' => What::Printable,
                'u' => What::Named,
                'a' | 'A' => {
                    let letter = letters.next().filter(|letter| "dox".contains(*letter));
                    What::Address { letter: letter.ok_or_else(|| bad("_a"))?, at_end: which == 'A' }
                }
                other => return Err(bad(&format!("_{other}"))),
            }
        }
        other => return Err(bad(&other.to_string())),
    };
    Ok((what, letters.as_str()))
}

fn bytes_of(what: What, spec: &Spec, given: Option<usize>) -> Result<usize, String> {
    let bad = |letter: char| format!("bad byte count for conversion character {letter}");
    match (what, given) {
        (What::Integer(_), None | Some(4)) => Ok(4),
        (What::Integer(_), Some(bytes @ (1 | 2 | 8))) => Ok(bytes),
        (What::Integer(letter) | What::Float(letter), Some(bytes)) if bytes != 4 && bytes != 8 => Err(bad(letter)),
        (What::Float(_), given) => Ok(given.unwrap_or(8)),
        (What::Text, Some(bytes)) => Ok(bytes),
        (What::Text, None) => spec.precision.ok_or_else(|| "%s requires a precision or a byte count".to_owned()),
        (What::Character, Some(bytes)) if bytes > 1 => Err(bad('c')),
        _ => Ok(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_conversions_are_read() {
        let format = parse(r#" "%07.7_ax " 8/2 "%04x " "\n" "#).expect("well-formed");
        assert_eq!((format.units.len(), format.bytes), (3, 16));
        assert_eq!(format.units[1].pieces[1].text, " ");
        assert!(parse("8/2 x").is_err() && parse("\"%q\"").is_err() && parse("/3 \"%d\"").is_err());
        assert!(parse("\"%s\"").is_err());
    }

    #[test]
    fn the_last_unit_goes_on_to_the_end_of_the_block() {
        let mut format = parse(r#""%02x ""#).expect("well-formed");
        fit(&mut format, 16);
        assert_eq!(format.units[0].repeat, 4);
    }
}
