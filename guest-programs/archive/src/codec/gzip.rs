//! Gzip members (RFC 1952): their headers and trailers around deflated data.

use std::io::{self, BufRead, Read, Write};

use flate2::{Compress, Compression, Crc, Decompress, FlushCompress, FlushDecompress, Status};

const HAS_CRC: u8 = 2;
const HAS_EXTRA: u8 = 4;
const HAS_NAME: u8 = 8;
const HAS_COMMENT: u8 = 16;
const RESERVED: u8 = 0xe0;

/// Longest name or comment that is kept; longer ones are read and cut.
const TEXT_MAX_BYTES: usize = 64 << 10;
/// Bytes that are deflated before they are written.
const OUTPUT_BYTES: usize = 128 << 10;

/// What a member tells of its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// The file's name without its directory.
    pub(crate) name: Option<Vec<u8>>,
    /// Seconds since 1970; 0: unknown.
    pub(crate) modified: u32,
}

/// What is wrong with a stream; the text is gzip's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Damage {
    NotGzip,
    Format,
    Crc,
    Length,
    Method(u8),
    Flags,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotGzip => f.write_str("not in gzip format"),
            Self::Format => f.write_str("invalid compressed data--format violated"),
            Self::Crc => f.write_str("invalid compressed data--crc error"),
            Self::Length => f.write_str("invalid compressed data--length error"),
            Self::Method(method) => write!(f, "unknown method {method} -- not supported"),
            Self::Flags => f.write_str("has reserved flags -- not supported"),
        }
    }
}

impl std::error::Error for Damage {}

impl From<Damage> for io::Error {
    fn from(damage: Damage) -> Self {
        Self::new(io::ErrorKind::InvalidData, damage)
    }
}

/// Where a reader is in its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Start,
    Content,
    BetweenMembers,
    End,
}

/// The content of all members of a stream.
pub(crate) struct Reader<R> {
    input: R,
    inflate: Decompress,
    crc: Crc,
    state: State,
    header: Header,
    /// Bytes behind the last member that are no member and no padding.
    has_garbage: bool,
    /// Bytes of the stream that were members, headers and trailers included.
    consumed: u64,
    /// Bytes of the last member's header and trailer.
    overhead: u64,
    last_crc: u32,
}

impl<R: BufRead> Reader<R> {
    pub(crate) fn new(input: R) -> Self {
        Self {
            input,
            inflate: Decompress::new(false),
            crc: Crc::new(),
            state: State::Start,
            header: Header::default(),
            has_garbage: false,
            consumed: 0,
            overhead: 0,
            last_crc: 0,
        }
    }

    /// Reads the first member's header if that was not done, and returns the header of the last one that was begun.
    ///
    /// # Errors
    ///
    /// The stream does not begin with a member.
    pub(crate) fn header(&mut self) -> io::Result<&Header> {
        if self.state == State::Start {
            self.begin(0)?;
        }
        Ok(&self.header)
    }

    /// Tells whether something that is no member followed the last one.
    pub(crate) fn has_garbage(&self) -> bool {
        self.has_garbage
    }

    /// Bytes of the stream that were read as members.
    pub(crate) fn consumed(&self) -> u64 {
        self.consumed
    }

    /// Bytes of the header and trailer of the last member.
    pub(crate) fn overhead(&self) -> u64 {
        self.overhead
    }

    /// The checksum of the last member that was read whole.
    pub(crate) fn last_crc(&self) -> u32 {
        self.last_crc
    }

    fn byte(&mut self) -> io::Result<u8> {
        let byte = self.input.fill_buf()?.first().copied().ok_or(io::ErrorKind::UnexpectedEof)?;
        self.input.consume(1);
        self.consumed += 1;
        self.overhead += 1;
        Ok(byte)
    }

