//! The one task that sleeps until something is to be done by the clock: a session expires or hibernates, a minute begins
//! in which cron jobs may be due. It polls nothing: it wakes at a deadline, or when an earlier one appears.

use std::sync::Arc;

use crate::cron;
use crate::driver::Job;
use crate::registry::Due;
use crate::sessions::Sessions;

/// Serves the sessions' timers until the host goes down.
pub(crate) async fn serve(sessions: Arc<Sessions>) {
    loop {
        // Registered before the deadline is read, so that no change between the two is missed.
        let changed = sessions.timers_changed.notified();
        let deadline = sessions.next_deadline();
        let due = async {
            match deadline {
                Some(at) => sessions.clock.sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = sessions.closing.cancelled() => return,
            () = changed => {}
            () = due => sessions.serve_timers(),
        }
    }
}

impl Sessions {
    /// Does what has become due.
    fn serve_timers(self: &Arc<Self>) {
        let due = self.with_registry(|registry| {
            let due = registry.due(self.clock.mono());
            for due in &due {
                if let (Due::Expired(key, _), Some(_)) = (due, &self.persistence) {
                    registry.begin_ending(key);
                }
            }
            due
        });
        for due in due {
            match due {
                Due::Expired(key, handle) => {
                    tracing::info!(session = key.id.tag(), "the session expired");
                    handle.close();
                    let sessions = Arc::clone(self);
                    self.spawn(async move {
                        handle.gone().await;
                        sessions.forget(&key).await;
                    });
                }
                Due::Hibernate(key) => {
                    if let Err(error) = self.submit_internal(&key, Job::Hibernate { answer: None }) {
                        tracing::debug!(session = key.id.tag(), "the session does not hibernate: {error}");
                    }
                }
            }
        }
        cron::fire(self);
    }
}
