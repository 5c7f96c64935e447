//! The embedded bytes, and which program each is.
//!
//! The Wasm is what a session sees as the file's content; the native code is what runs. Both are read-only pages of the
//! binary, touched only when used.

use bytes::Bytes;
use engine::Engine;
use kernel::SHELL_TAG;
use vfs::ProgramTag;

/// A shipped program.
pub(crate) struct Program {
    /// Its number in the engine's registry.
    pub(crate) tag: ProgramTag,
    /// Its name in messages.
    pub(crate) name: &'static str,
    /// Its names in `/bin`; the first is the file, the others are links to it.
    pub(crate) commands: &'static [&'static str],
    /// The Wasm module (the shell's: component).
    pub(crate) wasm: &'static [u8],
    /// The module compiled by `sandshell-precompile`.
    code: &'static [u8],
}

/// Bytes at an address that the engine can read as the header of an object file; `include_bytes!` alone promises none.
#[repr(C, align(64))]
struct Aligned<T: ?Sized>(T);

macro_rules! program {
    ($tag:expr, $name:literal, $commands:expr) => {
        Program {
            tag: $tag,
            name: $name,
            commands: $commands,
            wasm: include_bytes!(concat!(env!("SANDSHELL_GUESTS"), "/", $name, ".wasm")),
            code: {
                static CODE: &Aligned<[u8]> =
                    &Aligned(*include_bytes!(concat!(env!("SANDSHELL_GUESTS"), "/", $name, ".cwasm")));
                &CODE.0
            },
        }
    };
}

/// The shell.
pub(crate) static SHELL: Program = program!(SHELL_TAG, "shell", &["bash", "sh"]);

/// The shipped programs of `guest-programs/programs.txt`, in its order; tags count from one.
pub(crate) static PROGRAMS: &[Program] = include!(concat!(env!("OUT_DIR"), "/programs.rs"));

/// Returns the names of the guests that are built in, the shell first.
#[must_use]
pub fn names() -> Vec<&'static str> {
    std::iter::once(&SHELL).chain(PROGRAMS).map(|program| program.name).collect()
}

/// Returns the name of a built-in guest, which stays when later builds number the guests anew.
#[must_use]
pub fn name_of(tag: ProgramTag) -> Option<&'static str> {
    std::iter::once(&SHELL).chain(PROGRAMS).find(|program| program.tag == tag).map(|program| program.name)
}

/// Returns the built-in guest of a name.
#[must_use]
pub fn tag_of(name: &str) -> Option<ProgramTag> {
    std::iter::once(&SHELL).chain(PROGRAMS).find(|program| program.name == name).map(|program| program.tag)
}

/// Registers the shell and every shipped program. Nothing is loaded before it is used.
pub fn install(engine: &Engine) {
    engine.set_shell(Bytes::from_static(SHELL.wasm), Some(Bytes::from_static(SHELL.code)));
    for program in PROGRAMS {
        let (wasm, code) = (Bytes::from_static(program.wasm), Bytes::from_static(program.code));
        engine.add_program(program.tag, program.name, wasm, Some(code));
    }
}
