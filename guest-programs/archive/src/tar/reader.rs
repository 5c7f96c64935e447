//! Reading an archive member by member: extended headers are applied, sparse maps read, damage skipped.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use super::header::{BLOCK, Block, Member, kind};
use super::pax::{self, EXTENSION_MAX_BYTES, Records};

/// Most pieces of a sparse file: their map must fit in memory.
const PIECES_MAX: usize = 1 << 20;

/// What can be wrong with an archive.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The first block is no header.
    NotTar,
    /// A block is no header; reading goes on behind it.
    Skipping,
    /// A header's extension is malformed.
    Malformed,
    /// It ends within a member.
    Cut,
    /// One block of zeros where two belong, at this block.
    LoneZero(u64),
    Input(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::Cut } else { Self::Input(error) }
    }
}

/// An archive that is read.
pub(super) struct Reader {
    input: Box<dyn Read>,
    /// Bytes read.
    position: u64,
    /// What is left of the current member's content, and of its padding.
    content_left: u64,
    padding: u64,
    global: Records,
    ignores_zeros: bool,
    /// Set by what decompresses the input when that fails.
    failed: Rc<Cell<bool>>,
    /// A header was seen.
    began: bool,
    /// Headers are skipped until a sound one comes.
    skips: bool,
    /// Where the current member's first header began.
    start: u64,
    ended: bool,
}

impl Reader {
    pub(super) fn new(input: Box<dyn Read>, ignores_zeros: bool) -> Self {
        Self {
            input,
            position: 0,
            content_left: 0,
            padding: 0,
            global: Vec::new(),
            ignores_zeros,
            failed: Rc::default(),
            began: false,
            skips: false,
            start: 0,
            ended: false,
        }
    }

    /// Gives the reader the mark that what decompresses its input sets when that fails.
    pub(super) fn with_failure(mut self, failed: Rc<Cell<bool>>) -> Self {
        self.failed = failed;
        self
    }

    /// The input could not be decompressed on.
    pub(super) fn is_broken(&self) -> bool {
        self.failed.get()
    }

    /// Where the current member begins, or, at the end, where the blocks of zeros do.
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// Reads on to the next member; `None` at the end. After [`Trouble::Skipping`] and [`Trouble::LoneZero`] it may be called
    /// again.
    pub(super) fn next(&mut self) -> Result<Option<Member>, Trouble> {
        if self.ended {
            return Ok(None);
        }
        self.skip_content()?;
        self.start = self.position;
        let (mut name, mut link, mut local) = (None, None, None);
        loop {
            let Some(block) = self.header()? else { return Ok(None) };
            let size = block.member().size;
            match block.kind() {
                kind::LONG_NAME => name = Some(self.extension(size)?),
                kind::LONG_LINK => link = Some(self.extension(size)?),
                kind::PAX | kind::PAX_SOLARIS => local = Some(self.records(size)?),
                kind::PAX_GLOBAL => {
                    let records = self.records(size)?;
                    self.global.retain(|(keyword, _)| !records.iter().any(|(other, _)| other == keyword));
                    self.global.extend(records);
                }
                _ => {
                    let mut member = block.member();
                    member.name = name.unwrap_or(member.name);
                    member.link = link.unwrap_or(member.link);
                    self.finish(&block, &mut member, local.as_ref())?;
                    return Ok(Some(member));
                }
            }
        }
    }

    /// Reads a header block; `None` at the archive's end.
    fn header(&mut self) -> Result<Option<Block>, Trouble> {
        loop {
            let Some(block) = self.block()? else {
                self.ended = true;
                // An input without a single byte is no archive either.
                return if self.began { Ok(None) } else { Err(Trouble::NotTar) };
            };
            if block.is_zero() {
                if self.ignores_zeros {
                    continue;
                }
                self.ended = true;
                let number = self.position / BLOCK as u64;
                return match self.block()? {
                    Some(second) if !second.is_zero() => Err(Trouble::LoneZero(number)),
                    None => Err(Trouble::LoneZero(number)),
                    Some(_) => Ok(None),
                };
            }
            if block.is_sound() {
                (self.began, self.skips) = (true, false);
                return Ok(Some(block));
            }
            let is_told = std::mem::replace(&mut self.skips, true);
            if !self.began {
                self.began = true;
                return Err(Trouble::NotTar);
            }
            if !is_told {
                return Err(Trouble::Skipping);
            }
        }
    }

