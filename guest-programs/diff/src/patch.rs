//! `patch`: applies what `diff` wrote.

mod apply;
mod backup;
mod ed_script;
mod git;
mod header;
mod hunk;
mod locate;
mod name;
mod options;
mod parse;
mod reject;
mod report;
mod section;
mod usage;
mod work;

use std::path::Path;

pub(crate) use usage::USAGE;

use crate::core::Text;
use crate::files;
use crate::message::{Program, TROUBLE, text};
use apply::Patching;
use options::{Options, Request};
use parse::Parser;
use report::Report;

pub(crate) fn main(program: &Program, argv: Vec<Vec<u8>>) -> i32 {
    let options = match Options::parse(argv) {
        Ok(Request::Patch(options)) => *options,
        Ok(Request::Help) => return program.help(),
        Ok(Request::Version) => return program.version(),
        Err(message) if message.starts_with("****") => return program.fail(&message),
        Err(message) => return program.misuse(&message),
    };
    match run(&options) {
        Ok(status) => status,
        Err(message) => program.fail(&format!("**** {message}")),
    }
}

/// Applies all that the patch has.
fn run(options: &Options) -> Result<i32, String> {
    let mut report = Report::new(options);
    if let Some(directory) = &options.directory {
        let path: &Path = sandshell_sys::path_of(directory);
        std::env::set_current_dir(path).map_err(|error| {
            format!("Can't change to directory {} : {}", text(directory), sandshell_sys::reason(&error))
        })?;
    }
    let input = options.input.clone().unwrap_or_else(|| b"-".to_vec());
    let bytes = files::read(&input).map_err(|reason| format!("Can't open patch file {} : {reason}", text(&input)))?;
    let patch = Text::new(bytes);
    let mut parser = Parser::new(&patch, options);
    let mut status = 0;
    let mut count = 0;
    let mut patching = Patching::new(options);
    loop {
        let section = match parser.next_section(&mut report) {
            Ok(Some(section)) => section,
            Ok(None) => {
                if count > 0 && parser.has_garbage() {
                    report.chat("Hmm...  Ignoring the trailing garbage.\n");
                }
                break;
            }
            Err(message) => {
                report.flush();
                return Err(message);
            }
        };
        count += 1;
        match patching.section(section, count == 1, &mut report) {
            Ok(done) => status = status.max(done),
            Err(message) => {
                report.flush();
                return Err(message);
            }
        }
    }
    if count > 0 {
        report.chat("done\n");
    }
    if count == 0 && patch.len() > 0 {
        return Err("Only garbage was found in the patch input.".to_owned());
    }
    Ok(if report.flush() { status } else { TROUBLE })
}
