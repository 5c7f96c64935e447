//! A run's output: one log of what went to stdout and stderr, in order, with the head and tail of each kept.
//!
//! Owns the bytes and their order. It ends no run itself: [`OutputLog::write`] tells its caller that the limit is passed.

use std::collections::VecDeque;

use base::Limits;

use crate::sync::{Bell, Lock};

/// Switches between the two streams whose order is kept, per stream and region; beyond them bytes join the stream's
/// last record, so that alternating one-byte writes cannot cost sixteen bytes of order each.
const MAX_RECORDS: usize = 32_768;

/// One of a run's two streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Descriptor 1.
    Stdout,
    /// Descriptor 2.
    Stderr,
}

/// A piece of output in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputRecord {
    /// Where it was written to.
    pub stream: Stream,
    /// Bytes of the same stream that were left out just before.
    pub skipped_bytes: u64,
    /// What was written.
    pub data: Vec<u8>,
}

/// One stream by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamView {
    /// Its first bytes.
    pub head: Vec<u8>,
    /// Its last bytes beyond the head.
    pub tail: Vec<u8>,
    /// Bytes between the two that were not kept.
    pub skipped_bytes: u64,
}

impl StreamView {
    /// Head and tail together.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        let mut bytes = self.head;
        bytes.extend_from_slice(&self.tail);
        bytes
    }
}

/// The tagged output of one run.
#[derive(Debug)]
pub struct OutputLog {
    state: Lock<State>,
    grown: Bell,
}

/// What a write to the log came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Logged {
    Kept,
    /// The run has written more than it may.
    OverLimit,
}

#[derive(Debug)]
struct State {
    stdout: Kept,
    stderr: Kept,
    last: Option<Stream>,
    // Bytes accepted from both streams; also the position that orders the records.
    accepted: u64,
    discarded: u64,
    max: u64,
    head_max: usize,
    tail_max: usize,
    sealed: bool,
}

/// What is kept of one stream. The sum of a region's record lengths is the region's length.
#[derive(Debug, Default)]
struct Kept {
    total: u64,
    head: Vec<u8>,
    head_records: Vec<Record>,
    tail: VecDeque<u8>,
    tail_records: VecDeque<Record>,
}

#[derive(Clone, Copy, Debug)]
struct Record {
    at: u64,
    len: usize,
}

impl OutputLog {
    pub(crate) fn new(limits: &Limits) -> Self {
        let state = State {
            stdout: Kept::default(),
            stderr: Kept::default(),
            last: None,
            accepted: 0,
            discarded: 0,
            max: limits.output_bytes,
            head_max: usize::try_from(limits.output_head_bytes).unwrap_or(usize::MAX),
            tail_max: usize::try_from(limits.output_tail_bytes).unwrap_or(usize::MAX),
            sealed: false,
        };
        Self { state: Lock::new(state), grown: Bell::default() }
    }

    /// Logs `data`, all of which counts as written, whatever of it is kept.
    pub(crate) fn write(&self, stream: Stream, data: &[u8]) -> Logged {
        let logged = self.state.lock().write(stream, data);
        self.grown.ring();
        logged
    }

    /// Ends the log: later writes are discarded and counted.
    pub(crate) fn seal(&self) {
        self.state.lock().sealed = true;
        self.grown.ring();
    }

    /// Answers head and tail of one stream.
    #[must_use]
    pub fn stream(&self, stream: Stream) -> StreamView {
        let state = self.state.lock();
        let kept = match stream {
            Stream::Stdout => &state.stdout,
            Stream::Stderr => &state.stderr,
        };
        let tail: Vec<u8> = kept.tail.iter().copied().collect();
        StreamView { head: kept.head.clone(), tail, skipped_bytes: kept.skipped() }
    }

    /// Answers at most `max` bytes of what is kept from a stream's start, from byte `from` on: for who follows the
    /// output while it is written.
    #[must_use]
    pub fn read_head(&self, stream: Stream, from: usize, max: usize) -> Vec<u8> {
        let state = self.state.lock();
        let kept = match stream {
            Stream::Stdout => &state.stdout,
            Stream::Stderr => &state.stderr,
        };
        let rest = kept.head.get(from..).unwrap_or_default();
        rest.get(..max).unwrap_or(rest).to_vec()
    }

