//! Logs: lines on standard error, for people or as JSON, filtered by a level that can be changed while the server runs.
//!
//! What is logged is the layers' business; the rule is that no script, output, header or session id is (of an id only
//! its tag). One event is one line, whatever characters it holds.

mod fields;
mod human;
mod json;
mod layer;

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;
use tracing_subscriber::reload;
use tracing_subscriber::util::SubscriberInitExt;

use crate::Failure;
use crate::settings::Filter;

/// How to log.
#[derive(Clone, Debug)]
pub(crate) struct LogConfig {
    /// What to log.
    pub(crate) filter: Filter,
    /// One JSON object a line.
    pub(crate) is_json: bool,
    /// The user has not said no to colours; a terminal gets them.
    pub(crate) may_colour: bool,
}

/// The level of a running log.
pub(crate) struct LogControl {
    filter: reload::Handle<EnvFilter, Registry>,
}

/// Starts logging. Once a process.
pub(crate) fn start(config: &LogConfig) -> Result<LogControl, Failure> {
    let (filter, handle) = reload::Layer::new(parse(&config.filter)?);
    let look = match (config.is_json, config.may_colour && io::stderr().is_terminal()) {
        (true, _) => layer::Look::Json,
        (false, is_coloured) => layer::Look::Human { is_coloured },
    };
    tracing_subscriber::registry()
        .with(filter)
        .with(layer::Lines::new(look))
        .try_init()
        .map_err(|error| Failure::new(format!("cannot start logging: {error}")))?;
    if config.is_json {
        std::panic::set_hook(Box::new(|info| {
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            let text = info.payload_as_str().unwrap_or("no text");
            tracing::error!(place, "panicked: {text}");
        }));
    }
    Ok(LogControl { filter: handle })
}

impl LogControl {
    /// Logs what passes `filter` from now on.
    pub(crate) fn set(&self, filter: &Filter) -> Result<(), Failure> {
        let parsed = parse(filter)?;
        self.filter.reload(parsed).map_err(|error| Failure::new(format!("cannot change the log level: {error}")))
    }
}

fn parse(filter: &Filter) -> Result<EnvFilter, Failure> {
    EnvFilter::try_new(&filter.0).map_err(|error| Failure::new(format!("log level: {error}")))
}
