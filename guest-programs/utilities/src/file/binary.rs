//! Programs, documents and data by their first bytes.

use super::{Found, half, half_big, word};

/// Tells which format it is, if it is one of them.
pub(super) fn identify(bytes: &[u8]) -> Option<Found> {
    Some(match bytes {
        [0x7f, b'E', b'L', b'F', ..] => elf(bytes)?,
        [0, b'a', b's', b'm', ..] => {
            let version = word(bytes, 4)?;
            let words = match version {
                1 => "WebAssembly (wasm) binary module version 0x1 (MVP)".to_owned(),
                _ if version >> 16 == 1 => {
                    format!("WebAssembly (wasm) binary component version {:#x}", version & 0xffff)
                }
                _ => format!("WebAssembly (wasm) binary module version {version:#x}"),
            };
            Found::binary(words, "application/wasm", "wasm")
        }
        [b'%', b'P', b'D', b'F', b'-', ..] => {
            let version: String = bytes.iter().skip(5).take(3).map(|byte| char::from(*byte)).collect();
            let charset = if bytes.is_ascii() { "us-ascii" } else { "binary" };
            Found { charset, ..Found::binary(format!("PDF document, version {version}"), "application/pdf", "pdf") }
        }
        [b'!', b'<', b'a', b'r', b'c', b'h', b'>', b'\n', rest @ ..] => {
            let is_debian = rest.starts_with(b"debian-binary");
            let charset = if bytes.is_ascii() { "us-ascii" } else { "binary" };
            let found = if is_debian {
                Found::binary("Debian binary package (format 2.0)", "application/vnd.debian.binary-package", "deb")
            } else {
                Found::binary("current ar archive", "application/x-archive", "a")
            };
            Found { charset, ..found }
        }
        [b'S', b'Q', b'L', b'i', b't', b'e', b' ', ..]
            if bytes.starts_with(b"SQLite format 3\0") && bytes.len() >= 100 =>
        {
            Found::binary("SQLite 3.x database", "application/vnd.sqlite3", "sqlite/sqlite3/db/dbe")
        }
        [0xca, 0xfe, 0xba, 0xbe, ..] if half_big(bytes, 6)? >= 43 => {
            let (minor, major) = (half_big(bytes, 4)?, half_big(bytes, 6)?);
            let java = match major {
                45..=48 => format!(" (Java 1.{})", major - 44),
                49..=52 => format!(" (Java 1.{})", major - 44),
                _ => format!(" (Java SE {})", major - 44),
            };
            let words = format!("compiled Java class data, version {major}.{minor}{java}");
            Found::binary(words, "application/x-java-applet", "class")
        }
        [b'M', b'Z', ..] => executable(bytes),
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => {
            Found::binary("Composite Document File V2 Document", "application/x-ole-storage", "doc/xls/ppt")
        }
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] => Found::binary("Mach-O executable", "application/x-mach-binary", ""),
        [version, 0x0d, b'\r', b'\n', ..] => {
            let words = match version {
                0x55 => "3.8",
                0x61 => "3.9",
                0x6f => "3.10",
                0xa7 => "3.11",
                0xcb => "3.12",
                0xf3 => "3.13",
                _ => return None,
            };
            let words = format!("Byte-compiled Python module for CPython {words}");
            Found::binary(words, "application/x-bytecode.python", "pyc/pyo")
        }
        [0x1b, b'L', b'u', b'a', version, ..] => {
            let words = format!("Lua bytecode, version {}.{}", version >> 4, version & 15);
            Found::binary(words, "application/x-lua-bytecode", "luac")
        }
        _ => return font(bytes),
    })
}

/// Fonts by their first bytes.
fn font(bytes: &[u8]) -> Option<Found> {
    Some(match bytes {
        [b'w', b'O', b'F', b'F', ..] => Found::binary("Web Open Font Format", "font/woff", "woff"),
        [b'w', b'O', b'F', b'2', ..] => Found::binary("Web Open Font Format (Version 2)", "font/woff2", "woff2"),
        [0, 1, 0, 0, 0, tables, ..] if *tables > 3 && bytes.len() > 28 => {
            Found::binary(format!("TrueType Font data, {tables} tables"), "font/sfnt", "ttf/tte")
        }
        [b'O', b'T', b'T', b'O', ..] => Found::binary("OpenType font data", "application/vnd.ms-opentype", "otf"),
        _ => return None,
    })
}

