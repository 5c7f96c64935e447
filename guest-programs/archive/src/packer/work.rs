//! What the families do with files: finding them, naming outputs, packing, unpacking, and taking their places.

use std::fs::File;
use std::io::{self, BufRead, BufWriter, Read, Write};

use sandshell_sys::{Errno, Kind, Stat, lstat, path_of, stat};

use super::Family;
use super::options::{Mode, Options};
use super::words::{self, Finding};
use crate::basis::files::{self, BUFFER_BYTES};
use crate::basis::message::{reason, text, write};
use crate::codec::{Format, Settings};

/// The run over all files.
struct Work {
    options: Options,
    status: i32,
}

/// Bytes before and after.
#[derive(Clone, Copy)]
struct Sizes {
    input: u64,
    output: u64,
}

/// Works on all files; answers the status.
pub(super) fn run(mut options: Options) -> i32 {
    let files = std::mem::take(&mut options.files);
    let mut work = Work { options, status: 0 };
    if files.is_empty() {
        work.standard_input();
    }
    for name in files {
        if name == b"-" { work.standard_input() } else { work.file(&name) }
    }
    work.status
}

impl Work {
    fn say(&mut self, (message, status): (String, i32)) {
        // zstd and xz tell errors in any case, and are quiet about what they only skip.
        if !self.options.quiet || status == 1 {
            write(&message);
        }
        self.status = if self.status == 0 || status == 1 { self.status.max(status) } else { self.status };
    }

    fn find(&mut self, finding: Finding, name: &[u8]) {
        self.say(words::finding(self.options.family, finding, name, self.options.format));
    }

    fn standard_input(&mut self) {
        let shown = words::standard_input(self.options.family);
        let packs = self.options.mode == Mode::Compress;
        let is_terminal = if packs { files::is_tty(&io::stdout()) } else { files::is_tty(&io::stdin()) };
        if is_terminal && !self.options.force {
            let program = self.options.family.program();
            let what = if packs { "written to" } else { "read from" };
            self.say((format!("{program}: Compressed data cannot be {what} a terminal\n"), 1));
            return;
        }
        match self.options.output.clone() {
            Some(target) => self.write_file(shown, files::standard_input(), None, &target),
            None => self.write_out(shown, files::standard_input(), None),
        }
    }

    fn file(&mut self, name: &[u8]) {
        let follows = self.options.force || self.options.to_stdout || self.options.family == Family::Zstd;
        let found = match if follows { stat(name) } else { lstat(name) } {
            Ok(found) => found,
            Err(errno) => return self.find(Finding::Missing(errno), name),
        };
        match found.mode.kind() {
            Kind::Directory if self.options.recursive => {
                for inner in files::names_in(name).unwrap_or_default() {
                    self.file(&files::join(name, &inner));
                }
                return;
            }
            Kind::Directory => return self.find(Finding::IsDirectory, name),
            Kind::Symlink => return self.find(Finding::Missing(Errno::ELOOP), name),
            _ => {}
        }
        let target = match (self.options.to_stdout, self.options.output.clone()) {
            (true, _) => None,
            (_, Some(target)) => Some(target),
            _ => match self.target(name) {
                Some(target) => Some(target),
                None => return,
            },
        };
        let input = match files::open(name) {
            Ok(input) => input,
            Err(error) => {
                let program = self.options.family.program();
                return self.say((format!("{program}: {}: {}\n", text(name), reason(&error)), 1));
            }
        };
        match target {
            None => self.write_out(&text(name), input, length(&found)),
            Some(target) => self.write_file(&text(name), input, Some((name, found)), &target),
        }
    }

