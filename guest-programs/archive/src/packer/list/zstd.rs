//! The table of `zstd -l`. Frames are walked from block to block; what their headers tell is what is listed.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use super::super::work::scaled;
use crate::basis::message::{text, write};

const MAGIC: u32 = 0xfd2f_b528;
/// The magic numbers of frames that are skipped differ in their last four bits.
const SKIPPABLE: u32 = 0x184d_2a50;

/// What one file holds, or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    frames: u64,
    skipped: u64,
    compressed: u64,
    /// None when a frame does not tell.
    uncompressed: Option<u64>,
    is_checked: bool,
}

const NOTHING: Row = Row { frames: 0, skipped: 0, compressed: 0, uncompressed: Some(0), is_checked: true };

/// Returns the table of some files, and whether one could not be listed, which is told.
pub(super) fn table(names: &[&[u8]]) -> (String, bool) {
    let mut lines = String::from("Frames  Skips  Compressed  Uncompressed  Ratio  Check  Filename\n");
    if let Some(name) = names.iter().find(|name| super::is_no_file(name)) {
        write(&format!("Error : {} is not a file \n", text(name)));
        return (lines, true);
    }
    let mut totals = NOTHING;
    let mut failed = false;
    for name in names {
        match super::open(name).and_then(|(file, length)| row(file, length)) {
            Ok(Some(row)) => {
                totals.add(&row);
                lines.push_str(&row.line(&text(name), "None"));
            }
            Ok(None) => {
                failed = true;
                // zstd has this in the table.
                lines.push_str(&format!("File \"{}\" not compressed by zstd \n", text(name)));
            }
            Err(_) => {
                failed = true;
                write(&format!("Error while parsing \"{}\" \n", text(name)));
            }
        }
    }
    if names.len() > 1 {
        lines.push_str(&format!("{} \n{}", "-".repeat(65), totals.line(&format!("{} files", names.len()), "")));
    }
    (lines, failed)
}

impl Row {
    fn add(&mut self, other: &Self) {
        self.frames += other.frames;
        self.skipped += other.skipped;
        self.compressed += other.compressed;
        self.uncompressed = self.uncompressed.zip(other.uncompressed).map(|(one, other)| one.saturating_add(other));
        self.is_checked &= other.is_checked;
    }

    /// The line about what is called so; `unchecked` stands for no check.
    fn line(&self, name: &str, unchecked: &str) -> String {
        #[expect(clippy::cast_precision_loss, reason = "a ratio of a few digits")]
        let ratio = |uncompressed: u64| uncompressed as f64 / self.compressed.max(1) as f64;
        let content = match self.uncompressed {
            Some(bytes) => {
                let (number, unit) = scaled(bytes);
                format!("{number:>8}{unit:>4}  {:5.3}", ratio(bytes))
            }
            None => " ".repeat(19),
        };
        let (number, unit) = scaled(self.compressed);
        let check = if self.is_checked { "XXH64" } else { unchecked };
        format!("{:>6}  {:>5}  {number:>6}{unit:>4}  {content}  {check:>5}  {name}\n", self.frames, self.skipped)
    }
}

/// Reads what a file holds; none if it does not begin with a frame.
fn row(file: File, length: u64) -> io::Result<Option<Row>> {
    let mut input = BufReader::new(file);
    let mut row = Row { compressed: length, ..NOTHING };
    let mut at = 0;
    while at < length {
        let magic = u32::from_le_bytes(take(&mut input)?);
        match magic {
            MAGIC => frame(&mut input, &mut row)?,
            _ if magic & !15 == SKIPPABLE => {
                let bytes = u32::from_le_bytes(take(&mut input)?);
                input.seek_relative(i64::from(bytes))?;
                row.frames += 1;
                row.skipped += 1;
            }
            _ if at == 0 => return Ok(None),
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
        at = input.stream_position()?;
    }
    // Skipping goes beyond the end without a word.
    if at > length || length == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(Some(row)) }
}

/// Walks one frame behind its magic number (RFC 8878, section 3.1.1).
fn frame(input: &mut BufReader<File>, row: &mut Row) -> io::Result<()> {
    let [descriptor] = take(input)?;
    let is_single = descriptor & 0x20 != 0;
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    input.seek(SeekFrom::Current(dictionary + i64::from(!is_single)))?;
    let content = match descriptor >> 6 {
        0 if is_single => Some(u64::from(take::<1>(input)?[0])),
        0 => None,
        1 => Some(u64::from(u16::from_le_bytes(take(input)?)) + 256),
        2 => Some(u64::from(u32::from_le_bytes(take(input)?))),
        _ => Some(u64::from_le_bytes(take(input)?)),
    };
    row.uncompressed = row.uncompressed.zip(content).map(|(sum, content)| sum.saturating_add(content));
    loop {
        let [low, middle, high] = take(input)?;
        let header = u32::from_le_bytes([low, middle, high, 0]);
        // A block of one repeated byte has just that byte.
        let bytes = if header >> 1 & 3 == 1 { 1 } else { i64::from(header >> 3) };
        input.seek_relative(bytes)?;
        if header & 1 == 1 {
            break;
        }
    }
    row.is_checked = descriptor & 4 != 0;
    if row.is_checked {
        take::<4>(input)?;
    }
    row.frames += 1;
    Ok(())
}

fn take<const N: usize>(input: &mut BufReader<File>) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes).map(|()| bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_as_wide_as_their_heading() {
        let row = Row { frames: 1, skipped: 0, compressed: 1725, uncompressed: Some(3893), is_checked: true };
        assert_eq!(row.line("f.zst", "None"), "     1      0    1.68 KiB      3.80 KiB  2.257  XXH64  f.zst\n");
        let unknown = Row { uncompressed: None, is_checked: false, ..row };
        assert_eq!(unknown.line("f", "None"), "     1      0    1.68 KiB                        None  f\n");
        let empty = Row { compressed: 13, uncompressed: Some(0), ..row };
        assert_eq!(empty.line("e", "None"), "     1      0      13   B         0   B  0.000  XXH64  e\n");
    }
}
