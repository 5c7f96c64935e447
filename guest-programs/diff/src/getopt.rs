//! Options as `getopt_long` of glibc reads them, operands anywhere, with its diagnostics.

use std::collections::VecDeque;

/// Whether a long option has an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Takes {
    Nothing,
    Argument,
    /// One that is attached to it, if any.
    Maybe,
}

/// A long option and the letter that stands for it.
pub(crate) type Long = (&'static str, Takes, char);

/// What a program understands.
pub(crate) struct Spec {
    /// Short options as `getopt(3)` writes them: `x:` has an argument, `x::` may have one.
    pub(crate) short: &'static str,
    /// Long options; `help` and `version` belong to every program.
    pub(crate) long: &'static [Long],
}

/// The letter of `--help`.
pub(crate) const HELP: char = '\u{1}';
/// The letter of `--version`.
pub(crate) const VERSION: char = '\u{2}';

const COMMON: &[Long] = &[("help", Takes::Nothing, HELP), ("version", Takes::Nothing, VERSION)];

/// An option that was read, and its argument.
pub(crate) type Found = (char, Option<Vec<u8>>);

/// A command line that was read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parsed {
    /// The options in their order.
    pub(crate) options: Vec<Found>,
    /// The words they were read from.
    pub(crate) words: Vec<Vec<u8>>,
    pub(crate) operands: Vec<Vec<u8>>,
}

/// Reads a command line.
///
/// # Errors
///
/// The diagnostic.
pub(crate) fn parse(spec: &Spec, arguments: Vec<Vec<u8>>) -> Result<Parsed, String> {
    let mut parsed = Parsed::default();
    let mut left = VecDeque::from(arguments);
    while let Some(word) = left.pop_front() {
        let next = left.front().cloned();
        let before = left.len();
        match word.as_slice() {
            b"--" => {
                parsed.words.push(word);
                parsed.operands.extend(left);
                break;
            }
            [b'-', b'-', ..] => parsed.options.push(long(spec, &word, &mut left)?),
            [b'-', _, ..] => cluster(spec, &word[1..], &mut left, &mut parsed.options)?,
            _ => {
                parsed.operands.push(word);
                continue;
            }
        }
        parsed.words.push(word);
        parsed.words.extend(next.filter(|_| left.len() < before));
    }
    Ok(parsed)
}

/// Reads short options that share a word.
fn cluster(spec: &Spec, word: &[u8], left: &mut VecDeque<Vec<u8>>, found: &mut Vec<Found>) -> Result<(), String> {
    for (at, letter) in word.iter().enumerate() {
        let rest = &word[at + 1..];
        let letter = char::from(*letter);
        let argument = match takes(spec.short, letter).ok_or_else(|| format!("invalid option -- '{letter}'"))? {
            Takes::Nothing => {
                found.push((letter, None));
                continue;
            }
            Takes::Maybe => (!rest.is_empty()).then(|| rest.to_vec()),
            Takes::Argument if rest.is_empty() => {
                Some(left.pop_front().ok_or_else(|| format!("option requires an argument -- '{letter}'"))?)
            }
            Takes::Argument => Some(rest.to_vec()),
        };
        found.push((letter, argument));
        break;
    }
    Ok(())
}

/// What a short option takes, if there is such a one.
fn takes(short: &str, letter: char) -> Option<Takes> {
    let at = short.find(letter).filter(|_| letter != ':')?;
    let after = &short[at + letter.len_utf8()..];
    Some(match () {
        () if after.starts_with("::") => Takes::Maybe,
        () if after.starts_with(':') => Takes::Argument,
        () => Takes::Nothing,
    })
}

fn long(spec: &Spec, word: &[u8], left: &mut VecDeque<Vec<u8>>) -> Result<Found, String> {
    let text = String::from_utf8_lossy(word).into_owned();
    let attached = word.iter().position(|byte| *byte == b'=').map(|at| word[at + 1..].to_vec());
    let given = text.split('=').next().unwrap_or(&text);
    let (name, takes, letter) = find_long(spec, given)?;
    let argument = match (takes, attached) {
        (Takes::Nothing, Some(_)) => return Err(format!("option '--{name}' doesn't allow an argument")),
        (Takes::Argument, None) => {
            Some(left.pop_front().ok_or_else(|| format!("option '--{name}' requires an argument"))?)
        }
        (_, attached) => attached,
    };
    Ok((letter, argument))
}

/// Finds an option by its name or an unambiguous beginning of it.
fn find_long(spec: &Spec, given: &str) -> Result<Long, String> {
    let wanted = given.strip_prefix("--").unwrap_or(given);
    let all = || spec.long.iter().chain(COMMON);
    if let Some(exact) = all().find(|(name, ..)| *name == wanted) {
        return Ok(*exact);
    }
    let found: Vec<&Long> = all().filter(|(name, ..)| name.starts_with(wanted)).collect();
    match found.as_slice() {
        [] => Err(format!("unrecognized option '{given}'")),
        [first, rest @ ..] if rest.iter().all(|(_, takes, letter)| (*takes, *letter) == (first.1, first.2)) => {
            Ok(**first)
        }
        several => {
            let names: Vec<String> = several.iter().map(|(name, ..)| format!("'--{name}'")).collect();
            Err(format!("option '{given}' is ambiguous; possibilities: {}", names.join(" ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: Spec = Spec {
        short: "ab:c::",
        long: &[("all", Takes::Nothing, 'a'), ("max-args", Takes::Argument, 'b'), ("max-lines", Takes::Maybe, 'c')],
    };

    /// Options with their arguments, and operands.
    type Read = (Vec<(char, Option<String>)>, Vec<String>);

    fn read(words: &[&str]) -> Result<Read, String> {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let parsed = parse(&SPEC, words.iter().map(|word| word.as_bytes().to_vec()).collect())?;
        let found = parsed.options.into_iter().map(|(letter, argument)| (letter, argument.map(text))).collect();
        Ok((found, parsed.operands.into_iter().map(text).collect()))
    }

    #[test]
    fn operands_stand_anywhere() {
        let (found, rest) = read(&["-ab", "x", "o", "-", "-c", "-c1", "--max-a=y", "--", "-a"]).expect("well-formed");
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(found, [('a', None), ('b', text("x")), ('c', None), ('c', text("1")), ('b', text("y"))]);
        assert_eq!(rest, ["o", "-", "-a"]);
    }

    #[test]
    fn mistakes_are_told_as_glibc_tells_them() {
        let check = |words: &[&str], message: &str| assert_eq!(read(words), Err(message.to_owned()));
        check(&["-az"], "invalid option -- 'z'");
        check(&["-b"], "option requires an argument -- 'b'");
        check(&["--max-args"], "option '--max-args' requires an argument");
        check(&["--all=1"], "option '--all' doesn't allow an argument");
        check(&["--none=1"], "unrecognized option '--none'");
        check(&["--max"], "option '--max' is ambiguous; possibilities: '--max-args' '--max-lines'");
    }
}
