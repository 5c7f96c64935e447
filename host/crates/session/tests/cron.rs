//! Cron jobs with a manual clock: when they begin, where they run, what the log says.

mod common;

use std::time::Duration;

use base::{Limits, Timestamp};
use sandshell_session::{Error, Moment, SessionConfig, Target};

use common::{World, config, file, id, settle};

/// 2026-11-24T12:00:59.9Z.
const START: Timestamp = Timestamp(1_795_521_659_900_000_000);
const LOG: &str = "/.cron_log";

async fn world(table: &str, config: SessionConfig) -> World {
    let world = World::at(config, START);
    install(&world, table).await;
    world
}

async fn install(world: &World, table: &str) {
    let reply = world.run(&id(1), &format!("write /.crontab {}", table.replace(' ', "_"))).await.expect("runs");
    assert_eq!(reply.outcome, base::Outcome::Exited(0));
}

impl World {
    async fn millis(&self, millis: u64) {
        self.fake.clock.advance(Duration::from_millis(millis));
        settle().await;
    }

    fn starts(&self, script: &str) -> usize {
        self.fake.events().iter().filter(|event| **event == format!("start {script}")).count()
    }

    async fn log(&self) -> String {
        file(self, &id(1), LOG).await.unwrap_or_default()
    }
}

#[tokio::test]
async fn a_job_begins_with_its_minute_and_once_in_it() {
    let world = world("* * * * * tick\n", SessionConfig { ttl: Duration::from_secs(600), ..config() }).await;
    world.millis(99).await;
    assert_eq!(world.starts("tick"), 0);
    world.millis(1).await;
    assert_eq!(world.starts("tick"), 1);
    world.millis(59_999).await;
    assert_eq!(world.starts("tick"), 1);
    world.millis(1).await;
    assert_eq!(world.starts("tick"), 2);
    assert_eq!(world.log().await, "[2026-11-24 12:01] tick\ntick\n[2026-11-24 12:02] tick\ntick\n");
}

#[tokio::test]
async fn a_job_does_not_put_off_the_sessions_end_and_counts_as_runtime() {
    let world = world("* * * * * sleep 7\n", SessionConfig { ttl: Duration::from_secs(90), ..config() }).await;
    world.millis(100).await;
    world.millis(7_000).await;
    assert_eq!(world.sessions.usage(&id(1)).expect("exists").runtime, Duration::from_secs(7));
    // The second one begins at 60.2 seconds.
    for millis in [53_100, 7_000, 22_799] {
        world.millis(millis).await;
    }
    assert_eq!(world.sessions.usage(&id(1)).expect("exists").runtime, Duration::from_secs(14));
    assert_eq!(world.sessions.count(), 1);
    world.millis(1).await;
    assert_eq!(world.sessions.count(), 0);
}

#[tokio::test]
async fn what_a_job_does_to_its_shell_is_gone_with_it() {
    let world = world("A=it's here\n* * * * * cd /elsewhere\n", config()).await;
    world.millis(100).await;
    assert_eq!(world.starts("cd /elsewhere"), 1);
    assert!(world.fake.events().contains(&"before \\export A='it'\\''s here'\n".to_owned()));
    assert_eq!(world.run(&id(1), "pwd").await.expect("runs").cwd, b"/");
}

#[tokio::test]
async fn a_job_waits_in_the_sessions_queue_and_runs_once_at_a_time() {
    let world = world("* * * * * tick\n", SessionConfig { ttl: Duration::from_secs(600), ..config() }).await;
    let held = world.begin(&id(1), "hold");
    world.fake.seen("start hold").await;
    world.millis(100).await;
    world.millis(60_000).await;
    assert_eq!(world.starts("tick"), 0);
    world.fake.release();
    held.await.expect("no panic").expect("runs");
    settle().await;
    assert_eq!(world.starts("tick"), 1);
    let log = world.log().await;
    assert!(log.contains("[2026-11-24 12:02] tick\n# error: not run: the run before is still going on\n"), "{log}");
}

