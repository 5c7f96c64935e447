//! Settings, resolved: the raw ones compared with each other and turned into what the layers take. Nothing is read later.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use api::{ApiConfig, Hosts, ServeConfig};
use base::Limits;
use engine::{EngineConfig, UserCodeConfig};
use session::SessionConfig;

use crate::checks;
use crate::files;
use crate::logs::LogConfig;
use crate::settings::{self, Defaults, Environment, Filter, Flags, Loaded, LogFormat, Raw, Sourced};

/// What is assumed of a machine that does not tell its memory.
const MEMORY_UNKNOWN_BYTES: u64 = 2 << 30;
/// Below this no guest starts.
const MEMORY_MIN_BYTES: u64 = 64 << 20;
/// Of the time to stop, what is kept for telling clients that their runs were cancelled.
const FAREWELL: Duration = Duration::from_secs(2);
/// The same when the time to stop is short or nothing.
const FAREWELL_MIN: Duration = Duration::from_millis(250);

/// Everything `serve` needs to know.
#[derive(Debug)]
pub(crate) struct ServerConfig {
    pub(crate) addr: SocketAddr,
    pub(crate) session: SessionConfig,
    pub(crate) engine: EngineConfig,
    /// Where compiled code is kept over restarts.
    pub(crate) code_dir: Option<PathBuf>,
    /// Where sessions are kept; in memory if nowhere.
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) api: ApiConfig,
    pub(crate) http: ServeConfig,
    pub(crate) log: LogConfig,
    /// What is odd and no mistake.
    pub(crate) hints: Vec<String>,
}

/// Everything `run` needs to know.
#[derive(Debug)]
pub(crate) struct RunConfig {
    pub(crate) limits: Limits,
    pub(crate) engine: EngineConfig,
    pub(crate) log: LogConfig,
}

/// Returns what holds on this machine when nobody gives anything.
pub(crate) fn default_settings() -> Raw {
    let mut raw = Raw::defaults(&defaults());
    checks::follow(&mut raw);
    raw
}

fn defaults() -> Defaults {
    let memory = files::machine_memory().unwrap_or(MEMORY_UNKNOWN_BYTES);
    let share = memory / 100 * Limits::MEMORY_PERCENT;
    // Whole mebibytes: a person will read it.
    Defaults::new((share >> 20 << 20).max(MEMORY_MIN_BYTES))
}

/// Reads all sources and fills in the defaults that follow from other settings.
///
/// # Errors
/// Everything that is wrong, a line each.
pub(crate) fn load(flags: &Flags, environment: &Environment) -> Result<Loaded, Vec<String>> {
    let mut loaded = settings::load(flags, environment, &defaults())?;
    checks::follow(&mut loaded.raw);
    Ok(loaded)
}

impl ServerConfig {
    /// Checks the settings of `serve`.
    ///
    /// # Errors
    /// Everything that is wrong, a line each.
    pub(crate) fn resolve(loaded: &Loaded, environment: &Environment) -> Result<Self, Vec<String>> {
        let raw = &loaded.raw;
        let mut problems = checks::ceilings(raw);
        problems.extend(checks::server(raw));
        let addr = address(&raw.addr).map_err(|problem| problems.push(problem)).ok();
        problems.extend(addr.and_then(|addr| checks::exposure(addr, raw)));
        let Some(addr) = addr.filter(|_| problems.is_empty()) else { return Err(problems) };
        let session = SessionConfig {
            ttl: raw.session_ttl.value.0,
            max_lifetime: Some(raw.session_max_lifetime.value.0).filter(|lifetime| !lifetime.is_zero()),
            hibernate_after: Some(raw.session_hibernate.value.0).filter(|after| !after.is_zero()),
            cron_jitter: raw.cron_jitter.value.0,
            max_sessions: Some(size(raw.max_sessions.value.0)).filter(|max| *max > 0),
            max_running: size(raw.max_running.value.0),
            max_waiting: size(raw.max_waiting.value.0),
            queue_per_session: size(raw.session_max_queue.value.0),
            background_max: raw.session_max_background.value.0,
            limits: limits(raw),
            ..SessionConfig::default()
        };
        let also = raw.allow_host.value.0.clone();
        let api = ApiConfig {
            max_body: size(raw.max_body.value.0),
            max_snapshot_body: size(raw.max_snapshot_body.value.0),
            max_bodies_total: size(raw.max_bodies.value.0),
            body_timeout: raw.body_timeout.value.0,
            hosts: if addr.ip().is_loopback() { Hosts::Loopback { also } } else { Hosts::Any },
        };
        let mut hints = loaded.hints.clone();
        hints.extend(checks::hints(addr, raw));
        let (engine, http, log) = (engine(raw), http(raw), log(raw, environment));
        let code_dir = Some(&raw.code_dir.value.0).filter(|path| !path.is_empty()).map(PathBuf::from);
        let data_dir = Some(&raw.data_dir.value.0).filter(|path| !path.is_empty()).map(PathBuf::from);
        Ok(Self { addr, session, engine, code_dir, data_dir, api, http, log, hints })
    }
}

