//! Random operations with commits in between: what comes back is what was there.

use std::collections::BTreeMap;

use base::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use records::{Stored, edit};
use store::Image;
use vfs::{Changes, Follow, Ino, Kind, ProgramTag, Quota, Stat, Tree};

use crate::depot::{Depot, PROGRAMS};
use crate::draw;
use crate::ops::Op;
use crate::world::{Dump, World};

/// Enough to diverge from each other.
const WORLDS_MAX: usize = 3;

/// What is drawn to happen after an operation.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Then {
    Nothing,
    Commit,
    /// Commits and goes on with what comes back, as after a restart.
    Restart,
}

/// A session with what was kept of it last.
struct Session {
    world: World,
    tree: Tree,
    image: Image,
    /// Each inode's version and time of last access when it was written last: an access alone is not kept.
    accessed: BTreeMap<Ino, (u64, Timestamp)>,
}

impl Session {
    fn new(world: World, depot: &Depot) -> Self {
        let (tree, image) = (depot.template.clone(), depot.template_image.clone());
        let mut session = Self { world, tree, image, accessed: BTreeMap::new() };
        session.note_written();
        session
    }

    fn fork(&self) -> Self {
        let Self { world, tree, image, accessed } = self;
        Self { world: world.fork(), tree: tree.clone(), image: image.clone(), accessed: accessed.clone() }
    }

    fn note_written(&mut self) {
        let stats = self.world.dump().into_values().map(|(stat, _)| stat);
        let before = std::mem::take(&mut self.accessed);
        let kept = |stat: &Stat| before.get(&stat.ino).copied().filter(|(version, _)| *version == stat.version);
        self.accessed = stats.map(|stat| (stat.ino, kept(&stat).unwrap_or((stat.version, stat.atime)))).collect();
    }

    /// What is there, as a commit keeps it.
    fn dump(&self) -> Dump {
        let as_kept = |stat: Stat| Stat { atime: self.accessed[&stat.ino].1, ..stat };
        let dump = self.world.dump().into_iter();
        dump.map(|(path, (stat, state))| (path, (as_kept(stat), state))).collect()
    }

    /// Keeps the tree, and checks what comes back.
    fn commit(&mut self, depot: &Depot, quota: Quota) -> Result<Tree, String> {
        let tree = &self.world.tree;
        let edit = edit(Some(Stored { tree: &self.tree, image: &self.image }), tree, &PROGRAMS);
        let Changes { changed, removed } = tree.changes_from(&self.tree);
        let n_changes = changed.len() + removed.len() + usize::from(tree.head() != self.tree.head());
        same("changed nodes", &edit.nodes.len(), &n_changes)?;
        self.image = depot.save(edit);
        self.tree = tree.clone();
        self.note_written();
        let again = depot.load(&self.image, quota).map_err(|error| error.to_string())?;
        again.check_invariants()?;
        same("head", &again.head(), &self.tree.head())?;
        same("usage", &again.usage(), &self.tree.usage())?;
        same("quota", &again.quota(), &quota)?;
        same("changes", &again.changes_from(&self.tree), &Changes::default())?;
        same("changes back", &self.tree.changes_from(&again), &Changes::default())?;
        same("dirt", &again.is_dirty(), &false)?;
        let mut world = self.world.fork();
        world.tree = again;
        same("tree", &world.dump(), &self.dump())?;
        for (stat, _) in world.dump().into_values().filter(|(stat, _)| stat.kind == Kind::File) {
            same("program", &world.tree.program(stat.ino), &self.tree.program(stat.ino))?;
        }
        Ok(world.tree)
    }
}

fn play(shipped: &[Op], quota: Quota, steps: &[(usize, Op, Then)]) -> Result<(), String> {
    let mut template = World::empty();
    for (at, op) in (1u64..).zip(shipped) {
        template.apply(op, Timestamp(at));
    }
    if let Ok(ino) = template.tree.lookup(Ino::ROOT, b"/a", Follow::No) {
        let _not_for_a_directory = template.tree.set_program(ino, ProgramTag(7));
    }
    let depot = Depot::new(template.tree.clone());
    check_template(&depot)?;
    let mut sessions = vec![Session::new(World::of_template(&template, quota), &depot)];
    for (at, (which, op, then)) in (1000u64..).zip(steps) {
        let which = which % sessions.len();
        if matches!(op, Op::Fork) {
            let fork = sessions[which].fork();
            match sessions.len() {
                WORLDS_MAX => sessions[(which + 1) % WORLDS_MAX] = fork,
                _ => sessions.push(fork),
            }
            continue;
        }
        let session = &mut sessions[which];
        session.world.apply(op, Timestamp(at));
        if *then != Then::Nothing {
            let again = session.commit(&depot, quota).map_err(|error| format!("{op:?}: {error}"))?;
            if *then == Then::Restart {
                session.tree = again.clone();
                session.world.resume(again);
            }
        }
        session.world.check_against_model()?;
        session.world.check_mark()?;
    }
    Ok(())
}

/// The template itself is kept whole.
fn check_template(depot: &Depot) -> Result<(), String> {
    let again = depot.load_whole(&depot.template_image).map_err(|error| error.to_string())?;
    again.check_invariants()?;
    same("template's head", &again.head(), &depot.template.head())?;
    same("template's usage", &again.usage(), &depot.template.usage())?;
    let paths = |tree: &Tree| tree.walk().map(|(path, stat)| (path, stat, tree.program(stat.ino))).collect::<Vec<_>>();
    same("template", &paths(&again), &paths(&depot.template))
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, real: &T, expected: &T) -> Result<(), String> {
    if real == expected { Ok(()) } else { Err(format!("{what}: {real:?}, expected {expected:?}")) }
}

fn quota() -> impl Strategy<Value = Quota> {
    let small = (2u64..30, 5_000u64..400_000).prop_map(|(files, footprint)| Quota {
        max_files: Some(files),
        max_bytes: Some(footprint),
        inodes: files + 2,
        footprint_bytes: footprint,
    });
    prop_oneof![Just(Quota::UNLIMITED), small]
}

/// `PROPTEST_CASES` sets the number of plays, of about 40 operations each.
#[test]
fn sessions_come_back_as_they_were_kept() {
    let config = ProptestConfig { max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() };
    let then = prop_oneof![3 => Just(Then::Nothing), 2 => Just(Then::Commit), 1 => Just(Then::Restart)];
    let plays = (
        prop::collection::vec(draw::op(), 0..20),
        quota(),
        prop::collection::vec((0..WORLDS_MAX, draw::op(), then), 1..60),
    );
    let played = TestRunner::new(config)
        .run(&plays, |(shipped, quota, steps)| play(&shipped, quota, &steps).map_err(TestCaseError::fail));
    if let Err(error) = played {
        panic!("{error}");
    }
}
