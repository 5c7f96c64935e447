//! What every store does: the same tests on the one in memory and on the one on disk.

use std::collections::BTreeSet;

use base::TenantId;
use bytes::Bytes;
use sandshell_store::{
    CHUNK_MAX, Durability, Expect, GcBudget, Health, INLINE_MAX, Image, ImageEdit, Item, ItemsEdit, META_MAX,
    MemoryStore, NodeEdit, RECORD_MAX, RefChange, SnapshotKey, Store, StoreError,
};

use crate::support::{Nodes, apply, commit, content, differences, edit, key, node, noise, open, run, tenant, text};

macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod memory {
            $(#[test] fn $name() { super::run(super::$name(&super::MemoryStore::new())); })*
        }
        mod sqlite {
            $(#[test] fn $name() {
                let folder = tempfile::tempdir().expect("a folder");
                let store = super::open(folder.path()).expect("a store");
                super::run(async {
                    super::$name(&store).await;
                    let report = super::Store::check(&store).await.expect("a check");
                    assert_eq!(report.problems, Vec::<String>::new());
                });
            })*
        }
    };
}

on_both!(
    a_commit_is_found_as_it_was_made,
    versions_grow_by_one_and_never_fall,
    a_commit_that_expects_another_version_changes_nothing,
    nodes_and_items_change_as_in_a_plain_map,
    changes_are_exactly_the_nodes_that_differ,
    sections_are_replaced_whole,
    references_belong_to_their_session,
    a_commit_carries_changes_of_references,
    commands_are_kept_by_id_and_the_oldest_go,
    snapshots_belong_to_the_tenant,
    tenants_see_nothing_of_each_other,
    what_is_too_large_is_refused,
    what_contradicts_itself_is_refused,
    garbage_goes_and_what_is_named_or_held_stays,
    large_images_are_written_ahead,
    early_acknowledged_commits_are_seen_at_once,
    heads_lists_all_sessions,
    documents_are_listed_by_prefix,
    the_audit_log_is_a_chain,
    a_closed_store_refuses,
);

async fn a_commit_is_found_as_it_was_made(store: &dyn Store) {
    let nodes = vec![(1, node("root", &[(7, Item::Inline(text("small")))])), (9, node("file", &[(0, chunk(1, 5000))]))];
    let mut request = commit(&key(1), Expect::Absent, edit(&Image::empty(), nodes.clone()));
    request.record = text("limits and times");
    let committed = store.commit(request).await.expect("a commit");
    assert_eq!(committed.version, 1);
    let head = store.head(&key(1)).await.expect("a head").expect("a session");
    assert_eq!((head.version, head.record), (1, text("limits and times")));
    assert!(head.image.same(&committed.image));
    let mut expected = Nodes::new();
    apply(&mut expected, &nodes);
    assert_eq!(content(store, &head.image), expected);
    assert_eq!(head.image.n_nodes(), 2);
    assert!(store.head(&key(2)).await.expect("an answer").is_none());
    assert_eq!(store.health(), Health::Ok);
}

fn chunk(seed: u64, length: usize) -> Item {
    Item::Chunk(noise(seed, length))
}

async fn versions_grow_by_one_and_never_fall(store: &dyn Store) {
    let empty = ImageEdit::of(Image::empty());
    for version in 1..=3 {
        let committed = store.commit(commit(&key(1), Expect::Any, empty.clone())).await.expect("a commit");
        assert_eq!(committed.version, version);
    }
    assert_eq!(store.delete(&key(1)).await, Ok(true));
    assert_eq!(store.delete(&key(1)).await, Ok(false));
    assert!(store.head(&key(1)).await.expect("an answer").is_none());
    let again = store.commit(commit(&key(1), Expect::Absent, empty.clone())).await.expect("a commit");
    assert_eq!(again.version, 4, "a session that comes back goes on above its old versions");
}