impl RunConfig {
    /// Checks the settings of `run`; those of the network do not matter to it.
    ///
    /// # Errors
    /// Everything that is wrong, a line each.
    pub(crate) fn resolve(loaded: &Loaded, environment: &Environment) -> Result<Self, Vec<String>> {
        let raw = &loaded.raw;
        let problems = checks::ceilings(raw);
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut log = log(raw, environment);
        if !raw.log_level.is_given() {
            // The standard error of a script is the script's.
            log.filter = Filter("warn".to_owned());
        }
        Ok(Self { limits: limits(raw), engine: engine(raw), log })
    }
}

fn limits(raw: &Raw) -> Limits {
    let quota = |max: u64| Some(max).filter(|max| *max > 0);
    Limits {
        run_timeout: raw.timeout.value.0,
        run_fuel: raw.run_max_fuel.value.0,
        memory_process_bytes: raw.process_max_memory.value.0,
        memory_session_bytes: raw.session_max_memory.value.0,
        processes: number(raw.session_max_processes.value.0),
        fds_per_process: number(raw.process_max_fds.value.0),
        footprint_bytes: raw.session_max_footprint.value.0,
        inodes: raw.session_max_inodes.value.0,
        output_bytes: raw.run_max_output.value.0,
        output_head_bytes: raw.run_output_head.value.0,
        output_tail_bytes: raw.run_output_tail.value.0,
        max_files: quota(raw.session_max_files.value.0),
        max_bytes: quota(raw.session_max_bytes.value.0),
        max_runtime: Some(raw.session_max_runtime.value.0).filter(|max| !max.is_zero()),
        checkpoints: number(raw.session_max_checkpoints.value.0),
        checkpoint_bytes: raw.session_max_checkpoint_bytes.value.0,
    }
}

fn engine(raw: &Raw) -> EngineConfig {
    EngineConfig {
        cpu_slots: size(raw.cpu_slots.value.0),
        max_live: number(raw.max_live.value.0),
        metering: match raw.metering.value {
            settings::Metering::FuelAndEpoch => engine::Metering::FuelAndEpoch,
            settings::Metering::Epoch => engine::Metering::Epoch,
        },
        memory_total_bytes: raw.max_memory.value.0,
        processes_total: number(raw.max_processes.value.0),
        user_code: UserCodeConfig {
            max_bytes: raw.compile_max_wasm.value.0,
            timeout: raw.compile_timeout.value.0,
            cache_bytes: raw.code_cache.value.0,
            ..UserCodeConfig::default()
        },
        // The grain of the scheduler is no operator's choice.
        ..EngineConfig::default()
    }
}

fn http(raw: &Raw) -> ServeConfig {
    let drain = raw.drain.value.0;
    let farewell = FAREWELL.min(drain / 5).max(FAREWELL_MIN);
    ServeConfig {
        max_connections: size(raw.max_connections.value.0),
        head_timeout: raw.head_timeout.value.0,
        write_timeout: raw.write_timeout.value.0,
        grace: drain.saturating_sub(farewell),
        stop: drain.max(farewell),
    }
}

/// Returns what the settings say about logs.
pub(crate) fn log(raw: &Raw, environment: &Environment) -> LogConfig {
    LogConfig {
        filter: raw.log_level.value.clone(),
        is_json: raw.log_format.value == LogFormat::Json,
        may_colour: !environment.is_uncoloured(),
    }
}

/// Resolves an address; `:8080` listens on every address, as with the older server.
fn address(addr: &Sourced<impl AsRef<str>>) -> Result<SocketAddr, String> {
    let text = addr.value.as_ref();
    let full = if text.starts_with(':') { format!("0.0.0.0{text}") } else { text.to_owned() };
    let wrong = |why: String| format!("{}: cannot resolve {text}: {why}", addr.origin);
    let mut found = full.to_socket_addrs().map_err(|error| wrong(error.to_string()))?;
    found.next().ok_or_else(|| wrong("no such address".to_owned()))
}

