//! Wasm that users bring, over HTTP: put into a session's files, made executable, run like any program.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sandshell_tests::program::compiled;
use sandshell_tests::server::run_binary;
use sandshell_tests::{Client, Server};
use serde_json::{Value, json};

/// Writes its arguments and copies its input in capitals; with a file's path, which must be absolute since WASI has no working
/// directory, reads, writes and removes files, too.
const PROGRAM: &str = r#"
use std::io::{Read, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    println!("arguments: {arguments:?}, home: {}", std::env::var("HOME").unwrap_or_default());
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    print!("{}", text.to_uppercase());
    if let Some(name) = arguments.first() {
        let old = std::fs::read_to_string(name)?;
        std::fs::create_dir("/tmp/made")?;
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open("/tmp/made/new")?;
        file.write_all(old.repeat(2).as_bytes())?;
        std::fs::rename("/tmp/made/new", "/tmp/made/renamed")?;
        std::fs::remove_file(name)?;
        eprintln!("{} bytes", std::fs::metadata("/tmp/made/renamed")?.len());
        std::process::exit(7);
    }
    Ok(())
}
"#;

fn file(path: &str, mode: u32, content: &[u8]) -> Value {
    json!({ "path": path, "mode": mode, "content": STANDARD.encode(content) })
}

fn session_with(client: &Client, files: &[Value]) -> String {
    client.import("new", &json!({ "version": 1, "cwd": "/home", "files": files }))
}

fn wat(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("a module's text")
}

#[test]
fn a_rust_program_takes_its_part_in_a_pipeline_and_works_with_files() {
    let server = Server::start(&[]);
    let client = server.client();
    let program = compiled("wasm32-wasip1", PROGRAM);
    let session =
        session_with(&client, &[file("/home/program.wasm", 0o755, &program), file("/home/old", 0o644, b"abc\n")]);
    let script =
        "export HOME=/home; seq 3 | sed 's/$/ x/' | ./program.wasm | tail -n 2 | sed 's/^/> /'; echo ${PIPESTATUS[2]}";
    let reply = client.run_in(&session, script);
    assert_eq!(
        (reply["stdout"].as_str(), reply["exit_code"].as_i64()),
        (Some("> 2 X\n> 3 X\n0\n"), Some(0)),
        "{reply}"
    );
    let reply = client
        .run_in(&session, "./program.wasm /home/old 'two words' </dev/null; echo $?; cat /tmp/made/renamed; ls old");
    let expected = "arguments: [\"/home/old\", \"two words\"], home: /home\n7\nabc\nabc\n";
    assert_eq!(reply["stdout"], expected, "{reply}");
    assert!(reply["stderr"].as_str().is_some_and(|text| text.starts_with("8 bytes\n")), "{reply}");
    // Found by PATH under any name, and started in the background.
    let reply = client.run_in(
        &session,
        "mkdir bin; cp program.wasm bin/upper; PATH=$PATH:/home/bin; echo hi | upper & wait $!; echo $?",
    );
    assert_eq!(reply["stdout"], "arguments: [], home: /home\nHI\n0\n", "{reply}");
}

#[test]
fn a_module_that_a_script_decodes_becomes_a_program_with_the_x_bit() {
    let module = wat(r#"(module
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 8) "\10\00\00\00\06\00\00\00hello\n")
        (func (export "_start") (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 0)))))"#);
    let server = Server::start(&[]);
    let client = server.client();
    let session = session_with(&client, &[]);
    let decode = format!("echo {} | base64 -d > hello; ./hello; echo $?", STANDARD.encode(module));
    let reply = client.run_in(&session, &decode);
    assert_eq!(
        (reply["stdout"].as_str(), reply["stderr"].as_str()),
        (Some("126\n"), Some("bash: line 1: ./hello: Permission denied\n"))
    );
    let reply = client.run_in(&session, "chmod +x hello && ./hello && ./hello | wc -c");
    assert_eq!(reply["stdout"], "hello\n6\n", "{reply}");
}

#[test]
fn what_cannot_be_executed_is_told_and_harms_nobody() {
    let unknown = wat(r#"(module (import "env" "foo" (func)) (memory (export "memory") 1) (func (export "_start")))"#);
    let spin = wat(r#"(module (memory (export "memory") 1) (func (export "_start") (loop (br 0))))"#);
    let server = Server::start(&["--timeout", "2s"]);
    let client = server.client();
    let files = [
        file("/home/unknown", 0o755, &unknown),
        file("/home/spin", 0o755, &spin),
        file("/home/cut", 0o755, b"\0asm\x01\0\0\0\x01"),
    ];
    let session = session_with(&client, &files);
    let reply = client.run_in(&session, "./unknown; echo $?");
    let (stdout, stderr) = (reply["stdout"].as_str(), reply["stderr"].as_str());
    assert_eq!(
        (stdout, stderr),
        (Some("126\n"), Some("./unknown: cannot execute: it imports env.foo, which is unknown\n"))
    );
    let reply = client.run_in(&session, "./cut 2>&1 | cat; echo ${PIPESTATUS[0]}");
    assert!(
        reply["stdout"]
            .as_str()
            .is_some_and(|text| text.starts_with("./cut: cannot execute: it is not valid WebAssembly: ")
                && text.ends_with("\n126\n")),
        "{reply}"
    );
    let reply = client.run_in(&session, "./spin");
    assert_eq!(reply["exit_code"], 124, "{reply}");
    assert_eq!(client.run_in(&session, "echo well")["stdout"], "well\n");
}

#[test]
fn the_compilers_command_does_nothing_for_people() {
    let (status, stdout, _) = run_binary(&["__compile"], b"");
    assert_eq!((status, stdout), (1, Vec::new()));
    let (status, _, stderr) = run_binary(&["__compile", "--help"], b"");
    assert!(status == 2 && !stderr.is_empty());
}