async fn a_commit_that_expects_another_version_changes_nothing(store: &dyn Store) {
    let empty = ImageEdit::of(Image::empty());
    let first = store.commit(commit(&key(1), Expect::Absent, empty.clone())).await.expect("a commit");
    let check = async |expect: Expect, other: u64| {
        let nodes = edit(&Image::empty(), vec![(1, node("never", &[]))]);
        let refused = store.commit(commit(&key(other), expect, nodes)).await;
        assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    };
    check(Expect::Absent, 1).await;
    check(Expect::Version(2), 1).await;
    check(Expect::Version(1), 2).await;
    let head = store.head(&key(1)).await.expect("a head").expect("a session");
    assert_eq!(head.version, first.version);
    assert!(head.image.same(&Image::empty()));
    let next = store.commit(commit(&key(1), Expect::Version(1), empty)).await.expect("a commit");
    assert_eq!(next.version, 2);
}

async fn nodes_and_items_change_as_in_a_plain_map(store: &dyn Store) {
    let mut model = Nodes::new();
    let mut image = Image::empty();
    let many: Vec<(u64, Item)> = (0..500).map(|n| (n * 7919, Item::Inline(text(&format!("item {n}"))))).collect();
    let rounds: Vec<Vec<(u64, NodeEdit)>> = vec![
        (0..300).map(|n| (n, node(&format!("node {n}"), &[]))).collect(),
        vec![(5, node("large", &many)), (u64::MAX, node("last", &[(u64::MAX, chunk(3, 100))]))],
        vec![(5, put("large", false, vec![(7919, chunk(9, 65536))], vec![0, 2 * 7919, 12345]))],
        vec![(5, put("emptied", true, vec![(1, Item::Inline(text("one")))], vec![])), (u64::MAX, NodeEdit::Remove)],
        (0..290).map(|n| (n, NodeEdit::Remove)).collect(),
        vec![(7, node(&"m".repeat(META_MAX), &[(0, Item::Inline(noise(1, INLINE_MAX)))])), (999, NodeEdit::Remove)],
    ];
    for nodes in rounds {
        apply(&mut model, &nodes);
        image = store.commit(commit(&key(1), Expect::Any, edit(&image, nodes))).await.expect("a commit").image;
        assert_eq!(content(store, &image), model);
    }
    let at_once: Vec<_> = model.iter().map(|(key, found)| (*key, as_edit(found))).collect();
    let again = store.save_image(&tenant(), edit(&Image::empty(), at_once)).await.expect("an image");
    assert!(again.same(&image), "the same content is the same image, however it came to be");
}

fn put(meta: &str, clear: bool, put: Vec<(u64, Item)>, remove: Vec<u64>) -> NodeEdit {
    NodeEdit::Put { meta: text(meta), items: ItemsEdit { clear, put, remove } }
}

fn as_edit(node: &sandshell_store::Node) -> NodeEdit {
    let items = ItemsEdit { clear: true, put: node.items.clone(), remove: Vec::new() };
    NodeEdit::Put { meta: node.meta.clone(), items }
}

async fn changes_are_exactly_the_nodes_that_differ(store: &dyn Store) {
    let nodes = (0..1000).map(|n| (n * 3, node("old", &[(0, chunk(n, 200))]))).collect();
    let from = store.save_image(&tenant(), edit(&Image::empty(), nodes)).await.expect("an image");
    let nodes = vec![
        (300, put("old", false, vec![(0, chunk(5000, 200))], vec![])),
        (4, node("new", &[])),
        (6, NodeEdit::Remove),
    ];
    let to = store.save_image(&tenant(), edit(&from, nodes)).await.expect("an image");
    let seen = differences(store, &from, &to);
    assert_eq!(
        seen.iter().map(|(key, node)| (*key, node.is_some())).collect::<Vec<_>>(),
        [(4, true), (6, false), (300, true)]
    );
    assert_eq!(differences(store, &to, &from).len(), 3);
    assert_eq!(differences(store, &to, &to.clone()), []);
    let stop = store.changes(&tenant(), &from, &to, &mut |_, _| Err(StoreError::Closed));
    assert_eq!(stop, Err(StoreError::Closed), "the visitor ends the visit");
}

