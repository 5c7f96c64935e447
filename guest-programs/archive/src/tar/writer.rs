//! Writing an archive: headers in each format, content, padding, and the blocks of zeros at the end.

use std::io::{self, Read, Write};

use super::header::{BLOCK, Block, Format, Member, kind};
use super::pax;
use crate::basis::files::BUFFER_BYTES;

/// The name of GNU's headers for long names and links.
const LONG_LINK_NAME: &[u8] = b"././@LongLink";
/// Most digits' worth of a size and an owner in octal.
const OCTAL_SIZE_MAX: u64 = 0o77_777_777_777;
const OCTAL_OWNER_MAX: u64 = 0o7_777_777;

/// Why a member cannot be written in the format.
#[derive(Debug)]
pub(super) enum Refusal {
    NameTooLong,
    LinkTooLong,
    Output(io::Error),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// An archive that is written.
pub(super) struct Writer<W: Write> {
    output: W,
    format: Format,
    /// Blocks that a record has: the archive's length is a multiple of it.
    blocking: u64,
    written: u64,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(output: W, format: Format, blocking: u64) -> Self {
        Self { output, format, blocking, written: 0 }
    }

    /// Counts bytes that the archive had before.
    pub(super) fn with_written(mut self, bytes: u64) -> Self {
        self.written = bytes;
        self
    }

    pub(super) fn written(&self) -> u64 {
        self.written
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.write_all(bytes)?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// Writes bytes as they are: members of another archive.
    pub(super) fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.put(bytes)
    }

    /// Writes a member's headers.
    pub(super) fn header(&mut self, member: &Member) -> Result<(), Refusal> {
        let short = |text: &[u8]| text.get(..100).unwrap_or(text).to_vec();
        let (name, prefix) = match self.format {
            Format::Gnu => {
                self.long(&member.link, kind::LONG_LINK)?;
                self.long(&member.name, kind::LONG_NAME)?;
                (short(&member.name), Vec::new())
            }
            Format::Ustar => {
                if member.link.len() > 100 {
                    return Err(Refusal::LinkTooLong);
                }
                split(&member.name).ok_or(Refusal::NameTooLong)?
            }
            Format::V7 if member.link.len() > 99 => return Err(Refusal::LinkTooLong),
            Format::V7 if member.name.len() > 99 => return Err(Refusal::NameTooLong),
            Format::V7 => (member.name.clone(), Vec::new()),
            Format::Pax => {
                self.records(member)?;
                split(&member.name).unwrap_or_else(|| (short(&member.name), Vec::new()))
            }
        };
        let shortened = Member { link: short(&member.link), ..member.clone() };
        let mut block = Block::of(&shortened, &name, &prefix, self.format);
        let map = member.map.as_deref().unwrap_or_default();
        if member.map.is_some() {
            block.make_sparse(map, member.size);
        }
        self.put(&block.0)?;
        let mut rest = map.get(4..).unwrap_or_default();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(21));
            self.put(&Block::of_pieces(now, !later.is_empty()).0)?;
            rest = later;
        }
        Ok(())
    }

    /// Writes GNU's header for a name or link that needs one.
    fn long(&mut self, text: &[u8], kind: u8) -> io::Result<()> {
        if text.len() <= 100 {
            return Ok(());
        }
        let content = [text, b"\0"].concat();
        let stored = content.len() as u64;
        let header =
            Member { kind, stored, mode: 0o644, user: b"root".to_vec(), group: b"root".to_vec(), ..Member::default() };
        self.put(&Block::of(&header, LONG_LINK_NAME, b"", Format::Gnu).0)?;
        self.padded(&content)
    }

    /// Writes a pax header with what does not fit a plain one.
    fn records(&mut self, member: &Member) -> io::Result<()> {
        let mut records = Vec::new();
        let mut record = |keyword: &str, value: &[u8]| records.extend(pax::format(keyword, value));
        if split(&member.name).is_none() || !member.name.is_ascii() {
            record("path", &member.name);
        }
        if member.link.len() > 100 || !member.link.is_ascii() {
            record("linkpath", &member.link);
        }
        if member.stored > OCTAL_SIZE_MAX {
            record("size", member.stored.to_string().as_bytes());
        }
        for (keyword, owner) in [("uid", member.uid), ("gid", member.gid)] {
            if owner > OCTAL_OWNER_MAX {
                record(keyword, owner.to_string().as_bytes());
            }
        }
        if member.modified.1 != 0 || member.modified.0 < 0 {
            record("mtime", pax::time(member.modified.0, member.modified.1).as_bytes());
        }
        if records.is_empty() {
            return Ok(());
        }
        let stripped = member.name.strip_suffix(b"/").unwrap_or(&member.name);
        let (directory, base) = match stripped.iter().rposition(|byte| *byte == b'/') {
            Some(slash) => (stripped.get(..slash).unwrap_or_default(), stripped.get(slash + 1..).unwrap_or_default()),
            None => (&b"."[..], stripped),
        };
        let name = [directory, b"/PaxHeaders/", base].concat();
        let stored = records.len() as u64;
        let header = Member {
            kind: kind::PAX,
            stored,
            mode: 0o644,
            modified: (member.modified.0.max(0), 0),
            ..Member::default()
        };
        let (name, prefix) = split(&name).unwrap_or_else(|| (name.get(..100).unwrap_or(&name).to_vec(), Vec::new()));
        self.put(&Block::of(&header, &name, &prefix, Format::Pax).0)?;
        self.padded(&records)
    }

    fn padded(&mut self, content: &[u8]) -> io::Result<()> {
        self.put(content)?;
        self.pad(content.len() as u64)
    }

    fn pad(&mut self, length: u64) -> io::Result<()> {
        let padding = usize::try_from(length.wrapping_neg() % BLOCK as u64).unwrap_or(0);
        self.put([0; BLOCK].get(..padding).unwrap_or_default())
    }

    /// Writes so many bytes of content and their padding. Answers how many the input lacked; zeros stand for them.
    ///
    /// # Errors
    ///
    /// Of the output; and of the input, in the inner result, after which zeros were written as well.
    pub(super) fn content(&mut self, input: &mut dyn Read, length: u64) -> io::Result<io::Result<u64>> {
        let mut buffer = vec![0; BUFFER_BYTES];
        let (mut left, mut failure) = (length, None);
        while left > 0 && failure.is_none() {
            let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(BUFFER_BYTES);
            match input.read(buffer.get_mut(..wanted).unwrap_or_default()) {
                Ok(0) => break,
                Ok(got) => {
                    self.put(buffer.get(..got).unwrap_or_default())?;
                    left -= got as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => failure = Some(error),
            }
        }
        let missing = left;
        buffer.fill(0);
        while left > 0 {
            let now = usize::try_from(left).unwrap_or(usize::MAX).min(BUFFER_BYTES);
            self.put(buffer.get(..now).unwrap_or_default())?;
            left -= now as u64;
        }
        self.pad(length)?;
        Ok(failure.map_or(Ok(missing), Err))
    }

    /// Writes the end of the archive and gives the output back, with the archive's length.
    pub(super) fn finish(mut self) -> io::Result<(W, u64)> {
        self.put(&[0; 2 * BLOCK])?;
        let record = self.blocking * BLOCK as u64;
        while !self.written.is_multiple_of(record) {
            self.put(&[0; BLOCK])?;
        }
        self.output.flush()?;
        Ok((self.output, self.written))
    }
}

