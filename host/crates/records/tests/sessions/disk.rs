//! A session on disk, across restarts of the server: it comes back with its template, and goes on.

use std::future::Future;
use std::path::Path;

use base::{SessionId, SessionKey, TenantId, Timestamp};
use bytes::Bytes;
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use records::{Programs, Stored, edit, load};
use store::{Commit, Durability, Expect, Image, ImageEdit, SnapshotKey, SqliteStore, Store, StoreConfig};
use vfs::{CHUNK_BYTES, Follow, Ino, ProgramTag, Quota, Tree};

const ROOT: Ino = Ino::ROOT;

/// The programs of a build that numbers them from `$first` on.
macro_rules! build {
    ($first:literal) => {
        Programs {
            name: &|tag| Some(format!("program {}", tag.0 - $first)),
            tag: &|name| Some(ProgramTag(name.strip_prefix("program ")?.parse::<u32>().ok()? + $first)),
        }
    };
}

struct Server {
    store: SqliteStore,
    key: SessionKey,
    template_key: SnapshotKey,
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

impl Server {
    fn start(folder: &Path) -> Self {
        let dir = Dir::open_ambient_dir(folder, ambient_authority()).unwrap();
        let store = SqliteStore::open(dir, StoreConfig::default()).unwrap();
        let tenant = TenantId::default_tenant();
        let key = SessionKey { tenant: tenant.clone(), id: SessionId::from_random(1) };
        Self { store, key, template_key: SnapshotKey { tenant, id: "template".to_owned() } }
    }

    fn stop(self) {
        wait(self.store.close()).unwrap();
    }

    fn commit(&self, edit: ImageEdit) -> Image {
        let commit = Commit {
            key: self.key.clone(),
            expect: Expect::Any,
            edit,
            record: Bytes::new(),
            command: None,
            refs: Vec::new(),
            durability: Durability::Strict,
        };
        wait(self.store.commit(commit)).unwrap().image
    }

    fn keep_template(&self, template: &Tree, programs: &Programs<'_>) -> Image {
        let image = wait(self.store.save_image(&self.key.tenant, edit(None, template, programs))).unwrap();
        wait(self.store.put_snapshot(&self.template_key, &image, Bytes::new(), Durability::Strict)).unwrap();
        image
    }

    fn load(&self, image: &Image, template: Option<Stored<'_>>, programs: &Programs<'_>) -> Tree {
        load(&self.store, &self.key.tenant, image, template, Quota::UNLIMITED, programs).unwrap()
    }
}

fn template() -> Tree {
    let now = Timestamp(1);
    let mut tree = Tree::new(Quota::UNLIMITED, now);
    tree.mkdir(ROOT, b"/bin", 0o755, now).unwrap();
    let ls = tree.put_file(ROOT, b"/bin/ls", &vec![7; 3 * CHUNK_BYTES], 0o755, now).unwrap();
    tree.set_program(ls, ProgramTag(105)).unwrap();
    tree
}

/// Changes something of every kind, differently for each `round`.
fn work(tree: &mut Tree, round: u8) {
    let now = Timestamp(1000 + u64::from(round));
    let dir = format!("/bin/dir{round}");
    tree.mkdir(ROOT, dir.as_bytes(), 0o755, now).unwrap();
    for n in 0..100 {
        let content = vec![round; n * 17];
        tree.put_file(ROOT, format!("{dir}/file{n}").as_bytes(), &content, 0o644, now).unwrap();
    }
    let log = tree.create(ROOT, b"/log", 0o644, false, now).unwrap();
    tree.append(log, &vec![round; CHUNK_BYTES], now).unwrap();
    tree.symlink(dir.as_bytes(), ROOT, format!("/link{round}").as_bytes(), now).unwrap();
    if round > 0 {
        tree.rename(ROOT, format!("/bin/dir{}", round - 1).as_bytes(), ROOT, format!("{dir}/old").as_bytes(), now)
            .unwrap();
        tree.unlink(ROOT, format!("{dir}/old/file{round}").as_bytes(), now).unwrap();
    }
}

#[test]
fn a_session_and_its_template_come_back_after_each_restart() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let mut expected = {
        let (template, programs) = (template(), build!(100));
        let image = server.keep_template(&template, &programs);
        let tree = Tree::from_template(&template, Quota::UNLIMITED);
        server.commit(edit(Some(Stored { tree: &template, image: &image }), &tree, &programs));
        tree
    };
    server.stop();
    for round in 0..4u8 {
        // Each build numbers its programs anew, and has only what the store keeps.
        let programs = if round % 2 == 0 { build!(200) } else { build!(100) };
        let server = Server::start(folder.path());
        let kept = wait(server.store.snapshot(&server.template_key)).unwrap().unwrap().image;
        let template = server.load(&kept, None, &programs);
        let head = wait(server.store.head(&server.key)).unwrap().unwrap();
        let mut tree = server.load(&head.image, Some(Stored { tree: &template, image: &kept }), &programs);
        tree.check_invariants().unwrap();
        assert!(tree.walk().eq(expected.walk()));
        assert_eq!((tree.usage(), tree.head()), (expected.usage(), expected.head()));
        let ls = tree.lookup(ROOT, b"/bin/ls", Follow::No).unwrap();
        assert_eq!(tree.program(ls), (programs.tag)("program 5"));
        let before = tree.clone();
        work(&mut tree, round);
        work(&mut expected, round);
        server.commit(edit(Some(Stored { tree: &before, image: &head.image }), &tree, &programs));
        server.stop();
    }
}
