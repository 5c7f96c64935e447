//! Processes: spawn, wait, kill, groups, orphans, interpreters, limits, and the order of an end.

use crate::common::*;
use base::{Errno, Limits, Pid, Signal};
use bytes::Bytes;
use kernel::{
    At, ChildGroup, Disposition, Executable, HostBudget, KillTarget, SpawnRequest, TryIo, WaitFor, WaitStatus,
    exec_failure_status,
};
use vfs::Follow;

#[test]
fn a_child_has_its_arguments_and_exactly_the_descriptors_it_was_given() {
    let world = World::new();
    world.program("/bin/show", |spec| async move {
        assert_eq!(spec.argv, [b"show".to_vec(), b"-l".to_vec()]);
        assert_eq!(spec.env, [b"A=1".to_vec()]);
        assert_eq!(spec.process.open_fds(), [1, 5]);
        assert_eq!(spec.process.getcwd(), Ok(b"/tmp".to_vec()));
        assert_eq!(spec.process.umask(None), 0o077);
        assert_eq!(spec.process.parent_pid(), Pid(1));
        write(&spec.process, 5, b"shown").await.unwrap();
        WaitStatus::Exited(7)
    });
    block_on(async {
        world.shell.chdir(At::Cwd, b"tmp").unwrap();
        world.shell.umask(Some(0o077));
        let mut request = request("/bin/show", &[(5, 1), (1, 2)]);
        request.argv = vec![b"show".to_vec(), b"-l".to_vec()];
        request.env = vec![b"A=1".to_vec()];
        let child = world.shell.spawn(request).unwrap();
        assert_eq!(child, Pid(2));
        assert_eq!(status_of(&world.shell, child).await, WaitStatus::Exited(7));
        assert_eq!(world.run.output().stream(kernel::Stream::Stdout).into_bytes(), b"shown");
        assert_eq!(world.shell.try_wait(WaitFor::Pid(child)), Err(Errno::ECHILD), "reaped once");
    });
    world.check();
}

#[test]
fn niceness_is_bounded_and_inherited() {
    let world = World::new();
    world.program("/bin/nicer", |spec| async move {
        assert_eq!(spec.process.add_niceness(3), Ok(13));
        assert_eq!(spec.process.add_niceness(i32::MAX), Ok(19));
        assert_eq!(spec.process.add_niceness(i32::MIN), Ok(-20));
        WaitStatus::Exited(0)
    });
    block_on(async {
        assert_eq!(world.shell.add_niceness(10), Ok(10));
        let child = world.shell.spawn(request("/bin/nicer", &[])).unwrap();
        assert_eq!(status_of(&world.shell, child).await, WaitStatus::Exited(0));
        assert_eq!(world.shell.add_niceness(0), Ok(10), "a child's is its own");
    });
    world.check();
}

#[test]
fn what_cannot_be_executed_says_why() {
    let world = World::new();
    world.program("/bin/true", succeed);
    world.file("/tmp/data", b"just text", 0o755);
    world.file("/tmp/plain", b"#!/bin/true\n", 0o644);
    world.file("/tmp/orphan", b"#!/absent\n", 0o755);
    world.file("/tmp/empty", b"", 0o755);
    world.file("/tmp/module", b"\0asm\x01\0\0\0", 0o755);
    world.file("/tmp/loop", b"#!/tmp/loop\n", 0o755);
    block_on(async {
        let check = |path: &str, error: Errno, status: u8| {
            assert_eq!(world.shell.spawn(request(path, &[])), Err(error), "{path}");
            assert_eq!(exec_failure_status(error), status, "{path}");
        };
        check("/bin/absent", Errno::ENOENT, 127);
        check("/bin/true/below", Errno::ENOTDIR, 127);
        check("/tmp", Errno::EACCES, 126);
        check("/dev/null", Errno::EACCES, 126);
        check("/dev/fd/1", Errno::EACCES, 126);
        check("/tmp/plain", Errno::EACCES, 126);
        check("/tmp/data", Errno::ENOEXEC, 126);
        check("/tmp/empty", Errno::ENOEXEC, 126);
        check("/tmp/module", Errno::ENOEXEC, 126);
        check("/tmp/orphan", Errno::ENOENT, 127);
        check("/tmp/loop", Errno::ELOOP, 126);
        assert_eq!(world.shell.spawn(request("/bin/true", &[(0, 55)])), Err(Errno::EBADF));
        assert_eq!(world.shell.spawn(request("/bin/true", &[(5000, 1)])), Err(Errno::EBADF));
    });
    assert_eq!(world.kernel.n_jobs(), 0);
    world.check();
}

