//! `GET .../cron`: the session's table of cron jobs as rows.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use base::Timestamp;
use serde::Serialize;
use session::{Crontab, Minute};

use super::object::text_and_b64;
use super::request::{NoParameters, Session, reply};
use super::time::instant_text;
use crate::app::App;
use crate::errors::ApiError;
use crate::snapshot::in_background;

#[derive(Default, Serialize)]
struct Table {
    entries: Vec<Row>,
    /// The first of them.
    bad_lines: Vec<BadLine>,
    bad_lines_total: usize,
}

#[derive(Serialize)]
struct Row {
    line: usize,
    schedule: String,
    zone: String,
    command: String,
    /// The same exactly, when it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    command_b64: Option<String>,
    /// `null` when it does not run within five years, as `@reboot`, which runs when the session begins.
    next_run: Option<String>,
}

#[derive(Serialize)]
struct BadLine {
    line: usize,
    text: String,
    error: String,
}

pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Session(key): Session,
    _: NoParameters,
) -> Result<Response, ApiError> {
    let table = match app.sessions.crontab(&key)? {
        Some(table) => {
            let now = app.now();
            // The calendar is searched for each row.
            in_background(move || rows(&table, now)).await?
        }
        None => Table::default(),
    };
    Ok(reply(StatusCode::OK, &table))
}

fn rows(table: &Crontab, now: Timestamp) -> Table {
    let minute = Minute::from_unix_secs(now.secs());
    let entries = table.entries().iter().map(|entry| {
        let (command, command_b64) = text_and_b64(entry.command());
        let next = entry.next_after(minute).map(|next| Timestamp(next.unix_secs().saturating_mul(1_000_000_000)));
        Row {
            line: entry.line(),
            schedule: entry.when().to_owned(),
            zone: entry.zone().name().to_owned(),
            command,
            command_b64,
            next_run: next.map(instant_text),
        }
    });
    let bad_lines = table.bad_lines().iter().map(|bad| BadLine {
        line: bad.line,
        text: bad.text.clone(),
        error: bad.reason.to_string(),
    });
    Table { entries: entries.collect(), bad_lines: bad_lines.collect(), bad_lines_total: table.n_bad_lines() }
}
