//! The imports of every shipped guest, read from its `.wasm`, are exactly those listed here.
//!
//! A guest can do what it imports and nothing else, so a new line in these lists is a security decision.
#![expect(clippy::print_stdout, reason = "the lists are what this test prints")]

use std::collections::BTreeSet;

use sandshell_tests::server::workspace_root;
use wasmparser::{Parser, Payload};

/// What programs may import: preview 1 and our program module, by module name.
const PROGRAM_MODULES: &[&str] = &["wasi_snapshot_preview1", "sandshell_v1"];

/// What the shell component may import, without versions.
const SHELL_INTERFACES: &[&str] = &[
    "sandshell:shell/kernel",
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure-seed",
];

fn guest(name: &str) -> Vec<u8> {
    std::fs::read(workspace_root().join("target/guests").join(name)).expect("`make guests` builds it")
}

#[test]
fn programs_import_preview_1_and_the_program_module_alone() {
    for name in ["coreutils.wasm", "grep.wasm", "sed.wasm"] {
        let bytes = guest(name);
        for payload in Parser::new(0).parse_all(&bytes) {
            if let Payload::ImportSection(section) = payload.expect("valid wasm") {
                for import in section.into_imports() {
                    let import = import.expect("valid import");
                    println!("{name}: {}.{}", import.module, import.name);
                    assert!(
                        PROGRAM_MODULES.contains(&import.module),
                        "{name} imports {}.{}",
                        import.module,
                        import.name
                    );
                    assert!(!import.name.starts_with("sock_"), "{name} imports {}", import.name);
                }
            }
        }
    }
}

#[test]
fn the_shell_imports_its_kernel_and_what_the_standard_library_starts_with() {
    let bytes = guest("shell.wasm");
    let mut depth = 0usize;
    let mut found = BTreeSet::new();
    for payload in Parser::new(0).parse_all(&bytes) {
        match payload.expect("valid wasm") {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    let import = import.expect("valid import");
                    // A world also names the types its exports use; only an instance gives a guest something to call.
                    if !matches!(import.ty, wasmparser::ComponentTypeRef::Instance(_)) {
                        assert!(matches!(import.ty, wasmparser::ComponentTypeRef::Type(_)), "{import:?}");
                        continue;
                    }
                    let name = import.name.name;
                    println!("shell.wasm: {name}");
                    found.insert(name.split('@').next().unwrap_or(name).to_owned());
                }
            }
            _ => {}
        }
    }
    let unlisted: Vec<&String> = found.iter().filter(|name| !SHELL_INTERFACES.contains(&name.as_str())).collect();
    assert!(unlisted.is_empty(), "the shell imports {unlisted:?}");
    assert!(found.contains("sandshell:shell/kernel"));
    assert!(!found.iter().any(|name| name.contains("sockets")));
}
