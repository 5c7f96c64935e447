//! What a specification offers for a word: its actions, patterns, words, functions and commands, filtered and dressed.

use crate::flow::Flow;
use crate::options::SetOption;
use crate::pattern::{Flags, Matcher};
use crate::shell::Shell;
use crate::vars::{Name, Value, quote_single};

use super::Specification;

/// How often a function may ask (with status 124) that the completion begin again.
const RETRIES_MAX: usize = 8;
/// The status by which a function asks for that.
const RETRY: u8 = 124;

/// The line that is completed, as functions and commands see it.
#[derive(Debug, Clone, Default)]
pub(super) struct Context {
    /// `COMP_LINE`.
    pub(super) line: Vec<u8>,
    /// `COMP_POINT`.
    pub(super) point: usize,
    /// `COMP_WORDS`.
    pub(super) words: Vec<Vec<u8>>,
    /// `COMP_CWORD`.
    pub(super) current: usize,
    /// The command whose argument is completed.
    pub(super) command: Vec<u8>,
}

impl Shell {
    /// What `compgen` prints.
    pub(super) fn generate_for_compgen(&mut self, specification: &Specification, word: &[u8]) -> Flow<Vec<Vec<u8>>> {
        let context = Context { command: b"compgen".to_vec(), ..Context::default() };
        let mut found = self.generate(specification, word, &context)?;
        if found.is_empty() && (specification.has_option("default") || specification.has_option("bashdefault")) {
            found = self.file_candidates(word, false);
        }
        Ok(found)
    }

    /// What a specification offers for a word.
    pub(super) fn generate(
        &mut self,
        specification: &Specification,
        word: &[u8],
        context: &Context,
    ) -> Flow<Vec<Vec<u8>>> {
        let mut found = self.action_candidates(specification, word);
        if let Some(pattern) = &specification.glob
            && let Ok(tree) = crate::parse::word(pattern, self.parse_options())
        {
            let mut paths = Vec::new();
            self.expand_word(&tree, &mut paths)?;
            // What matches nothing stays as it is, and is no file.
            paths.retain(|path| self.sys.stat(path, false).is_ok());
            found.append(&mut paths);
        }
        if let Some(list) = &specification.words {
            let words = self.expand_word_list(list)?;
            found.extend(words.into_iter().filter(|candidate| candidate.starts_with(word)));
        }
        if let Some(function) = &specification.function {
            found.extend(self.function_candidates(function, word, context)?);
        }
        if let Some(command) = &specification.command {
            found.extend(self.command_output(command, word, context)?);
        }
        if let Some(filter) = &specification.filter {
            let (negated, pattern) =
                filter.strip_prefix(b"!").map_or((false, filter.as_slice()), |pattern| (true, pattern));
            let matcher = Matcher::new(&with_word(pattern, word), Flags::default());
            found.retain(|candidate| matcher.matches(candidate) == negated);
        }
        let prefix = specification.prefix.as_deref().unwrap_or_default();
        let suffix = specification.suffix.as_deref().unwrap_or_default();
        if !prefix.is_empty() || !suffix.is_empty() {
            found = found.into_iter().map(|candidate| [prefix, &candidate, suffix].concat()).collect();
        }
        if found.is_empty() && specification.has_option("dirnames") || specification.has_option("plusdirs") {
            found.extend(self.file_candidates(word, true));
        }
        Ok(found)
    }

    /// The words of `-W`: split at IFS outside quotes, then expanded without globbing.
    fn expand_word_list(&mut self, list: &[u8]) -> Flow<Vec<Vec<u8>>> {
        let ifs = self.text_of(Name::IFS).map_or_else(|| b" \t\n".to_vec(), |ifs| ifs.into_owned());
        let globbing = self.is_set(SetOption::NoGlob);
        self.options.set(SetOption::NoGlob, true);
        let mut words = Vec::new();
        let mut result = Ok(());
        for part in split_outside_quotes(list, &ifs) {
            match crate::parse::word(part, self.parse_options()) {
                Ok(tree) => result = self.expand_word(&tree, &mut words),
                Err(_) => words.push(part.to_vec()),
            }
            if result.is_err() {
                break;
            }
        }
        self.options.set(SetOption::NoGlob, globbing);
        result.map(|()| words)
    }

