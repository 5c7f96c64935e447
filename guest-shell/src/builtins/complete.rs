//! `complete`, `compgen`, `compopt`: the builtins of programmable completion.
//!
//! What a specification holds is in `specification`, what it offers in `generate` and `actions`, the completion of a
//! whole line in `line`.

mod actions;
mod generate;
mod line;
mod specification;

use std::rc::Rc;

use crate::flow::Flow;
use crate::shell::Shell;

use super::{Call, Parsed, builtin};

pub(crate) use specification::{Specification, Specifications};

use specification::{COMMAND_DEFAULT, COMMAND_EMPTY, OPTIONS, WORD_INITIAL};

builtin! {
    /// Display possible completions depending on the options.
    ///
    /// For use in functions that make completions. With WORD, what matches it is printed; the options are those of
    /// `complete', and -p, -r, -D, -E and -I mean nothing.
    COMPGEN = "compgen", "compgen [-abcdefgjksuv] [-o option] [-A action] [-G globpat] [-W wordlist] [-F function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [word]", compgen
}
builtin! {
    /// Specify how arguments are to be completed by Readline.
    ///
    /// Says for each NAME how its arguments are completed. Without NAMEs or with -p, prints the specifications in a
    /// form that can be read again.
    ///
    /// Options:
    ///   -p	print specifications in a reusable format
    ///   -r	remove the specification of each NAME, or all
    ///   -D	for commands without a specification of their own
    ///   -E	for an empty command
    ///   -I	for the first word of a command
    COMPLETE = "complete", "complete [-abcdefgjksuv] [-pr] [-DEI] [-o option] [-A action] [-G globpat] [-W wordlist] [-F function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [name ...]", complete
}
builtin! {
    /// Modify or display completion options.
    ///
    /// Turns options of the specification of each NAME on (-o) or off (+o), or without NAMEs those of the completion
    /// that is going on. Without options, prints them.
    ///
    /// Options:
    ///   -o option	turn the option on for each NAME
    ///   -D	the specification of commands without one
    ///   -E	that of an empty command
    ///   -I	that of the first word
    COMPOPT = "compopt", "compopt [-o|+o option] [-DEI] [name ...]", compopt
}

/// The options `complete` and `compgen` share.
const LETTERS: &[u8] = b"abcdefgjksuvo:A:G:W:F:C:X:P:S:prDEI";

