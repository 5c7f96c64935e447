//! Encodings: an alphabet of which each character carries some bits, in groups of whole bytes; and Z85, by division.

/// An encoding.
pub(crate) struct Code {
    alphabet: &'static [u8],
    /// Bits that a character carries; 0: characters are digits to the base of the alphabet.
    bits: u32,
    /// Bytes and characters of a group.
    bytes: usize,
    characters: usize,
    /// The first character of a group carries its lowest bit.
    low_first: bool,
    /// A last group that is short is filled with `=`.
    padded: bool,
}

/// What stands for no character of an alphabet.
const NONE: u8 = 0xff;

const PAD: u8 = b'=';

impl Code {
    pub(crate) const BASE64: Self =
        Self::by_bits(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6, 3, 4);
    pub(crate) const BASE32: Self = Self::by_bits(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5, 5, 8);

    const fn by_bits(alphabet: &'static [u8], bits: u32, bytes: usize, characters: usize) -> Self {
        Self { alphabet, bits, bytes, characters, low_first: false, padded: bytes > 1 }
    }

    /// Returns an encoding by its option of `basenc`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "base64" => Self::BASE64,
            "base64url" => Self::by_bits(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 6, 3, 4),
            "base32" => Self::BASE32,
            "base32hex" => Self::by_bits(b"0123456789ABCDEFGHIJKLMNOPQRSTUV", 5, 5, 8),
            "base16" => Self::by_bits(b"0123456789ABCDEF", 4, 1, 2),
            "base2msbf" => Self::by_bits(b"01", 1, 1, 8),
            "base2lsbf" => Self { low_first: true, ..Self::by_bits(b"01", 1, 1, 8) },
            "z85" => {
                let alphabet = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
                Self { padded: false, ..Self::by_bits(alphabet, 0, 4, 5) }
            }
            _ => return None,
        })
    }

    /// Appends the characters of `input`, which is a whole number of groups unless it is the last.
    ///
    /// # Errors
    ///
    /// What is wrong with the length.
    pub(crate) fn encode(&self, input: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
        let groups = input.chunks_exact(self.bytes);
        let rest = groups.remainder();
        out.reserve(input.len() / self.bytes * self.characters + self.characters);
        if self.bits == 6 {
            for group in groups {
                let value = usize::from(group[0]) << 16 | usize::from(group[1]) << 8 | usize::from(group[2]);
                let at = |shift: usize| self.alphabet[value >> shift & 63];
                out.extend_from_slice(&[at(18), at(12), at(6), at(0)]);
            }
        } else {
            groups.for_each(|group| self.encode_group(group, out));
        }
        if rest.is_empty() {
            return Ok(());
        }
        if !self.padded {
            return Err("invalid input (length must be multiple of 4 characters)".to_owned());
        }
        let mut group = [0; 5];
        group[..rest.len()].copy_from_slice(rest);
        let start = out.len();
        self.encode_group(&group[..self.bytes], out);
        let full = (rest.len() * 8).div_ceil(self.bits as usize);
        out[start + full..].fill(PAD);
        Ok(())
    }

    /// Characters of a group, of which there are eight at most.
    fn n_characters(&self) -> u32 {
        u32::try_from(self.characters).unwrap_or(8)
    }

    fn encode_group(&self, group: &[u8], out: &mut Vec<u8>) {
        let value = group.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
        let n = self.n_characters();
        let base = self.alphabet.len() as u64;
        for index in 0..n {
            let digit = match (self.bits, self.low_first) {
                (0, _) => value / base.pow(n - 1 - index) % base,
                (bits, true) => value >> (index * bits) & (base - 1),
                (bits, false) => value >> ((n - 1 - index) * bits) & (base - 1),
            };
            // A digit is below the base.
            out.push(self.alphabet[usize::try_from(digit % base).unwrap_or(0)]);
        }
    }
}

