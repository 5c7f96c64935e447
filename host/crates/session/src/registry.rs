//! Who exists: the entries of all sessions, their life cycles and the one ordered set of timers.
//!
//! Plain data with `&mut self` methods and time as an argument. It starts no task and touches no file system; it hands
//! out each session's [`Handle`], through which everybody else asks that session's driver.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use base::{MonoNanos, SessionId, SessionKey, Timestamp};
use crontab::Crontab;
use tokio_util::sync::CancellationToken;

use crate::checkpoints::{Checkpoint, Checkpoints};
use crate::driver::Handle;
use crate::error::Error;
use crate::lifecycle::{Lifecycle, Phase};
use crate::record::Record;
use crate::settings::Settings;

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

impl NetworkUsage {
    fn add(&mut self, more: Self) {
        self.requests = self.requests.saturating_add(more.requests);
        self.bytes_sent = self.bytes_sent.saturating_add(more.bytes_sent);
        self.bytes_received = self.bytes_received.saturating_add(more.bytes_received);
        self.runtime = self.runtime.saturating_add(more.runtime);
    }
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
    /// Its rc file has been read.
    pub rc_loaded: bool,
    /// What it is doing.
    pub phase: Phase,
    /// How many times its content or use has changed.
    pub version: u64,
    /// What it was created with.
    pub settings: Arc<Settings>,
}

/// What changes of a session beside its files and shell. The default changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Update {
    /// The working directory from now on.
    pub cwd: Option<Vec<u8>>,
    /// The rc file has been read. `false` changes nothing: it is never unread.
    pub rc_loaded: bool,
    /// Added to the runtime.
    pub runtime: Duration,
    /// Added to the use of the network.
    pub network: NetworkUsage,
}

/// What a finished job changes in its session's entry.
#[derive(Debug, Default)]
pub(crate) struct Delta {
    pub(crate) update: Update,
    /// The rc file counts as unread again: the files are others.
    pub(crate) rc_forgotten: bool,
    /// The session's content was put away.
    pub(crate) rests: bool,
    /// The session was used; else its idle time goes on.
    pub(crate) is_use: bool,
}

/// What a timer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Expire,
    Hibernate,
}

/// What has become due.
pub(crate) enum Due {
    /// The session has been removed; its driver is to be told.
    Expired(SessionKey, Handle),
    /// The session is to hibernate.
    Hibernate(SessionKey),
}

/// All sessions of one host. Owned by [`crate::Sessions`], behind its one mutex.
pub(crate) struct Registry {
    entries: HashMap<SessionKey, Entry>,
    // Holds (at, key, timer) exactly for the times the entries' life cycles tell.
    timers: BTreeSet<(MonoNanos, SessionKey, Timer)>,
    max_sessions: Option<usize>,
    next_serial: u64,
    // Entries that have a table of cron jobs.
    n_crontabs: usize,
    // Sessions that are gone and that the store may still have, each with what is cancelled when it has them no more.
    ending: HashMap<SessionKey, CancellationToken>,
}

/// What the registry knows of a session.
pub(crate) struct Entry {
    pub(crate) handle: Handle,
    // Tells this session from an earlier one of the same key, whose driver may still be ending.
    pub(crate) serial: u64,
    pub(crate) settings: Arc<Settings>,
    pub(crate) checkpoints: Checkpoints,
    /// The store has checkpoints that are not listed here yet.
    pub(crate) checkpoints_unread: bool,
    pub(crate) cron: Option<Arc<Crontab>>,
    life: Lifecycle,
    cwd: Vec<u8>,
    created: Timestamp,
    begun: MonoNanos,
    last_use: Now,
    rc_loaded: bool,
    runtime: Duration,
    network: NetworkUsage,
    version: u64,
}

/// What a new entry begins with.
pub(crate) struct Beginning {
    pub(crate) handle: Handle,
    pub(crate) settings: Arc<Settings>,
    pub(crate) cwd: Vec<u8>,
    pub(crate) phase: Phase,
}

