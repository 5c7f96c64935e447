//! The signals a server listens to.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::Failure;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// SIGINT or SIGTERM: stop, and at the second time at once.
    Stop(Stop),
    /// SIGHUP: read again what can be changed.
    Reload,
}

/// Which signal asks to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Interrupt,
    Terminate,
}

impl Stop {
    /// Returns its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        }
    }

    /// Returns the exit status of a process that the signal ended: 128 and its number.
    pub(crate) fn status(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }
}

/// Receives signals in place of their usual effect, from its creation on.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    /// Begins to receive.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let receive = |kind| signal(kind).map_err(|error| Failure::new(format!("cannot receive signals: {error}")));
        Ok(Self {
            interrupt: receive(SignalKind::interrupt())?,
            terminate: receive(SignalKind::terminate())?,
            hangup: receive(SignalKind::hangup())?,
        })
    }

    /// Waits for the next one. Dropping the future loses none.
    pub(crate) async fn next(&mut self) -> Ask {
        tokio::select! {
            _ = self.interrupt.recv() => Ask::Stop(Stop::Interrupt),
            _ = self.terminate.recv() => Ask::Stop(Stop::Terminate),
            _ = self.hangup.recv() => Ask::Reload,
        }
    }
}
