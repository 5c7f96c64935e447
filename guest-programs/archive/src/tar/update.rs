//! Changing archives in place: `-r`, `-u`, `-A` and `--delete`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use super::archive;
use super::create::{Adding, cannot_write};
use super::extract::goes_on;
use super::reader::Reader;
use super::select;
use super::session::{Done, Fatal, Session};
use super::writer::Writer;
use crate::basis::files::{self, BUFFER_BYTES};
use crate::basis::message::{reason, text};

/// Where an archive's blocks of zeros begin, and the times of its members by their names.
struct Scan {
    end: u64,
    times: BTreeMap<Vec<u8>, i64>,
}

fn scan(session: &mut Session, path: &[u8]) -> Result<Scan, Fatal> {
    let mut scan = Scan { end: 0, times: BTreeMap::new() };
    let input = files::open(path).map_err(|error| Fatal(format!("{}: Cannot open: {}", text(path), reason(&error))))?;
    if input.get_ref().metadata().is_ok_and(|metadata| metadata.len() == 0) {
        return Ok(scan);
    }
    let mut reader = Reader::new(Box::new(input), session.settings.ignore_zeros);
    loop {
        match reader.next() {
            Ok(Some(member)) => {
                let time = scan.times.entry(member.name).or_insert(i64::MIN);
                *time = member.modified.0.max(*time);
            }
            Ok(None) => break,
            Err(trouble) => {
                if !goes_on(session, trouble)? {
                    break;
                }
            }
        }
    }
    scan.end = reader.start();
    Ok(scan)
}

fn archive_of(session: &Session) -> Vec<u8> {
    session.settings.archives.first().cloned().unwrap_or_default()
}

/// Puts an open archive to the place of its end.
fn writer_at(session: &Session, mut file: File, end: u64) -> Result<Writer<BufWriter<File>>, Fatal> {
    file.seek(SeekFrom::Start(end)).map_err(|error| cannot_write(session, &error))?;
    let output = BufWriter::with_capacity(BUFFER_BYTES, file);
    Ok(Writer::new(output, session.settings.format, session.settings.blocking).with_written(end))
}

/// Ends an archive and cuts off what was behind.
fn finish(session: &mut Session, writer: Writer<BufWriter<File>>) -> Done {
    let finished = writer.finish().and_then(|(output, length)| {
        let file = output.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.set_len(length)?;
        Ok(length)
    });
    let length = finished.map_err(|error| cannot_write(session, &error))?;
    session.totals("written", length);
    Ok(())
}

/// Adds files at the end; with `-u` those only that are newer than their members.
pub(super) fn append(session: &mut Session) -> Done {
    let file = archive::open_for_update(session)?;
    let inode = sandshell_sys::stat_of((&file).into()).ok().map(|stat| stat.inode);
    let path = archive_of(session);
    let scan = scan(session, &path)?;
    let writer = writer_at(session, file, scan.end)?;
    let updates = session.settings.operation == super::options::Operation::Update;
    let mut adding = Adding::new(session, writer, inode);
    if updates {
        adding.known = scan.times;
    }
    adding.all()?;
    let writer = adding.writer;
    finish(session, writer)
}

/// Adds the members of other archives.
pub(super) fn concatenate(session: &mut Session) -> Done {
    let file = archive::open_for_update(session)?;
    let path = archive_of(session);
    let end = scan(session, &path)?.end;
    let mut writer = writer_at(session, file, end)?;
    let operands = std::mem::take(&mut session.settings.names);
    for operand in &operands {
        let other = files::join(&operand.directory, &operand.name);
        let length = match scan(session, &other) {
            Ok(scan) => scan.end,
            Err(Fatal(message)) => {
                session.error(&message);
                continue;
            }
        };
        let copied = File::open(sandshell_sys::path_of(&other)).and_then(|input| copy(input.take(length), &mut writer));
        copied.map_err(|error| cannot_write(session, &error))?;
    }
    finish(session, writer)
}

fn copy(mut input: impl Read, writer: &mut Writer<BufWriter<File>>) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match input.read(&mut buffer)? {
            0 => return Ok(()),
            length => writer.raw(buffer.get(..length).unwrap_or_default())?,
        }
    }
}

/// Takes members out: what stays moves towards the beginning.
pub(super) fn delete(session: &mut Session) -> Done {
    let mut file = archive::open_for_update(session)?;
    let path = archive_of(session);
    let operands = std::mem::take(&mut session.settings.names);
    let kept = kept(session, &path, &operands)?;
    for operand in operands.iter().filter(|operand| operand.found.get() == 0) {
        session.error(&format!("{}: Not found in archive", text(&operand.name)));
    }
    let mut end = 0;
    for (start, length) in kept {
        if start != end {
            move_down(&mut file, start, end, length).map_err(|error| cannot_write(session, &error))?;
        }
        end += length;
    }
    let writer = writer_at(session, file, end)?;
    finish(session, writer)
}

/// The stretches of an archive that no operand means: their places and lengths.
fn kept(session: &mut Session, path: &[u8], operands: &[select::Named]) -> Result<Vec<(u64, u64)>, Fatal> {
    let input = files::open(path).map_err(|error| Fatal(format!("{}: Cannot open: {}", text(path), reason(&error))))?;
    let mut reader = Reader::new(Box::new(input), session.settings.ignore_zeros);
    let mut kept: Vec<(u64, u64)> = Vec::new();
    let mut stays = false;
    let mut start = 0;
    loop {
        let next = reader.next();
        let here = reader.start();
        if stays && here > start {
            match kept.last_mut() {
                Some((from, length)) if *from + *length == start => *length += here - start,
                _ => kept.push((start, here - start)),
            }
        }
        match next {
            Ok(Some(member)) => {
                let operand = select::find(operands, &member.name);
                if let Some(operand) = operand {
                    operand.found.set(operand.found.get() + 1);
                }
                (stays, start) = (operand.is_none(), here);
            }
            Ok(None) => return Ok(kept),
            Err(trouble) => {
                stays = false;
                if !goes_on(session, trouble)? {
                    return Ok(kept);
                }
            }
        }
    }
}

/// Copies a stretch of a file to a place before it.
fn move_down(file: &mut File, from: u64, to: u64, length: u64) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut done = 0;
    while done < length {
        let wanted = usize::try_from(length - done).unwrap_or(usize::MAX).min(BUFFER_BYTES);
        let piece = buffer.get_mut(..wanted).unwrap_or_default();
        file.seek(SeekFrom::Start(from + done))?;
        file.read_exact(piece)?;
        file.seek(SeekFrom::Start(to + done))?;
        file.write_all(piece)?;
        done += wanted as u64;
    }
    Ok(())
}
