//! What a process was started as: what /proc tells of its code, whatever the code has made of it since.

use bytes::Bytes;

/// Longest name of a process, Linux's `TASK_COMM_LEN` less its NUL.
const NAME_MAX: usize = 15;

/// Name, arguments and environment; clones share them, as a shell's stages do.
#[derive(Clone, Debug, Default)]
pub(crate) struct StartedAs {
    /// The last part of the path it was started by, cut to 15 bytes.
    pub(crate) name: Bytes,
    /// The arguments, each with a NUL.
    pub(crate) arguments: Bytes,
    /// The environment, each entry with a NUL.
    pub(crate) environment: Bytes,
    /// The path of the executable, absolute; empty when it has none.
    pub(crate) executable: Bytes,
}

impl StartedAs {
    /// `path` is what was to be started, `executable` what that meant in the end.
    pub(crate) fn new(path: &[u8], executable: Vec<u8>, argv: &[Vec<u8>], env: &[Vec<u8>]) -> Self {
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        Self {
            name: Bytes::copy_from_slice(name.get(..NAME_MAX).unwrap_or(name)),
            arguments: joined(argv),
            environment: joined(env),
            executable: executable.into(),
        }
    }

    /// Bytes it holds.
    pub(crate) fn size(&self) -> u64 {
        (self.name.len() + self.arguments.len() + self.environment.len() + self.executable.len()) as u64
    }

    /// What is left of it when the process has ended: its name.
    pub(crate) fn ended(&self) -> Self {
        Self { name: self.name.clone(), ..Self::default() }
    }
}

fn joined(entries: &[Vec<u8>]) -> Bytes {
    let mut bytes = Vec::with_capacity(entries.iter().map(|entry| entry.len() + 1).sum());
    for entry in entries {
        bytes.extend_from_slice(entry);
        bytes.push(0);
    }
    bytes.into()
}
