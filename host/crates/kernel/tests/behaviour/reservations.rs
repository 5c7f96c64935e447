//! Sessions that share one host's memory: what their files may take of it together, and when it is given back.

use std::sync::Arc;

use base::{Errno, Limits, ManualClock};
use bytes::Bytes;
use kernel::{At, HostBudget, Kernel, RandomStream, Stdin, Whence};
use vfs::{Follow, Ino, Quota, Tree};

use crate::common::*;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// A budget in which files may use `bytes`, which is half of all; no session's own limit comes near.
fn budget(bytes: u64) -> HostBudget {
    assert!(bytes <= 64 * MIB, "more than half is for files in a larger one");
    HostBudget::new(2 * bytes, 100)
}

fn session(budget: &HostBudget) -> World {
    World::with(Limits::default(), budget.clone())
}

/// Writes `n` bytes to a new file and answers how many there was room for.
fn fill(world: &World, path: &str, n: u64) -> Result<u64, Errno> {
    let fd = open(&world.shell, path, CREATE)?;
    let piece = vec![1; 64 << 10];
    let mut done = 0;
    let result = loop {
        let want = usize::try_from((n - done).min(64 * KIB)).expect("small");
        match write_now(&world.shell, fd, &piece[..want]) {
            Ok(0) => break Ok(done),
            Ok(written) => done += written as u64,
            Err(Errno::ENOSPC) if done > 0 => break Ok(done),
            Err(error) => break Err(error),
        }
        world.check();
    };
    world.shell.close(fd).expect("it is open");
    result
}

fn footprint(world: &World) -> u64 {
    world.kernel.with_tree(|tree| tree.usage().footprint)
}

/// The books of all sessions and of the host agree.
fn check_all(budget: &HostBudget, worlds: &[&World]) {
    worlds.iter().for_each(|world| world.check());
    let reserved: u64 = worlds.iter().map(|world| world.kernel.footprint_reserved()).sum();
    assert_eq!(budget.footprint_reserved(), reserved);
}

/// A tree with one file of `n` bytes at /big, and the session's limits.
fn tree_with(n: u64) -> Tree {
    let mut tree = Tree::new(Quota::from(&Limits::default()), NOW);
    let content = vec![1; usize::try_from(n).expect("small")];
    tree.put_file(Ino::ROOT, b"/big", &content, 0o644, NOW).expect("below the limits");
    tree
}

#[test]
fn files_of_all_sessions_together_stay_below_the_hosts_memory() {
    let budget = budget(4 * MIB);
    let (one, two) = (session(&budget), session(&budget));
    let first = fill(&one, "/tmp/a", 100 * MIB).unwrap();
    assert!(first > 4 * MIB - 128 * KIB && first < 4 * MIB, "{first}");
    check_all(&budget, &[&one, &two]);
    assert!(budget.memory_used() <= 4 * MIB);
    assert!(footprint(&one) <= 4 * MIB);
    one.shell.unlink(At::Cwd, b"/tmp/a").unwrap();
    assert!(fill(&two, "/tmp/b", 100 * MIB).unwrap() > 4 * MIB - 512 * KIB);
    check_all(&budget, &[&one, &two]);
}

#[test]
fn an_operation_the_host_has_no_room_for_changes_nothing() {
    let budget = budget(MIB);
    let (one, two) = (session(&budget), session(&budget));
    two.file("/tmp/small", b"12345", 0o644);
    fill(&one, "/tmp/a", 100 * MIB).unwrap();
    // What the two have in hand is used up by names, so that the next one needs more of the host.
    let refused = (0..).find_map(|n| two.shell.mkdir(At::Cwd, format!("/tmp/d{n}").as_bytes(), 0o755).err());
    assert_eq!(refused, Some(Errno::ENOSPC));
    let (usage, version) = two.kernel.with_tree(|tree| (tree.usage(), tree.version()));
    assert_eq!(two.shell.mkdir(At::Cwd, b"/tmp/more", 0o755), Err(Errno::ENOSPC));
    assert_eq!(two.shell.open_bytes(Bytes::from(vec![0; 1 << 20]), 3), Err(Errno::ENOSPC));
    assert_eq!(two.kernel.with_tree(|tree| (tree.usage(), tree.version())), (usage, version));
    assert_eq!(two.content("/tmp/small"), b"12345");
    check_all(&budget, &[&one, &two]);
    one.shell.unlink(At::Cwd, b"/tmp/a").unwrap();
    two.shell.mkdir(At::Cwd, b"/tmp/more", 0o755).unwrap();
    check_all(&budget, &[&one, &two]);
}

