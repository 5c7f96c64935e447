//! Words in the quotes of a shell.

/// Whose quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shell {
    /// sh, bash and their like.
    Bourne,
    /// csh and tcsh.
    C,
}

impl Shell {
    /// The shell of a name.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "sh" | "bash" => Some(Self::Bourne),
            "csh" | "tcsh" => Some(Self::C),
            _ => None,
        }
    }

    /// Quotes a word.
    pub(super) fn quote(self, text: &[u8]) -> Vec<u8> {
        let mut quoted = vec![b'\''];
        for byte in text {
            match (byte, self) {
                (b'\'', _) => quoted.extend_from_slice(b"'\\''"),
                (b'\\', Self::C) => quoted.extend_from_slice(b"\\\\"),
                (b'!', Self::C) => quoted.extend_from_slice(b"'\\!'"),
                (b'\n', Self::C) => quoted.extend_from_slice(b"\\n"),
                (b' ' | b'\t' | 0x0b | 0x0c | b'\r', Self::C) => quoted.extend([b'\'', b'\\', *byte, b'\'']),
                _ => quoted.push(*byte),
            }
        }
        quoted.push(b'\'');
        quoted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_the_shells() {
        assert_eq!(Shell::Bourne.quote(b"a'b !"), b"'a'\\''b !'");
        assert_eq!(Shell::C.quote(b"a!\n"), b"'a'\\!'\\n'");
    }
}
