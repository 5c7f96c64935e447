//! Output by formats: `--line-format`, `--changed-group-format` and their like, and `--ifdef`, which is a set of them.

use std::io;
use std::ops::Range;

use super::hunk::shown;
use super::page::Page;
use crate::core::{Change, Text};

/// Formats nest no deeper than this, each level being a `%(` inside another.
const NESTING_MAX: usize = 100;

/// Formats; what is not given has a default that depends on the others.
#[derive(Debug, Default)]
pub(crate) struct Formats {
    /// Of lines: old, new and common.
    pub(crate) line: [Option<Vec<u8>>; 3],
    /// Of groups: old, new, common, changed.
    pub(crate) group: [Option<Vec<u8>>; 4],
}

/// Indices of both.
pub(crate) const OLD: usize = 0;
pub(crate) const NEW: usize = 1;
pub(crate) const COMMON: usize = 2;
pub(crate) const CHANGED: usize = 3;

impl Formats {
    /// Gives the formats of `--ifdef=NAME`.
    ///
    /// # Errors
    ///
    /// Other formats are given.
    pub(crate) fn conditional(&mut self, name: &[u8]) -> Result<(), String> {
        let name = String::from_utf8_lossy(name);
        let formats = [
            format!("#ifndef {name}\n%<#endif /* ! {name} */\n"),
            format!("#ifdef {name}\n%>#endif /* {name} */\n"),
            "%=".to_owned(),
            format!("#ifndef {name}\n%<#else /* {name} */\n%>#endif /* {name} */\n"),
        ];
        for (kind, format) in formats.into_iter().enumerate() {
            set(&mut self.group[kind], format.as_bytes(), "-D")?;
        }
        Ok(())
    }

    fn line(&self, kind: usize) -> &[u8] {
        self.line[kind].as_deref().unwrap_or(b"%l\n")
    }

    fn group(&self, kind: usize) -> Vec<u8> {
        let given = |kind: usize| self.group[kind].clone();
        let or_changed =
            |kind: usize, default: &[u8]| given(kind).or_else(|| given(CHANGED)).unwrap_or_else(|| default.to_vec());
        match kind {
            OLD => or_changed(OLD, b"%<"),
            NEW => or_changed(NEW, b"%>"),
            COMMON => given(COMMON).unwrap_or_else(|| b"%=".to_vec()),
            _ => given(CHANGED).unwrap_or_else(|| [or_changed(OLD, b"%<"), or_changed(NEW, b"%>")].concat()),
        }
    }
}

/// Sets a format that an option gives.
///
/// # Errors
///
/// Another is set.
pub(crate) fn set(place: &mut Option<Vec<u8>>, format: &[u8], option: &str) -> Result<(), String> {
    match place {
        Some(other) if other != format => {
            Err(format!("conflicting {option} option value '{}'", String::from_utf8_lossy(format)))
        }
        _ => {
            *place = Some(format.to_vec());
            Ok(())
        }
    }
}

pub(crate) fn print(page: &mut Page<'_>, changes: &[Change]) -> io::Result<()> {
    page.begin()?;
    let mut at = [0, 0];
    let ends = page.texts.map(Text::len);
    for change in shown(changes) {
        common(page, at, change.line)?;
        let kind = match change.count {
            [_, 0] => OLD,
            [0, _] => NEW,
            _ => CHANGED,
        };
        group(page, kind, [change.line[0]..change.end(0), change.line[1]..change.end(1)])?;
        at = [change.end(0), change.end(1)];
    }
    common(page, at, ends)
}

fn common(page: &mut Page<'_>, from: [usize; 2], to: [usize; 2]) -> io::Result<()> {
    if from[0] < to[0] || from[1] < to[1] { group(page, COMMON, [from[0]..to[0], from[1]..to[1]]) } else { Ok(()) }
}

fn group(page: &mut Page<'_>, kind: usize, lines: [Range<usize>; 2]) -> io::Result<()> {
    let format = page.layout.formats.group(kind);
    let mut writer = Writer { page, lines };
    writer.group(&format, None, true, NESTING_MAX).map(|_| ())
}

