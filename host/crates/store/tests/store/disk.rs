//! A disk for SQLite that writes down everything done to it, fails where it is told to, and can say what would be left
//! of it after a loss of power at any point.
//!
//! It is a VFS over the system's: reading, locking and shared memory are the system's, and what writes is noted first.
#![expect(unsafe_code, reason = "SQLite calls a VFS through C function pointers")]

use std::collections::BTreeMap;
use std::ffi::{CString, c_char, c_int, c_void};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use rusqlite::ffi;

/// What was done to a file, which is named by what follows the database's name.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Write {
        file: &'static str,
        offset: usize,
        data: Vec<u8>,
    },
    Truncate {
        file: &'static str,
        size: usize,
    },
    Sync {
        file: &'static str,
    },
    Delete {
        file: &'static str,
    },
    /// Not of the disk: the test notes where it is.
    Mark(Mark),
}

/// Where a test is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Begun(usize),
    Acknowledged(usize),
}

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nothing is done.
    Error,
    /// Half of what is to be written is.
    Torn,
    /// There is no room.
    Full,
}

#[derive(Default)]
struct State {
    ops: Vec<Op>,
    /// Operations that can fail, so far.
    n_done: usize,
    fail: Option<(usize, Failure)>,
    /// The length of `ops` when it failed.
    failed_at: Option<usize>,
}

/// The disk.
pub(crate) struct Disk {
    pub(crate) name: String,
    state: Mutex<State>,
}

impl Disk {
    /// Makes a disk and registers it with SQLite, for the life of the process.
    pub(crate) fn new(fail: Option<(usize, Failure)>) -> Arc<Self> {
        static SERIAL: AtomicUsize = AtomicUsize::new(0);
        let name = format!("disk-{}", SERIAL.fetch_add(1, Ordering::Relaxed));
        let disk = Arc::new(Self { name: name.clone(), state: Mutex::new(State { fail, ..State::default() }) });
        let c_name = CString::new(name).expect("no zero byte").into_raw();
        // SAFETY: the system's VFS lives as long as the process; the copy, its name and its disk are leaked and do,
        // too.
        unsafe {
            let system = ffi::sqlite3_vfs_find(std::ptr::null());
            let mut vfs = *system;
            vfs.pNext = std::ptr::null_mut();
            vfs.zName = c_name;
            vfs.szOsFile += c_int::try_from(size_of::<ShimFile>()).expect("small");
            vfs.pAppData = Arc::into_raw(Arc::clone(&disk)).cast_mut().cast();
            vfs.xOpen = Some(open);
            vfs.xDelete = Some(delete);
            assert_eq!(ffi::sqlite3_vfs_register(Box::leak(Box::new(vfs)), 0), ffi::SQLITE_OK);
        }
        disk
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics with it")
    }

    /// Notes where the test is.
    pub(crate) fn mark(&self, mark: Mark) {
        self.lock().ops.push(Op::Mark(mark));
    }

    /// Returns what was done.
    pub(crate) fn ops(&self) -> Vec<Op> {
        self.lock().ops.clone()
    }

    /// Returns how many operations could have failed.
    pub(crate) fn n_done(&self) -> usize {
        self.lock().n_done
    }

    /// Returns what was done after the failure; none when there was none.
    pub(crate) fn done_after_failure(&self) -> Option<Vec<Op>> {
        let state = self.lock();
        let after = state.ops.get(state.failed_at?..)?;
        Some(after.iter().filter(|op| !matches!(op, Op::Mark(_))).cloned().collect())
    }

    /// Notes an operation, then does it, unless this is the one that fails.
    fn operate(&self, op: Op, failed: c_int, act: impl FnOnce(Option<usize>) -> c_int) -> c_int {
        let mut state = self.lock();
        let number = state.n_done;
        state.n_done += 1;
        let failure = state.fail.filter(|(at, _)| *at == number).map(|(_, failure)| failure);
        let Some(failure) = failure else {
            state.ops.push(op);
            return act(None);
        };
        let result = match (failure, op) {
            (Failure::Full, Op::Write { .. }) => ffi::SQLITE_FULL,
            (Failure::Torn, Op::Write { file, offset, mut data }) => {
                data.truncate(data.len() / 2);
                let half = data.len();
                state.ops.push(Op::Write { file, offset, data });
                act(Some(half));
                failed
            }
            _ => failed,
        };
        state.failed_at = Some(state.ops.len());
        result
    }
}

