//! The subscriber's layer that makes a line of every event: its own fields after those of the spans it lies in.

use std::io::{self, Write};

use base::{Clock, SystemClock, Timestamp};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::fields::Fields;
use super::{human, json};

/// How lines look.
#[derive(Clone, Copy, Debug)]
pub(super) enum Look {
    Human { is_coloured: bool },
    Json,
}

/// One event, ready to be written.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub(super) at: Timestamp,
    pub(super) level: Level,
    pub(super) target: &'a str,
    pub(super) fields: Fields,
}

/// Writes each event to standard error in one piece.
pub(super) struct Lines {
    look: Look,
    clock: SystemClock,
}

impl Lines {
    pub(super) fn new(look: Look) -> Self {
        Self { look, clock: SystemClock::new() }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut own = Fields::default();
        event.record(&mut own);
        let mut fields = Fields { message: std::mem::take(&mut own.message), others: Vec::new() };
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(of_span) = span.extensions().get::<Fields>() {
                fields.extend(of_span);
            }
        }
        fields.extend(&own);
        let metadata = event.metadata();
        let line = Line { at: self.clock.wall(), level: *metadata.level(), target: metadata.target(), fields };
        let text = match self.look {
            Look::Human { is_coloured } => human::line(&line, is_coloured),
            Look::Json => json::line(&line),
        };
        // A log nobody reads any more is no reason to stop.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}
