//! `chown` and `chgrp`: set owner and group of files. They are data here: root may do everything anyway.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use sandshell_sys::{Accounts, Kind, Stat, change_owner, lstat, stat};

use crate::basis::bytes::{OsStrExt, join, names_in};
use crate::basis::errors::{Reason, complain};
use crate::basis::options::{Grammar, Outcome};
use crate::basis::output::Output;
use crate::basis::quoting::{locale, name};

const CHOWN: Grammar = Grammar {
    program: "chown",
    short: "HLPRcfhv",
    long: &[
        ("changes", "c"),
        ("dereference", "dereference"),
        ("from=", "from"),
        ("no-dereference", "h"),
        ("no-preserve-root", "no-preserve-root"),
        ("preserve-root", "preserve-root"),
        ("quiet", "f"),
        ("silent", "f"),
        ("recursive", "R"),
        ("reference=", "reference"),
        ("verbose", "v"),
    ],
    failure: 1,
    help: "Usage: chown [OPTION]... [OWNER][:[GROUP]] FILE...\n  or:  chown [OPTION]... --reference=RFILE FILE...\n\
Change the owner and/or group of each FILE.\n\n\
  -c -f -v   report changes, nothing, everything\n  -h         change links themselves\n  -R -H -L -P  recursively\n  \
--from=OWNER:GROUP  only files that have these now\n",
};

const CHGRP: Grammar = Grammar {
    program: "chgrp",
    help: "Usage: chgrp [OPTION]... GROUP FILE...\n  or:  chgrp [OPTION]... --reference=RFILE FILE...\n\
Change the group of each FILE to GROUP.\n\n\
  -c -f -v   report changes, nothing, everything\n  -h         change links themselves\n  -R -H -L -P  recursively\n",
    ..CHOWN
};

/// Runs `chown`.
pub(crate) fn chown(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(&CHOWN, argv).unwrap_or_else(|status| status)
}

/// Runs `chgrp`.
pub(crate) fn chgrp(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(&CHGRP, argv).unwrap_or_else(|status| status)
}