    fn word<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.byte()?;
        }
        Ok(bytes)
    }

    fn text(&mut self) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        loop {
            match self.byte()? {
                0 => return Ok(text),
                byte if text.len() < TEXT_MAX_BYTES => text.push(byte),
                _ => {}
            }
        }
    }

    /// Reads a header, of whose two-byte mark so many bytes were taken.
    fn begin(&mut self, taken: usize) -> io::Result<()> {
        self.overhead = taken as u64;
        for mark in [0x1f, 0x8b].into_iter().skip(taken) {
            if self.byte()? != mark {
                return Err(Damage::NotGzip.into());
            }
        }
        let [method, flags] = self.word()?;
        if method != 8 {
            return Err(Damage::Method(method).into());
        }
        if flags & RESERVED != 0 {
            return Err(Damage::Flags.into());
        }
        let modified = u32::from_le_bytes(self.word()?);
        let [_level, _system] = self.word()?;
        if flags & HAS_EXTRA != 0 {
            for _ in 0..u16::from_le_bytes(self.word()?) {
                self.byte()?;
            }
        }
        let name = if flags & HAS_NAME != 0 { Some(self.text()?) } else { None };
        if flags & HAS_COMMENT != 0 {
            self.text()?;
        }
        if flags & HAS_CRC != 0 {
            let [_, _] = self.word()?;
        }
        self.header = Header { name, modified };
        self.inflate.reset(false);
        self.crc.reset();
        self.state = State::Content;
        Ok(())
    }

    /// Inflates into the buffer; 0 at the end of the member's data.
    fn content(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let input = self.input.fill_buf()?;
            let is_end = input.is_empty();
            let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
            let status = self.inflate.decompress(input, buffer, FlushDecompress::None).map_err(|_| Damage::Format)?;
            let used = self.inflate.total_in() - before_in;
            let made = usize::try_from(self.inflate.total_out() - before_out).unwrap_or(buffer.len());
            self.input.consume(usize::try_from(used).unwrap_or(0));
            self.consumed += used;
            self.crc.update(buffer.get(..made).unwrap_or_default());
            if made > 0 || status == Status::StreamEnd {
                if status == Status::StreamEnd {
                    self.trailer()?;
                }
                return Ok(made);
            }
            if is_end {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    fn trailer(&mut self) -> io::Result<()> {
        let crc = u32::from_le_bytes(self.word()?);
        let length = u32::from_le_bytes(self.word()?);
        if crc != self.crc.sum() {
            return Err(Damage::Crc.into());
        }
        if length != self.crc.amount() {
            return Err(Damage::Length.into());
        }
        self.last_crc = crc;
        self.state = State::BetweenMembers;
        Ok(())
    }

    /// Looks at what follows a member: another, the end, padding with zeros, or garbage.
    fn between(&mut self) -> io::Result<()> {
        loop {
            match self.input.fill_buf()? {
                [] => {
                    self.state = State::End;
                    return Ok(());
                }
                [0, ..] => self.input.consume(1),
                [0x1f, 0x8b, ..] => return self.begin(0),
                // The buffer may end between the two bytes of the mark.
                [0x1f] => {
                    self.input.consume(1);
                    if self.input.fill_buf()?.first() != Some(&0x8b) {
                        return self.garbage();
                    }
                    self.consumed += 1;
                    return self.begin(1);
                }
                _ => return self.garbage(),
            }
        }
    }

    fn garbage(&mut self) -> io::Result<()> {
        self.has_garbage = true;
        self.state = State::End;
        Ok(())
    }
}

impl<R: BufRead> Read for Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.state {
                State::Start => self.begin(0)?,
                State::Content => match self.content(buffer)? {
                    0 => {}
                    length => return Ok(length),
                },
                State::BetweenMembers => self.between()?,
                State::End => return Ok(0),
            }
        }
    }
}

/// A writer of one member.
pub(crate) struct Writer<W: Write> {
    output: W,
    deflate: Compress,
    crc: Crc,
    buffer: Vec<u8>,
    /// Bytes that were written, header included.
    written: u64,
    overhead: u64,
}

