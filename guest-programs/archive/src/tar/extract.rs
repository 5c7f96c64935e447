//! `tar -t` and `-x`: reading an archive, choosing members, and passing their content on.

use std::io::{self, Write};

use sandshell_sys::{Command, Disposition, Fd, Signal, pipe_files, set_disposition};

use super::archive;
use super::header::{Member, kind};
use super::names;
use super::place::Placing;
use super::reader::{Reader, Trouble};
use super::select;
use super::session::{Done, Fatal, Session};
use super::sparse;
use super::transform::Target;
use crate::basis::message::{reason, text};
use crate::basis::pattern;

/// Lists the members.
pub(super) fn list(session: &mut Session) -> Done {
    for_each(session, &mut |session, reader, member, _| {
        let shown = match session.settings.show_transformed {
            true => names::changed(session, &member.name, Target::Name),
            false => Some(member.name.clone()),
        };
        if let Some(shown) = shown {
            session.show(member, &shown, reader.start());
        }
        Ok(())
    })
}

/// Extracts the members.
pub(super) fn extract(session: &mut Session) -> Done {
    let mut placing = Placing::new();
    let done = for_each(session, &mut |session, reader, member, directory| {
        one(session, reader, member, directory, &mut placing)
    });
    placing.finish(session);
    done
}

fn one(session: &mut Session, reader: &mut Reader, member: &Member, directory: &[u8], placing: &mut Placing) -> Done {
    let changed = names::changed(session, &member.name, Target::Name);
    if names::leads_out(session, &member.name) {
        return Ok(());
    }
    let Some(name) = changed else { return Ok(()) };
    let mut member = member.clone();
    match member.kind {
        kind::LINK => match names::changed(session, &member.link, Target::HardLink) {
            Some(link) => member.link = link,
            None => return Ok(()),
        },
        kind::SYMLINK => member.link = session.settings.transform.apply(&member.link, Target::Symlink),
        _ => {}
    }
    let shown = if session.settings.show_transformed { name.clone() } else { member.name.clone() };
    session.show(&member, &shown, reader.start());
    if let Some(command) = session.settings.to_command.clone() {
        return if member.kind == kind::REGULAR {
            to_command(session, reader, &member, &name, &command)
        } else {
            Ok(())
        };
    }
    if session.settings.to_stdout {
        if member.kind == kind::REGULAR {
            let mut out = io::stdout().lock();
            copy(reader, &member, &mut out)
                .map_err(|error| Fatal(format!("stdout: Cannot write: {}", reason(&error))))?;
        }
        return Ok(());
    }
    member.name = name;
    placing.place(session, reader, &member, directory)
}

/// Copies a member's content, holes as zeros.
fn copy(reader: &mut Reader, member: &Member, output: &mut dyn Write) -> io::Result<()> {
    match &member.map {
        Some(map) => sparse::expand(reader, output, map, member.size),
        None => crate::basis::files::copy(reader, output).map(|_| ()),
    }
}

/// Pipes a member's content to a command of the shell, which finds what is known of it in its environment.
fn to_command(session: &mut Session, reader: &mut Reader, member: &Member, name: &[u8], command: &[u8]) -> Done {
    let variables = [
        ("TAR_FILETYPE", "f".to_owned()),
        ("TAR_MODE", format!("{:04o}", member.mode)),
        ("TAR_UNAME", text(&member.user)),
        ("TAR_GNAME", text(&member.group)),
        ("TAR_UID", member.uid.to_string()),
        ("TAR_GID", member.gid.to_string()),
        ("TAR_SIZE", member.size.to_string()),
        ("TAR_MTIME", member.modified.0.to_string()),
        ("TAR_ARCHIVE", session.settings.archives.first().map(|name| text(name)).unwrap_or_default()),
        ("TAR_BLOCKING_FACTOR", session.settings.blocking.to_string()),
        ("TAR_VERSION", env!("CARGO_PKG_VERSION").to_owned()),
        ("TAR_VOLUME", "1".to_owned()),
        ("TAR_FORMAT", "gnu".to_owned()),
    ];
    let (input, mut pipe) = pipe_files().map_err(|errno| Fatal(format!("Cannot open pipe: {errno}")))?;
    let mut child = Command::new(b"/bin/sh").arguments([&b"-c"[..], command]).descriptor(0, Fd::from(&input));
    child = child.variable(b"TAR_FILENAME", name).variable(b"TAR_REALNAME", &member.name);
    for (variable, value) in &variables {
        child = child.variable(variable.as_bytes(), value.as_bytes());
    }
    let child = child.spawn().map_err(|errno| Fatal(format!("Cannot exec /bin/sh: {errno}")))?;
    drop(input);
    // A command may end before it has read everything: that is its own affair.
    let restored = set_disposition(Signal::PIPE, Disposition::Ignore);
    let copied = copy(reader, member, &mut pipe);
    drop(pipe);
    if restored.is_ok() {
        let _ = set_disposition(Signal::PIPE, Disposition::Default);
    }
    let status = archive::child_status(child);
    if status != 0 && !session.settings.ignore_command_error {
        session.error(&format!("{}: Child returned status {status}", child.0));
    }
    match copied {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Err(Fatal("Unexpected EOF in archive".to_owned()))
        }
        _ => Ok(()),
    }
}