/// Decodes text that comes in parts.
pub(crate) struct Decoder<'a> {
    code: &'a Code,
    /// Digits by character.
    digits: [u8; 256],
    lenient: bool,
    group: Vec<u8>,
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(code: &'a Code, lenient: bool) -> Self {
        let mut digits = [NONE; 256];
        for (digit, character) in (0u8..).zip(code.alphabet) {
            digits[usize::from(*character)] = digit;
        }
        Self { code, digits, lenient, group: Vec::new() }
    }

    /// Appends the bytes of the groups that are complete.
    ///
    /// # Errors
    ///
    /// The text is not of the encoding; what came before is in `out`.
    pub(crate) fn decode(&mut self, text: &[u8], out: &mut Vec<u8>) -> Result<(), ()> {
        for line in text.split(|&byte| byte == b'\n') {
            let line = if self.group.is_empty() { self.decode_whole(line, out) } else { line };
            for &character in line {
                let known = self.digits[usize::from(character)] != NONE || (self.code.padded && character == PAD);
                if self.lenient && !known {
                    continue;
                }
                self.group.push(character);
                if self.group.len() == self.code.characters {
                    let group = std::mem::take(&mut self.group);
                    self.decode_group(&group, out)?;
                }
            }
        }
        Ok(())
    }

    /// Decodes groups of base 64 up to the first that is not plain; answers what is left.
    fn decode_whole<'t>(&self, line: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
        if self.code.bits != 6 {
            return line;
        }
        let start = out.len();
        out.resize(start + line.len() / 4 * 3, 0);
        let mut whole = 0;
        for (group, bytes) in line.chunks_exact(4).zip(out[start..].chunks_exact_mut(3)) {
            let digit = |at: usize| self.digits[usize::from(group[at])];
            let (a, b, c, d) = (digit(0), digit(1), digit(2), digit(3));
            if (a | b | c | d) & 0x80 != 0 {
                break;
            }
            bytes.copy_from_slice(&[a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]);
            whole += 1;
        }
        out.truncate(start + whole * 3);
        &line[whole * 4..]
    }

    /// Takes the end of the text.
    ///
    /// # Errors
    ///
    /// The last group is not complete.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), ()> {
        let group = std::mem::take(&mut self.group);
        if group.is_empty() { Ok(()) } else { self.decode_group(&group, out) }
    }

    fn decode_group(&self, group: &[u8], out: &mut Vec<u8>) -> Result<(), ()> {
        let digit = |character: &u8| match self.digits[usize::from(*character)] {
            NONE => None,
            digit => Some(u64::from(digit)),
        };
        let complete = group.len() == self.code.characters;
        if self.code.bits == 0 {
            return self.decode_divided(group, out);
        }
        // Base 64 gives the bytes before what is wrong; the others give whole groups.
        let tells_part = self.code.bits == 6;
        let known: Vec<u64> = group.iter().map_while(digit).collect();
        let padding_only = group[known.len()..].iter().all(|&character| character == PAD) && self.code.padded;
        let n_bytes = known.len() * self.code.bits as usize / 8;
        let full = (n_bytes * 8).div_ceil(self.code.bits as usize);
        let right = complete && (known.len() == group.len() || (padding_only && n_bytes > 0 && full == known.len()));
        if right || tells_part {
            let last = self.code.n_characters() - 1;
            let place = |index: u32| if self.code.low_first { index } else { last - index };
            let shifted = (0u32..).zip(&known).map(|(index, digit)| digit << (self.code.bits * place(index)));
            let value = shifted.fold(0u64, |value, bits| value | bits);
            let bytes = value.to_be_bytes();
            let start = bytes.len() - self.code.bytes;
            out.extend_from_slice(&bytes[start..start + n_bytes.min(self.code.bytes)]);
        }
        if right { Ok(()) } else { Err(()) }
    }

    fn decode_divided(&self, group: &[u8], out: &mut Vec<u8>) -> Result<(), ()> {
        let mut value = 0u64;
        for character in group {
            match self.digits[usize::from(*character)] {
                NONE => return Err(()),
                digit => value = value * self.code.alphabet.len() as u64 + u64::from(digit),
            }
        }
        let value = u32::try_from(value).map_err(|_| ())?;
        if group.len() != self.code.characters {
            return Err(());
        }
        out.extend_from_slice(&value.to_be_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        let check = |name: &str, plain: &[u8], expected: &str| {
            let code = Code::named(name).expect("named in this test");
            let (mut text, mut back) = (Vec::new(), Vec::new());
            code.encode(plain, &mut text).expect("of the right length in this test");
            assert_eq!(String::from_utf8_lossy(&text), expected);
            let mut decoder = Decoder::new(&code, false);
            // One character at a time: groups go over the parts.
            for character in &text {
                decoder.decode(&[*character], &mut back).expect("was encoded just now");
            }
            assert_eq!(decoder.finish(&mut back), Ok(()));
            assert_eq!(back, plain);
        };
        check("base64", b"hello", "aGVsbG8=");
        check("base64url", b"\xfb\xff\xfe", "-__-");
        check("base32", b"hi", "NBUQ====");
        check("base32hex", b"abcde", "C5H66P35");
        check("base16", b"\x00\xff", "00FF");
        check("base2msbf", b"A", "01000001");
        check("base2lsbf", b"A", "10000010");
        check("z85", b"\x86\x4f\xd2\x6f\xb5\x59\xf7\x5b", "HelloWorld");
    }

    #[test]
    fn wrong_text_gives_the_bytes_before_it() {
        let check = |name: &str, text: &str, expected: &[u8]| {
            let code = Code::named(name).expect("named in this test");
            let mut out = Vec::new();
            let mut decoder = Decoder::new(&code, false);
            let result = decoder.decode(text.as_bytes(), &mut out).and_then(|()| decoder.finish(&mut out));
            assert_eq!((result, out.as_slice()), (Err(()), expected), "{text}");
        };
        check("base64", "aGk", b"hi");
        check("base64", "aG k=", b"h");
        check("base64", "====", b"");
        check("base32", "NBUQ", b"");
        check("base16", "41424", b"AB");
        check("base16", "4a", b"");
    }
}
