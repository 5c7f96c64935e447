//! The command line.

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Help,
    Version,
    Edit,
    List,
    Remove {
        ask: bool,
    },
    /// Check the table of this name.
    Check(Vec<u8>),
    /// Install the table of this name.
    Install(Vec<u8>),
}

/// A command line that asks for nothing that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Usage {
    Wrong(String),
    NoSuchUser(String),
}

/// The name of standard input.
const STDIN: &[u8] = b"-";

/// The one user who has a table, by name and number.
const USERS: [&[u8]; 2] = [b"root", b"0"];

#[derive(Default)]
struct Options {
    /// The letters given, in their order; `--help` is `h` and `--version` `V`.
    letters: Vec<u8>,
    user: Option<Vec<u8>>,
    operands: Vec<Vec<u8>>,
}

/// Reads the arguments behind the program's name.
///
/// # Errors
///
/// What is wrong with them.
pub(crate) fn read(arguments: &[Vec<u8>]) -> Result<Action, Usage> {
    let options = split(arguments)?;
    let has = |letter: u8| options.letters.contains(&letter);
    if has(b'h') || has(b'V') {
        return Ok(if has(b'h') { Action::Help } else { Action::Version });
    }
    if let Some(user) = options.user.filter(|user| !USERS.contains(&user.as_slice())) {
        return Err(Usage::NoSuchUser(String::from_utf8_lossy(&user).into_owned()));
    }
    let mut actions: Vec<u8> = options.letters.iter().copied().filter(|letter| b"elnr".contains(letter)).collect();
    actions.dedup();
    let wrong = |message: &str| Err(Usage::Wrong(message.to_owned()));
    let mut operands = options.operands.into_iter();
    let file = operands.next();
    let takes_file = matches!(actions.as_slice(), [] | [b'n']);
    if file.is_some() && !takes_file || operands.next().is_some() {
        return wrong(if takes_file {
            "only one file can be installed"
        } else {
            "no arguments permitted after this option"
        });
    }
    let is_asking = options.letters.contains(&b'i');
    match actions.as_slice() {
        [] if !is_asking => Ok(Action::Install(file.unwrap_or_else(|| STDIN.to_vec()))),
        [b'n'] if !is_asking => Ok(Action::Check(file.unwrap_or_else(|| STDIN.to_vec()))),
        [b'e'] if !is_asking => Ok(Action::Edit),
        [b'l'] if !is_asking => Ok(Action::List),
        [b'r'] => Ok(Action::Remove { ask: is_asking }),
        [_, _, ..] => wrong("only one operation permitted"),
        _ => wrong("-i is for -r alone"),
    }
}

fn split(arguments: &[Vec<u8>]) -> Result<Options, Usage> {
    let mut options = Options::default();
    let mut left = arguments.iter();
    while let Some(argument) = left.next() {
        match argument.as_slice() {
            b"--" => break,
            b"--help" => options.letters.push(b'h'),
            b"--version" => options.letters.push(b'V'),
            [b'-', b'-', ..] => {
                return Err(Usage::Wrong(format!("unrecognized option '{}'", String::from_utf8_lossy(argument))));
            }
            [b'-', cluster @ ..] if !cluster.is_empty() => add_cluster(&mut options, cluster, &mut left)?,
            _ => options.operands.push(argument.clone()),
        }
    }
    options.operands.extend(left.cloned());
    Ok(options)
}

fn add_cluster<'a>(
    options: &mut Options,
    cluster: &[u8],
    left: &mut impl Iterator<Item = &'a Vec<u8>>,
) -> Result<(), Usage> {
    let mut rest = cluster;
    while let Some((letter, tail)) = rest.split_first() {
        rest = tail;
        match letter {
            b'e' | b'i' | b'l' | b'n' | b'r' => options.letters.push(*letter),
            b'u' => {
                let attached = Some(std::mem::take(&mut rest).to_vec()).filter(|user| !user.is_empty());
                options.user = attached.or_else(|| left.next().cloned());
                if options.user.is_none() {
                    return Err(Usage::Wrong("option requires an argument -- 'u'".to_owned()));
                }
            }
            other => return Err(Usage::Wrong(format!("invalid option -- '{}'", char::from(*other)))),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_words(words: &str) -> Result<Action, Usage> {
        read(&words.split_whitespace().map(|word| word.as_bytes().to_vec()).collect::<Vec<_>>())
    }

    #[test]
    fn a_file_is_installed_and_standard_input_without_one() {
        assert_eq!(read_words("table"), Ok(Action::Install(b"table".to_vec())));
        assert_eq!(read_words(""), Ok(Action::Install(b"-".to_vec())));
        assert_eq!(read_words("-"), Ok(Action::Install(b"-".to_vec())));
        assert_eq!(read_words("-u root table"), Ok(Action::Install(b"table".to_vec())));
        assert_eq!(read_words("-- -l"), Ok(Action::Install(b"-l".to_vec())));
        assert_eq!(read_words("-n table"), Ok(Action::Check(b"table".to_vec())));
    }

    #[test]
    fn options_choose_what_is_done() {
        assert_eq!(read_words("-l"), Ok(Action::List));
        assert_eq!(read_words("-uroot -l"), Ok(Action::List));
        assert_eq!(read_words("-lu 0"), Ok(Action::List));
        assert_eq!(read_words("-r"), Ok(Action::Remove { ask: false }));
        assert_eq!(read_words("-ir"), Ok(Action::Remove { ask: true }));
        assert_eq!(read_words("-e"), Ok(Action::Edit));
        assert_eq!(read_words("-e --help"), Ok(Action::Help));
        assert_eq!(read_words("--version"), Ok(Action::Version));
    }

    #[test]
    fn what_cannot_be_meant_is_told() {
        let wrong = |words: &str, message: &str| {
            assert_eq!(read_words(words), Err(Usage::Wrong(message.to_owned())), "{words}");
        };
        wrong("-l -r", "only one operation permitted");
        wrong("-l table", "no arguments permitted after this option");
        wrong("a b", "only one file can be installed");
        wrong("-z", "invalid option -- 'z'");
        wrong("--list", "unrecognized option '--list'");
        wrong("-u", "option requires an argument -- 'u'");
        wrong("-i", "-i is for -r alone");
        wrong("-i -l", "-i is for -r alone");
        assert_eq!(read_words("-u nobody -l"), Err(Usage::NoSuchUser("nobody".to_owned())));
    }
}