async fn sections_are_replaced_whole(store: &dyn Store) {
    let mut request = ImageEdit::of(Image::empty());
    request.sections = vec![(3, vec![noise(1, 1024 * 1024), text("end")]), (1, vec![text("options")])];
    let image = store.save_image(&tenant(), request).await.expect("an image");
    let expected = vec![(1, vec![text("options")]), (3, vec![noise(1, 1024 * 1024), text("end")])];
    assert_eq!(store.sections(&image).await, Ok(expected));
    let mut request = edit(&image, vec![(1, node("a node", &[]))]);
    request.sections = vec![(3, vec![]), (2, vec![text("")])];
    let image = store.save_image(&tenant(), request).await.expect("an image");
    assert_eq!(store.sections(&image).await, Ok(vec![(1, vec![text("options")]), (2, vec![text("")])]));
    assert_eq!(store.sections(&Image::empty()).await, Ok(vec![]));
}

async fn references_belong_to_their_session(store: &dyn Store) {
    let image =
        store.save_image(&tenant(), edit(&Image::empty(), vec![(1, node("kept", &[]))])).await.expect("an image");
    let put =
        async |number: u64, name: &str| store.put_ref(&key(number), name, &image, text(name), Durability::Strict).await;
    assert!(matches!(put(1, "none").await, Err(StoreError::NotFound { .. })));
    for number in [1, 2] {
        store.commit(commit(&key(number), Expect::Absent, ImageEdit::of(Image::empty()))).await.expect("a commit");
    }
    put(1, "b").await.expect("a reference");
    put(1, "a").await.expect("a reference");
    put(2, "a").await.expect("a reference");
    let names = async |number| -> Vec<String> {
        store.refs(&key(number)).await.expect("a list").into_iter().map(|row| row.name).collect()
    };
    assert_eq!(names(1).await, ["a", "b"]);
    let found = store.reference(&key(1), "b").await.expect("an answer").expect("a reference");
    assert_eq!(found.record, text("b"));
    assert_eq!(content(store, &found.image).len(), 1);
    assert_eq!(store.delete_ref(&key(1), "b", Durability::Relaxed).await, Ok(true));
    assert_eq!(store.delete_ref(&key(1), "b", Durability::None).await, Ok(false));
    assert!(store.reference(&key(1), "b").await.expect("an answer").is_none());
    store.delete(&key(1)).await.expect("a deletion");
    assert_eq!(names(1).await, Vec::<String>::new());
    assert_eq!(names(2).await, ["a"]);
}

async fn a_commit_carries_changes_of_references(store: &dyn Store) {
    let mut request = commit(&key(1), Expect::Absent, edit(&Image::empty(), vec![(1, node("one", &[]))]));
    request.refs = vec![
        RefChange::Put { name: "here".into(), image: None, record: text("this commit") },
        RefChange::Put { name: "empty".into(), image: Some(Image::empty()), record: text("nothing") },
        RefChange::Remove { name: "unknown".into() },
    ];
    let first = store.commit(request).await.expect("a commit");
    let mut request = commit(&key(1), Expect::Any, edit(&first.image, vec![(1, NodeEdit::Remove)]));
    request.refs = vec![RefChange::Remove { name: "empty".into() }];
    store.commit(request).await.expect("a commit");
    let rows = store.refs(&key(1)).await.expect("a list");
    assert_eq!(
        rows.iter().map(|row| (row.name.as_str(), &row.record[..])).collect::<Vec<_>>(),
        [("here", &b"this commit"[..])]
    );
    let here = store.reference(&key(1), "here").await.expect("an answer").expect("a reference");
    assert!(here.image.same(&first.image), "it stays what it was");
}

