//! A session's shell between its runs: what stays, what goes, and that saved state is the whole of it.

use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::rc::Rc;

use guest_shell::Shell;
use guest_shell::sys::native::NativeSys;
use guest_shell::sys::{Disposition, OpenFlags, Sys, Whence};

/// A session whose output goes to a file that can be read back.
struct Session {
    shell: Shell,
    sys: Rc<NativeSys>,
    _directory: tempfile::TempDir,
}

fn sys(directory: &tempfile::TempDir) -> Rc<NativeSys> {
    let sys = NativeSys::new(PathBuf::from("/nonexistent")).expect("the real system");
    sys.enter(directory.path().to_path_buf());
    let output: OwnedFd = tempfile::tempfile().expect("a file for the output").into();
    sys.install(1, output);
    let _ = sys.close(2);
    Rc::new(sys)
}

fn session() -> Session {
    let directory = tempfile::tempdir().expect("a directory");
    let sys = sys(&directory);
    Session { shell: Shell::session(Rc::clone(&sys) as Rc<dyn Sys>, &env()), sys, _directory: directory }
}

fn env() -> Vec<Vec<u8>> {
    vec![b"PATH=/usr/bin:/bin".to_vec(), b"HOME=/root".to_vec()]
}

impl Session {
    /// Runs a script; answers its output and status.
    fn run(&mut self, script: &str) -> (String, u8) {
        let begin = self.sys.seek(1, 0, Whence::End).expect("the output is a file");
        let (status, _) = self.shell.run(b"bash", script.as_bytes());
        self.sys.seek(1, i64::try_from(begin).expect("small"), Whence::Set).expect("the output is a file");
        let text = self.sys.read(1, 1 << 20).expect("the output is readable");
        (String::from_utf8_lossy(&text).into_owned(), status)
    }

    fn check(&mut self, script: &str, output: &str, status: u8) {
        assert_eq!(self.run(script), (output.to_owned(), status), "{script}");
    }

    /// Saves the state and goes on in a fresh shell that loaded it.
    fn reload(mut self) -> Session {
        let sections = self.shell.save_state(0);
        let mut fresh = Shell::session(Rc::clone(&self.sys) as Rc<dyn Sys>, &env());
        fresh.load_state(&sections).expect("what was saved can be loaded");
        self.shell = fresh;
        self
    }
}

#[test]
fn variables_functions_options_and_aliases_outlive_a_run() {
    let mut session = session();
    session.check(
        "x=1; a=(1 2); declare -A m=([k]=v); f() { echo f$1; }; set -f; shopt -s nullglob; alias e=echo",
        "",
        0,
    );
    session.check("e $x ${a[1]} ${m[k]}; f 2; echo $-; shopt -q nullglob && echo on", "1 2 v\nf2\nfhB\non\n", 0);
}

#[test]
fn exit_ends_the_run_and_not_the_session() {
    let mut session = session();
    session.check("x=kept; exit 3; echo no", "", 3);
    session.check("echo $x $?", "kept 3\n", 0);
}

#[test]
fn positional_parameters_do_not_outlive_a_run() {
    let mut session = session();
    session.check("set -- a b; echo $#", "2\n", 0);
    session.check("echo $#", "0\n", 0);
}

#[test]
fn the_exit_trap_runs_once_at_the_end_of_its_run() {
    let mut session = session();
    session.check("trap 'echo bye' EXIT; echo hi", "hi\nbye\n", 0);
    session.check("echo again", "again\n", 0);
}

#[test]
fn what_a_run_left_half_done_is_over() {
    let mut session = session();
    session.check("f() { local x=inner; exit 4; }; x=outer; for i in 1 2; do f; done", "", 4);
    session.check("echo $x; break; echo after", "outer\nafter\n", 0);
    session.check("set -e; false; echo no", "", 1);
    session.check("set +e; false; echo on", "on\n", 0);
}

#[test]
fn a_syntax_error_runs_nothing_of_its_command() {
    let mut session = session();
    session.check("echo before\nif then\necho after", "before\n", 2);
    session.check("echo next $?", "next 2\n", 0);
}

#[test]
fn saved_state_is_the_whole_of_a_session() {
    let mut session = session();
    session.check(
        "x='a b'; declare -i n=5; declare -r ro=1; export e=exp; a=([3]=q [1]=p); declare -A m=([k k]=v); declare -n ref=x
         f() { case $1 in a) cat <<EOF
[$1]
EOF
;; esac; }
         alias ll='ls -l'; trap 'echo usr' USR1; set -o pipefail; shopt -s extglob; umask 027; complete -W 'p q' cmd",
        "",
        0,
    );
    let before = session
        .run("declare -p x n ro e a m ref; declare -f f; alias; trap -p; echo $-; shopt extglob; umask; complete -p");
    let mut session = session.reload();
    let after = session
        .run("declare -p x n ro e a m ref; declare -f f; alias; trap -p; echo $-; shopt extglob; umask; complete -p");
    assert_eq!(before, after);
    session.check("f a; echo $ref; n=n+1; echo $n", "[a]\na b\n6\n", 0);
}

#[test]
fn state_of_another_version_is_refused() {
    let mut session = session();
    let mut sections = session.shell.save_state(0);
    for section in &mut sections {
        if let Some(version) = section.data.first_mut() {
            *version = 99;
        }
    }
    assert!(session.shell.load_state(&sections).is_err());
}

#[test]
fn endless_recursion_ends_with_bash_s_message_and_the_session_goes_on() {
    // The test's own stack is small; a guest has 8 MiB.
    let deep = std::thread::Builder::new().stack_size(256 << 20).spawn(recurse);
    deep.expect("a thread starts").join().expect("nothing overflowed");
}

fn recurse() {
    let mut session = session();
    session.check("x=1; f() { f; }; f; echo no", "", 1);
    // As in bash, `eval` gives up one command line, not its caller's.
    session.check("g() { eval g; }; g; echo went on", "went on\n", 0);
    session.check("h() { (h); }; h; echo end", "end\n", 0);
    session.check("echo $x", "1\n", 0);
}

#[test]
fn the_output_of_a_run_goes_where_the_file_says() {
    let mut session = session();
    session.check("echo a > file; cat < file; read x < file; echo got $x", "a\ngot a\n", 0);
    let fd = session.sys.open(b"file", OpenFlags::READ, 0).expect("the script made it");
    assert_eq!(session.sys.read(fd, 10).expect("readable"), b"a\n");
}

#[test]
fn only_a_death_that_is_not_the_deadline_s_is_told() {
    const SIGXCPU: u8 = 24;
    let mut session = session();
    let errors: OwnedFd = tempfile::tempfile().expect("a file for the errors").into();
    session.sys.install(2, errors);
    // What the kernel does at the deadline: the shell is told, its children are killed.
    session.sys.set_disposition(SIGXCPU, Disposition::Handle);
    session.check("kill -XCPU $$; sh -c 'kill -KILL $$'; echo no; x=$(echo no); echo no", "", 124);
    assert_eq!(session.sys.seek(2, 0, Whence::End).expect("the errors are a file"), 0);
    session.check("sh -c 'kill -KILL $$'; echo $?", "137\n", 0);
    session.sys.seek(2, 0, Whence::Set).expect("the errors are a file");
    let told = session.sys.read(2, 1 << 10).expect("the errors are readable");
    assert!(String::from_utf8_lossy(&told).contains("Killed"));
}
