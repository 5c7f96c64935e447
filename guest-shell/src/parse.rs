//! The parser: bytes to `tree`, one complete command at a time, by recursive descent with a depth limit. Owns the
//! grammar, aliases, here-documents and the wording of syntax errors; runs and expands nothing.

mod ansi_c;
mod arith;
mod assign;
mod braces;
mod command;
mod compound;
mod cond;
mod here_doc;
mod input;
mod param;
mod pieces;
mod redirect;
mod source;
mod state;
mod substitution;
#[cfg(test)]
mod tests;
mod token;
mod word;

pub use ansi_c::decode as decode_ansi_c;
pub(crate) use pieces::{Tilde, lower_tildes};
pub use source::{Aliases, LineFilter, ParseOpts, Refill, Source};

use crate::tree::{Arith, Assignment, CommandKind, Piece, Place, SyntaxError, Tree, Value, Word};

use arith::ArithEnd;
use pieces::Use;
use state::Parser;
use word::End;

/// Parses the next complete command: all up to the newline that ends it. `None` at the end of the source.
///
/// # Errors
/// A syntax error; the rest of the source's current line is skipped (as an interactive shell does), a shell
/// reading a script gives up.
pub fn next(source: &mut Source<'_>, aliases: &Aliases, opts: ParseOpts) -> Result<Option<Tree>, SyntaxError> {
    source.begin();
    let mut parser = Parser::new(source, aliases, opts);
    let parsed = parser.complete_command();
    if parsed.is_err() {
        parser.input.skip_line();
    }
    parsed
}

/// Parses text as if it stood between double quotes (where `"` itself is ordinary): for PS4, `${x@P}`.
///
/// # Errors
/// An unclosed expansion.
pub fn double_quoted(text: &[u8], opts: ParseOpts) -> Result<Vec<Piece>, SyntaxError> {
    with_text(text, opts, |parser| parser.quoted_word().map(|word| word.pieces))
}

/// Parses text as the single word it is taken for (blanks and operators are ordinary in it).
///
/// # Errors
/// An unclosed quote or expansion.
pub fn word(text: &[u8], opts: ParseOpts) -> Result<Word, SyntaxError> {
    with_text(text, opts, |parser| parser.word(End::Text, Use::ARGUMENT))
}

/// Parses an arithmetic expression's text into its place.
///
/// # Errors
/// An unclosed quote or expansion.
pub fn arith(text: &[u8], opts: ParseOpts) -> Result<Arith, SyntaxError> {
    with_text(text, opts, |parser| parser.arith_text(ArithEnd::Text, 0))
}

/// Parses `name`, `name[sub]` as `unset`, `read`, `printf -v` take it; none when it is neither.
pub fn place(text: &[u8], opts: ParseOpts) -> Option<Place> {
    if !text.first().copied().is_some_and(param::is_name_start) {
        return None;
    }
    let parsed = with_text(text, opts, |parser| {
        let name = parser.name();
        let index = match parser.input.eat(b'[') {
            true => Some(Box::new(parser.subscript()?)),
            false => None,
        };
        Ok((Place { name, index }, parser.input.peek().is_none()))
    });
    let (place, whole) = parsed.ok()?;
    let empty_index = place.index.as_ref().is_some_and(|index| index.word.pieces.is_empty());
    (whole && !empty_index).then_some(place)
}

/// Parses a word that is an assignment (`a=1`, `a[2]+=$x`); none when it is none.
pub fn assignment(text: &[u8]) -> Option<Assignment> {
    if !text.contains(&b'=') || !text.first().copied().is_some_and(param::is_name_start) {
        return None;
    }
    let mut source = Source::new(text, 1);
    let Ok(Some(mut tree)) = next(&mut source, &Aliases::new(), ParseOpts::default()) else { return None };
    let item = tree.list.items.pop()?;
    let command = item.and_or.first.stages.into_iter().next()?;
    match command.kind {
        CommandKind::Simple(mut simple) if simple.args.is_empty() => simple.assignments.pop(),
        _ => None,
    }
}

/// Parses `( ... )`, the text of a compound assignment that came out of an expansion (`declare "a=(1 2)"`).
///
/// # Errors
/// It is not one.
pub fn compound(text: &[u8], opts: ParseOpts) -> Result<Value, SyntaxError> {
    with_text(text, opts, |parser| {
        if parser.input.peek() != Some(b'(') {
            return Err(parser.error("syntax error: `(' expected"));
        }
        let elements = parser.elements()?;
        match parser.input.peek() {
            None => Ok(Value::Array(elements)),
            Some(_) => Err(parser.error("syntax error: unexpected text after `)'")),
        }
    })
}

fn with_text<T>(
    text: &[u8],
    opts: ParseOpts,
    parse: impl FnOnce(&mut Parser<'_, '_>) -> Result<T, SyntaxError>,
) -> Result<T, SyntaxError> {
    let aliases = Aliases::new();
    let mut source = Source::new(text, 1);
    parse(&mut Parser::new(&mut source, &aliases, opts))
}
