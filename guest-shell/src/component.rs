//! The component: the exports of `sandshell:shell` over one [`Shell`], and [`Sys`] over its imported kernel.
//!
//! An instance serves one call at a time; the session's shell lives between the calls of `run`. `main` and `stage` are
//! called in instances of their own.

mod exports;
mod kernel;

wit_bindgen::generate!({
    path: "../wit/shell",
    world: "shell",
    generate_all,
});
