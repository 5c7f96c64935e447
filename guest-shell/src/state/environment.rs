//! The environment a shell is started with becomes variables and functions.

use crate::shell::Shell;
use crate::vars::{Attrs, Name, Var, is_name};

impl Shell {
    /// Takes `NAME=value` entries as exported variables. Entries whose name is no variable's are left out.
    pub fn import_environment(&mut self, env: &[Vec<u8>]) {
        for entry in env {
            let Some(at) = entry.iter().position(|byte| *byte == b'=') else { continue };
            let (name, value) = (&entry[..at], &entry[at + 1..]);
            if is_name(name) {
                let mut var = Var::scalar(value);
                var.attrs.add(Attrs::EXPORT);
                self.vars.put(Name::new(name), var);
            }
        }
    }
}
