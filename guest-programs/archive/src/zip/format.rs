//! The records of zip archives: local headers, the central directory, its end, and their 64-bit forms.

use std::io::{self, Read, Seek, SeekFrom, Write};

use crate::basis::time;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END64: u32 = 0x0606_4b50;
const LOCATOR64: u32 = 0x0706_4b50;
const LOCAL_BYTES: u64 = 30;
const END_BYTES: usize = 22;
/// Extra fields: 64-bit sizes, Unix times, Unix owners.
const EXTRA_ZIP64: u16 = 1;
const EXTRA_TIMES: u16 = 0x5455;
const EXTRA_OWNER: u16 = 0x7875;
/// Longest archive comment, behind which the end record must be found.
const COMMENT_MAX: u64 = 0xffff;
/// Largest central directory that is read: a million entries.
const DIRECTORY_MAX_BYTES: u64 = 256 << 20;

/// Methods of compression.
pub(crate) const STORED: u16 = 0;
pub(crate) const DEFLATED: u16 = 8;
/// Bits of an entry's flags.
pub(super) const ENCRYPTED: u16 = 1;
const HAS_DESCRIPTOR: u16 = 8;
const UTF8: u16 = 0x800;
/// The host of Unix in `made_by`.
const UNIX: u16 = 3;

/// An entry of an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: Vec<u8>,
    pub(super) made_by: u16,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    /// Bytes in the archive.
    pub(super) packed: u64,
    pub(super) size: u64,
    /// Seconds since 1970.
    pub(super) modified: i64,
    pub(super) is_text: bool,
    pub(super) attributes: u32,
    pub(super) owner: (u32, u32),
    /// Where its local header is.
    pub(super) offset: u64,
    pub(super) has_extra: bool,
}

impl Entry {
    /// The mode of a file made on Unix; others have the usual one.
    pub(super) fn mode(&self) -> u32 {
        let is_unix = self.made_by >> 8 == UNIX && self.attributes >> 16 != 0;
        match (is_unix, self.is_directory()) {
            (true, _) => self.attributes >> 16,
            (false, true) => 0o040_755,
            (false, false) => 0o100_644,
        }
    }

    pub(super) fn is_directory(&self) -> bool {
        self.name.ends_with(b"/")
    }

    pub(super) fn is_symlink(&self) -> bool {
        self.mode() & 0o170_000 == 0o120_000
    }

    pub(super) fn has_descriptor(&self) -> bool {
        self.flags & HAS_DESCRIPTOR != 0
    }
}

/// What is wrong with an archive.
#[derive(Debug)]
pub(super) enum Trouble {
    /// There is no end record.
    NotZip,
    Damaged,
    Io(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::Damaged } else { Self::Io(error) }
    }
}

/// A cursor over the little-endian fields of a record.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (now, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(now)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(*self.take(2)?.first_chunk()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(*self.take(4)?.first_chunk()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(*self.take(8)?.first_chunk()?))
    }
}

/// The directory of an archive.
#[derive(Debug, Default)]
pub(super) struct Directory {
    pub(super) entries: Vec<Entry>,
    pub(super) comment: Vec<u8>,
    /// The archive's length.
    pub(super) length: u64,
}

/// Reads the central directory.
pub(super) fn read<R: Read + Seek>(input: &mut R) -> Result<Directory, Trouble> {
    let length = input.seek(SeekFrom::End(0))?;
    let tail_start = length.saturating_sub(COMMENT_MAX + END_BYTES as u64);
    input.seek(SeekFrom::Start(tail_start))?;
    let mut tail = Vec::new();
    input.take(COMMENT_MAX + END_BYTES as u64).read_to_end(&mut tail)?;
    let at = tail.windows(4).rposition(|word| word == END.to_le_bytes()).ok_or(Trouble::NotZip)?;
    let end_offset = tail_start + at as u64;
    let mut fields = Fields(tail.get(at + 4..).unwrap_or_default());
    let mut end = || {
        fields.take(6)?;
        let count = fields.u16()?;
        let (size, offset) = (fields.u32()?, fields.u32()?);
        let comment = fields.u16()?;
        let comment = fields.take(usize::from(comment).min(fields.0.len()))?.to_vec();
        Some((u64::from(count), u64::from(size), u64::from(offset), comment))
    };
    let (mut count, mut size, mut offset, comment) = end().ok_or(Trouble::Damaged)?;
    let mut directory_end = end_offset;
    if (count == 0xffff || size == 0xffff_ffff || offset == 0xffff_ffff)
        && let Some((end64, large)) = read_end64(input, end_offset)?
    {
        directory_end = end64;
        (count, size, offset) = large;
    }
    // Something may stand before the archive, as in one that extracts itself: offsets count from where it begins.
    let start = directory_end.checked_sub(size).ok_or(Trouble::Damaged)?;
    let shift = start.checked_sub(offset).ok_or(Trouble::Damaged)?;
    if size > DIRECTORY_MAX_BYTES {
        return Err(Trouble::Damaged);
    }
    input.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    input.take(size).read_to_end(&mut bytes)?;
    let mut fields = Fields(&bytes);
    let mut entries = Vec::new();
    for _ in 0..count {
        let mut entry = entry(&mut fields).ok_or(Trouble::Damaged)?;
        entry.offset = entry.offset.checked_add(shift).ok_or(Trouble::Damaged)?;
        entries.push(entry);
    }
    Ok(Directory { entries, comment, length })
}

