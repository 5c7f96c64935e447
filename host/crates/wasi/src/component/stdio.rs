//! Standard output and error of a component: lines in the server's log, of bounded length.
//!
//! Nothing a script prints comes here; a panic of the shell's own code does.

use bytes::Bytes;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};
use wasmtime_wasi_io::async_trait;

/// Bytes of one write that are logged; the rest is dropped.
const LOGGED_MAX_BYTES: usize = 1024;
/// What one write may be.
const WRITE_MAX_BYTES: usize = 64 << 10;

/// The stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ToLog;

impl IsTerminal for ToLog {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for ToLog {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(Self)
    }

    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        // Only WASI 0.1 and 0.3 of `wasmtime-wasi` ask for it; neither is linked.
        Box::new(tokio::io::sink())
    }
}

#[async_trait]
impl Pollable for ToLog {
    async fn ready(&mut self) {}
}

#[async_trait]
impl OutputStream for ToLog {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let shown = bytes.get(..LOGGED_MAX_BYTES).unwrap_or(&bytes);
        tracing::warn!("a shell's runtime says: {}", String::from_utf8_lossy(shown).trim_end());
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_MAX_BYTES)
    }

    async fn blocking_write_and_flush(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.write(bytes)
    }
}
