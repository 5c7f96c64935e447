//! A script of commits on a disk that fails, tears or loses writes, at every point of the script.
//!
//! The rule: what was acknowledged is there, whole; what was not is there whole or not at all.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use sandshell_store::{
    Durability, Expect, GcBudget, Health, Image, ImageEdit, Item, NodeEdit, RefChange, Store, StoreError,
};

use crate::disk::{Disk, Failure, Left, Mark, Op, restore};
use crate::support::{Nodes, apply, commit, content, edit, key, node, noise, open, open_on, run, text};

/// What a script does.
#[derive(Clone, Debug)]
enum Step {
    /// Commits to a session, on top of what it has.
    Commit { session: u64, nodes: Vec<(u64, NodeEdit)>, checkpoint: Option<&'static str>, durability: Durability },
    /// A session is gone.
    Delete(u64),
    /// Garbage is removed.
    Collect,
}

/// A session as a plain value: version, nodes, references.
type Sessions = BTreeMap<u64, (u64, Nodes, BTreeMap<String, Nodes>)>;

fn script() -> Vec<Step> {
    use Durability::{Relaxed, Strict};
    let files = |from: u64, to: u64, seed: u64| -> Vec<(u64, NodeEdit)> {
        let item = |n| Item::Chunk(noise(seed * 1000 + n, 200));
        (from..to).map(|n| (n, node(&format!("file {n} of {seed}"), &[(0, item(n))]))).collect()
    };
    // More than is written at once, and little on the disk.
    let large: Vec<(u64, Item)> = (0..17_u8).map(|n| (n.into(), Item::Chunk(vec![n; 65536].into()))).collect();
    let commit = |session, nodes, checkpoint, durability| Step::Commit { session, nodes, checkpoint, durability };
    vec![
        commit(1, files(0, 3, 1), None, Strict),
        commit(2, files(0, 70, 2), Some("first"), Strict),
        commit(1, vec![(1, NodeEdit::Remove), (2, node("no items", &[]))], None, Relaxed),
        commit(2, files(5, 6, 3), None, Relaxed),
        commit(1, files(7, 8, 4), Some("second"), Strict),
        Step::Delete(2),
        Step::Collect,
        commit(2, files(0, 2, 2), None, Strict),
        commit(3, vec![(1, node("written ahead", &large))], None, Strict),
        commit(3, files(2, 3, 6), None, Relaxed),
    ]
}

/// Returns the sessions after each number of steps.
fn model(script: &[Step]) -> Vec<Sessions> {
    let mut states = vec![Sessions::new()];
    let mut floor = 0;
    for step in script {
        let mut state = states.last().cloned().unwrap_or_default();
        match step {
            Step::Commit { session, nodes, checkpoint, .. } => {
                let entry = state.entry(*session).or_insert_with(|| (floor, Nodes::new(), BTreeMap::new()));
                entry.0 += 1;
                apply(&mut entry.1, nodes);
                if let Some(name) = checkpoint {
                    entry.2.insert((*name).to_owned(), entry.1.clone());
                }
            }
            Step::Delete(session) => {
                floor = state.remove(session).map_or(floor, |entry| entry.0.max(floor));
            }
            Step::Collect => {}
        }
        states.push(state);
    }
    states
}

async fn take(store: &dyn Store, step: &Step) -> Result<(), StoreError> {
    match step {
        Step::Commit { session, nodes, checkpoint, durability } => {
            let base = store.head(&key(*session)).await?.map_or_else(Image::empty, |head| head.image);
            let mut request = commit(&key(*session), Expect::Any, edit(&base, nodes.clone()));
            request.durability = *durability;
            let put = |name: &&str| RefChange::Put { name: (*name).to_owned(), image: None, record: text(name) };
            request.refs = checkpoint.iter().map(put).collect();
            store.commit(request).await.map(drop)
        }
        Step::Delete(session) => store.delete(&key(*session)).await.map(drop),
        Step::Collect => {
            while !store.gc(GcBudget { objects: 1000 }).await?.finished {}
            Ok(())
        }
    }
}

/// Reads all sessions, and checks everything.
fn sessions(store: &dyn Store) -> Sessions {
    let report = run(store.check()).expect("a check");
    assert_eq!(report.problems, Vec::<String>::new());
    let mut found = Sessions::new();
    for number in 1..=3 {
        if let Some(head) = run(store.head(&key(number))).expect("a head") {
            let names = run(store.refs(&key(number))).expect("names").into_iter().map(|row| row.name);
            let refs = names.map(|name| {
                let image = run(store.reference(&key(number), &name)).expect("an answer").expect("a reference").image;
                let nodes = content(store, &image);
                (name, nodes)
            });
            found.insert(number, (head.version, content(store, &head.image), refs.collect()));
        }
    }
    found
}

/// A folder in memory where the system has one: these tests open a store a thousand times.
fn folder() -> tempfile::TempDir {
    let memory = PathBuf::from("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.expect("a folder")
}

/// Plays a script until a step fails; returns the steps acknowledged, and the error.
fn play(disk: &Arc<Disk>, script: &[Step]) -> (usize, Option<StoreError>) {
    let folder = folder();
    let store = match open_on(folder.path(), Some(&disk.name)) {
        Ok(store) => store,
        Err(error) => return (0, Some(error)),
    };
    for (number, step) in script.iter().enumerate() {
        disk.mark(Mark::Begun(number + 1));
        if let Err(error) = run(take(&store, step)) {
            refuses_everything(&store);
            return (number, Some(error));
        }
        disk.mark(Mark::Acknowledged(number + 1));
    }
    let closed = run(store.close());
    (script.len(), closed.err())
}

fn refuses_everything(store: &dyn Store) {
    assert!(matches!(store.health(), Health::Failed { .. }));
    let refused = run(store.commit(commit(&key(9), Expect::Any, ImageEdit::of(Image::empty()))));
    assert!(matches!(refused, Err(StoreError::ReadOnly { .. })), "{refused:?}");
    assert!(run(store.head(&key(9))).is_ok(), "reading goes on");
}

/// Opens what is left of a disk and compares it with the model after at least `first` and at most `last` steps.
fn compare(ops: &[Op], left: Left, states: &[Sessions], first: usize, last: usize) {
    let folder = folder();
    restore(ops, left, folder.path());
    let store = open(folder.path()).unwrap_or_else(|error| panic!("{left:?} after {} operations: {error}", ops.len()));
    let found = sessions(&store);
    let fits = states[first..=last].contains(&found);
    assert!(fits, "{left:?} after {} operations, steps {first} to {last}: {:?}", ops.len(), versions(&found));
}

fn versions(sessions: &Sessions) -> Vec<(u64, u64, usize)> {
    sessions.iter().map(|(number, entry)| (*number, entry.0, entry.1.len())).collect()
}

/// Returns the last step that was acknowledged, the last of them that is strict, and the last that was begun.
fn progress(ops: &[Op], script: &[Step]) -> (usize, usize, usize) {
    let (mut acknowledged, mut strict, mut begun) = (0, 0, 0);
    for op in ops {
        match op {
            Op::Mark(Mark::Begun(step)) => begun = *step,
            Op::Mark(Mark::Acknowledged(step)) => {
                acknowledged = *step;
                if !matches!(script[step - 1], Step::Commit { durability: Durability::Relaxed, .. } | Step::Collect) {
                    strict = *step;
                }
            }
            _ => {}
        }
    }
    (acknowledged, strict, begun)
}

#[test]
fn a_loss_of_power_at_any_point_loses_nothing_acknowledged() {
    let script = script();
    let states = model(&script);
    let disk = Disk::new(None);
    assert_eq!(play(&disk, &script), (script.len(), None));
    let ops = disk.ops();
    assert!(ops.len() > 100, "{} operations", ops.len());
    for end in 0..=ops.len() {
        let ops = &ops[..end];
        let (acknowledged, strict, begun) = progress(ops, &script);
        compare(ops, Left::All, &states, acknowledged, begun);
        compare(ops, Left::Nothing, &states, strict, begun);
        compare(ops, Left::Some(end as u64), &states, strict, begun);
    }
}

fn fails_at_every_point(failure: Failure) {
    let script = script();
    let states = model(&script);
    let disk = Disk::new(None);
    assert_eq!(play(&disk, &script), (script.len(), None));
    for at in 0..disk.n_done() {
        let disk = Disk::new(Some((at, failure)));
        let (acknowledged, error) = play(&disk, &script);
        let after = disk.done_after_failure().unwrap_or_default();
        let synced = after.iter().any(|op| matches!(op, Op::Sync { .. }));
        let ops = disk.ops();
        let opened = ops.iter().any(|op| matches!(op, Op::Mark(_)));
        assert!(error.is_some() || failure == Failure::Full, "{failure:?} of {at} was told to nobody");
        // A store that did not open has shown nothing to anybody: SQLite may clean up as it likes.
        assert!(!synced || !opened, "{failure:?} of {at}: an fsync after a failure: {}", after.len());
        let (told, strict, begun) = progress(&ops, &script);
        assert_eq!(told, acknowledged);
        compare(&ops, Left::All, &states, acknowledged, begun);
        compare(&ops, Left::Nothing, &states, strict, begun);
    }
}

#[test]
fn an_error_of_the_disk_at_any_point_ends_writing_and_loses_nothing_acknowledged() {
    fails_at_every_point(Failure::Error);
}

#[test]
fn a_torn_write_at_any_point_ends_writing_and_loses_nothing_acknowledged() {
    fails_at_every_point(Failure::Torn);
}

#[test]
fn a_full_disk_at_any_point_ends_writing_and_loses_nothing_acknowledged() {
    fails_at_every_point(Failure::Full);
}

#[test]
fn a_failed_fsync_is_an_error_then_the_store_is_read_only() {
    let probe = Disk::new(None);
    let script = &script()[..1];
    assert_eq!(play(&probe, script), (1, None));
    // The fsync that acknowledged the first step.
    let mut number = 0;
    let mut at = None;
    for op in probe.ops() {
        match op {
            Op::Mark(Mark::Acknowledged(_)) => break,
            Op::Mark(Mark::Begun(_)) => {}
            Op::Sync { .. } => {
                at = Some(number);
                number += 1;
            }
            _ => number += 1,
        }
    }
    let disk = Disk::new(at.map(|at| (at, Failure::Error)));
    let (acknowledged, error) = play(&disk, script);
    assert_eq!(acknowledged, 0);
    assert!(matches!(error, Some(StoreError::Io { .. })), "{error:?}");
    assert!(disk.done_after_failure().is_some_and(|after| after.is_empty()), "nothing is written after it");
}
