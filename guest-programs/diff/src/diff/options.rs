//! The command line of `diff`.

use sandshell_sys::options::{HELP, Letters, VERSION};

use crate::command_line::parse;
use crate::core::{Rules, Space};
use crate::format::{Formats, Layout, Palette, Style, set_format};
use crate::message::{Mistake, text};
use crate::pattern::{Names, lines};

/// What the command line asks for.
pub(crate) enum Request {
    Compare(Box<Options>),
    Help,
    Version,
}

/// What to compare and how.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) layout: Layout,
    pub(crate) rules: Rules,
    pub(crate) brief: bool,
    pub(crate) report_identical: bool,
    /// Treat all files as text.
    pub(crate) text: bool,
    pub(crate) strip_trailing_cr: bool,
    pub(crate) recursive: bool,
    pub(crate) no_dereference: bool,
    /// Treat an absent file as empty: the first, the second.
    pub(crate) new_file: [bool; 2],
    pub(crate) excluded: Names,
    pub(crate) starting_file: Option<Vec<u8>>,
    pub(crate) ignore_file_name_case: bool,
    pub(crate) labels: Vec<Vec<u8>>,
    pub(crate) from_file: Option<Vec<u8>>,
    pub(crate) to_file: Option<Vec<u8>>,
    pub(crate) operands: Vec<Vec<u8>>,
    /// The words of the options, for headers.
    pub(crate) words: Vec<Vec<u8>>,
}

// Letters of long options that have no short form.
const COLOR: char = '\u{10}';
const FROM_FILE: char = '\u{11}';
const HORIZON: char = '\u{12}';
const IGNORE_NAME_CASE: char = '\u{13}';
const LEFT_COLUMN: char = '\u{14}';
const NO_DEREFERENCE: char = '\u{15}';
const NO_IGNORE_NAME_CASE: char = '\u{16}';
const NORMAL: char = '\u{17}';
const PALETTE: char = '\u{18}';
const STRIP_CR: char = '\u{19}';
const SUPPRESS_BLANK_EMPTY: char = '\u{1a}';
const SUPPRESS_COMMON: char = '\u{1b}';
const TAB_SIZE: char = '\u{1c}';
const TO_FILE: char = '\u{1d}';
const ALL_LINES: char = '\u{1e}';
/// Formats of lines and groups: this plus their index.
const LINE_FORMAT: char = '\u{e000}';
const GROUP_FORMAT: char = '\u{e010}';

const SPEC: Letters = Letters {
    short: "0123456789abBcC:dD:eEfF:hHiI:lL:nNpPqrsS:tTuU:vwW:x:X:yZ",
    long: &[
        ("binary", 'h'),
        ("brief", 'q'),
        ("changed-group-format=", '\u{e013}'),
        ("color?", COLOR),
        ("context?", 'C'),
        ("ed", 'e'),
        ("exclude=", 'x'),
        ("exclude-from=", 'X'),
        ("expand-tabs", 't'),
        ("forward-ed", 'f'),
        ("from-file=", FROM_FILE),
        ("horizon-lines=", HORIZON),
        ("ifdef=", 'D'),
        ("ignore-all-space", 'w'),
        ("ignore-blank-lines", 'B'),
        ("ignore-case", 'i'),
        ("ignore-file-name-case", IGNORE_NAME_CASE),
        ("ignore-matching-lines=", 'I'),
        ("ignore-space-change", 'b'),
        ("ignore-tab-expansion", 'E'),
        ("ignore-trailing-space", 'Z'),
        ("initial-tab", 'T'),
        ("label=", 'L'),
        ("left-column", LEFT_COLUMN),
        ("line-format=", ALL_LINES),
        ("minimal", 'd'),
        ("new-file", 'N'),
        ("new-group-format=", '\u{e011}'),
        ("new-line-format=", '\u{e001}'),
        ("no-dereference", NO_DEREFERENCE),
        ("no-ignore-file-name-case", NO_IGNORE_NAME_CASE),
        ("normal", NORMAL),
        ("old-group-format=", '\u{e010}'),
        ("old-line-format=", '\u{e000}'),
        ("paginate", 'l'),
        ("palette=", PALETTE),
        ("rcs", 'n'),
        ("recursive", 'r'),
        ("report-identical-files", 's'),
        ("show-c-function", 'p'),
        ("show-function-line=", 'F'),
        ("side-by-side", 'y'),
        ("speed-large-files", 'H'),
        ("starting-file=", 'S'),
        ("strip-trailing-cr", STRIP_CR),
        ("suppress-blank-empty", SUPPRESS_BLANK_EMPTY),
        ("suppress-common-lines", SUPPRESS_COMMON),
        ("tabsize=", TAB_SIZE),
        ("text", 'a'),
        ("to-file=", TO_FILE),
        ("unchanged-group-format=", '\u{e012}'),
        ("unchanged-line-format=", '\u{e002}'),
        ("unidirectional-new-file", 'P'),
        ("unified?", 'U'),
        ("width=", 'W'),
    ],
};

