//! `GET .../limits` and `GET .../usage`: what a session may use, and what it uses.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use base::Limits;
use serde::{Deserialize, Serialize};
use session::{NetworkUsage, SessionUsage};

use super::request::{NoParameters, Session, reply};
use crate::app::App;
use crate::errors::ApiError;
use crate::sessions::millis;

/// A session's limits. A quota that is `null` is not set: the ceilings beside it hold.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct LimitsBody {
    run_timeout_ms: u64,
    run_fuel: u64,
    memory_process_bytes: u64,
    memory_session_bytes: u64,
    processes: u32,
    fds_per_process: u32,
    footprint_bytes: u64,
    inodes: u64,
    output_bytes: u64,
    output_head_bytes: u64,
    output_tail_bytes: u64,
    max_files: Option<u64>,
    max_bytes: Option<u64>,
    max_runtime_ms: Option<u64>,
    checkpoints: u32,
    checkpoint_bytes: u64,
}

/// Limits that a request asks for. Each may be lower than the server's, not higher; what is not given is the server's. Of
/// the three quotas (`max_...`) zero means the same.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LimitsRequest {
    run_timeout_ms: Option<u64>,
    run_fuel: Option<u64>,
    memory_process_bytes: Option<u64>,
    memory_session_bytes: Option<u64>,
    processes: Option<u32>,
    fds_per_process: Option<u32>,
    footprint_bytes: Option<u64>,
    inodes: Option<u64>,
    output_bytes: Option<u64>,
    output_head_bytes: Option<u64>,
    output_tail_bytes: Option<u64>,
    max_files: Option<u64>,
    max_bytes: Option<u64>,
    max_runtime_ms: Option<u64>,
    checkpoints: Option<u32>,
    checkpoint_bytes: Option<u64>,
}

impl From<&Limits> for LimitsBody {
    fn from(limits: &Limits) -> Self {
        Self {
            run_timeout_ms: millis(limits.run_timeout),
            run_fuel: limits.run_fuel,
            memory_process_bytes: limits.memory_process_bytes,
            memory_session_bytes: limits.memory_session_bytes,
            processes: limits.processes,
            fds_per_process: limits.fds_per_process,
            footprint_bytes: limits.footprint_bytes,
            inodes: limits.inodes,
            output_bytes: limits.output_bytes,
            output_head_bytes: limits.output_head_bytes,
            output_tail_bytes: limits.output_tail_bytes,
            max_files: limits.max_files,
            max_bytes: limits.max_bytes,
            max_runtime_ms: limits.max_runtime.map(millis),
            checkpoints: limits.checkpoints,
            checkpoint_bytes: limits.checkpoint_bytes,
        }
    }
}

/// The least that a shell starts with, the same as the server's settings take: linear memory in bytes,
const MEMORY_MIN: u64 = 16 << 20;
/// open descriptors,
const FDS_MIN: u32 = 16;
/// the shell and what it starts,
const PROCESSES_MIN: u32 = 2;
/// bytes for pipes and files,
const FOOTPRINT_MIN: u64 = 1 << 20;
/// inodes,
const INODES_MIN: u64 = 100;
/// units of fuel,
const FUEL_MIN: u64 = 1_000_000;
/// and bytes of output.
const OUTPUT_MIN: u64 = 1024;

impl LimitsRequest {
    /// Returns the limits of a session on a server that gives `server`.
    pub(crate) fn under(self, server: &Limits) -> Result<Limits, ApiError> {
        let run_timeout = lower("run_timeout_ms", self.run_timeout_ms, 1, millis(server.run_timeout))?;
        let max_runtime = quota("max_runtime_ms", self.max_runtime_ms, server.max_runtime.map(millis))?;
        let mut limits = server.clone();
        let Limits { memory_process_bytes, memory_session_bytes, processes, fds_per_process, .. } = &mut limits;
        set("memory_process_bytes", memory_process_bytes, self.memory_process_bytes, MEMORY_MIN)?;
        set("memory_session_bytes", memory_session_bytes, self.memory_session_bytes, MEMORY_MIN)?;
        set("processes", processes, self.processes, PROCESSES_MIN)?;
        set("fds_per_process", fds_per_process, self.fds_per_process, FDS_MIN)?;
        set("run_fuel", &mut limits.run_fuel, self.run_fuel, FUEL_MIN)?;
        set("footprint_bytes", &mut limits.footprint_bytes, self.footprint_bytes, FOOTPRINT_MIN)?;
        set("inodes", &mut limits.inodes, self.inodes, INODES_MIN)?;
        set("output_bytes", &mut limits.output_bytes, self.output_bytes, OUTPUT_MIN)?;
        set("output_head_bytes", &mut limits.output_head_bytes, self.output_head_bytes, 0)?;
        set("output_tail_bytes", &mut limits.output_tail_bytes, self.output_tail_bytes, 0)?;
        set("checkpoints", &mut limits.checkpoints, self.checkpoints, 0)?;
        set("checkpoint_bytes", &mut limits.checkpoint_bytes, self.checkpoint_bytes, 0)?;
        limits.max_files = quota("max_files", self.max_files, server.max_files)?.or(server.max_files);
        limits.max_bytes = quota("max_bytes", self.max_bytes, server.max_bytes)?.or(server.max_bytes);
        limits.run_timeout = run_timeout.map_or(server.run_timeout, Duration::from_millis);
        limits.max_runtime = max_runtime.map(Duration::from_millis).or(server.max_runtime);
        Ok(limits)
    }
}

