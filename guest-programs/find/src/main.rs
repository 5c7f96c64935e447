//! `find`: searches directory trees, as POSIX and GNU define it.
//!
//! [`arguments`] takes the options and starting points, [`parse`] makes the rest an [`expression`], [`walk`] visits the files
//! and [`evaluate`] decides and acts on each.

mod arguments;
mod calendar;
mod context;
mod date;
mod entry;
mod evaluate;
mod execute;
mod expression;
mod format;
mod listing;
mod matching;
mod message;
mod number;
mod parse;
mod permission;
mod primary;
mod printf;
mod sinks;
mod time;
mod usage;
mod walk;

use std::process::exit;

use arguments::Request;
use context::Context;

fn main() {
    if let Err(error) = sandshell_sys::enter_working_directory() {
        message::complain(&format!("cannot enter the working directory: {}", sandshell_sys::reason(&error)));
        exit(1)
    }
    let argv: Vec<Vec<u8>> = sandshell_sys::arguments().into_iter().skip(1).collect();
    let status = match arguments::read(argv) {
        Ok(Request::Search(search)) => {
            let mut context = Context::new(search.settings, search.sinks);
            walk::walk_all(&search.starts, &search.expression, &mut context);
            context.finish(&search.expression)
        }
        Ok(Request::Print(text)) => message::print(&text),
        Err(mistake) => {
            message::complain(&mistake);
            1
        }
    };
    exit(status)
}
