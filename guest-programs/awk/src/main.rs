//! `awk`: POSIX awk with the extensions of gawk that scripts use.
//!
//! The text becomes tokens, a tree, and a list of operations, which a machine with a stack runs. Values are strings of bytes
//! and numbers; regular expressions are translated to the `regex` crates' and matched leftmost-longest.

mod array;
mod arrayness;
mod ast;
mod bracket;
mod builtins;
mod characters;
mod code;
mod compile;
mod compile_expression;
mod engine;
mod escape;
mod failure;
mod float;
mod format;
mod input;
mod lexer;
mod machine;
mod message;
mod number;
mod numeric;
mod operate;
mod options;
mod order;
mod parse_expression;
mod parser;
mod pattern;
mod patterns;
mod process;
mod random;
mod reader;
mod record;
mod settings;
mod special;
mod split;
mod streams;
mod substitute;
mod time;
mod translate;
mod value;

use std::io::{Read, Write};
use std::process::exit;

use sandshell_sys::{path_of, reason};

use failure::Failure;
use machine::Machine;
use options::{Options, Request, Source};

/// The status when the program's text is wrong, and when it failed while it ran.
const WRONG: i32 = 1;
const FATAL: i32 = 2;

fn main() {
    let mut arguments = sandshell_sys::arguments();
    arguments.drain(..arguments.len().min(1));
    if let Err(error) = sandshell_sys::enter_working_directory() {
        message::write(&format!("awk: cannot enter the working directory: {}\n", reason(&error)));
        exit(FATAL);
    }
    match options::parse(arguments) {
        Ok(Request::Run(options)) => exit(run(options)),
        Ok(Request::Print(text)) => {
            let written = std::io::stdout().write_all(text.as_bytes());
            exit(if written.is_ok() { 0 } else { FATAL })
        }
        Err(text) => {
            message::write(&text);
            exit(WRONG)
        }
    }
}

/// Runs the program of a command line; returns the exit status.
fn run(options: Options) -> i32 {
    let mut names = Vec::new();
    let mut sources = Vec::new();
    for source in options.sources {
        match source {
            Source::Text(text) => {
                names.push("cmd. line".to_owned());
                sources.push(text);
            }
            Source::File(name) => {
                let shown = String::from_utf8_lossy(&name).into_owned();
                match read_source(&name) {
                    Ok(text) => sources.push(text),
                    Err(error) => {
                        message::write(&format!(
                            "awk: fatal: cannot open source file `{shown}' for reading: {}\n",
                            reason(&error)
                        ));
                        return FATAL;
                    }
                }
                names.push(shown);
            }
        }
    }
    let code = match parser::parse(sources).and_then(|program| compile::compile(&program)) {
        Ok(code) => code,
        Err(failure) => {
            message::tell(&failure, &names);
            return if failure.syntax { WRONG } else { FATAL };
        }
    };
    let mut assignments = options.assignments;
    if let Some(separator) = options.field_separator {
        assignments.insert(0, (b"FS".to_vec(), separator));
    }
    let mut operands = vec![b"awk".to_vec()];
    operands.extend(options.operands);
    let mut machine = Machine::new(&code);
    let result = machine.prepare(&operands, &assignments).and_then(|()| machine.run_program());
    let status = finish(&mut machine, result, &names);
    // The process ends here: taking large arrays apart would be for nothing.
    std::mem::forget(machine);
    status
}

/// Closes what is open and tells of a failure.
fn finish(machine: &mut Machine<'_>, result: Result<(), Failure>, names: &[String]) -> i32 {
    if let Err(failure) = &result {
        // What was printed before comes before the message.
        let _ = machine.streams.stdout.flush();
        message::tell(failure, names);
    }
    let closed = machine.streams.close_all();
    match (result, closed) {
        (Ok(()), Ok(())) => i32::from(machine.status),
        (Ok(()), Err(failure)) => {
            message::tell(&failure, names);
            FATAL
        }
        (Err(_), _) => FATAL,
    }
}

fn read_source(name: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    if name == b"-" || name == b"/dev/stdin" {
        std::io::stdin().read_to_end(&mut text)?;
    } else {
        text = std::fs::read(path_of(name))?;
    }
    Ok(text)
}
