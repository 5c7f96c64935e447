//! Accept or reject as others do: `brush-parser` on what it is known to judge right, and bash itself where it is
//! installed.

use std::io::Write;
use std::process::{Command, Stdio};

use super::parse_all;
use crate::parse::{Aliases, ParseOpts};

/// Sources that both accept or both reject. No select, no `case` in substitutions, no aliases: brush lacks those.
const SHARED: &[&str] = &[
    "echo a b c",
    "a | b |& c && d || e & f",
    "if a; then b; elif c; then d; else e; fi",
    "while a; do b; done; until c; do d; done",
    "for i in a b c; do echo $i; done",
    "for ((i=0;i<3;i++)); do a; done",
    "case x in a) b;; c|d) e;; *) f;; esac",
    "f() { a; }",
    "function g { a; } 2>&1",
    "( a; b ) >c",
    "{ a; b; } <d",
    "[[ -f a && b == c ]]",
    "((x + 1))",
    "a=(1 2 3) b[1]=2",
    "cat <<E\nhi\nE\n",
    "cat <<-'E'\n\thi\n\tE\n",
    "echo \"a $(b \"c\") d\"",
    "echo ${a:-b} ${a#b} ${a/b/c} ${#a}",
    "! a",
    "time a",
    "a >b 2>&1 <c >>d",
    "if a; then",
    "if a; fi",
    "while a; done",
    "for i in; done",
    "a | | b",
    "a &&",
    "&& a",
    "| a",
    "( a",
    "a )",
    "{ a;",
    "case x in a) b",
    "echo 'a",
    "echo \"a",
    "f() a",
    "then",
    "done",
    "a > ",
    ";",
    "[[ a",
];

/// Sources that only bash judges beside us.
const BASH_ONLY: &[&str] = &[
    "select x in a; do b; done",
    "echo $(case x in a) b;; esac)",
    "echo $((1)) $((a) )",
    "coproc a { b; }",
    "case x in (a) ;& b) ;;& esac",
    "a[1 + 2]=3",
    "echo {a,b}{1..3}",
    "x=$(cat <<E\na\nE\n)",
    "f() if a; then b; fi",
    "f() f() { a; }",
    "function f() g() { a; }",
    "for x { a; }",
    "for x do a; done",
    "for x in a; { b; }",
    "for ((;;)) do a; done",
    "for (( a; b )); do c; done",
    "if a; then b; fi fi",
    "{ { a; } }",
    "( ( a ) )",
    "{ a }",
    "}",
    "a } b",
    "if { a; } then b; fi",
    "while ! a; do b; done",
    "! ! a",
    "time time a",
    "time -p -- a",
    "a;;",
    "a & & b",
    "a &\n& b",
    "a=(b & c)",
    "a=(b\nc # d\n)",
    "echo a=(b)",
    "export a=(b)",
    "eval a=(b)",
    "[[ a == (b) ]]",
    "[[ a =~ (b|c) ]]",
    "[[ (a) ]]",
    "[[ a = b = c ]]",
    "[[ ! ! a ]]",
    "[[ a -eq 1 || -z b ]]",
    "echo ${a",
    "echo ${a}}",
    "echo $(a",
    "echo `a",
    "echo <(a) >(b)",
    "echo < (a)",
    "cat < <(a)",
    "echo a#b #c )",
    "{fd}>a b",
    "a {fd}>b",
    "a 2>&1 3>&- 4<&5-",
    "a >",
    "a <<",
    "a <<<",
    "a &> b &>> c",
    "function",
    "function f",
    "function 1 { a; }",
    "f ( ) { a; }",
    "f ( a ) { a; }",
    "a b ( c )",
    "'a'() { b; }",
    "esac",
    "case x in esac",
    "case x esac",
    "case x in a) b; c) d; esac",
    "case x in a|) b;; esac",
    "case x in |a) b;; esac",
    "if; then a; fi",
    "if a; then; fi",
    "if a; then b; else; fi",
    "while; do a; done",
    "do a; done",
    "in",
    "( )",
    "{ }",
    "(( a )",
    "((a); (b))",
    "\\\n",
    "a \\\n b",
    "\"a\nb\"",
    "$'a\\'b'",
    "$\"a\"",
    "a && # b\n c",
    "a ||\n\n b",
    "a |\n b",
    "coproc",
    "time",
    "!",
    "a! b",
    "echo !",
    "[ a = b ]",
    "[[",
    "[[ a ]] b",
    "(a) b",
    "{ a; } b",
    "if a; then b; fi >c <d",
    "if a; then b; fi c",
    "a() { b; } c",
    "a() b",
    "x() ( y )",
    "x() [[ y ]]",
    "x() (( y ))",
];

fn accepts(text: &str) -> bool {
    parse_all(text.as_bytes(), &Aliases::new(), ParseOpts::default()).is_ok()
}

#[test]
fn brush_judges_alike() {
    for text in SHARED {
        let mut reader = text.as_bytes();
        let mut parser = brush_parser::Parser::new(&mut reader, &brush_parser::ParserOptions::default());
        assert_eq!(accepts(text), parser.parse_program().is_ok(), "source: {text}");
    }
}

#[test]
fn bash_judges_alike() {
    for text in SHARED.iter().chain(BASH_ONLY) {
        // Checked against bash 5.2 where there is one.
        let Some(bash) = bash_accepts(text) else { return };
        assert_eq!(accepts(text), bash, "source: {text}");
    }
}

#[expect(clippy::disallowed_methods, reason = "the real shell is the judge here; nothing of this is shipped")]
fn bash_accepts(text: &str) -> Option<bool> {
    let mut bash = Command::new("bash");
    bash.arg("-n").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = bash.spawn().ok()?;
    child.stdin.take()?.write_all(format!("{text}\n").as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    // Bash 5.2 forgets to fail after some errors in `[[ ]]`, but not to complain.
    let complaint = String::from_utf8_lossy(&output.stderr).lines().any(|line| !line.contains("warning"));
    Some(output.status.success() && !complaint)
}
