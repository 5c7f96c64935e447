//! Reading the `.Z` files of `compress`: LZW with codes that grow from 9 to at most 16 bits.

use std::io::{self, BufRead, Read};

/// Codes begin with this many bits.
const FIRST_BITS: u32 = 9;
/// And grow to at most as many.
const LAST_BITS: u32 = 16;
/// The code that empties the table, in block mode.
const CLEAR: u16 = 256;

/// The content of a `.Z` file.
pub(super) struct Reader<R> {
    input: R,
    /// The most bits of a code, from the header.
    bits_max: u32,
    block_mode: bool,
    bits: u32,
    /// Bits that were read and not used, lowest first.
    window: u64,
    held: u32,
    /// Codes read since the width last changed: codes come in groups of eight, and the rest of a group is padding.
    in_group: u32,
    /// For each code from 256 on: the code it extends, and the byte it adds.
    table: Vec<(u16, u8)>,
    previous: Option<u16>,
    /// First byte of the text of the previous code.
    first: u8,
    /// Text that was decoded, last byte first.
    ready: Vec<u8>,
    ended: bool,
}

impl<R: BufRead> Reader<R> {
    /// Reads the header.
    pub(super) fn new(mut input: R) -> io::Result<Self> {
        let mut header = [0; 3];
        input.read_exact(&mut header)?;
        let bits_max = u32::from(header[2] & 0x1f);
        if header[..2] != [0x1f, 0x9d] || !(FIRST_BITS..=LAST_BITS).contains(&bits_max) {
            return Err(invalid());
        }
        let block_mode = header[2] & 0x80 != 0;
        let mut reader = Self {
            input,
            bits_max,
            block_mode,
            bits: FIRST_BITS,
            window: 0,
            held: 0,
            in_group: 0,
            table: Vec::new(),
            previous: None,
            first: 0,
            ready: Vec::new(),
            ended: false,
        };
        reader.clear();
        Ok(reader)
    }

    fn clear(&mut self) {
        self.table.clear();
        if self.block_mode {
            self.table.push((0, 0));
        }
        self.previous = None;
    }

    fn next_free(&self) -> usize {
        256 + self.table.len()
    }

    /// Reads one code; `None` at the end.
    fn code(&mut self) -> io::Result<Option<u16>> {
        while self.held < self.bits {
            let Some(byte) = self.input.fill_buf()?.first().copied() else { return Ok(None) };
            self.input.consume(1);
            self.window |= u64::from(byte) << self.held;
            self.held += 8;
        }
        let code = self.window & ((1 << self.bits) - 1);
        self.window >>= self.bits;
        self.held -= self.bits;
        self.in_group = (self.in_group + 1) % 8;
        Ok(u16::try_from(code).ok())
    }

    /// Skips what is left of a group of eight codes.
    fn align(&mut self) -> io::Result<()> {
        while self.in_group != 0 && self.code()?.is_some() {}
        self.in_group = 0;
        Ok(())
    }

    /// Decodes one code into `ready`.
    fn step(&mut self) -> io::Result<()> {
        if self.next_free() > (1 << self.bits) - 1 && self.bits < self.bits_max {
            self.align()?;
            self.bits += 1;
        }
        let Some(code) = self.code()? else {
            self.ended = true;
            return Ok(());
        };
        if self.block_mode && code == CLEAR {
            self.align()?;
            self.bits = FIRST_BITS;
            self.clear();
            return Ok(());
        }
        let mut at = code;
        if usize::from(code) >= self.next_free() {
            // The only code that may come before it is known: the one that is made just now.
            if usize::from(code) > self.next_free() || self.previous.is_none() {
                return Err(invalid());
            }
            self.ready.push(self.first);
            at = self.previous.ok_or_else(invalid)?;
        }
        while at >= 256 {
            let (before, byte) = *self.table.get(usize::from(at) - 256).ok_or_else(invalid)?;
            self.ready.push(byte);
            at = before;
        }
        self.first = u8::try_from(at).map_err(|_| invalid())?;
        self.ready.push(self.first);
        if let Some(previous) = self.previous
            && self.next_free() < 1 << self.bits_max
        {
            self.table.push((previous, self.first));
        }
        self.previous = Some(code);
        Ok(())
    }
}

impl<R: BufRead> Read for Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.ready.is_empty() && !self.ended {
            self.step()?;
        }
        let mut length = 0;
        for place in buffer {
            match self.ready.pop() {
                Some(byte) => *place = byte,
                None => break,
            }
            length += 1;
        }
        Ok(length)
    }
}

fn invalid() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "corrupt input.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_compress_wrote_is_read() {
        // `printf 'hello hello hello hello\n' | compress`.
        let stream = [
            0x1f, 0x9d, 0x90, 0x68, 0xca, 0xb0, 0x61, 0xf3, 0x06, 0x44, 0xc0, 0x81, 0x05, 0x0f, 0x12, 0x34, 0x28, 0x90,
            0xa0, 0x02,
        ];
        let mut text = Vec::new();
        let result = Reader::new(&stream[..]).and_then(|mut reader| reader.read_to_end(&mut text));
        assert!(result.is_ok());
        assert_eq!(text, b"hello hello hello hello\n");
    }

    #[test]
    fn nonsense_is_no_stream() {
        assert!(Reader::new(&[0x1f, 0x9d, 0x00][..]).is_err());
        let mut reader = Reader::new(&[0x1f, 0x9d, 0x90, 0xff, 0xff, 0xff][..]).expect("a header");
        assert!(reader.read_to_end(&mut Vec::new()).is_err());
    }
}
