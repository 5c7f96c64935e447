//! The context of `wasi:cli`, `wasi:clocks` and `wasi:random` for a component: nothing but the session's time, random
//! bytes in small portions, and standard streams that lead nowhere.
//!
//! The shell reads and writes through its own world's `kernel`. What its runtime prints (a panic message) goes to the
//! log, and `wasi:cli` shows it neither arguments nor environment.

use std::sync::Arc;
use std::time::Duration;

use base::Clock;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtx};

/// Random bytes of one call: seeds of hash tables need 16.
const RANDOM_MAX_BYTES: u64 = 64 << 10;
/// What `resolution` answers: the pace of the clocks is that of the host's, not finer than a microsecond.
const RESOLUTION: Duration = Duration::from_micros(1);

/// Makes the context of one component.
pub(crate) fn context(clock: &Arc<dyn Clock>) -> WasiCtx {
    let mut builder = WasiCtx::builder();
    builder
        .wall_clock(SessionClock(Arc::clone(clock)))
        .monotonic_clock(SessionClock(Arc::clone(clock)))
        .max_random_size(RANDOM_MAX_BYTES)
        .stdout(super::stdio::ToLog)
        .stderr(super::stdio::ToLog);
    builder.build()
}

/// The session's clock as WASI wants it.
struct SessionClock(Arc<dyn Clock>);

impl HostWallClock for SessionClock {
    fn resolution(&self) -> Duration {
        RESOLUTION
    }

    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.wall().0)
    }
}

impl HostMonotonicClock for SessionClock {
    fn resolution(&self) -> u64 {
        u64::from(RESOLUTION.subsec_nanos())
    }

    fn now(&self) -> u64 {
        self.0.mono().0
    }
}
