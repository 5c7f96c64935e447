//! Lists: `a; b`, `a && b || c`, `a &`, and what `set -e` and the ERR trap make of their statuses.

use crate::flow::{Flow, Unwind};
use crate::options::SetOption;
use crate::shell::Shell;
use crate::tree::{AndOr, CommandKind, Junction, List, ListItem, Pipeline};

impl Shell {
    /// Evaluates the commands of a list in turn; `$?` is the last one's.
    pub(crate) fn run_list(&mut self, list: &List) -> Flow {
        for item in &list.items {
            self.run_item(item)?;
        }
        Ok(())
    }

    fn run_item(&mut self, item: &ListItem) -> Flow {
        if self.is_set(SetOption::NoExec) {
            return Ok(());
        }
        if item.background {
            return self.run_background(&item.and_or);
        }
        self.run_and_or(&item.and_or)
    }

    /// Evaluates pipelines joined by `&&` and `||`.
    pub(crate) fn run_and_or(&mut self, and_or: &AndOr) -> Flow {
        if and_or.rest.is_empty() {
            return self.run_last_pipeline(&and_or.first);
        }
        self.run_ignoring_errors(|shell| shell.run_pipeline(&and_or.first))?;
        for (at, (junction, pipeline)) in and_or.rest.iter().enumerate() {
            let wanted = match junction {
                Junction::And => self.status == 0,
                Junction::Or => self.status != 0,
            };
            if !wanted {
                continue;
            }
            if at + 1 == and_or.rest.len() {
                self.run_last_pipeline(pipeline)?;
            } else {
                self.run_ignoring_errors(|shell| shell.run_pipeline(pipeline))?;
            }
        }
        Ok(())
    }

    /// Evaluates something whose failure is no error: a condition, the left side of `&&`.
    pub(crate) fn run_ignoring_errors(&mut self, run: impl FnOnce(&mut Shell) -> Flow) -> Flow {
        self.exec.errexit_ignored += 1;
        let result = run(self);
        self.exec.errexit_ignored -= 1;
        result
    }

    /// Evaluates a pipeline whose failure counts.
    fn run_last_pipeline(&mut self, pipeline: &Pipeline) -> Flow {
        if pipeline.negated {
            return self.run_ignoring_errors(|shell| shell.run_pipeline(pipeline));
        }
        self.run_pipeline(pipeline)?;
        if self.status != 0 && self.exec.errexit_ignored == 0 && failure_counts(pipeline) {
            return self.command_failed();
        }
        Ok(())
    }

    /// What a failed command leads to: the ERR trap, and with `set -e` the end of the shell.
    pub(crate) fn command_failed(&mut self) -> Flow {
        let status = self.status;
        if !self.traps.is_empty() {
            self.run_err_trap()?;
        }
        if self.is_set(SetOption::ErrExit) {
            return Err(Unwind::Exit(status));
        }
        Ok(())
    }
}

/// Compound commands answer for themselves: what failed inside them has been judged there.
fn failure_counts(pipeline: &Pipeline) -> bool {
    match pipeline.stages.as_slice() {
        [command] => matches!(
            command.kind,
            CommandKind::Simple(_) | CommandKind::Subshell(_) | CommandKind::Cond(_) | CommandKind::Arith(_)
        ),
        _ => true,
    }
}
