//! `watch`: a command again and again. Without a terminal each refresh is printed below the last.

use std::io::Read;
use std::time::{Duration, Instant};

use sandshell_sys::{Children, Command, Fd, WaitStatus, exec_failure_status, is_terminal, quote, window_size};

use super::table::format_time;
use crate::options::Grammar;
use crate::output::Output;
use crate::program::{Outcome, Program};

/// `watch`.
pub(crate) const PROGRAM: Program = Program {
    name: "watch",
    failure: 1,
    help: "\
Usage: watch [OPTION]... COMMAND [ARG]...
Execute a command periodically, showing its output.

  -n, --interval SECONDS  time between the updates (2; at least 0.1)
  -t, --no-title          no line with the command and the time
  -d, --differences[=permanent]  mark lines that changed (on a terminal, in reverse)
  -g, --chgexit           end when the output changes
  -q, --equexit CYCLES    end when the output has not changed for so many updates
  -e, --errexit           end when the command fails
  -x, --exec              start the command itself, not through sh -c
  -b, --beep   -c, --color   -C, --no-color   -p, --precise   -r, -w   accepted
  -h, --help, -v, --version

It goes on until a signal ends it. On what is not a terminal every update is printed, without clearing.
",
    grammar: Grammar {
        short: "bcCd::egq:n:prtwxhv",
        long: &[
            ("beep", 'b'),
            ("chgexit", 'g'),
            ("color", 'c'),
            ("differences?", 'd'),
            ("equexit=", 'q'),
            ("errexit", 'e'),
            ("exec", 'x'),
            ("interval=", 'n'),
            ("no-color", 'C'),
            ("no-linewrap", 'w'),
            ("no-rerun", 'r'),
            ("no-title", 't'),
            ("precise", 'p'),
        ],
        stops_at_operand: true,
    },
    main,
};

/// Output of an update that is kept, as a screen holds only so much.
const OUTPUT_MAX_BYTES: u64 = 1 << 20;
/// The command failed and that ends watch (procps).
const COMMAND_FAILED: i32 = 8;
const DEFAULT_COLUMNS: usize = 80;

struct Settings {
    interval: Duration,
    title: bool,
    differences: bool,
    ends_on_change: bool,
    ends_on_error: bool,
    /// Updates without a change after which it ends.
    equal_cycles: Option<u64>,
    is_direct: bool,
}

fn main(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, command) = program.parse(arguments)?;
    let mut settings = Settings {
        interval: Duration::from_secs(2),
        title: true,
        differences: false,
        ends_on_change: false,
        ends_on_error: false,
        equal_cycles: None,
        is_direct: false,
    };
    for option in &given {
        match option.letter {
            'n' => {
                let text = option.text().replace(',', ".");
                let seconds: f64 = program.number("failed to parse argument", &text)?;
                let bounded = seconds.clamp(0.1, 4_294_967.0);
                settings.interval = Duration::try_from_secs_f64(bounded).unwrap_or(settings.interval);
            }
            't' => settings.title = false,
            'd' => settings.differences = true,
            'g' => settings.ends_on_change = true,
            'e' => settings.ends_on_error = true,
            'q' => settings.equal_cycles = Some(program.number("failed to parse argument", &option.text())?),
            'x' => settings.is_direct = true,
            'h' => return Err(program.print(program.help)),
            'v' => return Err(program.version()),
            _ => {}
        }
    }
    if command.is_empty() {
        return Err(program.misuse("no command is given"));
    }
    run(program, &settings, &command)
}

fn run(program: &Program, settings: &Settings, command: &[Vec<u8>]) -> Outcome {
    let on_terminal = is_terminal(Fd::STDOUT).unwrap_or(false);
    let mut previous: Option<Vec<u8>> = None;
    let mut n_equal = 0;
    loop {
        let begun = Instant::now();
        let (text, status) = update(program, settings, command)?;
        let mut out = Output::new();
        if on_terminal {
            out.text("\x1b[H\x1b[2J");
        }
        if settings.title {
            out.text(&title(settings, command));
        }
        let old = previous.as_deref().filter(|_| settings.differences && on_terminal);
        show(&text, old, &mut out);
        let written = out.finish(program, 0);
        if written != 0 {
            return Ok(written);
        }
        if settings.ends_on_error && status != 0 {
            return Ok(COMMAND_FAILED);
        }
        let is_equal = previous.as_ref() == Some(&text);
        if settings.ends_on_change && previous.is_some() && !is_equal {
            return Ok(0);
        }
        n_equal = if is_equal { n_equal + 1 } else { 0 };
        if settings.equal_cycles.is_some_and(|cycles| n_equal >= cycles) {
            return Ok(0);
        }
        previous = Some(text);
        std::thread::sleep(settings.interval.saturating_sub(begun.elapsed()));
    }
}

/// Runs the command once: what it writes and its status.
fn update(program: &Program, settings: &Settings, command: &[Vec<u8>]) -> Outcome<(Vec<u8>, u8)> {
    let fault = |errno: sandshell_sys::Errno| program.fail(&format!("cannot run the command: {errno}"));
    let (mut reader, writer) = sandshell_sys::pipe_files().map_err(fault)?;
    let prepared = match command.split_first() {
        Some((name, rest)) if settings.is_direct => Command::new(name).arguments(rest),
        _ => Command::new(b"sh").arguments([b"-c".to_vec(), command.join(&b' ')]),
    };
    let end = Fd::from(&writer);
    let child = prepared.descriptor(1, end).descriptor(2, end).spawn().map_err(|errno| {
        let name = command.first().map(|name| quote(name)).unwrap_or_default();
        program.complain(&format!("failed to run command {name}: {errno}"));
        exec_failure_status(errno)
    })?;
    drop(writer);
    let mut text = Vec::new();
    // What is beyond the bound is read, too, so that the command is not stopped; it is not kept.
    let read = (&mut reader).take(OUTPUT_MAX_BYTES).read_to_end(&mut text);
    let rest = std::io::copy(&mut reader, &mut std::io::sink());
    if let Err(error) = read.and(rest.map(|_| 0)) {
        return Err(program.fail(&sandshell_sys::reason(&error)));
    }
    let (_, status) = sandshell_sys::wait(Children::One(child)).map_err(fault)?;
    Ok((text, WaitStatus::shell_status(status)))
}

/// The line above an update: the command at the left, host and time at the right.
fn title(settings: &Settings, command: &[Vec<u8>]) -> String {
    let width = window_size().map_or(DEFAULT_COLUMNS, |size| usize::from(size.columns));
    let command = String::from_utf8_lossy(&command.join(&b' ')).into_owned();
    let left = format!("Every {:.1}s: {command}", settings.interval.as_secs_f64());
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let now = super::table::Machine::load().now_secs;
    let right = format!("{}: {}", host.trim(), format_time("%a %b %e %H:%M:%S %Y", now));
    let room = width.saturating_sub(right.chars().count() + 1);
    let left: String = left.chars().take(room).collect();
    format!("{left:<room$} {right}\n\n")
}

/// Writes an update, lines that changed in reverse.
fn show(text: &[u8], old: Option<&[u8]>, out: &mut Output) {
    let Some(old) = old else {
        out.put(text);
        if !text.is_empty() && !text.ends_with(b"\n") {
            out.text("\n");
        }
        return;
    };
    let mut before = old.split(|byte| *byte == b'\n');
    for line in text.split(|byte| *byte == b'\n') {
        let is_new = before.next() != Some(line);
        out.text(if is_new { "\x1b[7m" } else { "" });
        out.put(line);
        out.text(if is_new { "\x1b[27m\n" } else { "\n" });
    }
}
