//! The command line of grep: POSIX's options and GNU's, read once into [`Options`].

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use lexopt::Arg::{Long, Short, Value};
use lexopt::ValueExt;

/// How patterns are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Basic,
    Extended,
    Fixed,
    Perl,
}

/// What is done with a directory named on the command line or met below one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Directories {
    Read,
    Skip,
    Recurse,
}

/// What is done with a file that is not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BinaryFiles {
    Summarise,
    AsText,
    NoMatch,
}

/// When matches are coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileNames {
    /// With several files or below a directory.
    Automatic,
    Always,
    Never,
}

/// What is listed instead of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    Lines,
    Count,
    FilesWithMatches,
    FilesWithoutMatches,
}

/// All settings of one call. Any value is fine.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Options {
    pub(crate) patterns: Vec<Vec<u8>>,
    pub(crate) kind: Kind,
    pub(crate) ignore_case: bool,
    pub(crate) invert: bool,
    pub(crate) word: bool,
    pub(crate) line: bool,
    pub(crate) list: List,
    pub(crate) max_count: Option<u64>,
    pub(crate) only_matching: bool,
    pub(crate) quiet: bool,
    /// Stdout is `/dev/null`: a file's first selected line is all that counts.
    pub(crate) to_null: bool,
    pub(crate) no_messages: bool,
    pub(crate) byte_offset: bool,
    pub(crate) line_number: bool,
    pub(crate) initial_tab: bool,
    pub(crate) null_after_name: bool,
    pub(crate) null_data: bool,
    pub(crate) file_names: FileNames,
    pub(crate) label: Vec<u8>,
    pub(crate) before: usize,
    pub(crate) after: usize,
    /// Context was asked for, be it of no lines: groups are separated.
    pub(crate) groups: bool,
    pub(crate) separator: Option<Vec<u8>>,
    pub(crate) colour: bool,
    pub(crate) binary: BinaryFiles,
    pub(crate) directories: Directories,
    /// `-R`: links met below a directory are followed.
    pub(crate) follow_links: bool,
    pub(crate) include: Vec<String>,
    pub(crate) exclude: Vec<String>,
    pub(crate) exclude_dir: Vec<String>,
    pub(crate) files: Vec<PathBuf>,
}

/// What the command line asks for.
pub(crate) enum Request {
    Search(Box<Options>),
    /// Help or version: print it and succeed.
    Print(String),
}

const USAGE: &str = "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.";

const HELP: &str = "Usage: grep [OPTION]... PATTERNS [FILE]...
Search for PATTERNS in each FILE; with no FILE, in standard input (with -r: in the working directory).

  -E, --extended-regexp  -F, --fixed-strings  -G, --basic-regexp  -P, --perl-regexp
  -e, --regexp=PATTERNS  -f, --file=FILE  -i, --ignore-case  --no-ignore-case
  -w, --word-regexp  -x, --line-regexp  -z, --null-data  -s, --no-messages  -v, --invert-match
  -m, --max-count=NUM  -b, --byte-offset  -n, --line-number  -H, --with-filename
  -h, --no-filename  --label=LABEL  -o, --only-matching  -q, --quiet, --silent
  --binary-files=TYPE  -a, --text  -I  -d, --directories=ACTION  -r, --recursive
  -R, --dereference-recursive  --include=GLOB  --exclude=GLOB  --exclude-dir=GLOB
  --exclude-from=FILE  -L, --files-without-match  -l, --files-with-matches  -c, --count
  -T, --initial-tab  -Z, --null  -B, --before-context=NUM  -A, --after-context=NUM
  -C, --context=NUM, -NUM  --group-separator=SEP  --no-group-separator  --color[=WHEN]
  --line-buffered  -U, --binary

Exit status is 0 if any line is selected, 1 otherwise, 2 if an error occurs.
";

impl Options {
    fn new(called_as: &str) -> Self {
        let kind = match called_as {
            "egrep" => Kind::Extended,
            "fgrep" => Kind::Fixed,
            _ => Kind::Basic,
        };
        Self {
            patterns: Vec::new(),
            kind,
            ignore_case: false,
            invert: false,
            word: false,
            line: false,
            list: List::Lines,
            max_count: None,
            only_matching: false,
            quiet: false,
            to_null: false,
            no_messages: false,
            byte_offset: false,
            line_number: false,
            initial_tab: false,
            null_after_name: false,
            null_data: false,
            file_names: FileNames::Automatic,
            label: b"(standard input)".to_vec(),
            before: 0,
            after: 0,
            groups: false,
            separator: Some(b"--".to_vec()),
            colour: false,
            binary: BinaryFiles::Summarise,
            directories: Directories::Read,
            follow_links: false,
            include: Vec::new(),
            exclude: Vec::new(),
            exclude_dir: Vec::new(),
            files: Vec::new(),
        }
    }
}

