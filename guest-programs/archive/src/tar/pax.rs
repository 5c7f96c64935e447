//! Records of pax headers: `LENGTH KEYWORD=VALUE\n`, and what they say of a member.

use super::header::Member;

/// Longest pax header or long name that is read: a path is at most 4 KiB, a sparse map some megabytes.
pub(super) const EXTENSION_MAX_BYTES: u64 = 16 << 20;

/// Keywords and values in their order.
pub(super) type Records = Vec<(Vec<u8>, Vec<u8>)>;

/// Reads records; `None` when one is malformed.
pub(super) fn parse(mut text: &[u8]) -> Option<Records> {
    let mut records = Vec::new();
    while !text.is_empty() && text.first() != Some(&0) {
        let space = text.iter().position(|byte| *byte == b' ')?;
        let length: usize = std::str::from_utf8(text.get(..space)?).ok()?.parse().ok()?;
        let record = text.get(space + 1..length)?.strip_suffix(b"\n")?;
        let equals = record.iter().position(|byte| *byte == b'=')?;
        records.push((record.get(..equals)?.to_vec(), record.get(equals + 1..)?.to_vec()));
        text = text.get(length..)?;
    }
    Some(records)
}

/// Writes one record.
pub(super) fn format(keyword: &str, value: &[u8]) -> Vec<u8> {
    let rest = keyword.len() + value.len() + 3;
    // The length counts its own digits.
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    [format!("{length} {keyword}=").as_bytes(), value, b"\n"].concat()
}

/// Writes a time: seconds, and a fraction if there is one.
pub(super) fn time(seconds: i64, nanos: u32) -> String {
    let (sign, seconds, nanos) = match (seconds < 0, nanos) {
        (true, 1..) => ("-", -(seconds + 1), 1_000_000_000 - nanos),
        _ => ("", seconds, nanos),
    };
    let fraction = format!("{nanos:09}");
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{seconds}{point}{fraction}")
}

/// What records say that concerns the content's place in the archive.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// The map of a sparse file comes first in its content.
    pub(super) map_in_content: bool,
}

/// Applies records to a member.
pub(super) fn apply(records: &Records, member: &mut Member) -> Layout {
    let (mut layout, mut sparse) = (Layout::default(), Sparse::default());
    for (keyword, value) in records {
        let text = || std::str::from_utf8(value).ok();
        let number = || text().and_then(|text| text.parse::<u64>().ok());
        match keyword.as_slice() {
            b"path" => member.name.clone_from(value),
            b"linkpath" => member.link.clone_from(value),
            b"uname" => member.user.clone_from(value),
            b"gname" => member.group.clone_from(value),
            b"uid" => member.uid = number().unwrap_or(member.uid),
            b"gid" => member.gid = number().unwrap_or(member.gid),
            b"size" => {
                if let Some(size) = number() {
                    (member.size, member.stored) = (size, size);
                }
            }
            b"mtime" => member.modified = text().and_then(parse_time).unwrap_or(member.modified),
            b"GNU.sparse.name" => sparse.name = Some(value.clone()),
            b"GNU.sparse.realsize" | b"GNU.sparse.size" => sparse.size = number(),
            b"GNU.sparse.major" => layout.map_in_content = number() == Some(1),
            b"GNU.sparse.map" => sparse.map = text().map(parse_map).unwrap_or_default(),
            b"GNU.sparse.offset" => sparse.offset = number().unwrap_or(0),
            b"GNU.sparse.numbytes" => sparse.map.push((sparse.offset, number().unwrap_or(0))),
            _ => {}
        }
    }
    if let Some(size) = sparse.size {
        member.size = size;
        member.map = Some(sparse.map);
    }
    if let Some(name) = sparse.name {
        member.name = name;
    }
    layout
}

#[derive(Default)]
struct Sparse {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    offset: u64,
    map: Vec<(u64, u64)>,
}

fn parse_map(text: &str) -> Vec<(u64, u64)> {
    let numbers: Vec<u64> = text.split(',').filter_map(|number| number.parse().ok()).collect();
    numbers.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))).collect()
}

fn parse_time(text: &str) -> Option<(i64, u32)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let (seconds, nanos): (i64, u32) = (whole.parse().ok()?, digits.parse().ok()?);
    if text.starts_with('-') && nanos > 0 { Some((seconds - 1, 1_000_000_000 - nanos)) } else { Some((seconds, nanos)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_counts_its_own_length() {
        assert_eq!(format("path", b"x"), b"9 path=x\n");
        assert_eq!(format("k", b"12345"), b"11 k=12345\n");
        for length in 80..110 {
            let record = format("path", &vec![b'a'; length]);
            let parsed = parse(&record).expect("well-formed");
            assert_eq!(parsed, [(b"path".to_vec(), vec![b'a'; length])]);
        }
    }

    #[test]
    fn malformed_records_are_refused() {
        for text in [&b"x path=y\n"[..], b"99 path=y\n", b"10 path=y", b"9 pathxy\n", b"0 a=b\n"] {
            assert_eq!(parse(text), None, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn times_have_fractions() {
        assert_eq!(
            (time(5, 0), time(5, 500_000_000), time(-2, 750_000_000)),
            ("5".into(), "5.5".into(), "-1.25".into())
        );
        assert_eq!(parse_time("-1.25"), Some((-2, 750_000_000)));
        assert_eq!(parse_time("7.000000001"), Some((7, 1)));
    }

    #[test]
    fn records_change_a_member() {
        let record = |keyword: &str, value: &str| (keyword.as_bytes().to_vec(), value.as_bytes().to_vec());
        let mut member = Member { stored: 512, ..Member::default() };
        let records = vec![
            record("path", "GNUSparseFile.0/x"),
            record("mtime", "7.5"),
            record("GNU.sparse.major", "1"),
            record("GNU.sparse.name", "x"),
            record("GNU.sparse.realsize", "9000"),
        ];
        assert_eq!(apply(&records, &mut member), Layout { map_in_content: true });
        assert_eq!((member.name.as_slice(), member.size, member.stored), (&b"x"[..], 9000, 512));
        assert_eq!(member.modified, (7, 500_000_000));
    }
}
