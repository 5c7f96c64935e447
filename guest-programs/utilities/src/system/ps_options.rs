//! The options of `ps`: of UNIX with a dash, of BSD without one, of GNU with two.

use super::ps_columns::Column;
use crate::program::{Outcome, Program, say};

pub(super) const HELP: &str = "\
Usage: ps [OPTION]...
Report a snapshot of the session's processes.

Which:
  -A, -e, ax      all processes            -a, -d     but those without a terminal; but leaders
  -p, p, --pid PIDS     -C NAMES           --ppid PIDS
  -u, -U, U, --user USERS                  -s, -g, --sid SESSIONS
  -N, --deselect  all others

How:
  -f, -F, -l, -j  full, extra full, long, jobs     u, l, j   the BSD forms
  -o, o, --format FORMAT   columns: NAME or NAME=HEADER, several separated by commas
  -H, f, --forest          a tree
  --no-headers, h          no headers               --headers
  --sort, k KEYS           order: [+|-]NAME, several separated by commas
  -w, w                    accepted: lines are never cut
      --help, -V, --version

Columns: pid ppid pgid sid user uid group gid comm args cmd tty time cputimes etime etimes stime start lstart pcpu c pmem
vsz rss sz stat state ni pri nlwp psr wchan f, and their other names in procps.
";

/// Which processes are shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Selection {
    All,
    NoLeaders,
    OfTerminals,
    Lists(Lists),
}

/// Processes that are named.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Lists {
    pub(super) pids: Vec<u32>,
    pub(super) parents: Vec<u32>,
    pub(super) sessions: Vec<u32>,
    pub(super) names: Vec<String>,
    pub(super) users: Vec<u32>,
}

/// What the options ask for.
pub(super) struct Settings {
    pub(super) selection: Selection,
    pub(super) negate: bool,
    /// Columns that were asked for by name, with their headers.
    chosen: Vec<(&'static Column, String)>,
    /// Else those of a form.
    form: &'static [(&'static str, &'static str)],
    pub(super) forest: bool,
    pub(super) headers: bool,
    /// Columns, and whether the order is reversed.
    pub(super) order: Vec<(&'static Column, bool)>,
}

type Form = &'static [(&'static str, &'static str)];

const DEFAULT: Form = &[("pid", "PID"), ("tname", "TTY"), ("time", "TIME"), ("comm", "CMD")];
const BSD: Form = &[("pid", "PID"), ("tname", "TTY"), ("stat", "STAT"), ("bsdtime", "TIME"), ("args", "COMMAND")];
const FULL: Form = &[
    ("user", "UID"),
    ("pid", "PID"),
    ("ppid", "PPID"),
    ("c", "C"),
    ("stime", "STIME"),
    ("tname", "TTY"),
    ("time", "TIME"),
    ("args", "CMD"),
];
const EXTRA_FULL: Form = &[
    ("user", "UID"),
    ("pid", "PID"),
    ("ppid", "PPID"),
    ("c", "C"),
    ("sz", "SZ"),
    ("rss", "RSS"),
    ("psr", "PSR"),
    ("stime", "STIME"),
    ("tname", "TTY"),
    ("time", "TIME"),
    ("args", "CMD"),
];
const LONG: Form = &[
    ("f", "F"),
    ("s", "S"),
    ("uid", "UID"),
    ("pid", "PID"),
    ("ppid", "PPID"),
    ("c", "C"),
    ("opri", "PRI"),
    ("ni", "NI"),
    ("addr", "ADDR"),
    ("sz", "SZ"),
    ("wchan", "WCHAN"),
    ("tname", "TTY"),
    ("time", "TIME"),
    ("comm", "CMD"),
];
const JOBS: Form =
    &[("pid", "PID"), ("pgid", "PGID"), ("sid", "SID"), ("tname", "TTY"), ("time", "TIME"), ("comm", "CMD")];
const BSD_USER: Form = &[
    ("user", "USER"),
    ("pid", "PID"),
    ("pcpu", "%CPU"),
    ("pmem", "%MEM"),
    ("vsz", "VSZ"),
    ("rss", "RSS"),
    ("tname", "TTY"),
    ("stat", "STAT"),
    ("start_time", "START"),
    ("bsdtime", "TIME"),
    ("args", "COMMAND"),
];
const BSD_LONG: Form = &[
    ("f", "F"),
    ("uid", "UID"),
    ("pid", "PID"),
    ("ppid", "PPID"),
    ("priority", "PRI"),
    ("ni", "NI"),
    ("vsz", "VSZ"),
    ("rss", "RSS"),
    ("wchan", "WCHAN"),
    ("stat", "STAT"),
    ("tname", "TTY"),
    ("bsdtime", "TIME"),
    ("args", "COMMAND"),
];
const BSD_JOBS: Form = &[
    ("ppid", "PPID"),
    ("pid", "PID"),
    ("pgid", "PGID"),
    ("sid", "SID"),
    ("tname", "TTY"),
    ("tpgid", "TPGID"),
    ("stat", "STAT"),
    ("uid", "UID"),
    ("bsdtime", "TIME"),
    ("args", "COMMAND"),
];

impl Settings {
    /// The columns with their headers.
    pub(super) fn columns(&self) -> Vec<(&'static Column, String)> {
        if !self.chosen.is_empty() {
            return self.chosen.clone();
        }
        let named = self.form.iter();
        named.filter_map(|(name, header)| Some((Column::find(name)?, (*header).to_owned()))).collect()
    }
}

/// Reads the command line.
pub(super) fn read(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome<Settings> {
    let settings = Settings {
        selection: Selection::All,
        negate: false,
        chosen: Vec::new(),
        form: DEFAULT,
        forest: false,
        headers: true,
        order: Vec::new(),
    };
    let words = arguments.into_iter().map(|word| String::from_utf8_lossy(&word).into_owned());
    let mut reader = Reader {
        program,
        settings,
        words: words.collect::<Vec<_>>().into_iter(),
        lists: Lists::default(),
        listed: false,
        all: false,
    };
    while let Some(word) = reader.words.next() {
        if let Some(name) = word.strip_prefix("--") {
            reader.long(name)?;
        } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            reader.unix(letters)?;
        } else {
            reader.bsd(&word)?;
        }
    }
    if reader.listed && !reader.all {
        reader.settings.selection = Selection::Lists(reader.lists);
    }
    Ok(reader.settings)
}

struct Reader<'a> {
    program: &'a Program,
    settings: Settings,
    words: std::vec::IntoIter<String>,
    lists: Lists,
    listed: bool,
    all: bool,
}

impl Reader<'_> {
    fn error<T>(&self, message: &str) -> Outcome<T> {
        say(&format!("error: {message}\n\nUsage:\n ps [options]\n\n Try 'ps --help' for additional help text."));
        Err(self.program.failure)
    }

