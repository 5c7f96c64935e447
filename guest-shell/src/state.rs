//! The shell's state as bytes: numbered sections with a version, and the environment it begins with.

mod environment;
