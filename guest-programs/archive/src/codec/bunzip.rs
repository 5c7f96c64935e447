//! Reading bzip2 streams one after the other; what follows them and is none is left alone, as `bzip2` does.

use std::io::{self, BufRead, Read};

use bzip2::bufread::BzDecoder;

/// How a stream begins.
const MARK: &[u8] = b"BZh";

/// The content of all streams.
pub(super) struct Reader<R: BufRead> {
    stream: Option<BzDecoder<R>>,
}

impl<R: BufRead> Reader<R> {
    pub(super) fn new(input: R) -> Self {
        Self { stream: Some(BzDecoder::new(input)) }
    }
}

impl<R: BufRead> Read for Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(mut stream) = self.stream.take() {
            let length = stream.read(buffer)?;
            if length > 0 || buffer.is_empty() {
                self.stream = Some(stream);
                return Ok(length);
            }
            let mut input = stream.into_inner();
            let next = input.fill_buf()?;
            let is_stream = MARK.iter().zip(next).all(|(mark, byte)| mark == byte) && !next.is_empty();
            self.stream = is_stream.then(|| BzDecoder::new(input));
        }
        Ok(0)
    }
}
