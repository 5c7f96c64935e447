//! `uname`, `arch` and `hostname`: what the session's machine is called. Nothing of the host shows.
//!
//! The names are those of the session's `/proc/sys/kernel`; without it, what is written here.

use std::ffi::OsString;

use crate::basis::errors::complain;
use crate::basis::options::{Grammar, Outcome};
use crate::basis::output::Output;
use crate::basis::quoting::locale;

/// What `$HOSTTYPE` says, too: scripts that ask want a name they know.
const MACHINE: &str = "x86_64";
const SYSTEM: &str = "GNU/Linux";

const UNAME: Grammar = Grammar {
    program: "uname",
    short: "asnrvmpio",
    long: &[
        ("all", "a"),
        ("kernel-name", "s"),
        ("sysname", "s"),
        ("nodename", "n"),
        ("kernel-release", "r"),
        ("release", "r"),
        ("kernel-version", "v"),
        ("machine", "m"),
        ("processor", "p"),
        ("hardware-platform", "i"),
        ("operating-system", "o"),
    ],
    failure: 1,
    help: "Usage: uname [OPTION]...\nPrint certain system information. With no OPTION, same as -s.\n\n\
  -a -s -n -r -v -m -p -i -o   all, kernel, node, release, version, machine, processor, platform, system\n",
};

const ARCH: Grammar =
    Grammar { program: "arch", short: "", long: &[], failure: 1, help: "Usage: arch\nPrint machine architecture.\n" };

const HOSTNAME: Grammar = Grammar {
    program: "hostname",
    short: "adfiIsAy",
    long: &[
        ("alias", "a"),
        ("all-fqdns", "A"),
        ("all-ip-addresses", "I"),
        ("domain", "d"),
        ("fqdn", "f"),
        ("ip-address", "i"),
        ("long", "f"),
        ("short", "s"),
        ("nis", "y"),
    ],
    failure: 1,
    help: "Usage: hostname [-adfiIsA]\nPrint the session's host name. It cannot be set.\n",
};

/// Reads a name of the machine, without the newline.
fn kernel(name: &str, otherwise: &str) -> String {
    let text = std::fs::read_to_string(format!("/proc/sys/kernel/{name}")).unwrap_or_default();
    let text = text.trim();
    if text.is_empty() { otherwise.to_owned() } else { text.to_owned() }
}

fn node() -> String {
    let configured = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let configured = configured.trim();
    kernel("hostname", if configured.is_empty() { "sandshell" } else { configured })
}

fn say(program: &'static str, text: &str) -> i32 {
    let mut out = Output::new(program);
    out.text(&format!("{text}\n"));
    i32::from(!out.finish())
}

/// Runs `uname`.
pub(crate) fn uname(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run_uname(argv).unwrap_or_else(|status| status)
}

fn run_uname(argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, operands) = UNAME.parse(argv)?;
    if let Some(operand) = operands.first() {
        return Err(UNAME.misuse(&format!("extra operand {}", locale(operand))));
    }
    let on = |letter: &str| given.iter().any(|option| option.id == letter);
    let all = on("a");
    let mut words = Vec::new();
    let mut add = |wanted: bool, word: &dyn Fn() -> String| {
        if wanted {
            words.push(word());
        }
    };
    add(all || on("s") || given.is_empty(), &|| kernel("ostype", "Linux"));
    add(all || on("n"), &node);
    add(all || on("r"), &|| kernel("osrelease", "6.1.0-sandshell"));
    add(all || on("v"), &|| kernel("version", "#1 sandshell"));
    add(all || on("m"), &|| MACHINE.to_owned());
    // Unknown ones are only said when they are asked for.
    add(on("p") && !all, &|| "unknown".to_owned());
    add(on("i") && !all, &|| "unknown".to_owned());
    add(all || on("o"), &|| SYSTEM.to_owned());
    Ok(say(UNAME.program, &words.join(" ")))
}

/// Runs `arch`.
pub(crate) fn arch(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    match ARCH.parse(argv) {
        Ok((_, operands)) => match operands.first() {
            Some(operand) => ARCH.misuse(&format!("extra operand {}", locale(operand))),
            None => say(ARCH.program, MACHINE),
        },
        Err(status) => status,
    }
}

/// Runs `hostname`.
pub(crate) fn hostname(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    let (given, operands) = match HOSTNAME.parse(argv) {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if !operands.is_empty() {
        complain(HOSTNAME.program, "you must be root to change the host name");
        return 1;
    }
    let name = node();
    let text = match given.last().map(|option| option.id) {
        Some("s") => name.split('.').next().unwrap_or_default().to_owned(),
        Some("d") => name.split_once('.').map_or("", |(_, domain)| domain).to_owned(),
        Some("i" | "I") => "127.0.0.1".to_owned(),
        Some("a") => String::new(),
        Some("y") => {
            complain(HOSTNAME.program, "Local domain name not set");
            return 1;
        }
        _ => name,
    };
    say(HOSTNAME.program, &text)
}
