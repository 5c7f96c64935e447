//! The state of one parse: input, look-ahead, depth, queued here-documents; and the making of syntax errors in bash's
//! words. The grammar is in the other files, each adding methods to `Parser`.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::tree::{SyntaxError, Text, Warning, Word};

use super::input::Input;
use super::source::{Aliases, ParseOpts, Source};
use super::token::{Kind, Token};

/// How deep commands, substitutions and expansions may nest. The evaluator recurses over the same structure on an
/// 8 MiB stack, as does whatever prints, copies or drops a tree.
pub(super) const DEPTH_MAX: u32 = 500;

/// How many alias expansions one complete command may take: aliases of several commands double with every level.
pub(super) const ALIAS_EXPANSIONS_MAX: u32 = 10_000;

/// How many tokens, words and expansions one complete command may hold: at most about 150 MB of tree in a 32-bit memory.
pub(super) const NODES_MAX: u32 = 1_500_000;

pub(super) type Result<T> = std::result::Result<T, SyntaxError>;

pub(super) struct Parser<'a, 'r> {
    pub(super) input: Input<'a, 'r>,
    pub(super) aliases: &'a Aliases,
    pub(super) opts: ParseOpts,
    pub(super) token: Option<Token>,
    pub(super) here_docs: Vec<PendingHereDoc>,
    pub(super) warnings: Vec<Warning>,
    /// How many `$(`, `<(` are open around the current position.
    pub(super) substitutions: u32,
    pub(super) alias_expansions: u32,
    /// How much of the record belongs to the words around the current substitution.
    pub(super) record_floor: usize,
    depth: u32,
    nodes: u32,
}

/// A here-document whose body has not come yet.
pub(super) struct PendingHereDoc {
    pub(super) delimiter: Vec<u8>,
    pub(super) quoted: bool,
    pub(super) strip_tabs: bool,
    pub(super) body: Rc<OnceCell<Word>>,
    pub(super) line: u32,
}

impl<'a, 'r> Parser<'a, 'r> {
    pub(super) fn new(source: &'a mut Source<'r>, aliases: &'a Aliases, opts: ParseOpts) -> Parser<'a, 'r> {
        Parser {
            input: Input::new(source),
            aliases,
            opts,
            token: None,
            here_docs: Vec::new(),
            warnings: Vec::new(),
            substitutions: 0,
            alias_expansions: 0,
            record_floor: 0,
            depth: 0,
            nodes: 0,
        }
    }

    /// Parses another text (a backquoted command, a here-document) with this parser's surroundings and depth.
    pub(super) fn nested<T>(
        &mut self,
        text: Vec<u8>,
        line: u32,
        parse: impl FnOnce(&mut Parser<'_, '_>) -> Result<T>,
    ) -> Result<T> {
        let mut source = Source::new(text, line);
        let mut parser = Parser::new(&mut source, self.aliases, self.opts);
        parser.depth = self.depth;
        parser.alias_expansions = self.alias_expansions;
        parser.nodes = self.nodes;
        let parsed = parser.deeper(parse);
        let (expansions, nodes) = (parser.alias_expansions, parser.nodes);
        let warnings = std::mem::take(&mut parser.warnings);
        self.alias_expansions = expansions;
        self.nodes = nodes;
        self.warnings.extend(warnings);
        parsed
    }

    /// Runs `parse` one level deeper.
    pub(super) fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= DEPTH_MAX {
            return Err(self.error(format!("syntax error: maximum nesting level exceeded ({DEPTH_MAX})")));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// Counts one node of the tree.
    pub(super) fn charge(&mut self) -> Result<()> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return Err(self.error(format!("syntax error: command too long (limit {NODES_MAX} parts)")));
        }
        Ok(())
    }

    /// An error on the current line with this message alone.
    pub(super) fn error(&self, message: impl Into<Vec<u8>>) -> SyntaxError {
        let messages = vec![Text::from(message.into())];
        SyntaxError::new(self.input.line(), messages, false)
    }

    /// `syntax error near unexpected token`, or that the source ended.
    pub(super) fn unexpected(&self, token: &Token) -> SyntaxError {
        if matches!(token.kind, Kind::Eof) {
            return self.unexpected_end();
        }
        let text = token.kind.text();
        let mut message = b"syntax error near unexpected token `".to_vec();
        message.extend_from_slice(&text);
        message.push(b'\'');
        let messages = vec![Text::from(message), quoted_line(self.input.source.line_at(token.pos))];
        SyntaxError::new(token.line, messages, false)
    }

    fn unexpected_end(&self) -> SyntaxError {
        let message = match self.substitutions {
            0 => "syntax error: unexpected end of file",
            _ => "unexpected EOF while looking for matching `)'",
        };
        SyntaxError::new(self.input.line(), vec![Text::from(message)], true)
    }

    /// The source ended inside what was opened on `line` and is closed by `closer`.
    pub(super) fn unclosed(&self, closer: char, line: u32) -> SyntaxError {
        let message = format!("unexpected EOF while looking for matching `{closer}'");
        SyntaxError::new(line, vec![Text::from(message.as_str())], true)
    }
}

fn quoted_line(line: &[u8]) -> Text {
    let mut text = vec![b'`'];
    text.extend_from_slice(line);
    text.push(b'\'');
    Text::from(text)
}
