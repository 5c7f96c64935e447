//! `help`.

use crate::flow::Flow;
use crate::pattern::{Flags, Matcher};
use crate::shell::Shell;

use super::{Builtin, Call, builtin};

builtin! {
    /// Display information about builtin commands.
    ///
    /// Displays brief summaries of builtin commands. If PATTERN is specified, gives detailed help on all commands
    /// matching PATTERN, otherwise the list of help topics and of the programs found by PATH is printed.
    ///
    /// Options:
    ///   -d	output short description for each topic
    ///   -m	display usage in pseudo-manpage format
    ///   -s	output only a short usage synopsis for each topic matching PATTERN
    HELP = "help", "help [-dms] [pattern ...]", help
}

/// What `help` knows beside the builtins: reserved words with their synopsis and what they are for.
const WORDS: &[(&str, &str, &str)] = &[
    ("%", "job_spec [&]", "Resume job in foreground."),
    ("(( ... ))", "(( expression ))", "Evaluate arithmetic expression."),
    ("[[ ... ]]", "[[ expression ]]", "Execute conditional command."),
    (
        "case",
        "case WORD in [PATTERN [| PATTERN]...) COMMANDS ;;]... esac",
        "Execute commands based on pattern matching.",
    ),
    ("coproc", "coproc [NAME] command [redirections]", "Create a coprocess named NAME."),
    ("for", "for NAME [in WORDS ... ] ; do COMMANDS; done", "Execute commands for each member in a list."),
    ("for ((", "for (( exp1; exp2; exp3 )); do COMMANDS; done", "Arithmetic for loop."),
    ("function", "function name { COMMANDS ; } or name () { COMMANDS ; }", "Define shell function."),
    (
        "if",
        "if COMMANDS; then COMMANDS; [ elif COMMANDS; then COMMANDS; ]... [ else COMMANDS; ] fi",
        "Execute commands based on conditional.",
    ),
    ("select", "select NAME [in WORDS ... ;] do COMMANDS; done", "Select words from a list and execute commands."),
    ("time", "time [-p] pipeline", "Report time consumed by pipeline's execution."),
    ("until", "until COMMANDS; do COMMANDS-2; done", "Execute commands as long as a test does not succeed."),
    ("variables", "variables - Names and meanings of some shell variables", "Common shell variable names and usage."),
    ("while", "while COMMANDS; do COMMANDS-2; done", "Execute commands as long as a test succeeds."),
    ("{ ... }", "{ COMMANDS ; }", "Group commands as a unit."),
];

/// One thing `help` tells about.
struct Topic {
    name: &'static str,
    usage: &'static str,
    text: &'static str,
}

fn all_topics() -> Vec<Topic> {
    let builtins = super::all().map(|found| Topic { name: found.name, usage: found.usage, text: found.help });
    let words = WORDS.iter().map(|(name, usage, text)| Topic { name, usage, text });
    let mut topics: Vec<Topic> = builtins.chain(words).collect();
    topics.sort_by_key(|topic| topic.name);
    topics
}

/// The names of all topics, ordered.
pub(super) fn topics() -> impl Iterator<Item = &'static str> {
    all_topics().into_iter().map(|topic| topic.name)
}

/// Synopsis and text of a builtin.
pub(super) fn full(builtin: &Builtin) -> Vec<u8> {
    Topic { name: builtin.name, usage: builtin.usage, text: builtin.help }.full().into_bytes()
}

impl Topic {
    fn brief(&self) -> &'static str {
        self.text.lines().next().unwrap_or("").trim()
    }

    fn push_text(&self, out: &mut String) {
        for line in self.text.lines() {
            out.push_str("    ");
            out.push_str(line.strip_prefix(' ').unwrap_or(line));
            out.push('\n');
        }
    }

    fn full(&self) -> String {
        let mut out = format!("{}: {}\n", self.name, self.usage);
        self.push_text(&mut out);
        out
    }

    /// `-m`: in sections, as a manual page.
    fn page(&self) -> String {
        let mut out =
            format!("NAME\n    {} - {}\n\nSYNOPSIS\n    {}\n\nDESCRIPTION\n", self.name, self.brief(), self.usage);
        self.push_text(&mut out);
        out.push_str("\nSEE ALSO\n    bash(1)\n\n");
        out
    }
}

fn help(shell: &mut Shell, call: &mut Call<'_>) -> Flow<u8> {
    let parsed = match shell.parse_builtin_options(call, b"dms") {
        Ok(parsed) => parsed,
        Err(status) => return Ok(status),
    };
    let topics = all_topics();
    if parsed.rest.is_empty() {
        call.line(b"GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)");
        call.line(b"These shell commands are defined internally.  Type `help' to see this list.");
        call.line(b"Type `help name' to find out more about the function `name'.");
        call.line(b"");
        topics.iter().for_each(|topic| call.line(format!(" {}", topic.usage).as_bytes()));
        push_programs(shell, call);
        return Ok(0);
    }
    let mut status = 0;
    for pattern in parsed.rest {
        if pattern.iter().any(|byte| b"*?[".contains(byte)) && !pattern.starts_with(b"[") {
            call.line(&[b"Shell commands matching keyword `", pattern.as_slice(), b"'\n"].concat());
        }
        let found = matching(&topics, pattern);
        for topic in &found {
            if parsed.has(b'd') {
                call.line(format!("{} - {}", topic.name, topic.brief()).as_bytes());
            } else if parsed.has(b'm') {
                call.print(topic.page().as_bytes());
            } else if parsed.has(b's') {
                call.line(format!("{}: {}", topic.name, topic.usage).as_bytes());
            } else {
                call.print(topic.full().as_bytes());
            }
        }
        if found.is_empty() {
            not_found(shell, call, pattern);
            status = 1;
        }
    }
    Ok(status)
}

/// Beyond what bash says: the programs that are found by `PATH`, in lines of a terminal's width.
fn push_programs(shell: &Shell, call: &mut Call<'_>) {
    const WIDTH: usize = 78;
    let mut names = shell.programs(b"");
    names.sort_unstable();
    names.dedup();
    call.line(b"\nPrograms found by PATH.  Type `man name' to find out more about the program `name'.\n");
    let mut line = Vec::new();
    for name in names {
        if !line.is_empty() && line.len() + name.len() >= WIDTH {
            call.line(&std::mem::take(&mut line));
        }
        line.push(b' ');
        line.extend_from_slice(&name);
    }
    call.line(&line);
}

/// The topic of that name, else those whose names match the pattern, else those that begin with it.
fn matching<'a>(topics: &'a [Topic], pattern: &[u8]) -> Vec<&'a Topic> {
    let chosen = |test: &dyn Fn(&[u8]) -> bool| -> Vec<&'a Topic> {
        topics.iter().filter(|topic| test(topic.name.as_bytes())).collect()
    };
    let exact = chosen(&|name| name == pattern);
    if !exact.is_empty() {
        return exact;
    }
    let matcher = Matcher::new(pattern, Flags::default());
    let matched = chosen(&|name| matcher.matches(name));
    if matched.is_empty() { chosen(&|name| name.starts_with(pattern)) } else { matched }
}

fn not_found(shell: &mut Shell, call: &mut Call<'_>, pattern: &[u8]) {
    let parts: [&[u8]; 7] = [
        b"no help topics match `",
        pattern,
        b"'.  Try `help help' or `man -k ",
        pattern,
        b"' or `info ",
        pattern,
        b"'.",
    ];
    shell.builtin_error(call, &parts.concat());
}
