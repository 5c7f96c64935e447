//! What a session's archivers and compressors write, the machine's own programs of these names read, byte for byte, and the
//! reverse. Archives travel as base64, which both sides have.

use std::path::Path;
use std::process::Command;

use sandshell_tests::server::Server;
use sandshell_tests::skip::tool_or_skip;

/// Makes the tree that is packed: text, bytes that do not compress, nothing, a link, a mode and a time.
const MAKE: &str = "mkdir -p d/sub/empty; seq 20000 >d/text; seq 9000 | sha512sum | head -c 99 >d/sub/odd; : >d/none; \
                    seq 50000 | gzip -9n >d/sub/packed; ln -s ../text d/sub/link; chmod 750 d/text; \
                    touch -d '2024-01-02 03:04:06 UTC' d/text d/none";

/// Tells a tree's content, modes of its files, links and times.
const TELL: &str =
    "cd d; find . | sort; sha256sum text none sub/odd sub/packed; readlink sub/link; stat -c '%a %Y' text none";

/// A way to pack: its name, the tool that must be there, how `d` becomes `a`, and how `a` becomes `d`.
const WAYS: &[(&str, &str, &str, &str)] = &[
    ("tar", "tar", "tar -cf a d", "tar -xf a"),
    ("tar as pax", "tar", "tar --format=pax -cf a d", "tar -xf a"),
    ("tar as ustar", "tar", "tar --format=ustar -cf a d", "tar -xf a"),
    ("sparse tar", "tar", "tar -S -cf a d", "tar -xf a"),
    ("gzip", "gzip", "tar -cf - d | gzip >a", "gzip -dc <a | tar -xf -"),
    ("bzip2", "bzip2", "tar -cf - d | bzip2 >a", "bzip2 -dc <a | tar -xf -"),
    ("xz", "xz", "tar -cf - d | xz >a", "xz -dc <a | tar -xf -"),
    ("lzma", "xz", "tar -cf - d | xz --format=lzma >a", "xz -dc <a | tar -xf -"),
    ("zstd", "zstd", "tar -cf - d | zstd -q >a", "zstd -dcq <a | tar -xf -"),
    ("zip", "unzip", "zip -qry a.zip d && mv a.zip a", "mv a a.zip && unzip -q a.zip"),
];

/// Runs a script in the machine's own bash; from a file, since an archive in it is longer than an argument may be.
fn native(folder: &Path, script: &str) -> String {
    std::fs::write(folder.join(".script"), script).expect("room");
    let output = Command::new("bash").arg(".script").current_dir(folder).env("LC_ALL", "C").env("TZ", "UTC").output();
    let output = output.expect("bash runs");
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Runs a script in a session of its own.
fn session(server: &Server, script: &str) -> String {
    let reply = server.client().run(&format!("mkdir /tmp/w && cd /tmp/w && {{ {script}\n}}"));
    assert_eq!((&reply["exit_code"], &reply["stderr"]), (&0.into(), &"".into()), "{script}");
    reply["stdout"].as_str().expect("text").to_owned()
}

#[test]
fn each_side_reads_what_the_other_packs() {
    let server = Server::start(&[]);
    for (name, tool, pack, unpack) in WAYS {
        if !tool_or_skip(&format!("archives: {name}"), tool) {
            continue;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let packed = session(&server, &format!("{MAKE}; {pack}; {TELL}; echo; base64 ../a"));
        let (told, archive) = packed.split_once("\n\n").expect("the tree and the archive");
        let there = native(folder.path(), &format!("base64 -d >a <<'END'\n{archive}END\n{unpack}; {TELL}"));
        assert_eq!(there.trim_end(), told, "{name}: from the session");

        let folder = tempfile::tempdir().expect("a folder");
        let packed = native(folder.path(), &format!("{MAKE}; {pack}; {TELL}; echo; base64 ../a"));
        let (told, archive) = packed.split_once("\n\n").expect("the tree and the archive");
        let here = session(&server, &format!("base64 -d >a <<'END'\n{archive}END\n{unpack}; {TELL}"));
        assert_eq!(here.trim_end(), told, "{name}: to the session");
    }
}

#[test]
fn each_side_checks_the_others_sums() {
    let server = Server::start(&[]);
    let folder = tempfile::tempdir().expect("a folder");
    let make = "seq 1000 >a; : >b";
    let ours = session(&server, &format!("{make}; sha256sum a b"));
    let theirs = native(folder.path(), &format!("{make}; sha256sum a b"));
    let check = |sums: &str| format!("{make}; sha256sum -c <<'END'\n{sums}END");
    assert_eq!(native(folder.path(), &check(&ours)), "a: OK\nb: OK\n");
    assert_eq!(session(&server, &check(&theirs)), "a: OK\nb: OK\n");
}
