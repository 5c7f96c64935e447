//! Archives and packed data by their first bytes.

use super::{Found, half, word};
use crate::system::table::format_time;

/// Tells which format it is, if it is one of them.
pub(super) fn identify(bytes: &[u8]) -> Option<Found> {
    Some(match bytes {
        [0x1f, 0x8b, ..] => gzip(bytes)?,
        [b'B', b'Z', b'h', level @ b'1'..=b'9', ..] => {
            let words = format!("bzip2 compressed data, block size = {}00k", char::from(*level));
            Found::binary(words, "application/x-bzip2", "bz2")
        }
        [0xfd, b'7', b'z', b'X', b'Z', 0, _, check, ..] => {
            let check = match check & 0x0f {
                0 => "none",
                1 => "CRC32",
                4 => "CRC64",
                _ => "SHA-256",
            };
            Found::binary(format!("XZ compressed data, checksum {check}"), "application/x-xz", "xz")
        }
        [0x28, 0xb5, 0x2f, 0xfd, descriptor, ..] => {
            let dictionary = if descriptor & 3 == 0 { ", Dictionary ID: None" } else { "" };
            Found::binary(format!("Zstandard compressed data (v0.8+){dictionary}"), "application/zstd", "zst")
        }
        [0x04, 0x22, 0x4d, 0x18, ..] => Found::binary("LZ4 compressed data (v1.4+)", "application/x-lz4", "lz4"),
        [0x1f, 0x9d, bits, ..] => {
            Found::binary(format!("compress'd data {} bits", bits & 31), "application/x-compress", "Z")
        }
        [0x5d, 0, 0, _, _, _, _, _, _, _, _, _, 0 | 0xff, ..] => {
            Found::binary("LZMA compressed data", "application/x-lzma", "lzma")
        }
        [b'P', b'K', 3, 4, ..] => zip(bytes),
        [b'P', b'K', 5, 6, ..] => Found::binary("Zip archive data (empty)", "application/zip", "zip"),
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, major, minor, ..] => {
            let words = format!("7-zip archive data, version {major}.{minor}");
            Found::binary(words, "application/x-7z-compressed", "7z/cb7")
        }
        [b'R', b'a', b'r', b'!', 0x1a, 7, ..] => Found::binary("RAR archive data", "application/x-rar", "rar/cbr"),
        [b'0', b'7', b'0', b'7', b'0', kind @ (b'1' | b'2' | b'7'), ..] => {
            let name = match kind {
                b'1' => "SVR4 with no CRC",
                b'2' => "SVR4 with CRC",
                _ => "pre-SVR4 or odc",
            };
            Found::binary(format!("ASCII cpio archive ({name})"), "application/x-cpio", "")
        }
        _ => tar(bytes)?,
    })
}

fn gzip(bytes: &[u8]) -> Option<Found> {
    const FLAGS: &[(u8, &str)] = &[(1, ", ASCII"), (2, ", has CRC"), (4, ", extra field")];
    let [method, flags, a, b, c, d, extra, system, ..] = bytes.get(2..)? else { return None };
    let mut words = String::from("gzip compressed data");
    if *method != 8 {
        words.push_str(", unknown method");
    }
    FLAGS.iter().filter(|(bit, _)| flags & bit != 0).for_each(|(_, text)| words.push_str(text));
    if flags & 8 != 0 && flags & 4 == 0 {
        let name: Vec<u8> = bytes.iter().skip(10).take_while(|byte| **byte != 0).copied().collect();
        words.push_str(&format!(", was \"{}\"", String::from_utf8_lossy(&name)));
    }
    let time = u32::from_le_bytes([*a, *b, *c, *d]);
    if time > 0 {
        words.push_str(&format_time(", last modified: %a %b %e %H:%M:%S %Y", time.into()));
    }
    words.push_str(match extra {
        2 => ", max compression",
        4 => ", max speed",
        _ => "",
    });
    words.push_str(match system {
        0 => ", from FAT filesystem (MS-DOS, OS/2, NT)",
        3 => ", from Unix",
        11 => ", from NTFS filesystem (NT)",
        _ => "",
    });
    let size = word(bytes, bytes.len().checked_sub(4)?)?;
    words.push_str(&format!(", original size modulo 2^32 {size}"));
    Some(Found::binary(words, "application/gzip", "gz/tgz/tpz/zabw/svgz/adz/kmy/xcfgz"))
}

fn zip(bytes: &[u8]) -> Found {
    const MEMBER: usize = 30;
    let name = bytes.get(MEMBER..MEMBER + usize::from(half(bytes, 26).unwrap_or(0))).unwrap_or_default();
    let content = bytes.get(MEMBER + name.len()..).unwrap_or_default();
    const OFFICE: &[(&str, &str, &str)] = &[
        ("word/", "Microsoft Word 2007+", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("xl/", "Microsoft Excel 2007+", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (
            "ppt/",
            "Microsoft PowerPoint 2007+",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ),
    ];
    if name == b"mimetype" {
        let mime: String =
            content.iter().take_while(|byte| byte.is_ascii_graphic()).map(|byte| char::from(*byte)).collect();
        let mime = mime.split("PK").next().unwrap_or_default().to_owned();
        if mime == "application/epub+zip" {
            return Found::binary("EPUB document", &mime, "epub");
        }
        if let Some(kind) = mime.strip_prefix("application/vnd.oasis.opendocument.") {
            let mut words = format!("OpenDocument {kind}");
            if let Some(first) = words.get_mut(13..14) {
                first.make_ascii_uppercase();
            }
            return Found::binary(words, &mime, "odt/ods/odp");
        }
    }
    if name.starts_with(b"[Content_Types].xml") || name.starts_with(b"_rels/") {
        let has = |part: &str| bytes.windows(part.len()).any(|window| window == part.as_bytes());
        if let Some((_, words, mime)) = OFFICE.iter().find(|(part, ..)| has(part)) {
            return Found::binary(*words, mime, "docx/xlsx/pptx");
        }
    }
    if name.starts_with(b"META-INF/") {
        return Found::binary("Java archive data (JAR)", "application/java-archive", "jar");
    }
    let version = half(bytes, 4).unwrap_or(0);
    let method = match half(bytes, 8) {
        Some(0) => "store",
        Some(8) => "deflate",
        Some(12) => "bzip2",
        Some(14) => "lzma",
        Some(93) => "zstd",
        _ => "[unknown]",
    };
    let words = format!(
        "Zip archive data, at least v{}.{} to extract, compression method={method}",
        version / 10,
        version % 10
    );
    Found::binary(words, "application/zip", "zip/cbz")
}

/// A tar archive: the sum of its first header is right.
fn tar(bytes: &[u8]) -> Option<Found> {
    let header = bytes.get(..512)?;
    let field = header.get(148..156)?;
    let digits: Vec<u8> =
        field.iter().copied().skip_while(|byte| *byte == b' ').take_while(|byte| (b'0'..b'8').contains(byte)).collect();
    let claimed = u32::from_str_radix(std::str::from_utf8(&digits).ok()?, 8).ok()?;
    let sum: u32 =
        header.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) }).sum();
    if sum != claimed {
        return None;
    }
    let words = match header.get(257..265)? {
        b"ustar  \0" => "POSIX tar archive (GNU)",
        magic if magic.starts_with(b"ustar\0") => "POSIX tar archive",
        _ => "tar archive",
    };
    Some(Found::binary(words, "application/x-tar", "tar"))
}