/// The bounds of the settings keep both conversions exact on a 64-bit machine; elsewhere the largest is as good.
fn size(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

fn number(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Loads settings given as flags, without a file.
    pub(crate) fn loaded(given: &[(&'static str, &str)]) -> Result<Loaded, Vec<String>> {
        let given = given.iter().map(|(key, word)| (*key, (*word).to_owned())).collect();
        load(&Flags { file: Some("/dev/null".into()), given }, &Environment::default())
    }

    fn resolve(given: &[(&'static str, &str)]) -> Result<ServerConfig, Vec<String>> {
        ServerConfig::resolve(&loaded(given)?, &Environment::default())
    }

    #[test]
    fn without_settings_every_layer_has_its_own_defaults() {
        // On a small machine the limits of sessions bow to its memory.
        let config = resolve(&[("max_memory", "8GiB")]).expect("resolves");
        assert_eq!(config.addr.to_string(), "127.0.0.1:8080");
        assert_eq!(config.session.ttl, Duration::from_secs(1800));
        assert_eq!(config.session.max_sessions, Some(Limits::SESSIONS));
        assert_eq!(config.session.limits, Limits::default());
        let same = |ours: &dyn std::fmt::Debug, theirs: &dyn std::fmt::Debug| {
            assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
        };
        same(&config.api, &ApiConfig::default());
        same(&config.http, &ServeConfig::default());
        let memory_total_bytes = config.engine.memory_total_bytes;
        same(&config.engine, &EngineConfig { memory_total_bytes, ..EngineConfig::default() });
        assert!(config.hints.is_empty(), "{:?}", config.hints);
    }

    #[test]
    fn zero_lifts_a_quota_and_a_timeout_of_zero_is_five_seconds() {
        let given =
            [("max_sessions", "0"), ("timeout", "-1s"), ("session_max_files", "7"), ("session_max_runtime", "8")];
        let config = resolve(&given).expect("resolves");
        assert_eq!(config.session.max_sessions, None);
        assert_eq!(config.session.limits.run_timeout, Duration::from_secs(5));
        assert_eq!(config.session.limits.max_files, Some(7));
        assert_eq!(config.session.limits.max_bytes, None);
        assert_eq!(config.session.limits.max_runtime, Some(Duration::from_secs(8)));
    }

    #[test]
    fn what_cannot_be_meant_is_an_error_at_the_start() {
        for given in [
            ("session_max_files", "-1"),
            ("session_max_bytes", "-1"),
            ("session_max_runtime", "-1s"),
            ("session_ttl", "0"),
            ("addr", "nonsense"),
            ("cpu_slots", "0"),
            ("max_memory", "1MiB"),
        ] {
            assert!(resolve(&[given]).is_err(), "{given:?}");
        }
    }

    #[test]
    fn an_address_that_others_can_reach_needs_insecure() {
        let refused = resolve(&[("addr", "0.0.0.0:0")]).expect_err("open");
        assert!(refused[0].starts_with("--addr: ") && refused[0].contains("--insecure"), "{refused:?}");
        assert!(resolve(&[("addr", ":0")]).is_err());
        let open = resolve(&[("addr", "0.0.0.0:0"), ("insecure", "true")]).expect("resolves");
        assert_eq!(open.api.hosts, Hosts::Any);
        let loopback = resolve(&[("addr", "[::1]:0"), ("insecure", "true")]).expect("resolves");
        assert_eq!(loopback.api.hosts, Hosts::Loopback { also: Vec::new() });
    }

    #[test]
    fn the_time_to_stop_leaves_time_for_telling() {
        let check = |drain: &str, grace: u64, stop: u64| {
            let http = resolve(&[("drain", drain)]).expect("resolves").http;
            assert_eq!((http.grace, http.stop), (Duration::from_millis(grace), Duration::from_millis(stop)), "{drain}");
        };
        check("10s", 8_000, 10_000);
        check("60s", 58_000, 60_000);
        check("5s", 4_000, 5_000);
        check("0", 0, 250);
    }

    #[test]
    fn run_warns_only_unless_told_and_does_not_care_for_the_network() {
        let resolve = |given: &[(&'static str, &str)]| {
            RunConfig::resolve(&loaded(given).expect("loads"), &Environment::default()).expect("resolves")
        };
        assert_eq!(resolve(&[("addr", "0.0.0.0:80")]).log.filter.0, "warn");
        assert_eq!(resolve(&[("log_level", "info")]).log.filter.0, "info");
    }
}
