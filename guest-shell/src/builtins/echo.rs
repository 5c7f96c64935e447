//! `echo`, and the escapes it shares with `printf %b`.

use crate::flow::Flow;
use crate::options::ShellOption;
use crate::shell::Shell;

use super::{Call, builtin};

builtin! {
    /// Write arguments to the standard output.
    ///
    /// Display the ARGs, separated by a single space character and followed by a newline, on the standard output.
    ///
    /// Options:
    ///   -n	do not append a newline
    ///   -e	enable interpretation of backslash escapes
    ///   -E	explicitly suppress interpretation of backslash escapes
    ECHO = "echo", "echo [-neE] [arg ...]", echo, emits
}

fn echo(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let mut newline = true;
    let mut escapes = shell.is_shopt(ShellOption::XpgEcho);
    let mut args = call.args();
    // POSIX's echo with XSI's escapes has no options.
    let options = !(escapes && shell.is_set(crate::options::SetOption::Posix));
    while options && let Some((word, rest)) = args.split_first() {
        let letters = match word.split_first() {
            Some((b'-', letters)) if !letters.is_empty() => letters,
            _ => break,
        };
        if !letters.iter().all(|letter| matches!(letter, b'n' | b'e' | b'E')) {
            break;
        }
        for letter in letters {
            match letter {
                b'n' => newline = false,
                b'e' => escapes = true,
                _ => escapes = false,
            }
        }
        args = rest;
    }
    let out = call.output_mut();
    for (at, word) in args.iter().enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        if !escapes {
            out.extend_from_slice(word);
        } else if unescape(out, word, Escapes::Echo) {
            return Ok(0);
        }
    }
    if newline {
        out.push(b'\n');
    }
    Ok(0)
}

/// Whose backslash escapes they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    /// `echo -e`: octal numbers are `\0nnn`, `\c` ends the output.
    Echo,
    /// `%b`: as `echo`, and octal numbers are `\nnn` as well.
    Argument,
    /// The format of `printf`: octal numbers are `\nnn`, `\c` is nothing.
    Format,
}

/// Appends a text with backslash escapes replaced. True when `\c` ended the output.
pub(super) fn unescape(out: &mut Vec<u8>, text: &[u8], escapes: Escapes) -> bool {
    let zero_octal = escapes != Escapes::Format;
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        let Some((letter, after)) = rest.split_first() else {
            out.push(b'\\');
            break;
        };
        rest = after;
        match letter {
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'c' if zero_octal => return true,
            b'e' | b'E' => out.push(27),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'v' => out.push(11),
            b'\\' => out.push(b'\\'),
            b'x' => rest = push_digits(out, rest, 16, 2, b"\\x"),
            b'u' => rest = push_code_point(out, rest, 4, b"\\u"),
            b'U' => rest = push_code_point(out, rest, 8, b"\\U"),
            b'0' if zero_octal => rest = push_octal(out, rest, 3),
            b'0'..=b'7' if escapes != Escapes::Echo => rest = push_octal(out, with_last(text, rest), 3),
            b'"' | b'\'' | b'?' if escapes == Escapes::Format => out.push(*letter),
            other => out.extend_from_slice(&[b'\\', *other]),
        }
    }
    false
}

/// The rest with the byte before it.
fn with_last<'a>(text: &'a [u8], rest: &'a [u8]) -> &'a [u8] {
    text.get(text.len() - rest.len() - 1..).unwrap_or(rest)
}

fn push_octal<'a>(out: &mut Vec<u8>, rest: &'a [u8], max: usize) -> &'a [u8] {
    let digits = rest.iter().take(max).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    let value = rest.iter().take(digits).fold(0u32, |value, digit| value * 8 + u32::from(digit - b'0'));
    out.push(value.to_le_bytes()[0]);
    rest.get(digits..).unwrap_or_default()
}

fn push_digits<'a>(out: &mut Vec<u8>, rest: &'a [u8], radix: u32, max: usize, bare: &[u8]) -> &'a [u8] {
    let (value, digits) = hex(rest, radix, max);
    if digits == 0 {
        out.extend_from_slice(bare);
    } else {
        out.push(value.to_le_bytes()[0]);
    }
    rest.get(digits..).unwrap_or_default()
}

fn push_code_point<'a>(out: &mut Vec<u8>, rest: &'a [u8], max: usize, bare: &[u8]) -> &'a [u8] {
    let (value, digits) = hex(rest, 16, max);
    if digits == 0 {
        out.extend_from_slice(bare);
    } else if let Some(letter) = char::from_u32(value) {
        out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    } else {
        let written = rest.get(..digits).unwrap_or_default();
        out.extend_from_slice(bare);
        out.extend_from_slice(written);
    }
    rest.get(digits..).unwrap_or_default()
}

fn hex(rest: &[u8], radix: u32, max: usize) -> (u32, usize) {
    let digits = rest.iter().take(max).take_while(|byte| char::from(**byte).is_digit(radix)).count();
    let value = rest.iter().take(digits).fold(0u32, |value, digit| {
        value.wrapping_mul(radix).wrapping_add(char::from(*digit).to_digit(radix).unwrap_or(0))
    });
    (value, digits)
}
