//! `id`, `whoami`, `groups` and `logname`: who the user is. In a session that is always root.
//!
//! Names and memberships are those of `/etc/passwd` and `/etc/group`, which belong to the session.

use std::ffi::OsString;

use crate::basis::errors::complain;
use crate::basis::options::{Grammar, Outcome};
use crate::basis::output::Output;
use crate::basis::quoting::locale;

/// The only user processes run as.
const ROOT: u32 = 0;

const ID: Grammar = Grammar {
    program: "id",
    short: "aGgnruzZ",
    long: &[
        ("context", "Z"),
        ("group", "g"),
        ("groups", "G"),
        ("name", "n"),
        ("real", "r"),
        ("user", "u"),
        ("zero", "z"),
    ],
    failure: 1,
    help: "Usage: id [OPTION]... [USER]...\nPrint user and group information for each USER, or the current user.\n\n\
  -g, -G, -u   only the group, all groups, the user\n  -n           names instead of numbers\n  \
-r           real instead of effective ids\n  -z           end entries with NUL\n",
};

const WHOAMI: Grammar =
    Grammar { program: "whoami", short: "", long: &[], failure: 1, help: "Usage: whoami\nPrint the user name.\n" };
const LOGNAME: Grammar =
    Grammar { program: "logname", help: "Usage: logname\nPrint the user's login name.\n", ..WHOAMI };
const GROUPS: Grammar = Grammar {
    program: "groups",
    help: "Usage: groups [USERNAME]...\nPrint group memberships for each USERNAME, or the current process.\n",
    ..WHOAMI
};

/// The two files, as rows of fields.
struct Database {
    users: Vec<Vec<String>>,
    groups: Vec<Vec<String>>,
}

/// A user with its groups, the own one first.
struct User {
    uid: u32,
    name: Option<String>,
    groups: Vec<u32>,
}

impl Database {
    fn load() -> Self {
        let read = |path: &str| {
            let text = std::fs::read(path).unwrap_or_default();
            let text = String::from_utf8_lossy(&text).into_owned();
            let rows = text.lines().map(|line| line.split(':').map(str::to_owned).collect::<Vec<_>>());
            rows.filter(|row| row.len() > 3).collect()
        };
        Self { users: read("/etc/passwd"), groups: read("/etc/group") }
    }

    fn group_name(&self, gid: u32) -> Option<&str> {
        let row = self.groups.iter().find(|row| row[2].parse() == Ok(gid))?;
        Some(&row[0])
    }

    /// The user this process runs as.
    fn current(&self) -> User {
        let row = self.users.iter().find(|row| row[2].parse() == Ok(ROOT));
        self.user(ROOT, row)
    }

    /// A user by name, or by number.
    fn find(&self, word: &str) -> Option<User> {
        let row = self.users.iter().find(|row| row[0] == word).or_else(|| {
            let id: u32 = word.strip_prefix('+').unwrap_or(word).parse().ok()?;
            self.users.iter().find(|row| row[2].parse() == Ok(id))
        })?;
        Some(self.user(row[2].parse().ok()?, Some(row)))
    }

    fn user(&self, uid: u32, row: Option<&Vec<String>>) -> User {
        let own = row.and_then(|row| row[3].parse().ok()).unwrap_or(ROOT);
        let name = row.map(|row| row[0].clone());
        let mut groups = vec![own];
        for group in &self.groups {
            let member = group[3].split(',').any(|member| Some(member) == name.as_deref());
            if let Ok(gid) = group[2].parse()
                && member
                && !groups.contains(&gid)
            {
                groups.push(gid);
            }
        }
        User { uid, name, groups }
    }

    fn group_word(&self, gid: u32, named: bool) -> String {
        self.group_name(gid).filter(|_| named).map_or_else(|| gid.to_string(), str::to_owned)
    }
}

/// Runs `id`.
pub(crate) fn id(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run_id(argv).unwrap_or_else(|status| status)
}

