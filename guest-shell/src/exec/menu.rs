//! The menu of `select`, laid out in columns as bash does it. Pure; `compound` shows it and reads the reply.

use crate::shell::Shell;
use crate::vars::Name;

/// Columns of a screen whose size is not known.
const SCREEN_COLUMNS: usize = 80;
/// What a tab moves to the next multiple of.
const TAB: usize = 8;
/// `) ` behind a number.
const MARK: usize = 2;

impl Shell {
    /// The width of the screen: `COLUMNS`, or 80.
    pub(crate) fn screen_columns(&self) -> usize {
        let text = self.text_of(Name::COLUMNS);
        let columns = text.and_then(|text| std::str::from_utf8(&text).ok()?.trim().parse().ok());
        columns.filter(|columns| *columns > 0).unwrap_or(SCREEN_COLUMNS)
    }
}

/// The lines of the menu.
pub(super) fn lay_out(words: &[Vec<u8>], screen: usize) -> Vec<u8> {
    let digits = digits_of(words.len());
    let longest = words.iter().map(|word| width_of(word)).max().unwrap_or(0);
    let step = longest + digits + MARK + 2;
    let columns = (screen / step).max(1);
    let mut rows = words.len().div_ceil(columns).max(1);
    // All on one line would read as a sentence: one below the other instead.
    if rows == 1 {
        rows = words.len().max(1);
    }
    let mut menu = Vec::new();
    for row in 0..rows {
        let mut at = row;
        let mut column = 0;
        while let Some(word) = words.get(at) {
            let digits = if column == 0 { digits_of(rows) } else { digits };
            menu.extend_from_slice(format!("{:>digits$}) ", at + 1).as_bytes());
            menu.extend_from_slice(word);
            at += rows;
            if at >= words.len() {
                break;
            }
            indent(&mut menu, column + digits + MARK + width_of(word), column + step);
            column += step;
        }
        menu.push(b'\n');
    }
    menu
}

/// Fills from one column to another with tabs where they fit.
fn indent(menu: &mut Vec<u8>, mut from: usize, to: usize) {
    while from < to {
        if to / TAB > from / TAB {
            menu.push(b'\t');
            from += TAB - from % TAB;
        } else {
            menu.push(b' ');
            from += 1;
        }
    }
}

fn width_of(word: &[u8]) -> usize {
    String::from_utf8_lossy(word).chars().count()
}

fn digits_of(number: usize) -> usize {
    number.to_string().len()
}
