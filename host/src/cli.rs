//! The command line, as written: raw settings that `config` checks and resolves.

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::duration::GoDuration;
use crate::size::Size;

/// Reads the command line; on a mistake, and for help, prints and ends the process as clap does.
pub(crate) fn parse() -> Command {
    let command = Cli::command().mut_subcommand("serve", |serve| serve.after_help(limits_help()));
    let matches = command.get_matches();
    match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli.command,
        Err(error) => error.exit(),
    }
}

/// Persistent sandboxed shell sessions over HTTP.
#[derive(Parser)]
#[command(name = "sandshell", version, subcommand_required = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serve sessions over HTTP.
    Serve(ServeArgs),
    /// Run a script in one embedded session, without a server.
    Run(RunArgs),
    /// Print the version.
    Version,
}

#[derive(Args)]
pub(crate) struct ServeArgs {
    /// Address to listen on; port 0 takes a free one.
    #[arg(short, long, default_value = "127.0.0.1:8080")]
    pub(crate) addr: String,
    /// Listen on an address that is not loopback although no keys protect the server.
    #[arg(long)]
    pub(crate) insecure: bool,
    /// Further host name by which requests may call a server that listens on loopback (repeatable).
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<String>,
    /// Sessions at once; 0 is no limit.
    #[arg(long, default_value_t = base::Limits::SESSIONS, value_name = "N")]
    pub(crate) max_sessions: usize,
    /// A session nobody uses ends after this long.
    #[arg(long, default_value = "30m", value_name = "DURATION", allow_hyphen_values = true)]
    pub(crate) session_ttl: GoDuration,
    /// Connections at once.
    #[arg(long, default_value_t = 1024, value_name = "N")]
    pub(crate) max_connections: usize,
    /// Largest body of /run and /complete.
    #[arg(long, default_value = "16MiB", value_name = "SIZE")]
    pub(crate) max_body: Size,
    /// Largest body of a snapshot.
    #[arg(long, default_value = "64MiB", value_name = "SIZE")]
    pub(crate) max_snapshot_body: Size,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

#[derive(Args)]
pub(crate) struct RunArgs {
    /// Execute this script; what follows becomes $0, $1, ...
    #[arg(short = 'c', value_name = "SCRIPT")]
    pub(crate) script: Option<String>,
    /// The script's file, unless -c is given, and its arguments; without both the script is read from standard input.
    #[arg(value_name = "FILE [ARG]", trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) words: Vec<std::ffi::OsString>,
    #[command(flatten)]
    pub(crate) limits: LimitArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

#[derive(Args)]
pub(crate) struct LimitArgs {
    /// Wall-clock limit of a run (30s, 1m30s; a bare number is seconds); 0 or less means 5s.
    #[arg(long, default_value = "30s", value_name = "DURATION", allow_hyphen_values = true)]
    pub(crate) timeout: GoDuration,
    /// Files a session may hold; 0 is no quota below the ceilings.
    #[arg(long, default_value_t = 0, value_name = "N", allow_negative_numbers = true)]
    pub(crate) session_max_files: i64,
    /// Bytes a session's files may hold; 0 is no quota below the ceilings.
    #[arg(long, default_value_t = 0, value_name = "N", allow_negative_numbers = true)]
    pub(crate) session_max_bytes: i64,
    /// Summed time a session's runs may take; 0 is no quota.
    #[arg(long, default_value = "0", value_name = "DURATION", allow_hyphen_values = true)]
    pub(crate) session_max_runtime: GoDuration,
}

#[derive(Args)]
pub(crate) struct EngineArgs {
    /// How guest code is metered: with fuel, CPU use is limited and reported to the unit; without, code is faster.
    #[arg(long, value_enum, default_value_t = Metering::FuelAndEpoch)]
    pub(crate) metering: Metering,
    /// Memory of all guests and files together [default: 60% of the machine's]
    #[arg(long, value_name = "SIZE")]
    pub(crate) max_memory: Option<Size>,
    /// Guests that compute at the same time [default: the number of cores]
    #[arg(long, value_name = "N")]
    pub(crate) cpu_slots: Option<usize>,
    /// What to log on standard error: error, warn, info, debug, trace, or a filter as of tracing's EnvFilter.
    #[arg(long, default_value = "warn", env = "SANDSHELL_LOG", value_name = "FILTER")]
    pub(crate) log_level: String,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Metering {
    #[value(name = "fuel+epoch")]
    FuelAndEpoch,
    #[value(name = "epoch")]
    Epoch,
}

/// Returns the table of limits as `serve --help` ends with it.
fn limits_help() -> String {
    let rows = base::Limits::table();
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut help = "Limits of a session and its runs:\n".to_owned();
    for (name, value) in rows {
        help.push_str(&format!("  {name:width$}  {value}\n"));
    }
    help.truncate(help.trim_end().len());
    help
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Reads the flags of `serve`.
    pub(crate) fn serve_args(flags: &[&str]) -> ServeArgs {
        match Cli::try_parse_from(["sandshell", "serve"].iter().chain(flags)).expect("parses").command {
            Command::Serve(args) => args,
            _ => panic!("serve was asked for"),
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_of_serve_lists_every_limit() {
        let help = limits_help();
        for (name, value) in base::Limits::table() {
            assert!(help.contains(name) && help.contains(&value), "{name}");
        }
    }

    fn run_args(words: &[&str]) -> RunArgs {
        let words = ["sandshell", "run"].iter().chain(words);
        match Cli::try_parse_from(words).expect("parses").command {
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
    }
}
