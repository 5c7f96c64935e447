//! What the store keeps of a session beside files and shell state: a small record of its entry.
//!
//! One version byte, then postcard's encoding. A record of a newer version is refused: it may say what this server must not
//! forget.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base::{Limits, Timestamp};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use store::StoreError;

use crate::error::Error;
use crate::image::Memory;
use crate::lifecycle::Spans;
use crate::registry::{Info, NetworkUsage};
use crate::settings::{Durability, Settings};

const VERSION: u8 = 1;

/// A session's record, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) template: Arc<str>,
    pub(crate) cwd: Vec<u8>,
    pub(crate) rc_loaded: bool,
    pub(crate) aliases_known: bool,
    pub(crate) has_cron: bool,
    pub(crate) created: Timestamp,
    pub(crate) last_use: Timestamp,
    pub(crate) runtime: Duration,
    pub(crate) network: NetworkUsage,
    pub(crate) settings: Settings,
}

#[derive(Serialize, Deserialize)]
struct Encoded<'a> {
    template: &'a str,
    cwd: Vec<u8>,
    rc_loaded: bool,
    aliases_known: bool,
    has_cron: bool,
    created: u64,
    last_use: u64,
    runtime_ns: u64,
    network: [u64; 4],
    name: Option<String>,
    labels: BTreeMap<String, String>,
    durability: u8,
    ttl_ns: u64,
    lifetime_ns: Option<u64>,
    awake_ns: Option<u64>,
    limits: EncodedLimits,
}

#[derive(Serialize, Deserialize)]
struct EncodedLimits {
    run_timeout_ns: u64,
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
    max_runtime_ns: Option<u64>,
    checkpoints: u32,
    checkpoint_bytes: u64,
}

impl Record {
    /// Returns the record of a session; `aliases_known` says whether its shell knows the aliases file as it is.
    pub(crate) fn of(info: &Info, memory: &Memory, aliases_known: bool, has_cron: bool) -> Self {
        Self {
            template: "".into(),
            cwd: memory.cwd.clone(),
            rc_loaded: memory.rc_loaded,
            aliases_known,
            has_cron,
            created: info.created,
            last_use: info.last_use,
            runtime: info.runtime,
            network: info.network,
            settings: (*info.settings).clone(),
        }
    }

    /// Encodes it for a session that began with `template`.
    pub(crate) fn encode(&self, template: &str) -> Bytes {
        let network = self.network;
        let encoded = Encoded {
            template,
            cwd: self.cwd.clone(),
            rc_loaded: self.rc_loaded,
            aliases_known: self.aliases_known,
            has_cron: self.has_cron,
            created: self.created.0,
            last_use: self.last_use.0,
            runtime_ns: nanos(self.runtime),
            network: [network.requests, network.bytes_sent, network.bytes_received, nanos(network.runtime)],
            name: self.settings.name.clone(),
            labels: self.settings.labels.clone(),
            durability: match self.settings.durability {
                Durability::Strict => 0,
                Durability::Relaxed => 1,
                Durability::None => 2,
            },
            ttl_ns: nanos(self.settings.spans.ttl),
            lifetime_ns: self.settings.spans.lifetime.map(nanos),
            awake_ns: self.settings.spans.awake.map(nanos),
            limits: EncodedLimits::of(&self.settings.limits),
        };
        let bytes = postcard::to_extend(&encoded, vec![VERSION]);
        bytes.expect("a record of numbers and bytes is always encoded into memory").into()
    }

