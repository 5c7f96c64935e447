//! The file: TOML without sections, one key a setting. Everything wrong with it is reported with its line.

use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::nearest::nearest;
use super::table::{Origin, Setting, TABLE};
use super::values::Form;

/// One setting as the file gives it.
pub(crate) struct Entry {
    pub(crate) setting: &'static Setting,
    pub(crate) word: String,
    pub(crate) origin: Origin,
}

/// Reads the text of the file at `path`: its entries, and what is wrong with it.
pub(crate) fn read(path: &Path, text: &str) -> (Vec<Entry>, Vec<String>) {
    let source = Source { path: path.display().to_string().into(), text };
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let tell = |error: &toml::de::Error| {
            let at = error.span().map_or(0, |span| span.start);
            format!("{}: {}", source.origin(at), error.message())
        };
        return (Vec::new(), errors.iter().map(tell).collect());
    }
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for (key, value) in table.get_ref() {
        match entry(&source, key, value) {
            Ok(entry) => entries.push(entry),
            Err(problem) => problems.push((key.span().start, problem)),
        }
    }
    // The table is ordered by key; people read by line.
    problems.sort();
    (entries, problems.into_iter().map(|(_, problem)| problem).collect())
}

struct Source<'a> {
    path: Arc<str>,
    text: &'a str,
}

impl Source<'_> {
    fn origin(&self, offset: usize) -> Origin {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Origin::File { path: Arc::clone(&self.path), line }
    }
}

fn entry(source: &Source<'_>, key: &Spanned<impl AsRef<str>>, value: &Spanned<DeValue<'_>>) -> Result<Entry, String> {
    let origin = source.origin(key.span().start);
    let name = key.get_ref().as_ref();
    let Some(setting) = TABLE.iter().find(|setting| setting.key == name) else {
        return Err(format!("{origin}: {}", unknown(name, value.get_ref())));
    };
    match word(setting.form, value.get_ref()) {
        Some(word) => Ok(Entry { setting, word, origin }),
        None => {
            Err(format!("{origin}: {name} must be {}, not {}", in_file(setting), article(value.get_ref().type_str())))
        }
    }
}

fn unknown(name: &str, value: &DeValue<'_>) -> String {
    if value.is_table() {
        return format!("unknown section [{name}]; settings stand at the top, without sections");
    }
    match nearest(name, TABLE.iter().map(|setting| setting.key)) {
        Some(near) => format!("unknown key {name}; did you mean {near}?"),
        None => format!("unknown key {name}; `sandshell config example` lists all keys"),
    }
}

/// Returns the value as a word, if the file may hold this type there.
fn word(form: Form, value: &DeValue<'_>) -> Option<String> {
    match (form, value) {
        (Form::Text | Form::Measure, DeValue::String(text)) => Some(text.to_string()),
        (Form::Number | Form::Measure, DeValue::Integer(number)) if number.radix() == 10 => {
            Some(number.as_str().replace('_', ""))
        }
        (Form::Measure, DeValue::Float(number)) => Some(number.as_str().replace('_', "")),
        (Form::Truth, DeValue::Boolean(truth)) => Some(truth.to_string()),
        (Form::List, DeValue::Array(items)) => {
            let words: Option<Vec<&str>> = items.iter().map(|item| item.get_ref().as_str()).collect();
            words.map(|words| words.join(","))
        }
        _ => None,
    }
}

fn in_file(setting: &Setting) -> String {
    let allowed = (setting.allowed)();
    match setting.form {
        Form::Text => format!("a string: {allowed}"),
        Form::Measure => format!("a string or number: {allowed}"),
        Form::List => format!("an array of strings: {allowed}"),
        Form::Number | Form::Truth => allowed,
    }
}

fn article(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        read(Path::new("/x.toml"), text).1
    }

    #[test]
    fn every_mistake_is_told_with_its_line_and_a_hint() {
        let text = "# comment\ntimout = 5\n\nmax_sessions = \"many\"\ninsecure = 1\n[server]\naddr = 1\n";
        let told = problems(text);
        assert_eq!(told.len(), 4, "{told:#?}");
        assert_eq!(told[0], "/x.toml:2: unknown key timout; did you mean timeout?");
        assert_eq!(told[1], "/x.toml:4: max_sessions must be a whole number from 0 to 10000000, not a string");
        assert_eq!(told[2], "/x.toml:5: insecure must be true or false, not an integer");
        assert!(told[3].starts_with("/x.toml:6: unknown section [server]"), "{told:#?}");
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_line() {
        let told = problems("addr = \"a:1\"\naddr = \"b:2\"\n");
        assert!(told.len() == 1 && told[0].starts_with("/x.toml:2: "), "{told:#?}");
        let told = problems("a = 1\nb = = 2\n");
        assert!(told.iter().any(|line| line.starts_with("/x.toml:2: ")), "{told:#?}");
    }

    #[test]
    fn entries_have_their_line() {
        let (entries, problems) = read(Path::new("f"), "timeout = 1.5\n\nallow_host = [\"a\", \"b\"]\n");
        assert!(problems.is_empty(), "{problems:?}");
        let seen: Vec<(&str, &str, String)> =
            entries.iter().map(|e| (e.setting.key, e.word.as_str(), e.origin.to_string())).collect();
        assert_eq!(seen, [("allow_host", "a,b", "f:3".to_owned()), ("timeout", "1.5", "f:1".to_owned())]);
    }
}
