//! Names of backup files.

use crate::files::last_component;
use crate::message::text;

/// When backups have numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Numbers {
    Never,
    /// If there is a numbered one.
    #[default]
    Existing,
    Always,
}

/// How the backup of a file is called.
#[derive(Debug, Default)]
pub(crate) struct Naming {
    prefix: Option<Vec<u8>>,
    base_prefix: Option<Vec<u8>>,
    suffix: Option<Vec<u8>>,
    numbers: Numbers,
}

/// Highest number of a numbered backup.
const NUMBER_MAX: u32 = 1_000_000;

impl Naming {
    /// What the environment says.
    pub(crate) fn of_environment() -> Self {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let style = variable("PATCH_VERSION_CONTROL").or_else(|| variable("VERSION_CONTROL"));
        let numbers = style.and_then(|style| numbers(&style)).unwrap_or_default();
        let suffix = variable("SIMPLE_BACKUP_SUFFIX").map(String::into_bytes);
        Self { suffix, numbers, ..Self::default() }
    }

    /// Sets what an option gives.
    ///
    /// # Errors
    ///
    /// The message about an unknown style, or an empty part.
    pub(crate) fn set(&mut self, letter: char, value: Vec<u8>) -> Result<(), String> {
        if letter == 'V' {
            let style = text(&value);
            self.numbers =
                numbers(&style).ok_or_else(|| format!("invalid argument '{style}' for 'version control type'"))?;
            return Ok(());
        }
        if value.is_empty() {
            let part = match letter {
                'B' => "prefix",
                'Y' => "basename prefix",
                _ => "suffix",
            };
            return Err(format!("**** backup {part} is empty"));
        }
        match letter {
            'B' => self.prefix = Some(value),
            'Y' => self.base_prefix = Some(value),
            _ => self.suffix = Some(value),
        }
        // A name that is spelled out has no number.
        self.numbers = Numbers::Never;
        Ok(())
    }

    /// The name for a backup of a file. `exists` tells which names are taken.
    pub(crate) fn backup(&self, file: &[u8], exists: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let numbered = |number: u32| [file, format!(".~{number}~").as_bytes()].concat();
        if self.numbers == Numbers::Always || (self.numbers == Numbers::Existing && exists(&numbered(1))) {
            let free = (1..NUMBER_MAX).map(numbered).find(|name| !exists(name));
            return free.unwrap_or_else(|| numbered(NUMBER_MAX));
        }
        let spelled = self.prefix.is_some() || self.base_prefix.is_some();
        let suffix = self.suffix.clone().unwrap_or_else(|| if spelled { Vec::new() } else { b".orig".to_vec() });
        let base = last_component(file);
        let directory = &file[..file.len() - base.len()];
        let part = |part: &Option<Vec<u8>>| part.clone().unwrap_or_default();
        [&part(&self.prefix), directory, &part(&self.base_prefix), base, &suffix].concat()
    }
}

fn numbers(style: &str) -> Option<Numbers> {
    Some(match style {
        "never" | "simple" => Numbers::Never,
        "nil" | "existing" => Numbers::Existing,
        "t" | "numbered" => Numbers::Always,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backups_are_named_as_asked() {
        let name = |settings: &[(char, &str)]| {
            let mut naming = Naming::default();
            for (letter, value) in settings {
                naming.set(*letter, value.as_bytes().to_vec()).expect("well-formed");
            }
            String::from_utf8_lossy(&naming.backup(b"d/f", |name| name == b"d/f.~1~")).into_owned()
        };
        assert_eq!(name(&[]), "d/f.~2~");
        assert_eq!(name(&[('V', "simple")]), "d/f.orig");
        assert_eq!(name(&[('z', "~")]), "d/f~");
        assert_eq!(name(&[('B', "old/")]), "old/d/f");
        assert_eq!(name(&[('Y', "."), ('z', "~")]), "d/.f~");
    }
}
