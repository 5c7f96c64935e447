//! How operations are drawn: few names, so that they meet, and all that paths may contain.

use proptest::option;
use proptest::prelude::*;

use crate::ops::Op;

fn path() -> impl Strategy<Value = Vec<u8>> {
    let name = prop_oneof![
        6 => Just(&b"a"[..]),
        5 => Just(&b"b"[..]),
        4 => Just(&b"c"[..]),
        2 => Just(&b"dd"[..]),
        1 => Just(&b"."[..]),
        1 => Just(&b".."[..]),
    ];
    // Short ones twice as often: most operations should find what they name.
    let names = prop_oneof![3 => prop::collection::vec(name.clone(), 1..3), 1 => prop::collection::vec(name, 1..5)];
    (names, 0..4u8, 0..12u8).prop_map(|(names, lead, tail)| {
        let mut path = if lead == 0 { b"/".to_vec() } else { Vec::new() };
        path.extend(names.join(if tail == 1 { &b"//"[..] } else { b"/" }));
        if tail == 0 {
            path.push(b'/');
        }
        path
    })
}

/// Lengths around the edges of small files and chunks.
fn len() -> impl Strategy<Value = usize> {
    prop_oneof![4 => 0..200usize, 2 => 65_000..66_000usize, 1 => 131_000..140_000usize, 1 => Just(65_536usize)]
}

fn offset() -> impl Strategy<Value = u64> {
    len().prop_map(|len| len as u64)
}

pub(crate) fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (path(), any::<bool>()).prop_map(|(path, exclusive)| Op::Create { path, exclusive }),
        6 => path().prop_map(Op::Mkdir),
        3 => (path(), path()).prop_map(|(target, path)| Op::Symlink { target, path }),
        3 => (path(), any::<bool>(), path()).prop_map(|(old, follow, new)| Op::Link { old, follow, new }),
        3 => path().prop_map(Op::Unlink),
        2 => path().prop_map(Op::Rmdir),
        7 => (path(), path()).prop_map(|(old, new)| Op::Rename { old, new }),
        2 => (path(), any::<u8>(), len(), any::<bool>())
            .prop_map(|(path, fill, len, is_static)| Op::Put { path, fill, len, is_static }),
        5 => (path(), offset(), any::<u8>(), len())
            .prop_map(|(path, offset, fill, len)| Op::Write { path, offset, fill, len }),
        3 => (path(), any::<u8>(), len()).prop_map(|(path, fill, len)| Op::Append { path, fill, len }),
        3 => (path(), offset()).prop_map(|(path, len)| Op::Truncate { path, len }),
        1 => (path(), offset(), 0..70_000u64).prop_map(|(path, offset, len)| Op::Allocate { path, offset, len }),
        1 => (path(), option::of(0..9u32), option::of(0..9u32)).prop_map(|(path, uid, gid)| Op::Chown { path, uid, gid }),
        1 => (path(), option::of(0..5000u64), option::of(0..5000u64))
            .prop_map(|(path, atime, mtime)| Op::SetTimes { path, atime, mtime }),
        4 => (path(), offset(), len()).prop_map(|(path, offset, len)| Op::Read { path, offset, len }),
        1 => (path(), prop::sample::select(vec![&b"a"[..], b"b", b"bb", b"dd"]), 0..4usize)
            .prop_map(|(path, after, max)| Op::List { path, after: after.to_vec(), max }),
        2 => (path(), 0..0o10000u32).prop_map(|(path, mode)| Op::Chmod { path, mode }),
        3 => path().prop_map(Op::Open),
        2 => (0..4usize).prop_map(Op::Close),
        2 => (0..4usize, offset(), any::<u8>(), len())
            .prop_map(|(nth, offset, fill, len)| Op::WriteOpen { nth, offset, fill, len }),
        3 => (path(), any::<bool>()).prop_map(|(path, follow)| Op::Lookup { path, follow }),
        1 => (0..100_000u64).prop_map(Op::Charge),
        1 => Just(Op::Discharge),
        3 => Just(Op::Commit),
        2 => Just(Op::Mark),
        1 => Just(Op::RollBack),
        1 => Just(Op::Resume),
        2 => Just(Op::Fork),
    ]
}