#[test]
fn a_script_is_run_by_its_interpreter_with_one_argument() {
    let world = World::new();
    world.program("/bin/interp", |spec| async move {
        let argv: Vec<_> = spec.argv.iter().map(|arg| String::from_utf8_lossy(arg).into_owned()).collect();
        write(&spec.process, 1, argv.join("|").as_bytes()).await.unwrap();
        WaitStatus::Exited(0)
    });
    world.shell_stage(|spec| async move {
        assert!(matches!(spec.executable, Executable::Shell));
        write(&spec.process, 1, &spec.argv.concat()).await.unwrap();
        WaitStatus::Exited(0)
    });
    world.file("/tmp/script", b"#! /bin/interp  -a -b \nrest", 0o755);
    world.file("/tmp/nested", b"#!/tmp/script\n", 0o755);
    world.file("/tmp/shell", b"#!/bin/sh\necho", 0o755);
    block_on(async {
        for (path, expected) in [
            ("/tmp/script", "/bin/interp|-a -b|/tmp/script|x"),
            ("/tmp/nested", "/bin/interp|-a -b|/tmp/script|/tmp/nested|x"),
            ("/tmp/shell", "/bin/sh/tmp/shellx"),
        ] {
            let run = begin(&world.kernel, kernel::Stdin::Empty);
            let mut request = request(path, &[(1, 1)]);
            request.argv = vec![b"zero".to_vec(), b"x".to_vec()];
            let child = world.shell.spawn(request).unwrap();
            assert_eq!(status_of(&world.shell, child).await, WaitStatus::Exited(0));
            assert_eq!(run.output().stream(kernel::Stream::Stdout).into_bytes(), expected.as_bytes());
        }
    });
}

#[test]
fn the_search_in_path_takes_the_first_executable_and_remembers_a_refusal() {
    let world = World::new();
    world.program("/bin/tool", succeed);
    world.file("/tmp/tool", b"not executable", 0o644);
    world.file("/tmp/plain", b"not executable", 0o644);
    let search = |name: &str, path: &str| world.shell.search_path(name.as_bytes(), path.as_bytes());
    assert_eq!(search("tool", "/absent:/tmp:/bin"), Ok(b"/bin/tool".to_vec()));
    assert_eq!(search("plain", "/tmp:/bin"), Err(Errno::EACCES));
    assert_eq!(search("absent", "/tmp:/bin"), Err(Errno::ENOENT));
    assert_eq!(search("./x", "/bin"), Ok(b"./x".to_vec()));
    assert_eq!(search("", "/bin"), Err(Errno::ENOENT));
    world.shell.chdir(At::Cwd, b"/bin").unwrap();
    assert_eq!(search("tool", ""), Ok(b"./tool".to_vec()));
}

#[test]
fn wait_answers_children_in_the_order_of_their_end() {
    let world = World::new();
    world.program("/bin/echo", |spec| async move {
        let status = read(&spec.process, 0, 1).await.unwrap().first().copied().unwrap_or(0);
        WaitStatus::Exited(status)
    });
    block_on(async {
        let (slow_in, slow_out) = world.shell.pipe(10).unwrap();
        let (fast_in, fast_out) = world.shell.pipe(10).unwrap();
        let slow = spawn(&world.shell, "/bin/echo", &[(0, slow_in)]);
        let mut in_group = request("/bin/echo", &[(0, fast_in)]);
        in_group.group = ChildGroup::New;
        let fast = world.shell.spawn(in_group).unwrap();
        assert_eq!(world.shell.try_wait(WaitFor::Any), Ok(TryIo::WouldBlock));
        write_now(&world.shell, fast_out, &[9]).unwrap();
        assert_eq!(wait(&world.shell, WaitFor::Any).await, Ok((fast, WaitStatus::Exited(9))));
        assert_eq!(world.shell.try_wait(WaitFor::Group(fast)), Err(Errno::ECHILD));
        write_now(&world.shell, slow_out, &[8]).unwrap();
        assert_eq!(wait(&world.shell, WaitFor::Group(Pid(1))).await, Ok((slow, WaitStatus::Exited(8))));
        assert_eq!(world.shell.try_wait(WaitFor::Any), Err(Errno::ECHILD));
    });
    world.check();
}

