//! Settings, resolved: the raw command line checked once and turned into what the layers take. Nothing is read later.

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use api::{ApiConfig, Hosts, ServeConfig};
use base::Limits;
use engine::{EngineConfig, Metering};
use session::SessionConfig;

use crate::cli::{self, EngineArgs, LimitArgs, ServeArgs};
use crate::{Failure, files};

/// What is assumed of a machine that does not tell its memory.
const MEMORY_UNKNOWN_BYTES: u64 = 2 << 30;
/// Below this no guest starts.
const MEMORY_MIN_BYTES: u64 = 64 << 20;

/// Everything `serve` needs to know.
pub(crate) struct ServerConfig {
    pub(crate) addr: SocketAddr,
    pub(crate) session: SessionConfig,
    pub(crate) engine: EngineConfig,
    pub(crate) api: ApiConfig,
    pub(crate) http: ServeConfig,
}

impl ServerConfig {
    /// Checks the command line of `serve`.
    pub(crate) fn resolve(args: &ServeArgs) -> Result<Self, Failure> {
        let addr = address(&args.addr)?;
        let loopback = addr.ip().is_loopback();
        if !loopback && !args.insecure {
            return Err(Failure::new(format!(
                "{addr} can be reached from other machines and no keys are set; listen on 127.0.0.1 or add --insecure"
            )));
        }
        let ttl = args.session_ttl.or_zero();
        if ttl.is_zero() {
            return Err(Failure::new("--session-ttl must be greater than zero"));
        }
        if args.max_connections == 0 {
            return Err(Failure::new("--max-connections must be greater than zero"));
        }
        let session = SessionConfig {
            ttl,
            max_sessions: (args.max_sessions > 0).then_some(args.max_sessions),
            limits: limits(&args.limits)?,
            ..SessionConfig::default()
        };
        let max_body = bytes("--max-body", args.max_body.0)?;
        let max_snapshot_body = bytes("--max-snapshot-body", args.max_snapshot_body.0)?;
        let api = ApiConfig {
            max_body,
            max_snapshot_body,
            // One body of the largest size must always fit; a growing buffer counts twice.
            max_bodies_total: ApiConfig::DEFAULT_MAX_BODIES_TOTAL
                .max(max_body.max(max_snapshot_body).saturating_mul(2)),
            hosts: if loopback { Hosts::Loopback { also: host_names(&args.allow_host) } } else { Hosts::Any },
            ..ApiConfig::default()
        };
        let http = ServeConfig { max_connections: args.max_connections, ..ServeConfig::default() };
        Ok(Self { addr, session, engine: engine(&args.engine)?, api, http })
    }
}

/// Checks the limits of sessions and runs.
pub(crate) fn limits(args: &LimitArgs) -> Result<Limits, Failure> {
    let timeout = args.timeout.or_zero();
    if args.session_max_runtime.is_negative() {
        return Err(Failure::new("--session-max-runtime must not be negative"));
    }
    let max_runtime = args.session_max_runtime.or_zero();
    Ok(Limits {
        run_timeout: if timeout == Duration::ZERO { Limits::FALLBACK_TIMEOUT } else { timeout },
        max_files: quota("--session-max-files", args.session_max_files)?,
        max_bytes: quota("--session-max-bytes", args.session_max_bytes)?,
        max_runtime: (!max_runtime.is_zero()).then_some(max_runtime),
        ..Limits::default()
    })
}

/// Checks the engine's settings.
pub(crate) fn engine(args: &EngineArgs) -> Result<EngineConfig, Failure> {
    let defaults = EngineConfig::default();
    let ceiling = || files::machine_memory().unwrap_or(MEMORY_UNKNOWN_BYTES) / 100 * Limits::MEMORY_PERCENT;
    let memory_total_bytes = args.max_memory.map_or_else(ceiling, |size| size.0);
    if memory_total_bytes < MEMORY_MIN_BYTES {
        return Err(Failure::new(format!("--max-memory must be at least {} MiB", MEMORY_MIN_BYTES >> 20)));
    }
    if args.cpu_slots == Some(0) {
        return Err(Failure::new("--cpu-slots must be greater than zero"));
    }
    Ok(EngineConfig {
        metering: match args.metering {
            cli::Metering::FuelAndEpoch => Metering::FuelAndEpoch,
            cli::Metering::Epoch => Metering::Epoch,
        },
        memory_total_bytes,
        cpu_slots: args.cpu_slots.unwrap_or(defaults.cpu_slots),
        ..defaults
    })
}

