//! The life of sessions, seen through the service with a manual clock and sandboxes that only pretend.

mod common;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base::{Limits, Outcome, SessionKey, TenantId};
use sandshell_session::{Error, Image, Phase, SessionConfig, Target};

use common::{World, config, id, settle, spec};

#[tokio::test]
async fn a_session_ends_after_its_idle_time_counted_from_the_last_run() {
    let world = World::new(config());
    world.run(&id(1), "a").await.expect("runs");
    world.advance(59).await;
    world.run(&id(1), "b").await.expect("runs");
    world.advance(59).await;
    assert_eq!(world.sessions.count(), 1);
    world.advance(1).await;
    assert_eq!(world.sessions.count(), 0);
    world.fake.seen("closed").await;
}

#[tokio::test]
async fn a_session_does_not_expire_while_a_run_is_going_on() {
    let world = World::new(config());
    let run = world.begin(&id(1), "hold");
    world.fake.seen("start hold").await;
    world.advance(1000).await;
    assert_eq!(world.sessions.count(), 1);
    world.fake.release();
    run.await.expect("no panic").expect("runs");
    world.advance(60).await;
    assert_eq!(world.sessions.count(), 0);
}

#[tokio::test]
async fn listing_and_exporting_do_not_extend_a_session() {
    let world = World::new(config());
    world.run(&id(1), "a").await.expect("runs");
    world.advance(59).await;
    assert_eq!(world.sessions.list(&TenantId::default_tenant()).len(), 1);
    world.sessions.export(&id(1)).await.expect("exists");
    world.advance(1).await;
    assert!(matches!(world.sessions.export(&id(1)).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn at_the_maximum_only_creation_is_refused() {
    let world = World::new(config());
    for n in 1..=3 {
        world.run(&id(n), "a").await.expect("room");
    }
    assert_eq!(world.run(&id(4), "a").await.err(), Some(Error::TooManySessions));
    world.run(&id(2), "again").await.expect("attaches");
    world.sessions.run(Target::Ephemeral, spec("a")).await.expect("an ephemeral run is no session");
    assert!(world.sessions.delete(&id(1)).await);
    world.run(&id(4), "a").await.expect("room again");
}

#[tokio::test]
async fn runs_of_a_session_come_one_after_the_other_in_order() {
    let world = World::new(config());
    let first = world.begin(&id(1), "hold");
    world.fake.seen("start hold").await;
    let second = world.begin(&id(1), "second");
    let third = world.begin(&id(1), "third");
    settle().await;
    assert_eq!(world.fake.events(), ["start hold"]);
    world.fake.release();
    for run in [first, second, third] {
        run.await.expect("no panic").expect("runs");
    }
    let starts: Vec<String> = world.fake.events().into_iter().filter(|event| event.starts_with("start")).collect();
    assert_eq!(starts, ["start hold", "start second", "start third"]);
}

#[tokio::test]
async fn a_full_queue_refuses_and_the_session_goes_on() {
    let world = World::new(config());
    let held = world.begin(&id(1), "hold");
    world.fake.seen("start hold").await;
    let waiting = [world.begin(&id(1), "a"), world.begin(&id(1), "b")];
    settle().await;
    assert_eq!(world.run(&id(1), "c").await.err(), Some(Error::SessionBusy));
    world.fake.release();
    held.await.expect("no panic").expect("runs");
    for run in waiting {
        run.await.expect("no panic").expect("runs");
    }
    world.run(&id(1), "c").await.expect("room again");
}

#[tokio::test]
async fn runs_beyond_the_hosts_maximum_wait_for_their_turn() {
    let world = World::new(config());
    let held = [world.begin(&id(1), "hold 1"), world.begin(&id(2), "hold 2")];
    world.fake.seen("start hold 2").await;
    let waiting = world.begin(&id(3), "third");
    settle().await;
    assert!(!world.fake.events().contains(&"start third".to_owned()));
    world.fake.release();
    waiting.await.expect("no panic").expect("runs");
    world.fake.release();
    for run in held {
        run.await.expect("no panic").expect("runs");
    }
}

#[tokio::test]
async fn a_full_host_queue_refuses_before_a_session_is_created() {
    let world = World::new(SessionConfig { max_running: 1, max_waiting: 1, ..config() });
    let held = world.begin(&id(1), "hold");
    world.fake.seen("start hold").await;
    let waiting = world.begin(&id(2), "a");
    settle().await;
    assert_eq!(world.run(&id(3), "b").await.err(), Some(Error::HostBusy));
    assert_eq!(world.sessions.count(), 2);
    world.fake.release();
    held.await.expect("no panic").expect("runs");
    waiting.await.expect("no panic").expect("runs");
}

#[tokio::test]
async fn deleting_cancels_the_run_refuses_the_waiting_and_returns_when_all_are_gone() {
    let world = World::new(config());
    let held = world.begin(&id(1), "hold");
    world.fake.seen("start hold").await;
    let waiting = world.begin(&id(1), "a");
    settle().await;
    assert!(world.sessions.delete(&id(1)).await);
    assert_eq!(world.fake.open.load(Ordering::SeqCst), 0);
    assert_eq!(held.await.expect("no panic").expect("was running").outcome, Outcome::Cancelled);
    assert_eq!(waiting.await.expect("no panic").err(), Some(Error::Closed));
    assert!(!world.sessions.delete(&id(1)).await);
}

#[tokio::test]
async fn a_deleted_id_can_be_used_again_at_once() {
    let world = World::new(config());
    world.run(&id(1), "cd /old").await.expect("runs");
    assert_eq!(world.sessions.list(&TenantId::default_tenant())[0].cwd, b"/old");
    world.sessions.delete(&id(1)).await;
    assert_eq!(world.run(&id(1), "pwd").await.expect("runs").cwd, b"/");
}

#[tokio::test]
async fn an_abandoned_ephemeral_run_is_cancelled() {
    let world = World::new(config());
    let sessions = Arc::clone(&world.sessions);
    let run = tokio::spawn(async move { sessions.run(Target::Ephemeral, spec("hold")).await });
    world.fake.seen("start hold").await;
    run.abort();
    world.fake.seen("closed").await;
    assert_eq!(world.fake.open.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_abandoned_run_of_a_session_goes_on() {
    let world = World::new(config());
    let run = world.begin(&id(1), "hold");
    world.fake.seen("start hold").await;
    run.abort();
    settle().await;
    assert!(!world.fake.events().contains(&"end hold".to_owned()));
    world.fake.release();
    world.fake.seen("end hold").await;
    world.run(&id(1), "next").await.expect("the session is free again");
}

#[tokio::test]
async fn a_drain_refuses_new_runs_and_waits_for_the_accepted_ones_whoever_waits_for_them() {
    let world = World::new(config());
    let held = world.begin(&id(1), "hold");
    world.fake.seen("start hold").await;
    let queued = world.begin(&id(1), "queued");
    settle().await;
    held.abort();
    let sessions = Arc::clone(&world.sessions);
    let drain = tokio::spawn(async move { sessions.drain().await });
    settle().await;
    assert!(world.sessions.is_draining() && !drain.is_finished());
    assert_eq!(world.run(&id(2), "new").await.err(), Some(Error::ShuttingDown));
    assert_eq!(world.sessions.run(Target::Ephemeral, spec("new")).await.err(), Some(Error::ShuttingDown));
    world.fake.release();
    queued.await.expect("no panic").expect("was accepted");
    drain.await.expect("the drain ends");
    assert!(world.fake.events().contains(&"end hold".to_owned()));
}

#[tokio::test]
async fn a_run_may_use_what_is_left_of_the_runtime_quota_and_then_none() {
    let limits = Limits { max_runtime: Some(Duration::from_secs(8)), ..Limits::default() };
    let world = World::new(SessionConfig { limits, ..config() });
    let run = world.begin(&id(1), "sleep 5");
    world.fake.seen("start sleep 5").await;
    world.advance(5).await;
    assert_eq!(run.await.expect("no panic").expect("runs").outcome, Outcome::Exited(0));
    let run = world.begin(&id(1), "sleep 20");
    world.fake.seen("start sleep 20").await;
    world.advance(3).await;
    let reply = run.await.expect("no panic").expect("runs");
    let quota = Duration::from_secs(8);
    assert_eq!((reply.outcome, reply.timeout), (Outcome::TimedOut, Duration::from_secs(3)));
    assert_eq!(reply.runtime_exceeded, Some((quota, quota)));
    let refused = world.run(&id(1), "more").await.err();
    let cwd = b"/".to_vec();
    assert_eq!(refused, Some(Error::RuntimeExceeded { id: Some(id(1).id), cwd, used: quota, max: quota }));
    assert_eq!(world.sessions.list(&TenantId::default_tenant())[0].runtime, quota);
}

#[tokio::test]
async fn a_replaced_session_keeps_its_runtime_and_creation_time() {
    let world = World::new(config());
    let run = world.begin(&id(1), "sleep 5");
    world.fake.seen("start sleep 5").await;
    world.advance(5).await;
    run.await.expect("no panic").expect("runs");
    let before = world.sessions.list(&TenantId::default_tenant())[0].clone();
    world.advance(1).await;
    let image = world.sessions.image_builder().finish(b"/");
    world.sessions.replace(Target::Session(id(1)), image).await.expect("replaces");
    let after = world.sessions.list(&TenantId::default_tenant())[0].clone();
    assert_eq!((after.runtime, after.created), (before.runtime, before.created));
    assert!(after.last_use > before.last_use);
    world.fake.seen("closed").await;
}

#[tokio::test]
async fn a_replace_waits_for_the_run_in_progress() {
    let world = World::new(config());
    let held = world.begin(&id(1), "hold");
    world.fake.seen("start hold").await;
    let sessions = Arc::clone(&world.sessions);
    let image = world.sessions.image_builder().finish(b"/");
    let replace = tokio::spawn(async move { sessions.replace(Target::Session(id(1)), image).await });
    settle().await;
    assert!(!replace.is_finished());
    world.fake.release();
    held.await.expect("no panic").expect("runs");
    assert_eq!(replace.await.expect("no panic"), Ok(id(1).id));
}

#[tokio::test]
async fn an_import_the_host_has_no_room_for_leaves_the_session_as_it_is() {
    let world = World::new(config());
    world.run(&id(1), "cd /here").await.expect("runs");
    world.fake.full.store(true, Ordering::SeqCst);
    let image = || world.sessions.image_builder().finish(b"/");
    assert_eq!(world.sessions.replace(Target::Session(id(1)), image()).await, Err(Error::HostFull));
    let reply = world.run(&id(1), "next").await.expect("runs in the sandbox it has");
    assert_eq!(reply.cwd, b"/here");
    assert_eq!(world.sessions.replace(Target::New(TenantId::default_tenant()), image()).await, Err(Error::HostFull));
    assert!(matches!(world.run(&id(2), "next").await, Err(Error::HostFull)));
    assert!(matches!(world.sessions.run(Target::Ephemeral, spec("next")).await, Err(Error::HostFull)));
    assert_eq!(world.sessions.complete_fresh("l".into(), 1).await, Err(Error::HostFull));
    let left: Vec<_> = world.sessions.list(&TenantId::default_tenant()).into_iter().map(|info| info.id).collect();
    assert_eq!(left, [id(2).id, id(1).id]);
    world.fake.full.store(false, Ordering::SeqCst);
    world.run(&id(2), "next").await.expect("runs once there is room");
    world.sessions.replace(Target::Session(id(1)), image()).await.expect("replaces");
}

#[tokio::test]
async fn a_fault_of_the_host_is_an_error_and_the_session_goes_on() {
    let world = World::new(config());
    assert!(matches!(world.run(&id(1), "fault").await, Err(Error::Host(_))));
    world.run(&id(1), "next").await.expect("runs");
}

#[tokio::test]
async fn a_session_whose_driver_died_says_so_until_it_is_deleted() {
    let world = World::new(config());
    assert!(matches!(world.run(&id(1), "die").await, Err(Error::Host(_))));
    assert_eq!(world.run(&id(1), "next").await.err(), Some(Error::Broken));
    world.run(&id(2), "other").await.expect("another session is not touched");
    assert!(world.sessions.delete(&id(1)).await);
    world.run(&id(1), "next").await.expect("a new session");
}

#[tokio::test]
async fn shutting_down_tells_running_and_waiting_runs_and_refuses_new_ones() {
    let world = World::new(config());
    let held = world.begin(&id(1), "hold");
    world.fake.seen("start hold").await;
    let waiting = world.begin(&id(1), "a");
    settle().await;
    world.sessions.shut_down().await;
    let reply = held.await.expect("no panic").expect("was running");
    assert!(reply.host_shutdown);
    assert_eq!(waiting.await.expect("no panic").err(), Some(Error::ShuttingDown));
    assert_eq!(world.run(&id(1), "b").await.err(), Some(Error::ShuttingDown));
    assert_eq!(world.fake.open.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_completion_does_not_wait_for_the_run_in_progress() {
    let world = World::new(config());
    let held = world.begin(&id(1), "hold");
    world.fake.seen("start hold").await;
    let during = world.sessions.complete(&id(1), "l".into(), 1).await.expect("answers");
    assert_eq!(during.candidates[0].word, b"l");
    assert!(!held.is_finished());
    world.fake.release();
    held.await.expect("no panic").expect("runs");
}

#[tokio::test]
async fn an_unknown_session_completes_nothing_and_a_fresh_one_does() {
    let world = World::new(config());
    let unknown = world.sessions.complete(&id(1), "l".into(), 1).await;
    assert_eq!(unknown.err(), Some(Error::NotFound));
    world.run(&id(1), "a").await.expect("runs");
    assert_eq!(world.sessions.complete(&id(1), "l".into(), 1).await.expect("answers").start, 1);
    assert_eq!(world.sessions.complete_fresh("x".into(), 1).await.expect("answers").start, 1);
}

#[tokio::test]
async fn runs_that_execute_wait_end_and_are_refused_are_counted() {
    let world = World::new(SessionConfig { max_running: 1, max_waiting: 2, ..config() });
    let first = world.begin(&id(1), "hold");
    world.fake.seen("start hold").await;
    let second = world.begin(&id(2), "a");
    settle().await;
    let metrics = world.sessions.metrics();
    let has =
        |metrics: &str, line: &str| assert!(metrics.lines().any(|have| have == line), "{line} is not in\n{metrics}");
    has(&metrics, "sandshell_sessions 2");
    has(&metrics, "sandshell_runs_running 1");
    has(&metrics, "sandshell_runs_waiting 1");
    has(&metrics, "sandshell_run_queue_seconds_count 1");
    world.advance(5).await;
    world.fake.release();
    first.await.expect("no panic").expect("runs");
    second.await.expect("no panic").expect("runs");
    world.sessions.shut_down().await;
    assert_eq!(world.run(&id(3), "a").await.err(), Some(Error::ShuttingDown));
    let metrics = world.sessions.metrics();
    has(&metrics, "sandshell_runs_running 0");
    has(&metrics, "sandshell_runs_total{outcome=\"exited\"} 2");
    has(&metrics, "sandshell_run_queue_seconds_sum 5");
    has(&metrics, "sandshell_runs_refused_total{reason=\"shutting_down\"} 1");
}

#[tokio::test]
async fn a_session_ends_at_its_maximum_lifetime_however_much_it_is_used() {
    let world = World::new(SessionConfig { max_lifetime: Some(Duration::from_secs(100)), ..config() });
    for _ in 0..2 {
        world.run(&id(1), "a").await.expect("runs");
        world.advance(45).await;
    }
    let held = world.begin(&id(1), "hold");
    world.fake.seen("start hold").await;
    world.advance(9).await;
    assert_eq!(world.sessions.count(), 1);
    world.advance(1).await;
    assert_eq!(world.sessions.count(), 0);
    assert_eq!(held.await.expect("no panic").expect("was running").outcome, Outcome::Cancelled);
}

#[tokio::test]
async fn an_idle_session_hibernates_and_its_next_run_wakes_it() {
    let world = World::new(SessionConfig { hibernate_after: Some(Duration::from_secs(10)), ..config() });
    world.run(&id(1), "cd /here").await.expect("runs");
    world.run(&id(1), "alias kept").await.expect("runs");
    let phase = || world.sessions.get_existing(&id(1)).expect("exists").phase;
    world.advance(9).await;
    assert_eq!((phase(), world.fake.open.load(Ordering::SeqCst)), (Phase::Idle, 1));
    world.advance(1).await;
    assert_eq!((phase(), world.fake.open.load(Ordering::SeqCst)), (Phase::Hibernated, 0));
    let reply = world.run(&id(1), "alias?").await.expect("wakes");
    assert_eq!((reply.stdout.as_ref(), reply.cwd.as_slice()), (&b"kept"[..], &b"/here"[..]));
    assert_eq!(phase(), Phase::Idle);
}

#[tokio::test]
async fn hibernation_is_no_use_and_waits_for_background_jobs() {
    let world = World::new(SessionConfig { hibernate_after: Some(Duration::from_secs(10)), ..config() });
    world.run(&id(1), "jobs 1").await.expect("runs");
    assert_eq!(world.sessions.hibernate(&id(1)).await, Ok(false));
    world.run(&id(1), "jobs 0").await.expect("runs");
    assert_eq!(world.sessions.hibernate(&id(1)).await, Ok(true));
    assert_eq!(world.sessions.hibernate(&id(1)).await, Ok(true));
    world.advance(59).await;
    assert_eq!(world.sessions.hibernate(&id(1)).await, Ok(true));
    world.advance(1).await;
    assert_eq!(world.sessions.hibernate(&id(1)).await, Err(Error::NotFound));
}

#[tokio::test]
async fn an_attach_is_use_and_a_look_is_not() {
    let world = World::new(config());
    world.sessions.get_or_create(&id(1)).await.expect("creates");
    world.advance(59).await;
    world.sessions.get_or_create(&id(1)).await.expect("attaches");
    world.advance(59).await;
    assert!(world.sessions.get_existing(&id(1)).is_some());
    assert_eq!(world.sessions.views().len(), 1);
    world.advance(1).await;
    assert!(world.sessions.get_existing(&id(1)).is_none());
    for n in 2..=4 {
        world.sessions.get_or_create(&id(n)).await.expect("room");
    }
    assert_eq!(world.sessions.get_or_create(&id(5)).await.err(), Some(Error::TooManySessions));
    world.sessions.get_or_create(&id(4)).await.expect("attaches at the maximum");
}

#[tokio::test]
async fn sessions_of_other_tenants_are_other_sessions() {
    let world = World::new(config());
    let other = SessionKey { tenant: "other".parse().expect("a name"), id: id(1).id };
    world.run(&id(1), "cd /mine").await.expect("runs");
    assert_eq!(world.run(&other, "pwd").await.expect("runs").cwd, b"/");
    assert_eq!(world.sessions.list(&other.tenant).len(), 1);
    assert!(world.sessions.delete(&other).await);
    assert_eq!(world.run(&id(1), "pwd").await.expect("runs").cwd, b"/mine");
}

#[tokio::test]
async fn an_import_beyond_the_quota_changes_nothing() {
    let limits = Limits { max_files: Some(1), ..Limits::default() };
    let world = World::new(SessionConfig { limits, ..config() });
    world.run(&id(1), "cd /here").await.expect("runs");
    let mut tree = vfs::Tree::new(vfs::Quota::UNLIMITED, base::Timestamp(0));
    for path in [&b"/a"[..], b"/b"] {
        tree.put_file(vfs::Ino::ROOT, path, b"x", 0o644, base::Timestamp(0)).expect("no quota");
    }
    let refused = world.sessions.replace(Target::Session(id(1)), Image::new(tree, b"/".to_vec())).await;
    assert_eq!(refused, Err(Error::Storage(base::StorageExceeded::Files { files: 2, max: 1 })));
    assert_eq!(world.run(&id(1), "pwd").await.expect("runs").cwd, b"/here");
}
