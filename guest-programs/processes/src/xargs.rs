//! `xargs`: builds command lines from its input and runs them.
//!
//! [`options`] reads the command line, [`input`] cuts the input into arguments, [`batch`] gathers them up to the limits, and
//! [`jobs`] runs what was gathered, several at a time if asked to.

mod batch;
mod input;
mod jobs;
mod limits;
mod options;

use std::fs::File;
use std::io::{BufReader, Read};

use batch::Batch;
use input::{Input, Word};
use jobs::Jobs;
use options::{Mode, Options, Request};
use sandshell_sys::{path_of, quote, reason};

use crate::message::Program;

pub(crate) use options::USAGE;

/// Why the work ends early: the exit status, everything said.
#[derive(Debug, PartialEq)]
pub(crate) struct Stop(i32);

/// Bytes of input read at once.
const BUFFER_BYTES: usize = 64 << 10;

pub(crate) fn main(program: &Program, argv: Vec<Vec<u8>>) -> i32 {
    let options = match options::read(program, argv) {
        Ok(Request::Run(options)) => options,
        Ok(Request::Help) => return program.help(),
        Ok(Request::Version) => return program.version(),
        Err(Stop(status)) => return status,
    };
    let reader: Box<dyn Read> = match &options.arg_file {
        None => Box::new(std::io::stdin()),
        Some(path) => match File::open(path_of(path)) {
            Ok(file) => Box::new(file),
            Err(error) => {
                return program.fail(&format!("Cannot open input file {}: {}", quote(path), reason(&error)));
            }
        },
    };
    if options.show_limits {
        limits::show(&options);
    }
    let input = Input::new(BufReader::with_capacity(BUFFER_BYTES, reader), &options);
    let mut jobs = Jobs::new(program, &options);
    let stopped = match &options.mode {
        Mode::Replace(pattern) => replace(program, &options, pattern, input, &mut jobs),
        Mode::Append { .. } => append(program, &options, input, &mut jobs),
    };
    // What is still running is waited for, whatever has happened.
    let finished = jobs.finish();
    match stopped.and(finished) {
        Ok(()) => jobs.status(),
        Err(Stop(status)) => status,
    }
}

/// Runs the command once a line, with the line in the pattern's place.
fn replace(
    program: &Program,
    options: &Options,
    pattern: &[u8],
    mut input: Input<impl Read>,
    jobs: &mut Jobs<'_>,
) -> Result<(), Stop> {
    while let Some(Word { text, .. }) = input.next(options.max_chars).map_err(|error| error.tell(program))? {
        let insert = |argument: &Vec<u8>| replaced(argument, pattern, &text);
        // The program's own name is taken as it is.
        let arguments: Vec<Vec<u8>> = options.command.iter().skip(1).map(insert).collect();
        let size = arguments.iter().map(|argument| argument.len() + 1).sum::<usize>();
        if arguments.iter().any(|argument| argument.len() > options.max_chars) {
            return Err(Stop(program.fail("command too long")));
        }
        if size + options.name().len() + 1 > options.max_chars {
            return Err(Stop(program.fail("argument list too long")));
        }
        jobs.run(arguments)?;
    }
    Ok(())
}

/// Puts `text` in the place of each `pattern`.
fn replaced(argument: &[u8], pattern: &[u8], text: &[u8]) -> Vec<u8> {
    let mut result = Vec::new();
    let mut rest = argument;
    while let Some((first, others)) = rest.split_first() {
        match rest.strip_prefix(pattern).filter(|_| !pattern.is_empty()) {
            Some(after) => {
                result.extend(text);
                rest = after;
            }
            None => {
                result.push(*first);
                rest = others;
            }
        }
    }
    result
}

/// The arguments of the command line and those gathered.
fn with_command(options: &Options, gathered: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    options.command.iter().skip(1).cloned().chain(gathered).collect()
}

/// Runs the command with as many arguments as the limits allow.
fn append(program: &Program, options: &Options, mut input: Input<impl Read>, jobs: &mut Jobs<'_>) -> Result<(), Stop> {
    let Mode::Append { max_arguments, max_lines } = options.mode else { return Ok(()) };
    let initial: usize = options.command.iter().map(|argument| argument.len() + 1).sum();
    if initial > options.max_chars {
        return Err(Stop(program.fail("cannot fit single argument within argument list size limit")));
    }
    let mut batch = Batch::new(options.max_chars - initial, max_arguments, max_lines);
    let strict = options.exit_if_big && (max_arguments.is_some() || max_lines.is_some());
    loop {
        let word = match input.next(options.max_chars - initial) {
            Ok(Some(word)) => word,
            Ok(None) => break,
            Err(error) => {
                // What came before the mistake is done.
                if !batch.is_empty() {
                    jobs.run(with_command(options, batch.take()))?;
                }
                return Err(error.tell(program));
            }
        };
        if !batch.has_room(&word.text) {
            if batch.is_empty() {
                return Err(Stop(program.fail("cannot fit single argument within argument list size limit")));
            }
            if strict {
                return Err(Stop(program.fail("argument list too long")));
            }
            jobs.run(with_command(options, batch.take()))?;
        }
        if batch.push(word) {
            jobs.run(with_command(options, batch.take()))?;
        }
    }
    if !batch.is_empty() || (!jobs.any() && !options.no_run_if_empty) {
        jobs.run(with_command(options, batch.take()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_occurrence_is_replaced() {
        assert_eq!(replaced(b"{}-{}x", b"{}", b"a b"), b"a b-a bx");
        assert_eq!(replaced(b"abc", b"", b"x"), b"abc");
    }
}
