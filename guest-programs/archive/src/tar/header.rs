//! Header blocks: a member's fields to the 512 bytes of a header, and back.

/// Length of a block.
pub(super) const BLOCK: usize = 512;

/// Kinds of members, by their type flags.
pub(super) mod kind {
    pub(crate) const REGULAR: u8 = b'0';
    pub(crate) const LINK: u8 = b'1';
    pub(crate) const SYMLINK: u8 = b'2';
    pub(crate) const CHARACTER: u8 = b'3';
    pub(crate) const BLOCK_DEVICE: u8 = b'4';
    pub(crate) const DIRECTORY: u8 = b'5';
    pub(crate) const FIFO: u8 = b'6';
    pub(crate) const CONTIGUOUS: u8 = b'7';
    pub(crate) const LONG_LINK: u8 = b'K';
    pub(crate) const LONG_NAME: u8 = b'L';
    pub(crate) const SPARSE: u8 = b'S';
    pub(crate) const LABEL: u8 = b'V';
    pub(crate) const PAX: u8 = b'x';
    pub(crate) const PAX_SOLARIS: u8 = b'X';
    pub(crate) const PAX_GLOBAL: u8 = b'g';
}

/// Which of the formats a header is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Gnu,
    Ustar,
    Pax,
    V7,
}

/// A member of an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) name: Vec<u8>,
    /// Where a link leads.
    pub(super) link: Vec<u8>,
    /// One of [`kind`]; sparse files are regular here.
    pub(super) kind: u8,
    /// Permissions.
    pub(super) mode: u32,
    pub(super) uid: u64,
    pub(super) gid: u64,
    pub(super) user: Vec<u8>,
    pub(super) group: Vec<u8>,
    /// Length of the content when it is extracted.
    pub(super) size: u64,
    /// Length of what the archive holds of it.
    pub(super) stored: u64,
    /// Seconds since 1970 and nanoseconds.
    pub(super) modified: (i64, u32),
    pub(super) device: (u64, u64),
    /// Of a sparse file: where there is data, and how much.
    pub(super) map: Option<Vec<(u64, u64)>>,
}

/// A field of a header: its place and length.
#[derive(Clone, Copy)]
pub(super) struct Field(usize, usize);

pub(super) const NAME: Field = Field(0, 100);
const MODE: Field = Field(100, 8);
const UID: Field = Field(108, 8);
const GID: Field = Field(116, 8);
pub(super) const SIZE: Field = Field(124, 12);
const MTIME: Field = Field(136, 12);
const CHECKSUM: Field = Field(148, 8);
const KIND: usize = 156;
pub(super) const LINK: Field = Field(157, 100);
const MAGIC: Field = Field(257, 8);
const USER: Field = Field(265, 32);
const GROUP: Field = Field(297, 32);
const MAJOR: Field = Field(329, 8);
const MINOR: Field = Field(337, 8);
pub(super) const PREFIX: Field = Field(345, 155);
/// Of an old sparse header: its four pieces, whether more blocks follow, and the file's length.
const SPARSE_PIECES: usize = 386;
const SPARSE_MORE: usize = 482;
const SPARSE_SIZE: Field = Field(483, 12);

const GNU_MAGIC: &[u8] = b"ustar  \0";
const USTAR_MAGIC: &[u8] = b"ustar\x0000";

/// A header block.
#[derive(Clone)]
pub(super) struct Block(pub(super) [u8; BLOCK]);

impl Block {
    fn bytes(&self, field: Field) -> &[u8] {
        self.0.get(field.0..field.0 + field.1).unwrap_or_default()
    }

    /// Text up to its NUL.
    pub(super) fn text(&self, field: Field) -> Vec<u8> {
        self.bytes(field).split(|byte| *byte == 0).next().unwrap_or_default().to_vec()
    }

    pub(super) fn kind(&self) -> u8 {
        self.0[KIND]
    }

    /// The block holds nothing: two of them end an archive.
    pub(super) fn is_zero(&self) -> bool {
        self.0.iter().all(|byte| *byte == 0)
    }

    /// The sum in the header is that of its bytes, unsigned or as some old programs took them.
    pub(super) fn is_sound(&self) -> bool {
        let (mut unsigned, mut signed) = (0i64, 0i64);
        for (at, byte) in self.0.iter().enumerate() {
            let byte = if (CHECKSUM.0..CHECKSUM.0 + CHECKSUM.1).contains(&at) { b' ' } else { *byte };
            unsigned += i64::from(byte);
            signed += i64::from(byte.cast_signed());
        }
        let sum = number(self.bytes(CHECKSUM));
        sum == Some(unsigned) || sum == Some(signed)
    }