/// What was read besides the options themselves.
#[derive(Default)]
struct Rest {
    /// `-E`, `-F`, `-G` or `-P` was given, or the name of the program says it.
    has_kind: bool,
    /// `-e` or `-f` was given, so that the first operand is a file.
    has_pattern: bool,
    operands: Vec<OsString>,
    /// Digits of `-NUM` read so far.
    context_digits: String,
    before: Option<usize>,
    after: Option<usize>,
    context: Option<usize>,
}

/// Reads the command line.
///
/// # Errors
///
/// The message for stderr, without `grep: `.
pub(crate) fn parse(argv: impl IntoIterator<Item = OsString>) -> Result<Request, String> {
    let mut argv = argv.into_iter();
    let name = argv.next().unwrap_or_default();
    let called_as = Path::new(&name).file_name().and_then(|name| name.to_str()).unwrap_or("grep").to_owned();
    let mut options = Options::new(&called_as);
    let mut rest = Rest { has_kind: called_as == "egrep" || called_as == "fgrep", ..Rest::default() };
    let mut parser = lexopt::Parser::from_args(argv);
    loop {
        let argument = parser.next().map_err(|error| usage(&error))?;
        match argument {
            None => break,
            Some(Short('V') | Long("version")) => {
                return Ok(Request::Print(format!("grep (sandshell) {}\n", env!("CARGO_PKG_VERSION"))));
            }
            Some(Long("help")) => return Ok(Request::Print(HELP.to_owned())),
            Some(Value(operand)) => rest.operands.push(operand),
            Some(Short(flag)) => {
                if flag.is_ascii_digit() {
                    rest.context_digits.push(flag);
                    continue;
                }
                let long = long_name(flag).ok_or_else(|| format!("invalid option -- '{flag}'\n{USAGE}"))?;
                apply(&mut options, &mut rest, long, &mut parser)?;
            }
            Some(Long(long)) => {
                let long = complete(long)?;
                apply(&mut options, &mut rest, long, &mut parser)?;
            }
        }
    }
    finish(options, rest)
}

fn usage(error: &lexopt::Error) -> String {
    if let lexopt::Error::MissingValue { option: Some(option) } = error {
        return match option.strip_prefix("--") {
            Some(_) => format!("option '{option}' requires an argument\n{USAGE}"),
            None => format!("option requires an argument -- '{}'\n{USAGE}", option.trim_start_matches('-')),
        };
    }
    format!("{error}\n{USAGE}")
}

/// Every long option, as `apply` knows it.
const LONG: &[&str] = &[
    "extended-regexp",
    "fixed-strings",
    "basic-regexp",
    "perl-regexp",
    "regexp",
    "file",
    "ignore-case",
    "no-ignore-case",
    "word-regexp",
    "line-regexp",
    "null-data",
    "no-messages",
    "invert-match",
    "max-count",
    "byte-offset",
    "line-number",
    "with-filename",
    "no-filename",
    "label",
    "only-matching",
    "quiet",
    "silent",
    "binary-files",
    "text",
    "without-match",
    "directories",
    "recursive",
    "dereference-recursive",
    "include",
    "exclude",
    "exclude-dir",
    "exclude-from",
    "files-without-match",
    "files-with-matches",
    "count",
    "initial-tab",
    "null",
    "before-context",
    "after-context",
    "context",
    "group-separator",
    "no-group-separator",
    "color",
    "colour",
    "line-buffered",
    "binary",
    "devices",
];

/// Finds a long option by its name or an unambiguous start of it.
fn complete(given: &str) -> Result<&'static str, String> {
    if let Some(exact) = LONG.iter().find(|name| **name == given) {
        return Ok(exact);
    }
    let candidates: Vec<&&str> = LONG.iter().filter(|name| name.starts_with(given)).collect();
    match candidates.as_slice() {
        [only] => Ok(only),
        [] => Err(format!("unrecognized option '--{given}'\n{USAGE}")),
        several => {
            let names: String = several.iter().map(|name| format!(" '--{name}'")).collect();
            Err(format!("option '--{given}' is ambiguous; possibilities:{names}\n{USAGE}"))
        }
    }
}