/// Splits a name into the fields of ustar: a name of at most 100 bytes and a prefix of at most 155.
fn split(name: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    if name.len() <= 100 {
        return Some((name.to_vec(), Vec::new()));
    }
    let last = name.len() - 1;
    let slash = name.get(..=last.min(155))?.iter().rposition(|byte| *byte == b'/').filter(|slash| *slash > 0)?;
    let slash = if slash == last {
        name.get(..last)?.iter().rposition(|byte| *byte == b'/').filter(|at| *at > 0)?
    } else {
        slash
    };
    let rest = name.get(slash + 1..)?;
    (rest.len() <= 100 && !rest.is_empty()).then(|| (rest.to_vec(), name.get(..slash).unwrap_or_default().to_vec()))
}

#[cfg(test)]
mod tests {
    use super::super::reader::Reader;
    use super::*;

    fn back(format: Format, member: &Member) -> Member {
        let mut writer = Writer::new(Vec::new(), format, 20);
        writer.header(member).expect("it fits");
        let (bytes, length) = writer.finish().expect("room");
        assert_eq!((length % 10_240, bytes.len() as u64), (0, length));
        Reader::new(Box::new(io::Cursor::new(bytes)), false).next().expect("sound").expect("a member")
    }

    #[test]
    fn long_names_and_links_survive() {
        let member = Member {
            name: b"dir/".repeat(60),
            link: b"target/".repeat(40),
            kind: kind::SYMLINK,
            modified: (5, 0),
            ..Member::default()
        };
        assert_eq!(back(Format::Gnu, &member), member);
        let fine = Member { modified: (5, 250_000_000), uid: 1 << 40, ..member.clone() };
        assert_eq!(back(Format::Pax, &fine), fine);
        let mut ustar = Writer::new(Vec::new(), Format::Ustar, 20);
        assert!(matches!(ustar.header(&member), Err(Refusal::LinkTooLong)));
        let unsplit = Member { name: vec![b'a'; 101], ..Member::default() };
        assert!(matches!(ustar.header(&unsplit), Err(Refusal::NameTooLong)));
    }

    #[test]
    fn ustar_splits_names_at_a_slash() {
        let name = [&b"d/".repeat(70)[..], b"file"].concat();
        let (rest, prefix) = split(&name).expect("it can be split");
        assert_eq!([&prefix[..], b"/", &rest].concat(), name);
        assert!(rest.len() <= 100 && prefix.len() <= 155);
        assert_eq!(split(&[b'a'; 300]), None);
    }

    #[test]
    fn content_that_is_too_short_is_filled_with_zeros() {
        let mut writer = Writer::new(Vec::new(), Format::Gnu, 1);
        let missing = writer.content(&mut &b"abc"[..], 10).expect("room").expect("readable");
        assert_eq!((missing, writer.written()), (7, 512));
    }
}
