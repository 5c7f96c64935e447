//! Every function with every kind of bad argument: an errno or the guest's end, never a panic of the host.

use sandshell_wasi::{p1, program};

use crate::fixture::{Arg, Fixture, MEMORY, SIGNATURES, linker};

/// Numbers that are wrong as an address, a length, a descriptor or an offset.
const WORDS: [u32; 12] =
    [0, 1, 3, 64, MEMORY - 1, MEMORY, MEMORY - 8, 0x7fff_ffff, 0x8000_0000, u32::MAX - 1, u32::MAX, 1 << 20];
const LONGS: [u64; 5] = [0, 1, 1 << 32, 1 << 63, u64::MAX];

/// A small generator, so that a failure can be run again.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % n
    }
}

#[test]
fn no_argument_reaches_a_panic() {
    const ROUNDS: usize = 400;
    let mut random = Random(42);
    for (_, name, params, _) in SIGNATURES {
        // These wait, as they should, until somebody else does something.
        if *name == "wait" || *name == "wait_for" {
            continue;
        }
        let mut guest = Fixture::new();
        for _ in 0..ROUNDS {
            let args: Vec<Arg> = params
                .chars()
                .map(|kind| match kind {
                    'I' => LONGS[random.below(LONGS.len())].into(),
                    _ => WORDS[random.below(WORDS.len())].into(),
                })
                .collect();
            guest.put(0, &vec![0; MEMORY as usize]);
            // Descriptors are closed and the process may be killed on the way; only a panic is a failure.
            if guest.try_call(name, &args).is_err() {
                guest = Fixture::new();
            }
        }
        guest.kernel.with_tree(|tree| tree.check_invariants()).expect(name);
    }
}

#[test]
fn every_listed_function_is_linked_and_no_other() {
    let fixture = Fixture::new();
    let engine = fixture.store.engine().clone();
    let linker = linker(&engine);
    let mut store = fixture.store;
    let mut linked: Vec<(String, String)> =
        linker.iter(&mut store).map(|(module, name, _)| (module.to_owned(), name.to_owned())).collect();
    linked.sort();
    let listed = |module: &'static str, names: &'static [&str]| {
        names.iter().map(move |name| (module.to_owned(), (*name).to_owned()))
    };
    let unstable = listed(p1::UNSTABLE_MODULE, p1::FUNCTIONS).filter(|(_, name)| name != p1::NOT_IN_UNSTABLE);
    let expected: Vec<_> =
        listed(program::MODULE, program::FUNCTIONS).chain(listed(p1::MODULE, p1::FUNCTIONS)).chain(unstable).collect();
    assert_eq!(linked, expected);
    assert_eq!(SIGNATURES.len(), program::FUNCTIONS.len() + p1::FUNCTIONS.len());
}
