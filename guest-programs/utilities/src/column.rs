//! `column`: lines into columns, or their fields into a table or JSON, as util-linux does it.

use std::io::Read;

use unicode_width::UnicodeWidthStr;

use crate::input;
use crate::options::Grammar;
use crate::output::Output;
use crate::program::{Outcome, Program};

/// `column`.
pub(crate) const PROGRAM: Program = Program {
    name: "column",
    failure: 1,
    help: "\
Usage: column [OPTION]... [FILE]...
Columnate lists.

  -t, --table                      create a table
  -s, --separator STRING           characters between fields (white space)
  -o, --output-separator STRING    what is between the columns (two blanks)
  -N, --table-columns NAMES        a header
  -d, --table-noheadings           do not print it
  -R, --table-right COLUMNS        align these at the right
  -H, --table-hide COLUMNS         leave these out; `-` means those without a name
  -O, --table-order COLUMNS        in this order
  -l, --table-columns-limit N      the last of N columns takes the rest of the line
  -L, --keep-empty-lines           -J, --json   a table as JSON
  -n, --table-name NAME            its name in JSON
  -c, --output-width WIDTH         columns of the output (80)
  -x, --fillrows                   fill rows before columns
  -e, --table-header-repeat, -E, -T, -W COLUMNS   accepted: no table is cut to a width
  -h, --help, -V, --version

COLUMNS are names or numbers, separated by commas.
",
    grammar: Grammar {
        short: "c:deE:hH:Jl:Ln:N:o:O:R:s:tT:VW:x",
        long: &[
            ("fillrows", 'x'),
            ("json", 'J'),
            ("keep-empty-lines", 'L'),
            ("output-separator=", 'o'),
            ("output-width=", 'c'),
            ("separator=", 's'),
            ("table", 't'),
            ("table-columns=", 'N'),
            ("table-columns-limit=", 'l'),
            ("table-header-repeat", 'e'),
            ("table-hide=", 'H'),
            ("table-name=", 'n'),
            ("table-noextreme=", 'E'),
            ("table-noheadings", 'd'),
            ("table-order=", 'O'),
            ("table-right=", 'R'),
            ("table-truncate=", 'T'),
            ("table-wrap=", 'W'),
        ],
        stops_at_operand: false,
    },
    main,
};

const TAB_COLUMNS: usize = 8;
const DEFAULT_COLUMNS: usize = 80;

#[derive(Default)]
struct Settings {
    table: bool,
    json: bool,
    separators: Option<String>,
    output_separator: Option<String>,
    names: Vec<String>,
    headings: bool,
    right: Vec<String>,
    hidden: Vec<String>,
    order: Vec<String>,
    limit: Option<usize>,
    keep_empty: bool,
    table_name: Option<String>,
    columns: usize,
    fill_rows: bool,
}

fn main(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, operands) = program.parse(arguments)?;
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_COLUMNS);
    let mut settings = Settings { columns, headings: true, ..Settings::default() };
    let list = |text: String| text.split(',').map(str::to_owned).collect::<Vec<_>>();
    for option in &given {
        match option.letter {
            'c' if option.bytes() == b"unlimited" => settings.columns = usize::MAX,
            'c' => settings.columns = program.number("invalid columns argument", &option.text())?,
            'd' => settings.headings = false,
            'H' => settings.hidden = list(option.text()),
            'J' => (settings.json, settings.table) = (true, true),
            'l' => settings.limit = Some(program.number("invalid columns limit argument", &option.text())?),
            'L' => settings.keep_empty = true,
            'n' => settings.table_name = Some(option.text()),
            'N' => settings.names = list(option.text()),
            'o' => settings.output_separator = Some(option.text()),
            'O' => settings.order = list(option.text()),
            'R' => settings.right = list(option.text()),
            's' => settings.separators = Some(option.text()),
            't' => settings.table = true,
            'x' => settings.fill_rows = true,
            'h' => return Err(program.print(program.help)),
            'V' => return Err(program.version()),
            _ => {}
        }
    }
    if settings.json && settings.names.is_empty() {
        return Err(program.fail("option --table-columns required for --json"));
    }
    let (text, status) = read(program, &operands);
    let lines: Vec<&str> = text.lines().filter(|line| settings.keep_empty || !line.trim().is_empty()).collect();
    let mut out = Output::new();
    if settings.table {
        let table = Table::new(program, &settings, &lines)?;
        out.text(&if settings.json { table.json() } else { table.text() });
    } else {
        out.text(&fill(&settings, &lines));
    }
    Ok(out.finish(program, status))
}

