//! The command lines of the `uu_*` utilities, read as GNU's `getopt_long` reads them before the utility sees them.
//!
//! The utilities parse with `clap`, whose messages and exit statuses for misuse are not GNU's. Here is what each of them
//! takes; a wrong command line is refused in GNU's words, a right one goes on unchanged.

use std::ffi::OsString;

use crate::basis::bytes::OsStrExt;
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
    "base32" "dw:i" ["decode" "wrap=" "ignore-garbage"] Between(0, 1);
    "base64" "dw:i" ["decode" "wrap=" "ignore-garbage"] Between(0, 1);
    "basename" "as:z" ["multiple" "suffix=" "zero"] AtLeast(1);
    "comm" "123z" ["check-order" "nocheck-order" "output-delimiter=" "total" "zero-terminated"] Between(2, 2);
    "csplit" "f:b:kn:sqz" ["prefix=" "suffix-format=" "keep-files" "digits=" "quiet" "silent" "elide-empty-files" "suppress-matched"] AtLeast(2);
    "cut" "b:c:d:f:nsz" ["bytes=" "characters=" "delimiter=" "fields=" "complement" "only-delimited" "output-delimiter=" "zero-terminated"] Any;
    "date" "d:f:I::r:Rs:u" ["date=" "debug" "file=" "iso-8601=?" "reference=" "resolution" "rfc-email" "rfc-3339=" "set=" "utc" "uct" "universal"] Between(0, 1);
    "dirname" "z" ["zero"] AtLeast(1);
    "factor" "h" ["exponents"] Any;
    "join" "a:e:ij:o:t:v:1:2:z" ["ignore-case" "check-order" "nocheck-order" "header" "zero-terminated"] Between(2, 2);
    "link" "" [] Between(2, 2);
    "md5sum" "bctwz" ["binary" "check" "text" "tag" "warn" "strict" "status" "quiet" "ignore-missing" "zero"] Any;
    "mktemp" "dp:qtuV" ["directory" "quiet" "dry-run" "suffix=" "tmpdir=?"] Between(0, 1);
    "nproc" "" ["all" "ignore="] Between(0, 0);
    "paste" "d:sz" ["delimiters=" "serial" "zero-terminated"] Any;
    "readlink" "femnqsvz" ["canonicalize" "canonicalize-existing" "canonicalize-missing" "no-newline" "quiet" "silent" "verbose" "zero"] AtLeast(1);
    "realpath" "eLmPqsz" ["canonicalize-existing" "canonicalize-missing" "logical" "physical" "quiet" "relative-to=" "relative-base=" "strip" "no-symlinks" "zero"] AtLeast(1);
    "rm" "dfirvIR" ["dir" "force" "interactive=?" "one-file-system" "no-preserve-root" "preserve-root=?" "recursive" "verbose"] Any;
    "rmdir" "pv" ["ignore-fail-on-non-empty" "parents" "path" "verbose"] AtLeast(1);
    "sha1sum" "bctwz" ["binary" "check" "text" "tag" "warn" "strict" "status" "quiet" "ignore-missing" "zero"] Any;
    "sha224sum" "bctwz" ["binary" "check" "text" "tag" "warn" "strict" "status" "quiet" "ignore-missing" "zero"] Any;
    "sha256sum" "bctwz" ["binary" "check" "text" "tag" "warn" "strict" "status" "quiet" "ignore-missing" "zero"] Any;
    "sha384sum" "bctwz" ["binary" "check" "text" "tag" "warn" "strict" "status" "quiet" "ignore-missing" "zero"] Any;
    "sha512sum" "bctwz" ["binary" "check" "text" "tag" "warn" "strict" "status" "quiet" "ignore-missing" "zero"] Any;
    "shred" "fn:s:uvxz" ["exact" "force" "iterations=" "size=" "random-source=" "remove=?" "verbose" "zero"] Files;
    "shuf" "ei:n:o:rz" ["echo" "input-range=" "head-count=" "output=" "random-source=" "repeat" "zero-terminated"] Any;
    "sleep" "" [] AtLeast(1);
    "sort" "bcCdfghik:mMno:rRsS:t:T:uVyz0123456789" ["ignore-leading-blanks" "check=?" "compress-program=" "debug" "dictionary-order" "ignore-case" "files0-from=" "general-numeric-sort" "ignore-nonprinting" "key=" "merge" "month-sort" "numeric-sort" "human-numeric-sort" "version-sort" "random-sort" "random-source=" "sort=" "output=" "reverse" "stable" "batch-size=" "buffer-size=" "field-separator=" "temporary-directory=" "unique" "zero-terminated" "parallel="] Any, 2;
    "sum" "rs" ["sysv"] Any;
    "tee" "aip" ["append" "ignore-interrupts" "output-error=?"] Any;
    "touch" "acd:fhmr:t:" ["time=" "no-create" "date=" "reference=" "no-dereference"] Files;
    "tr" "+cCdst" ["complement" "delete" "squeeze-repeats" "truncate-set1"] Any;
    "truncate" "cor:s:" ["no-create" "io-blocks" "reference=" "size="] Any;
    "tsort" "" [] Between(0, 1);
    "unlink" "" [] Between(1, 1);
    "yes" "+" [] Any;
};

