//! Sessions that are kept in a store: what comes back after a restart, and what is gone.

mod common;

use std::sync::Arc;
use std::time::Duration;

use base::{Limits, SessionKey, TenantId};
use sandshell_session::{Durability, Error, Image, Moment, Phase, SessionConfig, Settings, Target};
use store::{MemoryStore, Store};
use vfs::{Ino, Quota, Tree};

use common::{World, config, file, id, settle};

fn store() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new())
}

#[tokio::test]
async fn a_session_comes_back_with_files_shell_directory_settings_and_usage() {
    let store = store();
    let world = World::kept(config(), &store);
    let limits = Limits { max_files: Some(5), ..config().limits };
    let mut settings = Settings::of(&config());
    (settings.name, settings.limits) = (Some("mine".to_owned()), limits);
    let key = id(1);
    let created = world.sessions.create(key.tenant.clone(), Some(key.id.clone()), Some(settings), None).await;
    assert_eq!(created.expect("room").phase, Phase::Hibernated);
    world.run(&key, "write /a one").await.expect("runs");
    world.run(&key, "alias kept").await.expect("runs");
    world.run(&key, "cd /here").await.expect("runs");
    let run = world.begin(&key, "sleep 5");
    world.fake.seen("start sleep 5").await;
    world.advance(5).await;
    run.await.expect("no panic").expect("runs");
    let before = world.sessions.get_existing(&key).expect("exists");
    world.sessions.shut_down().await;

    let world = world.restarted(&store);
    let after = world.sessions.get_existing(&key).expect("came back");
    assert_eq!((after.cwd.as_slice(), after.runtime, after.rc_loaded), (&b"/here"[..], Duration::from_secs(5), true));
    assert_eq!((after.created, after.last_use, &after.settings), (before.created, before.last_use, &before.settings));
    assert_eq!(after.phase, Phase::Hibernated);
    assert_eq!(file(&world, &key, "/a").await.as_deref(), Some("one"));
    let reply = world.run(&key, "alias?").await.expect("runs");
    assert_eq!((reply.stdout.as_ref(), reply.cwd.as_slice()), (&b"kept"[..], &b"/here"[..]));
    assert!(!world.fake.events().iter().any(|event| event.starts_with("before")), "its shell knows rc and aliases");
}

#[tokio::test]
async fn what_an_earlier_restart_brought_back_is_kept_on() {
    let store = store();
    let mut world = World::kept(config(), &store);
    for n in 0..4 {
        world.run(&id(1), &format!("write /f{n} {n}")).await.expect("runs");
        world.sessions.shut_down().await;
        world = world.restarted(&store);
    }
    for n in 0..4 {
        assert_eq!(file(&world, &id(1), &format!("/f{n}")).await, Some(n.to_string()));
    }
}

#[tokio::test]
async fn checkpoints_forks_and_imports_come_back() {
    let store = store();
    let world = World::kept(config(), &store);
    world.run(&id(1), "write /a one").await.expect("runs");
    world.sessions.checkpoint(&id(1), "k").await.expect("made");
    world.run(&id(1), "write /a two").await.expect("runs");
    let fork = world.sessions.fork(&id(1), &Moment::Now, 1).await.expect("room");
    let fork = SessionKey::of_default(fork[0].id.clone());
    let mut tree = Tree::from_template(&world.template, Quota::UNLIMITED);
    tree.put_file(Ino::ROOT, b"/b", b"imported", 0o644, base::Timestamp(0)).expect("no quota");
    world.run(&id(2), "write /old x").await.expect("runs");
    let image = Image::new(tree, b"/".to_vec());
    world.sessions.replace(Target::Session(id(2)), image).await.expect("replaces");
    world.sessions.shut_down().await;

    let world = world.restarted(&store);
    assert_eq!(file(&world, &fork, "/a").await.as_deref(), Some("two"));
    assert_eq!(file(&world, &id(2), "/b").await.as_deref(), Some("imported"));
    assert_eq!(file(&world, &id(2), "/old").await, None);
    assert_eq!(world.sessions.checkpoints(&id(1)).await.expect("exists").len(), 1);
    assert_eq!(world.sessions.checkpoint(&id(1), "k").await.err(), Some(Error::CheckpointExists));
    world.sessions.rollback(&id(1), "k").await.expect("rolls back");
    assert_eq!(file(&world, &id(1), "/a").await.as_deref(), Some("one"));
    world.sessions.delete_checkpoint(&id(1), "k").await.expect("was there");
    world.sessions.shut_down().await;
    let world = world.restarted(&store);
    assert_eq!(file(&world, &id(1), "/a").await.as_deref(), Some("one"));
    assert_eq!(world.sessions.checkpoints(&id(1)).await.expect("exists"), []);
}

