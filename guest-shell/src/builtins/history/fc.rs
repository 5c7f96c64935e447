//! `fc`: lists commands of the history, runs them again, edits them.

use std::rc::Rc;

use crate::builtins::{Call, builtin, options};
use crate::flow::{Flow, Unwind};
use crate::shell::Shell;
use crate::sys::OpenFlags;
use crate::vars::Name;

use super::History;

builtin! {
    /// Display or execute commands from the history list.
    ///
    /// FIRST and LAST are numbers (negative: from the end) or the beginning of a command. Without -l and -s the range
    /// is edited and what the editor leaves is executed.
    ///
    /// Options:
    ///   -e ename	the editor; else $FCEDIT, $EDITOR, vi
    ///   -l	list lines instead of editing
    ///   -n	list without numbers
    ///   -r	newest lines first
    ///   -s	execute the command again, with every PAT replaced by REP
    FC = "fc", "fc [-e ename] [-lnr] [first] [last] or fc -s [pat=rep] [command]", fc
}

/// How many commands `fc -l` lists.
const LISTED: usize = 16;
/// The mode of the file that is edited.
const FILE_MODE: u32 = 0o600;

/// What the arguments ask for.
#[derive(Default)]
struct Asked<'a> {
    editor: Option<&'a [u8]>,
    list: bool,
    bare: bool,
    reverse: bool,
    again: bool,
    rest: &'a [Vec<u8>],
}

fn fc(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let asked = match parse(shell, call) {
        Ok(asked) => asked,
        Err(status) => return Ok(status),
    };
    if asked.again || asked.editor == Some(b"-") {
        return run_again(shell, call, asked.rest);
    }
    // The command that is running is in the list already and none of those meant.
    let hidden = usize::from(shell.builtins.recorded);
    let history = Rc::clone(&shell.builtins.history);
    let length = history.entries.len().saturating_sub(hidden);
    if length == 0 {
        return Ok(0);
    }
    let default = if asked.list { length.saturating_sub(LISTED) } else { length - 1 };
    // A number beyond the list is no number to `-l`.
    let beyond =
        |text: &&Vec<u8>| options::number(text).is_some_and(|number| number > 0 && history.place(number).is_none());
    let first = place(&history, length, asked.rest.first().filter(|text| !asked.list || !beyond(text)), default);
    let last_default = if asked.list { Some(length - 1) } else { first };
    let last = match asked.rest.get(1) {
        Some(text) => place(&history, length, Some(text), 0),
        None => last_default,
    };
    let (Some(first), Some(last)) = (first, last) else {
        shell.builtin_error(call, b"no command found");
        return Ok(1);
    };
    let mut chosen: Vec<usize> = (first.min(last)..=first.max(last)).collect();
    if asked.reverse != (first > last) {
        chosen.reverse();
    }
    if !asked.list {
        return edit(shell, call, &asked, &chosen);
    }
    for at in chosen {
        let Some(entry) = history.entries.get(at) else { continue };
        let number = if asked.bare { String::new() } else { (history.base + at + 1).to_string() };
        call.line(&[number.as_bytes(), b"\t ", &entry.line].concat());
    }
    Ok(0)
}

/// Takes the options; a number with a dash is an operand.
fn parse<'a>(shell: &mut Shell, call: &mut Call<'a>) -> Result<Asked<'a>, u8> {
    let mut asked = Asked { rest: call.args(), ..Asked::default() };
    while let Some((word, after)) = asked.rest.split_first() {
        let Some(letters) = word.strip_prefix(b"-").filter(|letters| !letters.is_empty()) else { break };
        if letters.iter().all(u8::is_ascii_digit) {
            break;
        }
        asked.rest = after;
        if letters == b"-" {
            break;
        }
        for (at, letter) in letters.iter().enumerate() {
            match letter {
                b'l' => asked.list = true,
                b'n' => asked.bare = true,
                b'r' => asked.reverse = true,
                b's' => asked.again = true,
                b'e' => {
                    let inside = letters.get(at + 1..).filter(|rest| !rest.is_empty());
                    asked.editor = match inside {
                        Some(inside) => Some(inside),
                        None => match asked.rest.split_first() {
                            Some((value, after)) => {
                                asked.rest = after;
                                Some(value)
                            }
                            None => {
                                shell.builtin_error(call, b"-e: option requires an argument");
                                return Err(shell.usage_error(call));
                            }
                        },
                    };
                    break;
                }
                letter => {
                    shell.builtin_error(call, &[b"-", &[*letter][..], b": invalid option"].concat());
                    return Err(shell.usage_error(call));
                }
            }
        }
    }
    Ok(asked)
}

