//! The string of `env -S` as arguments: GNU's quotes, escapes and variables.

/// Splits `text`; `variable` gives the values of `${NAME}`.
///
/// # Errors
///
/// The diagnostic.
pub(crate) fn split(text: &[u8], variable: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Result<Vec<Vec<u8>>, String> {
    let mut splitter = Splitter { text, at: 0, words: Vec::new(), word: None, quote: None };
    while let Some(byte) = splitter.next() {
        match (splitter.quote, byte) {
            (Some(quote), byte) if byte == quote => splitter.quote = None,
            (None, b'\'' | b'"') => {
                splitter.quote = Some(byte);
                splitter.begin();
            }
            (_, b'\\') => {
                if splitter.escape()? {
                    break;
                }
            }
            (Some(b'\''), byte) => splitter.push(byte),
            (_, b'$') => splitter.expand(&variable)?,
            (None, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c) => splitter.end(),
            // A comment, to the end of the string.
            (None, b'#') if splitter.word.is_none() => break,
            (_, byte) => splitter.push(byte),
        }
    }
    if splitter.quote.is_some() {
        return Err("no terminating quote in -S string".to_owned());
    }
    splitter.end();
    Ok(splitter.words)
}

struct Splitter<'a> {
    text: &'a [u8],
    at: usize,
    words: Vec<Vec<u8>>,
    word: Option<Vec<u8>>,
    quote: Option<u8>,
}

impl Splitter<'_> {
    fn next(&mut self) -> Option<u8> {
        let byte = self.text.get(self.at).copied()?;
        self.at += 1;
        Some(byte)
    }

    fn begin(&mut self) -> &mut Vec<u8> {
        self.word.get_or_insert_default()
    }

    fn push(&mut self, byte: u8) {
        self.begin().push(byte);
    }

    fn end(&mut self) {
        self.words.extend(self.word.take());
    }

    /// Reads what follows a backslash; `true` when the string ends here.
    fn escape(&mut self) -> Result<bool, String> {
        let Some(byte) = self.next() else { return Err("invalid backslash at end of string in -S".to_owned()) };
        if self.quote == Some(b'\'') {
            if !matches!(byte, b'\\' | b'\'') {
                self.push(b'\\');
            }
            self.push(byte);
            return Ok(false);
        }
        match byte {
            b'_' if self.quote.is_some() => self.push(b' '),
            b'_' => self.end(),
            b'c' if self.quote.is_some() => {
                return Err(r"'\c' must not appear in double-quoted -S string".to_owned());
            }
            b'c' => return Ok(true),
            b'f' => self.push(0x0c),
            b'n' => self.push(b'\n'),
            b'r' => self.push(b'\r'),
            b't' => self.push(b'\t'),
            b'v' => self.push(0x0b),
            b'"' | b'#' | b'$' | b'\'' | b'\\' => self.push(byte),
            other => return Err(format!(r"invalid sequence '\{}' in -S", char::from(other))),
        }
        Ok(false)
    }

    fn expand(&mut self, variable: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Result<(), String> {
        let rest = &self.text[self.at..];
        let end = rest.iter().position(|byte| *byte == b'}');
        let name = end.and_then(|end| rest.get(..end)?.strip_prefix(b"{")).filter(|name| is_name(name));
        let Some(name) = name else {
            let rest = String::from_utf8_lossy(&self.text[self.at - 1..]);
            return Err(format!("only ${{VARNAME}} expansion is supported, error at: {rest}"));
        };
        self.at += name.len() + 2;
        if let Some(value) = variable(name) {
            self.begin().extend(value);
        }
        Ok(())
    }
}

fn is_name(text: &[u8]) -> bool {
    let [first, rest @ ..] = text else { return false };
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    is_letter(first) && rest.iter().all(|byte| is_letter(byte) || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&[&str], &str>) {
        let variable = |name: &[u8]| (name == b"A").then(|| b"a a".to_vec());
        let words = split(text.as_bytes(), variable);
        let words = words.map(|words| words.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect());
        let expected: Result<Vec<String>, String> =
            expected.map(|words| words.iter().map(|word| (*word).to_owned()).collect()).map_err(str::to_owned);
        assert_eq!(words, expected, "{text}");
    }

    #[test]
    fn words_are_split_quoted_escaped_and_expanded() {
        check("a  b\tc", Ok(&["a", "b", "c"]));
        check(r#""x y" 'p q' "" d"e"f"#, Ok(&["x y", "p q", "", "def"]));
        check(r#"a\_b "a\_b" 'a\_b'"#, Ok(&["a", "b", "a b", r"a\_b"]));
        check(r"\t\n\\\#\$", Ok(&["\t\n\\#$"]));
        check("x${A}y ${NONE} ${NONE}z", Ok(&["xa ay", "z"]));
        check(r"a\cb c", Ok(&["a"]));
        check("a #b c", Ok(&["a"]));
        check("a#b", Ok(&["a#b"]));
    }

    #[test]
    fn mistakes_are_told_as_gnu_tells_them() {
        check("a \"b", Err("no terminating quote in -S string"));
        check("a\\", Err("invalid backslash at end of string in -S"));
        check(r"a\q", Err(r"invalid sequence '\q' in -S"));
        check("$A b", Err("only ${VARNAME} expansion is supported, error at: $A b"));
        check("${1}", Err("only ${VARNAME} expansion is supported, error at: ${1}"));
        check(r#""\c""#, Err(r"'\c' must not appear in double-quoted -S string"));
    }
}
