//! The flags: one for each row of the table, made for clap, and collected as words.

use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches, ValueHint};

use super::environment::CONFIG;
use super::table::{Defaults, Rank, Raw, Scope, Setting, TABLE};
use super::values::Form;

const CONFIG_ID: &str = "config";
/// The flag of `config`, as clap and messages call it.
pub(crate) const CONFIG_FLAG: &str = "--config";

/// What the command line says about settings.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags {
    /// The file named with `--config`.
    pub(crate) file: Option<std::ffi::OsString>,
    /// Keys and words; those of a repeated flag are joined with commas.
    pub(crate) given: Vec<(&'static str, String)>,
}

/// The flags of `serve`.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServeFlags(pub(crate) Flags);

/// The flags of `run`: what matters without a network.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunFlags(pub(crate) Flags);

macro_rules! flags_of {
    ($name:ident, $scope:expr) => {
        impl Args for $name {
            fn augment_args(command: Command) -> Command {
                augment(command, $scope)
            }

            fn augment_args_for_update(command: Command) -> Command {
                augment(command, $scope)
            }
        }

        impl FromArgMatches for $name {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
                collect(matches, $scope).map(Self)
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
                *self = Self::from_arg_matches(matches)?;
                Ok(())
            }
        }
    };
}

flags_of!(ServeFlags, Scope::Serve);
flags_of!(RunFlags, Scope::Both);

/// Returns the rows that a command with `scope` takes: `serve` takes all.
fn rows(scope: Scope) -> impl Iterator<Item = &'static Setting> {
    TABLE.iter().filter(move |setting| scope == Scope::Serve || setting.scope == Scope::Both)
}

fn augment(command: Command, scope: Scope) -> Command {
    // What depends on the machine has a text of its own, so any memory will do.
    let defaults = Raw::defaults(&Defaults::new(0));
    let file = Arg::new(CONFIG_ID)
        .long(CONFIG_ID)
        .value_name("FILE")
        .value_parser(clap::value_parser!(std::ffi::OsString))
        .value_hint(ValueHint::FilePath)
        .help_heading("Configuration")
        .help(format!("File with settings (TOML) [env: {CONFIG}]"))
        .long_help(format!(
            "File with settings (TOML); /dev/null for none.\n\nWithout it the first of these that exists is read: \
             ./sandshell.toml, $XDG_CONFIG_HOME/sandshell/config.toml (or ~/.config/...), /etc/sandshell/config.toml. A \
             variable is stronger than the file, and a flag than both. In the file, a setting's key is its flag with \
             underscores: session_ttl = \"30m\".\n\n[env: {CONFIG}]"
        ));
    rows(scope).fold(command.arg(file), |command, setting| command.arg(arg(setting, &defaults)))
}

fn arg(setting: &'static Setting, defaults: &Raw) -> Arg {
    let (short, long) = setting.help();
    let short = short.trim_end_matches('.');
    let default = Some(setting.default_text(defaults)).filter(|text| !text.is_empty());
    let default = default.unwrap_or_else(|| "none".to_owned());
    let variables: Vec<String> = [setting.variable()].into_iter().chain(setting.also.map(str::to_owned)).collect();
    let mut arg = Arg::new(setting.key)
        .long(setting.flag())
        .help_heading(setting.group.heading())
        .hide_short_help(setting.rank == Rank::Tuning)
        .allow_hyphen_values(true)
        .help(format!("{short} [default: {default}]"))
        .long_help(format!("{long}\n\n[default: {default}] [env: {}]", variables.join(" or ")));
    if let Some(short) = setting.short {
        arg = arg.short(short);
    }
    if let Some(alias) = setting.alias {
        arg = arg.visible_alias(alias);
    }
    if !setting.choices.is_empty() {
        arg = arg
            .value_parser(PossibleValuesParser::new(setting.choices))
            .hide_possible_values(setting.form == Form::Truth);
    }
    match setting.form {
        Form::Truth => arg.num_args(0..=1).require_equals(true).default_missing_value("true").value_name("BOOL"),
        Form::List => arg.action(ArgAction::Append).value_name(setting.value_name),
        Form::Text | Form::Number | Form::Measure => arg.value_name(setting.value_name),
    }
}

fn collect(matches: &ArgMatches, scope: Scope) -> Result<Flags, Error> {
    let mut flags = Flags { file: matches.get_one(CONFIG_ID).cloned(), given: Vec::new() };
    for setting in rows(scope).filter(|s| matches.value_source(s.key) == Some(ValueSource::CommandLine)) {
        let words = matches
            .try_get_many::<String>(setting.key)
            .map_err(|error| Error::raw(ErrorKind::InvalidValue, error.to_string()))?;
        let words: Vec<&str> = words.into_iter().flatten().map(String::as_str).collect();
        flags.given.push((setting.key, words.join(",")));
    }
    Ok(flags)
}
