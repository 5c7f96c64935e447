//! What a session saves after which change, and that what was saved over several runs adds up to the whole.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

use guest_shell::Shell;
use guest_shell::state::Section;
use guest_shell::sys::native::NativeSys;

const SETTINGS: u32 = 1;
const VARIABLES: u32 = 2;
const FUNCTIONS: u32 = 3;
const ALIASES: u32 = 4;
const ALIAS_TEXT: u32 = 12;
const TRAPS: u32 = 5;
const HISTORY: u32 = 6;
const LAST: u32 = 8;
const DIRECTORIES: u32 = 9;
const COMPLETIONS: u32 = 10;
const COMMANDS: u32 = 11;

/// A session and a host that asks it after each run for what it lacks.
struct Session {
    shell: Shell,
    generation: u64,
    saved: BTreeMap<u32, Vec<Vec<u8>>>,
}

fn fresh() -> Shell {
    let sys = NativeSys::new(PathBuf::from("/nonexistent")).expect("the real system");
    let env = [b"PATH=/usr/bin:/bin".to_vec(), b"HOME=/root".to_vec()];
    Shell::session(Rc::new(sys), &env)
}

fn session() -> Session {
    let mut session = Session { shell: fresh(), generation: 0, saved: BTreeMap::new() };
    session.changed(": end");
    session
}

impl Session {
    /// Runs a script; answers the numbers of the sections that come then, ascending.
    fn changed(&mut self, script: &str) -> Vec<u32> {
        self.shell.run(b"bash", script.as_bytes());
        let before = std::mem::replace(&mut self.generation, self.shell.generation());
        let sections = self.shell.save_state(before);
        assert!(before == 0 || sections.is_empty() == (self.generation == before), "{script}");
        let mut fresh: BTreeMap<u32, Vec<Vec<u8>>> = BTreeMap::new();
        for Section { id, data } in sections {
            assert!(data.len() <= 1 << 20, "{script}: a piece of {} bytes", data.len());
            fresh.entry(id).or_default().push(data);
        }
        let ids = fresh.keys().copied().collect();
        self.saved.extend(fresh);
        ids
    }

    /// Checks a script that ends with the same `$?` and `$_` as each.
    fn check(&mut self, script: &str, sections: &[u32]) {
        assert_eq!(self.changed(&format!("{script}\n: end")), sections, "{script}");
    }

    /// Loads what was saved into a fresh shell, as a host with a new instance does.
    fn reloaded(&self) -> Session {
        let mut shell = fresh();
        let pieces = self.saved.iter().flat_map(|(id, pieces)| pieces.iter().map(|data| (*id, data.clone())));
        let pieces: Vec<Section> = pieces.map(|(id, data)| Section { id, data }).collect();
        shell.load_state(&pieces).expect("what was saved can be loaded");
        Session { shell, generation: 0, saved: self.saved.clone() }
    }
}

#[test]
fn a_run_that_changes_nothing_saves_nothing() {
    let mut session = session();
    session.check("", &[]);
    session.check("( x=1; f() { :; }; trap : USR1; set -f )", &[]);
    session.check("y=$(cd /; x=2; :)", &[VARIABLES]);
    session.check(": $RANDOM $SECONDS $LINENO $BASHPID", &[]);
    session.check("IFS=, : x", &[]);
}

#[test]
fn status_and_last_argument_are_a_section_of_their_own() {
    let mut session = session();
    assert_eq!(session.changed(": hi"), [LAST]);
    assert_eq!(session.changed(": hi"), []);
    assert_eq!(session.changed("(exit 3)"), [LAST]);
    assert_eq!(session.changed(": | false"), [LAST]);
    let size: usize = session.saved[&LAST].iter().map(Vec::len).sum();
    assert!(size < 20, "{size}");
}

#[test]
fn each_change_saves_its_section() {
    let mut session = session();
    session.check("x=1", &[VARIABLES]);
    session.check("x=2", &[VARIABLES]);
    session.check("export x", &[VARIABLES]);
    session.check("unset x", &[VARIABLES]);
    session.check("unset x", &[]);
    session.check("a=(1 2)", &[VARIABLES]);
    session.check("a[1]=3", &[VARIABLES]);
    session.check("declare -A m=([k]=v)", &[VARIABLES]);
    session.check("f() { local v=1; declare -g w=2; }", &[FUNCTIONS]);
    session.check("f", &[VARIABLES]);
    session.check("g() { local w=3; w=4; }; g", &[FUNCTIONS]);
    session.check("unset -f f", &[FUNCTIONS]);
    session.check("alias l=ls", &[ALIASES, ALIAS_TEXT]);
    session.check("unalias l", &[ALIASES, ALIAS_TEXT]);
    session.check("trap : USR1", &[TRAPS]);
    session.check("set -f", &[SETTINGS]);
    session.check("shopt -s nullglob", &[SETTINGS]);
    session.check("umask 077", &[SETTINGS]);
    session.check("umask 022", &[SETTINGS]);
    session.check("history -s line", &[HISTORY]);
    session.check("pushd -n /tmp > /dev/null", &[DIRECTORIES]);
    session.check("complete -W 'a b' cmd", &[COMPLETIONS]);
    session.check("hash -p /bin/ls l", &[COMMANDS]);
    session.check("ulimit -s 1000", &[SETTINGS]);
    session.check("enable -n test", &[SETTINGS]);
    session.check("x=5; h() { :; }", &[VARIABLES, FUNCTIONS]);
}

