//! `df`: the room of the session's file system, which is its quota.

use std::ffi::OsString;

use sandshell_sys::{FileSystem, file_system, stat};

use crate::basis::bytes::OsStrExt;
use crate::basis::errors::{Reason, complain};
use crate::basis::human::{Unit, complaint};
use crate::basis::options::{Given, Grammar, Outcome};
use crate::basis::output::Output;
use crate::basis::quoting::{locale, width};

/// What the one file system is called, and of what kind it is.
const SOURCE: &str = "session";
const KIND: &str = "tmpfs";

const GRAMMAR: Grammar = Grammar {
    program: "df",
    short: "aB:hHiklmPTt:vx:",
    long: &[
        ("all", "a"),
        ("block-size=", "B"),
        ("human-readable", "h"),
        ("si", "H"),
        ("inodes", "i"),
        ("local", "l"),
        ("no-sync", "no-sync"),
        ("output=?", "output"),
        ("portability", "P"),
        ("print-type", "T"),
        ("sync", "no-sync"),
        ("total", "total"),
        ("type=", "t"),
        ("exclude-type=", "x"),
    ],
    failure: 1,
    help: "Usage: df [OPTION]... [FILE]...\nShow information about the file system on which each FILE resides.\n\n\
  -a -h -H -i -k -l -m -P -T   -B, --block-size=SIZE   -t, --type=TYPE   -x, --exclude-type=TYPE\n  \
--total   --output[=FIELD_LIST]: source fstype itotal iused iavail ipcent size used avail pcent file target\n",
};

/// A column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Source,
    Kind,
    Inodes,
    InodesUsed,
    InodesFree,
    InodesPercent,
    Size,
    Used,
    Available,
    Percent,
    File,
    Target,
}

const FIELDS: &[(&str, Field)] = &[
    ("source", Field::Source),
    ("fstype", Field::Kind),
    ("itotal", Field::Inodes),
    ("iused", Field::InodesUsed),
    ("iavail", Field::InodesFree),
    ("ipcent", Field::InodesPercent),
    ("size", Field::Size),
    ("used", Field::Used),
    ("avail", Field::Available),
    ("pcent", Field::Percent),
    ("file", Field::File),
    ("target", Field::Target),
];

struct Job {
    unit: Unit,
    fields: Vec<Field>,
    portable: bool,
    short_names: bool,
    /// The fields were named one by one.
    chosen: bool,
}

/// Runs `df`.
pub(crate) fn main(argv: Box<dyn Iterator<Item = OsString>>) -> i32 {
    run(argv).unwrap_or_else(|status| status)
}

fn run(argv: impl Iterator<Item = OsString>) -> Outcome {
    let (given, operands) = GRAMMAR.parse(argv)?;
    let mut unit = Unit::bytes(1024);
    let (mut inodes, mut kind, mut portable, mut total) = (false, false, false, false);
    let mut output = None;
    let (mut wanted_kinds, mut unwanted_kinds) = (Vec::new(), Vec::new());
    for option in &given {
        match option.id {
            "h" => unit = Unit::Human(1024),
            "H" => unit = Unit::Human(1000),
            "k" => unit = Unit::bytes(1 << 10),
            "m" => unit = Unit::bytes(1 << 20),
            "B" => {
                unit = Unit::parse(&option.text()).ok_or_else(|| {
                    complain(GRAMMAR.program, &complaint("-B", &option.text()));
                    1
                })?;
            }
            "i" => inodes = true,
            "P" => portable = true,
            "T" => kind = true,
            "total" => total = true,
            "t" => wanted_kinds.push(option.text()),
            "x" => unwanted_kinds.push(option.text()),
            "output" => output = Some(fields(option)?),
            // One file system, local and always in step.
            _ => {}
        }
    }
    let short_names = matches!(unit, Unit::Human(_));
    let chosen = output.is_some();
    let fields = match (output, inodes) {
        (Some(fields), _) => fields,
        (None, true) => {
            let mut fields = vec![Field::Source];
            fields.extend(kind.then_some(Field::Kind));
            fields.extend([Field::Inodes, Field::InodesUsed, Field::InodesFree, Field::InodesPercent, Field::Target]);
            fields
        }
        (None, false) => {
            let mut fields = vec![Field::Source];
            fields.extend(kind.then_some(Field::Kind));
            fields.extend([Field::Size, Field::Used, Field::Available, Field::Percent, Field::Target]);
            fields
        }
    };
    let shown = (wanted_kinds.is_empty() || wanted_kinds.iter().any(|kind| kind == KIND))
        && !unwanted_kinds.iter().any(|kind| kind == KIND);
    let job = Job { unit, fields, portable, short_names, chosen };
    job.run(&operands, shown, total)
}

fn fields(option: &Given) -> Result<Vec<Field>, i32> {
    if option.value.is_none() {
        return Ok(FIELDS.iter().map(|(_, field)| *field).collect());
    }
    let mut chosen = Vec::new();
    for word in option.text().split(',') {
        let Some((_, field)) = FIELDS.iter().find(|(name, _)| *name == word) else {
            return Err(GRAMMAR.misuse(&format!("option --output: field {} unknown", locale(word))));
        };
        if chosen.contains(field) {
            return Err(GRAMMAR.misuse(&format!("option --output: field {} used more than once", locale(word))));
        }
        chosen.push(*field);
    }
    Ok(chosen)
}

