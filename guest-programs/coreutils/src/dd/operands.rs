//! The operands of `dd`: `if=`, `bs=`, `conv=` and the others.

use std::ffi::OsString;

use super::convert::{Case, Conversion, Records};
use super::report::StatusLevel;
use crate::basis::bytes::{OsStrExt, OsStringExt};
use crate::basis::errors::complain;
use crate::basis::options::Grammar;
use crate::basis::quoting::{locale, name};

/// Largest block: what a session's memory has room for, with its copies.
const BLOCK_MAX_BYTES: u64 = 256 << 20;

const GRAMMAR: Grammar = Grammar {
    program: "dd",
    short: "",
    long: &[],
    failure: 1,
    help: "Usage: dd [OPERAND]...\n  or:  dd OPTION\n\
Copy a file, converting and formatting according to the operands.\n\n\
  bs=BYTES, ibs=BYTES, obs=BYTES, cbs=BYTES   block sizes (512)\n  count=N, skip=N, seek=N     blocks, or bytes with a B\n  \
if=FILE, of=FILE            in place of standard input and output\n  \
conv=ascii,block,unblock,lcase,ucase,swab,sync,notrunc,excl,nocreat,noerror,fdatasync,fsync\n  \
iflag=, oflag=append,count_bytes,skip_bytes,seek_bytes,fullblock,sync,...\n  \
status=none,noxfer,progress\nN and BYTES take c=1, w=2, b=512, kB=1000, K=1024, MB, M, GB, G and so on.\n",
};

/// A number of blocks or of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Amount {
    Blocks(u64),
    Bytes(u64),
}

impl Amount {
    pub(crate) fn is_zero(self) -> bool {
        matches!(self, Self::Blocks(0) | Self::Bytes(0))
    }

    pub(crate) fn bytes(self, block: u64) -> u64 {
        match self {
            Self::Blocks(count) => count.saturating_mul(block),
            Self::Bytes(count) => count,
        }
    }
}

/// What is to be done.
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the command line")]
pub(crate) struct Plan {
    pub(crate) input: Option<OsString>,
    pub(crate) output: Option<OsString>,
    pub(crate) input_block: u64,
    pub(crate) output_block: u64,
    /// `bs` was given: each block is written as it was read.
    pub(crate) one_to_one: bool,
    pub(crate) count: Option<Amount>,
    pub(crate) skip: Amount,
    pub(crate) seek: Amount,
    pub(crate) conversion: Conversion,
    pub(crate) status: StatusLevel,
    pub(crate) notrunc: bool,
    pub(crate) excl: bool,
    pub(crate) nocreat: bool,
    pub(crate) noerror: bool,
    pub(crate) sync: bool,
    pub(crate) fsync: bool,
    pub(crate) fdatasync: bool,
    pub(crate) append: bool,
    pub(crate) full_blocks: bool,
}

impl Plan {
    pub(crate) fn input_name(&self) -> String {
        self.input.as_ref().map_or_else(|| name("standard input"), name)
    }

    /// The name without quotes, as one message has it.
    pub(crate) fn input_word(&self) -> String {
        let quoted = self.input.as_ref().map(crate::basis::quoting::name_maybe);
        quoted.unwrap_or_else(|| name("standard input"))
    }

    pub(crate) fn output_name(&self) -> String {
        self.output.as_ref().map_or_else(|| name("standard output"), name)
    }
}

/// What the operands say before they are settled.
#[derive(Default)]
struct Raw {
    bs: Option<u64>,
    ibs: Option<u64>,
    obs: Option<u64>,
    cbs: Option<u64>,
    count: Option<(u64, bool)>,
    skip: Option<(u64, bool)>,
    seek: Option<(u64, bool)>,
    conv: Vec<String>,
    iflag: Vec<String>,
    oflag: Vec<String>,
    status: StatusLevel,
    input: Option<OsString>,
    output: Option<OsString>,
}

