//! `env`: prints the environment, or starts a program in a changed one.

use sandshell_sys::options::{HELP, Letters, OptionReader, Order, VERSION};
use sandshell_sys::{Command, Disposition, Errno, Signal, disposition, environment, exec_failure_status};
use sandshell_sys::{change_directory, quote, quote_if_needed, set_disposition};

use crate::env_split;
use crate::message::{self, Program};

pub(crate) const USAGE: &str = "\
Usage: env [OPTION]... [-] [NAME=VALUE]... [COMMAND [ARG]...]
Sets each NAME to VALUE in the environment and runs COMMAND.

  -i, --ignore-environment    start with an empty environment
  -0, --null                  end each output line with NUL, not newline
  -u, --unset=NAME            remove variable from the environment
  -C, --chdir=DIR             change working directory to DIR
  -S, --split-string=S        process and split S into separate arguments;
                              used to pass multiple arguments on shebang lines
      --default-signal[=SIG]  reset handling of SIG signal(s) to the default
      --ignore-signal[=SIG]   set handling of SIG signal(s) to do nothing
      --list-signal-handling  list non default signal handling to stderr
  -v, --debug                 print verbose information for each processing step
      --help                  display this help and exit
      --version               output version information and exit

A mere - implies -i. If no COMMAND, print the resulting environment.
SIG may be a signal name like 'PIPE', or a signal number like '13', or several, separated by commas. Without SIG, all
known signals are included.

Exit status: 125 if env itself fails, 126 if COMMAND cannot be invoked, 127 if it cannot be found, else COMMAND's.
";

const DEFAULT_SIGNAL: char = 'D';
const IGNORE_SIGNAL: char = 'I';
const BLOCK_SIGNAL: char = 'B';
const LIST_SIGNALS: char = 'L';

const SPEC: Letters = Letters {
    short: "i0vu:C:S:",
    long: &[
        ("ignore-environment", 'i'),
        ("null", '0'),
        ("unset=", 'u'),
        ("chdir=", 'C'),
        ("default-signal?", DEFAULT_SIGNAL),
        ("ignore-signal?", IGNORE_SIGNAL),
        ("block-signal?", BLOCK_SIGNAL),
        ("list-signal-handling", LIST_SIGNALS),
        ("debug", 'v'),
        ("split-string=", 'S'),
    ],
};

/// What the options ask for.
#[derive(Debug, Default)]
struct Settings {
    empty: bool,
    null: bool,
    verbose: bool,
    list_signals: bool,
    unset: Vec<Vec<u8>>,
    directory: Option<Vec<u8>>,
    signals: Vec<(Signal, Disposition)>,
}

/// Why nothing is done: the exit status, everything said.
struct Refused(i32);

pub(crate) fn main(program: &Program, argv: Vec<Vec<u8>>) -> i32 {
    run(program, argv).unwrap_or_else(|Refused(status)| status)
}

fn run(program: &Program, argv: Vec<Vec<u8>>) -> Result<i32, Refused> {
    let mut arguments = OptionReader::new(&SPEC, Order::BeforeOperands, argv);
    let mut settings = read_options(program, &mut arguments)?;
    let mut operands = arguments.rest();
    if operands.first().is_some_and(|operand| operand == b"-") {
        settings.empty = true;
        operands.remove(0);
    }
    let mut env = if settings.empty { Vec::new() } else { environment() };
    if settings.empty && settings.verbose {
        message::write("cleaning environ");
    }
    unset_all(program, &settings, &mut env)?;
    let n_assignments = operands.iter().take_while(|operand| operand.contains(&b'=')).count();
    let command = operands.split_off(n_assignments);
    for assignment in operands {
        if settings.verbose {
            message::write(&format!("setenv:   {}", String::from_utf8_lossy(&assignment)));
        }
        set(&mut env, assignment);
    }
    match command.split_first() {
        None => print(program, &settings, &env),
        Some(_) if settings.null => Err(Refused(program.misuse("cannot specify --null (-0) with command"))),
        Some((name, rest)) => start(program, &settings, env, name, rest),
    }
}

fn read_options(program: &Program, arguments: &mut OptionReader<'_, Letters>) -> Result<Settings, Refused> {
    let mut settings = Settings::default();
    loop {
        let (letter, argument) = match arguments.next_option() {
            Ok(None) => return Ok(settings),
            Ok(Some((HELP, _))) => return Err(Refused(program.help())),
            Ok(Some((VERSION, _))) => return Err(Refused(program.version())),
            Ok(Some(found)) => found,
            Err(message) => return Err(Refused(program.misuse(&message))),
        };
        match letter {
            'i' => settings.empty = true,
            '0' => settings.null = true,
            'v' => settings.verbose = true,
            LIST_SIGNALS => settings.list_signals = true,
            'u' => settings.unset.extend(argument),
            'C' => settings.directory = argument,
            'S' => {
                let text = argument.unwrap_or_default();
                let words = env_split::split(&text, value_of).map_err(|message| Refused(program.fail(&message)))?;
                if settings.verbose {
                    tell_split(&text, &words);
                }
                arguments.insert(words);
            }
            BLOCK_SIGNAL => {
                return Err(Refused(program.fail(&format!("cannot block signals: {}", Errno::ENOSYS))));
            }
            _ => {
                let action = if letter == IGNORE_SIGNAL { Disposition::Ignore } else { Disposition::Default };
                let signals = read_signals(program, argument)?;
                settings.signals.extend(signals.into_iter().map(|signal| (signal, action)));
            }
        }
    }
}

