//! Snapshots made to exhaust the server are refused in little memory: an allocator counts.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::{ID, Server};

#[expect(dead_code, reason = "these tests need little of what the others share")]
#[path = "http/common.rs"]
mod common;

struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

#[expect(unsafe_code, reason = "an allocator is unsafe by its trait; this one only counts")]
// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(held, Ordering::Relaxed);
        // SAFETY: the caller's layout, as it came.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: what `alloc` answered, as it came.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// What decoding may take at most, whatever the body.
const MEMORY_BYTES: usize = 16 << 20;
const BODY_BYTES: usize = 10 << 20;

fn files(element: &str, times: usize) -> String {
    format!(r#"{{"version":1,"files":[{}]}}"#, vec![element; times].join(","))
}

/// Each bomb with the status and the start of the error it earns.
fn bombs() -> Vec<(&'static str, String, u16, &'static str)> {
    let deep = format!(r#"{{"path":"{}"}}"#, "/d".repeat(5000));
    let wide = (0..2_500).map(|i| format!(r#"{{"path":"/{i}{}"}}"#, "/d".repeat(2000))).collect::<Vec<_>>().join(",");
    let long = format!(r#"{{"path":"/{}"}}"#, "n".repeat(BODY_BYTES));
    let escaped = format!(r#"{{"path":"/{}"}}"#, "\\n".repeat(BODY_BYTES / 2));
    let content = format!(r#"{{"path":"/f","content":"{}"}}"#, "A".repeat(BODY_BYTES / 4 * 4 - 4) + "A===");
    let many = (0..1_000_000).map(|i| format!(r#"{{"path":"/{i}"}}"#)).collect::<Vec<_>>().join(",");
    let nested = format!(r#"{{"version":1,"x":{}"#, "[".repeat(BODY_BYTES));
    let late = format!(r#"{{"files":[{}],"version":2}}"#, vec![r#"{"path":"/a"}"#; 150_000].join(","));
    let link = r#"{"path":"/l","mode":134218239,"content":"Li4vLi4vZXRj"}"#;
    vec![
        ("a million entries", format!(r#"{{"version":1,"files":[{many}]}}"#), 422, "snapshot: too many entries"),
        ("a million empty entries", files("{}", 1_000_000), 422, "snapshot: invalid path"),
        ("many deep paths", format!(r#"{{"version":1,"files":[{wide}]}}"#), 422, "snapshot: too many entries"),
        ("deep paths", files(&deep, 1_000), 422, "snapshot: invalid path"),
        ("a long name", files(&long, 1), 422, "snapshot: invalid path"),
        ("a long escaped name", files(&escaped, 1), 422, "snapshot: invalid path"),
        ("content that is not base64", files(&content, 1), 400, "snapshot: parse: illegal base64"),
        ("nested arrays", nested, 400, "snapshot: parse: "),
        ("the wrong version at the end", late, 422, "snapshot: unsupported version 2"),
        ("links out of the tree", files(link, 150_000), 422, "snapshot: invalid link"),
    ]
}

#[tokio::test]
async fn bombs_are_refused_in_little_memory() {
    let server = Server::new();
    server.run(ID, "a").await;
    for (name, body, status, error) in bombs() {
        let body = bytes::Bytes::from(body);
        let before = HELD.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        let reply = server.send("POST", &format!("/session/{ID}/snapshot"), &[], body).await;
        let taken = PEAK.load(Ordering::Relaxed).saturating_sub(before);
        assert_eq!(reply.status.as_u16(), status, "{name}: {}", reply.text);
        assert!(reply.json()["error"].as_str().is_some_and(|text| text.starts_with(error)), "{name}: {}", reply.text);
        assert!(reply.text.len() < 1000, "{name}: the answer repeats the bomb");
        assert!(taken <= MEMORY_BYTES, "{name}: {taken} bytes");
        eprintln!("{name}: {taken} bytes");
    }
}
