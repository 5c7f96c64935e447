//! Opening archives: files or standard input and output, through the formats here or a program that is started.

use std::cell::Cell;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::rc::Rc;

use sandshell_sys::{Children, Command, Fd, Pid, WaitStatus, path_of, pipe_files, stat_of, wait};

use super::options::Compression;
use super::reader::Reader;
use super::session::{Fatal, Session};
use crate::basis::files::{self, BUFFER_BYTES};
use crate::basis::message::{complain, reason, text, write};
use crate::codec::{self, Format, Settings};

/// An archive that is read.
pub(super) struct Input {
    pub(super) reader: Reader,
    /// The program that decompresses it.
    child: Option<Pid>,
    /// The format, if it is decompressed here.
    format: Option<Format>,
    /// It comes through a pipe, whose writer must not be cut off.
    is_pipe: bool,
}

impl Input {
    /// The status that the format's program would have ended with, when the archive could not be decompressed here.
    pub(super) fn failure(&self) -> Option<i32> {
        self.reader.is_broken().then_some(if self.format == Some(Format::Bzip2) { 2 } else { 1 })
    }

    /// Ends reading; tells when what decompressed it failed.
    pub(super) fn close(mut self, session: &mut Session) {
        if self.is_pipe {
            self.reader.drain();
        }
        drop(self.reader);
        let status = match self.child {
            Some(child) => child_status(child),
            None => 0,
        };
        if status != 0 {
            session.error(&format!("Child returned status {status}"));
        }
    }
}

/// Waits for a program; answers its status as a shell shows it.
pub(super) fn child_status(child: Pid) -> i32 {
    match wait(Children::One(child)) {
        Ok((_, WaitStatus::Exited(status))) => status.into(),
        Ok((_, ended)) => ended.shell_status().into(),
        Err(_) => 1,
    }
}

fn cannot_open(path: &[u8], error: &io::Error) -> Fatal {
    Fatal(format!("{}: Cannot open: {}", text(path), reason(error)))
}

/// Opens the archive of the settings, or another one, for reading.
pub(super) fn open(session: &mut Session, path: &[u8]) -> Result<Input, Fatal> {
    let is_stdin = path == b"-";
    let (failed, ignores_zeros) = (Rc::new(Cell::new(false)), session.settings.ignore_zeros);
    let compression = session.settings.compression.clone();
    if let Compression::Program(program) = &compression {
        let file =
            if is_stdin { None } else { Some(File::open(path_of(path)).map_err(|error| cannot_open(path, &error))?) };
        let (child, output) = start(program, true, file.as_ref())?;
        let input = BufReader::with_capacity(BUFFER_BYTES, output);
        return Ok(Input {
            reader: Reader::new(Box::new(input), ignores_zeros),
            child: Some(child),
            format: None,
            is_pipe: true,
        });
    }
    let mut input: Box<dyn BufRead> = if is_stdin {
        Box::new(files::standard_input())
    } else {
        Box::new(files::open(path).map_err(|error| cannot_open(path, &error))?)
    };
    let found = input
        .fill_buf()
        .map(Format::of)
        .map_err(|error| Fatal(format!("{}: Cannot read: {}", text(path), reason(&error))))?;
    let format = match (compression, found) {
        (Compression::Format(format), _) => Some(format),
        (_, Some(format)) if is_stdin => {
            return Err(Fatal(format!("Archive is compressed. Use {} option", option_of(format))));
        }
        // The mark of LZMA is weak: a plain archive may begin so, if its first name is odd.
        (_, found) => found,
    };
    if let Some(format) = format
        && found != Some(format)
        && format != Format::Lzma
    {
        return Err(not_of_the_format(format));
    }
    let stream: Box<dyn Read> = match format {
        None => input,
        Some(format) => Box::new(Decompressed::new(format, input, failed.clone())),
    };
    let reader = Reader::new(stream, ignores_zeros).with_failure(failed);
    Ok(Input { reader, child: None, format, is_pipe: is_stdin })
}

