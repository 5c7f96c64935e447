//! `sort --debug`: marks under each line for the keys it was compared by, and remarks on options that may mislead.

use super::compare::{Rules, floating_end, month, number_end};
use super::key::{Key, Kind};
use super::target::Target;
use crate::basis::output::warn;
use crate::basis::quoting::{locale, width};

/// Writes what is to be said about the options.
pub(crate) fn remarks(rules: &Rules, reverse_given: bool) {
    let say = |text: &str| warn(format!("sort: {text}\n").as_bytes());
    let zone = ["LC_ALL", "LC_COLLATE", "LANG"].iter().filter_map(|name| std::env::var(name).ok());
    let locale_name = zone.into_iter().find(|value| !value.is_empty()).unwrap_or_else(|| "C.UTF-8".to_owned());
    say(&format!("text ordering performed using {} sorting rules", locale(&locale_name)));
    let numeric = |key: &Key| matches!(key.ordering.kind(), Kind::Numeric | Kind::General | Kind::Human);
    let whole = |key: &Key| key.start_field == 0 && key.start_char == 0 && key.end.is_none();
    let mut any_numeric = false;
    for (index, key) in rules.keys.iter().enumerate().filter(|(_, key)| !whole(key)) {
        let number = index + 1;
        any_numeric |= numeric(key);
        let end_field = key.end.map_or(usize::MAX, |(field, _)| field);
        let empty = end_field < key.start_field;
        if empty {
            say(&format!("key {number} has zero width and will be ignored"));
        }
        let passes_blanks = numeric(key) || key.ordering.kind() == Kind::Month;
        let end_character = key.end.map_or(0, |(_, character)| character);
        let of_the_line = end_field == 0 && end_character > 0;
        let blanks = !key.skip_start_blanks && (!passes_blanks || key.start_char > 0)
            || (!key.skip_end_blanks && end_character > 0);
        if !empty && blanks && !of_the_line && rules.separator.is_none() {
            say(&format!("leading blanks are significant in key {number}; consider also specifying 'b'"));
        }
        if numeric(key) && end_field > key.start_field && !empty {
            say(&format!("key {number} is numeric and spans multiple fields"));
        }
    }
    any_numeric |= rules.keys.iter().any(numeric);
    if any_numeric {
        say("note numbers use ‘.’ as a decimal point in this locale");
    }
    let used = rules.keys.iter().any(|key| key.ordering.reverse);
    let last_resort = !rules.keys.is_empty() && !rules.stable && !rules.unique;
    if reverse_given && !used && last_resort {
        say("option '-r' only applies to last-resort comparison");
    }
}

/// Writes a line and the marks under it.
pub(crate) fn line(line: &[u8], rules: &Rules, target: &mut Target) {
    let shown: Vec<u8> = line.iter().map(|&byte| if byte == b'\t' { b'>' } else { byte }).collect();
    target.line(&shown, rules.end);
    for key in &rules.keys {
        let (start, end) = key.range(line, rules.separator);
        let (start, end) = measured(key, line, start, end);
        mark(line, start, end, target);
    }
    if rules.keys.is_empty() || !(rules.stable || rules.unique) {
        mark(line, 0, line.len(), target);
    }
}

/// Narrows a numeric key to the number in it.
fn measured(key: &Key, line: &[u8], start: usize, end: usize) -> (usize, usize) {
    let kind = key.ordering.kind();
    if matches!(kind, Kind::Text | Kind::Random | Kind::Version) {
        return (start, end);
    }
    let text = &line[start..end];
    let blanks = text.iter().take_while(|byte| super::key::is_blank(**byte)).count();
    let last = match kind {
        Kind::Month => blanks + if month(text) > 0 { 3 } else { 0 },
        Kind::General => floating_end(text),
        _ => number_end(text, kind == Kind::Human),
    };
    (start + blanks, start + last.max(blanks))
}

fn mark(line: &[u8], start: usize, end: usize, target: &mut Target) {
    let mut marks = vec![b' '; width(&line[..start])];
    match width(&line[start..end]) {
        0 => marks.extend_from_slice(b"^ no match for key"),
        columns => marks.extend(std::iter::repeat_n(b'_', columns)),
    }
    target.line(&marks, b'\n');
}
