//! The line of `-ls`.

use sandshell_sys::{Accounts, Kind, Stat};

use crate::calendar;
use crate::time::{Nanos, nanos};

/// Writes the line for a file.
pub(crate) fn line(path: &[u8], stat: &Stat, target: Option<&[u8]>, accounts: &Accounts, now: Nanos) -> Vec<u8> {
    let user = accounts.user_name(stat.uid).map_or_else(|| stat.uid.to_string(), str::to_owned);
    let group = accounts.group_name(stat.gid).map_or_else(|| stat.gid.to_string(), str::to_owned);
    let size = match stat.mode.kind() {
        Kind::CharacterDevice | Kind::BlockDevice => {
            let (major, minor) = device_numbers(stat.device);
            format!("{major:3}, {minor:3}")
        }
        _ => format!("{:8}", stat.size),
    };
    let mut line = format!(
        "{:9} {:6} {} {:3} {user:8} {group:8} {size} {} ",
        stat.inode,
        stat.blocks.div_ceil(2),
        stat.mode.symbolic(),
        stat.links,
        calendar::short(nanos(stat.modified), now),
    )
    .into_bytes();
    push_escaped(&mut line, path);
    if let Some(target) = target {
        line.extend(b" -> ");
        push_escaped(&mut line, target);
    }
    line.push(b'\n');
    line
}

/// Major and minor number of a device, as Linux packs them.
fn device_numbers(device: u64) -> (u64, u64) {
    let major = (device >> 8 & 0xfff) | (device >> 32 & !0xfff);
    let minor = (device & 0xff) | (device >> 12 & !0xff);
    (major, minor)
}

/// Adds a name with blanks and what cannot be printed escaped as in C.
fn push_escaped(line: &mut Vec<u8>, name: &[u8]) {
    for byte in name {
        match byte {
            b'\\' => line.extend(b"\\\\"),
            b'\n' => line.extend(b"\\n"),
            b'\t' => line.extend(b"\\t"),
            b'\r' => line.extend(b"\\r"),
            0x08 => line.extend(b"\\b"),
            0x0c => line.extend(b"\\f"),
            b' ' => line.extend(b"\\ "),
            b'"' => line.extend(b"\\\""),
            0..0x20 | 0x7f => line.extend(format!("\\{byte:03o}").bytes()),
            _ => line.push(*byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sandshell_sys::Mode;

    use super::*;

    fn stat(mode: u32, size: u64, device: u64) -> Stat {
        let time = Duration::from_secs(1_704_164_645);
        let (accessed, modified, changed) = (time, time, time);
        Stat {
            inode: 12,
            mode: Mode(mode),
            links: 1,
            uid: 0,
            gid: 7,
            size,
            accessed,
            modified,
            changed,
            device,
            blocks: 8,
        }
    }

    #[test]
    fn a_line_has_gnus_columns() {
        let check = |stat: &Stat, path: &str, target: Option<&[u8]>, expected: &str| {
            let found = line(path.as_bytes(), stat, target, &Accounts::default(), i128::from(i64::MAX));
            assert_eq!(String::from_utf8_lossy(&found), expected);
        };
        let expected = "       12      4 -rw-r--r--   1 0        7               3 Jan  2  2024 d/a\\ b\n";
        check(&stat(0o100_644, 3, 0), "d/a b", None, expected);
        let expected = "       12      4 lrwxrwxrwx   1 0        7               3 Jan  2  2024 l -> a\\n\n";
        check(&stat(0o120_777, 3, 0), "l", Some(b"a\n"), expected);
        let expected = "       12      4 crw-rw-rw-   1 0        7          1,   3 Jan  2  2024 null\n";
        check(&stat(0o020_666, 0, 1 << 8 | 3), "null", None, expected);
    }
}
