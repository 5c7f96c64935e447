//! The command line of `ls`, checked once and made into a [`Config`].

use std::ffi::{OsStr, OsString};

use sandshell_sys::{Fd, Kind, is_terminal, window_size};

use super::color::{self, Palette};
use crate::basis::bytes::OsStrExt;
use crate::basis::errors::complain;
use crate::basis::human::{Unit, complaint};
use crate::basis::options::{Given, Grammar};
use crate::basis::quoting::{STYLES, Style, locale, plain};
use crate::basis::times::TimeStyle;

/// Columns of a terminal nobody told the width of.
const DEFAULT_COLUMNS: usize = 80;

/// By which name the program was called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    Ls,
    Dir,
    Vdir,
}

impl Program {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ls => "ls",
            Self::Dir => "dir",
            Self::Vdir => "vdir",
        }
    }
}

/// How the files are arranged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Long,
    OnePerLine,
    Columns,
    Across,
    Commas,
}

/// What the files are ordered by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Name,
    Nothing,
    Time,
    Size,
    Extension,
    Version,
    Width,
}

/// Which of a file's times is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    Modified,
    Accessed,
    Changed,
}

/// Which symbolic links are followed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dereference {
    Never,
    CommandLine,
    CommandLineDirectories,
    Always,
}

/// What is appended to a name to tell its kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Indicator {
    Nothing,
    Slash,
    FileType,
    Classify,
}

/// Which hidden files are listed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hidden {
    No,
    ButSteps,
    All,
}

/// How a listing is made.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Config {
    pub(crate) program: &'static str,
    pub(crate) format: Format,
    pub(crate) sort: Sort,
    pub(crate) reverse: bool,
    pub(crate) directories_first: bool,
    pub(crate) time: Time,
    pub(crate) time_style: TimeStyle,
    pub(crate) dereference: Dereference,
    pub(crate) indicator: Indicator,
    pub(crate) directories_themselves: bool,
    pub(crate) recursive: bool,
    pub(crate) inodes: bool,
    pub(crate) blocks: bool,
    pub(crate) numeric_ids: bool,
    pub(crate) owner: bool,
    pub(crate) group: bool,
    pub(crate) author: bool,
    pub(crate) sizes: Unit,
    pub(crate) block_unit: Unit,
    pub(crate) quoting: Style,
    pub(crate) question_marks: bool,
    pub(crate) line_columns: usize,
    pub(crate) tab_columns: usize,
    pub(crate) end: u8,
    pub(crate) palette: Option<Palette>,
    hidden: Hidden,
    ignored: Vec<String>,
    hidden_patterns: Vec<String>,
}

impl Config {
    /// Returns whether a name of a directory is listed.
    pub(crate) fn shows(&self, name: &OsStr) -> bool {
        let bytes = name.as_bytes();
        let visible = match self.hidden {
            Hidden::All => true,
            Hidden::ButSteps => bytes != b"." && bytes != b"..",
            Hidden::No => !bytes.starts_with(b"."),
        };
        if !visible {
            return false;
        }
        let matches = |patterns: &[String]| {
            !patterns.is_empty()
                && patterns.iter().any(|pattern| crate::basis::pattern::matches_name(pattern.as_bytes(), bytes))
        };
        !(matches(&self.ignored) || self.hidden == Hidden::No && matches(&self.hidden_patterns))
    }

    /// Returns whether more than the kind of a file found in a directory must be known.
    pub(crate) fn needs_status(&self, kind: Kind) -> bool {
        let all = self.format == Format::Long
            || self.inodes
            || self.blocks
            || matches!(self.sort, Sort::Time | Sort::Size)
            || (self.dereference == Dereference::Always
                && (self.recursive || self.indicator != Indicator::Nothing || self.palette.is_some()));
        if all {
            return true;
        }
        let marked = self.palette.is_some() || self.indicator == Indicator::Classify;
        match kind {
            Kind::Directory => self.palette.is_some(),
            Kind::Symlink => self.palette.is_some() || self.directories_first,
            Kind::Regular => marked,
            _ => marked || self.indicator == Indicator::FileType || self.recursive || self.directories_first,
        }
    }

