//! What a session is created with and may be given anew: its names, its spans of life, its limits.

use std::collections::BTreeMap;
use std::time::Duration;

use base::Limits;

use crate::config::SessionConfig;
use crate::error::Error;
use crate::lifecycle::Spans;

/// The most labels of a session, and the most bytes of a label's or session's name and of a label's value.
const LABELS_MAX: usize = 64;
const NAME_MAX_BYTES: usize = 128;
const VALUE_MAX_BYTES: usize = 256;

/// When a run's reply leaves, against the durable state of what it did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// After it is on the disk: it survives the loss of power.
    #[default]
    Strict,
    /// After the system has it: it survives the end of the server.
    Relaxed,
    /// At once: it is written when there is time.
    None,
}

/// A session's settings. Limits stay with the session whatever is imported or restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What its owner calls it.
    pub name: Option<String>,
    /// What its owner has noted about it.
    pub labels: BTreeMap<String, String>,
    /// What it and its runs may use.
    pub limits: Limits,
    /// What its runs wait for.
    pub durability: Durability,
    pub(crate) spans: Spans,
}

impl Default for Settings {
    fn default() -> Self {
        Self::of(&SessionConfig::default())
    }
}

impl Settings {
    /// Returns what a session gets that asks for nothing.
    #[must_use]
    pub fn of(config: &SessionConfig) -> Self {
        let spans = Spans { ttl: config.ttl, lifetime: config.max_lifetime, awake: config.hibernate_after };
        let (limits, durability) = (config.limits.clone(), config.durability);
        Self { name: None, labels: BTreeMap::new(), limits, durability, spans }
    }

    /// Returns how long the session lives unused.
    #[must_use]
    pub fn idle_ttl(&self) -> Duration {
        self.spans.ttl
    }

    /// Returns how long it lives in all.
    #[must_use]
    pub fn max_lifetime(&self) -> Option<Duration> {
        self.spans.lifetime
    }

    /// Sets how long it lives unused.
    #[must_use]
    pub fn with_idle_ttl(mut self, ttl: Duration) -> Self {
        self.spans.ttl = ttl;
        self
    }

    /// Sets how long it lives in all; the server's own maximum stays if that is shorter.
    #[must_use]
    pub fn with_max_lifetime(mut self, lifetime: Duration) -> Self {
        self.spans.lifetime = Some(self.spans.lifetime.map_or(lifetime, |max| max.min(lifetime)));
        self
    }

    /// Checks names and labels.
    ///
    /// # Errors
    /// [`Error::Settings`] with what is wrong.
    pub fn check(&self) -> Result<(), Error> {
        let refuse = |what: String| Err(Error::Settings(what));
        if self.name.as_ref().is_some_and(|name| name.is_empty() || name.len() > NAME_MAX_BYTES) {
            return refuse(format!("a name has 1 to {NAME_MAX_BYTES} bytes"));
        }
        if self.labels.len() > LABELS_MAX {
            return refuse(format!("a session has at most {LABELS_MAX} labels"));
        }
        for (key, value) in &self.labels {
            if key.is_empty() || key.len() > NAME_MAX_BYTES || value.len() > VALUE_MAX_BYTES {
                let what = format!("a label has 1 to {NAME_MAX_BYTES} bytes, its value up to {VALUE_MAX_BYTES}");
                return refuse(what);
            }
        }
        Ok(())
    }
}
