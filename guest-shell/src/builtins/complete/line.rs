//! The completion of a line at a cursor: what kind of word stands there, and what it may become.
//!
//! Pure parsing of the line's text as far as completion needs it: quotes, separators, assignments. No expansion.

use crate::shell::Shell;

use super::generate::Context;
use super::specification::{COMMAND_DEFAULT, COMMAND_EMPTY, WORD_INITIAL};

/// The longest line that is looked at.
const LINE_MAX: usize = 64 << 10;

/// What separates words of a command.
const BLANKS: &[u8] = b" \t\n";
/// What ends a command.
const ENDS: &[u8] = b";|&(\n`{";
/// Words after which a command begins.
const OPENERS: &[&[u8]] =
    &[b"if", b"then", b"else", b"elif", b"do", b"while", b"until", b"time", b"!", b"{", b"coproc"];

/// The word under the cursor and what stands before it.
struct Place {
    /// Where the word begins.
    begin: usize,
    /// The word without its quotes, up to the cursor.
    word: Vec<u8>,
    /// The quote that is open at the cursor.
    quote: Option<u8>,
    /// The words of the command before it.
    before: Vec<Vec<u8>>,
    /// A redirection stands before it: it is a file's name.
    redirected: bool,
}

impl Shell {
    /// Completes the word before byte `cursor` of a line: where it begins and what it may become, sorted.
    pub fn complete(&mut self, line: &[u8], cursor: usize) -> (usize, Vec<Vec<u8>>) {
        let before = line.get(..cursor.min(line.len())).unwrap_or_default();
        if before.len() > LINE_MAX {
            return (before.len(), Vec::new());
        }
        let place = place_of(before);
        if place.quote != Some(b'\'')
            && let Some((begin, found)) = self.complete_variable(before, place.begin)
        {
            return (begin, found);
        }
        let (cut, mut found) = self.complete_word(before, &place);
        found.sort();
        found.dedup();
        (place.begin + cut, found)
    }

    /// `$name` and `${name` anywhere in the word.
    fn complete_variable(&self, before: &[u8], begin: usize) -> Option<(usize, Vec<Vec<u8>>)> {
        let text = before.get(begin..)?;
        let at = text.iter().rposition(|byte| *byte == b'$')?;
        let braced = text.get(at + 1) == Some(&b'{');
        let name = text.get(at + 1 + usize::from(braced)..)?;
        if !name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
            return None;
        }
        let (head, tail): (&[u8], &[u8]) = if braced { (b"${", b"}") } else { (b"$", b"") };
        let names = self.vars.names().into_iter().map(|known| known.bytes().to_vec());
        let mut found: Vec<Vec<u8>> =
            names.filter(|known| known.starts_with(name)).map(|known| [head, &known, tail].concat()).collect();
        found.sort();
        Some((begin + at, found))
    }

    /// What may stand in a place; the number is how many bytes of the word stay as they are.
    fn complete_word(&mut self, before: &[u8], place: &Place) -> (usize, Vec<Vec<u8>>) {
        if place.redirected {
            return (0, self.file_candidates(&place.word, false));
        }
        let Some(command) = place.before.first() else {
            return (0, self.complete_first(before, place));
        };
        let base = command.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let known = [command.as_slice(), base, COMMAND_DEFAULT];
        let specification = known.iter().find_map(|name| self.builtins.completions.get(*name)).cloned();
        let Some(specification) = specification else {
            return self.complete_argument(&place.word);
        };
        let context = context_of(before, place, command.clone());
        let mut found = self.generate(&specification, &place.word, &context).unwrap_or_default();
        if found.is_empty() && (specification.has_option("default") || specification.has_option("bashdefault")) {
            found = self.file_candidates(&place.word, false);
        }
        (0, found)
    }

    /// An argument without a specification: a file, also after the `=` of `name=`.
    fn complete_argument(&self, word: &[u8]) -> (usize, Vec<Vec<u8>>) {
        let cut = word.iter().rposition(|byte| b"=:".contains(byte)).map_or(0, |at| at + 1);
        let whole = self.file_candidates(word, false);
        if cut == 0 || !whole.is_empty() {
            return (0, whole);
        }
        (cut, self.file_candidates(word.get(cut..).unwrap_or_default(), false))
    }

    /// The first word of a command.
    fn complete_first(&mut self, before: &[u8], place: &Place) -> Vec<Vec<u8>> {
        let special = if place.word.is_empty() && before.iter().all(|byte| BLANKS.contains(byte)) {
            [COMMAND_EMPTY, WORD_INITIAL]
        } else {
            [WORD_INITIAL, WORD_INITIAL]
        };
        let specification = special.iter().find_map(|name| self.builtins.completions.get(*name)).cloned();
        if let Some(specification) = specification {
            let context = context_of(before, place, Vec::new());
            let found = self.generate(&specification, &place.word, &context).unwrap_or_default();
            if !found.is_empty() {
                return found;
            }
        }
        if let Some(at) = place.word.iter().position(|byte| *byte == b'=')
            && place.word.get(..at).is_some_and(crate::vars::is_name)
        {
            let (name, value) = place.word.split_at(at + 1);
            let files = self.file_candidates(value, false).into_iter();
            return files.map(|file| [name, &file].concat()).collect();
        }
        self.command_candidates(&place.word)
    }
}

