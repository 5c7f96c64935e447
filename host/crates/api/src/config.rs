//! What the HTTP layer accepts: sizes and names, with the reasons for their defaults.

use std::time::Duration;

/// Settings of the routes, checked by whoever made them.
#[derive(Clone, Debug)]
pub struct ApiConfig {
    /// Largest body of `POST /run` and `POST /complete`, in bytes.
    pub max_body: usize,
    /// Largest body of `POST /session/{id}/snapshot`, in bytes.
    pub max_snapshot_body: usize,
    /// Bytes of request bodies held at the same time by all requests together.
    pub max_bodies_total: usize,
    /// A body must have arrived after this long.
    pub body_timeout: Duration,
    /// Names by which requests may call this server.
    pub hosts: Hosts,
}

impl ApiConfig {
    /// A script that embeds its data still fits; the older server's 1 MiB did not hold many.
    pub const DEFAULT_MAX_BODY: usize = 16 << 20;
    /// The older server's limit.
    pub const DEFAULT_MAX_SNAPSHOT_BODY: usize = 64 << 20;
    /// Four of the largest bodies, or any number of ordinary ones.
    pub const DEFAULT_MAX_BODIES_TOTAL: usize = 256 << 20;
    /// The older server's read timeout.
    pub const DEFAULT_BODY_TIMEOUT: Duration = Duration::from_secs(30);
    /// Snapshots that are decoded at the same time: each takes a core.
    pub(crate) const IMPORTS_AT_ONCE: usize = 2;
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            max_body: Self::DEFAULT_MAX_BODY,
            max_snapshot_body: Self::DEFAULT_MAX_SNAPSHOT_BODY,
            max_bodies_total: Self::DEFAULT_MAX_BODIES_TOTAL,
            body_timeout: Self::DEFAULT_BODY_TIMEOUT,
            hosts: Hosts::Loopback { also: Vec::new() },
        }
    }
}

/// Which `Host` headers are answered. A page in a browser can be made to resolve any name to 127.0.0.1; without this
/// check it could then use a server that trusts its loopback address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// Loopback addresses, `localhost`, and these names.
    Loopback {
        /// Further names, in lower case, without port.
        also: Vec<String>,
    },
    /// Any: the server is meant to be reached from elsewhere.
    Any,
}
