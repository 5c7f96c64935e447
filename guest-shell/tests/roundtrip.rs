//! Random states, saved piece by piece as a host does it and loaded again, show what they showed before.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::rc::Rc;

use guest_shell::Shell;
use guest_shell::state::Section;
use guest_shell::sys::native::NativeSys;
use guest_shell::sys::{Sys, Whence};
use proptest::prelude::*;

/// What a user can see of a state.
const OBSERVE: &str = "declare -p; declare -f; declare -F; alias; shopt; set -o; trap -p; dirs -l; history
complete -p; umask; hash -l; enable -n; ulimit -s; ulimit -Hs; echo \"$- $OPTIND ${DIRSTACK[*]}\"";

/// Variables that tell of the present moment or of the command that asks.
const PASSING: &[&str] = &[
    "BASHPID",
    "BASH_ARGV",
    "BASH_COMMAND",
    "BASH_MONOSECONDS",
    "EPOCHREALTIME",
    "EPOCHSECONDS",
    "LINENO",
    "RANDOM",
    "SECONDS",
    "SRANDOM",
    "_",
];

struct Session {
    shell: Shell,
    sys: Rc<NativeSys>,
}

fn session() -> Session {
    let sys = NativeSys::new(PathBuf::from("/nonexistent")).expect("the real system");
    sys.enter(PathBuf::from("/"));
    let output: OwnedFd = tempfile::tempfile().expect("a file for the output").into();
    sys.install(1, output);
    let _ = sys.close(2);
    let sys = Rc::new(sys);
    Session { shell: fresh(&sys), sys }
}

fn fresh(sys: &Rc<NativeSys>) -> Shell {
    let env = [b"PATH=/usr/bin:/bin".to_vec(), b"HOME=/root".to_vec()];
    Shell::session(Rc::clone(sys) as Rc<dyn Sys>, &env)
}

impl Session {
    /// What the state shows, line by line.
    fn observed(&mut self) -> Vec<String> {
        let begin = self.sys.seek(1, 0, Whence::End).expect("the output is a file");
        self.shell.run(b"bash", OBSERVE.as_bytes());
        self.sys.seek(1, i64::try_from(begin).expect("small"), Whence::Set).expect("the output is a file");
        let text = self.sys.read(1, 8 << 20).expect("the output is readable");
        let lines = String::from_utf8_lossy(&text).lines().map(str::to_owned).collect::<Vec<_>>();
        let passing = |line: &String| {
            let name = line.strip_prefix("declare -").and_then(|rest| rest.split_once(' ')).map(|(_, rest)| rest);
            name.is_some_and(|rest| PASSING.contains(&rest.split('=').next().unwrap_or(rest)))
        };
        lines.into_iter().filter(|line| !passing(line)).collect()
    }
}

fn name() -> impl Strategy<Value = String> {
    "[a-d][a-c]?"
}

/// A word in quotes: everything the shell can hold but NUL.
fn value() -> impl Strategy<Value = String> {
    let plain = "[ -~äß]{0,12}".prop_map(|text| format!("'{}'", text.replace('\'', "'\\''")));
    prop_oneof![plain, "[a-z0-9]{1,6}", Just("$'\\n\\t\\x80\\xff'".to_owned()), Just("''".to_owned())]
}

/// One command that changes the state.
fn change() -> impl Strategy<Value = String> {
    let set_option =
        prop::sample::select(vec!["noclobber", "pipefail", "errtrace", "functrace", "physical", "noglob", "history"]);
    let shopt =
        prop::sample::select(vec!["extglob", "nullglob", "globstar", "nocasematch", "lastpipe", "expand_aliases"]);
    let attribute = prop::sample::select(vec!["-i", "-x", "-l", "-u", "-a", "-A", "-r", "-t", "+x", "+i"]);
    let signal = prop::sample::select(vec!["USR1", "INT", "ERR", "DEBUG", "RETURN", "WINCH"]);
    prop_oneof![
        (name(), value()).prop_map(|(name, value)| format!("{name}={value}")),
        (name(), value()).prop_map(|(name, value)| format!("{name}+={value}")),
        (name(), 0..9u8, value()).prop_map(|(name, at, value)| format!("{name}[{at}]={value}")),
        (name(), value(), value()).prop_map(|(name, key, value)| format!("declare -A {name}; {name}[{key}]={value}")),
        (name(), value(), value()).prop_map(|(name, one, two)| format!("{name}=({one} [5]={two})")),
        (attribute, name()).prop_map(|(attribute, name)| format!("declare {attribute} {name}")),
        (name(), name()).prop_map(|(name, other)| format!("declare -n r{name}={other}")),
        name().prop_map(|name| format!("unset {name}")),
        (name(), value()).prop_map(|(name, value)| format!(
            "f_{name}() {{ local v={value}; for i in 1 2; do echo $i; done <<< $v; }}"
        )),
        name().prop_map(|name| format!("export -f f_{name}; readonly -f f_{name}; unset -f f_b{name}")),
        (name(), value()).prop_map(|(name, value)| format!("alias {name}={value}")),
        name().prop_map(|name| format!("unalias {name}")),
        (set_option, any::<bool>()).prop_map(|(option, on)| format!("set {}o {option}", if on { '-' } else { '+' })),
        (shopt, any::<bool>()).prop_map(|(option, on)| format!("shopt -{} {option}", if on { 's' } else { 'u' })),
        (signal, value()).prop_map(|(signal, value)| format!("trap {value} {signal}")),
        Just("pushd -n /tmp >/dev/null; pushd -n /usr > /dev/null".to_owned()),
        Just("popd -n >/dev/null".to_owned()),
        value().prop_map(|value| format!("history -s {value}")),
        Just("history -c".to_owned()),
        (0..0o777u32).prop_map(|mask| format!("umask {mask:o}")),
        (name(), value()).prop_map(|(name, value)| format!("complete -o nospace -W {value} -A file {name}")),
        name().prop_map(|name| format!("complete -r {name}; compopt -o default {name}")),
        name().prop_map(|name| format!("hash -p /bin/{name} {name}")),
        Just("hash -r".to_owned()),
        prop_oneof![Just("enable -n test"), Just("enable test"), Just("enable -n pwd")].prop_map(str::to_owned),
        (1..8000u32).prop_map(|kibibytes| format!("ulimit -Ss {kibibytes}")),
        Just("set -- -a -b; getopts ab o".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_state_that_was_saved_and_loaded_shows_the_same(runs in prop::collection::vec(prop::collection::vec(change(), 1..6), 1..5)) {
        let mut original = session();
        let mut generation = 0;
        let mut kept: BTreeMap<u32, Vec<Section>> = BTreeMap::new();
        for script in &runs {
            original.shell.run(b"bash", script.join("\n").as_bytes());
            let sections = original.shell.save_state(generation);
            generation = original.shell.generation();
            let mut new: BTreeMap<u32, Vec<Section>> = BTreeMap::new();
            sections.into_iter().for_each(|section| new.entry(section.id).or_default().push(section));
            kept.extend(new);
        }
        let shown = original.observed();
        let mut copy = fresh(&original.sys);
        let sections: Vec<Section> = kept.into_values().flatten().collect();
        prop_assert!(copy.load_state(&sections).is_ok());
        let mut copy = Session { shell: copy, sys: original.sys };
        let again = copy.observed();
        let differing: Vec<_> = shown.iter().zip(&again).filter(|(one, two)| one != two).take(3).collect();
        prop_assert!(shown == again, "{runs:?}\n{differing:?}\n{} and {} lines", shown.len(), again.len());
    }
}
