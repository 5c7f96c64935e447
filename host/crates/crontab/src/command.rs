//! What stands behind the times of an entry: the command, and behind its first `%` the text for its standard input.

/// A command and its standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommandText {
    pub(crate) command: Vec<u8>,
    pub(crate) stdin: Option<Vec<u8>>,
}

impl CommandText {
    /// Reads the rest of a line. The first `%` ends the command; the further ones are newlines of the standard input,
    /// which gets one at its end if it has none. `\%` is a percent sign in both; any other backslash is the shell's.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let mut parts = vec![Vec::new()];
        let mut bytes = text.iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            let part = parts.last_mut().expect("there is a first part");
            match byte {
                b'\\' if bytes.next_if_eq(&b'%').is_some() => part.push(b'%'),
                b'%' => parts.push(Vec::new()),
                other => part.push(other),
            }
        }
        let mut parts = parts.into_iter();
        let command = parts.next().unwrap_or_default();
        let lines: Vec<Vec<u8>> = parts.collect();
        let stdin = (!lines.is_empty()).then(|| {
            let mut text = lines.join(&b'\n');
            if text.last() != Some(&b'\n') {
                text.push(b'\n');
            }
            text
        });
        Self { command, stdin }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, command: &str, stdin: Option<&str>) {
        let expected =
            CommandText { command: command.as_bytes().to_vec(), stdin: stdin.map(|stdin| stdin.as_bytes().to_vec()) };
        assert_eq!(CommandText::parse(text.as_bytes()), expected, "{text}");
    }

    #[test]
    fn the_first_percent_sign_begins_the_standard_input() {
        check("cat", "cat", None);
        check("cat%a%b", "cat", Some("a\nb\n"));
        check("cat%a%b%", "cat", Some("a\nb\n"));
        check("cat%", "cat", Some("\n"));
        check("cat%%", "cat", Some("\n"));
    }

    #[test]
    fn a_backslash_keeps_a_percent_sign_and_nothing_else() {
        check(r"date +\%F%x\%y%z\n", "date +%F", Some("x%y\nz\\n\n"));
        check(r"printf 'a\\n\' \", r"printf 'a\\n\' \", None);
        check(r"echo \\%a", r"echo \%a", None);
    }
}
