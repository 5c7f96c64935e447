//! The history and its file: `history -a`, `-n`, `-r` and `-w`.

use std::rc::Rc;

use crate::shell::Shell;
use crate::sys::OpenFlags;
use crate::vars::{Name, Var};

impl Shell {
    /// The history of a user: HISTFILE when nothing names another, and what is in it.
    pub(crate) fn open_own_history(&mut self) {
        if self.text_of(Name::HISTFILE).is_none()
            && let Some(home) = self.text_of(Name::HOME).map(|home| home.into_owned())
        {
            self.vars.put(Name::HISTFILE, Var::scalar([&home, b"/.bash_history".as_slice()].concat()));
        }
    }

    /// Reads HISTFILE into the list.
    pub(crate) fn read_own_history(&mut self) {
        let _ = self.history_file_action(b'r', None);
    }

    /// Appends what is new to HISTFILE.
    pub(crate) fn save_own_history(&mut self) {
        let _ = self.history_file_action(b'a', None);
    }

    /// Carries out one of the letters `anrw` on a file, or on HISTFILE.
    pub(super) fn history_file_action(&mut self, letter: u8, name: Option<&Vec<u8>>) -> u8 {
        let path = name.cloned().or_else(|| self.text_of(Name::HISTFILE).map(|text| text.into_owned()));
        let Some(path) = path.filter(|path| !path.is_empty()) else { return 0 };
        let done = match letter {
            b'a' => self.append_history(&path),
            b'w' => self.write_history(&path),
            b'n' => self.read_history(&path, self.builtins.history.file_lines),
            _ => self.read_history(&path, 0),
        };
        u8::from(!done)
    }

    fn append_history(&mut self, path: &[u8]) -> bool {
        let history = Rc::make_mut(&mut self.builtins.history);
        let count = std::mem::take(&mut history.unsaved);
        history.file_lines += count;
        if count == 0 {
            return true;
        }
        self.put_lines(path, count, OpenFlags::APPEND)
    }

    fn write_history(&mut self, path: &[u8]) -> bool {
        let count = self.builtins.history.entries.len();
        Rc::make_mut(&mut self.builtins.history).file_lines = count;
        self.put_lines(path, count, OpenFlags::WRITE)
    }

    /// Writes the last `count` entries, with their times when HISTTIMEFORMAT is set.
    fn put_lines(&self, path: &[u8], count: usize, flags: OpenFlags) -> bool {
        let times = self.text_of(Name::new(b"HISTTIMEFORMAT")).is_some();
        let entries = &self.builtins.history.entries;
        let mut text = Vec::new();
        for entry in entries.iter().skip(entries.len().saturating_sub(count)) {
            if times {
                text.extend_from_slice(format!("#{}\n", entry.time).as_bytes());
            }
            text.extend_from_slice(&entry.line);
            text.push(b'\n');
        }
        let written = self.sys.open(path, flags, 0o600).and_then(|fd| {
            let written = self.sys.write(fd, &text);
            let _ = self.sys.close(fd);
            written
        });
        written.is_ok()
    }

    /// Appends the lines of a file to the list, without the first `skip`.
    fn read_history(&mut self, path: &[u8], skip: usize) -> bool {
        let Ok(content) = self.read_file(path) else { return false };
        let unsaved = self.builtins.history.unsaved;
        let mut lines = 0;
        let mut time = None;
        for line in content.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            if let Some(stamp) = time_of(line) {
                time = Some(stamp);
                continue;
            }
            lines += 1;
            if lines <= skip {
                continue;
            }
            self.remember_line(line);
            if let (Some(time), Some(entry)) =
                (time.take(), Rc::make_mut(&mut self.builtins.history).entries.last_mut())
            {
                entry.time = time;
            }
        }
        let history = Rc::make_mut(&mut self.builtins.history);
        history.unsaved = unsaved;
        history.file_lines = lines;
        true
    }
}

/// `#1700000000`: when the next line was entered.
fn time_of(line: &[u8]) -> Option<u64> {
    std::str::from_utf8(line.strip_prefix(b"#")?).ok()?.parse().ok()
}
