//! After its first pass a loop of arithmetic, tests and scalar assignments allocates nothing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use guest_shell::Shell;
use guest_shell::sys::native::NativeSys;

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

#[expect(unsafe_code, reason = "an allocator is unsafe by its trait; this one only counts")]
// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's layout, as it came.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: what `alloc` answered, as it came.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Allocations of a script.
fn count(script: &str) -> u64 {
    let sys = Rc::new(NativeSys::new("/bin/false".into()).expect("the process has descriptors and a directory"));
    let mut shell = Shell::session(sys, &[]);
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    let (status, _) = shell.run(b"bash", script.as_bytes());
    assert_eq!(status, 0, "{script}");
    ALLOCATIONS.load(Ordering::Relaxed) - before
}

#[test]
fn loops_of_numbers_and_texts_allocate_once() {
    let bodies = [
        "((i++)); ((s += i * 2 % 7))",
        "((i++)); ((i % 2 == 0)) && ((even++)) || ((odd++))",
        "((i++)); x=abc; y=$x; x=$y$x",
        "((i++)); x=pre-$i-post; i=$((i)); s=$(($i + 1))",
        "((i++)); if [[ $i -gt 5 && $x != b* ]]; then x=a; else x=c; fi",
        "((i++)); case $x in a*) x=b;; *) x=a;; esac",
        "((i++)); a[1]=$i; ((a[0] += a[1]))",
    ];
    for body in bodies {
        let script = |times: u32| format!("i=0 s=0 x= y=; while ((i < {times})); do {body}; done; :");
        let (short, long) = (count(&script(2000)), count(&script(4000)));
        // A buffer that grows with a number's digits is no allocation per pass.
        assert!(long <= short + 20, "{body}: {short} allocations for 2000 passes, {long} for 4000");
    }
}
