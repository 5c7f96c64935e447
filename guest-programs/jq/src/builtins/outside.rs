//! What is outside a program: its inputs, the environment, messages, the end.

use std::io::Write;
use std::rc::Rc;

use super::regex::Compiled;
use super::{Native, Result, take};
use crate::compile::{Library, environment};
use crate::json;
use crate::message::{Failure, error, type_error};
use crate::value::Value;

/// Where inputs come from.
pub(crate) trait Input {
    /// The next input; nothing at the end.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    fn next(&mut self) -> std::result::Result<Option<Value>, String>;

    /// Lines read so far.
    fn line(&self) -> usize;

    /// The name of the file that is read; none for standard input.
    fn file(&self) -> Option<String>;

    /// `FILE:LINE` for messages; nothing before anything is read.
    fn place(&self) -> Option<String>;

    /// Whether a file could not be read.
    fn has_failed(&self) -> bool;
}

/// What programs use that is not in them.
pub(crate) struct Context {
    pub(crate) input: Box<dyn Input>,
    pub(crate) library: Rc<Library>,
    pub(super) regexes: Vec<Rc<Compiled>>,
}

impl Context {
    /// A context with these inputs.
    pub(crate) fn new(input: Box<dyn Input>, library: Rc<Library>) -> Self {
        Self { input, library, regexes: Vec::new() }
    }
}

pub(super) const NATIVES: &[Native] = &[
    Native {
        name: "input",
        arity: 0,
        run: |context, _, _| match context.input.next() {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(error("break")),
            Err(message) => Err(error(message)),
        },
    },
    Native {
        name: "input_filename",
        arity: 0,
        run: |context, _, _| Ok(context.input.file().map_or(Value::Null, Value::string)),
    },
    Native { name: "input_line_number", arity: 0, run: |context, _, _| Ok(Value::count(context.input.line())) },
    Native {
        name: "debug",
        arity: 0,
        run: |_, input, _| {
            print_error(&format!("[\"DEBUG:\",{}]\n", json::compact(&input)));
            Ok(input)
        },
    },
    Native {
        name: "stderr",
        arity: 0,
        run: |_, input, _| {
            match input.as_str() {
                Some(text) => print_error(text),
                None => print_error(&json::compact(&input)),
            }
            Ok(input)
        },
    },
    Native { name: "env", arity: 0, run: |_, _, _| Ok(environment()) },
    Native {
        name: "builtins",
        arity: 0,
        run: |_, _, _| {
            Ok(Value::array(super::names().map(|(name, arity)| Value::string(format!("{name}/{arity}"))).collect()))
        },
    },
    Native {
        name: "get_search_list",
        arity: 0,
        run: |context, _, _| {
            Ok(Value::array(context.library.folders.iter().map(|folder| Value::string(folder.as_str())).collect()))
        },
    },
    Native { name: "modulemeta", arity: 0, run: |context, input, _| module_metadata(context, &input) },
    Native { name: "halt", arity: 0, run: |_, _, _| Err(Failure::Halt(None, 0)) },
    Native { name: "halt_error", arity: 1, run: |_, input, args| halt(input, &take(args, 0)) },
];

/// Writes to standard error, after what is on its way to standard output.
pub(crate) fn print_error(text: &str) {
    // Nobody is left to tell when it is closed.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "statuses are taken modulo 256")]
fn halt(input: Value, status: &Value) -> Result {
    let Some(status) = status.as_number() else {
        return Err(type_error(status, "halt_error/1: number required"));
    };
    Err(Failure::Halt(Some(input), (status as i64 & 0xff) as u8))
}

fn module_metadata(context: &mut Context, input: &Value) -> Result {
    let Some(name) = input.as_str() else { return Err(error("modulemeta input module name must be a string")) };
    let Some(file) = context.library.find(name, None, None, false) else {
        return Err(error(format!("module not found: {name}\n")));
    };
    let text = std::fs::read(&file).map_err(|failure| error(sandshell_sys::reason(&failure)))?;
    let program = crate::lang::parse(&String::from_utf8_lossy(&text)).map_err(|failure| error(failure.message))?;
    let mut map = match program.metadata {
        Some(Value::Obj(map)) => (*map).clone(),
        _ => crate::value::Map::default(),
    };
    let deps = program.imports.iter().map(crate::lang::Import::metadata_value).collect();
    map.insert("deps".into(), Value::array(deps));
    let defs = program.defs.iter().map(|def| Value::string(format!("{}/{}", def.name, def.params.len())));
    map.insert("defs".into(), Value::array(defs.collect()));
    Ok(Value::object(map))
}
