//! The options of `jq`, read once.

use super::inputs::Reading;
use crate::json::{self, Layout};
use crate::value::{Map, Value};

/// What a call asks for. Any value is fine.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(super) struct Options {
    /// The program's text, or the file it is in.
    pub(super) program: Option<String>,
    pub(super) from_file: bool,
    pub(super) files: Vec<String>,
    pub(super) reading: Reading,
    pub(super) null_input: bool,
    pub(super) raw: bool,
    /// Nothing after an output, or a NUL.
    pub(super) joined: bool,
    pub(super) nul: bool,
    pub(super) layout: Layout,
    pub(super) colored: Option<bool>,
    pub(super) unbuffered: bool,
    pub(super) exit_status: bool,
    pub(super) folders: Option<Vec<String>>,
    pub(super) named: Map,
    pub(super) positional: Vec<Value>,
}

/// What is to be done.
pub(super) enum Request {
    Run(Box<Options>),
    Help,
    Version,
    BuildConfiguration,
}

/// What the operands after the program are.
enum Operands {
    Files,
    Strings,
    Json,
}

struct Parser {
    options: Options,
    args: std::vec::IntoIter<String>,
    operands: Operands,
}

/// Reads the command line.
///
/// # Errors
///
/// The message; the status is 2.
pub(super) fn parse(args: Vec<String>) -> Result<Request, String> {
    let mut options = Options::default();
    options.layout.indent = Some("  ".into());
    let mut parser = Parser { options, args: args.into_iter(), operands: Operands::Files };
    let mut only_operands = false;
    while let Some(arg) = parser.args.next() {
        if only_operands || !is_option(&arg) {
            parser.operand(arg)?;
        } else if arg == "--" {
            only_operands = true;
        } else if let Some(name) = arg.strip_prefix("--") {
            match name {
                "help" => return Ok(Request::Help),
                "version" => return Ok(Request::Version),
                "build-configuration" => return Ok(Request::BuildConfiguration),
                _ => parser.long(name)?,
            }
        } else if let Some(request) = parser.short(&arg)? {
            return Ok(request);
        }
    }
    Ok(Request::Run(Box::new(parser.options)))
}

/// Whether an argument is an option: `-` and a letter, or `--`. A filter such as `-1` is none.
fn is_option(arg: &str) -> bool {
    arg.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c == '-' || c.is_ascii_alphabetic()))
}

impl Parser {
    fn operand(&mut self, arg: String) -> Result<(), String> {
        if self.options.program.is_none() {
            self.options.program = Some(arg);
            return Ok(());
        }
        match self.operands {
            Operands::Files => self.options.files.push(arg),
            Operands::Strings => self.options.positional.push(Value::string(arg)),
            Operands::Json => {
                let value = one_value(arg.as_bytes()).ok_or("invalid JSON text passed to --jsonargs")?;
                self.options.positional.push(value);
            }
        }
        Ok(())
    }

    fn short(&mut self, arg: &str) -> Result<Option<Request>, String> {
        for (at, letter) in arg.char_indices().skip(1) {
            let options = &mut self.options;
            match letter {
                's' => options.reading.slurp = true,
                'r' => options.raw = true,
                'j' => (options.raw, options.joined) = (true, true),
                'c' => options.layout.indent = None,
                'C' => options.colored = Some(true),
                'M' => options.colored = Some(false),
                'a' => options.layout.ascii = true,
                'S' => options.layout.sort_keys = true,
                'R' => options.reading.raw = true,
                'n' => options.null_input = true,
                'f' => options.from_file = true,
                'b' => {}
                'e' => options.exit_status = true,
                'h' => return Ok(Some(Request::Help)),
                'V' => return Ok(Some(Request::Version)),
                'L' => {
                    let rest = arg.get(at + 1..).unwrap_or_default();
                    let folder = if rest.is_empty() { self.args.next() } else { Some(rest.to_owned()) };
                    self.folder(folder)?;
                    return Ok(None);
                }
                _ => return Err(format!("Unknown option: {arg}")),
            }
        }
        Ok(None)
    }