    /// Returns whether directories are headed by the sum of their blocks.
    pub(crate) fn shows_total(&self) -> bool {
        self.format == Format::Long || self.blocks
    }
}

const GRAMMAR: Grammar = Grammar {
    program: "ls",
    short: "abcdfghiklmnopqrstuvw:xABCDFGHI:LNQRST:UXZ1",
    long: &[
        ("all", "a"),
        ("almost-all", "A"),
        ("author", "author"),
        ("block-size=", "block-size"),
        ("classify=?", "classify"),
        ("color=?", "color"),
        ("context", "Z"),
        ("dereference", "L"),
        ("dereference-command-line", "H"),
        ("dereference-command-line-symlink-to-dir", "command-line-directories"),
        ("dired", "D"),
        ("directory", "d"),
        ("escape", "b"),
        ("file-type", "file-type"),
        ("format=", "format"),
        ("full-time", "full-time"),
        ("group-directories-first", "directories-first"),
        ("hide=", "hide"),
        ("hide-control-chars", "q"),
        ("human-readable", "h"),
        ("hyperlink=?", "hyperlink"),
        ("ignore=", "I"),
        ("ignore-backups", "B"),
        ("indicator-style=", "indicator-style"),
        ("inode", "i"),
        ("kibibytes", "k"),
        ("literal", "N"),
        ("no-group", "G"),
        ("numeric-uid-gid", "n"),
        ("quote-name", "Q"),
        ("quoting-style=", "quoting-style"),
        ("recursive", "R"),
        ("reverse", "r"),
        ("show-control-chars", "show-control-chars"),
        ("si", "si"),
        ("size", "s"),
        ("sort=", "sort"),
        ("tabsize=", "T"),
        ("time=", "time"),
        ("time-style=", "time-style"),
        ("width=", "w"),
        ("zero", "zero"),
    ],
    failure: 2,
    help: "Usage: ls [OPTION]... [FILE]...\n\
List information about the FILEs (the current directory by default).\n\n\
  -a, -A, -B, -I PATTERN, --hide=PATTERN   which names\n\
  -d, -R, -H, -L                           directories themselves, recursively, links followed\n\
  -l, -1, -C, -x, -m, --format=WORD        arrangement\n\
  -g, -G, -n, -o, -h, --si, -k, -s, -i     fields of -l, units, blocks, inodes\n\
  -t, -S, -X, -v, -U, -f, -r, --sort=WORD  order\n\
  -c, -u, --time=WORD, --time-style=STYLE, --full-time\n\
  -F, -p, --file-type, --color[=WHEN]      kinds of files\n\
  -b, -N, -q, -Q, --quoting-style=WORD     unusual names\n\
  -w COLUMNS, -T COLUMNS, --zero, --group-directories-first\n",
};

/// What the options say before they are resolved against each other.
struct Raw {
    config: Config,
    format: Option<Format>,
    sort: Option<Sort>,
    time_given: bool,
    time_style: Option<String>,
    dereference: Option<Dereference>,
    quoting: Option<Style>,
    human: Option<Unit>,
    block_size: Option<Unit>,
    kibibytes: bool,
    question_marks: Option<bool>,
    color: Option<bool>,
    columns: Option<usize>,
    terminal: bool,
    full_time: bool,
}

/// Parses the command line of `ls`, `dir` or `vdir` into the listing's manner and the operands.
///
/// # Errors
///
/// The exit status after a message.
pub(crate) fn parse(program: Program, argv: impl Iterator<Item = OsString>) -> Result<(Config, Vec<OsString>), i32> {
    let grammar = Grammar { program: program.name(), ..GRAMMAR };
    let (given, operands) = grammar.parse(argv)?;
    let mut raw = Raw::new(program);
    for option in &given {
        raw.apply(&grammar, option)?;
    }
    Ok((raw.resolve(&grammar, program)?, operands))
}