/// What functions are told of the line.
fn context_of(before: &[u8], place: &Place, command: Vec<u8>) -> Context {
    let mut words = place.before.clone();
    let current = words.len();
    words.push(place.word.clone());
    Context { line: before.to_vec(), point: before.len(), words, current, command }
}

/// Reads a line up to the cursor.
fn place_of(before: &[u8]) -> Place {
    let mut place = Place { begin: 0, word: Vec::new(), quote: None, before: Vec::new(), redirected: false };
    let mut in_word = false;
    let mut at = 0;
    while let Some(&byte) = before.get(at) {
        if !in_word && place.quote.is_none() {
            place.begin = at;
        }
        match (place.quote, byte) {
            (Some(quote), byte) if quote == byte => place.quote = None,
            (Some(b'\''), byte) => place.word.push(byte),
            (_, b'\\') => {
                at += 1;
                in_word = true;
                place.word.extend(before.get(at));
            }
            (Some(_), byte) => place.word.push(byte),
            (None, b'\'' | b'"') => {
                // What is completed stands behind the quote.
                place.quote = Some(byte);
                if !in_word {
                    place.begin = at + 1;
                }
                in_word = true;
            }
            // A parameter in braces is part of its word.
            (None, b'{') if at > 0 && before.get(at - 1) == Some(&b'$') => place.word.push(byte),
            (None, byte) if BLANKS.contains(&byte) || ENDS.contains(&byte) || b"<>)".contains(&byte) => {
                end_word(&mut place, in_word, byte);
                in_word = false;
            }
            (None, byte) => {
                in_word = true;
                place.word.push(byte);
            }
        }
        at += 1;
    }
    if !in_word && place.quote.is_none() {
        place.begin = before.len();
    }
    place
}

/// A word is over: it joins the command, or the command ends with it.
fn end_word(place: &mut Place, in_word: bool, byte: u8) {
    let word = std::mem::take(&mut place.word);
    if in_word {
        let is_assignment = place.before.is_empty()
            && word.iter().position(|byte| *byte == b'=').is_some_and(|at| crate::vars::is_name(&word[..at]));
        let opens = place.before.is_empty() && OPENERS.contains(&word.as_slice());
        if !place.redirected && !is_assignment && !opens {
            place.before.push(word);
        }
        place.redirected = false;
    }
    if ENDS.contains(&byte) {
        place.before.clear();
        place.redirected = false;
    } else if byte == b'<' || byte == b'>' {
        place.redirected = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, begin: usize, word: &str, before: &[&str]) {
        let place = place_of(line.as_bytes());
        let words: Vec<_> = place.before.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
        let found = (place.begin, String::from_utf8_lossy(&place.word).into_owned(), words);
        assert_eq!(found, (begin, word.to_owned(), before.iter().map(|word| (*word).to_owned()).collect()), "{line}");
    }

    #[test]
    fn the_word_under_the_cursor_is_found() {
        check("ec", 0, "ec", &[]);
        check("ls a b", 5, "b", &["ls", "a"]);
        check("ls ", 3, "", &["ls"]);
        check("x=1 ls f", 7, "f", &["ls"]);
        check("a; b c", 5, "c", &["b"]);
        check("if tr", 3, "tr", &[]);
        check("cat 'a b", 5, "a b", &["cat"]);
        check("cat a\\ b", 4, "a b", &["cat"]);
        check("cat < f", 6, "f", &["cat"]);
    }
}