/// Lines of context when no number is given.
const CONTEXT: usize = 3;

/// What is known while the options are still being read.
#[derive(Default)]
struct Reading {
    options: Options,
    style: Option<Style>,
    context: Option<usize>,
    /// The number of `-NUM`.
    old_context: Option<usize>,
    width: Option<usize>,
    c_function: bool,
    functions: Vec<Vec<u8>>,
    ignored: Vec<Vec<u8>>,
    excluded: Vec<Vec<u8>>,
    palette: Palette,
    color: bool,
}

impl Options {
    /// Reads the arguments.
    ///
    /// # Errors
    ///
    /// The message about a mistake.
    pub(crate) fn parse(argv: Vec<Vec<u8>>) -> Result<Request, Mistake> {
        let parsed = parse(&SPEC, argv)?;
        let mut reading = Reading::default();
        reading.options.rules.tab_size = 8;
        let mut digits: Option<usize> = None;
        for (letter, argument) in parsed.options {
            match letter {
                HELP => return Ok(Request::Help),
                VERSION | 'v' => return Ok(Request::Version),
                '0'..='9' => {
                    let digit = usize::try_from(u32::from(letter) - u32::from('0')).unwrap_or(0);
                    digits = Some(digits.unwrap_or(0).saturating_mul(10).saturating_add(digit));
                    reading.old_context = digits;
                }
                _ => {
                    digits = None;
                    reading.option(letter, argument)?;
                }
            }
        }
        reading.options.operands = parsed.operands;
        reading.options.words = parsed.words;
        Ok(Request::Compare(Box::new(reading.finish()?)))
    }
}

impl Reading {
    fn option(&mut self, letter: char, argument: Option<Vec<u8>>) -> Result<(), Mistake> {
        let given = argument.is_some();
        let value = argument.unwrap_or_default();
        let options = &mut self.options;
        match letter {
            'a' => options.text = true,
            'B' => options.layout.ignoring.blank_lines = true,
            'd' => options.rules.minimal = true,
            // What is unknown to this system, obsolete, or a hint that needs no obedience.
            'h' | 'H' => {}
            'i' => options.rules.ignore_case = true,
            'I' => self.ignored.push(value),
            'l' => {
                let message = "pagination is not supported: pipe the output through 'pr'";
                return Err(Mistake::bare(message.to_owned()));
            }
            'L' => {
                options.labels.push(value);
                if options.labels.len() > 2 {
                    return Err(Mistake::bare("too many file label options".to_owned()));
                }
            }
            'N' => options.new_file = [true, true],
            'P' => options.new_file[0] = true,
            'q' => options.brief = true,
            'r' => options.recursive = true,
            's' => options.report_identical = true,
            'S' => options.starting_file = Some(value),
            'x' => self.excluded.push(value),
            'X' => {
                let patterns = crate::files::read(&value)
                    .map_err(|reason| Mistake::bare(format!("{}: {reason}", text(&value))))?;
                let lines = patterns.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
                self.excluded.extend(lines.map(<[u8]>::to_vec));
            }
            'b' | 'E' | 'w' | 'Z' => options.rules.space = forgiving(options.rules.space, letter),
            FROM_FILE => options.from_file = Some(value),
            TO_FILE => options.to_file = Some(value),
            HORIZON => options.rules.horizon = options.rules.horizon.max(number(&value, "horizon length")?),
            IGNORE_NAME_CASE => options.ignore_file_name_case = true,
            NO_IGNORE_NAME_CASE => options.ignore_file_name_case = false,
            NO_DEREFERENCE => options.no_dereference = true,
            STRIP_CR => options.strip_trailing_cr = true,
            _ => return self.output_option(letter, given, value),
        }
        Ok(())
    }