fn read(program: &Program, paths: &[Vec<u8>]) -> (String, i32) {
    let (mut bytes, mut status) = (Vec::new(), 0);
    let mut sources: Vec<(String, std::io::Result<Box<dyn std::io::BufRead>>)> =
        paths.iter().map(|path| (String::from_utf8_lossy(path).into_owned(), input::open(path))).collect();
    if sources.is_empty() {
        sources.push(("-".to_owned(), Ok(input::standard())));
    }
    for (name, source) in sources {
        if let Err(error) = source.and_then(|mut source| source.read_to_end(&mut bytes)) {
            status = program.fail(&format!("{name}: {}", sandshell_sys::reason(&error)));
        }
    }
    (String::from_utf8_lossy(&bytes).into_owned(), status)
}

/// Cuts a line into fields; the last of a limited number takes the rest.
fn fields(settings: &Settings, line: &str) -> Vec<String> {
    let separators = settings.separators.as_deref().unwrap_or(" \t");
    // White space in a row separates once; other characters separate each.
    let is_greedy = settings.separators.is_none() || separators.chars().all(char::is_whitespace);
    let is_separator = |character: char| separators.contains(character);
    let mut found = Vec::new();
    let mut rest = if is_greedy { line.trim_start_matches(is_separator) } else { line };
    loop {
        let is_last = settings.limit.is_some_and(|limit| found.len() + 1 >= limit);
        let end = rest.find(is_separator).filter(|_| !is_last);
        let Some(end) = end else {
            if !(is_greedy && rest.is_empty()) {
                found.push(rest.to_owned());
            }
            return found;
        };
        let (field, behind) = rest.split_at(end);
        found.push(field.to_owned());
        let one = behind.chars().next().map_or(0, char::len_utf8);
        rest = behind.get(one..).unwrap_or_default();
        if is_greedy {
            rest = rest.trim_start_matches(is_separator);
        }
    }
}

/// A table: its rows, and which of their columns are shown.
struct Table<'a> {
    settings: &'a Settings,
    rows: Vec<Vec<String>>,
    shown: Vec<usize>,
}

impl<'a> Table<'a> {
    fn new(program: &Program, settings: &'a Settings, lines: &[&str]) -> Outcome<Self> {
        let rows: Vec<Vec<String>> = lines.iter().map(|line| fields(settings, line)).collect();
        let count = rows.iter().map(Vec::len).max().unwrap_or(0).max(settings.names.len());
        if settings.json && count > settings.names.len() {
            // The header is counted, too.
            let line = rows.iter().position(|row| row.len() > settings.names.len()).unwrap_or(0) + 2;
            let missing = settings.names.len() + 1;
            return Err(program.fail(&format!("line {line}: for JSON the name of the column {missing} is required")));
        }
        let find = |word: &String| {
            let named = settings.names.iter().position(|name| name == word);
            let numbered = word.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let found = named.or(numbered).filter(|at| *at < count);
            found.ok_or_else(|| program.fail(&format!("undefined column name '{word}'")))
        };
        let mut shown = settings.order.iter().map(find).collect::<Outcome<Vec<usize>>>()?;
        shown.extend((0..count).filter(|at| !shown.contains(at)).collect::<Vec<_>>());
        for word in &settings.hidden {
            if word == "-" {
                shown.retain(|at| *at < settings.names.len());
            } else {
                let hidden = find(word)?;
                shown.retain(|at| *at != hidden);
            }
        }
        Ok(Self { settings, rows, shown })
    }