/// Lowers a limit that is the server's to what is asked for.
fn set<T: Copy + Ord + Into<u64>>(name: &'static str, limit: &mut T, asked: Option<T>, min: T) -> Result<(), ApiError> {
    *limit = lower(name, asked, min, *limit)?.unwrap_or(*limit);
    Ok(())
}

/// Returns what is asked for if it is between `min` and the server's own limit.
fn lower<T: Copy + Ord + Into<u64>>(
    name: &'static str,
    asked: Option<T>,
    min: T,
    server: T,
) -> Result<Option<T>, ApiError> {
    match asked {
        Some(asked) if asked > server => Err(ApiError::AboveServer { name, max: server.into(), asked: asked.into() }),
        // A server's own limit may lie below.
        Some(asked) if asked < min.min(server) => {
            Err(ApiError::InvalidRequest(format!("{name}: at least {}", min.min(server).into())))
        }
        other => Ok(other),
    }
}

/// The same for a quota, which may be unset on either side.
fn quota(name: &'static str, asked: Option<u64>, server: Option<u64>) -> Result<Option<u64>, ApiError> {
    lower(name, asked.filter(|asked| *asked > 0), 1, server.unwrap_or(u64::MAX))
}

/// What a session uses, against its limits of the same meaning.
#[derive(Serialize)]
struct UsageBody {
    runtime_ms: u64,
    files: u64,
    bytes: u64,
    footprint_bytes: u64,
    checkpoints: usize,
    checkpoint_bytes: u64,
    network: NetworkBody,
}

#[derive(Serialize)]
struct NetworkBody {
    requests: u64,
    bytes_sent: u64,
    bytes_received: u64,
    runtime_ms: u64,
}

impl From<SessionUsage> for UsageBody {
    fn from(usage: SessionUsage) -> Self {
        let NetworkUsage { requests, bytes_sent, bytes_received, runtime } = usage.network;
        Self {
            runtime_ms: millis(usage.runtime),
            files: usage.files.files,
            bytes: usage.files.bytes,
            footprint_bytes: usage.files.footprint,
            checkpoints: usage.checkpoints,
            checkpoint_bytes: usage.checkpoint_bytes,
            network: NetworkBody { requests, bytes_sent, bytes_received, runtime_ms: millis(runtime) },
        }
    }
}

pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Session(key): Session,
    _: NoParameters,
) -> Result<Response, ApiError> {
    let limits = app.sessions.limits(&key)?;
    Ok(reply(StatusCode::OK, &LimitsBody::from(&limits)))
}

pub(crate) async fn usage(
    State(app): State<Arc<App>>,
    Session(key): Session,
    _: NoParameters,
) -> Result<Response, ApiError> {
    let usage = app.sessions.usage(&key)?;
    Ok(reply(StatusCode::OK, &UsageBody::from(usage)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn under(text: &str, server: &Limits) -> Result<Limits, ApiError> {
        serde_json::from_str::<LimitsRequest>(text).expect("the shape is right").under(server)
    }

    #[test]
    fn a_session_may_have_less_than_the_server_gives() {
        let server = Limits { max_bytes: Some(1000), ..Limits::default() };
        let given = r#"{"run_timeout_ms":1500,"processes":3,"max_files":7,"max_bytes":0,"max_runtime_ms":9}"#;
        let expected = Limits {
            run_timeout: Duration::from_millis(1500),
            processes: 3,
            max_files: Some(7),
            max_runtime: Some(Duration::from_millis(9)),
            ..server.clone()
        };
        assert_eq!(under(given, &server).expect("below"), expected);
        assert_eq!(under("{}", &server).expect("below"), server);
        let odd = Limits { run_timeout: Duration::from_nanos(1_500_000_001), ..Limits::default() };
        assert_eq!(under("{}", &odd).expect("below"), odd);
    }

    #[test]
    fn it_may_not_have_more_or_nothing() {
        let server = Limits { max_bytes: Some(1000), ..Limits::default() };
        let check = |text: &str, code: &str, met: Option<(&str, u64)>| {
            let error = under(text, &server).expect_err(text);
            assert_eq!(error.class().code, code, "{text}");
            assert_eq!(error.limit().map(|limit| (limit.name, limit.max)), met, "{text}");
        };
        check(r#"{"processes":129}"#, "limit_exceeded", Some(("processes", 128)));
        check(r#"{"max_bytes":1001}"#, "limit_exceeded", Some(("max_bytes", 1000)));
        check(r#"{"run_timeout_ms":30001}"#, "limit_exceeded", Some(("run_timeout_ms", 30_000)));
        check(r#"{"inodes":0}"#, "invalid_request", None);
        check(r#"{"memory_process_bytes":16777215}"#, "invalid_request", None);
    }
}
