//! Modules: where they are looked for, and compiling what they define.

use std::rc::Rc;

use super::scope::{Bound, CompileError, Compiled, Compiler, Named};
use crate::json;
use crate::lang::{Import, Program, parse};
use crate::value::Value;

/// Where modules are looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Library {
    /// The folders of `-L`, else the default ones; `~` and `$ORIGIN` are replaced already.
    pub(crate) folders: Vec<String>,
    /// Whether `env(NAME)` and `strenv(NAME)` are there, as `yq` has them.
    pub(crate) environment_calls: bool,
}

impl Library {
    /// The file of a module: `PATH.jq`, or `PATH/NAME.jq` for the last component NAME; `.json` for data.
    pub(crate) fn find(&self, path: &str, extra: Option<&str>, base: Option<&str>, data: bool) -> Option<String> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let extension = if data { "json" } else { "jq" };
        let own = extra.map(|folder| match base {
            Some(base) if !folder.starts_with('/') => format!("{base}/{folder}"),
            _ => folder.to_owned(),
        });
        let folders = own.iter().chain(&self.folders);
        let candidates = folders
            .flat_map(|folder| [format!("{folder}/{path}.{extension}"), format!("{folder}/{path}/{name}.{extension}")]);
        candidates.into_iter().find(|file| std::path::Path::new(file).is_file())
    }
}

impl Compiler<'_> {
    /// Brings what a program imports into scope; `base` is the folder of the module that does.
    pub(super) fn imports(&mut self, program: &Program, base: Option<&str>) -> Compiled<()> {
        program.imports.iter().try_for_each(|import| self.import(import, base))
    }

    fn import(&mut self, import: &Import, base: Option<&str>) -> Compiled<()> {
        let setting = |name: &str| match &import.metadata {
            Some(Value::Obj(map)) => map.get(name).cloned(),
            _ => None,
        };
        let search = setting("search");
        let optional = setting("optional").is_some_and(|value| value.is_true());
        let found = self.library.find(&import.path, search.as_ref().and_then(Value::as_str), base, import.data);
        let Some(file) = found else {
            if optional {
                return Ok(());
            }
            return Err(CompileError { message: format!("module not found: {}\n", import.path), spot: None });
        };
        if import.data {
            return self.import_data(import, &file);
        }
        let names = self.module(&file)?;
        for named in names.iter() {
            let name = match &import.name {
                Some(prefix) => format!("{prefix}::{}", named.name),
                None => named.name.clone(),
            };
            self.name(&name, named.arity, named.bound);
        }
        Ok(())
    }

    fn import_data(&mut self, import: &Import, file: &str) -> Compiled<()> {
        let failed = |reason: String| CompileError { message: format!("{file}: {reason}"), spot: None };
        let text = std::fs::read(file).map_err(|error| failed(sandshell_sys::reason(&error).to_string()))?;
        let values = json::parse_text(&text).map_err(failed)?;
        let constant = self.constant(Value::array(values));
        let name = import.name.clone().unwrap_or_default();
        self.name(&name, None, Bound::Const(constant));
        self.name(&format!("{name}::{name}"), None, Bound::Const(constant));
        Ok(())
    }

    /// What a module defines; compiled once.
    fn module(&mut self, file: &str) -> Compiled<Rc<[Named]>> {
        if let Some(names) = self.modules.get(file) {
            return Ok(Rc::clone(names));
        }
        if self.loading.iter().any(|known| known == file) {
            return Err(CompileError { message: format!("module {file} imports itself"), spot: None });
        }
        let text = std::fs::read(file).map_err(|error| CompileError {
            message: format!("{file}: {}", sandshell_sys::reason(&error)),
            spot: None,
        })?;
        let text = String::from_utf8_lossy(&text);
        let program = parse(&text)
            .map_err(|error| CompileError { message: located(&error.message, file, &text, error.spot), spot: None })?;
        if program.main.is_some() {
            let message = "library should only have function definitions, not a main expression".into();
            return Err(CompileError { message, spot: None });
        }
        self.loading.push(file.to_owned());
        let names = self.module_names(&program, file, &text);
        self.loading.pop();
        let names: Rc<[Named]> = names?.into();
        self.modules.insert(file.to_owned(), Rc::clone(&names));
        Ok(names)
    }

    fn module_names(&mut self, program: &Program, file: &str, text: &str) -> Compiled<Vec<Named>> {
        let outer = std::mem::take(&mut self.scope);
        let level = std::mem::replace(&mut self.level, 0);
        let base = file.rsplit_once('/').map_or(".", |(folder, _)| folder);
        let mut result = self.imports(program, Some(base));
        let from = self.scope.len();
        for def in &program.defs {
            if result.is_err() {
                break;
            }
            let id = self.reserve();
            self.name(&def.name, Some(def.params.len()), Bound::Free(id));
            let names = self.scope.len();
            result = self.function(id, |compiler| compiler.def_body(def));
            self.scope.truncate(names);
        }
        let own = self.scope.split_off(from.min(self.scope.len()));
        (self.scope, self.level) = (outer, level);
        result.map(|()| own).map_err(|error| match error.spot {
            Some(spot) => CompileError { message: located(&error.message, file, text, spot), spot: None },
            None => error,
        })
    }
}

/// A message with the place it is about.
pub(crate) fn located(message: &str, file: &str, text: &str, spot: usize) -> String {
    let before = text.get(..spot.min(text.len())).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count();
    let shown = text.lines().nth(line).unwrap_or_default();
    format!("{message} at {file}, line {}:\n{shown}", line + 1)
}