fn compgen(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    if call.args().is_empty() {
        return Ok(0);
    }
    let parsed = match shell.parse_builtin_options(call, LETTERS) {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    let specification = match read_specification(shell, call, &parsed) {
        Ok(specification) => specification,
        Err(status) => return Ok(status),
    };
    for (letter, present) in [('F', specification.function.is_some()), ('C', specification.command.is_some())] {
        if present {
            let text = format!("warning: -{letter} option may not work as you expect");
            shell.builtin_error(call, text.as_bytes());
        }
    }
    let word = parsed.rest.first().map_or(&[][..], |word| word);
    let found = shell.generate_for_compgen(&specification, word)?;
    found.iter().for_each(|candidate| call.line(candidate));
    Ok(u8::from(found.is_empty()))
}

/// The specification a call's options describe; an error has been told.
fn read_specification(shell: &mut Shell, call: &mut Call<'_>, parsed: &Parsed<'_>) -> Result<Specification, u8> {
    let mut specification = Specification::default();
    for (letter, value) in parsed.letters() {
        if let Err(message) = specification.take(*letter, *value) {
            shell.builtin_error(call, &message);
            return Err(2);
        }
    }
    Ok(specification)
}

/// The name that `-D`, `-E` or `-I` stands for; the first of them counts.
fn special_name(parsed: &Parsed<'_>) -> Option<&'static [u8]> {
    let names = [(b'D', COMMAND_DEFAULT), (b'E', COMMAND_EMPTY), (b'I', WORD_INITIAL)];
    names.into_iter().find(|(letter, _)| parsed.has(*letter)).map(|(_, name)| name)
}

fn complete(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    if call.args().is_empty() {
        return Ok(show(shell, call, &[]));
    }
    let parsed = match shell.parse_builtin_options(call, LETTERS) {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    let specification = match read_specification(shell, call, &parsed) {
        Ok(specification) => specification,
        Err(status) => return Ok(status),
    };
    let names = match special_name(&parsed) {
        Some(name) => vec![name.to_vec()],
        None => parsed.rest.to_vec(),
    };
    if parsed.has(b'r') {
        return Ok(remove(shell, call, &names));
    }
    if parsed.has(b'p') {
        return Ok(show(shell, call, &names));
    }
    if names.is_empty() {
        return Ok(shell.usage_error(call));
    }
    for name in names {
        shell.make_room(name.len() + specification.bytes())?;
        Rc::make_mut(&mut shell.builtins.completions).insert(name, specification.clone());
    }
    Ok(0)
}

fn remove(shell: &mut Shell, call: &mut Call<'_>, names: &[Vec<u8>]) -> u8 {
    if names.is_empty() {
        shell.builtins.completions = Rc::default();
    }
    let mut status = 0;
    for name in names {
        if Rc::make_mut(&mut shell.builtins.completions).remove(name).is_none() {
            shell.builtin_error(call, &[name, b": no completion specification".as_slice()].concat());
            status = 1;
        }
    }
    status
}

fn show(shell: &mut Shell, call: &mut Call<'_>, names: &[Vec<u8>]) -> u8 {
    let all = Rc::clone(&shell.builtins.completions);
    let mut status = 0;
    if names.is_empty() {
        for (name, specification) in specification::in_order(&all) {
            call.line(&specification.command_line(name));
        }
    }
    for name in names {
        match all.get(name) {
            Some(specification) => call.line(&specification.command_line(name)),
            None => {
                shell.builtin_error(call, &[name, b": no completion specification".as_slice()].concat());
                status = 1;
            }
        }
    }
    status
}

/// What `compopt` is asked: options to turn on and off, and whose.
struct Changes<'a> {
    on: Vec<usize>,
    off: Vec<usize>,
    names: Vec<&'a [u8]>,
}

fn compopt(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let changes = match read_changes(shell, call) {
        Ok(changes) => changes,
        Err(status) => return Ok(status),
    };
    let prints = changes.on.is_empty() && changes.off.is_empty();
    if changes.names.is_empty() {
        let Some(mut options) = shell.builtins.completing else {
            shell.builtin_error(call, b"not currently executing completion function");
            return Ok(1);
        };
        if prints {
            call.line(&specification::options_line(options, b""));
        }
        options = changes.applied(options);
        shell.builtins.completing = Some(options);
        return Ok(0);
    }
    let mut status = 0;
    for name in &changes.names {
        let Some(known) = shell.builtins.completions.get(*name) else {
            shell.builtin_error(call, &[name, b": no completion specification".as_slice()].concat());
            status = 1;
            continue;
        };
        if prints {
            call.line(&specification::options_line(known.options, name));
            continue;
        }
        let options = changes.applied(known.options);
        if let Some(known) = Rc::make_mut(&mut shell.builtins.completions).get_mut(*name) {
            known.options = options;
        }
    }
    Ok(status)
}

impl Changes<'_> {
    fn applied(&self, mut options: u16) -> u16 {
        self.on.iter().for_each(|bit| options |= 1 << bit);
        self.off.iter().for_each(|bit| options &= !(1 << bit));
        options
    }
}

fn read_changes<'a>(shell: &mut Shell, call: &mut Call<'a>) -> Result<Changes<'a>, u8> {
    let mut changes = Changes { on: Vec::new(), off: Vec::new(), names: Vec::new() };
    let mut words = call.args().iter();
    let mut special = None;
    while let Some(word) = words.next() {
        match word.as_slice() {
            b"--" => break,
            b"-D" => special = special.or(Some(COMMAND_DEFAULT)),
            b"-E" => special = special.or(Some(COMMAND_EMPTY)),
            b"-I" => special = special.or(Some(WORD_INITIAL)),
            b"-o" | b"+o" => {
                let Some(option) = words.next() else {
                    shell.builtin_error(call, &[word, b": option requires an argument".as_slice()].concat());
                    return Err(shell.usage_error(call));
                };
                let Some(bit) = OPTIONS.iter().position(|known| known.as_bytes() == option.as_slice()) else {
                    shell.builtin_error(call, &[option, b": invalid option name".as_slice()].concat());
                    return Err(2);
                };
                if word[0] == b'-' { changes.on.push(bit) } else { changes.off.push(bit) }
            }
            [b'-' | b'+', letter, ..] => {
                let text = [&word[..1], &[*letter], b": invalid option"].concat();
                shell.builtin_error(call, &text);
                return Err(shell.usage_error(call));
            }
            name => {
                changes.names.push(name);
                break;
            }
        }
    }
    changes.names.extend(words.map(Vec::as_slice));
    if let Some(name) = special {
        changes.names = vec![name];
    }
    Ok(changes)
}
