//! What `gzip` does with one file: finding it, naming its output, packing or unpacking, and taking its place.

use std::fs::File;
use std::io::{self, BufRead, BufWriter, Read, Write};
use std::time::Duration;

use sandshell_sys::{Fd, Kind, Stat, lstat, stat, stat_of};

use super::list::{self, Row, Totals};
use super::options::{Mode, Options};
use super::{ERROR, WARNING};
use crate::basis::files::{self, BUFFER_BYTES};
use crate::basis::message::{complain, print, reason, text, write};
use crate::codec::{Format, gzip};

/// Suffixes that compressed files have, beside the one of `-S`.
const SUFFIXES: &[&[u8]] = &[b".gz", b".z", b".taz", b".tgz", b"-gz", b"-z", b"_z", b".Z"];
/// Suffixes that are tried when a file to decompress is not there.
const TRIED: &[&[u8]] = &[b".gz", b".z", b"-z", b".Z"];

/// Sizes of what was read and written.
#[derive(Clone, Copy, Debug, Default)]
struct Sizes {
    packed: u64,
    plain: u64,
    overhead: u64,
    crc: u32,
}

/// The run over all files.
pub(super) struct Work {
    pub(super) options: Options,
    status: i32,
    totals: Totals,
}

/// What is read, and what is known of it.
struct Input {
    /// Its name for messages.
    shown: Vec<u8>,
    stat: Option<Stat>,
}

impl Work {
    pub(super) fn new(options: Options) -> Self {
        Self { options, status: 0, totals: Totals::default() }
    }

    /// Writes what comes last; answers the status.
    pub(super) fn finish(self) -> i32 {
        let sums = list::totals(&self.totals, self.options.verbose, self.options.quiet);
        match print("gzip", &sums, ERROR) {
            0 => self.status,
            failure => failure,
        }
    }

    /// Remembers a status; an error outweighs a warning.
    fn record(&mut self, status: i32) {
        if self.status != ERROR {
            self.status = status;
        }
    }

    fn warn(&mut self, message: &str) {
        if !self.options.quiet {
            complain("gzip", message);
        }
        self.record(WARNING);
    }

    fn fail(&mut self, message: &str) {
        complain("gzip", message);
        self.record(ERROR);
    }

    /// Packs or unpacks standard input to standard output.
    pub(super) fn standard_input(&mut self) {
        let packs = self.options.mode == Mode::Compress;
        let is_terminal = if packs { files::is_tty(&io::stdout()) } else { files::is_tty(&io::stdin()) };
        if is_terminal && !self.options.force && self.options.mode != Mode::List {
            let (data, place, verb) = if packs {
                ("written to", "compressed", "compression")
            } else {
                ("read from", "compressed", "decompression")
            };
            complain("gzip", &format!("{place} data not {data} a terminal. Use -f to force {verb}."));
            write("For help, type: gzip -h\n");
            self.record(ERROR);
            return;
        }
        let stat = stat_of(Fd::STDIN).ok().filter(|stat| stat.mode.kind() == Kind::Regular);
        let input = Input { shown: b"stdin".to_vec(), stat };
        let done = self.write_out(&input, files::standard_input(), b"stdout");
        if let Some(sizes) = done
            && self.options.verbose
        {
            match self.options.mode {
                Mode::Test => write(" OK\n"),
                Mode::Compress => write(&format!("{}\n", list::ratio(sizes.packed, sizes.plain, sizes.overhead))),
                Mode::Decompress | Mode::List => {}
            }
        }
    }

    /// Packs or unpacks a file, or what is in a directory. `is_operand`: the command line names it.
    pub(super) fn file(&mut self, name: &[u8], is_operand: bool) {
        let (path, found) = match self.find(name) {
            Ok(found) => found,
            Err((path, why)) => {
                self.fail(&format!("{}: {}", text(&path), reason(&why)));
                return;
            }
        };
        let shown = text(&path);
        match found.mode.kind() {
            Kind::Directory if self.options.recursive => self.directory(&path),
            Kind::Directory => {
                self.warn(&format!("{shown} is a directory -- ignored"));
            }
            Kind::Regular => {
                let is_shared = found.links > 1 && !self.options.force && !self.options.to_stdout;
                if is_shared {
                    let s = if found.links == 2 { "" } else { "s" };
                    self.warn(&format!("{shown} has {} other link{s} -- file ignored", found.links - 1));
                } else if self.options.to_stdout {
                    self.file_to_stdout(path, found);
                } else {
                    self.replace(path, found, is_operand);
                }
            }
            Kind::Symlink => {
                self.fail(&format!("{shown}: {}", sandshell_sys::Errno::ELOOP));
            }
            _ if self.options.to_stdout => self.file_to_stdout(path, found),
            _ => {
                self.warn(&format!("{shown} is not a directory or a regular file - ignored"));
            }
        }
    }

