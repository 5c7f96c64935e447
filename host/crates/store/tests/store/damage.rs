//! A flipped byte in whatever is stored is found when it is read, and answered as damage.

use std::path::Path;

use sandshell_store::{
    Durability, Expect, Image, ImageEdit, Item, RefChange, SnapshotKey, SqliteStore, Store, StoreError,
};

use crate::support::{commit, edit, key, node, noise, open, run, tenant, text};

/// Makes a store with something of every kind.
fn fill(folder: &Path) {
    let store = open(folder).expect("a store");
    let chunks: Vec<(u64, Item)> = (0..100).map(|n| (n, Item::Chunk(noise(n, 200)))).collect();
    let mut nodes: Vec<_> = (0..100).map(|n| (n, node(&format!("node {n}"), &[]))).collect();
    nodes.push((1000, node(&"described at length ".repeat(100), &chunks)));
    let mut request = commit(&key(1), Expect::Absent, edit(&Image::empty(), nodes));
    request.edit.sections = vec![(1, vec![text("the variables of a shell")])];
    request.command = Some((text("command"), text("its record")));
    request.refs = vec![RefChange::Put { name: "checkpoint".into(), image: None, record: text("its record") }];
    run(async {
        let made = store.commit(request).await.expect("a commit");
        let name = SnapshotKey { tenant: tenant(), id: "snapshot".into() };
        store.put_snapshot(&name, &made.image, text("its record"), Durability::Strict).await.expect("a snapshot");
        store.put_document("kind", &tenant(), "document", text("its content")).await.expect("a document");
        store.audit_append(&tenant(), text("an entry")).await.expect("an entry");
        store.close().await.expect("an end");
    });
}

/// Reads everything that there is, as a server would.
fn read_all(store: &SqliteStore) -> Result<(), StoreError> {
    store.heads(&mut |row| row.map(drop))?;
    run(async {
        let head = store.head(&key(1)).await?.ok_or(StoreError::Closed)?;
        store.changes(&tenant(), &Image::empty(), &head.image, &mut |_, _| Ok(()))?;
        store.sections(&head.image).await?;
        store.commands(&key(1), 10).await?;
        store.reference(&key(1), "checkpoint").await?.ok_or(StoreError::Closed)?;
        store.snapshot(&SnapshotKey { tenant: tenant(), id: "snapshot".into() }).await?.ok_or(StoreError::Closed)?;
        store.document("kind", &tenant(), "document").await?.ok_or(StoreError::Closed)?;
        store.audit_read(&tenant(), 0, 10).await.map(drop)
    })
}

/// Changes the store with SQL, as a disk never would, but to a single value.
fn damage(sql: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path());
    let connection = rusqlite::Connection::open(folder.path().join("store.db")).expect("the database");
    connection.execute_batch("PRAGMA foreign_keys = OFF").expect("no checks");
    let changed = connection.execute(sql, []).expect("a change");
    assert!(changed > 0, "{sql} changed nothing");
    drop(connection);
    match open(folder.path()) {
        Err(error) => assert!(matches!(error, StoreError::Corrupt { .. }), "{sql}: {error}"),
        Ok(store) => {
            let read = read_all(&store);
            assert!(matches!(read, Err(StoreError::Corrupt { .. })), "{sql}: {read:?}");
            let report = run(store.check()).expect("a check");
            assert!(!report.problems.is_empty(), "{sql}");
        }
    }
}

/// Flips the lowest bit of the first byte of a value.
fn flip(table: &str, column: &str, condition: &str) {
    let first = format!("substr({column}, 1, 1)");
    // A byte is flipped by looking the hexadecimal digits up and changing the last.
    let digit = format!("instr('0123456789ABCDEF', substr(hex({first}), 2, 1)) - 1");
    let other = format!("substr('1032547698BADCFE', {digit} + 1, 1)");
    let flipped = format!("unhex(substr(hex({first}), 1, 1) || {other}) || substr({column}, 2)");
    damage(&format!("UPDATE {table} SET {column} = CAST({flipped} AS BLOB) WHERE {condition}"));
}