impl Registry {
    pub(crate) fn new(max_sessions: Option<usize>) -> Self {
        let (entries, timers) = (HashMap::new(), BTreeSet::new());
        Self { entries, timers, max_sessions, next_serial: 0, n_crontabs: 0, ending: HashMap::new() }
    }

    pub(crate) fn get(&self, key: &SessionKey) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// Returns the handle of an existing session.
    pub(crate) fn handle(&self, key: &SessionKey) -> Option<Handle> {
        self.entries.get(key).map(|entry| entry.handle.clone())
    }

    /// Tells whether so many more sessions may be created.
    ///
    /// # Errors
    /// [`Error::TooManySessions`].
    pub(crate) fn has_room_for(&self, more: usize) -> Result<(), Error> {
        match self.max_sessions {
            Some(max) if self.entries.len().saturating_add(more) > max => Err(Error::TooManySessions),
            _ => Ok(()),
        }
    }

    /// Adds a session nobody has used yet and returns its serial number. The key must be free.
    ///
    /// # Errors
    /// [`Error::TooManySessions`] at the maximum; nothing has changed then.
    pub(crate) fn create(&mut self, key: SessionKey, new: Beginning, now: Now) -> Result<u64, Error> {
        debug_assert!(!self.entries.contains_key(&key), "an attach comes before a creation");
        self.has_room_for(1)?;
        let serial = self.next_serial;
        self.next_serial += 1;
        let entry = Entry {
            handle: new.handle,
            serial,
            life: Lifecycle::begin(new.phase, new.settings.spans, Duration::ZERO, now.mono),
            settings: new.settings,
            checkpoints: Checkpoints::default(),
            checkpoints_unread: false,
            cron: None,
            cwd: new.cwd,
            created: now.wall,
            begun: now.mono,
            last_use: now,
            rc_loaded: false,
            runtime: Duration::ZERO,
            network: NetworkUsage::default(),
            version: 0,
        };
        self.timers.extend(timers_of(&key, &entry.life));
        self.entries.insert(key, entry);
        Ok(serial)
    }

    /// Adds a session that comes back from the store. The maximum does not refuse it.
    pub(crate) fn restore(&mut self, key: SessionKey, handle: Handle, record: Record, version: u64, now: Now) -> u64 {
        let serial = self.next_serial;
        self.next_serial += 1;
        let since = |then: Timestamp| Duration::from_nanos(now.wall.0.saturating_sub(then.0));
        let (age, idle) = (since(record.created), since(record.last_use));
        let entry = Entry {
            handle,
            serial,
            life: Lifecycle::resume(record.settings.spans, age, idle, now.mono),
            settings: Arc::new(record.settings),
            checkpoints: Checkpoints::default(),
            checkpoints_unread: true,
            cron: None,
            cwd: record.cwd,
            created: record.created,
            begun: now.mono,
            last_use: Now { wall: record.last_use, mono: now.mono },
            rc_loaded: record.rc_loaded,
            runtime: record.runtime,
            network: record.network,
            version,
        };
        self.timers.extend(timers_of(&key, &entry.life));
        self.entries.insert(key, entry);
        serial
    }

    /// Notes that a job was accepted for the session: it does not expire before the job's end. If the job `is_use`, the
    /// session's idle time begins anew.
    ///
    /// # Errors
    /// [`Error::NotFound`], or [`Error::Broken`].
    pub(crate) fn accept(&mut self, key: &SessionKey, is_use: bool, now: Now) -> Result<(), Error> {
        self.change_life(key, |entry| {
            entry.life.accept().map_err(|_| Error::Broken)?;
            if is_use {
                entry.use_now(now);
            }
            Ok(())
        })
        .unwrap_or(Err(Error::NotFound))
    }

    /// Notes that the session is used, without a job. `false` if there is none.
    pub(crate) fn touch(&mut self, key: &SessionKey, now: Now) -> bool {
        self.change_life(key, |entry| entry.use_now(now)).is_some()
    }

