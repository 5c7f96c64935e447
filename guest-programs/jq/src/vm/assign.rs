//! The steps of assignments, on the value in a variable.

use super::machine::{Flow, Machine};
use crate::compile::Slot;
use crate::message::Failure;
use crate::value;

type Stepped = Result<Flow, Failure>;

impl Machine<'_> {
    /// Takes what is at the path out of the root, so that its owner may change it in place.
    pub(super) fn take_path(&mut self, root: Slot, path: Slot) -> Stepped {
        let path = self.variable(path).clone();
        let taken = value::take_path(self.variable(root), &path)?;
        self.stacks.push(taken);
        Ok(Flow::Next)
    }

    pub(super) fn put_path(&mut self, root: Slot, path: Slot) -> Stepped {
        let new = self.stacks.pop();
        let path = self.variable(path).clone();
        self.put(root, &path, new)
    }

    pub(super) fn set_path(&mut self, root: Slot, new: Slot) -> Stepped {
        let path = self.stacks.pop();
        let new = self.variable(new).clone();
        self.put(root, &path, new)
    }

    fn put(&mut self, root: Slot, path: &value::Value, new: value::Value) -> Stepped {
        let value = std::mem::take(self.variable(root));
        *self.variable(root) = value::set_path(value, path, new)?;
        Ok(Flow::Next)
    }

    pub(super) fn delete_paths(&mut self, root: Slot, paths: Slot) -> Stepped {
        let value = std::mem::take(self.variable(root));
        let paths = std::mem::take(self.variable(paths));
        self.stacks.push(value::delete_paths(value, &paths)?);
        Ok(Flow::Next)
    }
}
