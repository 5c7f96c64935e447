//! All sources, weakest first, put into one [`Raw`]; every mistake in any of them is reported, not the first alone.

use std::path::{Path, PathBuf};

use super::environment::{CONFIG, Environment};
use super::file;
use super::flags::{CONFIG_FLAG, Flags};
use super::table::{Defaults, Origin, Raw, Setting, TABLE};
use crate::files;

/// The settings as read.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) raw: Raw,
    /// The file that was read.
    pub(crate) file: Option<PathBuf>,
    /// What is odd and no mistake.
    pub(crate) hints: Vec<String>,
}

/// Reads file, environment and flags over the defaults.
///
/// # Errors
/// Everything that is wrong, a line each.
pub(crate) fn load(flags: &Flags, environment: &Environment, defaults: &Defaults) -> Result<Loaded, Vec<String>> {
    let mut raw = Raw::defaults(defaults);
    let mut problems = Vec::new();
    let file = match find(flags, environment) {
        Ok(None) => None,
        Ok(Some((path, text))) => {
            let (entries, mistakes) = file::read(&path, &text);
            problems.extend(mistakes);
            for entry in entries {
                put(&mut raw, entry.setting, &entry.word, entry.origin, &mut problems);
            }
            Some(path)
        }
        Err(problem) => {
            problems.push(problem);
            None
        }
    };
    for setting in TABLE {
        for name in setting.also.map(str::to_owned).into_iter().chain([setting.variable()]) {
            if let Some(word) = environment.get(&name) {
                put(&mut raw, setting, word, Origin::Variable(name), &mut problems);
            }
        }
    }
    for (key, word) in &flags.given {
        if let Some(setting) = TABLE.iter().find(|setting| setting.key == *key) {
            put(&mut raw, setting, word, Origin::Flag(key), &mut problems);
        }
    }
    if problems.is_empty() { Ok(Loaded { raw, file, hints: environment.hints() }) } else { Err(problems) }
}

fn put(raw: &mut Raw, setting: &Setting, word: &str, origin: Origin, problems: &mut Vec<String>) {
    let told = match &origin {
        Origin::File { .. } => format!("{origin}: {}", setting.key),
        _ => origin.to_string(),
    };
    if !(setting.set)(raw, word, origin) {
        problems.push(format!("{told}: {word:?} is not allowed; it must be {}", (setting.allowed)()));
    }
}

