//! The one task that sleeps until the next session expires. It polls nothing: it wakes at a deadline, or when an
//! earlier one appears.

use std::sync::Arc;

use crate::sessions::Sessions;

/// Sweeps expired sessions until the host goes down.
pub(crate) async fn sweep(sessions: Arc<Sessions>) {
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
            () = due => sessions.expire_now(),
        }
    }
}
