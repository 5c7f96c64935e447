//! Who exists: the entries of all sessions, their life cycles and the one ordered set of timers.
//!
//! Plain data with `&mut self` methods and time as an argument. It starts no task and touches no file system; it hands
//! out each session's [`Handle`], through which everybody else asks that session's driver.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use base::{MonoNanos, SessionId, Timestamp};

use crate::driver::Handle;
use crate::error::Error;
use crate::lifecycle::Lifecycle;

/// Both clocks at one instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    /// What users are shown.
    pub(crate) wall: Timestamp,
    /// What timers go by.
    pub(crate) mono: MonoNanos,
}

/// What a session has used of the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NetworkUsage {
    /// Connections made.
    pub requests: u64,
    /// Bytes sent.
    pub bytes_sent: u64,
    /// Bytes received.
    pub bytes_received: u64,
    /// Sum of the connections' lifetimes.
    pub runtime: Duration,
}

/// One row of the list of sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// Its name.
    pub id: SessionId,
    /// Its working directory after the last run.
    pub cwd: Vec<u8>,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last attached to or finished a run.
    pub last_use: Timestamp,
    /// Summed wall-clock time of its runs.
    pub runtime: Duration,
    /// What it has used of the network.
    pub network: NetworkUsage,
}

/// All sessions of one host. Owned by [`crate::Sessions`], behind its one mutex.
pub(crate) struct Registry {
    entries: HashMap<SessionId, Entry>,
    // Holds (at, id) exactly for the entries whose life cycle expires at `at`.
    timers: BTreeSet<(MonoNanos, SessionId)>,
    ttl: Duration,
    max_sessions: Option<usize>,
    next_serial: u64,
}

struct Entry {
    handle: Handle,
    // Tells this session from an earlier one of the same id, whose driver may still be ending.
    serial: u64,
    life: Lifecycle,
    cwd: Vec<u8>,
    created: Timestamp,
    last_use: Timestamp,
    runtime: Duration,
    network: NetworkUsage,
}

/// What a finished job changes in its session's entry.
#[derive(Debug, Default)]
pub(crate) struct Delta {
    /// The working directory from now on.
    pub(crate) cwd: Option<Vec<u8>>,
    /// Added to the runtime.
    pub(crate) runtime: Duration,
}

impl Registry {
    pub(crate) fn new(ttl: Duration, max_sessions: Option<usize>) -> Self {
        Self { entries: HashMap::new(), timers: BTreeSet::new(), ttl, max_sessions, next_serial: 0 }
    }

    /// Returns the handle of an existing session.
    pub(crate) fn handle(&self, id: &SessionId) -> Option<Handle> {
        self.entries.get(id).map(|entry| entry.handle.clone())
    }

    /// Adds an idle session and returns its serial number. The id must be free.
    ///
    /// # Errors
    /// [`Error::TooManySessions`] at the maximum; nothing has changed then.
    pub(crate) fn create(&mut self, id: SessionId, cwd: Vec<u8>, handle: Handle, now: Now) -> Result<u64, Error> {
        debug_assert!(!self.entries.contains_key(&id), "an attach comes before a creation");
        if self.max_sessions.is_some_and(|max| self.entries.len() >= max) {
            return Err(Error::TooManySessions);
        }
        let serial = self.next_serial;
        self.next_serial += 1;
        let life = Lifecycle::Idle { expires: now.mono.plus(self.ttl) };
        let entry = Entry {
            handle,
            serial,
            life,
            cwd,
            created: now.wall,
            last_use: now.wall,
            runtime: Duration::ZERO,
            network: NetworkUsage::default(),
        };
        self.timers.extend(life.expires().map(|at| (at, id.clone())));
        self.entries.insert(id, entry);
        Ok(serial)
    }

    /// Notes that a job was accepted for the session: it is used now and does not expire before the job's end.
    ///
    /// # Errors
    /// [`Error::NotFound`], or [`Error::Host`] when the session is broken.
    pub(crate) fn accept(&mut self, id: &SessionId, now: Now) -> Result<(), Error> {
        let entry = self.entries.get_mut(id).ok_or(Error::NotFound)?;
        let life = entry.life.accept().map_err(|_| Error::Host(format!("session {} is broken", id.tag())))?;
        entry.last_use = now.wall;
        self.set_life(id, life);
        Ok(())
    }

