//! The table of `xz -l`. A file is read from its end: each stream's footer tells where its index is, which has the sizes.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use crate::basis::message::{text, write};

/// Bytes of a stream's header, and of its footer.
const FRAME_BYTES: u64 = 12;

/// Bytes of an index that is read: that of millions of blocks.
const INDEX_MAX_BYTES: u64 = 16 << 20;

const MAGIC: [u8; 6] = [0xfd, b'7', b'z', b'X', b'Z', 0];
const FOOTER_MAGIC: [u8; 2] = *b"YZ";

/// What one file holds, or several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Row {
    files: u64,
    streams: u64,
    blocks: u64,
    compressed: u64,
    uncompressed: u64,
    /// The kinds of checks: bit N for the one that is called N.
    checks: u16,
    padding: u64,
}

/// Why a file cannot be listed.
#[derive(Debug)]
enum Unlisted {
    Unknown,
    Corrupt,
    System(io::Error),
}

impl From<io::Error> for Unlisted {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::Corrupt } else { Self::System(error) }
    }
}

/// Returns the table of some files, and whether one could not be listed, which is told.
pub(super) fn table(names: &[&[u8]], robot: bool) -> (String, bool) {
    let mut lines = String::new();
    let mut totals = Row::default();
    let mut failed = false;
    for name in names {
        let read = super::open(name).map_err(Unlisted::System).and_then(|(mut file, length)| row(&mut file, length));
        match read {
            Ok(row) => {
                if totals.files == 0 && !robot {
                    lines.push_str("Strms  Blocks   Compressed Uncompressed  Ratio  Check   Filename\n");
                }
                totals.add(&row);
                let name = text(name);
                lines.push_str(&if robot {
                    format!("name\t{name}\nfile\t{}\n", row.fields())
                } else {
                    row.line(&name)
                });
            }
            Err(reason) => {
                failed = true;
                match reason {
                    Unlisted::System(error) => super::cannot_open(name, &error),
                    Unlisted::Unknown => write(&format!("xz: {}: File format not recognized\n", text(name))),
                    Unlisted::Corrupt => write(&format!("xz: {}: Compressed data is corrupt\n", text(name))),
                }
            }
        }
    }
    if robot {
        lines.push_str(&format!("totals\t{}\t{}\n", totals.fields(), totals.files));
    } else if totals.files > 1 {
        lines.push_str(&format!("{}\n{}", "-".repeat(79), totals.line(&format!("{} files", totals.files))));
    }
    (lines, failed)
}

impl Row {
    fn add(&mut self, other: &Self) {
        self.files += 1;
        self.streams += other.streams;
        self.blocks += other.blocks;
        self.compressed += other.compressed;
        self.uncompressed = self.uncompressed.saturating_add(other.uncompressed);
        self.checks |= other.checks;
        self.padding += other.padding;
    }

    fn line(&self, name: &str) -> String {
        let [compressed, uncompressed] = [self.compressed, self.uncompressed].map(size);
        format!(
            "{:>5} {:>7}  {compressed:>11}  {uncompressed:>11}  {:>5}  {:<7} {name}\n",
            self.streams,
            self.blocks,
            self.ratio(),
            self.checks()
        )
    }

    fn fields(&self) -> String {
        let numbers = [self.streams, self.blocks, self.compressed, self.uncompressed].map(|number| number.to_string());
        format!("{}\t{}\t{}\t{}", numbers.join("\t"), self.ratio(), self.checks(), self.padding)
    }

    fn ratio(&self) -> String {
        #[expect(clippy::cast_precision_loss, reason = "a ratio of four digits")]
        let ratio = self.compressed as f64 / self.uncompressed as f64;
        if ratio > 9.999 || self.uncompressed == 0 { "---".to_owned() } else { format!("{ratio:.3}") }
    }

    fn checks(&self) -> String {
        let name = |kind: u16| match kind {
            0 => "None".to_owned(),
            1 => "CRC32".to_owned(),
            4 => "CRC64".to_owned(),
            10 => "SHA-256".to_owned(),
            other => format!("Unknown-{other}"),
        };
        let kinds: Vec<String> = (0..16).filter(|kind| self.checks & (1 << kind) != 0).map(name).collect();
        if kinds.is_empty() { name(0) } else { kinds.join(",") }
    }
}

