//! The values of options, looked at before the utility sees them: what it would refuse in its own words is refused in GNU's.

use std::ffi::OsString;

use crate::basis::errors::complain;
use crate::basis::human;
use crate::basis::options::{Given, Grammar};
use crate::basis::quoting::{locale, name, plain};

/// What an option's value must be.
enum Rule {
    /// One of these words, told under the option's name.
    Word(&'static str, &'static [&'static [&'static str]]),
    /// A number from `.0` on, or the message with the value quoted behind it.
    Number(i64, &'static str),
    /// A number, or the message with the value in front of it.
    NumberFirst(&'static str),
    /// Fields, or else positions, of `cut`.
    List { fields: bool },
    /// A style of `nl`, of the part so called.
    Style(&'static str),
    /// One of `ln`, `rn`, `rz`.
    Format,
    /// The first or the second file of `join`.
    Side,
    /// A single character, the older notation of NUL, or nothing.
    Tab,
    /// Numbers of `join -o`.
    Fields,
    /// A date; the text is what is said of one that is none.
    Date(&'static str),
    /// A range of numbers.
    Range,
    /// A length with a sign that says what it is to the file's.
    Length,
    /// Bits of a BLAKE2b digest.
    Digest,
}

use Rule::{Date, Digest, Fields, Format, Length, List, Number, NumberFirst, Range, Side, Style, Tab, Word};

const REPEATED: &[&[&str]] = &[&["none"], &["prepend"], &["separate"]];
const GROUPS: &[&[&str]] = &[&["prepend"], &["append"], &["separate"], &["both"]];
const ISO: &[&[&str]] = &[&["hours"], &["minutes"], &["date"], &["seconds"], &["ns"]];
const RFC: &[&[&str]] = &[&["date"], &["seconds"], &["ns"]];
const ENDIAN: &[&[&str]] = &[&["little"], &["big"]];
const TIMES: &[&[&str]] = &[&["atime", "access", "use"], &["mtime", "modify"]];
const ERRORS: &[&[&str]] = &[&["warn"], &["warn-nopipe"], &["exit"], &["exit-nopipe"]];
const REMOVALS: &[&[&str]] = &[&["unlink"], &["wipe"], &["wipesync"]];

/// The rules: program, the option's letter and long entry, what its value must be.
const RULES: &[(&str, [&str; 2], Rule)] = &[
    ("b2sum", ["l", "length="], Digest),
    ("cut", ["b", "bytes="], List { fields: false }),
    ("cut", ["c", "characters="], List { fields: false }),
    ("cut", ["f", "fields="], List { fields: true }),
    ("csplit", ["n", "digits="], Number(0, "invalid number")),
    ("date", ["I", "iso-8601=?"], Word("--iso-8601", ISO)),
    ("date", ["", "rfc-3339="], Word("--rfc-3339", RFC)),
    ("date", ["d", "date="], Date("invalid date")),
    ("join", ["a", ""], Side),
    ("join", ["v", ""], Side),
    ("join", ["1", "2"], Number(1, "invalid field number")),
    ("join", ["j", ""], Number(1, "invalid field number")),
    ("join", ["o", ""], Fields),
    ("join", ["t", ""], Tab),
    ("nl", ["b", "body-numbering="], Style("body")),
    ("nl", ["f", "footer-numbering="], Style("footer")),
    ("nl", ["h", "header-numbering="], Style("header")),
    ("nl", ["i", "line-increment="], Number(i64::MIN, "invalid line number increment")),
    ("nl", ["l", "join-blank-lines="], Number(1, "invalid line number of blank lines")),
    ("nl", ["n", "number-format="], Format),
    ("nl", ["v", "starting-line-number="], Number(i64::MIN, "invalid starting line number")),
    ("nl", ["w", "number-width="], Number(1, "invalid line number field width")),
    ("nproc", ["", "ignore="], Number(0, "invalid number")),
    ("od", ["", "endian="], Word("--endian", ENDIAN)),
    ("shred", ["", "remove=?"], Word("--remove", REMOVALS)),
    ("shred", ["n", "iterations="], Number(0, "invalid number of passes")),
    ("shuf", ["i", "input-range="], Range),
    ("shuf", ["n", "head-count="], Number(0, "invalid line count")),
    ("tee", ["", "output-error=?"], Word("--output-error", ERRORS)),
    ("touch", ["d", "date="], Date("invalid date format")),
    ("touch", ["", "time="], Word("--time", TIMES)),
    ("truncate", ["s", "size="], Length),
    ("uniq", ["", "all-repeated=?"], Word("--all-repeated", REPEATED)),
    ("uniq", ["", "group=?"], Word("--group", GROUPS)),
    ("uniq", ["f", "skip-fields="], NumberFirst("invalid number of fields to skip")),
    ("uniq", ["s", "skip-chars="], NumberFirst("invalid number of bytes to skip")),
    ("uniq", ["w", "check-chars="], NumberFirst("invalid number of bytes to compare")),
];

/// Looks at the values that were given.
///
/// # Errors
///
/// The exit status after a message.
pub(super) fn check(grammar: &Grammar, given: &[Given]) -> Result<(), i32> {
    for option in given.iter().filter(|option| option.value.is_some()) {
        let rules = RULES.iter().filter(|(program, ids, _)| *program == grammar.program && ids.contains(&option.id));
        for (_, _, rule) in rules {
            rule.check(grammar, &option.text())?;
        }
    }
    Ok(())
}

/// Looks at the dates among the operands of `date`.
///
/// # Errors
///
/// The exit status after a message.
pub(super) fn check_date(grammar: &Grammar, operands: &[OsString]) -> Result<(), i32> {
    match operands.first() {
        Some(text) if !text.to_string_lossy().starts_with('+') => {
            complain(grammar.program, &format!("invalid date {}", locale(text)));
            Err(1)
        }
        _ => Ok(()),
    }
}

impl Rule {
    fn check(&self, grammar: &Grammar, text: &str) -> Result<(), i32> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let refuse = |message: &str| -> i32 {
            complain(grammar.program, message);
            grammar.failure
        };
        match self {
            Word(option, words) => grammar.choose(option, text, words).map(|_| ()),
            Number(least, message) => {
                let number = text.trim_start_matches(' ');
                let number = number.strip_prefix('+').unwrap_or(number);
                match number.parse::<i64>() {
                    Ok(value) if value >= *least => Ok(()),
                    Ok(_) if grammar.program == "nl" => {
                        Err(refuse(&format!("{message}: {}: Numerical result out of range", locale(text))))
                    }
                    _ if digits(number.trim_start_matches('-')) && grammar.program == "nl" => {
                        Err(refuse(&format!("{message}: {}: Value too large for defined data type", locale(text))))
                    }
                    // A number beyond all counts is as good as the greatest.
                    _ if digits(number) && *least == 0 => Ok(()),
                    _ => Err(refuse(&format!("{message}: {}", locale(text)))),
                }
            }
            NumberFirst(_) if digits(text) => Ok(()),
            NumberFirst(message) => Err(refuse(&format!("{text}: {message}"))),
            List { fields } => list(grammar, text, *fields),
            Style(_) if matches!(text, "a" | "t" | "n") || text.starts_with('p') => Ok(()),
            Style(part) => Err(grammar.misuse(&format!("invalid {part} numbering style: {}", locale(text)))),
            Format if matches!(text, "ln" | "rn" | "rz") => Ok(()),
            Format => Err(grammar.misuse(&format!("invalid line numbering format: {}", locale(text)))),
            Side if matches!(text, "1" | "2") => Ok(()),
            Side => Err(refuse(&format!("invalid field number: {}", locale(text)))),
            Tab if text == "\\0" || text.len() < 2 => Ok(()),
            Tab => Err(refuse(&format!("multi-character tab {}", locale(text)))),
            Fields => join_fields(text).map_err(|message| refuse(&message)),
            Date(message) if is_date(text) == Some(false) => Err(refuse(&format!("{message} {}", locale(text)))),
            Date(_) => Ok(()),
            Range => match text.split_once('-').map(|(low, high)| (low.parse::<u64>(), high.parse::<u64>())) {
                Some((Ok(low), Ok(high))) if low <= high => Ok(()),
                _ => Err(refuse(&format!("invalid input range: {}", locale(text)))),
            },
            Length => {
                let bare = text.trim_start().trim_start_matches(['<', '>', '/', '%']).trim_start_matches(['+', '-']);
                let right = bare.starts_with(|first: char| first.is_ascii_digit()) && human::parse_size(bare).is_some();
                if right { Ok(()) } else { Err(refuse(&format!("Invalid number: {}", locale(text)))) }
            }
            Digest => match text.parse::<u64>() {
                Ok(bits) if bits % 8 == 0 && bits <= 512 => Ok(()),
                Ok(bits) => {
                    complain(grammar.program, &format!("invalid length: {}", locale(text)));
                    Err(refuse(&if bits > 512 {
                        format!("maximum digest length for {} is 512 bits", locale("BLAKE2b"))
                    } else {
                        "length is not a multiple of 8".to_owned()
                    }))
                }
                Err(_) => Err(refuse(&format!("invalid length: {}", locale(text)))),
            },
        }
    }
}

/// Looks at a list of `cut`. What is wrong with the whole of it is the utility's to say.
fn list(grammar: &Grammar, text: &str, fields: bool) -> Result<(), i32> {
    for part in text.split([',', ' ', '\t']) {
        for number in part.splitn(2, '-') {
            if number.bytes().any(|byte| !byte.is_ascii_digit()) {
                let kind = if fields { "field value" } else { "byte/character position" };
                return Err(grammar.misuse(&format!("invalid {kind} {}", locale(text_from(text, number)))));
            }
            if number.len() > 19 {
                let kind = if fields { "field number" } else { "byte/character offset" };
                return Err(grammar.misuse(&format!("{kind} {} is too large", locale(number))));
            }
        }
    }
    Ok(())
}

/// The text from a part of it on.
fn text_from<'a>(text: &'a str, part: &str) -> &'a str {
    let bad = part.find(|character: char| !character.is_ascii_digit()).unwrap_or(0);
    text.find(part).and_then(|at| text.get(at + bad..)).unwrap_or(text)
}

