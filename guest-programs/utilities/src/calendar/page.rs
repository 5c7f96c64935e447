//! The page: months beside each other in rows, each as a title, the days of the week and six weeks.

use super::month::Month;
use crate::output::Output;

const WEEKDAYS: [&str; 7] = ["Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"];

/// Weeks that a month may touch.
const WEEKS: usize = 6;

/// How months are laid out.
pub(super) struct Page {
    pub(super) counts_days_of_year: bool,
    pub(super) begins_on_monday: bool,
}

impl Page {
    /// Writes so many months, from one on.
    pub(super) fn write(&self, first: Month, count: i64, out: &mut Output) {
        let in_row: i64 = if self.counts_days_of_year { 2 } else { 3 };
        // Where rows never break off within a year, the year stands above them.
        let years_apart = count >= in_row && first.of_year() % in_row == 0;
        let mut at = 0;
        while at < count && !out.has_failed() {
            let months: Vec<Month> = (at..count.min(at + in_row)).map(|month| first.later(month)).collect();
            if at > 0 {
                out.text("\n");
            }
            let start = first.later(at);
            if years_apart && (at == 0 || start.of_year() == 0) {
                self.write_year(start.year(), in_row, out);
            }
            self.write_row(&months, years_apart, out);
            at += in_row;
        }
    }

    fn write_year(&self, year: i64, in_row: i64, out: &mut Output) {
        let year = year.to_string();
        let row = usize::try_from(in_row).unwrap_or_default() * self.width();
        let indent = row.saturating_sub(year.len()) / 2;
        out.text(&format!("{:indent$}{year}\n", ""));
    }

    /// Columns of a month.
    fn width(&self) -> usize {
        WEEKDAYS.len() * (self.day_width() + 1) - 1
    }

    fn day_width(&self) -> usize {
        if self.counts_days_of_year { 3 } else { 2 }
    }

    fn write_row(&self, months: &[Month], years_apart: bool, out: &mut Output) {
        let width = self.width();
        let mut lines = vec![String::new(); WEEKS + 2];
        for month in months {
            let title =
                if years_apart { month.name().to_owned() } else { format!("{} {}", month.name(), month.year()) };
            let indent = width.saturating_sub(title.len()) / 2;
            let title = format!("{:indent$}{title}", "");
            let table = std::iter::once(title).chain(std::iter::once(self.weekdays())).chain(self.weeks(*month));
            for (line, cells) in lines.iter_mut().zip(table) {
                // The gap stands behind the last month, too.
                line.push_str(&format!("{cells:width$}  "));
            }
        }
        for line in lines {
            out.text(&line);
            out.text("\n");
        }
    }

    fn weekdays(&self) -> String {
        let width = self.day_width();
        let shift = usize::from(self.begins_on_monday);
        let names: Vec<String> =
            WEEKDAYS.iter().cycle().skip(shift).take(WEEKDAYS.len()).map(|name| format!("{name:>width$}")).collect();
        names.join(" ")
    }

    fn weeks(&self, month: Month) -> Vec<String> {
        let width = self.day_width();
        let mut weeks = vec![String::new(); WEEKS];
        let days = month.days();
        let shift = i64::from(self.begins_on_monday);
        let column = |weekday: i64| usize::try_from((weekday - shift).rem_euclid(7)).unwrap_or_default();
        let before = days.first().map_or(0, |day| column(day.weekday));
        for (at, day) in days.iter().enumerate() {
            let number = if self.counts_days_of_year { day.of_year } else { day.of_month };
            let place = (at + before) % WEEKDAYS.len() * (width + 1);
            if let Some(week) = weeks.get_mut((at + before) / WEEKDAYS.len()) {
                let indent = place.saturating_sub(week.len());
                week.push_str(&format!("{:indent$}{number:>width$}", ""));
            }
        }
        weeks
    }
}
