//! The command lines of the `uu_*` utilities, read as GNU's `getopt_long` reads them before the utility sees them.
//!
//! The utilities parse with `clap`, whose messages and exit statuses for misuse are not GNU's. Here is what each of them
//! takes; a wrong command line is refused in GNU's words, a right one goes on, each value beside its option. `values` looks
//! at the values.

mod sequence;
mod values;

use std::ffi::OsString;

use crate::basis::bytes::{OsStrExt, OsStringExt};
use crate::basis::errors::complain;
use crate::basis::options::{Given, Grammar};
use crate::basis::quoting::locale;

/// How many operands a utility takes, and what it says when there are others.
#[derive(Clone, Copy)]
enum Operands {
    Any,
    /// At least so many.
    AtLeast(usize),
    /// At least, at most.
    Between(usize, usize),
    /// At least one, told as a file.
    Files,
}

use Operands::{Any, AtLeast, Between, Files};

/// A utility's options and operands.
struct Guard {
    name: &'static str,
    short: &'static str,
    long: &'static [&'static str],
    operands: Operands,
    failure: i32,
}

macro_rules! guards {
    ($($name:literal $short:literal [$($long:literal)*] $operands:expr $(, $failure:literal)?;)*) => {
        &[$(Guard {
            name: $name,
            short: $short,
            long: &[$($long),*],
            operands: $operands,
            failure: guards!(@failure $($failure)?),
        }),*]
    };
    (@failure $failure:literal) => { $failure };
    (@failure) => { 1 };
}

/// What the utilities take. Letters as for `getopt`; long options with `=` or `=?` for a value.
const GUARDS: &[Guard] = guards! {
    "b2sum" "bctwzl:" ["binary" "check" "text" "tag" "warn" "strict" "status" "quiet" "ignore-missing" "zero" "length="] Any;
    "basename" "as:z" ["multiple" "suffix=" "zero"] AtLeast(1);
    "comm" "123z" ["check-order" "nocheck-order" "output-delimiter=" "total" "zero-terminated"] Between(2, 2);
    "csplit" "f:b:kn:sqz" ["prefix=" "suffix-format=" "keep-files" "digits=" "quiet" "silent" "elide-empty-files" "suppress-matched"] AtLeast(2);
    "cut" "b:c:d:f:nsz" ["bytes=" "characters=" "delimiter=" "fields=" "complement" "only-delimited" "output-delimiter=" "zero-terminated"] Any;
    "date" "d:f:I::r:Rs:u" ["date=" "debug" "file=" "iso-8601=?" "reference=" "resolution" "rfc-email" "rfc-3339=" "set=" "utc" "uct" "universal"] Between(0, 1);
    "dirname" "z" ["zero"] AtLeast(1);
    "factor" "" [] Any;
    "join" "a:e:ij:o:t:v:1:2:z" ["ignore-case" "check-order" "nocheck-order" "header" "zero-terminated"] AtLeast(2);
    "link" "" [] Between(2, 2);
    "md5sum" "bctwz" ["binary" "check" "text" "tag" "warn" "strict" "status" "quiet" "ignore-missing" "zero"] Any;
    "mktemp" "dp:qtuV" ["directory" "quiet" "dry-run" "suffix=" "tmpdir=?"] Between(0, 1);
    "nl" "h:v:i:pl:s:w:n:d:b:f:" ["header-numbering=" "body-numbering=" "footer-numbering=" "starting-line-number=" "line-increment=" "no-renumber" "join-blank-lines=" "number-separator=" "number-width=" "number-format=" "section-delimiter="] Any;
    "nproc" "" ["all" "ignore="] Between(0, 0);
    "od" "A:aBbcDdeFfHhIij:LlN:OoS:st:vw::Xx" ["skip-bytes=" "address-radix=" "read-bytes=" "format=" "output-duplicates" "strings=?" "traditional" "width=?" "endian="] Any;
    "printenv" "+0" ["null"] Any, 2;
    "readlink" "femnqsvz" ["canonicalize" "canonicalize-existing" "canonicalize-missing" "no-newline" "quiet" "silent" "verbose" "zero"] AtLeast(1);
    "realpath" "eLmPqsz" ["canonicalize-existing" "canonicalize-missing" "logical" "physical" "quiet" "relative-to=" "relative-base=" "strip" "no-symlinks" "zero"] AtLeast(1);
    "rm" "dfirvIR" ["dir" "force" "interactive=?" "one-file-system" "no-preserve-root" "preserve-root=?" "recursive" "verbose"] Any;
    "rmdir" "pv" ["ignore-fail-on-non-empty" "parents" "path" "verbose"] AtLeast(1);
    "seq" "f:s:w" ["equal-width" "format=" "separator="] Any;
    "sha1sum" "bctwz" ["binary" "check" "text" "tag" "warn" "strict" "status" "quiet" "ignore-missing" "zero"] Any;
    "sha224sum" "bctwz" ["binary" "check" "text" "tag" "warn" "strict" "status" "quiet" "ignore-missing" "zero"] Any;
    "sha256sum" "bctwz" ["binary" "check" "text" "tag" "warn" "strict" "status" "quiet" "ignore-missing" "zero"] Any;
    "sha384sum" "bctwz" ["binary" "check" "text" "tag" "warn" "strict" "status" "quiet" "ignore-missing" "zero"] Any;
    "sha512sum" "bctwz" ["binary" "check" "text" "tag" "warn" "strict" "status" "quiet" "ignore-missing" "zero"] Any;
    "shred" "fn:s:uvxz" ["exact" "force" "iterations=" "size=" "random-source=" "remove=?" "verbose" "zero"] Files;
    "shuf" "ei:n:o:rz" ["echo" "input-range=" "head-count=" "output=" "random-source=" "repeat" "zero-terminated"] Any;
    "sleep" "" [] AtLeast(1);
    "sum" "rs" ["sysv"] Any;
    "tee" "aip" ["append" "ignore-interrupts" "output-error=?"] Any;
    "touch" "acd:fhmr:t:" ["time=" "no-create" "date=" "reference=" "no-dereference"] Files;
    "tr" "+cCdst" ["complement" "delete" "squeeze-repeats" "truncate-set1"] Any;
    "truncate" "cor:s:" ["no-create" "io-blocks" "reference=" "size="] Any;
    "tsort" "" [] Between(0, 1);
    "tty" "s" ["silent" "quiet"] Between(0, 0), 2;
    "uniq" "cdDf:is:uw:z" ["count" "repeated" "all-repeated=?" "group=?" "ignore-case" "unique" "skip-fields=" "skip-chars=" "check-chars=" "zero-terminated"] Between(0, 2);
    "unlink" "" [] Between(1, 1);
    "yes" "+" [] Any;
};

