//! The command line of `patch`.

use sandshell_sys::options::{HELP, Letters, VERSION};

use super::backup::Naming;
use crate::command_line::parse;
use crate::message::text;

/// What the command line asks for.
pub(crate) enum Request {
    Patch(Box<Options>),
    Help,
    Version,
}

/// How a patch is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Context,
    Ed,
    Normal,
    Unified,
}

/// How much to tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Verbosity {
    Silent,
    #[default]
    Usual,
    Verbose,
}

#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) form: Option<Form>,
    /// Leading components of names to remove; without, all of them.
    pub(crate) strip: Option<usize>,
    pub(crate) fuzz: usize,
    pub(crate) ignore_white_space: bool,
    /// Skip what seems to be applied already.
    pub(crate) forward: bool,
    pub(crate) reverse: bool,
    pub(crate) batch: bool,
    pub(crate) force: bool,
    pub(crate) input: Option<Vec<u8>>,
    pub(crate) original: Option<Vec<u8>>,
    pub(crate) output: Option<Vec<u8>>,
    pub(crate) reject_file: Option<Vec<u8>>,
    pub(crate) reject_form: Option<Form>,
    pub(crate) remove_empty: bool,
    pub(crate) set_times: bool,
    pub(crate) verbosity: Verbosity,
    pub(crate) dry_run: bool,
    pub(crate) posix: bool,
    pub(crate) directory: Option<Vec<u8>>,
    /// Both versions stay, and this name chooses one of them.
    pub(crate) ifdef: Option<Vec<u8>>,
    pub(crate) backup: bool,
    pub(crate) backup_if_mismatch: bool,
    pub(crate) naming: Naming,
}

// Letters of long options that have no short form.
const BINARY: char = '\u{10}';
const DRY_RUN: char = '\u{11}';
const VERBOSE: char = '\u{12}';
const BACKUP_IF_MISMATCH: char = '\u{13}';
const NO_BACKUP_IF_MISMATCH: char = '\u{14}';
const POSIX: char = '\u{15}';
const REJECT_FORMAT: char = '\u{16}';
const IGNORED: char = '\u{17}';

const SPEC: Letters = Letters {
    short: "bB:cd:D:eEfF:g:i:lnNo:p:r:RstTuvV:x:Y:z:Z",
    long: &[
        ("backup", 'b'),
        ("backup-if-mismatch", BACKUP_IF_MISMATCH),
        ("basename-prefix=", 'Y'),
        ("batch", 't'),
        ("binary", BINARY),
        ("context", 'c'),
        ("directory=", 'd'),
        ("dry-run", DRY_RUN),
        ("ed", 'e'),
        ("force", 'f'),
        ("forward", 'N'),
        ("fuzz=", 'F'),
        ("get=", 'g'),
        ("ifdef=", 'D'),
        ("ignore-whitespace", 'l'),
        ("input=", 'i'),
        ("no-backup-if-mismatch", NO_BACKUP_IF_MISMATCH),
        ("normal", 'n'),
        ("output=", 'o'),
        ("posix", POSIX),
        ("prefix=", 'B'),
        ("quiet", 's'),
        ("quoting-style=", IGNORED),
        ("read-only=", IGNORED),
        ("reject-file=", 'r'),
        ("reject-format=", REJECT_FORMAT),
        ("remove-empty-files", 'E'),
        ("reverse", 'R'),
        ("set-time", 'T'),
        ("set-utc", 'Z'),
        ("silent", 's'),
        ("strip=", 'p'),
        ("suffix=", 'z'),
        ("unified", 'u'),
        ("verbose", VERBOSE),
        ("version-control=", 'V'),
    ],
};

/// The fuzz factor that is allowed when none is given.
const FUZZ: usize = 2;

impl Options {
    /// Reads the arguments.
    ///
    /// # Errors
    ///
    /// The message about a mistake.
    pub(crate) fn parse(argv: Vec<Vec<u8>>) -> Result<Request, String> {
        let parsed = parse(&SPEC, argv)?;
        let posix = std::env::var_os("POSIXLY_CORRECT").is_some();
        let mut options = Self { fuzz: FUZZ, posix, ..Self::default() };
        options.naming = Naming::of_environment();
        let mut if_mismatch = None;
        for (letter, argument) in parsed.options {
            match letter {
                HELP => return Ok(Request::Help),
                VERSION | 'v' => return Ok(Request::Version),
                BACKUP_IF_MISMATCH => if_mismatch = Some(true),
                NO_BACKUP_IF_MISMATCH => if_mismatch = Some(false),
                _ => options.option(letter, argument.unwrap_or_default())?,
            }
        }
        options.backup_if_mismatch = if_mismatch.unwrap_or(!posix);
        let mut operands = parsed.operands.into_iter();
        options.original = operands.next();
        options.input = operands.next().or(options.input);
        match operands.next() {
            Some(extra) => Err(format!("{}: extra operand", text(&extra))),
            None => Ok(Request::Patch(Box::new(options))),
        }
    }

    fn option(&mut self, letter: char, value: Vec<u8>) -> Result<(), String> {
        match letter {
            'c' => self.form = Some(Form::Context),
            'e' => self.form = Some(Form::Ed),
            'n' => self.form = Some(Form::Normal),
            'u' => self.form = Some(Form::Unified),
            'p' => self.strip = Some(number(&value, "strip count")?),
            'F' => self.fuzz = number(&value, "fuzz factor")?,
            'l' => self.ignore_white_space = true,
            'N' => self.forward = true,
            'R' => self.reverse = true,
            't' => self.batch = true,
            'f' => self.force = true,
            'i' => self.input = Some(value),
            'o' => self.output = Some(value),
            'r' => self.reject_file = Some(value),
            'E' => self.remove_empty = true,
            'T' | 'Z' => self.set_times = true,
            's' => self.verbosity = Verbosity::Silent,
            VERBOSE => self.verbosity = Verbosity::Verbose,
            DRY_RUN => self.dry_run = true,
            POSIX => self.posix = true,
            'd' => self.directory = Some(value),
            'D' => self.ifdef = Some(value),
            REJECT_FORMAT => {
                self.reject_form = Some(match value.as_slice() {
                    b"context" => Form::Context,
                    b"unified" => Form::Unified,
                    _ => return Err(format!("invalid reject format '{}'", text(&value))),
                });
            }
            'b' => self.backup = true,
            'B' | 'Y' | 'z' | 'V' => self.naming.set(letter, value)?,
            // Version control systems are not asked; read-only files are files.
            'g' | 'x' | IGNORED | BINARY => {}
            other => return Err(format!("invalid option -- '{other}'")),
        }
        Ok(())
    }
}

fn number(value: &[u8], what: &str) -> Result<usize, String> {
    text(value).parse().map_err(|_| format!("**** {what} {} is not a number", text(value)))
}