    /// Notes that a job of that very session ended. No effect when it is gone.
    pub(crate) fn finish(&mut self, id: &SessionId, serial: u64, delta: Delta, now: Now) {
        let Some(entry) = self.current(id, serial) else { return };
        entry.last_use = now.wall;
        entry.runtime = entry.runtime.saturating_add(delta.runtime);
        if let Some(cwd) = delta.cwd {
            entry.cwd = cwd;
        }
        let life = entry.life;
        self.set_life(id, life.finish(now.mono.plus(self.ttl)));
    }

    /// Notes that the driver of that very session died.
    pub(crate) fn fail(&mut self, id: &SessionId, serial: u64, now: Now) {
        let Some(entry) = self.current(id, serial) else { return };
        let life = entry.life;
        self.set_life(id, life.fail(now.mono.plus(self.ttl)));
    }

    /// Removes a session and returns its handle.
    pub(crate) fn remove(&mut self, id: &SessionId) -> Option<Handle> {
        let entry = self.entries.remove(id)?;
        if let Some(at) = entry.life.expires() {
            self.timers.remove(&(at, id.clone()));
        }
        Some(entry.handle)
    }

    /// Removes the sessions whose time has come and returns them.
    pub(crate) fn expire(&mut self, now: MonoNanos) -> Vec<(SessionId, Handle)> {
        let mut expired = Vec::new();
        while let Some((_, id)) = self.timers.first().filter(|(at, _)| *at <= now).cloned() {
            let handle = self.remove(&id);
            debug_assert!(handle.is_some(), "a timer belongs to an entry");
            expired.extend(handle.map(|handle| (id, handle)));
        }
        expired
    }

    /// Returns when the next session expires.
    pub(crate) fn next_deadline(&self) -> Option<MonoNanos> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// Removes all sessions and returns their handles.
    pub(crate) fn clear(&mut self) -> Vec<Handle> {
        self.timers.clear();
        self.entries.drain().map(|(_, entry)| entry.handle).collect()
    }

    /// Returns what the session has used of its runtime quota.
    pub(crate) fn runtime(&self, id: &SessionId) -> Option<Duration> {
        self.entries.get(id).map(|entry| entry.runtime)
    }

    /// Returns the session's working directory.
    pub(crate) fn cwd(&self, id: &SessionId) -> Option<Vec<u8>> {
        self.entries.get(id).map(|entry| entry.cwd.clone())
    }

    /// Tells whether jobs of the session are executing or waiting.
    pub(crate) fn is_running(&self, id: &SessionId) -> bool {
        self.entries.get(id).is_some_and(|entry| matches!(entry.life, Lifecycle::Running { .. }))
    }

    pub(crate) fn count(&self) -> usize {
        self.entries.len()
    }

    /// Returns all sessions, the most recently used first.
    pub(crate) fn list(&self) -> Vec<Info> {
        let mut list: Vec<(u64, Info)> =
            self.entries.iter().map(|(id, entry)| (entry.serial, entry.info(id))).collect();
        list.sort_by_key(|(serial, info)| std::cmp::Reverse((info.last_use, *serial)));
        list.into_iter().map(|(_, info)| info).collect()
    }

    fn current(&mut self, id: &SessionId, serial: u64) -> Option<&mut Entry> {
        self.entries.get_mut(id).filter(|entry| entry.serial == serial)
    }

    fn set_life(&mut self, id: &SessionId, life: Lifecycle) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        let before = std::mem::replace(&mut entry.life, life).expires();
        if before == life.expires() {
            return;
        }
        if let Some(at) = before {
            self.timers.remove(&(at, id.clone()));
        }
        self.timers.extend(life.expires().map(|at| (at, id.clone())));
    }

    /// Checks that timers and entries agree and that the maximum holds.
    #[cfg(test)]
    pub(crate) fn check_invariants(&self) -> Result<(), String> {
        let wanted: BTreeSet<(MonoNanos, SessionId)> =
            self.entries.iter().filter_map(|(id, entry)| entry.life.expires().map(|at| (at, id.clone()))).collect();
        if wanted != self.timers {
            return Err(format!("timers {:?}, entries want {wanted:?}", self.timers));
        }
        if self.max_sessions.is_some_and(|max| self.entries.len() > max) {
            return Err(format!("{} sessions", self.entries.len()));
        }
        Ok(())
    }
}

