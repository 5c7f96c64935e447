//! The host inside this process: engine, shipped guests and sessions, wired together.

use std::sync::Arc;

use base::{Clock, SystemClock};
use engine::{Engine, EngineConfig};
use session::{EngineWorkshop, SessionConfig, Sessions};

use crate::{Failure, compiler};

/// A host without its HTTP face.
pub(crate) struct Host {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) n_programs: usize,
}

impl Host {
    /// Starts the engine and an empty set of sessions, with the shell loaded, so that no first run waits for it.
    pub(crate) async fn start(
        mut engine: EngineConfig,
        sessions: SessionConfig,
        clock: SystemClock,
    ) -> Result<Self, Failure> {
        engine.user_code.compiler = compiler::command();
        let clock: Arc<dyn Clock> = Arc::new(clock);
        // One server, one meter.
        let sessions = SessionConfig { meter: Arc::clone(&engine.meter), ..sessions };
        let engine = Engine::new(engine, Arc::clone(&clock)).map_err(Failure::new)?;
        guests::install(&engine);
        engine.warm_up().await.map_err(Failure::new)?;
        let template = guests::template(clock.wall())
            .map_err(|errno| Failure::new(format!("cannot build the default image: {errno}")))?;
        let n_programs = guests::program_count(&template);
        let workshop = EngineWorkshop::new(engine).with_background_max(sessions.background_max);
        let workshop = Arc::new(workshop);
        let sessions = Sessions::start(sessions, Arc::clone(&clock), workshop, template);
        Ok(Self { clock, sessions, n_programs })
    }
}
