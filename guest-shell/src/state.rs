//! The shell's state as bytes: numbered sections with a version.
