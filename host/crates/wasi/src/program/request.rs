//! The request of `spawn`: a sequence of lengths and bytes, decoded without trusting one of them.

use base::Errno;

use crate::system::Spawn;

/// Longest request in bytes: arguments and environment together, Linux's `ARG_MAX`.
pub(super) const REQUEST_MAX: u32 = 2 << 20;

const FLAG_SEARCH_PATH: u32 = 1 << 0;
const FLAG_NEW_GROUP: u32 = 1 << 1;
const FLAG_INHERIT_STANDARD: u32 = 1 << 2;
const FLAG_INHERIT_ALL: u32 = 1 << 3;
const FLAGS_ALL: u32 = FLAG_SEARCH_PATH | FLAG_NEW_GROUP | FLAG_INHERIT_STANDARD | FLAG_INHERIT_ALL;

/// Decodes a request; `EINVAL` unless it is exactly one.
pub(super) fn decode(bytes: &[u8]) -> Result<Spawn, Errno> {
    let mut rest = Rest(bytes);
    let path = rest.string()?;
    let argv = rest.strings()?;
    let env = rest.strings()?;
    let fds = rest.pairs()?;
    let flags = rest.number()?;
    if !rest.0.is_empty() || flags & !FLAGS_ALL != 0 {
        return Err(Errno::EINVAL);
    }
    Ok(Spawn {
        path,
        argv,
        env,
        fds,
        search_path: flags & FLAG_SEARCH_PATH != 0,
        new_group: flags & FLAG_NEW_GROUP != 0,
        inherit_standard: flags & FLAG_INHERIT_STANDARD != 0,
        inherit_all: flags & FLAG_INHERIT_ALL != 0,
    })
}

/// What is left to decode.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, n: u32) -> Result<&'a [u8], Errno> {
        let (taken, rest) = self.0.split_at_checked(n as usize).ok_or(Errno::EINVAL)?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u32, Errno> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Errno::EINVAL)?;
        self.0 = rest;
        Ok(u32::from_le_bytes(*bytes))
    }

    fn string(&mut self) -> Result<Vec<u8>, Errno> {
        let len = self.number()?;
        self.take(len).map(<[u8]>::to_vec)
    }

    /// A count and that many strings; nothing is reserved for a count that the bytes do not bear out.
    fn strings(&mut self) -> Result<Vec<Vec<u8>>, Errno> {
        (0..self.number()?).map(|_| self.string()).collect()
    }

    fn pairs(&mut self) -> Result<Vec<(u32, u32)>, Errno> {
        (0..self.number()?).map(|_| Ok((self.number()?, self.number()?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(strings: &[&[&[u8]]], fds: &[(u32, u32)], flags: u32) -> Vec<u8> {
        let string = |text: &[u8]| [&u32::try_from(text.len()).expect("short").to_le_bytes()[..], text].concat();
        let mut bytes = string(b"/bin/ls");
        for list in strings {
            bytes.extend(u32::try_from(list.len()).expect("few").to_le_bytes());
            list.iter().for_each(|text| bytes.extend(string(text)));
        }
        bytes.extend(u32::try_from(fds.len()).expect("few").to_le_bytes());
        fds.iter().for_each(|(child, own)| bytes.extend([child.to_le_bytes(), own.to_le_bytes()].concat()));
        bytes.extend(flags.to_le_bytes());
        bytes
    }

    #[test]
    fn a_request_is_decoded_field_by_field() {
        let bytes = encode(&[&[b"ls", b"-l"], &[b"PATHS=no", b"PATH=/bin"]], &[(1, 5)], 5);
        let request = decode(&bytes).expect("a request");
        assert_eq!(request.path, b"/bin/ls");
        assert_eq!(request.argv, [b"ls", b"-l"]);
        assert_eq!(request.env, [&b"PATHS=no"[..], b"PATH=/bin"]);
        assert_eq!(request.fds, [(1, 5)]);
        assert!(request.search_path && !request.new_group && request.inherit_standard);
    }

    #[test]
    fn whatever_is_cut_off_or_left_over_is_refused() {
        let bytes = encode(&[&[b"ls"], &[]], &[(1, 1)], 0);
        assert!(decode(&bytes).is_ok());
        for len in 0..bytes.len() {
            assert_eq!(decode(&bytes[..len]), Err(Errno::EINVAL), "{len}");
        }
        assert_eq!(decode(&[&bytes[..], &[0]].concat()), Err(Errno::EINVAL));
        assert_eq!(decode(&encode(&[&[], &[]], &[], 16)), Err(Errno::EINVAL));
    }

    #[test]
    fn a_count_beyond_the_bytes_reserves_nothing() {
        let mut bytes = vec![0; 4];
        bytes.extend(u32::MAX.to_le_bytes());
        assert_eq!(decode(&bytes), Err(Errno::EINVAL));
    }
}
