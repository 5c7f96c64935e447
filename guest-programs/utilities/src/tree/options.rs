//! The options of `tree`.

use regex::bytes::Regex;

use super::color::Colors;
use super::pattern;
use crate::options::Grammar;
use crate::program::{Outcome, Program};

pub(super) const HELP: &str = "\
Usage: tree [OPTION]... [DIRECTORY]...
List the contents of directories as a tree.

Listing:
  -a              all files, also those whose names begin with a period
  -d              directories only
  -l              follow symbolic links to directories
  -f              print the path of each file
  -L LEVEL        descend only LEVEL directories deep
  -P PATTERN      list only the files that match (several: one or the other; `A|B` too)
  -I PATTERN      do not list what matches
      --ignore-case  ignore case in patterns
      --matchdirs    -P also chooses directories
      --prune     leave out directories that are empty
      --filelimit N  do not enter directories with more than N entries
      --noreport  no counts at the end
      --charset NAME  draw with lines (UTF-8) or without
  -o FILE         write to FILE

Files:
  -q, -N          print what is not printable as `?`; as it is
  -Q              quote names
  -p, -u, -g      permissions; owner; group
  -s, -h, --si    size in bytes; in powers of 1024; in powers of 1000
      --du        size of a directory: that of its contents
  -D, --timefmt FORMAT  time of the last change
  -F              append `/`, `*`, `|`, `=` as ls -F does
      --inodes, --device  number of the inode, of the device

Order:
  -t, -c, -v, -U  by time of the last change, of the last status change, by version, none
  -r              reverse
      --sort NAME     name, version, size, mtime or ctime
      --dirsfirst, --filesfirst

Form:
  -i              no lines
  -A, -S          accepted: lines are drawn by the character set
  -n, -C          no colors; colors
  -J, -X          JSON; XML
      --help, --version
";

const AS_DEVICE: char = '\u{10}';
const CHARSET: char = '\u{11}';
const DIRS_FIRST: char = '\u{12}';
const FILE_LIMIT: char = '\u{13}';
const FILES_FIRST: char = '\u{14}';
const IGNORE_CASE: char = '\u{15}';
const INODES: char = '\u{16}';
const MATCH_DIRS: char = '\u{17}';
const NO_REPORT: char = '\u{18}';
const PRUNE: char = '\u{19}';
const SI: char = '\u{1a}';
const SORT: char = '\u{1b}';
const SUMS: char = '\u{1c}';
const TIME_FORMAT: char = '\u{1d}';

pub(super) const GRAMMAR: Grammar = Grammar {
    short: "adlfL:P:I:qNQpughsDFtcvUrinACJXSo:",
    long: &[
        ("charset=", CHARSET),
        ("device", AS_DEVICE),
        ("dirsfirst", DIRS_FIRST),
        ("du", SUMS),
        ("filelimit=", FILE_LIMIT),
        ("filesfirst", FILES_FIRST),
        ("ignore-case", IGNORE_CASE),
        ("inodes", INODES),
        ("matchdirs", MATCH_DIRS),
        ("noreport", NO_REPORT),
        ("prune", PRUNE),
        ("si", SI),
        ("sort=", SORT),
        ("timefmt=", TIME_FORMAT),
    ],
    stops_at_operand: false,
};

/// How the tree is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Drawing,
    Json,
    Xml,
}

/// What entries of a directory are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Name,
    Version,
    Size,
    Modified,
    Changed,
    None,
}

/// What comes first in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    Neither,
    Directories,
    Files,
}

/// How names are written that hold what cannot be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unprintable {
    Escaped,
    Questioned,
    Raw,
}

/// How sizes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Units {
    Bytes,
    Binary,
    Decimal,
}

/// What the options ask for.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "one field an option")]
pub(super) struct Settings {
    pub(super) form: Form,
    pub(super) all: bool,
    pub(super) directories_only: bool,
    pub(super) follow: bool,
    pub(super) full_paths: bool,
    pub(super) levels: Option<usize>,
    pub(super) patterns: Vec<Regex>,
    pub(super) ignored: Vec<Regex>,
    pub(super) match_directories: bool,
    pub(super) prune: bool,
    pub(super) file_limit: Option<usize>,
    pub(super) report: bool,
    pub(super) lines: bool,
    pub(super) unicode: bool,
    pub(super) output: Option<Vec<u8>>,
    pub(super) unprintable: Unprintable,
    pub(super) quote: bool,
    pub(super) permissions: bool,
    pub(super) owner: bool,
    pub(super) group: bool,
    pub(super) size: bool,
    pub(super) units: Units,
    pub(super) sums: bool,
    pub(super) date: bool,
    pub(super) date_format: Option<String>,
    pub(super) classify: bool,
    pub(super) inodes: bool,
    pub(super) device: bool,
    pub(super) order: Order,
    pub(super) by_change: bool,
    pub(super) reverse: bool,
    pub(super) first: First,
    pub(super) colors: Option<Colors>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            form: Form::Drawing,
            all: false,
            directories_only: false,
            follow: false,
            full_paths: false,
            levels: None,
            patterns: Vec::new(),
            ignored: Vec::new(),
            match_directories: false,
            prune: false,
            file_limit: None,
            report: true,
            lines: true,
            unicode: locale_is_utf8(),
            output: None,
            unprintable: Unprintable::Escaped,
            quote: false,
            permissions: false,
            owner: false,
            group: false,
            size: false,
            units: Units::Bytes,
            sums: false,
            date: false,
            date_format: None,
            classify: false,
            inodes: false,
            device: false,
            order: Order::Name,
            by_change: false,
            reverse: false,
            first: First::Neither,
            colors: None,
        }
    }
}

