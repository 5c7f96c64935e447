//! The grammar of programs: rules, functions and statements. Expressions are in the file beside.
//!
//! Names become slots here, so that nothing later looks one up.

use std::collections::HashMap;

use crate::ast::{
    Expr, Function, Label, Location, Pattern, Print, Program, Redirection, Rule, Statement, StatementKind, Variable,
};
use crate::failure::{Failure, Result};
use crate::lexer::{Lexer, Token, Word};
use crate::special;

/// The deepest nesting of statements and expressions: what the stack of this program surely holds.
const DEEPEST: u32 = 200;
/// Most operators side by side in a statement: each makes its tree one deeper.
pub(super) const LONGEST: u32 = 2000;

/// Reads one source after the other into one program.
pub(crate) struct Parser {
    pub(super) lexer: Lexer,
    pub(super) token: Token,
    /// Where `token` begins.
    pub(super) location: Location,
    program: Program,
    globals: HashMap<String, u32>,
    functions: HashMap<String, u32>,
    locals: HashMap<String, u32>,
    inside_function: bool,
    /// The kind of the rule around, where `next` has no place.
    border: Option<&'static str>,
    loops: u32,
    switches: u32,
    depth: u32,
    /// How many operators stood side by side in the statement so far.
    pub(super) chained: u32,
    /// `in` does not belong to an expression: the head of `for`.
    pub(super) no_in: bool,
    /// `>` does not belong to an expression: the arguments of `print`.
    pub(super) no_greater: bool,
}

/// Parses the sources of a program.
///
/// # Errors
///
/// The first thing that is wrong, with its place.
pub(crate) fn parse(sources: Vec<Vec<u8>>) -> Result<Program> {
    let mut globals = HashMap::new();
    for (slot, name) in (0u32..).zip(special::NAMES) {
        globals.insert((*name).to_owned(), slot);
    }
    let names = special::NAMES.iter().map(|name| (*name).to_owned()).collect();
    let mut parser = Parser {
        lexer: Lexer::new(Vec::new(), 0),
        token: Token::End,
        location: Location::default(),
        program: Program { rules: Vec::new(), functions: Vec::new(), globals: names },
        globals,
        functions: HashMap::new(),
        locals: HashMap::new(),
        inside_function: false,
        border: None,
        loops: 0,
        switches: 0,
        depth: 0,
        chained: 0,
        no_in: false,
        no_greater: false,
    };
    for (number, source) in (0u16..).zip(sources) {
        parser.lexer = Lexer::new(source, number);
        parser.advance()?;
        parser.source()?;
    }
    parser.finish()
}

impl Parser {
    pub(super) fn advance(&mut self) -> Result<Token> {
        let before = self.lexer.location();
        let next = self.lexer.next()?;
        // A newline's place is the line it ends.
        self.location = if next == Token::Newline { before } else { self.lexer.location() };
        Ok(std::mem::replace(&mut self.token, next))
    }

    pub(super) fn is(&self, mark: &str) -> bool {
        matches!(self.token, Token::Mark(found) if found == mark)
    }