    /// Reads a block; `None` at the end of the input.
    fn block(&mut self) -> Result<Option<Block>, Trouble> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while let Some(rest) = block.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.input.read(rest) {
                Ok(0) if filled == 0 => return Ok(None),
                Ok(0) => {
                    self.ended = true;
                    return Err(if self.began { Trouble::Cut } else { Trouble::NotTar });
                }
                Ok(length) => filled += length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.position += BLOCK as u64;
        Ok(Some(Block(block)))
    }

    /// Reads the content of an extended header.
    fn extension(&mut self, size: u64) -> Result<Vec<u8>, Trouble> {
        if size > EXTENSION_MAX_BYTES {
            return Err(Trouble::Malformed);
        }
        self.expect_content(size);
        let mut content = Vec::new();
        while self.content_left > 0 {
            let mut piece = [0; BLOCK];
            let length = self.read(&mut piece)?;
            content.extend(piece.get(..length).unwrap_or_default());
        }
        self.skip_content()?;
        while content.last() == Some(&0) {
            content.pop();
        }
        Ok(content)
    }

    fn records(&mut self, size: u64) -> Result<Records, Trouble> {
        pax::parse(&self.extension(size)?).ok_or(Trouble::Malformed)
    }

    fn expect_content(&mut self, size: u64) {
        self.content_left = size;
        self.padding = size.wrapping_neg() % BLOCK as u64;
    }

    /// Applies extended headers and reads the map of a sparse file.
    fn finish(&mut self, block: &Block, member: &mut Member, local: Option<&Records>) -> Result<(), Trouble> {
        let mut layout = pax::apply(&self.global, member);
        if let Some(records) = local {
            layout = pax::apply(records, member);
        }
        if member.name.ends_with(b"/") && member.kind == kind::REGULAR {
            member.kind = kind::DIRECTORY;
        }
        if block.kind() == kind::SPARSE {
            let (mut map, mut has_more, size) = block.sparse();
            while has_more && map.len() < PIECES_MAX {
                let block = self.block()?.ok_or(Trouble::Cut)?;
                let (pieces, more) = block.more_pieces();
                map.extend(pieces);
                has_more = more;
            }
            (member.kind, member.size, member.map) = (kind::REGULAR, size, Some(map));
        }
        self.expect_content(member.stored);
        if layout.map_in_content {
            self.map_in_content(member)?;
        }
        Ok(())
    }

    /// Reads the map that begins a sparse file's content: decimal numbers on lines, padded to a block.
    fn map_in_content(&mut self, member: &mut Member) -> Result<(), Trouble> {
        let before = self.content_left;
        let count = usize::try_from(self.decimal()?).unwrap_or(usize::MAX);
        if count > PIECES_MAX {
            return Err(Trouble::Malformed);
        }
        let mut map = Vec::new();
        for _ in 0..count {
            map.push((self.decimal()?, self.decimal()?));
        }
        let used = before - self.content_left;
        for _ in 0..used.wrapping_neg() % BLOCK as u64 {
            self.read_exact(&mut [0])?;
        }
        member.stored = self.content_left;
        member.map = Some(map);
        Ok(())
    }

    fn decimal(&mut self) -> Result<u64, Trouble> {
        let mut value: u64 = 0;
        loop {
            let mut byte = [0];
            if self.read(&mut byte)? == 0 {
                return Err(Trouble::Malformed);
            }
            match byte {
                [b'\n'] => return Ok(value),
                [digit @ b'0'..=b'9'] => {
                    let more = value.checked_mul(10).and_then(|value| value.checked_add(u64::from(digit - b'0')));
                    value = more.ok_or(Trouble::Malformed)?;
                }
                _ => return Err(Trouble::Malformed),
            }
        }
    }

