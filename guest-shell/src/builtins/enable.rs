//! `enable`.

use std::rc::Rc;

use crate::flow::Flow;
use crate::shell::Shell;

use super::{Call, builtin};

builtin! {
    /// Enable and disable shell builtins.
    ///
    /// Options:
    ///   -a	print a list of builtins showing whether or not each is enabled
    ///   -n	disable each NAME or display a list of disabled builtins
    ///   -p	print the list of builtins in a reusable format
    ///   -s	print only the names of Posix `special' builtins
    ENABLE = "enable", "enable [-a] [-dnps] [-f filename] [name ...]", enable
}

fn enable(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"adnpsf:") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    if let Some(file) = parsed.value(b'f') {
        // There is nothing that could be loaded.
        let parts: [&[u8]; 4] =
            [b"cannot open shared object ", file, b": ", b"cannot open shared object file: No such file or directory"];
        let text = [parts[0], parts[1], parts[2], file, parts[2], parts[3]].concat();
        shell.builtin_error(call, &text);
        return Ok(1);
    }
    if parsed.has(b'd') {
        for name in parsed.rest {
            let what: &[u8] =
                if super::find(name).is_some() { b": not dynamically loaded" } else { b": not a shell builtin" };
            shell.builtin_error(call, &[name, what].concat());
        }
        return Ok(u8::from(!parsed.rest.is_empty()));
    }
    let off = parsed.has(b'n');
    if parsed.rest.is_empty() || parsed.has(b'p') {
        for builtin in super::all() {
            let disabled = shell.builtins.disabled.contains(builtin.name.as_bytes());
            if (parsed.has(b'a') || disabled == off) && (!parsed.has(b's') || builtin.special) {
                let mark = if disabled { "-n " } else { "" };
                call.line(format!("enable {mark}{}", builtin.name).as_bytes());
            }
        }
        return Ok(0);
    }
    let mut status = 0;
    for name in parsed.rest {
        if super::find(name).is_none() {
            shell.builtin_error(call, &[name, b": not a shell builtin".as_slice()].concat());
            status = 1;
        } else if off {
            Rc::make_mut(&mut shell.builtins.disabled).insert(name.clone());
        } else {
            Rc::make_mut(&mut shell.builtins.disabled).remove(name);
        }
    }
    Ok(status)
}
