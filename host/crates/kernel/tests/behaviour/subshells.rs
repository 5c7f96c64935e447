//! Subshells of one process: what is copied, what is restored, whose the children are.

use crate::common::*;
use base::{Errno, Pid, Signal};
use kernel::{At, Disposition, Interruption, KillTarget, WaitFor, WaitStatus};

#[test]
fn leaving_a_subshell_undoes_descriptors_directory_mask_and_dispositions() {
    let world = World::new();
    let shell = &world.shell;
    let (reader, writer) = shell.pipe(10).unwrap();
    shell.set_disposition(Signal::INT, Disposition::Ignore).unwrap();
    let inner = shell.enter_subshell().unwrap();
    assert_eq!((shell.pid(), shell.own_pid()), (inner, Pid(1)));
    shell.chdir(At::Cwd, b"/tmp").unwrap();
    shell.umask(Some(0));
    shell.close(0).unwrap();
    shell.dup2(writer, 1).unwrap();
    shell.set_disposition(Signal::INT, Disposition::Default).unwrap();
    write_now(shell, 1, b"inside").unwrap();
    assert_ne!(shell.enter_subshell().unwrap(), inner);
    world.check();
    shell.leave_subshell();
    assert_eq!(shell.getcwd(), Ok(b"/tmp".to_vec()));
    shell.leave_subshell();
    assert_eq!(shell.pid(), Pid(1));
    assert_eq!(shell.getcwd(), Ok(b"/".to_vec()));
    assert_eq!(shell.umask(None), 0o022);
    assert_eq!(shell.open_fds(), [0, 1, 2, 10, 11]);
    assert_eq!(shell.disposition(Signal::INT), Disposition::Ignore);
    shell.close(writer).unwrap();
    assert_eq!(read_now(shell, reader, 99), Ok(b"inside".to_vec()));
    assert_eq!(read_now(shell, reader, 99), Ok(Vec::new()), "the subshell's copies are closed");
    shell.leave_subshell();
    world.check();
}

#[test]
fn children_belong_to_the_shell_that_started_them() {
    let world = World::new();
    world.program("/bin/sleep", sleep_for_ever);
    world.program("/bin/true", succeed);
    block_on(async {
        let shell = &world.shell;
        let outer_child = spawn(shell, "/bin/sleep", &[]);
        let subshell = shell.enter_subshell().unwrap();
        assert_eq!(shell.try_wait(WaitFor::Pid(outer_child)), Err(Errno::ECHILD));
        let inner_child = spawn(shell, "/bin/true", &[]);
        let row = world.kernel.process_list().into_iter().find(|row| row.pid == inner_child).unwrap();
        assert_eq!(row.parent, subshell);
        assert_eq!(wait(shell, WaitFor::Any).await, Ok((inner_child, WaitStatus::Exited(0))));
        let left_behind = spawn(shell, "/bin/sleep", &[]);
        shell.leave_subshell();
        world.check();
        assert_eq!(shell.try_wait(WaitFor::Pid(left_behind)), Err(Errno::ECHILD));
        shell.kill(KillTarget::Pid(left_behind), Some(Signal::KILL)).unwrap();
        shell.kill(KillTarget::Pid(outer_child), Some(Signal::KILL)).unwrap();
        assert_eq!(status_of(shell, outer_child).await, killed_by(Signal::KILL));
        world.kernel.jobs_gone().await;
        assert_eq!(world.kernel.process_list().len(), 1);
    });
    world.check();
}

#[test]
fn a_signal_to_a_subshell_is_taken_by_its_shell_and_kills_nobody_else() {
    let world = World::new();
    let subshell = world.shell.enter_subshell().unwrap();
    world.shell.kill(KillTarget::Pid(subshell), Some(Signal::TERM)).unwrap();
    assert_eq!(world.shell.interruption(), Some(Interruption::Pending));
    assert_eq!(world.shell.take_signal(), Some(Signal::TERM));
    world.shell.kill(KillTarget::Pid(Pid(1)), Some(Signal::TERM)).unwrap();
    assert_eq!(world.shell.interruption(), Some(Interruption::Die(Signal::TERM)));
}

#[test]
fn subshells_nest_up_to_a_bound() {
    let world = World::new();
    let depth = std::iter::from_fn(|| world.shell.enter_subshell().ok()).count();
    assert_eq!(depth, 256);
    assert_eq!(world.shell.enter_subshell(), Err(Errno::EAGAIN));
    world.check();
    for _ in 0..depth {
        world.shell.leave_subshell();
    }
    assert_eq!(world.shell.pid(), Pid(1));
    world.check();
}
