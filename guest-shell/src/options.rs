//! The options of `set -o` and of `shopt`: two tables and two bit sets.
//!
//! What an option does lives where it matters; this file knows names, letters and defaults alone.

use serde::{Deserialize, Serialize};

macro_rules! options {
    ($(#[$doc:meta])* $name:ident, $of_set:literal: $($(#[$vdoc:meta])* $variant:ident = $text:literal, $default:literal;)*) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// All options, ordered by name as bash lists them.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The name users write.
            pub fn name(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// Whether a fresh shell that runs a script has it on.
            pub fn default_on(self) -> bool {
                match self { $($name::$variant => $default,)* }
            }

            /// The option as a listing shows it: as the command that makes it so, or in a table.
            pub(crate) fn line(self, on: bool, reusable: bool) -> String {
                match reusable {
                    true if $of_set => format!("set {}o {}", if on { '-' } else { '+' }, self.name()),
                    true => format!("shopt -{} {}", if on { 's' } else { 'u' }, self.name()),
                    false => format!("{:<15}\t{}", self.name(), if on { "on" } else { "off" }),
                }
            }

            /// Finds an option by its name.
            pub fn from_name(name: &[u8]) -> Option<$name> {
                Self::ALL.iter().copied().find(|option| option.name().as_bytes() == name)
            }
        }
    };
}

options! {
    /// An option of `set -o`.
    SetOption, true:
    /// `-a`: assigned variables are exported.
    AllExport = "allexport", false;
    /// `-B`: brace expansion.
    BraceExpand = "braceexpand", true;
    /// `emacs` line editing (accepted).
    Emacs = "emacs", false;
    /// `-e`: leave when a command fails.
    ErrExit = "errexit", false;
    /// `-E`: functions and subshells inherit the ERR trap.
    ErrTrace = "errtrace", false;
    /// `-T`: functions and subshells inherit the DEBUG and RETURN traps.
    FuncTrace = "functrace", false;
    /// `-h`: remember where commands are.
    HashAll = "hashall", true;
    /// `-H`: history expansion.
    HistExpand = "histexpand", false;
    /// Record the history.
    History = "history", false;
    /// Ignore end of file (accepted).
    IgnoreEof = "ignoreeof", false;
    /// Comments in interactive shells.
    InteractiveComments = "interactive-comments", true;
    /// `-k`: all assignments on a command line go to its environment.
    Keyword = "keyword", false;
    /// `-m`: job control.
    Monitor = "monitor", false;
    /// `-C`: `>` does not overwrite.
    NoClobber = "noclobber", false;
    /// `-n`: read, do not execute.
    NoExec = "noexec", false;
    /// `-f`: no file name expansion.
    NoGlob = "noglob", false;
    /// Ignored.
    NoLog = "nolog", false;
    /// `-b`: tell about jobs at once.
    Notify = "notify", false;
    /// `-u`: unset variables are errors.
    NoUnset = "nounset", false;
    /// `-t`: leave after one command.
    OneCmd = "onecmd", false;
    /// `-P`: `cd` resolves symbolic links.
    Physical = "physical", false;
    /// A pipeline's status is that of its last failing stage.
    PipeFail = "pipefail", false;
    /// POSIX behaviour.
    Posix = "posix", false;
    /// `-p`: privileged.
    Privileged = "privileged", false;
    /// `-v`: print lines as they are read.
    Verbose = "verbose", false;
    /// `vi` line editing (accepted).
    Vi = "vi", false;
    /// `-x`: print commands as they are executed.
    XTrace = "xtrace", false;
}

options! {
    /// An option of `shopt`.
    ShellOption, false:
    /// A directory as a command is a `cd`.
    AutoCd = "autocd", false;
    /// Array subscripts of assoc arrays are expanded once.
    AssocExpandOnce = "assoc_expand_once", false;
    /// `cd NAME` tries the value of `$NAME`.
    CdableVars = "cdable_vars", false;
    /// `cd` corrects spelling.
    CdSpell = "cdspell", false;
    /// Check that hashed commands exist.
    CheckHash = "checkhash", false;
    /// Check for running jobs at exit.
    CheckJobs = "checkjobs", false;
    /// Check the window size after commands.
    CheckWinSize = "checkwinsize", true;
    /// Save multi-line commands as one entry.
    CmdHist = "cmdhist", true;
    /// bash 3.1's behaviour.
    Compat31 = "compat31", false;
    /// bash 3.2's behaviour.
    Compat32 = "compat32", false;
    /// bash 4.0's behaviour.
    Compat40 = "compat40", false;
    /// bash 4.1's behaviour.
    Compat41 = "compat41", false;
    /// bash 4.2's behaviour.
    Compat42 = "compat42", false;
    /// bash 4.3's behaviour.
    Compat43 = "compat43", false;
    /// bash 4.4's behaviour.
    Compat44 = "compat44", false;
    /// Quote file names in completion.
    CompleteFullQuote = "complete_fullquote", true;
    /// Expand directory names in completion.
    DirExpand = "direxpand", false;
    /// Correct directory names in completion.
    DirSpell = "dirspell", false;
    /// Globs match names that begin with a dot.
    DotGlob = "dotglob", false;
    /// A failing `exec` does not end the shell.
    ExecFail = "execfail", false;
    /// Aliases are expanded.
    ExpandAliases = "expand_aliases", false;
    /// Debugger mode.
    ExtDebug = "extdebug", false;
    /// Extended patterns.
    ExtGlob = "extglob", false;
    /// `$'...'` and `$"..."` inside `"${...}"`.
    ExtQuote = "extquote", true;
    /// A glob without match is an error.
    FailGlob = "failglob", false;
    /// FIGNORE counts even if nothing is left.
    ForceFignore = "force_fignore", true;
    /// Ranges use the C locale.
    GlobAsciiRanges = "globasciiranges", true;
    /// Globs never match `.` and `..`.
    GlobSkipDots = "globskipdots", true;
    /// `**` matches directories deep.
    GlobStar = "globstar", false;
    /// GNU error format.
    GnuErrFmt = "gnu_errfmt", false;
    /// Append to the history file.
    HistAppend = "histappend", false;
    /// Edit a failed history substitution again.
    HistReEdit = "histreedit", false;
    /// Verify history substitutions.
    HistVerify = "histverify", false;
    /// Complete host names.
    HostComplete = "hostcomplete", true;
    /// Send HUP to jobs at exit.
    HupOnExit = "huponexit", false;
    /// Substitutions inherit `set -e`.
    InheritErrExit = "inherit_errexit", false;
    /// Comments in interactive shells.
    InteractiveComments = "interactive_comments", true;
    /// The last stage of a pipeline runs in the shell itself.
    LastPipe = "lastpipe", false;
    /// Save multi-line commands with newlines.
    LitHist = "lithist", false;
    /// Local variables inherit value and attributes.
    LocalVarInherit = "localvar_inherit", false;
    /// `unset` of a local variable in an outer scope keeps it unset.
    LocalVarUnset = "localvar_unset", false;
    /// A login shell (read only).
    LoginShell = "login_shell", false;
    /// Warn about mail.
    MailWarn = "mailwarn", false;
    /// Do not complete an empty line.
    NoEmptyCmdCompletion = "no_empty_cmd_completion", false;
    /// Globs ignore case.
    NoCaseGlob = "nocaseglob", false;
    /// `case` and `[[` ignore case.
    NoCaseMatch = "nocasematch", false;
    /// Do not expand the message of `$"..."`.
    NoExpandTranslation = "noexpand_translation", false;
    /// A glob without match is nothing.
    NullGlob = "nullglob", false;
    /// `&` in a pattern substitution stands for the match.
    PatsubReplacement = "patsub_replacement", true;
    /// Programmable completion.
    ProgComp = "progcomp", true;
    /// Complete aliases.
    ProgCompAlias = "progcomp_alias", false;
    /// Expand prompts.
    PromptVars = "promptvars", true;
    /// Restricted (`set -r`; read only).
    RestrictedShell = "restricted_shell", false;
    /// `shift` beyond the end tells.
    ShiftVerbose = "shift_verbose", false;
    /// `source` searches PATH.
    SourcePath = "sourcepath", true;
    /// `{fd}` redirections are undone with the command.
    VarRedirClose = "varredir_close", false;
    /// `echo` understands escapes.
    XpgEcho = "xpg_echo", false;
}

impl SetOption {
    /// The option a letter of `set` stands for.
    pub fn from_letter(letter: u8) -> Option<SetOption> {
        LETTERS.iter().find(|(known, _)| *known == letter).map(|(_, option)| *option)
    }
}

/// The letters of `set`, in the order `$-` lists them.
pub const LETTERS: &[(u8, SetOption)] = &[
    (b'a', SetOption::AllExport),
    (b'b', SetOption::Notify),
    (b'e', SetOption::ErrExit),
    (b'f', SetOption::NoGlob),
    (b'h', SetOption::HashAll),
    (b'k', SetOption::Keyword),
    (b'm', SetOption::Monitor),
    (b'n', SetOption::NoExec),
    (b'p', SetOption::Privileged),
    (b't', SetOption::OneCmd),
    (b'u', SetOption::NoUnset),
    (b'v', SetOption::Verbose),
    (b'x', SetOption::XTrace),
    (b'B', SetOption::BraceExpand),
    (b'C', SetOption::NoClobber),
    (b'E', SetOption::ErrTrace),
    (b'H', SetOption::HistExpand),
    (b'P', SetOption::Physical),
    (b'T', SetOption::FuncTrace),
];

/// The state of all options: two bit sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    set: u64,
    shopt: u64,
}

