//! `dd`: copies and converts blocks. One thread: read a block, convert it, write it.
//!
//! The parts: `operands` (the command line), `convert` (bytes to bytes), `report` (the lines at the end).

mod convert;
mod operands;
mod report;

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};

use crate::basis::errors::{Reason, complain};
use crate::basis::quoting::name;
use convert::Converter;
use operands::{Amount, Plan};
use report::{Report, StatusLevel};

const PROGRAM: &str = "dd";

/// Runs `dd`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    match operands::parse(argv) {
        Ok(plan) => copy(&plan),
        Err(status) => status,
    }
}

enum Input {
    Stdin(io::Stdin),
    File(File),
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Stdin(stdin) => stdin.lock().read(buffer),
            Self::File(file) => file.read(buffer),
        }
    }
}

enum Output {
    Stdout(io::Stdout),
    File(File),
}

impl Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Stdout(stdout) => {
                let mut stdout = stdout.lock();
                stdout.write_all(bytes).and_then(|()| stdout.flush())
            }
            Self::File(file) => file.write_all(bytes),
        }
    }
}

fn fail(message: &str) -> i32 {
    complain(PROGRAM, message);
    1
}

fn copy(plan: &Plan) -> i32 {
    let mut input = match open_input(plan) {
        Ok(input) => input,
        Err(status) => return status,
    };
    let mut output = match open_output(plan) {
        Ok(output) => output,
        Err(status) => return status,
    };
    let mut report = Report::new(plan.status);
    let skipped = skip(&mut input, plan);
    let status = match skipped.and_then(|()| seek(&mut output, plan)) {
        Ok(()) => Job::new(plan, &mut report).run(&mut input, &mut output),
        Err(status) => status,
    };
    let status = status.max(synchronise(plan, &output));
    if status == 0 || !report.is_untouched() || plan.status != StatusLevel::None {
        report.finish();
    }
    status
}

fn synchronise(plan: &Plan, output: &Output) -> i32 {
    let Output::File(file) = output else { return 0 };
    let result = if plan.fsync {
        file.sync_all()
    } else if plan.fdatasync {
        file.sync_data()
    } else {
        Ok(())
    };
    result.map_or_else(|error| fail(&format!("fsync failed for {}: {}", plan.output_name(), error.words())), |()| 0)
}

fn open_input(plan: &Plan) -> Result<Input, i32> {
    let Some(path) = &plan.input else { return Ok(Input::Stdin(io::stdin())) };
    File::open(path)
        .map(Input::File)
        .map_err(|error| fail(&format!("failed to open {}: {}", name(path), error.words())))
}

fn open_output(plan: &Plan) -> Result<Output, i32> {
    let Some(path) = &plan.output else { return Ok(Output::Stdout(io::stdout())) };
    let mut options = OpenOptions::new();
    // Content before the place that is written to first stays.
    let truncate = !plan.notrunc && plan.seek.is_zero();
    if plan.append {
        options.append(true);
    } else {
        options.write(true);
        // `seek` may have to read what it passes over; a file that cannot be read is passed over unseen.
        options.truncate(truncate);
    }
    options.create(!plan.nocreat).create_new(plan.excl);
    let open = options.open(path).and_then(|file| {
        if plan.append && truncate {
            file.set_len(0)?;
        }
        Ok(file)
    });
    open.map(Output::File).map_err(|error| fail(&format!("failed to open {}: {}", name(path), error.words())))
}

/// Passes over the start of the input.
fn skip(input: &mut Input, plan: &Plan) -> Result<(), i32> {
    let bytes = plan.skip.bytes(plan.input_block);
    if bytes == 0 {
        return Ok(());
    }
    if let Input::File(file) = input
        && let Ok(metadata) = file.metadata()
        && metadata.is_file()
    {
        if bytes > metadata.len() {
            complain(PROGRAM, &format!("{}: cannot skip to specified offset", plan.input_word()));
            // What cannot be skipped is no failure: nothing is left to copy.
        }
        return file.seek(SeekFrom::Start(bytes)).map(drop).map_err(|error| fail(&error.words()));
    }
    let passed = io::copy(&mut input.take(bytes), &mut io::sink());
    match passed {
        Ok(passed) if passed < bytes => {
            complain(PROGRAM, &format!("{}: cannot skip to specified offset", plan.input_word()));
            Ok(())
        }
        Ok(_) => Ok(()),
        Err(error) => Err(fail(&format!("error reading {}: {}", plan.input_name(), error.words()))),
    }
}

