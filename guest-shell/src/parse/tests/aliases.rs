//! Alias expansion.

use super::dumped;
use crate::parse::{Aliases, ParseOpts};
use crate::tree::Text;

#[track_caller]
fn check(aliases: &[(&str, &str)], text: &str, expected: &str) {
    let aliases: Aliases = aliases.iter().map(|(name, value)| (Text::from(*name), Text::from(*value))).collect();
    let opts = ParseOpts { expand_aliases: true, ..ParseOpts::default() };
    assert_eq!(dumped(text, &aliases, opts), expected, "source: {text}");
}

#[test]
fn the_command_word_is_replaced() {
    check(&[("ll", "ls -l")], "ll a; echo ll | ll", "(ls -l a); (| (echo ll) (ls -l))");
    check(&[("a", "b")], "x=1 a; >f a; ! a; (a); $(a)", "(x=1 b); (b >f); (! (b)); (sub (b)); ($((b)))");
    check(&[("a", "b")], "'a' \\a \"a\"", "('a' 'a' 'a')");
}

#[test]
fn an_alias_is_not_expanded_in_itself() {
    check(&[("ls", "ls -F")], "ls x", "(ls -F x)");
    check(&[("a", "b 1"), ("b", "a 2")], "a; b", "(a 2 1); (b 1 2)");
}

#[test]
fn a_trailing_blank_makes_the_next_word_a_candidate() {
    check(&[("s", "sudo "), ("ll", "ls -l")], "s ll; s x ll", "(sudo ls -l); (sudo x ll)");
    check(&[("s", "sudo "), ("t", "-u "), ("ll", "ls")], "s t ll", "(sudo -u ls)");
}

#[test]
fn an_alias_may_be_any_text() {
    check(&[("w", "while a; do")], "w b; done", "(while [(a)] (b))");
    check(&[("two", "a; b")], "two c", "(a); (b c)");
    check(&[("e", "")], "e a", "(a)");
    check(&[("c", "# ")], "c a b\nd", "(d)");
    check(&[("q", "echo 'a")], "q b'", "(echo 'a  b')");
}

#[test]
fn expansion_that_doubles_is_stopped() {
    let mut aliases = Vec::new();
    for n in 0..40 {
        aliases.push((format!("a{n}"), format!("a{};a{}", n + 1, n + 1)));
    }
    let aliases: Vec<(&str, &str)> = aliases.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    check(&aliases, "a0", "error: line 1: alias expansion limit exceeded (10000)");
}
