//! `time` as a program: how long a command takes, in GNU time's words.

use std::time::{Duration, Instant};

use sandshell_sys::{Children, Command, WaitStatus, exec_failure_status, path_of};

use crate::options::Grammar;
use crate::output::Output;
use crate::program::{Outcome, Program};

/// `time`.
pub(crate) const PROGRAM: Program = Program {
    name: "time",
    failure: 125,
    help: "\
Usage: time [OPTION]... COMMAND [ARG]...
Run COMMAND, then tell how long it took. The shell's keyword of that name times pipelines.

  -p, --portability    the format of POSIX
  -f, --format FORMAT  %e elapsed seconds, %E as a clock, %U user and %S system seconds, %P share of the CPU, %x status,
                       %C command, %M and the other counts of memory and files: 0 here; \\n, \\t, %%
  -v, --verbose        everything in words
  -o, --output FILE    write to FILE      -a, --append
  -q, --quiet          do not tell of a status that is not 0
      --help, -V, --version
",
    grammar: Grammar {
        short: "pf:vo:aqV",
        long: &[
            ("append", 'a'),
            ("format=", 'f'),
            ("output=", 'o'),
            ("portability", 'p'),
            ("quiet", 'q'),
            ("verbose", 'v'),
        ],
        stops_at_operand: true,
    },
    main,
};

const DEFAULT: &str = "%Uuser %Ssystem %Eelapsed %PCPU (%Xavgtext+%Davgdata %Mmaxresident)k\n\
%Iinputs+%Ooutputs (%Fmajor+%Rminor)pagefaults %Wswaps";
const POSIX: &str = "real %e\nuser %U\nsys %S";
const VERBOSE: &str = "\tCommand being timed: \"%C\"\n\tUser time (seconds): %U\n\tSystem time (seconds): %S\n\
\tPercent of CPU this job got: %P\n\tElapsed (wall clock) time (h:mm:ss or m:ss): %E\n\tExit status: %x";

/// What was measured.
struct Measured {
    elapsed: Duration,
    cpu: Duration,
    status: WaitStatus,
    command: String,
}

fn main(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, command) = program.parse(arguments)?;
    let mut format = std::env::var("TIME").unwrap_or_else(|_| DEFAULT.to_owned());
    let (mut output, mut append, mut quiet) = (None, false, false);
    for option in &given {
        match option.letter {
            'p' => format = POSIX.to_owned(),
            'v' => format = VERBOSE.to_owned(),
            'f' => format = option.text(),
            'o' => output = Some(option.bytes().to_vec()),
            'a' => append = true,
            'q' => quiet = true,
            _ => return Err(program.version()),
        }
    }
    let Some((name, rest)) = command.split_first() else { return Err(program.misuse("missing program to run")) };
    let begun = Instant::now();
    let child = Command::new(name).arguments(rest).inherit_all().spawn().map_err(|errno| {
        program.complain(&format!("cannot run {}: {errno}", String::from_utf8_lossy(name)));
        exec_failure_status(errno)
    })?;
    let waited = sandshell_sys::wait(Children::One(child));
    let elapsed = begun.elapsed();
    let (_, status) = waited.map_err(|errno| program.fail(&format!("error waiting for child process: {errno}")))?;
    let cpu = sandshell_sys::cpu_times().map_or(Duration::ZERO, |times| times.children);
    let command = String::from_utf8_lossy(&command.join(&b' ')).into_owned();
    let measured = Measured { elapsed, cpu, status, command };
    let mut out = match output {
        None => Output::to(Box::new(std::io::stderr())),
        Some(path) => {
            let mut how = std::fs::OpenOptions::new();
            how.create(true).write(true).append(append).truncate(!append);
            let file = how.open(path_of(&path));
            Output::to(Box::new(file.map_err(|error| {
                program.fail(&format!("{}: {}", String::from_utf8_lossy(&path), sandshell_sys::reason(&error)))
            })?))
        }
    };
    match measured.status {
        WaitStatus::Exited(0) => {}
        _ if quiet => {}
        WaitStatus::Exited(status) => out.text(&format!("Command exited with non-zero status {status}\n")),
        WaitStatus::Signalled(signal) => out.text(&format!("Command terminated by signal {}\n", signal.0)),
    }
    out.text(&expand(&format, &measured));
    out.text("\n");
    let written = out.finish(program, 0);
    Ok(if written == 0 { measured.status.shell_status().into() } else { written })
}

/// Fills in a format.
fn expand(format: &str, measured: &Measured) -> String {
    let mut text = String::new();
    let mut characters = format.chars();
    while let Some(character) = characters.next() {
        match character {
            '%' => match characters.next() {
                Some(letter) => text.push_str(&value(letter, measured)),
                None => text.push('?'),
            },
            '\\' => match characters.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('\\') => text.push('\\'),
                Some(other) => text.extend(['?', '\\', other]),
                None => text.push_str("?\\"),
            },
            other => text.push(other),
        }
    }
    text
}

fn value(letter: char, measured: &Measured) -> String {
    let elapsed = measured.elapsed.as_secs_f64();
    match letter {
        '%' => "%".to_owned(),
        'C' => measured.command.clone(),
        'e' => format!("{elapsed:.2}"),
        'E' => {
            let (seconds, hundredths) = (measured.elapsed.as_secs(), measured.elapsed.subsec_millis() / 10);
            match seconds / 3600 {
                0 => format!("{}:{:02}.{hundredths:02}", seconds / 60, seconds % 60),
                hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
            }
        }
        'U' => format!("{:.2}", measured.cpu.as_secs_f64()),
        'S' => "0.00".to_owned(),
        'P' if elapsed > 0.0 => format!("{:.0}%", (measured.cpu.as_secs_f64() / elapsed * 100.0).floor()),
        'P' => "?%".to_owned(),
        'x' => measured.status.shell_status().to_string(),
        'D' | 'F' | 'I' | 'K' | 'M' | 'O' | 'R' | 'W' | 'X' | 'Z' | 'c' | 'k' | 'p' | 'r' | 's' | 't' | 'w' => {
            "0".to_owned()
        }
        other => format!("?{other}"),
    }
}
