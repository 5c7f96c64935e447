//! `complete`, `compgen`, `compopt`, and the completion of a line.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::flow::Flow;
use crate::pattern::{Flags, Matcher};
use crate::shell::Shell;
use crate::sys::FileKind;
use crate::vars::Name;

use super::{Call, Parsed, builtin, type_};

builtin! {
    /// Display possible completions depending on the options.
    ///
    /// Intended to be used from within a shell function generating possible completions. If the optional WORD argument
    /// is supplied, matches against WORD are generated.
    COMPGEN = "compgen", "compgen [-abcdefgjksuv] [-o option] [-A action] [-G globpat] [-W wordlist] [-F function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [word]", compgen
}
builtin! {
    /// Specify how arguments are to be completed by Readline.
    ///
    /// For each NAME, specify how arguments are to be completed. If no options are supplied, existing completion
    /// specifications are printed in a way that allows them to be reused as input.
    ///
    /// Options:
    ///   -p	print existing completion specifications in a reusable format
    ///   -r	remove a completion specification for each NAME, or, if no NAMEs are supplied, all of them
    COMPLETE = "complete", "complete [-abcdefgjksuv] [-pr] [-DEI] [-o option] [-A action] [-G globpat] [-W wordlist] [-F function] [-C command] [-X filterpat] [-P prefix] [-S suffix] [name ...]", complete
}
builtin! {
    /// Modify or display completion options.
    ///
    /// Modify the completion options for each NAME, or, if no NAMEs are supplied, the completion currently being
    /// executed.
    COMPOPT = "compopt", "compopt [-o|+o option] [-DEI] [name ...]", compopt
}

/// The options `complete` and `compgen` share.
const LETTERS: &[u8] = b"abcdefgjksuvo:A:G:W:F:C:X:P:S:prDEI";

/// How one command's arguments are completed: the options as they were given.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Specification {
    /// Letters with their arguments.
    options: Vec<(u8, Option<Vec<u8>>)>,
}

/// Specifications by command name.
pub(crate) type Specifications = BTreeMap<Vec<u8>, Specification>;

impl Specification {
    fn of(parsed: &Parsed<'_>) -> Specification {
        let kept = parsed.letters().iter().filter(|(letter, _)| !b"prDEI".contains(letter));
        Specification { options: kept.map(|(letter, value)| (*letter, value.map(<[u8]>::to_vec))).collect() }
    }

    fn value(&self, letter: u8) -> Option<&[u8]> {
        self.options.iter().find(|(known, _)| *known == letter).and_then(|(_, value)| value.as_deref())
    }

    fn actions(&self) -> Vec<&[u8]> {
        let by_letter = |letter: u8| -> Option<&'static [u8]> {
            Some(match letter {
                b'a' => b"alias",
                b'b' => b"builtin",
                b'c' => b"command",
                b'd' => b"directory",
                b'e' => b"export",
                b'f' => b"file",
                b'g' => b"group",
                b'j' => b"job",
                b'k' => b"keyword",
                b's' => b"service",
                b'u' => b"user",
                b'v' => b"variable",
                _ => return None,
            })
        };
        let named = |(letter, value): &'_ (u8, Option<Vec<u8>>)| match letter {
            b'A' => None,
            letter => {
                let _ = value;
                by_letter(*letter)
            }
        };
        let mut actions: Vec<&[u8]> = self.options.iter().filter_map(named).collect();
        actions.extend(
            self.options.iter().filter(|(letter, _)| *letter == b'A').filter_map(|(_, value)| value.as_deref()),
        );
        actions
    }
}

fn compgen(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, LETTERS) {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    let specification = Specification::of(&parsed);
    for action in specification.actions() {
        if !ACTIONS.contains(&action) {
            shell.builtin_error(call, &[action, b": invalid action name"].concat());
            return Ok(2);
        }
    }
    let word = parsed.rest.first().map_or(&[][..], |word| word);
    let found = shell.generate(&specification, word, b"compgen")?;
    found.iter().for_each(|candidate| call.line(candidate));
    Ok(u8::from(found.is_empty()))
}