    /// Options about how the output looks.
    fn output_option(&mut self, letter: char, given: bool, value: Vec<u8>) -> Result<(), Mistake> {
        let layout = &mut self.options.layout;
        match letter {
            'c' => return self.with_context(Style::Context, CONTEXT),
            'u' => return self.with_context(Style::Unified, CONTEXT),
            'C' | 'U' => {
                let lines = if given { number(&value, "context length")? } else { CONTEXT };
                return self.with_context(if letter == 'C' { Style::Context } else { Style::Unified }, lines);
            }
            'e' => return self.style(Style::Ed),
            'f' => return self.style(Style::ForwardEd),
            'n' => return self.style(Style::Rcs),
            'y' => return self.style(Style::SideBySide),
            NORMAL => return self.style(Style::Normal),
            'D' => {
                layout.formats.conditional(&value)?;
                return self.style(Style::Groups);
            }
            'F' => self.functions.push(value),
            'p' => {
                self.c_function = true;
                self.functions.push(b"^[[:alpha:]$_]".to_vec());
            }
            't' => layout.expand_tabs = true,
            'T' => layout.initial_tab = true,
            'W' => self.width = Some(positive(&value, "width")?),
            TAB_SIZE => self.options.rules.tab_size = positive(&value, "tabsize")?,
            LEFT_COLUMN => layout.left_column = true,
            SUPPRESS_COMMON => layout.suppress_common_lines = true,
            SUPPRESS_BLANK_EMPTY => layout.suppress_blank_empty = true,
            PALETTE => self.palette = Palette::parse(&text(&value))?,
            COLOR => self.color = wants_color(given.then_some(value.as_slice()))?,
            _ => return self.format(letter, &value),
        }
        Ok(())
    }

    fn format(&mut self, letter: char, value: &[u8]) -> Result<(), Mistake> {
        let Formats { line, group } = &mut self.options.layout.formats;
        let index = |base: char| usize::try_from(u32::from(letter).wrapping_sub(u32::from(base))).unwrap_or(usize::MAX);
        let is = |long: &&(&str, char)| long.1 == letter;
        let name = SPEC.long.iter().find(is).map_or("", |(entry, _)| entry.trim_end_matches('='));
        let name = format!("--{name}");
        let name = name.as_str();
        if letter == ALL_LINES {
            for format in line {
                set_format(format, value, name)?;
            }
        } else if let Some(format) = line.get_mut(index(LINE_FORMAT)) {
            set_format(format, value, name)?;
        } else if let Some(format) = group.get_mut(index(GROUP_FORMAT)) {
            set_format(format, value, name)?;
        }
        self.style(Style::Groups)
    }

    fn style(&mut self, style: Style) -> Result<(), Mistake> {
        match self.style.replace(style) {
            Some(other) if other != style => Err("conflicting output style options".to_owned().into()),
            _ => Ok(()),
        }
    }

    fn with_context(&mut self, style: Style, lines: usize) -> Result<(), Mistake> {
        self.context = Some(self.context.map_or(lines, |context| context.max(lines)));
        self.style(style)
    }

