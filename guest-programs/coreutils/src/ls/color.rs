//! Colors of `ls --color`: `LS_COLORS`, or GNU's own when it is not set.

use std::collections::BTreeMap;

use sandshell_sys::{Kind, Mode};

use super::entry::Entry;
use crate::basis::output::Output;

const DEFAULTS: &[(&str, &str)] = &[
    ("lc", "\x1b["),
    ("rc", "m"),
    ("rs", "0"),
    ("di", "01;34"),
    ("ln", "01;36"),
    ("pi", "33"),
    ("so", "01;35"),
    ("bd", "01;33"),
    ("cd", "01;33"),
    ("ex", "01;32"),
    ("su", "37;41"),
    ("sg", "30;43"),
    ("st", "37;44"),
    ("ow", "34;42"),
    ("tw", "30;42"),
];

/// Which sequence belongs to which files.
pub(crate) struct Palette {
    kinds: BTreeMap<String, String>,
    /// Ends of names, the last rule first.
    suffixes: Vec<(String, String)>,
}

/// Starts or parts of `TERM` that GNU knows to have colors.
const TERMINALS: &[&str] = &[
    "Eterm",
    "ansi",
    "cons25",
    "console",
    "cygwin",
    "dtterm",
    "gnome",
    "hurd",
    "jfbterm",
    "konsole",
    "kterm",
    "linux",
    "mlterm",
    "putty",
    "rxvt",
    "screen",
    "terminator",
    "tmux",
    "vt100",
    "vt220",
    "xterm",
];

/// Returns whether the environment names colors, or a terminal that has them.
pub(crate) fn are_known() -> bool {
    let value = |name: &str| std::env::var(name).unwrap_or_default();
    let terminal = value("TERM");
    !value("LS_COLORS").is_empty()
        || !value("COLORTERM").is_empty()
        || terminal.contains("color")
        || terminal.contains("direct")
        || terminal == "st"
        || TERMINALS.iter().any(|known| terminal.starts_with(known))
}

impl Palette {
    /// Reads `LS_COLORS` over the defaults.
    pub(crate) fn of_environment() -> Self {
        let mut palette = Self {
            kinds: DEFAULTS.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            suffixes: Vec::new(),
        };
        for rule in std::env::var("LS_COLORS").unwrap_or_default().split(':') {
            let Some((key, value)) = rule.split_once('=') else { continue };
            let value = value.replace("\\e", "\x1b").replace("^[", "\x1b");
            match key.strip_prefix('*') {
                Some(suffix) => palette.suffixes.insert(0, (suffix.to_owned(), value)),
                None => drop(palette.kinds.insert(key.to_owned(), value)),
            }
        }
        palette
    }

    fn kind(&self, key: &str) -> Option<&str> {
        self.kinds.get(key).map(String::as_str).filter(|value| !value.is_empty() && *value != "0" && *value != "00")
    }

    /// Returns whether any color depends on where links lead.
    pub(crate) fn looks_behind_links(&self) -> bool {
        ["or", "mi"].iter().any(|key| self.kind(key).is_some())
            || self.kinds.get("ln").is_some_and(|value| value == "target")
    }

    fn of_mode(&self, mode: Mode, name: &[u8]) -> Option<&str> {
        let bits = mode.permissions();
        let special = match mode.kind() {
            Kind::Directory if bits & 0o1002 == 0o1002 => self.kind("tw").or(self.kind("di")),
            Kind::Directory if bits & 0o002 != 0 => self.kind("ow").or(self.kind("di")),
            Kind::Directory if bits & 0o1000 != 0 => self.kind("st").or(self.kind("di")),
            Kind::Directory => self.kind("di"),
            Kind::Symlink => self.kind("ln").filter(|value| *value != "target"),
            Kind::Fifo => self.kind("pi"),
            Kind::Socket => self.kind("so"),
            Kind::BlockDevice => self.kind("bd"),
            Kind::CharacterDevice => self.kind("cd"),
            _ if bits & 0o4000 != 0 => self.kind("su"),
            _ if bits & 0o2000 != 0 => self.kind("sg"),
            _ if bits & 0o111 != 0 => self.kind("ex"),
            _ => None,
        };
        if special.is_some() || mode.kind() != Kind::Regular {
            return special;
        }
        let name = name.to_ascii_lowercase();
        let by_suffix = self.suffixes.iter().find(|(suffix, _)| name.ends_with(suffix.to_ascii_lowercase().as_bytes()));
        by_suffix.map(|(_, value)| value.as_str()).or_else(|| self.kind("fi"))
    }

    /// Returns the sequence for an entry's name.
    fn of_entry(&self, entry: &Entry) -> Option<&str> {
        let mode = entry.status.map(|status| status.mode);
        if entry.kind == Kind::Symlink {
            if entry.target_mode.is_none()
                && let Some(orphan) = self.kind("or")
            {
                return Some(orphan);
            }
            if self.kinds.get("ln").is_some_and(|value| value == "target") {
                return entry.target_mode.and_then(|mode| self.of_mode(mode, entry.name.as_encoded_bytes()));
            }
        }
        let mode = mode.unwrap_or(match entry.kind {
            Kind::Directory => Mode(0o040_755),
            Kind::Symlink => Mode(0o120_777),
            _ => Mode(0o100_644),
        });
        self.of_mode(mode, entry.name.as_encoded_bytes())
    }
}

/// Writes names in their colors.
pub(crate) struct Paint<'a> {
    palette: Option<&'a Palette>,
    used: bool,
}

impl<'a> Paint<'a> {
    pub(crate) fn new(palette: Option<&'a Palette>) -> Self {
        Self { palette, used: false }
    }

    /// Writes the shown name of an entry.
    pub(crate) fn name(&mut self, entry: &Entry, out: &mut Output) {
        let color = self.palette.and_then(|palette| palette.of_entry(entry));
        self.paint(color, &entry.shown, out);
    }

    /// Writes the path a link leads to.
    pub(crate) fn target(&mut self, entry: &Entry, shown: &[u8], out: &mut Output) {
        let color =
            self.palette.filter(|palette| palette.looks_behind_links()).and_then(|palette| match entry.target_mode {
                Some(mode) => palette.of_mode(mode, shown),
                None => palette.kind("mi").or_else(|| palette.kind("or")),
            });
        self.paint(color, shown, out);
    }

    fn paint(&mut self, color: Option<&str>, text: &[u8], out: &mut Output) {
        let (Some(palette), Some(color)) = (self.palette, color) else {
            out.put(text);
            return;
        };
        let part = |key: &str| palette.kinds.get(key).map_or("", String::as_str);
        let (open, close, reset) = (part("lc"), part("rc"), part("rs"));
        if !self.used {
            // The terminal's own color is left once, before the first that is ours.
            self.used = true;
            out.text(&format!("{open}{reset}{close}"));
        }
        // A padding space before the name keeps the terminal's color.
        let blank = text.iter().take_while(|&&byte| byte == b' ').count();
        let (blank, name) = text.split_at(if text.len() > blank { blank } else { 0 });
        out.put(blank);
        out.text(&format!("{open}{color}{close}"));
        out.put(name);
        out.text(&format!("{open}{reset}{close}"));
    }
}
