//! The command line of `diff3`.

use sandshell_sys::options::{HELP, Letters, VERSION};

use super::{MINE, OLD, YOURS};
use crate::command_line::parse;
use crate::message::{Mistake, text};

/// What the command line asks for.
pub(crate) enum Request {
    Compare(Box<Options>),
    Help,
    Version,
}

/// What to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Output {
    #[default]
    Listing,
    Script,
    Merged,
}

/// What to compare and how to write it. There are three operands.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) output: Output,
    /// Conflicts are put between marks.
    pub(crate) brackets: bool,
    /// With the old lines, and where both made the same change.
    pub(crate) shows_all: bool,
    pub(crate) easy_only: bool,
    pub(crate) overlaps_only: bool,
    /// The script ends with commands to write and quit.
    pub(crate) finishes: bool,
    pub(crate) initial_tab: bool,
    /// Treat all files as text.
    pub(crate) text: bool,
    pub(crate) strip_trailing_cr: bool,
    pub(crate) operands: Vec<Vec<u8>>,
    labels: Vec<Vec<u8>>,
}

// Letters of long options that have no short form.
const STRIP_CR: char = '\u{10}';
const DIFF_PROGRAM: char = '\u{11}';

const SPEC: Letters = Letters {
    short: "aeimvx3AEL:TX",
    long: &[
        ("diff-program=", DIFF_PROGRAM),
        ("easy-only", '3'),
        ("ed", 'e'),
        ("initial-tab", 'T'),
        ("label=", 'L'),
        ("merge", 'm'),
        ("overlap-only", 'x'),
        ("show-all", 'A'),
        ("show-overlap", 'E'),
        ("strip-trailing-cr", STRIP_CR),
        ("text", 'a'),
    ],
};

impl Options {
    /// Reads the arguments.
    ///
    /// # Errors
    ///
    /// The mistake.
    pub(crate) fn parse(argv: Vec<Vec<u8>>) -> Result<Request, Mistake> {
        let parsed = parse(&SPEC, argv)?;
        let mut options = Self::default();
        let (mut scripts, mut merges) = (0, false);
        for (letter, argument) in parsed.options {
            let value = argument.unwrap_or_default();
            match letter {
                HELP => return Ok(Request::Help),
                VERSION | 'v' => return Ok(Request::Version),
                'a' => options.text = true,
                'i' => options.finishes = true,
                'm' => merges = true,
                'T' => options.initial_tab = true,
                'L' => {
                    options.labels.push(value);
                    if options.labels.len() > 3 {
                        return Err(Mistake::from("too many file label options".to_owned()));
                    }
                }
                STRIP_CR => options.strip_trailing_cr = true,
                DIFF_PROGRAM => {
                    let message = "--diff-program is not supported: diff3 compares by itself";
                    return Err(Mistake::bare(message.to_owned()));
                }
                _ => {
                    scripts += 1;
                    options.script(letter);
                }
            }
        }
        if scripts == 0 && merges {
            options.script('A');
        }
        options.output = match (merges, scripts) {
            (true, _) => Output::Merged,
            (false, 0) => Output::Listing,
            (false, _) => Output::Script,
        };
        // Labels are of use in marks only, and what is merged needs no commands.
        let is_labelled_in_vain = !options.labels.is_empty() && !options.brackets;
        if scripts > 1 || (options.finishes && merges) || is_labelled_in_vain {
            return Err(Mistake::from("incompatible options".to_owned()));
        }
        options.operands = operands(parsed.operands, parsed.words.last())?;
        Ok(Request::Compare(Box::new(options)))
    }

    /// The option that says which changes to take.
    fn script(&mut self, letter: char) {
        match letter {
            'A' => (self.shows_all, self.brackets) = (true, true),
            'E' => self.brackets = true,
            '3' => self.easy_only = true,
            'x' | 'X' => self.overlaps_only = true,
            _ => {}
        }
    }

    /// What marks call a file.
    pub(crate) fn label(&self, side: usize) -> &[u8] {
        self.labels.get(side).or_else(|| self.operands.get(side)).map_or(b"", Vec::as_slice)
    }
}

fn operands(operands: Vec<Vec<u8>>, last_option: Option<&Vec<u8>>) -> Result<Vec<Vec<u8>>, Mistake> {
    if let Some(extra) = operands.get(YOURS + 1) {
        return Err(Mistake::from(format!("extra operand '{}'", text(extra))));
    }
    if operands.len() <= YOURS {
        let last = operands.last().or(last_option).map_or_else(|| "diff3".to_owned(), |last| text(last));
        return Err(Mistake::from(format!("missing operand after '{last}'")));
    }
    let is_input = |side: usize| operands.get(side).is_some_and(|name| name == b"-");
    if [MINE, OLD, YOURS].into_iter().filter(|side| is_input(*side)).count() > 1 {
        return Err(Mistake::bare("'-' specified for more than one input file".to_owned()));
    }
    Ok(operands)
}