/// Returns the file that counts and its text. One that is named must exist; of the usual places the first that does.
fn find(flags: &Flags, environment: &Environment) -> Result<Option<(PathBuf, String)>, String> {
    let named = flags.file.as_ref().map(|path| (PathBuf::from(path), CONFIG_FLAG));
    let named = named.or_else(|| environment.get(CONFIG).map(|path| (PathBuf::from(path), CONFIG)));
    let read = |path: &Path| files::read_settings(path);
    if let Some((path, by)) = named {
        return match read(&path) {
            Ok(text) => Ok(Some((path, text))),
            Err(error) => Err(format!("{by}: cannot read {}: {error}", path.display())),
        };
    }
    for path in environment.file_places() {
        match read(&path) {
            Ok(text) => return Ok(Some((path, text))),
            Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {}
            Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::super::values::Form;
    use super::*;

    /// Two words each that the setting takes, neither its default.
    fn samples(setting: &Setting) -> [&'static str; 3] {
        match (setting.key, setting.value_name) {
            ("addr", _) => ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"],
            ("process_max_memory", _) => ["32MiB", "33MiB", "34MiB"],
            (_, "NAME") => ["a", "b", "c"],
            (_, "FOLDER") => ["/a", "/b", "/c"],
            (_, "FILTER") => ["error", "debug", "trace"],
            (_, "N") => ["101", "102", "103"],
            (_, "AMOUNT") => ["2M", "3M", "4M"],
            (_, "SIZE") => ["100MiB", "101MiB", "102MiB"],
            (_, "DURATION") => ["7s", "8s", "9s"],
            // Two values only: the third source repeats the first.
            (_, "BOOL") => ["true", "false", "true"],
            ("metering", _) => ["epoch", "fuel+epoch", "epoch"],
            ("log_format", _) => ["json", "human", "json"],
            (key, name) => panic!("{key} is of the new kind {name}: add samples"),
        }
    }

    fn toml(setting: &Setting, word: &str) -> String {
        match setting.form {
            Form::Number | Form::Truth => format!("{} = {word}\n", setting.key),
            Form::List => format!("{} = [\"{word}\"]\n", setting.key),
            Form::Text | Form::Measure => format!("{} = \"{word}\"\n", setting.key),
        }
    }

    /// A file with `text`, and the environment that names it.
    fn named(text: &str, variables: &[(&str, &str)]) -> (tempfile::NamedTempFile, Environment) {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::io::Write::write_all(&mut file.as_file(), text.as_bytes()).expect("written");
        let path = file.path().to_str().expect("text").to_owned();
        let variables: Vec<(&str, &str)> = variables.iter().copied().chain([(CONFIG, path.as_str())]).collect();
        let environment = Environment::of(&variables);
        (file, environment)
    }

    fn shown(setting: &Setting, loaded: &Loaded) -> (String, Origin) {
        ((setting.plain)(&loaded.raw).text(), (setting.origin)(&loaded.raw).clone())
    }

    #[test]
    fn every_setting_can_be_given_each_way_and_the_stronger_way_wins() {
        let defaults = Defaults::new(1 << 30);
        for setting in TABLE {
            let [in_file, in_variable, in_flag] = samples(setting);
            let line = format!("# a comment first\n{}", toml(setting, in_file));
            let variable = setting.variable();
            let (file, by_file) = named(&line, &[]);
            let (_also, by_variable) = named(&line, &[(&variable, in_variable)]);
            let flags = Flags { file: None, given: vec![(setting.key, in_flag.to_owned())] };
            let load = |flags: &Flags, environment: &Environment| {
                let loaded = load(flags, environment, &defaults).unwrap_or_else(|problems| panic!("{problems:?}"));
                shown(setting, &loaded)
            };
            let path = file.path().to_str().expect("text").into();
            assert_eq!(load(&Flags::default(), &Environment::default()).1, Origin::Default, "{}", setting.key);
            assert_eq!(load(&Flags::default(), &by_file), (in_file.to_owned(), Origin::File { path, line: 2 }));
            assert_eq!(load(&Flags::default(), &by_variable), (in_variable.to_owned(), Origin::Variable(variable)));
            assert_eq!(load(&flags, &by_variable), (in_flag.to_owned(), Origin::Flag(setting.key)));
        }
    }

    #[test]
    fn mistakes_of_all_sources_are_told_together() {
        let (_file, environment) = named(
            "timeout = \"soon\"\nmax_conections = 5\n",
            &[("SANDSHELL_MAX_BODY", "much"), ("SANDSHELL_LOG", "loud")],
        );
        let flags = Flags { file: None, given: vec![("session_ttl", "0".to_owned())] };
        let problems = load(&flags, &environment, &Defaults::new(1 << 30)).expect_err("wrong");
        let told = problems.iter().fold(String::new(), |mut all, line| {
            let _ = writeln!(all, "{line}");
            all
        });
        assert_eq!(problems.len(), 5, "{told}");
        for part in [
            ":1: timeout: \"soon\" is not allowed",
            ":2: unknown key max_conections; did you mean max_connections?",
            "SANDSHELL_MAX_BODY: \"much\"",
            "SANDSHELL_LOG: \"loud\"",
            "--session-ttl: \"0\"",
        ] {
            assert!(told.contains(part), "{part}\n{told}");
        }
    }

    #[test]
    fn the_longer_name_of_the_log_level_is_stronger_than_the_short_one() {
        let environment = Environment::of(&[("SANDSHELL_LOG", "debug"), ("SANDSHELL_LOG_LEVEL", "error")]);
        let flags = Flags { file: Some("/dev/null".into()), given: Vec::new() };
        let loaded = load(&flags, &environment, &Defaults::new(1 << 30)).expect("fine");
        assert_eq!(loaded.raw.log_level.value.0, "error");
    }

    #[test]
    fn a_file_that_is_named_must_exist() {
        let flags = Flags { file: Some("/nowhere/x.toml".into()), given: Vec::new() };
        let problems = load(&flags, &Environment::default(), &Defaults::new(1 << 30)).expect_err("missing");
        assert!(problems[0].starts_with("--config: cannot read /nowhere/x.toml: "), "{problems:?}");
    }
}
