//! Tilde prefixes.

use crate::shell::Shell;
use crate::vars::Name;

impl Shell {
    /// What a tilde prefix (`~`, `~+`, `~-`, `~user`) stands for; `None` when it stands for itself.
    pub(crate) fn tilde(&self, prefix: &[u8]) -> Option<Vec<u8>> {
        /// The only user there is.
        const ROOT_HOME: &[u8] = b"/root";
        match prefix {
            b"~" => Some(self.vars.get(Name::HOME).unwrap_or(ROOT_HOME).to_vec()),
            b"~+" => self.vars.get(Name::PWD).map(<[u8]>::to_vec),
            b"~-" => self.vars.get(Name::OLDPWD).map(<[u8]>::to_vec),
            b"~root" => Some(ROOT_HOME.to_vec()),
            _ => self.directory_stack_entry(prefix.strip_prefix(b"~")?),
        }
    }

    /// `~N`, `~+N`, `~-N` by the list DIRSTACK.
    fn directory_stack_entry(&self, text: &[u8]) -> Option<Vec<u8>> {
        let (from_end, digits) = match text.split_first()? {
            (b'-', digits) => (true, digits),
            (b'+', digits) => (false, digits),
            _ => (false, text),
        };
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let n: usize = std::str::from_utf8(digits).ok()?.parse().ok()?;
        let stack = self.variable(Name::DIRSTACK)?;
        let entries = stack.texts();
        let at = if from_end { entries.len().checked_sub(n + 1)? } else { n };
        entries.get(at).map(|entry| entry.to_vec())
    }
}
