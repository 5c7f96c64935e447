//! Names of members as they are stored and extracted: changed by options, and made safe.

use super::session::Session;
use super::transform::Target;
use crate::basis::message::text;

/// Returns a name as it is stored or extracted. `None`: `--strip-components` leaves nothing of it.
pub(super) fn changed(session: &mut Session, name: &[u8], target: Target) -> Option<Vec<u8>> {
    let mut name = session.settings.transform.apply(name, target);
    if target == Target::Symlink {
        return Some(name);
    }
    if session.settings.strip > 0 {
        name = stripped(&name, session.settings.strip)?;
    }
    let mut name = safe(session, &name, target == Target::HardLink);
    if let Some(top) = session.settings.one_top_level.clone() {
        let rest = name.strip_prefix(&top[..]);
        if !rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/")) {
            name = if name == b"." { top } else { [&top[..], b"/", &name].concat() };
        }
    }
    Some(name)
}

/// Takes leading components off a name; `None` when nothing is left.
fn stripped(name: &[u8], count: usize) -> Option<Vec<u8>> {
    let mut rest = name;
    for _ in 0..count {
        let slash = rest.iter().position(|byte| *byte == b'/')?;
        rest = rest.get(slash..)?;
        rest = rest.get(rest.iter().position(|byte| *byte != b'/')?..)?;
    }
    Some(rest.to_vec())
}

/// Takes off what would lead out of the directory: everything up to the last `..`, and slashes.
fn safe(session: &mut Session, name: &[u8], of_link: bool) -> Vec<u8> {
    if session.settings.absolute_names {
        return name.to_vec();
    }
    let length = unsafe_prefix(name);
    let (prefix, rest) = name.split_at_checked(length).unwrap_or((&[], name));
    if !prefix.is_empty() {
        session.tell_removal(prefix, of_link);
    }
    if rest.is_empty() {
        if prefix.is_empty() {
            session.warn("Substituting `.' for empty member names");
        }
        return b".".to_vec();
    }
    rest.to_vec()
}

/// Length of what leads out of the directory.
fn unsafe_prefix(name: &[u8]) -> usize {
    let (mut length, mut at) = (0, 0);
    for component in name.split(|byte| *byte == b'/') {
        if component == b".." {
            length = at + 2;
        }
        at += component.len() + 1;
    }
    let slashes = name.get(length..).unwrap_or_default().iter().take_while(|byte| **byte == b'/').count();
    length + slashes
}

/// Tells whether a member's name has a `..`, which is an error when it is extracted.
pub(super) fn leads_out(session: &mut Session, name: &[u8]) -> bool {
    let leads_out = !session.settings.absolute_names && name.split(|byte| *byte == b'/').any(|part| part == b"..");
    if leads_out {
        session.error(&format!("{}: Member name contains '..'", text(name)));
    }
    leads_out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_out_is_found() {
        let check = |name: &str, length: usize| assert_eq!(unsafe_prefix(name.as_bytes()), length, "{name}");
        check("a/b", 0);
        check("/a", 1);
        check("//a", 2);
        check("../a", 3);
        check("a/../../b", 8);
        check("a/..", 4);
        check("..a", 0);
        check("a/..b/c", 0);
    }

    #[test]
    fn components_are_stripped() {
        assert_eq!(stripped(b"a/b//c", 2), Some(b"c".to_vec()));
        assert_eq!(stripped(b"a/", 1), None);
        assert_eq!(stripped(b"a", 1), None);
        assert_eq!(stripped(b"a/b/", 1), Some(b"b/".to_vec()));
    }
}
