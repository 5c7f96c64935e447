//! The parser: bytes to `tree`, one complete command at a time, by recursive descent with a depth limit. Owns the
//! grammar, aliases, here-documents and the wording of syntax errors; runs and expands nothing.

mod source;

pub use source::{Aliases, ParseOpts, Source};

use crate::tree::{Arith, Piece, SyntaxError, Tree, Value, Word};

/// Parses the next complete command: all up to the newline that ends it. `None` at the end of the source.
///
/// # Errors
/// A syntax error; the rest of the source's current line is skipped (as an interactive shell does), a shell
/// reading a script gives up.
pub fn next(source: &mut Source, aliases: &Aliases, opts: ParseOpts) -> Result<Option<Tree>, SyntaxError> {
    let _ = (source, aliases, opts);
    Ok(None)
}

/// Parses text as if it stood between double quotes (where `"` itself is ordinary): for PS4, `${x@P}`, arithmetic
/// from variables.
///
/// # Errors
/// An unclosed expansion.
pub fn double_quoted(text: &[u8], opts: ParseOpts) -> Result<Vec<Piece>, SyntaxError> {
    let _ = (text, opts);
    Ok(Vec::new())
}

/// Parses text as the single word it is taken for (blanks and operators are ordinary in it).
///
/// # Errors
/// An unclosed quote or expansion.
pub fn word(text: &[u8], opts: ParseOpts) -> Result<Word, SyntaxError> {
    let _ = (text, opts);
    Ok(Word::default())
}

/// Parses an arithmetic expression's text into its place.
///
/// # Errors
/// An unclosed quote or expansion.
pub fn arith(text: &[u8], opts: ParseOpts) -> Result<Arith, SyntaxError> {
    let _ = (text, opts);
    Ok(Arith::default())
}

/// Parses `name`, `name[sub]` as `unset`, `read`, `printf -v` take it; none when it is neither.
pub fn place(text: &[u8], opts: ParseOpts) -> Option<crate::tree::Place> {
    let _ = (text, opts);
    None
}

/// Parses `( ... )`, the text of a compound assignment that came out of an expansion (`declare "a=(1 2)"`).
///
/// # Errors
/// It is not one.
pub fn compound(text: &[u8], opts: ParseOpts) -> Result<Value, SyntaxError> {
    let _ = (text, opts);
    Ok(Value::Array(Vec::new()))
}