/// Reads the arguments of a utility that is guarded; answers them as it shall see them.
///
/// # Errors
///
/// The exit status after a message.
pub(crate) fn check(name: &str, argv: Vec<OsString>) -> Result<Vec<OsString>, i32> {
    let Ok(index) = GUARDS.binary_search_by(|guard| guard.name.cmp(name)) else { return Ok(argv) };
    let guard = &GUARDS[index];
    let grammar = grammar(guard);
    if guard.name == "seq" {
        return match sequence::check(&grammar, &argv) {
            Ok(()) | Err(0) => Ok(argv),
            Err(status) => Err(status),
        };
    }
    let argv = older(guard.name, argv);
    let (given, operands) = match grammar.parse(argv.iter().cloned()) {
        Ok(read) => read,
        // `--help` and `--version` are the utility's.
        Err(0) => return Ok(argv),
        Err(status) => return Err(status),
    };
    values::check(&grammar, &given)?;
    let misuse = |message: &str| -> i32 {
        complain(guard.name, message);
        crate::basis::output::warn(format!("Try '{} --help' for more information.\n", guard.name).as_bytes());
        guard.failure
    };
    let missing = |what: &str| match operands.last() {
        None => misuse(&format!("missing {what}")),
        Some(last) => misuse(&format!("missing {what} after {}", locale(last))),
    };
    match guard.operands {
        Any => {}
        Files if operands.is_empty() => return Err(misuse("missing file operand")),
        AtLeast(least) | Between(least, _) if operands.len() < least => return Err(missing("operand")),
        Between(_, most) if operands.len() > most && guard.name == "mktemp" => {
            return Err(misuse("too many templates"));
        }
        Between(_, most) if operands.len() > most => {
            return Err(misuse(&format!("extra operand {}", locale(&operands[most]))));
        }
        Files | AtLeast(_) | Between(..) => {}
    }
    if let Some(message) = values::own(guard.name, &given, &operands) {
        return Err(misuse(&message));
    }
    if guard.name == "mktemp"
        && let Some(message) = values::template(&given, &operands)
    {
        complain(guard.name, &message);
        return Err(1);
    }
    if guard.name == "date" {
        values::check_date(&grammar, &operands)?;
        if given.iter().any(|option| option.id == "resolution") {
            crate::basis::output::print(b"0.000000001\n");
            return Err(0);
        }
    }
    Ok(rebuild(argv, given, operands))
}