fn executable(bytes: &[u8]) -> Found {
    let header = word(bytes, 60).and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
    if bytes.get(header..header + 4) != Some(b"PE\0\0") {
        return Found::binary("MS-DOS executable", "application/x-dosexec", "exe");
    }
    let machine = match half(bytes, header + 4) {
        Some(0x8664) => "x86-64",
        Some(0x14c) => "Intel 80386",
        Some(0xaa64) => "Aarch64",
        _ => "unknown processor",
    };
    let form = if half(bytes, header + 24) == Some(0x20b) { "PE32+" } else { "PE32" };
    let is_library = half(bytes, header + 22).unwrap_or(0) & 0x2000 != 0;
    let kind = if is_library { " (DLL)" } else { "" };
    Found::binary(
        format!("{form} executable{kind} {machine}, for MS Windows"),
        "application/vnd.microsoft.portable-executable",
        "exe/dll",
    )
}

fn elf(bytes: &[u8]) -> Option<Found> {
    let (is_64, is_big) = (bytes.get(4)? == &2, bytes.get(5)? == &2);
    let half_at = |at| if is_big { half_big(bytes, at) } else { half(bytes, at) };
    let interpreter = interpreter(bytes, is_64, is_big);
    let (kind, mime) = match half_at(16)? {
        1 => ("relocatable", "application/x-object"),
        2 => ("executable", "application/x-executable"),
        3 if interpreter.is_some() => ("pie executable", "application/x-pie-executable"),
        3 => ("shared object", "application/x-sharedlib"),
        4 => ("core file", "application/x-coredump"),
        _ => ("no file type", "application/octet-stream"),
    };
    let machine = match half_at(18)? {
        3 => "Intel 80386",
        8 => "MIPS",
        20 => "PowerPC or cisco 4500",
        21 => "64-bit PowerPC or cisco 7500",
        22 => "IBM S/390",
        40 => "ARM",
        62 => "x86-64",
        183 => "ARM aarch64",
        243 => "UCB RISC-V",
        247 => "eBPF",
        _ => "unknown arch",
    };
    let system = match bytes.get(7)? {
        0 => "SYSV",
        3 => "GNU/Linux",
        9 => "FreeBSD",
        _ => "unknown",
    };
    let class = if is_64 { "64-bit" } else { "32-bit" };
    let order = if is_big { "MSB" } else { "LSB" };
    let mut words = format!("ELF {class} {order} {kind}, {machine}, version {} ({system})", bytes.get(6)?);
    match (&interpreter, kind) {
        (Some(path), _) => words.push_str(&format!(", dynamically linked, interpreter {path}")),
        (None, "executable") => words.push_str(", statically linked"),
        (None, "shared object") => words.push_str(", dynamically linked"),
        _ => {}
    }
    Some(Found::binary(words, mime, ""))
}

/// The path of the program that loads an ELF file, from its program headers.
fn interpreter(bytes: &[u8], is_64: bool, is_big: bool) -> Option<String> {
    const HEADERS_MAX: u16 = 128;
    let number = |at: usize, length: usize| -> Option<usize> {
        let field = bytes.get(at..at.checked_add(length)?)?;
        let fold = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        let value = if is_big { field.iter().fold(0, fold) } else { field.iter().rev().fold(0, fold) };
        usize::try_from(value).ok()
    };
    let (table, entry, count) = if is_64 {
        (number(32, 8)?, number(54, 2)?, number(56, 2)?)
    } else {
        (number(28, 4)?, number(42, 2)?, number(44, 2)?)
    };
    let count = u16::try_from(count).ok()?.min(HEADERS_MAX);
    for index in 0..usize::from(count) {
        let at = table.checked_add(entry.checked_mul(index)?)?;
        const INTERPRETER: usize = 3;
        if number(at, 4)? == INTERPRETER {
            let (offset, length) = if is_64 {
                (number(at + 8, 8)?, number(at + 32, 8)?)
            } else {
                (number(at + 4, 4)?, number(at + 16, 4)?)
            };
            let path = bytes.get(offset..offset.checked_add(length)?)?;
            let path = path.split(|byte| *byte == 0).next()?;
            return Some(String::from_utf8_lossy(path).into_owned());
        }
    }
    None
}
