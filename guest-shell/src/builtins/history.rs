//! `history` and `fc`.

use std::rc::Rc;

use crate::flow::Flow;
use crate::shell::Shell;
use crate::vars::Name;

use super::{Call, builtin, options};

builtin! {
    /// Display or manipulate the history list.
    ///
    /// Display the history list with line numbers. An argument of N lists only the last N entries.
    ///
    /// Options:
    ///   -c	clear the history list by deleting all of the entries
    ///   -d offset	delete the history entry at position OFFSET
    ///   -a	append history lines from this session to the history file
    ///   -n	read all history lines not already read from the history file
    ///   -r	read the history file and append the contents to the history list
    ///   -w	write the current history to the history file
    ///   -p	perform history expansion on each ARG and display the result
    ///   -s	append the ARGs to the history list as a single entry
    HISTORY = "history", "history [-c] [-d offset] [n] or history -anrw [filename] or history -ps arg [arg...]", history
}
builtin! {
    /// Display or execute commands from the history list.
    ///
    /// fc is used to list or edit and re-execute commands from the history list.
    ///
    /// Options:
    ///   -l	list lines instead of editing
    ///   -n	omit line numbers when listing
    ///   -r	reverse the order of the lines (newest listed first)
    FC = "fc", "fc [-e ename] [-lnr] [first] [last] or fc -s [pat=rep] [command]", fc
}

/// The most entries kept when HISTSIZE says nothing.
const ENTRIES_DEFAULT: usize = 500;
/// The most entries kept whatever HISTSIZE says: they are part of the state.
const ENTRIES_MAX: usize = 10_000;

/// The history list.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct History {
    /// The entries, oldest first.
    #[serde(with = "crate::state::bytes::list")]
    pub(crate) entries: Vec<Vec<u8>>,
    /// The number of the first entry.
    pub(crate) base: usize,
}

impl Shell {
    /// Adds an entry to the history.
    pub(crate) fn remember_line(&mut self, line: &[u8]) {
        let size = self.text_of(Name::HISTSIZE).and_then(|text| options::number(&text));
        let size = size.and_then(|size| usize::try_from(size).ok()).unwrap_or(ENTRIES_DEFAULT).min(ENTRIES_MAX);
        let history = Rc::make_mut(&mut self.builtins.history);
        history.entries.push(line.to_vec());
        while history.entries.len() > size {
            history.entries.remove(0);
            history.base += 1;
        }
    }

    fn history_file(&self, name: Option<&Vec<u8>>) -> Option<Vec<u8>> {
        name.cloned().or_else(|| self.text_of(Name::HISTFILE).map(|text| text.into_owned()))
    }
}

fn history(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"acd:nprsw") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    if parsed.has(b'c') {
        shell.builtins.history = Rc::default();
        return Ok(0);
    }
    if let Some(text) = parsed.value(b'd') {
        return Ok(delete(shell, call, text));
    }
    if parsed.has(b's') {
        if !parsed.rest.is_empty() {
            let line = parsed.rest.join(&b' ');
            shell.remember_line(&line);
        }
        return Ok(0);
    }
    if parsed.has(b'p') {
        parsed.rest.iter().for_each(|arg| call.line(arg));
        return Ok(0);
    }
    if parsed.has(b'a') || parsed.has(b'w') {
        return Ok(write_file(shell, call, parsed.rest.first(), parsed.has(b'a')));
    }
    if parsed.has(b'r') || parsed.has(b'n') {
        return Ok(read_file(shell, call, parsed.rest.first()));
    }
    let count = match parsed.rest.first() {
        None => usize::MAX,
        Some(text) => match options::number(text).and_then(|count| usize::try_from(count).ok()) {
            Some(count) => count,
            None => {
                shell.builtin_error(call, &[text, b": numeric argument required".as_slice()].concat());
                return Ok(1);
            }
        },
    };
    let history = Rc::clone(&shell.builtins.history);
    let skip = history.entries.len().saturating_sub(count);
    for (at, line) in history.entries.iter().enumerate().skip(skip) {
        call.line(&[format!("{:5}  ", history.base + at + 1).as_bytes(), line].concat());
    }
    Ok(0)
}

fn delete(shell: &mut Shell, call: &mut Call<'_>, text: &[u8]) -> u8 {
    let length = shell.builtins.history.entries.len();
    let base = shell.builtins.history.base;
    let at = options::number(text).and_then(|offset| {
        if offset < 0 {
            length.checked_sub(usize::try_from(offset.unsigned_abs()).ok()?)
        } else {
            usize::try_from(offset).ok()?.checked_sub(base + 1)
        }
    });
    match at.filter(|at| *at < length) {
        Some(at) => {
            Rc::make_mut(&mut shell.builtins.history).entries.remove(at);
            0
        }
        None => {
            shell.builtin_error(call, &[text, b": history position out of range"].concat());
            1
        }
    }
}

fn write_file(shell: &mut Shell, call: &mut Call<'_>, name: Option<&Vec<u8>>, append: bool) -> u8 {
    use crate::sys::OpenFlags;
    let Some(path) = shell.history_file(name) else { return 0 };
    let mut text = Vec::new();
    for line in &shell.builtins.history.entries {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    let flags = if append { OpenFlags::APPEND } else { OpenFlags::WRITE };
    let result = shell.sys.open(&path, flags, 0o600).and_then(|fd| {
        let written = shell.sys.write(fd, &text);
        let _ = shell.sys.close(fd);
        written
    });
    match result {
        Ok(()) => 0,
        Err(error) => {
            shell.builtin_error(call, &[&path, b": ".as_slice(), error.text().as_bytes()].concat());
            1
        }
    }
}

fn read_file(shell: &mut Shell, call: &mut Call<'_>, name: Option<&Vec<u8>>) -> u8 {
    let Some(path) = shell.history_file(name) else { return 0 };
    match shell.read_file(&path) {
        Ok(content) => {
            for line in content.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                shell.remember_line(line);
            }
            0
        }
        Err(error) => {
            shell.builtin_error(call, &[&path, b": ".as_slice(), error.text().as_bytes()].concat());
            1
        }
    }
}

fn fc(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"e:lnrs") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    if !parsed.has(b'l') {
        shell.builtin_error(call, b"no command found");
        return Ok(1);
    }
    let history = Rc::clone(&shell.builtins.history);
    let length = history.entries.len();
    let place = |text: Option<&Vec<u8>>, default: usize| -> usize {
        let Some(text) = text else { return default };
        match options::number(text) {
            Some(number) if number < 0 => {
                length.saturating_sub(usize::try_from(number.unsigned_abs()).unwrap_or(length))
            }
            Some(number) => usize::try_from(number).unwrap_or(0).saturating_sub(history.base + 1),
            None => history.entries.iter().rposition(|line| line.starts_with(text)).unwrap_or(default),
        }
    };
    let last = length.saturating_sub(1);
    let first = place(parsed.rest.first(), length.saturating_sub(16)).min(last);
    let last = place(parsed.rest.get(1), last).min(last);
    let mut chosen: Vec<usize> = (first.min(last)..=first.max(last)).filter(|at| *at < length).collect();
    if parsed.has(b'r') != (first > last) {
        chosen.reverse();
    }
    for at in chosen {
        let Some(line) = history.entries.get(at) else { continue };
        let number = if parsed.has(b'n') { String::new() } else { (history.base + at + 1).to_string() };
        call.line(&[number.as_bytes(), b"\t ", line].concat());
    }
    Ok(0)
}
