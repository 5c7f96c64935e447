//! The request of `spawn` as bytes.

/// Search the path in the `PATH` of the given environment.
const SEARCH_PATH: u32 = 1 << 0;
const NEW_GROUP: u32 = 1 << 1;
const INHERIT_STANDARD: u32 = 1 << 2;
const INHERIT_ALL: u32 = 1 << 3;

/// What is started, with what, and with which descriptors: the plain record behind [`crate::Command`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are the independent flags of the request")]
pub struct SpawnRequest {
    /// Path of the file, or a name that is searched.
    pub path: Vec<u8>,
    /// Arguments, the name first.
    pub argv: Vec<Vec<u8>>,
    /// Environment, `NAME=value` each.
    pub env: Vec<Vec<u8>>,
    /// Descriptors: the child's number and the caller's.
    pub fds: Vec<(u32, u32)>,
    /// `path` without a slash is searched in the `PATH` of `env`.
    pub search_path: bool,
    /// The child leads a process group of its own.
    pub new_group: bool,
    /// Descriptors 0 to 2 are inherited where `fds` names none.
    pub inherit_standard: bool,
    /// All open descriptors but the preopened directory are.
    pub inherit_all: bool,
}

impl SpawnRequest {
    /// Writes the request as the module reads it (`wit/program.md`).
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_string(&mut bytes, &self.path);
        for list in [&self.argv, &self.env] {
            put_length(&mut bytes, list.len());
            list.iter().for_each(|entry| put_string(&mut bytes, entry));
        }
        put_length(&mut bytes, self.fds.len());
        for (child, own) in &self.fds {
            bytes.extend(child.to_le_bytes());
            bytes.extend(own.to_le_bytes());
        }
        let flags = [
            (self.search_path, SEARCH_PATH),
            (self.new_group, NEW_GROUP),
            (self.inherit_standard, INHERIT_STANDARD),
            (self.inherit_all, INHERIT_ALL),
        ];
        let flags = flags.iter().filter(|(is_set, _)| *is_set).fold(0, |sum, (_, flag)| sum | flag);
        bytes.extend(flags.to_le_bytes());
        bytes
    }
}

fn put_string(bytes: &mut Vec<u8>, text: &[u8]) {
    put_length(bytes, text.len());
    bytes.extend(text);
}

/// Lengths fit: a Wasm program's memory is smaller than 4 GiB, and the host refuses what is longer than 2 MiB.
fn put_length(bytes: &mut Vec<u8>, length: usize) {
    bytes.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_lengths_and_bytes() {
        let request = SpawnRequest {
            path: b"ls".to_vec(),
            argv: vec![b"ls".to_vec(), Vec::new()],
            env: vec![b"A=1".to_vec()],
            fds: vec![(1, 5)],
            search_path: true,
            inherit_standard: true,
            ..SpawnRequest::default()
        };
        let expected: &[&[u8]] = &[
            b"\x02\0\0\0ls",
            b"\x02\0\0\0\x02\0\0\0ls\0\0\0\0",
            b"\x01\0\0\0\x03\0\0\0A=1",
            b"\x01\0\0\0\x01\0\0\0\x05\0\0\0",
            b"\x05\0\0\0",
        ];
        assert_eq!(request.encode(), expected.concat());
    }
}
