//! Execution: any script ends within its bound on evaluated steps, and the state it leaves is one that can be loaded.
//!
//! The shell's world is the real system in an empty folder, without programs and without network; a signal like the one
//! of a deadline comes after a number of steps.
#![no_main]

mod world;

use std::rc::Rc;

use guest_shell::Shell;

libfuzzer_sys::fuzz_target!(|text: &[u8]| {
    let world = world::World::new();
    let mut shell = Shell::session(Rc::new(world.sys()), &[b"PATH=/nonexistent".to_vec()]);
    let (_, _) = shell.run(b"bash", text);
    let saved = shell.save_state(0);
    let mut copy = Shell::session(Rc::new(world.sys()), &[]);
    copy.load_state(&saved).expect("what was saved can be loaded");
});