    fn finish(mut self) -> Result<Options, Mistake> {
        let options = &mut self.options;
        let layout = &mut options.layout;
        layout.style = match self.style {
            Some(style) => style,
            None if self.c_function => Style::Context,
            None => Style::Normal,
        };
        layout.context = self.context.unwrap_or(CONTEXT);
        if let Some(lines) = self.old_context {
            layout.context =
                if self.context.is_some_and(|context| context != CONTEXT) { layout.context.max(lines) } else { lines };
        }
        layout.tab_size = options.rules.tab_size;
        layout.width = self.width.unwrap_or(130);
        layout.palette = self.color.then_some(self.palette);
        layout.function = lines(&self.functions).map_err(Mistake::bare)?;
        layout.ignoring.matching = lines(&self.ignored).map_err(Mistake::bare)?;
        for pattern in &self.excluded {
            options.excluded.add(pattern, options.ignore_file_name_case).map_err(Mistake::bare)?;
        }
        if options.from_file.is_some() && options.to_file.is_some() {
            return Err("--from-file and --to-file both specified".to_owned().into());
        }
        if matches!(layout.style, Style::Context | Style::Unified) {
            options.rules.horizon = options.rules.horizon.max(layout.context);
        }
        Ok(self.options)
    }
}

/// The rule for white space with one more option.
fn forgiving(space: Space, letter: char) -> Space {
    match (letter, space) {
        ('E', Space::Counts) => Space::TabExpansion,
        ('E', Space::Trailing) | ('Z', Space::TabExpansion) => Space::TabExpansionAndTrailing,
        ('Z', Space::Counts) => Space::Trailing,
        ('b', space) => space.max(Space::Change),
        ('w', _) => Space::All,
        (_, space) => space,
    }
}

fn number(value: &[u8], what: &str) -> Result<usize, String> {
    let text = text(value);
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // What is too large for the machine is as good as the largest.
    if digits { Ok(text.parse().unwrap_or(usize::MAX / 4)) } else { Err(format!("invalid {what} '{text}'")) }
}

fn positive(value: &[u8], what: &str) -> Result<usize, String> {
    // The widest output: a line of it is built in memory.
    const LARGEST: usize = 1 << 20;
    match number(value, what)? {
        0 => Err(format!("invalid {what} '{}'", text(value))),
        number => Ok(number.min(LARGEST)),
    }
}

fn wants_color(when: Option<&[u8]>) -> Result<bool, String> {
    match when {
        Some(b"always") => Ok(true),
        Some(b"never") => Ok(false),
        None | Some(b"auto") => Ok(std::io::IsTerminal::is_terminal(&std::io::stdout())),
        Some(other) => Err(format!("invalid color '{}'", text(other))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Options, String> {
        match Options::parse(words.iter().map(|word| word.as_bytes().to_vec()).collect()) {
            Ok(Request::Compare(options)) => Ok(*options),
            Ok(_) => Err("no comparison".to_owned()),
            Err(mistake) => Err(mistake.message),
        }
    }

    #[test]
    fn context_is_the_largest_that_is_asked_for() {
        let context = |words: &[&str]| read(words).map(|options| options.layout.context);
        assert_eq!(context(&["-u"]), Ok(3));
        assert_eq!(context(&["-U5", "-U", "1"]), Ok(5));
        assert_eq!(context(&["-u", "-10"]), Ok(10));
        assert_eq!(context(&["-1u"]), Ok(1));
        assert_eq!(context(&["-Ux"]), Err("invalid context length 'x'".to_owned()));
    }

    #[test]
    fn two_styles_are_in_conflict() {
        assert_eq!(read(&["-u", "-c"]).err(), Some("conflicting output style options".to_owned()));
        assert!(read(&["-u", "-U1"]).is_ok());
    }

    #[test]
    fn white_space_is_forgiven_by_the_most_forgiving() {
        let space = |words: &[&str]| read(words).map(|options| options.rules.space);
        assert_eq!(space(&["-bE"]), Ok(Space::Change));
        assert_eq!(space(&["-ZE"]), Ok(Space::TabExpansionAndTrailing));
        assert_eq!(space(&["-wb"]), Ok(Space::All));
    }
}