#[test]
fn descriptors_close_before_the_status_is_seen() {
    let world = World::new();
    world.program("/bin/writer", |spec| async move {
        write(&spec.process, 1, b"x").await.unwrap();
        WaitStatus::Exited(0)
    });
    block_on(async {
        let (reader, writer) = world.shell.pipe(10).unwrap();
        let child = spawn(&world.shell, "/bin/writer", &[(1, writer)]);
        world.shell.close(writer).unwrap();
        status_of(&world.shell, child).await;
        assert_eq!(read_now(&world.shell, reader, 9), Ok(b"x".to_vec()));
        assert_eq!(read_now(&world.shell, reader, 9), Ok(Vec::new()), "end of file without waiting");
    });
}

#[test]
fn kill_ends_a_process_unless_it_ignores_the_signal() {
    let world = World::new();
    world.program("/bin/sleep", sleep_for_ever);
    block_on(async {
        let child = spawn(&world.shell, "/bin/sleep", &[]);
        let target = KillTarget::from_raw(i32::try_from(child.0).unwrap());
        assert_eq!(world.shell.kill(target, None), Ok(()));
        world.shell.kill(target, Some(Signal::TERM)).unwrap();
        assert_eq!(status_of(&world.shell, child).await, killed_by(Signal::TERM));
        assert_eq!(world.shell.kill(target, None), Err(Errno::ESRCH));

        let mut deaf = request("/bin/sleep", &[]);
        deaf.ignored = kernel::signal_set(&[15, 9]);
        let child = world.shell.spawn(deaf).unwrap();
        let kill = |signal| world.shell.kill(KillTarget::Pid(child), Some(signal));
        kill(Signal::TERM).unwrap();
        kill(Signal::CHLD).unwrap();
        kill(Signal::CONT).unwrap();
        assert_eq!(kill(Signal(65)), Err(Errno::EINVAL));
        assert_eq!(kill(Signal(0)), Err(Errno::EINVAL));
        kill(Signal::KILL).unwrap();
        assert_eq!(status_of(&world.shell, child).await, killed_by(Signal::KILL), "nobody ignores SIGKILL");
    });
    world.check();
}

#[test]
fn a_zombie_can_be_signalled_and_stays_as_it_ended() {
    let world = World::new();
    world.program("/bin/true", succeed);
    block_on(async {
        let child = spawn(&world.shell, "/bin/true", &[]);
        world.kernel.jobs_gone().await;
        assert_eq!(world.shell.kill(KillTarget::Pid(child), Some(Signal::KILL)), Ok(()));
        assert_eq!(status_of(&world.shell, child).await, WaitStatus::Exited(0));
    });
}

#[test]
fn a_group_is_signalled_as_one() {
    let world = World::new();
    world.program("/bin/sleep", sleep_for_ever);
    block_on(async {
        let mut leader = request("/bin/sleep", &[]);
        leader.group = ChildGroup::New;
        let leader = world.shell.spawn(leader).unwrap();
        let mut member = request("/bin/sleep", &[]);
        member.group = ChildGroup::Join(leader);
        let member = world.shell.spawn(member).unwrap();
        let outsider = spawn(&world.shell, "/bin/sleep", &[]);
        let target = KillTarget::from_raw(-i32::try_from(leader.0).unwrap());
        world.shell.kill(target, Some(Signal::INT)).unwrap();
        assert_eq!(status_of(&world.shell, leader).await, killed_by(Signal::INT));
        assert_eq!(status_of(&world.shell, member).await, killed_by(Signal::INT));
        assert_eq!(world.shell.try_wait(WaitFor::Pid(outsider)), Ok(TryIo::WouldBlock));
        assert_eq!(world.shell.kill(target, None), Err(Errno::ESRCH));
        let mut stranger = request("/bin/sleep", &[]);
        stranger.group = ChildGroup::Join(leader);
        assert_eq!(world.shell.spawn(stranger), Err(Errno::EPERM));
        world.shell.kill(KillTarget::All, Some(Signal::KILL)).unwrap();
        assert_eq!(status_of(&world.shell, outsider).await, killed_by(Signal::KILL));
        assert_eq!(world.shell.interruption(), None);
    });
    world.check();
}