/// Zero is no quota, as with the older server.
fn quota(flag: &str, value: i64) -> Result<Option<u64>, Failure> {
    match u64::try_from(value) {
        Ok(0) => Ok(None),
        Ok(max) => Ok(Some(max)),
        Err(_) => Err(Failure::new(format!("{flag} must not be negative"))),
    }
}

fn bytes(flag: &str, value: u64) -> Result<usize, Failure> {
    usize::try_from(value).map_err(|_| Failure::new(format!("{flag} is too large")))
}

fn host_names(names: &[String]) -> Vec<String> {
    names.iter().map(|name| name.to_ascii_lowercase()).collect()
}

/// Resolves an address; `:8080` listens on every address, as with the older server.
fn address(text: &str) -> Result<SocketAddr, Failure> {
    let full = if text.starts_with(':') { format!("0.0.0.0{text}") } else { text.to_owned() };
    let wrong = |why: String| Failure::new(format!("--addr {text}: {why}"));
    let mut found = full.to_socket_addrs().map_err(|error| wrong(error.to_string()))?;
    found.next().ok_or_else(|| wrong("no such address".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(flags: &[&str]) -> Result<ServerConfig, String> {
        let args = cli::tests::serve_args(flags);
        ServerConfig::resolve(&args).map_err(|failure| failure.0)
    }

    #[test]
    fn without_flags_the_older_servers_defaults_hold() {
        let config = resolve(&[]).expect("resolves");
        assert_eq!(config.addr.to_string(), "127.0.0.1:8080");
        assert_eq!(config.session.ttl, Duration::from_secs(1800));
        assert_eq!(config.session.max_sessions, Some(Limits::SESSIONS));
        assert_eq!(config.session.limits, Limits::default());
        assert_eq!((config.api.max_body, config.api.max_snapshot_body), (16 << 20, 64 << 20));
    }

    #[test]
    fn zero_lifts_a_quota_and_a_timeout_of_zero_is_five_seconds() {
        let flags =
            ["--max-sessions", "0", "--timeout", "-1s", "--session-max-files", "7", "--session-max-runtime", "8"];
        let config = resolve(&flags).expect("resolves");
        assert_eq!(config.session.max_sessions, None);
        assert_eq!(config.session.limits.run_timeout, Duration::from_secs(5));
        assert_eq!(config.session.limits.max_files, Some(7));
        assert_eq!(config.session.limits.max_bytes, None);
        assert_eq!(config.session.limits.max_runtime, Some(Duration::from_secs(8)));
    }

    #[test]
    fn what_cannot_be_meant_is_an_error_at_the_start() {
        for flags in [
            ["--session-max-files", "-1"],
            ["--session-max-bytes", "-1"],
            ["--session-max-runtime", "-1s"],
            ["--session-ttl", "0"],
            ["--addr", "nonsense"],
            ["--cpu-slots", "0"],
            ["--max-memory", "1MiB"],
        ] {
            assert!(resolve(&flags).is_err(), "{flags:?}");
        }
    }

    #[test]
    fn an_address_that_others_can_reach_needs_insecure() {
        assert!(resolve(&["--addr", "0.0.0.0:0"]).is_err_and(|text| text.contains("--insecure")));
        assert!(resolve(&["--addr", ":0"]).is_err());
        let open = resolve(&["--addr", "0.0.0.0:0", "--insecure"]).expect("resolves");
        assert_eq!(open.api.hosts, Hosts::Any);
        let loopback = resolve(&["--addr", "[::1]:0", "--insecure"]).expect("resolves");
        assert_eq!(loopback.api.hosts, Hosts::Loopback { also: Vec::new() });
    }
}