async fn commands_are_kept_by_id_and_the_oldest_go(store: &dyn Store) {
    let mut base = Image::empty();
    for number in 0..300_u32 {
        let mut request = commit(&key(1), Expect::Any, ImageEdit::of(base));
        request.command = Some((number.to_be_bytes().to_vec().into(), text(&format!("run {number}"))));
        request.durability = Durability::None;
        base = store.commit(request).await.expect("a commit").image;
    }
    let last = store.commands(&key(1), 2).await.expect("a list");
    assert_eq!(
        last.iter().map(|row| (row.version, &row.record[..])).collect::<Vec<_>>(),
        [(300, &b"run 299"[..]), (299, b"run 298")]
    );
    assert_eq!(store.commands(&key(1), 1000).await.expect("a list").len(), 256);
    let one = store.command(&key(1), &100_u32.to_be_bytes()).await.expect("an answer").expect("a command");
    assert_eq!((one.version, one.record), (101, text("run 100")));
    assert!(store.command(&key(1), &1_u32.to_be_bytes()).await.expect("an answer").is_none(), "the oldest are gone");
    let mut request = commit(&key(1), Expect::Any, ImageEdit::of(base));
    request.command = Some((100_u32.to_be_bytes().to_vec().into(), text("again")));
    store.commit(request).await.expect("a commit");
    let one = store.command(&key(1), &100_u32.to_be_bytes()).await.expect("an answer").expect("a command");
    assert_eq!((one.version, one.record), (301, text("again")));
}

async fn snapshots_belong_to_the_tenant(store: &dyn Store) {
    let name = |id: &str| SnapshotKey { tenant: tenant(), id: id.to_owned() };
    let made = store.commit(commit(&key(1), Expect::Absent, edit(&Image::empty(), vec![(1, node("one", &[]))]))).await;
    let image = made.expect("a commit").image;
    for id in ["two", "one"] {
        store.put_snapshot(&name(id), &image, text(id), Durability::Strict).await.expect("a snapshot");
    }
    store.delete(&key(1)).await.expect("a deletion");
    let ids: Vec<String> = store.snapshots(&tenant()).await.expect("a list").into_iter().map(|row| row.name).collect();
    assert_eq!(ids, ["one", "two"]);
    let found = store.snapshot(&name("two")).await.expect("an answer").expect("a snapshot");
    assert_eq!((found.record, content(store, &found.image).len()), (text("two"), 1));
    assert_eq!(store.delete_snapshot(&name("two"), Durability::Strict).await, Ok(true));
    assert!(store.snapshot(&name("two")).await.expect("an answer").is_none());
    assert_eq!(store.delete_snapshot(&name("two"), Durability::Strict).await, Ok(false));
}

async fn tenants_see_nothing_of_each_other(store: &dyn Store) {
    let other: TenantId = "other".parse().expect("a tenant");
    let mut elsewhere = key(1);
    elsewhere.tenant = other.clone();
    let nodes = || vec![(1, node("same", &[(0, chunk(1, 9000))]))];
    let here = store.commit(commit(&key(1), Expect::Absent, edit(&Image::empty(), nodes()))).await.expect("a commit");
    let there =
        store.commit(commit(&elsewhere, Expect::Absent, edit(&Image::empty(), nodes()))).await.expect("a commit");
    assert!(!here.image.same(&there.image), "equal content of two tenants has two names");
    let mixed = store.commit(commit(&elsewhere, Expect::Any, ImageEdit::of(here.image.clone()))).await;
    assert!(matches!(mixed, Err(StoreError::Invalid { .. })), "{mixed:?}");
    let read = store.changes(&other, &Image::empty(), &here.image, &mut |_, _| Ok(()));
    assert!(matches!(read, Err(StoreError::Invalid { .. })), "{read:?}");
    store.delete(&elsewhere).await.expect("a deletion");
    assert!(store.head(&key(1)).await.expect("an answer").is_some());
}

async fn what_is_too_large_is_refused(store: &dyn Store) {
    let check = async |nodes: Vec<(u64, NodeEdit)>| {
        let refused = store.save_image(&tenant(), edit(&Image::empty(), nodes)).await;
        assert!(matches!(refused, Err(StoreError::TooLarge { .. })), "{refused:?}");
    };
    check(vec![(1, node(&"m".repeat(META_MAX + 1), &[]))]).await;
    check(vec![(1, node("", &[(0, Item::Inline(noise(1, INLINE_MAX + 1)))]))]).await;
    check(vec![(1, node("", &[(0, Item::Chunk(noise(1, CHUNK_MAX + 1)))]))]).await;
    let mut request = ImageEdit::of(Image::empty());
    request.sections = vec![(1, vec![noise(1, 1024 * 1024 + 1)])];
    assert!(matches!(store.save_image(&tenant(), request).await, Err(StoreError::TooLarge { .. })));
    let mut request = commit(&key(1), Expect::Any, ImageEdit::of(Image::empty()));
    request.record = noise(1, RECORD_MAX + 1);
    assert!(matches!(store.commit(request).await, Err(StoreError::TooLarge { .. })));
    assert!(store.head(&key(1)).await.expect("an answer").is_none());
}

