//! One call of `yq`, from the command line to the exit status.

use std::io::{self, Read, Write};
use std::path::Path;
use std::rc::Rc;

use super::options::{self, Format, Options, Request};
use super::{emit, read};
use crate::builtins::{Context, print_error};
use crate::cli::{NoInput, compile_program, default_folders};
use crate::compile::{Code, Library};
use crate::json::{self, Layout};
use crate::message::Failure;
use crate::value::Value;
use crate::vm::Machine;

const FAILURE: i32 = 1;

/// Runs `yq`; the exit status.
pub(crate) fn main(argv: Vec<Vec<u8>>) -> i32 {
    let args = argv.iter().map(|arg| String::from_utf8_lossy(arg).into_owned()).collect();
    let request = match options::parse(args) {
        Ok(request) => request,
        Err(message) => return fail(&message),
    };
    let text = match request {
        Request::Run(options) => match run(&options) {
            Ok(status) => return status,
            Err(message) => return fail(&message),
        },
        Request::Help => options::HELP.to_owned(),
        Request::Version => format!("yq (sandshell) version v4 {}\n", env!("CARGO_PKG_VERSION")),
    };
    i32::from(io::stdout().write_all(text.as_bytes()).is_err())
}

fn fail(message: &str) -> i32 {
    print_error(&format!("Error: {message}\n"));
    FAILURE
}

fn run(options: &Options) -> Result<i32, String> {
    let library = Rc::new(Library { folders: default_folders(), environment_calls: true });
    let variables: Vec<(String, Value)> =
        options.variables.iter().map(|(name, value)| (name.clone(), Value::string(value.as_str()))).collect();
    let filter = options.filter.as_deref().filter(|filter| !filter.is_empty()).unwrap_or(".");
    let code = compile_program(filter, &variables, &library).map_err(|report| report.trim_end().to_owned())?;
    let documents = if options.null_input { vec![Value::Null] } else { documents(options)? };
    let documents = if options.slurp { vec![Value::array(documents)] } else { documents };
    let mut context = Context::new(Box::new(NoInput), library);
    let mut printer =
        Printer { options, format: output_format(options), text: String::new(), last: None, document: None };
    let mut failure = None;
    for (at, document) in documents.into_iter().enumerate() {
        if let Err(message) = printer.process(&code, &mut context, at, document) {
            failure = Some(message);
            break;
        }
    }
    if options.in_place {
        let file = options
            .files
            .first()
            .ok_or("write in place flag only applicable when giving an expression and at least one file")?;
        if failure.is_none() {
            std::fs::write(file, &printer.text)
                .map_err(|error| format!("{file}: {}", sandshell_sys::reason(&error)))?;
        }
    } else {
        let written = io::stdout().write_all(printer.text.as_bytes());
        written.map_err(|error| format!("writing output: {}", sandshell_sys::reason(&error)))?;
    }
    match failure {
        Some(message) => Err(message),
        None if options.exit_status && printer.last != Some(true) => Err("no matches found".into()),
        None => Ok(0),
    }
}

/// YAML, unless JSON is asked for, or goes in and comes out.
fn output_format(options: &Options) -> Format {
    let compact_json = options.compact.then_some(Format::Json);
    options.output.or(compact_json).unwrap_or(Format::Yaml)
}

/// All documents of the inputs.
fn documents(options: &Options) -> Result<Vec<Value>, String> {
    if options.files.is_empty() {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        read.map_err(|error| format!("standard input: {}", sandshell_sys::reason(&error)))?;
        return parse(&bytes, options.input.unwrap_or(Format::Yaml), "-");
    }
    let mut all = Vec::new();
    for file in &options.files {
        let bytes = std::fs::read(file)
            .map_err(|error| format!("open {file}: {}", sandshell_sys::reason(&error).to_lowercase()))?;
        let by_name =
            if Path::new(file).extension().is_some_and(|name| name == "json") { Format::Json } else { Format::Yaml };
        all.extend(parse(&bytes, options.input.unwrap_or(by_name), file)?);
    }
    Ok(all)
}

fn parse(bytes: &[u8], format: Format, file: &str) -> Result<Vec<Value>, String> {
    match format {
        Format::Json => json::parse_text(bytes).map_err(|message| format!("bad file '{file}': {message}")),
        Format::Yaml => {
            let text = String::from_utf8_lossy(bytes);
            read::documents(&text).map_err(|message| format!("bad file '{file}': yaml: {message}"))
        }
    }
}

struct Printer<'a> {
    options: &'a Options,
    format: Format,
    text: String,
    last: Option<bool>,
    /// The document of the last result.
    document: Option<usize>,
}

impl Printer<'_> {
    fn process(&mut self, code: &Code, context: &mut Context, at: usize, input: Value) -> Result<(), String> {
        let mut machine = Machine::new(code, context, input);
        loop {
            match machine.next() {
                Ok(Some(value)) => self.print(&value, at),
                Ok(None) => return Ok(()),
                Err(Failure::Error(Value::Str(text))) => return Err(text.to_string()),
                Err(Failure::Error(other) | Failure::Halt(Some(other), _)) => return Err(json::compact(&other)),
                Err(Failure::Break(_)) => return Err("break without label".into()),
                Err(Failure::Halt(None, _)) => return Ok(()),
            }
        }
    }

    fn print(&mut self, value: &Value, document: usize) {
        self.last = Some(value.is_true());
        if self.format == Format::Json {
            match value {
                Value::Str(text) if self.options.raw == Some(true) => self.text.push_str(text),
                _ => {
                    let wide = !self.options.compact && self.options.indent > 0;
                    let indent = wide.then(|| " ".repeat(self.options.indent));
                    json::write(value, &Layout { indent, ..Layout::default() }, &mut self.text);
                }
            }
            self.text.push('\n');
            return;
        }
        if self.document.is_some_and(|last| last != document) && self.options.separators {
            self.text.push_str("---\n");
        }
        self.document = Some(document);
        emit::document(value, self.options.indent, self.options.raw != Some(false), &mut self.text);
    }
}