/// Number of entries, size and place of a central directory.
type Large = (u64, u64, u64);

/// Reads the 64-bit end record before the plain one: where it is, and what it tells.
fn read_end64<R: Read + Seek>(input: &mut R, end: u64) -> Result<Option<(u64, Large)>, Trouble> {
    let Some(locator) = end.checked_sub(20) else { return Ok(None) };
    let mut bytes = [0; 20];
    input.seek(SeekFrom::Start(locator))?;
    input.read_exact(&mut bytes)?;
    let mut fields = Fields(&bytes);
    if fields.u32() != Some(LOCATOR64) {
        return Ok(None);
    }
    fields.take(4);
    let place = fields.u64().ok_or(Trouble::Damaged)?;
    let mut record = [0; 56];
    input.seek(SeekFrom::Start(place))?;
    input.read_exact(&mut record)?;
    let mut fields = Fields(&record);
    let mut all = || {
        let mark = fields.u32()?;
        fields.take(28)?;
        let count = fields.u64()?;
        Some((mark, (count, fields.u64()?, fields.u64()?)))
    };
    match all() {
        Some((END64, large)) => Ok(Some((place, large))),
        _ => Err(Trouble::Damaged),
    }
}

/// Reads one record of the central directory.
fn entry(fields: &mut Fields<'_>) -> Option<Entry> {
    if fields.u32()? != CENTRAL {
        return None;
    }
    let made_by = fields.u16()?;
    fields.u16()?;
    let (flags, method) = (fields.u16()?, fields.u16()?);
    let (dos_time, dos_date) = (fields.u16()?, fields.u16()?);
    let (crc, packed, size) = (fields.u32()?, fields.u32()?, fields.u32()?);
    let (name, extra, comment) = (fields.u16()?, fields.u16()?, fields.u16()?);
    fields.u16()?;
    let internal = fields.u16()?;
    let (attributes, offset) = (fields.u32()?, fields.u32()?);
    let name = fields.take(name.into())?.to_vec();
    let mut extras = Fields(fields.take(extra.into())?);
    fields.take(comment.into())?;
    let mut entry = Entry {
        name,
        made_by,
        flags,
        method,
        crc,
        packed: packed.into(),
        size: size.into(),
        modified: time::from_dos(dos_date, dos_time),
        is_text: internal & 1 != 0,
        attributes,
        owner: (0, 0),
        offset: offset.into(),
        has_extra: extra > 0,
    };
    while let (Some(tag), Some(length)) = (extras.u16(), extras.u16()) {
        let Some(content) = extras.take(length.into()) else { break };
        apply_extra(&mut entry, tag, &mut Fields(content));
    }
    Some(entry)
}

fn apply_extra(entry: &mut Entry, tag: u16, content: &mut Fields<'_>) {
    match tag {
        EXTRA_ZIP64 => {
            for value in [&mut entry.size, &mut entry.packed, &mut entry.offset] {
                if *value == 0xffff_ffff {
                    *value = content.u64().unwrap_or(*value);
                }
            }
        }
        EXTRA_TIMES => {
            let flags = content.take(1).and_then(|flags| flags.first().copied()).unwrap_or(0);
            if flags & 1 != 0
                && let Some(modified) = content.u32()
            {
                entry.modified = modified.cast_signed().into();
            }
        }
        _ => {}
    }
}

