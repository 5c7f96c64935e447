//! The fields of an event or span, in the order they were given, later ones of the same name in the place of earlier.

use std::fmt::Debug;

use serde_json::Value;
use tracing::field::{Field, Visit};

/// The field that holds an event's text.
const MESSAGE: &str = "message";

/// Fields as JSON values.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    /// The event's text.
    pub(super) message: String,
    /// All others.
    pub(super) others: Vec<(&'static str, Value)>,
}

impl Fields {
    /// Puts `other`'s fields after, or in the place of, these.
    pub(super) fn extend(&mut self, other: &Self) {
        for (name, value) in &other.others {
            self.put(name, value.clone());
        }
    }

    fn put(&mut self, name: &'static str, value: Value) {
        match self.others.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.others.push((name, value)),
        }
    }

    fn take(&mut self, field: &Field, value: Value) {
        if field.name() == MESSAGE {
            self.message = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        } else {
            self.put(field.name(), value);
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.take(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.take(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.take(field, value.into());
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        // Durations in microseconds; what is longer than half a million years is cut.
        self.take(field, u64::try_from(value).unwrap_or(u64::MAX).into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.take(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.take(field, value.into());
    }
}
