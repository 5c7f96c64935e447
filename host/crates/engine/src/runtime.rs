//! The guest runtime: the second tokio runtime, on which all guest code runs, at a lower priority than the first.
//!
//! It has more threads than there are CPU slots: a guest that holds a slot keeps its thread busy for a slice, and a
//! session that was idle (and runs in its free time) must find a thread at once.

use tokio::runtime::{Builder, Handle, Runtime};

/// How much nicer guest threads are than those that serve requests (`setpriority`).
const NICE: i32 = 10;
/// Guest code runs on its own fibers, so a thread's stack holds host frames only.
const THREAD_STACK_BYTES: usize = 2 << 20;

/// Owns the runtime; shutting it down does not wait for guests.
pub(crate) struct GuestRuntime {
    // Taken by `drop` only.
    runtime: Option<Runtime>,
    handle: Handle,
}

impl GuestRuntime {
    /// Starts the threads for `slots` guests that compute at once.
    pub(crate) fn start(slots: usize) -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(slots.saturating_mul(2).saturating_add(2))
            .thread_name("guest")
            .thread_stack_size(THREAD_STACK_BYTES)
            .on_thread_start(lower_priority)
            .enable_time()
            .build()?;
        let handle = runtime.handle().clone();
        Ok(Self { runtime: Some(runtime), handle })
    }

    /// Returns the handle that spawns onto this runtime.
    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for GuestRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[expect(unsafe_code, reason = "setpriority of the calling thread has no safe wrapper among our dependencies")]
fn lower_priority() {
    // SAFETY: both calls take and return plain numbers and touch no memory of ours.
    let failed = unsafe {
        let thread = libc::syscall(libc::SYS_gettid);
        u32::try_from(thread).map_or(-1, |thread| libc::setpriority(libc::PRIO_PROCESS, thread, NICE))
    };
    if failed != 0 {
        tracing::warn!("guest threads keep the server's priority: setpriority failed");
    }
}
