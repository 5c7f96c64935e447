//! Numbers as bytes: LEB128 for those that are mostly small, eight bytes for times. Reading takes nothing for granted.

/// What does not end where it should, or is too large.
pub(crate) const CUT: &str = "its bytes end too early, or hold a number that is too large";

/// Appends a number, seven bits a byte, the lowest first.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7F {
        out.push((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.push((value & 0x7F) as u8);
}

/// Bytes that are being read.
pub(crate) struct Reader<'b>(pub(crate) &'b [u8]);

impl<'b> Reader<'b> {
    /// Takes the next `n` bytes.
    pub(crate) fn take(&mut self, n: usize) -> Result<&'b [u8], &'static str> {
        let (taken, rest) = self.0.split_at_checked(n).ok_or(CUT)?;
        self.0 = rest;
        Ok(taken)
    }

    /// Takes all that is left.
    pub(crate) fn rest(&mut self) -> &'b [u8] {
        std::mem::take(&mut self.0)
    }

    /// Takes one byte.
    pub(crate) fn byte(&mut self) -> Result<u8, &'static str> {
        self.take(1)?.first().copied().ok_or(CUT)
    }

    /// Takes eight bytes, the lowest first.
    pub(crate) fn fixed(&mut self) -> Result<u64, &'static str> {
        self.take(8)?.try_into().map(u64::from_le_bytes).map_err(|_| CUT)
    }

    /// Takes what [`put_varint`] put.
    pub(crate) fn varint(&mut self) -> Result<u64, &'static str> {
        let mut value = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7F);
            if bits.leading_zeros() < shift {
                return Err(CUT);
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(CUT)
    }

    /// Takes a number of at most 32 bits.
    pub(crate) fn varint32(&mut self) -> Result<u32, &'static str> {
        self.varint()?.try_into().map_err(|_| CUT)
    }

    /// Checks that nothing is left.
    pub(crate) fn end(&self) -> Result<(), &'static str> {
        if self.0.is_empty() { Ok(()) } else { Err("bytes after its end") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_read_as_it_was_put() {
        for value in (0..64).flat_map(|bit| [(1u64 << bit) - 1, 1 << bit]).chain([u64::MAX]) {
            let mut out = Vec::new();
            put_varint(&mut out, value);
            let mut reader = Reader(&out);
            assert_eq!(reader.varint(), Ok(value));
            assert_eq!(reader.end(), Ok(()));
            assert_eq!(Reader(&out[..out.len() - 1]).varint(), Err(CUT));
        }
    }

    #[test]
    fn a_number_of_more_than_64_bits_is_refused() {
        let mut bytes = vec![0xFF; 9];
        bytes.push(1);
        assert_eq!(Reader(&bytes).varint(), Ok(u64::MAX));
        bytes[9] = 2;
        assert_eq!(Reader(&bytes).varint(), Err(CUT));
        assert_eq!(Reader(&[0x80; 20]).varint(), Err(CUT));
        assert_eq!(Reader(&[0xFF, 0xFF, 0xFF, 0xFF, 0x1F]).varint32(), Err(CUT));
    }
}
