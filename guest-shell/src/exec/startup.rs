//! The files a shell reads before its first command, and what else depends on how it was started: a login shell's
//! profile, an interactive one's rc file, what BASH_ENV names, the end of a login, the restricted mode.

use std::rc::Rc;

use crate::flow::{Flow, Unwind};
use crate::options::{SetOption, ShellOption};
use crate::parse::Source;
use crate::shell::{Frame, FrameKind, Shell};
use crate::sys::FileKind;
use crate::vars::{Attrs, Name, Var};

/// What a login shell reads for everybody.
const PROFILE: &[u8] = b"/etc/profile";
/// What an interactive shell reads for everybody (Debian's place).
const BASHRC: &[u8] = b"/etc/bash.bashrc";
/// The first of these in HOME is a login shell's own.
const OWN_PROFILES: &[&[u8]] = &[b".bash_profile", b".bash_login", b".profile"];
/// What a restricted shell may not change.
const RESTRICTED: &[&[u8]] = &[b"PATH", b"SHELL", b"ENV", b"BASH_ENV", b"HISTFILE"];

/// How a shell was started, as `$-` and the prompts tell.
#[derive(Clone, Copy, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Start {
    /// `-i`.
    pub(crate) interactive: bool,
    /// Commands come from the standard input.
    pub(crate) from_input: bool,
    /// Complete commands read so far (`\#` of a prompt).
    pub(crate) commands: u32,
    /// The prompt of the next command is being made: numbers are that command's.
    pub(crate) prompting: bool,
}

/// What the options of `bash` say about the files to read.
#[derive(Debug, Default)]
pub(crate) struct Startup {
    /// `-l`, `--login`, or a name with a dash before it.
    pub(crate) login: bool,
    /// Called `sh`.
    pub(crate) like_sh: bool,
    /// `--posix`.
    pub(crate) posix: bool,
    /// `--norc`.
    pub(crate) no_rc: bool,
    /// `--noprofile`.
    pub(crate) no_profile: bool,
    /// `--rcfile`.
    pub(crate) rc_file: Option<Vec<u8>>,
    /// `-r`.
    pub(crate) restricted: bool,
    /// `-D`: nothing is executed.
    pub(crate) dumps_strings: bool,
}

impl Shell {
    /// Makes the shell what its options say, and reads the startup files.
    pub(super) fn begin(&mut self, startup: &Startup, reads_input: bool) -> Flow {
        self.options.set_shopt(ShellOption::LoginShell, startup.login);
        if startup.posix {
            let _ = self.set_variable(Name::POSIXLY_CORRECT, b"y", false);
        }
        if startup.dumps_strings {
            // The texts of `$"..."` are found in the words themselves: there is no catalogue to write.
            self.options.set(SetOption::NoExec, true);
        }
        if self.start.interactive {
            self.begin_interactive();
        }
        let result = self.read_startup_files(startup, reads_input);
        if self.start.interactive {
            self.read_own_history();
        }
        if startup.restricted {
            self.restrict();
        }
        result
    }

    /// What is on for a user and off for a script.
    fn begin_interactive(&mut self) {
        let text = b": cannot set terminal process group (-1): Inappropriate ioctl for device\n";
        self.write_error(&[&self.started_as[..], text].concat());
        self.write_error(&[&self.started_as[..], b": no job control in this shell\n"].concat());
        self.options.set_shopt(ShellOption::ExpandAliases, true);
        self.options.set(SetOption::Emacs, true);
        for (name, text) in [(&b"PS1"[..], &b"\\s-\\v\\$ "[..]), (b"PS2", b"> ")] {
            if self.vars.get(Name::new(name)).is_none() {
                self.vars.put(Name::new(name), Var::scalar(text));
            }
        }
        self.options.set(SetOption::HistExpand, true);
        self.options.set(SetOption::History, true);
        self.begin_history();
        self.open_own_history();
    }

