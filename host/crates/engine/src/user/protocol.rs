//! What server and compiling process say to each other: one request, one reply, each a header and bytes.
//!
//! | request | bytes | reply | bytes |
//! |---|---|---|---|
//! | magic `SWCQ` | 4 | magic `SWCR` | 4 |
//! | version | 1 | version | 1 |
//! | metering (0 fuel and epochs, 1 epochs) | 1 | 0 code, 1 reason | 1 |
//! | zero | 2 | sandbox (bit 0 files, bit 1 system calls) | 1 |
//! | length of the Wasm, little-endian | 8 | zero | 1 |
//! | | | length of code or reason, little-endian | 8 |
//!
//! Both ends are the same binary, so the version only guards against a wrong one.

use std::io::{self, Read, Write};

use crate::config::Metering;

const REQUEST: &[u8; 4] = b"SWCQ";
const REPLY: &[u8; 4] = b"SWCR";
const VERSION: u8 = 1;
const HEADER_BYTES: usize = 16;

/// What is asked for; the Wasm follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) metering: Metering,
    pub(super) wasm_bytes: u64,
}

/// What the compiling process could be kept from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sandbox {
    /// It can open no file and no connection by path or port.
    pub(super) files: bool,
    /// It has no system calls but those that compiling needs.
    pub(super) calls: bool,
}

/// What came of it; the code or the reason follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) compiled: bool,
    pub(super) sandbox: Sandbox,
    pub(super) bytes: u64,
}

impl Request {
    pub(super) fn write(self, output: &mut impl Write) -> io::Result<()> {
        let metering = match self.metering {
            Metering::FuelAndEpoch => 0,
            Metering::Epoch => 1,
        };
        write_header(output, REQUEST, [metering, 0, 0], self.wasm_bytes)
    }

    pub(super) fn read(input: &mut impl Read) -> io::Result<Self> {
        let ([metering, ..], wasm_bytes) = read_header(input, REQUEST)?;
        let metering = if metering == 0 { Metering::FuelAndEpoch } else { Metering::Epoch };
        Ok(Self { metering, wasm_bytes })
    }
}

impl Reply {
    pub(super) fn write(self, output: &mut impl Write) -> io::Result<()> {
        let sandbox = u8::from(self.sandbox.files) | u8::from(self.sandbox.calls) << 1;
        write_header(output, REPLY, [u8::from(!self.compiled), sandbox, 0], self.bytes)
    }

    pub(super) fn read(input: &mut impl Read) -> io::Result<Self> {
        let ([kind, sandbox, _], bytes) = read_header(input, REPLY)?;
        let sandbox = Sandbox { files: sandbox & 1 != 0, calls: sandbox & 2 != 0 };
        Ok(Self { compiled: kind == 0, sandbox, bytes })
    }
}

fn write_header(output: &mut impl Write, magic: &[u8; 4], [a, b, c]: [u8; 3], length: u64) -> io::Result<()> {
    let mut header = [0; HEADER_BYTES];
    header[..4].copy_from_slice(magic);
    header[4..8].copy_from_slice(&[VERSION, a, b, c]);
    header[8..].copy_from_slice(&length.to_le_bytes());
    output.write_all(&header)
}

fn read_header(input: &mut impl Read, magic: &[u8; 4]) -> io::Result<([u8; 3], u64)> {
    let mut header = [0; HEADER_BYTES];
    input.read_exact(&mut header)?;
    let [m0, m1, m2, m3, version, a, b, c, length @ ..] = header;
    if [m0, m1, m2, m3] != *magic || version != VERSION {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "not what this version says"));
    }
    Ok(([a, b, c], u64::from_le_bytes(length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_understood_and_nothing_else_is() {
        let mut bytes = Vec::new();
        for metering in [Metering::FuelAndEpoch, Metering::Epoch] {
            let request = Request { metering, wasm_bytes: 1 << 40 };
            bytes.clear();
            request.write(&mut bytes).expect("a vector takes all");
            assert_eq!(Request::read(&mut bytes.as_slice()).expect("a request"), request);
        }
        assert!(Reply::read(&mut bytes.as_slice()).is_err());
        for (compiled, files, calls) in [(true, false, true), (false, true, false)] {
            let reply = Reply { compiled, sandbox: Sandbox { files, calls }, bytes: 7 };
            bytes.clear();
            reply.write(&mut bytes).expect("a vector takes all");
            assert_eq!(Reply::read(&mut bytes.as_slice()).expect("a reply"), reply);
        }
        assert!(Reply::read(&mut &bytes[..HEADER_BYTES - 1]).is_err());
        bytes[4] = VERSION + 1;
        assert!(Reply::read(&mut bytes.as_slice()).is_err());
    }
}
