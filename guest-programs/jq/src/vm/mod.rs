//! The machine: a stack with backtracking. Each output of a program is one forward run; for the next one the machine goes
//! back to the last fork, where the state of then is restored.

mod assign;
mod backtrack;
mod machine;
mod stack;
mod step;
mod track;

pub(crate) use machine::Machine;