fn complete(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, LETTERS) {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    let mut names = parsed.rest.to_vec();
    for (letter, name) in [(b'D', "-D"), (b'E', "-E"), (b'I', "-I")] {
        if parsed.has(letter) {
            names.push(name.as_bytes().to_vec());
        }
    }
    if parsed.has(b'r') {
        if names.is_empty() {
            shell.builtins.completions = Rc::default();
        }
        let mut status = 0;
        for name in &names {
            if Rc::make_mut(&mut shell.builtins.completions).remove(name).is_none() {
                shell.builtin_error(call, &[name, b": no completion specification".as_slice()].concat());
                status = 1;
            }
        }
        return Ok(status);
    }
    let specification = Specification::of(&parsed);
    if parsed.has(b'p') || names.is_empty() {
        return Ok(show(shell, call, &names));
    }
    for name in names {
        Rc::make_mut(&mut shell.builtins.completions).insert(name, specification.clone());
    }
    Ok(0)
}

fn show(shell: &mut Shell, call: &mut Call<'_>, names: &[Vec<u8>]) -> u8 {
    let all = Rc::clone(&shell.builtins.completions);
    let mut status = 0;
    for name in names.iter().filter(|name| !all.contains_key(*name)) {
        shell.builtin_error(call, &[name, b": no completion specification".as_slice()].concat());
        status = 1;
    }
    for (name, specification) in all.iter().filter(|(name, _)| names.is_empty() || names.contains(name)) {
        let mut line = b"complete".to_vec();
        for (letter, value) in &specification.options {
            line.extend_from_slice(&[b' ', b'-', *letter]);
            if let Some(value) = value {
                line.push(b' ');
                line.extend(if b"WXPS".contains(letter) { crate::vars::quote_single(value) } else { value.clone() });
            }
        }
        call.line(&[&line, b" ".as_slice(), name].concat());
    }
    status
}

fn compopt(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let unknown = call
        .args()
        .iter()
        .find(|arg| arg.starts_with(b"-") && !matches!(arg.as_slice(), b"-o" | b"-D" | b"-E" | b"-I"));
    if let Some(arg) = unknown {
        shell.builtin_error(call, &[arg, b": invalid option".as_slice()].concat());
        return Ok(shell.usage_error(call));
    }
    let operands = call.args().iter().any(|arg| !arg.starts_with(b"-") && !arg.starts_with(b"+"));
    if operands {
        return Ok(0);
    }
    shell.builtin_error(call, b"not currently executing completion function");
    Ok(1)
}

/// The actions of `-A`.
const ACTIONS: &[&[u8]] = &[
    b"alias",
    b"arrayvar",
    b"binding",
    b"builtin",
    b"command",
    b"directory",
    b"disabled",
    b"enabled",
    b"export",
    b"file",
    b"function",
    b"group",
    b"helptopic",
    b"hostname",
    b"job",
    b"keyword",
    b"running",
    b"service",
    b"setopt",
    b"shopt",
    b"signal",
    b"stopped",
    b"user",
    b"variable",
];

