//! `man`, `apropos` and `whatis`: the help of programs and builtins in place of manual pages.
//!
//! A page is what the program prints for `--help`, or the shell's `help` for a builtin. Nothing is stored.

use std::io::{BufRead, BufReader, Read};

use regex::RegexBuilder;
use sandshell_sys::{Access, Children, Command, Fd, access, search_path, wait};

use crate::options::Grammar;
use crate::output::Output;
use crate::program::{Outcome, Program, say};

const APROPOS: char = '\u{10}';

/// `man`.
pub(crate) const MAN: Program = Program {
    name: "man",
    failure: 1,
    help: "\
Usage: man [OPTION]... [SECTION] NAME...
Print the help of a program, or of a builtin of the shell.

  -k, --apropos    search names and descriptions for words (apropos)
  -f, --whatis     the descriptions of names (whatis)
  -w, --where      the path of the program
  -a, -P PAGER, -S LIST, -7   accepted
  -h, --help, -V, --version

Status: 0, or 16 when there is nothing of that name.
",
    grammar: Grammar {
        short: "kfwaP:S:s:7hV",
        long: &[("apropos", APROPOS), ("whatis", 'f'), ("where", 'w'), ("path", 'w'), ("all", 'a'), ("pager=", 'P')],
        stops_at_operand: false,
    },
    main: man,
};

/// `apropos`.
pub(crate) const APROPOS_PROGRAM: Program = Program {
    name: "apropos",
    failure: 1,
    help: "\
Usage: apropos [OPTION]... KEYWORD...
Search the names and descriptions of commands for regular expressions.

  -e, --exact   whole words          -a, --and    all of the keywords
  -r, --regex   accepted             -w, --wildcard   accepted
  -h, --help, -V, --version
",
    grammar: Grammar {
        short: "eawrs:lhV",
        long: &[("exact", 'e'), ("and", 'a'), ("regex", 'r'), ("wildcard", 'w')],
        stops_at_operand: false,
    },
    main: apropos,
};

/// `whatis`.
pub(crate) const WHATIS: Program = Program {
    name: "whatis",
    failure: 1,
    help: "\
Usage: whatis [OPTION]... NAME...
Tell what commands do, in a line each.

  -r, -w, -l, -s LIST   accepted
  -h, --help, -V, --version
",
    grammar: Grammar { short: "wrs:lhV", long: &[], stops_at_operand: false },
    main: whatis,
};

/// There is no page (man-db).
const NOTHING: i32 = 16;
/// Longest help that is read.
const PAGE_MAX_BYTES: u64 = 1 << 20;
const DEFAULT_PATH: &[u8] = b"/usr/local/bin:/usr/bin:/bin";

fn text_of(words: &[Vec<u8>]) -> Vec<String> {
    words.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

fn man(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, operands) = program.parse(arguments)?;
    let mut how = 'p';
    for option in &given {
        match option.letter {
            'k' | APROPOS => how = 'k',
            'f' | 'w' => how = option.letter,
            'h' => return Err(program.print(program.help)),
            'V' => return Err(program.version()),
            _ => {}
        }
    }
    let mut names = text_of(&operands);
    if names.len() > 1 && names.first().is_some_and(|first| first.len() == 1 && first.parse::<u8>().is_ok()) {
        names.remove(0);
    }
    if names.is_empty() {
        say(if how == 'k' { "apropos what?" } else { "What manual page do you want?\nFor example, try 'man man'." });
        return Err(program.failure);
    }
    match how {
        'k' => return search(program, &names, false, false),
        'f' => return describe(program, &names),
        _ => {}
    }
    let mut status = 0;
    let mut out = Output::new();
    for name in &names {
        let page = if how == 'w' { path_of(name).map(|path| [&path[..], b"\n"].concat()) } else { page(name) };
        match page {
            Some(page) => out.put(&page),
            None => {
                out.flush();
                say(&format!("No manual entry for {name}"));
                status = NOTHING;
            }
        }
    }
    Ok(out.finish(program, status))
}

fn path_of(name: &str) -> Option<Vec<u8>> {
    let path = std::env::var_os("PATH").map(|path| sandshell_sys::bytes_of(&path).to_vec());
    let path = path.unwrap_or_else(|| DEFAULT_PATH.to_vec());
    search_path(name.as_bytes(), &path, |candidate| access(candidate, Access::EXECUTE)).ok()
}

/// The help of a program, or of a builtin.
fn page(name: &str) -> Option<Vec<u8>> {
    program_page(name).or_else(|| builtin(&["-m", "--", name]))
}

fn program_page(name: &str) -> Option<Vec<u8>> {
    let path = path_of(name)?;
    output(Command::new(&path).arguments(["--help"])).filter(|page| !page.is_empty())
}

/// What the shell's `help` says; nothing when it fails.
fn builtin(arguments: &[&str]) -> Option<Vec<u8>> {
    let words = ["-c", "help \"$@\" 2>/dev/null", "man"].iter().chain(arguments);
    output(Command::new(b"bash").arguments(words)).filter(|page| !page.is_empty())
}

