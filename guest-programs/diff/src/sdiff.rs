//! `sdiff`: two files side by side, which is `diff -y` with option letters of its own.
//!
//! It does not merge interactively: nobody sits at the terminal of a session.

use sandshell_sys::options::{HELP, Letters, VERSION};

use crate::command_line::parse;
use crate::diff;
use crate::message::{Program, text};

pub(crate) const USAGE: &str = "\
Usage: sdiff [OPTION]... FILE1 FILE2
Shows two files side by side, with marks between lines that differ.

  -w, --width=NUM               at most NUM (default 130) columns
  -l, --left-column             of common lines only the left column
  -s, --suppress-common-lines   no common lines
  -t, --expand-tabs             write tabs as spaces
      --tabsize=NUM             tab stops every NUM (default 8) columns

  -i, --ignore-case             case does not count
  -E, --ignore-tab-expansion    tabs are the spaces they stand for
  -Z, --ignore-trailing-space   white space at the end of lines does not count
  -b, --ignore-space-change     the amount of white space does not count
  -W, --ignore-all-space        no white space counts
  -B, --ignore-blank-lines      changes of blank lines alone do not count
  -I, --ignore-matching-lines=RE  changes of lines alone that match RE do not count
  -a, --text                    all files are text
      --strip-trailing-cr       remove carriage returns at the end of lines
  -d, --minimal                 find the smallest set of changes
  -H, --speed-large-files       accepted
      --help                    display this help and exit
  -v, --version                 output version information and exit

A FILE of '-' is standard input. To merge, see diff3 -m and patch.
Exit status: 0 if nothing differs, 1 if something does, 2 in trouble.
";

// Letters of long options that have no short form.
const STRIP_CR: char = '\u{10}';
const TAB_SIZE: char = '\u{11}';
const DIFF_PROGRAM: char = '\u{12}';

const SPEC: Letters = Letters {
    short: "abBdEHiI:lo:stvw:WZ",
    long: &[
        ("diff-program=", DIFF_PROGRAM),
        ("expand-tabs", 't'),
        ("ignore-all-space", 'W'),
        ("ignore-blank-lines", 'B'),
        ("ignore-case", 'i'),
        ("ignore-matching-lines=", 'I'),
        ("ignore-space-change", 'b'),
        ("ignore-tab-expansion", 'E'),
        ("ignore-trailing-space", 'Z'),
        ("left-column", 'l'),
        ("minimal", 'd'),
        ("output=", 'o'),
        ("speed-large-files", 'H'),
        ("strip-trailing-cr", STRIP_CR),
        ("suppress-common-lines", 's'),
        ("tabsize=", TAB_SIZE),
        ("text", 'a'),
        ("width=", 'w'),
    ],
};

pub(crate) fn main(program: &Program, argv: Vec<Vec<u8>>) -> i32 {
    let parsed = match parse(&SPEC, argv) {
        Ok(parsed) => parsed,
        Err(message) => return program.misuse(&message),
    };
    let mut words: Vec<Vec<u8>> = Vec::new();
    for (letter, value) in parsed.options {
        let option = match letter {
            HELP => return program.help(),
            VERSION | 'v' => return program.version(),
            'o' => return program.fail("merging interactively is not supported: see diff3 -m and patch"),
            DIFF_PROGRAM => return program.fail("--diff-program is not supported: sdiff compares by itself"),
            'w' => "-W".to_owned(),
            'W' => "-w".to_owned(),
            'l' => "--left-column".to_owned(),
            's' => "--suppress-common-lines".to_owned(),
            STRIP_CR => "--strip-trailing-cr".to_owned(),
            TAB_SIZE => "--tabsize".to_owned(),
            letter => format!("-{letter}"),
        };
        words.push(option.into_bytes());
        words.extend(value);
    }
    match parsed.operands.as_slice() {
        [_, _] => {}
        [_, _, extra, ..] => return program.misuse(&format!("extra operand '{}'", text(extra))),
        rest => {
            let last = rest.last().or(parsed.words.last()).map_or_else(|| program.name.to_owned(), |last| text(last));
            return program.misuse(&format!("missing operand after '{last}'"));
        }
    }
    words.extend([b"-y".to_vec(), b"--".to_vec()]);
    words.extend(parsed.operands);
    // The rest is that program's, messages included.
    diff::main(&diff::PROGRAM, words)
}
