//! A command line as these programs need it: options, operands, and the words that the options were read from.

use sandshell_sys::options::{Found, Item, Letters, OptionReader, Order};

/// A command line that was read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parsed {
    /// The options in their order.
    pub(crate) options: Vec<Found<char>>,
    /// The words they were read from, for headers and messages.
    pub(crate) words: Vec<Vec<u8>>,
    pub(crate) operands: Vec<Vec<u8>>,
}

/// Reads a command line.
///
/// # Errors
///
/// The diagnostic.
pub(crate) fn parse(letters: &Letters, arguments: Vec<Vec<u8>>) -> Result<Parsed, String> {
    let mut parsed = Parsed::default();
    let mut reader = OptionReader::new(letters, Order::of_environment(), arguments.clone());
    let mut at = 0;
    while let Some(item) = reader.next()? {
        let read = arguments.len() - reader.unread();
        let words = arguments.get(at..read).unwrap_or_default();
        at = read;
        match item {
            Item::Option(letter, argument) => {
                parsed.words.extend_from_slice(words);
                parsed.options.push((letter, argument));
            }
            Item::Operand(operand) => {
                // What stands before the operand are the dashes that end the options.
                parsed.words.extend_from_slice(words.split_last().map_or(&[][..], |(_, before)| before));
                parsed.operands.push(operand);
            }
        }
    }
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_options_are_kept() {
        const LETTERS: Letters = Letters { short: "ab:", long: &[("bytes=", 'b')] };
        let words = |words: &[&str]| words.iter().map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>();
        let parsed = parse(&LETTERS, words(&["x", "-ab", "1", "y", "--bytes", "2", "--", "-a"])).expect("right");
        let letters: Vec<char> = parsed.options.iter().map(|(letter, _)| *letter).collect();
        assert_eq!(letters, ['a', 'b', 'b']);
        assert_eq!(parsed.words, words(&["-ab", "1", "--bytes", "2", "--"]));
        assert_eq!(parsed.operands, words(&["x", "y", "-a"]));
    }
}
