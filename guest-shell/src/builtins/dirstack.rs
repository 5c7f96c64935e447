//! `dirs`, `pushd` and `popd`.

use std::rc::Rc;

use crate::flow::Flow;
use crate::shell::Shell;
use crate::vars::Name;

use super::{Call, builtin, options};

builtin! {
    /// Display directory stack.
    ///
    /// Options:
    ///   -c	clear the directory stack by deleting all of the elements
    ///   -l	do not print tilde-prefixed versions of directories
    ///   -p	print the directory stack with one entry per line
    ///   -v	print one entry per line prefixed with its position in the stack
    DIRS = "dirs", "dirs [-clpv] [+N] [-N]", dirs
}
builtin! {
    /// Remove directories from stack.
    ///
    /// Removes entries from the directory stack. With no arguments, removes the top directory from the stack, and
    /// changes to the new top directory.
    ///
    /// Options:
    ///   -n	suppresses the normal change of directory when removing directories from the stack
    POPD = "popd", "popd [-n] [+N | -N]", popd
}
builtin! {
    /// Add directories to stack.
    ///
    /// Adds a directory to the top of the directory stack, or rotates the stack, making the new top of the stack the
    /// current working directory. With no arguments, exchanges the top two directories.
    ///
    /// Options:
    ///   -n	suppresses the normal change of directory when adding directories to the stack
    PUSHD = "pushd", "pushd [-n] [+N | -N | dir]", pushd
}

impl Shell {
    /// The directory stack, the working directory first (DIRSTACK).
    pub(crate) fn directory_stack(&self) -> Vec<Vec<u8>> {
        let mut stack = vec![self.working_directory()];
        stack.extend(self.builtins.directories.iter().cloned());
        stack
    }
}

impl Shell {
    /// `DIRSTACK[n]=path`: the working directory (0) is `cd`'s alone, and the stack does not grow so.
    pub(crate) fn set_stacked_directory(&mut self, index: i64, path: &[u8]) {
        let at = usize::try_from(index).ok().and_then(|index| index.checked_sub(1));
        if let Some(at) = at.filter(|at| *at < self.builtins.directories.len()) {
            Rc::make_mut(&mut self.builtins.directories)[at] = path.to_vec();
        }
    }
}

/// `+N` and `-N` as a position from the top.
fn position(text: &[u8], length: usize) -> Option<Result<usize, ()>> {
    let (sign, digits) = text.split_first()?;
    if !matches!(sign, b'+' | b'-') || digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let count = options::number(digits).and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX);
    let at = if *sign == b'+' { Some(count) } else { length.checked_sub(1).and_then(|last| last.checked_sub(count)) };
    Some(at.filter(|at| *at < length).ok_or(()))
}

fn tilde(shell: &Shell, path: &[u8]) -> Vec<u8> {
    if let Some(home) = shell.text_of(Name::HOME)
        && home.len() > 1
        && let Some(rest) = path.strip_prefix(&home[..])
        && (rest.is_empty() || rest.starts_with(b"/"))
    {
        return [b"~", rest].concat();
    }
    path.to_vec()
}

fn show(shell: &Shell, call: &mut Call<'_>) {
    let stack: Vec<Vec<u8>> = shell.directory_stack().iter().map(|path| tilde(shell, path)).collect();
    call.line(&stack.join(&b' '));
}

