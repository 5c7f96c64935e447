//! Here-documents.

use super::{check, parse_all};
use crate::parse::{Aliases, ParseOpts};

#[test]
fn bodies_follow_the_line() {
    check("cat <<E; a\nx $y\nE\nb", "(cat <<['x '+$y+'\\n']); (a)\n(b)");
    check("cat <<A <<B | c\n1\nA\n2\nB\n", "(| (cat <<['1\\n'] <<['2\\n']) (c))");
    check("cat <<E |\nx\nE\nsort", "(| (cat <<['x\\n']) (sort))");
    check("cat <<E\nE", "(cat <<[''])");
}

#[test]
fn a_quoted_delimiter_keeps_the_body() {
    check("cat <<'E'\n$x `y` \\z\nE\n", "(cat <<['$x `y` \\\\z\\n'])");
    check("cat <<E\\F\n$x\nEF\n", "(cat <<['$x\\n'])");
    check("cat <<\"A B\"\nx\nA B\n", "(cat <<['x\\n'])");
}

#[test]
fn unquoted_bodies_follow_double_quote_rules() {
    check(
        "cat <<E\na\\$b\\\\c\\\"d \"q\" 'r' $(s \"t\") $((1)) \\\nu\nE\n",
        "(cat <<['a$b\\\\c\\\\\"d \"q\" 'r' '+$((s 't'))+' '+$(('1'))+' u\\n'])",
    );
    check("cat <<E\nx\\\nE\nE\n", "(cat <<['xE\\n'])");
}

#[test]
fn tabs_are_stripped_on_demand() {
    check("cat <<-E\n\ta\n\t\tb\n\tE\n", "(cat <<['a\\nb\\n'])");
}

#[test]
fn documents_work_inside_commands() {
    check("f() {\ncat <<E\nx\nE\n}", "(function f {(cat <<['x\\n'])})");
    check("x=$(cat <<E\na\nE\n)", "(x=$((cat <<['a\\n'])))");
    check("x=$(cat <<E\na)\nE)y", "(x=$((cat <<['a)\\n']))+y)");
    check("while cat <<A\n1\nA\ndo cat <<B\n2\nB\ndone", "(while [(cat <<['1\\n'])] (cat <<['2\\n']))");
}

#[test]
fn the_end_of_the_source_ends_a_document_with_a_warning() {
    let trees = parse_all(b"cat <<E\nhi\n", &Aliases::new(), ParseOpts::default()).expect("accepted");
    let warning = &trees[0].warnings[0];
    assert_eq!(warning.message.as_bytes(), b"here-document at line 1 delimited by end-of-file (wanted `E')");
    check("cat <<E\\\n", "(cat <<[''])");
    check("cat <<E\nhi", "(cat <<['hi\\n'])");
}

#[test]
fn an_open_expansion_in_a_body_is_an_error_of_the_run() {
    check("cat <<E\n$(a\nE\nb", "(cat <<[broken(line 3: unexpected EOF while looking for matching `)')])\n(b)");
}
