//! The crate over the program module, as a user's program uses it: compiled here, put into a session, run.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sandshell_tests::Server;
use sandshell_tests::server::workspace_root;
use serde_json::json;

fn compile(arguments: &[&str], source: &str, output: &Path) {
    let done = Command::new("rustc")
        .args(["--target", "wasm32-wasip1", "--edition", "2024", "-C", "opt-level=s", "-C", "strip=symbols"])
        .args(arguments)
        .arg(workspace_root().join(source))
        .arg("-o")
        .arg(output)
        .status()
        .expect("rustc runs");
    assert!(done.success(), "rustc compiles {source}");
}

#[test]
fn every_function_of_the_crate_does_what_it_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let (library, program) = (folder.path().join("libsandshell_sys.rlib"), folder.path().join("program.wasm"));
    compile(&["--crate-type", "rlib", "--crate-name", "sandshell_sys"], "guest-programs/sys/src/lib.rs", &library);
    let library = format!("sandshell_sys={}", library.display());
    compile(&["--extern", &library], "tests/guests/sys.rs", &program);
    let program = STANDARD.encode(std::fs::read(program).expect("rustc wrote it"));
    let server = Server::start(&[]);
    let client = server.client();
    let files = json!([{ "path": "/home/program", "mode": 0o755, "content": program }]);
    let session = client.import("new", &json!({ "version": 1, "cwd": "/home", "files": files }));
    let reply = client.run_in(&session, "cd /tmp; /home/program x 2>&1; echo $?");
    let expected = "files\ndirectories\ndescriptors\nchildren\nsignals\nprocesses\n130\n";
    assert_eq!(reply["stdout"], expected, "{reply}");
}