async fn what_contradicts_itself_is_refused(store: &dyn Store) {
    let check = async |nodes: Vec<(u64, NodeEdit)>| {
        let refused = store.save_image(&tenant(), edit(&Image::empty(), nodes)).await;
        assert!(matches!(refused, Err(StoreError::Invalid { .. })), "{refused:?}");
    };
    check(vec![(1, node("a", &[])), (1, node("b", &[]))]).await;
    check(vec![(1, put("a", false, vec![(2, Item::Inline(text("x")))], vec![2]))]).await;
    let nameless = store.put_snapshot(
        &SnapshotKey { tenant: tenant(), id: String::new() },
        &Image::empty(),
        Bytes::new(),
        Durability::Strict,
    );
    assert!(matches!(nameless.await, Err(StoreError::Invalid { .. })));
}

/// Collects until a whole cycle found nothing more to remove.
async fn collect_all(store: &dyn Store) -> u64 {
    let mut removed = 0;
    loop {
        let mut cycle = 0;
        loop {
            let progress = store.gc(GcBudget { objects: 7 }).await.expect("a slice");
            cycle += progress.removed;
            if progress.finished {
                break;
            }
        }
        removed += cycle;
        if cycle == 0 {
            return removed;
        }
    }
}

async fn garbage_goes_and_what_is_named_or_held_stays(store: &dyn Store) {
    let nodes = |seed: u64| (0..80).map(|n| (n, node("n", &[(0, chunk(seed * 1000 + n, 1000))]))).collect::<Vec<_>>();
    let first = store.commit(commit(&key(1), Expect::Any, edit(&Image::empty(), nodes(1)))).await.expect("a commit");
    store.put_ref(&key(1), "kept", &first.image, text(""), Durability::Strict).await.expect("a reference");
    let held =
        store.commit(commit(&key(1), Expect::Any, edit(&Image::empty(), nodes(2)))).await.expect("a commit").image;
    store.commit(commit(&key(1), Expect::Any, edit(&held, nodes(3)))).await.expect("a commit");
    drop(first);
    collect_all(store).await;
    assert_eq!(content(store, &held).len(), 80, "what lives in memory stays");
    let before = store.check().await.expect("a check");
    assert_eq!((before.problems.len(), before.garbage_objects), (0, 0));
    drop(held);
    assert!(collect_all(store).await >= 80, "the chunks of the image that nobody has");
    let kept = store.reference(&key(1), "kept").await.expect("an answer").expect("a reference");
    assert_eq!(content(store, &kept.image).len(), 80);
    drop(kept);
    store.delete(&key(1)).await.expect("a deletion");
    collect_all(store).await;
    assert_eq!(store.check().await.expect("a check").objects, 0);
}

async fn large_images_are_written_ahead(store: &dyn Store) {
    let chunks: Vec<(u64, Item)> = (0..200).map(|n| (n, chunk(n, CHUNK_MAX))).collect();
    let nodes = vec![(1, node("12 MiB", &chunks))];
    let made = store.commit(commit(&key(1), Expect::Absent, edit(&Image::empty(), nodes))).await.expect("a commit");
    let found = content(store, &made.image);
    assert_eq!(found[&1].items, chunks);
    let nodes = vec![(1, put("12 MiB", false, vec![(77, chunk(999, CHUNK_MAX))], vec![]))];
    let changed = store.commit(commit(&key(1), Expect::Version(1), edit(&made.image, nodes))).await.expect("a commit");
    assert_eq!(content(store, &changed.image)[&1].items[77], (77, chunk(999, CHUNK_MAX)));
}

