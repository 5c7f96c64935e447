//! `cd` and `pwd`.

use crate::flow::Flow;
use crate::options::{SetOption, ShellOption};
use crate::shell::Shell;
use crate::sys::{Errno, FileKind};
use crate::vars::Name;

use super::{Call, builtin};

builtin! {
    /// Change the shell working directory.
    ///
    /// Change the current directory to DIR. The default DIR is the value of the HOME shell variable. If DIR is "-",
    /// it is converted to $OLDPWD.
    ///
    /// Options:
    ///   -L	force symbolic links to be followed: resolve symbolic links in DIR after processing instances of `..'
    ///   -P	use the physical directory structure without following symbolic links
    ///   -e	if the -P option is supplied, and the current working directory cannot be determined successfully, exit
    /// 	with a non-zero status
    CD = "cd", "cd [-L|[-P [-e]] [-@]] [dir]", cd
}
builtin! {
    /// Print the name of the current working directory.
    ///
    /// Options:
    ///   -L	print the value of $PWD if it names the current working directory
    ///   -P	print the physical directory, without any symbolic links
    PWD = "pwd", "pwd [-LP]", pwd
}

fn cd(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    if shell.is_restricted() {
        shell.builtin_error(call, b"restricted");
        return Ok(1);
    }
    let parsed = match shell.parse_builtin_options(call, b"LPe") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    let physical = parsed
        .letters()
        .iter()
        .rev()
        .find(|(letter, _)| matches!(letter, b'L' | b'P'))
        .map_or(shell.is_set(SetOption::Physical), |(letter, _)| *letter == b'P');
    let (target, show) = match parsed.rest {
        [] => match shell.text_of(Name::HOME) {
            Some(home) => (home.into_owned(), false),
            None => {
                shell.builtin_error(call, b"HOME not set");
                return Ok(1);
            }
        },
        [dash] if dash == b"-" => match shell.text_of(Name::OLDPWD) {
            Some(old) => (old.into_owned(), true),
            None => {
                shell.builtin_error(call, b"OLDPWD not set");
                return Ok(1);
            }
        },
        [directory] => (directory.clone(), false),
        _ => {
            shell.builtin_error(call, b"too many arguments");
            return Ok(1);
        }
    };
    if target.is_empty() {
        return Ok(0);
    }
    let (target, show) = match search_cdpath(shell, &target) {
        Some(found) => (found, true),
        None => (target, show),
    };
    match shell.enter_directory(&target, physical) {
        Ok(()) => {
            if show {
                let now = shell.working_directory();
                call.line(&now);
            }
            Ok(0)
        }
        Err(error) => {
            if shell.is_shopt(ShellOption::CdableVars)
                && crate::vars::is_name(&target)
                && let Some(value) = shell.text_of(Name::new(&target)).map(|text| text.into_owned())
                && shell.enter_directory(&value, physical).is_ok()
            {
                call.line(&value);
                return Ok(0);
            }
            // A readonly PWD has been told.
            if error != Errno::EROFS {
                shell.builtin_error(call, &[&target, b": ".as_slice(), error.text().as_bytes()].concat());
            }
            Ok(1)
        }
    }
}

fn search_cdpath(shell: &Shell, target: &[u8]) -> Option<Vec<u8>> {
    let first = target.split(|byte| *byte == b'/').next().unwrap_or_default();
    if target.starts_with(b"/") || first == b"." || first == b".." {
        return None;
    }
    let path = shell.text_of(Name::CDPATH)?;
    for directory in path.split(|byte| *byte == b':') {
        if directory.is_empty() || directory == b"." {
            if is_directory(shell, target) {
                return None;
            }
            continue;
        }
        let candidate = [directory, b"/", target].concat();
        if is_directory(shell, &candidate) {
            return Some(candidate);
        }
    }
    None
}

fn is_directory(shell: &Shell, path: &[u8]) -> bool {
    shell.sys.stat(path, true).is_ok_and(|stat| stat.kind == FileKind::Directory)
}

impl Shell {
    /// The working directory as `pwd` prints it: PWD when it names it, else the physical path.
    pub(crate) fn working_directory(&self) -> Vec<u8> {
        if let Some(pwd) = self.text_of(Name::PWD)
            && pwd.starts_with(b"/")
        {
            let here = self.sys.stat(b".", true);
            let there = self.sys.stat(&pwd, true);
            if let (Ok(here), Ok(there)) = (here, there)
                && here.inode == there.inode
            {
                return pwd.into_owned();
            }
        }
        match self.sys.getcwd() {
            Ok(path) => path,
            // The directory was removed: its name is what is left of it.
            Err(_) => self.text_of(Name::PWD).map(|pwd| pwd.into_owned()).unwrap_or_default(),
        }
    }

    /// Changes the directory and sets PWD and OLDPWD.
    pub(crate) fn enter_directory(&mut self, target: &[u8], physical: bool) -> Result<(), Errno> {
        let here = self.working_directory();
        // What PWD says is where one was, true or not.
        let old = self.text_of(Name::PWD).map_or_else(|| here.clone(), |pwd| pwd.into_owned());
        let real = if physical {
            self.sys.chdir(target)?
        } else {
            let logical = logical_path(&here, target);
            match self.sys.chdir(&logical) {
                Ok(_) => logical,
                // What the logical path cannot reach may be there physically.
                Err(error) => self.sys.chdir(target).map_err(|_| error)?,
            }
        };
        for (name, value) in [(Name::OLDPWD, &old), (Name::PWD, &real)] {
            if let Err(error) = self.set_variable(name, value, false) {
                self.report(&error.text());
                return Err(Errno::EROFS);
            }
        }
        for name in [Name::OLDPWD, Name::PWD] {
            self.vars.change(name, |var| var.attrs.add(crate::vars::Attrs::EXPORT));
        }
        Ok(())
    }
}

/// Joins and removes `.` and `..` by their text.
fn logical_path(base: &[u8], target: &[u8]) -> Vec<u8> {
    let joined = if target.starts_with(b"/") { target.to_vec() } else { [base, b"/", target].concat() };
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in joined.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    [b"/".as_slice(), &parts.join(&b'/')].concat()
}

fn pwd(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"LP") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    let physical = parsed.letters().last().map_or(shell.is_set(SetOption::Physical), |(letter, _)| *letter == b'P');
    let path = if physical { shell.sys.getcwd() } else { Ok(shell.working_directory()) };
    match path {
        Ok(path) => {
            call.line(&path);
            Ok(0)
        }
        Err(error) => {
            shell.builtin_error(call, format!("error retrieving current directory: {error}").as_bytes());
            Ok(1)
        }
    }
}
