//! What clap can tell about the command line in other forms: manual pages and completion scripts.

use std::path::Path;
use std::process::ExitCode;

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::{Failure, banner, cli, files};

/// Prints the completion script for `shell`.
pub(crate) fn completions(shell: Shell) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::command(), "sandshell", &mut script);
    banner::print(&script)
}

/// Prints the page of the command that `words` name.
pub(crate) fn page(words: &[String]) -> Result<ExitCode, Failure> {
    let root = built();
    let mut command = &root;
    for word in words {
        let found = command.get_subcommands().find(|sub| sub.get_name() == word);
        command = found.ok_or_else(|| Failure::misuse(format!("there is no command {}", words.join(" "))))?;
    }
    Ok(banner::print(&render(command)?))
}

/// Writes the pages of all commands into the folder `dir`.
pub(crate) fn write(dir: &Path) -> Result<ExitCode, Failure> {
    let mut pages = Vec::new();
    collect(&built(), &mut pages)?;
    files::write_all(dir, &pages).map_err(|error| Failure::new(format!("{}: {error}", dir.display())))?;
    Ok(ExitCode::SUCCESS)
}

fn built() -> Command {
    // `help` as a command would have a page for each of the others.
    let mut command = cli::command().disable_help_subcommand(true);
    command.build();
    command
}

fn collect(command: &Command, pages: &mut Vec<(String, Vec<u8>)>) -> Result<(), Failure> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    pages.push((format!("{name}.1"), render(command)?));
    command.get_subcommands().filter(|sub| !sub.is_hide_set()).try_for_each(|sub| collect(sub, pages))
}

fn render(command: &Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page).map_err(Failure::new)?;
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_that_names_it() {
        let mut pages = Vec::new();
        collect(&built(), &mut pages).expect("pages");
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        for name in ["sandshell.1", "sandshell-serve.1", "sandshell-run.1", "sandshell-config-check.1"] {
            assert!(names.contains(&name), "{names:?}");
        }
        for (name, page) in &pages {
            let page = String::from_utf8_lossy(page);
            assert!(page.contains(".TH ") && page.contains("sandshell"), "{name}");
        }
    }
}