fn join_fields(text: &str) -> Result<(), String> {
    if text == "auto" {
        return Ok(());
    }
    for part in text.split([',', ' ', '\t']).filter(|part| *part != "0") {
        match part.split_once('.') {
            Some(("1" | "2", field)) if field.parse::<u64>().is_ok_and(|field| field > 0) => {}
            Some(("1" | "2", field)) => return Err(format!("invalid field number: {}", locale(plain(field)))),
            _ if part.starts_with('0') => return Err(format!("invalid field specifier: {}", locale(plain(part)))),
            _ => return Err(format!("invalid file number in field spec: {}", locale(plain(part)))),
        }
    }
    Ok(())
}

/// Tells whether a text is a date. A zone's abbreviation at the end is known to the utility alone.
fn is_date(text: &str) -> Option<bool> {
    let last = text.split_whitespace().next_back().unwrap_or("");
    let zone = text.contains(' ') && (1..6).contains(&last.len()) && last.bytes().all(|byte| byte.is_ascii_uppercase());
    let now = jiff::Timestamp::from_second(0).ok()?.to_zoned(sandshell_sys::local_zone());
    let read = parse_datetime::parse_datetime_at_date(now, text).is_ok();
    if read || !zone { Some(read) } else { None }
}

/// Rules of a single utility about its options and operands together.
pub(super) fn own(program: &str, given: &[Given], operands: &[OsString]) -> Option<String> {
    let has = |ids: &[&str]| given.iter().any(|option| ids.contains(&option.id));
    match program {
        "basename" if operands.len() > 2 && !has(&["a", "multiple", "s", "suffix="]) => {
            Some(format!("extra operand {}", locale(&operands[2])))
        }
        "truncate" if !has(&["s", "size=", "r", "reference="]) => {
            Some(format!("you must specify either {} or {}", locale("--size"), locale("--reference")))
        }
        "truncate" if operands.is_empty() => Some("missing file operand".to_owned()),
        "rm" if operands.is_empty() && !has(&["f", "force"]) => Some("missing operand".to_owned()),
        "uniq" if has(&["group=?"]) && has(&["c", "count", "d", "repeated", "D", "all-repeated=?", "u", "unique"]) => {
            Some("--group is mutually exclusive with -c/-d/-D/-u".to_owned())
        }
        "join" if operands.len() > 2 => Some(format!("extra operand {}", name(&operands[2]))),
        "shuf" if has(&["e", "echo"]) && has(&["i", "input-range="]) => {
            Some("cannot combine -e and -i options".to_owned())
        }
        "shuf" if has(&["i", "input-range="]) && !operands.is_empty() => {
            Some(format!("extra operand {}", locale(&operands[0])))
        }
        "shuf" if operands.len() > 1 && !has(&["e", "echo"]) => Some(format!("extra operand {}", locale(&operands[1]))),
        "sleep" => operands
            .iter()
            .find(|operand| !is_interval(&operand.to_string_lossy()))
            .map(|operand| format!("invalid time interval {}", locale(operand))),
        "tr" => translation(&has, operands),
        _ if program.ends_with("sum") && program != "sum" => checksums(&has),
        _ => None,
    }
}

