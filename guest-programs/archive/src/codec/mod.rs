//! Compressed streams: which formats there are, and readers and writers of each.
//!
//! Memory is bounded: a stream that asks for a larger window than [`WINDOW_MAX_BYTES`] is refused.

mod bunzip;
pub(crate) mod gzip;
mod lzw;

use std::io::{self, BufRead, Read, Write};

pub(crate) use lzma_rust2::CheckType as Check;
use lzma_rust2::{LzmaOptions, LzmaReader, LzmaWriter, XzOptions, XzReader, XzWriter};
use structured_zstd::decoding::{FrameDecoder, StreamingDecoder};
use structured_zstd::encoding::{CompressionLevel, StreamingEncoder};

/// Largest window or dictionary of a stream that is read: what `xz -9` and `zstd --ultra -22` need, and a session has.
pub(crate) const WINDOW_MAX_BYTES: u64 = 128 << 20;

/// How a stream is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) level: u32,
    /// How long its content will be, if that is known.
    pub(crate) length: Option<u64>,
    /// How its content is checked, where the format leaves a choice.
    pub(crate) check: Check,
}

impl Settings {
    /// Those of a level.
    pub(crate) fn of_level(level: u32) -> Self {
        Self { level, length: None, check: Check::Crc64 }
    }
}

/// A format of compressed streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Gzip,
    /// The `.Z` files of `compress`, which are only read.
    Compress,
    Bzip2,
    Xz,
    Lzma,
    Zstd,
}

impl Format {
    /// Tells a stream's format by its first bytes.
    pub(crate) fn of(start: &[u8]) -> Option<Self> {
        match start {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x1f, 0x9d, ..] => Some(Self::Compress),
            [b'B', b'Z', b'h', ..] => Some(Self::Bzip2),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            // A skippable frame.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0x5d, 0, 0, ..] => Some(Self::Lzma),
            _ => None,
        }
    }

    /// Tells the format that a file name's suffix stands for.
    pub(crate) fn of_name(name: &[u8]) -> Option<Self> {
        let suffix = name.rsplit(|byte| *byte == b'.').next()?;
        match suffix {
            b"gz" | b"tgz" | b"taz" | b"z" => Some(Self::Gzip),
            b"Z" | b"taZ" => Some(Self::Compress),
            b"bz2" | b"tz2" | b"tbz2" | b"tbz" => Some(Self::Bzip2),
            b"xz" | b"txz" => Some(Self::Xz),
            b"lzma" | b"tlz" => Some(Self::Lzma),
            b"zst" | b"tzst" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Returns a reader of the content of one or more streams, one after the other.
    ///
    /// # Errors
    ///
    /// The input cannot be read, or does not begin with a stream of the format.
    pub(crate) fn reader<R: BufRead + 'static>(self, mut input: R) -> io::Result<Box<dyn Read>> {
        Ok(match self {
            Self::Gzip => Box::new(gzip::Reader::new(input)),
            Self::Compress => Box::new(lzw::Reader::new(input)?),
            Self::Bzip2 => Box::new(bunzip::Reader::new(input)),
            Self::Xz => Box::new(XzReader::new_mem_limit(input, true, memory_limit())),
            Self::Lzma => {
                if input.fill_buf()?.is_empty() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                Box::new(LzmaReader::new_mem_limit(input, memory_limit(), None)?)
            }
            Self::Zstd => {
                let mut decoder = FrameDecoder::new();
                decoder.set_max_window_size(WINDOW_MAX_BYTES).map_err(io::Error::other)?;
                Box::new(StreamingDecoder::new_with_decoder(input, decoder))
            }
        })
    }

    /// Returns a writer of one stream.
    ///
    /// # Errors
    ///
    /// The output cannot be written; the format is only read.
    pub(crate) fn writer<W: Write>(self, output: W, settings: Settings) -> io::Result<Writer<W>> {
        let Settings { level, length, check } = settings;
        Ok(match self {
            Self::Gzip => Writer::Gzip(gzip::Writer::new(output, level, &gzip::Header::default())?),
            Self::Compress => return Err(io::ErrorKind::Unsupported.into()),
            Self::Bzip2 => Writer::Bzip2(bzip2::write::BzEncoder::new(output, bzip2::Compression::new(level))),
            Self::Xz => Writer::Xz(Box::new(XzWriter::new(
                output,
                XzOptions { lzma_options: lzma(level), check_type: check, ..XzOptions::with_preset(level) },
            )?)),
            Self::Lzma => Writer::Lzma(Box::new(LzmaWriter::new_use_header(output, &lzma(level), None)?)),
            Self::Zstd => {
                let level = CompressionLevel::from_level(i32::try_from(level).unwrap_or(CompressionLevel::MAX_LEVEL));
                let mut encoder = StreamingEncoder::new(output, level);
                encoder.set_content_checksum(true)?;
                if let Some(length) = length {
                    encoder.set_pledged_content_size(length)?;
                }
                Writer::Zstd(Box::new(encoder))
            }
        })
    }
}

