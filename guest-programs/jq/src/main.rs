//! `jq` and `yq`: programs in the language of jq over JSON and YAML.
//!
//! The last component of `argv[0]` selects one. The language is one and the same: `lang` parses it, `compile` makes code of
//! it, `vm` runs that on a machine with backtracking, and `builtins` are what it calls. `cli` and `yq` are the two command
//! lines.

mod builtins;
mod cli;
mod compile;
mod json;
mod lang;
mod message;
#[cfg(test)]
mod tests;
mod value;
mod vm;
mod yq;

use std::process::exit;

fn main() {
    let mut argv = sandshell_sys::arguments();
    if let Err(error) = sandshell_sys::enter_working_directory() {
        let reason = sandshell_sys::reason(&error);
        builtins::print_error(&format!("jq: error: cannot enter the working directory: {reason}\n"));
        exit(2)
    }
    let called_as = argv.first().and_then(|name| name.rsplit(|byte| *byte == b'/').next());
    let is_yq = called_as == Some(b"yq");
    argv.drain(..argv.len().min(1));
    exit(if is_yq { yq::main(argv) } else { cli::main(argv) })
}
