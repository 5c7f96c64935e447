//! What only the store on disk does: its directory, its file, its threads.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use sandshell_store::{Durability, Expect, GcBudget, Image, ImageEdit, Item, Store, StoreError};

use crate::support::{commit, content, edit, key, node, noise, open, run};

#[test]
fn a_second_opener_is_told_who_has_the_directory() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).expect("a store");
    assert_eq!(open(folder.path()).err(), Some(StoreError::Locked));
    run(store.close()).expect("an end");
    let second = open(folder.path()).expect("the closed store lets go");
    drop(second);
    open(folder.path()).expect("the dropped store lets go");
}

#[test]
fn only_the_owner_can_look_inside() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).expect("a store");
    run(store.commit(commit(&key(1), Expect::Any, ImageEdit::of(Image::empty())))).expect("a commit");
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(folder.path()), 0o700);
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).expect("the folder").map(|entry| entry.expect("a file")).collect();
    assert!(names.len() >= 3, "{names:?}");
    names.iter().for_each(|entry| assert_eq!(mode(&entry.path()), 0o600, "{entry:?}"));
}

#[test]
fn files_of_others_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(open(folder.path()).expect("a store"));
    let change = |sql: &str| {
        let connection = rusqlite::Connection::open(folder.path().join("store.db")).expect("the database");
        connection.execute_batch(sql).expect("a change");
    };
    change("PRAGMA user_version = 99");
    let error = open(folder.path()).expect_err("a newer schema");
    assert!(matches!(error, StoreError::TooNew { schema: 99, .. }), "{error}");
    change("PRAGMA user_version = 1; PRAGMA application_id = 1");
    let error = open(folder.path()).expect_err("another program's file");
    assert!(matches!(error, StoreError::NotAStore { .. }), "{error}");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("store.db"), [b'x'; 20_000]).expect("a file");
    let error = open(folder.path()).expect_err("no database");
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
}

#[test]
fn a_backup_is_a_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).expect("a store");
    let nodes: Vec<_> = (0..300).map(|n| (n, node("n", &[(0, Item::Chunk(noise(n, 2000)))]))).collect();
    let made = run(store.commit(commit(&key(1), Expect::Any, edit(&Image::empty(), nodes)))).expect("a commit");
    let target = tempfile::tempdir().expect("a folder");
    let dir = Dir::open_ambient_dir(target.path(), ambient_authority()).expect("the folder");
    store.backup(&dir, "store.db").expect("a backup");
    assert!(matches!(store.backup(&dir, "store.db"), Err(StoreError::Io { .. })), "nothing is overwritten");
    let copy = open(target.path()).expect("the backup opens");
    let head = run(copy.head(&key(1))).expect("a head").expect("a session");
    assert_eq!(content(&copy, &head.image), content(&store, &made.image));
    assert_eq!(run(copy.check()).expect("a check").problems, Vec::<String>::new());
}

#[test]
fn vacuum_gives_room_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).expect("a store");
    let nodes: Vec<_> = (0..100).map(|n| (n, node("n", &[(0, Item::Chunk(noise(n, 60_000)))]))).collect();
    run(store.commit(commit(&key(1), Expect::Any, edit(&Image::empty(), nodes)))).expect("a commit");
    run(store.delete(&key(1))).expect("a deletion");
    while !run(store.gc(GcBudget { objects: 10_000 })).expect("a slice").finished {}
    let size = || std::fs::metadata(folder.path().join("store.db")).expect("the database").len();
    store.vacuum().expect("a vacuum");
    assert!(size() < 200_000, "{} bytes are left", size());
    run(store.commit(commit(&key(2), Expect::Any, ImageEdit::of(Image::empty())))).expect("a commit after it");
}

#[test]
fn collection_and_commits_at_once_lose_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Arc::new(open(folder.path()).expect("a store"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().expect("a runtime");
    let nodes =
        |round: u64| (0..40).map(|n| (n, node("n", &[(0, Item::Chunk(noise((round + n) % 50, 1500)))]))).collect();
    runtime.block_on(async {
        let writers: Vec<_> = (0..6)
            .map(|session| {
                let store = Arc::clone(&store);
                tokio::spawn(async move {
                    let mut image = Image::empty();
                    for round in 0..30 {
                        // Every other round starts from nothing, so that the same content is garbage, then is not.
                        let base = if round % 2 == 0 { Image::empty() } else { image };
                        let mut request = commit(&key(session), Expect::Any, edit(&base, nodes(round * 7 + session)));
                        request.durability = [Durability::None, Durability::Relaxed][(round % 3 == 0) as usize];
                        image = store.commit(request).await.expect("a commit").image;
                        store
                            .changes(&key(1).tenant, &Image::empty(), &image, &mut |_, _| Ok(()))
                            .expect("it is there");
                    }
                })
            })
            .collect();
        let mut cycles = 0;
        while !writers.iter().all(tokio::task::JoinHandle::is_finished) || cycles < 3 {
            cycles += u64::from(store.gc(GcBudget { objects: 50 }).await.expect("a slice").finished);
        }
        for writer in writers {
            writer.await.expect("no panic");
        }
    });
    assert_eq!(run(store.check()).expect("a check").problems, Vec::<String>::new());
}

#[test]
fn one_version_is_made_once_however_many_ask() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Arc::new(open(folder.path()).expect("a store"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().expect("a runtime");
    let made = runtime.block_on(async {
        let all: Vec<_> = (0..50)
            .map(|_| {
                let store = Arc::clone(&store);
                tokio::spawn(async move {
                    store.commit(commit(&key(1), Expect::Absent, ImageEdit::of(Image::empty()))).await
                })
            })
            .collect();
        let mut made = 0;
        for one in all {
            match one.await.expect("no panic") {
                Ok(_) => made += 1,
                Err(error) => assert!(matches!(error, StoreError::Conflict { .. }), "{error}"),
            }
        }
        made
    });
    assert_eq!(made, 1);
}
