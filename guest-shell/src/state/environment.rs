//! The environment a shell is started with becomes variables and functions.

use crate::options::{SetOption, ShellOption};
use crate::parse::{self, ParseOpts, Source};
use crate::shell::{Function, Shell};
use crate::sys::OpenFlags;
use crate::tree::CommandKind;
use crate::vars::{Attrs, Name, Var, is_name};

/// The PATH of a shell that was given none.
const PATH_DEFAULT: &[u8] = b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Where the system tells its host name, and how long that can be.
const HOST_NAME_PATH: &[u8] = b"/proc/sys/kernel/hostname";
const HOST_NAME_MAX: u32 = 256;

impl Shell {
    /// Takes `NAME=value` entries as exported variables, `BASH_FUNC_name%%=() {...}` as functions, and sets what every
    /// shell has: PATH, PWD, SHLVL. Entries whose name is no variable's are handed on to programs.
    pub fn import_environment(&mut self, env: &[Vec<u8>]) {
        let mut foreign = Vec::new();
        for entry in env {
            let Some(at) = entry.iter().position(|byte| *byte == b'=') else { continue };
            let (name, value) = (&entry[..at], &entry[at + 1..]);
            if let Some(name) = name.strip_prefix(b"BASH_FUNC_").and_then(|name| name.strip_suffix(b"%%")) {
                if !self.import_function(name, value) {
                    foreign.push(entry.clone());
                }
            } else if name == b"SHELLOPTS" {
                let options = value.split(|byte| *byte == b':').filter_map(SetOption::from_name);
                options.for_each(|option| self.options.set(option, true));
            } else if name == b"BASHOPTS" {
                let options = value.split(|byte| *byte == b':').filter_map(ShellOption::from_name);
                options.for_each(|option| self.options.set_shopt(option, true));
            } else if name == b"POSIXLY_CORRECT" {
                self.options.set(SetOption::Posix, true);
                self.put_exported(Name::POSIXLY_CORRECT, value);
            } else if is_name(name) && name != b"_" && name != b"IFS" {
                // How words are split is no caller's business.
                self.put_exported(Name::new(name), value);
            } else if !is_name(name) {
                foreign.push(entry.clone());
            }
        }
        self.vars.set_foreign_environment(foreign);
        if self.vars.get(Name::PATH).is_none() {
            self.vars.put(Name::PATH, Var::scalar(PATH_DEFAULT));
        }
        if self.vars.get(Name::HOSTNAME).is_none()
            && let Some(name) = self.host_name()
        {
            self.vars.put(Name::HOSTNAME, Var::scalar(&*name));
        }
        let here = self.working_directory();
        self.put_exported(Name::PWD, &here);
        if self.vars.var(Name::OLDPWD).is_none() {
            self.vars.put(Name::OLDPWD, Var::declared(Attrs::EXPORT));
        }
        let level = self.vars.get(Name::SHLVL).and_then(|text| std::str::from_utf8(text).ok()?.parse::<u32>().ok());
        let level = level.unwrap_or(0).saturating_add(1);
        let level = if level > 999 { 1 } else { level };
        self.put_exported(Name::SHLVL, level.to_string().as_bytes());
    }

    /// What the system says it is called.
    pub(crate) fn host_name(&self) -> Option<Vec<u8>> {
        let fd = self.sys.open(HOST_NAME_PATH, OpenFlags::READ, 0).ok()?;
        let name = self.sys.read_until(fd, b'\n', HOST_NAME_MAX);
        let _ = self.sys.close(fd);
        name.ok().map(|name| name.trim_ascii_end().to_vec()).filter(|name| !name.is_empty())
    }

    fn put_exported(&mut self, name: Name, value: &[u8]) {
        if self.vars.var(name).is_some_and(|var| var.attrs.has(Attrs::READONLY)) {
            return;
        }
        let mut var = Var::scalar(value);
        var.attrs.add(Attrs::EXPORT);
        self.vars.put(name, var);
    }

    /// An exported function: only a definition and nothing after it is taken. False when it is none.
    fn import_function(&mut self, name: &[u8], body: &[u8]) -> bool {
        if !body.starts_with(b"() {") {
            return false;
        }
        let taken = self.take_function(name, body).is_some();
        if !taken {
            self.write_error(&[b"bash: error importing function definition for `", name, b"'\n"].concat());
        }
        taken
    }

    fn take_function(&mut self, name: &[u8], body: &[u8]) -> Option<()> {
        let text = [name, b" ", body].concat();
        let mut source = Source::new(text, 1);
        let aliases = Default::default();
        let Ok(Some(tree)) = parse::next(&mut source, &aliases, ParseOpts::default()) else { return None };
        let [item] = tree.list.items.as_slice() else { return None };
        if !item.and_or.rest.is_empty() || !matches!(parse::next(&mut source, &aliases, ParseOpts::default()), Ok(None))
        {
            return None;
        }
        let [command] = item.and_or.first.stages.as_slice() else { return None };
        let CommandKind::Function(definition) = &command.kind else { return None };
        let function = Function {
            definition: (**definition).clone(),
            exported: true,
            readonly: false,
            traced: false,
            source: std::rc::Rc::from(&b"environment"[..]),
            line: 0,
            bytes: body.len(),
        };
        std::rc::Rc::make_mut(&mut self.functions).insert(name.to_vec(), function);
        Some(())
    }
}