    /// Notes that a job of that very session ended. No effect when it is gone.
    pub(crate) fn finish(&mut self, key: &SessionKey, serial: u64, delta: Delta, now: Now) {
        self.change_current(key, serial, |entry| {
            entry.rc_loaded &= !delta.rc_forgotten;
            entry.apply(delta.update);
            entry.life.finish(delta.rests, now.mono);
            if delta.is_use {
                entry.use_now(now);
            }
        });
    }

    /// Changes what is known of a session; no effect on one that does not exist.
    pub(crate) fn update(&mut self, key: &SessionKey, update: Update) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.apply(update);
        }
    }

    /// Gives a session other settings.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub(crate) fn set_settings(&mut self, key: &SessionKey, settings: Arc<Settings>) -> Result<(), Error> {
        self.change_life(key, |entry| {
            entry.life.set_spans(settings.spans, entry.last_use.mono, entry.begun);
            entry.settings = settings;
            entry.version += 1;
        })
        .ok_or(Error::NotFound)
    }

    /// Changes a session's checkpoints.
    ///
    /// # Errors
    /// [`Error::NotFound`], and those of `change`.
    pub(crate) fn change_checkpoints<R>(
        &mut self,
        key: &SessionKey,
        change: impl FnOnce(&mut Checkpoints, &Settings) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let entry = self.entries.get_mut(key).ok_or(Error::NotFound)?;
        let changed = change(&mut entry.checkpoints, &entry.settings)?;
        entry.version += 1;
        Ok(changed)
    }

    /// Notes the checkpoints that the store has of a session, unless that has been done.
    pub(crate) fn set_checkpoints(&mut self, key: &SessionKey, named: Vec<(String, Checkpoint)>) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        if std::mem::take(&mut entry.checkpoints_unread) {
            named.into_iter().for_each(|(name, one)| entry.checkpoints.put(&name, one));
        }
    }

    /// Notes the table of cron jobs that very session has now.
    pub(crate) fn set_cron(&mut self, key: &SessionKey, serial: u64, cron: Option<Arc<Crontab>>) {
        let Some(entry) = self.entries.get_mut(key).filter(|entry| entry.serial == serial) else { return };
        self.n_crontabs += usize::from(cron.is_some());
        self.n_crontabs -= usize::from(entry.cron.is_some());
        entry.cron = cron;
    }

    /// Returns the tables of cron jobs; costs all sessions when there is one.
    pub(crate) fn crontabs(&self) -> Vec<(SessionKey, Arc<Crontab>)> {
        if self.n_crontabs == 0 {
            return Vec::new();
        }
        let tables =
            self.entries.iter().filter_map(|(key, entry)| Some((key.clone(), Arc::clone(entry.cron.as_ref()?))));
        tables.collect()
    }

    /// Tells whether a session has cron jobs.
    pub(crate) fn has_crontabs(&self) -> bool {
        self.n_crontabs > 0
    }

    /// Notes that the driver of that very session died.
    pub(crate) fn fail(&mut self, key: &SessionKey, serial: u64, now: Now) {
        self.change_current(key, serial, |entry| entry.life.fail(now.mono));
    }

    /// Notes that the store is to forget a session that was just removed.
    pub(crate) fn begin_ending(&mut self, key: &SessionKey) {
        self.ending.entry(key.clone()).or_default();
    }

    /// Notes that the store has forgotten a session.
    pub(crate) fn finish_ending(&mut self, key: &SessionKey) {
        if let Some(ended) = self.ending.remove(key) {
            ended.cancel();
        }
    }

    /// Returns what is cancelled when the store has forgotten the session that had this key before, if it has not.
    pub(crate) fn ending(&self, key: &SessionKey) -> Option<CancellationToken> {
        self.ending.get(key).cloned()
    }

    /// Removes a session and returns its handle.
    pub(crate) fn remove(&mut self, key: &SessionKey) -> Option<Handle> {
        let entry = self.entries.remove(key)?;
        self.n_crontabs -= usize::from(entry.cron.is_some());
        for timer in timers_of(key, &entry.life) {
            self.timers.remove(&timer);
        }
        Some(entry.handle)
    }

    /// Removes the sessions whose time has come, and tells which are to hibernate.
    pub(crate) fn due(&mut self, now: MonoNanos) -> Vec<Due> {
        let mut due = Vec::new();
        while let Some((_, key, timer)) = self.timers.first().filter(|(at, ..)| *at <= now).cloned() {
            match timer {
                Timer::Expire => {
                    let handle = self.remove(&key);
                    debug_assert!(handle.is_some(), "a timer belongs to an entry");
                    due.extend(handle.map(|handle| Due::Expired(key, handle)));
                }
                Timer::Hibernate => {
                    self.timers.pop_first();
                    due.push(Due::Hibernate(key));
                }
            }
        }
        due
    }

    /// Returns when the next timer is due.
    pub(crate) fn next_deadline(&self) -> Option<MonoNanos> {
        self.timers.first().map(|(at, ..)| *at)
    }

    /// Removes all sessions and returns their handles.
    pub(crate) fn clear(&mut self) -> Vec<Handle> {
        self.timers.clear();
        self.n_crontabs = 0;
        self.entries.drain().map(|(_, entry)| entry.handle).collect()
    }

    pub(crate) fn count(&self) -> usize {
        self.entries.len()
    }

    /// Returns one session's row.
    pub(crate) fn info(&self, key: &SessionKey) -> Option<Info> {
        self.entries.get(key).map(|entry| entry.info(&key.id))
    }

    /// Returns a tenant's sessions, the most recently used first.
    pub(crate) fn list(&self, tenant: &base::TenantId) -> Vec<Info> {
        let of_tenant = self.entries.iter().filter(|(key, _)| key.tenant == *tenant);
        let mut list: Vec<(u64, Info)> = of_tenant.map(|(key, entry)| (entry.serial, entry.info(&key.id))).collect();
        list.sort_by_key(|(serial, info)| std::cmp::Reverse((info.last_use, *serial)));
        list.into_iter().map(|(_, info)| info).collect()
    }

    /// Returns key, handle and working directory of all sessions, in no order.
    pub(crate) fn handles(&self) -> BTreeMap<SessionKey, (Handle, Vec<u8>)> {
        let handles = self.entries.iter().map(|(key, entry)| (key.clone(), (entry.handle.clone(), entry.cwd.clone())));
        handles.collect()
    }

    fn change_current(&mut self, key: &SessionKey, serial: u64, change: impl FnOnce(&mut Entry)) {
        if self.entries.get(key).is_some_and(|entry| entry.serial == serial) {
            self.change_life(key, change);
        }
    }

    /// Changes an entry and moves its timers; `None` if there is none.
    fn change_life<R>(&mut self, key: &SessionKey, change: impl FnOnce(&mut Entry) -> R) -> Option<R> {
        let entry = self.entries.get_mut(key)?;
        let before = entry.life;
        let answer = change(entry);
        if entry.life != before {
            // One that was due and taken is not there any more; removing it again does nothing.
            for timer in timers_of(key, &before) {
                self.timers.remove(&timer);
            }
            self.timers.extend(timers_of(key, &entry.life));
        }
        Some(answer)
    }

    /// Checks that timers and entries agree and that the maximum holds.
    #[cfg(test)]
    pub(crate) fn check_invariants(&self) -> Result<(), String> {
        let wanted: BTreeSet<_> = self.entries.iter().flat_map(|(key, entry)| timers_of(key, &entry.life)).collect();
        if wanted != self.timers {
            return Err(format!("timers {:?}, entries want {wanted:?}", self.timers));
        }
        if self.max_sessions.is_some_and(|max| self.entries.len() > max) {
            return Err(format!("{} sessions", self.entries.len()));
        }
        if self.n_crontabs != self.entries.values().filter(|entry| entry.cron.is_some()).count() {
            return Err(format!("{} tables are counted", self.n_crontabs));
        }
        Ok(())
    }
}

