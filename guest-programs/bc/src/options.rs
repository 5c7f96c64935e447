//! The command line of `bc`.

/// The text of `--help`.
const USAGE: &str = "\
usage: bc [options] [file ...]
  -h  --help         print this usage and exit
  -i  --interactive  force interactive mode
  -l  --mathlib      use the predefined math routines
  -q  --quiet        don't print initial banner
  -s  --standard     non-standard bc constructs are errors
  -w  --warn         warn about non-standard bc constructs
  -v  --version      print version information and exit
";

/// What to do with what POSIX does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Extensions {
    #[default]
    Welcome,
    Warned,
    Refused,
}

#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) math: bool,
    pub(crate) extensions: Extensions,
    pub(crate) files: Vec<Vec<u8>>,
}

pub(crate) enum Request {
    Run(Options),
    /// A text and the status to end with.
    Print(String, i32),
}

impl Options {
    pub(crate) fn parse(argv: Vec<Vec<u8>>) -> Request {
        const LONG: &[(&str, char)] = &[
            ("help", 'h'),
            ("interactive", 'i'),
            ("mathlib", 'l'),
            ("quiet", 'q'),
            ("standard", 's'),
            ("version", 'v'),
            ("warn", 'w'),
        ];
        let mut options = Self::default();
        let mut ended = false;
        for word in argv {
            let text = String::from_utf8_lossy(&word).into_owned();
            let letters: Vec<char> = match text.as_str() {
                _ if ended || text == "-" || !text.starts_with('-') => {
                    options.files.push(word);
                    continue;
                }
                "--" => {
                    ended = true;
                    continue;
                }
                long if long.starts_with("--") => {
                    let mut found = LONG.iter().filter(|(name, _)| name.starts_with(&long[2..]));
                    match (found.next(), found.next()) {
                        (Some((_, letter)), None) => vec![*letter],
                        _ => {
                            crate::say(&format!("bc: unrecognized option '{long}'"));
                            return Request::Print(USAGE.to_owned(), 1);
                        }
                    }
                }
                short => short.chars().skip(1).collect(),
            };
            for letter in letters {
                match letter {
                    'l' => options.math = true,
                    's' => options.extensions = Extensions::Refused,
                    'w' => options.extensions = Extensions::Warned,
                    // There is no banner, and a terminal makes no difference.
                    'i' | 'q' => {}
                    'h' => return Request::Print(USAGE.replacen("usage", "Usage", 1), 0),
                    'v' => return Request::Print(format!("bc (sandshell) {}\n", env!("CARGO_PKG_VERSION")), 0),
                    other => {
                        crate::say(&format!("bc: invalid option -- '{other}'"));
                        return Request::Print(USAGE.to_owned(), 1);
                    }
                }
            }
        }
        Request::Run(options)
    }
}
