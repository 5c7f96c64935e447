//! `hexdump` and `hd`: bytes by format strings, as util-linux's hexdump writes them.
//!
//! Every option that names a layout stands for format strings of `-e`; there is one way to write.

mod display;
mod print;
mod unit;

use crate::options::Grammar;
use crate::program::{Outcome, Program};
use unit::Format;

const HELP: &str = "\
Usage: hexdump [OPTION]... [FILE]...
  or:  hd [OPTION]... [FILE]...
Display file contents in hexadecimal, decimal, octal, or ASCII.

  -b, --one-byte-octal    -X, --one-byte-hex
  -c, --one-byte-char     -C, --canonical (what hd does)
  -d, --two-bytes-decimal -o, --two-bytes-octal
  -x, --two-bytes-hex
  -e, --format FORMAT     -f, --format-file FILE
  -n, --length LENGTH     read only LENGTH bytes
  -s, --skip OFFSET       skip OFFSET bytes from the beginning
  -v, --no-squeezing      output identical lines
  -L, --color[=WHEN]      accepted; nothing is colored
      --help, -V, --version
";

const GRAMMAR: Grammar = Grammar {
    short: "bXcCde:f:L::n:os:vxhV",
    long: &[
        ("canonical", 'C'),
        ("color?", 'L'),
        ("format=", 'e'),
        ("format-file=", 'f'),
        ("length=", 'n'),
        ("no-squeezing", 'v'),
        ("one-byte-char", 'c'),
        ("one-byte-hex", 'X'),
        ("one-byte-octal", 'b'),
        ("skip=", 's'),
        ("two-bytes-decimal", 'd'),
        ("two-bytes-hex", 'x'),
        ("two-bytes-octal", 'o'),
    ],
    stops_at_operand: false,
};

/// `hexdump`.
pub(crate) const PROGRAM: Program =
    Program { name: "hexdump", failure: 1, help: HELP, grammar: GRAMMAR, main: run_hexdump };

/// `hd`: `hexdump -C`.
pub(crate) const HD: Program = Program { name: "hd", failure: 1, help: HELP, grammar: GRAMMAR, main: run_hd };

/// The format strings of the options that name a layout.
const LAYOUTS: &[(char, &[&str])] = &[
    ('b', &[r#""%07.7_Ax\n""#, r#""%07.7_ax " 16/1 "%03o " "\n""#]),
    ('c', &[r#""%07.7_Ax\n""#, r#""%07.7_ax " 16/1 "%3_c " "\n""#]),
    ('C', &[r#""%08.8_Ax\n""#, r#""%08.8_ax  " 8/1 "%02x " "  " 8/1 "%02x " "#, r#""  |" 16/1 "%_p" "|\n""#]),
    ('d', &[r#""%07.7_Ax\n""#, r#""%07.7_ax " 8/2 "  %05u " "\n""#]),
    ('o', &[r#""%07.7_Ax\n""#, r#""%07.7_ax " 8/2 " %06o " "\n""#]),
    ('x', &[r#""%07.7_Ax\n""#, r#""%07.7_ax " 8/2 "   %04x " "\n""#]),
    ('X', &[r#""%07.7_Ax\n""#, r#""%07.7_ax " 16/1 " %02x " "\n""#]),
];
const DEFAULT: &[&str] = &[r#""%07.7_Ax\n""#, r#""%07.7_ax " 8/2 "%04x " "\n""#];

/// What the options ask for.
struct Settings {
    formats: Vec<Format>,
    length: Option<u64>,
    skip: u64,
    all_lines: bool,
}

fn run_hexdump(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    run(program, arguments, false)
}

fn run_hd(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    run(program, arguments, true)
}

fn run(program: &Program, arguments: Vec<Vec<u8>>, canonical: bool) -> Outcome {
    let (given, operands) = program.parse(arguments)?;
    let mut settings = Settings { formats: Vec::new(), length: None, skip: 0, all_lines: false };
    let add = |settings: &mut Settings, text: &str| {
        let format = unit::parse(text).map_err(|message| program.fail(&message))?;
        settings.formats.push(format);
        Ok(())
    };
    for option in &given {
        match option.letter {
            'e' => add(&mut settings, &option.text())?,
            'f' => {
                let text = crate::input::read(option.bytes())
                    .map_err(|error| program.fail(&format!("{}: {}", option.text(), sandshell_sys::reason(&error))))?;
                let text = String::from_utf8_lossy(&text).into_owned();
                let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
                lines.map(|line| add(&mut settings, line)).collect::<Outcome<Vec<()>>>()?;
            }
            'n' => settings.length = Some(size(program, "failed to parse length", &option.text())?),
            's' => settings.skip = size(program, "failed to parse offset", &option.text())?,
            'v' => settings.all_lines = true,
            'h' => return Err(program.print(HELP)),
            'V' => return Err(program.version()),
            'L' => {}
            letter => {
                let layout = LAYOUTS.iter().find(|(known, _)| *known == letter).map_or(DEFAULT, |(_, layout)| layout);
                layout.iter().try_for_each(|text| add(&mut settings, text))?;
            }
        }
    }
    if settings.formats.is_empty() {
        let layout =
            if canonical { LAYOUTS.iter().find(|(known, _)| *known == 'C').map(|(_, layout)| *layout) } else { None };
        layout.unwrap_or(DEFAULT).iter().try_for_each(|text| add(&mut settings, text))?;
    }
    display::run(program, settings, operands)
}

/// Reads a size as util-linux does: decimal, `0x`, `0`, with `K`, `KiB` (1024) or `KB` (1000) and so on, or `b` for 512.
fn size(program: &Program, what: &str, text: &str) -> Outcome<u64> {
    parse_size(text).ok_or_else(|| program.fail(&format!("{what}: '{text}'")))
}

fn parse_size(text: &str) -> Option<u64> {
    let (radix, rest) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(rest) => (16, rest),
        None if text.len() > 1 && text.starts_with('0') => (8, text),
        None => (10, text),
    };
    let end = rest.find(|character: char| !character.is_digit(radix)).unwrap_or(rest.len());
    let (digits, suffix) = rest.split_at(end);
    let value = u64::from_str_radix(digits, radix).ok()?;
    let Some(letter) = suffix.chars().next() else { return Some(value) };
    if suffix == "b" {
        return value.checked_mul(512);
    }
    let power = u32::try_from("KMGTPE".find(letter.to_ascii_uppercase())? + 1).ok()?;
    let base: u64 = match suffix.get(letter.len_utf8()..)? {
        "" | "iB" => 1024,
        "B" => 1000,
        _ => return None,
    };
    value.checked_mul(base.checked_pow(power)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_suffixes() {
        assert_eq!((parse_size("16"), parse_size("0x10"), parse_size("020")), (Some(16), Some(16), Some(16)));
        assert_eq!((parse_size("2K"), parse_size("2KB"), parse_size("1MiB")), (Some(2048), Some(2000), Some(1 << 20)));
        assert_eq!((parse_size("x"), parse_size("1Kx"), parse_size("")), (None, None, None));
    }

    #[test]
    fn every_layout_is_well_formed() {
        for text in LAYOUTS.iter().flat_map(|(_, layout)| *layout).chain(DEFAULT) {
            assert!(unit::parse(text).is_ok(), "{text}");
        }
    }
}
