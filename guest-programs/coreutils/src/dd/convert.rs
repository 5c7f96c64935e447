//! What `dd conv=` does to the bytes.

/// Which case letters get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    Lower,
    Upper,
}

/// Lines to records of a fixed size, or back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Records {
    Block,
    Unblock,
}

/// The conversions that are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conversion {
    pub(crate) records: Option<(Records, usize)>,
    pub(crate) case: Option<Case>,
    pub(crate) swab: bool,
}

impl Conversion {
    pub(crate) fn is_nothing(&self) -> bool {
        self.records.is_none() && self.case.is_none() && !self.swab
    }
}

/// Converts blocks one after the other, carrying what is unfinished.
pub(crate) struct Converter {
    conversion: Conversion,
    /// Records that were too long for their lines.
    pub(crate) truncated: u64,
    carried: Option<u8>,
    record: Vec<u8>,
    line_length: usize,
}

impl Converter {
    pub(crate) fn new(conversion: &Conversion) -> Self {
        Self { conversion: conversion.clone(), truncated: 0, carried: None, record: Vec::new(), line_length: 0 }
    }

    /// What `conv=sync` fills blocks with.
    pub(crate) fn filler(&self) -> u8 {
        if self.conversion.records.is_some() { b' ' } else { 0 }
    }

    /// Converts a block.
    pub(crate) fn convert(&mut self, block: &mut [u8]) -> Vec<u8> {
        match self.conversion.case {
            Some(Case::Lower) => block.make_ascii_lowercase(),
            Some(Case::Upper) => block.make_ascii_uppercase(),
            None => {}
        }
        let bytes = if self.conversion.swab { self.swapped(block) } else { block.to_vec() };
        match self.conversion.records {
            Some((Records::Block, size)) => self.fill_records(&bytes, size),
            Some((Records::Unblock, size)) => self.cut_records(&bytes, size),
            None => bytes,
        }
    }

    /// Swaps pairs of bytes; an odd one waits for the next block.
    fn swapped(&mut self, block: &[u8]) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.carried.take().into_iter().chain(block.iter().copied()).collect();
        if bytes.len() % 2 == 1 {
            self.carried = bytes.pop();
        }
        bytes.chunks_exact_mut(2).for_each(|pair| pair.swap(0, 1));
        bytes
    }

    fn fill_records(&mut self, bytes: &[u8], size: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        for &byte in bytes {
            if byte == b'\n' {
                out.extend(std::iter::repeat_n(b' ', size.saturating_sub(self.line_length)));
                self.line_length = 0;
                continue;
            }
            self.line_length += 1;
            if self.line_length <= size {
                out.push(byte);
            } else if self.line_length == size + 1 {
                self.truncated += 1;
            }
        }
        out
    }

    fn cut_records(&mut self, bytes: &[u8], size: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        for &byte in bytes {
            self.record.push(byte);
            if self.record.len() == size {
                self.end_record(&mut out);
            }
        }
        out
    }

    fn end_record(&mut self, out: &mut Vec<u8>) {
        let length = self.record.iter().rposition(|&byte| byte != b' ').map_or(0, |last| last + 1);
        out.extend_from_slice(&self.record[..length]);
        out.push(b'\n');
        self.record.clear();
    }

    /// Answers what is left at the end.
    pub(crate) fn finish(&mut self) -> Vec<u8> {
        let mut out: Vec<u8> = self.carried.take().into_iter().collect();
        match self.conversion.records {
            Some((Records::Block, size)) if self.line_length > 0 => {
                out.extend(std::iter::repeat_n(b' ', size.saturating_sub(self.line_length)));
            }
            Some((Records::Unblock, _)) if !self.record.is_empty() => self.end_record(&mut out),
            _ => {}
        }
        out
    }
}
