//! The command line: the commands, what their help teaches, and nothing of what settings mean.

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::settings::{Format, RunFlags, ServeFlags};

/// Reads the command line; on a mistake, and for help, prints and ends the process as clap does: 2 and 0.
pub(crate) fn parse() -> Command {
    let matches = command().get_matches();
    match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli.command,
        Err(error) => error.exit(),
    }
}

/// Returns the command line's definition: for parsing, completions and the manual.
pub(crate) fn command() -> clap::Command {
    Cli::command().mut_subcommand("serve", |serve| serve.after_long_help(format!("{SERVE_HELP}\n\n{}", limits_help())))
}

const ABOUT: &str = "Persistent sandboxed shell sessions over HTTP";

const LONG_ABOUT: &str = "\
Persistent sandboxed shell sessions over HTTP.

Each session is a bash-compatible shell that runs as WebAssembly, with files of its own in memory, real programs \
(coreutils, grep, sed) as processes in pipelines, and hard limits on time, memory, processes and output. Nothing of this \
machine can be reached from inside: no files, no network, no environment.";

const MAIN_HELP: &str = "\
Examples:
  sandshell serve                          serve on 127.0.0.1:8080
  curl -s localhost:8080/run -d '{\"script\":\"seq 3\"}'
                                           run a script there
  sandshell run -c 'seq 10 | sort -r'      run one without a server
  sandshell config example > sandshell.toml
                                           write down every setting
  sandshell config check                   show what holds, and why

Exit status: 0 done; 1 this host failed (port in use, no memory); 2 the
command line or a setting is wrong. `run` passes the script's status on.";

const SERVE_HELP: &str = "\
Examples:
  sandshell serve --addr 127.0.0.1:9090 --timeout 10s
  SANDSHELL_LOG_FORMAT=json sandshell serve --max-sessions 1000
  sandshell serve --config /etc/sandshell/config.toml
  sandshell serve --addr :8080 --insecure     others can connect, without keys

Every setting is a flag, a variable (--session-ttl is SANDSHELL_SESSION_TTL; an
empty one counts as absent) and a key of the file (session_ttl). A flag is
stronger than a variable, and a variable is stronger than the file.

The first line on standard output is `listening on http://ADDRESS`; then the
server is ready.

Signals: SIGTERM and SIGINT stop it: no new connections, runs may finish within
--drain, the rest is cancelled and its clients are told. A second one ends it at
once. SIGHUP reads the log level again.

Exit status: 0 stopped by a signal; 1 this host failed (port in use, no memory);
2 the command line or a setting is wrong; 130 or 143 ended by a second SIGINT or
SIGTERM.";

const RUN_HELP: &str = "\
Examples:
  sandshell run -c 'echo $1 $2' name one two
  sandshell run script.sh one two
  echo 'ls /bin | wc -l' | sandshell run
  seq 100 | sandshell run -c 'grep 7 | tail -n 3'
  sandshell run --timeout 2s --process-max-memory 64MiB -c 'seq 9 | sort -r'

Exit status: the script's; 124 timeout, 137 out of memory, 152 out of fuel, 153
too much output; 128 + n killed by signal n; 1 this host failed; 2 the command
line or a setting is wrong.";

const CHECK_HELP: &str = "\
Takes the flags of `serve`, reads file and environment as it would, and starts
nothing.

Examples:
  sandshell config check
  sandshell config check --config new.toml
  sandshell config check --format json | jq .settings.timeout

Exit status: 0 all is well; 2 something is wrong, all of which is printed on
standard error.";

#[derive(Parser)]
#[command(name = "sandshell", version, about = ABOUT, long_about = LONG_ABOUT, after_help = MAIN_HELP)]
#[command(subcommand_required = true, arg_required_else_help = true, max_term_width = 120)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serve sessions over HTTP
    ///
    /// Keeps sessions in memory, each with its shell and files, and runs scripts in them, until SIGTERM or SIGINT.
    Serve(ServeFlags),
    /// Run a script in one session, without a server
    ///
    /// Runs a script in a fresh session that ends with it. Standard input, output and error and the exit status pass
    /// through; nothing else does. Flags stand before the script's file.
    #[command(after_long_help = RUN_HELP)]
    Run(RunArgs),
    /// Check and show the settings, or print an example file
    ///
    /// A setting is a flag of `serve`, a variable (--session-ttl is SANDSHELL_SESSION_TTL), and a key of a TOML file
    /// (session_ttl); a flag is stronger than a variable, and a variable is stronger than the file.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Examine, copy or compact a data directory that no server uses
    #[command(subcommand)]
    Store(StoreCommand),
    /// Print the version
    Version {
        /// As JSON: version, commit, Wasmtime's version, built-in guests
        #[arg(long)]
        json: bool,
    },
    /// Print a completion script for a shell of this machine
    ///
    /// For example: sandshell completions bash > ~/.local/share/bash-completion/completions/sandshell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print a manual page, or write all of them
    ///
    /// For example: sandshell man | man -l -, sandshell man config check, sandshell man --dir
    /// /usr/local/share/man/man1
    Man {
        /// The command whose page is printed; none is sandshell itself
        #[arg(value_name = "COMMAND", conflicts_with = "dir")]
        of: Vec<String>,
        /// Write all pages into this folder
        #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
        dir: Option<std::path::PathBuf>,
    },
}

