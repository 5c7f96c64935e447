//! Variables: names, values with attributes, the table with its scopes, and what `Shell` adds to them.

mod assign;
mod assoc;
mod dynamic;
mod environment;
mod error;
mod indexed;
mod name;
mod quote;
mod scope;
mod table;
mod value;

pub use assign::{Key, TextPlace};
pub use assoc::AssocArray;
pub(crate) use dynamic::DynamicState;
pub(crate) use environment::{FUNCTION_BUCKETS, bucket};
pub use error::VarError;
pub use indexed::IndexedArray;
pub use name::{Name, is_name};
pub use quote::{declaration, listing, quote_ansi_c, quote_declared, quote_listed, quote_shell, quote_single};
pub(crate) use quote::{quote_array, quote_key};
pub use scope::ScopeKind;
pub use table::{Positional, Resolved, STATE_MAX_BYTES, Vars};
pub use value::{Attrs, Value, Var};
