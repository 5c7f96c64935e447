//! `column`: lines into columns, or their fields into a table.

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;

use crate::basis::errors::{Reason, complain};
use crate::basis::options::{Grammar, Outcome};
use crate::basis::output::Output;
use crate::basis::quoting::width;

const TAB_COLUMNS: usize = 8;
const DEFAULT_COLUMNS: usize = 80;

const GRAMMAR: Grammar = Grammar {
    program: "column",
    short: "c:eLN:o:R:s:tx",
    long: &[
        ("output-width=", "c"),
        ("keep-empty-lines", "L"),
        ("table-columns=", "N"),
        ("output-separator=", "o"),
        ("table-right=", "R"),
        ("separator=", "s"),
        ("table", "t"),
        ("fillrows", "x"),
    ],
    failure: 1,
    help: "Usage: column [OPTION]... [FILE]...\nColumnate lists.\n\n\
  -t, --table              create a table\n  -s, --separator=STRING   what fields are separated by\n  \
-o, --output-separator=STRING\n  -N, --table-columns=NAMES   -R, --table-right=COLUMNS\n  \
-c, --output-width=WIDTH   -x, --fillrows   -L, --keep-empty-lines\n",
};

struct Job {
    separators: Option<String>,
    output_separator: String,
    names: Vec<String>,
    right: Vec<String>,
    columns: usize,
    fill_rows: bool,
    keep_empty: bool,
}

/// Runs `column`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(argv).unwrap_or_else(|status| status)
}

fn run(argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, operands) = GRAMMAR.parse(argv)?;
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_COLUMNS);
    let mut job = Job {
        separators: None,
        output_separator: "  ".to_owned(),
        names: Vec::new(),
        right: Vec::new(),
        columns,
        fill_rows: false,
        keep_empty: false,
    };
    let mut table = false;
    let list = |text: String| text.split(',').map(str::to_owned).collect::<Vec<_>>();
    for option in &given {
        match option.id {
            "c" => {
                job.columns = option.text().parse().map_err(|_| {
                    complain(GRAMMAR.program, &format!("invalid columns argument: '{}'", option.text()));
                    1
                })?;
            }
            "L" => job.keep_empty = true,
            "N" => job.names = list(option.text()),
            "o" => job.output_separator = option.text(),
            "R" => job.right = list(option.text()),
            "s" => job.separators = Some(option.text()),
            "t" => table = true,
            "x" => job.fill_rows = true,
            _ => {}
        }
    }
    let mut text = Vec::new();
    let mut failed = false;
    if operands.is_empty() {
        failed |= std::io::stdin().lock().read_to_end(&mut text).is_err();
    }
    for path in &operands {
        match std::fs::read(Path::new(path)) {
            Ok(bytes) => text.extend_from_slice(&bytes),
            Err(error) => {
                complain(GRAMMAR.program, &format!("cannot open {}: {}", path.to_string_lossy(), error.words()));
                failed = true;
            }
        }
    }
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().filter(|line| job.keep_empty || !line.trim().is_empty()).collect();
    let mut out = Output::new(GRAMMAR.program);
    out.text(&if table { job.table(&lines) } else { job.fill(&lines) });
    Ok(i32::from(!out.finish() || failed))
}

impl Job {
    fn fields<'a>(&self, line: &'a str) -> Vec<&'a str> {
        match &self.separators {
            // Blanks in a row separate once; separators that were named separate each.
            None => line.split([' ', '\t']).filter(|field| !field.is_empty()).collect(),
            Some(separators) if separators.chars().all(char::is_whitespace) => {
                line.split(|c| separators.contains(c)).filter(|field| !field.is_empty()).collect()
            }
            Some(separators) => line.split(|c| separators.contains(c)).collect(),
        }
    }

    fn table(&self, lines: &[&str]) -> String {
        let mut rows: Vec<Vec<&str>> = Vec::new();
        if !self.names.is_empty() {
            rows.push(self.names.iter().map(String::as_str).collect());
        }
        rows.extend(lines.iter().map(|line| self.fields(line)));
        let count = rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..count)
            .map(|column| {
                rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell.as_bytes())).max().unwrap_or(0)
            })
            .collect();
        let right = |column: usize| {
            self.right
                .iter()
                .any(|word| word.parse() == Ok(column + 1) || self.names.get(column).is_some_and(|name| name == word))
        };
        let mut text = String::new();
        for row in &rows {
            for (column, &column_width) in widths.iter().enumerate() {
                let cell = row.get(column).copied().unwrap_or("");
                let blank = " ".repeat(column_width.saturating_sub(width(cell.as_bytes())));
                if column > 0 {
                    text.push_str(&self.output_separator);
                }
                let last = column + 1 == count;
                match (right(column), last) {
                    (true, _) => text.extend([blank.as_str(), cell]),
                    (false, true) => text.push_str(cell),
                    (false, false) => text.extend([cell, &blank]),
                }
            }
            text.push('\n');
        }
        text
    }

    fn fill(&self, lines: &[&str]) -> String {
        let widest = lines.iter().map(|line| width(line.as_bytes())).max().unwrap_or(0);
        let column_width = (widest / TAB_COLUMNS + 1) * TAB_COLUMNS;
        let columns = self.columns / column_width;
        if widest >= self.columns || columns < 2 {
            return lines.iter().flat_map(|line| [*line, "\n"]).collect();
        }
        let rows = lines.len().div_ceil(columns);
        let mut text = String::new();
        for row in 0..rows {
            let indexes: Vec<usize> = if self.fill_rows {
                (row * columns..((row + 1) * columns).min(lines.len())).collect()
            } else {
                (row..lines.len()).step_by(rows.max(1)).collect()
            };
            for (place, index) in indexes.iter().enumerate() {
                let Some(line) = lines.get(*index) else { continue };
                text.push_str(line);
                if place + 1 < indexes.len() {
                    let tabs = (column_width - width(line.as_bytes())).div_ceil(TAB_COLUMNS);
                    text.extend(std::iter::repeat_n('\t', tabs));
                }
            }
            text.push('\n');
        }
        text
    }
}