/// A number of bytes as xz shows it: from 10,000 on in larger units.
fn size(bytes: u64) -> String {
    const LARGEST_SHOWN: f64 = 9999.9;
    if bytes < 10_000 {
        return format!("{bytes} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "five digits are shown")]
    let mut value = bytes as f64 / 1024.0;
    let mut units = ["KiB", "MiB", "GiB"].iter();
    while value > LARGEST_SHOWN && units.len() > 0 {
        units.next();
        value /= 1024.0;
    }
    format!("{value:.1} {}", units.next().unwrap_or(&"TiB"))
}

/// Reads what a file holds, its streams from the last to the first.
fn row(file: &mut File, length: u64) -> Result<Row, Unlisted> {
    let mut start = [0; MAGIC.len()];
    if length < FRAME_BYTES || read_at(file, 0, &mut start).is_err() || start != MAGIC {
        return Err(Unlisted::Unknown);
    }
    let mut row = Row { compressed: length, ..Row::default() };
    let mut end = length;
    while end > 0 {
        if end < 2 * FRAME_BYTES {
            return Err(Unlisted::Corrupt);
        }
        let mut footer = [0; 12];
        read_at(file, end - FRAME_BYTES, &mut footer)?;
        let padded = footer.iter().rev().take_while(|byte| **byte == 0).count() as u64 / 4 * 4;
        if padded > 0 {
            row.padding += padded;
            end -= padded;
            continue;
        }
        end = stream(file, end, &footer, &mut row)?;
    }
    Ok(row)
}

/// Reads the index of the stream that ends at `end` with this footer; answers where the stream begins.
fn stream(file: &mut File, end: u64, footer: &[u8; 12], row: &mut Row) -> Result<u64, Unlisted> {
    let [_, _, _, _, size @ .., flag, kind, y, z] = footer;
    let index_bytes = size.get(..4).and_then(|size| size.try_into().ok()).map_or(0, u32::from_le_bytes);
    let index_bytes = (u64::from(index_bytes) + 1) * 4;
    let index_start = (end - FRAME_BYTES).checked_sub(index_bytes).filter(|_| index_bytes <= INDEX_MAX_BYTES);
    let index_start = index_start.filter(|_| [*y, *z] == FOOTER_MAGIC && *flag == 0).ok_or(Unlisted::Corrupt)?;
    let mut index = vec![0; usize::try_from(index_bytes).unwrap_or_default()];
    read_at(file, index_start, &mut index)?;
    let mut index = index.strip_prefix(&[0]).ok_or(Unlisted::Corrupt)?;
    let blocks = number(&mut index)?;
    let mut packed = 0_u64;
    for _ in 0..blocks {
        let unpadded = number(&mut index)?;
        packed =
            packed.checked_add(unpadded).and_then(|sum| sum.checked_next_multiple_of(4)).ok_or(Unlisted::Corrupt)?;
        row.uncompressed = row.uncompressed.saturating_add(number(&mut index)?);
    }
    let start = packed.checked_add(FRAME_BYTES).and_then(|before| index_start.checked_sub(before));
    let start = start.ok_or(Unlisted::Corrupt)?;
    let mut header = [0; 8];
    read_at(file, start, &mut header)?;
    if header[..6] != MAGIC || header[6..] != [*flag, *kind] {
        return Err(Unlisted::Corrupt);
    }
    row.streams += 1;
    row.blocks += blocks;
    row.checks |= 1 << (kind & 15);
    Ok(start)
}

/// Takes a number of seven bits a byte, the lowest first.
fn number(bytes: &mut &[u8]) -> Result<u64, Unlisted> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or(Unlisted::Corrupt)?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(Unlisted::Corrupt)
}

fn read_at(file: &mut File, at: u64, buffer: &mut [u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_five_digits_at_most() {
        assert_eq!([size(0), size(9999), size(47_500)], ["0 B", "9999 B", "46.4 KiB"]);
        assert_eq!([size(1_288_894), size(300_000_000)], ["1258.7 KiB", "286.1 MiB"]);
    }

    #[test]
    fn numbers_are_read_seven_bits_at_a_time() {
        let read = |mut bytes: &[u8]| number(&mut bytes).ok();
        assert_eq!(read(&[5]), Some(5));
        assert_eq!(read(&[0x80 | 0x35, 0x1e, 9]), Some(0x35 | 0x1e << 7));
        assert_eq!((read(&[0x80]), read(&[0xff; 12])), (None, None));
    }

    #[test]
    fn several_checks_are_listed() {
        assert_eq!(Row { checks: 0b10010, ..Row::default() }.checks(), "CRC32,CRC64");
        assert_eq!(Row { checks: 1 << 10 | 1 << 2, ..Row::default() }.checks(), "Unknown-2,SHA-256");
        assert_eq!(Row::default().fields(), "0\t0\t0\t0\t---\tNone\t0");
    }
}
