//! Assignments. The value that changes lives in a variable while its paths are enumerated, and nothing else holds it, so
//! that changes are made in place.

use super::code::{Op, Slot};
use super::scope::{Compiled, Compiler};
use crate::lang::{Expr, Update};
use crate::value::Value;

impl Compiler<'_> {
    pub(super) fn update(&mut self, update: Update, paths: &Expr, value: &Expr) -> Compiled<()> {
        match update {
            Update::Set => {
                let new = self.evaluated(value)?;
                self.each_path(paths, |compiler, root| {
                    compiler.emit(Op::SetPath(root, new));
                    Ok(())
                })
            }
            Update::Modify => self.modify(paths, |compiler| compiler.nested(value)),
            Update::Apply(op) => {
                let right = self.evaluated(value)?;
                self.modify(paths, |compiler| {
                    compiler.emit(Op::BinaryVar(op, right));
                    Ok(())
                })
            }
            Update::Default => {
                let right = self.evaluated(value)?;
                self.modify(paths, |compiler| {
                    compiler.emit(Op::DefaultVar(right));
                    Ok(())
                })
            }
        }
    }

    /// Puts an operand's value into a variable.
    fn evaluated(&mut self, value: &Expr) -> Compiled<Slot> {
        let slot = self.slot()?;
        self.aside(value)?;
        self.emit(Op::Store(slot));
        Ok(slot)
    }

    /// Runs `step` with each path on top; the result is the changed value.
    fn each_path(&mut self, paths: &Expr, step: impl FnOnce(&mut Self, Slot) -> Compiled<()>) -> Compiled<()> {
        let root = self.slot()?;
        self.emit(Op::Store(root));
        let fork = self.emit(Op::Fork(0));
        self.emit(Op::Push(root));
        self.emit(Op::PathBegin);
        self.expr(paths)?;
        self.emit(Op::PathEnd);
        step(self, root)?;
        self.emit(Op::Backtrack);
        self.land(fork);
        self.emit(Op::PushTake(root));
        Ok(())
    }

    /// `paths |= step`: the first output counts, and what has none is deleted.
    pub(super) fn modify(&mut self, paths: &Expr, step: impl FnOnce(&mut Self) -> Compiled<()>) -> Compiled<()> {
        let (path, doomed, mark) = (self.slot()?, self.slot()?, self.slot()?);
        let empty = self.constant(Value::array(Vec::new()));
        self.emit(Op::Init(doomed, empty));
        let mut root_slot = None;
        self.each_path(paths, |compiler, root| {
            root_slot = Some(root);
            compiler.emit(Op::Store(path));
            compiler.emit(Op::Mark(mark));
            let fork = compiler.emit(Op::Fork(0));
            compiler.emit(Op::TakePath(root, path));
            step(compiler)?;
            compiler.emit(Op::PutPath(root, path));
            compiler.emit(Op::Cut(mark));
            compiler.emit(Op::Backtrack);
            compiler.land(fork);
            compiler.emit(Op::AppendFrom(doomed, path));
            Ok(())
        })?;
        if let Some(root) = root_slot {
            self.emit(Op::Store(root));
            self.emit(Op::DeletePaths(root, doomed));
        }
        Ok(())
    }
}
