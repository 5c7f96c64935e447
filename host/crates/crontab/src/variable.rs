//! A line `NAME=value` of a table.

use crate::reason::Reason;

/// A variable that a table sets for the entries behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The name: letters, digits and underscores, no digit first.
    pub name: String,
    /// The value: any bytes but NUL and newline.
    pub value: Vec<u8>,
}

impl Variable {
    /// Reads a line if it is an assignment: a name, perhaps quoted, then `=`, with blanks around it or without.
    ///
    /// The value loses the blanks around it unless quotes (`'` or `"`, the same at both ends) keep them. Nothing in it
    /// is expanded. `None`: the line is something else.
    pub(crate) fn parse(line: &[u8]) -> Option<Result<Self, Reason>> {
        let line = line.trim_ascii();
        let (name, rest) = match quoted(line) {
            Some(split) => split,
            None => line.split_at(line.iter().position(|byte| is_blank(*byte) || *byte == b'=').unwrap_or(line.len())),
        };
        let value = rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii();
        Some(Self::new(name, value))
    }

    fn new(name: &[u8], value: &[u8]) -> Result<Self, Reason> {
        let is_name = name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            && name.first().is_some_and(|first| !first.is_ascii_digit());
        let value = match value {
            [b'\'' | b'"', ..] => match quoted(value) {
                Some((inner, [])) => inner,
                _ => return Err(Reason::BadVariable),
            },
            plain => plain,
        };
        if !is_name || value.contains(&0) {
            return Err(Reason::BadVariable);
        }
        Ok(Self { name: String::from_utf8_lossy(name).into_owned(), value: value.to_vec() })
    }
}

/// Splits off what stands in quotes at the beginning.
fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (quote, rest) = text.split_first().filter(|(first, _)| matches!(first, b'\'' | b'"'))?;
    let end = rest.iter().position(|byte| byte == quote)?;
    Some((rest.get(..end)?, rest.get(end + 1..)?))
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Option<Result<(String, String), Reason>> {
        Variable::parse(line.as_bytes())
            .map(|read| read.map(|variable| (variable.name, String::from_utf8_lossy(&variable.value).into_owned())))
    }

    fn check(line: &str, name: &str, value: &str) {
        assert_eq!(parse(line), Some(Ok((name.to_owned(), value.to_owned()))), "{line}");
    }

    #[test]
    fn blanks_around_are_dropped_and_those_in_quotes_kept() {
        check("A=b", "A", "b");
        check("  A = b c \t", "A", "b c");
        check("A=' b '", "A", " b ");
        check("A = \"it's\"", "A", "it's");
        check("'A'=b", "A", "b");
        check("A=", "A", "");
        check("A=\"\"", "A", "");
        check("A=b=c # no comment", "A", "b=c # no comment");
        check("A=$HOME\"x\"", "A", "$HOME\"x\"");
    }

    #[test]
    fn what_is_shaped_like_one_and_wrong_is_told() {
        for line in ["=b", "1A=b", "A-B=c", "A=\"b", "A='b' c", "A=b\0"] {
            assert_eq!(parse(line), Some(Err(Reason::BadVariable)), "{line:?}");
        }
    }

    #[test]
    fn an_entry_is_none() {
        for line in ["* * * * * A=b true", "@daily A=b true", "A", "", "* = *"] {
            assert!(parse(line).is_none_or(|read| read.is_err()), "{line}");
        }
        assert_eq!(parse("@daily A=b true"), None);
    }
}