/// Tells whether a text is a time to sleep.
fn is_interval(text: &str) -> bool {
    let number = text.strip_suffix(['s', 'm', 'h', 'd']).unwrap_or(text);
    let hexadecimal = number.starts_with("0x") || number.starts_with("0X");
    hexadecimal || number.parse::<f64>().is_ok_and(|seconds| seconds >= 0.0)
}

/// What `mktemp` says of a template that is none.
pub(super) fn template(given: &[Given], operands: &[OsString]) -> Option<String> {
    let text = operands.first()?.to_string_lossy().into_owned();
    let suffix = given.iter().rfind(|option| option.id == "suffix=").map(Given::text);
    let last = text.rfind('X').map_or(0, |last| last + 1);
    let start = text[..last].trim_end_matches('X').len();
    let end = suffix.as_deref().unwrap_or(&text[last..]);
    if suffix.is_some() && last != text.len() {
        return Some(format!("with --suffix, template {} must end in X", locale(&text)));
    }
    if last - start < 3 {
        return Some(format!("too few X's in template {}", locale(&text)));
    }
    if end.contains('/') {
        return Some(format!("invalid suffix {}, contains directory separator", locale(end)));
    }
    let in_directory = given.iter().any(|option| option.id == "t");
    if in_directory && text.contains('/') {
        return Some(format!("invalid template, {}, contains directory separator", locale(&text)));
    }
    None
}

