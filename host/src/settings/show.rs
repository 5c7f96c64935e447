//! The settings as resolved, each with its origin: what `config check` prints.

use serde_json::{Value as Json, json};

use super::load::Loaded;
use super::table::{Origin, TABLE};
use super::values::Plain;

/// How to print them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Columns: key, value, origin.
    Table,
    /// A file that gives the same settings, origins as comments.
    Toml,
    /// One object.
    Json,
}

/// Returns the settings as text, with a line end.
pub(crate) fn show(loaded: &Loaded, format: Format) -> String {
    match format {
        Format::Table => table(loaded),
        Format::Toml => toml(loaded),
        Format::Json => format!("{:#}\n", json(loaded)),
    }
}

/// Writes a value as TOML.
pub(super) fn toml_value(plain: &Plain) -> String {
    // A TOML basic string allows the escapes of a JSON string, and JSON escapes whatever TOML wants escaped but DEL.
    let quoted = |text: &str| Json::from(text).to_string().replace('\u{7f}', "\\u007f");
    match plain {
        Plain::Text(text) => quoted(text),
        Plain::Number(number) => number.to_string(),
        Plain::Truth(truth) => truth.to_string(),
        Plain::List(list) => format!("[{}]", list.iter().map(|item| quoted(item)).collect::<Vec<_>>().join(", ")),
    }
}

fn table(loaded: &Loaded) -> String {
    let rows: Vec<[String; 3]> = TABLE
        .iter()
        .map(|setting| {
            let value = (setting.plain)(&loaded.raw).text();
            let value = if value.is_empty() { "-".to_owned() } else { value };
            [setting.key.to_owned(), value, (setting.origin)(&loaded.raw).to_string()]
        })
        .collect();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or(0);
    let (keys, values) = (width(0), width(1));
    let mut text = match &loaded.file {
        Some(path) => format!("file: {}\n\n", path.display()),
        None => "file: none\n\n".to_owned(),
    };
    text.push_str(&format!("{:keys$}  {:values$}  from\n", "key", "value"));
    for [key, value, origin] in &rows {
        text.push_str(&format!("{key:keys$}  {value:values$}  {origin}\n"));
    }
    text
}

fn toml(loaded: &Loaded) -> String {
    let line = |setting: &super::table::Setting| {
        let value = toml_value(&(setting.plain)(&loaded.raw));
        format!("{} = {value} # {}\n", setting.key, (setting.origin)(&loaded.raw))
    };
    TABLE.iter().map(line).collect()
}

fn json(loaded: &Loaded) -> Json {
    let settings: serde_json::Map<String, Json> = TABLE
        .iter()
        .map(|setting| {
            let value = match (setting.plain)(&loaded.raw) {
                Plain::Text(text) => json!(text),
                Plain::Number(number) => json!(number),
                Plain::Truth(truth) => json!(truth),
                Plain::List(list) => json!(list),
            };
            let from = match (setting.origin)(&loaded.raw) {
                Origin::Default => json!({ "kind": "default" }),
                Origin::File { path, line } => json!({ "kind": "file", "file": &**path, "line": line }),
                Origin::Variable(name) => json!({ "kind": "env", "variable": name }),
                flag @ Origin::Flag(_) => json!({ "kind": "flag", "flag": flag.to_string() }),
            };
            (setting.key.to_owned(), json!({ "value": value, "from": from }))
        })
        .collect();
    json!({ "file": loaded.file.as_ref().map(|path| path.display().to_string()), "settings": settings })
}
