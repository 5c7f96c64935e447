//! How members are shown: their names, and the long lines of `-tv`.

use super::header::{Member, kind};
use super::options::Settings;
use crate::basis::time;

/// Width of owner and size together, until a longer pair comes.
const OWNER_WIDTH: usize = 19;

/// Returns a name as tar prints it: control characters and backslashes escaped, and bytes that are no text.
pub(super) fn quoted(name: &[u8], is_literal: bool) -> Vec<u8> {
    if is_literal {
        return name.to_vec();
    }
    let mut result = Vec::new();
    for chunk in name.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' => result.extend(b"\\\\"),
                '\n' => result.extend(b"\\n"),
                '\t' => result.extend(b"\\t"),
                '\r' => result.extend(b"\\r"),
                '\u{7}' => result.extend(b"\\a"),
                '\u{8}' => result.extend(b"\\b"),
                '\u{b}' => result.extend(b"\\v"),
                '\u{c}' => result.extend(b"\\f"),
                c if c.is_ascii_control() => result.extend(format!("\\{:03o}", u32::from(c)).bytes()),
                c => result.extend(c.encode_utf8(&mut [0; 4]).bytes()),
            }
        }
        for byte in chunk.invalid() {
            result.extend(format!("\\{byte:03o}").bytes());
        }
    }
    result
}

/// Shows members, remembering how wide the columns have become.
pub(super) struct Listing {
    width: usize,
}

impl Listing {
    pub(super) fn new() -> Self {
        Self { width: OWNER_WIDTH }
    }

    /// Returns a member's line: its name, and with `is_long` all that `ls -l` would tell.
    pub(super) fn line(&mut self, member: &Member, name: &[u8], settings: &Settings, is_long: bool) -> Vec<u8> {
        let mut line = Vec::new();
        if is_long {
            line = self.columns(member, settings);
        }
        line.extend(quoted(name, settings.literal_names));
        if is_long {
            let arrow: &[u8] = match member.kind {
                kind::SYMLINK => b" -> ",
                kind::LINK => b" link to ",
                kind::LABEL => b"--Volume Header--",
                _ => b"",
            };
            line.extend(arrow);
            if matches!(member.kind, kind::SYMLINK | kind::LINK) {
                line.extend(quoted(&member.link, settings.literal_names));
            }
        }
        line.push(b'\n');
        line
    }

    fn columns(&mut self, member: &Member, settings: &Settings) -> Vec<u8> {
        let letter = match member.kind {
            kind::LINK => 'h',
            kind::SYMLINK => 'l',
            kind::CHARACTER => 'c',
            kind::BLOCK_DEVICE => 'b',
            kind::DIRECTORY => 'd',
            kind::FIFO => 'p',
            kind::LABEL => 'V',
            _ => '-',
        };
        let symbolic = sandshell_sys::Mode(0o100_000 | member.mode).symbolic();
        let owner = |name: &[u8], id: u64| {
            if name.is_empty() || settings.numeric_owner { id.to_string().into_bytes() } else { name.to_vec() }
        };
        let size = match member.kind {
            kind::CHARACTER | kind::BLOCK_DEVICE => format!("{},{}", member.device.0, member.device.1),
            _ => member.size.to_string(),
        };
        let owners = [&owner(&member.user, member.uid)[..], b"/", &owner(&member.group, member.gid)].concat();
        self.width = self.width.max(owners.len() + 1 + size.len());
        let gap = self.width - owners.len() - size.len();
        let date =
            time::format(member.modified.0, if settings.full_time { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M" });
        let fraction = match member.modified.1 {
            nanos if settings.full_time && nanos != 0 => format!(".{nanos:09}"),
            _ => String::new(),
        };
        let mut line = format!("{letter}{} ", symbolic.get(1..).unwrap_or_default()).into_bytes();
        line.extend(owners);
        line.extend(format!("{:gap$}{size} {date}{fraction} ", "").bytes());
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped() {
        assert_eq!(quoted(b"a\n\\\x01\xffb", false), br"a\n\\\001\377b");
        assert_eq!(quoted("é".as_bytes(), false), "é".as_bytes());
        assert_eq!(quoted(b"a\n", true), b"a\n");
    }

    #[test]
    fn long_lines_are_aligned() {
        let member = Member {
            name: b"d/l".to_vec(),
            link: b"f".to_vec(),
            kind: kind::SYMLINK,
            mode: 0o777,
            user: b"root".to_vec(),
            group: b"root".to_vec(),
            modified: (1_704_164_645, 0),
            ..Member::default()
        };
        let line = Listing::new().line(&member, &member.name, &Settings::default(), true);
        assert_eq!(String::from_utf8_lossy(&line), "lrwxrwxrwx root/root         0 2024-01-02 03:04 d/l -> f\n");
    }
}
