//! Random commits, forks, references, deletions, collections and restarts against plain maps.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sandshell_store::{Durability, Expect, GcBudget, Image, Item, ItemsEdit, MemoryStore, NodeEdit, Store};

use crate::support::{Nodes, apply, commit, content, edit, key, noise, open, run, text};

#[derive(Clone, Debug)]
enum Action {
    Commit { session: u64, nodes: BTreeMap<u64, NodeEdit>, durability: Durability },
    Fork { from: u64, to: u64 },
    PutRef { session: u64, name: u8 },
    Rollback { session: u64, name: u8 },
    DeleteRef { session: u64, name: u8 },
    Delete { session: u64 },
    Collect { objects: usize },
    Restart,
}

/// A session as a plain value.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    version: u64,
    nodes: Nodes,
    refs: BTreeMap<String, Nodes>,
}

fn item() -> impl Strategy<Value = Item> {
    prop_oneof![
        (0..50_u64).prop_map(|n| Item::Inline(text(&format!("inline {n}")))),
        (0..5_u64, prop_oneof![Just(10_usize), Just(700), Just(65536)]).prop_map(|(n, l)| Item::Chunk(noise(n, l))),
    ]
}

/// Numbers that meet often, and some far away.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0..100_u64, 1 => 0..100_000_u64, 1 => any::<u64>()]
}

fn node_edit() -> impl Strategy<Value = NodeEdit> {
    let items = (any::<bool>(), proptest::collection::btree_map(number(), proptest::option::of(item()), 0..12));
    let put = (0..4_usize, items).prop_map(|(size, (clear, items))| {
        let remove = items.iter().filter(|(_, item)| item.is_none()).map(|(key, _)| *key).collect();
        let put = items.into_iter().filter_map(|(key, item)| item.map(|item| (key, item))).collect();
        NodeEdit::Put { meta: noise(size as u64, size * 300), items: ItemsEdit { clear, put, remove } }
    });
    prop_oneof![1 => Just(NodeEdit::Remove), 4 => put]
}

fn durability() -> impl Strategy<Value = Durability> {
    prop_oneof![Just(Durability::Strict), Just(Durability::Relaxed), Just(Durability::None)]
}

fn action() -> impl Strategy<Value = Action> {
    let session = 0..4_u64;
    let name = 0..3_u8;
    prop_oneof![
        8 => (session.clone(), proptest::collection::btree_map(number(), node_edit(), 0..40), durability())
            .prop_map(|(session, nodes, durability)| Action::Commit { session, nodes, durability }),
        1 => (session.clone(), session.clone()).prop_map(|(from, to)| Action::Fork { from, to }),
        2 => (session.clone(), name.clone()).prop_map(|(session, name)| Action::PutRef { session, name }),
        1 => (session.clone(), name.clone()).prop_map(|(session, name)| Action::Rollback { session, name }),
        1 => (session.clone(), name).prop_map(|(session, name)| Action::DeleteRef { session, name }),
        1 => session.prop_map(|session| Action::Delete { session }),
        3 => (1..200_usize).prop_map(|objects| Action::Collect { objects }),
        1 => Just(Action::Restart),
    ]
}

struct Player<'a> {
    store: &'a dyn Store,
    model: &'a mut BTreeMap<u64, Model>,
    floor: &'a mut u64,
}