    fn folder(&mut self, folder: Option<String>) -> Result<(), String> {
        let missing = "-L takes a parameter: (e.g. -L /search/path or -L/search/path)";
        self.options.folders.get_or_insert_default().push(folder.ok_or(missing)?);
        Ok(())
    }

    fn long(&mut self, name: &str) -> Result<(), String> {
        let options = &mut self.options;
        match name {
            "slurp" => options.reading.slurp = true,
            "raw-output" => options.raw = true,
            "raw-output0" => (options.raw, options.joined, options.nul) = (true, true, true),
            "join-output" => (options.raw, options.joined) = (true, true),
            "compact-output" => options.layout.indent = None,
            "color-output" => options.colored = Some(true),
            "monochrome-output" => options.colored = Some(false),
            "ascii-output" => options.layout.ascii = true,
            "unbuffered" => options.unbuffered = true,
            "sort-keys" => options.layout.sort_keys = true,
            "raw-input" => options.reading.raw = true,
            "null-input" => options.null_input = true,
            "from-file" => options.from_file = true,
            "binary" => {}
            "tab" => options.layout.indent = Some("\t".into()),
            "indent" => self.indent()?,
            "seq" => options.reading.seq = true,
            "stream" => options.reading.stream = true,
            "stream-errors" => (options.reading.stream, options.reading.stream_errors) = (true, true),
            "exit-status" => options.exit_status = true,
            "args" => self.operands = Operands::Strings,
            "jsonargs" => self.operands = Operands::Json,
            "library-path" => {
                let folder = self.args.next();
                self.folder(folder)?;
            }
            "arg" | "argjson" | "slurpfile" | "rawfile" => self.variable(name)?,
            _ => return Err(format!("Unknown option: --{name}")),
        }
        Ok(())
    }

    fn indent(&mut self) -> Result<(), String> {
        let number = self.args.next().ok_or("--indent takes one parameter")?;
        self.options.layout.indent = match number.parse::<i32>() {
            Ok(-1) => Some("\t".into()),
            Ok(0) => None,
            Ok(count @ 1..=7) => Some(" ".repeat(usize::try_from(count).unwrap_or(0))),
            Ok(8..) => return Err("Cannot indent more than 7 characters".into()),
            Ok(_) => return Err("Cannot indent less than -1".into()),
            Err(_) => return Err("--indent takes a number".into()),
        };
        Ok(())
    }

    fn variable(&mut self, option: &str) -> Result<(), String> {
        let second = match option {
            "arg" => "value",
            "argjson" => "text",
            _ => "filename",
        };
        let missing = || format!("--{option} takes two parameters (e.g. --{option} varname {second})");
        let name = self.args.next().ok_or_else(missing)?;
        let text = self.args.next().ok_or_else(missing)?;
        let value = match option {
            "arg" => Value::string(text),
            "argjson" => one_value(text.as_bytes()).ok_or("invalid JSON text passed to --argjson")?,
            _ => file(option, &name, &text)?,
        };
        if self.options.named.get(&name).is_none() {
            self.options.named.insert(name.into(), value);
        }
        Ok(())
    }
}

/// The value of a text that has just one.
fn one_value(text: &[u8]) -> Option<Value> {
    let mut values = json::parse_text(text).ok()?;
    (values.len() == 1).then(|| values.swap_remove(0))
}

/// The content of a file, as `--slurpfile` and `--rawfile` have it.
fn file(option: &str, name: &str, path: &str) -> Result<Value, String> {
    let bad = |reason: String| format!("Bad JSON in --{option} {name} {path}: {reason}");
    let unreadable = |error| bad(format!("Could not open {path}: {}", sandshell_sys::reason(&error)));
    let text = std::fs::read(path).map_err(unreadable)?;
    if option == "rawfile" {
        return Ok(Value::string(String::from_utf8_lossy(&text)));
    }
    json::parse_text(&text).map(Value::array).map_err(bad)
}