impl Default for Options {
    fn default() -> Options {
        let mut options = Options { set: 0, shopt: 0 };
        for option in SetOption::ALL {
            options.set(*option, option.default_on());
        }
        for option in ShellOption::ALL {
            options.set_shopt(*option, option.default_on());
        }
        options
    }
}

impl Options {
    /// Whether an option of `set -o` is on.
    pub fn is(&self, option: SetOption) -> bool {
        self.set & (1 << option as u8) != 0
    }

    /// Turns an option of `set -o` on or off.
    pub fn set(&mut self, option: SetOption, on: bool) {
        let bit = 1 << option as u8;
        self.set = if on { self.set | bit } else { self.set & !bit };
    }

    /// Whether an option of `shopt` is on.
    pub fn shopt(&self, option: ShellOption) -> bool {
        self.shopt & (1 << option as u8) != 0
    }

    /// Turns an option of `shopt` on or off.
    pub fn set_shopt(&mut self, option: ShellOption, on: bool) {
        let bit = 1 << option as u8;
        self.shopt = if on { self.shopt | bit } else { self.shopt & !bit };
    }

    /// The letters of `$-` without those that tell how the shell was started.
    pub fn letters(&self) -> Vec<u8> {
        LETTERS.iter().filter(|(_, option)| self.is(*option)).map(|(letter, _)| *letter).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tables_fit_their_bit_sets_and_are_sorted() {
        assert!(SetOption::ALL.len() <= 64 && ShellOption::ALL.len() <= 64);
        assert!(SetOption::ALL.windows(2).all(|pair| pair[0].name() < pair[1].name()));
    }

    #[test]
    fn a_fresh_shell_shows_bash_s_letters() {
        assert_eq!(Options::default().letters(), b"hB");
    }
}
