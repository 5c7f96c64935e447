//! Prints what the store's operations cost on the disk of a folder: `commits [FOLDER]`, by default a temporary one.
//!
//! Commits a second with strict durability by 1, 8 and 64 writers, beside bare appends that end in an fdatasync; a
//! small commit to a large session; opening and listing 10,000 sessions.
#![expect(clippy::print_stdout, reason = "it is what this program is for")]
#![expect(clippy::unwrap_used, reason = "a measurement that fails has no result")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base::{Clock, SessionId, SessionKey, SystemClock, TenantId};
use bytes::Bytes;
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use sandshell_store::{
    Commit, Durability, Expect, Image, ImageEdit, Item, ItemsEdit, NodeEdit, SqliteStore, Store, StoreConfig,
};

fn main() {
    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(folder).unwrap();
    let clock = SystemClock::new();
    let bare = appends(&clock, folder.path());
    println!("append of 4 KiB + fdatasync: p50 {bare:?}");
    for durability in [Durability::Strict, Durability::Relaxed, Durability::None] {
        for writers in [1, 8, 64] {
            commits(&clock, writers, durability);
        }
    }
    large_session(&clock);
    restart(&clock);
}

/// Returns the median time of an append with an fdatasync.
fn appends(clock: &SystemClock, folder: &Path) -> Duration {
    let dir = open_dir(folder);
    let mut file = dir.create("appended").unwrap();
    median((0..200).map(|_| {
        let start = clock.mono();
        file.write_all(&[7; 4096]).unwrap();
        file.sync_data().unwrap();
        clock.mono().since(start)
    }))
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn open_dir(folder: &Path) -> Dir {
    Dir::open_ambient_dir(folder, ambient_authority()).unwrap()
}

fn open(folder: &Path) -> Arc<SqliteStore> {
    Arc::new(SqliteStore::open(open_dir(folder), StoreConfig::default()).unwrap())
}

fn key(number: u64) -> SessionKey {
    SessionKey { tenant: TenantId::default_tenant(), id: SessionId::from_random(number.into()) }
}

/// A node with a chunk that no other has.
fn node(number: u64, chunk: usize) -> (u64, NodeEdit) {
    let mut content = vec![0; chunk];
    // Nothing that compresses.
    blake3::Hasher::new().update(&number.to_le_bytes()).finalize_xof().fill(&mut content);
    let put = vec![(0, Item::Chunk(content.into()))];
    let items = ItemsEdit { clear: false, put, remove: Vec::new() };
    (number, NodeEdit::Put { meta: Bytes::from_static(&[1; 60]), items })
}

fn commit(key: SessionKey, base: Image, nodes: Vec<(u64, NodeEdit)>, durability: Durability) -> Commit {
    Commit {
        key,
        expect: Expect::Any,
        edit: ImageEdit { base, nodes, sections: Vec::new() },
        record: Bytes::from_static(&[2; 300]),
        command: Some((Bytes::from_static(b"an id"), Bytes::from_static(&[3; 200]))),
        refs: Vec::new(),
        durability,
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap()
}

/// Measures commits of one changed file of 4 KiB.
fn commits(clock: &SystemClock, writers: u64, durability: Durability) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let each = if durability == Durability::Strict { 4000 / (writers + 4) } else { 8000 / writers };
    runtime().block_on(async {
        let start = clock.mono();
        let tasks: Vec<_> = (0..writers)
            .map(|session| {
                let store = Arc::clone(&store);
                tokio::spawn(async move {
                    let mut image = Image::empty();
                    for round in 0..each {
                        let nodes = vec![node(session * each + round, 4096)];
                        image = store.commit(commit(key(session), image, nodes, durability)).await.unwrap().image;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        store.close().await.unwrap();
        let elapsed = clock.mono().since(start);
        let rate = f64::from(u32::try_from(writers * each).unwrap()) / elapsed.as_secs_f64();
        println!("{durability:?}, {writers} writers: {rate:.0} commits/s");
    });
}

/// Measures a one-byte change in a session of 1 GiB and in an empty one.
fn large_session(clock: &SystemClock) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    runtime().block_on(async {
        let start = clock.mono();
        let mut base = Image::empty();
        for part in 0..16 {
            let nodes = (0..1024).map(|n| node(part * 1024 + n, 65536)).collect();
            base = store.commit(commit(key(1), base, nodes, Durability::Strict)).await.unwrap().image;
        }
        let log = open_dir(folder.path()).metadata("store.db-wal").unwrap().len() >> 20;
        println!("first commit of 1 GiB in 16,384 files: {:?}, a log of {log} MiB", clock.mono().since(start));
        for (name, mut image) in [("1 GiB", base), ("an empty", Image::empty())] {
            let mut times = Vec::new();
            for round in 0..100 {
                let request = commit(key(2), image, vec![node(5000 + round % 3, 65000)], Durability::Strict);
                let start = clock.mono();
                image = store.commit(request).await.unwrap().image;
                times.push(clock.mono().since(start));
            }
            println!("small commit to {name} session: p50 {:?}", median(times.into_iter()));
        }
    });
}

/// Measures opening a store of 10,000 sessions and listing them.
fn restart(clock: &SystemClock) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    runtime().block_on(async {
        for session in 0..10_000 {
            let nodes = vec![node(session, 100)];
            store.commit(commit(key(session), Image::empty(), nodes, Durability::None)).await.unwrap();
        }
        store.close().await.unwrap();
    });
    drop(store);
    let start = clock.mono();
    let store = open(folder.path());
    let opened = clock.mono().since(start);
    let mut count = 0;
    let start = clock.mono();
    store
        .heads(&mut |row| {
            count += u32::from(row.is_ok());
            Ok(())
        })
        .unwrap();
    println!("10,000 sessions: open {opened:?}, list {count} in {:?}", clock.mono().since(start));
    let report = runtime().block_on(store.check()).unwrap();
    println!("check: {} objects, {} problems", report.objects, report.problems.len());
}