/// What of the writes that no fsync covers is left after a loss of power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    /// Everything: only the process died.
    All,
    /// Nothing.
    Nothing,
    /// Some, in any order, the last one torn; chosen by this number.
    Some(u64),
}

/// A file as it is on the disk, and what was written since its last fsync.
#[derive(Default)]
struct FileState {
    durable: Vec<u8>,
    pending: Vec<Op>,
}

fn apply(content: &mut Vec<u8>, op: &Op) {
    match op {
        Op::Write { offset, data, .. } => {
            let end = offset + data.len();
            if content.len() < end {
                content.resize(end, 0);
            }
            content[*offset..end].copy_from_slice(data);
        }
        Op::Truncate { size, .. } => content.truncate(*size),
        Op::Sync { .. } | Op::Delete { .. } | Op::Mark(_) => {}
    }
}

/// Makes the files of a disk after these operations and a loss of power.
pub(crate) fn restore(ops: &[Op], left: Left, folder: &Path) {
    let mut files: BTreeMap<&str, FileState> = BTreeMap::from([("", FileState::default())]);
    for op in ops {
        match op {
            Op::Write { file, .. } | Op::Truncate { file, .. } => {
                files.entry(file).or_default().pending.push(op.clone())
            }
            Op::Sync { file } => {
                let state = files.entry(file).or_default();
                std::mem::take(&mut state.pending).iter().for_each(|op| apply(&mut state.durable, op));
            }
            Op::Delete { file } => drop(files.remove(file)),
            Op::Mark(_) => {}
        }
    }
    for (suffix, mut state) in files {
        let mut random = match left {
            Left::Some(seed) => seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            _ => 1,
        };
        let count = state.pending.len();
        for (index, mut op) in state.pending.into_iter().enumerate() {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            if let (Left::Some(_), Op::Write { data, .. }) = (left, &mut op)
                && index + 1 == count
            {
                data.truncate(data.len() / 1024 * 512);
            }
            let kept = match left {
                Left::All => true,
                Left::Nothing => false,
                Left::Some(_) => random & 1 == 0,
            };
            if kept {
                apply(&mut state.durable, &op);
            }
        }
        std::fs::write(folder.join(format!("store.db{suffix}")), &state.durable).expect("a file");
    }
}

/// Our part of an open file; the system's follows it in the same memory.
#[repr(C)]
struct ShimFile {
    base: ffi::sqlite3_file,
    disk: *const Disk,
    file: Option<&'static str>,
}

type File = *mut ffi::sqlite3_file;

/// Returns the system's file.
///
/// # Safety
/// `file` is one that `open` made.
unsafe fn real(file: File) -> File {
    // SAFETY: SQLite gives each file szOsFile bytes, which is our size and then the system's.
    unsafe { file.cast::<ShimFile>().add(1).cast() }
}

/// Calls a method of the system's file.
macro_rules! forward {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        let file = real($file);
        ((*(*file).pMethods).$method.expect("the system's files have all methods"))(file $(, $argument)*)
    }};
}

/// Defines methods that only forward.
macro_rules! forwards {
    ($($name:ident $method:ident ($($argument:ident: $kind:ty),*);)*) => {
        $(
            /// # Safety
            /// Called by SQLite with a file that `open` made.
            unsafe extern "C" fn $name(file: File $(, $argument: $kind)*) -> c_int {
                // SAFETY: the arguments are passed on as they came.
                unsafe { forward!(file, $method $(, $argument)*) }
            }
        )*
    };
}

forwards! {
    close xClose();
    read xRead(out: *mut c_void, amount: c_int, offset: i64);
    size xFileSize(out: *mut i64);
    lock xLock(level: c_int);
    unlock xUnlock(level: c_int);
    reserved xCheckReservedLock(out: *mut c_int);
    control xFileControl(op: c_int, argument: *mut c_void);
    sector xSectorSize();
    features xDeviceCharacteristics();
    shm_map xShmMap(page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void);
    shm_lock xShmLock(offset: c_int, n: c_int, flags: c_int);
    shm_unmap xShmUnmap(delete: c_int);
}

