//! The component `sandshell:shell`: its exports, over the one shell of this instance.
//!
//! An instance is either a session's shell (`load`, then `run`, `complete` and `save` as often as wanted) or one process
//! (`main` or `stage`, once). It serves one call at a time. Nothing is kept here but the shell.

mod exports;
mod world;

// Generated from wit/shell/shell.wit, where it is documented.
mod bindings {
    wit_bindgen::generate!({ world: "shell", path: "../wit/shell", pub_export_macro: true });
}