    /// Finds the file a name means: with a suffix, when it is to be decompressed and not there itself.
    fn find(&self, name: &[u8]) -> Result<(Vec<u8>, Stat), (Vec<u8>, io::Error)> {
        let follows = self.options.to_stdout || self.options.force;
        let look = |path: &[u8]| if follows { stat(path) } else { lstat(path) };
        let first = match look(name) {
            Ok(found) => return Ok((name.to_vec(), found)),
            Err(errno) => errno,
        };
        let has_suffix = self.suffix_of(name).is_some();
        if self.options.mode == Mode::Compress || first != sandshell_sys::Errno::ENOENT || has_suffix {
            return Err((name.to_vec(), first.into()));
        }
        let own = &self.options.suffix[..];
        for suffix in std::iter::once(&own).chain(TRIED) {
            let path = [name, suffix].concat();
            if let Ok(found) = look(&path) {
                return Ok((path, found));
            }
        }
        Err(([name, own].concat(), first.into()))
    }

    /// Returns the suffix of a compressed file that a name has.
    fn suffix_of(&self, name: &[u8]) -> Option<&[u8]> {
        let own = &self.options.suffix[..];
        std::iter::once(own).chain(SUFFIXES.iter().copied()).find(|suffix| {
            let stem = name.len().checked_sub(suffix.len() + 1).and_then(|last| name.get(last));
            name.ends_with(suffix) && stem.is_some_and(|byte| *byte != b'/')
        })
    }

    fn directory(&mut self, path: &[u8]) {
        match files::names_in(path) {
            Ok(names) => names.iter().for_each(|name| self.file(&files::join(path, name), false)),
            Err(error) => {
                self.fail(&format!("{}: {}", text(path), reason(&error)));
            }
        }
    }

    fn file_to_stdout(&mut self, path: Vec<u8>, found: Stat) {
        let opened = match files::open(&path) {
            Ok(opened) => opened,
            Err(error) => {
                self.fail(&format!("{}: {}", text(&path), reason(&error)));
                return;
            }
        };
        let output_name = match self.suffix_of(&path) {
            Some(suffix) => path.get(..path.len() - suffix.len()).unwrap_or_default().to_vec(),
            None => path.clone(),
        };
        let input = Input { shown: path, stat: Some(found) };
        let done = self.write_out(&input, opened, &output_name);
        if let Some(sizes) = done
            && self.options.verbose
        {
            let shown = text(&input.shown);
            let share = list::ratio(sizes.packed, sizes.plain, sizes.overhead);
            match self.options.mode {
                Mode::Test => write(&format!("{shown}:\t OK\n")),
                Mode::List => {}
                _ => write(&format!("{shown}:\t{share} -- replaced with stdout\n")),
            }
        }
    }

