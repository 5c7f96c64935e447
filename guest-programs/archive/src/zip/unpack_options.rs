//! The command line of `unzip` and `zipinfo`. Its letters may follow the archive, and its lists end at an option.

pub(super) const USAGE: &str = "\
Usage: unzip [-Z] [OPTION]... ARCHIVE[.zip] [NAME]... [-x NAME...] [-d DIRECTORY]
Extract the entries that the patterns match, or all. Patterns match slashes, too.

  -l  list, -v list verbosely          -t  test the content
  -p  extract to standard output       -c  the same, with names
  -z  show the archive's comment       -Z  list as zipinfo does; -Z1 names alone
  -f  only newer files that are there  -u  the same, and those that are not there
  -n  never overwrite                  -o  overwrite without asking
  -j  extract without directories      -d  extract into a directory
  -x  leave out what matches           -C  ignore case in patterns
  -L  names in lower case              -q  quiet, -qq quieter
  -K, -X, -a, -U, -V  accepted
";

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Extract,
    List,
    ListLong,
    Test,
    Print,
    PrintNamed,
    Comment,
    Info,
    InfoNames,
}

/// What happens to files that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Existing {
    Ask,
    Never,
    Always,
}

/// The command line, resolved.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are the independent options")]
pub(super) struct Options {
    pub(super) action: Action,
    pub(super) existing: Existing,
    pub(super) archive: Vec<u8>,
    pub(super) names: Vec<Vec<u8>>,
    pub(super) excludes: Vec<Vec<u8>>,
    pub(super) directory: Vec<u8>,
    /// Only what is newer than the file there; `freshens`: and only if there is one.
    pub(super) updates: bool,
    pub(super) freshens: bool,
    pub(super) junks: bool,
    pub(super) ignore_case: bool,
    pub(super) lower_case: bool,
    pub(super) quiet: u8,
}

/// Reads the command line; `None`: the help is meant. `Err`: an option is not known.
pub(super) fn read(name: &str, argv: Vec<Vec<u8>>) -> Result<Option<Options>, String> {
    let mut options = Options {
        action: if name == "zipinfo" { Action::Info } else { Action::Extract },
        existing: Existing::Ask,
        archive: Vec::new(),
        names: Vec::new(),
        excludes: Vec::new(),
        directory: Vec::new(),
        updates: false,
        freshens: false,
        junks: false,
        ignore_case: false,
        lower_case: false,
        quiet: 0,
    };
    let (mut excludes, mut takes_directory, mut ended) = (false, false, false);
    for word in argv {
        if std::mem::take(&mut takes_directory) {
            options.directory = word;
            continue;
        }
        match word.strip_prefix(b"-") {
            Some(b"-") if !ended => ended = true,
            Some(b"-help" | b"-h" | b"h" | b"hh" | b"?") => return Ok(None),
            Some(letters) if !letters.is_empty() && !ended => {
                excludes = false;
                for (at, letter) in letters.iter().enumerate() {
                    match letter {
                        b'x' => excludes = true,
                        b'd' if at + 1 < letters.len() => {
                            options.directory = letters.get(at + 1..).unwrap_or_default().to_vec();
                            break;
                        }
                        b'd' => takes_directory = true,
                        letter => set(&mut options, *letter)?,
                    }
                }
            }
            _ if options.archive.is_empty() => options.archive = word,
            _ if excludes => options.excludes.push(word),
            _ => options.names.push(word),
        }
    }
    Ok((!options.archive.is_empty()).then_some(options))
}

fn set(options: &mut Options, letter: u8) -> Result<(), String> {
    let informs = matches!(options.action, Action::Info | Action::InfoNames);
    match letter {
        b'Z' => options.action = Action::Info,
        b'1' | b'2' if informs => options.action = Action::InfoNames,
        b's' | b'm' | b'l' | b'h' | b't' if informs => {}
        b'l' if options.action == Action::Extract => options.action = Action::List,
        b'l' => {}
        b'v' => options.action = Action::ListLong,
        b't' => options.action = Action::Test,
        b'p' => options.action = Action::Print,
        b'c' => options.action = Action::PrintNamed,
        b'z' => options.action = Action::Comment,
        b'f' => (options.updates, options.freshens) = (true, true),
        b'u' => options.updates = true,
        b'n' => options.existing = Existing::Never,
        b'o' => options.existing = Existing::Always,
        b'j' => options.junks = true,
        b'C' => options.ignore_case = true,
        b'L' => options.lower_case = true,
        b'q' => options.quiet = options.quiet.saturating_add(1),
        b'K' | b'X' | b'a' | b'U' | b'V' | b'b' | b'D' | b'M' => {}
        other => return Err(format!("invalid option -- {}", char::from(other))),
    }
    Ok(())
}
