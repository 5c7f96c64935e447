//! Nothing a guest can read tells of the host: not its names, its kernel, its processor, its times or its environment.

use std::process::Command;

use sandshell_tests::server::binary;

/// A variable of the host's environment, which no guest is to see.
const SECRET: (&str, &str) = ("HOST_VARIABLE_Q7", "host-value-q7-5be1f0");

/// Writes the content of every readable file of /proc, /etc and /dev/fd, every link's text, every variable, and what
/// the shell and the programs say of themselves and of the machine.
const SCRIPT: &str = r#"
shopt -s globstar dotglob nullglob
for name in /proc/** /etc/** /dev/fd/*; do
    if [[ -L $name ]]; then readlink "$name"; elif [[ -f $name ]]; then cat "$name"; fi
done 2>/dev/null | tr '\0' '\n'
env; set; export -p; declare -p
for prompt in '\h' '\H' '\u' '\w' '\s' '\v'; do echo "${prompt@P}"; done
uname -a; arch; nproc; id; tty; hostname; whoami; df; ulimit -a; times; umask; cat /proc/self/maps /sys/class/dmi/id/product_name
ls -laR /proc/self /etc /home /root /tmp /var; ps; mount
"#;

/// What is the host's, by what it is.
fn values_of_the_host() -> Vec<(&'static str, String)> {
    let file = |path: &str| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    let field = |path: &str, name: &str| {
        let text = file(path);
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
        line.split([':', ' ']).filter(|part| !part.is_empty()).nth(1).unwrap_or_default().trim().to_owned()
    };
    let model = file("/proc/cpuinfo").lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == "model name").then(|| value.trim().to_owned())
    });
    let mut values = vec![
        ("host name", file("/proc/sys/kernel/hostname")),
        ("kernel release", file("/proc/sys/kernel/osrelease")),
        ("kernel version", file("/proc/sys/kernel/version")),
        ("boot id", file("/proc/sys/kernel/random/boot_id")),
        ("machine id", file("/etc/machine-id")),
        ("processor", model.unwrap_or_default()),
        ("memory", field("/proc/meminfo", "MemTotal")),
        ("boot time", field("/proc/stat", "btime")),
        ("variable's name", SECRET.0.to_owned()),
        ("variable's value", SECRET.1.to_owned()),
        ("working directory", std::env::current_dir().expect("there is one").display().to_string()),
        ("binary", binary().display().to_string()),
    ];
    // A host may be called what every machine has.
    values.retain(|(_, value)| !value.is_empty() && !["localhost", "root", "sandshell"].contains(&value.as_str()));
    values
}

/// Tells whether `text` has `value` as a word: a short host name may be a part of others.
fn has_word(text: &str, value: &str) -> bool {
    let is_word =
        |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'/');
    let bytes = text.as_bytes();
    text.match_indices(value).any(|(at, _)| {
        !is_word(at.checked_sub(1).and_then(|before| bytes.get(before))) && !is_word(bytes.get(at + value.len()))
    })
}

#[test]
fn what_a_guest_can_read_tells_nothing_of_the_host() {
    let output = Command::new(binary())
        .args(["run", "-c", SCRIPT])
        .env(SECRET.0, SECRET.1)
        .env("USER", "user-of-the-host-q7")
        .output()
        .expect("`make build` has built it");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("model name\t: WebAssembly"), "the script has read /proc: {text}");
    assert!(text.contains("root:x:0:0:root:/root:/bin/bash"), "the script has read /etc: {text}");
    assert!(text.contains("HOSTNAME=sandshell"), "the script has read the variables: {text}");
    let values = values_of_the_host();
    assert!(values.len() >= 8, "the host tells what to look for: {values:?}");
    for (what, value) in &values {
        assert!(!has_word(&text, value), "the host's {what} is seen: {value}");
    }
    assert!(!text.contains("user-of-the-host-q7"));
}

#[test]
fn a_word_is_found_and_a_part_of_one_is_not() {
    assert!(has_word("on vm:", "vm") && has_word("vm", "vm") && has_word("a b", "a b"));
    assert!(!has_word("vmstat nvm /sys/vm/x", "vm"));
}
