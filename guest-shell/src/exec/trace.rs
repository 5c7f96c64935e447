//! `set -x`: what is printed before a command is executed.

use crate::flow::Unwind;
use crate::options::SetOption;
use crate::shell::Shell;
use crate::tree::{Arith, Assignment, Command, Element, Value, Word};
use crate::vars::{Name, is_name, quote_ansi_c};

use super::simple::{Words, assignment_left_side};

impl Shell {
    /// PS4, expanded; its first character once per level of `eval` and substitution.
    fn trace_prefix(&mut self) -> Vec<u8> {
        let prompt = self.text_of(Name::PS4).map(|text| text.into_owned()).unwrap_or_default();
        // The prompt is not traced itself.
        self.options.set(SetOption::XTrace, false);
        let (status, substitution) = (self.status, self.exec.substitution_status);
        let expanded: Result<Vec<u8>, Unwind> = self.expand_prompt(&prompt);
        self.status = status;
        self.exec.substitution_status = substitution;
        self.options.set(SetOption::XTrace, true);
        let prefix = expanded.unwrap_or_default();
        let levels = 1 + usize::try_from(self.exec.trace_level).unwrap_or(0);
        let first = std::str::from_utf8(&prefix).ok().and_then(|text| text.chars().next());
        match first {
            Some(first) => {
                let rest = prefix.get(first.len_utf8()..).unwrap_or_default();
                [first.to_string().repeat(levels).as_bytes(), rest].concat()
            }
            None => prefix,
        }
    }

    fn trace_line(&mut self, text: &[u8]) {
        let mut line = self.trace_prefix();
        line.extend_from_slice(text);
        line.push(b'\n');
        let fd = self
            .text_of(Name::new(b"BASH_XTRACEFD"))
            .and_then(|text| std::str::from_utf8(&text).ok().and_then(|text| text.parse::<u32>().ok()));
        let _ = self.sys.write(fd.unwrap_or(2), &line);
    }

    /// A command's words. Arrays among the arguments are shown before it, what `export` and `readonly` assign behind it.
    pub(crate) fn trace_words(&mut self, words: &Words<'_>) {
        for (_, assignment) in &words.arrays {
            let mut text = assignment_left_side(assignment);
            text.push(b'=');
            text.extend(traced_elements(assignment));
            self.trace_line(&text);
        }
        self.trace_texts(&words.words);
        let name = words.words.first().map_or(&[][..], |name| name);
        if !matches!(name, b"export" | b"readonly") {
            return;
        }
        for word in words.words.iter().skip(1) {
            if let Some(at) = word.iter().position(|byte| *byte == b'=')
                && is_name(&word[..at])
            {
                self.trace_assignment(&word[..at], &word[at + 1..]);
            }
        }
    }

    /// As `trace_words` for texts.
    pub(crate) fn trace_texts(&mut self, words: &[Vec<u8>]) {
        let texts: Vec<Vec<u8>> = words.iter().map(|word| quote_traced(word)).collect();
        self.trace_line(&texts.join(&b' '));
    }

    /// One assignment with the value it got.
    pub(crate) fn trace_assignment(&mut self, left: &[u8], value: &[u8]) {
        let value = if value.is_empty() { Vec::new() } else { quote_traced(value) };
        self.trace_line(&[left, b"=", &value].concat());
    }

    /// An assignment as written, for arrays.
    pub(crate) fn trace_source(&mut self, assignment: &crate::tree::Assignment) {
        let text = match &assignment.value {
            crate::tree::Value::Array(_) => assignment.source(),
            crate::tree::Value::Scalar(_) => assignment_left_side(assignment),
        };
        self.trace_line(&text);
    }

    /// `(( expression ))`.
    pub(crate) fn trace_arith(&mut self, expression: &Arith) {
        if self.is_set(SetOption::XTrace) {
            let source = expression.word.source();
            self.trace_line(&[b"(( ".as_slice(), &source, b" ))"].concat());
        }
    }

    /// `case word in`.
    pub(crate) fn trace_case(&mut self, word: &Word) {
        if self.is_set(SetOption::XTrace) {
            let source = word.source();
            self.trace_line(&[b"case ", source.as_slice(), b" in"].concat());
        }
    }

    /// `for name in words`, `select name in words`.
    pub(crate) fn trace_for(&mut self, command: &Command) {
        if self.is_set(SetOption::XTrace) {
            self.trace_line(&super::command_text(command));
        }
    }

    /// One test of `[[ ]]`.
    pub(crate) fn trace_cond(&mut self, parts: &[&[u8]]) {
        if self.is_set(SetOption::XTrace) {
            let mut text = b"[[".to_vec();
            if std::mem::take(&mut self.exec.cond_negated) {
                text.extend_from_slice(b" !");
            }
            for part in parts {
                text.push(b' ');
                if part.is_empty() {
                    text.extend_from_slice(b"''");
                } else {
                    text.extend_from_slice(part);
                }
            }
            text.extend_from_slice(b" ]]");
            self.trace_line(&text);
        }
    }
}

/// A word as `set -x` shows it: in single quotes when anything in it means something to the shell.
fn quote_traced(word: &[u8]) -> Vec<u8> {
    if word.is_empty() {
        return b"''".to_vec();
    }
    let special = |(at, byte): (usize, &u8)| match byte {
        b'~' => at == 0 || b"=:".contains(&word[at - 1]),
        b'#' => at == 0 || b" \t".contains(&word[at - 1]),
        byte => b" \t\n'\"\\|&;()<>!{}*[?]^$`".contains(byte),
    };
    if word.iter().enumerate().any(special) {
        return quote_raw(word);
    }
    let plain = std::str::from_utf8(word).is_ok_and(|text| !text.contains(char::is_control));
    if plain { word.to_vec() } else { quote_ansi_c(word) }
}

/// `'text'`, whatever is in it.
fn quote_raw(word: &[u8]) -> Vec<u8> {
    if word == b"'" {
        return b"\\'".to_vec();
    }
    let parts: Vec<&[u8]> = word.split(|byte| *byte == b'\'').collect();
    [b"'".as_slice(), &parts.join(&b"'\\''"[..]), b"'"].concat()
}

/// `( ... )` of an array among the arguments, its constants in single quotes.
fn traced_elements(assignment: &Assignment) -> Vec<u8> {
    let Value::Array(elements) = &assignment.value else { return Vec::new() };
    let show = |word: &Word| match word.constant() {
        Some(text) => quote_raw(text),
        None => word.source(),
    };
    let texts: Vec<Vec<u8>> = elements
        .iter()
        .map(|element| match element {
            Element::Word(word) => show(word),
            Element::Keyed { index, append, value, .. } => {
                let operator: &[u8] = if *append { b"]+=" } else { b"]=" };
                let value = if value.pieces.is_empty() { b"''".to_vec() } else { show(value) };
                [b"[", show(&index.word).as_slice(), operator, &value].concat()
            }
        })
        .collect();
    [b"(".as_slice(), &texts.join(&b' '), b")"].concat()
}