impl Raw {
    fn new(program: Program) -> Self {
        let config = Config {
            program: program.name(),
            format: Format::OnePerLine,
            sort: Sort::Name,
            reverse: false,
            directories_first: false,
            time: Time::Modified,
            time_style: TimeStyle::locale(),
            dereference: Dereference::Never,
            indicator: Indicator::Nothing,
            directories_themselves: false,
            recursive: false,
            inodes: false,
            blocks: false,
            numeric_ids: false,
            owner: true,
            group: true,
            author: false,
            sizes: Unit::bytes(1),
            block_unit: Unit::bytes(1024),
            quoting: Style::Literal,
            question_marks: false,
            line_columns: DEFAULT_COLUMNS,
            tab_columns: 8,
            end: b'\n',
            palette: None,
            hidden: Hidden::No,
            ignored: Vec::new(),
            hidden_patterns: Vec::new(),
        };
        Self {
            config,
            format: None,
            sort: None,
            time_given: false,
            time_style: None,
            dereference: None,
            quoting: None,
            human: None,
            block_size: None,
            kibibytes: false,
            question_marks: None,
            color: None,
            columns: None,
            terminal: is_terminal(Fd::STDOUT).unwrap_or(false),
            full_time: false,
        }
    }

    fn apply(&mut self, grammar: &Grammar, option: &Given) -> Result<(), i32> {
        let config = &mut self.config;
        match option.id {
            "a" => config.hidden = Hidden::All,
            "A" => config.hidden = Hidden::ButSteps,
            "B" => config.ignored.extend(["*~".to_owned(), ".*~".to_owned()]),
            "I" => config.ignored.push(option.text()),
            "hide" => config.hidden_patterns.push(option.text()),
            "d" => config.directories_themselves = true,
            "R" => config.recursive = true,
            "i" => config.inodes = true,
            "s" => config.blocks = true,
            "r" => config.reverse = true,
            "n" => {
                config.numeric_ids = true;
                self.format = Some(Format::Long);
            }
            "g" => {
                config.owner = false;
                self.format = Some(Format::Long);
            }
            "o" => {
                config.group = false;
                self.format = Some(Format::Long);
            }
            "G" => config.group = false,
            "author" => config.author = true,
            "directories-first" => config.directories_first = true,
            "zero" => {
                config.end = 0;
                if self.format != Some(Format::Long) {
                    self.format = Some(Format::OnePerLine);
                }
                self.color = Some(false);
                self.question_marks = Some(false);
                self.quoting = Some(Style::Literal);
            }
            "f" => {
                config.hidden = Hidden::All;
                self.sort = Some(Sort::Nothing);
                if self.format == Some(Format::Long) {
                    self.format = None;
                }
                config.blocks = false;
                self.color = Some(false);
            }
            "h" => self.human = Some(Unit::Human(1024)),
            "si" => self.human = Some(Unit::Human(1000)),
            "k" => self.kibibytes = true,
            "block-size" => {
                let text = option.text();
                let unit = Unit::parse(&text).ok_or_else(|| {
                    complain(grammar.program, &complaint("--block-size", &text));
                    2
                })?;
                self.block_size = Some(unit);
                self.human = None;
            }
            "w" => self.columns = Some(columns(grammar, "line width", &option.text())?),
            "T" => config.tab_columns = columns(grammar, "tab size", &option.text())?,
            "D" | "Z" | "hyperlink" => {}
            _ => return self.apply_words(grammar, option),
        }
        Ok(())
    }

