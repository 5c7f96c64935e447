//! The grammar of expressions, a function for each level of precedence.

use crate::ast::{Arithmetic, Builtin, Expr, Relation, Source, Unary};
use crate::failure::Result;
use crate::lexer::{Token, Word};
use crate::parser::{LONGEST, Parser};

impl Parser {
    /// Any expression.
    pub(super) fn expression(&mut self) -> Result<Expr> {
        self.nested(Self::assignment)
    }

    /// Parses within brackets, where `in` and `>` are operators again.
    pub(super) fn enclosed<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let outer = (self.no_in, self.no_greater);
        (self.no_in, self.no_greater) = (false, false);
        let result = parse(self);
        (self.no_in, self.no_greater) = outer;
        result
    }

    /// Counts one more operator of a chain, which makes the tree one deeper.
    fn chain(&mut self) -> Result<()> {
        self.chained += 1;
        if self.chained > LONGEST { Err(self.failure("expression is too long")) } else { Ok(()) }
    }

    fn assignment(&mut self) -> Result<Expr> {
        let left = self.conditional_expression()?;
        self.assignment_after(left)
    }

    /// Reads an assignment operator and its right side, if the left is something that can be assigned.
    fn assignment_after(&mut self, left: Expr) -> Result<Expr> {
        let operator = match self.token {
            Token::Mark("=") => None,
            Token::Mark("+=") => Some(Arithmetic::Add),
            Token::Mark("-=") => Some(Arithmetic::Subtract),
            Token::Mark("*=") => Some(Arithmetic::Multiply),
            Token::Mark("/=") => Some(Arithmetic::Divide),
            Token::Mark("%=") => Some(Arithmetic::Modulo),
            Token::Mark("^=") => Some(Arithmetic::Power),
            _ => return Ok(left),
        };
        // What stands left of the assigned thing binds less tightly: `a && b = c` assigns to b.
        self.assign_last(left, operator)
    }

    fn assign_last(&mut self, left: Expr, operator: Option<Arithmetic>) -> Result<Expr> {
        Ok(match left {
            left if is_assignable(&left) => {
                self.advance()?;
                self.skip_newlines()?;
                let right = Box::new(self.nested(Self::assignment)?);
                match operator {
                    None => Expr::Assign(Box::new(left), right),
                    Some(operator) => Expr::Augment(operator, Box::new(left), right),
                }
            }
            Expr::And(first, last) => Expr::And(first, Box::new(self.assign_last(*last, operator)?)),
            Expr::Or(first, last) => Expr::Or(first, Box::new(self.assign_last(*last, operator)?)),
            Expr::Conditional(condition, first, last) => {
                Expr::Conditional(condition, first, Box::new(self.assign_last(*last, operator)?))
            }
            Expr::Unary(unary, operand) => Expr::Unary(unary, Box::new(self.assign_last(*operand, operator)?)),
            Expr::Match { negated, subject, pattern } => {
                Expr::Match { negated, subject, pattern: Box::new(self.assign_last(*pattern, operator)?) }
            }
            Expr::Compare(relation, first, last) => {
                Expr::Compare(relation, first, Box::new(self.assign_last(*last, operator)?))
            }
            Expr::Arithmetic(arithmetic, first, last) => {
                Expr::Arithmetic(arithmetic, first, Box::new(self.assign_last(*last, operator)?))
            }
            _ => return Err(self.unexpected()),
        })
    }

    fn conditional_expression(&mut self) -> Result<Expr> {
        let condition = self.or()?;
        if !self.is("?") {
            return Ok(condition);
        }
        self.advance()?;
        self.skip_newlines()?;
        let first = self.nested(Self::assignment)?;
        self.skip_newlines()?;
        self.expect(":")?;
        self.skip_newlines()?;
        let last = self.nested(Self::assignment)?;
        Ok(Expr::Conditional(Box::new(condition), Box::new(first), Box::new(last)))
    }

    fn or(&mut self) -> Result<Expr> {
        let mut left = self.and()?;
        while self.accept("||")? {
            self.chain()?;
            self.skip_newlines()?;
            let right = self.and()?;
            left = Expr::Or(Box::new(left), Box::new(self.assignment_after(right)?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expr> {
        let mut left = self.membership()?;
        while self.accept("&&")? {
            self.chain()?;
            self.skip_newlines()?;
            let right = self.membership()?;
            left = Expr::And(Box::new(left), Box::new(self.assignment_after(right)?));
        }
        Ok(left)
    }

    fn membership(&mut self) -> Result<Expr> {
        let mut left = self.matching()?;
        while self.token == Token::Word(Word::In) && !self.no_in {
            self.chain()?;
            self.advance()?;
            let array = Box::new(self.array_operand()?);
            let keys = match left {
                Expr::List(keys) => keys,
                key => vec![key],
            };
            left = Expr::In(keys, array);
        }
        Ok(left)
    }

    fn matching(&mut self) -> Result<Expr> {
        let mut left = self.comparison()?;
        while self.is("~") || self.is("!~") {
            self.chain()?;
            let negated = self.is("!~");
            self.advance()?;
            let pattern = Box::new(self.comparison()?);
            left = Expr::Match { negated, subject: Box::new(left), pattern };
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Expr> {
        let mut left = self.piped()?;
        loop {
            let relation = match self.token {
                Token::Mark("<") => Relation::Less,
                Token::Mark("<=") => Relation::LessEqual,
                Token::Mark("==") => Relation::Equal,
                Token::Mark("!=") => Relation::NotEqual,
                Token::Mark(">") if !self.no_greater => Relation::Greater,
                Token::Mark(">=") => Relation::GreaterEqual,
                _ => return Ok(left),
            };
            self.chain()?;
            self.advance()?;
            let right = self.piped()?;
            left = Expr::Compare(relation, Box::new(left), Box::new(right));
        }
    }

    /// `command | getline`.
    fn piped(&mut self) -> Result<Expr> {
        let mut left = self.concatenation()?;
        while self.is("|") || self.is("|&") {
            let (mark, location) = (self.lexer.mark(), self.location);
            let token = self.advance()?;
            if self.token != Token::Word(Word::Getline) {
                self.lexer.go_back(mark);
                self.token = token;
                self.location = location;
                break;
            }
            if token == Token::Mark("|&") {
                return Err(self.failure("two-way pipes `|&' are not supported"));
            }
            self.chain()?;
            self.advance()?;
            let target = self.getline_target()?;
            left = Expr::Getline { source: Source::Command, operand: Some(Box::new(left)), target };
        }
        Ok(left)
    }

    /// Expressions side by side.
    pub(super) fn concatenation(&mut self) -> Result<Expr> {
        let first = self.additive()?;
        if !self.begins_operand() {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.begins_operand() {
            parts.push(self.additive()?);
        }
        Ok(Expr::Concatenation(parts))
    }

    /// Whether the next token begins an operand that is no operator at the same time.
    fn begins_operand(&self) -> bool {
        match &self.token {
            Token::Number(_) | Token::Text(_) | Token::Name(_) | Token::Call(_) | Token::Builtin(_) => true,
            Token::Mark(mark) => matches!(*mark, "$" | "!" | "(" | "-" | "+" | "++" | "--" | "@"),
            _ => false,
        }
    }

    fn additive(&mut self) -> Result<Expr> {
        let mut left = self.multiplicative()?;
        loop {
            let operator = match self.token {
                Token::Mark("+") => Arithmetic::Add,
                Token::Mark("-") => Arithmetic::Subtract,
                _ => return Ok(left),
            };
            self.chain()?;
            self.advance()?;
            let right = self.multiplicative()?;
            left = Expr::Arithmetic(operator, Box::new(left), Box::new(right));
        }
    }

    fn multiplicative(&mut self) -> Result<Expr> {
        let mut left = self.unary()?;
        loop {
            let operator = match self.token {
                Token::Mark("*") => Arithmetic::Multiply,
                Token::Mark("/") => Arithmetic::Divide,
                Token::Mark("%") => Arithmetic::Modulo,
                _ => return Ok(left),
            };
            self.chain()?;
            self.advance()?;
            let right = self.unary()?;
            left = Expr::Arithmetic(operator, Box::new(left), Box::new(right));
        }
    }

    fn unary(&mut self) -> Result<Expr> {
        let operator = match self.token {
            Token::Mark("!") => Unary::Not,
            Token::Mark("-") => Unary::Negate,
            Token::Mark("+") => Unary::Plus,
            _ => return self.power(),
        };
        self.advance()?;
        let operand = self.nested(Self::unary)?;
        // `! x = y` and `! x ~ y` read as they look to people; the first is in the grammar, the second POSIX's `(! x) ~ y`.
        Ok(Expr::Unary(operator, Box::new(operand)))
    }

    fn power(&mut self) -> Result<Expr> {
        let base = self.postfix()?;
        if !self.accept("^")? {
            return Ok(base);
        }
        let exponent = self.nested(|parser| {
            let operator = match parser.token {
                Token::Mark("-") => Unary::Negate,
                Token::Mark("+") => Unary::Plus,
                Token::Mark("!") => Unary::Not,
                _ => return parser.power(),
            };
            parser.advance()?;
            Ok(Expr::Unary(operator, Box::new(parser.nested(Self::power)?)))
        })?;
        Ok(Expr::Arithmetic(Arithmetic::Power, Box::new(base), Box::new(exponent)))
    }

    fn postfix(&mut self) -> Result<Expr> {
        let operand = self.primary()?;
        let by = match self.token {
            Token::Mark("++") => 1.0,
            Token::Mark("--") => -1.0,
            _ => return Ok(operand),
        };
        if !is_assignable(&operand) {
            return Ok(operand);
        }
        self.advance()?;
        Ok(Expr::Increment { target: Box::new(operand), by, postfix: true })
    }

    fn primary(&mut self) -> Result<Expr> {
        match self.token.clone() {
            Token::Number(number) => {
                self.advance()?;
                Ok(Expr::Number(number))
            }
            Token::Text(text) => {
                self.advance()?;
                Ok(Expr::Text(text))
            }
            Token::Name(name) => {
                self.advance()?;
                let variable = Expr::Variable(self.variable(&name)?);
                self.subscripts(variable)
            }
            Token::Call(name) => self.call(&name),
            Token::Builtin(builtin) => self.builtin(builtin),
            Token::Word(Word::Getline) => {
                self.advance()?;
                self.getline()
            }
            Token::Mark("/" | "/=") => self.regex(),
            Token::Mark("$") => {
                self.advance()?;
                let index = self.nested(Self::field_index)?;
                Ok(Expr::Field(Box::new(index)))
            }
            Token::Mark("++" | "--") => {
                let by = if self.is("++") { 1.0 } else { -1.0 };
                self.advance()?;
                let target = self.nested(Self::primary)?;
                if !is_assignable(&target) {
                    return Err(self.unexpected());
                }
                Ok(Expr::Increment { target: Box::new(target), by, postfix: false })
            }
            Token::Mark("(") => self.group(),
            Token::Mark("@") => self.at(),
            Token::Mark("-" | "+" | "!") => self.nested(Self::unary),
            _ => Err(self.unexpected()),
        }
    }

    /// What follows `$`: it binds tighter than all but `++` and `--` before it.
    fn field_index(&mut self) -> Result<Expr> {
        let operator = match self.token {
            Token::Mark("-") => Unary::Negate,
            Token::Mark("+") => Unary::Plus,
            Token::Mark("!") => Unary::Not,
            _ => return self.primary(),
        };
        self.advance()?;
        Ok(Expr::Unary(operator, Box::new(self.nested(Self::field_index)?)))
    }

    /// A regular expression whose opening `/` (or `/=`) is the current token.
    pub(super) fn regex(&mut self) -> Result<Expr> {
        Ok(Expr::Regex(self.regex_text()?))
    }

    fn regex_text(&mut self) -> Result<Vec<u8>> {
        let taken = if self.is("/=") { 2 } else { 1 };
        let text = self.lexer.regex(taken)?;
        self.advance()?;
        Ok(text)
    }

    /// `@/re/` or `@name(...)`.
    fn at(&mut self) -> Result<Expr> {
        self.advance()?;
        match self.token.clone() {
            Token::Mark("/" | "/=") => Ok(Expr::TypedRegex(self.regex_text()?)),
            Token::Call(name) => {
                let variable = self.variable(&name)?;
                self.advance()?;
                Ok(Expr::IndirectCall(variable, self.arguments()?))
            }
            _ => Err(self.unexpected()),
        }
    }

    fn group(&mut self) -> Result<Expr> {
        self.advance()?;
        self.enclosed(|parser| {
            parser.skip_newlines()?;
            let first = parser.expression()?;
            parser.skip_newlines()?;
            let mut list = vec![first];
            while parser.accept(",")? {
                parser.skip_newlines()?;
                list.push(parser.expression()?);
                parser.skip_newlines()?;
            }
            parser.expect(")")?;
            Ok(match <[Expr; 1]>::try_from(list) {
                Ok([only]) => Expr::Group(Box::new(only)),
                Err(list) => Expr::List(list),
            })
        })
    }

    /// `[...]` after a name, any number of times.
    fn subscripts(&mut self, mut operand: Expr) -> Result<Expr> {
        while self.is("[") {
            self.chain()?;
            self.advance()?;
            let keys = self.enclosed(|parser| {
                let mut keys = vec![parser.expression()?];
                while parser.accept(",")? {
                    parser.skip_newlines()?;
                    keys.push(parser.expression()?);
                }
                Ok(keys)
            })?;
            self.expect("]")?;
            operand = Expr::Element(Box::new(operand), keys);
        }
        Ok(operand)
    }

    /// A name, perhaps with subscripts.
    pub(super) fn array_operand(&mut self) -> Result<Expr> {
        let Token::Name(name) = self.token.clone() else { return Err(self.unexpected()) };
        self.advance()?;
        let variable = Expr::Variable(self.variable(&name)?);
        self.subscripts(variable)
    }

    fn arguments(&mut self) -> Result<Vec<Expr>> {
        self.expect("(")?;
        self.enclosed(|parser| {
            let mut arguments = Vec::new();
            parser.skip_newlines()?;
            while !parser.is(")") {
                arguments.push(parser.expression()?);
                parser.skip_newlines()?;
                if !parser.accept(",")? {
                    break;
                }
                parser.skip_newlines()?;
            }
            parser.expect(")")?;
            Ok(arguments)
        })
    }

    fn call(&mut self, name: &str) -> Result<Expr> {
        let location = self.location;
        let number = self.function_number(name);
        self.advance()?;
        let arguments = self.arguments()?;
        Ok(Expr::Call(number, arguments, location))
    }

    fn builtin(&mut self, builtin: Builtin) -> Result<Expr> {
        let location = self.location;
        self.advance()?;
        if builtin == Builtin::Length && !self.is("(") {
            return Ok(Expr::Builtin(builtin, Vec::new(), location));
        }
        let arguments = self.arguments()?;
        let (least, most) = arity(builtin);
        if arguments.len() < least || arguments.len() > most {
            let name = format!("{builtin:?}").to_lowercase();
            return Err(self.failure(format!("{} is invalid as number of arguments for {name}", arguments.len())));
        }
        Ok(Expr::Builtin(builtin, arguments, location))
    }

    /// `getline`, `getline lvalue`, each perhaps with `< file`.
    fn getline(&mut self) -> Result<Expr> {
        let target = self.getline_target()?;
        if !self.accept("<")? {
            return Ok(Expr::Getline { source: Source::Main, operand: None, target });
        }
        let operand = Some(Box::new(self.nested(Self::postfix)?));
        Ok(Expr::Getline { source: Source::File, operand, target })
    }

    fn getline_target(&mut self) -> Result<Option<Box<Expr>>> {
        if matches!(self.token, Token::Name(_)) || self.is("$") {
            return Ok(Some(Box::new(self.nested(Self::primary)?)));
        }
        Ok(None)
    }
}

/// Whether something can be assigned to it.
fn is_assignable(expression: &Expr) -> bool {
    matches!(expression, Expr::Variable(_) | Expr::Field(_) | Expr::Element(..))
}

/// The least and most arguments of a built-in function.
fn arity(builtin: Builtin) -> (usize, usize) {
    use Builtin as B;
    match builtin {
        B::Rand | B::Systime => (0, 0),
        B::Length | B::Srand | B::Fflush => (0, 1),
        B::Cos | B::Exp | B::Int | B::Isarray | B::Log | B::Mkbool | B::Sin | B::Sqrt => (1, 1),
        B::Compl | B::Strtonum | B::System | B::Tolower | B::Toupper | B::Typeof => (1, 1),
        B::Close | B::Mktime => (1, 2),
        B::Atan2 | B::Index | B::Lshift | B::Rshift => (2, 2),
        B::Asort | B::Asorti => (1, 3),
        B::Gsub | B::Sub | B::Match | B::Substr => (2, 3),
        B::Split | B::Patsplit => (2, 4),
        B::Gensub => (3, 4),
        B::Strftime => (0, 3),
        B::And | B::Or | B::Xor => (2, usize::MAX),
        B::Sprintf => (1, usize::MAX),
    }
}