#[tokio::test]
async fn a_failure_is_logged_with_its_reason() {
    let limits = Limits { run_timeout: Duration::from_secs(5), ..Limits::default() };
    let world = world("* * * * * sleep 9\n", SessionConfig { limits, ..config() }).await;
    world.millis(100).await;
    world.millis(5_000).await;
    let expected = "[2026-11-24 12:01] sleep 9\nsleep 9\n# error: timeout: execution exceeded 5 s\n";
    assert_eq!(world.log().await, expected);
}

#[tokio::test]
async fn a_session_without_runtime_left_says_so_in_the_log() {
    let limits = Limits { max_runtime: Some(Duration::from_secs(5)), ..Limits::default() };
    let world = world("* * * * * sleep 5\n", SessionConfig { limits, ttl: Duration::from_secs(600), ..config() }).await;
    world.millis(100).await;
    world.millis(5_000).await;
    world.millis(55_000).await;
    assert!(
        world.log().await.ends_with("[2026-11-24 12:02] sleep 5\n# error: not run: session runtime limit exceeded\n")
    );
}

#[tokio::test]
async fn the_zone_of_the_table_counts() {
    let world = world("TZ=Europe/Berlin\n1 13 * * * tick\n", config()).await;
    world.millis(100).await;
    assert_eq!(world.log().await, "[2026-11-24 13:01] tick\ntick\n");
}

#[tokio::test]
async fn a_bad_line_is_logged_and_the_others_count() {
    let world = world("61 * * * * bad\n* * * * * tick\n", config()).await;
    let log = world.log().await;
    assert!(log.starts_with("[2026-11-24 12:00] 61 * * * * bad\n# error: /.crontab:1: "), "{log}");
    world.millis(100).await;
    assert_eq!((world.starts("bad"), world.starts("tick")), (0, 1));
}

#[tokio::test]
async fn a_table_that_is_removed_or_changed_is_heard() {
    let world = world("* * * * * one\n", SessionConfig { ttl: Duration::from_secs(600), ..config() }).await;
    install(&world, "* * * * * two\n").await;
    world.millis(100).await;
    assert_eq!((world.starts("one"), world.starts("two")), (0, 1));
    install(&world, "# none\n").await;
    world.millis(60_000).await;
    assert_eq!(world.starts("two"), 1);
}

#[tokio::test]
async fn minutes_that_passed_unseen_are_made_up_for_once_or_logged() {
    let config = SessionConfig { ttl: Duration::from_secs(100_000), ..config() };
    let world = world("*/10 * * * * often\n0 13 * * * once\n", config).await;
    world.millis(40 * 60_000).await;
    assert_eq!(world.starts("often"), 1);
    world.millis(3 * 3_600_000).await;
    assert_eq!(world.starts("once"), 0);
    assert!(world.log().await.contains("[2026-11-24 13:00] once\n# error: not run: the server was not running then\n"));
}

#[tokio::test]
async fn a_session_that_is_created_with_a_table_runs_its_start_jobs() {
    let world = world("@reboot begin\n", config()).await;
    assert_eq!(world.starts("begin"), 0, "the session was there before the table");
    world.sessions.fork(&id(1), &Moment::Now, 1).await.expect("room");
    settle().await;
    assert_eq!(world.starts("begin"), 1);
    let image = world.sessions.image(&id(1)).await.expect("exists");
    world.sessions.replace(Target::Session(id(1)), image).await.expect("replaces");
    settle().await;
    assert_eq!(world.starts("begin"), 1, "a replace creates none");
}

#[tokio::test]
async fn jobs_of_a_deleted_session_are_gone() {
    let world = world("* * * * * tick\n", config()).await;
    assert!(world.sessions.delete(&id(1)).await);
    world.millis(100).await;
    assert_eq!(world.starts("tick"), 0);
    assert_eq!(world.sessions.crontab(&id(1)).err(), Some(Error::NotFound));
}

#[tokio::test]
async fn a_delay_moves_the_run_and_not_the_evaluation() {
    let config = SessionConfig { cron_jitter: Duration::from_secs(30), ttl: Duration::from_secs(600), ..config() };
    let world = world("* * * * * tick\n", config).await;
    world.millis(100).await;
    world.millis(30_000).await;
    assert_eq!(world.starts("tick"), 1);
    assert_eq!(world.log().await, "[2026-11-24 12:01] tick\ntick\n");
}