#[test]
fn a_flipped_byte_of_any_object_is_found() {
    for kind in 1..=7 {
        flip("objects", "data", &format!("seq = (SELECT min(seq) FROM objects WHERE kind = {kind})"));
        flip("objects", "id", &format!("seq = (SELECT min(seq) FROM objects WHERE kind = {kind})"));
    }
}

#[test]
fn what_is_said_about_an_object_is_believed_no_more_than_it() {
    damage("UPDATE objects SET length = length + 1 WHERE kind = 1");
    damage("UPDATE objects SET encoding = 1 - encoding WHERE kind = 5");
    damage("UPDATE objects SET encoding = 7 WHERE kind = 5");
    damage("UPDATE objects SET length = 1 << 60 WHERE kind = 5");
    damage("DELETE FROM objects WHERE kind = 4");
}

#[test]
fn a_flipped_byte_of_any_row_is_found() {
    flip("store", "row_key", "true");
    flip("tenants", "secret", "true");
    for (table, columns) in [
        ("sessions", &["record", "image", "sum"][..]),
        ("commands", &["id", "record", "sum"]),
        ("refs", &["record", "image", "sum"]),
        ("snapshots", &["record", "image", "sum"]),
        ("documents", &["bytes", "sum"]),
        ("audit", &["bytes", "hash", "sum"]),
    ] {
        columns.iter().for_each(|column| flip(table, column, "true"));
    }
}

#[test]
fn a_changed_number_or_name_is_found() {
    damage("UPDATE sessions SET version = version + 1");
    damage("UPDATE sessions SET id = '00000000000000000000000000000003'");
    damage("UPDATE tenants SET version_floor = version_floor + 1");
    damage("UPDATE commands SET version = version + 1");
    damage("UPDATE audit SET number = number + 1");
}

/// Every byte of the file in turn: a store either answers as if nothing had happened, or says that it is damaged.
#[test]
fn a_flipped_byte_anywhere_in_the_file_is_never_believed() {
    let folder = tempfile::tempdir().expect("a folder");
    fill(folder.path());
    let clean = std::fs::read(folder.path().join("store.db")).expect("the database");
    let expected = {
        let store = open(folder.path()).expect("a store");
        let head = run(store.head(&key(1))).expect("a head").expect("a session");
        crate::support::content(&store, &head.image)
    };
    // A stride that is prime to the sizes of pages, and so meets every kind of place.
    for at in (0..clean.len()).step_by(1009) {
        let mut bytes = clean.clone();
        bytes[at] ^= 0x10;
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("store.db"), &bytes).expect("the database");
        let Ok(store) = open(folder.path()) else { continue };
        if read_all(&store).is_ok() {
            let head = run(store.head(&key(1))).expect("a head").expect("a session");
            assert_eq!(crate::support::content(&store, &head.image), expected, "byte {at}");
        }
    }
}

#[test]
fn a_damaged_row_does_not_hide_the_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).expect("a store");
    for number in 0..10 {
        run(store.commit(commit(&key(number), Expect::Any, ImageEdit::of(Image::empty())))).expect("a commit");
    }
    run(store.close()).expect("an end");
    drop(store);
    let connection = rusqlite::Connection::open(folder.path().join("store.db")).expect("the database");
    connection.execute("UPDATE sessions SET version = 9 WHERE rowid = 4", []).expect("a change");
    drop(connection);
    let store = open(folder.path()).expect("a store");
    let (mut whole, mut damaged) = (0, 0);
    let visit = &mut |row: Result<_, StoreError>| {
        *(if row.is_ok() { &mut whole } else { &mut damaged }) += 1;
        Ok(())
    };
    store.heads(visit).expect("the heads");
    assert_eq!((whole, damaged), (9, 1));
    assert!(run(store.head(&key(1))).expect("an answer").is_some());
    assert!(matches!(run(store.head(&key(3))), Err(StoreError::Corrupt { .. })));
    let change = |number| run(store.commit(commit(&key(number), Expect::Any, ImageEdit::of(Image::empty())))).map(drop);
    assert!(matches!(change(3), Err(StoreError::Corrupt { .. })), "a damaged session is not written over");
    assert_eq!((change(4), change(99)), (Ok(()), Ok(())));
}
