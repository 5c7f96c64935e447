//! The printer: what it prints parses again to what prints the same, and looks as bash's.

use super::parse_all;
use crate::parse::{Aliases, ParseOpts};
use crate::tree::{CommandKind, print};

fn printed(text: &str) -> String {
    let trees = parse_all(text.as_bytes(), &Aliases::new(), ParseOpts::default()).expect(text);
    let CommandKind::Function(function) = &trees[0].list.items[0].and_or.first.stages[0].kind else {
        return String::from("no function");
    };
    let mut out = Vec::new();
    print::function(&mut out, function);
    String::from_utf8(out).expect("ASCII in, ASCII out")
}

#[track_caller]
fn check(body: &str, expected: &str) {
    let once = printed(&format!("f() {{\n{body}\n}}"));
    assert_eq!(once, format!("f () \n{{ \n{expected}\n}}"), "body: {body}");
    assert_eq!(printed(&once), once, "printing again changes nothing: {body}");
}

#[test]
fn commands_are_laid_out_as_in_bash() {
    check("a;b &&c|d", "    a;\n    b && c | d");
    check(
        "if a;then b;elif c; then d;fi",
        "    if a; then\n        b;\n    else\n        if c; then\n            d;\n        fi;\n    fi",
    );
    check("for x in 1 2;do a;done", "    for x in 1 2;\n    do\n        a;\n    done");
    check("for x;do a;done <b", "    for x in \"$@\";\n    do\n        a;\n    done < b");
    check("while a;do b;done&c", "    while a; do\n        b;\n    done & c");
    check(
        "case $x in a|b)c;;*)esac",
        "    case $x in \n        a | b)\n            c\n        ;;\n        *)\n\n        ;;\n    esac",
    );
    check("(a;b)", "    ( a;\n    b )");
    check("{ a; }>b", "    { \n        a\n    } > b");
    check("[[ a&&! -f b ]]", "    [[ -n a && ! -f b ]]");
    check("(( x+1 ))", "    (( x+1 ))");
    check("g(){ a; }", "    function g () \n    { \n        a\n    }");
}

#[test]
fn words_keep_their_text_and_substitutions_are_laid_out_anew() {
    check("a 'b'  \"c $d\"\\ e", "    a 'b' \"c $d\"\\ e");
    check("a $(b  |c) `d  e` $((1 +2))", "    a $(b | c) `d  e` $((1 +2))");
    check("a $( (b) )", "    a $( ( b ))");
    check("a=(1  $(b  c))", "    a=(1  $(b c))");
    check("a $'b\\n' $\"c\"", "    a 'b\n' \"c\"");
}

#[test]
fn here_documents_follow_their_line() {
    check("cat <<E|b\n$x\nE", "    cat <<E |\n$x\nE\n  b");
    check("cat <<'E' >f\n$x\nE\na", "    cat <<'E' > f\n$x\nE\n\n    a");
}

#[test]
fn redirections_are_normalised() {
    check("a 2>&1 >&- <&3 >>b {c}<d", "    a 2>&1 1>&- 0<&3 >> b {c}< d");
}

#[test]
fn exported_functions_fit_the_environment() {
    let trees = parse_all(b"f() { a; b; }", &Aliases::new(), ParseOpts::default()).expect("correct");
    let CommandKind::Function(function) = &trees[0].list.items[0].and_or.first.stages[0].kind else { return };
    let mut out = Vec::new();
    print::exported_function(&mut out, function);
    assert_eq!(String::from_utf8_lossy(&out), "() {  a;\n b\n}");
}

#[test]
fn trees_survive_serialisation() {
    let source = b"f() { cat <<E; a=([x]=1 $(b)); ${c:-d} {1..3} ~/e; }\n$x\nE\n";
    let trees = parse_all(source, &Aliases::new(), ParseOpts::default()).expect("correct");
    let bytes = postcard::to_allocvec(&trees).expect("serialises");
    let back: Vec<crate::tree::Tree> = postcard::from_bytes(&bytes).expect("deserialises");
    assert_eq!(trees, back);
}