    fn is_right(&self, column: usize) -> bool {
        let name = self.settings.names.get(column);
        self.settings.right.iter().any(|word| word.parse() == Ok(column + 1) || name == Some(word))
    }

    fn text(&self) -> String {
        let header = (!self.settings.names.is_empty() && self.settings.headings).then_some(&self.settings.names);
        let rows = || header.into_iter().chain(&self.rows);
        let cell = |row: &'_ Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
        let width = |column: usize| rows().map(|row| cell(row, column).width()).max().unwrap_or(0);
        let widths: Vec<usize> = self.shown.iter().map(|column| width(*column)).collect();
        let separator = self.settings.output_separator.as_deref().unwrap_or("  ");
        let mut text = String::new();
        for row in rows() {
            for (place, (column, width)) in self.shown.iter().zip(&widths).enumerate() {
                let cell = cell(row, *column);
                let blank = " ".repeat(width.saturating_sub(cell.width()));
                if place > 0 {
                    text.push_str(separator);
                }
                match (self.is_right(*column), place + 1 == self.shown.len()) {
                    (true, _) => text.extend([blank.as_str(), &cell]),
                    (false, true) => text.push_str(&cell),
                    (false, false) => text.extend([cell.as_str(), &blank]),
                }
            }
            text.push('\n');
        }
        text
    }

    fn json(&self) -> String {
        let name = self.settings.table_name.as_deref().unwrap_or("table");
        let object = |row: &Vec<String>| {
            let member = |column: &usize| {
                let name = self.settings.names.get(*column).map(|name| quoted(&name.to_lowercase()))?;
                let value =
                    row.get(*column).filter(|cell| !cell.is_empty()).map_or("null".to_owned(), |cell| quoted(cell));
                Some(format!("         {name}: {value}"))
            };
            format!("{{\n{}\n      }}", self.shown.iter().filter_map(member).collect::<Vec<_>>().join(",\n"))
        };
        let objects: Vec<String> = self.rows.iter().map(object).collect();
        format!("{{\n   {}: [\n      {}\n   ]\n}}\n", quoted(name), objects.join(","))
    }
}

fn quoted(text: &str) -> String {
    let mut result = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            control if control < ' ' => result.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => result.push(other),
        }
    }
    result.push('"');
    result
}

/// Lines into as many columns as the output is wide, with tabs between them.
fn fill(settings: &Settings, lines: &[&str]) -> String {
    let widest = lines.iter().map(|line| line.width()).max().unwrap_or(0);
    let column_width = (widest / TAB_COLUMNS + 1) * TAB_COLUMNS;
    let columns = settings.columns / column_width;
    if widest >= settings.columns || columns < 2 {
        return lines.iter().flat_map(|line| [*line, "\n"]).collect();
    }
    let rows = lines.len().div_ceil(columns);
    let mut text = String::new();
    for row in 0..rows {
        let indexes: Vec<usize> = if settings.fill_rows {
            (row * columns..((row + 1) * columns).min(lines.len())).collect()
        } else {
            (row..lines.len()).step_by(rows.max(1)).collect()
        };
        for (place, index) in indexes.iter().enumerate() {
            let Some(line) = lines.get(*index) else { continue };
            text.push_str(line);
            if place + 1 < indexes.len() {
                let tabs = (column_width - line.width()).div_ceil(TAB_COLUMNS);
                text.extend(std::iter::repeat_n('\t', tabs));
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_cut_by_what_separates_them() {
        let of = |separators: Option<&str>, limit, line| {
            fields(&Settings { separators: separators.map(str::to_owned), limit, ..Settings::default() }, line)
        };
        assert_eq!(of(None, None, "  a\t b "), ["a", "b"]);
        assert_eq!(of(Some(":"), None, "a::b:"), ["a", "", "b", ""]);
        assert_eq!(of(None, Some(2), "a b  c"), ["a", "b  c"]);
    }
}
