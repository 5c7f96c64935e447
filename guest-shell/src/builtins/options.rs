//! Options of builtins: `-abc -o ARG -- args`, with bash's messages for wrong ones.

use crate::shell::Shell;

use super::Call;

/// The options of a call and what follows them.
pub(crate) struct Parsed<'a> {
    letters: Vec<(u8, Option<&'a [u8]>)>,
    /// The operands.
    pub(crate) rest: &'a [Vec<u8>],
}

impl<'a> Parsed<'a> {
    /// Whether an option was given.
    pub(crate) fn has(&self, letter: u8) -> bool {
        self.letters.iter().any(|(known, _)| *known == letter)
    }

    /// The argument of an option (the last one given).
    pub(crate) fn value(&self, letter: u8) -> Option<&'a [u8]> {
        self.letters.iter().rev().find(|(known, _)| *known == letter).and_then(|(_, value)| *value)
    }

    /// The options in the order they were given.
    pub(crate) fn letters(&self) -> &[(u8, Option<&'a [u8]>)] {
        &self.letters
    }
}

impl Shell {
    /// Takes the options of a call. `known` lists letters, a colon after those with an argument. `Err` is the status
    /// for a wrong option (told).
    pub(crate) fn parse_builtin_options<'a>(&mut self, call: &mut Call<'a>, known: &[u8]) -> Result<Parsed<'a>, u8> {
        let mut rest = call.args();
        let mut letters = Vec::new();
        while let Some((word, after)) = rest.split_first() {
            if word == b"--" {
                rest = after;
                break;
            }
            let Some(group) = word.strip_prefix(b"-").filter(|group| !group.is_empty()) else { break };
            rest = after;
            let mut group = group;
            while let Some((letter, more)) = group.split_first() {
                let at = known.iter().position(|known| known == letter && *letter != b':');
                let Some(at) = at else {
                    self.builtin_error(call, &[b"-", &[*letter][..], b": invalid option"].concat());
                    return Err(self.usage_error(call));
                };
                group = more;
                if known.get(at + 1) != Some(&b':') {
                    letters.push((*letter, None));
                    continue;
                }
                if !group.is_empty() {
                    letters.push((*letter, Some(group)));
                } else if let Some((value, after)) = rest.split_first() {
                    letters.push((*letter, Some(value)));
                    rest = after;
                } else {
                    self.builtin_error(call, &[b"-", &[*letter][..], b": option requires an argument"].concat());
                    return Err(self.usage_error(call));
                }
                group = b"";
            }
        }
        Ok(Parsed { letters, rest })
    }
}

/// Parses a decimal number as bash's builtins do: blanks around it and a sign are fine.
pub(crate) fn number(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    text.strip_prefix('+').unwrap_or(text).parse().ok()
}