/// The entry a text names; a number beyond the list is its end, a beginning that nothing has is none.
fn place(history: &History, length: usize, text: Option<&Vec<u8>>, default: usize) -> Option<usize> {
    let Some(text) = text else { return Some(default) };
    match options::number(text) {
        Some(number) if number < 0 => {
            Some(length.saturating_sub(usize::try_from(number.unsigned_abs()).unwrap_or(length)))
        }
        Some(0) => Some(length - 1),
        Some(number) => {
            let at = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(history.base + 1);
            Some(if at < length { at } else { length - 1 })
        }
        None => history.entries.iter().take(length).rposition(|entry| entry.line.starts_with(text)),
    }
}

/// `fc -s [pat=rep]... [command]`.
fn run_again(shell: &mut Shell, call: &mut Call<'_>, args: &[Vec<u8>]) -> Flow<u8> {
    let is_change = |arg: &&Vec<u8>| arg.contains(&b'=');
    let changes: Vec<_> = args.iter().take_while(is_change).collect();
    let hidden = usize::from(shell.builtins.recorded);
    let history = Rc::clone(&shell.builtins.history);
    let length = history.entries.len().saturating_sub(hidden);
    let found = length.checked_sub(1).and_then(|last| place(&history, length, args.get(changes.len()), last));
    let Some(entry) = found.and_then(|at| history.entries.get(at)) else {
        shell.builtin_error(call, b"no command found");
        return Ok(1);
    };
    let mut line = entry.line.clone();
    for change in changes {
        let at = change.iter().position(|byte| *byte == b'=').unwrap_or(change.len());
        let (pattern, replacement) = (&change[..at], change.get(at + 1..).unwrap_or_default());
        line = replaced(&line, pattern, replacement);
    }
    shell.write_error(&[line.as_slice(), b"\n"].concat());
    shell.forget_this_command();
    if shell.is_set(crate::options::SetOption::History) {
        shell.remember_line(&line);
    }
    run(shell, &line)
}

fn run(shell: &mut Shell, text: &[u8]) -> Flow<u8> {
    let line = shell.line;
    shell.eval_text(text, line)?;
    Ok(shell.status)
}

fn replaced(line: &[u8], pattern: &[u8], replacement: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = line;
    while !pattern.is_empty()
        && let Some(at) = crate::pattern::find_bytes(rest, pattern)
    {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(replacement);
        rest = &rest[at + pattern.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// Writes commands to a file, has it edited and executes it.
fn edit(shell: &mut Shell, call: &mut Call<'_>, asked: &Asked<'_>, chosen: &[usize]) -> Flow<u8> {
    let history = Rc::clone(&shell.builtins.history);
    let mut text = Vec::new();
    for entry in chosen.iter().filter_map(|at| history.entries.get(*at)) {
        text.extend_from_slice(&entry.line);
        text.push(b'\n');
    }
    let folder = shell.text_of(Name::TMPDIR).map_or_else(|| b"/tmp".to_vec(), |text| text.into_owned());
    let path = [&folder, b"/bash-fc.".as_slice(), format!("{:012x}", shell.sys.random_u64()).as_bytes()].concat();
    let flags = OpenFlags { exclusive: true, ..OpenFlags::WRITE };
    let written = shell.sys.open(&path, flags, FILE_MODE).and_then(|fd| {
        let written = shell.sys.write(fd, &text);
        let _ = shell.sys.close(fd);
        written
    });
    if let Err(error) = written {
        let text = [&path, b": cannot open temp file: ".as_slice(), error.text().as_bytes()].concat();
        shell.builtin_error(call, &text);
        return Ok(1);
    }
    let result = edit_file(shell, asked.editor, &path);
    let status = shell.status;
    let remove = [b"command rm -f -- ", crate::vars::quote_single(&path).as_slice()].concat();
    shell.eval_text(&remove, shell.line)?;
    shell.status = status;
    result
}

fn edit_file(shell: &mut Shell, editor: Option<&[u8]>, path: &[u8]) -> Flow<u8> {
    let editor = match editor {
        Some(editor) => editor.to_vec(),
        None => b"${FCEDIT:-${EDITOR:-vi}}".to_vec(),
    };
    let command = [&editor, b" ".as_slice(), &crate::vars::quote_single(path)].concat();
    if run(shell, &command)? != 0 {
        return Ok(1);
    }
    let Ok(edited) = shell.read_file(path) else { return Ok(1) };
    shell.write_error(&edited);
    shell.forget_this_command();
    if shell.is_set(crate::options::SetOption::History) {
        shell.remember_line(edited.trim_ascii_end());
    }
    match run(shell, &edited) {
        Err(Unwind::Discard(status)) => Ok(status),
        other => other,
    }
}
