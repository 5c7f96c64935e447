//! `type`, and what `command -v` shares with it.

use crate::flow::Flow;
use crate::options::ShellOption;
use crate::shell::Shell;
use crate::tree::print;
use crate::vars::quote_single;

use super::{Call, builtin};

builtin! {
    /// Display information about command type.
    ///
    /// For each NAME, indicate how it would be interpreted if used as a command name.
    ///
    /// Options:
    ///   -a	display all locations containing an executable named NAME
    ///   -f	suppress shell function lookup
    ///   -P	force a PATH search for each NAME, even if it is an alias, builtin, or function
    ///   -p	returns either the name of the disk file that would be executed, or nothing
    ///   -t	output a single word which is one of `alias', `keyword', `function', `builtin', `file' or `'
    TYPE = "type", "type [-afptP] name [name ...]", type_
}

/// bash's reserved words.
pub(crate) const KEYWORDS: &[&str] = &[
    "if", "then", "else", "elif", "fi", "case", "esac", "for", "select", "while", "until", "do", "done", "in",
    "function", "time", "{", "}", "!", "[[", "]]", "coproc",
];

/// One meaning of a name.
pub(super) enum Meaning {
    Alias(Vec<u8>),
    Keyword,
    Function,
    Builtin,
    File(Vec<u8>, bool),
}

impl Shell {
    /// All meanings of a name, the one that counts first.
    pub(super) fn meanings(&self, name: &[u8], functions: bool, path: Option<&[u8]>) -> Vec<Meaning> {
        let mut found = Vec::new();
        if self.is_shopt(ShellOption::ExpandAliases)
            && let Some(text) = self.aliases.get(name)
        {
            found.push(Meaning::Alias(text.to_vec()));
        }
        if KEYWORDS.iter().any(|keyword| keyword.as_bytes() == name) {
            found.push(Meaning::Keyword);
        }
        if functions && self.functions.contains_key(name) {
            found.push(Meaning::Function);
        }
        if self.find_builtin(name).is_some() {
            found.push(Meaning::Builtin);
        }
        found.extend(self.files(name, path));
        found
    }

    /// The programs a name stands for.
    pub(super) fn files(&self, name: &[u8], path: Option<&[u8]>) -> Vec<Meaning> {
        if name.contains(&b'/') {
            let there = self.is_executable(name);
            return if there { vec![Meaning::File(name.to_vec(), false)] } else { Vec::new() };
        }
        let list = match path {
            Some(path) => self.search_in(path, name, true),
            None => self.search_path(name, true),
        };
        let hashed = self.exec.hash.get(name).map(|(path, _)| path);
        let executable = list.into_iter().filter(|path| self.is_executable(path));
        executable
            .enumerate()
            .map(|(at, path)| {
                let is_hashed = at == 0 && hashed == Some(&path);
                Meaning::File(path, is_hashed)
            })
            .collect()
    }
}

fn type_(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"afptP") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    let mut status = 0;
    for name in parsed.rest {
        let mut meanings =
            if parsed.has(b'P') { shell.files(name, None) } else { shell.meanings(name, !parsed.has(b'f'), None) };
        if !parsed.has(b'a') {
            meanings.truncate(1);
        }
        if meanings.is_empty() {
            if !parsed.has(b't') && !parsed.has(b'p') && !parsed.has(b'P') {
                shell.builtin_error(call, &[name, b": not found".as_slice()].concat());
            }
            status = 1;
        }
        for meaning in &meanings {
            if parsed.has(b't') {
                call.line(word(meaning));
            } else if parsed.has(b'p') || parsed.has(b'P') {
                if let Meaning::File(path, _) = meaning {
                    call.line(path);
                }
            } else {
                describe(shell, call, name, meaning);
            }
        }
    }
    Ok(status)
}

fn word(meaning: &Meaning) -> &'static [u8] {
    match meaning {
        Meaning::Alias(_) => b"alias",
        Meaning::Keyword => b"keyword",
        Meaning::Function => b"function",
        Meaning::Builtin => b"builtin",
        Meaning::File(..) => b"file",
    }
}

/// `type NAME` and `command -V NAME`.
pub(super) fn describe(shell: &Shell, call: &mut Call<'_>, name: &[u8], meaning: &Meaning) {
    match meaning {
        Meaning::Alias(text) => call.line(&[name, b" is aliased to `", text, b"'"].concat()),
        Meaning::Keyword => call.line(&[name, b" is a shell keyword"].concat()),
        Meaning::Builtin => {
            let special = shell.is_set(crate::options::SetOption::Posix)
                && super::find(name).is_some_and(|builtin| builtin.special);
            let text: &[u8] = if special { b" is a special shell builtin" } else { b" is a shell builtin" };
            call.line(&[name, text].concat());
        }
        Meaning::Function => {
            call.line(&[name, b" is a function"].concat());
            if let Some(function) = shell.functions.get(name) {
                let mut text = Vec::new();
                print::function(&mut text, &function.definition);
                call.line(&text);
            }
        }
        Meaning::File(path, true) => call.line(&[name, b" is hashed (", path, b")"].concat()),
        Meaning::File(path, false) => call.line(&[name, b" is ", path].concat()),
    }
}

/// `command -v NAME`.
pub(super) fn brief(call: &mut Call<'_>, name: &[u8], meaning: &Meaning) {
    match meaning {
        Meaning::Alias(text) => call.line(&[b"alias ", name, b"=", &quote_single(text)].concat()),
        Meaning::File(path, _) => call.line(path),
        _ => call.line(name),
    }
}
