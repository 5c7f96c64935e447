//! The order of a listing.

use std::cmp::Ordering;

use super::config::{Config, Sort};
use super::entry::Entry;
use crate::basis::bytes::OsStrExt;
use crate::basis::quoting::width;
use crate::basis::versions;

/// Orders the files as the options ask.
pub(crate) fn sort(files: &mut [Entry], config: &Config) {
    if config.sort == Sort::Nothing {
        if config.directories_first {
            files.sort_by_key(|entry| !entry.leads_to_directory());
        }
        return;
    }
    files.sort_by(|a, b| {
        let order = compare(a, b, config);
        let order = if config.reverse { order.reverse() } else { order };
        if config.directories_first { b.leads_to_directory().cmp(&a.leads_to_directory()).then(order) } else { order }
    });
}

fn compare(a: &Entry, b: &Entry, config: &Config) -> Ordering {
    let names = || a.name.as_bytes().cmp(b.name.as_bytes());
    match config.sort {
        Sort::Name | Sort::Nothing => names(),
        Sort::Time => b.time(config.time).cmp(&a.time(config.time)).then_with(names),
        Sort::Size => b.size().cmp(&a.size()).then_with(names),
        Sort::Extension => extension(a.name.as_bytes()).cmp(extension(b.name.as_bytes())).then_with(names),
        Sort::Version => versions::compare(a.name.as_bytes(), b.name.as_bytes()).then_with(names),
        Sort::Width => width(a.name.as_bytes()).cmp(&width(b.name.as_bytes())).then_with(names),
    }
}

/// Returns the last dot of a name and what follows; empty without a dot.
fn extension(name: &[u8]) -> &[u8] {
    name.iter().rposition(|&byte| byte == b'.').map_or(&[], |at| &name[at..])
}
