//! The command line of awk: POSIX's options and those of gawk that change no meaning.

/// What the command line asks for.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// `-F`.
    pub(crate) field_separator: Option<Vec<u8>>,
    /// `-v`.
    pub(crate) assignments: Vec<(Vec<u8>, Vec<u8>)>,
    /// `-f` and `-e`, in their order.
    pub(crate) sources: Vec<Source>,
    /// What is left, without the program's text.
    pub(crate) operands: Vec<Vec<u8>>,
}

/// A part of the program.
#[derive(Debug, PartialEq)]
pub(crate) enum Source {
    File(Vec<u8>),
    Text(Vec<u8>),
}

/// The command line, read.
#[derive(Debug)]
pub(crate) enum Request {
    Run(Options),
    /// Help or version.
    Print(&'static str),
}

pub(crate) const USAGE: &str = "Usage: awk [OPTION]... PROGRAM [FILE | NAME=VALUE]...
  or:  awk [OPTION]... -f PROGFILE [FILE | NAME=VALUE]...
";

const HELP: &str = "Usage: awk [OPTION]... PROGRAM [FILE | NAME=VALUE]...
  or:  awk [OPTION]... -f PROGFILE [FILE | NAME=VALUE]...
Run PROGRAM over the records of each FILE; with no FILE, or where it is -, over standard input.

