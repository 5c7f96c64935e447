//! Evaluation: commands, pipelines, functions, redirections, subshells, substitutions.

use crate::flow::Flow;
use crate::shell::Shell;

/// What the evaluator keeps for itself.
#[derive(Clone, Default)]
pub(crate) struct ExecState {}

impl Shell {
    /// Polls for signals every 256 calls; long work (brace, glob, pattern, arithmetic) calls it once per step.
    ///
    /// # Errors
    /// `Unwind::Deadline` when the run's time or fuel is over; whatever a trap's command ends with.
    pub fn tick(&mut self) -> Flow {
        Ok(())
    }
}
