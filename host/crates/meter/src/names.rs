//! The closed sets of values that labels take.

/// Why a run was refused before it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The session's queue is full.
    SessionBusy,
    /// The host's queue is full.
    HostBusy,
    /// The session has used its runtime.
    Runtime,
    /// The session was deleted while the run waited.
    SessionDeleted,
    /// There are as many sessions as there may be.
    Sessions,
    /// The host has no memory for the session.
    Memory,
    /// The host is going down.
    ShuttingDown,
    /// The host failed.
    Fault,
}

impl Refusal {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Self; 8] = [
        Self::SessionBusy,
        Self::SessionDeleted,
        Self::HostBusy,
        Self::Runtime,
        Self::Sessions,
        Self::Memory,
        Self::ShuttingDown,
        Self::Fault,
    ];

    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::SessionBusy => "session_busy",
            Self::SessionDeleted => "session_deleted",
            Self::HostBusy => "host_busy",
            Self::Runtime => "runtime",
            Self::Sessions => "sessions",
            Self::Memory => "memory",
            Self::ShuttingDown => "shutting_down",
            Self::Fault => "fault",
        }
    }
}

/// What a process executes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessKind {
    /// A program of the image.
    Program,
    /// A shell beside the session's own: `bash` as a program, or a stage of a pipeline.
    Shell,
    /// Wasm that a user brought.
    User,
}

impl ProcessKind {
    pub(crate) const ALL: [Self; 3] = [Self::Program, Self::Shell, Self::User];

    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Program => "program",
            Self::Shell => "shell",
            Self::User => "user",
        }
    }
}

/// Where the native code of a user's Wasm came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeLoad {
    /// It was in memory.
    Memory,
    /// It was on disk.
    Disk,
    /// It was compiled.
    Compiled,
    /// It was refused, or could not be compiled.
    Refused,
}

impl CodeLoad {
    pub(crate) const ALL: [Self; 4] = [Self::Memory, Self::Disk, Self::Compiled, Self::Refused];

    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Disk => "disk",
            Self::Compiled => "compiled",
            Self::Refused => "refused",
        }
    }
}
