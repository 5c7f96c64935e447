//! The words of a history line, for word designators: split as the shell would, operators being words of their own;
//! and the choice of words that a designator makes.

use super::event::Failure;

/// What ends a word.
const DELIMITERS: &[u8] = b" \t\n;&()|<>";
/// What opens a quotation.
const QUOTES: &[u8] = b"\"'`";

/// The words of a line.
pub(super) fn split(line: &[u8]) -> Vec<&[u8]> {
    let mut words = Vec::new();
    let mut rest = line;
    loop {
        let blank = rest.iter().take_while(|byte| b" \t\n".contains(byte)).count();
        rest = rest.get(blank..).unwrap_or_default();
        if rest.is_empty() {
            return words;
        }
        let end = if rest.first() == Some(&b'#') { rest.len() } else { word_end(rest).clamp(1, rest.len()) };
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after;
    }
}

/// Where the word that a text begins with ends.
fn word_end(text: &[u8]) -> usize {
    let at = |place: usize| text.get(place).copied().unwrap_or(0);
    if b"()\n".contains(&at(0)) {
        return 1;
    }
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let operator = if matches!(at(digits), b'<' | b'>') { digits } else { 0 };
    if digits > 0 && operator == 0 {
        return ordinary_end(text, digits, 0);
    }
    let (first, second, third) = (at(operator), at(operator + 1), at(operator + 2));
    if !b"<>;&|".contains(&first) {
        return ordinary_end(text, 0, 0);
    }
    match (first, second) {
        (b'<', b'<') if matches!(third, b'-' | b'<') => operator + 3,
        _ if first == second => operator + 2,
        (b'<' | b'>', b'&') => {
            let digits = text.iter().skip(operator + 2).take_while(|byte| byte.is_ascii_digit()).count();
            let end = operator + 2 + digits;
            end + usize::from(at(end) == b'-')
        }
        (b'&', b'>') | (b'>', b'|') => operator + 2,
        (b'<' | b'>', b'(') => ordinary_end(text, operator + 2, 1),
        _ => operator + 1,
    }
}

/// The end of a word without operators; `depth` parentheses are open at `from`.
fn ordinary_end(text: &[u8], from: usize, mut depth: usize) -> usize {
    let mut quote = None;
    let mut at = from;
    while let Some(&byte) = text.get(at) {
        let next = text.get(at + 1).copied();
        match (quote, byte) {
            (Some(b'\''), b'\'') => quote = None,
            (Some(b'\''), _) => {}
            (_, b'\\') => at += 1,
            (Some(open), byte) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'(') if depth > 0 => depth += 1,
            (None, b')') if depth > 0 => depth -= 1,
            (None, byte) if depth == 0 && b"<>$!@?+*".contains(&byte) && next == Some(b'(') => {
                at += 1;
                depth = 1;
            }
            (None, byte) if depth == 0 && DELIMITERS.contains(&byte) => return at,
            (None, byte) if QUOTES.contains(&byte) => quote = Some(byte),
            (None, _) => {}
        }
        at += 1;
    }
    text.len()
}

/// Where a range of words ends.
#[derive(Clone, Copy)]
enum To {
    Word(usize),
    /// `$`.
    Last,
    /// `n-`: the last but one.
    BeforeLast,
}

/// What a designator at the head of `text` chooses of a line (`None`: there is no designator), and what follows it.
///
/// # Errors
/// The line has not got those words; the text up to the end of the designator is what is wrong.
#[expect(clippy::type_complexity, reason = "one caller")]
pub(super) fn designated<'t>(
    line: &[u8],
    text: &'t [u8],
    matched: &[u8],
) -> Result<Option<(Vec<u8>, &'t [u8])>, (Failure, usize)> {
    let colon = usize::from(text.first() == Some(&b':'));
    let at = |place: usize| text.get(place).copied().unwrap_or(0);
    let behind = |place: usize| text.get(place..).unwrap_or_default();
    let words = split(line);
    match at(colon) {
        b'%' => return Ok(Some((matched.to_vec(), behind(colon + 1)))),
        b'*' => {
            let chosen = extract(&words, 1, To::Last).unwrap_or_default();
            return Ok(Some((chosen, behind(colon + 1))));
        }
        b'$' => {
            let last = words.last().map(|word| word.to_vec()).ok_or((Failure::BadWord, colon + 1))?;
            return Ok(Some((last, behind(colon + 1))));
        }
        _ => {}
    }
    let (first, mut place) = match at(colon) {
        b'-' => (0, colon),
        b'^' => (1, colon + 1),
        b'0'..=b'9' if colon == 1 => number(text, colon),
        _ => return Ok(None),
    };
    let to = match at(place) {
        b'^' => {
            place += 1;
            To::Word(1)
        }
        b'*' => {
            place += 1;
            To::Last
        }
        b'-' => {
            let (to, end) = range_end(text, place + 1);
            place = end;
            to
        }
        _ => To::Word(first),
    };
    let chosen = extract(&words, first, to).ok_or((Failure::BadWord, place))?;
    Ok(Some((chosen, behind(place))))
}

fn range_end(text: &[u8], place: usize) -> (To, usize) {
    match text.get(place) {
        Some(b'0'..=b'9') => {
            let (last, end) = number(text, place);
            (To::Word(last), end)
        }
        Some(b'$') => (To::Last, place + 1),
        Some(b'^') => (To::Word(1), place + 1),
        _ => (To::BeforeLast, place),
    }
}

fn number(text: &[u8], from: usize) -> (usize, usize) {
    let digits = text.iter().skip(from).take_while(|byte| byte.is_ascii_digit());
    let (value, count) = digits
        .fold((0usize, 0), |(value, count), digit| (value.saturating_mul(10) + usize::from(digit - b'0'), count + 1));
    (value, from + count)
}

fn extract(words: &[&[u8]], first: usize, to: To) -> Option<Vec<u8>> {
    let last = match to {
        To::Word(last) => last,
        To::Last => words.len().checked_sub(1)?,
        To::BeforeLast => words.len().checked_sub(2)?,
    };
    (first <= last).then_some(())?;
    Some(words.get(first..last.checked_add(1)?)?.join(&b' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, words: &[&str]) {
        let found: Vec<_> = split(line.as_bytes()).into_iter().map(String::from_utf8_lossy).collect();
        assert_eq!(found, words, "{line}");
    }

    #[test]
    fn lines_are_split_as_the_shell_splits_them() {
        check("ls -l  a\tb", &["ls", "-l", "a", "b"]);
        check("a>b 2>&1|c&&d;e", &["a", ">", "b", "2>&1", "|", "c", "&&", "d", ";", "e"]);
        check("echo \"a b\" 'c d'e $(f g) x\\ y", &["echo", "\"a b\"", "'c d'e", "$(f g)", "x\\ y"]);
        check("cat <<-E <(x y) >|f &>g", &["cat", "<<-", "E", "<(x y)", ">|", "f", "&>", "g"]);
        check("(a 12 3<f)", &["(", "a", "12", "3<", "f", ")"]);
    }
}
