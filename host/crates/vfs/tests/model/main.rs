//! Random operations against a naive model, with forks in between; the ledger is recounted after every step.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

mod draw;
mod naive;
mod ops;
mod play;
mod world;

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sandshell_vfs::Quota;

fn quota() -> impl Strategy<Value = Quota> {
    let small = (2u64..30, 1_000u64..300_000, 5_000u64..400_000).prop_map(|(files, bytes, footprint)| Quota {
        max_files: Some(files),
        max_bytes: Some(bytes),
        inodes: files + 2,
        footprint_bytes: footprint,
    });
    prop_oneof![Just(Quota::UNLIMITED), small]
}

/// `PROPTEST_CASES` sets the number of plays, of about 40 operations each.
#[test]
fn a_tree_and_its_forks_behave_as_the_model() {
    let config = ProptestConfig { max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let plays = (
        prop::collection::vec(draw::op(), 0..20),
        quota(),
        prop::collection::vec((0..play::WORLDS_MAX, draw::op()), 1..60),
    );
    let n_ops = Cell::new(0);
    let played = runner.run(&plays, |(shipped, quota, steps)| {
        n_ops.set(n_ops.get() + shipped.len() + steps.len());
        play::play(&shipped, quota, &steps).map_err(TestCaseError::fail)
    });
    if let Err(error) = played {
        panic!("{error}");
    }
    eprintln!("{} operations against the model", n_ops.get());
}
