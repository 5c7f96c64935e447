//! Output: numbers in any base, and lines that are broken with a backslash.

use std::io::{self, Write};

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{Signed, ToPrimitive, Zero};

use crate::number::{Number, ten_to};

/// Columns of a line when `BC_LINE_LENGTH` says nothing else.
const LINE_LENGTH: usize = 70;

/// Bytes that are gathered before they are written.
const BUFFER_BYTES: usize = 64 * 1024;

/// Where results go.
pub(crate) struct Output {
    buffer: Vec<u8>,
    column: usize,
    /// 0: lines are not broken.
    line_length: usize,
    failed: bool,
}

impl Output {
    pub(crate) fn new() -> Self {
        let given = std::env::var("BC_LINE_LENGTH").ok().and_then(|text| text.parse().ok());
        // Too short a line has no room for a digit and a backslash.
        let line_length = given.filter(|length| *length == 0 || *length > 2).unwrap_or(LINE_LENGTH);
        Self { buffer: Vec::new(), column: 0, line_length, failed: false }
    }

    /// Writes what is gathered; tells whether all output was written.
    pub(crate) fn flush(&mut self) -> bool {
        let mut out = io::stdout().lock();
        let done = out.write_all(&self.buffer).and_then(|()| out.flush());
        self.buffer.clear();
        self.failed |= done.is_err();
        !self.failed
    }

    /// Writes what is gathered, since the program is about to wait; a failure is told at the end.
    pub(crate) fn before_reading(&mut self) {
        self.flush();
    }

    /// Writes text, breaking lines that are too long.
    pub(crate) fn text(&mut self, text: &[u8]) {
        for byte in text {
            if *byte == b'\n' {
                self.column = 0;
            } else {
                self.column += 1;
                if self.line_length != 0 && self.column == self.line_length - 1 {
                    self.buffer.extend_from_slice(b"\\\n");
                    self.column = 1;
                }
            }
            self.buffer.push(*byte);
        }
        if self.buffer.len() > BUFFER_BYTES {
            self.flush();
        }
    }

    /// Writes a number.
    pub(crate) fn number(&mut self, number: &Number, base: u32) {
        let text = if base == 10 { decimal(number) } else { in_base(number, base) };
        self.text(text.as_bytes());
    }
}

fn decimal(number: &Number) -> String {
    if number.is_zero() {
        return "0".to_owned();
    }
    let (negative, whole, fraction) = number.digits();
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{whole}{point}{fraction}", if negative { "-" } else { "" })
}

/// Digits up to base 16; above, each digit is a decimal number.
fn in_base(number: &Number, base: u32) -> String {
    if number.is_zero() {
        return "0".to_owned();
    }
    let mut text = if number.is_negative() { "-".to_owned() } else { String::new() };
    let width = (base - 1).to_string().len();
    let scale = number.scale();
    let one = ten_to(scale);
    let (whole, mut fraction) = number.absolute().scaled(scale).div_rem(&one);
    for digit in whole_digits(&whole, base) {
        put_digit(&mut text, digit, base, width, true);
    }
    if scale == 0 {
        return text;
    }
    text.push('.');
    // As many digits as are needed for as many places in base 10.
    let mut reach = BigInt::from(1);
    let mut space = false;
    while reach < one {
        let (digit, rest) = (fraction * base).div_rem(&one);
        put_digit(&mut text, digit.to_u32().unwrap_or(0), base, width, space);
        space = true;
        fraction = rest;
        reach *= base;
    }
    text
}

/// The digits of a whole number, highest first; none of zero.
fn whole_digits(number: &BigInt, base: u32) -> Vec<u32> {
    if base <= 256 {
        // The library is faster than one division a digit.
        return if number.is_zero() {
            Vec::new()
        } else {
            number.abs().to_radix_be(base).1.into_iter().map(u32::from).collect()
        };
    }
    let (mut digits, mut rest) = (Vec::new(), number.clone());
    let base = BigInt::from(base);
    while !rest.is_zero() {
        let (quotient, digit) = rest.div_rem(&base);
        digits.push(digit.to_u32().unwrap_or(0));
        rest = quotient;
    }
    digits.reverse();
    digits
}

fn put_digit(text: &mut String, digit: u32, base: u32, width: usize, space: bool) {
    if base <= 16 {
        text.push(char::from_digit(digit, 16).unwrap_or('0').to_ascii_uppercase());
    } else {
        if space {
            text.push(' ');
        }
        text.push_str(&format!("{digit:0width$}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, base: u32, expected: &str) {
        assert_eq!(in_base(&Number::parse(text.as_bytes(), 10), base), expected, "{text} in {base}");
    }

    #[test]
    fn numbers_are_written_in_any_base() {
        check("255", 16, "FF");
        check("255", 100, " 02 55");
        check("300.5", 17, " 01 00 11.08");
        check("0.1", 2, ".0001");
        check("0.553", 16, ".8D9");
        check("123456789", 1000, " 123 456 789");
    }

    #[test]
    fn long_lines_are_broken() {
        let mut output = Output { buffer: Vec::new(), column: 0, line_length: 5, failed: false };
        output.text(b"12345678\nab");
        assert_eq!(output.buffer, b"123\\\n456\\\n78\nab");
    }
}
