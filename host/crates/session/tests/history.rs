//! Checkpoints, rollback, difference and forks, seen through the service with sandboxes that only pretend.

mod common;

use std::sync::atomic::Ordering;

use base::{Limits, TenantId};
use sandshell_session::{Error, Moment, SessionConfig};

use common::{World, config, file, id};

fn at(name: &str) -> Moment {
    Moment::Checkpoint(name.to_owned())
}

#[tokio::test]
async fn a_rollback_brings_files_directory_and_shell_back_and_no_usage() {
    let world = World::new(config());
    world.run(&id(1), "write /a one").await.expect("runs");
    world.run(&id(1), "alias first").await.expect("runs");
    world.run(&id(1), "cd /here").await.expect("runs");
    let made = world.sessions.checkpoint(&id(1), "before").await.expect("made");
    assert!(made.bytes > 0);
    world.run(&id(1), "write /a two").await.expect("runs");
    world.run(&id(1), "alias second").await.expect("runs");
    world.run(&id(1), "cd /there").await.expect("runs");
    let run = world.begin(&id(1), "sleep 5");
    world.fake.seen("start sleep 5").await;
    world.advance(5).await;
    run.await.expect("no panic").expect("runs");
    world.sessions.rollback(&id(1), "before").await.expect("rolls back");
    assert_eq!(file(&world, &id(1), "/a").await.as_deref(), Some("one"));
    let reply = world.run(&id(1), "alias?").await.expect("runs");
    assert_eq!((reply.stdout.as_ref(), reply.cwd.as_slice()), (&b"first"[..], &b"/here"[..]));
    assert_eq!(world.sessions.usage(&id(1)).expect("exists").runtime.as_secs(), 5);
    world.sessions.rollback(&id(1), "before").await.expect("as often as one likes");
    assert_eq!(world.sessions.rollback(&id(1), "other").await, Err(Error::NoCheckpoint));
    assert_eq!(world.sessions.rollback(&id(2), "before").await, Err(Error::NotFound));
}

#[tokio::test]
async fn a_checkpoint_during_a_run_takes_the_files_as_they_are() {
    let world = World::new(config());
    world.run(&id(1), "write /a one").await.expect("runs");
    let held = world.begin(&id(1), "hold");
    world.fake.seen("start hold").await;
    world.sessions.checkpoint(&id(1), "during").await.expect("made");
    world.fake.release();
    held.await.expect("no panic").expect("runs");
    assert_eq!(world.sessions.checkpoints(&id(1)).await.expect("exists").len(), 1);
}

#[tokio::test]
async fn a_difference_lists_what_was_added_changed_and_removed() {
    let world = World::new(config());
    world.run(&id(1), "write /a one").await.expect("runs");
    world.run(&id(1), "write /b one").await.expect("runs");
    world.sessions.checkpoint(&id(1), "k").await.expect("made");
    world.run(&id(1), "write /b three").await.expect("runs");
    world.run(&id(1), "write /c new").await.expect("runs");
    let diff = world.sessions.diff(&id(1), &at("k"), &Moment::Now).await.expect("both exist");
    assert_eq!((diff.added, diff.removed), (vec![b"/c".to_vec()], Vec::new()));
    assert!(diff.changed.contains(&b"/b".to_vec()) && !diff.changed.contains(&b"/a".to_vec()));
    let back = world.sessions.diff(&id(1), &Moment::Now, &at("k")).await.expect("both exist");
    assert_eq!(back.removed, [b"/c".to_vec()]);
    assert_eq!(world.sessions.diff(&id(1), &at("x"), &Moment::Now).await.err(), Some(Error::NoCheckpoint));
}

#[tokio::test]
async fn forks_go_on_by_themselves_with_the_same_limits_and_no_usage() {
    let limits = Limits { max_files: Some(7), ..Limits::default() };
    let world = World::new(SessionConfig { limits, ..config() });
    world.run(&id(1), "write /a one").await.expect("runs");
    world.run(&id(1), "alias kept").await.expect("runs");
    world.run(&id(1), "cd /here").await.expect("runs");
    let forks = world.sessions.fork(&id(1), &Moment::Now, 2).await.expect("room");
    let fork = base::SessionKey::of_default(forks[0].id.clone());
    assert_eq!(world.sessions.limits(&fork).expect("exists").max_files, Some(7));
    let reply = world.run(&fork, "alias?").await.expect("runs");
    assert_eq!((reply.stdout.as_ref(), reply.cwd.as_slice()), (&b"kept"[..], &b"/here"[..]));
    world.run(&fork, "write /a changed").await.expect("runs");
    assert_eq!(file(&world, &id(1), "/a").await.as_deref(), Some("one"));
    assert_eq!(world.sessions.usage(&fork).expect("exists").checkpoints, 0);
}

#[tokio::test]
async fn of_forks_that_are_too_many_none_is_made() {
    let world = World::new(config());
    world.run(&id(1), "a").await.expect("runs");
    assert_eq!(world.sessions.fork(&id(1), &Moment::Now, 3).await.err(), Some(Error::TooManySessions));
    assert!(matches!(world.sessions.fork(&id(1), &Moment::Now, 17).await, Err(Error::Settings(_))));
    assert!(matches!(world.sessions.fork(&id(1), &Moment::Now, 0).await, Err(Error::Settings(_))));
    world.fake.full.store(true, Ordering::SeqCst);
    assert_eq!(world.sessions.fork(&id(1), &Moment::Now, 2).await.err(), Some(Error::HostFull));
    assert_eq!(world.sessions.checkpoint(&id(1), "k").await.err(), Some(Error::HostFull));
    assert_eq!(world.sessions.list(&TenantId::default_tenant()).len(), 1);
}
