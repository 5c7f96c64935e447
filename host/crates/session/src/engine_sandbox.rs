//! The engine as the sessions' workshop.