    /// Reads the fields; names are those of the header alone.
    pub(super) fn member(&self) -> Member {
        let unsigned = |field| number(self.bytes(field)).and_then(|value| u64::try_from(value).ok()).unwrap_or(0);
        let is_gnu = self.bytes(MAGIC) == GNU_MAGIC;
        let is_ustar = self.bytes(MAGIC).starts_with(b"ustar\0");
        let mut name = self.text(NAME);
        let prefix = self.text(PREFIX);
        if is_ustar && !prefix.is_empty() {
            name = [&prefix[..], b"/", &name].concat();
        }
        let text = |field| if is_gnu || is_ustar { self.text(field) } else { Vec::new() };
        let kind = match self.kind() {
            0 | kind::CONTIGUOUS | kind::REGULAR if name.ends_with(b"/") => kind::DIRECTORY,
            0 | kind::CONTIGUOUS => kind::REGULAR,
            kind => kind,
        };
        let size = unsigned(SIZE);
        let has_content = !matches!(
            kind,
            kind::LINK | kind::SYMLINK | kind::DIRECTORY | kind::CHARACTER..=kind::BLOCK_DEVICE | kind::FIFO
        );
        Member {
            name,
            link: self.text(LINK),
            kind,
            mode: u32::try_from(unsigned(MODE) & 0o7777).unwrap_or(0),
            uid: unsigned(UID),
            gid: unsigned(GID),
            user: text(USER),
            group: text(GROUP),
            size,
            stored: if has_content { size } else { 0 },
            modified: (number(self.bytes(MTIME)).unwrap_or(0), 0),
            device: (unsigned(MAJOR), unsigned(MINOR)),
            map: None,
        }
    }

    /// Reads the pieces of an old sparse header: them, whether more blocks follow, and the file's length.
    pub(super) fn sparse(&self) -> (Vec<(u64, u64)>, bool, u64) {
        let size = number(self.bytes(SPARSE_SIZE)).and_then(|size| u64::try_from(size).ok()).unwrap_or(0);
        (self.pieces(SPARSE_PIECES, 4), self.0[SPARSE_MORE] != 0, size)
    }

    /// Reads a block of more pieces: them, and whether another follows.
    pub(super) fn more_pieces(&self) -> (Vec<(u64, u64)>, bool) {
        (self.pieces(0, 21), self.0[504] != 0)
    }

    fn pieces(&self, start: usize, count: usize) -> Vec<(u64, u64)> {
        let value = |at| number(self.bytes(Field(at, 12))).and_then(|value| u64::try_from(value).ok());
        let places = (0..count).map(|index| start + index * 24);
        places
            .map_while(|at| Some((value(at)?, value(at + 12)?)))
            .filter(|piece| piece.1 != 0 || piece.0 != 0)
            .collect()
    }

    /// Writes a member's fields. `name` and `prefix` fit their fields; what does not fit otherwise is left to extended headers.
    pub(super) fn of(member: &Member, name: &[u8], prefix: &[u8], format: Format) -> Self {
        let mut block = Self([0; BLOCK]);
        block.put(NAME, name);
        block.put_number(MODE, u64::from(member.mode), format);
        block.put_number(UID, member.uid, format);
        block.put_number(GID, member.gid, format);
        block.put_number(SIZE, member.stored, format);
        match u64::try_from(member.modified.0) {
            Ok(seconds) => block.put_number(MTIME, seconds, format),
            Err(_) => block.put_binary(MTIME, member.modified.0),
        }
        block.0[KIND] = if format == Format::V7 && member.kind == kind::REGULAR { 0 } else { member.kind };
        block.put(LINK, &member.link);
        if format != Format::V7 {
            block.put(MAGIC, if format == Format::Gnu { GNU_MAGIC } else { USTAR_MAGIC });
            block.put(USER, member.user.get(..31).unwrap_or(&member.user));
            block.put(GROUP, member.group.get(..31).unwrap_or(&member.group));
        }
        if matches!(format, Format::Ustar | Format::Pax) {
            block.put_number(MAJOR, 0, format);
            block.put_number(MINOR, 0, format);
            block.put(PREFIX, prefix);
        }
        block.seal();
        block
    }

    /// Makes the header one of a sparse file: its first four pieces, whether blocks of more follow, and the file's length.
    pub(super) fn make_sparse(&mut self, map: &[(u64, u64)], size: u64) {
        self.0[KIND] = kind::SPARSE;
        self.put_pieces(SPARSE_PIECES, map.get(..4).unwrap_or(map));
        self.0[SPARSE_MORE] = u8::from(map.len() > 4);
        self.put_number(SPARSE_SIZE, size, Format::Gnu);
        self.seal();
    }

    /// A block of at most 21 more pieces.
    pub(super) fn of_pieces(pieces: &[(u64, u64)], has_more: bool) -> Self {
        let mut block = Self([0; BLOCK]);
        block.put_pieces(0, pieces);
        block.0[504] = u8::from(has_more);
        block
    }

    fn put_pieces(&mut self, start: usize, pieces: &[(u64, u64)]) {
        for (index, (offset, length)) in pieces.iter().enumerate() {
            self.put_number(Field(start + index * 24, 12), *offset, Format::Gnu);
            self.put_number(Field(start + index * 24 + 12, 12), *length, Format::Gnu);
        }
    }

