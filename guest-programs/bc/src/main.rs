//! `bc`: the calculator language of POSIX with GNU's extensions, in numbers of any length.
//!
//! A line is read, compiled and run before the next is read. Numbers are those of `number`; `math` is the library of `-l`.

mod code;
mod compile;
mod lexer;
mod machine;
mod math;
mod number;
mod options;
mod output;

use std::io::Write;
use std::process::exit;

use compile::{Compiled, Compiler};
use machine::Stop;
use options::{Options, Request};

fn main() {
    let mut argv = sandshell_sys::arguments();
    if let Err(error) = sandshell_sys::enter_working_directory() {
        say(&format!("bc: cannot enter the working directory: {}", sandshell_sys::reason(&error)));
        exit(1)
    }
    argv.drain(..argv.len().min(1));
    exit(match Options::parse(argv) {
        Request::Run(options) => run(&options),
        Request::Print(text, status) => {
            let done = std::io::stdout().write_all(text.as_bytes());
            if done.is_err() { 1 } else { status }
        }
    })
}

/// Writes a line to stderr; nobody is left to tell when that is closed.
fn say(line: &str) {
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

fn run(options: &Options) -> i32 {
    let mut compiler = Compiler::new(options);
    let status = loop {
        match compiler.line() {
            Ok(Compiled::Code(code)) => {
                if compiler.machine.run(code, &mut compiler.lexer) == Err(Stop::Halt) {
                    break 0;
                }
            }
            Ok(Compiled::Nothing) => {}
            Ok(Compiled::Quit) => break 0,
            Err(message) => {
                compiler.machine.output.flush();
                say(&message);
                break 1;
            }
        }
    };
    if compiler.machine.output.flush() { status } else { 1 }
}
