//! Turns `guest-programs/programs.txt` into the table of shipped programs, and says what to do when a guest is not built.
#![expect(clippy::disallowed_methods, reason = "a build script speaks to Cargo and reads its environment")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const LIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../guest-programs/programs.txt");

fn main() {
    println!("cargo:rerun-if-env-changed=SANDSHELL_GUESTS");
    println!("cargo:rerun-if-changed={LIST}");
    let folder = std::env::var_os("SANDSHELL_GUESTS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../target/guests"), PathBuf::from);
    let list = std::fs::read_to_string(LIST).unwrap_or_else(|error| fail(&format!("{LIST}: {error}")));
    let mut table = String::from("&[\n");
    for (index, line) in list.lines().filter(|line| !line.starts_with('#')).enumerate() {
        let (program, names) =
            line.split_once(": ").unwrap_or_else(|| fail(&format!("{LIST}: not `CRATE: NAMES`: {line}")));
        require(&folder, program);
        let names: Vec<&str> = names.split(' ').collect();
        let _ = writeln!(table, "    program!(ProgramTag({}), {program:?}, &{names:?}),", index + 1);
    }
    table.push(']');
    require(&folder, "shell");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_else(|| fail("Cargo names no OUT_DIR")));
    if let Err(error) = std::fs::write(out.join("programs.rs"), table) {
        fail(&error.to_string());
    }
    println!("cargo:rustc-env=SANDSHELL_GUESTS={}", folder.display());
}

/// Demands both files of a guest, and a new build of the crate when one changes.
fn require(folder: &Path, name: &str) {
    for extension in ["wasm", "cwasm"] {
        let file = folder.join(name).with_extension(extension);
        println!("cargo:rerun-if-changed={}", file.display());
        if !file.is_file() {
            fail(&format!("{} is missing: run `make guests` first", file.display()));
        }
    }
}

fn fail(message: &str) -> ! {
    println!("cargo:warning={message}");
    std::process::exit(1);
}