fn run_id(argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, operands) = ID.parse(argv)?;
    let on = |letter: &str| given.iter().any(|option| option.id == letter);
    let refuse = |message: &str| {
        complain(ID.program, message);
        Err(1)
    };
    if on("Z") {
        return refuse("--context (-Z) works only on an SELinux-enabled kernel");
    }
    let choices = ["u", "g", "G"].iter().filter(|letter| on(letter)).count();
    if choices > 1 {
        return refuse("cannot print \"only\" of more than one choice");
    }
    if choices == 0 && (on("r") || on("n")) {
        return refuse("cannot print only names or real IDs in default format");
    }
    if choices == 0 && on("z") {
        return refuse("option --zero not permitted in default format");
    }
    let database = Database::load();
    let mut out = Output::new(ID.program);
    let mut failed = false;
    let mut users = Vec::new();
    for operand in &operands {
        match database.find(&operand.to_string_lossy()) {
            Some(user) => users.push(user),
            None => {
                complain(ID.program, &format!("{}: no such user", locale(operand)));
                failed = true;
            }
        }
    }
    if operands.is_empty() {
        users.push(database.current());
    }
    let end = if on("z") { "\0" } else { "\n" };
    for user in &users {
        let groups = || user.groups.iter().map(|gid| database.group_word(*gid, on("n")));
        let line = if on("u") {
            user.name.clone().filter(|_| on("n")).unwrap_or_else(|| user.uid.to_string())
        } else if on("g") {
            groups().next().unwrap_or_default()
        } else if on("G") {
            groups().collect::<Vec<_>>().join(if on("z") { "\0" } else { " " })
        } else {
            everything(&database, user)
        };
        out.text(&line);
        out.text(end);
        if on("G") && on("z") && users.len() > 1 {
            out.text("\0");
        }
    }
    Ok(i32::from(!out.finish() || failed))
}

fn everything(database: &Database, user: &User) -> String {
    let with_name = |id: u32, name: Option<&str>| name.map_or(id.to_string(), |name| format!("{id}({name})"));
    let groups: Vec<String> = user.groups.iter().map(|gid| with_name(*gid, database.group_name(*gid))).collect();
    let own = groups.first().cloned().unwrap_or_default();
    format!("uid={} gid={own} groups={}", with_name(user.uid, user.name.as_deref()), groups.join(","))
}

/// Runs `whoami`.
pub(crate) fn whoami(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    let operands = match WHOAMI.parse(argv) {
        Ok((_, operands)) => operands,
        Err(status) => return status,
    };
    if let Some(operand) = operands.first() {
        return WHOAMI.misuse(&format!("extra operand {}", locale(operand)));
    }
    match Database::load().current().name {
        Some(name) => {
            let mut out = Output::new(WHOAMI.program);
            out.text(&format!("{name}\n"));
            i32::from(!out.finish())
        }
        None => {
            complain(WHOAMI.program, &format!("cannot find name for user ID {ROOT}"));
            1
        }
    }
}

/// Runs `logname`. Nobody has logged in to a session, so there is no login name.
pub(crate) fn logname(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    match LOGNAME.parse(argv) {
        Ok((_, operands)) => match operands.first() {
            Some(operand) => LOGNAME.misuse(&format!("extra operand {}", locale(operand))),
            None => {
                complain(LOGNAME.program, "no login name");
                1
            }
        },
        Err(status) => status,
    }
}

/// Runs `groups`.
pub(crate) fn groups(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    let operands = match GROUPS.parse(argv) {
        Ok((_, operands)) => operands,
        Err(status) => return status,
    };
    let database = Database::load();
    let mut out = Output::new(GROUPS.program);
    let mut failed = false;
    let names =
        |user: &User| user.groups.iter().map(|gid| database.group_word(*gid, true)).collect::<Vec<_>>().join(" ");
    if operands.is_empty() {
        out.text(&format!("{}\n", names(&database.current())));
    }
    for operand in &operands {
        match database.find(&operand.to_string_lossy()) {
            Some(user) => out.text(&format!("{} : {}\n", operand.to_string_lossy(), names(&user))),
            None => {
                out.flush();
                complain(GROUPS.program, &format!("{}: no such user", locale(operand)));
                failed = true;
            }
        }
    }
    i32::from(!out.finish() || failed)
}