    /// `-F function`: calls it and takes COMPREPLY.
    fn function_candidates(&mut self, function: &[u8], word: &[u8], context: &Context) -> Flow<Vec<Vec<u8>>> {
        for _ in 0..RETRIES_MAX {
            let Some(definition) = self.functions.get(function).cloned() else {
                let text = [b"completion: function `", function, b"' not found"].concat();
                self.report(&text);
                return Ok(Vec::new());
            };
            let previous = context.current.checked_sub(1).and_then(|at| context.words.get(at)).cloned();
            let args = vec![function.to_vec(), context.command.clone(), word.to_vec(), previous.unwrap_or_default()];
            let _ = self.unset_variable(Name::COMPREPLY);
            self.bind_context(context)?;
            let outer = self.builtins.completing.replace(0);
            let result = self.call_function(&definition, args);
            self.builtins.completing = outer;
            self.unbind_context();
            result?;
            if self.status != RETRY {
                break;
            }
        }
        let reply = self.variable(Name::COMPREPLY).map(|var| match &var.value {
            Value::Indexed(array) => array.values().map(<[u8]>::to_vec).collect(),
            Value::Scalar(text) if var.is_set() => vec![text.clone()],
            Value::Scalar(_) | Value::Assoc(_) => Vec::new(),
        });
        let _ = self.unset_variable(Name::COMPREPLY);
        Ok(reply.unwrap_or_default())
    }

    /// `-C command`: the lines it prints.
    fn command_output(&mut self, command: &[u8], word: &[u8], context: &Context) -> Flow<Vec<Vec<u8>>> {
        let previous = context.current.checked_sub(1).and_then(|at| context.words.get(at));
        let quoted = |text: &[u8]| if text.is_empty() { b"''".to_vec() } else { quote_single(text) };
        let arguments = [quoted(&context.command), quoted(word), quoted(previous.map_or(&[][..], |word| word))];
        let text = [b"\"$(", command, b" ", &arguments.join(&b' '), b")\""].concat();
        let Ok(tree) = crate::parse::word(&text, self.parse_options()) else { return Ok(Vec::new()) };
        self.bind_context(context)?;
        let output = self.expand_single(&tree);
        self.unbind_context();
        let output = output?;
        Ok(output.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect())
    }

    /// Sets the COMP_ variables.
    fn bind_context(&mut self, context: &Context) -> Flow {
        let texts = [
            (&b"COMP_LINE"[..], context.line.clone()),
            (b"COMP_POINT", context.point.to_string().into_bytes()),
            (b"COMP_CWORD", context.current.to_string().into_bytes()),
            (b"COMP_TYPE", b"9".to_vec()),
            (b"COMP_KEY", b"9".to_vec()),
        ];
        for (name, text) in texts {
            let set = self.set_variable(Name::new(name), &text, false);
            self.checked(set)?;
        }
        let set = self.set_array(Name::new(b"COMP_WORDS"), context.words.clone());
        self.checked(set)
    }

    fn unbind_context(&mut self) {
        let names: [&[u8]; 6] = [b"COMP_LINE", b"COMP_POINT", b"COMP_CWORD", b"COMP_TYPE", b"COMP_KEY", b"COMP_WORDS"];
        for name in names {
            let _ = self.unset_variable(Name::new(name));
        }
    }
}

/// A filter's pattern with each `&` replaced by the word; `\&` is an ampersand.
fn with_word(pattern: &[u8], word: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'\\' if rest.first() == Some(&b'&') => {
                out.push(b'&');
                rest = rest.get(1..).unwrap_or_default();
            }
            b'&' => out.extend_from_slice(word),
            byte => out.push(*byte),
        }
    }
    out
}

/// The parts of a text between separators that are not quoted and not inside a substitution.
pub(super) fn split_outside_quotes<'a>(text: &'a [u8], separators: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut begin = 0;
    let mut quote = None;
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match (quote, byte) {
            (Some(b'\''), b'\'') | (Some(b'"'), b'"') | (Some(b'`'), b'`') => quote = None,
            (Some(b'\''), _) => {}
            (_, b'\\') => at += 1,
            (Some(_), _) => {}
            (None, b'\'' | b'"' | b'`') => quote = Some(*byte),
            (None, b'(') if depth > 0 || at > 0 && text.get(at - 1) == Some(&b'$') => depth += 1,
            (None, b')') if depth > 0 => depth -= 1,
            (None, byte) if depth == 0 && separators.contains(byte) => {
                parts.push(text.get(begin..at).unwrap_or_default());
                begin = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    parts.push(text.get(begin..).unwrap_or_default());
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_outside_quotes() {
        let parts = split_outside_quotes(b"a \"b c\"  `d e` $(f g) h\\ i", b" ");
        let parts: Vec<_> = parts.iter().map(|part| String::from_utf8_lossy(part).into_owned()).collect();
        assert_eq!(parts, ["a", "\"b c\"", "`d e`", "$(f g)", "h\\ i"]);
    }

    #[test]
    fn a_filter_names_the_word_by_an_ampersand() {
        assert_eq!(with_word(b"&*\\&", b"ab"), b"ab*&");
    }
}
