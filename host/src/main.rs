//! The binary: reads the command line, wires the layers together, and passes an exit status on.
//!
//! It owns what touches the machine (arguments, environment, signals, host files, standard streams) and no logic of
//! sessions.

mod cli;
mod duration;
mod size;

mod config;
mod embedded;
mod files;
mod logs;

mod banner;
mod run;
mod serve;

use std::process::ExitCode;

use cli::Command;

fn main() -> ExitCode {
    let started = base::SystemClock::new();
    let result = match cli::parse() {
        Command::Serve(args) => serve::serve(args, started),
        Command::Run(args) => run::run(args, started),
        Command::Version => banner::version(),
    };
    result.unwrap_or_else(|failure| {
        banner::complain(&failure.0);
        ExitCode::FAILURE
    })
}

/// Why the program ends without having done what it was asked; one line for a person.
#[derive(Debug)]
struct Failure(String);

impl Failure {
    fn new(what: impl std::fmt::Display) -> Self {
        Self(what.to_string())
    }
}
