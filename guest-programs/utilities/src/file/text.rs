//! Kinds of text: the character set, what it is about, how its lines end.

use regex::bytes::Regex;

use super::Found;
use super::json::{self, Json};

/// Lines longer than this are very long.
const LINE_MAX: usize = 300;
/// Bytes of a text that are searched for what it is about.
const SEARCH_BYTES: usize = 8192;
/// Lines that are compared to tell a table.
const TABLE_LINES: usize = 10;

/// A character set: the words for it, its MIME name, and the text in it as far as others need it.
struct Encoding {
    words: &'static str,
    charset: &'static str,
}

/// A kind of text: its words, its MIME type.
struct Topic {
    words: String,
    mime: &'static str,
    /// It can be executed.
    is_script: bool,
}

/// Tells what kind of text it is, if it is text.
pub(super) fn identify(bytes: &[u8]) -> Option<Found> {
    let encoding = encoding(bytes)?;
    let found = |words: String, mime: &str| {
        Some(Found { words, mime: mime.to_owned(), charset: encoding.charset, extensions: "" })
    };
    let is_plain = matches!(encoding.charset, "us-ascii" | "utf-8");
    match json::identify(bytes).filter(|_| is_plain) {
        Some(Json::One) => return found("JSON text data".to_owned(), "application/json"),
        Some(Json::Lines) => return found("New Line Delimited JSON text data".to_owned(), "application/x-ndjson"),
        None => {}
    }
    if is_plain && is_table(bytes) {
        return found("CSV text".to_owned(), "text/csv");
    }
    let head = bytes.get(..SEARCH_BYTES).unwrap_or(bytes);
    if let Some((words, mime)) = whole(head) {
        return found(words.to_owned(), mime);
    }
    let topic = topic(head);
    let mut words = String::new();
    let mut mime = "text/plain";
    let mut executable = "";
    if let Some(topic) = &topic {
        words = if topic.words.ends_with("text executable") { String::new() } else { format!("{}, ", topic.words) };
        mime = topic.mime;
        executable = if topic.is_script { " executable" } else { "" };
        if words.is_empty() {
            return found(topic.words.clone(), mime);
        }
    }
    words.push_str(&format!("{} text{executable}", encoding.words));
    words.push_str(&lines(bytes));
    found(words, mime)
}

/// Tells the character set; none for what is not text.
fn encoding(bytes: &[u8]) -> Option<Encoding> {
    let of = |words, charset| Some(Encoding { words, charset });
    if let [0xef, 0xbb, 0xbf, rest @ ..] = bytes {
        return if std::str::from_utf8(rest).is_ok() { of("Unicode text, UTF-8 (with BOM)", "utf-8") } else { None };
    }
    match bytes {
        [0xff, 0xfe, ..] if bytes.len().is_multiple_of(2) => {
            return of("Unicode text, UTF-16, little-endian", "utf-16le");
        }
        [0xfe, 0xff, ..] if bytes.len().is_multiple_of(2) => return of("Unicode text, UTF-16, big-endian", "utf-16be"),
        _ => {}
    }
    if bytes.iter().any(|byte| !is_text(*byte)) {
        return None;
    }
    if bytes.is_ascii() {
        return of("ASCII", "us-ascii");
    }
    match std::str::from_utf8(bytes) {
        Ok(_) => of("Unicode text, UTF-8", "utf-8"),
        // What was cut off at the end of what is looked at is no mistake.
        Err(error) if error.error_len().is_none() => of("Unicode text, UTF-8", "utf-8"),
        Err(_) if bytes.iter().any(|byte| (0x80..0xa0).contains(byte)) => of("Non-ISO extended-ASCII", "unknown-8bit"),
        Err(_) => of("ISO-8859", "iso-8859-1"),
    }
}

/// Tells whether a byte is in texts.
fn is_text(byte: u8) -> bool {
    matches!(byte, 7..=13 | 0x1b | 0x20..=0x7e | 0x80..)
}

/// Tells whether the first lines have equally many fields, separated by commas.
fn is_table(bytes: &[u8]) -> bool {
    let fields = |line: &[u8]| {
        let mut is_quoted = false;
        line.iter().fold(1, |count, byte| {
            is_quoted ^= *byte == b'"';
            count + usize::from(*byte == b',' && !is_quoted)
        })
    };
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').take(TABLE_LINES).collect();
    let complete = lines.iter().filter(|line| line.ends_with(b"\n")).count();
    let first = lines.first().map_or(0, |line| fields(line));
    complete >= 2 && first > 1 && lines.iter().all(|line| fields(line) == first)
}

/// Formats that are text but are not told as such.
fn whole(head: &[u8]) -> Option<(&'static str, &'static str)> {
    let begins = |prefix: &str| head.starts_with(prefix.as_bytes());
    let has = |part: &str| head.windows(part.len()).any(|window| window == part.as_bytes());
    if (begins("<?xml") || begins("<svg")) && has("<svg") {
        return Some(("SVG Scalable Vector Graphics image", "image/svg+xml"));
    }
    const KEYS: &[(&str, &str)] = &[
        ("-----BEGIN CERTIFICATE-----", "PEM certificate"),
        ("-----BEGIN RSA PRIVATE KEY-----", "PEM RSA private key"),
        ("-----BEGIN EC PRIVATE KEY-----", "PEM EC private key"),
        ("-----BEGIN CERTIFICATE REQUEST-----", "PEM certificate request"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "OpenSSH private key"),
    ];
    KEYS.iter().find(|(start, _)| begins(start)).map(|(_, words)| (*words, "text/plain"))
}

