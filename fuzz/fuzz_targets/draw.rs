//! Operations drawn from a fuzzer's bytes: few names, so that they meet, and the lengths where something changes.

use arbitrary::{Arbitrary, Result, Unstructured};
use sandshell_vfs::Quota;

use crate::ops::Op;
use crate::play::WORLDS_MAX;

/// More would make one play slow, and a fuzzer finds little in the tail.
const STEPS_MAX: usize = 200;

/// Everything one play needs.
#[derive(Debug)]
pub struct Play {
    pub shipped: Vec<Op>,
    pub quota: Quota,
    pub steps: Vec<(usize, Op)>,
}

impl<'a> Arbitrary<'a> for Play {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let quota = quota(u)?;
        let mut shipped = Vec::new();
        for _ in 0..u.int_in_range(0..=20)? {
            shipped.push(op(u)?);
        }
        let mut steps = Vec::new();
        while !u.is_empty() && steps.len() < STEPS_MAX {
            steps.push((u.int_in_range(0..=WORLDS_MAX - 1)?, op(u)?));
        }
        Ok(Self { shipped, quota, steps })
    }
}

fn quota(u: &mut Unstructured<'_>) -> Result<Quota> {
    if u.arbitrary()? {
        return Ok(Quota::UNLIMITED);
    }
    let files = u.int_in_range(2..=30)?;
    Ok(Quota {
        max_files: Some(files),
        max_bytes: Some(u.int_in_range(1_000..=300_000)?),
        inodes: files + 2,
        footprint_bytes: u.int_in_range(5_000..=400_000)?,
    })
}

fn path(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    const NAMES: [&[u8]; 12] = [b"a", b"b", b"c", b"dd", b".", b"..", b"a", b"b", b"c", b"a", b"b", b"c"];
    let shape: u8 = u.arbitrary()?;
    let names: Vec<&[u8]> = (0..shape % 4).map(|_| u.choose(&NAMES).copied()).collect::<Result<_>>()?;
    let mut path = if shape & 0x10 == 0 { Vec::new() } else { b"/".to_vec() };
    path.extend(names.join(if shape & 0xE0 == 0xE0 { &b"//"[..] } else { b"/" }));
    if shape & 0xE0 == 0x20 {
        path.push(b'/');
    }
    Ok(path)
}

fn len(u: &mut Unstructured<'_>) -> Result<usize> {
    match u.int_in_range(0..=7u8)? {
        0..=3 => u.int_in_range(0..=200),
        4 => u.int_in_range(65_000..=66_000),
        5 => u.int_in_range(131_000..=140_000),
        6 => Ok(65_536),
        _ => Ok(0),
    }
}

fn offset(u: &mut Unstructured<'_>) -> Result<u64> {
    len(u).map(|len| len as u64)
}

fn some<T>(u: &mut Unstructured<'_>, draw: impl FnOnce(&mut Unstructured<'_>) -> Result<T>) -> Result<Option<T>> {
    if u.arbitrary()? { draw(u).map(Some) } else { Ok(None) }
}

fn op(u: &mut Unstructured<'_>) -> Result<Op> {
    Ok(match u.int_in_range(0..=26u8)? {
        0 | 1 => Op::Create { path: path(u)?, exclusive: u.arbitrary()? },
        2 | 3 => Op::Mkdir(path(u)?),
        4 => Op::Symlink { target: path(u)?, path: path(u)? },
        5 => Op::Link { old: path(u)?, follow: u.arbitrary()?, new: path(u)? },
        6 => Op::Unlink(path(u)?),
        7 => Op::Rmdir(path(u)?),
        8 | 9 => Op::Rename { old: path(u)?, new: path(u)? },
        10 => Op::Put { path: path(u)?, fill: u.arbitrary()?, len: len(u)?, is_static: u.arbitrary()? },
        11 => Op::Write { path: path(u)?, offset: offset(u)?, fill: u.arbitrary()?, len: len(u)? },
        12 => Op::Append { path: path(u)?, fill: u.arbitrary()?, len: len(u)? },
        13 => Op::Truncate { path: path(u)?, len: offset(u)? },
        14 => Op::Allocate { path: path(u)?, offset: offset(u)?, len: offset(u)? },
        15 => Op::Chmod { path: path(u)?, mode: u.int_in_range(0..=0o7777)? },
        16 => Op::Chown { path: path(u)?, uid: some(u, |u| u.arbitrary())?, gid: some(u, |u| u.arbitrary())? },
        17 => {
            let time = |u: &mut Unstructured<'_>| u.int_in_range(0..=5000u64);
            Op::SetTimes { path: path(u)?, atime: some(u, time)?, mtime: some(u, time)? }
        }
        18 => Op::Read { path: path(u)?, offset: offset(u)?, len: len(u)? },
        19 => Op::List { path: path(u)?, after: path(u)?, max: u.int_in_range(0..=4)? },
        20 => Op::Open(path(u)?),
        21 => Op::Close(u.int_in_range(0..=3)?),
        22 => Op::WriteOpen { nth: u.int_in_range(0..=3)?, offset: offset(u)?, fill: u.arbitrary()?, len: len(u)? },
        23 => Op::Lookup { path: path(u)?, follow: u.arbitrary()? },
        24 => u.choose(&[Op::Commit, Op::Discharge, Op::Resume])?.clone(),
        25 => u.choose(&[Op::Mark, Op::RollBack])?.clone(),
        _ => {
            if u.arbitrary()? {
                Op::Fork
            } else {
                Op::Charge(u.int_in_range(0..=100_000)?)
            }
        }
    })
}
