//! The examination of a whole store: SQLite's own checks, every row's checksum, every object's hash, and that all that
//! images refer to is there.

use std::sync::Arc;

use rusqlite::Connection;

use super::collect::named_roots;
use super::packed;
use super::rows;
use super::shared::Shared;
use super::sum::RowKey;
use crate::changes::{references_of, roots_of};
use crate::error::StoreError;
use crate::object::{Kind, ObjectId, TenantSecret};
use crate::requests::Report;

/// Examines everything as one transaction sees it.
pub(super) fn check(shared: &Shared, connection: &mut Connection) -> Result<Report, StoreError> {
    let pinned = shared.pins.live();
    let transaction = connection.transaction()?;
    let mut report = Report::default();
    for pragma in ["integrity_check(100)", "foreign_key_check"] {
        let found = lines(&transaction, pragma);
        report_result(&mut report, found.map(|lines| lines.join("; ")));
    }
    let tenants = rows::tenants(&transaction, &shared.row_key);
    let tenants = match tenants {
        Ok(tenants) => tenants,
        Err(error) => {
            report.problem(error.to_string());
            return Ok(report);
        }
    };
    let secrets: Vec<(i64, TenantSecret)> =
        tenants.iter().map(|(seq, _, secret, _)| (*seq, TenantSecret(*secret))).collect();
    check_rows(&transaction, &shared.row_key, &secrets, &mut report)?;
    check_objects(&transaction, &secrets, &mut report)?;
    let mut waiting = Vec::new();
    match named_roots(&transaction) {
        Err(error) => report.problem(error.to_string()),
        Ok(named) => {
            for (tenant, root) in named {
                let mut objects = Vec::new();
                roots_of(&root, &mut objects);
                waiting.extend(objects.into_iter().map(|(kind, id)| (tenant, kind, id, true)));
            }
        }
    }
    for (name, root) in pinned {
        if let Some(tenant) = shared.index().tenant(&name) {
            let mut objects = Vec::new();
            roots_of(&root, &mut objects);
            waiting.extend(objects.into_iter().map(|(kind, id)| (tenant.seq, kind, id, false)));
        }
    }
    check_reach(&transaction, &secrets, waiting, &mut report)?;
    Ok(report)
}

fn lines(connection: &Connection, pragma: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare(&format!("PRAGMA {pragma}"))?;
    let mut rows = statement.query([])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let line: String = row.get(0)?;
        if line != "ok" {
            lines.push(format!("{pragma}: {line}"));
        }
    }
    Ok(lines)
}

fn report_result(report: &mut Report, result: Result<String, StoreError>) {
    match result {
        Ok(text) if text.is_empty() => {}
        Ok(text) => report.problem(text),
        Err(error) => report.problem(error.to_string()),
    }
}

/// Reads every row that has a checksum.
fn check_rows(
    connection: &Connection,
    key: &RowKey,
    tenants: &[(i64, TenantSecret)],
    report: &mut Report,
) -> Result<(), StoreError> {
    let mut sessions = Vec::new();
    let mut problems = Vec::new();
    let visited = rows::heads(connection, key, &mut |head| {
        match head {
            Ok(head) => sessions.push((head.tenant, head.id)),
            Err(error) => problems.push(error.to_string()),
        }
        Ok(())
    });
    report_result(report, visited.map(|()| String::new()));
    report.sessions = sessions.len() as u64 + problems.len() as u64;
    problems.into_iter().for_each(|problem| report.problem(problem));
    for (tenant, id) in &sessions {
        match rows::refs(connection, key, *tenant, id, None) {
            Ok(refs) => report.references += refs.len() as u64,
            Err(error) => report.problem(error.to_string()),
        }
        if let Err(error) = rows::commands(connection, key, *tenant, id, None, usize::MAX) {
            report.problem(error.to_string());
        }
    }
    let kinds: Vec<String> = connection
        .prepare("SELECT DISTINCT kind FROM documents")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for (tenant, _) in tenants {
        match rows::snapshots(connection, key, *tenant, None) {
            Ok(snapshots) => report.references += snapshots.len() as u64,
            Err(error) => report.problem(error.to_string()),
        }
        if let Err(error) = rows::audit(connection, key, *tenant, 0, usize::MAX) {
            report.problem(error.to_string());
        }
        for kind in &kinds {
            let all = rows::DocumentRange {
                kind: kind.clone(),
                from: String::new(),
                beyond: false,
                prefix: String::new(),
                limit: usize::MAX,
            };
            if let Err(error) = rows::documents(connection, key, *tenant, &all) {
                report.problem(error.to_string());
            }
        }
    }
    Ok(())
}

/// Reads every object.
fn check_objects(
    connection: &Connection,
    secrets: &[(i64, TenantSecret)],
    report: &mut Report,
) -> Result<(), StoreError> {
    let mut statement =
        connection.prepare("SELECT tenant, id, kind, encoding, length, data FROM objects NOT INDEXED")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (tenant, id, kind): (i64, Vec<u8>, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let data = row.get_ref(5)?.as_blob().unwrap_or_default();
        report.objects += 1;
        report.object_bytes += data.len() as u64;
        let secret = secrets.iter().find(|(seq, _)| *seq == tenant).map(|(_, secret)| secret);
        let kind = Kind::from_number(kind);
        let whole = match (secret, kind, packed::unpack(row.get(3)?, row.get(4)?, data)) {
            (Some(secret), Some(kind), Some(content)) => secret.id(kind, &content).0[..] == id[..],
            _ => false,
        };
        if !whole {
            report.problem(format!("{} is not what was written", kind.map_or("an object", Kind::name)));
        }
    }
    Ok(())
}

/// Follows every reference. An image that only lives in memory may still be on its way here: it misses nothing.
fn check_reach(
    connection: &Connection,
    secrets: &[(i64, TenantSecret)],
    mut waiting: Vec<(i64, Kind, ObjectId, bool)>,
    report: &mut Report,
) -> Result<(), StoreError> {
    let last: i64 = connection.query_row("SELECT coalesce(max(seq), 0) FROM objects", [], |row| row.get(0))?;
    let mut seen = vec![false; usize::try_from(last).unwrap_or(0) + 1];
    let mut n_seen = 0;
    while let Some((tenant, kind, id, named)) = waiting.pop() {
        let row = packed::row_of(connection, tenant, &id)?.and_then(|row| usize::try_from(row).ok());
        let Some(place) = row.and_then(|row| seen.get_mut(row)) else {
            if named {
                report.problem(format!("{} is missing", kind.name()));
            }
            continue;
        };
        if std::mem::replace(place, true) {
            continue;
        }
        n_seen += 1;
        let Some((_, secret)) = secrets.iter().find(|(seq, _)| *seq == tenant) else { continue };
        let mut below = Vec::new();
        // What is damaged was reported above; what it referred to cannot be known.
        if let Ok(content) = packed::read(connection, tenant, secret, kind, &id) {
            references_of(kind, content, &mut below)?;
        }
        waiting.extend(below.into_iter().map(|(kind, id)| (tenant, kind, id, named)));
    }
    report.garbage_objects = report.objects.saturating_sub(n_seen);
    Ok(())
}

/// Examines through a connection of its own, so that readers are not held up.
pub(super) fn check_store(shared: &Arc<Shared>, mut connection: Connection) -> Result<Report, StoreError> {
    shared.settle()?;
    check(shared, &mut connection)
}