/// Tells that an archive is not compressed as the options say, in the words of the format's program.
fn not_of_the_format(format: Format) -> Fatal {
    let (why, status) = match format {
        Format::Gzip => ("\ngzip: stdin: not in gzip format", 1),
        Format::Bzip2 => ("bzip2: (stdin) is not a bzip2 file.", 2),
        Format::Compress => ("\ngzip: stdin: not in gzip format", 1),
        Format::Xz | Format::Lzma => ("xz: (stdin): File format not recognized", 1),
        Format::Zstd => ("zstd: /*stdin*\\: unsupported format", 1),
    };
    write(&format!("{why}\n"));
    Fatal(format!("Child returned status {status}"))
}

fn option_of(format: Format) -> &'static str {
    match format {
        Format::Gzip => "-z",
        Format::Compress => "-Z",
        Format::Bzip2 => "-j",
        Format::Xz => "-J",
        Format::Lzma => "--lzma",
        Format::Zstd => "--zstd",
    }
}

fn program_of(format: Format) -> &'static str {
    match format {
        Format::Gzip => "gzip",
        Format::Compress => "compress",
        Format::Bzip2 => "bzip2",
        Format::Xz => "xz",
        Format::Lzma => "lzma",
        Format::Zstd => "zstd",
    }
}

/// A compressed archive's content. Damage is told as the program of the format would, and ends it.
struct Decompressed {
    format: Format,
    input: Option<Box<dyn Read>>,
    failed: Rc<Cell<bool>>,
}

impl Decompressed {
    fn new(format: Format, input: Box<dyn BufRead>, failed: Rc<Cell<bool>>) -> Self {
        let mut result = Self { format, input: None, failed };
        match format.reader(input) {
            Ok(reader) => result.input = Some(reader),
            Err(error) => result.fail(&error),
        }
        result
    }

    fn fail(&mut self, error: &io::Error) {
        let is_cut = codec::is_cut(error);
        let (gap, place) = match self.format {
            Format::Gzip => ("\n", "stdin: "),
            Format::Zstd => ("", "/*stdin*\\: "),
            _ => ("", "(stdin): "),
        };
        let why = match self.format {
            _ if codec::is_too_large(error) => "Memory usage limit reached".to_owned(),
            Format::Bzip2 if is_cut => "Compressed file ends unexpectedly".to_owned(),
            Format::Xz | Format::Lzma if is_cut => "Unexpected end of input".to_owned(),
            Format::Xz | Format::Lzma => "Compressed data is corrupt".to_owned(),
            _ if is_cut => "unexpected end of file".to_owned(),
            _ => reason(error),
        };
        write(&format!("{gap}{}: {place}{why}\n", program_of(self.format)));
        self.failed.set(true);
        self.input = None;
    }
}

impl Read for Decompressed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(input) = &mut self.input else { return Ok(0) };
        match input.read(buffer) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                self.fail(&error);
                Ok(0)
            }
            result => result,
        }
    }
}

/// Starts a compressor between this program and the archive; answers the end of the pipe that is ours.
fn start(program: &[u8], decompresses: bool, archive: Option<&File>) -> Result<(Pid, File), Fatal> {
    let words: Vec<&[u8]> = program.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
    let Some((name, arguments)) = words.split_first() else {
        return Err(Fatal("Cannot use an empty compression program".to_owned()));
    };
    let (reader, writer) = pipe_files().map_err(|errno| Fatal(format!("Cannot open pipe: {errno}")))?;
    let mut command = Command::new(name).arguments(arguments);
    if decompresses {
        command = command.arguments([b"-d"]);
    }
    let (ours, theirs) = if decompresses { (reader, writer) } else { (writer, reader) };
    command = command.descriptor(u32::from(decompresses), Fd::from(&theirs));
    if let Some(file) = archive {
        command = command.descriptor(u32::from(!decompresses), Fd::from(file));
    }
    let child = command.spawn().map_err(|errno| {
        complain("tar", &format!("{}: Cannot exec: {errno}", text(name)));
        Fatal(format!("Child returned status {FAILED_EXEC}"))
    })?;
    Ok((child, ours))
}

