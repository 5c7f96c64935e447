//! The binary: reads the command line, wires the layers together, and passes an exit status on.
//!
//! It owns what touches the machine (arguments, environment, signals, host files, standard streams) and no logic of
//! sessions.

mod cli;
mod settings;

mod checks;
mod config;

mod duration;
mod size;

mod compiler;
mod embedded;
mod files;
mod logs;
mod signals;

mod banner;
mod manual;
mod run;
mod serve;
mod store;
mod version;

use std::fmt;
use std::process::ExitCode;

use cli::{Command, ConfigCommand};
use settings::Environment;

fn main() -> ExitCode {
    if let Some(status) = compiler::dispatch() {
        return status;
    }
    let started = base::SystemClock::new();
    let command = cli::parse();
    let environment = Environment::read();
    let result = match command {
        Command::Serve(flags) => serve::serve(flags.0, environment, started),
        Command::Run(args) => run::run(args, &environment, started),
        Command::Config(ConfigCommand::Check { format, settings }) => check(format, &settings.0, &environment),
        Command::Config(ConfigCommand::Example) => {
            Ok(banner::print(settings::example(&config::default_settings()).as_bytes()))
        }
        Command::Store(command) => store::run(&command),
        Command::Version { json } => Ok(version::print(json)),
        Command::Completions { shell } => Ok(manual::completions(shell)),
        Command::Man { dir: Some(dir), .. } => manual::write(&dir),
        Command::Man { of, dir: None } => manual::page(&of),
    };
    result.unwrap_or_else(|failure| {
        failure.lines.iter().for_each(|line| banner::complain(line));
        ExitCode::from(failure.status)
    })
}

/// `sandshell config check`.
fn check(format: settings::Format, flags: &settings::Flags, environment: &Environment) -> Result<ExitCode, Failure> {
    let loaded = config::load(flags, environment)?;
    let config = config::ServerConfig::resolve(&loaded, environment)?;
    config.hints.iter().for_each(|hint| banner::complain(hint));
    Ok(banner::print(settings::show(&loaded, format).as_bytes()))
}

/// Why the program ends without having done what it was asked.
#[derive(Debug)]
struct Failure {
    /// For a person, each on a line of its own.
    lines: Vec<String>,
    status: u8,
}

impl Failure {
    /// This host could not do it.
    fn new(what: impl fmt::Display) -> Self {
        Self { lines: vec![what.to_string()], status: 1 }
    }

    /// It cannot be meant.
    fn misuse(what: impl fmt::Display) -> Self {
        vec![what.to_string()].into()
    }
}

/// What is wrong with the command line or a setting has clap's exit status.
impl From<Vec<String>> for Failure {
    fn from(lines: Vec<String>) -> Self {
        Self { lines, status: 2 }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines.join("; "))
    }
}