    /// The options that choose one of several manners.
    fn apply_words(&mut self, grammar: &Grammar, option: &Given) -> Result<(), i32> {
        match option.id {
            "l" => self.format = Some(Format::Long),
            "1" if self.format != Some(Format::Long) => self.format = Some(Format::OnePerLine),
            "C" => self.format = Some(Format::Columns),
            "x" => self.format = Some(Format::Across),
            "m" => self.format = Some(Format::Commas),
            "format" => {
                const WORDS: &[&[&str]] =
                    &[&["verbose", "long"], &["commas"], &["horizontal", "across"], &["vertical"], &["single-column"]];
                let formats = [Format::Long, Format::Commas, Format::Across, Format::Columns, Format::OnePerLine];
                self.format = Some(formats[grammar.choose("--format", &option.text(), WORDS)?]);
            }
            "t" => self.sort = Some(Sort::Time),
            "S" => self.sort = Some(Sort::Size),
            "X" => self.sort = Some(Sort::Extension),
            "v" => self.sort = Some(Sort::Version),
            "U" => self.sort = Some(Sort::Nothing),
            "sort" => {
                const WORDS: &[&[&str]] = &[&["none"], &["time"], &["size"], &["extension"], &["version"], &["width"]];
                let sorts = [Sort::Nothing, Sort::Time, Sort::Size, Sort::Extension, Sort::Version, Sort::Width];
                self.sort = Some(sorts[grammar.choose("--sort", &option.text(), WORDS)?]);
            }
            "c" => self.set_time(Time::Changed),
            "u" => self.set_time(Time::Accessed),
            "time" => {
                const WORDS: &[&[&str]] = &[
                    &["atime", "access", "use"],
                    &["ctime", "status"],
                    &["mtime", "modification"],
                    &["birth", "creation"],
                ];
                let times = [Time::Accessed, Time::Changed, Time::Modified, Time::Modified];
                let index = grammar.choose("--time", &option.text(), WORDS)?;
                self.set_time(times[index]);
            }
            "time-style" => self.time_style = Some(option.text()),
            "full-time" => {
                self.format = Some(Format::Long);
                self.full_time = true;
            }
            _ => return self.apply_appearance(grammar, option),
        }
        Ok(())
    }

    fn set_time(&mut self, time: Time) {
        self.config.time = time;
        self.time_given = true;
    }

    fn apply_appearance(&mut self, grammar: &Grammar, option: &Given) -> Result<(), i32> {
        match option.id {
            "L" => self.dereference = Some(Dereference::Always),
            "H" => self.dereference = Some(Dereference::CommandLine),
            "command-line-directories" => self.dereference = Some(Dereference::CommandLineDirectories),
            "p" => self.config.indicator = Indicator::Slash,
            "F" => self.config.indicator = Indicator::Classify,
            "classify" if self.when(grammar, "--classify", option)? => self.config.indicator = Indicator::Classify,
            "file-type" => self.config.indicator = Indicator::FileType,
            "indicator-style" => {
                const WORDS: &[&[&str]] = &[&["none"], &["slash"], &["file-type"], &["classify"]];
                let styles = [Indicator::Nothing, Indicator::Slash, Indicator::FileType, Indicator::Classify];
                self.config.indicator = styles[grammar.choose("--indicator-style", &option.text(), WORDS)?];
            }
            "color" => self.color = Some(self.when(grammar, "--color", option)?),
            "b" => self.quoting = Some(Style::Escape),
            "Q" => self.quoting = Some(Style::C),
            "N" => self.quoting = Some(Style::Literal),
            "quoting-style" => {
                let words: Vec<[&str; 1]> = STYLES.iter().map(|(word, _)| [*word]).collect();
                let words: Vec<&[&str]> = words.iter().map(<[&str; 1]>::as_slice).collect();
                let index = grammar.choose("--quoting-style", &option.text(), &words)?;
                self.quoting = STYLES.get(index).map(|(_, style)| *style);
            }
            "q" => self.question_marks = Some(true),
            "show-control-chars" => self.question_marks = Some(false),
            _ => {}
        }
        Ok(())
    }

    /// Resolves `always`, `never` and `auto`; no value means always.
    fn when(&self, grammar: &Grammar, name: &str, option: &Given) -> Result<bool, i32> {
        const WORDS: &[&[&str]] = &[&["always", "yes", "force"], &["never", "no", "none"], &["auto", "tty", "if-tty"]];
        if option.value.is_none() {
            return Ok(true);
        }
        Ok(match grammar.choose(name, &option.text(), WORDS)? {
            0 => true,
            1 => false,
            _ => self.terminal,
        })
    }