    /// Names the output; `None`: there is none, which is told.
    fn target(&mut self, name: &[u8]) -> Option<Vec<u8>> {
        let own: &[u8] = match self.options.format {
            Format::Bzip2 => b".bz2",
            Format::Lzma => b".lzma",
            Format::Zstd => b".zst",
            _ => b".xz",
        };
        let own = self.options.suffix.clone().unwrap_or_else(|| own.to_vec());
        if self.options.mode == Mode::Compress {
            if name.ends_with(&own) && self.options.family != Family::Zstd && !self.options.force {
                self.find(Finding::HasSuffix, name);
                return None;
            }
            return Some([name, &own].concat());
        }
        let plain: &[(&[u8], &[u8])] = match self.options.family {
            Family::Bzip2 => &[(b".bz2", b""), (b".bz", b""), (b".tbz2", b".tar"), (b".tbz", b".tar")],
            Family::Xz => &[(b".xz", b""), (b".lzma", b""), (b".txz", b".tar"), (b".tlz", b".tar")],
            Family::Zstd => &[
                (b".zst", b""),
                (b".tzst", b".tar"),
                (b".gz", b""),
                (b".tgz", b".tar"),
                (b".xz", b""),
                (b".txz", b".tar"),
                (b".lzma", b""),
                (b".tlz", b".tar"),
                (b".bz2", b""),
            ],
        };
        let given = self.options.suffix.as_deref().map(|suffix| (suffix, &b""[..]));
        for (suffix, instead) in given.into_iter().chain(plain.iter().copied()) {
            if let Some(stem) = name.strip_suffix(suffix).filter(|stem| !stem.is_empty() && !stem.ends_with(b"/")) {
                return Some([stem, instead].concat());
            }
        }
        self.find(Finding::UnknownSuffix, name);
        (self.options.family == Family::Bzip2).then(|| [name, b".out"].concat())
    }

    fn write_out<R: BufRead + 'static>(&mut self, shown: &str, input: R, length: Option<u64>) {
        let tests = self.options.mode == Mode::Test;
        let mut stdout;
        let mut sink = io::sink();
        let output: &mut dyn Write = if tests {
            &mut sink
        } else {
            stdout = BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock());
            &mut stdout
        };
        let Some(sizes) = self.transfer(shown, input, length, output) else { return };
        let family = self.options.family;
        if tests && (self.options.verbose || family == Family::Zstd) && !self.options.quiet {
            match family {
                Family::Bzip2 => write(&format!("  {shown}:   ok\n")),
                Family::Xz => write(&format!("{shown}: {} B\n", sizes.output)),
                Family::Zstd => write(&format!("{shown:<20}: {} bytes \n", sizes.output)),
            }
        }
    }

    fn write_file<R: BufRead + 'static>(
        &mut self,
        shown: &str,
        input: R,
        source: Option<(&[u8], Stat)>,
        target: &[u8],
    ) {
        if lstat(target).is_ok() {
            if !self.options.force {
                return self.find(Finding::OutputExists, target);
            }
            // What cannot be removed cannot be made either, which is told below.
            let _ = files::unlink(target);
        }
        let file = match File::create(path_of(target)) {
            Ok(file) => file,
            Err(error) => {
                let program = self.options.family.program();
                return self.say((format!("{program}: {}: {}\n", text(target), reason(&error)), 1));
            }
        };
        let mut output = BufWriter::with_capacity(BUFFER_BYTES, file);
        let length = source.and_then(|(_, found)| length(&found));
        let sizes = self.transfer(shown, input, length, &mut output);
        drop(output);
        let Some(sizes) = sizes else {
            // The broken output is worth nothing.
            let _ = files::unlink(target);
            return;
        };
        if let Some((name, found)) = source {
            files::restore_from(&found, target);
            if !self.options.keep
                && let Err(error) = files::unlink(name)
            {
                let program = self.options.family.program();
                self.say((format!("{program}: {shown}: {}\n", reason(&error)), 1));
            }
        }
        self.report(shown, target, sizes);
    }

    /// Packs or unpacks one stream, which is so long if that is known; `None`: it failed, which is told.
    fn transfer<R: BufRead + 'static>(
        &mut self,
        shown: &str,
        mut input: R,
        length: Option<u64>,
        output: &mut dyn Write,
    ) -> Option<Sizes> {
        let mut counted = Counted { output, bytes: 0 };
        let result = if self.options.mode == Mode::Compress {
            pack(&self.options, length, &mut input, &mut counted)
        } else {
            match self.format_of(&mut input) {
                Ok(Some(format)) => unpack(format, input, &mut counted),
                Ok(None) if self.copies_other_files() => files::copy(&mut input, &mut counted),
                Ok(None) => {
                    self.say(words::not_of_the_format(self.options.family, shown));
                    return None;
                }
                Err(error) => Err(error),
            }
        };
        let result = result.and_then(|read| counted.flush().map(|()| read));
        match result {
            Ok(input) => Some(Sizes { input, output: counted.bytes }),
            Err(error) => {
                self.say(words::damage(self.options.family, shown, &error));
                None
            }
        }
    }

    /// As `cat` does: with `-f` and to standard output.
    fn copies_other_files(&self) -> bool {
        self.options.force && self.options.to_stdout && self.options.mode == Mode::Decompress
    }

    /// Tells the format of what is to be unpacked.
    fn format_of(&self, input: &mut dyn BufRead) -> io::Result<Option<Format>> {
        let start = input.fill_buf()?;
        let found = Format::of(start);
        Ok(match self.options.family {
            Family::Bzip2 => found.filter(|format| *format == Format::Bzip2),
            Family::Xz if self.options.format == Format::Lzma && found.is_none() && !start.is_empty() => {
                Some(Format::Lzma)
            }
            Family::Xz => found.filter(|format| matches!(format, Format::Xz | Format::Lzma)),
            Family::Zstd => found,
        })
    }

    fn report(&self, shown: &str, target: &[u8], sizes: Sizes) {
        let options = &self.options;
        let packs = options.mode == Mode::Compress;
        #[expect(clippy::cast_precision_loss, reason = "ratios of three digits")]
        let (input, output) = (sizes.input.max(1) as f64, sizes.output.max(1) as f64);
        match options.family {
            Family::Bzip2 if options.verbose && packs => write(&format!(
                "  {shown}:       {:6.3}:1, {:6.3} bits/byte, {:5.2}% saved, {} in, {} out.\n",
                input / output,
                8.0 * output / input,
                100.0 * (1.0 - output / input),
                sizes.input,
                sizes.output
            )),
            Family::Bzip2 if options.verbose => write(&format!("  {shown}: done\n")),
            Family::Xz if options.verbose => {
                write(&format!("{shown}: {} B / {} B = {:.3}\n", sizes.output, sizes.input, output / input));
            }
            Family::Zstd if !options.quiet && packs => write(&format!(
                "{shown:<20} :{:6.2}%   ({} => {}, {}) \n",
                100.0 * output / input,
                human(sizes.input),
                human(sizes.output),
                text(target)
            )),
            Family::Zstd if !options.quiet => write(&format!("{shown:<20}: {} bytes \n", sizes.output)),
            _ => {}
        }
    }
}

