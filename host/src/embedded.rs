//! The host inside this process: engine, shipped guests and sessions, wired together.

use std::path::Path;
use std::sync::Arc;

use base::{Clock, SessionKey, SystemClock};
use engine::{Engine, EngineConfig};
use session::{EngineWorkshop, Persistence, ProgramNames, SessionConfig, Sessions};
use store::{SqliteStore, Store, StoreConfig};

use crate::{Failure, compiler, files};

/// A host without its HTTP face.
pub(crate) struct Host {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) n_programs: usize,
    store: Option<Arc<dyn Store>>,
}

/// Where sessions are kept.
#[derive(Clone, Copy)]
pub(crate) struct Keeping<'a> {
    /// The data directory; without, they live in memory.
    pub(crate) dir: Option<&'a Path>,
    /// The one session that is wanted of it; without, all.
    pub(crate) only: Option<&'a SessionKey>,
}

impl Host {
    /// Starts the engine and an empty set of sessions, with the shell loaded, so that no first run waits for it.
    pub(crate) async fn start(
        mut engine: EngineConfig,
        sessions: SessionConfig,
        keeping: Keeping<'_>,
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
        let store = keeping.dir.map(open_store).transpose()?;
        let sessions = match &store {
            None => Sessions::start(sessions, Arc::clone(&clock), workshop, template),
            Some(store) => {
                let persistence = Persistence::new(Arc::clone(store), program_names(), template.clone());
                Sessions::start_persistent(sessions, Arc::clone(&clock), workshop, template, persistence, keeping.only)
                    .map_err(Failure::new)?
            }
        };
        Ok(Self { clock, sessions, n_programs, store })
    }

    /// Writes what the store has queued and lets the data directory go. The sessions are shut down before.
    pub(crate) async fn close(&self) {
        if let Some(store) = &self.store
            && let Err(error) = store.close().await
        {
            tracing::error!("the store did not close: {error}");
        }
    }
}

/// Opens the store of a data directory, for this process alone.
pub(crate) fn open_store(path: &Path) -> Result<Arc<dyn Store>, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::new(format!("--data-dir {}: {error}", path.display()));
    let folder = files::private_folder(path).map_err(|error| failed(&error))?;
    let store = SqliteStore::open(folder, StoreConfig::default()).map_err(|error| failed(&error))?;
    Ok(Arc::new(store))
}

fn program_names() -> ProgramNames {
    ProgramNames { name: Box::new(|tag| guests::name_of(tag).map(str::to_owned)), tag: Box::new(guests::tag_of) }
}