impl Shell {
    /// What a specification offers for a word.
    fn generate(&mut self, specification: &Specification, word: &[u8], command: &[u8]) -> Flow<Vec<Vec<u8>>> {
        let mut found = Vec::new();
        for action in specification.actions() {
            found.extend(self.action_candidates(action, word));
        }
        if let Some(pattern) = specification.value(b'G') {
            let tree = crate::parse::word(pattern, self.parse_options());
            if let Ok(tree) = tree {
                self.expand_word(&tree, &mut found)?;
            }
        }
        if let Some(list) = specification.value(b'W') {
            let mut words = Vec::new();
            for part in list.split(|byte| byte.is_ascii_whitespace()).filter(|part| !part.is_empty()) {
                match crate::parse::word(part, self.parse_options()) {
                    Ok(tree) => self.expand_word(&tree, &mut words)?,
                    Err(_) => words.push(part.to_vec()),
                }
            }
            found.extend(words.into_iter().filter(|candidate| candidate.starts_with(word)));
        }
        if let Some(function) = specification.value(b'F').map(<[u8]>::to_vec) {
            found.extend(self.function_candidates(&function, word, command)?);
        }
        if let Some(filter) = specification.value(b'X') {
            let (negated, pattern) = filter.strip_prefix(b"!").map_or((false, filter), |pattern| (true, pattern));
            let matcher = Matcher::new(pattern, Flags::default());
            found.retain(|candidate| matcher.matches(candidate) == negated);
        }
        let (prefix, suffix) =
            (specification.value(b'P').unwrap_or_default(), specification.value(b'S').unwrap_or_default());
        if !prefix.is_empty() || !suffix.is_empty() {
            found = found.into_iter().map(|candidate| [prefix, &candidate, suffix].concat()).collect();
        }
        Ok(found)
    }

    /// `-F function`: calls it and takes COMPREPLY.
    fn function_candidates(&mut self, function: &[u8], word: &[u8], command: &[u8]) -> Flow<Vec<Vec<u8>>> {
        let Some(definition) = self.functions.get(function).cloned() else { return Ok(Vec::new()) };
        let args = vec![function.to_vec(), command.to_vec(), word.to_vec(), Vec::new()];
        let _ = self.unset_variable(Name::COMPREPLY);
        self.call_function(&definition, args)?;
        let reply = self.variable(Name::COMPREPLY).map(|var| match &var.value {
            crate::vars::Value::Indexed(array) => array.values().map(<[u8]>::to_vec).collect(),
            crate::vars::Value::Scalar(text) => vec![text.clone()],
            crate::vars::Value::Assoc(_) => Vec::new(),
        });
        Ok(reply.unwrap_or_default())
    }

    fn action_candidates(&self, action: &[u8], word: &[u8]) -> Vec<Vec<u8>> {
        let names: Vec<Vec<u8>> = match action {
            b"alias" => self.aliases.keys().map(|name| name.to_vec()).collect(),
            b"builtin" | b"helptopic" => super::all().map(|builtin| builtin.name.as_bytes().to_vec()).collect(),
            b"enabled" => super::all()
                .filter(|builtin| !self.builtins.disabled.contains(builtin.name.as_bytes()))
                .map(|builtin| builtin.name.as_bytes().to_vec())
                .collect(),
            b"disabled" => self.builtins.disabled.iter().cloned().collect(),
            b"keyword" => type_::KEYWORDS.iter().map(|name| name.as_bytes().to_vec()).collect(),
            b"function" => self.functions.keys().cloned().collect(),
            b"variable" => self.variable_names(|_| true),
            b"export" => self.variable_names(|var| var.attrs.has(crate::vars::Attrs::EXPORT)),
            b"arrayvar" => self.variable_names(|var| !matches!(var.value, crate::vars::Value::Scalar(_))),
            b"setopt" => crate::options::SetOption::ALL.iter().map(|option| option.name().into()).collect(),
            b"shopt" => crate::options::ShellOption::ALL.iter().map(|option| option.name().into()).collect(),
            b"signal" => crate::traps::SIGNALS
                .iter()
                .map(|(number, _)| crate::traps::signal_name(*number).into_bytes())
                .collect(),
            b"job" | b"running" => self.exec.jobs.list.iter().map(|job| job.text.clone()).collect(),
            b"user" | b"group" => vec![b"root".to_vec()],
            b"command" => return self.command_candidates(word),
            b"file" => return self.file_candidates(word, false),
            b"directory" => return self.file_candidates(word, true),
            _ => Vec::new(),
        };
        names.into_iter().filter(|name| name.starts_with(word)).collect()
    }