/// Runs a command with no input; returns what it writes to its standard output.
fn output(command: Command) -> Option<Vec<u8>> {
    let (reader, writer) = sandshell_sys::pipe_files().ok()?;
    let null = std::fs::File::options().read(true).write(true).open("/dev/null").ok()?;
    let child = command
        .descriptor(0, Fd::from(&null))
        .descriptor(1, Fd::from(&writer))
        .descriptor(2, Fd::from(&null))
        .spawn()
        .ok()?;
    drop(writer);
    let mut page = Vec::new();
    let read = reader.take(PAGE_MAX_BYTES).read_to_end(&mut page);
    let waited = wait(Children::One(child));
    read.ok()?;
    waited.ok().map(|_| page)
}

/// A command and what it does.
struct Row {
    name: String,
    text: String,
}

/// All commands of `PATH`, and the builtins.
fn rows() -> Vec<Row> {
    let path = std::env::var("PATH").unwrap_or_else(|_| String::from_utf8_lossy(DEFAULT_PATH).into_owned());
    let mut names: Vec<String> = Vec::new();
    for directory in path.split(':') {
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        names.extend(entries.map(|entry| entry.file_name().to_string_lossy().into_owned()));
    }
    names.sort();
    names.dedup();
    let mut rows: Vec<Row> = names.into_iter().filter_map(|name| row(&name)).collect();
    let builtins = builtin(&["-d", "*"]).unwrap_or_default();
    for line in BufReader::new(builtins.as_slice()).lines().map_while(Result::ok) {
        if let Some((name, text)) = line.split_once(" - ")
            && !rows.iter().any(|row| row.name == name)
        {
            rows.push(Row { name: name.to_owned(), text: text.to_owned() });
        }
    }
    rows.sort_by(|left, right| left.name.cmp(&right.name));
    rows
}

fn row(name: &str) -> Option<Row> {
    let Some(page) = program_page(name) else {
        let line = builtin(&["-d", "--", name])?;
        let line = String::from_utf8_lossy(&line).trim().to_owned();
        let text = line.split_once(" - ").map_or(line.as_str(), |(_, text)| text);
        return Some(Row { name: name.to_owned(), text: text.trim_end_matches('.').to_owned() });
    };
    Some(Row { name: name.to_owned(), text: description(&String::from_utf8_lossy(&page)) })
}

/// The first line of a page that is neither usage nor a heading.
fn description(page: &str) -> String {
    let is_text = |line: &&str| {
        let lower = line.to_ascii_lowercase();
        !line.is_empty() && !lower.starts_with("usage:") && !lower.starts_with("or:") && !line.ends_with(':')
    };
    page.lines().map(str::trim).find(is_text).unwrap_or_default().trim_end_matches('.').to_owned()
}

fn print(rows: &[&Row], out: &mut Output) {
    for row in rows {
        out.text(&format!("{:<20} - {}\n", format!("{} (1)", row.name), row.text));
    }
}

fn apropos(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, operands) = program.parse(arguments)?;
    let (mut exact, mut all) = (false, false);
    for option in &given {
        match option.letter {
            'e' => exact = true,
            'a' => all = true,
            'h' => return Err(program.print(program.help)),
            'V' => return Err(program.version()),
            _ => {}
        }
    }
    if operands.is_empty() {
        say("apropos what?");
        return Err(program.failure);
    }
    search(program, &text_of(&operands), exact, all)
}

fn search(program: &Program, words: &[String], exact: bool, all: bool) -> Outcome {
    let mut patterns = Vec::new();
    for word in words {
        let text = if exact { format!(r"\b(?:{word})\b") } else { word.clone() };
        let pattern = RegexBuilder::new(&text).case_insensitive(true).build();
        patterns.push(pattern.map_err(|_| program.fail(&format!("'{word}': Invalid regular expression")))?);
    }
    let rows = rows();
    let fits = |row: &Row, pattern: &regex::Regex| pattern.is_match(&row.name) || pattern.is_match(&row.text);
    let found: Vec<&Row> = rows
        .iter()
        .filter(|row| {
            let mut hits = patterns.iter().map(|pattern| fits(row, pattern));
            if all { hits.all(|hit| hit) } else { hits.any(|hit| hit) }
        })
        .collect();
    let mut out = Output::new();
    print(&found, &mut out);
    let status = if found.is_empty() { NOTHING } else { 0 };
    if found.is_empty() {
        words.iter().for_each(|word| say(&format!("{word}: nothing appropriate.")));
    }
    Ok(out.finish(program, status))
}

fn whatis(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, operands) = program.parse(arguments)?;
    for option in &given {
        match option.letter {
            'h' => return Err(program.print(program.help)),
            'V' => return Err(program.version()),
            _ => {}
        }
    }
    if operands.is_empty() {
        say("whatis what?");
        return Err(program.failure);
    }
    describe(program, &text_of(&operands))
}

fn describe(program: &Program, names: &[String]) -> Outcome {
    let mut out = Output::new();
    let mut status = 0;
    for name in names {
        match row(name) {
            Some(row) => print(&[&row], &mut out),
            None => {
                out.flush();
                say(&format!("{name}: nothing appropriate."));
                status = NOTHING;
            }
        }
    }
    Ok(out.finish(program, status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sentence_describes_a_command() {
        assert_eq!(description("Usage: x [A]\n  or:  x -r\nDo a thing.\n\n  -a\n"), "Do a thing");
        assert_eq!(description("Do a thing\n\nUsage: x\n"), "Do a thing");
        assert_eq!(description(""), "");
    }
}