impl<W: Write> Writer<W> {
    /// Writes the header. `level` is 1 to 9.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(crate) fn new(mut output: W, level: u32, header: &Header) -> io::Result<Self> {
        let flags = if header.name.is_some() { HAS_NAME } else { 0 };
        let speed = match level {
            9 => 2,
            1 => 4,
            _ => 0,
        };
        let mut bytes = vec![0x1f, 0x8b, 8, flags];
        bytes.extend(header.modified.to_le_bytes());
        bytes.extend([speed, 3]);
        if let Some(name) = &header.name {
            bytes.extend(name);
            bytes.push(0);
        }
        output.write_all(&bytes)?;
        let length = bytes.len() as u64;
        Ok(Self {
            output,
            deflate: Compress::new(Compression::new(level), false),
            crc: Crc::new(),
            buffer: Vec::with_capacity(OUTPUT_BYTES),
            written: length,
            overhead: length + 8,
        })
    }

    /// Bytes of the header and the trailer.
    pub(crate) fn overhead(&self) -> u64 {
        self.overhead
    }

    fn deflate(&mut self, input: &[u8], flush: FlushCompress) -> io::Result<(usize, Status)> {
        if self.buffer.len() == self.buffer.capacity() {
            self.drain()?;
        }
        let before = self.deflate.total_in();
        let status = self.deflate.compress_vec(input, &mut self.buffer, flush).map_err(io::Error::other)?;
        Ok((usize::try_from(self.deflate.total_in() - before).unwrap_or(input.len()), status))
    }

    fn drain(&mut self) -> io::Result<()> {
        self.output.write_all(&self.buffer)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Writes the rest of the member and gives the output back.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(crate) fn finish(self) -> io::Result<W> {
        self.finish_counted().map(|(output, _)| output)
    }

    /// [`Self::finish`], with the length of the member.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(crate) fn finish_counted(mut self) -> io::Result<(W, u64)> {
        while self.deflate(&[], FlushCompress::Finish)?.1 != Status::StreamEnd {}
        self.drain()?;
        self.buffer.extend(self.crc.sum().to_le_bytes());
        self.buffer.extend(self.crc.amount().to_le_bytes());
        self.drain()?;
        Ok((self.output, self.written))
    }
}

impl<W: Write> Write for Writer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (used, _) = self.deflate(rest, FlushCompress::None)?;
            rest = rest.get(used..).unwrap_or_default();
        }
        self.crc.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(content: &[u8], header: &Header) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new(), 6, header).expect("room");
        writer.write_all(content).expect("room");
        writer.finish().expect("room")
    }

    /// Gives one byte at a time, so that every boundary is between two reads.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = buffer.len().min(1);
            self.0.read(&mut buffer[..length])
        }
    }

    #[test]
    fn a_header_tells_name_and_time() {
        let header = Header { name: Some(b"a.txt".to_vec()), modified: 1_700_000_000 };
        let stream = member(b"hello", &header);
        let mut reader = Reader::new(&stream[..]);
        assert_eq!(reader.header().expect("a header"), &header);
        let mut text = String::new();
        reader.read_to_string(&mut text).expect("sound");
        assert_eq!((text.as_str(), reader.consumed()), ("hello", stream.len() as u64));
        assert_eq!(reader.overhead(), 10 + 6 + 8);
    }

    #[test]
    fn members_follow_each_other_and_garbage_is_noticed() {
        let member = member(b"x", &Header::default());
        let check = |tail: &[u8], expected: &str, garbage: bool| {
            let stream = [&member[..], &member, tail].concat();
            let mut reader = Reader::new(io::BufReader::with_capacity(1, Slow(&stream)));
            let mut text = String::new();
            reader.read_to_string(&mut text).expect("sound");
            assert_eq!((text.as_str(), reader.has_garbage()), (expected, garbage));
        };
        check(b"", "xx", false);
        check(&[0; 100], "xx", false);
        check(b"junk", "xx", true);
        check(b"\x1fjunk", "xx", true);
        check(&member, "xxx", false);
    }

    #[test]
    fn damage_is_named() {
        let whole = member(b"hello hello hello", &Header::default());
        let check = |change: &dyn Fn(&mut Vec<u8>), expected: &str| {
            let mut stream = whole.clone();
            change(&mut stream);
            let error = Reader::new(&stream[..]).read_to_end(&mut Vec::new()).expect_err(expected);
            assert_eq!(error.to_string(), expected);
        };
        let length = whole.len();
        check(&|stream| stream[length - 6] ^= 1, "invalid compressed data--crc error");
        check(&|stream| stream[length - 1] ^= 1, "invalid compressed data--length error");
        check(&|stream| stream[10] = 0xff, "invalid compressed data--format violated");
        check(&|stream| stream[0] = 0, "not in gzip format");
        check(&|stream| stream[2] = 7, "unknown method 7 -- not supported");
        check(&|stream| stream.truncate(length - 3), "unexpected end of file");
    }
}