    fn read_startup_files(&mut self, startup: &Startup, reads_input: bool) -> Flow {
        let posix = self.is_set(SetOption::Posix) && !startup.like_sh;
        if startup.login && !posix {
            if !startup.no_profile {
                self.read_startup_file(PROFILE)?;
                let own: &[&[u8]] = if startup.like_sh { &OWN_PROFILES[2..] } else { OWN_PROFILES };
                for name in own {
                    if self.read_own_file(name)? {
                        break;
                    }
                }
            }
            if self.start.interactive || reads_input {
                return Ok(());
            }
        }
        if !self.start.interactive {
            return if reads_input { Ok(()) } else { self.read_named_file(b"BASH_ENV", self.is_set(SetOption::Posix)) };
        }
        if self.is_set(SetOption::Posix) {
            return self.read_named_file(b"ENV", false);
        }
        if startup.no_rc {
            return Ok(());
        }
        self.read_startup_file(BASHRC)?;
        match &startup.rc_file {
            Some(path) => self.read_startup_file(path).map(|_| ()),
            None => self.read_own_file(b".bashrc").map(|_| ()),
        }
    }

    /// Reads the file that a variable names.
    fn read_named_file(&mut self, variable: &[u8], never: bool) -> Flow {
        let Some(name) = self.text_of(Name::new(variable)).map(|name| name.into_owned()) else { return Ok(()) };
        if name.is_empty() || never {
            return Ok(());
        }
        let path = self.expand_prompt(&name)?;
        self.read_startup_file(&path).map(|_| ())
    }

    /// Reads a file of HOME; answers whether there is one.
    fn read_own_file(&mut self, name: &[u8]) -> Flow<bool> {
        let Some(home) = self.text_of(Name::HOME).map(|home| home.into_owned()) else { return Ok(false) };
        self.read_startup_file(&[&home, b"/".as_slice(), name].concat())
    }

    /// Evaluates a file if it is there; answers whether it is.
    fn read_startup_file(&mut self, path: &[u8]) -> Flow<bool> {
        if !self.sys.stat(path, true).is_ok_and(|stat| stat.kind == FileKind::Regular) {
            return Ok(false);
        }
        let Ok(script) = self.read_file(path) else { return Ok(false) };
        self.note_script(&script);
        self.enter_script(path);
        if let Some(frame) = Rc::make_mut(&mut self.frames).last_mut() {
            frame.kind = FrameKind::Source;
        }
        let result = self.eval_source(&mut Source::new(script, 1));
        Rc::make_mut(&mut self.frames).pop();
        self.line = 1;
        match result {
            Err(Unwind::Return(_)) => {
                self.status = 0;
                Ok(true)
            }
            other => other.map(|()| true),
        }
    }

    /// A frame for the code of a script file.
    pub(super) fn enter_script(&mut self, path: &[u8]) {
        let frame = Frame {
            kind: FrameKind::Script,
            name: Rc::from(&b"main"[..]),
            source: Rc::from(path),
            call_line: 0,
            arguments: None,
        };
        Rc::make_mut(&mut self.frames).push(frame);
    }

    /// `exit` and `logout` of a login shell read `~/.bash_logout`.
    pub(crate) fn log_out(&mut self) -> Flow {
        if !self.is_shopt(ShellOption::LoginShell) || self.subshell_depth > 0 || self.session {
            return Ok(());
        }
        // Once: the file may say `exit` itself.
        self.options.set_shopt(ShellOption::LoginShell, false);
        self.read_own_file(b".bash_logout").map(|_| ())
    }

    /// Whether the shell is restricted (`set -r`).
    pub(crate) fn is_restricted(&self) -> bool {
        self.is_shopt(ShellOption::RestrictedShell)
    }

    /// Restricts the shell from now on: there is no way back.
    pub(crate) fn restrict(&mut self) {
        self.options.set_shopt(ShellOption::RestrictedShell, true);
        for name in RESTRICTED {
            let name = Name::new(name);
            let mut var = self.vars.var(name).cloned().unwrap_or_else(|| Var::declared(Attrs::default()));
            var.attrs.add(Attrs::READONLY);
            self.vars.put(name, var);
        }
    }
}
