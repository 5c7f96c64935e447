//! Merging sorted files line by line: one line of each is in memory.

use std::cmp::Ordering;
use std::ffi::OsString;

use super::compare::Rules;
use super::source::Source;
use super::target::Target;

/// Merges files, of which those that `is_target` knows are read before anything is written.
///
/// # Errors
///
/// The exit status after a message.
pub(crate) fn merge(
    files: &[OsString],
    rules: &Rules,
    is_target: impl Fn(&OsString) -> bool,
    open: impl FnOnce() -> Result<Target, i32>,
) -> Result<i32, i32> {
    // Sources in the order of their lines, the last line first; of equal lines the earlier file's goes first.
    let mut waiting: Vec<(usize, Source)> = Vec::new();
    for (index, path) in files.iter().enumerate() {
        let mut source = Source::open(path, is_target(path), "cannot read")?;
        if source.advance(rules.end)? {
            insert(&mut waiting, (index, source), rules);
        }
    }
    let mut target = open()?;
    let mut last: Option<Vec<u8>> = None;
    while let Some((index, mut source)) = waiting.pop() {
        let repeated =
            rules.unique && last.as_deref().is_some_and(|last| rules.compare(last, &source.line) == Ordering::Equal);
        if !repeated {
            target.line(&source.line, rules.end);
            if rules.unique {
                last = Some(source.line.clone());
            }
        }
        if target.has_failed() {
            break;
        }
        if source.advance(rules.end)? {
            insert(&mut waiting, (index, source), rules);
        }
    }
    target.finish()
}

fn insert(waiting: &mut Vec<(usize, Source)>, new: (usize, Source), rules: &Rules) {
    let goes_before = |other: &(usize, Source)| {
        rules.compare(&other.1.line, &new.1.line).then(other.0.cmp(&new.0)) == Ordering::Greater
    };
    let at = waiting.partition_point(goes_before);
    waiting.insert(at, new);
}