    /// Takes an operator if it is the next token.
    pub(super) fn accept(&mut self, mark: &str) -> Result<bool> {
        let found = self.is(mark);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn expect(&mut self, mark: &str) -> Result<()> {
        if self.accept(mark)? { Ok(()) } else { Err(self.unexpected()) }
    }

    pub(super) fn unexpected(&self) -> Failure {
        let what = match &self.token {
            Token::Number(number) => format!("number {number}"),
            Token::Text(text) => format!("string \"{}\"", String::from_utf8_lossy(text)),
            Token::Name(name) | Token::Call(name) => format!("name {name}"),
            Token::Builtin(builtin) => format!("function {}", format!("{builtin:?}").to_lowercase()),
            Token::Word(word) => format!("keyword {}", format!("{word:?}").to_lowercase()),
            Token::Mark(mark) => (*mark).to_owned(),
            Token::Newline => "newline or end of string".to_owned(),
            Token::End => "end of program".to_owned(),
        };
        Failure::syntax(self.location, format!("syntax error: unexpected {what}"))
    }

    pub(super) fn failure(&self, message: impl Into<String>) -> Failure {
        Failure::syntax(self.location, message)
    }

    pub(super) fn skip_newlines(&mut self) -> Result<()> {
        while self.token == Token::Newline {
            self.advance()?;
        }
        Ok(())
    }

    fn skip_ends(&mut self) -> Result<()> {
        while self.token == Token::Newline || self.is(";") {
            self.advance()?;
        }
        Ok(())
    }

    /// Runs one level deeper.
    pub(super) fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.failure("program is nested too deeply"));
        }
        let result = parse(self);
        self.depth -= 1;
        result
    }

    /// The variable of this name, made a global where the function around has none.
    pub(super) fn variable(&mut self, name: &str) -> Result<Variable> {
        if let Some(slot) = self.locals.get(name) {
            return Ok(Variable::Local(*slot));
        }
        if self.functions.get(name).is_some_and(|at| self.program.functions[*at as usize].defined) {
            return Err(self.failure(format!("function `{name}' used as a variable")));
        }
        let names = &mut self.program.globals;
        let slot = *self.globals.entry(name.to_owned()).or_insert_with(|| {
            names.push(name.to_owned());
            u32::try_from(names.len() - 1).unwrap_or(u32::MAX)
        });
        Ok(Variable::Global(slot))
    }

    /// The number of the function of this name, which may be defined later.
    pub(super) fn function_number(&mut self, name: &str) -> u32 {
        let (functions, location) = (&mut self.program.functions, self.location);
        *self.functions.entry(name.to_owned()).or_insert_with(|| {
            functions.push(Function { name: name.to_owned(), location, ..Function::default() });
            u32::try_from(functions.len() - 1).unwrap_or(u32::MAX)
        })
    }

    fn source(&mut self) -> Result<()> {
        self.skip_ends()?;
        while self.token != Token::End {
            if self.is("@") {
                return Err(self.failure("@include, @load and @namespace are not supported"));
            }
            if self.token == Token::Word(Word::Function) {
                self.function()?;
            } else {
                let rule = self.rule()?;
                self.program.rules.push(rule);
            }
            self.skip_ends()?;
        }
        Ok(())
    }

    fn finish(self) -> Result<Program> {
        match self.program.functions.iter().find(|function| !function.defined) {
            Some(missing) => {
                let message = format!("function `{}' not defined", missing.name);
                Err(Failure { syntax: false, ..Failure::syntax(missing.location, message) })
            }
            None => Ok(self.program),
        }
    }

    fn function(&mut self) -> Result<()> {
        self.advance()?;
        let name = match self.advance()? {
            Token::Name(name) | Token::Call(name) => name,
            _ => return Err(self.failure("syntax error: a function needs a name of its own")),
        };
        if special::NAMES.contains(&name.as_str()) {
            return Err(
                self.failure(format!("function `{name}': cannot use special variable `{name}' as a function name"))
            );
        }
        if self.globals.contains_key(&name) {
            return Err(self.failure(format!("function name `{name}' previously defined as a variable")));
        }
        let number = self.function_number(&name) as usize;
        if self.program.functions[number].defined {
            return Err(self.failure(format!("function name `{name}' previously defined")));
        }
        self.program.functions[number].defined = true;
        let parameters = self.parameters(&name)?;
        self.locals = (0u32..).zip(&parameters).map(|(slot, name)| (name.clone(), slot)).collect();
        self.program.functions[number].parameters = parameters;
        self.skip_newlines()?;
        self.inside_function = true;
        let body = self.braces();
        self.inside_function = false;
        self.locals.clear();
        self.program.functions[number].body = body?;
        Ok(())
    }

    fn parameters(&mut self, function: &str) -> Result<Vec<String>> {
        self.expect("(")?;
        self.skip_newlines()?;
        let mut parameters: Vec<String> = Vec::new();
        while !self.is(")") {
            let Token::Name(name) = self.token.clone() else { return Err(self.unexpected()) };
            if parameters.contains(&name) || name == function {
                return Err(self.failure(format!("function `{function}': parameter `{name}' is used twice")));
            }
            if special::NAMES.contains(&name.as_str()) {
                return Err(self.failure(format!("function `{function}': parameter `{name}' is a special variable")));
            }
            parameters.push(name);
            self.advance()?;
            self.skip_newlines()?;
            if !self.accept(",")? {
                break;
            }
            self.skip_newlines()?;
        }
        self.expect(")")?;
        Ok(parameters)
    }

    fn rule(&mut self) -> Result<Rule> {
        self.chained = 0;
        let location = self.location;
        let pattern = match self.token {
            Token::Word(Word::Begin) => Some(Pattern::Begin),
            Token::Word(Word::End) => Some(Pattern::End),
            Token::Word(Word::BeginFile) => Some(Pattern::BeginFile),
            Token::Word(Word::EndFile) => Some(Pattern::EndFile),
            _ => None,
        };
        if let Some(pattern) = pattern {
            self.advance()?;
            if !self.is("{") {
                return Err(self.failure("BEGIN and END blocks must have an action part"));
            }
            self.border = match pattern {
                Pattern::Begin => Some("BEGIN"),
                Pattern::End => Some("END"),
                Pattern::BeginFile => Some("BEGINFILE"),
                _ => Some("ENDFILE"),
            };
            let action = self.braces()?;
            self.border = None;
            return Ok(Rule { location, pattern, action: Some(action) });
        }
        let pattern = if self.is("{") {
            Pattern::Always
        } else {
            let first = self.expression()?;
            if self.accept(",")? {
                self.skip_newlines()?;
                Pattern::Range(first, self.expression()?)
            } else {
                Pattern::When(first)
            }
        };
        let action = if self.is("{") { Some(self.braces()?) } else { None };
        if action.is_none() && !(self.token == Token::Newline || self.token == Token::End || self.is(";")) {
            return Err(self.unexpected());
        }
        Ok(Rule { location, pattern, action })
    }

    /// Statements between braces.
    fn braces(&mut self) -> Result<Vec<Statement>> {
        self.expect("{")?;
        let mut statements = Vec::new();
        self.skip_ends()?;
        while !self.is("}") {
            statements.push(self.statement()?);
            self.skip_ends()?;
        }
        self.expect("}")?;
        Ok(statements)
    }

    fn statement(&mut self) -> Result<Statement> {
        self.nested(Self::any_statement)
    }

    fn any_statement(&mut self) -> Result<Statement> {
        self.chained = 0;
        let location = self.location;
        let kind = match self.token {
            Token::Mark("{") => StatementKind::Block(self.braces()?),
            Token::Mark(";") => {
                self.advance()?;
                StatementKind::Block(Vec::new())
            }
            Token::Word(Word::If) => self.conditional()?,
            Token::Word(Word::While) => {
                self.advance()?;
                let condition = self.parenthesised()?;
                if self.accept(";")? {
                    StatementKind::While(
                        condition,
                        Box::new(Statement { location, kind: StatementKind::Block(Vec::new()) }),
                    )
                } else {
                    StatementKind::While(condition, Box::new(self.body()?))
                }
            }
            Token::Word(Word::Do) => self.do_while()?,
            Token::Word(Word::For) => self.for_loop()?,
            Token::Word(Word::Switch) => self.switch()?,
            _ => {
                let kind = self.simple()?;
                self.end_of_simple()?;
                kind
            }
        };
        Ok(Statement { location, kind })
    }

    /// A simple statement ends with a newline or `;`, which may be missing before `}` and at the end.
    fn end_of_simple(&mut self) -> Result<()> {
        if self.token == Token::Newline || self.is(";") {
            self.advance()?;
            return Ok(());
        }
        if self.is("}") || self.token == Token::End { Ok(()) } else { Err(self.unexpected()) }
    }

    fn parenthesised(&mut self) -> Result<Expr> {
        self.expect("(")?;
        let condition = self.enclosed(Self::expression)?;
        self.expect(")")?;
        Ok(condition)
    }

    /// The body of a loop or branch: one statement, after newlines.
    fn branch(&mut self) -> Result<Statement> {
        self.skip_newlines()?;
        self.statement()
    }

    fn body(&mut self) -> Result<Statement> {
        self.loops += 1;
        let body = self.branch();
        self.loops -= 1;
        body
    }

    fn conditional(&mut self) -> Result<StatementKind> {
        self.advance()?;
        let condition = self.parenthesised()?;
        let then = Box::new(self.branch()?);
        // `else` may follow after newlines and one semicolon; what else follows is left for the next statement, and newlines
        // between statements mean nothing.
        self.skip_ends()?;
        if self.token != Token::Word(Word::Else) {
            return Ok(StatementKind::If(condition, then, None));
        }
        self.advance()?;
        Ok(StatementKind::If(condition, then, Some(Box::new(self.branch()?))))
    }

    fn do_while(&mut self) -> Result<StatementKind> {
        self.advance()?;
        let body = Box::new(self.body()?);
        self.skip_ends()?;
        if self.token != Token::Word(Word::While) {
            return Err(self.unexpected());
        }
        self.advance()?;
        let condition = self.parenthesised()?;
        self.end_of_simple()?;
        Ok(StatementKind::Do(body, condition))
    }

    fn for_loop(&mut self) -> Result<StatementKind> {
        self.advance()?;
        self.expect("(")?;
        if let Some(walk) = self.for_in()? {
            return Ok(walk);
        }
        let first = if self.is(";") { None } else { Some(Box::new(self.simple_statement()?)) };
        self.expect(";")?;
        self.skip_newlines()?;
        let condition = if self.is(";") { None } else { Some(self.expression()?) };
        self.expect(";")?;
        self.skip_newlines()?;
        let step = if self.is(")") { None } else { Some(Box::new(self.simple_statement()?)) };
        self.expect(")")?;
        if self.is(";") {
            let location = self.location;
            self.advance()?;
            let empty = Statement { location, kind: StatementKind::Block(Vec::new()) };
            return Ok(StatementKind::For(first, condition, step, Box::new(empty)));
        }
        Ok(StatementKind::For(first, condition, step, Box::new(self.body()?)))
    }

    fn simple_statement(&mut self) -> Result<Statement> {
        let location = self.location;
        Ok(Statement { location, kind: self.simple()? })
    }

    /// Reads `name in array)` and the body, if that is what follows.
    fn for_in(&mut self) -> Result<Option<StatementKind>> {
        let Token::Name(name) = self.token.clone() else { return Ok(None) };
        let (mark, token, location) = (self.lexer.mark(), self.token.clone(), self.location);
        self.advance()?;
        if self.token == Token::Word(Word::In) {
            self.advance()?;
            if matches!(self.token, Token::Name(_)) {
                let array = self.array_operand()?;
                if self.is(")") {
                    let variable = self.variable(&name)?;
                    self.advance()?;
                    if self.accept(";")? {
                        let empty = Statement { location, kind: StatementKind::Block(Vec::new()) };
                        return Ok(Some(StatementKind::ForIn(variable, array, Box::new(empty))));
                    }
                    let body = Box::new(self.body()?);
                    return Ok(Some(StatementKind::ForIn(variable, array, body)));
                }
            }
        }
        self.lexer.go_back(mark);
        self.token = token;
        self.location = location;
        Ok(None)
    }

    fn switch(&mut self) -> Result<StatementKind> {
        self.advance()?;
        let subject = self.parenthesised()?;
        self.skip_newlines()?;
        self.expect("{")?;
        self.switches += 1;
        let mut sections: Vec<(Vec<Label>, Vec<Statement>)> = Vec::new();
        self.skip_ends()?;
        while !self.accept("}")? {
            match self.token {
                Token::Word(Word::Case) => {
                    self.advance()?;
                    let label = Label::Case(self.case_label()?);
                    sections.push((vec![label], Vec::new()));
                    self.expect(":")?;
                }
                Token::Word(Word::Default) => {
                    self.advance()?;
                    sections.push((vec![Label::Default], Vec::new()));
                    self.expect(":")?;
                }
                _ => {
                    let statement = self.statement()?;
                    let Some((_, statements)) = sections.last_mut() else { return Err(self.unexpected()) };
                    statements.push(statement);
                }
            }
            self.skip_ends()?;
        }
        self.switches -= 1;
        Ok(StatementKind::Switch(subject, sections))
    }

    fn case_label(&mut self) -> Result<Expr> {
        let negative = self.accept("-")?;
        match self.token.clone() {
            Token::Number(number) => {
                self.advance()?;
                Ok(Expr::Number(if negative { -number } else { number }))
            }
            Token::Text(text) if !negative => {
                self.advance()?;
                Ok(Expr::Text(text))
            }
            Token::Mark("/" | "/=") if !negative => self.regex(),
            _ => Err(self.unexpected()),
        }
    }

    fn simple(&mut self) -> Result<StatementKind> {
        let Token::Word(word) = self.token else { return Ok(StatementKind::Expression(self.expression()?)) };
        match word {
            Word::Print | Word::Printf => self.print(word == Word::Printf),
            Word::Getline => Ok(StatementKind::Expression(self.expression()?)),
            Word::Delete => {
                self.advance()?;
                let grouped = self.accept("(")?;
                let operand = self.array_operand()?;
                if grouped {
                    self.expect(")")?;
                }
                Ok(StatementKind::Delete(operand))
            }
            Word::Next => match self.border {
                Some(rule) => Err(self.failure(format!("`next' used in {rule} action"))),
                None => self.bare(StatementKind::Next),
            },
            Word::NextFile => match self.border.filter(|rule| *rule != "BEGINFILE") {
                Some(rule) => Err(self.failure(format!("`nextfile' used in {rule} action"))),
                None => self.bare(StatementKind::NextFile),
            },
            Word::Break if self.loops + self.switches > 0 => self.bare(StatementKind::Break),
            Word::Continue if self.loops > 0 => self.bare(StatementKind::Continue),
            Word::Break => Err(self.failure("`break' is not allowed outside a loop or switch")),
            Word::Continue => Err(self.failure("`continue' is not allowed outside a loop")),
            Word::Exit => {
                self.advance()?;
                Ok(StatementKind::Exit(self.optional()?))
            }
            Word::Return if self.inside_function => {
                self.advance()?;
                Ok(StatementKind::Return(self.optional()?))
            }
            Word::Return => Err(self.failure("`return' used outside function context")),
            _ => Err(self.unexpected()),
        }
    }

    fn bare(&mut self, kind: StatementKind) -> Result<StatementKind> {
        self.advance()?;
        Ok(kind)
    }

    /// An expression, unless the statement ends here.
    fn optional(&mut self) -> Result<Option<Expr>> {
        let ends = self.token == Token::Newline || self.token == Token::End || self.is(";") || self.is("}");
        if ends { Ok(None) } else { self.expression().map(Some) }
    }

    fn print(&mut self, formatted: bool) -> Result<StatementKind> {
        self.advance()?;
        let outer = std::mem::replace(&mut self.no_greater, true);
        let mut arguments = Vec::new();
        let ends = [";", "}", ">", ">>", "|", "|&"];
        if !(self.token == Token::Newline || self.token == Token::End || ends.iter().any(|end| self.is(end))) {
            arguments.push(self.expression()?);
            while self.accept(",")? {
                self.skip_newlines()?;
                arguments.push(self.expression()?);
            }
        }
        if let [Expr::List(_)] = arguments.as_slice()
            && let Some(Expr::List(list)) = arguments.pop()
        {
            arguments = list;
        }
        self.no_greater = outer;
        if formatted && arguments.is_empty() {
            return Err(self.failure("printf: no arguments"));
        }
        if arguments.iter().any(|argument| matches!(argument, Expr::List(_))) {
            return Err(self.unexpected());
        }
        let redirection = self.redirection()?;
        Ok(StatementKind::Print(Print { formatted, arguments, redirection }))
    }

    fn redirection(&mut self) -> Result<Option<(Redirection, Expr)>> {
        let kind = match self.token {
            Token::Mark(">") => Redirection::Truncate,
            Token::Mark(">>") => Redirection::Append,
            Token::Mark("|") => Redirection::Pipe,
            Token::Mark("|&") => return Err(self.failure("two-way pipes `|&' are not supported")),
            _ => return Ok(None),
        };
        self.advance()?;
        let outer = std::mem::replace(&mut self.no_greater, true);
        let target = self.concatenation();
        self.no_greater = outer;
        Ok(Some((kind, target?)))
    }
}
