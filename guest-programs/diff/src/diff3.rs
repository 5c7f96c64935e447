//! `diff3`: what three texts have in common and where they differ, as a listing, a script for `ed`, or merged.

mod listing;
mod merge;
mod options;
mod script;
mod usage;

use std::io::{self, BufWriter, Write};

pub(crate) use usage::USAGE;

use crate::core::{Block, Rules, Text, compare_three};
use crate::files;
use crate::message::{Program, text};
use options::{Options, Output, Request};

/// Bytes of output that are gathered before they are written.
const BUFFER_BYTES: usize = 64 * 1024;

/// How many lines of the common beginning and end take part in the comparisons: enough for changes at the ends of two
/// files to be placed alike.
const HORIZON_LINES: usize = 100;

/// The operands in their order.
pub(crate) const MINE: usize = 0;
pub(crate) const OLD: usize = 1;
pub(crate) const YOURS: usize = 2;

/// Three texts, where they differ, and how to write it.
pub(crate) struct Comparison<'a> {
    pub(crate) options: &'a Options,
    pub(crate) texts: [&'a Text; 3],
    pub(crate) blocks: Vec<Block>,
}

/// What to do with a block of a script or of a merged text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// My lines stay.
    Keep,
    /// Yours take their place.
    Replace,
    /// Both stand there, between marks.
    Bracket,
}

pub(crate) fn main(program: &Program, argv: Vec<Vec<u8>>) -> i32 {
    let options = match Options::parse(argv) {
        Ok(Request::Compare(options)) => *options,
        Ok(Request::Help) => return program.help(),
        Ok(Request::Version) => return program.version(),
        Err(mistake) if mistake.hint => return program.misuse(&mistake.message),
        Err(mistake) => return program.fail(&mistake.message),
    };
    match run(program, &options) {
        Ok(conflicts) => i32::from(conflicts),
        Err(message) => program.fail(&message),
    }
}

/// Compares and writes; tells whether there are conflicts.
fn run(program: &Program, options: &Options) -> Result<bool, String> {
    let mut texts = Vec::new();
    for name in &options.operands {
        let bytes = files::read(name).map_err(|reason| format!("{}: {reason}", text(name)))?;
        let bytes = if options.strip_trailing_cr { files::without_carriage_returns(&bytes) } else { bytes };
        texts.push(Text::new(bytes));
    }
    let [mine, old, yours] = texts.as_slice() else { return Ok(false) };
    let texts = [mine, old, yours];
    // What is to be merged is compared with its origin; a listing is about the last of three.
    let common = if options.output == Output::Listing { YOURS } else { OLD };
    if !options.text {
        refuse_binary(options, texts, common)?;
    }
    let rules = Rules { horizon: HORIZON_LINES, tab_size: 8, ..Rules::default() };
    // A script cannot say that the last line has no newline.
    let is_script = options.output == Output::Script;
    let content = |line: &[u8]| line.strip_suffix(b"\n").unwrap_or(line).to_vec();
    let same = |one: &[u8], other: &[u8]| one == other || (is_script && content(one) == content(other));
    let blocks = compare_three(texts, common, &rules, same);
    if is_script && blocks.iter().any(|block| (0..3).any(|side| ends_incomplete(texts[side], &block.lines[side]))) {
        program.complain("No newline at end of file");
    }
    let comparison = Comparison { options, texts, blocks };
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock());
    let written = match options.output {
        Output::Listing => listing::print(&comparison, &mut out).map(|()| false),
        Output::Script => script::print(&comparison, &mut out),
        Output::Merged => merge::print(&comparison, &mut out),
    };
    let conflicts = written.and_then(|conflicts| out.flush().map(|()| conflicts));
    conflicts.map_err(|error| format!("write failed: {}", sandshell_sys::reason(&error)))
}

/// Refuses to compare by lines what is not text, unless it is the same.
fn refuse_binary(options: &Options, texts: [&Text; 3], common: usize) -> Result<(), String> {
    for side in (0..3).rev().filter(|side| *side != common) {
        let is_binary = [side, common].iter().any(|side| files::is_binary(texts[*side].bytes()));
        if is_binary && texts[side].bytes() != texts[common].bytes() {
            let [one, other] = [side, common].map(|side| text(&options.operands[side]));
            return Err(format!("diff failed: Binary files {one} and {other} differ"));
        }
    }
    Ok(())
}

fn ends_incomplete(text: &Text, lines: &std::ops::Range<usize>) -> bool {
    !lines.is_empty() && lines.end == text.len() && text.is_incomplete()
}

impl Comparison<'_> {
    /// What a script or a merged text does with a block.
    pub(crate) fn action(&self, block: &Block) -> Action {
        let options = self.options;
        match block.odd {
            Some(MINE) => Action::Keep,
            // Both have made the same change.
            Some(OLD) if options.shows_all => Action::Bracket,
            Some(OLD) => Action::Keep,
            Some(_) if options.overlaps_only => Action::Keep,
            Some(_) => Action::Replace,
            None if options.easy_only => Action::Keep,
            None if options.brackets => Action::Bracket,
            None => Action::Replace,
        }
    }
}