#[test]
fn a_write_is_whole_when_there_is_room_and_as_long_as_possible_when_there_is_not() {
    let budget = budget(5 * MIB);
    let world = session(&budget);
    let fd = open(&world.shell, "/tmp/f", CREATE).unwrap();
    let data = vec![7; 3 << 20];
    assert_eq!(write_now(&world.shell, fd, &data), Ok(3 << 20));
    let rest = write_now(&world.shell, fd, &data).unwrap();
    assert!(rest > (2 << 20) - (256 << 10), "{rest}");
    assert_eq!(world.shell.fd_stat(fd).unwrap().size, (3 << 20) + rest as u64);
    check_all(&budget, &[&world]);
    world.shell.fd_truncate(fd, 0).unwrap();
    let log = open(&world.shell, "/tmp/log", APPEND).unwrap();
    assert_eq!(write_now(&world.shell, log, &data), Ok(3 << 20));
    assert_eq!(world.shell.pwrite(log, b"end", 0), Ok(3));
    world.shell.seek(log, -3, Whence::End).unwrap();
    assert_eq!(read_now(&world.shell, log, 9), Ok(b"end".to_vec()));
    check_all(&budget, &[&world]);
}

#[test]
fn a_session_that_holds_little_reserves_little() {
    let budget = budget(64 * MIB);
    let world = session(&budget);
    assert_eq!(budget.memory_used(), 0);
    world.file("/tmp/f", b"x", 0o644);
    assert!(budget.memory_used() <= 80 * KIB, "{}", budget.memory_used());
    fill(&world, "/tmp/big", 40 * MIB).unwrap();
    assert!(budget.memory_used() - footprint(&world) <= 4 * MIB);
    check_all(&budget, &[&world]);
}

#[test]
fn what_is_no_longer_held_is_given_back() {
    let budget = budget(64 * MIB);
    let world = session(&budget);
    let near_nothing = || assert!(budget.memory_used() <= 512 * KIB, "{}", budget.memory_used());
    fill(&world, "/tmp/f", 10 * MIB).unwrap();
    world.shell.unlink(At::Cwd, b"/tmp/f").unwrap();
    near_nothing();
    fill(&world, "/tmp/f", 10 * MIB).unwrap();
    let fd = open(&world.shell, "/tmp/f", CREATE).unwrap();
    world.shell.unlink(At::Cwd, b"/tmp/f").unwrap();
    assert!(budget.memory_used() >= 10 * MIB, "it is open");
    world.shell.close(fd).unwrap();
    near_nothing();
    let fd = world.shell.open_bytes(Bytes::from(vec![0; 10 << 20]), 3).unwrap();
    assert!(budget.memory_used() >= 10 * MIB);
    world.shell.close(fd).unwrap();
    near_nothing();
    fill(&world, "/tmp/f", 10 * MIB).unwrap();
    drop(world);
    assert_eq!((budget.memory_used(), budget.footprint_reserved()), (0, 0));
}

#[test]
fn what_comes_and_goes_moves_nothing_in_the_host() {
    let budget = budget(64 * MIB);
    let world = session(&budget);
    world.file("/tmp/f", &[1; 1000], 0o644);
    let pipe = || {
        let (reader, writer) = world.shell.pipe(3).unwrap();
        world.shell.close(reader).unwrap();
        world.shell.close(writer).unwrap();
    };
    pipe();
    let reserved = budget.memory_used();
    for _ in 0..10 {
        pipe();
        assert_eq!(budget.memory_used(), reserved);
    }
    check_all(&budget, &[&world]);
}

