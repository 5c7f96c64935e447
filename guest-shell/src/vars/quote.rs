//! Quoting texts so that the shell reads them back: `declare -p`, `set`, `${x@Q}`, `printf %q`.

use super::{Attrs, Name, Value, Var};

/// Whether `$'...'` is needed: control characters or bytes that are no UTF-8.
fn needs_ansi_c(text: &[u8]) -> bool {
    text.iter().any(|byte| *byte < b' ' || *byte == 0x7f) || std::str::from_utf8(text).is_err()
}

/// `'text'` with `'\''` for quotes; `$'...'` where control characters need it; as `${x@Q}` prints.
pub fn quote_single(text: &[u8]) -> Vec<u8> {
    if needs_ansi_c(text) {
        return quote_ansi_c(text);
    }
    if text == b"'" {
        return b"\\'".to_vec();
    }
    let mut out = vec![b'\''];
    for byte in text {
        match byte {
            b'\'' => out.extend_from_slice(b"'\\''"),
            byte => out.push(*byte),
        }
    }
    out.push(b'\'');
    out
}

/// `$'text'`.
pub fn quote_ansi_c(text: &[u8]) -> Vec<u8> {
    let mut out = b"$'".to_vec();
    for chunk in text.utf8_chunks() {
        for byte in chunk.valid().bytes() {
            push_ansi_c(&mut out, byte, true);
        }
        for byte in chunk.invalid() {
            push_ansi_c(&mut out, *byte, false);
        }
    }
    out.push(b'\'');
    out
}

