//! Random system calls: whatever their order, references, charges, families and the tree's ledger stay right, and
//! when all is closed nothing is left charged.

use base::{Limits, Signal};
use bytes::Bytes;
use kernel::{At, ChildGroup, HostBudget, KillTarget, OpenFlags, Process, WaitEvents, WaitFor};
use proptest::prelude::*;
use vfs::Follow;

use crate::common::*;

#[derive(Clone, Copy, Debug)]
enum Call {
    Open { path: u8, create: bool },
    OpenBytes(u8),
    Link(u8),
    Close(u8),
    Dup(u8, u8),
    Dup2(u8, u8),
    Pipe,
    Capture,
    CaptureEnd(u8),
    Write(u8, u16),
    Read(u8, u16),
    Unlink(u8),
    Enter,
    Leave,
    Spawn { fds: [u8; 2], own_group: bool },
    SpawnShell(u8),
    Kill(u8),
    KillGroup(u8),
    Stop(u8),
    Continue(u8),
    Wait,
    WaitEvent,
    Proc(u8),
    Yield,
    NextRun,
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let call = prop_oneof![
        (0u8..3, any::<bool>()).prop_map(|(path, create)| Call::Open { path, create }),
        (0u8..200).prop_map(Call::OpenBytes),
        (0u8..20).prop_map(Call::Link),
        (0u8..20).prop_map(Call::Close),
        (0u8..20, 0u8..20).prop_map(|(fd, minimum)| Call::Dup(fd, minimum)),
        (0u8..20, 0u8..20).prop_map(|(fd, to)| Call::Dup2(fd, to)),
        Just(Call::Pipe),
        Just(Call::Capture),
        (0u8..20).prop_map(Call::CaptureEnd),
        (0u8..20, 0u16..9000).prop_map(|(fd, n)| Call::Write(fd, n)),
        (0u8..20, 0u16..9000).prop_map(|(fd, n)| Call::Read(fd, n)),
        (0u8..3).prop_map(Call::Unlink),
        Just(Call::Enter),
        Just(Call::Leave),
        (any::<[u8; 2]>(), any::<bool>())
            .prop_map(|(fds, own_group)| Call::Spawn { fds: fds.map(|fd| fd % 20), own_group }),
        (0u8..20).prop_map(Call::SpawnShell),
        (0u8..30).prop_map(Call::Kill),
        (2u8..30).prop_map(Call::KillGroup),
        (0u8..30).prop_map(Call::Stop),
        (0u8..30).prop_map(Call::Continue),
        Just(Call::Wait),
        Just(Call::WaitEvent),
        any::<u8>().prop_map(Call::Proc),
        Just(Call::Yield),
        Just(Call::NextRun),
    ];
    proptest::collection::vec(call, 1..80)
}

/// Opens something of /proc, which stays open, and reads all its names.
fn look_into_proc(shell: &Process, n: u8) {
    let names = ["self/status", "self/environ", "stat", "self/fd/3", "self/cwd/tmp/1", "2/limits", "3/fd", "self/exe"];
    let name = names[usize::from(n) % names.len()];
    let _refused = open(shell, &format!("/proc/{name}"), OpenFlags { create: n > 200, write: n > 200, ..READ });
    for row in shell.read_dir(At::Cwd, b"/proc").expect("it is there") {
        let path = [b"/proc/", row.name.as_slice()].concat();
        let stat = shell.stat(At::Cwd, &path, Follow::No).expect("nobody has gone meanwhile");
        assert_eq!((stat.ino, stat.kind), (row.ino, row.kind));
    }
}

