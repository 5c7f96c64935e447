//! Pipes: a bounded byte queue between descriptions, with one copy in and one copy out.
//!
//! Owns the bytes and knows which of its two ends is open. Knows nothing of processes: who is signalled for a broken pipe is
//! decided by the caller of [`Pipe::try_write`].

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use base::Errno;

use crate::sync::{Bell, Lock};
use crate::types::TryIo;

/// Bytes a pipe holds, Linux's number.
pub const PIPE_CAPACITY: usize = 64 * 1024;

/// A write of at most this many bytes goes in whole or not at all (POSIX `PIPE_BUF`, Linux's number).
pub const PIPE_BUF: usize = 4096;

/// A pipe with one reading and one writing description.
#[derive(Debug)]
pub(crate) struct Pipe {
    state: Lock<State>,
    readable: Bell,
    writable: Bell,
    // Guest ends that hold the ledger's charge for this pipe; changed under the session's lock.
    charged_ends: AtomicU32,
    number: u64,
}

#[derive(Debug)]
struct State {
    // Never more than PIPE_CAPACITY bytes; grows as it is used, since most pipes carry little.
    queue: VecDeque<u8>,
    // Each end is one open file description: dup, spawn and /dev/fd share it, so a flag is count enough.
    reader_open: bool,
    writer_open: bool,
}

impl Pipe {
    /// Makes a pipe with both ends open; `charged_ends` of them give back the ledger's charge when the last closes.
    /// By `number` it is known in `stat` and /proc, if that is not 0.
    pub(crate) fn new(charged_ends: u32, number: u64) -> Arc<Self> {
        let state = State { queue: VecDeque::new(), reader_open: true, writer_open: true };
        Arc::new(Self {
            state: Lock::new(state),
            readable: Bell::default(),
            writable: Bell::default(),
            charged_ends: AtomicU32::new(charged_ends),
            number,
        })
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Tells whether the ledger is charged for it.
    pub(crate) fn is_charged(&self) -> bool {
        self.charged_ends.load(Ordering::Acquire) > 0
    }

    /// Counts one charged end less; true for the last one.
    pub(crate) fn uncharge_end(&self) -> bool {
        let less = |ends: u32| ends.checked_sub(1);
        self.charged_ends.fetch_update(Ordering::AcqRel, Ordering::Acquire, less) == Ok(1)
    }

    /// Takes up to `out.len()` bytes; 0 at end of file.
    pub(crate) fn try_read(&self, out: &mut [u8]) -> TryIo<usize> {
        if out.is_empty() {
            return TryIo::Done(0);
        }
        let (taken, made_room) = {
            let mut state = self.state.lock();
            if state.queue.is_empty() {
                return if !state.writer_open { TryIo::Done(0) } else { TryIo::WouldBlock };
            }
            let was_writable = state.is_writable();
            let taken = take_front(&mut state.queue, out);
            (taken, !was_writable && state.is_writable())
        };
        if made_room {
            self.writable.ring();
        }
        TryIo::Done(taken)
    }

    /// Takes bytes up to and including `delimiter`, at most `max`; what is there when there is no delimiter.
    pub(crate) fn try_read_until(&self, delimiter: u8, max: usize) -> TryIo<Vec<u8>> {
        if max == 0 {
            return TryIo::Done(Vec::new());
        }
        let (taken, made_room) = {
            let mut state = self.state.lock();
            if state.queue.is_empty() {
                return if !state.writer_open { TryIo::Done(Vec::new()) } else { TryIo::WouldBlock };
            }
            let was_writable = state.is_writable();
            let end = state.queue.iter().take(max).position(|byte| *byte == delimiter);
            let n = end.map_or(max.min(state.queue.len()), |at| at + 1);
            let taken = state.queue.drain(..n).collect();
            (taken, !was_writable && state.is_writable())
        };
        if made_room {
            self.writable.ring();
        }
        TryIo::Done(taken)
    }

    /// Puts in what fits; at most [`PIPE_BUF`] bytes go in whole or not at all.
    ///
    /// # Errors
    ///
    /// `EPIPE` when no reader is left.
    pub(crate) fn try_write(&self, data: &[u8]) -> Result<TryIo<usize>, Errno> {
        if data.is_empty() {
            return Ok(TryIo::Done(0));
        }
        let (written, was_empty) = {
            let mut state = self.state.lock();
            if !state.reader_open {
                return Err(Errno::EPIPE);
            }
            let free = PIPE_CAPACITY - state.queue.len();
            if free < data.len().min(PIPE_BUF) {
                return Ok(TryIo::WouldBlock);
            }
            let n = free.min(data.len());
            let was_empty = state.queue.is_empty();
            state.queue.extend(&data[..n]);
            (n, was_empty)
        };
        if was_empty {
            self.readable.ring();
        }
        Ok(TryIo::Done(written))
    }

    /// Bytes that wait to be read.
    pub(crate) fn len(&self) -> usize {
        self.state.lock().queue.len()
    }

    /// Bytes that can be written at once.
    pub(crate) fn room(&self) -> usize {
        let state = self.state.lock();
        if state.reader_open { PIPE_CAPACITY - state.queue.len() } else { 0 }
    }

    /// A read would not block: there are bytes, or no writer is left.
    pub(crate) fn is_readable(&self) -> bool {
        let state = self.state.lock();
        !state.queue.is_empty() || !state.writer_open
    }

    /// A write of [`PIPE_BUF`] bytes would not block: there is room, or the answer is `EPIPE`.
    pub(crate) fn is_writable(&self) -> bool {
        self.state.lock().is_writable()
    }

    /// No writer is left; what is queued can still be read.
    pub(crate) fn writer_is_gone(&self) -> bool {
        !self.state.lock().writer_open
    }

    /// No reader is left: a write is `EPIPE`.
    pub(crate) fn reader_is_gone(&self) -> bool {
        !self.state.lock().reader_open
    }

    /// Completes when [`Pipe::is_readable`].
    pub(crate) async fn readable(self: Arc<Self>) {
        self.readable.until(|| self.is_readable()).await;
    }

    /// Completes when [`Pipe::is_writable`].
    pub(crate) async fn writable(self: Arc<Self>) {
        self.writable.until(|| self.is_writable()).await;
    }

    /// Closes the reading end: from now on a write is `EPIPE`.
    pub(crate) fn close_reader(&self) {
        let unread = {
            let mut state = self.state.lock();
            state.reader_open = false;
            // What nobody can read any more is freed at once, not when the writer goes.
            std::mem::take(&mut state.queue)
        };
        drop(unread);
        self.writable.ring();
    }

    /// Closes the writing end: the reader meets end of file after what is queued.
    pub(crate) fn close_writer(&self) {
        self.state.lock().writer_open = false;
        self.readable.ring();
    }
}

impl State {
    fn is_writable(&self) -> bool {
        PIPE_CAPACITY - self.queue.len() >= PIPE_BUF || !self.reader_open
    }
}

/// Copies the front of `queue` into `out` with at most two block copies and removes it.
fn take_front(queue: &mut VecDeque<u8>, out: &mut [u8]) -> usize {
    let n = out.len().min(queue.len());
    let (first, second) = queue.as_slices();
    let from_first = n.min(first.len());
    out[..from_first].copy_from_slice(&first[..from_first]);
    out[from_first..n].copy_from_slice(&second[..n - from_first]);
    queue.drain(..n);
    n
}