fn long_name(flag: char) -> Option<&'static str> {
    Some(match flag {
        'E' => "extended-regexp",
        'F' => "fixed-strings",
        'G' => "basic-regexp",
        'P' => "perl-regexp",
        'e' => "regexp",
        'f' => "file",
        'i' | 'y' => "ignore-case",
        'w' => "word-regexp",
        'x' => "line-regexp",
        'z' => "null-data",
        's' => "no-messages",
        'v' => "invert-match",
        'm' => "max-count",
        'b' => "byte-offset",
        'n' => "line-number",
        'H' => "with-filename",
        'h' => "no-filename",
        'o' => "only-matching",
        'q' => "quiet",
        'a' => "text",
        'I' => "without-match",
        'd' => "directories",
        'D' => "devices",
        'r' => "recursive",
        'R' => "dereference-recursive",
        'L' => "files-without-match",
        'l' => "files-with-matches",
        'c' => "count",
        'T' => "initial-tab",
        'Z' => "null",
        'B' => "before-context",
        'A' => "after-context",
        'C' => "context",
        'U' => "binary",
        _ => return None,
    })
}

/// Sets how patterns are written; two ways at once are refused.
fn choose(options: &mut Options, rest: &mut Rest, kind: Kind) -> Result<(), String> {
    if rest.has_kind && options.kind != kind {
        return Err("conflicting matchers specified".to_owned());
    }
    rest.has_kind = true;
    options.kind = kind;
    Ok(())
}

fn writes_to_terminal() -> bool {
    let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    !dumb && sandshell_sys::is_terminal(sandshell_sys::Fd::STDOUT).unwrap_or(false)
}

/// Applies one option; options with a value take it from the parser.
fn apply(options: &mut Options, rest: &mut Rest, name: &str, parser: &mut lexopt::Parser) -> Result<(), String> {
    match name {
        "extended-regexp" => choose(options, rest, Kind::Extended)?,
        "fixed-strings" => choose(options, rest, Kind::Fixed)?,
        "basic-regexp" => choose(options, rest, Kind::Basic)?,
        "perl-regexp" => choose(options, rest, Kind::Perl)?,
        "ignore-case" => options.ignore_case = true,
        "no-ignore-case" => options.ignore_case = false,
        "word-regexp" => options.word = true,
        "line-regexp" => options.line = true,
        "null-data" => options.null_data = true,
        "no-messages" => options.no_messages = true,
        "invert-match" => options.invert = true,
        "byte-offset" => options.byte_offset = true,
        "line-number" => options.line_number = true,
        "with-filename" => options.file_names = FileNames::Always,
        "no-filename" => options.file_names = FileNames::Never,
        "only-matching" => options.only_matching = true,
        "quiet" | "silent" => options.quiet = true,
        "text" => options.binary = BinaryFiles::AsText,
        "without-match" => options.binary = BinaryFiles::NoMatch,
        "recursive" | "dereference-recursive" => {
            options.directories = Directories::Recurse;
            options.follow_links = name == "dereference-recursive";
        }
        "files-without-match" => options.list = List::FilesWithoutMatches,
        "files-with-matches" => options.list = List::FilesWithMatches,
        // Names alone are asked for before or after: they win.
        "count" if matches!(options.list, List::FilesWithMatches | List::FilesWithoutMatches) => {}
        "count" => options.list = List::Count,
        "initial-tab" => options.initial_tab = true,
        "null" => options.null_after_name = true,
        "no-group-separator" => options.separator = None,
        // Output is written when a block is done or the reader waits; files are not opened in text mode.
        "line-buffered" | "binary" => {}
        "color" | "colour" => {
            let when = parser.optional_value().map(bytes).unwrap_or_else(|| b"auto".to_vec());
            options.colour = match when.as_slice() {
                b"always" | b"yes" | b"force" => true,
                b"never" | b"no" | b"none" => false,
                b"auto" | b"tty" | b"if-tty" => writes_to_terminal(),
                _ => {
                    return Err(format!(
                        "invalid argument '{}' for '--color'\n{USAGE}",
                        String::from_utf8_lossy(&when)
                    ));
                }
            };
        }
        _ => return apply_value(options, rest, name, parser),
    }
    Ok(())
}

