//! The command line of `xargs`: POSIX's options and GNU's, read once.

use sandshell_sys::options::{HELP, Letters, OptionReader, Order, VERSION};

use super::Stop;
use super::limits::{most_bytes, usual_bytes};
use crate::message::Program;

pub(crate) const USAGE: &str = "\
Usage: xargs [OPTION]... COMMAND [INITIAL-ARGS]...
Runs COMMAND with arguments INITIAL-ARGS and more arguments read from input (default COMMAND: echo).

  -0, --null                   items are separated by a null, not whitespace; disables quote and backslash processing
                                 and logical EOF processing
  -a, --arg-file=FILE          read arguments from FILE, not standard input
  -d, --delimiter=CHARACTER    items in input stream are separated by CHARACTER, not by whitespace
  -E END                       set logical EOF string; if END occurs as a line of input, the rest is ignored
  -e, --eof[=END]              equivalent to -E END if END is specified; otherwise, there is no end-of-file string
  -I R                         same as --replace=R
  -i, --replace[=R]            replace R in INITIAL-ARGS with names read from standard input; without R, assume {}
  -L, --max-lines=MAX-LINES    use at most MAX-LINES non-blank input lines per command line
  -l[MAX-LINES]                similar to -L but defaults to at most one non-blank input line
  -n, --max-args=MAX-ARGS      use at most MAX-ARGS arguments per command line
  -o, --open-tty               reopen stdin as /dev/tty in the child process
  -P, --max-procs=MAX-PROCS    run at most MAX-PROCS processes at a time (0: as many as there are)
  -p, --interactive            prompt before running commands
      --process-slot-var=VAR   set environment variable VAR in child processes
  -r, --no-run-if-empty        if there are no arguments, do not run COMMAND
  -s, --max-chars=MAX-CHARS    limit length of command line to MAX-CHARS
      --show-limits            show limits on command-line length
  -t, --verbose                print commands before executing them
  -x, --exit                   exit if the size (see -s) is exceeded
      --help                   display this help and exit
      --version                output version information and exit

Exit status: 123 if a command failed, 124 if one exited with 255, 125 if one was killed, 126 if it cannot be run, 127 if
it cannot be found, 1 for other errors.
";

const SLOT_VARIABLE: char = 'V';
const SHOW_LIMITS: char = 'S';

const SPEC: Letters = Letters {
    short: "0a:d:E:e::I:i::L:l::n:oP:prs:tx",
    long: &[
        ("null", '0'),
        ("arg-file=", 'a'),
        ("delimiter=", 'd'),
        ("eof?", 'e'),
        ("replace?", 'i'),
        ("max-lines?", 'l'),
        ("max-args=", 'n'),
        ("open-tty", 'o'),
        ("interactive", 'p'),
        ("no-run-if-empty", 'r'),
        ("max-chars=", 's'),
        ("verbose", 't'),
        ("show-limits", SHOW_LIMITS),
        ("exit", 'x'),
        ("max-procs=", 'P'),
        ("process-slot-var=", SLOT_VARIABLE),
    ],
};

/// What is done with the input.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mode {
    /// Each line replaces this pattern in the command.
    Replace(Vec<u8>),
    /// Arguments follow the command's own.
    Append {
        /// At most so many.
        max_arguments: Option<usize>,
        /// Of at most so many lines.
        max_lines: Option<usize>,
    },
}

/// All settings of one call.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Options {
    pub(crate) mode: Mode,
    pub(crate) delimiter: Option<u8>,
    pub(crate) arg_file: Option<Vec<u8>>,
    pub(crate) end: Option<Vec<u8>>,
    /// `None`: no limit.
    pub(crate) max_procs: Option<usize>,
    /// Longest command line in bytes, each word with its NUL.
    pub(crate) max_chars: usize,
    pub(crate) exit_if_big: bool,
    pub(crate) no_run_if_empty: bool,
    pub(crate) open_terminal: bool,
    pub(crate) ask: bool,
    pub(crate) verbose: bool,
    pub(crate) show_limits: bool,
    pub(crate) slot_variable: Option<Vec<u8>>,
    /// The command and its own arguments.
    pub(crate) command: Vec<Vec<u8>>,
}