#[test]
fn linear_memory_and_files_share_the_hosts_memory() {
    let budget = budget(4 * MIB);
    let (one, two) = (session(&budget), session(&budget));
    let memory = one.shell.memory_account();
    assert!(memory.grow(7 * MIB));
    let written = fill(&two, "/tmp/f", 10 * MIB).unwrap();
    assert!(written < MIB, "{written}");
    assert!(!memory.grow(MIB));
    drop(memory);
    assert!(fill(&two, "/tmp/g", 2 * MIB).unwrap() == 2 * MIB);
    check_all(&budget, &[&one, &two]);
}

#[test]
fn processes_go_on_when_files_have_their_share() {
    let budget = budget(MIB);
    let (one, two) = (session(&budget), session(&budget));
    let use_up =
        |world: &World| (0..).find_map(|n| world.shell.mkdir(At::Cwd, format!("/tmp/{n}").as_bytes(), 0).err());
    [&one, &two].iter().for_each(|world| world.program("/bin/rm", succeed));
    for world in [&one, &two] {
        fill(world, "/tmp/f", 100 * MIB).unwrap_or_default();
        assert_eq!(use_up(world), Some(Errno::ENOSPC));
    }
    block_on(async {
        for world in [&one, &two, &one] {
            let (reader, writer) = world.shell.pipe(3).unwrap();
            world.shell.enter_subshell().unwrap();
            let child = spawn(&world.shell, "/bin/rm", &[(0, reader)]);
            assert_eq!(world.shell.mkdir(At::Cwd, b"/tmp/more", 0o755), Err(Errno::ENOSPC));
            check_all(&budget, &[&one, &two]);
            status_of(&world.shell, child).await;
            world.shell.leave_subshell();
            world.shell.close(reader).unwrap();
            world.shell.close(writer).unwrap();
            assert_eq!(world.shell.mkdir(At::Cwd, b"/tmp/more", 0o755), Err(Errno::ENOSPC), "not for files");
            check_all(&budget, &[&one, &two]);
        }
    });
    assert!(budget.footprint_reserved() <= MIB, "{}", budget.footprint_reserved());
    let memory = one.shell.memory_account();
    assert!(memory.grow(MIB - 4096), "programs have the rest");
    assert_eq!(two.shell.pipe(3), Err(Errno::ENFILE), "all is used");
    check_all(&budget, &[&one, &two]);
}

#[test]
fn a_refusal_for_another_reason_reserves_nothing() {
    let budget = budget(64 * MIB);
    let limits = Limits { inodes: 3, footprint_bytes: 10 * MIB, ..Limits::default() };
    let world = World::with(limits, budget.clone());
    (0..3).for_each(|n| world.file(&format!("/tmp/{n}"), b"", 0o644));
    let reserved = budget.memory_used();
    assert_eq!(world.shell.mkdir(At::Cwd, b"/tmp/d", 0o755), Err(Errno::ENOSPC));
    assert_eq!(world.shell.open_bytes(Bytes::from(vec![0; 11 << 20]), 3), Err(Errno::ENOSPC));
    assert_eq!(budget.memory_used(), reserved);
    check_all(&budget, &[&world]);
}

#[test]
fn an_import_reserves_what_it_brings_or_changes_nothing() {
    let budget = budget(4 * MIB);
    let (one, two) = (session(&budget), session(&budget));
    one.file("/tmp/f", b"kept", 0o644);
    let (reader, writer) = one.shell.pipe(3).unwrap();
    write_now(&one.shell, writer, b"x").unwrap();
    one.kernel.replace_tree(tree_with(2 * MIB)).unwrap();
    check_all(&budget, &[&one, &two]);
    two.file("/tmp/f", b"kept", 0o644);
    let held = open(&two.shell, "/tmp/f", READ).unwrap();
    let reserved = budget.memory_used();
    assert!(reserved >= 2 * MIB);
    assert_eq!(two.kernel.replace_tree(tree_with(3 * MIB)), Err(Errno::ENOSPC));
    assert_eq!(budget.memory_used(), reserved);
    assert_eq!(two.content("/tmp/f"), b"kept");
    assert_eq!(read_now(&two.shell, held, 9), Ok(b"kept".to_vec()));
    check_all(&budget, &[&one, &two]);
    one.kernel.replace_tree(tree_with(0)).unwrap();
    assert_eq!(read_now(&one.shell, reader, 9), Ok(b"x".to_vec()));
    two.kernel.replace_tree(tree_with(3 * MIB)).unwrap();
    check_all(&budget, &[&one, &two]);
    assert_eq!(two.shell.try_read(held, &mut [0; 1]), Err(Errno::EIO));
}

