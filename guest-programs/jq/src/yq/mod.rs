//! The command line of `yq`: the language of jq over YAML, with the options of the `yq` that prints YAML.
//!
//! Comments, styles and anchors do not survive: what is read is plain data, aliases and `<<` resolved.

mod emit;
mod options;
mod read;
mod run;

pub(crate) use run::main;
