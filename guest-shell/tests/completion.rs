//! The completion of a line offers what `compgen` of the installed bash 5.2 offers for the same state.

#![expect(clippy::disallowed_methods, reason = "the test asks bash, and makes the files that both see")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;

use guest_shell::Shell;
use guest_shell::sys::Sys;
use guest_shell::sys::native::NativeSys;

/// What both shells know.
const STATE: &str = "alpha=1 alphabet=2; beta=(1 2); export gamma=3
fn_one() { :; }; fn_two() { :; }
alias al_one=ls al_two=cat
words() { COMPREPLY=(); local w; for w in start stop status \"cw$COMP_CWORD\" \"prev_$3\"; do
  case $w in \"$2\"*) COMPREPLY+=(\"$w\");; esac; done; }
complete -W 'red green \"light blue\" grey' paint
complete -F words service
complete -A signal stopit
complete -A function -S '()' callit
complete -f -X '!*.c' compile
complete -o dirnames -W '' godir
";

fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    for name in ["main.c", "main.h", "notes.txt", ".hidden"] {
        std::fs::write(directory.path().join(name), "").expect("a file");
    }
    std::fs::create_dir_all(directory.path().join("sub/deep")).expect("a directory");
    std::fs::write(directory.path().join("sub/inner.c"), "").expect("a file");
    directory
}

/// What bash's `compgen` prints, sorted; `None` without bash 5.2.
fn compgen(place: &Path, question: &str) -> Option<Vec<String>> {
    let version = Command::new("/bin/bash").arg("--version").output().ok()?;
    if !String::from_utf8_lossy(&version.stdout).contains("version 5.2") {
        return None;
    }
    let script = format!("shopt -s expand_aliases\n{STATE}\n{question}");
    let output = Command::new("/bin/bash")
        .args(["--norc", "-c", &script])
        .current_dir(place)
        .env_clear()
        .envs([("PATH", "/usr/bin:/bin"), ("HOME", "/root"), ("LC_ALL", "C")])
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let mut found: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    found.sort();
    found.dedup();
    Some(found)
}

/// What our completion of a line offers.
fn completed(place: &Path, line: &str) -> Vec<String> {
    let sys = NativeSys::new(PathBuf::from("/nonexistent")).expect("the real system");
    sys.enter(place.to_path_buf());
    let _ = sys.close(2);
    let sys: Rc<dyn Sys> = Rc::new(sys);
    let mut shell = Shell::session(sys, &[b"PATH=/usr/bin:/bin".to_vec(), b"HOME=/root".to_vec()]);
    shell.run(b"bash", STATE.as_bytes());
    let (_, found) = shell.complete(line.as_bytes(), line.len());
    found.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

/// Checks that a line offers what `compgen` answers to a question.
fn check(line: &str, question: &str) {
    let place = directory();
    let Some(expected) = compgen(place.path(), question) else { return };
    assert!(!expected.is_empty(), "{question} offers nothing");
    assert_eq!(completed(place.path(), line), expected, "{line:?} against {question}");
}

#[test]
fn commands_are_offered_where_one_stands() {
    check("fn_", "compgen -c fn_");
    check("al_", "compgen -c al_");
    check("whi", "compgen -c whi");
    check("decl", "compgen -c decl");
    check("sha2", "compgen -c sha2");
    check("x=1 fn_", "compgen -c fn_");
    check("true; if fn_", "compgen -c fn_");
    check("echo $(fn_", "compgen -c fn_");
    check("ls | uni", "compgen -c uni");
}

#[test]
fn variables_are_offered_after_a_dollar() {
    check("echo $alph", "compgen -P '$' -v alph");
    check("echo \"a $gam", "compgen -P '$' -v gam");
    check("echo ${bet", "compgen -P '${' -S '}' -v bet");
    check("echo $BASH_V", "compgen -P '$' -v BASH_V");
}

#[test]
fn files_are_offered_as_arguments() {
    check("cat ma", "compgen -f ma");
    check("cat ", "compgen -f");
    check("cat .hid", "compgen -f .hid");
    check("cat sub/", "compgen -f sub/");
    check("cat < no", "compgen -f no");
    check("cat 'ma", "compgen -f ma");
    check("sub/", "compgen -d sub/");
    check("cat /usr/bi", "compgen -f /usr/bi");
}

#[test]
fn specifications_are_followed() {
    check("paint g", "compgen -W 'red green \"light blue\" grey' g");
    check("paint x ", "compgen -W 'red green \"light blue\" grey'");
    check("paint li", "compgen -W 'red green \"light blue\" grey' li");
    check("service st", "printf '%s\\n' start stop status");
    check("service a b c", "printf '%s\\n' cw3");
    check("service run p", "printf '%s\\n' prev_run");
    check("stopit SIGU", "compgen -A signal SIGU");
    check("callit fn_", "compgen -A function -S '()' fn_");
    check("compile m", "compgen -f -X '!*.c' m");
    check("godir s", "compgen -d s");
    check("/usr/local/bin/paint r", "compgen -W 'red green' r");
}