#[test]
fn a_session_begins_with_what_its_tree_holds_or_not_at_all() {
    let budget = budget(4 * MIB);
    let begin = |tree| {
        let (clock, random) = (Arc::new(ManualClock::new(NOW)), RandomStream::from_seed([0; 32]));
        Kernel::new(tree, Limits::default(), clock, Arc::new(Programs::default()), budget.clone(), random)
    };
    let first = begin(tree_with(3 * MIB)).unwrap();
    assert!(budget.memory_used() >= 3 * MIB);
    assert_eq!(begin(tree_with(2 * MIB)).map(drop), Err(Errno::ENOSPC));
    assert_eq!(first.check_invariants(), Ok(()));
    assert_eq!(budget.memory_used(), first.footprint_reserved());
    drop(first);
    assert_eq!(budget.memory_used(), 0);
    begin(tree_with(2 * MIB)).unwrap();
}

#[test]
fn a_rollback_goes_on_with_the_sessions_quota_and_never_repeats_a_version() {
    let world = session(&budget(64 * MIB));
    let quota = Quota::from(&Limits::default());
    let checkpoint = world.kernel.fork_tree();
    assert_eq!(checkpoint.quota(), quota, "not what happens to be reserved");
    world.file("/tmp/f", b"lost", 0o644);
    let version = world.kernel.with_tree(Tree::version);
    let mut unbounded = checkpoint.clone();
    unbounded.set_quota(Quota::UNLIMITED);
    world.kernel.replace_tree(unbounded).unwrap();
    assert_eq!(world.kernel.fork_tree().quota(), quota);
    world.file("/tmp/f", b"new", 0o644);
    let lookup = |tree: &Tree| tree.lookup(Ino::ROOT, b"/tmp/f", Follow::Yes).and_then(|ino| tree.stat(ino));
    assert_eq!(world.kernel.with_tree(lookup).unwrap().size, 3);
    assert!(world.kernel.with_tree(Tree::version) > version);
    assert_eq!(world.shell.statfs().total_bytes, quota.footprint_bytes);
    world.check();
}

#[test]
fn sessions_on_many_threads_keep_the_hosts_books() {
    let budget = budget(3 * MIB);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let budget = budget.clone();
            scope.spawn(move || {
                let world = session(&budget);
                for round in 0..20 {
                    let _refused = fill(&world, "/tmp/f", (round % 5) * 500 * KIB);
                    assert!(budget.memory_used() <= 3 * MIB);
                    let _missing = world.shell.unlink(At::Cwd, b"/tmp/f");
                    drop(begin(&world.kernel, Stdin::Empty));
                    world.check();
                }
            });
        }
    });
    assert_eq!((budget.memory_used(), budget.footprint_reserved()), (0, 0));
}

#[test]
fn the_host_knows_how_many_descriptors_are_open() {
    let budget = budget(MIB);
    let (one, other) = (session(&budget), session(&budget));
    let begun = budget.descriptors_open();
    let fd = open(&one.shell, "/f", CREATE).expect("room");
    let copy = one.shell.dup(fd, 10).expect("room");
    one.shell.pipe(3).expect("room");
    one.shell.dup2(fd, 20).expect("room");
    assert_eq!(budget.descriptors_open(), begun + 5);
    one.shell.dup2(copy, 20).expect("it replaces a name of the same description");
    one.shell.enter_subshell().expect("room");
    assert_eq!(budget.descriptors_open(), begun + begun / 2 + 10, "a subshell has a copy of each");
    one.shell.leave_subshell();
    one.shell.close(copy).expect("it is open");
    assert_eq!(budget.descriptors_open(), begun + 4);
    drop(one);
    assert_eq!(budget.descriptors_open(), begun / 2);
    drop(other);
    assert_eq!(budget.descriptors_open(), 0);
}
