//! The arguments of `bash` and `sh` as programs.

use std::rc::Rc;

use crate::options::{SetOption, ShellOption};
use crate::shell::Shell;
use crate::vars::Positional;

use super::run::Invocation;

/// What `--version` prints.
pub(crate) const VERSION: &str = "GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\n";

impl Shell {
    /// Takes options, `$0` and the positional parameters; `Err` is the status when nothing is left to do.
    pub(crate) fn take_arguments(&mut self, argv: &[Vec<u8>]) -> Result<Invocation, u8> {
        let own_name = argv.first().cloned().unwrap_or_else(|| b"bash".to_vec());
        self.started_as = Rc::from(&own_name[..]);
        self.name = Rc::from(&own_name[..]);
        let base = own_name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        if base == b"sh" || base == b"-sh" {
            self.options.set(SetOption::Posix, true);
            self.options.set_shopt(ShellOption::ExpandAliases, true);
        }
        let mut rest = argv.get(1..).unwrap_or_default();
        let (mut command, mut input) = (false, false);
        while let Some((word, after)) = rest.split_first() {
            if word == b"--" || word == b"-" {
                rest = after;
                break;
            }
            if let Some(long) = word.strip_prefix(b"--") {
                rest = self.take_long_option(long, after)?;
                continue;
            }
            let (on, letters) = match word.split_first() {
                Some((b'-', letters)) if !letters.is_empty() => (true, letters),
                Some((b'+', letters)) if !letters.is_empty() => (false, letters),
                _ => break,
            };
            rest = after;
            for letter in letters {
                match letter {
                    b'c' if on => command = true,
                    b's' if on => input = true,
                    b'i' | b'l' | b'r' | b'D' => {}
                    b'o' => rest = self.take_named_option(on, rest)?,
                    b'O' => rest = self.take_shopt(on, rest)?,
                    _ => match SetOption::from_letter(*letter) {
                        Some(option) => self.options.set(option, on),
                        None => return Err(self.invalid_option(&[if on { b'-' } else { b'+' }, *letter])),
                    },
                }
            }
        }
        self.choose_source(command, input, rest)
    }

    fn choose_source(&mut self, command: bool, input: bool, rest: &[Vec<u8>]) -> Result<Invocation, u8> {
        if command {
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
            Some((path, rest)) if !input => {
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

    fn take_long_option<'a>(&mut self, name: &[u8], after: &'a [Vec<u8>]) -> Result<&'a [Vec<u8>], u8> {
        match name {
            b"version" => {
                let _ = self.sys.write(1, VERSION.as_bytes());
                Err(0)
            }
            b"help" => {
                let _ = self.sys.write(
                    1,
                    b"Usage:\tbash [GNU long option] [option] ...\n\tbash [GNU long option] [option] script-file ...\n",
                );
                Err(0)
            }
            b"posix" => {
                self.options.set(SetOption::Posix, true);
                Ok(after)
            }
            b"verbose" => {
                self.options.set(SetOption::Verbose, true);
                Ok(after)
            }
            b"rcfile" | b"init-file" => Ok(after.get(1..).unwrap_or_default()),
            b"login" | b"norc" | b"noprofile" | b"noediting" | b"restricted" | b"debugger" | b"pretty-print" => {
                Ok(after)
            }
            _ => Err(self.invalid_option(&[b"--", name].concat())),
        }
    }

    fn take_named_option<'a>(&mut self, on: bool, rest: &'a [Vec<u8>]) -> Result<&'a [Vec<u8>], u8> {
        let Some((name, rest)) = rest.split_first() else { return Ok(rest) };
        match SetOption::from_name(name) {
            Some(option) => self.options.set(option, on),
            None => {
                self.start_error(&[name, b": invalid option name".as_slice()].concat());
                return Err(2);
            }
        }
        Ok(rest)
    }

    fn take_shopt<'a>(&mut self, on: bool, rest: &'a [Vec<u8>]) -> Result<&'a [Vec<u8>], u8> {
        let Some((name, rest)) = rest.split_first() else { return Ok(rest) };
        match ShellOption::from_name(name) {
            Some(option) => self.options.set_shopt(option, on),
            None => {
                self.start_error(&[name, b": invalid shell option name".as_slice()].concat());
                return Err(2);
            }
        }
        Ok(rest)
    }

    fn invalid_option(&mut self, option: &[u8]) -> u8 {
        self.start_error(&[option, b": invalid option"].concat());
        2
    }

    fn start_error(&self, message: &[u8]) {
        self.write_error(&[&self.started_as[..], b": ", message, b"\n"].concat());
    }
}