fn dirs(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let (mut long, mut lines, mut numbers, mut only) = (false, false, false, None);
    let stack = shell.directory_stack();
    for arg in call.args() {
        if let Some(at) = position(arg, stack.len()) {
            match at {
                Ok(at) => only = Some(at),
                Err(()) => return Ok(out_of_range(shell, call, arg.get(1..).unwrap_or_default())),
            }
            continue;
        }
        for letter in arg.strip_prefix(b"-").unwrap_or_default() {
            match letter {
                b'c' => {
                    shell.builtins.directories = Rc::default();
                    return Ok(0);
                }
                b'l' => long = true,
                b'p' => lines = true,
                b'v' => numbers = true,
                _ => {
                    shell.builtin_error(call, &[arg, b": invalid number".as_slice()].concat());
                    return Ok(shell.usage_error(call));
                }
            }
        }
        if !arg.starts_with(b"-") {
            shell.builtin_error(call, &[arg, b": invalid option".as_slice()].concat());
            return Ok(shell.usage_error(call));
        }
    }
    let shown: Vec<Vec<u8>> = stack.iter().map(|path| if long { path.clone() } else { tilde(shell, path) }).collect();
    if let Some(path) = only.and_then(|at| shown.get(at)) {
        call.line(path);
    } else if numbers {
        for (at, path) in shown.iter().enumerate() {
            call.line(&[format!("{at:2}  ").as_bytes(), path].concat());
        }
    } else {
        call.line(&shown.join(if lines { &b'\n' } else { &b' ' }));
    }
    Ok(0)
}

fn out_of_range(shell: &mut Shell, call: &mut Call<'_>, arg: &[u8]) -> u8 {
    let text = b": directory stack index out of range";
    if shell.builtins.directories.is_empty() {
        shell.builtin_error(call, b"directory stack empty");
    } else {
        shell.builtin_error(call, &[arg, text.as_slice()].concat());
    }
    1
}

fn take_no_change<'a>(call: &Call<'a>) -> (bool, &'a [Vec<u8>]) {
    match call.args().split_first() {
        Some((first, rest)) if first == b"-n" => (true, rest),
        Some((first, rest)) if first == b"--" => (false, rest),
        _ => (false, call.args()),
    }
}

fn pushd(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let (keep, args) = take_no_change(call);
    let mut stack = shell.directory_stack();
    if args.len() > 1 {
        shell.builtin_error(call, b"too many arguments");
        return Ok(1);
    }
    match args.first() {
        None => {
            if stack.len() < 2 {
                shell.builtin_error(call, b"no other directory");
                return Ok(1);
            }
            stack.swap(0, 1);
        }
        Some(arg) => match position(arg, stack.len()) {
            // Without a change of directory there is nothing to show.
            Some(Ok(_)) if keep => return Ok(0),
            Some(Ok(at)) => stack.rotate_left(at),
            Some(Err(())) => return Ok(out_of_range(shell, call, arg)),
            None if arg.len() > 1 && arg.starts_with(b"-") && args.len() == call.args().len() => {
                shell.builtin_error(call, &[arg, b": invalid number".as_slice()].concat());
                return Ok(shell.usage_error(call));
            }
            None if keep => stack.insert(1, arg.clone()),
            None => stack.insert(0, arg.clone()),
        },
    }
    settle(shell, call, stack, keep)
}

fn popd(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let (keep, args) = take_no_change(call);
    let mut stack = shell.directory_stack();
    let at = match args.first() {
        None => usize::from(keep),
        Some(arg) => match position(arg, stack.len()) {
            Some(Ok(at)) => at,
            Some(Err(())) => return Ok(out_of_range(shell, call, arg)),
            None => {
                let what: &[u8] = if arg.starts_with(b"-") { b": invalid number" } else { b": invalid argument" };
                shell.builtin_error(call, &[arg, what].concat());
                return Ok(shell.usage_error(call));
            }
        },
    };
    if stack.len() < 2 || at >= stack.len() {
        shell.builtin_error(call, b"directory stack empty");
        return Ok(1);
    }
    stack.remove(at);
    settle(shell, call, stack, keep || at > 0)
}

/// Makes a new stack the stack: enters its top and shows it.
fn settle(shell: &mut Shell, call: &mut Call<'_>, stack: Vec<Vec<u8>>, keep: bool) -> Flow<u8> {
    shell.make_room(stack.iter().map(Vec::len).max().unwrap_or(0))?;
    let mut stack = stack.into_iter();
    let top = stack.next().unwrap_or_default();
    if !keep && let Err(error) = shell.enter_directory(&top, false) {
        shell.builtin_error(call, &[&top, b": ".as_slice(), error.text().as_bytes()].concat());
        return Ok(1);
    }
    shell.builtins.directories = Rc::new(stack.collect());
    show(shell, call);
    Ok(0)
}
