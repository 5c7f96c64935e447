//! How commands come into the history: joined to one line, filtered by HISTCONTROL and HISTIGNORE.

use std::rc::Rc;

use crate::options::{SetOption, ShellOption};
use crate::pattern::{Flags, Matcher};
use crate::shell::Shell;
use crate::vars::{Name, Var};

/// What may stand before a line break that is only a blank in one line.
const OPEN_ENDS: &[&[u8]] = &[
    b"{", b"(", b")", b";", b"&", b"|", b"&&", b"||", b"case", b"do", b"else", b"if", b"then", b"until", b"while",
    b"in", b";;", b";&", b";;&",
];

impl Shell {
    /// Takes a command as it was read, when the shell keeps a history.
    pub(crate) fn record_command(&mut self, text: &[u8]) {
        self.builtins.recorded = false;
        if !self.is_set(SetOption::History) {
            return;
        }
        let text = text.trim_ascii_end();
        let blank = text.iter().take_while(|byte| **byte == b'\n').count();
        let text = text.get(blank..).unwrap_or_default();
        if text.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let line = if self.is_shopt(ShellOption::LitHist) { text.to_vec() } else { joined(text) };
        if self.keeps(&line) {
            self.erase_duplicates(&line);
            self.remember_line(&line);
            self.builtins.recorded = true;
        }
    }

    /// Takes the command that is running out of the history again: `fc` and `history -s` stand for others.
    pub(super) fn forget_this_command(&mut self) {
        if std::mem::take(&mut self.builtins.recorded) {
            let history = Rc::make_mut(&mut self.builtins.history);
            history.entries.pop();
            history.unsaved = history.unsaved.saturating_sub(1);
        }
    }

    /// `set -o history` gives a history its size.
    pub(crate) fn begin_history(&mut self) {
        for name in [Name::HISTSIZE, Name::new(b"HISTFILESIZE")] {
            if self.vars.var(name).is_none() {
                self.vars.put(name, Var::scalar("500"));
            }
        }
    }

    fn history_control(&self, wanted: &[&[u8]]) -> bool {
        self.text_of(Name::new(b"HISTCONTROL"))
            .is_some_and(|text| text.split(|byte| *byte == b':').any(|word| wanted.contains(&word)))
    }

    fn keeps(&self, line: &[u8]) -> bool {
        let last = self.builtins.history.entries.last().map(|entry| entry.line.as_slice());
        if self.history_control(&[b"ignorespace", b"ignoreboth"]) && line.starts_with(b" ") {
            return false;
        }
        if self.history_control(&[b"ignoredups", b"ignoreboth"]) && last == Some(line) {
            return false;
        }
        let Some(ignored) = self.text_of(Name::new(b"HISTIGNORE")) else { return true };
        !ignored.split(|byte| *byte == b':').filter(|pattern| !pattern.is_empty()).any(|pattern| match pattern {
            b"&" => last == Some(line),
            pattern => Matcher::new(pattern, Flags::default()).matches(line),
        })
    }

    fn erase_duplicates(&mut self, line: &[u8]) {
        if self.history_control(&[b"erasedups"]) {
            Rc::make_mut(&mut self.builtins.history).entries.retain(|entry| entry.line != line);
        }
    }
}

/// A command of several lines as one: a line break becomes `; ` or a blank; inside quotes and here-documents it stays.
fn joined(text: &[u8]) -> Vec<u8> {
    if crate::pattern::find_bytes(text, b"<<").is_some() {
        return text.to_vec();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut quote = None;
    let mut rest = text.iter().copied();
    while let Some(byte) = rest.next() {
        match (quote, byte) {
            (None, b'\'' | b'"' | b'`') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            (None | Some(b'"' | b'`'), b'\\') => {
                match rest.next() {
                    // A continued line is one line.
                    Some(b'\n') => {}
                    after => {
                        out.push(b'\\');
                        out.extend(after);
                    }
                }
                continue;
            }
            (None, b'\n') => {
                let last = out.rsplit(|byte| byte.is_ascii_whitespace() || *byte == b';').next().unwrap_or_default();
                let open = OPEN_ENDS.contains(&last)
                    || out.ends_with(b";")
                    || out.ends_with(b"|")
                    || out.ends_with(b"&")
                    || out.ends_with(b")")
                    || out.ends_with(b"(");
                out.extend_from_slice(if open { b" " } else { b"; " });
                continue;
            }
            _ => {}
        }
        out.push(byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, line: &str) {
        assert_eq!(String::from_utf8_lossy(&joined(text.as_bytes())), line);
    }

    #[test]
    fn commands_of_several_lines_become_one_line() {
        check("for i in 1; do\n  echo $i\ndone", "for i in 1; do   echo $i; done");
        check("echo 'a\nb'", "echo 'a\nb'");
        check("a &&\nb", "a && b");
        check("f() {\n  x\n}", "f() {   x; }");
        check("echo a \\\n b", "echo a  b");
    }
}
