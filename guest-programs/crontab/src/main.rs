//! The program `crontab`: installs, shows and removes the session's table of timed jobs.
//!
//! The host reads what is installed and runs it; both judge tables by the same crate. There is one table, root's, in
//! `/.crontab`.

mod message;
mod options;
mod session_table;

use std::process::exit;

use crontab::Crontab;
use message::{complain, fail, misuse, print, say};
use options::{Action, Usage};

const HELP: &str = "\
Usage: crontab [-u root] [FILE]
  or:  crontab [-u root] [-i] {-e | -l | -r}
  or:  crontab -n [FILE]
Install FILE, or standard input for - and without one, as this session's table of timed jobs; or show or remove it.

  -e            edit the table: there is no editor here, so this only says how to do it otherwise
  -i            ask before removing
  -l            show the table
  -n            check the table and install nothing
  -r            remove the table
  -u USER       whose table: root's
      --help, --version

A line of a table is five fields and a command, `NAME=value` for the commands below it, or a comment that begins with #.
The fields are minute, hour, day of month, month and day of week (0 or 7 is Sunday): *, numbers, names, ranges A-B and
lists with commas, all with steps /N. When both days are restricted, either is enough. In place of the five fields:
@hourly, @daily or @midnight, @weekly, @monthly, @yearly or @annually, and @reboot (the session begins or comes back).
TZ=ZONE or CRON_TZ=ZONE sets the time zone of the entries below; without one it is UTC. The first % of a command begins
its standard input, further ones are newlines in it; \\% is a percent sign. Output is appended to /.cron_log.
";

fn main() {
    let argv = sandshell_sys::arguments();
    let action = match options::read(argv.get(1..).unwrap_or_default()) {
        Ok(action) => action,
        Err(Usage::Wrong(message)) => exit(misuse(&message)),
        Err(Usage::NoSuchUser(user)) => exit(fail(&format!("user '{user}' has no table here: there is root's only"))),
    };
    if let Err(error) = sandshell_sys::enter_working_directory() {
        exit(fail(&format!("cannot enter the working directory: {}", sandshell_sys::reason(&error))));
    }
    exit(match action {
        Action::Help => print(HELP.as_bytes()),
        Action::Version => print(format!("crontab (sandshell) {}\n", env!("CARGO_PKG_VERSION")).as_bytes()),
        Action::Edit => fail("there is no editor here: write the table to a file and install it with `crontab FILE`"),
        Action::List => list(),
        Action::Remove { ask } => remove(ask),
        Action::Check(file) => check(&file)
            .map_or_else(|status| status, |_| print(b"The syntax of the crontab file was successfully checked.\n")),
        Action::Install(file) => check(&file).map_or_else(|status| status, |table| install(&table)),
    })
}

/// Shows the table. Without one it says so as the older server does: a comment on standard output and no failure, so
/// that the output of `crontab -l` always is a table.
fn list() -> i32 {
    match session_table::read() {
        Ok(Some(table)) => print(&table),
        Ok(None) => print(b"# no crontab for user\n"),
        Err(error) => fail_with(crontab::PATH, &error),
    }
}

fn remove(ask: bool) -> i32 {
    if ask && !session_table::is_confirmed() {
        return 0;
    }
    match session_table::remove() {
        Ok(true) => 0,
        Ok(false) => fail("no crontab for root"),
        Err(error) => fail_with(crontab::PATH, &error),
    }
}

/// Reads a table and tells everything that is wrong with it.
///
/// # Errors
///
/// The exit status when something is.
fn check(file: &[u8]) -> Result<Vec<u8>, i32> {
    let name = String::from_utf8_lossy(file);
    let text = session_table::read_input(file).map_err(|error| fail_with(&name, &error))?;
    let table = Crontab::parse(&text, &sandshell_sys::find_zone);
    for bad in table.bad_lines() {
        say(&format!("\"{name}\":{bad}"));
    }
    match table.n_bad_lines() {
        0 => return Ok(text),
        all if all > table.bad_lines().len() => say(&format!("\"{name}\": {all} bad lines in all")),
        _ => {}
    }
    say("errors in crontab file, can't install.");
    Err(1)
}

fn install(table: &[u8]) -> i32 {
    match session_table::replace(table) {
        Ok(()) => 0,
        Err(error) => fail_with(crontab::PATH, &error),
    }
}

fn fail_with(name: &str, error: &std::io::Error) -> i32 {
    complain(&format!("{name}: {}", sandshell_sys::reason(error)));
    1
}