/// Finds where an entry's data begins.
pub(super) fn data_start<R: Read + Seek>(input: &mut R, entry: &Entry) -> Result<u64, Trouble> {
    let mut header = [0; 30];
    input.seek(SeekFrom::Start(entry.offset))?;
    input.read_exact(&mut header)?;
    let mut fields = Fields(&header);
    let mark = fields.u32();
    fields.take(22);
    let (name, extra) = (fields.u16().unwrap_or(0), fields.u16().unwrap_or(0));
    if mark != Some(LOCAL) {
        return Err(Trouble::Damaged);
    }
    Ok(entry.offset + LOCAL_BYTES + u64::from(name) + u64::from(extra))
}

fn needs_64_bits(entry: &Entry) -> bool {
    entry.size >= 0xffff_ffff || entry.packed >= 0xffff_ffff || entry.offset >= 0xffff_ffff
}

fn low(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// The fields that local and central headers share, from the version needed to the lengths of name and extra.
fn shared(entry: &Entry, extra: usize, is_large: bool) -> Vec<u8> {
    let needed: u16 = match (is_large, entry.method) {
        (true, _) => 45,
        (false, DEFLATED) => 20,
        _ => 10,
    };
    let is_utf8 = !entry.name.is_ascii() && std::str::from_utf8(&entry.name).is_ok();
    let flags = entry.flags & !HAS_DESCRIPTOR | if is_utf8 { UTF8 } else { 0 };
    let (date, time) = time::to_dos(entry.modified);
    let mut bytes = Vec::new();
    for half in [needed, flags, entry.method, time, date] {
        bytes.extend(half.to_le_bytes());
    }
    let large = |value: u64| if is_large { u32::MAX } else { low(value) };
    for word in [entry.crc, large(entry.packed), large(entry.size)] {
        bytes.extend(word.to_le_bytes());
    }
    for length in [entry.name.len(), extra] {
        bytes.extend(u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes());
    }
    bytes
}

/// Writes the extra fields of times and owner. A local header has the time of access, too; it is that of the change here.
fn extras(entry: &Entry, is_local: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    if !entry.has_extra {
        return bytes;
    }
    let modified = i32::try_from(entry.modified).unwrap_or(i32::MAX).to_le_bytes();
    bytes.extend(EXTRA_TIMES.to_le_bytes());
    bytes.extend(if is_local { 9u16 } else { 5 }.to_le_bytes());
    bytes.push(3);
    bytes.extend(modified);
    if is_local {
        bytes.extend(modified);
    }
    bytes.extend(EXTRA_OWNER.to_le_bytes());
    bytes.extend(11u16.to_le_bytes());
    bytes.extend([1, 4]);
    bytes.extend(entry.owner.0.to_le_bytes());
    bytes.push(4);
    bytes.extend(entry.owner.1.to_le_bytes());
    bytes
}

/// Writes a local header. `is_large`: its sizes may need 64 bits, so that there is room for them.
pub(super) fn local(entry: &Entry, is_large: bool) -> Vec<u8> {
    let mut extra = extras(entry, true);
    if is_large {
        extra.extend(EXTRA_ZIP64.to_le_bytes());
        extra.extend(16u16.to_le_bytes());
        extra.extend(entry.size.to_le_bytes());
        extra.extend(entry.packed.to_le_bytes());
    }
    [&LOCAL.to_le_bytes()[..], &shared(entry, extra.len(), is_large), &entry.name, &extra].concat()
}

/// Writes the record of an entry in the central directory.
fn central(entry: &Entry) -> Vec<u8> {
    let is_large = needs_64_bits(entry);
    let mut extra = extras(entry, false);
    if is_large {
        extra.extend(EXTRA_ZIP64.to_le_bytes());
        extra.extend(24u16.to_le_bytes());
        for value in [entry.size, entry.packed, entry.offset] {
            extra.extend(value.to_le_bytes());
        }
    }
    let mut bytes = CENTRAL.to_le_bytes().to_vec();
    bytes.extend(entry.made_by.to_le_bytes());
    bytes.extend(shared(entry, extra.len(), is_large));
    bytes.extend([0; 4]);
    bytes.extend(u16::from(entry.is_text).to_le_bytes());
    bytes.extend(entry.attributes.to_le_bytes());
    bytes.extend(if is_large { u32::MAX } else { low(entry.offset) }.to_le_bytes());
    bytes.extend(&entry.name);
    bytes.extend(extra);
    bytes
}

/// Writes the central directory and the end records; `offset` is where that is.
pub(super) fn write_directory(output: &mut dyn Write, directory: &Directory, offset: u64) -> io::Result<()> {
    let mut size = 0;
    for entry in &directory.entries {
        let record = central(entry);
        size += record.len() as u64;
        output.write_all(&record)?;
    }
    let count = directory.entries.len() as u64;
    if count >= 0xffff || size >= 0xffff_ffff || offset >= 0xffff_ffff {
        let mut bytes = END64.to_le_bytes().to_vec();
        bytes.extend(44u64.to_le_bytes());
        bytes.extend([30, UNIX.to_le_bytes()[0], 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for value in [count, count, size, offset] {
            bytes.extend(value.to_le_bytes());
        }
        bytes.extend(LOCATOR64.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend((offset + size).to_le_bytes());
        bytes.extend(1u32.to_le_bytes());
        output.write_all(&bytes)?;
    }
    let short = u16::try_from(count).unwrap_or(u16::MAX).to_le_bytes();
    let comment = u16::try_from(directory.comment.len()).unwrap_or(0).to_le_bytes();
    let end = [
        &END.to_le_bytes()[..],
        &[0; 4],
        &short,
        &short,
        &low(size).to_le_bytes(),
        &low(offset).to_le_bytes(),
        &comment,
    ];
    output.write_all(&end.concat())?;
    output.write_all(&directory.comment)
}

/// An entry for a file of Unix: its times and owner are kept.
pub(super) fn unix_entry(name: Vec<u8>, mode: u32, modified: i64, owner: (u32, u32), has_extra: bool) -> Entry {
    let attributes = mode << 16 | if mode & 0o170_000 == 0o040_000 { 0x10 } else { 0 };
    Entry { name, made_by: UNIX << 8 | 30, modified, owner, attributes, has_extra, ..Entry::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(entries: &[Entry], before: &[u8]) -> Vec<u8> {
        let mut bytes = before.to_vec();
        let mut entries = entries.to_vec();
        for entry in &mut entries {
            entry.offset = (bytes.len() - before.len()) as u64;
            bytes.extend(local(entry, false));
            bytes.extend(vec![b'x'; usize::try_from(entry.packed).expect("small")]);
        }
        let directory = Directory { entries, comment: b"note".to_vec(), length: 0 };
        let offset = (bytes.len() - before.len()) as u64;
        write_directory(&mut bytes, &directory, offset).expect("room");
        bytes
    }

    fn sample(name: &str) -> Entry {
        let entry = unix_entry(name.into(), 0o100_640, 1_704_164_645, (7, 8), true);
        Entry { packed: 5, size: 5, crc: 9, ..entry }
    }

    #[test]
    fn a_directory_is_read_as_it_was_written() {
        for before in [&b""[..], b"#!/bin/sh\n"] {
            let mut input = io::Cursor::new(archive(&[sample("a"), sample("é/b")], before));
            let directory = read(&mut input).expect("sound");
            assert_eq!(directory.comment, b"note");
            let [first, second] = &directory.entries[..] else { panic!("two entries") };
            assert_eq!((first.mode(), first.modified, first.crc), (0o100_640, 1_704_164_645, 9));
            assert_eq!((second.name.as_slice(), second.flags & UTF8), ("é/b".as_bytes(), UTF8));
            let start = data_start(&mut input, second).expect("sound");
            assert_eq!(input.get_ref()[usize::try_from(start).expect("small")..][..5], *b"xxxxx");
        }
    }

    #[test]
    fn many_entries_and_large_sizes_need_64_bits() {
        let large = Entry { size: 5 << 32, packed: 5 << 32, offset: 6 << 32, ..sample("big") };
        let mut fields = Vec::new();
        fields.extend(central(&large));
        let back = entry(&mut Fields(&fields)).expect("sound");
        assert_eq!((back.size, back.packed, back.offset), (5 << 32, 5 << 32, 6 << 32));
        let many = Directory { entries: vec![sample("a"); 70_000], ..Directory::default() };
        let mut bytes = Vec::new();
        write_directory(&mut bytes, &many, 0).expect("room");
        assert_eq!(read(&mut io::Cursor::new(bytes)).expect("sound").entries.len(), 70_000);
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        assert!(matches!(read(&mut io::Cursor::new(b"hello".to_vec())), Err(Trouble::NotZip)));
        let mut cut = archive(&[sample("a")], b"");
        cut.drain(..40);
        assert!(read(&mut io::Cursor::new(cut)).is_err());
    }
}
