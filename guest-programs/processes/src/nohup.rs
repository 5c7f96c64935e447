//! `nohup`: starts a program that ignores hangups, with its output in a file where it would go to a terminal.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;

use sandshell_sys::options::{HELP, Letters, OptionReader, Order, VERSION};
use sandshell_sys::{Command, Disposition, Fd, Signal, exec_failure_status, is_terminal, quote_if_needed, reason};
use sandshell_sys::{path_of, set_disposition};

use crate::message::Program;

pub(crate) const USAGE: &str = "\
Usage: nohup COMMAND [ARG]...
  or:  nohup OPTION
Runs COMMAND, ignoring hangup signals.

      --help           display this help and exit
      --version        output version information and exit

If standard input is a terminal, it is redirected from an unreadable file. If standard output is a terminal, output is
appended to 'nohup.out' if possible, '$HOME/nohup.out' otherwise. If standard error is a terminal, it is redirected to
standard output.

Exit status: 125 if nohup itself fails, 126 if COMMAND cannot be invoked, 127 if it cannot be found, else COMMAND's.
";

const SPEC: Letters = Letters { short: "", long: &[] };

pub(crate) fn main(program: &Program, argv: Vec<Vec<u8>>) -> i32 {
    let mut arguments = OptionReader::new(&SPEC, Order::BeforeOperands, argv);
    match arguments.next_option() {
        Ok(None) => {}
        Ok(Some((HELP, _))) => return program.help(),
        Ok(Some((VERSION, _))) => return program.version(),
        Ok(Some(_)) => return program.hint(),
        Err(message) => return program.misuse(&message),
    }
    let operands = arguments.rest();
    let Some((name, rest)) = operands.split_first() else { return program.misuse("missing operand") };
    let terminal = |fd| is_terminal(fd).unwrap_or(false);
    let [input, output, errors] = [Fd::STDIN, Fd::STDOUT, Fd::STDERR].map(terminal);
    let mut command = Command::new(name).arguments(rest);
    // Both stay open until the program has them.
    let (mut unreadable, mut file) = (None, None);
    if input {
        match OpenOptions::new().write(true).open("/dev/null") {
            Ok(opened) => command = command.descriptor(0, number(unreadable.insert(opened))),
            Err(error) => {
                return program.fail(&format!("failed to render standard input unusable: {}", reason(&error)));
            }
        }
    }
    let ignoring = if input { "ignoring input and " } else { "" };
    if output {
        match open_output() {
            Ok((path, opened)) => {
                program.complain(&format!("{ignoring}appending output to {}", as_word(&path)));
                let fd = number(file.insert(opened));
                command = command.descriptor(1, fd);
                if errors {
                    command = command.descriptor(2, fd);
                }
            }
            Err((path, error)) => {
                return program.fail(&format!("failed to open {}: {}", as_word(&path), reason(&error)));
            }
        }
    } else if errors {
        program.complain(&format!("{ignoring}redirecting stderr to stdout"));
        command = command.descriptor(2, Fd::STDOUT);
    } else if input {
        program.complain("ignoring input");
    }
    if let Err(errno) = set_disposition(Signal::HUP, Disposition::Ignore) {
        return program.fail(&format!("cannot ignore hangups: {errno}"));
    }
    let errno = command.exec();
    program.complain(&format!("failed to run command {}: {errno}", as_word(name)));
    exec_failure_status(errno)
}

fn number(file: &File) -> Fd {
    // An open file's number is not negative.
    Fd(file.as_raw_fd().cast_unsigned())
}

/// Opens `nohup.out` here, or else in the home directory.
fn open_output() -> Result<(Vec<u8>, File), (Vec<u8>, io::Error)> {
    let append = |path: &[u8]| OpenOptions::new().append(true).create(true).open(path_of(path));
    let here = b"nohup.out".to_vec();
    let error = match append(&here) {
        Ok(file) => return Ok((here, file)),
        Err(error) => error,
    };
    let Some(home) = std::env::var_os("HOME") else { return Err((here, error)) };
    let there = [sandshell_sys::bytes_of(&home), b"/nohup.out"].concat();
    match append(&there) {
        Ok(file) => Ok((there, file)),
        Err(error) => Err((there, error)),
    }
}

/// Names in messages are always in apostrophes.
fn as_word(name: &[u8]) -> String {
    let word = quote_if_needed(name);
    if word.starts_with('\'') { word } else { format!("'{word}'") }
}