fn timers_of(key: &SessionKey, life: &Lifecycle) -> impl Iterator<Item = (MonoNanos, SessionKey, Timer)> {
    let times = [(life.expires(), Timer::Expire), (life.hibernates(), Timer::Hibernate)];
    times.into_iter().filter_map(move |(at, timer)| Some((at?, key.clone(), timer)))
}

impl Entry {
    /// Returns what it has used of its runtime quota.
    pub(crate) fn runtime(&self) -> Duration {
        self.runtime
    }

    /// Returns its working directory.
    pub(crate) fn cwd(&self) -> &[u8] {
        &self.cwd
    }

    /// Tells whether jobs of it are executing or waiting.
    pub(crate) fn is_running(&self) -> bool {
        matches!(self.life.phase(), Phase::Running { .. })
    }

    fn use_now(&mut self, now: Now) {
        self.last_use = now;
        self.life.touch(now.mono);
    }

    fn apply(&mut self, update: Update) {
        if let Some(cwd) = update.cwd {
            self.cwd = cwd;
        }
        self.rc_loaded |= update.rc_loaded;
        self.runtime = self.runtime.saturating_add(update.runtime);
        self.network.add(update.network);
        self.version += 1;
    }

    fn info(&self, id: &SessionId) -> Info {
        Info {
            id: id.clone(),
            cwd: self.cwd.clone(),
            created: self.created,
            last_use: self.last_use.wall,
            runtime: self.runtime,
            network: self.network,
            rc_loaded: self.rc_loaded,
            phase: self.life.phase(),
            version: self.version,
            settings: Arc::clone(&self.settings),
        }
    }
}

