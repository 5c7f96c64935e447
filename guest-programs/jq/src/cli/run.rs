//! One call of `jq`, from the command line to the exit status.

use std::io::{self, BufWriter, Write};
use std::rc::Rc;

use super::colors::colors;
use super::inputs::Inputs;
use super::options::{self, Options, Request};
use super::program::{compile_program, default_folders, expand};
use super::usage;
use crate::builtins::{Context, print_error};
use crate::compile::{Code, Library};
use crate::json;
use crate::message::Failure;
use crate::value::{Map, Value};
use crate::vm::Machine;

const VERSION: &str = "jq-1.8\n";
/// Exit statuses.
const USAGE: i32 = 2;
const COMPILE: i32 = 3;
const NO_OUTPUT: i32 = 4;
const ERROR: i32 = 5;
/// As after SIGPIPE.
const BROKEN_PIPE: i32 = 141;

/// Runs `jq`; the exit status.
pub(crate) fn main(argv: Vec<Vec<u8>>) -> i32 {
    let args = argv.iter().map(|arg| String::from_utf8_lossy(arg).into_owned()).collect();
    let text = match options::parse(args) {
        Ok(Request::Run(options)) => return run(*options),
        Ok(Request::Help) => usage::HELP,
        Ok(Request::Version) => VERSION,
        Ok(Request::BuildConfiguration) => "sandshell\n",
        Err(message) => {
            print_error(&format!(
                "jq: error: {message}\nUse jq --help for help with command-line options,\nor see the jq manpage, or online docs  at https://jqlang.github.io/jq\n"
            ));
            return USAGE;
        }
    };
    i32::from(io::stdout().write_all(text.as_bytes()).is_err()) * USAGE
}

fn run(mut options: Options) -> i32 {
    let Some(mut program) = options.program.take() else {
        print_error(usage::SHORT);
        return USAGE;
    };
    if options.from_file {
        match std::fs::read(&program) {
            Ok(text) => program = String::from_utf8_lossy(&text).into_owned(),
            Err(error) => {
                print_error(&format!("jq: error: Could not open {program}: {}\n", sandshell_sys::reason(&error)));
                return USAGE;
            }
        }
    }
    let folders = options.folders.take().map(|folders| folders.into_iter().map(expand).collect());
    let library = Rc::new(Library { folders: folders.unwrap_or_else(default_folders), environment_calls: false });
    let code = match compile_program(&program, &variables(&mut options), &library) {
        Ok(code) => code,
        Err(report) => {
            print_error(&report);
            return COMPILE;
        }
    };
    set_colors(&mut options);
    let inputs = Inputs::new(std::mem::take(&mut options.files), options.reading);
    let context = Context::new(Box::new(inputs), library);
    let out = BufWriter::with_capacity(1 << 16, io::stdout());
    Session { options, context, out, line: String::new(), last: None, status: 0, halted: false }.run(&code)
}

/// `$ARGS` and the variables of the command line.
fn variables(options: &mut Options) -> Vec<(String, Value)> {
    let mut variables: Vec<(String, Value)> =
        options.named.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
    let positional = Value::array(std::mem::take(&mut options.positional));
    let named = Value::object(std::mem::take(&mut options.named));
    let args = Map::from_iter([("positional".into(), positional), ("named".into(), named)]);
    variables.push(("ARGS".into(), Value::object(args)));
    variables
}

fn set_colors(options: &mut Options) {
    let setting = std::env::var("JQ_COLORS").ok();
    let (colors, understood) = colors(setting.as_deref());
    if !understood {
        print_error("Failed to set $JQ_COLORS\n");
    }
    let no_color = || std::env::var("NO_COLOR").is_ok_and(|setting| !setting.is_empty());
    let automatic = || sandshell_sys::is_terminal(sandshell_sys::Fd::STDOUT).unwrap_or(false) && !no_color();
    if options.colored.unwrap_or_else(automatic) {
        options.layout.colors = Some(Box::new(colors));
    }
}

/// A message for an error that nothing caught.
fn describe_failure(value: &Value, place: Option<String>) -> String {
    let place = place.unwrap_or_else(|| "<unknown>".into());
    match value {
        Value::Str(text) => format!("jq: error (at {place}): {text}\n"),
        other => format!("jq: error (at {place}) (not a string): {}\n", json::compact(other)),
    }
}

struct Session {
    options: Options,
    context: Context,
    out: BufWriter<io::Stdout>,
    line: String,
    /// Whether the last output was true, for `-e`.
    last: Option<bool>,
    status: i32,
    halted: bool,
}

impl Session {
    fn run(mut self, code: &Code) -> i32 {
        let mut written = Ok(());
        if self.options.null_input {
            written = self.process(code, Value::Null);
        } else {
            while written.is_ok() && !self.halted {
                match self.context.input.next() {
                    Ok(Some(value)) => written = self.process(code, value),
                    Ok(None) => break,
                    Err(message) => {
                        print_error(&format!("jq: parse error: {message}\n"));
                        self.status = ERROR;
                        break;
                    }
                }
            }
        }
        if let Err(error) = written.and_then(|()| self.out.flush()) {
            if error.kind() == io::ErrorKind::BrokenPipe {
                return BROKEN_PIPE;
            }
            print_error(&format!("jq: error: writing output failed: {}\n", sandshell_sys::reason(&error)));
            return USAGE;
        }
        if self.context.input.has_failed() && !self.halted {
            self.status = USAGE;
        }
        match self.last {
            _ if self.status != 0 || self.halted || !self.options.exit_status => self.status,
            None => NO_OUTPUT,
            Some(last) => i32::from(!last),
        }
    }

    /// Runs the program on one input.
    fn process(&mut self, code: &Code, input: Value) -> io::Result<()> {
        let mut machine = Machine::new(code, &mut self.context, input);
        self.status = 0;
        loop {
            match machine.next() {
                Ok(Some(value)) => {
                    self.last = Some(value.is_true());
                    self.line.clear();
                    if !render(&value, &self.options, &mut self.line) {
                        let message = "Cannot dump a string containing NUL with --raw-output0 option";
                        let place = machine.context().input.place();
                        print_error(&describe_failure(&Value::string(message), place));
                        self.status = ERROR;
                        return Ok(());
                    }
                    self.out.write_all(self.line.as_bytes())?;
                    if self.options.unbuffered {
                        self.out.flush()?;
                    }
                }
                Ok(None) => return Ok(()),
                Err(Failure::Halt(value, status)) => {
                    self.out.flush()?;
                    (self.halted, self.status) = (true, status.into());
                    match value {
                        Some(Value::Str(text)) => print_error(&text),
                        Some(value) => print_error(&format!("{}\n", json::compact(&value))),
                        None => {}
                    }
                    return Ok(());
                }
                Err(Failure::Error(value)) => {
                    let place = machine.context().input.place();
                    print_error(&describe_failure(&value, place));
                    self.status = ERROR;
                    return Ok(());
                }
                Err(Failure::Break(_)) => {
                    print_error("jq: error: break without label\n");
                    self.status = ERROR;
                    return Ok(());
                }
            }
        }
    }
}

/// One output with what surrounds it; false when it cannot be told from the next.
fn render(value: &Value, options: &Options, line: &mut String) -> bool {
    if options.reading.seq {
        line.push('\u{1e}');
    }
    match value {
        Value::Str(text) if options.raw && options.nul && text.contains('\0') => return false,
        Value::Str(text) if options.raw && !options.layout.ascii => line.push_str(text),
        value => json::write(value, &options.layout, line),
    }
    if options.nul {
        line.push('\0');
    } else if !options.joined {
        line.push('\n');
    }
    true
}
