//! `getopts`.

use crate::flow::Flow;
use crate::shell::Shell;
use crate::vars::Name;

use super::{Call, builtin, options};

builtin! {
    /// Parse option arguments.
    ///
    /// Getopts is used by shell procedures to parse positional parameters as options. OPTSTRING contains the option
    /// letters to be recognized; if a letter is followed by a colon, the option is expected to have an argument.
    /// Each time it is invoked, getopts will place the next option in the shell variable $name and the index of the
    /// next argument to be processed into the shell variable OPTIND.
    GETOPTS = "getopts", "getopts optstring name [arg ...]", getopts
}

/// Where the scan stands inside a word of several letters.
#[derive(Debug, Clone, Copy, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Position {
    /// Letters of the present word that were taken already (counting the dash).
    letter: usize,
}

fn getopts(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let args = match shell.parse_builtin_options(call, b"") {
        Ok(parsed) => parsed.rest,
        Err(status) => return Ok(status),
    };
    let [spec, name, words @ ..] = args else {
        return Ok(shell.usage_error(call));
    };
    if !crate::vars::is_name(name) {
        shell.builtin_error(call, &[b"`", &name[..], b"': not a valid identifier"].concat());
        return Ok(1);
    }
    let words = if words.is_empty() { shell.vars.positional().to_vec() } else { words.to_vec() };
    let (silent, spec) = spec.strip_prefix(b":").map_or((false, spec.as_slice()), |spec| (true, spec));
    let index = shell.text_of(Name::OPTIND).and_then(|text| options::number(&text)).unwrap_or(1);
    let index = usize::try_from(index).unwrap_or(1).max(1);
    let step = next_option(&words, index, shell.builtins.getopts.letter, spec);
    apply(shell, call, name, step, silent)
}

/// What the scan found.
struct Step {
    found: Found,
    index: usize,
    letter: usize,
}

enum Found {
    End,
    Option(u8, Option<Vec<u8>>),
    Unknown(u8),
    Missing(u8),
}

fn next_option(words: &[Vec<u8>], index: usize, letter: usize, spec: &[u8]) -> Step {
    let end = |index| Step { found: Found::End, index, letter: 0 };
    let Some(word) = words.get(index - 1) else { return end(index.min(words.len() + 1)) };
    let at = letter.max(1);
    if at == 1 {
        if word == b"--" {
            return end(index + 1);
        }
        if word.len() < 2 || word.first() != Some(&b'-') {
            return end(index);
        }
    }
    let Some(option) = word.get(at).copied() else {
        return next_option(words, index + 1, 0, spec);
    };
    let last = at + 1 >= word.len();
    let after =
        |found| if last { Step { found, index: index + 1, letter: 0 } } else { Step { found, index, letter: at + 1 } };
    let known = spec.iter().position(|letter| *letter == option && option != b':');
    let Some(known) = known else { return after(Found::Unknown(option)) };
    if spec.get(known + 1) != Some(&b':') {
        return after(Found::Option(option, None));
    }
    if !last {
        let value = word.get(at + 1..).unwrap_or_default().to_vec();
        return Step { found: Found::Option(option, Some(value)), index: index + 1, letter: 0 };
    }
    match words.get(index) {
        Some(value) => Step { found: Found::Option(option, Some(value.clone())), index: index + 2, letter: 0 },
        None => Step { found: Found::Missing(option), index: index + 1, letter: 0 },
    }
}

fn apply(shell: &mut Shell, call: &mut Call<'_>, name: &[u8], step: Step, silent: bool) -> Flow<u8> {
    let (value, argument, status) = match &step.found {
        Found::End => (b'?', None, 1),
        Found::Option(letter, argument) => (*letter, argument.clone(), 0),
        Found::Unknown(letter) => (b'?', silent.then(|| vec![*letter]), 0),
        Found::Missing(letter) => (if silent { b':' } else { b'?' }, silent.then(|| vec![*letter]), 0),
    };
    let complaint: Option<(&str, u8)> = match step.found {
        Found::Unknown(letter) => Some(("illegal option -- ", letter)),
        Found::Missing(letter) => Some(("option requires an argument -- ", letter)),
        _ => None,
    };
    let wants = shell.text_of(Name::OPTERR).is_none_or(|text| &text[..] != b"0");
    if let Some((text, letter)) = complaint.filter(|_| !silent && wants) {
        let message = [&shell.name[..], b": ", text.as_bytes(), &[letter, b'\n']].concat();
        shell.write_error(&message);
    }
    let set = shell.set_variable(Name::OPTIND, step.index.to_string().as_bytes(), false);
    shell.checked(set)?;
    shell.builtins.getopts = Position { letter: step.letter };
    match argument {
        Some(argument) => {
            let set = shell.set_variable(Name::OPTARG, &argument, false);
            shell.checked(set)?;
        }
        None => {
            let _ = shell.unset_variable(Name::OPTARG);
        }
    }
    if let Err(error) = shell.set_variable(Name::new(name), &[value], false) {
        return shell.builtin_failed(call, error);
    }
    Ok(status)
}
