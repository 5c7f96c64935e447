//! A whole play: a template, a session of it, forks, and what must hold after every step.

use base::{Errno, Timestamp};
use sandshell_vfs::Quota;

use crate::ops::Op;
use crate::world::World;

/// Enough to diverge from each other; a fork beyond them replaces one.
pub(crate) const WORLDS_MAX: usize = 3;

/// Carries out `shipped` on a template and `steps` on the worlds that come from it; each step names its world.
///
/// The model knows POSIX and no quotas: when the tree answers EDQUOT or ENOSPC, it must look as before.
pub(crate) fn play(shipped: &[Op], quota: Quota, steps: &[(usize, Op)]) -> Result<(), String> {
    let mut template = World::empty();
    for (at, op) in (1u64..).zip(shipped) {
        template.apply(op, Timestamp(at));
    }
    template.check_against_model()?;
    template.check_restored()?;
    let mut worlds = vec![World::of_template(&template, quota)];
    if worlds[0].tree.usage() != Default::default() {
        return Err("what is the template's costs something".to_owned());
    }
    for (at, (which, op)) in (1000u64..).zip(steps) {
        let which = which % worlds.len();
        if matches!(op, Op::Fork) {
            let fork = worlds[which].fork();
            if worlds.len() < WORLDS_MAX {
                worlds.push(fork)
            } else {
                worlds[(which + 1) % WORLDS_MAX] = fork
            }
            continue;
        }
        step(&mut worlds[which], quota, op, Timestamp(at)).map_err(|error| format!("{op:?}: {error}"))?;
    }
    template.check_against_model()?;
    worlds.iter().try_for_each(World::check_against_model)
}

fn step(world: &mut World, quota: Quota, op: &Op, now: Timestamp) -> Result<(), String> {
    let before = world.dump();
    let usage = world.tree.usage();
    let refused = world.apply(op, now);
    world.tree.check_invariants()?;
    let refused = refused.is_some_and(|errno| matches!(errno, Errno::EDQUOT | Errno::ENOSPC));
    if refused && (world.dump() != before || world.tree.usage() != usage) {
        return Err("a refused operation changed something".to_owned());
    }
    world.check_against_model()?;
    world.check_mark()?;
    world.check_restored()?;
    world.check_quota(quota, usage)
}
