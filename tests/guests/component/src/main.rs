//! Programs for the host's tests of WASI 0.2: the last component of `argv[0]` names one.
//!
//! Each checks what it is about and panics when the host does not keep its word; what only the host can see is printed.

/// What the host links.
#[expect(clippy::all, reason = "generated")]
mod bindings {
    wit_bindgen::generate!({
        path: [
            "../../../wit/deps/io.wit",
            "../../../wit/deps/clocks.wit",
            "../../../wit/deps/filesystem.wit",
            "../../../wit/deps/random.wit",
            "../../../wit/deps/cli.wit",
            "../../../wit/program",
        ],
        world: "sandshell:program/imports",
        generate_all,
    });
}

mod list;

macro_rules! dispatch {
    ($($name:ident),* $(,)?) => {
        $(mod $name;)*

        fn program(name: &str) -> Option<fn()> {
            match name {
                $(stringify!($name) => Some($name::main),)*
                _ => None,
            }
        }
    };
}
list::for_each_program!(dispatch);

fn main() {
    let path = std::env::args().next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    program(name).expect("argv[0] names a program")();
}

/// The preopened directory, of which there is one.
fn root() -> bindings::wasi::filesystem::types::Descriptor {
    let mut directories = bindings::wasi::filesystem::preopens::get_directories();
    assert_eq!(directories.len(), 1);
    let (root, name) = directories.pop().expect("one");
    assert_eq!(name, "/");
    root
}
