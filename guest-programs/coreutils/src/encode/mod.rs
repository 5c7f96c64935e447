//! `base64`, `base32` and `basenc`: bytes as characters and back.
//!
//! The parts: this file (the command line, reading and writing), `code` (the encodings).

mod code;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::basis::errors::{Reason, complain};
use crate::basis::options::{Grammar, Outcome};
use crate::basis::output::Output;
use crate::basis::quoting::{locale, name_maybe};
use code::{Code, Decoder};

/// Columns of a line when nothing else is said.
const WRAP_COLUMNS: u64 = 76;

/// Bytes read at once: a multiple of every encoding's group.
const BLOCK_BYTES: usize = 120 << 10;

const HELP: &str = "Encode or decode FILE, or standard input, to standard output.\n\n\
  -d, --decode          decode data\n  -i, --ignore-garbage  when decoding, ignore characters that are not of the alphabet\n  \
-w, --wrap=COLS       wrap encoded lines after COLS characters (76); 0 does not wrap\n";

const BASE64: Grammar = Grammar {
    program: "base64",
    short: "diw:",
    long: &[("decode", "d"), ("ignore-garbage", "i"), ("wrap=", "w")],
    failure: 1,
    help: HELP,
};

const BASE32: Grammar = Grammar { program: "base32", ..BASE64 };

const BASENC: Grammar = Grammar {
    program: "basenc",
    long: &[
        ("decode", "d"),
        ("ignore-garbage", "i"),
        ("wrap=", "w"),
        ("base64", "base64"),
        ("base64url", "base64url"),
        ("base32", "base32"),
        ("base32hex", "base32hex"),
        ("base16", "base16"),
        ("base2msbf", "base2msbf"),
        ("base2lsbf", "base2lsbf"),
        ("z85", "z85"),
    ],
    ..BASE64
};

/// Runs `base64`.
pub(crate) fn base64(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(&BASE64, Some(Code::BASE64), argv).unwrap_or_else(|status| status)
}

/// Runs `base32`.
pub(crate) fn base32(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(&BASE32, Some(Code::BASE32), argv).unwrap_or_else(|status| status)
}

/// Runs `basenc`.
pub(crate) fn basenc(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(&BASENC, None, argv).unwrap_or_else(|status| status)
}

fn run(grammar: &Grammar, mut code: Option<Code>, argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, operands) = grammar.parse(argv)?;
    let (mut decode, mut lenient, mut wrap) = (false, false, WRAP_COLUMNS);
    for option in &given {
        match option.id {
            "d" => decode = true,
            "i" => lenient = true,
            "w" => {
                let text = option.text();
                let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                if !digits {
                    complain(grammar.program, &format!("invalid wrap size: {}", locale(&text)));
                    return Err(1);
                }
                // A line of more columns than can be counted is not wrapped.
                wrap = text.parse().unwrap_or(0);
            }
            encoding => code = Code::named(encoding),
        }
    }
    if let Some(extra) = operands.get(1) {
        return Err(grammar.misuse(&format!("extra operand {}", locale(extra))));
    }
    let Some(code) = code else { return Err(grammar.misuse("missing encoding type")) };
    let input = open(grammar, operands.first())?;
    let mut out = Output::new(grammar.program);
    let result =
        if decode { decode_all(&code, lenient, input, &mut out) } else { encode_all(&code, wrap, input, &mut out) };
    let written = out.finish();
    match result {
        Ok(()) if written => Ok(0),
        Ok(()) => Err(1),
        Err(message) => {
            complain(grammar.program, &message);
            Err(1)
        }
    }
}

fn open(grammar: &Grammar, operand: Option<&OsString>) -> Result<Box<dyn Read>, i32> {
    match operand {
        Some(path) if path != "-" => match File::open(Path::new(path)) {
            Ok(file) => Ok(Box::new(file)),
            Err(error) => {
                complain(grammar.program, &format!("{}: {}", name_maybe(path), error.words()));
                Err(1)
            }
        },
        _ => Ok(Box::new(io::stdin().lock())),
    }
}

/// Fills a block as far as there is input.
fn fill(input: &mut dyn Read, block: &mut [u8]) -> Result<usize, String> {
    let mut count = 0;
    while count < block.len() {
        match input.read(&mut block[count..]) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(format!("read error: {}", error.words())),
        }
    }
    Ok(count)
}

fn encode_all(code: &Code, wrap: u64, mut input: Box<dyn Read>, out: &mut Output) -> Result<(), String> {
    let mut block = vec![0; BLOCK_BYTES];
    let mut encoded = Vec::new();
    let mut column = 0;
    loop {
        let count = fill(&mut *input, &mut block)?;
        encoded.clear();
        code.encode(&block[..count], &mut encoded)?;
        put_wrapped(&encoded, wrap, &mut column, out);
        if count < block.len() {
            break;
        }
    }
    if wrap > 0 && column > 0 {
        out.put(b"\n");
    }
    Ok(())
}

fn put_wrapped(mut text: &[u8], wrap: u64, column: &mut u64, out: &mut Output) {
    if wrap == 0 {
        return out.put(text);
    }
    while !text.is_empty() {
        if *column == wrap {
            out.put(b"\n");
            *column = 0;
        }
        let room = usize::try_from(wrap - *column).unwrap_or(usize::MAX);
        let (line, rest) = text.split_at(room.min(text.len()));
        out.put(line);
        *column += line.len() as u64;
        text = rest;
    }
}

fn decode_all(code: &Code, lenient: bool, mut input: Box<dyn Read>, out: &mut Output) -> Result<(), String> {
    let mut block = vec![0; BLOCK_BYTES];
    let mut decoder = Decoder::new(code, lenient);
    let mut decoded = Vec::new();
    loop {
        let count = input.read(&mut block).map_err(|error| format!("read error: {}", error.words()))?;
        decoded.clear();
        let result =
            if count == 0 { decoder.finish(&mut decoded) } else { decoder.decode(&block[..count], &mut decoded) };
        out.put(&decoded);
        match result {
            Ok(()) if count == 0 => return Ok(()),
            Ok(()) => {}
            Err(()) => return Err("invalid input".to_owned()),
        }
    }
}
