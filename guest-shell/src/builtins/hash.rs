//! `hash`.

use std::rc::Rc;

use crate::flow::Flow;
use crate::options::SetOption;
use crate::shell::Shell;
use crate::sys::FileKind;

use super::{Call, builtin};

builtin! {
    /// Remember or display program locations.
    ///
    /// Determine and remember the full pathname of each command NAME. If no arguments are given, information about
    /// remembered commands is displayed.
    ///
    /// Options:
    ///   -d	forget the remembered location of each NAME
    ///   -l	display in a format that may be reused as input
    ///   -p pathname	use PATHNAME as the full pathname of NAME
    ///   -r	forget all remembered locations
    ///   -t	print the remembered location of each NAME
    HASH = "hash", "hash [-lr] [-p pathname] [-dt] [name ...]", hash
}

/// The buckets of bash's table, which is listed in its order.
const BUCKETS: u32 = 256;

fn hash(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"dlp:rt") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    if !shell.is_set(SetOption::HashAll) {
        shell.builtin_error(call, b"hashing disabled");
        return Ok(1);
    }
    if parsed.has(b'r') {
        shell.exec.hash = Rc::default();
    }
    if let Some(letter) = [b't', b'd'].into_iter().find(|letter| parsed.has(*letter) && parsed.rest.is_empty()) {
        shell.builtin_error(call, &[b"-", &[letter][..], b": option requires an argument"].concat());
        return Ok(1);
    }
    if parsed.rest.is_empty() {
        if !parsed.has(b'r') {
            list(shell, call, parsed.has(b'l'));
        }
        return Ok(0);
    }
    let mut status = 0;
    for name in parsed.rest {
        if let Some(path) = parsed.value(b'p') {
            if path.contains(&b'/') && shell.is_restricted() {
                shell.builtin_error(call, &[path, b": restricted"].concat());
                return Ok(1);
            }
            if shell.sys.stat(path, true).is_ok_and(|stat| stat.kind == FileKind::Directory) {
                shell.builtin_error(call, &[path, b": Is a directory"].concat());
                status = 1;
            } else {
                Rc::make_mut(&mut shell.exec.hash).insert(name.clone(), (path.to_vec(), 0));
            }
        } else if parsed.has(b'd') {
            if Rc::make_mut(&mut shell.exec.hash).remove(name).is_none() {
                shell.builtin_error(call, &[name, b": not found".as_slice()].concat());
                status = 1;
            }
        } else if parsed.has(b't') {
            match shell.exec.hash.get(name).map(|(path, _)| path.clone()) {
                Some(path) if parsed.has(b'l') => {
                    call.line(&[b"builtin hash -p ", path.as_slice(), b" ", name].concat());
                }
                Some(path) if parsed.rest.len() > 1 => call.line(&[name, b"\t".as_slice(), &path].concat()),
                Some(path) => call.line(&path),
                None => {
                    shell.builtin_error(call, &[name, b": not found".as_slice()].concat());
                    status = 1;
                }
            }
        } else if shell.find_builtin(name).is_none() && !shell.functions.contains_key(name) {
            Rc::make_mut(&mut shell.exec.hash).remove(name);
            let path = shell.search_path(name, false).into_iter().next().filter(|path| shell.is_executable(path));
            match path {
                Some(path) => {
                    Rc::make_mut(&mut shell.exec.hash).insert(name.clone(), (path, 0));
                }
                None => {
                    shell.builtin_error(call, &[name, b": not found".as_slice()].concat());
                    status = 1;
                }
            }
        }
    }
    Ok(status)
}

fn list(shell: &Shell, call: &mut Call<'_>, reusable: bool) {
    if shell.exec.hash.is_empty() {
        if !reusable {
            call.line(b"hash: hash table empty");
        }
        return;
    }
    if !reusable {
        call.line(b"hits\tcommand");
    }
    for (name, (path, hits)) in super::in_bucket_order(shell.exec.hash.iter(), BUCKETS) {
        if reusable {
            call.line(&[b"builtin hash -p ", path.as_slice(), b" ", name].concat());
        } else {
            call.line(&[format!("{hits:4}\t").as_bytes(), path].concat());
        }
    }
}