fn grammar(guard: &Guard) -> Grammar {
    let long: Vec<(&'static str, &'static str)> = guard.long.iter().map(|entry| (*entry, *entry)).collect();
    // The table lives as long as the program, of which one utility is run.
    let long: &'static [(&'static str, &'static str)] = Vec::leak(long);
    Grammar { program: guard.name, short: guard.short, long, failure: guard.failure, help: "" }
}

/// Rewrites the older options of digits.
fn older(name: &str, argv: Vec<OsString>) -> Vec<OsString> {
    if name != "uniq" {
        return argv;
    }
    let rewrite = |word: OsString| match word.as_bytes() {
        [sign @ (b'-' | b'+'), digits @ ..] if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) => {
            OsString::from_vec([if *sign == b'-' { b"-f" } else { b"-s" }, digits].concat())
        }
        _ => word,
    };
    argv.into_iter().map(rewrite).collect()
}

/// Writes the command line again so that no value can be taken for an option.
fn rebuild(argv: Vec<OsString>, given: Vec<Given>, operands: Vec<OsString>) -> Vec<OsString> {
    let mut out: Vec<OsString> = argv.into_iter().take(1).collect();
    let program = out.first().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    for Given { id, value } in given {
        // A width that is not told is 32; a value of its own would be sought in the next word.
        let bare_width = value.is_none() && program.ends_with("od") && matches!(id, "w" | "width=?");
        let value = if bare_width { Some("32".into()) } else { value };
        let is_letter = id.len() == 1;
        let mut word: OsString =
            if is_letter { format!("-{id}") } else { format!("--{}", id.trim_end_matches(['=', '?'])) }.into();
        match value {
            None => out.push(word),
            Some(value) if value.is_empty() && is_letter => out.extend([word, value]),
            Some(value) => {
                if !is_letter {
                    word.push("=");
                }
                word.push(value);
                out.push(word);
            }
        }
    }
    if operands.iter().any(|operand| operand.as_bytes().starts_with(b"-") && operand != "-") {
        out.push("--".into());
    }
    out.extend(operands);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_ordered() {
        assert!(GUARDS.is_sorted_by(|one, next| one.name < next.name));
    }

    #[test]
    fn right_command_lines_pass_and_wrong_ones_do_not() {
        let check = |words: &[&str], expected: Result<(), i32>| {
            let argv: Vec<OsString> = words.iter().map(OsString::from).collect();
            assert_eq!(super::check(words[0], argv).map(|_| ()), expected, "{words:?}");
        };
        check(&["rm", "-rf", "a", "--one"], Ok(()));
        check(&["rm", "-f"], Ok(()));
        check(&["rm"], Err(1));
        check(&["rm", "-x", "a"], Err(1));
        check(&["date", "-d", "@0", "--ut"], Ok(()));
        check(&["date", "-X"], Err(1));
        check(&["comm", "a"], Err(1));
        check(&["comm", "a", "b", "c"], Err(1));
        check(&["basename", "-a", "a", "b", "c"], Ok(()));
        check(&["basename", "a", "b", "c"], Err(1));
        check(&["sleep", "--help"], Ok(()));
        check(&["tr", "-d", "-x"], Err(1));
        check(&["tr", "a", "-x"], Ok(()));
        check(&["tr", "a"], Err(1));
        check(&["nl", "-v", "-5"], Ok(()));
        check(&["nl", "-b", "x"], Err(1));
        check(&["uniq", "-f", "x"], Err(1));
        check(&["uniq", "-2", "+1"], Ok(()));
        check(&["cut", "-f", "1,a"], Err(1));
        check(&["join", "-o", "1.1,3.2", "a", "b"], Err(1));
        check(&["date", "-d", "nonsense"], Err(1));
        check(&["md5sum", "--quiet", "a"], Err(1));
    }

    #[test]
    fn values_stand_beside_their_options() {
        let check = |words: &[&str], expected: &[&str]| {
            let argv: Vec<OsString> = words.iter().map(OsString::from).collect();
            let rebuilt = super::check(words[0], argv).unwrap_or_default();
            assert_eq!(rebuilt, expected.iter().map(OsString::from).collect::<Vec<_>>());
        };
        check(&["nl", "-v", "-5", "a"], &["nl", "-v-5", "a"]);
        check(&["od", "-w", "a"], &["od", "-w32", "a"]);
        check(&["uniq", "-2", "-cd"], &["uniq", "-f2", "-c", "-d"]);
        check(&["nl", "-s", "", "--body=a"], &["nl", "-s", "", "--body-numbering=a"]);
        check(&["rm", "-f", "--", "-x"], &["rm", "-f", "--", "-x"]);
    }
}