/// Tells what a text is about.
fn topic(head: &[u8]) -> Option<Topic> {
    script(head).or_else(|| {
        const TOPICS: &[(&str, &str, &str, bool)] = &[
            (r"(?i)\A\s*<\?xml version", "XML 1.0 document", "text/xml", false),
            (
                r"(?i)\A\s*(<!--.*?-->\s*)?<(!doctype html|html|head|body|title|h1)\b",
                "HTML document",
                "text/html",
                false,
            ),
            (r"\A<\?php", "PHP script", "text/x-php", false),
            (r"(?m)\A(diff |\*\*\* |Index: |Only in |Common subdirectories: )", "diff output", "text/x-diff", false),
            (r"\A--- .*\n\+\+\+ .*\n@@", "unified diff output", "text/x-diff", false),
            (r"\A\\(documentclass|documentstyle)", "LaTeX 2e document", "text/x-tex", false),
            (r"\A\\input", "TeX document", "text/x-tex", false),
            (r"\A(From |Return-Path:|Received:|From:|Date:|Message-ID:)", "news or mail", "message/rfc822", false),
            (r"\ABEGIN:VCARD", "vCard visiting card", "text/vcard", false),
            (r"\ABEGIN:VCALENDAR", "vCalendar calendar file", "text/calendar", false),
            (r"\A\{\\rtf1", "Rich Text Format data, version 1", "text/rtf", false),
            (r"\A%!PS", "PostScript document", "application/postscript", false),
            (r"(?m)^#include <[a-z]+>$(?s:.*)^(class|namespace|template|using)\b", "C++ source", "text/x-c++", false),
            (r#"(?m)^\s*#\s*include\s*[<"]|^\s*#\s*(ifndef|define|pragma)\s"#, "C source", "text/x-c", false),
            (
                r"(?m)^[ \t]*(def +[a-zA-Z_]\w*\(.*\).*:|class +\w+(\(.*\))?:|from +[\w.]+ +import +\S)",
                "Python script",
                "text/x-script.python",
                true,
            ),
            (r"(?m)^(all:|CFLAGS|LDFLAGS|VPATH|\.PRECIOUS)", "makefile script", "text/x-makefile", false),
        ];
        let found = TOPICS.iter().find(|(pattern, ..)| Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(head)));
        let (_, words, mime, is_script) = found?;
        let is_unified = *words == "diff output" && head.windows(4).any(|window| window == b"\n@@ ");
        let words = if is_unified { "unified diff output".to_owned() } else { (*words).to_owned() };
        Some(Topic { words, mime, is_script: *is_script })
    })
}

/// Tells by `#!` what runs a script.
fn script(head: &[u8]) -> Option<Topic> {
    let line = head.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let line = String::from_utf8_lossy(line).trim().to_owned();
    let mut words = line.split_ascii_whitespace();
    let program = words.next()?.rsplit('/').next()?;
    let program =
        if program == "env" { words.find(|word| !word.starts_with('-') && !word.contains('='))? } else { program };
    let stem = program.trim_end_matches(|last: char| last.is_ascii_digit() || last == '.');
    let (words, mime, is_script) = match stem {
        "sh" | "dash" => ("POSIX shell script", "text/x-shellscript", true),
        "bash" => ("Bourne-Again shell script", "text/x-shellscript", true),
        "ksh" => ("Korn shell script", "text/x-shellscript", true),
        "zsh" => ("Paul Falstad's zsh script", "text/x-shellscript", true),
        "csh" => ("C shell script", "text/x-shellscript", true),
        "tcsh" => ("Tenex C shell script", "text/x-shellscript", true),
        "fish" => ("fish shell script", "text/x-shellscript", true),
        "python" => ("Python script", "text/x-script.python", true),
        "perl" => ("Perl script text executable", "text/x-perl", true),
        "ruby" => ("Ruby script", "text/x-ruby", true),
        "node" => ("Node.js script executable", "application/javascript", false),
        "php" => ("PHP script", "text/x-php", true),
        "awk" | "gawk" | "mawk" | "nawk" => ("awk script", "text/x-awk", true),
        "lua" => ("Lua script", "text/x-lua", true),
        "tclsh" | "wish" => ("Tcl script", "text/x-tcl", true),
        "make" => ("makefile script", "text/x-makefile", true),
        _ => {
            return Some(Topic { words: format!("a {line} script"), mime: "text/plain", is_script: true });
        }
    };
    Some(Topic { words: words.to_owned(), mime, is_script })
}

/// Tells how lines end and what stands in them, where that is not the usual.
fn lines(bytes: &[u8]) -> String {
    let (mut crlf, mut cr, mut lf) = (0usize, 0usize, 0usize);
    let (mut length, mut longest) = (0, 0);
    let mut rest = bytes.iter().peekable();
    while let Some(byte) = rest.next() {
        match byte {
            b'\r' if rest.peek() == Some(&&b'\n') => {
                rest.next();
                crlf += 1;
                length = 0;
            }
            b'\r' => {
                cr += 1;
                length = 0;
            }
            b'\n' => {
                lf += 1;
                length = 0;
            }
            _ => length += 1,
        }
        longest = longest.max(length);
    }
    let mut words = String::new();
    if longest > LINE_MAX {
        words.push_str(&format!(", with very long lines ({longest})"));
    }
    let names: Vec<&str> = [(crlf, "CRLF"), (cr, "CR"), (lf, "LF")]
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(_, name)| *name)
        .collect();
    let is_utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    if names.is_empty() && !is_utf16 {
        words.push_str(", with no line terminators");
    } else if names != ["LF"] && !is_utf16 {
        words.push_str(&format!(", with {} line terminators", names.join(", ")));
    }
    if bytes.contains(&0x1b) {
        words.push_str(", with escape sequences");
    }
    if bytes.contains(&8) {
        words.push_str(", with overstriking");
    }
    words
}