    /// Packs, unpacks, tests or lists one input; `None`: it failed, which is told.
    fn write_out<R: BufRead + 'static>(&mut self, input: &Input, mut from: R, name: &[u8]) -> Option<Sizes> {
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock());
        let result = match self.options.mode {
            Mode::Compress => self.pack(input, &mut from, &mut out),
            Mode::Decompress => self.unpack(input, from, &mut out).map(|(sizes, _)| sizes),
            Mode::Test => self.unpack(input, from, &mut io::sink()).map(|(sizes, _)| sizes),
            Mode::List => {
                let listed = self.unpack(input, from, &mut io::sink());
                listed.and_then(|(sizes, header)| self.list(input, sizes, header, name, &mut out))
            }
        };
        let result = result.and_then(|sizes| out.flush().map(|()| sizes));
        match result {
            Ok(sizes) => Some(sizes),
            Err(error) => {
                self.complain_of(&input.shown, &error);
                None
            }
        }
    }

    fn list(
        &mut self,
        input: &Input,
        sizes: Sizes,
        header: Option<gzip::Header>,
        name: &[u8],
        out: &mut dyn Write,
    ) -> io::Result<Sizes> {
        let from_header = header.clone().filter(|_| self.options.name);
        let modified = match &from_header {
            Some(header) if header.modified != 0 => i64::from(header.modified),
            _ => input.stat.map_or(0, |stat| i64::try_from(stat.modified.as_secs()).unwrap_or(0)),
        };
        let row = Row {
            method: if header.is_some() { "defla" } else { "compr" },
            crc: sizes.crc,
            modified,
            compressed: sizes.packed,
            uncompressed: sizes.plain,
            overhead: sizes.overhead,
            name: text(&from_header.and_then(|header| header.name).unwrap_or_else(|| name.to_vec())),
        };
        let (verbose, quiet) = (self.options.verbose, self.options.quiet);
        out.write_all(list::row(&row, &mut self.totals, verbose, quiet).as_bytes())?;
        Ok(sizes)
    }

    /// Tells what is wrong with an input. gzip begins these messages on a line of their own.
    fn complain_of(&mut self, shown: &[u8], error: &io::Error) {
        let why = match error.kind() {
            io::ErrorKind::UnexpectedEof => "unexpected end of file".to_owned(),
            _ => reason(error),
        };
        let gap =
            if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData) { "\n" } else { "" };
        write(&format!("{gap}gzip: {}: {why}\n", text(shown)));
        self.record(ERROR);
    }

    /// Packs a file into one with the suffix, or unpacks it into one without, and takes the original away.
    fn replace(&mut self, path: Vec<u8>, found: Stat, is_operand: bool) {
        let shown = text(&path);
        let speaks = self.options.verbose || (is_operand && !self.options.quiet && !self.options.recursive);
        let packs = self.options.mode == Mode::Compress;
        let suffix = self.suffix_of(&path).map(<[u8]>::to_vec);
        let mut target = match (packs, &suffix) {
            (true, Some(suffix)) if !self.options.force => {
                if speaks {
                    complain("gzip", &format!("{shown} already has {} suffix -- unchanged", text(suffix)));
                }
                return;
            }
            (true, _) => [&path[..], &self.options.suffix].concat(),
            (false, None) => {
                if speaks {
                    self.warn(&format!("{shown}: unknown suffix -- ignored"));
                }
                return;
            }
            (false, Some(suffix)) => {
                let stem = path.get(..path.len() - suffix.len()).unwrap_or_default();
                let is_tar = matches!(&suffix[..], b".tgz" | b".taz");
                [stem, if is_tar { b".tar" } else { b"" }].concat()
            }
        };
        let mut from = match files::open(&path) {
            Ok(from) => from,
            Err(error) => return self.complain_of(&path, &error),
        };
        if !packs && self.options.name {
            match self.named_by_header(&path, &target) {
                Ok(name) => target = name,
                Err(error) => return self.complain_of(&path, &error),
            }
        }
        let Some(mut output) = self.make(&target) else { return };
        let input = Input { shown: path, stat: Some(found) };
        let result = if packs {
            self.pack(&input, &mut from, &mut output).map(|sizes| (sizes, None))
        } else {
            self.unpack(&input, from, &mut output)
        };
        let result = result.and_then(|done| output.flush().map(|()| done));
        drop(output);
        match result {
            Ok((sizes, header)) => self.conclude(&input, &found, &target, sizes, header),
            Err(error) => {
                // The broken output is worth nothing; that it cannot be removed is not what went wrong.
                let _ = files::unlink(&target);
                self.complain_of(&input.shown, &error);
            }
        }
    }

    /// The name that `-N` restores: the header's, beside the compressed file.
    fn named_by_header(&self, path: &[u8], otherwise: &[u8]) -> io::Result<Vec<u8>> {
        let mut reader = gzip::Reader::new(files::open(path)?);
        let name = reader.header()?.name.clone().unwrap_or_default();
        let base = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        if base.is_empty() {
            return Ok(otherwise.to_vec());
        }
        let directory = path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
        Ok([path.get(..directory).unwrap_or_default(), base].concat())
    }

    /// Makes the output file; `None`: it was refused, which is told.
    fn make(&mut self, target: &[u8]) -> Option<BufWriter<File>> {
        let shown = text(target);
        if lstat(target).is_ok() {
            if !self.options.force && !self.may_overwrite(&shown) {
                return None;
            }
            if let Err(error) = files::unlink(target) {
                self.fail(&format!("{shown}: {}", reason(&error)));
                return None;
            }
        }
        match files::create_new(target) {
            Ok(file) => Some(BufWriter::with_capacity(BUFFER_BYTES, file)),
            Err(error) => {
                self.fail(&format!("{shown}: {}", reason(&error)));
                None
            }
        }
    }

    fn may_overwrite(&mut self, shown: &str) -> bool {
        let mut answer = String::new();
        if files::is_tty(&io::stdin()) {
            write(&format!("gzip: {shown} already exists; do you wish to overwrite (y or n)? "));
            // No answer is a no.
            let _ = io::stdin().lock().read_line(&mut answer);
        } else {
            write(&format!("gzip: {shown} already exists;"));
        }
        let is_yes = answer.starts_with(['y', 'Y']);
        if !is_yes {
            write("\tnot overwritten\n");
            self.record(WARNING);
        }
        is_yes
    }

    fn conclude(&mut self, input: &Input, found: &Stat, target: &[u8], sizes: Sizes, header: Option<gzip::Header>) {
        files::restore_from(found, target);
        if let Some(header) = header.filter(|header| self.options.name && header.modified != 0) {
            // Like the permissions above: the content counts.
            let _ = files::set_modified(target, Duration::from_secs(header.modified.into()), true);
        }
        if !self.options.keep
            && let Err(error) = files::unlink(&input.shown)
        {
            self.warn(&format!("{}: {}", text(&input.shown), reason(&error)));
        }
        if self.options.verbose {
            let verb = if self.options.keep { "created" } else { "replaced with" };
            let share = list::ratio(sizes.packed, sizes.plain, sizes.overhead);
            write(&format!("{}:\t{share} -- {verb} {}\n", text(&input.shown), text(target)));
        }
    }

    fn pack(&mut self, input: &Input, from: &mut dyn Read, to: &mut dyn Write) -> io::Result<Sizes> {
        let name = input.shown.rsplit(|byte| *byte == b'/').next().filter(|_| input.shown != b"stdin");
        let seconds = input.stat.map_or(0, |stat| stat.modified.as_secs());
        let header = match self.options.name {
            true => gzip::Header { name: name.map(<[u8]>::to_vec), modified: u32::try_from(seconds).unwrap_or(0) },
            false => gzip::Header::default(),
        };
        let mut writer = gzip::Writer::new(to, self.options.level, &header)?;
        let plain = files::copy(from, &mut writer)?;
        let overhead = writer.overhead();
        let (_, packed) = writer.finish_counted()?;
        Ok(Sizes { packed, plain, overhead, crc: 0 })
    }

    /// Unpacks; answers the sizes, and the first member's header if it is gzip's.
    fn unpack<R: BufRead + 'static>(
        &mut self,
        input: &Input,
        mut from: R,
        to: &mut dyn Write,
    ) -> io::Result<(Sizes, Option<gzip::Header>)> {
        match Format::of(from.fill_buf()?) {
            Some(Format::Compress) => {
                let plain = files::copy(&mut Format::Compress.reader(from)?, to)?;
                let packed = input.stat.map_or(0, |stat| stat.size);
                return Ok((Sizes { packed, plain, overhead: 3, crc: 0 }, None));
            }
            Some(Format::Gzip) => {}
            // As `cat` does, so that `zcat -f` takes any file.
            _ if self.options.force && self.options.to_stdout && self.options.mode == Mode::Decompress => {
                let plain = files::copy(&mut from, to)?;
                return Ok((Sizes { packed: plain, plain, overhead: 0, crc: 0 }, None));
            }
            _ => {}
        }
        let mut reader = gzip::Reader::new(from);
        let header = reader.header()?.clone();
        let plain = match files::copy(&mut reader, to) {
            Ok(plain) => plain,
            Err(error) => {
                // What came before the damage is shown, as gzip does.
                let _ = to.flush();
                return Err(error);
            }
        };
        if reader.has_garbage() {
            if !self.options.quiet {
                write(&format!("\ngzip: {}: decompression OK, trailing garbage ignored\n", text(&input.shown)));
            }
            self.record(WARNING);
        }
        let sizes = Sizes { packed: reader.consumed(), plain, overhead: reader.overhead(), crc: reader.last_crc() };
        Ok((sizes, Some(header)))
    }
}
