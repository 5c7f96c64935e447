//! Random operations against a naive model, with forks in between; the ledger is recounted after every step.
//!
//! The model knows POSIX and no quotas: when the tree answers EDQUOT or ENOSPC, it must look as before.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

mod naive;
mod ops;
mod world;

use base::{Errno, Timestamp};
use proptest::prelude::*;
use sandshell_vfs::Quota;

use ops::{Op, op};
use world::World;

/// Enough to diverge from each other; a fork beyond them replaces one.
const WORLDS_MAX: usize = 3;

fn quota() -> impl Strategy<Value = Quota> {
    let small = (2u64..30, 1_000u64..300_000, 5_000u64..400_000).prop_map(|(files, bytes, footprint)| Quota {
        max_files: Some(files),
        max_bytes: Some(bytes),
        inodes: files + 2,
        footprint_bytes: footprint,
    });
    prop_oneof![Just(Quota::UNLIMITED), small]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_tree_and_its_forks_behave_as_the_model(
        shipped in prop::collection::vec(op(), 0..20),
        quota in quota(),
        steps in prop::collection::vec((0..WORLDS_MAX, op()), 1..60),
    ) {
        let mut template = World::empty();
        for (at, op) in (1u64..).zip(&shipped) {
            template.apply(op, Timestamp(at));
        }
        let mut worlds = vec![World::of_template(&template, quota)];
        prop_assert_eq!(worlds[0].tree.usage(), Default::default());
        for (at, (which, op)) in (1000u64..).zip(&steps) {
            let which = which % worlds.len();
            if matches!(op, Op::Fork) {
                let fork = worlds[which].fork();
                if worlds.len() < WORLDS_MAX { worlds.push(fork) } else { worlds[(which + 1) % WORLDS_MAX] = fork }
                continue;
            }
            let before = worlds[which].dump();
            let usage = worlds[which].tree.usage();
            let refused = worlds[which].apply(op, Timestamp(at));
            let world = &worlds[which];
            if let Err(error) = world.tree.check_invariants() {
                return Err(TestCaseError::fail(format!("{op:?}: {error}")));
            }
            if refused.is_some_and(|errno| matches!(errno, Errno::EDQUOT | Errno::ENOSPC)) {
                prop_assert_eq!(&world.dump(), &before, "a refused operation changes nothing: {:?}", op);
                prop_assert_eq!(world.tree.usage(), usage);
            }
            world.check_against_model()?;
            world.check_quota(quota, usage)?;
        }
        template.check_against_model()?;
        for world in &worlds {
            world.check_against_model()?;
        }
    }
}
