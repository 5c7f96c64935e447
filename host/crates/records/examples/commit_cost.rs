//! What a commit after `touch x` costs in a session that holds much, against one that holds nothing; what it costs to
//! load them, and one that holds a small file: `cargo run --release -p sandshell-records --example commit_cost`.

#![expect(clippy::unwrap_used, reason = "an example stops at what it does not expect")]

use std::time::Duration;

use base::{Clock as _, SystemClock, TenantId, Timestamp};
use futures_util::FutureExt as _;
use records::{Programs, Stored, edit, load};
use store::{Image, ImageEdit, MemoryStore, Store as _};
use vfs::{Ino, Quota, Tree};

const NOW: Timestamp = Timestamp(1);
const N_TOUCHES: usize = 501;
const N_FILES: usize = 10_000;
const BIG_BYTES: u64 = 1 << 30;

struct Bench {
    clock: SystemClock,
    store: MemoryStore,
    tenant: TenantId,
}

impl Bench {
    fn save(&self, edit: ImageEdit) -> Image {
        self.store.save_image(&self.tenant, edit).now_or_never().expect("memory does not wait").unwrap()
    }

    /// Prints the median of loading a session with one small file.
    fn load_small(&self, template: Stored<'_>) {
        let mut tree = Tree::from_template(template.tree, Quota::UNLIMITED);
        tree.put_file(Ino::ROOT, b"/tmp/file", b"content", 0o644, NOW).unwrap();
        let image = self.save(edit(Some(template), &tree, &Programs::NONE));
        let load_once = |_| {
            let start = self.clock.mono();
            load(&self.store, &self.tenant, &image, Some(template), Quota::UNLIMITED, &Programs::NONE).unwrap();
            self.clock.mono().since(start)
        };
        eprintln!("one small file: load {:?}", median((0..N_TOUCHES).map(load_once).collect()));
    }

    /// Touches new files, commits after each, and prints the medians of making the edit and of storing it.
    fn touches(&self, name: &str, template: Stored<'_>, mut tree: Tree) -> (Duration, Duration) {
        let mut image = self.save(edit(Some(template), &tree, &Programs::NONE));
        let (mut edits, mut saves) = (Vec::new(), Vec::new());
        for n in 0..N_TOUCHES {
            let before = tree.clone();
            tree.create(Ino::ROOT, format!("/tmp/x{n}").as_bytes(), 0o644, true, NOW).unwrap();
            let start = self.clock.mono();
            let edit = edit(Some(Stored { tree: &before, image: &image }), &tree, &Programs::NONE);
            let made = self.clock.mono();
            image = self.save(edit);
            edits.push(made.since(start));
            saves.push(self.clock.mono().since(made));
        }
        let start = self.clock.mono();
        let again = load(&self.store, &self.tenant, &image, Some(template), Quota::UNLIMITED, &Programs::NONE).unwrap();
        let loaded = self.clock.mono().since(start);
        assert_eq!(again.usage(), tree.usage());
        let medians = (median(edits), median(saves));
        eprintln!("{name}: edit {:?}, into a store in memory {:?}, load all {loaded:?}", medians.0, medians.1);
        medians
    }
}

/// Directories and files of the template, about as many as a real one has.
const N_TEMPLATE_FILES: usize = 1000;

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn main() {
    let bench = Bench { clock: SystemClock::new(), store: MemoryStore::new(), tenant: TenantId::default_tenant() };
    let mut template = Tree::new(Quota::UNLIMITED, NOW);
    template.mkdir(Ino::ROOT, b"/tmp", 0o1777, NOW).unwrap();
    template.mkdir(Ino::ROOT, b"/bin", 0o755, NOW).unwrap();
    for n in 0..N_TEMPLATE_FILES {
        template.put_file(Ino::ROOT, format!("/bin/{n}").as_bytes(), &[1; 5000], 0o755, NOW).unwrap();
    }
    let image = bench.save(edit(None, &template, &Programs::NONE));
    let stored = Stored { tree: &template, image: &image };
    let empty = Tree::from_template(&template, Quota::UNLIMITED);
    let mut full = empty.clone();
    for n in 0..N_FILES {
        full.put_file(Ino::ROOT, format!("/tmp/{n}").as_bytes(), b"content", 0o644, NOW).unwrap();
    }
    let big = full.create(Ino::ROOT, b"/big", 0o644, true, NOW).unwrap();
    full.allocate(big, 0, BIG_BYTES, NOW).unwrap();
    for index in 0..BIG_BYTES >> 16 {
        full.write_at(big, index << 16, &index.to_le_bytes(), NOW).unwrap();
    }
    bench.load_small(stored);
    let few = bench.touches("empty session", stored, empty);
    let many = bench.touches("1 GiB and 10,000 files", stored, full);
    let ratio = |many: Duration, few: Duration| many.as_secs_f64() / few.as_secs_f64();
    eprintln!("ratio: edit {:.2}, store {:.2}", ratio(many.0, few.0), ratio(many.1, few.1));
}
