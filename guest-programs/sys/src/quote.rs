//! Quoting of names in messages, as GNU's programs do it.

/// Returns text in the quotes of the locale: ‘ ’ where it writes UTF-8, else apostrophes.
#[must_use]
pub fn quote(text: &[u8]) -> String {
    let [open, close] = if writes_utf8() { ["‘", "’"] } else { ["'", "'"] };
    format!("{open}{}{close}", String::from_utf8_lossy(text))
}

/// Returns text as a word of the shell: unchanged when nothing in it is special, else in apostrophes.
#[must_use]
pub fn quote_if_needed(text: &[u8]) -> String {
    let special = |byte: &u8| !(byte.is_ascii_alphanumeric() || b"%+,-./:=@_".contains(byte) || *byte >= 0x80);
    let lossy = String::from_utf8_lossy(text);
    if !text.is_empty() && !text.iter().any(special) {
        lossy.into_owned()
    } else {
        format!("'{}'", lossy.replace('\'', r"'\''"))
    }
}

/// The first of these variables that is set and not empty names the locale (POSIX, Environment Variables).
fn writes_utf8() -> bool {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(std::env::var_os).find(|value| !value.is_empty());
    locale.is_some_and(|locale| is_utf8(&locale.to_string_lossy()))
}

fn is_utf8(locale: &str) -> bool {
    let codeset = locale.rsplit_once('.').map_or("", |(_, codeset)| codeset);
    let codeset = codeset.split('@').next().unwrap_or(codeset);
    codeset.eq_ignore_ascii_case("utf-8") || codeset.eq_ignore_ascii_case("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_names_its_codeset() {
        let check = |locale: &str, expected: bool| assert_eq!(is_utf8(locale), expected, "{locale}");
        check("C.UTF-8", true);
        check("de_DE.utf8@euro", true);
        check("C", false);
        check("en_US.ISO-8859-1", false);
    }

    #[test]
    fn only_special_words_are_quoted_for_the_shell() {
        assert_eq!(quote_if_needed(b"a-b.c"), "a-b.c");
        assert_eq!(quote_if_needed(b"a b"), "'a b'");
        assert_eq!(quote_if_needed(b"it's"), r"'it'\''s'");
        assert_eq!(quote_if_needed(b""), "''");
    }
}
