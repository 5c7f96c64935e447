//! `tree`: a directory as a drawing, or as JSON or XML, in the manner of tree 2.1.
//!
//! A tree is read whole before it is written, since pruning and sizes of directories need what is below. HTML, gitignore
//! files and listings from files are not offered.

mod color;
mod entry;
mod line;
mod options;
mod pattern;
mod scan;
mod sorting;
mod structured;

use crate::output::Output;
use crate::program::{Outcome, Program};

use entry::Totals;
use options::{Form, Settings};

/// `tree`.
pub(crate) const PROGRAM: Program =
    Program { name: "tree", failure: 1, help: options::HELP, grammar: options::GRAMMAR, main };

/// The status when a directory that was named cannot be read.
const UNREADABLE: i32 = 2;

fn main(program: &Program, arguments: Vec<Vec<u8>>) -> Outcome {
    let (settings, mut roots) = options::read(program, arguments)?;
    if roots.is_empty() {
        roots.push(b".".to_vec());
    }
    let mut out = match &settings.output {
        None => Output::new(),
        Some(path) => match std::fs::File::create(sandshell_sys::path_of(path)) {
            Ok(file) => Output::to(Box::new(file)),
            Err(_) => {
                return Err(program.fail(&format!("invalid filename '{}'", String::from_utf8_lossy(path))));
            }
        },
    };
    let mut totals = Totals::default();
    structured::open(&settings, &mut out);
    for (at, root) in roots.iter().enumerate() {
        let entry = scan::root(&settings, root, &mut totals);
        match settings.form {
            Form::Drawing => line::draw(&settings, &entry, &mut out),
            Form::Json => structured::json(&settings, &entry, at + 1 == roots.len(), &mut out),
            Form::Xml => structured::xml(&settings, &entry, &mut out),
        }
    }
    report(&settings, &totals, &mut out);
    let status = if totals.missing { UNREADABLE } else { 0 };
    Ok(out.finish(program, status))
}

fn report(settings: &Settings, totals: &Totals, out: &mut Output) {
    if settings.form != Form::Drawing {
        structured::close(settings, totals, out);
        return;
    }
    if !settings.report {
        return;
    }
    let many = |count: u64, one: &str, several: &str| format!("{count} {}", if count == 1 { one } else { several });
    out.text("\n");
    if settings.sums {
        out.text(&format!(" {} used in ", line::size(settings, totals.bytes)));
    }
    out.text(&many(totals.directories, "directory", "directories"));
    if !settings.directories_only {
        out.text(&format!(", {}", many(totals.files, "file", "files")));
    }
    out.text("\n");
}