fn push_ansi_c(out: &mut Vec<u8>, byte: u8, valid: bool) {
    let letter = match byte {
        7 => b'a',
        8 => b'b',
        9 => b't',
        10 => b'n',
        11 => b'v',
        12 => b'f',
        13 => b'r',
        27 => b'E',
        b'\\' | b'\'' => byte,
        _ if byte < b' ' || byte == 0x7f || (byte >= 0x80 && !valid) => {
            out.extend_from_slice(format!("\\{byte:03o}").as_bytes());
            return;
        }
        _ => {
            out.push(byte);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', letter]);
}

/// Backslashes where the shell needs them, as `printf %q` prints.
pub fn quote_shell(text: &[u8]) -> Vec<u8> {
    if text.is_empty() {
        return b"''".to_vec();
    }
    if needs_ansi_c(text) {
        return quote_ansi_c(text);
    }
    let mut out = Vec::with_capacity(text.len() + 8);
    for (i, byte) in text.iter().enumerate() {
        let special = match byte {
            b' ' | b'!' | b'"' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b',' | b';' | b'<' | b'>' | b'?' | b'['
            | b'\\' | b']' | b'^' | b'`' | b'{' | b'|' | b'}' => true,
            b'~' => i == 0 || matches!(text[i - 1], b':' | b'='),
            b'#' => i == 0,
            _ => false,
        };
        if special {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    out
}

/// `"text"` with backslashes, or `$'...'`: as `declare -p` prints values.
pub fn quote_declared(text: &[u8]) -> Vec<u8> {
    if needs_ansi_c(text) {
        return quote_ansi_c(text);
    }
    let mut out = vec![b'"'];
    for byte in text {
        if matches!(byte, b'"' | b'$' | b'\\' | b'`') {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    out.push(b'"');
    out
}

/// The value as `set` prints it behind `name=`: bare where nothing needs quotes.
pub fn quote_listed(text: &[u8]) -> Vec<u8> {
    if needs_ansi_c(text) {
        return quote_ansi_c(text);
    }
    if has_shell_metas(text) { quote_single(text) } else { text.to_vec() }
}

/// Whether a text cannot stand bare in a command line (bash's `sh_contains_shell_metas`).
fn has_shell_metas(text: &[u8]) -> bool {
    text.iter().enumerate().any(|(i, byte)| match byte {
        b' ' | b'\t' | b'\n' | b'\'' | b'"' | b'\\' | b'|' | b'&' | b';' | b'(' | b')' | b'<' | b'>' | b'!' | b'{'
        | b'}' | b'*' | b'[' | b'?' | b']' | b'^' | b'$' | b'`' => true,
        b'~' => i == 0 || matches!(text[i - 1], b':' | b'='),
        b'#' => i == 0 || matches!(text[i - 1], b' ' | b'\t'),
        _ => false,
    })
}

/// A key of an associative array between brackets.
pub(crate) fn quote_key(key: &[u8]) -> Vec<u8> {
    if needs_ansi_c(key) {
        quote_ansi_c(key)
    } else if key.is_empty() || has_shell_metas(key) || key == b"@" {
        quote_declared(key)
    } else {
        key.to_vec()
    }
}

/// The right side of an array assignment: `([0]="a" [1]="b")`, or with a trailing blank for associative arrays.
pub(crate) fn quote_array(value: &Value) -> Vec<u8> {
    let mut out = vec![b'('];
    match value {
        Value::Scalar(text) => out.extend_from_slice(&quote_declared(text)),
        Value::Indexed(array) => {
            for (i, (index, text)) in array.iter().enumerate() {
                if i > 0 {
                    out.push(b' ');
                }
                out.extend_from_slice(format!("[{index}]=").as_bytes());
                out.extend_from_slice(&quote_declared(text));
            }
        }
        Value::Assoc(array) => {
            for (key, text) in array.iter() {
                out.push(b'[');
                out.extend_from_slice(&quote_key(key));
                out.extend_from_slice(b"]=");
                out.extend_from_slice(&quote_declared(text));
                out.push(b' ');
            }
        }
    }
    out.push(b')');
    out
}

/// The line of `declare -p name`, without the newline.
pub fn declaration(name: Name, var: &Var) -> Vec<u8> {
    let letters = var.letters();
    let flags = if letters.is_empty() { "-".to_owned() } else { letters };
    let mut out = [b"declare -", flags.as_bytes(), b" ", name.bytes()].concat();
    if var.is_set() {
        out.push(b'=');
        match &var.value {
            Value::Scalar(text) => out.extend_from_slice(&quote_declared(text)),
            array => out.extend_from_slice(&quote_array(array)),
        }
    }
    out
}

/// The line of `set` for a variable, without the newline; `None` when it has no value.
pub fn listing(name: Name, var: &Var) -> Option<Vec<u8>> {
    if var.attrs.has(Attrs::INVISIBLE) {
        return None;
    }
    let value = match &var.value {
        Value::Scalar(text) => quote_listed(text),
        array => quote_array(array),
    };
    Some([name.bytes(), b"=", &value].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: Vec<u8>) -> String {
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn quotes_are_those_of_bash() {
        // text, printf %q, ${x@Q}, set
        let table = [
            ("", "''", "''", ""),
            ("a", "a", "'a'", "a"),
            ("~", "\\~", "'~'", "'~'"),
            ("a~", "a~", "'a~'", "a~"),
            ("a=~", "a=\\~", "'a=~'", "'a=~'"),
            ("#a", "\\#a", "'#a'", "'#a'"),
            ("a,b", "a\\,b", "'a,b'", "a,b"),
            ("^a", "\\^a", "'^a'", "'^a'"),
            ("é", "é", "'é'", "é"),
            ("a\tb", "$'a\\tb'", "$'a\\tb'", "$'a\\tb'"),
            ("'", "\\'", "\\'", "\\'"),
            ("a\nb\u{1}\u{1b}'é", "$'a\\nb\\001\\E\\'é'", "$'a\\nb\\001\\E\\'é'", "$'a\\nb\\001\\E\\'é'"),
        ];
        for (text, q, single, set) in table {
            assert_eq!(show(quote_shell(text.as_bytes())), q, "{text:?} by %q");
            assert_eq!(show(quote_single(text.as_bytes())), single, "{text:?} by @Q");
            assert_eq!(show(quote_listed(text.as_bytes())), set, "{text:?} by set");
        }
        assert_eq!(show(quote_shell(b"\xff")), "$'\\377'");
    }
}