impl Options {
    /// The command's name.
    pub(crate) fn name(&self) -> &[u8] {
        self.command.first().map_or(b"echo", Vec::as_slice)
    }
}

/// What a command line asks for.
pub(crate) enum Request {
    Run(Options),
    Help,
    Version,
}

/// Reads the command line.
///
/// # Errors
///
/// The exit status; the mistake is told.
pub(crate) fn read(program: &Program, argv: Vec<Vec<u8>>) -> Result<Request, Stop> {
    let mut arguments = OptionReader::new(&SPEC, Order::BeforeOperands, argv);
    let mut reader = Reader { program, options: defaults() };
    loop {
        match arguments.next_option() {
            Ok(None) => break,
            Ok(Some((HELP, _))) => return Ok(Request::Help),
            Ok(Some((VERSION, _))) => return Ok(Request::Version),
            Ok(Some((letter, argument))) => reader.option(letter, argument)?,
            Err(message) => return Err(Stop(program.misuse(&message))),
        }
    }
    let mut options = reader.options;
    if options.end.is_some() && options.delimiter.is_some() {
        program.complain("warning: the -E option has no effect if -0 or -d is used.\n");
    }
    options.command = arguments.rest();
    if options.command.is_empty() {
        options.command.push(b"echo".to_vec());
    }
    Ok(Request::Run(options))
}

fn defaults() -> Options {
    Options {
        mode: Mode::Append { max_arguments: None, max_lines: None },
        delimiter: None,
        arg_file: None,
        end: None,
        max_procs: Some(1),
        max_chars: usual_bytes(),
        exit_if_big: false,
        no_run_if_empty: false,
        open_terminal: false,
        ask: false,
        verbose: false,
        show_limits: false,
        slot_variable: None,
        command: Vec::new(),
    }
}

struct Reader<'a> {
    program: &'a Program,
    options: Options,
}

