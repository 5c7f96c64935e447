//! The one table: every setting with its kind, its default and what help says about it.
//!
//! The macro makes two things of it, so that they cannot differ: [`Raw`], which holds each value with its origin, and
//! [`TABLE`], through which flags, variables, file, help and example are made. Defaults are the layers' own.

use std::fmt;
use std::sync::Arc;

use api::{ApiConfig, ServeConfig};
use base::Limits;
use engine::EngineConfig;
use session::SessionConfig;

use super::values::{
    Address, Amount, Bytes, Count, Filter, Folder, Form, HostNames, LogFormat, Metering, Plain, Span, Switch, Timeout,
    Value,
};

/// Where a value came from; a later one is stronger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// Nobody gave it.
    Default,
    /// A line of the file.
    File { path: Arc<str>, line: usize },
    /// An environment variable.
    Variable(String),
    /// A flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{path}:{line}"),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(key) => write!(f, "--{}", key.replace('_', "-")),
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Debug)]
pub(crate) struct Sourced<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

impl<T> Sourced<T> {
    /// Tells whether somebody gave it.
    pub(crate) fn is_given(&self) -> bool {
        self.origin != Origin::Default
    }
}

/// Which commands take the flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// `serve` alone.
    Serve,
    /// `serve` and `run`.
    Both,
}

/// Whether the short help (`-h`) shows the flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rank {
    Common,
    Tuning,
}

/// The heading a setting stands under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Listening,
    Sessions,
    RunLimits,
    SessionLimits,
    Host,
    Connections,
    Logs,
}

impl Group {
    /// Returns the heading.
    pub(crate) fn heading(self) -> &'static str {
        match self {
            Self::Listening => "Listening",
            Self::Sessions => "Sessions",
            Self::RunLimits => "Limits of a run",
            Self::SessionLimits => "Limits of a session",
            Self::Host => "The whole host",
            Self::Connections => "Connections and requests",
            Self::Logs => "Logs",
        }
    }
}

/// One row, as text.
pub(crate) struct Setting {
    /// The file's key; the flag has dashes for its underscores, the variable is `SANDSHELL_` and it in capitals.
    pub(crate) key: &'static str,
    pub(crate) short: Option<char>,
    /// A further variable.
    pub(crate) also: Option<&'static str>,
    /// A further name of the flag.
    pub(crate) alias: Option<&'static str>,
    pub(crate) group: Group,
    pub(crate) scope: Scope,
    pub(crate) rank: Rank,
    help: &'static [&'static str],
    shown_default: Option<&'static str>,
    pub(crate) form: Form,
    pub(crate) value_name: &'static str,
    pub(crate) choices: &'static [&'static str],
    pub(crate) allowed: fn() -> String,
    /// Reads a word into its field, or changes nothing and tells that it is not allowed.
    pub(crate) set: fn(&mut Raw, &str, Origin) -> bool,
    pub(crate) plain: fn(&Raw) -> Plain,
    pub(crate) origin: fn(&Raw) -> &Origin,
}

impl Setting {
    /// Returns the flag without its dashes in front.
    pub(crate) fn flag(&self) -> String {
        self.key.replace('_', "-")
    }

    /// Returns the environment variable.
    pub(crate) fn variable(&self) -> String {
        format!("SANDSHELL_{}", self.key.to_ascii_uppercase())
    }

    /// Returns what help says: the first paragraph, and all of it.
    pub(crate) fn help(&self) -> (String, String) {
        let mut paragraphs: Vec<String> = vec![String::new()];
        for line in self.help.iter().map(|line| line.trim()) {
            if line.is_empty() {
                paragraphs.push(String::new());
            } else if let Some(paragraph) = paragraphs.last_mut() {
                let gap = if paragraph.is_empty() { "" } else { " " };
                paragraph.push_str(gap);
                paragraph.push_str(line);
            }
        }
        (paragraphs.first().cloned().unwrap_or_default(), paragraphs.join("\n\n"))
    }

    /// Returns the default as documented; empty if that is nothing.
    pub(crate) fn default_text(&self, defaults: &Raw) -> String {
        self.shown_default.map_or_else(|| (self.plain)(defaults).text(), str::to_owned)
    }
}

/// What the defaults are taken from.
pub(crate) struct Defaults {
    limits: Limits,
    session: SessionConfig,
    engine: EngineConfig,
    api: ApiConfig,
    http: ServeConfig,
    max_memory: u64,
}