/// Largest dictionary of what is written: the encoder needs eleven times as much, and shares a session's memory.
const DICTIONARY_MAX_BYTES: u32 = 16 << 20;

/// The options of a level of LZMA.
fn lzma(level: u32) -> LzmaOptions {
    let options = LzmaOptions::with_preset(level);
    LzmaOptions { dict_size: options.dict_size.min(DICTIONARY_MAX_BYTES), ..options }
}

/// The limit of a decoder of LZMA in KiB: its dictionary and what it needs beside that.
fn memory_limit() -> u32 {
    u32::try_from(WINDOW_MAX_BYTES >> 10).unwrap_or(u32::MAX) + 1024
}

/// Tells whether a stream ended before its end. Some readers wrap the error that says so.
pub(crate) fn is_cut(error: &io::Error) -> bool {
    let text = error.to_string();
    error.kind() == io::ErrorKind::UnexpectedEof
        || text.contains("failed to fill whole buffer")
        || text.contains("unexpected end")
}

/// Tells whether a stream was refused because its window is too large.
pub(crate) fn is_too_large(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::OutOfMemory || error.to_string().contains("window")
}

/// A writer of a compressed stream, which must be finished.
pub(crate) enum Writer<W: Write> {
    Gzip(gzip::Writer<W>),
    Bzip2(bzip2::write::BzEncoder<W>),
    Xz(Box<XzWriter<W>>),
    Lzma(Box<LzmaWriter<W>>),
    Zstd(Box<StreamingEncoder<W>>),
}

impl<W: Write> Writer<W> {
    /// Writes what is left of the stream and gives the output back.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(crate) fn finish(self) -> io::Result<W> {
        match self {
            Self::Gzip(writer) => writer.finish(),
            Self::Bzip2(writer) => writer.finish(),
            Self::Xz(writer) => writer.finish(),
            Self::Lzma(writer) => writer.finish(),
            Self::Zstd(writer) => writer.finish(),
        }
    }
}

impl<W: Write> Write for Writer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(writer) => writer.write(bytes),
            Self::Bzip2(writer) => writer.write(bytes),
            Self::Xz(writer) => writer.write(bytes),
            Self::Lzma(writer) => writer.write(bytes),
            Self::Zstd(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        // The formats' own flush would end a block early; `finish` writes all there is.
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        (0..300_000u32).flat_map(|i| (i % 251 * (i / 1000)).to_le_bytes()).collect()
    }

    fn packed(format: Format, level: u32, content: &[u8]) -> Vec<u8> {
        let mut writer = format.writer(Vec::new(), Settings::of_level(level)).expect("a writer");
        writer.write_all(content).expect("room");
        writer.finish().expect("room")
    }

    #[test]
    fn what_each_format_writes_it_reads() {
        for format in [Format::Gzip, Format::Bzip2, Format::Xz, Format::Lzma, Format::Zstd] {
            for content in [&sample()[..], b"x", b""] {
                let stream = packed(format, 3, content);
                assert_eq!(Format::of(&stream), Some(format), "{format:?}");
                let mut back = Vec::new();
                let mut reader = format.reader(io::Cursor::new(stream)).expect("a reader");
                reader.read_to_end(&mut back).expect("sound");
                assert!(back == content, "{format:?} {}", content.len());
            }
        }
    }

    #[test]
    fn streams_one_after_the_other_are_one_content() {
        for format in [Format::Gzip, Format::Bzip2, Format::Xz, Format::Zstd] {
            let stream = [packed(format, 6, b"one "), packed(format, 1, b"two")].concat();
            let mut back = Vec::new();
            format.reader(io::Cursor::new(stream)).and_then(|mut r| r.read_to_end(&mut back)).expect("sound");
            assert_eq!(back, b"one two", "{format:?}");
        }
    }

    #[test]
    fn damage_is_told() {
        for format in [Format::Gzip, Format::Bzip2, Format::Xz, Format::Zstd] {
            let whole = packed(format, 6, &sample());
            let mut flipped = whole.clone();
            let middle = flipped.len() / 2;
            flipped[middle] ^= 0x55;
            for stream in [flipped, whole[..middle].to_vec()] {
                let result = format.reader(io::Cursor::new(stream)).and_then(|mut r| r.read_to_end(&mut Vec::new()));
                assert!(result.is_err(), "{format:?}");
            }
        }
    }

    #[test]
    fn a_window_beyond_the_limit_is_refused() {
        let options = LzmaOptions { dict_size: 512 << 20, ..LzmaOptions::with_preset(0) };
        let mut stream = vec![options.get_props()];
        stream.extend(options.dict_size.to_le_bytes());
        stream.extend(u64::MAX.to_le_bytes());
        stream.extend([0; 16]);
        let error = Format::Lzma.reader(io::Cursor::new(stream)).err().expect("too large");
        assert!(is_too_large(&error));
    }
}
