//! What a session consists of at a moment: nothing yet, an image at rest, or a sandbox.
//!
//! Owns the ways between them. An image at rest has no process, no kernel and no shell instance; the memory of its files
//! stays reserved. Waking makes a sandbox of it.

use std::sync::{Arc, Mutex};

use base::{Clock, Errno, Limits};
use vfs::Tree;

use crate::error::Error;
use crate::image::{Image, Memory};
use crate::persistence::Base;
use crate::rc;
use crate::sandbox::{Reservation, Sandbox, View, Workshop};
use crate::sessions::Sessions;
use crate::sync::lock;

/// What others may see of a session's content.
#[derive(Clone)]
pub(crate) struct Shown {
    pub(crate) view: Arc<dyn View>,
    pub(crate) memory: Memory,
    pub(crate) base: Option<Arc<Base>>,
}

/// A session's content, owned by its driver.
pub(crate) struct Content {
    state: State,
    memory: Memory,
    base: Option<Arc<Base>>,
    clock: Arc<dyn Clock>,
}

enum State {
    /// As the template.
    Fresh,
    /// In the store alone.
    Kept,
    AtRest {
        files: Arc<RestingFiles>,
        // The host's memory for them; none where an import still has to find room.
        reserved: Option<Reservation>,
    },
    Awake(Box<dyn Sandbox>),
}

/// The files of a session without processes.
struct RestingFiles {
    tree: Mutex<Tree>,
    clock: Arc<dyn Clock>,
}

impl View for RestingFiles {
    fn fork_tree(&self) -> Tree {
        lock(&self.tree).clone()
    }

    fn look(&self, look: &mut dyn FnMut(&Tree)) {
        look(&lock(&self.tree));
    }

    fn put_file(&self, path: &[u8], content: &[u8], mode: u32) -> Result<(), Errno> {
        rc::put(&mut lock(&self.tree), path, content, mode, self.clock.wall())
    }
}

impl Content {
    /// Begins with an image, or as the template.
    pub(crate) fn begin(clock: Arc<dyn Clock>, image: Option<(Image, Option<Reservation>)>) -> Self {
        match image {
            None => Self { state: State::Fresh, memory: Memory::default(), base: None, clock },
            Some((image, reserved)) => {
                let state = State::at_rest(image.tree, reserved, &clock);
                Self { state, memory: image.memory, base: image.base, clock }
            }
        }
    }

    /// Begins with what the store has.
    pub(crate) fn kept(clock: Arc<dyn Clock>) -> Self {
        Self { state: State::Kept, memory: Memory::default(), base: None, clock }
    }

    /// Tells whether it is in the store alone.
    pub(crate) fn is_kept(&self) -> bool {
        matches!(self.state, State::Kept)
    }

    /// Takes over what was read from the store.
    pub(crate) fn load(&mut self, image: Image, reserved: Reservation) {
        self.state = State::at_rest(image.tree, Some(reserved), &self.clock);
        (self.memory, self.base) = (image.memory, image.base);
    }

    /// Notes what the store has now.
    pub(crate) fn set_base(&mut self, base: Arc<Base>) {
        self.base = Some(base);
    }

    /// Tells whether its files are others than those the store has.
    pub(crate) fn has_changed_files(&self) -> bool {
        let (Some(base), Some(view)) = (&self.base, self.view()) else { return false };
        let mut version = 0;
        view.look(&mut |tree| version = tree.version());
        version != base.version()
    }

    /// Returns all of it, if it has content here.
    pub(crate) fn image(&self) -> Option<Image> {
        let view = self.view()?;
        Some(Image { tree: view.fork_tree(), memory: self.memory.clone(), base: self.base.clone() })
    }

    /// Returns its files, if it has its own yet.
    pub(crate) fn view(&self) -> Option<Arc<dyn View>> {
        match &self.state {
            State::Fresh | State::Kept => None,
            State::AtRest { files, .. } => Some(Arc::clone(files) as Arc<dyn View>),
            State::Awake(sandbox) => Some(sandbox.view()),
        }
    }

    pub(crate) fn shown(&self) -> Option<Shown> {
        Some(Shown { view: self.view()?, memory: self.memory.clone(), base: self.base.clone() })
    }

    /// Tells whether it has no processes and no shell instance.
    pub(crate) fn is_put_away(&self) -> bool {
        !matches!(self.state, State::Awake(_))
    }

    /// Makes a sandbox if there is none; tells whether it did.
    pub(crate) fn wake(&mut self, sessions: &Sessions, limits: &Limits) -> Result<bool, Error> {
        let image = match &mut self.state {
            State::Awake(_) => return Ok(false),
            State::Fresh => sessions.fresh_image(limits),
            State::Kept => return Err(Error::Host("a session in the store was woken before it was read".to_owned())),
            State::AtRest { files, reserved } => {
                // What was reserved for the files goes over to the sandbox.
                reserved.take();
                Image { tree: files.fork_tree(), memory: self.memory.clone(), base: None }
            }
        };
        self.state = State::Awake(sessions.workshop.sandbox(image, limits)?);
        Ok(true)
    }

    /// Returns the sandbox and what is remembered beside it.
    ///
    /// # Errors
    /// [`Error::Host`] when it is not awake.
    pub(crate) fn parts(&mut self) -> Result<(&mut dyn Sandbox, &mut Memory), Error> {
        match &mut self.state {
            State::Awake(sandbox) => Ok((sandbox.as_mut(), &mut self.memory)),
            State::Fresh | State::Kept | State::AtRest { .. } => {
                Err(Error::Host("a session that was woken is not awake".to_owned()))
            }
        }
    }

    /// Puts another image in the place of all; an error changes nothing.
    pub(crate) async fn replace(
        &mut self,
        mut image: Image,
        workshop: &dyn Workshop,
        limits: &Limits,
    ) -> Result<(), Error> {
        if let Some(view) = self.view() {
            view.look(&mut |tree| image.tree.raise_version(tree.version()));
        }
        let (memory, base) = (image.memory.clone(), image.base.clone());
        let new = State::Awake(workshop.sandbox(image, limits)?);
        (self.memory, self.base) = (memory, base);
        if let State::Awake(old) = std::mem::replace(&mut self.state, new) {
            old.close().await;
        }
        Ok(())
    }

    /// Puts processes and shell away if that loses nothing and there is memory to reserve; tells whether it is so now.
    pub(crate) async fn put_away(&mut self, workshop: &dyn Workshop) -> Result<bool, Error> {
        let State::Awake(sandbox) = &self.state else { return Ok(self.is_put_away()) };
        if !sandbox.is_at_rest() {
            return Ok(false);
        }
        let tree = sandbox.view().fork_tree();
        let Ok(reserved) = workshop.reserve(tree.usage().footprint) else { return Ok(false) };
        let at_rest = State::at_rest(tree, Some(reserved), &self.clock);
        if let State::Awake(old) = std::mem::replace(&mut self.state, at_rest) {
            old.close().await;
        }
        Ok(true)
    }

    /// Ends all processes.
    pub(crate) async fn close(self) {
        if let State::Awake(sandbox) = self.state {
            sandbox.close().await;
        }
    }
}

impl State {
    fn at_rest(tree: Tree, reserved: Option<Reservation>, clock: &Arc<dyn Clock>) -> Self {
        let files = Arc::new(RestingFiles { tree: Mutex::new(tree), clock: Arc::clone(clock) });
        Self::AtRest { files, reserved }
    }
}