fn value_of(name: &[u8]) -> Option<Vec<u8>> {
    environment().iter().find_map(|entry| entry.strip_prefix(name)?.strip_prefix(b"=").map(<[u8]>::to_vec))
}

fn tell_split(text: &[u8], words: &[Vec<u8>]) {
    message::write(&format!("split -S:  {}", quote(text)));
    for (at, word) in words.iter().enumerate() {
        message::write(&format!("{}{}", if at == 0 { " into:    " } else { "     &    " }, quote(word)));
    }
}

/// Reads names separated by commas; without any, all signals are meant.
fn read_signals(program: &Program, list: Option<Vec<u8>>) -> Result<Vec<Signal>, Refused> {
    let Some(list) = list else {
        return Ok(Signal::all().filter(|signal| *signal != Signal::KILL && *signal != Signal(19)).collect());
    };
    let read = |name: &[u8]| {
        let signal = Signal::parse(&String::from_utf8_lossy(name));
        signal.ok_or_else(|| Refused(program.misuse(&format!("{}: invalid signal", quote(name)))))
    };
    list.split(|byte| *byte == b',').map(read).collect()
}

fn unset_all(program: &Program, settings: &Settings, env: &mut Vec<Vec<u8>>) -> Result<(), Refused> {
    for name in settings.unset.iter().filter(|_| !settings.empty) {
        if name.is_empty() || name.contains(&b'=') {
            return Err(Refused(program.fail(&format!("cannot unset {}: {}", quote(name), Errno::EINVAL))));
        }
        if settings.verbose {
            message::write(&format!("unset:    {}", String::from_utf8_lossy(name)));
        }
        env.retain(|entry| !has_name(entry, name));
    }
    Ok(())
}

/// Sets a variable: in its place, or at the end.
fn set(env: &mut Vec<Vec<u8>>, assignment: Vec<u8>) {
    let name = assignment.split(|byte| *byte == b'=').next().unwrap_or_default().to_vec();
    match env.iter_mut().find(|entry| has_name(entry, &name)) {
        Some(entry) => *entry = assignment,
        None => env.push(assignment),
    }
}

fn has_name(entry: &[u8], name: &[u8]) -> bool {
    entry.strip_prefix(name).is_some_and(|rest| rest.first() == Some(&b'='))
}

fn print(program: &Program, settings: &Settings, env: &[Vec<u8>]) -> Result<i32, Refused> {
    if settings.directory.is_some() {
        return Err(Refused(program.misuse("must specify command with --chdir (-C)")));
    }
    apply_signals(program, settings)?;
    let end: &[u8] = if settings.null { b"\0" } else { b"\n" };
    let lines: Vec<u8> = env.iter().flat_map(|entry| [entry, end].concat()).collect();
    Ok(program.print(lines))
}

fn apply_signals(program: &Program, settings: &Settings) -> Result<(), Refused> {
    for (signal, action) in &settings.signals {
        if let Err(errno) = set_disposition(*signal, *action) {
            let text = format!("failed to set signal action for signal {}: {errno}", signal.0);
            return Err(Refused(program.fail(&text)));
        }
    }
    if settings.list_signals {
        for signal in Signal::all().filter(|signal| disposition(*signal) == Ok(Disposition::Ignore)) {
            message::write(&format!("{:<10} ({:2}): IGNORE", signal.name(), signal.0));
        }
    }
    Ok(())
}

fn start(
    program: &Program,
    settings: &Settings,
    env: Vec<Vec<u8>>,
    name: &[u8],
    rest: &[Vec<u8>],
) -> Result<i32, Refused> {
    apply_signals(program, settings)?;
    if let Some(directory) = &settings.directory {
        if settings.verbose {
            message::write(&format!("chdir:    {}", as_word(directory)));
        }
        change_directory(directory).map_err(|errno| {
            Refused(program.fail(&format!("cannot change directory to {}: {errno}", as_word(directory))))
        })?;
    }
    if settings.verbose {
        message::write(&format!("executing: {}", String::from_utf8_lossy(name)));
        for (at, word) in [name].into_iter().chain(rest.iter().map(Vec::as_slice)).enumerate() {
            message::write(&format!("   arg[{at}]= {}", quote(word)));
        }
    }
    let errno = Command::new(name).arguments(rest).environment(env).exec();
    program.complain(&format!("{}: {errno}", quote(name)));
    if errno == Errno::ENOENT && name.contains(&b' ') {
        program.complain("use -[v]S to pass options in shebang lines");
    }
    Ok(exec_failure_status(errno))
}

/// Directories in messages are always in apostrophes.
fn as_word(name: &[u8]) -> String {
    let word = quote_if_needed(name);
    if word.starts_with('\'') { word } else { format!("'{word}'") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_replaced_in_its_place() {
        let mut env = vec![b"A=1".to_vec(), b"AB=2".to_vec()];
        set(&mut env, b"A=3".to_vec());
        set(&mut env, b"C=".to_vec());
        assert_eq!(env, [b"A=3".to_vec(), b"AB=2".to_vec(), b"C=".to_vec()]);
    }
}
