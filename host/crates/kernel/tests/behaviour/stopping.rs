//! Stopping processes and letting them go on, and what their parents are told of it.

use base::{Errno, Pid, Signal};
use kernel::{
    ChildEvent, ChildGroup, Disposition, Interruption, KillTarget, Process, SpawnRequest, TryIo, WaitEvents, WaitFor,
};

use crate::common::*;

const ALL: WaitEvents = WaitEvents { stopped: true, continued: true };

fn kill(world: &World, pid: Pid, signal: Signal) {
    world.shell.kill(KillTarget::Pid(pid), Some(signal)).expect("it is there");
}

fn event(process: &Process, events: WaitEvents) -> Result<TryIo<(Pid, ChildEvent)>, Errno> {
    process.try_wait_event(WaitFor::Any, events)
}

#[test]
fn a_stopped_process_goes_on_with_sigcont_and_its_parent_hears_of_both_once() {
    let world = World::new();
    world.program("/bin/sleep", sleep_for_ever);
    block_on(async {
        let pid = spawn(&world.shell, "/bin/sleep", &[]);
        assert_eq!(event(&world.shell, ALL), Ok(TryIo::WouldBlock));
        for signal in [Signal::STOP, Signal::TSTP, Signal::TTIN, Signal::TTOU] {
            kill(&world, pid, signal);
            assert_eq!(world.shell.try_wait(WaitFor::Any), Ok(TryIo::WouldBlock), "who does not ask is not told");
            let none = WaitEvents { stopped: false, continued: true };
            assert_eq!(event(&world.shell, none), Ok(TryIo::WouldBlock));
            world.shell.child_event(WaitFor::Pid(pid), ALL).await;
            assert_eq!(event(&world.shell, ALL), Ok(TryIo::Done((pid, ChildEvent::Stopped(signal)))));
            assert_eq!(event(&world.shell, ALL), Ok(TryIo::WouldBlock));
            // Stopped is stopped: another signal of the kind is no news.
            kill(&world, pid, Signal::STOP);
            assert_eq!(event(&world.shell, ALL), Ok(TryIo::WouldBlock));
            kill(&world, pid, Signal::CONT);
            assert_eq!(event(&world.shell, ALL), Ok(TryIo::Done((pid, ChildEvent::Continued))));
            kill(&world, pid, Signal::CONT);
            assert_eq!(event(&world.shell, ALL), Ok(TryIo::WouldBlock));
        }
        kill(&world, pid, Signal::STOP);
        kill(&world, pid, Signal::KILL);
        assert_eq!(status_of(&world.shell, pid).await, killed_by(Signal::KILL), "an end is told, not the stop before");
        assert_eq!(event(&world.shell, ALL), Err(Errno::ECHILD));
        world.check();
    });
}

#[test]
fn what_a_stopped_process_is_sent_waits_until_it_goes_on() {
    let world = World::new();
    let shell = &world.shell;
    shell.set_disposition(Signal::USR1, Disposition::Handle).expect("it can be handled");
    kill(&world, Pid(1), Signal::STOP);
    assert!(shell.is_stopped());
    kill(&world, Pid(1), Signal::USR1);
    assert_eq!(shell.interruption(), Some(Interruption::Pending));
    assert!(shell.is_stopped());
    kill(&world, Pid(1), Signal::CONT);
    assert!(!shell.is_stopped());
    assert_eq!(shell.take_signal(), Some(Signal::USR1));
    block_on(shell.may_run());
}

#[test]
fn a_signal_to_stop_can_be_handled_or_ignored_except_one() {
    let world = World::new();
    let shell = &world.shell;
    shell.set_disposition(Signal::TSTP, Disposition::Handle).expect("it can be handled");
    shell.set_disposition(Signal::TTIN, Disposition::Ignore).expect("it can be ignored");
    assert_eq!(shell.set_disposition(Signal::STOP, Disposition::Ignore), Err(Errno::EINVAL));
    kill(&world, Pid(1), Signal::TSTP);
    kill(&world, Pid(1), Signal::TTIN);
    assert!(!shell.is_stopped());
    // SIGCONT takes back what would stop it.
    kill(&world, Pid(1), Signal::CONT);
    assert_eq!(shell.take_signal(), None);
    shell.set_disposition(Signal::CONT, Disposition::Handle).expect("it can be handled");
    kill(&world, Pid(1), Signal::STOP);
    kill(&world, Pid(1), Signal::CONT);
    assert!(!shell.is_stopped(), "it goes on even if it handles the signal");
    assert_eq!(shell.take_signal(), Some(Signal::CONT));
}

#[test]
fn a_whole_group_is_stopped_and_goes_on() {
    let world = World::new();
    world.program("/bin/sleep", sleep_for_ever);
    block_on(async {
        let first =
            world.shell.spawn(SpawnRequest { group: ChildGroup::New, ..request("/bin/sleep", &[]) }).expect("room");
        let join = SpawnRequest { group: ChildGroup::Join(first), ..request("/bin/sleep", &[]) };
        let second = world.shell.spawn(join).expect("room");
        let other = spawn(&world.shell, "/bin/sleep", &[]);
        world.shell.kill(KillTarget::Group(first), Some(Signal::STOP)).expect("it has members");
        for pid in [first, second] {
            let told = world.shell.try_wait_event(WaitFor::Pid(pid), ALL);
            assert_eq!(told, Ok(TryIo::Done((pid, ChildEvent::Stopped(Signal::STOP)))));
        }
        assert_eq!(world.shell.try_wait_event(WaitFor::Pid(other), ALL), Ok(TryIo::WouldBlock));
        world.shell.kill(KillTarget::Group(first), Some(Signal::CONT)).expect("it has members");
        let told = world.shell.try_wait_event(WaitFor::Group(first), ALL);
        assert_eq!(told, Ok(TryIo::Done((first, ChildEvent::Continued))));
    });
}

#[test]
fn the_end_of_a_run_reaches_a_stopped_shell() {
    let world = World::new();
    kill(&world, Pid(1), Signal::STOP);
    world.run.stop(base::Outcome::TimedOut);
    assert!(!world.shell.is_stopped());
    assert_eq!(world.shell.take_signal(), Some(Signal::XCPU));
    kill(&world, Pid(1), Signal::STOP);
    let _next = begin(&world.kernel, kernel::Stdin::Empty);
    assert!(!world.shell.is_stopped(), "no run begins stopped");
}