    fn long(&mut self, word: &str) -> Outcome<()> {
        let (name, attached) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let letter = match name {
            "help" => return Err(self.program.print(HELP)),
            "version" => return Err(self.program.version()),
            "no-headers" | "no-heading" | "noheaders" | "noheading" => {
                self.settings.headers = false;
                return Ok(());
            }
            "headers" | "cumulative" => return Ok(()),
            "deselect" => 'N',
            "forest" => 'H',
            "pid" => 'p',
            "user" | "User" => 'u',
            "sid" => 's',
            "format" => 'o',
            "sort" | "ppid" | "cols" | "columns" | "width" | "lines" | "rows" => {
                let Some(value) = attached.map(str::to_owned).or_else(|| self.words.next()) else {
                    return self.error("long sort specification must follow 'k'");
                };
                return self.long_value(name, &value);
            }
            _ => return self.error("unknown gnu long option"),
        };
        let value = attached.map(str::to_owned);
        self.apply(letter, value)
    }

    fn long_value(&mut self, name: &str, value: &str) -> Outcome<()> {
        match name {
            "sort" => self.sort(value)?,
            "ppid" => {
                self.lists.parents = self.numbers(value)?;
                self.listed = true;
            }
            _ => {}
        }
        Ok(())
    }

    fn unix(&mut self, letters: &str) -> Outcome<()> {
        let mut rest = letters;
        while let Some(letter) = rest.chars().next() {
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
            if "opCuUgGsqtO".contains(letter) {
                let attached = (!rest.is_empty()).then(|| rest.to_owned());
                return self.apply(letter, attached);
            }
            self.apply(letter, None)?;
        }
        Ok(())
    }

