//! Expansions against GNU bash 5.2: a word over an alphabet of what expansions are made of gives the same fields.
//!
//! Both shells run `printf '<%s>' WORD` with the same variables and without files; where bash refuses the word, ours has
//! to refuse it, too. Without bash 5.2 the target compares nothing.
#![no_main]

mod world;

use std::process::{Command, Stdio};
use std::rc::Rc;

use guest_shell::Shell;

/// What words are made of.
const PIECES: &[&str] = &[
    "$x",
    "${x}",
    "${#x}",
    "${x:-d}",
    "${u:-d}",
    "${u-d e}",
    "${x:+s}",
    "${x#a}",
    "${x##*a}",
    "${x%c}",
    "${x%%b*}",
    "${x/b/Z}",
    "${x//[ac]/Q}",
    "${x:1}",
    "${x: -2:1}",
    "${x^}",
    "${x^^}",
    "${x,,}",
    "${a[@]}",
    "${a[*]}",
    "${a[1]}",
    "${#a[@]}",
    "${!a[@]}",
    "${a[@]:1:1}",
    "\"",
    "'",
    "\\",
    " ",
    "a",
    "b",
    "c",
    "{a,b}",
    "{1..3}",
    "{",
    "}",
    ",",
    "~",
    "$((1+2))",
    "$(echo x y)",
    "`echo z`",
    "$@",
    "$*",
    "$#",
    "$1",
    "${@:2}",
    "*",
    "?",
    "[ab]",
    "$'\\t'",
    "-",
    "=",
    ":",
    "$s",
    "${s}",
    "\"$s\"",
    "${x@Q}",
    "${a[@]@Q}",
    "${!r}",
    "${x/#a/}",
    "${x/%c/}",
    "\\$",
    "${u}",
    "é",
];
const SETUP: &str = "x=abc; a=(one 'two three' 4); s=' p  q '; r=x; set -f -- 'f g' h; ";
/// The longest word, in pieces.
const WORD_MAX: usize = 12;

libfuzzer_sys::fuzz_target!(|choice: &[u8]| {
    let word: String = choice.iter().take(WORD_MAX).map(|byte| PIECES[usize::from(*byte) % PIECES.len()]).collect();
    // Two shells have two process numbers.
    if word.contains("$$") {
        return;
    }
    let script = format!("{SETUP}printf '<%s>' {word}\necho end");
    let Some(expected) = bash(&script) else { return };
    let world = world::World::new();
    let mut shell = Shell::session(Rc::new(world.sys()), &[b"HOME=/root".to_vec(), b"PATH=/nonexistent".to_vec()]);
    shell.options.set_shopt(guest_shell::options::ShellOption::ExpandAliases, false);
    shell.run(b"bash", script.as_bytes());
    let got = world.output();
    assert_eq!(String::from_utf8_lossy(&got), String::from_utf8_lossy(&expected), "{word}");
});

/// What bash prints; `None` when there is none of this version.
fn bash(script: &str) -> Option<Vec<u8>> {
    let output = Command::new("/bin/bash")
        .args(["--norc", "--noprofile", "-s"])
        .env_clear()
        .envs([("HOME", "/root"), ("PATH", "/nonexistent"), ("LC_ALL", "C.UTF-8")])
        .stdin(script_file(script))
        .stderr(Stdio::null())
        .output()
        .ok()?;
    Some(output.stdout)
}

fn script_file(script: &str) -> Stdio {
    use std::io::{Seek, Write};
    let mut file = tempfile::tempfile().expect("a file for the script");
    file.write_all(script.as_bytes()).expect("the script is written");
    file.rewind().expect("a file can be read again");
    file.into()
}
