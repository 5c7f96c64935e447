//! Which file a patch is for: the rules of the manual, and names that are refused.

use super::options::{Options, Verbosity};
use super::report::Report;
use super::section::{Existence, Section};
use crate::files::last_component;
use crate::message::text;

/// The file to read and the file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) input: Vec<u8>,
    pub(crate) output: Vec<u8>,
}

/// Chooses the file. `exists` tells which names there are.
pub(crate) fn choose(
    section: &Section,
    options: &Options,
    report: &mut Report,
    exists: impl Fn(&[u8]) -> bool,
) -> Option<Target> {
    if let Some(original) = &options.original {
        return Some(Target { input: original.clone(), output: original.clone() });
    }
    if let Some(git) = &section.git
        && (git.is_rename || git.is_copy)
    {
        let names = [0, 1].map(|side| section.git_name(side, options.strip).filter(|name| is_safe(name, report)));
        let [Some(input), Some(output)] = names else { return None };
        return exists(&input).then_some(Target { input, output });
    }
    let mut names: Vec<Vec<u8>> = Vec::new();
    // In the order of the patch, whichever of them is the old one.
    for side in if options.reverse { [1, 0] } else { [0, 1] } {
        let name = section.named[side].stripped(options.strip);
        let by_git = || section.git_name(side, options.strip).filter(|_| section.named[side].full.is_none());
        names.extend(name.or_else(by_git).filter(|name| is_safe(name, report)));
    }
    let has_header = section.named.iter().any(|named| named.full.is_some());
    let index = section
        .index
        .as_deref()
        .filter(|_| !has_header || options.posix)
        .and_then(|name| super::header::strip_name(name, options.strip));
    names.extend(index.filter(|name| is_safe(name, report)));
    let existing: Vec<Vec<u8>> = names.iter().filter(|name| exists(name)).cloned().collect();
    let chosen = if !existing.is_empty() {
        if options.posix { existing.into_iter().next() } else { best(existing) }
    } else if [0, 1].into_iter().any(|side| section.says(side) != Existence::Exists) {
        fewest_new_directories(names, exists)
    } else {
        None
    };
    chosen.map(|name| Target { input: name.clone(), output: name })
}

/// Tells that a name stays below the working directory; complains of one that does not.
fn is_safe(name: &[u8], report: &mut Report) -> bool {
    let safe = !name.starts_with(b"/") && name.split(|byte| *byte == b'/').all(|component| component != b"..");
    if !safe && report.verbosity == Verbosity::Verbose {
        report.say(&format!("Ignoring potentially dangerous file name {}\n", text(name)));
    }
    safe
}

/// The name with the fewest components, then the shortest last component, then the shortest, then the first.
fn best(names: Vec<Vec<u8>>) -> Option<Vec<u8>> {
    names.into_iter().min_by_key(|name| (components(name), last_component(name).len(), name.len()))
}

fn components(name: &[u8]) -> usize {
    name.split(|byte| *byte == b'/').filter(|component| !component.is_empty()).count()
}

/// Of files to be made, the best of those for which the fewest directories must be made.
fn fewest_new_directories(names: Vec<Vec<u8>>, exists: impl Fn(&[u8]) -> bool) -> Option<Vec<u8>> {
    let missing = |name: &[u8]| {
        let slashes = name.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        slashes.filter(|at| *at > 0 && !exists(&name[..*at])).count()
    };
    let fewest = names.iter().map(|name| missing(name)).min()?;
    best(names.into_iter().filter(|name| missing(name) == fewest).collect())
}

#[cfg(test)]
mod tests {
    use super::super::header::Named;
    use super::*;

    fn chosen(names: [&str; 2], there: &[&str]) -> Option<String> {
        let section = Section { named: names.map(|name| Named::read(name.as_bytes())), ..Section::default() };
        let options = Options { strip: Some(0), ..Options::default() };
        let exists = |name: &[u8]| there.iter().any(|other| other.as_bytes() == name);
        let target = choose(&section, &options, &mut Report::new(&options), exists)?;
        Some(String::from_utf8_lossy(&target.input).into_owned())
    }

    #[test]
    fn the_best_of_the_existing_files_is_patched() {
        assert_eq!(chosen(["a/b.c.orig", "b.c"], &["a/b.c.orig", "b.c"]), Some("b.c".into()));
        assert_eq!(chosen(["a.orig", "a"], &["a.orig", "a"]), Some("a".into()));
        assert_eq!(chosen(["a.orig", "a"], &["a.orig"]), Some("a.orig".into()));
        assert_eq!(chosen(["a", "b"], &[]), None);
    }

    #[test]
    fn a_new_file_gets_the_name_that_needs_least() {
        assert_eq!(chosen(["/dev/null", "d/n"], &[]), Some("d/n".into()));
        assert_eq!(chosen(["/dev/null", "../n"], &[]), None);
        assert_eq!(chosen(["/dev/null", "/n"], &[]), None);
    }
}