    /// Reads past the rest of the current member.
    pub(super) fn skip_content(&mut self) -> Result<(), Trouble> {
        let mut buffer = vec![0; crate::basis::files::BUFFER_BYTES];
        while self.content_left > 0 {
            let _length = self.read(&mut buffer)?;
        }
        let padding = usize::try_from(std::mem::take(&mut self.padding)).unwrap_or(0);
        if let Some(place) = buffer.get_mut(..padding) {
            self.input.read_exact(place)?;
            self.position += padding as u64;
        }
        Ok(())
    }

    /// Reads what follows the archive's end, so that a program which writes it into a pipe can end.
    pub(super) fn drain(&mut self) {
        // The archive was read whole; what is behind it does not matter.
        let _ = io::copy(&mut self.input, &mut io::sink());
    }
}

impl Read for Reader {
    /// Reads the stored content of the current member.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.content_left).unwrap_or(usize::MAX).min(buffer.len());
        if wanted == 0 {
            return Ok(0);
        }
        let length = self.input.read(buffer.get_mut(..wanted).unwrap_or_default())?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.content_left -= length as u64;
        self.position += length as u64;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::super::header::Format;
    use super::*;

    fn member(name: &str, content: &[u8]) -> Vec<u8> {
        let size = content.len() as u64;
        let member = Member { name: name.into(), kind: kind::REGULAR, size, stored: size, ..Member::default() };
        let mut bytes = Block::of(&member, name.as_bytes(), b"", Format::Gnu).0.to_vec();
        bytes.extend(content);
        bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
        bytes
    }

    fn read(bytes: Vec<u8>) -> Reader {
        Reader::new(Box::new(io::Cursor::new(bytes)), false)
    }

    #[test]
    fn members_come_in_order_with_their_content() {
        let mut reader = read([member("a", b"one"), member("b", &[7; 600]), vec![0; 1024]].concat());
        assert_eq!(reader.next().expect("sound").expect("a member").name, b"a");
        let second = reader.next().expect("sound").expect("a member");
        let mut content = Vec::new();
        reader.read_to_end(&mut content).expect("sound");
        assert_eq!((second.name.as_slice(), content), (&b"b"[..], vec![7; 600]));
        assert!(reader.next().expect("sound").is_none());
        assert_eq!(reader.start(), 5 * 512);
    }

    #[test]
    fn troubles_are_told_apart() {
        assert!(matches!(read(b"junk".repeat(200)).next(), Err(Trouble::NotTar)));
        assert!(matches!(read(b"short".to_vec()).next(), Err(Trouble::NotTar)));
        let mut cut = read(member("a", &[1; 2000])[..1000].to_vec());
        assert!(cut.next().is_ok());
        assert!(matches!(cut.next(), Err(Trouble::Cut)));
        let mut lone = read([member("a", b""), vec![0; 512]].concat());
        assert!(lone.next().is_ok());
        assert!(matches!(lone.next(), Err(Trouble::LoneZero(2))));
        let mut damaged = read([member("a", b""), vec![1; 512], member("b", b""), vec![0; 1024]].concat());
        assert!(damaged.next().is_ok());
        assert!(matches!(damaged.next(), Err(Trouble::Skipping)));
        assert_eq!(damaged.next().expect("sound").expect("a member").name, b"b");
    }

    #[test]
    fn an_endless_extension_is_refused() {
        let endless = Member { kind: kind::LONG_NAME, size: 1 << 40, stored: 1 << 40, ..Member::default() };
        let block = Block::of(&endless, b"././@LongLink", b"", Format::Gnu);
        assert!(matches!(read(block.0.to_vec()).next(), Err(Trouble::Malformed)));
    }
}