struct Writer<'p, 'a> {
    page: &'p mut Page<'a>,
    lines: [Range<usize>; 2],
}

impl Writer<'_, '_> {
    /// Writes a group by its format, up to `end` where that is given; answers what follows that.
    fn group<'f>(&mut self, format: &'f [u8], end: Option<u8>, write: bool, nesting: usize) -> io::Result<&'f [u8]> {
        let mut rest = format;
        while let Some((byte, after)) = rest.split_first() {
            rest = after;
            if Some(*byte) == end {
                return Ok(rest);
            }
            if *byte == b'%'
                && let Some(after) = self.directive(rest, write, nesting)?
            {
                rest = after;
                continue;
            }
            if write {
                self.page.out.write_all(&[*byte])?;
            }
        }
        Ok(rest)
    }

    /// Writes what follows a `%`; nothing if that is no directive, which then stands for itself.
    fn directive<'f>(&mut self, format: &'f [u8], write: bool, nesting: usize) -> io::Result<Option<&'f [u8]>> {
        let Some((letter, rest)) = format.split_first() else { return Ok(None) };
        match letter {
            b'%' if write => self.page.out.write_all(b"%")?,
            b'<' if write => self.lines(OLD, 0)?,
            b'=' if write => self.lines(COMMON, 0)?,
            b'>' if write => self.lines(NEW, 1)?,
            b'%' | b'<' | b'=' | b'>' => {}
            b'(' if nesting > 0 => return self.choice(rest, write, nesting - 1),
            _ => {
                let lines = self.lines.clone();
                let text = character(format).or_else(|| number(format, |letter| group_number(&lines, letter)));
                let Some((text, rest)) = text else { return Ok(None) };
                if write {
                    self.page.out.write_all(&text)?;
                }
                return Ok(Some(rest));
            }
        }
        Ok(Some(rest))
    }

    /// `A=B?THEN:ELSE)`.
    fn choice<'f>(&mut self, format: &'f [u8], write: bool, nesting: usize) -> io::Result<Option<&'f [u8]>> {
        let Some((left, rest)) = self.value(format) else { return Ok(None) };
        let Some(rest) = rest.strip_prefix(b"=") else { return Ok(None) };
        let Some((right, rest)) = self.value(rest) else { return Ok(None) };
        let Some(rest) = rest.strip_prefix(b"?") else { return Ok(None) };
        let rest = self.group(rest, Some(b':'), write && left == right, nesting)?;
        self.group(rest, Some(b')'), write && left != right, nesting).map(Some)
    }

    fn value<'f>(&self, format: &'f [u8]) -> Option<(i64, &'f [u8])> {
        let digits = format.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 0 {
            let text = std::str::from_utf8(&format[..digits]).ok()?;
            return Some((text.parse().ok()?, &format[digits..]));
        }
        let (letter, rest) = format.split_first()?;
        Some((group_number(&self.lines, *letter)?, rest))
    }

    fn lines(&mut self, kind: usize, side: usize) -> io::Result<()> {
        let format = self.page.layout.formats.line(kind).to_vec();
        for line in self.lines[side].clone() {
            self.line(&format, side, line)?;
        }
        Ok(())
    }

    fn line(&mut self, format: &[u8], side: usize, line: usize) -> io::Result<()> {
        let text = self.page.texts[side];
        let mut rest = format;
        while let Some((byte, after)) = rest.split_first() {
            let piece = match (byte, after.first()) {
                (b'%', Some(b'%')) => Some((b"%".to_vec(), &after[1..])),
                (b'%', Some(b'l')) => {
                    self.page.content(text.content(line), 0)?;
                    Some((Vec::new(), &after[1..]))
                }
                (b'%', Some(b'L')) => {
                    self.page.content(text.content(line), 0)?;
                    Some((text.line(line)[text.content(line).len()..].to_vec(), &after[1..]))
                }
                (b'%', Some(_)) => character(after).or_else(|| {
                    let number_of = |letter| (letter == b'n').then(|| i64::try_from(line + 1).unwrap_or(i64::MAX));
                    number(after, number_of)
                }),
                _ => None,
            };
            let (piece, after) = piece.unwrap_or_else(|| (vec![*byte], after));
            self.page.out.write_all(&piece)?;
            rest = after;
        }
        Ok(())
    }
}