    fn put(&mut self, field: Field, text: &[u8]) {
        let length = text.len().min(field.1);
        if let (Some(place), Some(text)) = (self.0.get_mut(field.0..field.0 + length), text.get(..length)) {
            place.copy_from_slice(text);
        }
    }

    /// Writes octal digits and a NUL; GNU's format has binary numbers for what needs more digits.
    fn put_number(&mut self, field: Field, value: u64, format: Format) {
        let digits = format!("{value:0width$o}", width = field.1 - 1);
        if digits.len() < field.1 {
            self.put(field, digits.as_bytes());
        } else if format == Format::Gnu {
            self.put_binary(field, i64::try_from(value).unwrap_or(i64::MAX));
        } else {
            self.put(field, "7".repeat(field.1 - 1).as_bytes());
        }
    }

    fn put_binary(&mut self, field: Field, value: i64) {
        let mut bytes = vec![if value < 0 { 0xff } else { 0 }; field.1];
        let length = field.1.min(8);
        let low = value.to_be_bytes();
        if let (Some(place), Some(low)) = (bytes.get_mut(field.1 - length..), low.get(8 - length..)) {
            place.copy_from_slice(low);
        }
        if let Some(first) = bytes.first_mut() {
            *first |= 0x80;
        }
        self.put(field, &bytes);
    }

    fn seal(&mut self) {
        self.put(CHECKSUM, b"        ");
        let sum: u32 = self.0.iter().map(|byte| u32::from(*byte)).sum();
        self.put(CHECKSUM, format!("{sum:06o}\0 ").as_bytes());
    }
}

/// Reads a number: octal digits between spaces and NULs, or a binary number, marked by the highest bit.
fn number(field: &[u8]) -> Option<i64> {
    let first = *field.first()?;
    if first & 0x80 != 0 {
        let is_negative = first & 0x40 != 0;
        let mut value: i64 = if is_negative { -1 } else { 0 };
        for (at, byte) in field.iter().enumerate() {
            let byte = if at == 0 { first & 0x3f | if is_negative { 0xc0 } else { 0 } } else { *byte };
            value = value.checked_mul(256)?.checked_add(i64::from(byte))?;
            if at == 0 {
                value = if is_negative { i64::from(byte.cast_signed()) } else { i64::from(byte) };
            }
        }
        return Some(value);
    }
    let is_padding = |byte: &u8| matches!(byte, b' ' | 0);
    let start = field.iter().position(|byte| !is_padding(byte))?;
    let rest = field.get(start..)?;
    let end = rest.iter().position(is_padding).unwrap_or(rest.len());
    i64::from_str_radix(std::str::from_utf8(rest.get(..end)?).ok()?, 8).ok().filter(|value| *value >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Member {
        Member {
            name: b"a.txt".to_vec(),
            kind: kind::REGULAR,
            mode: 0o644,
            uid: 1000,
            gid: 50,
            user: b"ann".to_vec(),
            group: b"staff".to_vec(),
            size: 5,
            stored: 5,
            modified: (1_700_000_000, 0),
            ..Member::default()
        }
    }

    #[test]
    fn a_header_is_read_as_it_was_written() {
        for format in [Format::Gnu, Format::Ustar, Format::Pax] {
            let block = Block::of(&sample(), b"a.txt", b"", format);
            assert!(block.is_sound());
            assert_eq!(block.member(), sample());
        }
    }

    #[test]
    fn large_and_negative_numbers_are_binary() {
        let member = Member { size: 9 << 33, stored: 9 << 33, uid: 1 << 30, modified: (-5, 0), ..sample() };
        let block = Block::of(&member, b"a.txt", b"", Format::Gnu);
        assert_eq!(block.member(), member);
    }

    #[test]
    fn numbers_are_read_between_padding() {
        assert_eq!(number(b"  644 \0"), Some(0o644));
        assert_eq!(number(b"0000644\0"), Some(0o644));
        assert_eq!(number(b"\0\0\0"), None);
        assert_eq!(number(b"9\0"), None);
        assert_eq!(number(&[0xff; 12]), Some(-1));
        assert_eq!(number(&[0xbf; 12]), None);
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let mut block = Block::of(&sample(), b"a.txt", b"", Format::Gnu);
        block.0[3] ^= 1;
        assert!(!block.is_sound());
    }

    #[test]
    fn pieces_of_sparse_files_go_there_and_back() {
        let mut block = Block::of(&sample(), b"a.txt", b"", Format::Gnu);
        let map = [(0, 512), (8192, 1024), (1 << 20, 0)];
        block.make_sparse(&map, 1 << 20);
        assert_eq!(block.sparse(), (map.to_vec(), false, 1 << 20));
        assert!(block.is_sound());
        assert_eq!(Block::of_pieces(&map, true).more_pieces(), (map.to_vec(), true));
    }
}
