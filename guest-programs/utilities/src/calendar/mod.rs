//! `cal`: months as tables of weeks, laid out as Debian's `cal` does.
//!
//! Nothing is highlighted: that is for terminals.

mod month;
mod page;

use jiff::Timestamp;

use crate::options::{Given, Grammar};
use crate::output::Output;
use crate::program::{Outcome, Program};
use month::{Month, named};
use page::Page;

/// `cal`.
pub(crate) const PROGRAM: Program = Program {
    name: "cal",
    failure: 64,
    help: "\
Usage: cal [OPTION]... [[MONTH] YEAR]
Writes the calendar of a month (the current one), or of a year. MONTH is a number or a name. Until September 2, 1752, the
calendar is the Julian one; the Gregorian begins with September 14, 1752.

  -1              one month (the default)
  -3              the month before and the one after, too
  -A N            N months after, too
  -B N            N months before, too
  -y              the whole year
  -m MONTH        this month; 'p' or 'f' behind a number: of the year before or after
  -d YYYY-MM      as if this were the current month
  -j              days are counted from the first of January
  -M, --monday    weeks begin on Monday
  -S, -s, --sunday  weeks begin on Sunday (the default)
  -h              accepted: no day is highlighted
      --help      display this help and exit
      --version   output version information and exit

MONTH as a name has three letters at least. Exit status: 0, or 64 for a wrong command line.
",
    grammar: Grammar { short: "13A:B:yYm:d:jMSsh", long: &[("monday", 'M'), ("sunday", 'S')], stops_at_operand: false },
    main,
};

/// The last year that may be asked for.
const LAST_YEAR: i64 = 9999;

/// Months before or after that are written at most: all that there are years for.
const MONTHS_MAX: i64 = 12 * LAST_YEAR;

/// What the options say.
#[derive(Default)]
struct Asked {
    before: i64,
    after: i64,
    three: bool,
    whole_year: bool,
    month: Option<String>,
    today: Option<Month>,
    counts_days_of_year: bool,
    begins_on_monday: bool,
}

fn main(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, operands) = program.parse(arguments)?;
    let mut asked = Asked::default();
    for option in &given {
        asked.option(program, option)?;
    }
    let operands: Vec<String> = operands.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    let (first, count) = asked.range(program, &operands)?;
    let page = Page { counts_days_of_year: asked.counts_days_of_year, begins_on_monday: asked.begins_on_monday };
    let mut out = Output::new();
    page.write(first, count, &mut out);
    Ok(out.finish(program, 0))
}

impl Asked {
    fn option(&mut self, program: &Program, option: &Given) -> Result<(), i32> {
        let months = || program.number::<i64>("not a number of months", &option.text());
        match option.letter {
            '1' => (self.three, self.before, self.after) = (false, 0, 0),
            '3' => self.three = true,
            'A' => self.after = months()?.clamp(0, MONTHS_MAX),
            'B' => self.before = months()?.clamp(0, MONTHS_MAX),
            'y' | 'Y' => self.whole_year = true,
            'm' => self.month = Some(option.text()),
            'd' => {
                let text = option.text();
                let (year, month) = text.split_once('-').unwrap_or((&text, ""));
                let month = named(month).ok_or_else(|| program.misuse(&format!("not a month: '{text}'")))?;
                self.today = Some(Month::new(year_of(program, year)?, month));
            }
            'j' => self.counts_days_of_year = true,
            'M' => self.begins_on_monday = true,
            'S' | 's' => self.begins_on_monday = false,
            _ => {}
        }
        Ok(())
    }

    /// The first month to write, and how many.
    fn range(&self, program: &Program, operands: &[String]) -> Result<(Month, i64), i32> {
        let today = self.today.unwrap_or_else(this_month);
        let (month, year) = match operands {
            [] => (self.month.as_ref(), today.year()),
            [year] => (self.month.as_ref(), year_of(program, year)?),
            [month, year] => (Some(month), year_of(program, year)?),
            _ => return Err(program.misuse("too many operands")),
        };
        let (before, after) = if self.three { (1, 1) } else { (self.before, self.after) };
        let middle = match month {
            Some(text) => month_of(program, text, year)?,
            None if operands.is_empty() => today,
            None if self.three => {
                return Err(program.fail("-3 together with a given year but no given month is not supported."));
            }
            None => Month::new(year, 0),
        };
        let is_whole_year = self.whole_year || (month.is_none() && !operands.is_empty());
        let (first, count) = if is_whole_year { (Month::new(middle.year(), 0), 12) } else { (middle, 1) };
        Ok((first.later(-before), before + count + after))
    }
}

/// The current month, in the zone of `TZ`.
fn this_month() -> Month {
    let today = Timestamp::now().to_zoned(sandshell_sys::local_zone());
    Month::new(i64::from(today.year()), i64::from(today.month()) - 1)
}

fn year_of(program: &Program, text: &str) -> Result<i64, i32> {
    let year: i64 = text.parse().map_err(|_| program.fail(&format!("not a valid year {text}")))?;
    if (1..=LAST_YEAR).contains(&year) {
        return Ok(year);
    }
    Err(program.fail(&format!("year `{year}' not in range 1..{LAST_YEAR}")))
}

/// A month as it is given: a name, or a number that may have `p` or `f` behind it for the year before or after.
fn month_of(program: &Program, text: &str, year: i64) -> Result<Month, i32> {
    let years_later = |suffix| match suffix {
        'p' | 'P' => Some(-1),
        'f' | 'F' => Some(1),
        _ => None,
    };
    let shifted = || {
        let last = text.chars().next_back()?;
        let number = text.strip_suffix(last).filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))?;
        Some((named(number)?, years_later(last)?))
    };
    let (month, later) = named(text)
        .map(|month| (month, 0))
        .or_else(shifted)
        .ok_or_else(|| program.fail(&format!("{text} is neither a month number (1..12) nor a name")))?;
    Ok(Month::new(year + later, month))
}
