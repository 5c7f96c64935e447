//! `getopt`: arguments of a script in a normal form, as util-linux's enhanced getopt writes it.

mod quoting;
mod reading;

use std::collections::VecDeque;

use crate::options::{Grammar, HELP, VERSION};
use crate::program::{Outcome, Program};
use quoting::Shell;
use reading::{Item, Order, Reader};

/// `getopt`.
pub(crate) const PROGRAM: Program = Program {
    name: "getopt",
    failure: 2,
    help: "\
Usage: getopt OPTSTRING PARAMETERS
  or:  getopt [OPTION]... [--] OPTSTRING PARAMETERS
  or:  getopt [OPTION]... -o|--options OPTSTRING [OPTION]... [--] PARAMETERS
Parse command options.

  -a, --alternative             allow long options starting with a single -
  -l, --longoptions LONGOPTS    the long options to be recognized
  -n, --name PROGNAME           the name under which errors are reported
  -o, --options OPTSTRING       the short options to be recognized
  -q, --quiet                   disable error reporting by getopt(3)
  -Q, --quiet-output            no normal output
  -s, --shell SHELL             set quoting conventions to those of SHELL (sh, bash, csh, tcsh)
  -T, --test                    test for getopt version: status 4
  -u, --unquoted                do not quote the output
  -h, --help                    this help
  -V, --version                 the version

Status: 0 when all is well, 1 when the parameters are wrong, 2 when getopt's own are, 4 for -T.
",
    grammar: Grammar {
        short: "ao:l:n:qQs:TuhV",
        long: &[
            ("alternative", 'a'),
            ("longoptions=", 'l'),
            ("longopts=", 'l'),
            ("name=", 'n'),
            ("options=", 'o'),
            ("quiet", 'q'),
            ("quiet-output", 'Q'),
            ("shell=", 's'),
            ("test", 'T'),
            ("unquoted", 'u'),
            ("help", HELP),
            ("version", VERSION),
        ],
        stops_at_operand: true,
    },
    main,
};

const PARAMETERS_WRONG: i32 = 1;
const INTERNAL: i32 = 3;
const ENHANCED: i32 = 4;

struct Settings {
    name: String,
    short: Option<String>,
    long: Vec<String>,
    alternative: bool,
    quiet: bool,
    silent: bool,
    quote: bool,
    shell: Shell,
}

fn main(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let mut settings = Settings {
        name: program.name.to_owned(),
        short: None,
        long: Vec::new(),
        alternative: false,
        quiet: false,
        silent: false,
        quote: true,
        shell: Shell::Bourne,
    };
    let is_compatible = std::env::var_os("GETOPT_COMPATIBLE").is_some();
    let is_old = arguments.first().is_some_and(|first| !first.starts_with(b"-") || first == b"-");
    let mut operands: VecDeque<Vec<u8>> = if is_compatible || is_old {
        settings.quote = false;
        arguments.into()
    } else {
        read_options(program, &mut settings, arguments)?
    };
    if settings.short.is_none() {
        let Some(first) = operands.pop_front() else {
            return if is_compatible {
                Ok(program.print(" --\n"))
            } else {
                Err(program.misuse("missing optstring argument"))
            };
        };
        settings.short = Some(
            String::from_utf8_lossy(&first)
                .trim_start_matches(if settings.quote { &[][..] } else { &['-', '+'][..] })
                .to_owned(),
        );
    }
    if operands.front().is_some_and(|first| first == b"--") && settings.quote && is_old {
        operands.pop_front();
    }
    Ok(parse(program, &settings, operands))
}

fn read_options(program: &Program, settings: &mut Settings, arguments: Vec<Vec<u8>>) -> Outcome<VecDeque<Vec<u8>>> {
    if arguments.is_empty() {
        return Err(program.misuse("missing optstring argument"));
    }
    let (given, operands) = program.parse(arguments)?;
    for option in &given {
        match option.letter {
            'a' => settings.alternative = true,
            'o' => settings.short = Some(option.text()),
            'l' => {
                let text = option.text();
                let names = text.split([',', ' ', '\t', '\n']).filter(|name| !name.is_empty());
                for name in names {
                    if name.starts_with(':') {
                        return Err(program.misuse("empty long option after -l or --long argument"));
                    }
                    settings.long.push(name.to_owned());
                }
            }
            'n' => settings.name = option.text(),
            'q' => settings.quiet = true,
            'Q' => settings.silent = true,
            's' => {
                settings.shell = Shell::named(&option.text())
                    .ok_or_else(|| program.misuse("unknown shell after -s or --shell argument"))?;
            }
            'T' => return Err(ENHANCED),
            'u' => settings.quote = false,
            'h' => return Err(program.print(program.help)),
            _ => return Err(program.version()),
        }
    }
    Ok(operands.into())
}

/// Reads the parameters and writes them in the normal form.
fn parse(program: &Program, settings: &Settings, parameters: VecDeque<Vec<u8>>) -> i32 {
    let short = settings.short.clone().unwrap_or_default();
    let order = match short.chars().next() {
        Some('+') => Order::Stop,
        Some('-') => Order::InPlace,
        _ if std::env::var_os("POSIXLY_CORRECT").is_some() => Order::Stop,
        _ => Order::Permute,
    };
    let mut reader = Reader {
        short: short.trim_start_matches(['+', '-']).to_owned(),
        long: settings.long.clone(),
        alternative: settings.alternative,
        order,
        left: parameters,
        cluster: Vec::new(),
        operands: Vec::new(),
        is_over: false,
    };
    let quoted = |text: &[u8]| if settings.quote { settings.shell.quote(text) } else { text.to_vec() };
    let mut line = Vec::new();
    let mut status = 0;
    while let Some(item) = reader.next() {
        match item {
            Item::Short(letter, argument) => {
                line.extend([b' ', b'-', letter]);
                if let Some(argument) = argument {
                    line.push(b' ');
                    line.extend(quoted(&argument));
                }
            }
            Item::Long(name, argument) => {
                line.extend_from_slice(b" --");
                line.extend_from_slice(name.as_bytes());
                if let Some(argument) = argument {
                    line.push(b' ');
                    line.extend(quoted(&argument));
                }
            }
            Item::Operand(operand) => {
                line.push(b' ');
                line.extend(quoted(&operand));
            }
            Item::Wrong(message) => {
                status = PARAMETERS_WRONG;
                if !settings.quiet {
                    crate::program::say(&format!("{}: {message}", settings.name));
                }
            }
        }
    }
    if settings.silent {
        return status;
    }
    line.extend_from_slice(b" --");
    for operand in reader.operands.iter().chain(&reader.left) {
        line.push(b' ');
        line.extend(quoted(operand));
    }
    line.push(b'\n');
    if program.print(line) == 0 { status } else { INTERNAL }
}
