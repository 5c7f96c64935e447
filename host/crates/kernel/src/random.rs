//! The bytes of /dev/random and `random-u64`: one stream a session, determined by its seed.
//!
//! The seed comes from the host's random source, or from a test that wants the same bytes each time.

use blake3::{Hasher, OutputReader};

/// A cryptographically strong stream of bytes (BLAKE3's extendable output over a keyed seed).
#[derive(Clone)]
pub struct RandomStream(OutputReader);

impl std::fmt::Debug for RandomStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The position and key would let a reader of logs foretell the bytes.
        f.write_str("RandomStream")
    }
}

impl RandomStream {
    /// Starts the stream of `seed`; equal seeds give equal streams.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(Hasher::new_keyed(&seed).finalize_xof())
    }

    /// Fills `out` with the next bytes.
    pub fn fill(&mut self, out: &mut [u8]) {
        self.0.fill(out);
    }

    /// Answers sixteen bytes that are the stream's own and never among those it gives out: they lie too far ahead.
    pub(crate) fn apart(&self) -> [u8; 16] {
        let mut reader = self.0.clone();
        reader.set_position(1 << 62);
        let mut bytes = [0; 16];
        reader.fill(&mut bytes);
        bytes
    }

    /// Answers the next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}