/// Status of a child whose program could not be started.
const FAILED_EXEC: i32 = 2;

/// An archive that is written.
pub(super) enum Output {
    Plain(BufWriter<Box<dyn Write>>),
    Compressed(Box<codec::Writer<BufWriter<Box<dyn Write>>>>),
    Program(BufWriter<File>, Pid),
}

impl Output {
    /// Writes what is left; answers the status of the compressor.
    pub(super) fn close(self) -> io::Result<i32> {
        match self {
            Self::Plain(mut output) => output.flush().map(|()| 0),
            Self::Compressed(writer) => writer.finish()?.flush().map(|()| 0),
            Self::Program(mut pipe, child) => {
                let flushed = pipe.flush();
                drop(pipe);
                let status = child_status(child);
                flushed.map(|()| status)
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(output) => output.write(bytes),
            Self::Compressed(writer) => writer.write(bytes),
            Self::Program(pipe, _) => pipe.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Makes the archive of the settings. Answers its inode, too, so that it is not added to itself.
pub(super) fn create(session: &mut Session) -> Result<(Output, Option<u64>), Fatal> {
    let path = session.settings.archives.first().cloned().unwrap_or_default();
    let (file, fd) = if path == b"-" {
        if files::is_tty(&io::stdout()) {
            return Err(Fatal("Refusing to write archive contents to terminal (missing -f option?)".to_owned()));
        }
        (None, Fd::STDOUT)
    } else {
        let file = File::create(path_of(&path)).map_err(|error| cannot_open(&path, &error))?;
        let fd = Fd::from(&file);
        (Some(file), fd)
    };
    let inode = stat_of(fd).ok().filter(|stat| stat.mode.kind() == sandshell_sys::Kind::Regular).map(|stat| stat.inode);
    if let Compression::Program(program) = &session.settings.compression {
        let (child, pipe) = start(program, false, file.as_ref())?;
        return Ok((Output::Program(BufWriter::with_capacity(BUFFER_BYTES, pipe), child), inode));
    }
    let sink: Box<dyn Write> = match file {
        Some(file) => Box::new(file),
        None => Box::new(io::stdout().lock()),
    };
    let sink = BufWriter::with_capacity(BUFFER_BYTES, sink);
    let output = match session.settings.compression {
        Compression::Format(format) => {
            let level = match format {
                Format::Bzip2 => 9,
                Format::Zstd => 3,
                _ => 6,
            };
            let writer = format.writer(sink, Settings::of_level(level)).map_err(|_| {
                complain("tar", &format!("{}: Cannot exec: No such file or directory", program_of(format)));
                Fatal(format!("Child returned status {FAILED_EXEC}"))
            })?;
            Output::Compressed(Box::new(writer))
        }
        _ => Output::Plain(sink),
    };
    Ok((output, inode))
}

/// Opens the archive of the settings to change it in place.
pub(super) fn open_for_update(session: &mut Session) -> Result<File, Fatal> {
    let path = session.settings.archives.first().cloned().unwrap_or_default();
    if session.settings.compression != Compression::Unsaid {
        return Err(Fatal("Cannot update compressed archives".to_owned()));
    }
    if path == b"-" {
        return Err(Fatal("Cannot update an archive in a pipe".to_owned()));
    }
    let creates = session.settings.operation != super::options::Operation::Delete;
    let opened = OpenOptions::new().read(true).write(true).create(creates).truncate(false).open(path_of(&path));
    let file = opened.map_err(|error| cannot_open(&path, &error))?;
    let found = files::open(&path).and_then(|mut input| input.fill_buf().map(Format::of));
    match found {
        Ok(Some(_)) => Err(Fatal("Cannot update compressed archives".to_owned())),
        _ => Ok(file),
    }
}