/// Tells whether the locale's character set is UTF-8; the first variable that is set and not empty names it.
fn locale_is_utf8() -> bool {
    let named = ["TREE_CHARSET", "LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(|name| std::env::var(name).ok());
    named.into_iter().find(|value| !value.is_empty()).is_some_and(|value| is_utf8(&value))
}

fn is_utf8(charset: &str) -> bool {
    let lower = charset.to_ascii_lowercase();
    lower.contains("utf-8") || lower.contains("utf8")
}

/// Reads the command line: settings and the directories named.
pub(super) fn read(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome<(Settings, Vec<Vec<u8>>)> {
    let (given, roots) = program.parse(arguments)?;
    let mut settings = Settings::default();
    let (mut wanted, mut unwanted, mut ignore_case) = (Vec::new(), Vec::new(), false);
    for option in &given {
        match option.letter {
            'P' => wanted.push(option.text()),
            'I' => unwanted.push(option.text()),
            IGNORE_CASE => ignore_case = true,
            'L' => {
                let levels = option.text().parse().ok().filter(|levels| *levels > 0);
                let message = "Invalid level, must be greater than 0.";
                settings.levels = Some(levels.ok_or_else(|| program.fail(message))?);
            }
            FILE_LIMIT => settings.file_limit = option.text().parse().ok().filter(|limit| *limit > 0),
            SORT => settings.order = order(program, &option.text())?,
            TIME_FORMAT => {
                settings.date = true;
                settings.date_format = Some(option.text());
            }
            CHARSET => settings.unicode = is_utf8(&option.text()),
            'o' => settings.output = Some(option.bytes().to_vec()),
            letter => apply(&mut settings, letter),
        }
    }
    settings.patterns = wanted.iter().map(|pattern| pattern::compile(pattern, ignore_case)).collect();
    settings.ignored = unwanted.iter().map(|pattern| pattern::compile(pattern, ignore_case)).collect();
    Ok((settings, roots))
}

/// Applies an option without an argument.
fn apply(settings: &mut Settings, letter: char) {
    match letter {
        'a' => settings.all = true,
        'd' => settings.directories_only = true,
        'l' => settings.follow = true,
        'f' => settings.full_paths = true,
        MATCH_DIRS => settings.match_directories = true,
        PRUNE => settings.prune = true,
        NO_REPORT => settings.report = false,
        'i' => settings.lines = false,
        'q' => settings.unprintable = Unprintable::Questioned,
        'N' => settings.unprintable = Unprintable::Raw,
        'Q' => settings.quote = true,
        'p' => settings.permissions = true,
        'u' => settings.owner = true,
        'g' => settings.group = true,
        's' => settings.size = true,
        'h' => (settings.size, settings.units) = (true, Units::Binary),
        SI => (settings.size, settings.units) = (true, Units::Decimal),
        SUMS => (settings.size, settings.sums) = (true, true),
        'D' => settings.date = true,
        'F' => settings.classify = true,
        INODES => settings.inodes = true,
        AS_DEVICE => settings.device = true,
        't' => settings.order = Order::Modified,
        'c' => (settings.order, settings.by_change) = (Order::Changed, true),
        'v' => settings.order = Order::Version,
        'U' => settings.order = Order::None,
        'r' => settings.reverse = true,
        DIRS_FIRST => settings.first = First::Directories,
        FILES_FIRST => settings.first = First::Files,
        'C' => settings.colors = Some(Colors::load()),
        'J' => settings.form = Form::Json,
        'X' => settings.form = Form::Xml,
        // -n, -A and -S: nothing is colored unless -C asks, and lines follow the character set.
        _ => {}
    }
}

fn order(program: &Program, name: &str) -> Outcome<Order> {
    const ORDERS: &[(&str, Order)] = &[
        ("name", Order::Name),
        ("version", Order::Version),
        ("size", Order::Size),
        ("mtime", Order::Modified),
        ("ctime", Order::Changed),
    ];
    let found = ORDERS.iter().find(|(known, _)| *known == name).map(|(_, order)| *order);
    found.ok_or_else(|| {
        program.fail(&format!("Sort type '{name}' not valid, should be one of: name,version,size,mtime,ctime"))
    })
}
