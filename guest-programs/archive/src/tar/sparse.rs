//! Sparse files: finding their holes when they are archived, and leaving them when they are extracted.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use super::header::BLOCK;
use crate::basis::files::BUFFER_BYTES;

/// Finds where a file has data: blocks that are not all zeros, neighbours together. The last piece ends at the file's length.
pub(super) fn map_of(file: &mut dyn Read, size: u64) -> io::Result<Vec<(u64, u64)>> {
    let mut map: Vec<(u64, u64)> = Vec::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut at = 0;
    while at < size {
        let wanted = usize::try_from(size - at).unwrap_or(usize::MAX).min(BUFFER_BYTES);
        let piece = buffer.get_mut(..wanted).unwrap_or_default();
        file.read_exact(piece)?;
        for block in piece.chunks(BLOCK) {
            let length = block.len() as u64;
            if block.iter().any(|byte| *byte != 0) {
                match map.last_mut() {
                    Some((start, have)) if *start + *have == at => *have += length,
                    _ => map.push((at, length)),
                }
            }
            at += length;
        }
    }
    if map.last().is_none_or(|(start, length)| start + length < size) {
        map.push((size, 0));
    }
    Ok(map)
}

/// The data of a file by its map, piece after piece.
pub(super) struct Pieces<'a> {
    file: &'a mut File,
    left: std::vec::IntoIter<(u64, u64)>,
    in_piece: u64,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(file: &'a mut File, map: Vec<(u64, u64)>) -> Self {
        Self { file, left: map.into_iter(), in_piece: 0 }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.in_piece == 0 {
            let Some((start, length)) = self.left.next() else { return Ok(0) };
            self.file.seek(SeekFrom::Start(start))?;
            self.in_piece = length;
        }
        let wanted = usize::try_from(self.in_piece).unwrap_or(usize::MAX).min(buffer.len());
        let length = self.file.read(buffer.get_mut(..wanted).unwrap_or_default())?;
        self.in_piece -= length as u64;
        Ok(length)
    }
}

/// Writes the stored data of a sparse file to its places and gives the file its length.
pub(super) fn extract(input: &mut dyn Read, output: &mut File, map: &[(u64, u64)], size: u64) -> io::Result<()> {
    for (start, length) in map.iter().filter(|(_, length)| *length > 0) {
        output.seek(SeekFrom::Start(*start))?;
        io::copy(&mut input.take(*length), output)?;
    }
    output.flush()?;
    output.set_len(size)
}

/// The content of a sparse member with zeros for its holes.
pub(super) fn expand(input: &mut dyn Read, output: &mut dyn Write, map: &[(u64, u64)], size: u64) -> io::Result<()> {
    let mut at = 0;
    for (start, length) in map {
        io::copy(&mut io::repeat(0).take(start.saturating_sub(at)), output)?;
        io::copy(&mut input.take(*length), output)?;
        at = start.saturating_add(*length);
    }
    io::copy(&mut io::repeat(0).take(size.saturating_sub(at)), output)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_found_and_filled() {
        let mut content = vec![0; 5000];
        content[600] = 1;
        content[1100] = 2;
        let map = map_of(&mut &content[..], 5000).expect("readable");
        assert_eq!(map, [(512, 1024), (5000, 0)]);
        let stored = &content[512..1536];
        let mut back = Vec::new();
        expand(&mut &stored[..], &mut back, &map, 5000).expect("room");
        assert!(back == content);
        assert_eq!(map_of(&mut &[1u8; 700][..], 700).expect("readable"), [(0, 700)]);
    }
}
