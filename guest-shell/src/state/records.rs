//! The shapes of the saved state, and their encoding: a version byte, then postcard.

use std::rc::Rc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::options::Options;
use crate::shell::{Function, Shell};
use crate::traps::{Event, Traps};
use crate::tree;
use crate::vars::{Name, Var};

/// The version of every record; a shell reads no other.
const VERSION: u8 = 1;

/// The bytes are not a saved state of this version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateError(String);

impl std::fmt::Display for StateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the saved shell state cannot be read: {}", self.0)
    }
}

impl std::error::Error for StateError {}

/// What is small and changes with nearly every run.
#[derive(Serialize, Deserialize)]
pub(super) struct Specials {
    pub(super) status: u8,
    pub(super) last_argument: Vec<u8>,
    pub(super) last_background: Option<u32>,
    pub(super) options: Options,
    pub(super) directories: Vec<Vec<u8>>,
}

/// A function with its flags.
#[derive(Serialize, Deserialize)]
pub(super) struct FunctionRecord {
    definition: tree::Function,
    exported: bool,
    readonly: bool,
    traced: bool,
    source: Vec<u8>,
    line: u32,
}

/// Traps in the order they are listed.
pub(super) type TrapRecords = Vec<(Event, Vec<u8>)>;

/// Encodes a record.
pub(super) fn encode<T: Serialize + ?Sized>(record: &T) -> Vec<u8> {
    // Every record is a tree of plain data, and a vector takes any length.
    postcard::to_extend(record, vec![VERSION]).unwrap_or_default()
}

/// Decodes a record.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StateError> {
    match bytes {
        [VERSION, rest @ ..] => postcard::from_bytes(rest).map_err(|error| StateError(error.to_string())),
        [other, ..] => Err(StateError(format!("version {other}, not {VERSION}"))),
        [] => Err(StateError("a section is empty".to_owned())),
    }
}

impl Specials {
    pub(super) fn of(shell: &Shell) -> Specials {
        Specials {
            status: shell.status,
            last_argument: shell.last_argument.clone(),
            last_background: shell.last_background,
            options: shell.options,
            directories: shell.builtins.directories.to_vec(),
        }
    }

    pub(super) fn apply(self, shell: &mut Shell) {
        shell.status = self.status;
        shell.last_argument = self.last_argument;
        shell.last_background = self.last_background;
        shell.options = self.options;
        shell.builtins.directories = Rc::new(self.directories);
    }
}

/// Encodes variables as (name, variable) pairs.
pub(super) fn encode_variables(variables: &[(Name, Rc<Var>)]) -> Vec<u8> {
    let pairs: Vec<(&[u8], &Var)> = variables.iter().map(|(name, var)| (name.bytes(), &**var)).collect();
    encode(&pairs)
}

/// Makes the decoded variables the shell's only ones.
pub(super) fn apply_variables(shell: &mut Shell, bytes: &[u8]) -> Result<(), StateError> {
    let pairs: Vec<(Vec<u8>, Var)> = decode(bytes)?;
    let kept: std::collections::BTreeSet<Name> = pairs.iter().map(|(name, _)| Name::new(name)).collect();
    for name in shell.vars.names() {
        if !kept.contains(&name) {
            shell.vars.take(name);
        }
    }
    for (name, var) in pairs {
        shell.vars.put(Name::new(&name), var);
    }
    Ok(())
}

/// Encodes the functions, ordered by name.
pub(super) fn encode_functions(shell: &Shell) -> Vec<u8> {
    #[derive(Serialize)]
    struct Borrowed<'a>(&'a tree::Function, bool, bool, bool, &'a [u8], u32);
    let records: Vec<Borrowed<'_>> = shell
        .functions
        .values()
        .map(|f| Borrowed(&f.definition, f.exported, f.readonly, f.traced, &f.source, f.line))
        .collect();
    encode(&records)
}

/// Makes the decoded functions the shell's only ones.
pub(super) fn apply_functions(shell: &mut Shell, bytes: &[u8]) -> Result<(), StateError> {
    let records: Vec<FunctionRecord> = decode(bytes)?;
    let functions = records.into_iter().map(|record| {
        let name = record.definition.name.as_bytes().to_vec();
        let function = Function {
            definition: record.definition,
            exported: record.exported,
            readonly: record.readonly,
            traced: record.traced,
            source: record.source.into(),
            line: record.line,
        };
        (name, function)
    });
    shell.functions = Rc::new(functions.collect());
    Ok(())
}

/// Returns the traps as records.
pub(super) fn trap_records(traps: &Traps) -> TrapRecords {
    traps.iter().map(|(event, command)| (event, command.to_vec())).collect()
}

/// Makes the records a shell's only traps.
pub(super) fn traps_of(records: TrapRecords) -> Traps {
    let mut traps = Traps::default();
    for (event, command) in records {
        traps.set(event, Some(&command));
    }
    traps
}