impl Job {
    fn run(&self, operands: &[OsString], shown: bool, total: bool) -> Outcome {
        let system = file_system().map_err(|error| {
            complain(GRAMMAR.program, &error.words());
            1
        })?;
        let mut failed = false;
        let mut files: Vec<String> = Vec::new();
        for operand in operands {
            match stat(operand.as_bytes()) {
                Ok(_) => files.push(operand.to_string_lossy().into_owned()),
                Err(error) => {
                    complain(GRAMMAR.program, &format!("{}: {}", operand.to_string_lossy(), error.words()));
                    failed = true;
                }
            }
        }
        if operands.is_empty() {
            files.push("-".to_owned());
        }
        if !shown {
            files.clear();
        }
        if files.is_empty() {
            // What was named and is not there has been complained about.
            if !failed {
                complain(GRAMMAR.program, "no file systems processed");
            }
            return Ok(1);
        }
        let mut rows: Vec<Vec<String>> = vec![self.fields.iter().map(|field| self.title(*field)).collect()];
        for file in &files {
            rows.push(self.fields.iter().map(|field| self.cell(*field, &system, file)).collect());
        }
        if total {
            rows.push(self.fields.iter().map(|field| self.total(*field, &system)).collect());
        }
        let mut out = Output::new(GRAMMAR.program);
        out.text(&self.table(&rows));
        Ok(i32::from(!out.finish() || failed))
    }

    fn title(&self, field: Field) -> String {
        let title = match field {
            Field::Source => "Filesystem",
            Field::Kind => "Type",
            Field::Inodes => "Inodes",
            Field::InodesUsed => "IUsed",
            Field::InodesFree => "IFree",
            Field::InodesPercent => "IUse%",
            Field::Size if self.short_names => "Size",
            Field::Size => return self.block_title(),
            Field::Used => "Used",
            Field::Available if self.short_names || self.chosen => "Avail",
            Field::Available => "Available",
            Field::Percent if self.portable => "Capacity",
            Field::Percent => "Use%",
            Field::File => "File",
            Field::Target => "Mounted on",
        };
        title.to_owned()
    }

    fn block_title(&self) -> String {
        let Unit::Blocks(bytes, _) = &self.unit else { return "Size".to_owned() };
        if self.portable {
            return format!("{bytes}-blocks");
        }
        let exact = |base: u64| {
            let (mut number, mut power) = (*bytes, 0);
            while number >= base && number % base == 0 {
                number /= base;
                power += 1;
            }
            (number, power)
        };
        let letter = |power: usize| ["", "K", "M", "G", "T", "P", "E"].get(power).copied().unwrap_or("");
        let (binary, decimal) = (exact(1024), exact(1000));
        if binary.1 >= decimal.1 {
            let suffix = if binary.1 == 0 { "B" } else { "" };
            format!("{}{}{suffix}-blocks", binary.0, letter(binary.1))
        } else {
            format!("{}{}B-blocks", decimal.0, letter(decimal.1).replace('K', "k"))
        }
    }

    fn cell(&self, field: Field, system: &FileSystem, file: &str) -> String {
        let size = |blocks: u64| self.unit.show(blocks.saturating_mul(system.block_size));
        let used = system.blocks.saturating_sub(system.free);
        let inodes_used = system.inodes.saturating_sub(system.free_inodes);
        // Numbers of files are never cut into blocks, but people may read them in thousands.
        let count = |number: u64| match self.unit {
            Unit::Human(_) => self.unit.show(number),
            Unit::Blocks(..) => number.to_string(),
        };
        match field {
            Field::Source => SOURCE.to_owned(),
            Field::Kind => KIND.to_owned(),
            Field::Inodes => count(system.inodes),
            Field::InodesUsed => count(inodes_used),
            Field::InodesFree => count(system.free_inodes),
            Field::InodesPercent => percent(inodes_used, system.free_inodes),
            Field::Size => size(system.blocks),
            Field::Used => size(used),
            Field::Available => size(system.free),
            Field::Percent => percent(used, system.free),
            Field::File => file.to_owned(),
            Field::Target => "/".to_owned(),
        }
    }

    fn total(&self, field: Field, system: &FileSystem) -> String {
        match field {
            Field::Source => "total".to_owned(),
            Field::Kind | Field::File | Field::Target => "-".to_owned(),
            field => self.cell(field, system, "-"),
        }
    }

    fn table(&self, rows: &[Vec<String>]) -> String {
        let mut widths: Vec<usize> = self
            .fields
            .iter()
            .map(|field| match field {
                Field::Source => 14,
                Field::Size
                | Field::Used
                | Field::Available
                | Field::Inodes
                | Field::InodesUsed
                | Field::InodesFree => 5,
                Field::Percent | Field::InodesPercent | Field::Kind => 4,
                Field::File | Field::Target => 0,
            })
            .collect();
        for row in rows {
            for (cell_width, cell) in widths.iter_mut().zip(row) {
                *cell_width = (*cell_width).max(width(cell.as_bytes()));
            }
        }
        let mut text = String::new();
        for row in rows {
            for (index, (cell, field)) in row.iter().zip(&self.fields).enumerate() {
                let blank = " ".repeat(widths[index].saturating_sub(width(cell.as_bytes())));
                let left = matches!(field, Field::Source | Field::Kind | Field::File | Field::Target);
                if index > 0 {
                    text.push(' ');
                }
                match (left, index + 1 == row.len()) {
                    (true, true) => text.push_str(cell),
                    (true, false) => text.extend([cell.as_str(), &blank]),
                    (false, _) => text.extend([blank.as_str(), cell]),
                }
            }
            text.push('\n');
        }
        text
    }
}

/// Writes how much of the whole is used, rounded up.
fn percent(used: u64, free: u64) -> String {
    let whole = u128::from(used) + u128::from(free);
    if whole == 0 {
        return "-".to_owned();
    }
    format!("{}%", (u128::from(used) * 100).div_ceil(whole))
}