    /// Settles what the options leave to each other and to the environment.
    fn resolve(mut self, grammar: &Grammar, program: Program) -> Result<Config, i32> {
        let time_style = self.resolve_time_style(grammar)?;
        let mut config = self.config;
        config.format = self.format.unwrap_or(match program {
            Program::Vdir => Format::Long,
            Program::Dir => Format::Columns,
            Program::Ls if self.terminal => Format::Columns,
            Program::Ls => Format::OnePerLine,
        });
        let default_sort = if self.time_given && config.format != Format::Long { Sort::Time } else { Sort::Name };
        config.sort = self.sort.unwrap_or(default_sort);
        config.time_style = time_style;
        let plain_listing =
            !config.directories_themselves && config.indicator != Indicator::Classify && config.format != Format::Long;
        let default = if plain_listing { Dereference::CommandLineDirectories } else { Dereference::Never };
        config.dereference = self.dereference.unwrap_or(default);
        config.quoting = self.quoting.or_else(environment_style).unwrap_or(match program {
            Program::Dir | Program::Vdir => Style::Escape,
            Program::Ls if self.terminal => Style::ShellEscape,
            Program::Ls => Style::Literal,
        });
        config.question_marks =
            self.question_marks.unwrap_or(self.terminal && program == Program::Ls) && config.end == b'\n';
        if let Some(unit) = self.block_size.take() {
            config.sizes = unit.clone();
            config.block_unit = unit;
        } else if self.kibibytes {
            config.block_unit = Unit::bytes(1024);
        }
        if let Some(unit) = self.human {
            config.sizes = unit.clone();
            config.block_unit = unit;
        }
        config.line_columns = match self.columns {
            Some(0) => usize::MAX,
            Some(columns) => columns,
            None => terminal_columns(),
        };
        config.palette = (self.color.unwrap_or(false) && color::are_known()).then(Palette::of_environment);
        Ok(config)
    }

    fn resolve_time_style(&mut self, grammar: &Grammar) -> Result<TimeStyle, i32> {
        if self.full_time && self.time_style.is_none() {
            return Ok(TimeStyle::always("%Y-%m-%d %H:%M:%S.%N %z"));
        }
        let (text, given) = match self.time_style.take() {
            Some(text) => (text, true),
            None => (std::env::var("TIME_STYLE").unwrap_or_default(), false),
        };
        if text.is_empty() && !given {
            return Ok(TimeStyle::locale());
        }
        const WORDS: [&str; 4] = ["full-iso", "long-iso", "iso", "locale"];
        let full = WORDS.iter().find(|word| **word == text).or_else(|| {
            let mut near = WORDS.iter().filter(|word| word.starts_with(text.as_str()));
            near.next().filter(|_| near.next().is_none())
        });
        TimeStyle::parse(full.copied().unwrap_or(&text)).ok_or_else(|| {
            complain(
                grammar.program,
                &format!("invalid argument {} for {}", locale(plain(&text)), locale(plain("time style"))),
            );
            let words = "Valid arguments are:\n  - [posix-]full-iso\n  - [posix-]long-iso\n  - [posix-]iso\n  \
                         - [posix-]locale\n  - +FORMAT (e.g., +%H:%M) for a 'date'-style format\n";
            crate::basis::output::warn(words.as_bytes());
            grammar.hint()
        })
    }
}

fn columns(grammar: &Grammar, what: &str, text: &str) -> Result<usize, i32> {
    text.parse().map_err(|_| {
        complain(grammar.program, &format!("invalid {what}: {}", locale(plain(text))));
        2
    })
}

fn environment_style() -> Option<Style> {
    let word = std::env::var("QUOTING_STYLE").ok()?;
    STYLES.iter().find(|(name, _)| *name == word).map(|(_, style)| *style)
}

/// Returns the width of a line: of `COLUMNS`, of the terminal, or 80.
fn terminal_columns() -> usize {
    let of_environment = std::env::var("COLUMNS").ok().and_then(|text| text.parse::<usize>().ok());
    match of_environment {
        Some(0) => usize::MAX,
        Some(columns) => columns,
        None => window_size()
            .map(|size| usize::from(size.columns))
            .ok()
            .filter(|columns| *columns > 0)
            .unwrap_or(DEFAULT_COLUMNS),
    }
}
