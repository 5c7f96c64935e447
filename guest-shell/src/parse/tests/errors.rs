//! Syntax errors: wording, line, and whether more input could help.

use super::parse_all;
use crate::parse::{Aliases, ParseOpts, Source, next};
use crate::tree::SyntaxError;

fn error(text: &str) -> SyntaxError {
    parse_all(text.as_bytes(), &Aliases::new(), ParseOpts::default()).expect_err(text)
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let error = error(text);
    assert!(!error.incomplete, "no more input helps: {text}");
    assert_eq!(error.to_string(), expected, "source: {text}");
}

#[track_caller]
fn check_incomplete(text: &str, expected: &str) {
    let error = error(text);
    assert!(error.incomplete, "more input helps: {text}");
    assert_eq!(error.to_string(), expected, "source: {text}");
}

#[test]
fn unexpected_tokens_are_named_with_their_line() {
    check("echo )", "line 1: syntax error near unexpected token `)'\nline 1: `echo )'");
    check("a;\n;b", "line 2: syntax error near unexpected token `;'\nline 2: `;b'");
    check("if; then a; fi", "line 1: syntax error near unexpected token `;'\nline 1: `if; then a; fi'");
    check("a && && b", "line 1: syntax error near unexpected token `&&'\nline 1: `a && && b'");
    check("echo >\nb", "line 1: syntax error near unexpected token `newline'\nline 1: `echo >'");
    check("echo > >", "line 1: syntax error near unexpected token `>'\nline 1: `echo > >'");
    check("a ;; b", "line 1: syntax error near unexpected token `;;'\nline 1: `a ;; b'");
    check(
        "case x in a b) c;; esac",
        "line 1: syntax error near unexpected token `b'\nline 1: `case x in a b) c;; esac'",
    );
    check("echo $(a;;b)", "line 1: syntax error near unexpected token `;;'\nline 1: `echo $(a;;b)'");
    check("if a\nthen\nfi", "line 3: syntax error near unexpected token `fi'\nline 3: `fi'");
    for word in ["then", "else", "elif", "fi", "do", "done", "esac", "in", "}", "]]"] {
        check(word, &format!("line 1: syntax error near unexpected token `{word}'\nline 1: `{word}'"));
    }
}

#[test]
fn an_early_end_is_incomplete() {
    check_incomplete("if a; then\nb", "line 3: syntax error: unexpected end of file");
    check_incomplete("a\n\nb\n(c\nd", "line 6: syntax error: unexpected end of file");
    check_incomplete("echo \"abc", "line 1: unexpected EOF while looking for matching `\"'");
    check_incomplete("x\necho 'a\nb", "line 2: unexpected EOF while looking for matching `''");
    check_incomplete("echo $(foo", "line 2: unexpected EOF while looking for matching `)'");
    check_incomplete("echo `foo", "line 1: unexpected EOF while looking for matching ``'");
    check_incomplete("echo ${x", "line 1: unexpected EOF while looking for matching `}'");
    check_incomplete("echo $((1+", "line 1: unexpected EOF while looking for matching `)'");
    check_incomplete("a=(1 2", "line 1: unexpected EOF while looking for matching `)'");
    check_incomplete("a &&", "line 2: syntax error: unexpected end of file");
    check_incomplete("[[ a &&", "line 2: unexpected token `EOF' in conditional command");
}

#[test]
fn after_an_error_the_next_line_can_be_read() {
    let mut source = Source::new("a ) b; c\nd\n", 1);
    let aliases = Aliases::new();
    assert!(next(&mut source, &aliases, ParseOpts::default()).is_err());
    let tree = next(&mut source, &aliases, ParseOpts::default()).expect("a correct line").expect("not the end");
    assert_eq!(tree.lines, (2, 2));
}

#[test]
fn a_line_wise_source_is_read_no_further_than_its_command() {
    let mut lines = vec!["if a\n", "then b; fi\n", "read x\n", "data\n"].into_iter();
    let mut given = 0;
    let refill = || {
        given += 1;
        lines.next().map(|line| line.as_bytes().to_vec())
    };
    let mut source = Source::from_lines(Box::new(refill), 1);
    let aliases = Aliases::new();
    let tree = next(&mut source, &aliases, ParseOpts::default()).expect("correct").expect("a command");
    assert_eq!(tree.lines, (1, 2));
    assert_eq!(source.taken(), b"if a\nthen b; fi\n");
    drop(source);
    assert_eq!(given, 2, "the line after the command is still to be read by others");
}
