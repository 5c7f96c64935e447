//! What nests, grows or backtracks without end in a script: each ends with a message in bash's style inside the shell's
//! instance, which neither traps nor loses the session's variables.

use sandshell_tests::Server;
use serde_json::Value;

/// A script without end, and what its standard error says.
struct Bound {
    what: &'static str,
    script: String,
    message: &'static str,
}

fn bound(what: &'static str, script: impl Into<String>, message: &'static str) -> Bound {
    Bound { what, script: script.into(), message }
}

/// Runs each script in a session that has a variable, a function and an option; none may end the instance.
fn check(bounds: &[Bound]) {
    let server = Server::start(&["--timeout", "20s"]);
    let client = server.client();
    let id = "bbbbbbbbbbbbbbb1";
    let first = client.run_in(id, "kept=yes; list=(1 2 3); f() { echo works; }; set -o noclobber");
    assert_eq!(first["exit_code"], 0, "{first}");
    let mut wrong = Vec::new();
    for Bound { what, script, message } in bounds {
        let reply: Value = client.run_in(id, script);
        let stderr = reply["stderr"].as_str().unwrap_or_default();
        let shown: String = stderr.chars().take(300).collect();
        if !stderr.contains(message) || reply["reason"] != "exited" || reply["state_restored"] == true {
            wrong.push(format!("{what}: {} {shown:?}, expected {message:?}", reply["reason"]));
        }
        let after = client.run_in(id, "echo $kept ${#list[@]} $(f) $-");
        if after["stdout"] != "yes 3 works hBC\n" {
            wrong.push(format!("{what}: afterwards {after}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn nested(open: &str, inner: &str, close: &str, depth: usize) -> String {
    [open.repeat(depth), inner.to_owned(), close.repeat(depth)].concat()
}

#[test]
fn nesting_of_what_is_read_is_bounded() {
    check(&[
        bound("groups", nested("{ ", "echo x; ", "}; ", 20_000), "maximum"),
        bound("subshells", nested("( ", "echo x", " )", 20_000), "maximum"),
        bound("substitutions", nested("echo $(", "echo x", ")", 20_000), "maximum"),
        bound("parameters", nested("echo ${x:-", "y", "}", 20_000), "maximum"),
        bound("conditions", format!("[[ {} ]]", nested("( ", "-n x", " )", 20_000)), "maximum"),
        bound("ifs", nested("if true; then ", "echo x; ", "fi; ", 20_000), "maximum"),
        bound("arithmetic", format!("echo $(( {} ))", nested("(", "1", ")", 20_000)), "recursion level exceeded"),
        bound("braces", format!("echo {}", nested("{a,", "b", "}", 20_000)), ""),
    ]);
}

#[test]
fn nesting_of_what_runs_is_bounded() {
    check(&[
        bound("functions", "g() { g; }; g", "maximum function nesting level exceeded (1000)"),
        bound("FUNCNEST", "FUNCNEST=50; g() { g; }; g\nunset FUNCNEST", "maximum function nesting level exceeded (50)"),
        bound("functions beyond FUNCNEST", "FUNCNEST=1000000; g() { g; }; g\nunset FUNCNEST", "exceeded (2000)"),
        bound("two functions", "a() { b; }; b() { a; }; a", "maximum function nesting level exceeded"),
        bound("eval", "e='eval \"$e\"'; eval \"$e\"", "maximum eval nesting level exceeded"),
        bound("source", "cd /tmp; echo '. ./s' >| s; . ./s", "maximum eval nesting level exceeded"),
        bound("subshells of a function", "g() { ( g ); }; g", "fork: retry: Resource temporarily unavailable"),
        bound("substitutions of a function", "g() { x=$(g); }; g", "exceeded"),
        bound("traps", "h() { h; }; trap h USR1; kill -USR1 $$\ntrap - USR1", "exceeded"),
        bound("variables in arithmetic", "p=q q=p; echo $((p))", "expression recursion level exceeded"),
        bound("references", "declare -n n1=n2 n2=n1; n1=x\nunset -n n1 n2", "circular name reference"),
        bound("aliases", "alias x1=x2 x2=x1; shopt -s expand_aliases\nx1 2>/dev/null; echo over >&2", "over"),
        bound("groups around a function", "g() { { { { g; }; }; }; }; g", "exceeded"),
        bound("conditions around a function", "g() { if g; then :; fi; }; g", "exceeded"),
    ]);
}

#[test]
fn what_expansions_make_is_bounded() {
    check(&[
        bound("a string that doubles", "x=aaaaaaaa; while :; do x=$x$x; done", "cannot allocate"),
        bound(
            "an array that grows",
            "printf -v x %065536d 1; while :; do a+=(\"$x\"); done; unset a",
            "cannot allocate",
        ),
        bound("a sequence", "echo {1..10000000000}", "brace expansion: failed to allocate memory"),
        bound("braces that multiply", "echo {1..1000}{1..1000}{1..1000}", "brace expansion: failed to allocate memory"),
        bound("replacements that multiply", "x=aaaaaaaa; while :; do x=${x//a/aaaaaaaa}; done", "cannot allocate"),
        bound("functions that grow", "x='echo a; '; while :; do x=$x$x; eval \"h() { $x }\"; done", "cannot allocate"),
        bound(
            "a history that grows",
            "printf -v x %060000d 1; for i in {1..2000}; do history -s $x; done; echo ${#x} >&2",
            "60000",
        ),
        bound("a padded field", "printf '%999999999d' 1 > /dev/null; echo over >&2", "over"),
    ]);
}

#[test]
fn work_with_patterns_is_bounded() {
    check(&[
        bound("stars", "printf -v x %05000d 0; [[ $x == *0*0*0*0*0*0*0*0*1 ]]; echo $? >&2", "1"),
        bound(
            "extended patterns",
            "shopt -s extglob\nprintf -v x %02000d 0; [[ $x == *(*(*(0)))1 ]]; echo $? >&2; shopt -u extglob",
            "1",
        ),
        bound("regular expressions", "printf -v x %03000d 0; [[ $x =~ ^(0*)*1$ ]]; echo $? >&2", "1"),
        bound("counted repetitions", "r='((((0{100}){100}){100}){100})'; [[ 0 =~ $r ]]; echo $? >&2", "2"),
        bound(
            "globs",
            "cd /tmp; mkdir -p g; cd g; for i in {1..300}; do : >| aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa$i; done; set -- *a*a*a*a*a*a*a*a*b; echo $# >&2; cd /",
            "1",
        ),
        bound("removals", "printf -v x %050000d 0; y=${x##*1}; y=${x%%1*}; echo ${#y} >&2", "50000"),
    ]);
}
