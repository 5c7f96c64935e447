//! Users and groups by name and number, from `/etc/passwd` and `/etc/group`.
//!
//! A file that is not there has no entries; a line that is not well-formed is none.

/// The entries of both files.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    users: Vec<(String, u32)>,
    groups: Vec<(String, u32)>,
}

impl Accounts {
    /// Reads both files.
    #[must_use]
    pub fn load() -> Self {
        let read =
            |path: &str| std::fs::read(path).map(|text| parse(&String::from_utf8_lossy(&text))).unwrap_or_default();
        Self { users: read("/etc/passwd"), groups: read("/etc/group") }
    }

    /// Returns the name of a user.
    #[must_use]
    pub fn user_name(&self, uid: u32) -> Option<&str> {
        name_of(&self.users, uid)
    }

    /// Returns the name of a group.
    #[must_use]
    pub fn group_name(&self, gid: u32) -> Option<&str> {
        name_of(&self.groups, gid)
    }

    /// Returns the number of a user.
    #[must_use]
    pub fn user_id(&self, name: &str) -> Option<u32> {
        number_of(&self.users, name)
    }

    /// Returns the number of a group.
    #[must_use]
    pub fn group_id(&self, name: &str) -> Option<u32> {
        number_of(&self.groups, name)
    }
}

fn name_of(entries: &[(String, u32)], id: u32) -> Option<&str> {
    entries.iter().find(|(_, number)| *number == id).map(|(name, _)| name.as_str())
}

fn number_of(entries: &[(String, u32)], wanted: &str) -> Option<u32> {
    entries.iter().find(|(name, _)| name == wanted).map(|(_, number)| *number)
}

/// Reads lines of `name:password:number:...`.
fn parse(text: &str) -> Vec<(String, u32)> {
    let entry = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty() && !name.starts_with('#'))?;
        Some((name.to_owned(), fields.nth(1)?.parse().ok()?))
    };
    text.lines().filter_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_looked_up_both_ways() {
        let users = parse("root:x:0:0:root:/root:/bin/bash\n# no\nbad:x:y:\nann:x:7:7::/:\nbob:x:7:\n");
        let accounts = Accounts { users, groups: parse("staff:x:50:") };
        assert_eq!((accounts.user_name(7), accounts.user_id("bob")), (Some("ann"), Some(7)));
        assert_eq!((accounts.user_id("bad"), accounts.user_name(9)), (None, None));
        assert_eq!((accounts.group_name(50), accounts.group_id("staff")), (Some("staff"), Some(50)));
    }
}