fn translation(has: &dyn Fn(&[&str]) -> bool, operands: &[OsString]) -> Option<String> {
    let (delete, squeeze) = (has(&["d", "delete"]), has(&["s", "squeeze-repeats"]));
    match operands {
        [] => Some("missing operand".to_owned()),
        [one] if delete && squeeze => Some(format!(
            "missing operand after {}\nTwo strings must be given when both deleting and squeezing repeats.",
            locale(one)
        )),
        [one] if !delete && !squeeze => {
            Some(format!("missing operand after {}\nTwo strings must be given when translating.", locale(one)))
        }
        [_, two] if delete && !squeeze => Some(format!(
            "extra operand {}\nOnly one string may be given when deleting without squeezing repeats.",
            locale(two)
        )),
        [_, _, three, ..] => Some(format!("extra operand {}", locale(three))),
        _ => None,
    }
}

fn checksums(has: &dyn Fn(&[&str]) -> bool) -> Option<String> {
    let checks = has(&["c", "check"]);
    let only_when_checking = [
        ("ignore-missing", "ignore-missing"),
        ("status", "status"),
        ("warn", "w"),
        ("quiet", "quiet"),
        ("strict", "strict"),
    ];
    match only_when_checking.into_iter().find(|(long, short)| !checks && has(&[long, short])) {
        Some((long, _)) => Some(format!("the --{long} option is meaningful only when verifying checksums")),
        None if !checks => None,
        None if has(&["tag"]) => Some("the --tag option is meaningless when verifying checksums".to_owned()),
        None if has(&["z", "zero"]) => Some("the --zero option is not supported when verifying checksums".to_owned()),
        None if has(&["b", "binary", "t", "text"]) => {
            Some("the --binary and --text options are meaningless when verifying checksums".to_owned())
        }
        None => None,
    }
}