/// The number of a letter: lower case for the old lines, upper case for the new.
fn group_number(lines: &[Range<usize>; 2], letter: u8) -> Option<i64> {
    let lines = &lines[usize::from(letter.is_ascii_uppercase())];
    let value = match letter.to_ascii_lowercase() {
        b'e' => lines.start,
        b'f' => lines.start + 1,
        b'l' => lines.end,
        b'm' => lines.end + 1,
        b'n' => lines.len(),
        _ => return None,
    };
    i64::try_from(value).ok()
}

/// `c'C'` and `c'\OOO'`.
fn character(format: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let quoted = format.strip_prefix(b"c'")?;
    match quoted {
        [b'\\', digits @ ..] => {
            let length = digits.iter().take_while(|byte| (b'0'..b'8').contains(*byte)).count();
            let text = std::str::from_utf8(&digits[..length]).ok()?;
            let code = u8::from_str_radix(text, 8).ok()?;
            Some((vec![code], digits[length..].strip_prefix(b"'")?))
        }
        [b'\'', ..] => None,
        [byte, b'\'', rest @ ..] => Some((vec![*byte], rest)),
        _ => None,
    }
}

/// `[-'0][WIDTH][.[PREC]]{doxX}LETTER` as `printf` writes it.
fn number(format: &[u8], value: impl Fn(u8) -> Option<i64>) -> Option<(Vec<u8>, &[u8])> {
    const WIDTH_MAX: usize = 4096;
    let flags = format.iter().take_while(|byte| b"-'0".contains(*byte)).count();
    let (flags, rest) = format.split_at(flags);
    let digits = |bytes: &[u8]| {
        let count = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = std::str::from_utf8(&bytes[..count]).ok().and_then(|text| text.parse().ok()).unwrap_or(0_usize);
        (number.min(WIDTH_MAX), count)
    };
    let (width, count) = digits(rest);
    let mut rest = &rest[count..];
    let mut precision = None;
    if let Some(after) = rest.strip_prefix(b".") {
        let (number, count) = digits(after);
        precision = Some(number);
        rest = &after[count..];
    }
    let [base, letter, rest @ ..] = rest else { return None };
    let value = value(*letter)?;
    let plain = match base {
        b'd' => value.to_string(),
        b'o' => format!("{value:o}"),
        b'x' => format!("{value:x}"),
        b'X' => format!("{value:X}"),
        _ => return None,
    };
    let mut text = "0".repeat(precision.unwrap_or(0).saturating_sub(plain.len())) + &plain;
    let padding = width.saturating_sub(text.len());
    if flags.contains(&b'-') {
        text += &" ".repeat(padding);
    } else if flags.contains(&b'0') && precision.is_none() {
        text = "0".repeat(padding) + &text;
    } else {
        text = " ".repeat(padding) + &text;
    }
    Some((text.into_bytes(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_printf_writes_them() {
        let check = |format: &str, text: &str| {
            let (written, rest) = number(format.as_bytes(), |letter| (letter == b'n').then_some(42)).expect(format);
            assert_eq!((String::from_utf8_lossy(&written).as_ref(), rest), (text, &b"!"[..]), "{format}");
        };
        check("dn!", "42");
        check("-5dn!", "42   ");
        check("05dn!", "00042");
        check("5.3xn!", "  02a");
        assert!(number(b"dq", |_| None).is_none());
    }

    #[test]
    fn characters_are_quoted_or_octal() {
        assert_eq!(character(b"c'x'y"), Some((vec![b'x'], &b"y"[..])));
        assert_eq!(character(b"c'\\12'"), Some((vec![10], &b""[..])));
        assert_eq!(character(b"c''"), None);
    }
}
