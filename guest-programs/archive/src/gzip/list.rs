//! `gzip -l`: the table of what files hold.

use crate::basis::time;

/// One row.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) method: &'static str,
    pub(super) crc: u32,
    pub(super) modified: i64,
    pub(super) compressed: u64,
    pub(super) uncompressed: u64,
    /// Bytes of header and trailer, which are not counted as compressed data.
    pub(super) overhead: u64,
    pub(super) name: String,
}

/// The sums, which the last line shows.
#[derive(Debug, Default)]
pub(super) struct Totals {
    rows: u64,
    compressed: u64,
    uncompressed: u64,
    overhead: u64,
}

/// Returns a row, the heading before the first one.
pub(super) fn row(row: &Row, totals: &mut Totals, verbose: bool, quiet: bool) -> String {
    let mut text = String::new();
    if totals.rows == 0 && !quiet {
        text.push_str(if verbose { "method  crc     date  time  " } else { "" });
        text.push_str(&format!("{:>19} {:>19}  ratio uncompressed_name\n", "compressed", "uncompressed"));
    }
    totals.rows += 1;
    totals.compressed += row.compressed;
    totals.uncompressed += row.uncompressed;
    totals.overhead = row.overhead;
    if verbose {
        let date = time::format(row.modified, "%b %e %H:%M");
        text.push_str(&format!("{:>5} {:08x} {date} ", row.method, row.crc));
    }
    text.push_str(&numbers(row.compressed, row.uncompressed, row.overhead));
    text.push_str(&row.name);
    text.push('\n');
    text
}

/// Returns the line of sums; empty when there were not several rows.
pub(super) fn totals(totals: &Totals, verbose: bool, quiet: bool) -> String {
    if totals.rows < 2 || quiet {
        return String::new();
    }
    let indent = if verbose { " ".repeat(28) } else { String::new() };
    format!("{indent}{}(totals)\n", numbers(totals.compressed, totals.uncompressed, totals.overhead))
}

fn numbers(compressed: u64, uncompressed: u64, overhead: u64) -> String {
    format!("{compressed:>19} {uncompressed:>19} {} ", ratio(compressed, uncompressed, overhead))
}

/// Returns by how much compression made the content smaller, as gzip shows it.
pub(super) fn ratio(compressed: u64, uncompressed: u64, overhead: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a percentage of one digit")]
    let percent = if uncompressed == 0 {
        0.0
    } else {
        let (packed, plain) = (compressed.saturating_sub(overhead) as f64, uncompressed as f64);
        100.0 * (plain - packed) / plain
    };
    format!("{percent:5.1}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_what_compression_saved() {
        assert_eq!(ratio(31, 24, 20), " 54.2%");
        assert_eq!(ratio(24, 2, 20), "-100.0%");
        assert_eq!(ratio(20, 0, 20), "  0.0%");
    }

    #[test]
    fn sums_follow_several_rows() {
        let mut sums = Totals::default();
        let one = Row { compressed: 31, uncompressed: 24, overhead: 20, name: "b".into(), ..Row::default() };
        let first = row(&one, &mut sums, false, false);
        assert!(first.starts_with("         compressed        uncompressed  ratio uncompressed_name\n"));
        assert_eq!(totals(&sums, false, false), "");
        assert_eq!(row(&one, &mut sums, false, false), "                 31                  24  54.2% b\n");
        assert_eq!(totals(&sums, false, false), "                 62                  48  12.5% (totals)\n");
    }
}