/// # Safety
/// Called by SQLite with a file that `open` made.
unsafe extern "C" fn shm_barrier(file: File) {
    // SAFETY: as above.
    unsafe { forward!(file, xShmBarrier) }
}

/// # Safety
/// Called by SQLite with a file that `open` made and `amount` readable bytes.
unsafe extern "C" fn write(file: File, data: *const c_void, amount: c_int, offset: i64) -> c_int {
    // SAFETY: the file is ours; its disk is leaked; the bytes are there.
    unsafe {
        let shim = &*file.cast::<ShimFile>();
        let Some(name) = shim.file else { return forward!(file, xWrite, data, amount, offset) };
        let length = usize::try_from(amount).expect("a length");
        let bytes = std::slice::from_raw_parts(data.cast::<u8>(), length).to_vec();
        let op = Op::Write { file: name, offset: usize::try_from(offset).expect("an offset"), data: bytes };
        (*shim.disk).operate(op, ffi::SQLITE_IOERR_WRITE, |half| {
            let amount = half.map_or(amount, |half| c_int::try_from(half).expect("half of it"));
            forward!(file, xWrite, data, amount, offset)
        })
    }
}

/// # Safety
/// Called by SQLite with a file that `open` made.
unsafe extern "C" fn truncate(file: File, size: i64) -> c_int {
    // SAFETY: the file is ours; its disk is leaked.
    unsafe {
        let shim = &*file.cast::<ShimFile>();
        let Some(name) = shim.file else { return forward!(file, xTruncate, size) };
        let op = Op::Truncate { file: name, size: usize::try_from(size).expect("a size") };
        (*shim.disk).operate(op, ffi::SQLITE_IOERR_TRUNCATE, |_| forward!(file, xTruncate, size))
    }
}

/// # Safety
/// Called by SQLite with a file that `open` made.
unsafe extern "C" fn sync(file: File, _flags: c_int) -> c_int {
    // SAFETY: the file is ours; its disk is leaked.
    unsafe {
        let shim = &*file.cast::<ShimFile>();
        let Some(name) = shim.file else { return ffi::SQLITE_OK };
        // The system's fsync is left out: this disk decides what is durable.
        (*shim.disk).operate(Op::Sync { file: name }, ffi::SQLITE_IOERR_FSYNC, |_| ffi::SQLITE_OK)
    }
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector),
    xDeviceCharacteristics: Some(features),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// # Safety
/// Called by SQLite with our VFS and memory for a file.
unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: File,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: the memory is ours to fill; the system's VFS opens its part of it.
    unsafe {
        let system = ffi::sqlite3_vfs_find(std::ptr::null());
        let shim = file.cast::<ShimFile>();
        (*shim).base.pMethods = std::ptr::null();
        (*shim).disk = (*vfs).pAppData.cast();
        (*shim).file = match flags & 0x000f_ff00 {
            ffi::SQLITE_OPEN_MAIN_DB => Some(""),
            ffi::SQLITE_OPEN_WAL => Some("-wal"),
            ffi::SQLITE_OPEN_MAIN_JOURNAL => Some("-journal"),
            _ => None,
        };
        let result = ((*system).xOpen.expect("the system's VFS opens"))(system, name, real(file), flags, out);
        if !(*real(file)).pMethods.is_null() {
            (*shim).base.pMethods = &raw const METHODS;
        }
        result
    }
}

/// # Safety
/// Called by SQLite with our VFS and a path.
unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: the path is a C string; the disk is leaked.
    unsafe {
        let system = ffi::sqlite3_vfs_find(std::ptr::null());
        let path = std::ffi::CStr::from_ptr(name).to_string_lossy();
        let suffix = ["-wal", "-journal"].into_iter().find(|suffix| path.ends_with(suffix));
        let act = |_| ((*system).xDelete.expect("the system's VFS deletes"))(system, name, sync);
        match suffix {
            Some(file) => (*(*vfs).pAppData.cast::<Disk>()).operate(Op::Delete { file }, ffi::SQLITE_IOERR_DELETE, act),
            None => act(None),
        }
    }
}
