//! The example file: every setting with its help and its default, switched off by a `#`.

use super::show::toml_value;
use super::table::{Group, Raw, TABLE};

/// Columns of a comment.
const WIDTH: usize = 100;

const HEAD: &str = "\
# sandshell's settings. Every line that begins with `#` and a key shows a default: take the `#` away to change it.
#
# The same settings are flags (session_ttl is --session-ttl) and environment variables (SANDSHELL_SESSION_TTL). A variable
# is stronger than this file, and a flag is stronger than both. `sandshell config check` shows what holds, and why.
#
# Durations are written like \"500ms\", \"30s\", \"1m30s\" or 90 (seconds); sizes like \"16MiB\", \"2GiB\" or 65536 (bytes).
";

/// Returns the example file with the defaults `raw`.
pub(crate) fn example(raw: &Raw) -> String {
    let mut text = HEAD.to_owned();
    let mut group: Option<Group> = None;
    for setting in TABLE {
        if group != Some(setting.group) {
            group = Some(setting.group);
            text.push_str(&format!("\n\n# ---- {} ----\n", setting.group.heading()));
        }
        text.push('\n');
        for paragraph in setting.help().1.split("\n\n") {
            wrap(&mut text, paragraph);
        }
        let (plain, shown) = ((setting.plain)(raw), setting.default_text(raw));
        if shown != plain.text() {
            wrap(&mut text, &format!("Default: {shown}."));
        }
        text.push_str(&format!("#{} = {}\n", setting.key, toml_value(&plain)));
    }
    text
}

fn wrap(text: &mut String, paragraph: &str) {
    let mut column = 0;
    for word in paragraph.split_whitespace() {
        if column > 0 && column + 1 + word.len() > WIDTH {
            text.push('\n');
            column = 0;
        }
        let lead = if column == 0 { "# " } else { " " };
        text.push_str(lead);
        text.push_str(word);
        column += lead.len() + word.len();
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::table::Defaults;
    use super::super::{file, values::Plain};
    use super::*;

    #[test]
    fn the_example_switched_on_gives_every_default() {
        let defaults = Defaults::new(3 << 30);
        let is_setting =
            |line: &str| line.starts_with('#') && line.as_bytes().get(1).is_some_and(u8::is_ascii_lowercase);
        let on: String = example(&Raw::defaults(&defaults))
            .lines()
            .map(|line| if is_setting(line) { format!("{}\n", &line[1..]) } else { format!("{line}\n") })
            .collect();
        let (entries, problems) = file::read(Path::new("example"), &on);
        assert!(problems.is_empty(), "{problems:#?}");
        assert_eq!(entries.len(), TABLE.len());
        let fresh = Raw::defaults(&defaults);
        let mut raw = fresh.clone();
        for entry in &entries {
            assert!((entry.setting.set)(&mut raw, &entry.word, entry.origin.clone()), "{}", entry.setting.key);
        }
        let plain = |raw: &Raw| -> Vec<Plain> { TABLE.iter().map(|setting| (setting.plain)(raw)).collect() };
        assert_eq!(plain(&raw), plain(&fresh));
    }

    #[test]
    fn the_example_as_printed_gives_nothing() {
        let (entries, problems) = file::read(Path::new("example"), &example(&Raw::defaults(&Defaults::new(1 << 30))));
        assert!(entries.is_empty() && problems.is_empty(), "{problems:#?}");
    }

    #[test]
    fn no_comment_is_wider_than_a_terminal_shows() {
        let text = example(&Raw::defaults(&Defaults::new(1 << 30)));
        let long: Vec<&str> = text.lines().filter(|line| line.len() > 125).collect();
        assert!(long.is_empty(), "{long:#?}");
    }
}
