//! `help`.

use crate::flow::Flow;
use crate::pattern::{Flags, Matcher};
use crate::shell::Shell;

use super::{Builtin, Call, builtin};

builtin! {
    /// Display information about builtin commands.
    ///
    /// Displays brief summaries of builtin commands. If PATTERN is specified, gives detailed help on all commands
    /// matching PATTERN, otherwise the list of help topics is printed.
    ///
    /// Options:
    ///   -d	output short description for each topic
    ///   -m	display usage in pseudo-manpage format
    ///   -s	output only a short usage synopsis for each topic matching PATTERN
    HELP = "help", "help [-dms] [pattern ...]", help
}

/// Synopsis and text of a builtin.
pub(super) fn full(builtin: &Builtin) -> Vec<u8> {
    let mut text = format!("{}: {}\n", builtin.name, builtin.usage);
    for line in builtin.help.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        text.push_str(if line.is_empty() { "" } else { "    " });
        text.push_str(line);
        text.push('\n');
    }
    text.into_bytes()
}

fn help(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"dms") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    if parsed.rest.is_empty() {
        call.line(b"GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)");
        call.line(b"These shell commands are defined internally.  Type `help' to see this list.");
        call.line(b"Type `help name' to find out more about the function `name'.");
        call.line(b"");
        for builtin in super::all() {
            call.line(format!(" {}", builtin.usage).as_bytes());
        }
        return Ok(0);
    }
    let mut status = 0;
    for pattern in parsed.rest {
        let matcher = Matcher::new(pattern, Flags::default());
        let exact = super::find(pattern);
        let mut found = false;
        for builtin in super::all() {
            let wanted = match exact {
                Some(exact) => std::ptr::eq(exact, builtin),
                None => matcher.matches(builtin.name.as_bytes()) || builtin.name.as_bytes().starts_with(pattern),
            };
            if !wanted {
                continue;
            }
            found = true;
            if parsed.has(b's') {
                call.line(format!("{}: {}", builtin.name, builtin.usage).as_bytes());
            } else if parsed.has(b'd') {
                let brief = builtin.help.lines().next().unwrap_or("").trim();
                call.line(format!("{} - {brief}", builtin.name).as_bytes());
            } else {
                call.print(&full(builtin));
            }
        }
        if !found {
            let text = [
                b"no help topics match `",
                &pattern[..],
                b"'.  Try `help help' or `man -k ",
                pattern,
                b"' or `info ",
                pattern,
                b"'.",
            ]
            .concat();
            shell.builtin_error(call, &text);
            status = 1;
        }
    }
    Ok(status)
}
