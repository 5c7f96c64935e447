//! What the environment says, read once at the start.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::nearest::nearest;
use super::table::TABLE;

/// The variable that names the file.
pub(crate) const CONFIG: &str = "SANDSHELL_CONFIG";
const PREFIX: &str = "SANDSHELL_";

/// The variables this program looks at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    /// Those that begin with `SANDSHELL_`. An empty one counts as absent, since compose files cannot leave one out.
    variables: BTreeMap<String, String>,
    home: Option<PathBuf>,
    config_home: Option<PathBuf>,
    is_uncoloured: bool,
}

impl Environment {
    /// Reads the process's environment.
    pub(crate) fn read() -> Self {
        let mut environment = Self::default();
        for (name, value) in std::env::vars_os().filter(|(_, value)| !value.is_empty()) {
            let Some(name) = name.to_str() else { continue };
            match name {
                "HOME" => environment.home = Some(value.into()),
                // The specification of base directories: a relative one is to be ignored.
                "XDG_CONFIG_HOME" => environment.config_home = Some(PathBuf::from(value)).filter(|p| p.is_absolute()),
                "NO_COLOR" => environment.is_uncoloured = true,
                _ if name.starts_with(PREFIX) => {
                    // What is not UTF-8 is no value of any setting; its replacement is refused like another wrong one.
                    environment.variables.insert(name.to_owned(), value.to_string_lossy().into_owned());
                }
                _ => {}
            }
        }
        environment
    }

    /// Makes an environment of these variables.
    #[cfg(test)]
    pub(crate) fn of(variables: &[(&str, &str)]) -> Self {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { variables, ..Self::default() }
    }

    /// Returns a variable's value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Tells whether the user wants no colours (no-color.org).
    pub(crate) fn is_uncoloured(&self) -> bool {
        self.is_uncoloured
    }

    /// Returns where a file is looked for when none is named, nearest first.
    pub(crate) fn file_places(&self) -> Vec<PathBuf> {
        let below_home = || self.home.as_ref().map(|home| home.join(".config"));
        let folder = self.config_home.clone().or_else(below_home);
        let users = folder.map(|folder| folder.join("sandshell/config.toml"));
        let places = [Some(PathBuf::from("sandshell.toml")), users, Some(PathBuf::from("/etc/sandshell/config.toml"))];
        places.into_iter().flatten().collect()
    }

    /// Returns a hint for each variable that looks like a misspelt one of ours. Others may well be somebody else's, as
    /// the ones an orchestrator sets for a service of the name `sandshell`.
    pub(crate) fn hints(&self) -> Vec<String> {
        let known: Vec<String> = TABLE
            .iter()
            .flat_map(|setting| [Some(setting.variable()), setting.also.map(str::to_owned)])
            .flatten()
            .chain([CONFIG.to_owned()])
            .collect();
        let unknown = self.variables.keys().filter(|name| !known.contains(name));
        unknown
            .filter_map(|name| {
                let tails = known.iter().filter_map(|known| known.strip_prefix(PREFIX));
                let near = nearest(name.strip_prefix(PREFIX)?, tails)?;
                Some(format!("{name} is no setting and is ignored; did you mean {PREFIX}{near}?"))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_variable_is_hinted_at_and_a_foreign_one_is_not() {
        let environment = Environment::of(&[
            ("SANDSHELL_TIMOUT", "5s"),
            ("SANDSHELL_TIMEOUT", "5s"),
            ("SANDSHELL_LOG", "info"),
            ("SANDSHELL_SERVICE_HOST", "10.0.0.1"),
            ("SANDSHELL_PORT", "tcp://10.0.0.1:8080"),
        ]);
        let hints = environment.hints();
        assert_eq!(hints.len(), 1, "{hints:?}");
        assert!(hints[0].starts_with("SANDSHELL_TIMOUT ") && hints[0].ends_with("SANDSHELL_TIMEOUT?"), "{hints:?}");
    }

    #[test]
    fn the_users_file_lies_in_the_config_home_or_below_home() {
        let mut environment = Environment { home: Some("/home/u".into()), ..Environment::default() };
        let places = |environment: &Environment| -> Vec<String> {
            environment.file_places().iter().map(|path| path.display().to_string()).collect()
        };
        assert_eq!(
            places(&environment),
            ["sandshell.toml", "/home/u/.config/sandshell/config.toml", "/etc/sandshell/config.toml"]
        );
        environment.config_home = Some("/conf".into());
        assert_eq!(places(&environment)[1], "/conf/sandshell/config.toml");
    }
}
