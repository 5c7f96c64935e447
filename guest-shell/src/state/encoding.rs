//! Values to bytes and back: a version byte, then postcard's encoding. Owns where encoded bytes go: into one vector,
//! into pieces of bounded size, into a hash.

use std::hash::{DefaultHasher, Hasher};

use postcard::ser_flavors::Flavor;
use serde::{Deserialize, Serialize};

/// The version of the encoding; another one is refused.
const VERSION: u8 = 2;
/// The largest piece of a section that `save` answers.
const PIECE_BYTES: usize = 1 << 20;

/// Encodes a value.
pub(super) fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    written(value, Whole(vec![VERSION]))
}

/// Encodes a value that takes about `bytes`, without growing the vector on the way.
pub(super) fn encode_sized<T: Serialize + ?Sized>(value: &T, bytes: usize) -> Vec<u8> {
    let mut whole = Vec::with_capacity(bytes.saturating_add(1));
    whole.push(VERSION);
    written(value, Whole(whole))
}

/// Encodes a value into pieces of at most 1 MiB.
pub(super) fn encode_pieces<T: Serialize + ?Sized>(value: &T) -> Vec<Vec<u8>> {
    written(value, Pieces { full: Vec::new(), last: vec![VERSION] })
}

/// Cuts encoded bytes into pieces of at most 1 MiB.
pub(super) fn pieces(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    bytes.chunks(PIECE_BYTES).map(<[u8]>::to_vec)
}

/// A number that tells one value from another as long as the process lives.
pub(super) fn fingerprint<T: Serialize + ?Sized>(value: &T) -> u64 {
    written(value, Hash(DefaultHasher::new()))
}

/// Decodes what [`encode`] made.
pub(super) fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, String> {
    match bytes.split_first() {
        Some((&VERSION, body)) => postcard::from_bytes(body).map_err(|error| format!("bad section: {error}")),
        Some((version, _)) => Err(format!("unknown version {version} of a section")),
        None => Err("empty section".to_owned()),
    }
}

fn written<T: Serialize + ?Sized, F: Flavor<Output: Default>>(value: &T, into: F) -> F::Output {
    // Nothing in the state can fail to serialise, and none of the flavours below is ever full.
    postcard::serialize_with_flavor(value, into).unwrap_or_default()
}

struct Whole(Vec<u8>);

impl Flavor for Whole {
    type Output = Vec<u8>;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<Vec<u8>> {
        Ok(self.0)
    }
}

struct Pieces {
    full: Vec<Vec<u8>>,
    last: Vec<u8>,
}

impl Flavor for Pieces {
    type Output = Vec<Vec<u8>>;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.try_extend(&[byte])
    }

    fn try_extend(&mut self, mut bytes: &[u8]) -> postcard::Result<()> {
        while !bytes.is_empty() {
            if self.last.len() >= PIECE_BYTES {
                self.full.push(std::mem::take(&mut self.last));
            }
            let (now, later) = bytes.split_at(bytes.len().min(PIECE_BYTES - self.last.len()));
            self.last.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    fn finalize(mut self) -> postcard::Result<Vec<Vec<u8>>> {
        self.full.push(self.last);
        Ok(self.full)
    }
}

struct Hash(DefaultHasher);

impl Flavor for Hash {
    type Output = u64;

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.write_u8(byte);
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.write(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<u64> {
        Ok(self.0.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_bounded_and_are_the_whole() {
        let value = crate::vars::Var::scalar(vec![b'x'; 3 * PIECE_BYTES]);
        let parts = encode_pieces(&value);
        assert!(parts.iter().all(|piece| !piece.is_empty() && piece.len() <= PIECE_BYTES));
        assert_eq!(parts.len(), 4);
        assert!(parts.concat() == encode(&value));
        assert!(decode::<crate::vars::Var>(&parts.concat()).is_ok_and(|copy| copy == value));
    }
}
