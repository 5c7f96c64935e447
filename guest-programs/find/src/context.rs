//! What a search carries along: its settings, its output, its status, and what an action wants of the walk.

use std::cell::OnceCell;

use sandshell_sys::{Accounts, Errno, quote};

use crate::entry::Follow;
use crate::expression::{Action, Expression};
use crate::message::complain;
use crate::sinks::{Sink, Sinks};
use crate::time::Nanos;

/// What the options have set.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) follow: Follow,
    pub(crate) min_depth: usize,
    pub(crate) max_depth: usize,
    /// A directory comes after what is in it.
    pub(crate) depth_first: bool,
    /// A file that vanishes between being listed and being looked at is no error.
    pub(crate) ignore_races: bool,
    /// When the search began.
    pub(crate) now: Nanos,
}

/// A search under way.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) settings: Settings,
    sinks: Sinks,
    accounts: OnceCell<Accounts>,
    /// The exit status so far.
    failed: bool,
    /// Nothing below the present directory is visited.
    pub(crate) prune: bool,
    /// Nothing more is visited.
    pub(crate) quit: bool,
}

impl Context {
    pub(crate) fn new(settings: Settings, sinks: Sinks) -> Self {
        Self { settings, sinks, accounts: OnceCell::new(), failed: false, prune: false, quit: false }
    }

    pub(crate) fn accounts(&self) -> &Accounts {
        self.accounts.get_or_init(Accounts::load)
    }

    /// Makes the search end with 1.
    pub(crate) fn fail(&mut self) {
        self.failed = true;
    }

    /// Says what is wrong with a file.
    pub(crate) fn complain_of(&mut self, path: &[u8], errno: Errno) {
        self.say(&format!("{}: {errno}", quote(path)));
    }

    /// Says that something is wrong.
    pub(crate) fn say(&mut self, message: &str) {
        // What was found before stands before.
        self.flush();
        complain(message);
        self.failed = true;
    }

    pub(crate) fn write(&mut self, sink: Sink, bytes: &[u8]) {
        let written = self.sinks.write(sink, bytes);
        self.check(written);
    }

    /// Writes out what is gathered.
    pub(crate) fn flush(&mut self) {
        let flushed = self.sinks.flush();
        self.check(flushed);
    }

    /// Nobody takes the output any more: there is nothing left to search for.
    fn check(&mut self, result: Result<(), String>) {
        if let Err(message) = result {
            if !self.quit {
                complain(&message);
            }
            (self.failed, self.quit) = (true, true);
        }
    }

    /// Runs the commands that have gathered files, writes the rest of the output, and returns the exit status.
    pub(crate) fn finish(&mut self, expression: &Expression) -> i32 {
        expression.each_action(&mut |action| {
            if let Action::Execute(execution) = action {
                execution.borrow_mut().finish(self);
            }
        });
        self.flush();
        i32::from(self.failed)
    }
}