  -F, --field-separator=FS  what separates fields
  -v, --assign=NAME=VALUE   assign a variable before the program starts
  -f, --file=PROGFILE       read the program from a file; may be given several times
  -e, --source=TEXT         the program, or a part of it
  -E, --exec=PROGFILE       like -f, and the last option
      --help                print this text
      --version             print the version

The language is that of POSIX with these extensions of gawk: BEGINFILE, ENDFILE, nextfile, switch, arrays of
arrays, @name() calls, regular expressions as RS, FPAT, FIELDWIDTHS, IGNORECASE, RT, PROCINFO[\"sorted_in\"];
gensub, match with an array, split and patsplit with separators, asort, asorti, strftime, mktime, systime, and, or, xor,
lshift, rshift, compl, strtonum, typeof, isarray. There are no two-way pipes, no networking and no @include.
";

const VERSION: &str = concat!("awk (sandshell) ", env!("CARGO_PKG_VERSION"), "\n");

/// Options without effect here: what they ask for holds anyway, or changes nothing that is supported.
const IGNORED: &[&str] = &["posix", "traditional", "re-interval", "sandbox-off", "lint", "optimize", "no-optimize"];

/// Reads the arguments after the program's name.
///
/// # Errors
///
/// The message for standard error.
pub(crate) fn parse(arguments: Vec<Vec<u8>>) -> Result<Request, String> {
    let mut options = Options::default();
    let mut rest = arguments.into_iter();
    let mut first = None;
    while let Some(argument) = rest.next() {
        if argument == b"--" {
            break;
        }
        if let Some(long) = argument.strip_prefix(b"--") {
            let taken = long_option(long, &mut rest, &mut options)?;
            match taken {
                Taken::Option => {}
                Taken::Print(text) => return Ok(Request::Print(text)),
                Taken::Last => break,
            }
            continue;
        }
        match argument.strip_prefix(b"-").filter(|letters| !letters.is_empty()) {
            Some(letters) => match short_options(letters, &mut rest, &mut options)? {
                Taken::Option => {}
                Taken::Print(text) => return Ok(Request::Print(text)),
                Taken::Last => break,
            },
            None => {
                first = Some(argument);
                break;
            }
        }
    }
    let mut operands: Vec<Vec<u8>> = first.into_iter().chain(rest).collect();
    if options.sources.is_empty() {
        if operands.is_empty() {
            return Err(USAGE.to_owned());
        }
        options.sources.push(Source::Text(operands.remove(0)));
    }
    options.operands = operands;
    Ok(Request::Run(options))
}

enum Taken {
    Option,
    Last,
    Print(&'static str),
}

fn short_options(
    letters: &[u8],
    rest: &mut impl Iterator<Item = Vec<u8>>,
    options: &mut Options,
) -> Result<Taken, String> {
    let mut letters = letters;
    while let Some((letter, after)) = letters.split_first() {
        if b"FvfeEi".contains(letter) {
            let value = if after.is_empty() { rest.next() } else { Some(after.to_vec()) };
            let shown = char::from(*letter);
            let value = value.ok_or_else(|| format!("awk: option requires an argument -- '{shown}'\n{USAGE}"))?;
            return with_value(*letter, value, options);
        }
        match letter {
            b'h' => return Ok(Taken::Print(HELP)),
            b'V' => return Ok(Taken::Print(VERSION)),
            b'P' | b'c' | b'r' | b't' | b'O' | b's' | b'n' | b'b' | b'N' => {}
            _ => {
                let shown = String::from_utf8_lossy(letters).chars().next().unwrap_or('?');
                return Err(format!("awk: invalid option -- '{shown}'\n{USAGE}"));
            }
        }
        letters = after;
    }
    Ok(Taken::Option)
}

fn with_value(letter: u8, value: Vec<u8>, options: &mut Options) -> Result<Taken, String> {
    match letter {
        b'F' => options.field_separator = Some(value),
        b'v' => match crate::input::assignment(&value) {
            Some((name, text)) => options.assignments.push((name.to_vec(), text.to_vec())),
            None => {
                let shown = String::from_utf8_lossy(&value).into_owned();
                return Err(format!("awk: `{shown}' argument to `-v' not in `var=value' form\n{USAGE}"));
            }
        },
        b'f' => options.sources.push(Source::File(value)),
        b'e' => options.sources.push(Source::Text(value)),
        b'E' => {
            options.sources.push(Source::File(value));
            return Ok(Taken::Last);
        }
        _ => return Err("awk: -i (@include) is not supported\n".to_owned()),
    }
    Ok(Taken::Option)
}

fn long_option(text: &[u8], rest: &mut impl Iterator<Item = Vec<u8>>, options: &mut Options) -> Result<Taken, String> {
    const NAMES: &[(&str, u8)] = &[
        ("assign", b'v'),
        ("exec", b'E'),
        ("field-separator", b'F'),
        ("file", b'f'),
        ("help", b'h'),
        ("include", b'i'),
        ("source", b'e'),
        ("version", b'V'),
    ];
    let text = String::from_utf8_lossy(text).into_owned();
    let (name, value) = text.split_once('=').map_or((text.as_str(), None), |(name, value)| (name, Some(value)));
    let mut found: Vec<_> = NAMES.iter().filter(|(known, _)| known.starts_with(name)).collect();
    if let Some(exact) = found.iter().position(|(known, _)| *known == name) {
        found = vec![found.remove(exact)];
    }
    match found.as_slice() {
        [(_, b'h')] => Ok(Taken::Print(HELP)),
        [(_, b'V')] => Ok(Taken::Print(VERSION)),
        [(known, letter)] => {
            let value = value.map(|value| value.as_bytes().to_vec()).or_else(|| rest.next());
            let value = value.ok_or_else(|| format!("awk: option '--{known}' requires an argument\n{USAGE}"))?;
            with_value(*letter, value, options)
        }
        [] if IGNORED.iter().any(|known| known.starts_with(name)) => Ok(Taken::Option),
        [] => Err(format!("awk: unrecognized option '--{name}'\n{USAGE}")),
        _ => Err(format!("awk: option '--{name}' is ambiguous\n{USAGE}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(arguments: &[&str]) -> Options {
        let arguments = arguments.iter().map(|argument| argument.as_bytes().to_vec()).collect();
        match parse(arguments) {
            Ok(Request::Run(options)) => options,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_first_operand_is_the_program() {
        let options = run(&["-F:", "-v", "a=1", "{print}", "-x", "b=2"]);
        assert_eq!(options.field_separator.as_deref(), Some(&b":"[..]));
        assert_eq!(options.assignments, [(b"a".to_vec(), b"1".to_vec())]);
        assert_eq!(options.sources, [Source::Text(b"{print}".to_vec())]);
        assert_eq!(options.operands, [b"-x".to_vec(), b"b=2".to_vec()]);
    }

    #[test]
    fn with_files_all_operands_are_input() {
        let options = run(&["-f", "a", "--file=b", "--", "c"]);
        assert_eq!(options.sources, [Source::File(b"a".to_vec()), Source::File(b"b".to_vec())]);
        assert_eq!(options.operands, [b"c".to_vec()]);
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert!(parse(vec![b"-v".to_vec(), b"1=2".to_vec(), b"x".to_vec()]).is_err());
        assert!(parse(vec![b"--nonsense".to_vec()]).is_err());
        assert!(parse(Vec::new()).is_err());
    }
}