/// Makes one call; refusals are as good as successes here.
async fn make(world: &World, call: Call) {
    let shell = &world.shell;
    let path = |n: u8| format!("/tmp/{n}");
    match call {
        Call::Open { path: n, create } => drop(open(shell, &path(n), OpenFlags { create, ..CREATE })),
        Call::OpenBytes(n) => drop(shell.open_bytes(Bytes::from(vec![0; n.into()]), 3)),
        Call::Link(fd) => drop(open(shell, &format!("/dev/fd/{fd}"), READ)),
        Call::Close(fd) => drop(shell.close(fd.into())),
        Call::Dup(fd, minimum) => drop(shell.dup(fd.into(), minimum.into())),
        Call::Dup2(fd, to) => drop(shell.dup2(fd.into(), to.into())),
        Call::Pipe => drop(shell.pipe(3)),
        Call::Capture => drop(shell.capture_begin(3)),
        Call::CaptureEnd(fd) => drop(shell.capture_end(fd.into())),
        Call::Write(fd, n) => drop(shell.try_write(fd.into(), &vec![1; n.into()])),
        Call::Read(fd, n) => drop(shell.try_read(fd.into(), &mut vec![0; n.into()])),
        Call::Unlink(n) => drop(shell.unlink(At::Cwd, path(n).as_bytes())),
        Call::Enter => drop(shell.enter_subshell()),
        Call::Leave => shell.leave_subshell(),
        Call::Spawn { fds, own_group } => {
            let fds: Vec<_> = (0..).zip(fds).map(|(child, own)| (child, own.into())).collect();
            let mut request = request("/bin/cat", &fds);
            request.group = if own_group { ChildGroup::New } else { ChildGroup::Inherit };
            let _refused = shell.spawn(request);
        }
        Call::SpawnShell(fd) => {
            let fds = vec![(1, fd.into())];
            let _refused = shell.spawn_shell(Bytes::from_static(b"state"), Bytes::new(), fds, ChildGroup::Inherit);
        }
        Call::Kill(pid) if pid > 1 => drop(shell.kill(KillTarget::Pid(base::Pid(pid.into())), Some(Signal::TERM))),
        Call::Kill(_) => drop(shell.kill(KillTarget::All, Some(Signal::KILL))),
        Call::KillGroup(group) => drop(shell.kill(KillTarget::Group(base::Pid(group.into())), Some(Signal::HUP))),
        Call::Stop(pid) => drop(shell.kill(KillTarget::Pid(base::Pid(pid.into())), Some(Signal::STOP))),
        Call::Continue(pid) => drop(shell.kill(KillTarget::Pid(base::Pid(pid.into())), Some(Signal::CONT))),
        Call::Wait => drop(shell.try_wait(WaitFor::Any)),
        Call::WaitEvent => drop(shell.try_wait_event(WaitFor::Any, WaitEvents { stopped: true, continued: true })),
        Call::Proc(n) => look_into_proc(shell, n),
        Call::Yield => tokio::task::yield_now().await,
        Call::NextRun => drop(begin(&world.kernel, kernel::Stdin::Empty)),
    }
}

proptest! {
    // Each case checks the books after every call, about 40 of them; `PROPTEST_CASES` sets their number.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_system_calls_keeps_the_books(calls in calls()) {
        let limits = Limits { footprint_bytes: 600_000, fds_per_process: 20, processes: 6, ..Limits::default() };
        // Less than the session may have, so that the host refuses, too.
        let budget = HostBudget::new(500_000, 100);
        let world = World::with(limits, budget.clone());
        world.program("/bin/cat", |spec| async move {
            loop {
                match read(&spec.process, 0, 500).await {
                    Ok(data) if data.is_empty() => return kernel::WaitStatus::Exited(0),
                    Ok(data) if write(&spec.process, 1, &data).await.is_ok() => tokio::task::yield_now().await,
                    _ => return kernel::WaitStatus::Exited(1),
                }
            }
        });
        world.shell_stage(succeed);
        block_on(async {
            for call in calls {
                make(&world, call).await;
                world.check();
                prop_assert_eq!(budget.memory_used(), world.kernel.footprint_reserved());
            }
            world.kernel.kill_all();
            world.kernel.jobs_gone().await;
            world.shell.exit(killed_by(Signal::KILL));
            world.check();
            prop_assert_eq!(world.kernel.with_tree(|tree| tree.charged()), 0);
            prop_assert_eq!(world.kernel.process_list().len(), 1);
            Ok(())
        })?;
    }
}
