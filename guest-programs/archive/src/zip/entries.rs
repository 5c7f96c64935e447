//! The content of entries: readers that unpack and check it.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::format::{DEFLATED, Entry, STORED, Trouble, data_start};
use crate::basis::files::BUFFER_BYTES;

/// An entry's content as it is packed.
pub(super) fn packed<'a>(file: &'a mut File, entry: &Entry) -> Result<Take<BufReader<&'a File>>, Trouble> {
    let start = data_start(file, entry)?;
    file.seek(SeekFrom::Start(start))?;
    Ok(BufReader::with_capacity(BUFFER_BYTES, &*file).take(entry.packed))
}

/// An entry's content, unpacked.
pub(super) struct Content<'a> {
    input: Box<dyn Read + 'a>,
    crc: Crc,
}

impl<'a> Content<'a> {
    /// Begins to read an entry; `None`: its method is not known here.
    pub(super) fn open(file: &'a mut File, entry: &Entry) -> Result<Option<Self>, Trouble> {
        let packed = packed(file, entry)?;
        let input: Box<dyn Read + 'a> = match entry.method {
            STORED => Box::new(packed),
            DEFLATED => Box::new(DeflateDecoder::new(packed)),
            _ => return Ok(None),
        };
        Ok(Some(Self { input, crc: Crc::new() }))
    }

    /// The checksum of what was read.
    pub(super) fn crc(&self) -> u32 {
        self.crc.sum()
    }
}

impl Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer)?;
        self.crc.update(buffer.get(..length).unwrap_or_default());
        Ok(length)
    }
}