#[test]
fn orphans_become_the_shells_and_vanish_when_they_end() {
    let world = World::new();
    world.program("/bin/sleep", sleep_for_ever);
    world.program("/bin/nohup", |spec| async move {
        spec.process.spawn(request("/bin/sleep", &[])).unwrap();
        WaitStatus::Exited(0)
    });
    block_on(async {
        let parent = spawn(&world.shell, "/bin/nohup", &[]);
        status_of(&world.shell, parent).await;
        let orphan = world.kernel.process_list().into_iter().find(|row| row.name == b"/bin/sleep").unwrap();
        assert_eq!(orphan.parent, Pid(1));
        assert_eq!(world.shell.try_wait(WaitFor::Any), Err(Errno::ECHILD), "it is nobody's to wait for");
        world.shell.kill(KillTarget::Pid(orphan.pid), Some(Signal::TERM)).unwrap();
        world.kernel.jobs_gone().await;
        assert_eq!(world.kernel.process_list().len(), 1);
    });
    world.check();
}

#[test]
fn handled_signals_are_taken_one_by_one_and_the_end_of_the_run_first() {
    let world = World::new();
    let me = KillTarget::OwnGroup;
    for signal in [Signal::USR2, Signal::USR1, Signal::XCPU] {
        world.shell.set_disposition(signal, Disposition::Handle).unwrap();
        world.shell.kill(me, Some(signal)).unwrap();
        world.shell.kill(me, Some(signal)).unwrap();
    }
    assert_eq!(world.shell.interruption(), Some(kernel::Interruption::Pending));
    world.shell.set_disposition(Signal::USR2, Disposition::Ignore).unwrap();
    let taken: Vec<_> = std::iter::from_fn(|| world.shell.take_signal()).collect();
    assert_eq!(taken, [Signal::XCPU, Signal::USR1]);
    assert_eq!(world.shell.set_disposition(Signal::KILL, Disposition::Ignore), Err(Errno::EINVAL));
    assert_eq!(world.shell.set_disposition(Signal(0), Disposition::Ignore), Err(Errno::EINVAL));
    assert_eq!(world.shell.disposition(Signal::USR2), Disposition::Ignore);
}

#[test]
fn a_childs_end_is_a_signal_for_who_handles_it() {
    let world = World::new();
    world.program("/bin/true", succeed);
    block_on(async {
        spawn(&world.shell, "/bin/true", &[]);
        world.kernel.jobs_gone().await;
        assert_eq!(world.shell.take_signal(), None);
        world.shell.set_disposition(Signal::CHLD, Disposition::Handle).unwrap();
        spawn(&world.shell, "/bin/true", &[]);
        assert_eq!(world.shell.interrupted().await, kernel::Interruption::Pending);
        assert_eq!(world.shell.take_signal(), Some(Signal::CHLD));
    });
}

#[test]
fn a_shell_stage_gets_its_state_and_ignores_what_its_parent_ignores() {
    let world = World::new();
    world.shell_stage(|spec| async move {
        let Executable::ShellStage { state, stage } = &spec.executable else { return WaitStatus::Exited(1) };
        assert_eq!((state.as_ref(), stage.as_ref()), (&b"state"[..], &b"stage"[..]));
        assert_eq!(spec.process.disposition(Signal::INT), Disposition::Ignore);
        assert_eq!(spec.process.disposition(Signal::USR1), Disposition::Default);
        WaitStatus::Exited(4)
    });
    block_on(async {
        world.shell.set_disposition(Signal::INT, Disposition::Ignore).unwrap();
        world.shell.set_disposition(Signal::USR1, Disposition::Handle).unwrap();
        let (state, stage) = (Bytes::from_static(b"state"), Bytes::from_static(b"stage"));
        let child = world.shell.spawn_shell(state, stage, vec![(1, 1)], ChildGroup::Inherit).unwrap();
        world.check();
        assert_eq!(status_of(&world.shell, child).await, WaitStatus::Exited(4));
    });
    world.check();
}

