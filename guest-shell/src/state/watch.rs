//! Whether variables have changed between two looks, without encoding them and without work in assignments.
//!
//! Kept are weak references to the table and to every variable. While one is held, whoever changes the variable moves
//! it to another address (`Rc::make_mut`), once between two looks; a local variable that came and went leaves the old
//! one where it was. So only what has another address is looked at, and a small one counts as changed when its content
//! did: `cd` into the same directory changes nothing.

use std::rc::{Rc, Weak};

use crate::vars::{Attrs, Var, Vars};

use super::encoding::fingerprint;

/// The largest variable whose content is compared; a larger one that was assigned counts as changed.
const COMPARED_BYTES: usize = 64 << 10;

/// The variables as they were at the last look.
#[derive(Default)]
pub(super) struct Watch {
    table: Weak<Vec<Option<Rc<Var>>>>,
    seen: Vec<Option<Seen>>,
}

struct Seen {
    variable: Weak<Var>,
    /// Known once the variable was assigned between two looks.
    content: Option<u64>,
}

impl Watch {
    /// Looks at the variables outside all scopes; tells whether one that is saved changed since the last look.
    pub(super) fn look(&mut self, vars: &Vars) -> bool {
        let slots = vars.slots();
        if std::ptr::eq(self.table.as_ptr(), Rc::as_ptr(slots)) {
            return false;
        }
        self.table = Rc::downgrade(slots);
        self.seen.resize_with(slots.len().max(self.seen.len()), || None);
        let mut changed = false;
        let now = slots.iter().map(Option::as_ref).chain(std::iter::repeat(None));
        for (seen, now) in self.seen.iter_mut().zip(now) {
            changed |= look_at(seen, now.filter(|var| !var.attrs.has(Attrs::DYNAMIC)));
        }
        changed
    }
}

fn look_at(seen: &mut Option<Seen>, now: Option<&Rc<Var>>) -> bool {
    let Some(var) = now else { return seen.take().is_some() };
    let (content, changed) = match seen {
        Some(seen) if std::ptr::eq(seen.variable.as_ptr(), Rc::as_ptr(var)) => return false,
        Some(seen) => {
            let content = (var.footprint() <= COMPARED_BYTES).then(|| fingerprint(&**var));
            (content, content.is_none() || content != seen.content)
        }
        None => (None, true),
    };
    *seen = Some(Seen { variable: Rc::downgrade(var), content });
    changed
}