#[tokio::test]
async fn a_deleted_or_expired_session_does_not_come_back() {
    let store = store();
    let world = World::kept(config(), &store);
    for n in 1..=3 {
        world.run(&id(n), "write /a one").await.expect("runs");
    }
    assert!(world.sessions.delete(&id(1)).await);
    world.run(&id(1), "write /b two").await.expect("a new one");
    assert!(world.sessions.delete(&id(2)).await);
    world.advance(30).await;
    world.run(&id(1), "a").await.expect("runs");
    world.advance(30).await;
    world.sessions.shut_down().await;
    let world = world.restarted(&store);
    let left: Vec<_> = world.sessions.list(&TenantId::default_tenant()).into_iter().map(|info| info.id).collect();
    assert_eq!(left, [id(1).id]);
    assert_eq!(file(&world, &id(1), "/a").await, None);
    world.advance(30).await;
    assert_eq!(world.sessions.count(), 0, "its idle time went on");
}

#[tokio::test]
async fn a_limit_is_not_loosened_by_a_restart() {
    let store = store();
    let limits = Limits { max_runtime: Some(Duration::from_secs(5)), ..Limits::default() };
    let world = World::kept(SessionConfig { limits, ..config() }, &store);
    let run = world.begin(&id(1), "sleep 5");
    world.fake.seen("start sleep 5").await;
    world.advance(5).await;
    run.await.expect("no panic").expect("runs");
    world.sessions.shut_down().await;
    let world = World::again(config(), &store, &world);
    assert!(matches!(world.run(&id(1), "a").await, Err(Error::RuntimeExceeded { .. })));
}

#[tokio::test]
async fn cron_jobs_go_on_after_a_restart() {
    let store = store();
    let world = World::kept(SessionConfig { ttl: Duration::from_secs(600), ..config() }, &store);
    world.run(&id(1), "write /.crontab *_*_*_*_*_tick\n@reboot_begin\n").await.expect("runs");
    world.sessions.shut_down().await;
    let world = world.restarted(&store);
    settle().await;
    world.fake.seen("start begin").await;
    world.advance(60).await;
    world.fake.seen("start tick").await;
}

#[tokio::test]
async fn a_store_that_fails_is_said_in_every_reply() {
    let store = store();
    let world = World::kept(config(), &store);
    world.run(&id(1), "a").await.expect("runs");
    assert_eq!(world.sessions.store_failure(), None);
    store.close().await.expect("closes");
    assert!(matches!(world.run(&id(1), "a").await, Err(Error::Store(_))));
    assert!(matches!(world.run(&id(2), "a").await, Err(Error::Store(_))));
    let mut settings = Settings::of(&config());
    settings.durability = Durability::None;
    let refused = world.sessions.create(TenantId::default_tenant(), None, Some(settings), None).await;
    assert!(matches!(refused, Err(Error::Store(_))));
}

#[tokio::test]
async fn an_id_is_used_again_while_the_store_still_forgets_its_last_holder() {
    let store = store();
    let world = World::kept(config(), &store);
    world.run(&id(1), "write /old x").await.expect("runs");
    world.sessions.checkpoint(&id(1), "k").await.expect("made");
    let sessions = Arc::clone(&world.sessions);
    let deleted = tokio::spawn(async move { sessions.delete(&id(1)).await });
    let next = world.begin(&id(1), "write /new y");
    assert!(deleted.await.expect("no panic"));
    next.await.expect("no panic").ok();
    world.run(&id(1), "write /new y").await.expect("a new one");
    world.sessions.shut_down().await;
    let world = world.restarted(&store);
    assert_eq!(file(&world, &id(1), "/old").await, None);
    assert_eq!(file(&world, &id(1), "/new").await.as_deref(), Some("y"));
    assert_eq!(world.sessions.checkpoints(&id(1)).await.expect("exists"), []);
}
