//! What the server asks of the host's file system while a guest works: nothing that the guest names.

use std::process::Command;

use sandshell_tests::server::binary;
use sandshell_tests::skip;

/// The names a guest uses below; the run would show them in a system call if one reached the host.
const GUEST_NAMES: &[&str] = &["guestdir_q7", "guestfile_q7", "guestlink_q7", "guesthard_q7", "guestmoved_q7"];

const SCRIPT: &str = "mkdir /guestdir_q7 && cd /guestdir_q7 && echo text > guestfile_q7 && cat guestfile_q7 \
    && ln -s /etc/passwd guestlink_q7 && cat guestlink_q7 > /dev/null && ln guestfile_q7 guesthard_q7 \
    && mv guesthard_q7 ../guestmoved_q7 && ls -lR / > /dev/null; cat /guestmoved_q7; ls /proc/self /sys /home/* 2>/dev/null; echo done";

#[test]
fn no_path_of_a_guest_reaches_the_host() {
    if !skip::tool_or_skip("system calls of a run", "strace") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let trace = folder.path().join("trace");
    let output = Command::new("strace")
        .args(["-f", "-qq", "-s", "4096", "-e", "trace=%file", "-o"])
        .arg(&trace)
        .arg(binary())
        .args(["run", "-c", SCRIPT])
        .output()
        .expect("strace starts");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        stdout.starts_with("text\ntext\n") && stdout.ends_with("done\n"),
        "{stdout}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let trace = std::fs::read_to_string(trace).expect("a trace");
    assert!(trace.contains("execve"), "strace saw the start");
    // The script itself is an argument of the traced program: that line names everything.
    for line in trace.lines().filter(|line| !line.contains("execve(")) {
        for name in GUEST_NAMES {
            assert!(!line.contains(name), "the host saw {name}: {line}");
        }
        assert!(!line.contains("\"/etc/passwd\""), "the guest's link reached the host: {line}");
    }
}
