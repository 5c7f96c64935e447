//! The actions of completion: names of one kind that begin with a word.

use crate::builtins::{self, help, type_};
use crate::exec::JobState;
use crate::options::{SetOption, ShellOption};
use crate::shell::Shell;
use crate::sys::FileKind;
use crate::traps::SIGNALS;
use crate::vars::{Attrs, Name, Value, Var};

use super::Specification;

/// The most of a file of names that is read: users, groups, services, hosts.
const NAMES_BYTES: u32 = 1 << 20;

/// The actions whose candidates are names of the shell, in the order bash goes through them.
const NAMED: &[&str] = &[
    "alias",
    "arrayvar",
    "binding",
    "builtin",
    "disabled",
    "enabled",
    "export",
    "function",
    "helptopic",
    "hostname",
    "job",
    "keyword",
    "running",
    "setopt",
    "shopt",
    "signal",
    "stopped",
    "variable",
];

impl Shell {
    /// What the actions of a specification offer for a word.
    pub(super) fn action_candidates(&self, specification: &Specification, word: &[u8]) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        for action in NAMED.iter().filter(|action| specification.has_action(action)) {
            found.extend(self.named_candidates(action, word));
        }
        if specification.has_action("command") {
            found.extend(self.command_candidates(word));
        }
        if specification.has_action("file") {
            found.extend(self.file_candidates(word, false));
        }
        for (action, path) in [("user", "/etc/passwd"), ("group", "/etc/group"), ("service", "/etc/services")] {
            if specification.has_action(action) {
                found.extend(self.names_of_file(path, word));
            }
        }
        if specification.has_action("directory") {
            found.extend(self.file_candidates(word, true));
        }
        found
    }

    fn named_candidates(&self, action: &str, word: &[u8]) -> Vec<Vec<u8>> {
        let mut names: Vec<Vec<u8>> = match action {
            "alias" => self.aliases.keys().map(|name| name.to_vec()).collect(),
            "arrayvar" => self.variable_names(|var| !matches!(var.value, Value::Scalar(_))),
            "builtin" => self.builtin_names(|_| true),
            "enabled" => self.builtin_names(|name| !self.builtins.disabled.contains(name)),
            "disabled" => self.builtin_names(|name| self.builtins.disabled.contains(name)),
            "export" => self.variable_names(|var| var.attrs.has(Attrs::EXPORT) && var.is_set()),
            "variable" => self.variable_names(|_| true),
            "function" => self.functions.keys().cloned().collect(),
            "helptopic" => help::topics().map(|topic| topic.as_bytes().to_vec()).collect(),
            "hostname" => self.host_names(),
            "job" => self.job_names(|_| true),
            "running" => self.job_names(|state| state == JobState::Running),
            "stopped" => self.job_names(|state| matches!(state, JobState::Stopped(_))),
            "keyword" => type_::KEYWORDS.iter().map(|name| name.as_bytes().to_vec()).collect(),
            "setopt" => SetOption::ALL.iter().map(|option| option.name().into()).collect(),
            "shopt" => ShellOption::ALL.iter().map(|option| option.name().into()).collect(),
            "signal" => signal_names(),
            _ => Vec::new(),
        };
        names.retain(|name| name.starts_with(word));
        names
    }

    fn builtin_names(&self, wanted: impl Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
        builtins::all().map(|builtin| builtin.name.as_bytes().to_vec()).filter(|name| wanted(name)).collect()
    }

    fn variable_names(&self, wanted: impl Fn(&Var) -> bool) -> Vec<Vec<u8>> {
        let names = self.vars.names().into_iter();
        names
            .filter(|name| self.shown_variable(*name).as_ref().is_some_and(&wanted))
            .map(|name| name.bytes().to_vec())
            .collect()
    }

    /// The first words of jobs.
    fn job_names(&self, wanted: impl Fn(JobState) -> bool) -> Vec<Vec<u8>> {
        let jobs = self.exec.jobs.list.iter().filter(|job| wanted(job.state));
        jobs.map(|job| job.text.split(u8::is_ascii_whitespace).next().unwrap_or_default().to_vec()).collect()
    }

    /// Names before the first colon or blank of each line.
    fn names_of_file(&self, path: &str, word: &[u8]) -> Vec<Vec<u8>> {
        let Ok(content) = self.small_file(path.as_bytes()) else { return Vec::new() };
        let mut names = Vec::new();
        for line in content.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"#")) {
            let name = line.split(|byte| *byte == b':' || byte.is_ascii_whitespace()).next().unwrap_or_default();
            if !name.is_empty() && name.starts_with(word) {
                names.push(name.to_vec());
            }
        }
        names
    }

    /// The names of HOSTFILE or `/etc/hosts`.
    fn host_names(&self) -> Vec<Vec<u8>> {
        let path =
            self.text_of(Name::new(b"HOSTFILE")).map_or_else(|| b"/etc/hosts".to_vec(), |path| path.into_owned());
        let Ok(content) = self.small_file(&path) else { return Vec::new() };
        let mut names = Vec::new();
        for line in content.split(|byte| *byte == b'\n') {
            let line = line.split(|byte| *byte == b'#').next().unwrap_or_default();
            let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).skip(1);
            words.for_each(|name| names.push(name.to_vec()));
        }
        names
    }

    fn small_file(&self, path: &[u8]) -> Result<Vec<u8>, crate::sys::Errno> {
        let fd = self.sys.open(path, crate::sys::OpenFlags::READ, 0)?;
        let content = self.sys.read(fd, NAMES_BYTES);
        let _ = self.sys.close(fd);
        content
    }

    /// What could stand as a command: aliases, keywords, functions, builtins and programs.
    pub(super) fn command_candidates(&self, word: &[u8]) -> Vec<Vec<u8>> {
        if word.contains(&b'/') {
            let mut found = self.file_candidates(word, false);
            found.retain(|path| self.is_executable(path) || self.is_a_directory(path));
            return found;
        }
        let mut found = Vec::new();
        for action in ["alias", "keyword", "function", "builtin"] {
            found.extend(self.named_candidates(action, word));
        }
        found.retain(|name| !self.builtins.disabled.contains(name));
        found.extend(self.programs(word));
        found
    }

    /// The names of the programs in `PATH` that begin with `word`, in its order.
    pub(in crate::builtins) fn programs(&self, word: &[u8]) -> Vec<Vec<u8>> {
        let mut found = Vec::new();
        let path = self.text_of(Name::PATH).map(|text| text.into_owned()).unwrap_or_default();
        for directory in path.split(|byte| *byte == b':') {
            let place = if directory.is_empty() { b".".as_slice() } else { directory };
            for entry in self.sys.read_dir(place).unwrap_or_default() {
                let is_match = entry.name.starts_with(word) && entry.kind != FileKind::Directory;
                if is_match && self.is_executable(&[place, b"/", &entry.name].concat()) {
                    found.push(entry.name);
                }
            }
        }
        found
    }

    fn is_a_directory(&self, path: &[u8]) -> bool {
        self.sys.stat(path, true).is_ok_and(|stat| stat.kind == FileKind::Directory)
    }

    /// Files whose names begin with a word; `directories`: only those.
    pub(super) fn file_candidates(&self, word: &[u8], directories: bool) -> Vec<Vec<u8>> {
        let cut = word.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
        let (directory, prefix) = word.split_at(cut);
        let place = if directory.is_empty() { b".".to_vec() } else { self.without_tilde(directory) };
        let mut names: Vec<Vec<u8>> =
            self.sys.read_dir(&place).unwrap_or_default().into_iter().map(|entry| entry.name).collect();
        if prefix.starts_with(b".") {
            names.extend([b".".to_vec(), b"..".to_vec()]);
        }
        names.retain(|name| name.starts_with(prefix));
        if directories {
            names.retain(|name| self.is_a_directory(&[&place, b"/".as_slice(), name].concat()));
        }
        names.into_iter().map(|name| [directory, &name].concat()).collect()
    }

    fn without_tilde(&self, directory: &[u8]) -> Vec<u8> {
        let end = directory.iter().position(|byte| *byte == b'/').unwrap_or(directory.len());
        let (head, rest) = directory.split_at(end);
        match head.strip_prefix(b"~").and_then(|user| self.tilde(user)) {
            Some(home) => [&home, rest].concat(),
            None => directory.to_vec(),
        }
    }
}

/// The names `trap -l` lists, and the pseudo signals.
fn signal_names() -> Vec<Vec<u8>> {
    let mut names = vec![b"EXIT".to_vec()];
    let numbers = SIGNALS.iter().map(|(number, _)| *number).chain(34..=64);
    names.extend(numbers.map(|number| crate::traps::signal_name(number).into_bytes()));
    names.extend([&b"DEBUG"[..], b"ERR", b"RETURN"].iter().map(|name| name.to_vec()));
    names
}
