//! Reading and writing the few shapes that pages and rows are made of: varints, counted bytes, object ids.
//!
//! A reader never trusts what it reads: every length is checked against what is left.

use bytes::Bytes;

use crate::error::StoreError;
use crate::object::ObjectId;

/// Appends an unsigned LEB128 number: seven bits a byte, the lowest first.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).expect("seven bits fit a byte") | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).expect("less than 0x80"));
}

/// Appends a length and the bytes.
pub(crate) fn put_counted(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Reads an encoded value from the front; parts of it share the buffer.
#[derive(Debug)]
pub(crate) struct Reader {
    rest: Bytes,
    what: &'static str,
}

impl Reader {
    /// Starts at the front of `bytes`; errors name `what`.
    pub(crate) fn new(bytes: Bytes, what: &'static str) -> Self {
        Self { rest: bytes, what }
    }

    /// Returns the error of a value that does not read.
    pub(crate) fn corrupt(&self) -> StoreError {
        StoreError::corrupt(format!("{} does not decode", self.what))
    }

    /// Takes one byte.
    pub(crate) fn byte(&mut self) -> Result<u8, StoreError> {
        Ok(self.take(1)?[0])
    }

    /// Takes `length` bytes without copying them.
    pub(crate) fn take(&mut self, length: usize) -> Result<Bytes, StoreError> {
        if length > self.rest.len() {
            return Err(self.corrupt());
        }
        Ok(self.rest.split_to(length))
    }

    /// Takes a number.
    pub(crate) fn varint(&mut self) -> Result<u64, StoreError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(self.corrupt());
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.corrupt())
    }

    /// Takes a number that counts things; at most `limit`.
    pub(crate) fn count(&mut self, limit: usize) -> Result<usize, StoreError> {
        let value = usize::try_from(self.varint()?).map_err(|_| self.corrupt())?;
        if value > limit { Err(self.corrupt()) } else { Ok(value) }
    }

    /// Takes counted bytes.
    pub(crate) fn counted(&mut self) -> Result<Bytes, StoreError> {
        let length = self.count(usize::MAX)?;
        self.take(length)
    }

    /// Takes an object's id.
    pub(crate) fn id(&mut self) -> Result<ObjectId, StoreError> {
        let bytes = self.take(32)?;
        ObjectId::from_slice(&bytes).ok_or_else(|| self.corrupt())
    }

    /// Ends: nothing may be left.
    pub(crate) fn end(self) -> Result<(), StoreError> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.corrupt()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_they_were_written() {
        for value in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX - 1, u64::MAX] {
            let mut out = Vec::new();
            put_varint(&mut out, value);
            let mut reader = Reader::new(out.into(), "a number");
            assert_eq!(reader.varint(), Ok(value));
            assert_eq!(reader.end(), Ok(()));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let check = |bytes: &'static [u8]| assert!(Reader::new(Bytes::from_static(bytes), "it").counted().is_err());
        check(b"");
        check(b"\x05abc");
        check(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f");
        check(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    }
}