    fn variable_names(&self, wanted: impl Fn(&crate::vars::Var) -> bool) -> Vec<Vec<u8>> {
        let names = self.vars.names().into_iter();
        names.filter(|name| self.vars.var(*name).is_some_and(&wanted)).map(|name| name.bytes().to_vec()).collect()
    }

    fn command_candidates(&self, word: &[u8]) -> Vec<Vec<u8>> {
        if word.contains(&b'/') {
            return self.file_candidates(word, false);
        }
        let mut found = Vec::new();
        for action in [&b"alias"[..], b"keyword", b"function", b"builtin"] {
            found.extend(self.action_candidates(action, word));
        }
        let path = self.text_of(Name::PATH).map(|text| text.into_owned()).unwrap_or_default();
        for directory in path.split(|byte| *byte == b':') {
            for entry in self.sys.read_dir(directory).unwrap_or_default() {
                let is_match = entry.name.starts_with(word) && entry.kind != FileKind::Directory;
                if is_match && self.is_executable(&[directory, b"/", &entry.name].concat()) {
                    found.push(entry.name);
                }
            }
        }
        found
    }

    fn file_candidates(&self, word: &[u8], directories: bool) -> Vec<Vec<u8>> {
        let cut = word.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
        let (directory, prefix) = word.split_at(cut);
        let place = if directory.is_empty() { b".".as_slice() } else { directory };
        let entries = self.sys.read_dir(place).unwrap_or_default().into_iter();
        entries
            .filter(|entry| entry.name.starts_with(prefix) && (!prefix.is_empty() || !entry.name.starts_with(b".")))
            .map(|entry| [directory, &entry.name].concat())
            .filter(|path| !directories || self.sys.stat(path, true).is_ok_and(|stat| stat.kind == FileKind::Directory))
            .collect()
    }
}

impl Shell {
    /// Completes the word before byte `cursor` of a line: where it begins and what it may become, sorted.
    pub fn complete(&mut self, line: &[u8], cursor: usize) -> (usize, Vec<Vec<u8>>) {
        completions(self, line, cursor)
    }
}

fn completions(shell: &mut Shell, line: &[u8], cursor: usize) -> (usize, Vec<Vec<u8>>) {
    let before = line.get(..cursor.min(line.len())).unwrap_or_default();
    let breaks = |byte: &u8| b" \t\n;|&()<>\"'`".contains(byte);
    let begin = before.iter().rposition(breaks).map_or(0, |at| at + 1);
    let word = before.get(begin..).unwrap_or_default().to_vec();
    if let Some(at) = word.iter().rposition(|byte| *byte == b'$') {
        let braced = word.get(at + 1) == Some(&b'{');
        let name = word.get(at + 1 + usize::from(braced)..).unwrap_or_default();
        if name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
            let (head, tail): (&[u8], &[u8]) = if braced { (b"${", b"}") } else { (b"$", b"") };
            let found = shell.action_candidates(b"variable", name);
            return (begin + at, found.iter().map(|name| [head, name, tail].concat()).collect());
        }
    }
    let statement = before.get(..begin).unwrap_or_default();
    let from = statement.iter().rposition(|byte| b";|&(\n".contains(byte)).map_or(0, |at| at + 1);
    let words: Vec<&[u8]> = statement
        .get(from..)
        .unwrap_or_default()
        .split(|byte| byte.is_ascii_whitespace())
        .filter(|word| !word.is_empty())
        .collect();
    let mut found = match words.first() {
        None => shell.command_candidates(&word),
        Some(command) => {
            let known = shell
                .builtins
                .completions
                .get(*command)
                .or_else(|| shell.builtins.completions.get(&b"-D"[..]))
                .cloned();
            match known {
                Some(specification) => {
                    let command = command.to_vec();
                    shell.generate(&specification, &word, &command).unwrap_or_default()
                }
                None => shell.file_candidates(&word, false),
            }
        }
    };
    found.sort();
    found.dedup();
    (begin, found)
}
