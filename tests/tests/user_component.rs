//! Components that users bring, over HTTP: `wasi:cli` commands that take their part in pipelines like any program.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sandshell_tests::program::compiled;
use sandshell_tests::{Client, Server};
use serde_json::{Value, json};

/// Copies its input in capitals, names its arguments and directory on standard error, and keeps a copy in a file.
const PROGRAM: &str = r#"
use std::io::{Read, Write};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).expect("text");
    std::io::stdout().write_all(text.to_uppercase().as_bytes()).expect("room");
    std::fs::write("/tmp/kept", &text).expect("room");
    eprintln!("{arguments:?} {}", std::env::var("HOME").unwrap_or_default());
    if arguments.first().is_some_and(|argument| argument == "fail") {
        std::process::exit(1);
    }
}
"#;

fn session_with(client: &Client, name: &str, content: &[u8]) -> String {
    let file: Value = json!({ "path": format!("/home/{name}"), "mode": 0o755, "content": STANDARD.encode(content) });
    client.import("new", &json!({ "version": 1, "cwd": "/home", "files": [file] }))
}

#[test]
fn a_component_takes_its_part_in_a_pipeline_and_works_with_files() {
    let server = Server::start(&[]);
    let client = server.client();
    let session = session_with(&client, "program.wasm", &compiled("wasm32-wasip2", PROGRAM));
    let script = "export HOME=/home; seq 3 | sed 's/$/ x/' | ./program.wasm a 'b c' | tail -n 2; echo ${PIPESTATUS[2]}; \
        wc -l < /tmp/kept; ./program.wasm fail </dev/null 2>/dev/null; echo $?";
    let reply = client.run_in(&session, script);
    assert_eq!(reply["stdout"], "2 X\n3 X\n0\n3\n1\n", "{reply}");
    assert!(reply["stderr"].as_str().is_some_and(|text| text.starts_with("[\"a\", \"b c\"] /home\n")), "{reply}");
}

#[test]
fn a_component_that_asks_for_the_network_is_refused_with_the_reason() {
    let component = wat::parse_str(
        r#"(component
            (import "wasi:sockets/instance-network@0.2.0" (instance (export "instance-network" (func (result u32)))))
            (core module $m (func (export "run") (result i32) (i32.const 0)))
            (core instance $i (instantiate $m))
            (func $run (result (result)) (canon lift (core func $i "run")))
            (instance $r (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $r)))"#,
    );
    let server = Server::start(&[]);
    let client = server.client();
    let session = session_with(&client, "network", &component.expect("a component's text"));
    let reply = client.run_in(&session, "./network; echo $?");
    assert_eq!(reply["stdout"], "126\n", "{reply}");
    let expected = "./network: cannot execute: it imports wasi:sockets/instance-network";
    assert!(reply["stderr"].as_str().is_some_and(|text| text.starts_with(expected)), "{reply}");
}