/// Reads the arguments of a utility that is guarded.
///
/// # Errors
///
/// The exit status after a message.
pub(crate) fn check(name: &str, argv: &[OsString]) -> Result<(), i32> {
    let Ok(index) = GUARDS.binary_search_by(|guard| guard.name.cmp(name)) else { return Ok(()) };
    let guard = &GUARDS[index];
    let (given, operands) = match parse(guard, argv) {
        Ok(read) => read,
        // `--help` and `--version` are the utility's.
        Err(0) => return Ok(()),
        Err(status) => return Err(status),
    };
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
    if let Some(message) = own_rule(guard.name, &given, &operands) {
        return Err(misuse(&message));
    }
    Ok(())
}

/// Rules of a single utility that the table cannot say.
fn own_rule(name: &str, given: &[Given], operands: &[OsString]) -> Option<String> {
    let has = |id: &str| given.iter().any(|option| option.id == id);
    match name {
        "basename" if operands.len() > 2 && !["a", "multiple", "s", "suffix="].iter().any(|id| has(id)) => {
            Some(format!("extra operand {}", locale(&operands[2])))
        }
        "truncate" if !["s", "size=", "r", "reference="].iter().any(|id| has(id)) => {
            Some(format!("you must specify either {} or {}", locale("--size"), locale("--reference")))
        }
        "truncate" if operands.is_empty() => Some("missing file operand".to_owned()),
        "rm" if operands.is_empty() && !has("f") && !has("force") => Some("missing operand".to_owned()),
        _ => None,
    }
}

type Read = (Vec<Given>, Vec<OsString>);

fn parse(guard: &Guard, argv: &[OsString]) -> Result<Read, i32> {
    // `+N` of the older syntax of sort, and options told apart by digits, are left to the utility.
    let old = |word: &OsString| matches!(word.as_bytes(), [b'-', b'0'..=b'9', ..]);
    if guard.name == "sort" && argv.iter().any(old) {
        return Err(0);
    }
    let long: Vec<(&'static str, &'static str)> = guard.long.iter().map(|entry| (*entry, *entry)).collect();
    // The table lives as long as the program, of which one utility is run.
    let long: &'static [(&'static str, &'static str)] = Vec::leak(long);
    let grammar = Grammar { program: guard.name, short: guard.short, long, failure: guard.failure, help: "" };
    grammar.parse(argv.iter().cloned())
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
            assert_eq!(super::check(words[0], &argv), expected, "{words:?}");
        };
        check(&["rm", "-rf", "a", "--one"], Ok(()));
        check(&["rm", "-f"], Ok(()));
        check(&["rm"], Err(1));
        check(&["rm", "-x", "a"], Err(1));
        check(&["sort", "-k1,1", "-t", ":", "--rev"], Ok(()));
        check(&["sort", "-X"], Err(2));
        check(&["comm", "a"], Err(1));
        check(&["comm", "a", "b", "c"], Err(1));
        check(&["basename", "-a", "a", "b", "c"], Ok(()));
        check(&["basename", "a", "b", "c"], Err(1));
        check(&["sleep", "--help"], Ok(()));
        check(&["tr", "-d", "-x"], Err(1));
        check(&["tr", "a", "-x"], Ok(()));
    }
}
