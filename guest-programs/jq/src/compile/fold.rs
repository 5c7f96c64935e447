//! `reduce` and `foreach`.

use super::code::Op;
use super::scope::{Compiled, Compiler};
use crate::lang::{Expr, Pattern};

impl Compiler<'_> {
    pub(super) fn reduce(&mut self, source: &Expr, patterns: &[Pattern], init: &Expr, update: &Expr) -> Compiled<()> {
        let names = self.scope.len();
        let state = self.slot()?;
        self.aside(init)?;
        self.emit(Op::Store(state));
        let fork = self.emit(Op::Fork(0));
        self.nested(source)?;
        self.matching(patterns, |compiler| {
            compiler.emit(Op::PushTake(state));
            compiler.nested(update)?;
            compiler.emit(Op::Store(state));
            compiler.emit(Op::Backtrack);
            Ok(())
        })?;
        self.scope.truncate(names);
        self.land(fork);
        self.emit(Op::Take(state));
        Ok(())
    }

    pub(super) fn foreach(
        &mut self,
        source: &Expr,
        patterns: &[Pattern],
        init: &Expr,
        update: &Expr,
        extract: Option<&Expr>,
    ) -> Compiled<()> {
        let names = self.scope.len();
        let state = self.slot()?;
        self.aside(init)?;
        self.emit(Op::Store(state));
        self.nested(source)?;
        self.matching(patterns, |compiler| {
            compiler.emit(Op::PushTake(state));
            compiler.nested(update)?;
            compiler.emit(Op::Dup);
            compiler.emit(Op::Store(state));
            extract.map_or(Ok(()), |extract| compiler.expr(extract))
        })?;
        self.scope.truncate(names);
        Ok(())
    }
}
