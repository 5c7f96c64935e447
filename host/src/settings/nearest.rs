//! The known name somebody may have meant.

/// Returns the known name that differs from `name` by a slip or two, or else the one that contains it as a word.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let name = name.replace('-', "_");
    // One slip in a short name, one more for each seven letters.
    let slips = 1 + name.len() / 7;
    let close = known
        .clone()
        .map(|other| (strsim::osa_distance(&name, other), other))
        .filter(|(distance, _)| *distance <= slips)
        .min_by_key(|(distance, _)| *distance);
    let containing = || {
        let words = |other: &str| name.len() >= 3 && other.split('_').any(|word| word == name);
        known.clone().find(|other| words(other) || (name.len() >= 6 && other.contains(&name)))
    };
    close.map(|(_, other)| other).or_else(containing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_and_parts_of_names_find_the_name() {
        let known = ["addr", "timeout", "session_ttl", "max_sessions", "session_max_bytes"];
        let check = |name: &str, meant: Option<&str>| assert_eq!(nearest(name, known.into_iter()), meant, "{name}");
        check("timout", Some("timeout"));
        check("session-ttl", Some("session_ttl"));
        check("ttl", Some("session_ttl"));
        check("max_session", Some("max_sessions"));
        check("adr", Some("addr"));
        check("sessionmaxbytes", Some("session_max_bytes"));
        check("colour", None);
        check("xy", None);
    }
}