#[test]
fn too_many_processes_are_eagain_in_the_session_and_in_the_host() {
    let budget = HostBudget::new(u64::MAX, 2);
    let limits = Limits { processes: 3, ..Limits::default() };
    let one = World::with(limits.clone(), budget.clone());
    let two = World::with(limits, budget.clone());
    for world in [&one, &two] {
        world.program("/bin/sleep", sleep_for_ever);
    }
    block_on(async {
        spawn(&one.shell, "/bin/sleep", &[]);
        let second = spawn(&one.shell, "/bin/sleep", &[]);
        assert_eq!(one.shell.spawn(request("/bin/sleep", &[])), Err(Errno::EAGAIN));
        assert_eq!(two.shell.spawn(request("/bin/sleep", &[])), Err(Errno::EAGAIN));
        assert_eq!(budget.processes_used(), 2);
        one.shell.kill(KillTarget::Pid(second), Some(Signal::KILL)).unwrap();
        status_of(&one.shell, second).await;
        spawn(&two.shell, "/bin/sleep", &[]);
    });
}

#[test]
fn too_many_arguments_are_e2big() {
    let world = World::new();
    world.program("/bin/true", succeed);
    let with = |n: usize| SpawnRequest { env: vec![vec![b'x'; 1024]; n], ..request("/bin/true", &[]) };
    block_on(async {
        assert_eq!(world.shell.spawn(with(2048)), Err(Errno::E2BIG));
        let child = world.shell.spawn(with(2000)).unwrap();
        status_of(&world.shell, child).await;
    });
    world.check();
}

#[test]
fn a_process_that_the_footprint_has_no_room_for_is_not_started() {
    let world = World::with_limits(Limits { footprint_bytes: 20_000, ..Limits::default() });
    world.program("/bin/true", succeed);
    block_on(async {
        let large = SpawnRequest { env: vec![vec![b'x'; 20_000]], ..request("/bin/true", &[(1, 1)]) };
        assert_eq!(world.shell.spawn(large), Err(Errno::ENOMEM));
        world.check();
        let child = spawn(&world.shell, "/bin/true", &[(1, 1)]);
        status_of(&world.shell, child).await;
    });
    world.check();
}

#[test]
fn process_time_goes_to_who_waits() {
    let world = World::new();
    world.program("/bin/work", |spec| async move {
        spec.process.add_cpu(1000);
        WaitStatus::Exited(0)
    });
    block_on(async {
        let child = spawn(&world.shell, "/bin/work", &[]);
        status_of(&world.shell, child).await;
        world.shell.add_cpu(10);
        assert_eq!(world.shell.cpu_times(), (10, 1000));
        let usage = world.run.usage();
        assert_eq!((usage.cpu.as_nanos(), usage.processes), (1010, 2));
    });
}

#[test]
fn the_working_directory_outlives_its_removal() {
    let world = World::new();
    world.shell.mkdir(At::Cwd, b"/tmp/gone", 0o777).unwrap();
    assert_eq!(world.shell.chdir(At::Cwd, b"/tmp/./gone/"), Ok(b"/tmp/gone".to_vec()));
    world.shell.rmdir(At::Cwd, b"/tmp/gone").unwrap();
    assert_eq!(world.shell.getcwd(), Err(Errno::ENOENT));
    assert_eq!(open(&world.shell, "file", CREATE), Err(Errno::ENOENT));
    assert!(world.shell.stat(At::Cwd, b".", Follow::Yes).is_ok());
    assert_eq!(world.shell.chdir(At::Cwd, b"/bin"), Ok(b"/bin".to_vec()));
    assert_eq!(world.shell.chdir(At::Cwd, b"/dev/null"), Err(Errno::ENOTDIR));
    assert_eq!(world.shell.getcwd(), Ok(b"/bin".to_vec()));
    world.check();
}
