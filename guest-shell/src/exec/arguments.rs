//! The arguments of `bash` and `sh` as programs: options, `$0`, positional parameters. What the startup files add is
//! in `startup`.

use std::rc::Rc;

use crate::options::{SetOption, ShellOption};
use crate::shell::Shell;
use crate::vars::Positional;

use super::run::Invocation;
use super::startup::Startup;

/// What `--version` prints first.
pub(crate) const VERSION: &str = "GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\n";

/// What `--help` and wrong options are answered with.
const USAGE: &str = "Usage:\tbash [GNU long option] [option] ...\n\tbash [GNU long option] [option] script-file ...\n\
GNU long options:\n\t--debug\n\t--debugger\n\t--dump-po-strings\n\t--dump-strings\n\t--help\n\t--init-file\n\t--login\n\
\t--noediting\n\t--noprofile\n\t--norc\n\t--posix\n\t--pretty-print\n\t--rcfile\n\t--restricted\n\t--verbose\n\
\t--version\nShell options:\n\t-ilrsD or -c command or -O shopt_option\t\t(invocation only)\n\
\t-abefhkmnptuvxBCEHPT or -o option\n";

/// What the options say beyond the shell's own.
#[derive(Default)]
struct Taken {
    /// `-c`.
    command: bool,
    /// `-s`.
    input: bool,
    startup: Startup,
}

impl Shell {
    /// Takes options, `$0` and the positional parameters; `Err` is the status when nothing is left to do.
    pub(crate) fn take_arguments(&mut self, argv: &[Vec<u8>]) -> Result<(Invocation, Startup), u8> {
        let own_name = argv.first().cloned().unwrap_or_else(|| b"bash".to_vec());
        self.started_as = Rc::from(&own_name[..]);
        self.name = Rc::from(&own_name[..]);
        let mut taken = Taken::default();
        let base = own_name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        taken.startup.login = base.starts_with(b"-");
        let base = base.strip_prefix(b"-").unwrap_or(base);
        taken.startup.restricted = base == b"rbash";
        taken.startup.like_sh = base == b"sh";
        if taken.startup.like_sh {
            self.options.set(SetOption::Posix, true);
            self.options.set_shopt(ShellOption::ExpandAliases, true);
        }
        let mut rest = argv.get(1..).unwrap_or_default();
        while let Some((word, after)) = rest.split_first() {
            if word == b"--" || word == b"-" {
                rest = after;
                break;
            }
            if let Some(long) = word.strip_prefix(b"--") {
                rest = self.take_long_option(long, after, &mut taken.startup)?;
                continue;
            }
            let (on, letters) = match word.split_first() {
                Some((b'-', letters)) if !letters.is_empty() => (true, letters),
                Some((b'+', letters)) if !letters.is_empty() => (false, letters),
                _ => break,
            };
            rest = after;
            for letter in letters {
                rest = self.take_letter(*letter, on, rest, &mut taken)?;
            }
        }
        let startup = std::mem::take(&mut taken.startup);
        let invocation = self.choose_source(&taken, rest)?;
        self.start.from_input = taken.input || invocation == Invocation::Input;
        Ok((invocation, startup))
    }

