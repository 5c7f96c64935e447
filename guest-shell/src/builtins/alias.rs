//! `alias` and `unalias`.

use std::rc::Rc;

use crate::flow::Flow;
use crate::parse::Aliases;
use crate::shell::Shell;
use crate::vars::quote_single;

use super::{Call, builtin};

builtin! {
    /// Define or display aliases.
    ///
    /// Without arguments, `alias' prints the list of aliases in the reusable form `alias NAME=VALUE' on standard output.
    ///
    /// Options:
    ///   -p	print all defined aliases in a reusable format
    ALIAS = "alias", "alias [-p] [name[=value] ... ]", alias
}
builtin! {
    /// Remove each NAME from the list of defined aliases.
    ///
    /// Options:
    ///   -a	remove all alias definitions
    UNALIAS = "unalias", "unalias [-a] name [name ...]", unalias
}

impl Shell {
    /// Defines an alias.
    pub(crate) fn set_alias(&mut self, name: &[u8], text: &[u8]) {
        Rc::make_mut(&mut self.aliases).insert(name.into(), text.into());
    }
}

/// What `alias` prints for all of them.
pub(crate) fn alias_text(aliases: &Aliases) -> Vec<u8> {
    let mut all = Vec::new();
    for (name, text) in aliases.iter() {
        all.extend_from_slice(&definition(name, text));
        all.push(b'\n');
    }
    all
}

fn definition(name: &[u8], text: &[u8]) -> Vec<u8> {
    let quoted = if text.is_empty() { b"''".to_vec() } else { quote_single(text) };
    let dashes: &[u8] = if name.starts_with(b"-") { b"-- " } else { b"" };
    [b"alias ", dashes, name, b"=", &quoted].concat()
}

fn show(call: &mut Call<'_>, name: &[u8], text: &[u8]) {
    call.line(&definition(name, text));
}

fn alias(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"p") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    let aliases = Rc::clone(&shell.aliases);
    if parsed.rest.is_empty() || parsed.has(b'p') {
        for (name, text) in aliases.iter() {
            show(call, name, text);
        }
    }
    drop(aliases);
    let mut status = 0;
    for arg in parsed.rest {
        let split = arg.iter().skip(1).position(|byte| *byte == b'=').map(|at| at + 1);
        match split {
            Some(at) => {
                let (name, text) = (&arg[..at], &arg[at + 1..]);
                if name.iter().any(|byte| b" \t\n/$`=|&;()<>\"'\\".contains(byte)) {
                    shell.builtin_error(call, &[b"`", name, b"': invalid alias name"].concat());
                    status = 1;
                } else {
                    shell.make_room(arg.len())?;
                    shell.set_alias(name, text);
                }
            }
            None => match shell.aliases.get(&arg[..]).cloned() {
                Some(text) => show(call, arg, &text),
                None => {
                    shell.builtin_error(call, &[arg, b": not found".as_slice()].concat());
                    status = 1;
                }
            },
        }
    }
    Ok(status)
}

fn unalias(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"a") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    if parsed.has(b'a') {
        shell.aliases = Rc::default();
        return Ok(0);
    }
    if parsed.rest.is_empty() {
        return Ok(shell.usage_error(call));
    }
    let mut status = 0;
    for name in parsed.rest {
        if Rc::make_mut(&mut shell.aliases).remove(&name[..]).is_none() {
            shell.builtin_error(call, &[name, b": not found".as_slice()].concat());
            status = 1;
        }
    }
    Ok(status)
}