/// A number of bytes as zstd shows it.
fn human(bytes: u64) -> String {
    let (number, unit) = scaled(bytes);
    format!("{number:>6} {unit}")
}

/// A number of bytes as zstd shows it: three digits, and the unit.
pub(super) fn scaled(bytes: u64) -> (String, &'static str) {
    for (unit, size) in [("GiB", 1u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] {
        if bytes >= size {
            #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
            let scaled = bytes as f64 / size as f64;
            let digits = match scaled {
                100.0.. => 0,
                10.0.. => 1,
                _ => 2,
            };
            return (format!("{scaled:.digits$}"), unit);
        }
    }
    (bytes.to_string(), "B")
}

/// How long a file is, if it has a length.
fn length(found: &Stat) -> Option<u64> {
    (found.mode.kind() == Kind::Regular).then_some(found.size)
}

fn pack(options: &Options, length: Option<u64>, input: &mut dyn Read, output: &mut dyn Write) -> io::Result<u64> {
    let settings = Settings { level: options.level, length, check: options.check };
    let mut writer = options.format.writer(output, settings)?;
    let read = files::copy(input, &mut writer)?;
    writer.finish()?;
    Ok(read)
}

/// Answers how long the content is: what was read cannot be told, since readers take it.
fn unpack<R: BufRead + 'static>(format: Format, input: R, output: &mut dyn Write) -> io::Result<u64> {
    files::copy(&mut format.reader(input)?, output)
}

/// Counts what is written.
struct Counted<'a> {
    output: &'a mut dyn Write,
    bytes: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.output.write(bytes)?;
        self.bytes += length as u64;
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}