#[derive(Args)]
pub(crate) struct RunArgs {
    /// Execute this script; what follows becomes $0, $1, ...
    #[arg(short = 'c', value_name = "SCRIPT")]
    pub(crate) script: Option<String>,
    /// The script's file, unless -c is given, and its arguments; without both the script is read from standard input
    #[arg(value_name = "FILE [ARG]", trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) words: Vec<std::ffi::OsString>,
    /// Run in the session of this id of this data directory, and keep what the run does there
    #[arg(long, value_name = "FOLDER", requires = "session_id", value_hint = clap::ValueHint::DirPath)]
    pub(crate) session_store: Option<std::path::PathBuf>,
    /// The session's id, 16 to 64 hexadecimal digits; it is created if it does not exist
    #[arg(long, value_name = "ID", requires = "session_store")]
    pub(crate) session_id: Option<String>,
    #[command(flatten)]
    pub(crate) settings: RunFlags,
}

/// What is done with a data directory that no server uses.
#[derive(Subcommand)]
pub(crate) enum StoreCommand {
    /// Examine everything in it: each row's checksum, each object's hash, that all that is referred to is there
    ///
    /// Exit status: 0 all is well; 1 something is damaged, a line each on standard output, or it cannot be read.
    Check {
        /// The data directory
        #[arg(value_name = "FOLDER", value_hint = clap::ValueHint::DirPath)]
        dir: std::path::PathBuf,
    },
    /// Write a copy of it, as it is now, into another data directory
    Backup {
        /// The data directory
        #[arg(value_name = "FOLDER", value_hint = clap::ValueHint::DirPath)]
        dir: std::path::PathBuf,
        /// The copy's folder: it is made if it does not exist, and must hold no store
        #[arg(value_name = "COPY", value_hint = clap::ValueHint::DirPath)]
        to: std::path::PathBuf,
    },
    /// Remove what nothing refers to any more and give the room back to the disk
    Vacuum {
        /// The data directory
        #[arg(value_name = "FOLDER", value_hint = clap::ValueHint::DirPath)]
        dir: std::path::PathBuf,
    },
}

#[derive(Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check the settings and show them, each with where it comes from
    #[command(after_long_help = CHECK_HELP)]
    Check {
        /// How to show them
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
        #[command(flatten)]
        settings: ServeFlags,
    },
    /// Print a file with every setting, its meaning and its default
    ///
    /// For example: sandshell config example > sandshell.toml
    Example,
}

/// Returns the table of limits as `serve --help` ends with it.
fn limits_help() -> String {
    let rows = base::Limits::table();
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut help = "Limits, unless set otherwise:\n".to_owned();
    for (name, value) in rows {
        help.push_str(&format!("  {name:width$}  {value}\n"));
    }
    help.truncate(help.trim_end().len());
    help
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn the_help_of_serve_lists_every_limit() {
        let help = limits_help();
        for (name, value) in base::Limits::table() {
            assert!(help.contains(name) && help.contains(&value), "{name}");
        }
    }

    fn parsed(words: &[&str]) -> Command {
        match Cli::try_parse_from(["sandshell"].iter().chain(words)) {
            Ok(cli) => cli.command,
            Err(error) => panic!("{error}"),
        }
    }

    fn run_args(words: &[&str]) -> RunArgs {
        let words: Vec<&str> = ["run"].iter().chain(words).copied().collect();
        match parsed(&words) {
            Command::Run(args) => args,
            _ => panic!("run was asked for"),
        }
    }

    #[test]
    fn what_follows_the_script_belongs_to_the_script() {
        let args = run_args(&["-c", "echo $1", "zero", "-x", "--timeout"]);
        assert_eq!(args.script.as_deref(), Some("echo $1"));
        assert_eq!(args.words, ["zero", "-x", "--timeout"]);
        let args = run_args(&["--timeout", "5", "file.sh", "-c"]);
        assert_eq!(args.script, None);
        assert_eq!(args.words, ["file.sh", "-c"]);
        assert_eq!(args.settings.0.given, [("timeout", "5".to_owned())]);
    }

    #[test]
    fn flags_are_collected_as_words() {
        let words = ["serve", "-a", ":0", "--insecure", "--allow-host", "a", "--allow-host", "b", "--timeout", "-1s"];
        let Command::Serve(flags) = parsed(&words) else { panic!("serve was asked for") };
        let given: Vec<(&str, &str)> = flags.0.given.iter().map(|(key, word)| (*key, word.as_str())).collect();
        assert_eq!(given, [("addr", ":0"), ("insecure", "true"), ("allow_host", "a,b"), ("timeout", "-1s")]);
        let Command::Serve(flags) = parsed(&["serve", "--insecure=false"]) else { panic!("serve was asked for") };
        assert_eq!(flags.0.given, [("insecure", "false".to_owned())]);
    }

    #[test]
    fn a_mistyped_command_or_flag_is_hinted_at() {
        let hint = |words: &[&str]| match Cli::try_parse_from(["sandshell"].iter().chain(words)) {
            Ok(_) => panic!("{words:?} parses"),
            Err(error) => error.to_string(),
        };
        assert!(hint(&["sevre"]).contains("'serve'"), "{}", hint(&["sevre"]));
        assert!(hint(&["serve", "--timout", "5"]).contains("'--timeout'"), "{}", hint(&["serve", "--timout", "5"]));
    }
}