impl Reader<'_> {
    fn option(&mut self, letter: char, argument: Option<Vec<u8>>) -> Result<(), Stop> {
        let options = &mut self.options;
        match letter {
            '0' => options.delimiter = Some(0),
            'a' => options.arg_file = argument.filter(|path| path != b"-"),
            'd' => {
                let read = delimiter(&argument.unwrap_or_default());
                options.delimiter = Some(read.map_err(|message| Stop(self.program.fail(&message)))?);
            }
            'E' | 'e' => options.end = argument.filter(|end| !end.is_empty()),
            'I' | 'i' => self.replace(argument.unwrap_or_else(|| b"{}".to_vec())),
            'L' | 'l' => self.max_lines(letter, argument)?,
            'n' => self.max_arguments(argument)?,
            'o' => options.open_terminal = true,
            'p' => options.ask = true,
            'r' => options.no_run_if_empty = true,
            's' => self.max_chars(argument)?,
            't' => options.verbose = true,
            'x' => options.exit_if_big = true,
            'P' => {
                let max = self.number('P', argument, 0)?;
                self.options.max_procs = (max > 0).then_some(max);
            }
            SHOW_LIMITS => options.show_limits = true,
            _ => {
                let name = argument.unwrap_or_default();
                if name.contains(&b'=') {
                    let text = "option --process-slot-var may not be set to a value which includes `='";
                    return Err(Stop(self.program.fail(text)));
                }
                options.slot_variable = Some(name);
            }
        }
        Ok(())
    }

    fn warn(&self, one: &str, other: &str, ignored: &str) {
        let text =
            format!("warning: options {one} and {other} are mutually exclusive, ignoring previous {ignored} value");
        self.program.complain(&text);
    }

    fn replace(&mut self, pattern: Vec<u8>) {
        if let Mode::Append { max_arguments, max_lines } = self.options.mode {
            if max_lines.is_some() {
                self.warn("--max-lines", "--replace/-I/-i", "--max-lines");
            } else if max_arguments.is_some() {
                self.warn("--max-args", "--replace/-I/-i", "--max-args");
            }
        }
        self.options.mode = Mode::Replace(pattern);
    }

    fn max_lines(&mut self, letter: char, argument: Option<Vec<u8>>) -> Result<(), Stop> {
        let max = match argument {
            None => 1,
            argument => self.number(letter, argument, 1)?,
        };
        let other = if letter == 'L' { "-L" } else { "--max-lines/-l" };
        match self.options.mode {
            Mode::Replace(_) => self.warn("--replace", other, "--replace"),
            Mode::Append { max_arguments: Some(_), .. } => self.warn("--max-args", other, "--max-args"),
            Mode::Append { .. } => {}
        }
        self.options.mode = Mode::Append { max_arguments: None, max_lines: Some(max) };
        Ok(())
    }

    fn max_arguments(&mut self, argument: Option<Vec<u8>>) -> Result<(), Stop> {
        let max = self.number('n', argument, 1)?;
        match self.options.mode {
            // One argument is what replacing means.
            Mode::Replace(_) if max == 1 => return Ok(()),
            Mode::Replace(_) => self.warn("--replace", "--max-args/-n", "--replace"),
            Mode::Append { max_lines: Some(_), .. } => self.warn("--max-lines", "--max-args/-n", "--max-lines"),
            Mode::Append { .. } => {}
        }
        self.options.mode = Mode::Append { max_arguments: Some(max), max_lines: None };
        Ok(())
    }

    fn max_chars(&mut self, argument: Option<Vec<u8>>) -> Result<(), Stop> {
        let (value, most) = (self.integer('s', argument)?, most_bytes());
        let bytes = usize::try_from(value).unwrap_or(0);
        if bytes < 1 {
            self.program.complain(&format!("value {value} for -s option should be >= 1"));
        } else if bytes > most {
            self.program.complain(&format!("value {value} for -s option should be <= {most}"));
        }
        self.options.max_chars = bytes.clamp(1, most);
        Ok(())
    }

    fn integer(&self, letter: char, argument: Option<Vec<u8>>) -> Result<i64, Stop> {
        let text = argument.unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        text.trim_start()
            .parse()
            .map_err(|_| Stop(self.program.misuse(&format!("invalid number \"{text}\" for -{letter} option"))))
    }

    fn number(&self, letter: char, argument: Option<Vec<u8>>, least: usize) -> Result<usize, Stop> {
        let value = self.integer(letter, argument)?;
        usize::try_from(value).ok().filter(|number| *number >= least).ok_or_else(|| {
            Stop(self.program.misuse(&format!("value {value} for -{letter} option should be >= {least}")))
        })
    }
}

/// Reads the argument of `-d`: a byte, or an escape that stands for one.
fn delimiter(text: &[u8]) -> Result<u8, String> {
    let escape = match text {
        [byte] => return Ok(*byte),
        [b'\\', escape @ ..] => escape,
        _ => {
            let text = String::from_utf8_lossy(text);
            return Err(format!(
                "Invalid input delimiter specification {text}: the delimiter must be either a single character or an \
                 escape sequence starting with \\."
            ));
        }
    };
    let simple = |byte: u8| -> Option<u8> {
        let (_, value) = b"abfnrtv\\".iter().zip(*b"\x07\x08\x0c\n\r\t\x0b\\").find(|(letter, _)| **letter == byte)?;
        Some(value)
    };
    let number = |digits: &[u8], radix| u8::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok();
    let value = match escape {
        [b'x', digits @ ..] => number(digits, 16),
        [b'0'..=b'7', ..] => number(escape, 8),
        // GNU looks at the first letter alone.
        [letter, ..] => simple(*letter),
        [] => None,
    };
    value.ok_or_else(|| {
        format!("Invalid escape sequence {} in input delimiter specification.", String::from_utf8_lossy(text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delimiter_is_a_byte_or_an_escape() {
        let check = |text: &str, expected: Option<u8>| assert_eq!(delimiter(text.as_bytes()).ok(), expected, "{text}");
        check(",", Some(b','));
        check(r"\n", Some(b'\n'));
        check(r"\t\t", Some(b'\t'));
        check(r"\x61", Some(b'a'));
        check(r"\012", Some(b'\n'));
        check(r"\0", Some(0));
        check(r"\\", Some(b'\\'));
        check(r"\q", None);
        check(r"\777", None);
        check("ab", None);
        check("", None);
    }
}