/// An owner and a group, each with the word it was given by.
#[derive(Clone, Default)]
struct Owners {
    user: Option<(u32, String)>,
    group: Option<(u32, String)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Walk {
    Never,
    Operands,
    Always,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct Job {
    grammar: &'static Grammar,
    wanted: Owners,
    from: Owners,
    follow: bool,
    recursive: bool,
    walk: Walk,
    quiet: bool,
    verbose: bool,
    only_changes: bool,
    failed: bool,
    accounts: Accounts,
    out: Output,
}

fn run(grammar: &'static Grammar, argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, mut operands) = grammar.parse(argv)?;
    let mut job = Job {
        grammar,
        wanted: Owners::default(),
        from: Owners::default(),
        follow: true,
        recursive: false,
        walk: Walk::Never,
        quiet: false,
        verbose: false,
        only_changes: false,
        failed: false,
        accounts: Accounts::load(),
        out: Output::new(grammar.program),
    };
    let mut reference = None;
    for option in &given {
        match option.id {
            "R" => job.recursive = true,
            "H" => job.walk = Walk::Operands,
            "L" => job.walk = Walk::Always,
            "P" => job.walk = Walk::Never,
            "c" => job.only_changes = true,
            "f" => job.quiet = true,
            "v" => job.verbose = true,
            "h" => job.follow = false,
            "dereference" => job.follow = true,
            "reference" => reference = Some(option.os()),
            "from" => job.from = job.parse(&option.text())?,
            _ => {}
        }
    }
    let spec = if reference.is_none() && !operands.is_empty() { Some(operands.remove(0)) } else { None };
    if operands.is_empty() {
        return Err(grammar.missing_operand(spec.as_ref()));
    }
    job.wanted = match (&reference, &spec) {
        (Some(reference), _) => job.of_reference(reference)?,
        (None, spec) => job.parse(&spec.clone().unwrap_or_default().to_string_lossy())?,
    };
    for operand in &operands {
        job.change(operand, true);
    }
    let failed = job.failed;
    Ok(i32::from(!job.out.finish() || failed))
}

impl Job {
    fn user_name(&self, uid: u32) -> String {
        self.accounts.user_name(uid).map_or_else(|| uid.to_string(), str::to_owned)
    }

    fn group_name(&self, gid: u32) -> String {
        self.accounts.group_name(gid).map_or_else(|| gid.to_string(), str::to_owned)
    }

    fn of_reference(&self, path: &OsStr) -> Result<Owners, i32> {
        let status = stat(path.as_bytes()).map_err(|error| {
            complain(self.grammar.program, &format!("failed to get attributes of {}: {}", name(path), error.words()));
            1
        })?;
        let user = (self.grammar.program == "chown").then(|| (status.uid, self.user_name(status.uid)));
        Ok(Owners { user, group: Some((status.gid, self.group_name(status.gid))) })
    }

    /// Parses `OWNER:GROUP`, or a group alone for `chgrp`.
    fn parse(&self, text: &str) -> Result<Owners, i32> {
        let fail = |what: &str| {
            complain(self.grammar.program, &format!("invalid {what}: {}", locale(text)));
            1
        };
        let group = |word: &str| {
            let id = self.accounts.group_id(word).or_else(|| word.strip_prefix('+').unwrap_or(word).parse().ok());
            id.map(|id| (id, word.to_owned())).ok_or_else(|| fail("group"))
        };
        if self.grammar.program == "chgrp" {
            let group = if text.is_empty() { None } else { Some(group(text)?) };
            return Ok(Owners { user: None, group });
        }
        let user_id =
            |word: &str| self.accounts.user_id(word).or_else(|| word.strip_prefix('+').unwrap_or(word).parse().ok());
        let (user, group_word) = match text.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => match text.split_once('.') {
                // An older separator; a user's name may have a dot, too.
                Some((user, group)) if user_id(text).is_none() && user_id(user).is_some() => {
                    let warning = format!("warning: '.' should be ':': {}", locale(text));
                    complain(self.grammar.program, &warning);
                    (user, Some(group))
                }
                _ => (text, None),
            },
        };
        let id = if user.is_empty() { None } else { Some(user_id(user).ok_or_else(|| fail("user"))?) };
        let owner = id.map(|id| (id, user.to_owned()));
        let group = match group_word {
            None => None,
            // A user's name and a colon mean the user's own group.
            Some("") if !user.is_empty() => {
                let own = self.login_group(user).ok_or_else(|| fail("spec"))?;
                Some((own, self.group_name(own)))
            }
            Some("") => None,
            Some(word) => Some(group(word)?),
        };
        Ok(Owners { user: owner, group })
    }

    fn login_group(&self, user: &str) -> Option<u32> {
        let text = std::fs::read_to_string("/etc/passwd").ok()?;
        let row = text.lines().find(|line| line.split(':').next() == Some(user))?;
        row.split(':').nth(3)?.parse().ok()
    }

    fn fail(&mut self, message: &str) {
        self.failed = true;
        if !self.quiet {
            self.out.flush();
            complain(self.grammar.program, message);
        }
    }

    fn change(&mut self, path: &OsStr, operand: bool) {
        let own = match lstat(path.as_bytes()) {
            Ok(own) => own,
            Err(error) => {
                self.fail(&format!("cannot access {}: {}", name(path), error.words()));
                return;
            }
        };
        let is_link = own.mode.kind() == Kind::Symlink;
        let behind = if is_link { stat(path.as_bytes()) } else { Ok(own) };
        // A walk that does not follow links changes the links themselves.
        let enters_links = self.walk == Walk::Always || (self.walk == Walk::Operands && operand);
        let met_on_the_walk = self.recursive && is_link && !enters_links && !operand;
        let follow = self.follow && !met_on_the_walk;
        let status = match (follow, behind) {
            (false, _) => own,
            (true, Ok(status)) => status,
            (true, Err(error)) => {
                self.fail(&format!("cannot dereference {}: {}", name(path), error.words()));
                return;
            }
        };
        if self.recursive && status.mode.kind() == Kind::Directory && (!is_link || enters_links) {
            self.change_below(path);
        }
        self.change_one(path, &status, follow);
    }

    fn change_below(&mut self, path: &OsStr) {
        match names_in(Path::new(path)) {
            Ok(names) => {
                for name in names {
                    self.change(join(path, &name).as_os_str(), false);
                }
            }
            Err(error) => self.fail(&format!("cannot read directory {}: {}", name(path), error.words())),
        }
    }

    fn change_one(&mut self, path: &OsStr, status: &Stat, follow: bool) {
        let fits = |wanted: &Option<(u32, String)>, has: u32| wanted.as_ref().is_none_or(|(id, _)| *id == has);
        if !fits(&self.from.user, status.uid) || !fits(&self.from.group, status.gid) {
            if self.verbose {
                self.report_retained(path, status);
            }
            return;
        }
        let (user, group) =
            (self.wanted.user.as_ref().map(|user| user.0), self.wanted.group.as_ref().map(|group| group.0));
        if let Err(error) = change_owner(path.as_bytes(), user, group, follow) {
            let what = if self.grammar.program == "chgrp" { "group" } else { "ownership" };
            self.fail(&format!("changing {what} of {}: {}", name(path), error.words()));
            return;
        }
        let changed = user.is_some_and(|user| user != status.uid) || group.is_some_and(|group| group != status.gid);
        if changed && (self.verbose || self.only_changes) {
            self.report_changed(path, status);
        } else if self.verbose {
            self.report_retained(path, status);
        }
    }

    fn report_changed(&mut self, path: &OsStr, status: &Stat) {
        let (user, group) = (self.user_name(status.uid), self.group_name(status.gid));
        let path = name(path);
        let text = match (&self.wanted.user, &self.wanted.group) {
            (Some((_, to)), Some((_, to_group))) => {
                format!("changed ownership of {path} from {user}:{group} to {to}:{to_group}\n")
            }
            (Some((_, to)), None) => format!("changed ownership of {path} from {user} to {to}\n"),
            (None, Some((_, to))) => format!("changed group of {path} from {group} to {to}\n"),
            (None, None) => return,
        };
        self.out.text(&text);
    }

    fn report_retained(&mut self, path: &OsStr, status: &Stat) {
        let (user, group) = (self.user_name(status.uid), self.group_name(status.gid));
        let path = name(path);
        let text = match (&self.wanted.user, &self.wanted.group) {
            (Some(_), Some(_)) => format!("ownership of {path} retained as {user}:{group}\n"),
            (Some(_), None) => format!("ownership of {path} retained as {user}\n"),
            (None, Some(_)) => format!("group of {path} retained as {group}\n"),
            (None, None) => format!("ownership of {path} retained\n"),
        };
        self.out.text(&text);
    }
}