#[cfg(test)]
mod tests {
    use base::TenantId;

    use super::*;
    use crate::lifecycle::Spans;

    const TTL: Duration = Duration::from_secs(60);

    fn at(secs: u64) -> Now {
        Now { wall: Timestamp(secs * 1_000_000_000), mono: MonoNanos(secs * 1_000_000_000) }
    }

    fn key(n: u8) -> SessionKey {
        SessionKey::of_default(SessionId::from_random(u128::from(n)))
    }

    fn beginning() -> Beginning {
        let spans = Spans { ttl: TTL, lifetime: None, awake: None };
        let settings = Arc::new(Settings { spans, ..Settings::default() });
        Beginning { handle: Handle::unattended(), settings, cwd: b"/".to_vec(), phase: Phase::Idle }
    }

    fn create(registry: &mut Registry, n: u8, now: Now) -> Result<u64, Error> {
        let result = registry.create(key(n), beginning(), now);
        registry.check_invariants().expect("whole");
        result
    }

    fn used(update: Update) -> Delta {
        Delta { update, is_use: true, ..Delta::default() }
    }

    #[test]
    fn a_session_expires_when_its_idle_time_is_over_and_not_a_nanosecond_before() {
        let mut registry = Registry::new(None);
        create(&mut registry, 1, at(0)).expect("room");
        let deadline = registry.next_deadline().expect("a timer");
        assert_eq!(deadline, at(60).mono);
        assert!(registry.due(MonoNanos(deadline.0 - 1)).is_empty());
        assert_eq!(registry.due(deadline).len(), 1);
        assert_eq!(registry.count(), 0);
        registry.check_invariants().expect("whole");
    }

    #[test]
    fn a_running_session_has_no_timer_and_gets_a_new_one_after_its_last_job() {
        let mut registry = Registry::new(None);
        let serial = create(&mut registry, 1, at(0)).expect("room");
        registry.accept(&key(1), true, at(10)).expect("exists");
        registry.accept(&key(1), true, at(11)).expect("exists");
        assert_eq!(registry.next_deadline(), None);
        registry.finish(&key(1), serial, used(Update::default()), at(100));
        assert_eq!(registry.next_deadline(), None);
        registry.finish(&key(1), serial, used(Update::default()), at(200));
        assert_eq!(registry.next_deadline(), Some(at(260).mono));
        registry.check_invariants().expect("whole");
    }