impl Entry {
    fn info(&self, id: &SessionId) -> Info {
        Info {
            id: id.clone(),
            cwd: self.cwd.clone(),
            created: self.created,
            last_use: self.last_use,
            runtime: self.runtime,
            network: self.network,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(60);

    fn at(secs: u64) -> Now {
        Now { wall: Timestamp(secs * 1_000_000_000), mono: MonoNanos(secs * 1_000_000_000) }
    }

    fn id(n: u8) -> SessionId {
        SessionId::from_random(u128::from(n))
    }

    fn create(registry: &mut Registry, n: u8, now: Now) -> Result<u64, Error> {
        let result = registry.create(id(n), b"/".to_vec(), Handle::unattended(), now);
        registry.check_invariants().expect("whole");
        result
    }

    #[test]
    fn a_session_expires_when_its_idle_time_is_over_and_not_a_nanosecond_before() {
        let mut registry = Registry::new(TTL, None);
        create(&mut registry, 1, at(0)).expect("room");
        let deadline = registry.next_deadline().expect("a timer");
        assert_eq!(deadline, at(60).mono);
        assert!(registry.expire(MonoNanos(deadline.0 - 1)).is_empty());
        assert_eq!(registry.expire(deadline).len(), 1);
        assert_eq!(registry.count(), 0);
        registry.check_invariants().expect("whole");
    }

    #[test]
    fn a_running_session_has_no_timer_and_gets_a_new_one_after_its_last_job() {
        let mut registry = Registry::new(TTL, None);
        let serial = create(&mut registry, 1, at(0)).expect("room");
        registry.accept(&id(1), at(10)).expect("exists");
        registry.accept(&id(1), at(11)).expect("exists");
        assert_eq!(registry.next_deadline(), None);
        registry.finish(&id(1), serial, Delta::default(), at(100));
        assert_eq!(registry.next_deadline(), None);
        registry.finish(&id(1), serial, Delta::default(), at(200));
        assert_eq!(registry.next_deadline(), Some(at(260).mono));
        registry.check_invariants().expect("whole");
    }

    #[test]
    fn only_creation_is_refused_at_the_maximum() {
        let mut registry = Registry::new(TTL, Some(2));
        create(&mut registry, 1, at(0)).expect("room");
        create(&mut registry, 2, at(0)).expect("room");
        assert_eq!(create(&mut registry, 3, at(0)), Err(Error::TooManySessions));
        assert_eq!(registry.accept(&id(1), at(1)), Ok(()));
        registry.remove(&id(2));
        create(&mut registry, 3, at(0)).expect("room again");
    }

    #[test]
    fn the_driver_of_a_deleted_session_does_not_touch_its_successor() {
        let mut registry = Registry::new(TTL, None);
        let old = create(&mut registry, 1, at(0)).expect("room");
        registry.remove(&id(1));
        create(&mut registry, 1, at(5)).expect("room");
        let delta = Delta { cwd: Some(b"/old".to_vec()), runtime: Duration::from_secs(9) };
        registry.finish(&id(1), old, delta, at(6));
        registry.fail(&id(1), old, at(6));
        assert_eq!(registry.runtime(&id(1)), Some(Duration::ZERO));
        assert_eq!(registry.cwd(&id(1)), Some(b"/".to_vec()));
        assert_eq!(registry.accept(&id(1), at(7)), Ok(()));
    }

    #[test]
    fn the_list_begins_with_the_most_recently_used() {
        let mut registry = Registry::new(TTL, None);
        for n in 1..=3 {
            create(&mut registry, n, at(u64::from(n))).expect("room");
        }
        registry.accept(&id(1), at(9)).expect("exists");
        let order: Vec<SessionId> = registry.list().into_iter().map(|info| info.id).collect();
        assert_eq!(order, [id(1), id(3), id(2)]);
    }
}