    fn apply(&mut self, letter: char, attached: Option<String>) -> Outcome<()> {
        let settings = &mut self.settings;
        match letter {
            'A' | 'e' => self.all = true,
            'a' if !self.all => settings.selection = Selection::OfTerminals,
            'd' if !self.all => settings.selection = Selection::NoLeaders,
            'N' => settings.negate = true,
            'f' => settings.form = FULL,
            'F' => settings.form = EXTRA_FULL,
            'l' => settings.form = LONG,
            'j' => settings.form = JOBS,
            'H' => settings.forest = true,
            'a' | 'd' | 'w' | 'y' | 'c' => {}
            'V' => return Err(self.program.version()),
            'o' | 'O' | 'p' | 'q' | 'C' | 'u' | 'U' | 's' | 'g' => {
                let Some(value) = attached.or_else(|| self.words.next()) else {
                    return self.error("list of process IDs must follow -p");
                };
                return self.list(letter, &value);
            }
            _ => return self.error("unsupported SysV option"),
        }
        if self.all {
            self.settings.selection = Selection::All;
        }
        Ok(())
    }

    fn list(&mut self, letter: char, value: &str) -> Outcome<()> {
        match letter {
            'o' | 'O' => return self.format(value),
            'C' => self.lists.names.extend(split(value).map(str::to_owned)),
            'u' | 'U' => {
                let accounts = sandshell_sys::Accounts::load();
                for name in split(value) {
                    match name.parse().ok().or_else(|| accounts.user_id(name)) {
                        Some(user) => self.lists.users.push(user),
                        None => return self.error("user name does not exist"),
                    }
                }
            }
            's' | 'g' => {
                let numbers = self.numbers(value)?;
                self.lists.sessions.extend(numbers);
            }
            _ => {
                let numbers = self.numbers(value)?;
                self.lists.pids.extend(numbers);
            }
        }
        self.listed = true;
        Ok(())
    }

    fn numbers(&self, text: &str) -> Outcome<Vec<u32>> {
        let numbers: Option<Vec<u32>> = split(text).map(|word| word.parse().ok()).collect();
        match numbers.filter(|numbers| !numbers.is_empty()) {
            Some(numbers) => Ok(numbers),
            None => self.error("process ID list syntax error"),
        }
    }

    fn format(&mut self, text: &str) -> Outcome<()> {
        let mut rest = text;
        while !rest.is_empty() {
            // A header reaches to the end of the argument, but an empty one ends at a comma.
            let end = rest.find([',', ' ', '=']).unwrap_or(rest.len());
            let (name, behind) = rest.split_at(end);
            let given = behind.strip_prefix('=');
            let header = given.map(|header| if header.starts_with(',') { "" } else { header });
            rest = match (given, header) {
                (Some(_), Some(header)) if !header.is_empty() => "",
                (Some(behind), _) => behind.trim_start_matches([',', ' ']),
                (None, _) => behind.trim_start_matches([',', ' ']),
            };
            if name.is_empty() {
                continue;
            }
            let Some(column) = Column::find(name) else {
                return self.error(&format!("unknown user-defined format specifier \"{name}\""));
            };
            let header = header.unwrap_or_else(|| column.header_of(name)).to_owned();
            self.settings.chosen.push((column, header));
        }
        Ok(())
    }

    fn sort(&mut self, text: &str) -> Outcome<()> {
        for key in split(text) {
            let name = key.trim_start_matches(['+', '-']);
            let Some(column) = Column::find(name) else { return self.error("unknown sort specifier") };
            self.settings.order.push((column, key.starts_with('-')));
        }
        Ok(())
    }

    fn bsd(&mut self, letters: &str) -> Outcome<()> {
        if letters.starts_with(|first: char| first.is_ascii_digit()) {
            return self.list('p', letters);
        }
        let mut rest = letters;
        // Without a terminal, `a` alone shows nothing more than `x` does.
        if self.settings.form == DEFAULT {
            self.settings.form = BSD;
        }
        while let Some(letter) = rest.chars().next() {
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
            match letter {
                'a' | 'x' | 'g' | 'w' | 'e' | 'c' | 'r' | 'T' => {}
                'u' => self.settings.form = BSD_USER,
                'l' => self.settings.form = BSD_LONG,
                'j' => self.settings.form = BSD_JOBS,
                'f' => self.settings.forest = true,
                'h' => self.settings.headers = false,
                'o' | 'O' | 'p' | 'q' | 'U' | 'k' => {
                    let attached = (!rest.is_empty()).then(|| rest.to_owned());
                    let Some(value) = attached.or_else(|| self.words.next()) else {
                        return self.error("an argument is missing");
                    };
                    return if letter == 'k' { self.sort(&value) } else { self.list(letter, &value) };
                }
                _ => return self.error("unsupported option (BSD syntax)"),
            }
        }
        Ok(())
    }
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ']).filter(|word| !word.is_empty())
}
