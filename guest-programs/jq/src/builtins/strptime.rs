//! Text as times by C's formats, in the C locale.

use super::strftime::{DAYS, MONTHS};
use super::time::Parts;

/// The text that is left, and what was read.
struct Reader<'a> {
    rest: &'a str,
    parts: Parts,
    /// Twelve-hour clock: whether it is afternoon.
    afternoon: Option<bool>,
    century: Option<i64>,
    epoch: Option<i64>,
    year_day: Option<i64>,
}

/// Reads a time; nothing when the text does not fit.
pub(super) fn read(text: &str, format: &str) -> Option<Parts> {
    let parts = Parts { year: 1900, day: 0, ..Parts::default() };
    let mut reader = Reader { rest: text, parts, afternoon: None, century: None, epoch: None, year_day: None };
    reader.format(format)?;
    reader.rest.is_empty().then(|| reader.finish())
}

impl Reader<'_> {
    fn format(&mut self, format: &str) -> Option<()> {
        let mut chars = format.chars().peekable();
        while let Some(c) = chars.next() {
            if c.is_ascii_whitespace() {
                self.rest = self.rest.trim_start();
            } else if c == '%' {
                while chars.next_if(|c| "-_0^#EO".contains(*c)).is_some() {}
                self.directive(chars.next()?)?;
            } else {
                self.rest = self.rest.strip_prefix(c)?;
            }
        }
        Some(())
    }

    /// A number of at most so many digits, in a range.
    fn number(&mut self, digits: usize, least: i64, most: i64) -> Option<i64> {
        self.rest = self.rest.trim_start();
        let (sign, text) = match self.rest.strip_prefix('-').filter(|_| digits > 2) {
            Some(rest) => (-1, rest),
            None => (1, self.rest),
        };
        let length = text.bytes().take(digits).take_while(u8::is_ascii_digit).count();
        let number = sign * text.get(..length)?.parse::<i64>().ok()?;
        self.rest = text.get(length..)?;
        (least..=most).contains(&number).then_some(number)
    }

    /// A name, whole or its first three letters; its position.
    fn name(&mut self, names: &[&str]) -> Option<i64> {
        for length in [usize::MAX, 3] {
            for (at, name) in (0..).zip(names) {
                let name = name.get(..length.min(name.len()))?;
                if self.rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
                    self.rest = self.rest.get(name.len()..)?;
                    return Some(at);
                }
            }
        }
        None
    }

    #[expect(clippy::cast_precision_loss, reason = "seconds are small")]
    fn directive(&mut self, directive: char) -> Option<()> {
        match directive {
            'Y' => self.parts.year = self.number(4, -9999, 9999)?,
            'C' => self.century = Some(self.number(2, 0, 99)?),
            'y' => {
                let year = self.number(2, 0, 99)?;
                self.parts.year = if year < 69 { 2000 + year } else { 1900 + year };
            }
            'm' => self.parts.month = self.number(2, 1, 12)? - 1,
            'd' | 'e' => self.parts.day = self.number(2, 1, 31)?,
            'H' | 'k' => self.parts.hour = self.number(2, 0, 23)?,
            'I' | 'l' => self.parts.hour = self.number(2, 1, 12)? % 12,
            'M' => self.parts.minute = self.number(2, 0, 59)?,
            'S' => self.parts.second = self.number(2, 0, 61)? as f64,
            'j' => self.year_day = Some(self.number(3, 1, 366)? - 1),
            'u' => self.parts.weekday = self.number(1, 1, 7)? % 7,
            'w' => self.parts.weekday = self.number(1, 0, 6)?,
            'U' | 'W' | 'V' => drop(self.number(2, 0, 53)?),
            'g' => drop(self.number(2, 0, 99)?),
            'G' => drop(self.number(4, 0, 9999)?),
            's' => self.epoch = Some(self.number(12, -999_999_999_999, 999_999_999_999)?),
            'a' | 'A' => self.parts.weekday = self.name(&DAYS)?,
            'b' | 'B' | 'h' => self.parts.month = self.name(&MONTHS)?,
            'p' | 'P' => self.afternoon = Some(self.name(&["AM", "PM"])? == 1),
            'Z' => self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()),
            'z' => self.zone()?,
            'n' | 't' => self.rest = self.rest.trim_start(),
            '%' => self.rest = self.rest.strip_prefix('%')?,
            'T' | 'X' => self.format("%H:%M:%S")?,
            'R' => self.format("%H:%M")?,
            'r' => self.format("%I:%M:%S %p")?,
            'F' => self.format("%Y-%m-%d")?,
            'D' | 'x' => self.format("%m/%d/%y")?,
            'c' => self.format("%a %b %e %H:%M:%S %Y")?,
            _ => return None,
        }
        Some(())
    }

    /// `Z`, or hours and minutes east of Greenwich; the time stays as it is written.
    fn zone(&mut self) -> Option<()> {
        self.rest = self.rest.trim_start();
        if let Some(rest) = self.rest.strip_prefix('Z') {
            self.rest = rest;
            return Some(());
        }
        let rest = self.rest.strip_prefix(['+', '-'])?;
        let digits = |text: &str| text.bytes().take(2).take_while(u8::is_ascii_digit).count() == 2;
        if !digits(rest) {
            return None;
        }
        let rest = rest.get(2..)?;
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        self.rest = if digits(rest) { rest.get(2..)? } else { rest };
        Some(())
    }

    fn finish(mut self) -> Parts {
        if let Some(epoch) = self.epoch {
            #[expect(clippy::cast_precision_loss, reason = "twelve digits")]
            return Parts::of_seconds(epoch as f64, &super::time::Zone::Utc);
        }
        if let Some(century) = self.century {
            self.parts.year = century * 100 + self.parts.year.rem_euclid(100);
        }
        if let Some(afternoon) = self.afternoon {
            self.parts.hour = self.parts.hour % 12 + if afternoon { 12 } else { 0 };
        }
        if let Some(year_day) = self.year_day
            && self.parts.day == 0
        {
            (self.parts.month, self.parts.day) = (0, year_day + 1);
            let seconds = self.parts.to_seconds();
            #[expect(clippy::cast_precision_loss, reason = "seconds of the calendar")]
            return Parts::of_seconds(seconds as f64, &super::time::Zone::Utc);
        }
        self.parts.complete();
        self.parts
    }
}
