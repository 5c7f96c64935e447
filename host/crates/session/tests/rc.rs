//! When the rc file and the aliases file are read and written, with a shell that only pretends.

mod common;

use sandshell_session::{Image, Moment, Target};
use vfs::{Ino, Quota, Tree};

use common::{World, config, file, id};

const ALIASES: &str = "/.memsh_session_aliases";
const READ_ALIASES: &str = "before \\. /.memsh_session_aliases";
const READ_RC: &str = "before \\. /.memshrc";

fn image(files: &[(&str, &str)]) -> Image {
    let mut tree = Tree::new(Quota::UNLIMITED, base::Timestamp(0));
    for (path, text) in files {
        tree.put_file(Ino::ROOT, path.as_bytes(), text.as_bytes(), 0o644, base::Timestamp(0)).expect("no quota");
    }
    Image::new(tree, b"/".to_vec())
}

impl World {
    fn count(&self, event: &str) -> usize {
        self.fake.events().iter().filter(|seen| *seen == event).count()
    }
}

#[tokio::test]
async fn the_rc_file_is_read_once_before_the_first_run_and_again_after_a_replace() {
    let world = World::new(config());
    let with_rc = || image(&[("/.memshrc", "x=1")]);
    world.sessions.replace(Target::Session(id(1)), with_rc()).await.expect("replaces");
    assert!(!world.sessions.get_existing(&id(1)).expect("exists").rc_loaded);
    for _ in 0..2 {
        world.run(&id(1), "a").await.expect("runs");
    }
    assert_eq!(world.count(READ_RC), 1);
    assert!(world.sessions.get_existing(&id(1)).expect("exists").rc_loaded);
    world.sessions.hibernate(&id(1)).await.expect("exists");
    world.run(&id(1), "a").await.expect("runs");
    assert_eq!(world.count(READ_RC), 1);
    world.sessions.fork(&id(1), &Moment::Now, 1).await.expect("room");
    world.sessions.replace(Target::Session(id(1)), with_rc()).await.expect("replaces");
    world.run(&id(1), "a").await.expect("runs");
    assert_eq!(world.count(READ_RC), 2);
}

#[tokio::test]
async fn the_aliases_file_is_written_when_an_alias_changes_and_read_when_somebody_else_wrote_it() {
    let world = World::new(config());
    world.run(&id(1), "alias l=ls").await.expect("runs");
    assert_eq!(file(&world, &id(1), ALIASES).await.as_deref(), Some("l=ls"));
    world.run(&id(1), "a").await.expect("runs");
    assert_eq!(world.count(READ_ALIASES), 0);
    world.run(&id(1), &format!("write {ALIASES} mine")).await.expect("runs");
    for _ in 0..2 {
        world.run(&id(1), "a").await.expect("runs");
    }
    assert_eq!(world.count(READ_ALIASES), 1);
    assert_eq!(file(&world, &id(1), ALIASES).await.as_deref(), Some("mine"));
    world.run(&id(1), "alias l=dir").await.expect("runs");
    assert_eq!(file(&world, &id(1), ALIASES).await.as_deref(), Some("l=dir"));
}

#[tokio::test]
async fn a_shell_without_a_state_reads_the_aliases_file() {
    let world = World::new(config());
    world.sessions.replace(Target::Session(id(1)), image(&[(ALIASES, "alias l=ls")])).await.expect("replaces");
    for _ in 0..2 {
        world.run(&id(1), "a").await.expect("runs");
    }
    assert_eq!(world.count(READ_ALIASES), 1);
}

#[tokio::test]
async fn what_is_no_regular_file_is_said_and_left_alone() {
    let world = World::new(config());
    let mut image = image(&[]);
    let now = base::Timestamp(0);
    image.tree.mkdir(Ino::ROOT, ALIASES.as_bytes(), 0o755, now).expect("no quota");
    image.tree.symlink(b"/etc/passwd", Ino::ROOT, b"/.memshrc", now).expect("no quota");
    world.sessions.replace(Target::Session(id(1)), image).await.expect("replaces");
    let reply = world.run(&id(1), "alias l=ls").await.expect("runs");
    assert_eq!(world.count("message bash: /.memsh_session_aliases: not a regular file"), 1);
    assert_eq!(world.count("message bash: /.memshrc: not a regular file"), 1);
    assert_eq!(reply.stderr.as_ref(), b"bash: /.memsh_session_aliases: not a regular file\n");
}
