//! What every handler shares.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::{Clock, MonoNanos, Timestamp};
use session::Sessions;
use tokio::sync::Semaphore;

use crate::access::RequestIds;
use crate::config::ApiConfig;

/// The HTTP face of one host's sessions. Owns no session, only the budgets of the HTTP layer itself.
pub struct App {
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) config: ApiConfig,
    /// Permits of one KiB each for request bodies in memory.
    pub(crate) bodies: Arc<Semaphore>,
    /// Snapshots that may be decoded at the same time.
    pub(crate) imports: Arc<Semaphore>,
    pub(crate) request_ids: RequestIds,
    /// Held while a session's settings are read, changed and written back: one change after the other.
    pub(crate) settings_change: Mutex<()>,
    clock: Arc<dyn Clock>,
    started: MonoNanos,
}

impl App {
    /// Puts `sessions` behind HTTP; its uptime starts now.
    #[must_use]
    pub fn new(sessions: Arc<Sessions>, clock: Arc<dyn Clock>, config: ApiConfig) -> Arc<Self> {
        let kib = (config.max_bodies_total >> 10).clamp(1, Semaphore::MAX_PERMITS);
        Arc::new(Self {
            sessions,
            bodies: Arc::new(Semaphore::new(kib)),
            imports: Arc::new(Semaphore::new(ApiConfig::IMPORTS_AT_ONCE)),
            request_ids: RequestIds::new(clock.wall().secs()),
            settings_change: Mutex::new(()),
            started: clock.mono(),
            clock,
            config,
        })
    }

    /// Returns the sessions behind this face.
    #[must_use]
    pub fn sessions(&self) -> &Arc<Sessions> {
        &self.sessions
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.wall()
    }

    pub(crate) fn uptime(&self) -> Duration {
        self.clock.mono().since(self.started)
    }
}
