//! The command line of `seq`: options end at the first number, which may be negative, and a format has one directive.

use std::ffi::OsString;

use crate::basis::bytes::OsStrExt;
use crate::basis::errors::complain;
use crate::basis::options::Grammar;
use crate::basis::quoting::locale;

/// Looks at the arguments.
///
/// # Errors
///
/// The exit status after a message.
pub(super) fn check(grammar: &Grammar, argv: &[OsString]) -> Result<(), i32> {
    // What looks like a negative number is an operand.
    let negative = |word: &&OsString| matches!(word.as_bytes(), [b'-', b'0'..=b'9' | b'.', ..] | [b'-']);
    let mut options: Vec<OsString> = argv.iter().take(1).cloned().collect();
    let mut rest = argv.iter().skip(1).peekable();
    while let Some(word) = rest.next_if(|word| word.as_bytes().starts_with(b"-") && !negative(word)) {
        options.push(word.clone());
        if word == "--" {
            break;
        }
        let takes_next = matches!(word.as_bytes(), b"-f" | b"-s" | b"-wf" | b"-ws" | b"--format" | b"--separator");
        options.extend(rest.next_if(|_| takes_next).cloned());
    }
    let (given, _) = grammar.parse(options.into_iter())?;
    let operands: Vec<String> = rest.map(|word| word.to_string_lossy().into_owned()).collect();
    if operands.is_empty() {
        return Err(grammar.misuse("missing operand"));
    }
    if let Some(extra) = operands.get(3) {
        return Err(grammar.misuse(&format!("extra operand {}", locale(extra))));
    }
    if let Some(format) = given.iter().rfind(|option| matches!(option.id, "f" | "format="))
        && let Some(problem) = format_problem(&format.text())
    {
        complain(grammar.program, &format!("format {} {problem}", locale(format.os())));
        return Err(1);
    }
    for operand in &operands {
        if let Some(problem) = number_problem(operand) {
            return Err(grammar.misuse(&format!("{problem} argument: {}", locale(operand))));
        }
    }
    let is_zero = |text: &String| text.trim().parse::<f64>().is_ok_and(|value| value == 0.0);
    match operands.get(1).filter(|step| operands.len() == 3 && is_zero(step)) {
        Some(step) => Err(grammar.misuse(&format!("invalid Zero increment value: {}", locale(step)))),
        None => Ok(()),
    }
}

fn number_problem(text: &str) -> Option<String> {
    let number = text.trim_start();
    let bare = number.trim_start_matches(['+', '-']).to_ascii_lowercase();
    if bare == "nan" {
        return Some(format!("invalid {}", locale("not-a-number")));
    }
    let right = bare.starts_with("0x") || matches!(bare.as_str(), "inf" | "infinity") || number.parse::<f64>().is_ok();
    (!right).then(|| "invalid floating point".to_owned())
}

/// What is wrong with a format.
fn format_problem(format: &str) -> Option<String> {
    let mut directives = 0;
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            rest = after;
            continue;
        }
        if directives == 1 {
            return Some("has too many % directives".to_owned());
        }
        directives += 1;
        rest = rest.trim_start_matches(['-', '+', '#', '0', ' ', '\'']);
        rest = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
        if let Some(precision) = rest.strip_prefix('.') {
            rest = precision.trim_start_matches(|digit: char| digit.is_ascii_digit());
        }
        rest = rest.strip_prefix('L').unwrap_or(rest);
        match rest.chars().next() {
            None => return Some("ends in %".to_owned()),
            Some(letter) if !"efgaEFGA".contains(letter) => return Some(format!("has unknown %{letter} directive")),
            Some(_) => rest = &rest[1..],
        }
    }
    (directives == 0).then(|| "has no % directive".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_have_one_directive() {
        let check = |format: &str, expected: Option<&str>| assert_eq!(format_problem(format).as_deref(), expected);
        check("%03.2f%%", None);
        check("%d", Some("has unknown %d directive"));
        check("x", Some("has no % directive"));
        check("%g%g", Some("has too many % directives"));
        check("%5", Some("ends in %"));
    }

    #[test]
    fn numbers_are_told_from_words() {
        assert_eq!(number_problem("-1e3"), None);
        assert_eq!(number_problem(".5"), None);
        assert!(number_problem("x").is_some() && number_problem("nan").is_some() && number_problem("").is_some());
    }
}