    #[test]
    fn what_the_host_does_by_itself_is_no_use() {
        let mut registry = Registry::new(None);
        let serial = create(&mut registry, 1, at(0)).expect("room");
        registry.accept(&key(1), false, at(10)).expect("exists");
        registry.finish(&key(1), serial, Delta::default(), at(20));
        assert_eq!(registry.next_deadline(), Some(at(60).mono));
        assert_eq!(registry.info(&key(1)).expect("exists").last_use, at(0).wall);
    }

    #[test]
    fn only_creation_is_refused_at_the_maximum() {
        let mut registry = Registry::new(Some(2));
        create(&mut registry, 1, at(0)).expect("room");
        create(&mut registry, 2, at(0)).expect("room");
        assert_eq!(create(&mut registry, 3, at(0)), Err(Error::TooManySessions));
        assert_eq!(registry.accept(&key(1), true, at(1)), Ok(()));
        registry.remove(&key(2));
        create(&mut registry, 3, at(0)).expect("room again");
    }

    #[test]
    fn the_driver_of_a_deleted_session_does_not_touch_its_successor() {
        let mut registry = Registry::new(None);
        let old = create(&mut registry, 1, at(0)).expect("room");
        registry.remove(&key(1));
        create(&mut registry, 1, at(5)).expect("room");
        let update = Update { cwd: Some(b"/old".to_vec()), runtime: Duration::from_secs(9), ..Update::default() };
        registry.finish(&key(1), old, used(update), at(6));
        registry.fail(&key(1), old, at(6));
        let info = registry.info(&key(1)).expect("exists");
        assert_eq!((info.runtime, info.cwd.as_slice()), (Duration::ZERO, &b"/"[..]));
        assert_eq!(registry.accept(&key(1), true, at(7)), Ok(()));
    }

    #[test]
    fn an_update_adds_and_only_ever_turns_the_rc_flag_on() {
        let mut registry = Registry::new(None);
        create(&mut registry, 1, at(0)).expect("room");
        let network = NetworkUsage { requests: 1, bytes_sent: 2, bytes_received: 3, runtime: TTL };
        let update = Update { cwd: Some(b"/a".to_vec()), rc_loaded: true, runtime: TTL, network };
        registry.update(&key(1), update.clone());
        registry.update(&key(1), Update { cwd: None, rc_loaded: false, ..update.clone() });
        registry.update(&key(2), update);
        let info = registry.info(&key(1)).expect("exists");
        let twice = NetworkUsage { requests: 2, bytes_sent: 4, bytes_received: 6, runtime: TTL * 2 };
        assert_eq!(
            (info.cwd.as_slice(), info.rc_loaded, info.runtime, info.network),
            (&b"/a"[..], true, TTL * 2, twice)
        );
        assert_eq!(registry.count(), 1);
    }

    #[test]
    fn the_list_is_the_tenants_own_and_begins_with_the_most_recently_used() {
        let mut registry = Registry::new(None);
        for n in 1..=3 {
            create(&mut registry, n, at(u64::from(n))).expect("room");
        }
        let other = SessionKey { tenant: "other".parse().expect("a name"), id: key(1).id };
        registry.create(other.clone(), beginning(), at(5)).expect("room");
        registry.accept(&key(1), true, at(9)).expect("exists");
        let ids = |tenant: &TenantId| registry.list(tenant).into_iter().map(|info| info.id).collect::<Vec<_>>();
        assert_eq!(ids(&TenantId::default_tenant()), [key(1).id, key(3).id, key(2).id]);
        assert_eq!(ids(&other.tenant), [key(1).id]);
    }
}
