//! The tables of `unzip -l`, `unzip -v` and `zipinfo`.

use super::format::{DEFLATED, Entry, STORED};
use crate::basis::message::text;
use crate::basis::time;

/// By how many percent packing made an entry smaller.
pub(super) fn saved(size: u64, packed: u64) -> i64 {
    if size == 0 {
        return 0;
    }
    let (size, packed) = (i128::from(size), i128::from(packed));
    let doubled = 200 * (size - packed) / size;
    i64::try_from((doubled + doubled.signum()) / 2).unwrap_or(0)
}

fn date(entry: &Entry) -> String {
    time::format(entry.modified, "%Y-%m-%d %H:%M")
}

fn files(count: usize) -> String {
    format!("{count} file{}", if count == 1 { "" } else { "s" })
}

/// The short table.
pub(super) fn short(entries: &[&Entry], quiet: u8) -> String {
    let mut table = String::new();
    if quiet < 2 {
        table.push_str("  Length      Date    Time    Name\n---------  ---------- -----   ----\n");
    }
    for entry in entries {
        table.push_str(&format!("{:>9}  {}   {}\n", entry.size, date(entry), text(&entry.name)));
    }
    if quiet < 2 {
        let total: u64 = entries.iter().map(|entry| entry.size).sum();
        table.push_str(&format!(
            "---------                     -------\n{total:>9}                     {}\n",
            files(entries.len())
        ));
    }
    table
}

/// The long table.
pub(super) fn long(entries: &[&Entry], quiet: u8) -> String {
    let mut table = String::new();
    if quiet < 2 {
        table.push_str(" Length   Method    Size  Cmpr    Date    Time   CRC-32   Name\n");
        table.push_str("--------  ------  ------- ---- ---------- ----- --------  ----\n");
    }
    for entry in entries {
        let method = match entry.method {
            STORED => "Stored".to_owned(),
            DEFLATED => format!("Defl:{}", strength(entry)),
            other => format!("Unk:{other:03}"),
        };
        let (size, packed, share) = (entry.size, entry.packed, saved(entry.size, entry.packed));
        let (date, crc, name) = (date(entry), entry.crc, text(&entry.name));
        table.push_str(&format!("{size:>8}  {method:<6} {packed:>8} {share:>3}% {date} {crc:08x}  {name}\n"));
    }
    if quiet < 2 {
        let (size, packed) =
            entries.iter().fold((0, 0), |(size, packed), entry| (size + entry.size, packed + entry.packed));
        let (share, count) = (saved(size, packed), files(entries.len()));
        table.push_str("--------          -------  ---                            -------\n");
        table.push_str(&format!("{size:>8}         {packed:>8} {share:>3}%                            {count}\n"));
    }
    table
}

/// The letter of how hard deflating was tried.
fn strength(entry: &Entry) -> char {
    match entry.flags >> 1 & 3 {
        1 => 'X',
        2 => 'F',
        3 => 'S',
        _ => 'N',
    }
}

/// A line of zipinfo.
pub(super) fn info(entry: &Entry) -> String {
    let (version, host) = (entry.made_by & 0xff, entry.made_by >> 8);
    let host = match host {
        0 => "fat",
        3 => "unx",
        11 => "ntf",
        19 => "osx",
        _ => "???",
    };
    let kind = if entry.is_text { 't' } else { 'b' };
    let extra = match (entry.has_extra, entry.has_descriptor()) {
        (true, true) => 'X',
        (true, false) => 'x',
        (false, true) => 'l',
        (false, false) => '-',
    };
    let method = match entry.method {
        STORED => "stor".to_owned(),
        DEFLATED => format!("def{}", strength(entry)),
        other => format!("u{other:03}"),
    };
    let date = time::format(entry.modified, "%y-%b-%d %H:%M");
    let mode = sandshell_sys::Mode(entry.mode()).symbolic();
    let (size, name) = (entry.size, text(&entry.name));
    let version = format!("{}.{}", version / 10, version % 10);
    format!("{mode}  {version} {host} {size:>8} {kind}{extra} {method} {date} {name}\n")
}

/// The last line of zipinfo.
pub(super) fn info_totals(entries: &[&Entry]) -> String {
    let (size, packed) =
        entries.iter().fold((0u64, 0u64), |(size, packed), entry| (size + entry.size, packed + entry.packed));
    #[expect(clippy::cast_precision_loss, reason = "a percentage of one digit")]
    let share = if size == 0 { 0.0 } else { 100.0 * (size as f64 - packed as f64) / size as f64 };
    format!("{}, {size} bytes uncompressed, {packed} bytes compressed:  {share:.1}%\n", files(entries.len()))
}

#[cfg(test)]
mod tests {
    use super::saved;

    #[test]
    fn shares_are_rounded() {
        assert_eq!((saved(40, 7), saved(24, 11), saved(0, 0), saved(2, 2)), (83, 54, 0, 0));
        assert_eq!(saved(10, 15), -50);
    }
}
