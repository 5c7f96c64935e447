//! The imports of every shipped guest, read from its `.wasm`, are exactly those listed here.
//!
//! A guest can do what it imports and nothing else, so a new line in these lists is a security decision. The shell's are its
//! kernel and what Rust's standard library starts with.
#![expect(clippy::print_stdout, reason = "the lists are what this test prints")]

use std::collections::BTreeSet;

use sandshell_tests::server::workspace_root;
use wasmparser::{Parser, Payload};

/// What the programs import, all of them together: functions of preview 1 and of our program module.
const PROGRAM_IMPORTS: &[&str] = &[
    "sandshell_v1.access",
    "sandshell_v1.chdir",
    "sandshell_v1.chmod",
    "sandshell_v1.chown",
    "sandshell_v1.fstat",
    "sandshell_v1.getcwd",
    "sandshell_v1.getpid",
    "sandshell_v1.isatty",
    "sandshell_v1.kill",
    "sandshell_v1.pipe",
    "sandshell_v1.priority",
    "sandshell_v1.processes",
    "sandshell_v1.sigaction",
    "sandshell_v1.sigpending",
    "sandshell_v1.sigstate",
    "sandshell_v1.spawn",
    "sandshell_v1.stat",
    "sandshell_v1.statfs",
    "sandshell_v1.times",
    "sandshell_v1.umask",
    "sandshell_v1.utimens",
    "sandshell_v1.wait",
    "sandshell_v1.wait_for",
    "sandshell_v1.winsize",
    "wasi_snapshot_preview1.args_get",
    "wasi_snapshot_preview1.args_sizes_get",
    "wasi_snapshot_preview1.clock_time_get",
    "wasi_snapshot_preview1.environ_get",
    "wasi_snapshot_preview1.environ_sizes_get",
    "wasi_snapshot_preview1.fd_advise",
    "wasi_snapshot_preview1.fd_close",
    "wasi_snapshot_preview1.fd_fdstat_get",
    "wasi_snapshot_preview1.fd_filestat_get",
    "wasi_snapshot_preview1.fd_filestat_set_size",
    "wasi_snapshot_preview1.fd_prestat_dir_name",
    "wasi_snapshot_preview1.fd_prestat_get",
    "wasi_snapshot_preview1.fd_read",
    "wasi_snapshot_preview1.fd_readdir",
    "wasi_snapshot_preview1.fd_seek",
    "wasi_snapshot_preview1.fd_sync",
    "wasi_snapshot_preview1.fd_write",
    "wasi_snapshot_preview1.path_create_directory",
    "wasi_snapshot_preview1.path_filestat_get",
    "wasi_snapshot_preview1.path_filestat_set_times",
    "wasi_snapshot_preview1.path_link",
    "wasi_snapshot_preview1.path_open",
    "wasi_snapshot_preview1.path_readlink",
    "wasi_snapshot_preview1.path_remove_directory",
    "wasi_snapshot_preview1.path_rename",
    "wasi_snapshot_preview1.path_symlink",
    "wasi_snapshot_preview1.path_unlink_file",
    "wasi_snapshot_preview1.poll_oneoff",
    "wasi_snapshot_preview1.proc_exit",
    "wasi_snapshot_preview1.random_get",
];

/// What the shell component imports, without versions.
const SHELL_IMPORTS: &[&str] = &[
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
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
];

fn guest(name: &str) -> Vec<u8> {
    std::fs::read(workspace_root().join("target/guests").join(name)).expect("`make guests` builds it")
}

#[test]
fn the_programs_import_exactly_what_is_listed() {
    let mut found = BTreeSet::new();
    let list = std::fs::read_to_string(workspace_root().join("guest-programs/programs.txt")).expect("a list");
    for name in list
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(": "))
        .map(|(name, _)| name)
    {
        for payload in Parser::new(0).parse_all(&guest(&format!("{name}.wasm"))) {
            if let Payload::ImportSection(section) = payload.expect("valid wasm") {
                for import in section.into_imports() {
                    let import = import.expect("valid import");
                    println!("{name}: {}.{}", import.module, import.name);
                    found.insert(format!("{}.{}", import.module, import.name));
                }
            }
        }
    }
    assert_eq!(found, set(PROGRAM_IMPORTS));
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn the_shell_imports_exactly_what_is_listed() {
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
    assert_eq!(found, set(SHELL_IMPORTS));
}