    /// One letter of an option word; answers the words behind it.
    fn take_letter<'a>(
        &mut self,
        letter: u8,
        on: bool,
        rest: &'a [Vec<u8>],
        taken: &mut Taken,
    ) -> Result<&'a [Vec<u8>], u8> {
        match letter {
            b'c' if on => taken.command = true,
            b's' if on => taken.input = true,
            b'i' => self.start.interactive = on,
            b'l' => taken.startup.login = on,
            b'r' => taken.startup.restricted |= on,
            b'D' => taken.startup.dumps_strings = true,
            b'o' => return self.take_named_option(on, rest),
            b'O' => return self.take_shopt(on, rest),
            _ => match SetOption::from_letter(letter) {
                Some(option) => self.options.set(option, on),
                None => return Err(self.invalid_option(&[if on { b'-' } else { b'+' }, letter])),
            },
        }
        Ok(rest)
    }

    fn choose_source(&mut self, taken: &Taken, rest: &[Vec<u8>]) -> Result<Invocation, u8> {
        if taken.command {
            let Some((script, rest)) = rest.split_first() else {
                self.start_error(b"-c: option requires an argument");
                return Err(2);
            };
            if let Some((name, _)) = rest.split_first() {
                self.name = Rc::from(&name[..]);
            }
            self.vars.set_positional(Positional::new(rest.get(1..).unwrap_or_default().to_vec()));
            return Ok(Invocation::Text(script.clone()));
        }
        match rest.split_first() {
            Some((path, rest)) if !taken.input => {
                self.name = Rc::from(&path[..]);
                self.vars.set_positional(Positional::new(rest.to_vec()));
                Ok(Invocation::File(path.clone()))
            }
            _ => {
                self.vars.set_positional(Positional::new(rest.to_vec()));
                Ok(Invocation::Input)
            }
        }
    }

    fn take_long_option<'a>(
        &mut self,
        name: &[u8],
        after: &'a [Vec<u8>],
        startup: &mut Startup,
    ) -> Result<&'a [Vec<u8>], u8> {
        match name {
            b"version" => {
                let _ = self.sys.write(1, VERSION.as_bytes());
                return Err(0);
            }
            b"help" => {
                let version = VERSION.replace(" (x86", "-(x86");
                let _ = self.sys.write(1, [version.as_bytes(), USAGE.as_bytes()].concat().as_slice());
                return Err(0);
            }
            b"posix" => {
                self.options.set(SetOption::Posix, true);
                startup.posix = true;
            }
            b"verbose" => self.options.set(SetOption::Verbose, true),
            b"rcfile" | b"init-file" => {
                let Some((file, after)) = after.split_first() else {
                    self.start_error(&[name, b": option requires an argument"].concat());
                    return Err(2);
                };
                startup.rc_file = Some(file.clone());
                return Ok(after);
            }
            b"login" => startup.login = true,
            b"norc" => startup.no_rc = true,
            b"noprofile" => startup.no_profile = true,
            b"restricted" => startup.restricted = true,
            b"dump-strings" | b"dump-po-strings" => startup.dumps_strings = true,
            b"debug" | b"debugger" | b"noediting" | b"pretty-print" => {}
            _ => return Err(self.invalid_option(&[b"--", name].concat())),
        }
        Ok(after)
    }

    fn take_named_option<'a>(&mut self, on: bool, rest: &'a [Vec<u8>]) -> Result<&'a [Vec<u8>], u8> {
        let Some((name, rest)) = rest.split_first() else {
            // At this point bash has not decided yet that nobody types.
            let yet = |option| matches!(option, SetOption::Emacs | SetOption::HistExpand);
            let lines = SetOption::ALL.iter().map(|option| option.line(self.is_set(*option) || yet(*option), !on));
            self.list(lines);
            return Ok(rest);
        };
        match SetOption::from_name(name) {
            Some(option) => self.options.set(option, on),
            None => {
                self.start_error(&[b"line 0: ", &self.started_as[..], b": ", name, b": invalid option name"].concat());
                return Err(2);
            }
        }
        Ok(rest)
    }

    fn take_shopt<'a>(&mut self, on: bool, rest: &'a [Vec<u8>]) -> Result<&'a [Vec<u8>], u8> {
        let Some((name, rest)) = rest.split_first() else {
            let lines = ShellOption::ALL.iter().map(|option| option.line(self.is_shopt(*option), !on));
            self.list(lines);
            return Ok(rest);
        };
        match ShellOption::from_name(name) {
            Some(option) => self.options.set_shopt(option, on),
            None => {
                self.start_error(&[b"line 0: ", &name[..], b": invalid shell option name"].concat());
                return Err(2);
            }
        }
        Ok(rest)
    }

    fn list(&self, lines: impl Iterator<Item = String>) {
        let text: String = lines.map(|line| line + "\n").collect();
        let _ = self.sys.write(1, text.as_bytes());
    }

    fn invalid_option(&mut self, option: &[u8]) -> u8 {
        self.start_error(&[option, b": invalid option"].concat());
        self.write_error(USAGE.as_bytes());
        2
    }

    fn start_error(&self, message: &[u8]) {
        self.write_error(&[&self.started_as[..], b": ", message, b"\n"].concat());
    }
}
