//! What would grow, recurse or backtrack without end gets a message, and the shell goes on with its variables.

use std::rc::Rc;

use guest_shell::Shell;
use guest_shell::sys::OpenFlags;
use guest_shell::sys::Sys;
use guest_shell::sys::native::NativeSys;

/// Runs lines one after another in one shell; answers output and errors together.
fn run(script: &str) -> String {
    let place = tempfile::tempdir().expect("a temporary directory");
    let sys = Rc::new(NativeSys::new("/bin/false".into()).expect("the process has descriptors and a directory"));
    sys.enter(place.path().into());
    let flags = OpenFlags { append: true, create: true, write: true, ..OpenFlags::default() };
    let out = sys.open(b"out", flags, 0o600).expect("the directory is new");
    for fd in [1, 2] {
        sys.dup2(out, fd).expect("both descriptors exist");
    }
    Shell::session(sys, &[]).run(b"bash", script.as_bytes());
    read(&place.path().join("out"))
}

#[expect(clippy::disallowed_methods, reason = "a test reads its own output")]
fn read(path: &std::path::Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

fn check(script: &str, message: &str) {
    let script = format!("kept=here\n{script}\necho $kept\n");
    let got = run(&script);
    assert!(got.contains(message), "{script}: no {message:?} in {got:.500}");
    assert!(got.ends_with("here\n"), "{script}: the shell did not go on: {got:.500}");
}

#[test]
fn a_variable_that_doubles_ends_with_an_allocation_error() {
    check("x=ab\nwhile :; do x=$x$x; done", "cannot allocate");
    check("x=ab\nwhile :; do x+=$x; done", "cannot allocate");
    check("a=(1 2)\nwhile :; do a+=(\"${a[@]}\"); done", "cannot allocate");
    check("printf -v x %0100000d 1\nwhile :; do a[n++]=$x; done", "cannot allocate");
    check("x=aaaaaaaa\nwhile :; do x=${x//a/aaaaaaaa}; done", "cannot allocate");
}

#[test]
fn brace_expansions_are_counted_before_they_are_made() {
    check("echo {1..10000000000}", "brace expansion: failed to allocate memory");
    check("echo {1..1000}{1..1000}{1..1000}", "brace expansion: failed to allocate memory");
    check("echo {a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{1..100000}", "brace expansion: failed to allocate memory");
}

#[test]
fn expressions_that_refer_to_each_other_end() {
    check("a=b b=a\necho $((a))", "expression recursion level exceeded");
    let deep = format!("echo $(({}1{}))", "(".repeat(5000), ")".repeat(5000));
    check(&deep, "expression recursion level exceeded");
    let row = format!("echo $(({}1))", "1+".repeat(50_000));
    check(&row, "50001");
    let signs = format!("echo $(({}1))", "- ".repeat(50_000));
    check(&signs, "1");
    let conditions = format!("echo $(({}1))", "1?2:".repeat(5000));
    check(&conditions, "expression recursion level exceeded");
}

#[test]
fn patterns_do_not_backtrack_without_end() {
    check("printf -v x %05000d 0\n[[ $x == *0*0*0*0*0*0*0*0*1 ]] || echo no", "no");
    check("shopt -s extglob\nprintf -v x %02000d 0\n[[ $x == *(*(*(0)))1 ]] || echo no", "no");
    check("shopt -s extglob\nprintf -v x %02000d 0\n[[ $x == +(0|00|000)1 ]] || echo no", "no");
    check("printf -v x %03000d 0\n[[ $x =~ ^(0*)*1$ ]] || echo no", "no");
    check("x='((((0{100}){100}){100}){100})'\n[[ 0 =~ $x ]] || echo $?", "2");
}

#[test]
fn references_in_a_circle_end() {
    check("declare -n a=b b=a\na=1\necho \"<$a>\"", "circular name reference");
}