    /// Answers both streams' kept bytes as records in the order of writing.
    #[must_use]
    pub fn records(&self) -> Vec<OutputRecord> {
        let state = self.state.lock();
        let mut pieces = state.stdout.pieces(Stream::Stdout);
        pieces.extend(state.stderr.pieces(Stream::Stderr));
        pieces.sort_by_key(|(at, _)| *at);
        pieces.into_iter().map(|(_, record)| record).collect()
    }

    /// Bytes accepted from both streams, kept or not.
    #[must_use]
    pub fn accepted_bytes(&self) -> u64 {
        self.state.lock().accepted
    }

    /// Bytes thrown away since they came after the limit or after the run's end.
    #[must_use]
    pub fn discarded_bytes(&self) -> u64 {
        self.state.lock().discarded
    }

    /// Tells whether bytes are missing from what the views show.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        let state = self.state.lock();
        let over_limit = state.accepted >= state.max && state.discarded > 0;
        state.stdout.skipped() > 0 || state.stderr.skipped() > 0 || over_limit
    }

    /// Completes when more than `seen` bytes were accepted or the log has ended.
    pub async fn grown_beyond(&self, seen: u64) {
        let grown = || {
            let state = self.state.lock();
            state.accepted > seen || state.sealed
        };
        self.grown.until(grown).await;
    }
}

impl State {
    fn write(&mut self, stream: Stream, data: &[u8]) -> Logged {
        let room = if self.sealed { 0 } else { self.max - self.accepted };
        let n = usize::try_from(room).unwrap_or(usize::MAX).min(data.len());
        let (data, over) = data.split_at(n);
        self.discarded += over.len() as u64;
        let joins = self.last == Some(stream);
        let (head_max, tail_max, at) = (self.head_max, self.tail_max, self.accepted);
        let kept = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        if !data.is_empty() {
            kept.push(data, at, joins, head_max, tail_max);
            self.accepted += data.len() as u64;
            self.last = Some(stream);
        }
        if over.is_empty() || self.sealed { Logged::Kept } else { Logged::OverLimit }
    }
}

impl Kept {
    fn skipped(&self) -> u64 {
        self.total - (self.head.len() + self.tail.len()) as u64
    }

    fn push(&mut self, data: &[u8], at: u64, joins: bool, head_max: usize, tail_max: usize) {
        self.total += data.len() as u64;
        let to_head = data.len().min(head_max.saturating_sub(self.head.len()));
        let (first, rest) = data.split_at(to_head);
        if !first.is_empty() {
            self.head.extend_from_slice(first);
            let full = self.head_records.len() >= MAX_RECORDS;
            match self.head_records.last_mut() {
                Some(last) if joins || full => last.len += first.len(),
                _ => self.head_records.push(Record { at, len: first.len() }),
            }
        }
        self.push_tail(rest, at + to_head as u64, joins, tail_max);
    }

    fn push_tail(&mut self, data: &[u8], at: u64, joins: bool, tail_max: usize) {
        let unseen = data.len().saturating_sub(tail_max);
        let data = data.split_at(unseen).1;
        if data.is_empty() {
            return;
        }
        self.drop_front_of_tail((self.tail.len() + data.len()).saturating_sub(tail_max));
        self.tail.extend(data);
        let full = self.tail_records.len() >= MAX_RECORDS;
        match self.tail_records.back_mut() {
            Some(last) if joins || full => last.len += data.len(),
            _ => self.tail_records.push_back(Record { at: at + unseen as u64, len: data.len() }),
        }
    }

    fn drop_front_of_tail(&mut self, n: usize) {
        self.tail.drain(..n);
        let mut left = n;
        while left > 0 {
            let Some(first) = self.tail_records.front_mut() else { return };
            let from_first = left.min(first.len);
            first.at += from_first as u64;
            first.len -= from_first;
            left -= from_first;
            if first.len == 0 {
                self.tail_records.pop_front();
            }
        }
    }

    fn pieces(&self, stream: Stream) -> Vec<(u64, OutputRecord)> {
        let mut pieces = Vec::with_capacity(self.head_records.len() + self.tail_records.len());
        let mut head = self.head.as_slice();
        for record in &self.head_records {
            let (data, rest) = head.split_at(record.len.min(head.len()));
            head = rest;
            pieces.push((record.at, OutputRecord { stream, skipped_bytes: 0, data: data.to_vec() }));
        }
        let mut tail = self.tail.iter().copied();
        let mut skipped_bytes = self.skipped();
        for record in &self.tail_records {
            let data = tail.by_ref().take(record.len).collect();
            pieces.push((record.at, OutputRecord { stream, skipped_bytes, data }));
            skipped_bytes = 0;
        }
        pieces
    }
}