async fn early_acknowledged_commits_are_seen_at_once(store: &dyn Store) {
    let mut image = Image::empty();
    for version in 1..=20 {
        let mut request =
            commit(&key(1), Expect::Any, edit(&image, vec![(version, node("n", &[(0, chunk(version, 700))]))]));
        request.durability = Durability::None;
        let made = store.commit(request).await.expect("a commit");
        assert_eq!(made.version, version);
        image = made.image;
        assert_eq!(content(store, &image).len() as u64, version, "before it is written");
    }
    let head = store.head(&key(1)).await.expect("a head").expect("a session");
    assert_eq!(head.version, 20);
    assert!(head.image.same(&image));
}

async fn heads_lists_all_sessions(store: &dyn Store) {
    let mut expected = BTreeSet::new();
    for number in 0..50 {
        store.commit(commit(&key(number), Expect::Any, ImageEdit::of(Image::empty()))).await.expect("a commit");
        expected.insert(key(number));
    }
    store.delete(&key(7)).await.expect("a deletion");
    expected.remove(&key(7));
    let mut seen = BTreeSet::new();
    let visit = &mut |row: Result<sandshell_store::HeadRow, StoreError>| {
        let row = row?;
        assert_eq!((row.version, &row.record[..]), (1, &b"record"[..]));
        assert!(seen.insert(row.key));
        Ok(())
    };
    store.heads(visit).expect("the heads");
    assert_eq!(seen, expected);
}

async fn documents_are_listed_by_prefix(store: &dyn Store) {
    for name in ["a/1", "a/2", "a/3", "b/1"] {
        store.put_document("job", &tenant(), name, text(name)).await.expect("a document");
    }
    store.put_document("other", &tenant(), "a/0", text("other")).await.expect("a document");
    store.put_document("job", &tenant(), "a/2", text("changed")).await.expect("a document");
    let list = async |prefix: &str, after: Option<&str>, limit: usize| -> Vec<String> {
        let found = store.documents("job", &tenant(), prefix, after, limit).await.expect("a list");
        found.into_iter().map(|document| document.key).collect()
    };
    assert_eq!(list("a/", None, 10).await, ["a/1", "a/2", "a/3"]);
    assert_eq!(list("a/", Some("a/1"), 1).await, ["a/2"]);
    assert_eq!(list("", Some("a/3"), 10).await, ["b/1"]);
    assert_eq!(list("c", None, 10).await, Vec::<String>::new());
    assert_eq!(store.document("job", &tenant(), "a/2").await, Ok(Some(text("changed"))));
    assert_eq!(store.document("job", &tenant(), "a/").await, Ok(None));
    assert_eq!(store.delete_document("job", &tenant(), "a/2").await, Ok(true));
    assert_eq!(store.delete_document("job", &tenant(), "a/2").await, Ok(false));
    assert_eq!(list("a/", None, 10).await, ["a/1", "a/3"]);
}

async fn the_audit_log_is_a_chain(store: &dyn Store) {
    for number in 1..=5 {
        assert_eq!(store.audit_append(&tenant(), text(&format!("entry {number}"))).await, Ok(number));
    }
    let all = store.audit_read(&tenant(), 0, 10).await.expect("the log");
    assert_eq!(all.iter().map(|entry| entry.number).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(store.audit_read(&tenant(), 2, 2).await.expect("the log"), all[2..4]);
    assert_eq!(all.iter().map(|entry| entry.hash).collect::<BTreeSet<_>>().len(), 5);
}

async fn a_closed_store_refuses(store: &dyn Store) {
    store.commit(commit(&key(1), Expect::Absent, ImageEdit::of(Image::empty()))).await.expect("a commit");
    // The suite examines a store after each test, so this one closes another.
    let folder = tempfile::tempdir().expect("a folder");
    let others: [Box<dyn Store>; 2] = [Box::new(open(folder.path()).expect("a store")), Box::new(MemoryStore::new())];
    for other in others {
        other.commit(commit(&key(1), Expect::Absent, ImageEdit::of(Image::empty()))).await.expect("a commit");
        other.close().await.expect("an end");
        let refused = other.commit(commit(&key(1), Expect::Any, ImageEdit::of(Image::empty()))).await;
        assert!(matches!(refused, Err(StoreError::Closed)), "{refused:?}");
        assert!(matches!(other.head(&key(1)).await, Err(StoreError::Closed)));
        assert!(matches!(other.health(), Health::Failed { .. }));
    }
}