impl Defaults {
    /// The layers' own defaults on a machine that leaves `max_memory` bytes to guests.
    pub(crate) fn new(max_memory: u64) -> Self {
        Self {
            limits: Limits::default(),
            session: SessionConfig::default(),
            engine: EngineConfig::default(),
            api: ApiConfig::default(),
            http: ServeConfig::default(),
            max_memory,
        }
    }
}

/// `Some` of what is there.
macro_rules! maybe {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}

macro_rules! settings {
    ($($group:ident { $(
        $(#[doc = $doc:literal])+
        $key:ident: $kind:ty, $scope:ident, $rank:ident, $default:expr
        $(, short $short:literal)? $(, also $also:literal)? $(, alias $alias:literal)? $(, shown $shown:literal)? ;
    )+ })+) => {
        /// Every setting, read and not yet compared with the others.
        #[derive(Clone, Debug)]
        pub(crate) struct Raw { $($( $(#[doc = $doc])+ pub(crate) $key: Sourced<$kind>, )+)+ }

        impl Raw {
            /// Returns what holds when nobody gives anything.
            pub(crate) fn defaults(defaults: &Defaults) -> Self {
                Self { $($( $key: {
                    let default: fn(&Defaults) -> $kind = $default;
                    Sourced { value: default(defaults), origin: Origin::Default }
                }, )+)+ }
            }
        }

        /// All rows, in the order of the documentation.
        pub(crate) static TABLE: &[Setting] = &[ $($( Setting {
            key: stringify!($key),
            short: maybe!($($short)?),
            also: maybe!($($also)?),
            alias: maybe!($($alias)?),
            group: Group::$group,
            scope: Scope::$scope,
            rank: Rank::$rank,
            help: &[$($doc),+],
            shown_default: maybe!($($shown)?),
            form: <$kind as Value>::FORM,
            value_name: <$kind as Value>::NAME,
            choices: <$kind as Value>::CHOICES,
            allowed: <$kind as Value>::allowed,
            set: |raw, word, origin| {
                let Some(value) = <$kind as Value>::read(word) else { return false };
                raw.$key = Sourced { value, origin };
                true
            },
            plain: |raw| raw.$key.value.plain(),
            origin: |raw| &raw.$key.origin,
        }, )+)+ ];
    };
}

/// The longest duration of a setting, in milliseconds: 100 years.
const AGES: u64 = 100 * 365 * 24 * 3_600_000;
/// The longest wait for a peer or for the end.
const HOUR: u64 = 3_600_000;
const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;
/// No quota is counted beyond this.
const QUOTA: u64 = 1 << 60;

// A row: help; key: kind, scope, rank, default, and then, in this order, a short flag, a further variable, a further flag, and what help
// calls a default that depends on the machine.
settings! {
    Listening {
        /// Address to listen on; port 0 takes a free one.
        addr: Address, Serve, Common, |_| Address("127.0.0.1:8080".to_owned()), short 'a';
        /// Listen on an address that is not loopback although no keys protect the server.
        ///
        /// Whoever reaches such an address can run scripts and read every session.
        insecure: Switch, Serve, Common, |_| Switch(false);
        /// Further host name by which requests may call a server that listens on loopback.
        ///
        /// Without it, requests must name a loopback address or localhost, which keeps web pages from using the server
        /// through a name of their own. Repeat the flag, or separate names with commas.
        allow_host: HostNames, Serve, Common, |_| HostNames(Vec::new()), shown "none";
        /// How long after SIGTERM or SIGINT the server has ended at the latest.
        ///
        /// Until two seconds before (a fifth, if that is less), what runs may finish; then it is cancelled and its clients
        /// are told. Background jobs are killed. A second signal ends the server at once.
        drain: Span<0, HOUR>, Serve, Common, |d| Span(d.http.stop);
    }
    Sessions {
        /// Folder in which sessions are kept: they outlive the server, and a run's reply leaves once what it did is on the
        /// disk. None if empty: sessions live in memory.
        ///
        /// It is made if it does not exist, is this server's alone (mode 0700), and is locked against a second one.
        data_dir: Folder, Serve, Common, |_| Folder(String::new()), also "SANDSHELL_SESSION_STORE", alias "session-store";
        /// Sessions at once; 0 is no limit.
        max_sessions: Count<0, 10_000_000>, Serve, Common, |_| Count(Limits::SESSIONS as u64);
        /// A session nobody uses ends after this long.
        session_ttl: Span<1, AGES>, Serve, Common, |_| Span(Limits::SESSION_TTL);
        /// A session ends when it is this old, used or not; 0 is never.
        session_max_lifetime: Span<0, AGES>, Serve, Common, |d| Span(d.session.max_lifetime.unwrap_or_default());
        /// The processes and the shell of an idle session are put away after this long; 0 is never.
        ///
        /// Nothing is lost by it, and its next run begins a fraction of a millisecond later. A session with background
        /// jobs or descriptors of its own stays as it is.
        session_hibernate: Span<0, AGES>, Serve, Tuning, |d| Span(d.session.hibernate_after.unwrap_or_default());
        /// Cron jobs begin up to this much after their minute, each session at a time of its own.
        cron_jitter: Span<0, HOUR>, Serve, Tuning, |d| Span(d.session.cron_jitter);
        /// Runs that execute at the same time, whatever they wait for.
        max_running: Count<1, 100_000>, Serve, Tuning, |d| Count(d.session.max_running as u64);
        /// Runs that wait for their turn in the whole host; further ones are refused with 503.
        max_waiting: Count<1, 1_000_000>, Serve, Tuning, |d| Count(d.session.max_waiting as u64);
        /// Requests that wait in one session's queue; further ones are refused with 429.
        session_max_queue: Count<1, 100_000>, Serve, Tuning, |d| Count(d.session.queue_per_session as u64);
    }
    RunLimits {
        /// Wall-clock limit of a run; 0 or less means 5s.
        timeout: Timeout, Both, Common, |d| Timeout(d.limits.run_timeout);
        /// Fuel of a run: about one unit a Wasm instruction, summed over its processes.
        ///
        /// Counts only with --metering fuel+epoch. 500G units are some five minutes of one core.
        run_max_fuel: Amount<1_000_000, 1_000_000_000_000_000>, Both, Tuning, |d| Amount(d.limits.run_fuel);
        /// What a run may write to stdout and stderr together before it is ended.
        run_max_output: Bytes<KIB, GIB>, Both, Tuning, |d| Bytes(d.limits.output_bytes);
        /// What a reply keeps of the start of each stream.
        run_output_head: Bytes<0, GIB>, Serve, Tuning, |d| Bytes(d.limits.output_head_bytes);
        /// What a reply keeps of the end of each stream.
        run_output_tail: Bytes<0, GIB>, Serve, Tuning, |d| Bytes(d.limits.output_tail_bytes);
    }
    SessionLimits {
        /// Files a session may hold beyond its image; 0 is no quota below the ceilings.
        session_max_files: Count<0, QUOTA>, Both, Common, |d| Count(d.limits.max_files.unwrap_or(0));
        /// Bytes a session's files may hold beyond its image; 0 is no quota below the ceilings.
        session_max_bytes: Bytes<0, QUOTA>, Both, Common, |d| Bytes(d.limits.max_bytes.unwrap_or(0));
        /// Summed time a session's runs may take; 0 is no quota.
        session_max_runtime: Span<0, AGES>, Both, Common, |d| Span(d.limits.max_runtime.unwrap_or_default());
        /// Ceiling on the memory a session's files occupy, administration included.
        session_max_footprint: Bytes<MIB, TIB>, Both, Tuning, |d| Bytes(d.limits.footprint_bytes);
        /// Ceiling on a session's files, directories and links beyond its image.
        session_max_inodes: Count<100, 100_000_000>, Both, Tuning, |d| Count(d.limits.inodes);
        /// Memory of a session's processes together.
        session_max_memory: Bytes<{ 16 * MIB }, TIB>, Both, Tuning, |d| Bytes(d.limits.memory_session_bytes);
        /// Processes of a session at once, its shell included.
        session_max_processes: Count<2, 10_000>, Both, Tuning, |d| Count(d.limits.processes.into());
        /// Checkpoints of a session at once.
        session_max_checkpoints: Count<0, 100_000>, Serve, Tuning, |d| Count(d.limits.checkpoints.into());
        /// Logical bytes of a session's checkpoints together; what they share is counted each time.
        session_max_checkpoint_bytes: Bytes<0, TIB>, Serve, Tuning, |d| Bytes(d.limits.checkpoint_bytes);
        /// How long background jobs may outlive the run that started them; 0 kills them at its end.
        session_max_background: Span<0, AGES>, Serve, Tuning, |d| Span(d.session.background_max);
        /// Memory of one process.
        process_max_memory: Bytes<{ 16 * MIB }, { 4 * GIB }>, Both, Tuning, |d| Bytes(d.limits.memory_process_bytes);
        /// Open descriptors of one process.
        process_max_fds: Count<16, 65_536>, Both, Tuning, |d| Count(d.limits.fds_per_process.into());
    }
    Host {
        /// Memory of all guests and files together.
        max_memory: Bytes<{ 64 * MIB }, { 64 * TIB }>, Both, Common, |d| Bytes(d.max_memory),
            shown "60% of the machine's, or of the control group's";
        /// Guests that compute at the same time.
        cpu_slots: Count<1, 1024>, Both, Common, |d| Count(d.engine.cpu_slots as u64), shown "the number of cores";
        /// How guest code is metered: with fuel, CPU use is limited and reported to the unit; without, code is faster.
        metering: Metering, Both, Common, |_| Metering::FuelAndEpoch;
        /// Live guests at once: shells, and processes that run or wait. Bounds the pool of stacks and memories.
        max_live: Count<10, 10_000>, Both, Tuning, |d| Count(d.engine.max_live.into());
        /// Processes of all sessions at once. Less than --max-live, so that a process never finds the pool empty.
        max_processes: Count<2, 10_000>, Both, Tuning, |d| Count(d.engine.processes_total.into()),
            shown "1200, or six tenths of --max-live";
        /// Largest Wasm file of a user that is compiled.
        compile_max_wasm: Bytes<KIB, GIB>, Both, Tuning, |d| Bytes(d.engine.user_code.max_bytes);
        /// Time in which a Wasm file of a user must be compiled.
        compile_timeout: Span<100, 600_000>, Both, Tuning, |d| Span(d.engine.user_code.timeout);
        /// Compiled Wasm of users that is kept in memory for the next use.
        code_cache: Bytes<0, { 1024 * GIB }>, Serve, Tuning, |d| Bytes(d.engine.user_code.cache_bytes);
        /// Folder in which compiled Wasm of users is kept for the next start of the server; none if empty.
        ///
        /// It is made if it does not exist, and must be this server's alone (mode 0700): what is loaded from it runs with
        /// all the server's rights. Files that this server has not marked with the key in there are not loaded.
        code_dir: Folder, Serve, Tuning, |_| Folder(String::new());
    }
    Connections {
        /// Connections at once; further ones wait in the system's backlog.
        max_connections: Count<1, 1_000_000>, Serve, Tuning, |d| Count(d.http.max_connections as u64);
        /// Largest body of /run and /complete.
        max_body: Bytes<1, { 16 * GIB }>, Serve, Tuning, |d| Bytes(d.api.max_body as u64);
        /// Largest body of a snapshot.
        max_snapshot_body: Bytes<1, { 16 * GIB }>, Serve, Tuning, |d| Bytes(d.api.max_snapshot_body as u64);
        /// Bodies of all requests in memory at the same time; at least twice the largest body.
        max_bodies: Bytes<KIB, TIB>, Serve, Tuning, |d| Bytes(d.api.max_bodies_total as u64),
            shown "256MiB, or twice the largest body";
        /// A request's head must have arrived after this long; also how long an idle connection is kept.
        head_timeout: Span<1, HOUR>, Serve, Tuning, |d| Span(d.http.head_timeout);
        /// A request's body must have arrived after this long.
        body_timeout: Span<1, HOUR>, Serve, Tuning, |d| Span(d.api.body_timeout);
        /// A client that takes nothing of its reply for this long is cut off.
        write_timeout: Span<1, HOUR>, Serve, Tuning, |d| Span(d.http.write_timeout);
    }
    Logs {
        /// What to log on standard error: off, error, warn, info, debug, trace, or levels by target.
        ///
        /// For example info,sandshell_session=debug. Scripts, their output and headers are never logged; of a session's
        /// id only a short hash. SIGHUP reads the level again.
        log_level: Filter, Both, Common, |_| Filter("info".to_owned()), also "SANDSHELL_LOG",
            shown "info; of `run`: warn";
        /// How log lines look: for people, or one JSON object a line.
        log_format: LogFormat, Both, Common, |_| LogFormat::Human;
    }
}
