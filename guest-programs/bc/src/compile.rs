//! From tokens to code: the grammar, and messages about what does not fit it.

mod expression;
mod function;
mod statement;

use std::cell::RefCell;
use std::collections::HashMap;

use crate::code::{Function, Instruction, Library, Local};
use crate::lexer::{Lexer, Token};
use crate::machine::Machine;
use crate::options::{Extensions, Options};

/// Expressions and statements inside each other: the parser recurses no deeper than this.
const NESTING_MAX: usize = 150;

/// A line that was read.
pub(crate) enum Compiled {
    Code(Vec<Instruction>),
    /// A definition, or a line with a mistake.
    Nothing,
    /// `quit`, or the end of all input.
    Quit,
}

/// Why a line is not compiled.
enum Fault {
    Syntax,
    /// `quit` was read.
    Quit,
    /// What ends everything: a file that is not there.
    Fatal(String),
}

type Parsed<T> = Result<T, Fault>;

thread_local! {
    /// Names of arrays by number, for messages of the machine.
    static ARRAY_NAMES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// The name of an array.
pub(crate) fn array_name(number: usize) -> String {
    ARRAY_NAMES.with_borrow(|names| names.get(number).cloned().unwrap_or_default())
}

/// Where `break` and `continue` of a loop are to be patched in.
#[derive(Default)]
struct Loop {
    breaks: Vec<usize>,
    continues: Vec<usize>,
    /// `continue` is for `for` and `while` loops alike.
    is_open: bool,
}

pub(crate) struct Compiler {
    pub(crate) lexer: Lexer,
    pub(crate) machine: Machine,
    extensions: Extensions,
    token: Option<Token>,
    code: Vec<Instruction>,
    loops: Vec<Loop>,
    variables: HashMap<String, usize>,
    arrays: HashMap<String, usize>,
    functions: HashMap<String, usize>,
    /// The function that is being defined: whether it is void.
    in_function: Option<bool>,
    /// A mistake was reported: the code is not run.
    failed: bool,
    nesting: usize,
}

impl Compiler {
    pub(crate) fn new(options: &Options) -> Self {
        let mut compiler = Self {
            lexer: Lexer::new(options.files.clone()),
            machine: Machine::new(options.math),
            extensions: options.extensions,
            token: None,
            code: Vec::new(),
            loops: Vec::new(),
            variables: HashMap::new(),
            arrays: HashMap::new(),
            functions: HashMap::new(),
            in_function: None,
            failed: false,
            nesting: 0,
        };
        if options.math {
            compiler.define_library();
        }
        compiler
    }

    fn define_library(&mut self) {
        let functions = [
            ("e", Library::Exponential),
            ("l", Library::Logarithm),
            ("s", Library::Sine),
            ("c", Library::Cosine),
            ("a", Library::Arctangent),
            ("j", Library::Bessel),
        ];
        for (name, library) in functions {
            let number = self.function_number(name);
            let x = self.variable_number("x");
            let count = if library == Library::Bessel { 2 } else { 1 };
            self.machine.functions[number] = Function {
                name: name.to_owned(),
                parameters: vec![Local::Variable(x); count],
                library: Some(library),
                is_defined: true,
                ..Function::default()
            };
        }
    }

    fn number_of(names: &mut HashMap<String, usize>, name: &str) -> usize {
        let next = names.len();
        *names.entry(name.to_owned()).or_insert(next)
    }

    fn variable_number(&mut self, name: &str) -> usize {
        Self::number_of(&mut self.variables, name)
    }

    fn array_number(&mut self, name: &str) -> usize {
        let number = Self::number_of(&mut self.arrays, name);
        ARRAY_NAMES.with_borrow_mut(|names| {
            if names.len() == number {
                names.push(name.to_owned());
            }
        });
        number
    }

    fn function_number(&mut self, name: &str) -> usize {
        let number = Self::number_of(&mut self.functions, name);
        if self.machine.functions.len() == number {
            self.machine.functions.push(Function { name: name.to_owned(), ..Function::default() });
        }
        number
    }

    /// Reads and compiles a line, or more if a block goes on.
    ///
    /// # Errors
    ///
    /// What ends everything.
    pub(crate) fn line(&mut self) -> Result<Compiled, String> {
        self.code.clear();
        self.loops.clear();
        self.in_function = None;
        self.failed = false;
        self.nesting = 0;
        match self.input_item() {
            Ok(true) if self.failed => Ok(Compiled::Nothing),
            Ok(true) => Ok(Compiled::Code(std::mem::take(&mut self.code))),
            Ok(false) | Err(Fault::Quit) => Ok(Compiled::Quit),
            Err(Fault::Fatal(message)) => Err(message),
            Err(Fault::Syntax) => {
                self.complain("syntax error");
                match self.token.take() {
                    Some(Token::End) => return Ok(Compiled::Quit),
                    Some(Token::Newline) => {}
                    _ => self.lexer.skip_line(),
                }
                Ok(Compiled::Nothing)
            }
        }
    }

    /// One line; false at the end of all input.
    fn input_item(&mut self) -> Parsed<bool> {
        if *self.peek()? == Token::End {
            return Ok(false);
        }
        if self.at_name("define")? {
            self.define()?;
            return Ok(true);
        }
        loop {
            match self.peek()? {
                Token::Newline => {
                    self.token = None;
                    return Ok(true);
                }
                Token::Mark(";") => self.token = None,
                _ => {
                    self.statement()?;
                    if !matches!(self.peek()?, Token::Newline | Token::Mark(";")) {
                        return Err(Fault::Syntax);
                    }
                }
            }
        }
    }

    fn peek(&mut self) -> Parsed<&Token> {
        if self.token.is_none() {
            let token = loop {
                let output = &mut self.machine.output;
                let token = self.lexer.next(&mut || output.before_reading()).map_err(Fault::Fatal)?;
                let Token::Illegal(character) = token else { break token };
                self.complain(&format!("illegal character: {character}"));
            };
            if token == Token::Name("quit".to_owned()) {
                return Err(Fault::Quit);
            }
            self.token = Some(token);
        }
        Ok(self.token.get_or_insert(Token::End))
    }

    fn take(&mut self) -> Parsed<Token> {
        self.peek()?;
        Ok(self.token.take().unwrap_or(Token::End))
    }

    fn at_name(&mut self, name: &str) -> Parsed<bool> {
        Ok(matches!(self.peek()?, Token::Name(found) if found == name))
    }

    fn at_mark(&mut self, mark: &str) -> Parsed<bool> {
        Ok(matches!(self.peek()?, Token::Mark(found) if *found == mark))
    }

    /// Takes a mark if it comes next.
    fn accept(&mut self, mark: &str) -> Parsed<bool> {
        let there = self.at_mark(mark)?;
        if there {
            self.token = None;
        }
        Ok(there)
    }

    fn expect(&mut self, mark: &str) -> Parsed<()> {
        if self.accept(mark)? { Ok(()) } else { Err(Fault::Syntax) }
    }

    fn skip_newlines(&mut self) -> Parsed<()> {
        while *self.peek()? == Token::Newline {
            self.token = None;
        }
        Ok(())
    }

    fn emit(&mut self, instruction: Instruction) -> usize {
        self.code.push(instruction);
        self.code.len() - 1
    }

    /// Lets a jump lead to what comes next.
    fn land(&mut self, at: usize) {
        let here = self.code.len();
        self.aim(at, here);
    }

    fn aim(&mut self, at: usize, target: usize) {
        if let Some(Instruction::Jump(to) | Instruction::JumpIfZero(to) | Instruction::JumpUnlessZero(to)) =
            self.code.get_mut(at)
        {
            *to = target;
        }
    }

    /// Reports a mistake; what was read is not run.
    fn complain(&mut self, message: &str) {
        self.failed = true;
        self.tell(message);
    }

    fn tell(&mut self, message: &str) {
        self.machine.output.flush();
        crate::say(&format!("{} {}: {message}", self.lexer.name, self.lexer.line_number));
    }

    /// Tells of what POSIX does not have, if that is wanted.
    fn extension(&mut self, what: &str) {
        match self.extensions {
            Extensions::Welcome => {}
            Extensions::Warned => self.tell(&format!("(Warning) {what}")),
            Extensions::Refused => self.complain(&format!("Error: {what}")),
        }
    }

    /// Names of more than a letter are an extension.
    fn check_name(&mut self, name: &str) {
        if name.len() > 1 {
            self.extension(&format!("multiple letter name - {name}"));
        }
    }

    /// Goes into something that may hold another of its kind.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.nesting >= NESTING_MAX {
            self.complain("expressions nested too deep");
            return Err(Fault::Syntax);
        }
        self.nesting += 1;
        let result = parse(self);
        self.nesting -= 1;
        result
    }
}