fn fail(message: &str) -> i32 {
    complain(GRAMMAR.program, message);
    1
}

/// Parses the operands.
///
/// # Errors
///
/// The exit status after a message.
pub(crate) fn parse(argv: impl Iterator<Item = OsString>) -> Result<Plan, i32> {
    let (_, operands) = GRAMMAR.parse(argv)?;
    let mut raw = Raw::default();
    for operand in &operands {
        raw.apply(operand)?;
    }
    raw.settle()
}

impl Raw {
    fn apply(&mut self, operand: &OsString) -> Result<(), i32> {
        let unknown = || GRAMMAR.misuse(&format!("unrecognized operand {}", locale(operand)));
        let bytes = operand.as_bytes();
        let at = bytes.iter().position(|&byte| byte == b'=').ok_or_else(unknown)?;
        let value = OsString::from_vec(bytes[at + 1..].to_vec());
        let text = value.to_string_lossy().into_owned();
        let words = || text.split(',').map(str::to_owned);
        match &bytes[..at] {
            b"if" => self.input = Some(value),
            b"of" => self.output = Some(value),
            b"bs" => self.bs = Some(block_size(&text)?),
            b"ibs" => self.ibs = Some(block_size(&text)?),
            b"obs" => self.obs = Some(block_size(&text)?),
            b"cbs" => self.cbs = Some(block_size(&text)?),
            b"count" => self.count = Some(number(&text)?),
            b"skip" | b"iseek" => self.skip = Some(number(&text)?),
            b"seek" | b"oseek" => self.seek = Some(number(&text)?),
            b"conv" => self.conv.extend(words()),
            b"iflag" => self.iflag.extend(words()),
            b"oflag" => self.oflag.extend(words()),
            b"status" => {
                self.status = match text.as_str() {
                    "none" => StatusLevel::None,
                    "noxfer" => StatusLevel::NoTransfer,
                    "progress" => StatusLevel::Progress,
                    _ => return Err(GRAMMAR.misuse(&format!("invalid status level: {}", locale(&text)))),
                }
            }
            _ => return Err(unknown()),
        }
        Ok(())
    }

    fn settle(self) -> Result<Plan, i32> {
        const FLAGS: &[&str] = &[
            "append",
            "binary",
            "cio",
            "count_bytes",
            "direct",
            "directory",
            "dsync",
            "fullblock",
            "nocache",
            "noatime",
            "noctty",
            "nofollow",
            "nolinks",
            "nonblock",
            "seek_bytes",
            "skip_bytes",
            "sync",
            "text",
        ];
        for (what, flags) in [("input", &self.iflag), ("output", &self.oflag)] {
            if let Some(flag) = flags.iter().find(|flag| !FLAGS.contains(&flag.as_str())) {
                return Err(GRAMMAR.misuse(&format!("invalid {what} flag: {}", locale(flag))));
            }
        }
        let (iflag, oflag) = (
            |flag: &str| self.iflag.iter().any(|given| given == flag),
            |flag: &str| self.oflag.iter().any(|given| given == flag),
        );
        if oflag("fullblock") {
            return Err(GRAMMAR.misuse("invalid output flag: ‘fullblock’"));
        }
        let amount = |given: Option<(u64, bool)>, in_bytes: bool| {
            given.map(|(count, bytes)| if bytes || in_bytes { Amount::Bytes(count) } else { Amount::Blocks(count) })
        };
        let conversion = self.conversion()?;
        let conv = |word: &str| self.conv.iter().any(|given| given == word);
        if conv("excl") && conv("nocreat") {
            return Err(fail("cannot combine excl and nocreat"));
        }
        let converts = !conversion.is_nothing();
        Ok(Plan {
            input_block: self.bs.or(self.ibs).unwrap_or(512),
            output_block: self.bs.or(self.obs).unwrap_or(512),
            one_to_one: self.bs.is_some() && !converts,
            count: amount(self.count, iflag("count_bytes")),
            skip: amount(self.skip, iflag("skip_bytes")).unwrap_or(Amount::Bytes(0)),
            seek: amount(self.seek, oflag("seek_bytes")).unwrap_or(Amount::Bytes(0)),
            status: self.status,
            notrunc: conv("notrunc"),
            excl: conv("excl"),
            nocreat: conv("nocreat"),
            noerror: conv("noerror"),
            sync: conv("sync"),
            fsync: conv("fsync") || oflag("sync"),
            fdatasync: conv("fdatasync") || oflag("dsync"),
            append: oflag("append"),
            full_blocks: iflag("fullblock"),
            conversion,
            input: self.input,
            output: self.output,
        })
    }

