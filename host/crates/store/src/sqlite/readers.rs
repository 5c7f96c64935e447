//! The connections that read, and the threads that read and prepare for async callers.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::{Semaphore, oneshot};

use super::shared::Shared;
use crate::error::StoreError;

/// Connections, and threads, at most: as many as prepare and read at once on a machine of a few cores.
pub(super) const READERS: usize = 4;
/// Requests that wait for a thread at most; further ones wait to be queued.
const TASKS: usize = 2048;

/// Connections that read. Each is used by one thread at a time, for as short as one object.
pub(super) struct Readers {
    idle: Mutex<Vec<Connection>>,
    returned: Condvar,
}

impl Readers {
    /// Makes the pool.
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        Self { idle: Mutex::new(connections), returned: Condvar::new() }
    }

    /// Waits for a connection and uses it. Never within another use.
    pub(super) fn with<T>(&self, act: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = loop {
            match idle.pop() {
                Some(connection) => break connection,
                None => idle = self.returned.wait(idle).unwrap_or_else(PoisonError::into_inner),
            }
        };
        drop(idle);
        let lent = Lent { readers: self, connection: Some(connection) };
        lent.connection.as_ref().map_or_else(|| Err(StoreError::Closed), act)
    }
}

/// Gives the connection back, also when its user panics.
struct Lent<'a> {
    readers: &'a Readers,
    connection: Option<Connection>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.readers.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(self.connection.take());
        self.readers.returned.notify_one();
    }
}

type Task = Box<dyn FnOnce(&Arc<Shared>) + Send>;

/// The threads' queue.
#[derive(Default)]
struct Tasks {
    waiting: VecDeque<Task>,
    closed: bool,
}

/// Threads that do what would block an async caller.
pub(super) struct Workers {
    tasks: Arc<(Mutex<Tasks>, Condvar)>,
    places: Semaphore,
}

impl Workers {
    /// Makes the queue.
    pub(super) fn new() -> Self {
        Self { tasks: Arc::default(), places: Semaphore::new(TASKS) }
    }

    /// Returns what a thread runs until the queue is closed and empty.
    pub(super) fn thread(&self, shared: Arc<Shared>) -> impl FnOnce() + Send + 'static {
        let tasks = Arc::clone(&self.tasks);
        move || {
            while let Some(task) = next(&tasks) {
                // A task that panics has lost its answer, which its caller sees; the thread goes on.
                let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| task(&shared)));
            }
        }
    }

    /// Runs `act` on a thread and returns what it returns.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Arc<Shared>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _place = self.places.acquire().await.map_err(|_| StoreError::Closed)?;
        let (answer, receive) = oneshot::channel();
        self.push(Box::new(move |shared| drop(answer.send(act(shared)))))?;
        receive.await.map_err(|_| StoreError::io("a thread of the store has failed"))?
    }

    fn push(&self, task: Task) -> Result<(), StoreError> {
        let (tasks, added) = &*self.tasks;
        let mut queue = tasks.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.closed {
            return Err(StoreError::Closed);
        }
        queue.waiting.push_back(task);
        drop(queue);
        added.notify_one();
        Ok(())
    }

    /// Lets the threads end when they have done what waits.
    pub(super) fn close(&self) {
        let (tasks, added) = &*self.tasks;
        tasks.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        added.notify_all();
    }
}

fn next(tasks: &(Mutex<Tasks>, Condvar)) -> Option<Task> {
    let (tasks, added) = tasks;
    let waits = |tasks: &mut Tasks| tasks.waiting.is_empty() && !tasks.closed;
    let queue = tasks.lock().unwrap_or_else(PoisonError::into_inner);
    added.wait_while(queue, waits).unwrap_or_else(PoisonError::into_inner).waiting.pop_front()
}