#[test]
fn the_same_once_more_is_no_change() {
    let mut session = session();
    let script = "x=1; a=(1 2); f() { echo; }; alias l=ls; trap : USR1; trap ': end' EXIT";
    session.check(script, &[VARIABLES, FUNCTIONS, ALIASES, TRAPS, ALIAS_TEXT]);
    // What a variable held is remembered once it was assigned for a second time.
    session.check(script, &[VARIABLES]);
    session.check(script, &[]);
    session.check("x=2; x=1", &[]);
}

#[test]
fn a_local_variable_leaves_the_global_one_as_it_was() {
    let mut session = session();
    session.check("x=outer; f() { local x=inner; x+=y; unset x; }", &[VARIABLES, FUNCTIONS]);
    session.check("f; f", &[]);
    session.check("x=temporary f; x=temporary true", &[]);
}

#[test]
fn a_host_that_missed_a_generation_gets_all_that_is_newer() {
    let mut session = session();
    let before = session.generation;
    session.check("x=1", &[VARIABLES]);
    session.check("alias l=ls", &[ALIASES, ALIAS_TEXT]);
    let ids = |since| session.shell.save_state(since).iter().map(|section| section.id).collect::<Vec<_>>();
    assert_eq!(ids(before), [ALIASES, ALIAS_TEXT, VARIABLES]);
    assert_eq!(ids(session.generation), []);
    assert_eq!(ids(0).len(), 11);
}

#[test]
fn the_host_is_told_what_alias_prints_whenever_that_changes() {
    let mut session = session();
    assert_eq!(session.saved[&ALIAS_TEXT], [b""]);
    session.check("alias l='ls -l' q='it'\\''s'", &[ALIASES, ALIAS_TEXT]);
    assert_eq!(session.saved[&ALIAS_TEXT], [b"alias l='ls -l'\nalias q='it'\\''s'\n"]);
    session.check("alias l='ls -l'", &[]);
    session.check("unalias -a", &[ALIASES, ALIAS_TEXT]);
    assert_eq!(session.saved[&ALIAS_TEXT], [b""]);
}

#[test]
fn a_loaded_state_is_saved_whole_once_something_changes() {
    let mut session = session();
    session.check(
        "x=1; f() { echo; }; alias l=ls; trap : USR1; history -s line",
        &[VARIABLES, FUNCTIONS, ALIASES, TRAPS, HISTORY, ALIAS_TEXT],
    );
    let mut session = session.reloaded();
    session.shell.run(b"bash", b": end");
    assert_eq!(session.shell.generation(), 0, "the host has it all");
    assert_eq!(session.shell.save_state(0).len(), 11);
    assert_eq!(session.changed("x=2").len(), 11);
    session.changed(": end");
    session.check("x=3", &[VARIABLES]);
    session.check("", &[]);
}

#[test]
fn what_was_saved_piece_by_piece_is_the_whole_state() {
    let mut session = session();
    session.check("x=$(printf %3000000s); b=1", &[VARIABLES]);
    assert_eq!(session.saved[&VARIABLES].len(), 3);
    session.check("f() { b=2; }; alias l=ls", &[FUNCTIONS, ALIASES, ALIAS_TEXT]);
    assert_eq!(session.reloaded().shell.save_state(0), session.shell.save_state(0));
    session.check("x=${#x}; f", &[VARIABLES]);
    assert_eq!(session.saved[&VARIABLES].len(), 1);
    let mut copy = session.reloaded();
    copy.shell.run(b"bash", b"[[ $x = 3000000 && $b = 2 ]] && declare -F f > /dev/null; exit");
    assert_eq!(copy.shell.status, 0);
    assert_eq!(session.reloaded().shell.save_state(0), session.shell.save_state(0));
}

#[test]
fn bytes_of_all_kinds_come_back() {
    let mut session = session();
    session.changed(r"x=$'\x80\xff\n'; a=([5]=$'\xfe' [1]=''); declare -A m=([$'\xfd']=$'\xfc' [k]=v)");
    let mut copy = session.reloaded();
    let script = br"[[ $x = $'\x80\xff\n' && ${a[5]} = $'\xfe' && ${m[$'\xfd']} = $'\xfc' && ${!a[*]} = '1 5' ]]";
    copy.shell.run(b"bash", script);
    assert_eq!(copy.shell.status, 0);
}