impl Player<'_> {
    async fn image(&self, session: u64) -> Image {
        self.store.head(&key(session)).await.expect("a head").map_or_else(Image::empty, |head| head.image)
    }

    async fn commit(&mut self, session: u64, base: Image, nodes: Vec<(u64, NodeEdit)>, durability: Durability) {
        let found = self.model.get(&session).map(|model| model.version);
        let mut request = commit(&key(session), found.map_or(Expect::Absent, Expect::Version), edit(&base, nodes));
        request.durability = durability;
        let made = self.store.commit(request).await.expect("a commit");
        let model = self.model.entry(session).or_default();
        model.version = found.unwrap_or(*self.floor) + 1;
        assert_eq!(made.version, model.version);
    }

    async fn act(&mut self, action: &Action) {
        match action {
            Action::Commit { session, nodes, durability } => {
                let nodes: Vec<_> = nodes.clone().into_iter().collect();
                let base = self.image(*session).await;
                self.commit(*session, base, nodes.clone(), *durability).await;
                apply(&mut self.model.entry(*session).or_default().nodes, &nodes);
            }
            Action::Fork { from, to } => {
                let nodes = self.model.get(from).map_or_else(Nodes::new, |model| model.nodes.clone());
                let base = self.image(*from).await;
                self.commit(*to, base, Vec::new(), Durability::Strict).await;
                self.model.entry(*to).or_default().nodes = nodes;
            }
            Action::PutRef { session, name } => {
                let image = self.image(*session).await;
                let name = name.to_string();
                let put = self.store.put_ref(&key(*session), &name, &image, text("r"), Durability::Relaxed).await;
                match self.model.get_mut(session) {
                    Some(model) => drop(model.refs.insert(name, model.nodes.clone())),
                    None => assert!(put.is_err(), "there is no such session"),
                }
            }
            Action::Rollback { session, name } => {
                let found = self.store.reference(&key(*session), &name.to_string()).await.expect("an answer");
                let model = self.model.get(session).and_then(|model| model.refs.get(&name.to_string()).cloned());
                assert_eq!(found.is_some(), model.is_some());
                if let (Some(found), Some(nodes)) = (found, model) {
                    self.commit(*session, found.image, Vec::new(), Durability::Relaxed).await;
                    self.model.entry(*session).or_default().nodes = nodes;
                }
            }
            Action::DeleteRef { session, name } => {
                let name = name.to_string();
                let gone = self.store.delete_ref(&key(*session), &name, Durability::Strict).await.expect("an answer");
                let model = self.model.get_mut(session).and_then(|model| model.refs.remove(&name));
                assert_eq!(gone, model.is_some());
            }
            Action::Delete { session } => {
                let gone = self.store.delete(&key(*session)).await.expect("an answer");
                let model = self.model.remove(session);
                assert_eq!(gone, model.is_some());
                *self.floor = model.map_or(*self.floor, |model| model.version.max(*self.floor));
            }
            Action::Collect { objects } => {
                self.store.gc(GcBudget { objects: *objects }).await.expect("a slice");
            }
            Action::Restart => {}
        }
    }

    async fn compare(&self) {
        for session in 0..4 {
            let head = self.store.head(&key(session)).await.expect("a head");
            assert_eq!(head.is_some(), self.model.contains_key(&session));
            let (Some(head), Some(model)) = (head, self.model.get(&session)) else { continue };
            let mut found =
                Model { version: head.version, nodes: content(self.store, &head.image), ..Model::default() };
            for row in self.store.refs(&key(session)).await.expect("names") {
                let named = self.store.reference(&key(session), &row.name).await.expect("an answer").expect("a name");
                found.refs.insert(row.name, content(self.store, &named.image));
            }
            assert!(found == *model, "session {session} at version {} is not what the model has", head.version);
        }
        let report = self.store.check().await.expect("a check");
        assert_eq!(report.problems, Vec::<String>::new());
    }
}

fn play_in_memory(actions: &[Action]) {
    let store = MemoryStore::new();
    let (mut model, mut floor) = (BTreeMap::new(), 0);
    run(async {
        let mut player = Player { store: &store, model: &mut model, floor: &mut floor };
        for action in actions {
            player.act(action).await;
        }
        player.compare().await;
    });
}

fn play_on_disk(actions: &[Action]) {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut model, mut floor) = (BTreeMap::new(), 0);
    for part in actions.split_inclusive(|action| matches!(action, Action::Restart)) {
        let store = open(folder.path()).expect("a store");
        run(async {
            let mut player = Player { store: &store, model: &mut model, floor: &mut floor };
            player.compare().await;
            for action in part {
                player.act(action).await;
            }
            player.compare().await;
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]
    #[test]
    fn the_store_on_disk_holds_what_plain_maps_hold(actions in proptest::collection::vec(action(), 1..60)) {
        play_on_disk(&actions);
    }

    #[test]
    fn the_store_in_memory_holds_what_plain_maps_hold(actions in proptest::collection::vec(action(), 1..60)) {
        play_in_memory(&actions);
    }
}
