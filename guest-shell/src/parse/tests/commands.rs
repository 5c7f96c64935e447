//! Commands: lists, pipelines, redirections, compound commands, functions.

use super::{check, parse_all};
use crate::parse::{Aliases, ParseOpts};

#[test]
fn lists_and_pipelines_nest_as_they_bind() {
    check("a; b & c", "(a); (& (b)); (c)");
    check("a && b || c | d", "(|| (&& (a) (b)) (| (c) (d)))");
    check("a |& b", "(| (a 2>&1) (b))");
    check("! a | b && ! ! c", "(&& (! (| (a) (b))) (c))");
    check("a &&\n\nb |\n# c\nd", "(&& (a) (| (b) (d)))");
    check("time -p a; time; !; time ! b", "(time-p (a)); (time ()); (! ()); (time (! (b)))");
}

#[test]
fn each_line_is_a_complete_command() {
    check("a\n\n# only a comment\nb; c\n", "(a)\n(b); (c)");
    check("a # b\nc#d", "(a)\n(c#d)");
}

#[test]
fn lines_are_counted() {
    let trees = parse_all(b"\n\na 'x\ny'\nb\n", &Aliases::new(), ParseOpts::default()).expect("correct source");
    let lines: Vec<_> = trees.iter().map(|tree| tree.lines).collect();
    assert_eq!(lines, [(3, 4), (5, 5)]);
}

#[test]
fn redirections_have_all_operators() {
    check("a <b >c >>d >|e <>f &>g &>>h", "(a <b >c >>d >|e <>f &>g &>>h)");
    check("a 2>&1 <&3 >&- 4<&5- >&$x >&f 1>&2>g", "(a 2>&1 <&3 >&- 4<&5- >&($x) >&(f) 1>&2 >g)");
    check("a {fd}>b {x[1]}<&- <<<\"c d\" 2 >e", "(a 2 {fd}>b {x['1']}<&- <<<'c d' >e)");
    check(">a b <c", "(b >a <c)");
    check("a2>b {a}c>d", "(a2 {a}c >b >d)");
}

#[test]
fn compound_commands_take_redirections() {
    check("{ a; } >b 2>&1; (c) <d", "({(a)} >b 2>&1); ((sub (c)) <d)");
    check("while a; do b; done <c | d", "(| ((while [(a)] (b)) <c) (d))");
}

#[test]
fn conditionals() {
    check("if a; then b; elif c; then d; else e; fi", "(if [(a) then (b)] [(c) then (d)] [else (e)])");
    check("if a\nthen\nb\nfi", "(if [(a) then (b)])");
    check("if { a; } then b; fi", "(if [{(a)} then (b)])");
}

#[test]
fn loops() {
    check("while a; b; do c; done; until d; do e; done", "(while [(a); (b)] (c)); (until [(d)] (e))");
    check("for i in a \"$@\" {1..3}; do b; done", "(for i [a \"$@\" {1..3..1 width 0}] (b))");
    check(
        "for i; do a; done; for i do a; done; for i\ndo a; done; for i in; do a; done",
        "(for i [\"$@\"] (a)); (for i [\"$@\"] (a)); (for i [\"$@\"] (a)); (for i [] (a))",
    );
    check("for ((i=0; i<3; i++)) { a; }; for ((;;)); do b; done", "(for (('i=0';'i<3';'i++')) (a)); (for ((;;)) (b))");
    check("select x in 1 2; do a; done", "(select x [1 2] (a))");
    check(
        "for for in in do; do done; done",
        "error: line 1: syntax error near unexpected token `done'\nline 1: `for for in in do; do done; done'",
    );
}

#[test]
fn case_clauses() {
    check(
        "case $x in a|'b c') d;; (e*) f;& g) ;;& *) h; esac",
        "(case $x [a|'b c') (d) ;;] [%e*) (f) ;&] [g)  ;;&] [%*) (h) ;;])",
    );
    check("case x in esac", "(case x)");
    check("case in in in) in=in;; esac", "(case in [in) (in=in) ;;])");
    check("case x in (esac) a;; esac", "(case x [esac) (a) ;;])");
}

#[test]
fn conditional_expressions() {
    check("[[ -f a && ! ( $b == c* || d < e ) ]]", "[[(&& (-f a) (! (group (|| (== $b %c*) (< d e)))))]]");
    check("[[ a =~ ^(b|c\\ d)+$e\"f\"$ ]]", "[[(=~ a ^(b|c+' '+d)++$e+'f'+$)]]");
    check("[[ $x ]] && [[ 1 -lt 2 && a -nt b\n]]", "(&& [[$x]] [[(&& (-lt 1 2) (-nt a b))]])");
    check("[[ -f ]]", "error: line 1: unexpected argument `]]' to conditional unary operator");
    check("[[ -n == -n ]]", "error: line 1: syntax error in conditional expression");
    check("[[ a\n&& b ]]", "error: line 1: unexpected token `newline', conditional binary operator expected");
}

#[test]
fn functions() {
    check("f() { a; }", "(function f {(a)})");
    check("f () (a) >b", "(function f ((sub (a)) >b))");
    check("function f { a; }; function g() if b; then c; fi", "(function f {(a)}); (function g (if [(b) then (c)]))");
    check("function f (a)", "(function f (sub (a)))");
    check("f()\n\n{\na\n}", "(function f {(a)})");
    check("a-b.c() { d; }", "(function a-b.c {(d)})");
    check("f() a", "error: line 1: syntax error near unexpected token `a'\nline 1: `f() a'");
    check("f() ((1))", "(function f (('1')))");
}

#[test]
fn coprocesses_may_have_a_name_before_a_compound_command() {
    check(
        "coproc a b; coproc X { a; }; coproc (b)",
        "(coproc COPROC (a b)); (coproc X {(a)}); (coproc COPROC (sub (b)))",
    );
}

#[test]
fn reserved_words_count_only_as_commands() {
    check("echo if then fi { } ! [[ time", "(echo if then fi { } ! %[[ time)");
    check("'if' \\while x", "('if' 'while' x)");
    check("a=1 if", "(a=1 if)");
    check("{a; }b", "({a); (}b)");
}