fn apply_value(options: &mut Options, rest: &mut Rest, name: &str, parser: &mut lexopt::Parser) -> Result<(), String> {
    let value = parser.value().map_err(|error| usage(&error))?;
    match name {
        "regexp" => {
            rest.has_pattern = true;
            add_patterns(options, &bytes(value));
        }
        "file" => {
            rest.has_pattern = true;
            let text = read_whole(&value)?;
            // An empty file has no pattern and matches nothing; an empty line in it matches everything.
            if !text.is_empty() {
                add_patterns(options, text.strip_suffix(b"\n").unwrap_or(&text));
            }
        }
        "max-count" => options.max_count = Some(number(&value, "invalid max count")?).filter(|_| !is_negative(&value)),
        "label" => options.label = bytes(value),
        "before-context" => rest.before = Some(context(&value)?),
        "after-context" => rest.after = Some(context(&value)?),
        "context" => rest.context = Some(context(&value)?),
        "group-separator" => options.separator = Some(bytes(value)),
        "include" => options.include.push(text(value)?),
        "exclude" => options.exclude.push(text(value)?),
        "exclude-dir" => options.exclude_dir.push(text(value)?),
        "exclude-from" => {
            let globs = String::from_utf8(read_whole(&value)?).map_err(|_| "invalid glob".to_owned())?;
            options.exclude.extend(globs.lines().map(str::to_owned));
        }
        "binary-files" => {
            options.binary = match text(value)?.as_str() {
                "binary" => BinaryFiles::Summarise,
                "text" => BinaryFiles::AsText,
                "without-match" => BinaryFiles::NoMatch,
                _ => return Err("unknown binary-files type".to_owned()),
            }
        }
        "directories" => {
            options.directories = match text(value)?.as_str() {
                "read" => Directories::Read,
                "skip" => Directories::Skip,
                "recurse" => Directories::Recurse,
                _ => return Err("unknown directories method".to_owned()),
            }
        }
        _ => {
            if !matches!(text(value)?.as_str(), "read" | "skip") {
                return Err("unknown devices method".to_owned());
            }
        }
    }
    Ok(())
}

fn finish(mut options: Options, mut rest: Rest) -> Result<Request, String> {
    if !rest.has_pattern {
        if rest.operands.is_empty() {
            return Err(USAGE.to_owned());
        }
        let pattern = bytes(rest.operands.remove(0));
        add_patterns(&mut options, &pattern);
    }
    if !rest.context_digits.is_empty() {
        rest.context = Some(rest.context_digits.parse().unwrap_or(usize::MAX));
    }
    options.groups = rest.before.or(rest.after).or(rest.context).is_some();
    options.before = rest.before.or(rest.context).unwrap_or(0);
    options.after = rest.after.or(rest.context).unwrap_or(0);
    options.files = rest.operands.into_iter().map(PathBuf::from).collect();
    Ok(Request::Search(Box::new(options)))
}

/// Adds the patterns of one argument: one a line.
fn add_patterns(options: &mut Options, text: &[u8]) {
    options.patterns.extend(text.split(|&byte| byte == b'\n').map(<[u8]>::to_vec));
}

fn read_whole(path: &OsString) -> Result<Vec<u8>, String> {
    let read = if path == "-" {
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin(), &mut text).map(|_| text)
    } else {
        std::fs::read(path)
    };
    read.map_err(|error| format!("{}: {}", path.to_string_lossy(), crate::reason::reason(&error)))
}

fn bytes(value: OsString) -> Vec<u8> {
    value.into_encoded_bytes()
}

fn text(value: OsString) -> Result<String, String> {
    value.string().map_err(|error| error.to_string())
}

fn is_negative(value: &OsString) -> bool {
    value.to_str().is_some_and(|text| text.starts_with('-'))
}

fn number(value: &OsString, message: &str) -> Result<u64, String> {
    let text = value.to_str().unwrap_or("");
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.parse().map_err(|_| message.to_owned())
}

fn context(value: &OsString) -> Result<usize, String> {
    let shown = value.to_string_lossy();
    shown.parse().map_err(|_| format!("{shown}: invalid context length argument"))
}