    /// Decodes one.
    ///
    /// # Errors
    /// [`Error::Store`] for what this server cannot read.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let refuse = |what: &str| Error::Store(StoreError::Corrupt { what: what.into() });
        let encoded: Encoded<'_> = match bytes.split_first() {
            Some((&VERSION, rest)) => {
                postcard::from_bytes(rest).map_err(|_| refuse("the record of a session cannot be read"))?
            }
            Some(_) => return Err(refuse("the record of a session is of a newer server")),
            None => return Err(refuse("the record of a session is empty")),
        };
        let [requests, bytes_sent, bytes_received, network_ns] = encoded.network;
        let spans = Spans {
            ttl: Duration::from_nanos(encoded.ttl_ns),
            lifetime: encoded.lifetime_ns.map(Duration::from_nanos),
            awake: encoded.awake_ns.map(Duration::from_nanos),
        };
        let settings = Settings {
            name: encoded.name,
            labels: encoded.labels,
            limits: encoded.limits.limits(),
            durability: match encoded.durability {
                0 => Durability::Strict,
                1 => Durability::Relaxed,
                2 => Durability::None,
                _ => return Err(refuse("the durability of a session is none")),
            },
            spans,
        };
        Ok(Self {
            template: encoded.template.into(),
            cwd: encoded.cwd,
            rc_loaded: encoded.rc_loaded,
            aliases_known: encoded.aliases_known,
            has_cron: encoded.has_cron,
            created: Timestamp(encoded.created),
            last_use: Timestamp(encoded.last_use),
            runtime: Duration::from_nanos(encoded.runtime_ns),
            network: NetworkUsage { requests, bytes_sent, bytes_received, runtime: Duration::from_nanos(network_ns) },
            settings,
        })
    }
}

impl EncodedLimits {
    fn of(limits: &Limits) -> Self {
        Self {
            run_timeout_ns: nanos(limits.run_timeout),
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
            max_runtime_ns: limits.max_runtime.map(nanos),
            checkpoints: limits.checkpoints,
            checkpoint_bytes: limits.checkpoint_bytes,
        }
    }

    fn limits(self) -> Limits {
        Limits {
            run_timeout: Duration::from_nanos(self.run_timeout_ns),
            run_fuel: self.run_fuel,
            memory_process_bytes: self.memory_process_bytes,
            memory_session_bytes: self.memory_session_bytes,
            processes: self.processes,
            fds_per_process: self.fds_per_process,
            footprint_bytes: self.footprint_bytes,
            inodes: self.inodes,
            output_bytes: self.output_bytes,
            output_head_bytes: self.output_head_bytes,
            output_tail_bytes: self.output_tail_bytes,
            max_files: self.max_files,
            max_bytes: self.max_bytes,
            max_runtime: self.max_runtime_ns.map(Duration::from_nanos),
            checkpoints: self.checkpoints,
            checkpoint_bytes: self.checkpoint_bytes,
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// What the store keeps of a checkpoint beside its image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CheckpointRecord {
    pub(crate) created: u64,
    pub(crate) bytes: u64,
    /// The session's record then.
    pub(crate) session: Vec<u8>,
}

impl CheckpointRecord {
    pub(crate) fn encode(&self) -> Bytes {
        let bytes = postcard::to_extend(self, vec![VERSION]);
        bytes.expect("a record of numbers and bytes is always encoded into memory").into()
    }

    /// Decodes one.
    ///
    /// # Errors
    /// [`Error::Store`] for what this server cannot read.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let decoded = match bytes.split_first() {
            Some((&VERSION, rest)) => postcard::from_bytes(rest).ok(),
            _ => None,
        };
        let what = "the record of a checkpoint cannot be read";
        decoded.ok_or_else(|| Error::Store(StoreError::Corrupt { what: what.into() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let limits = Limits { max_files: Some(7), max_runtime: Some(Duration::from_secs(8)), ..Limits::default() };
        let labels = BTreeMap::from([("team".to_owned(), "red".to_owned())]);
        let settings = Settings { name: Some("build".to_owned()), labels, limits, ..Settings::default() };
        let network = NetworkUsage { requests: 1, bytes_sent: 2, bytes_received: 3, runtime: Duration::from_millis(4) };
        Record {
            template: "abc".into(),
            cwd: b"/a\xff".to_vec(),
            rc_loaded: true,
            aliases_known: true,
            has_cron: false,
            created: Timestamp(1),
            last_use: Timestamp(2),
            runtime: Duration::from_nanos(3),
            network,
            settings: settings.with_max_lifetime(Duration::from_secs(9)),
        }
    }

    #[test]
    fn a_record_comes_back_as_it_was() {
        let record = record();
        assert_eq!(Record::decode(&record.encode("abc")), Ok(record));
    }

    #[test]
    fn what_is_no_record_of_this_version_is_refused() {
        let good = record().encode("abc");
        for bytes in [&b""[..], b"\x01", b"\x02", &good[..good.len() - 1]] {
            assert!(matches!(Record::decode(bytes), Err(Error::Store(StoreError::Corrupt { .. }))));
        }
    }
}
