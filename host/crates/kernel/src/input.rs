//! What a run's standard input reads: nothing, given bytes, or a pipe that the host feeds.
//!
//! Owns the host's end of that pipe; the guest's end is an ordinary pipe description.

use std::sync::Arc;

use base::Errno;
use bytes::Bytes;

use crate::pipe::Pipe;
use crate::types::TryIo;

/// Where descriptor 0 of a run reads from.
#[derive(Debug, Default)]
pub enum Stdin {
    /// End of file at once.
    #[default]
    Empty,
    /// These bytes.
    Bytes(Bytes),
    /// A pipe that an [`InputWriter`] feeds.
    Pipe(InputReader),
}

/// The guest's end of an input pipe, before it becomes a descriptor.
#[derive(Debug)]
pub struct InputReader(Option<Arc<Pipe>>);

impl InputReader {
    pub(crate) fn into_pipe(mut self) -> Option<Arc<Pipe>> {
        self.0.take()
    }
}

impl Drop for InputReader {
    fn drop(&mut self) {
        if let Some(pipe) = &self.0 {
            pipe.close_reader();
        }
    }
}

/// The host's end of an input pipe; dropping it is the guest's end of file.
#[derive(Debug)]
pub struct InputWriter(Arc<Pipe>);

/// Makes a pipe from the host to a run's standard input.
#[must_use]
pub fn input_pipe() -> (InputWriter, InputReader) {
    // The host's own pipe, one a run, is no charge on the session's ledger.
    let pipe = Pipe::new(0, 0);
    (InputWriter(Arc::clone(&pipe)), InputReader(Some(pipe)))
}

impl InputWriter {
    /// Writes what fits.
    ///
    /// # Errors
    ///
    /// `EPIPE` when the run no longer reads.
    pub fn try_write(&self, data: &[u8]) -> Result<TryIo<usize>, Errno> {
        self.0.try_write(data)
    }

    /// Completes when a write would do something.
    pub fn writable(&self) -> impl Future<Output = ()> + Send + 'static {
        Arc::clone(&self.0).writable()
    }

    /// Writes all of `data`, waiting as the guest reads.
    ///
    /// # Errors
    ///
    /// `EPIPE` when the run no longer reads.
    pub async fn write_all(&self, mut data: &[u8]) -> Result<(), Errno> {
        while !data.is_empty() {
            match self.try_write(data)? {
                TryIo::Done(n) => data = data.get(n..).unwrap_or_default(),
                TryIo::WouldBlock => self.writable().await,
            }
        }
        Ok(())
    }
}

impl Drop for InputWriter {
    fn drop(&mut self) {
        self.0.close_writer();
    }
}
