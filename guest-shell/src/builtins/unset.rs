//! `unset`.

use std::rc::Rc;

use crate::flow::{Flow, Unwind};
use crate::shell::Shell;
use crate::vars::{Name, TextPlace};

use super::{Call, builtin};

builtin! {
    /// Unset values and attributes of shell variables and functions.
    ///
    /// Options:
    ///   -f	treat each NAME as a shell function
    ///   -v	treat each NAME as a shell variable
    ///   -n	treat each NAME as a name reference and unset the variable itself rather than the variable it references
    ///
    /// Without options, unset first tries to unset a variable, and if that fails, tries to unset a function.
    UNSET = "unset", "unset [-f] [-v] [-n] [name ...]", unset, special
}

fn unset(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"fvn") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    if parsed.has(b'f') && parsed.has(b'v') {
        shell.builtin_error(call, b"cannot simultaneously unset a function and a variable");
        return Ok(1);
    }
    let mut status = 0;
    for name in parsed.rest {
        if parsed.has(b'f') {
            status |= unset_function(shell, call, name);
            continue;
        }
        let result = match TextPlace::parse(name) {
            None if parsed.has(b'v') => {
                shell.builtin_error(call, &[b"`", &name[..], b"': not a valid identifier"].concat());
                status = 1;
                continue;
            }
            None => {
                if shell.functions.contains_key(name) {
                    status |= unset_function(shell, call, name);
                }
                // Neither a variable's name nor a function: as in bash, no error.
                continue;
            }
            Some(TextPlace::Variable(variable)) if parsed.has(b'n') => shell.unset_here(variable),
            Some(TextPlace::Variable(variable)) => {
                if shell.vars.var(variable).is_none() && !parsed.has(b'v') && shell.functions.contains_key(name) {
                    status |= unset_function(shell, call, name);
                    continue;
                }
                shell.unset_variable(variable)
            }
            Some(TextPlace::Element(variable, subscript)) => unset_element(shell, variable, subscript),
        };
        if let Err(error) = result {
            if let crate::vars::VarError::Unwound(unwind) = error {
                return Err(unwind);
            }
            shell.builtin_error(call, &error.text());
            status = 1;
        }
    }
    Ok(status)
}

fn unset_element(shell: &mut Shell, variable: Name, subscript: &[u8]) -> Result<(), crate::vars::VarError> {
    if matches!(subscript, b"@" | b"*") && !shell.is_assoc(variable) {
        let is_array = shell.vars.resolved(variable).is_some_and(crate::vars::Var::is_array);
        if !is_array && shell.vars.resolved(variable).is_some() {
            return Err(crate::vars::VarError::message([variable.bytes(), b": not an array variable"].concat()));
        }
        // An array loses its elements and stays.
        return if is_array { shell.set_array(variable, Vec::new()) } else { Ok(()) };
    }
    let key = match shell.key_of_text(variable, subscript) {
        Ok(key) => key,
        Err(crate::vars::VarError::Unwound(unwind)) => return Err(crate::vars::VarError::Unwound(unwind)),
        Err(error) => {
            shell.report(&error.text());
            return Err(crate::vars::VarError::Unwound(Unwind::Discard(1)));
        }
    };
    shell.unset_element(variable, &key)
}

fn unset_function(shell: &mut Shell, call: &mut Call<'_>, name: &[u8]) -> u8 {
    match shell.functions.get(name) {
        Some(function) if function.readonly => {
            shell.builtin_error(call, &[name, b": cannot unset: readonly function"].concat());
            1
        }
        Some(_) => {
            Rc::make_mut(&mut shell.functions).remove(name);
            0
        }
        None => 0,
    }
}
