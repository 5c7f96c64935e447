//! The command line of sed: GNU's options, read once into [`Settings`].

use std::collections::VecDeque;

/// A piece of the script, in the order given.
#[derive(Debug, PartialEq)]
pub(crate) enum Fragment {
    /// `-e`, or the first operand.
    Expression(Vec<u8>),
    /// `-f`: the path of a file.
    File(Vec<u8>),
}

/// All settings of one call. Any value is fine.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Settings {
    pub(crate) fragments: Vec<Fragment>,
    pub(crate) quiet: bool,
    pub(crate) debug: bool,
    pub(crate) extended: bool,
    pub(crate) separate: bool,
    /// `-i`: the suffix of the backup, empty for none.
    pub(crate) in_place: Option<Vec<u8>>,
    pub(crate) follow_symlinks: bool,
    pub(crate) posix: bool,
    pub(crate) sandbox: bool,
    pub(crate) unbuffered: bool,
    pub(crate) null_data: bool,
    /// `-l`: where the command `l` folds.
    pub(crate) line_length: usize,
    pub(crate) files: Vec<Vec<u8>>,
}

/// What the command line asks for.
pub(crate) enum Request {
    Edit(Box<Settings>),
    /// Help or version: print it and succeed.
    Print(String),
}

/// The text of `--help`.
pub(crate) const USAGE: &str = "Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...

  -n, --quiet, --silent      print only what the script prints
      --debug                print the script in canonical form and trace it
  -e, --expression=SCRIPT    add SCRIPT to the commands
  -f, --file=FILE            add the commands of FILE
  -E, -r, --regexp-extended  use extended regular expressions
  -i[SUFFIX], --in-place[=SUFFIX]
                             edit files in place, keeping a backup if SUFFIX is given
      --follow-symlinks      with -i, edit what a symbolic link names
  -l, --line-length=N        fold the output of the command `l' at N columns
      --posix                do without GNU's extensions of the line cycle
  -s, --separate             take each file as a stream of its own
      --sandbox              refuse the commands e, r and w
  -u, --unbuffered           read little, write each line at once
  -z, --null-data            lines end with NUL
      --help                 display this help and exit
      --version              output version information and exit

Without -e or -f the first operand is the script. Without files standard input is read.
";

const DEFAULT_LINE_LENGTH: usize = 70;

#[derive(Clone, Copy, PartialEq)]
enum Takes {
    Nothing,
    Argument,
    Maybe,
}

use Takes::{Argument, Maybe, Nothing};

/// Long options, each with the letter that does the same; capitals and digits stand for those without one.
const LONG: &[(&str, Takes, u8)] = &[
    ("debug", Nothing, b'D'),
    ("expression", Argument, b'e'),
    ("file", Argument, b'f'),
    ("follow-symlinks", Nothing, b'F'),
    ("help", Nothing, b'h'),
    ("in-place", Maybe, b'i'),
    ("line-length", Argument, b'l'),
    ("null-data", Nothing, b'z'),
    ("posix", Nothing, b'p'),
    ("quiet", Nothing, b'n'),
    ("regexp-extended", Nothing, b'E'),
    ("sandbox", Nothing, b'S'),
    ("separate", Nothing, b's'),
    ("silent", Nothing, b'n'),
    ("unbuffered", Nothing, b'u'),
    ("version", Nothing, b'V'),
    ("zero-terminated", Nothing, b'z'),
];

const SHORT: &[(u8, Takes)] = &[
    (b'n', Nothing),
    (b'e', Argument),
    (b'f', Argument),
    (b'E', Nothing),
    (b'r', Nothing),
    (b'i', Maybe),
    (b'l', Argument),
    (b's', Nothing),
    (b'u', Nothing),
    (b'z', Nothing),
];

/// Reads the arguments, the program's name first.
///
/// # Errors
///
/// The message for stderr; the usage follows it.
pub(crate) fn parse(argv: Vec<Vec<u8>>) -> Result<Request, String> {
    let mut settings = Settings {
        line_length: DEFAULT_LINE_LENGTH,
        posix: std::env::var_os("POSIXLY_CORRECT").is_some(),
        ..Settings::default()
    };
    let mut left: VecDeque<Vec<u8>> = argv.into_iter().skip(1).collect();
    let mut operands = Vec::new();
    while let Some(word) = left.pop_front() {
        match word.as_slice() {
            b"--" => operands.extend(left.drain(..)),
            [b'-', b'-', rest @ ..] => {
                let (letter, argument) = long(rest, &mut left)?;
                if let Some(text) = apply(&mut settings, letter, argument)? {
                    return Ok(Request::Print(text));
                }
            }
            [b'-', _, ..] => cluster(&word[1..], &mut left, &mut settings)?,
            _ => operands.push(word),
        }
    }
    if settings.fragments.is_empty() {
        if operands.is_empty() {
            return Err(String::new());
        }
        settings.fragments.push(Fragment::Expression(operands.remove(0)));
    }
    settings.files = operands;
    Ok(Request::Edit(Box::new(settings)))
}

fn cluster(mut letters: &[u8], left: &mut VecDeque<Vec<u8>>, settings: &mut Settings) -> Result<(), String> {
    while let [letter, rest @ ..] = letters {
        letters = rest;
        let shown = char::from(*letter);
        let Some((_, takes)) = SHORT.iter().find(|(known, _)| known == letter) else {
            return Err(format!("sed: invalid option -- '{shown}'"));
        };
        let argument = match takes {
            Nothing => None,
            Argument if rest.is_empty() => {
                Some(left.pop_front().ok_or_else(|| format!("sed: option requires an argument -- '{shown}'"))?)
            }
            Argument | Maybe => {
                letters = &[];
                Some(rest.to_vec())
            }
        };
        apply(settings, *letter, argument)?;
    }
    Ok(())
}

fn long(text: &[u8], left: &mut VecDeque<Vec<u8>>) -> Result<(u8, Option<Vec<u8>>), String> {
    let mut parts = text.splitn(2, |byte| *byte == b'=');
    let given = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let attached = parts.next().map(<[u8]>::to_vec);
    let exact = LONG.iter().find(|(name, ..)| *name == given);
    let near: Vec<_> = LONG.iter().filter(|(name, ..)| name.starts_with(given.as_str())).collect();
    let (name, takes, letter) = match (exact, near.as_slice()) {
        (Some(found), _) => found,
        (None, []) => return Err(format!("sed: unrecognized option '--{given}'")),
        (None, [first, rest @ ..]) if rest.iter().all(|(.., letter)| *letter == first.2) => first,
        (None, several) => {
            let names: String = several.iter().map(|(name, ..)| format!(" '--{name}'")).collect();
            return Err(format!("sed: option '--{given}' is ambiguous; possibilities:{names}"));
        }
    };
    match (takes, attached) {
        (Nothing, Some(_)) => Err(format!("sed: option '--{name}' doesn't allow an argument")),
        (Argument, None) => {
            let argument = left.pop_front().ok_or_else(|| format!("sed: option '--{name}' requires an argument"))?;
            Ok((*letter, Some(argument)))
        }
        (Maybe, None) => Ok((*letter, Some(Vec::new()))),
        (_, attached) => Ok((*letter, attached)),
    }
}

/// Applies an option; answers the text to print instead of editing, if it asks for one.
fn apply(settings: &mut Settings, letter: u8, argument: Option<Vec<u8>>) -> Result<Option<String>, String> {
    let argument = argument.unwrap_or_default();
    match letter {
        b'n' => settings.quiet = true,
        b'e' => settings.fragments.push(Fragment::Expression(argument)),
        b'f' => settings.fragments.push(Fragment::File(argument)),
        b'E' | b'r' => settings.extended = true,
        b'i' => {
            settings.in_place = Some(argument);
            settings.separate = true;
        }
        b'l' => {
            let text = String::from_utf8_lossy(&argument).into_owned();
            let digits = text.trim_start().bytes().take_while(u8::is_ascii_digit).count();
            // As `atoi` has it: what begins with no digit is 0, which never breaks a line.
            settings.line_length = text.trim_start()[..digits].parse().unwrap_or(0);
        }
        b's' => settings.separate = true,
        b'u' => settings.unbuffered = true,
        b'z' => settings.null_data = true,
        b'D' => settings.debug = true,
        b'F' => settings.follow_symlinks = true,
        b'p' => settings.posix = true,
        b'S' => settings.sandbox = true,
        b'h' => return Ok(Some(USAGE.to_owned())),
        _ => return Ok(Some(format!("sed (sandshell) {}\n", env!("CARGO_PKG_VERSION")))),
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Settings, String> {
        let argv = std::iter::once("sed").chain(words.iter().copied()).map(|word| word.as_bytes().to_vec()).collect();
        parse(argv).map(|request| match request {
            Request::Edit(settings) => *settings,
            Request::Print(text) => panic!("{text}"),
        })
    }

    #[test]
    fn the_first_operand_is_the_script_unless_an_option_gives_one() {
        let settings = read(&["p", "-n", "file"]).expect("well-formed");
        assert_eq!(settings.fragments, [Fragment::Expression(b"p".to_vec())]);
        assert_eq!((settings.quiet, settings.files), (true, vec![b"file".to_vec()]));
        let settings = read(&["-ne", "p", "file", "--expr=d", "-i.bak", "--", "-x"]).expect("well-formed");
        assert_eq!(settings.fragments.len(), 2);
        assert_eq!(settings.files, [b"file".to_vec(), b"-x".to_vec()]);
        assert_eq!((settings.in_place, settings.separate), (Some(b".bak".to_vec()), true));
    }

    #[test]
    fn mistakes_are_told_as_glibc_tells_them() {
        let check = |words: &[&str], message: &str| assert_eq!(read(words).err().as_deref(), Some(message));
        check(&["-X"], "sed: invalid option -- 'X'");
        check(&["-e"], "sed: option requires an argument -- 'e'");
        check(&["--foo"], "sed: unrecognized option '--foo'");
        check(&["--s"], "sed: option '--s' is ambiguous; possibilities: '--sandbox' '--separate' '--silent'");
        check(&["--debug=1"], "sed: option '--debug' doesn't allow an argument");
    }
}
