//! `umask`.

use crate::flow::Flow;
use crate::shell::Shell;

use super::{Call, builtin};

builtin! {
    /// Display or set file mode mask.
    ///
    /// Sets the user file-creation mask to MODE. If MODE is omitted, prints the current value of the mask. If MODE
    /// begins with a digit, it is interpreted as an octal number; otherwise it is a symbolic mode string like that
    /// accepted by chmod(1).
    ///
    /// Options:
    ///   -p	if MODE is omitted, output in a form that may be reused as input
    ///   -S	makes the output symbolic; otherwise an octal number is output
    UMASK = "umask", "umask [-p] [-S] [mode]", umask
}

fn umask(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"pS") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    let present = shell.sys.umask(None);
    let Some(text) = parsed.rest.first() else {
        let shown = if parsed.has(b'S') { symbolic(present) } else { format!("{present:04o}") };
        let prefix = match (parsed.has(b'p'), parsed.has(b'S')) {
            (true, true) => "umask -S ",
            (true, false) => "umask ",
            _ => "",
        };
        call.line(format!("{prefix}{shown}").as_bytes());
        return Ok(0);
    };
    let mask = if text.first().is_some_and(u8::is_ascii_digit) {
        let octal = std::str::from_utf8(text).ok().and_then(|text| u32::from_str_radix(text, 8).ok());
        octal.filter(|mask| *mask <= 0o7777).ok_or_else(|| [text, b": octal number out of range".as_slice()].concat())
    } else {
        parse_symbolic(text, present)
    };
    match mask {
        Ok(mask) => {
            let mask = mask & 0o777;
            shell.sys.umask(Some(mask));
            if parsed.has(b'S') {
                call.line(symbolic(mask).as_bytes());
            }
            Ok(0)
        }
        Err(message) => {
            shell.builtin_error(call, &message);
            Ok(1)
        }
    }
}

fn symbolic(mask: u32) -> String {
    let part = |shift: u32| {
        let allowed = !mask >> shift & 7;
        [(4, 'r'), (2, 'w'), (1, 'x')]
            .iter()
            .filter(|(bit, _)| allowed & bit != 0)
            .map(|(_, letter)| *letter)
            .collect::<String>()
    };
    format!("u={},g={},o={}", part(6), part(3), part(0))
}

/// `u=rwx,go-w`: what is allowed; the mask is the rest.
fn parse_symbolic(text: &[u8], mask: u32) -> Result<u32, Vec<u8>> {
    let mut allowed = !mask & 0o777;
    for clause in text.split(|byte| *byte == b',') {
        let who_end = clause.iter().position(|byte| !b"ugoa".contains(byte)).unwrap_or(clause.len());
        let (who, rest) = clause.split_at(who_end);
        let mut scope = 0;
        for letter in who {
            scope |= match letter {
                b'u' => 0o700,
                b'g' => 0o070,
                b'o' => 0o007,
                _ => 0o777,
            };
        }
        if scope == 0 {
            scope = 0o777;
        }
        if let Some((operator, letters)) = rest.split_first() {
            if !matches!(operator, b'+' | b'-' | b'=') {
                return Err([b"`", &[*operator][..], b"': invalid symbolic mode operator"].concat());
            }
            let mut bits = 0;
            for letter in letters {
                bits |= match letter {
                    b'r' => 0o444,
                    b'w' => 0o222,
                    b'x' => 0o111,
                    b'X' | b's' | b't' => 0,
                    other => return Err([b"`", &[*other][..], b"': invalid symbolic mode character"].concat()),
                };
            }
            let bits = bits & scope;
            match operator {
                b'+' => allowed |= bits,
                b'-' => allowed &= !bits,
                _ => allowed = allowed & !scope | bits,
            }
        }
    }
    Ok(!allowed & 0o777)
}