    fn conversion(&self) -> Result<Conversion, i32> {
        const WORDS: &[&str] = &[
            "ascii",
            "ebcdic",
            "ibm",
            "block",
            "unblock",
            "lcase",
            "ucase",
            "sparse",
            "swab",
            "sync",
            "excl",
            "nocreat",
            "notrunc",
            "noerror",
            "fdatasync",
            "fsync",
        ];
        for word in &self.conv {
            if !WORDS.contains(&word.as_str()) {
                return Err(GRAMMAR.misuse(&format!("invalid conversion: {}", locale(word))));
            }
            if ["ascii", "ebcdic", "ibm"].contains(&word.as_str()) {
                return Err(fail(&format!("conversion {} is not supported here", locale(word))));
            }
        }
        let on = |word: &str| self.conv.iter().any(|given| given == word);
        if on("lcase") && on("ucase") {
            return Err(fail("cannot combine lcase and ucase"));
        }
        if on("block") && on("unblock") {
            return Err(fail("cannot combine block and unblock"));
        }
        // Without a record size there are no records.
        let size = self.cbs.and_then(|size| usize::try_from(size).ok());
        let records = match size {
            Some(size) if on("block") => Some((Records::Block, size)),
            Some(size) if on("unblock") => Some((Records::Unblock, size)),
            _ => None,
        };
        let case = match (on("lcase"), on("ucase")) {
            (true, _) => Some(Case::Lower),
            (_, true) => Some(Case::Upper),
            _ => None,
        };
        Ok(Conversion { records, case, swab: on("swab") })
    }
}

fn block_size(text: &str) -> Result<u64, i32> {
    let (size, _) = number(text)?;
    if size == 0 {
        return Err(fail(&format!("invalid number: {}", locale(text))));
    }
    if size > BLOCK_MAX_BYTES {
        return Err(fail(&format!("memory exhausted by input buffer of size {size} bytes")));
    }
    Ok(size)
}

/// Parses a number with its multipliers; answers whether it counts bytes (a `B` at its end).
fn number(text: &str) -> Result<(u64, bool), i32> {
    let (body, in_bytes) = match text.strip_suffix('B') {
        // `kB` is a thousand.
        Some(body) if body.ends_with(|last: char| last.is_ascii_digit()) => (body, true),
        _ => (text, false),
    };
    let mut product: u64 = 1;
    for factor in body.split('x') {
        let digits = factor.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, suffix) = factor.split_at(digits);
        let scale = match suffix {
            "c" => Some(1),
            "w" => Some(2),
            "b" => Some(512),
            suffix => crate::basis::human::multiplier(suffix),
        };
        let invalid = || fail(&format!("invalid number: {}", locale(text)));
        let too_large = || fail(&format!("invalid number: {}: Value too large for defined data type", locale(text)));
        let scale = scale.filter(|_| !digits.is_empty()).ok_or_else(invalid)?;
        let value: u64 = digits.parse().map_err(|_| too_large())?;
        product = value.checked_mul(scale).and_then(|value| value.checked_mul(product)).ok_or_else(too_large)?;
    }
    Ok((product, in_bytes))
}
