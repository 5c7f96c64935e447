//! `strings`: the printable sequences of files, as binutils finds them.

use std::io::{BufRead, Read};

use crate::input;
use crate::options::Grammar;
use crate::output::Output;
use crate::program::{Outcome, Program};

/// `strings`.
pub(crate) const PROGRAM: Program = Program {
    name: "strings",
    failure: 1,
    help: "\
Usage: strings [OPTION]... [FILE]...
Display printable strings in [FILE]... (stdin by default).

  -a, --all                 scan the entire file (always so)
  -f, --print-file-name     print the name of the file before each string
  -n, --bytes=NUMBER        print sequences of at least NUMBER characters (4)
  -NUMBER                   the same
  -t, --radix={o,d,x}       print the location of the string in base 8, 10 or 16
  -w, --include-all-whitespace  take all white space for characters of strings
  -o                        an alias for --radix=o
  -e, --encoding={s,S,b,l,B,L}  character size and endianness: s = 7-bit, S = 8-bit, {b,l} = 16-bit, {B,L} = 32-bit
  -s, --output-separator=STRING  separate strings by STRING, not newline
  -h, --help                this help
  -v, -V, --version         the version
",
    grammar: Grammar {
        short: "adfhn:t:owe:s:vV",
        long: &[
            ("all", 'a'),
            ("data", 'd'),
            ("print-file-name", 'f'),
            ("bytes=", 'n'),
            ("radix=", 't'),
            ("include-all-whitespace", 'w'),
            ("encoding=", 'e'),
            ("output-separator=", 's'),
        ],
        stops_at_operand: false,
    },
    main,
};

/// Longest string that is held until its length is known to suffice; what is longer is written as it comes.
const MINIMUM_MAX: usize = 1 << 20;

/// How characters are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Encoding {
    bytes: usize,
    big_endian: bool,
    eight_bits: bool,
}

struct Settings {
    minimum: usize,
    radix: Option<char>,
    show_name: bool,
    white_space: bool,
    encoding: Encoding,
    separator: Vec<u8>,
}

fn main(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (given, operands) = program.parse(spell_out(arguments))?;
    let mut settings = Settings {
        minimum: 4,
        radix: None,
        show_name: false,
        white_space: false,
        encoding: Encoding { bytes: 1, big_endian: false, eight_bits: false },
        separator: b"\n".to_vec(),
    };
    for option in &given {
        match option.letter {
            'f' => settings.show_name = true,
            'n' => settings.minimum = minimum(program, &option.text())?,
            'o' => settings.radix = Some('o'),
            't' => {
                let radix = option.text().chars().next().filter(|radix| "odx".contains(*radix));
                settings.radix = Some(radix.ok_or_else(|| program.misuse("invalid radix"))?);
            }
            'w' => settings.white_space = true,
            'e' => settings.encoding = encoding(&option.text()).ok_or_else(|| program.misuse("invalid encoding"))?,
            's' => settings.separator = option.bytes().to_vec(),
            'h' => return Err(program.print(program.help)),
            'v' | 'V' => return Err(program.version()),
            _ => {}
        }
    }
    let mut out = Output::new();
    let mut status = 0;
    if operands.is_empty() {
        let scanned = scan(&settings, input::standard().as_mut(), b"{standard input}", &mut out);
        status |= scanned.map_or_else(|error| program.fail(&sandshell_sys::reason(&error)), |()| 0);
    }
    for path in &operands {
        let name = String::from_utf8_lossy(path);
        match input::open_file(path).and_then(|mut file| scan(&settings, file.as_mut(), path, &mut out)) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                status = program.fail(&format!("'{name}': No such file"));
            }
            Err(error) if sandshell_sys::reason(&error) == "Is a directory" => {
                program.complain(&format!("Warning: '{name}' is a directory"));
                status = 1;
            }
            Err(error) => status = program.fail(&format!("{name}: {}", sandshell_sys::reason(&error))),
        }
    }
    Ok(out.finish(program, status))
}

/// Turns `-8` into `-n8`.
fn spell_out(arguments: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let spelled = |argument: Vec<u8>| match argument.strip_prefix(b"-") {
        Some(digits) if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => [b"-n", digits].concat(),
        _ => argument,
    };
    arguments.into_iter().map(spelled).collect()
}

fn minimum(program: &Program, text: &str) -> Outcome<usize> {
    let minimum: usize = text.parse().map_err(|_| program.fail(&format!("invalid integer argument {text}")))?;
    if !(1..=MINIMUM_MAX).contains(&minimum) {
        return Err(program.fail(&format!("invalid minimum string length {text}")));
    }
    Ok(minimum)
}

fn encoding(text: &str) -> Option<Encoding> {
    let of = |bytes, big_endian, eight_bits| Some(Encoding { bytes, big_endian, eight_bits });
    match text {
        "s" => of(1, false, false),
        "S" => of(1, false, true),
        "b" => of(2, true, false),
        "l" => of(2, false, false),
        "B" => of(4, true, false),
        "L" => of(4, false, false),
        _ => None,
    }
}

impl Settings {
    /// The character at the start of `bytes` if it is printable.
    fn character(&self, bytes: &[u8]) -> Option<u8> {
        let (value, rest) = if self.encoding.big_endian {
            let (last, rest) = bytes.split_last()?;
            (*last, rest)
        } else {
            let (first, rest) = bytes.split_first()?;
            (*first, rest)
        };
        let is_printable = match value {
            b'\t' | b' '..=b'~' => true,
            b'\n'..=b'\r' => self.white_space,
            0x80.. => self.encoding.eight_bits,
            _ => false,
        };
        (is_printable && rest.iter().all(|byte| *byte == 0)).then_some(value)
    }
}

/// Writes the strings of one input.
fn scan(settings: &Settings, source: &mut dyn BufRead, name: &[u8], out: &mut Output) -> std::io::Result<()> {
    let width = settings.encoding.bytes;
    let mut found = Vec::new();
    let mut window: Vec<u8> = Vec::with_capacity(width);
    let mut bytes = source.bytes();
    let mut position = 0u64;
    let mut written = false;
    loop {
        while window.len() < width {
            match bytes.next() {
                Some(byte) => window.push(byte?),
                None => break,
            }
        }
        let character = if window.len() == width { settings.character(&window) } else { None };
        if let Some(character) = character {
            found.push(character);
            position += width as u64;
            window.clear();
            if written {
                out.put(&found);
                found.clear();
            } else if found.len() >= settings.minimum {
                head(settings, name, position - (found.len() * width) as u64, out);
                out.put(&found);
                found.clear();
                written = true;
            }
            continue;
        }
        if written {
            out.put(&settings.separator);
        }
        written = false;
        found.clear();
        if window.len() < width || out.has_failed() {
            return Ok(());
        }
        // Wide characters may begin at any byte.
        window.remove(0);
        position += 1;
    }
}

fn head(settings: &Settings, name: &[u8], position: u64, out: &mut Output) {
    if settings.show_name {
        out.put(name);
        out.text(": ");
    }
    match settings.radix {
        Some('o') => out.text(&format!("{position:>7o} ")),
        Some('x') => out.text(&format!("{position:>7x} ")),
        Some(_) => out.text(&format!("{position:>7} ")),
        None => {}
    }
}