/// Goes to the place of the output that is written first.
fn seek(output: &mut Output, plan: &Plan) -> Result<(), i32> {
    let bytes = plan.seek.bytes(plan.output_block);
    if bytes == 0 {
        return Ok(());
    }
    match output {
        Output::File(file) => {
            let regular = file.metadata().is_ok_and(|metadata| metadata.is_file());
            let cut = if plan.notrunc || !regular { Ok(()) } else { file.set_len(bytes) };
            cut.and_then(|()| file.seek(SeekFrom::Start(bytes)).map(drop)).map_err(|error| {
                fail(&format!(
                    "failed to truncate to {bytes} bytes in output file {}: {}",
                    plan.output_name(),
                    error.words()
                ))
            })
        }
        // A stream has no places; zeros take the room, as in an empty file.
        Output::Stdout(_) => {
            let zeros = vec![0; usize::try_from(plan.output_block).unwrap_or(0)];
            let mut left = bytes;
            while left > 0 {
                let count = usize::try_from(left).unwrap_or(usize::MAX).min(zeros.len());
                output
                    .write(&zeros[..count])
                    .map_err(|error| fail(&format!("writing to 'standard output': {}", error.words())))?;
                left -= count as u64;
            }
            Ok(())
        }
    }
}

struct Job<'a> {
    plan: &'a Plan,
    report: &'a mut Report,
    converter: Converter,
    pending: Vec<u8>,
}

/// What became of one read.
enum Block {
    Full(usize),
    Partial(usize),
    End,
    Bad,
}

impl<'a> Job<'a> {
    fn new(plan: &'a Plan, report: &'a mut Report) -> Self {
        Self { plan, report, converter: Converter::new(&plan.conversion), pending: Vec::new() }
    }

    fn run(&mut self, input: &mut Input, output: &mut Output) -> i32 {
        let Ok(size) = usize::try_from(self.plan.input_block) else { return fail("memory exhausted") };
        let mut buffer = vec![0; size];
        let mut blocks = 0u64;
        let mut bytes = 0u64;
        let mut status = 0;
        loop {
            let wanted = match self.plan.count {
                Some(Amount::Blocks(count)) if blocks >= count => break,
                Some(Amount::Bytes(count)) if bytes >= count => break,
                Some(Amount::Bytes(count)) => size.min(usize::try_from(count - bytes).unwrap_or(size)),
                _ => size,
            };
            let read = self.read(input, &mut buffer[..wanted], &mut status);
            let got = match read {
                Block::End => break,
                Block::Bad if self.plan.noerror => 0,
                Block::Bad => return 1,
                Block::Full(got) if got == size => {
                    self.report.full_in += 1;
                    got
                }
                Block::Full(got) | Block::Partial(got) => {
                    self.report.partial_in += 1;
                    got
                }
            };
            blocks += 1;
            bytes += got as u64;
            let mut block = &mut buffer[..got];
            if self.plan.sync && got < size {
                let filler = self.converter.filler();
                buffer[got..].fill(filler);
                block = &mut buffer[..];
            }
            let converted = self.converter.convert(block);
            let done = if self.plan.one_to_one { self.put(output, &converted) } else { self.gather(output, converted) };
            if let Err(failure) = done {
                return failure;
            }
            self.report.progress();
        }
        let rest = self.converter.finish();
        if let Err(failure) = self.gather(output, rest).and_then(|()| self.flush(output)) {
            return failure;
        }
        self.report.truncated = self.converter.truncated;
        status
    }

    fn read(&self, input: &mut Input, buffer: &mut [u8], status: &mut i32) -> Block {
        let mut got = 0;
        while got < buffer.len() {
            match input.read(&mut buffer[got..]) {
                Ok(0) => break,
                Ok(count) => got += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    *status = fail(&format!("error reading {}: {}", self.plan.input_name(), error.words()));
                    return if got > 0 { Block::Partial(got) } else { Block::Bad };
                }
            }
            if !self.plan.full_blocks {
                break;
            }
        }
        match got {
            0 => Block::End,
            got if got == buffer.len() => Block::Full(got),
            got => Block::Partial(got),
        }
    }

    /// Gathers bytes into blocks of the output's size.
    fn gather(&mut self, output: &mut Output, bytes: Vec<u8>) -> Result<(), i32> {
        let size = usize::try_from(self.plan.output_block).unwrap_or(usize::MAX);
        self.pending.extend_from_slice(&bytes);
        let mut start = 0;
        while self.pending.len() - start >= size {
            let block = self.pending[start..start + size].to_vec();
            self.put(output, &block)?;
            start += size;
        }
        self.pending.drain(..start);
        Ok(())
    }

    fn flush(&mut self, output: &mut Output) -> Result<(), i32> {
        let rest = std::mem::take(&mut self.pending);
        if rest.is_empty() { Ok(()) } else { self.put(output, &rest) }
    }

    fn put(&mut self, output: &mut Output, bytes: &[u8]) -> Result<(), i32> {
        if bytes.is_empty() {
            return Ok(());
        }
        output
            .write(bytes)
            .map_err(|error| fail(&format!("error writing {}: {}", self.plan.output_name(), error.words())))?;
        self.report.bytes += bytes.len() as u64;
        if bytes.len() as u64 == self.plan.output_block {
            self.report.full_out += 1;
        } else {
            self.report.partial_out += 1;
        }
        Ok(())
    }
}