/// What is done with a member: the session, its content, the member, and the directory its operand goes to.
pub(super) type Visit<'a> = dyn FnMut(&mut Session, &mut Reader, &Member, &[u8]) -> Done + 'a;

/// Calls `visit` for each member of the archive that is meant.
pub(super) fn for_each(session: &mut Session, visit: &mut Visit<'_>) -> Done {
    let path = session.settings.archives.first().cloned().unwrap_or_default();
    let mut input = archive::open(session, &path)?;
    let operands = std::mem::take(&mut session.settings.names);
    let mut done = members(session, &mut input.reader, &operands, visit);
    if let Some(status) = input.failure() {
        done = Err(Fatal(format!("Child returned status {status}")));
    }
    let bytes = input.reader.start();
    let is_whole = done.is_ok();
    if is_whole {
        tell_missing(session, &operands);
    }
    session.settings.names = operands;
    match done {
        Ok(()) => {
            input.close(session);
            session.totals("read", bytes.next_multiple_of(10_240));
            Ok(())
        }
        Err(fatal) => Err(fatal),
    }
}

fn members(session: &mut Session, reader: &mut Reader, operands: &[select::Named], visit: &mut Visit<'_>) -> Done {
    loop {
        let member = match reader.next() {
            // What decompressed the archive has told why it ends here.
            Err(_) if reader.is_broken() => return Ok(()),
            Ok(Some(member)) => member,
            Ok(None) => {
                if session.settings.block_numbers {
                    let block = reader.start() / super::header::BLOCK as u64;
                    session.tell(format!("block {block}: ** Block of NULs **\n").as_bytes());
                }
                return Ok(());
            }
            Err(trouble) => {
                if !goes_on(session, trouble)? {
                    return Ok(());
                }
                continue;
            }
        };
        let mut directory = session.settings.directory.clone();
        if !operands.is_empty() {
            let Some(operand) = select::find(operands, &member.name) else { continue };
            let count = operand.found.get() + 1;
            operand.found.set(count);
            if session.settings.occurrence.is_some_and(|wanted| wanted != count) {
                continue;
            }
            directory.clone_from(&operand.directory);
        }
        if session.settings.excludes.excludes(&member.name) {
            continue;
        }
        visit(session, reader, &member, &directory)?;
    }
}

/// Tells of a trouble; answers whether there may be more members.
pub(super) fn goes_on(session: &mut Session, trouble: Trouble) -> Result<bool, Fatal> {
    match trouble {
        Trouble::NotTar => session.error("This does not look like a tar archive"),
        Trouble::Skipping => session.error("Skipping to next header"),
        Trouble::Malformed => return Err(Fatal("Malformed extended header".to_owned())),
        Trouble::Cut => return Err(Fatal("Unexpected EOF in archive".to_owned())),
        Trouble::LoneZero(block) => {
            session.warn(&format!("A lone zero block at {block}"));
            return Ok(false);
        }
        Trouble::Input(error) => {
            let archive = session.settings.archives.first().map(|name| text(name)).unwrap_or_default();
            return Err(Fatal(format!("{archive}: Cannot read: {}", reason(&error))));
        }
    }
    Ok(true)
}

/// Tells of operands that no member matched.
fn tell_missing(session: &mut Session, operands: &[select::Named]) {
    let wanted = session.settings.occurrence.unwrap_or(1);
    let missing: Vec<_> = operands.iter().filter(|operand| operand.found.get() < wanted).collect();
    if missing.iter().any(|operand| !operand.uses_wildcards() && pattern::has_wildcards(&operand.name)) {
        session.warn("Pattern matching characters used in file names");
        session.warn("Use --wildcards to enable pattern matching, or --no-wildcards to suppress this warning");
    }
    for operand in missing {
        let name = text(&operand.name);
        match session.settings.occurrence {
            Some(_) => session.error(&format!("{name}: Required occurrence not found in archive")),
            None => session.error(&format!("{name}: Not found in archive")),
        }
    }
}

/// Tells the archive's label, or whether it is one of the operands.
pub(super) fn test_label(session: &mut Session) -> Done {
    let path = session.settings.archives.first().cloned().unwrap_or_default();
    let mut input = archive::open(session, &path)?;
    let label = match input.reader.next() {
        Ok(Some(member)) if member.kind == kind::LABEL => Some(member.name),
        _ => None,
    };
    let wanted = std::mem::take(&mut session.settings.names);
    match label {
        Some(label) if wanted.is_empty() => session.tell(&[&label[..], b"\n"].concat()),
        label if !wanted.is_empty() && !wanted.iter().any(|name| Some(&name.name) == label.as_ref()) => {
            session.differs()
        }
        _ => {}
    }
    Ok(())
}
